/* Methods of dicts, lists, tuples and ranges, and of the cycler. */
#include "text/jinja/filters.h"

#include <string.h>

static bool list_count(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jlist *list;
    int64_t count = 0;

    if (!bb_jvalue_collect(run, self, &list))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        bool equal;
        if (!bb_jinja_spend(run, 1) || !bb_jvalue_equal(run, list->items[i], args[0], &equal))
            return false;
        count += equal;
    }
    *out = bb_j_int(count);
    return true;
}

static bool list_index(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t ends[2];
    bb_jlist *list;

    if (!bb_jvalue_collect(run, self, &list))
        return false;
    const int64_t length = (int64_t)list->count;
    for (int i = 0; i < 2; i++) {
        if (!bb_jarg_int(run, args[1 + i], "index", i ? length : 0, &ends[i]))
            return false;
        ends[i] += ends[i] < 0 ? length : 0;
        ends[i] = ends[i] < 0 ? 0 : ends[i] > length ? length : ends[i];
    }
    for (int64_t i = ends[0]; i < ends[1]; i++) {
        bool equal;
        if (!bb_jinja_spend(run, 1) || !bb_jvalue_equal(run, list->items[i], args[0], &equal))
            return false;
        if (equal) {
            *out = bb_j_int(i);
            return true;
        }
    }
    return bb_jinja_raise(run, "the value is not in the %s", bb_jvalue_type(self));
}

static bool list_copy(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)run;
    (void)args;
    *out = self; /* none can be changed */
    return true;
}

static bool view(bb_jinja *run, bb_jvalue self, bb_jview_kind kind, bb_jvalue *out)
{
    bb_jview *made = bb_jinja_alloc(run, 1, sizeof *made);

    if (!made)
        return false;
    *made = (bb_jview){self.dict, kind};
    *out = (bb_jvalue){.kind = BB_J_VIEW, .view = made};
    return true;
}

static bool dict_keys(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return view(run, self, BB_J_KEYS, out);
}

static bool dict_values(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return view(run, self, BB_J_VALUES, out);
}

static bool dict_items(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return view(run, self, BB_J_ITEMS, out);
}

static bool dict_get(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    if (!bb_jdict_get(run, self.dict, args[0], out))
        return false;
    if (!bb_j_given(*out))
        *out = bb_j_given(args[1]) ? args[1] : bb_j_none();
    return true;
}

/* dict.fromkeys(keys, value), of the class as of any dict. */
static bool dict_fromkeys(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jlist *keys;

    (void)self;
    if (!bb_jvalue_collect(run, args[0], &keys) || !bb_j_dict(run, out))
        return false;
    for (size_t i = 0; i < keys->count; i++)
        if (!bb_jdict_set(run, out->dict, keys->items[i], bb_j_given(args[1]) ? args[1] : bb_j_none()))
            return false;
    return true;
}

static bool cycler_next(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)run;
    (void)args;
    *out = self.cycler->items[self.cycler->position];
    self.cycler->position = (self.cycler->position + 1) % self.cycler->count;
    return true;
}

static bool cycler_reset(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)run;
    (void)args;
    self.cycler->position = 0;
    *out = bb_j_none();
    return true;
}

/* Those of a tuple and a range first: a list has copy too. */
static const bb_jcallable list_methods[] = {
    {.name = "count", .params = "value", .required = 1, .positional = true, .body = list_count},
    {.name = "index", .params = "value,start,stop", .required = 1, .positional = true, .body = list_index},
    {.name = "copy", .params = "", .body = list_copy},
};

static const bb_jcallable dict_methods[] = {
    {.name = "copy", .params = "", .body = list_copy},
    {.name = "fromkeys", .params = "iterable,value", .required = 1, .positional = true, .body = dict_fromkeys},
    {.name = "get", .params = "key,default", .required = 1, .positional = true, .body = dict_get},
    {.name = "items", .params = "", .body = dict_items},
    {.name = "keys", .params = "", .body = dict_keys},
    {.name = "values", .params = "", .body = dict_values},
};

static const bb_jcallable cycler_methods[] = {
    {.name = "next", .params = "", .body = cycler_next},
    {.name = "reset", .params = "", .body = cycler_reset},
};

const bb_jcallable *bb_jinja_container_method(bb_jvalue self, const char *name, size_t size)
{
    const size_t of_list = sizeof list_methods / sizeof *list_methods;

    switch (self.kind) {
    case BB_J_LIST:
        return bb_jcallable_find(list_methods, of_list, name, size);
    case BB_J_TUPLE:
    case BB_J_RANGE:
        return bb_jcallable_find(list_methods, of_list - 1, name, size);
    case BB_J_DICT:
        return bb_jcallable_find(dict_methods, sizeof dict_methods / sizeof *dict_methods, name, size);
    case BB_J_CYCLER:
        return bb_jcallable_find(cycler_methods, sizeof cycler_methods / sizeof *cycler_methods, name, size);
    case BB_J_FUNCTION:
        if (strcmp(self.function->name, "dict") == 0 && size == 8 && memcmp(name, "fromkeys", 8) == 0)
            return &dict_methods[1];
        return NULL;
    default:
        return NULL;
    }
}
