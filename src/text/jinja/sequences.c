/* Filters on sequences. Those that are generators in Jinja are here too: they make their items as they are asked, once. */
#include "text/jinja/eval.h"
#include "text/jinja/filters.h"

#include <string.h>

/* ---- attributes by path: "a.b.0" ---- */

typedef struct path {
    bb_jvalue *parts; /* strings and integers */
    size_t count;
    bb_jvalue fallback; /* where an item has no such attribute; or BB_J_MISSING */
    bool fold;          /* lower case for strings, so that they compare without it */
} path;

static bool path_part(bb_jinja *run, const char *bytes, size_t size, bb_jvalue *out)
{
    int64_t number = size && size < 18 ? 0 : -1;

    for (size_t i = 0; i < size && number >= 0; i++)
        number = bytes[i] >= '0' && bytes[i] <= '9' ? number * 10 + (bytes[i] - '0') : -1;
    if (number >= 0) {
        *out = bb_j_int(number);
        return true;
    }
    return bb_j_borrow(run, bytes, size, out);
}

static bool path_of(bb_jinja *run, bb_jvalue attribute, bool fold, path *out)
{
    *out = (path){.fold = fold};
    if (!bb_j_given(attribute) || attribute.kind == BB_J_NONE)
        return true;
    const bool text = attribute.kind == BB_J_STRING;
    size_t count = 1;
    for (size_t i = 0; text && i < attribute.text->size; i++)
        count += attribute.text->bytes[i] == '.';
    out->parts = bb_jinja_alloc(run, count, sizeof *out->parts);
    if (!out->parts)
        return false;
    if (!text) {
        out->parts[out->count++] = attribute;
        return true;
    }
    for (size_t begin = 0, i = 0; i <= attribute.text->size; i++) {
        if (i < attribute.text->size && attribute.text->bytes[i] != '.')
            continue;
        if (!path_part(run, attribute.text->bytes + begin, i - begin, &out->parts[out->count++]))
            return false;
        begin = i + 1;
    }
    return true;
}

static bool follow(bb_jinja *run, const path *p, bb_jvalue item, bb_jvalue *out)
{
    *out = item;
    for (size_t i = 0; i < p->count; i++) {
        if (!bb_jvalue_item(run, *out, p->parts[i], out))
            return false;
        if (out->kind == BB_J_UNDEFINED && bb_j_given(p->fallback) && p->fallback.kind != BB_J_NONE)
            *out = p->fallback;
    }
    return !p->fold || out->kind != BB_J_STRING || bb_jtext_map(run, out->text, BB_PYTHON_LOWER, out);
}

/* ---- sorting ---- */

typedef struct keyed {
    bb_jvalue key, item;
} keyed;

static bool before(bb_jinja *run, bb_jvalue a, bb_jvalue b, bool *out)
{
    int order;

    if (!bb_jvalue_compare(run, a, b, "<", &order))
        return false;
    *out = order < 0;
    return true;
}

/* A stable merge. reverse keeps equal items in their order too, as Python's does. */
static bool sort(bb_jinja *run, keyed *items, size_t count, bool reverse)
{
    keyed *from = items, *to = bb_jinja_alloc(run, count, sizeof *to);

    if (!to)
        return false;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t begin = 0; begin < count; begin += 2 * width) {
            const size_t middle = begin + width < count ? begin + width : count,
                         end = begin + 2 * width < count ? begin + 2 * width : count;
            for (size_t a = begin, b = middle, k = begin; k < end; k++) {
                bool second = a == middle;
                if (a < middle && b < end &&
                    !(reverse ? before(run, from[a].key, from[b].key, &second) : before(run, from[b].key, from[a].key, &second)))
                    return false;
                to[k] = second ? from[b++] : from[a++];
            }
        }
        keyed *swap = from;
        from = to;
        to = swap;
    }
    if (from != items && count)
        memcpy(items, from, count * sizeof *items);
    return true;
}

static bool keyed_list(bb_jinja *run, const bb_jlist *list, keyed **out)
{
    *out = bb_jinja_alloc(run, list->count, sizeof **out);
    if (!*out)
        return false;
    for (size_t i = 0; i < list->count; i++)
        (*out)[i] = (keyed){list->items[i], list->items[i]};
    return true;
}

static bool list_of(bb_jinja *run, const keyed *items, size_t count, bb_jvalue *out)
{
    if (!bb_j_list(run, BB_J_LIST, count, out))
        return false;
    for (size_t i = 0; i < count; i++)
        out->list->items[i] = items[i].item;
    out->list->count = count;
    return true;
}

static bool filter_sort(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool reverse, sensitive;
    bb_jlist *list;
    keyed *items;
    path paths[8];
    size_t path_count = 0;

    if (!bb_jarg_truth(run, args[0], false, &reverse) || !bb_jarg_truth(run, args[1], false, &sensitive) ||
        !bb_jvalue_collect(run, self, &list) || !keyed_list(run, list, &items))
        return false;
    if (args[2].kind == BB_J_STRING) { /* several, by commas */
        const bb_jtext *names = args[2].text;
        for (size_t begin = 0, i = 0; i <= names->size; i++) {
            bb_jvalue name;
            if (i < names->size && names->bytes[i] != ',')
                continue;
            if (path_count == sizeof paths / sizeof *paths)
                return bb_jinja_raise(run, "sort by more than 8 attributes is not supported");
            if (!bb_j_borrow(run, names->bytes + begin, i - begin, &name) || !path_of(run, name, !sensitive, &paths[path_count++]))
                return false;
            begin = i + 1;
        }
    } else if (!path_of(run, args[2], !sensitive, &paths[path_count++])) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!bb_j_list(run, BB_J_LIST, path_count, &items[i].key))
            return false;
        for (size_t k = 0; k < path_count; k++)
            if (!follow(run, &paths[k], items[i].item, &items[i].key.list->items[k]))
                return false;
        items[i].key.list->count = path_count;
    }
    return sort(run, items, list->count, reverse) && list_of(run, items, list->count, out);
}

static bool filter_dictsort(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool sensitive, reverse;
    const bool by_value = bb_jvalue_is_text(args[1], "value");

    if (bb_j_given(args[1]) && !by_value && !bb_jvalue_is_text(args[1], "key"))
        return bb_jinja_raise(run, "dicts are sorted by \"key\" or \"value\"");
    if (!bb_jarg_truth(run, args[0], false, &sensitive) || !bb_jarg_truth(run, args[2], false, &reverse))
        return false;
    if (self.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, self.undefined);
    if (self.kind != BB_J_DICT)
        return bb_jinja_raise(run, "filter 'dictsort' needs a dict, not '%s'", bb_jvalue_type(self));

    keyed *items = bb_jinja_alloc(run, self.dict->count, sizeof *items);
    if (!items)
        return false;
    const path itself = {.fold = !sensitive};
    for (size_t i = 0; i < self.dict->count; i++) {
        const bb_jentry *entry = &self.dict->entries[i];
        if (!bb_j_pair(run, entry->key, entry->value, &items[i].item) ||
            !follow(run, &itself, by_value ? entry->value : entry->key, &items[i].key))
            return false;
    }
    return sort(run, items, self.dict->count, reverse) && list_of(run, items, self.dict->count, out);
}

/* max and min: the first of the largest or smallest. */
static bool extreme(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool largest, bb_jvalue *out)
{
    bool sensitive, more;
    bb_jiterator *it;
    bb_jvalue item, key, best;
    path by;

    if (!bb_jarg_truth(run, args[0], false, &sensitive) || !path_of(run, args[1], !sensitive, &by) || !bb_jiterator_of(run, self, &it) ||
        !bb_jiterator_next(run, it, out, &more))
        return false;
    if (!more)
        return bb_j_undefined(run, "no aggregated item, sequence was empty", out);
    if (!follow(run, &by, *out, &best))
        return false;
    for (;;) {
        bool better;
        if (!bb_jiterator_next(run, it, &item, &more))
            return false;
        if (!more)
            return true;
        if (!follow(run, &by, item, &key) || !(largest ? before(run, best, key, &better) : before(run, key, best, &better)))
            return false;
        if (better) {
            best = key;
            *out = item;
        }
    }
}

static bool filter_max(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return extreme(run, self, args, true, out);
}

static bool filter_min(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return extreme(run, self, args, false, out);
}

static bool filter_groupby(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool sensitive;
    path by, shown;
    bb_jlist *list;
    keyed *items;
    size_t capacity = 0;

    if (!bb_jarg_truth(run, args[2], false, &sensitive) || !path_of(run, args[0], !sensitive, &by) ||
        !bb_jvalue_collect(run, self, &list) || !keyed_list(run, list, &items))
        return false;
    by.fallback = args[1];
    shown = by;
    shown.fold = false;
    for (size_t i = 0; i < list->count; i++)
        if (!follow(run, &by, items[i].item, &items[i].key))
            return false;
    if (!sort(run, items, list->count, false) || !bb_j_list(run, BB_J_LIST, 0, out))
        return false;
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        bb_jvalue grouper, members, pair;
        bool equal = true;
        for (end = begin + 1; end < list->count; end++) {
            if (!bb_jvalue_equal(run, items[begin].key, items[end].key, &equal))
                return false;
            if (!equal)
                break;
        }
        if (!follow(run, &shown, items[begin].item, &grouper) || !list_of(run, items + begin, end - begin, &members) ||
            !bb_j_pair(run, grouper, members, &pair))
            return false;
        pair.list->group = true;
        if (!bb_j_list_push(run, out->list, &capacity, pair))
            return false;
    }
    return true;
}

/* ---- whole sequences ---- */

static bool filter_length(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    size_t length;

    (void)args;
    if (!bb_jvalue_length(run, self, &length))
        return false;
    *out = bb_j_int((int64_t)length);
    return true;
}

static bool filter_list(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jlist *list;

    (void)args;
    if (!bb_jvalue_collect(run, self, &list) || !bb_j_list(run, BB_J_LIST, list->count, out) || !bb_jinja_spend(run, list->count))
        return false;
    if (list->count)
        memcpy(out->list->items, list->items, list->count * sizeof *list->items);
    out->list->count = list->count;
    return true;
}

static bool filter_first(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jiterator *it;
    bool more;

    (void)args;
    if (!bb_jiterator_of(run, self, &it) || !bb_jiterator_next(run, it, out, &more))
        return false;
    return more || bb_j_undefined(run, "no first item, sequence was empty", out);
}

static bool reversible(bb_jvalue value)
{
    return (value.kind >= BB_J_STRING && value.kind <= BB_J_RANGE) || value.kind == BB_J_UNDEFINED;
}

static bool filter_last(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jlist *list;

    (void)args;
    if (!reversible(self))
        return bb_jinja_raise(run, "'%s' object is not reversible", bb_jvalue_type(self));
    if (self.kind == BB_J_STRING) {
        if (self.text->size)
            return bb_jvalue_item(run, self, bb_j_int(-1), out);
        return bb_j_undefined(run, "no last item, sequence was empty", out);
    }
    if (!bb_jvalue_collect(run, self, &list))
        return false;
    if (!list->count)
        return bb_j_undefined(run, "no last item, sequence was empty", out);
    *out = list->items[list->count - 1];
    return true;
}

static bool next_listed(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    (void)run;
    *more = it->index < it->source.list->count;
    if (*more)
        *item = it->source.list->items[it->index++];
    return true;
}

static bool filter_reverse(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const bb_jvalue none = bb_j_none();
    bb_jlist *list;
    bb_jvalue reversed;

    (void)args;
    if (self.kind == BB_J_STRING)
        return bb_jvalue_slice(run, self, none, none, bb_j_int(-1), out);
    if (!bb_jvalue_collect(run, self, &list) || !bb_j_list(run, BB_J_LIST, list->count, &reversed) || !bb_jinja_spend(run, list->count))
        return false;
    for (size_t i = 0; i < list->count; i++)
        reversed.list->items[i] = list->items[list->count - 1 - i];
    reversed.list->count = list->count;
    if (!reversible(self)) {
        *out = reversed;
        return true;
    }
    return bb_jiterator_generate(run, reversed, next_listed, "reversed", NULL, out);
}

static bool filter_join(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue separator, item;
    bb_jlist *list;
    path by;

    if (!bb_j_given(args[0]) ? !bb_j_string(run, "", 0, &separator) : !bb_jvalue_string(run, args[0], &separator))
        return false;
    if (!path_of(run, args[1], false, &by) || !bb_jvalue_collect(run, self, &list))
        return false;
    const size_t start = run->out.size;
    for (size_t i = 0; i < list->count; i++)
        if ((i && !bb_jvalue_write(run, separator)) || !follow(run, &by, list->items[i], &item) || !bb_jvalue_write(run, item))
            return false;
    return bb_jinja_capture(run, start, out);
}

static bool filter_sum(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jiterator *it;
    bb_jvalue item;
    path by;

    *out = bb_j_given(args[1]) ? args[1] : bb_j_int(0);
    if (out->kind == BB_J_STRING)
        return bb_jinja_raise(run, "sum() can't sum strings");
    if (!path_of(run, args[0], false, &by) || !bb_jiterator_of(run, self, &it))
        return false;
    for (bool more;;) {
        if (!bb_jiterator_next(run, it, &item, &more))
            return false;
        if (!more)
            return true;
        if (!follow(run, &by, item, &item) || !bb_jeval_binary(run, BB_JT_ADD, *out, item, out))
            return false;
    }
}

static bool filter_attr(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue key = args[0], of_item;

    if (key.kind != BB_J_STRING)
        return bb_jinja_raise(run, "attribute name must be string, not '%s'", bb_jvalue_type(key));
    if (!bb_jvalue_attribute(run, self, key.text, out))
        return false;
    if (self.kind != BB_J_DICT || out->kind == BB_J_METHOD || out->kind == BB_J_UNDEFINED)
        return true;
    return bb_jdict_get(run, self.dict, key, &of_item) && (!bb_j_given(of_item) || bb_j_undefined_in(run, self, key, out));
}

/* ---- generators ---- */

/* What map, select and reject do with each item. Arguments are looked at when the first item is asked for, and not at all where the input
 * is empty or false. */
typedef struct work {
    bb_jcall call; /* as written; once ready, what the filter or test itself takes */
    enum { MAP, SELECT, REJECT } kind;
    bool by_path; /* select and reject: items are looked up first, by the first argument */
    bool ready;
    path by;
    const bb_jcallable *callable; /* a filter or test; NULL: the path alone, or the item's own truth */
} work;

/* The argument behind skip names a filter or test; those behind it are its own. */
static bool work_callable(bb_jinja *run, work *w, size_t skip)
{
    const bb_jvalue name = w->call.args[skip];
    const char *what = w->kind == MAP ? "filter" : "test";

    if (name.kind == BB_J_STRING)
        w->callable = (w->kind == MAP ? bb_jinja_filter : bb_jinja_test)(name.text->bytes, name.text->size);
    if (!w->callable)
        return bb_jinja_raise(run, "no %s is named '%.*s'", what, name.kind == BB_J_STRING ? (int)name.text->size : 1,
                              name.kind == BB_J_STRING ? name.text->bytes : "?");
    w->call.args += skip + 1;
    w->call.count -= skip + 1;
    return true;
}

/* map(attribute=..., default=...) */
static bool map_by_path(bb_jinja *run, work *w)
{
    bb_jvalue attribute = {0}, fallback = {0};

    for (size_t i = 0; i < w->call.keyword_count; i++) {
        const bb_jtext *name = w->call.keywords[i].name;
        if (name->size == 9 && memcmp(name->bytes, "attribute", 9) == 0)
            attribute = w->call.keywords[i].value;
        else if (name->size == 7 && memcmp(name->bytes, "default", 7) == 0)
            fallback = w->call.keywords[i].value;
        else
            return bb_jinja_raise(run, "filter 'map' has no argument '%.*s'", (int)name->size, name->bytes);
    }
    if (!bb_j_given(attribute))
        return bb_jinja_raise(run, "map requires a filter argument");
    if (!path_of(run, attribute, false, &w->by))
        return false;
    w->by.fallback = fallback;
    return true;
}

static bool make_ready(bb_jinja *run, bb_jiterator *it, work *w)
{
    bool truth;

    w->ready = true;
    if (!bb_jvalue_truth(run, it->source, &truth))
        return false;
    if (!truth) { /* an empty dict and a zero alike */
        bb_jvalue none;
        return bb_j_list(run, BB_J_LIST, 0, &none) && bb_jiterator_of(run, none, &it->inner);
    }
    if (!bb_jiterator_of(run, it->source, &it->inner))
        return false;
    if (w->kind == MAP)
        return w->call.count ? work_callable(run, w, 0) : map_by_path(run, w);
    if (w->by_path && !w->call.count)
        return bb_jinja_raise(run, "missing parameter for attribute name");
    if (w->by_path && !path_of(run, w->call.args[0], false, &w->by))
        return false;
    return w->call.count <= w->by_path || work_callable(run, w, w->by_path);
}

static bool next_mapped(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    work *w = (work *)it->state;

    if ((!w->ready && !make_ready(run, it, w)) || !bb_jiterator_next(run, it->inner, item, more))
        return false;
    if (!*more)
        return true;
    return w->callable ? bb_jcallable_call(run, w->callable, "filter", *item, &w->call, item) : follow(run, &w->by, *item, item);
}

static bool next_selected(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    work *w = (work *)it->state;
    bb_jvalue value, result;
    bool truth;

    if (!w->ready && !make_ready(run, it, w))
        return false;
    do {
        if (!bb_jiterator_next(run, it->inner, item, more))
            return false;
        if (!*more)
            return true;
        value = *item;
        if (w->by_path && !follow(run, &w->by, value, &value))
            return false;
        result = value;
        if ((w->callable && !bb_jcallable_call(run, w->callable, "test", value, &w->call, &result)) ||
            !bb_jvalue_truth(run, result, &truth))
            return false;
    } while (truth != (w->kind == SELECT));
    return true;
}

static bool start_work(bb_jinja *run, bb_jvalue self, work how, bb_jvalue *out)
{
    work *w = bb_jinja_alloc(run, 1, sizeof *w);

    if (!w)
        return false;
    *w = how;
    return bb_jiterator_generate(run, self, how.kind == MAP ? next_mapped : next_selected, "generator", w, out);
}

static bool filter_map(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return start_work(run, self, (work){.call = *call, .kind = MAP}, out);
}

static bool filter_select(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return start_work(run, self, (work){.call = *call, .kind = SELECT}, out);
}

static bool filter_reject(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return start_work(run, self, (work){.call = *call, .kind = REJECT}, out);
}

static bool filter_selectattr(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return start_work(run, self, (work){.call = *call, .kind = SELECT, .by_path = true}, out);
}

static bool filter_rejectattr(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return start_work(run, self, (work){.call = *call, .kind = REJECT, .by_path = true}, out);
}

typedef struct uniqueness {
    path by;
    bb_jdict *seen;
} uniqueness;

static bool next_unique(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    uniqueness *u = (uniqueness *)it->state;
    bb_jvalue key, found;

    if (!it->inner && !bb_jiterator_of(run, it->source, &it->inner))
        return false;
    do {
        if (!bb_jiterator_next(run, it->inner, item, more))
            return false;
        if (!*more)
            return true;
        if (!follow(run, &u->by, *item, &key) || !bb_jdict_get(run, u->seen, key, &found))
            return false;
    } while (bb_j_given(found));
    return bb_jdict_set(run, u->seen, key, bb_j_none());
}

static bool filter_unique(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    uniqueness *u = bb_jinja_alloc(run, 1, sizeof *u);
    bool sensitive;
    bb_jvalue seen;

    if (!u || !bb_jarg_truth(run, args[0], false, &sensitive) || !bb_j_dict(run, &seen))
        return false;
    *u = (uniqueness){.seen = seen.dict};
    return path_of(run, args[1], !sensitive, &u->by) && bb_jiterator_generate(run, self, next_unique, "generator", u, out);
}

static bool next_pair(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    if (it->source.kind != BB_J_VIEW && it->source.kind != BB_J_UNDEFINED)
        return bb_jinja_raise(run, "can only get item pairs from a mapping");
    return (it->inner || bb_jiterator_of(run, it->source, &it->inner)) && bb_jiterator_next(run, it->inner, item, more);
}

static bool filter_items(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    bb_jview *view = bb_jinja_alloc(run, 1, sizeof *view);
    bb_jvalue pairs = self;
    if (!view)
        return false;
    *view = (bb_jview){self.dict, BB_J_ITEMS};
    if (self.kind == BB_J_DICT)
        pairs = (bb_jvalue){.kind = BB_J_VIEW, .view = view};
    return bb_jiterator_generate(run, pairs, next_pair, "generator", NULL, out);
}

/* batch and slice: rows, all made when the first is asked for. */
typedef struct rows {
    bb_jvalue size, fill;
    bool fills, slices;
} rows;

static bool row_of(bb_jinja *run, const bb_jvalue *items, size_t count, bb_jvalue fill, size_t fills, bb_jlist *to, size_t *capacity)
{
    bb_jvalue row;

    if (fills > BB_JINJA_MEMORY / sizeof row)
        return bb_jinja_raise_limit(run, "memory");
    if (!bb_j_list(run, BB_J_LIST, count + fills, &row) || !bb_jinja_spend(run, count + fills))
        return false;
    if (count)
        memcpy(row.list->items, items, count * sizeof *items);
    for (size_t i = 0; i < fills; i++)
        row.list->items[count + i] = fill;
    row.list->count = count + fills;
    return bb_j_list_push(run, to, capacity, row);
}

/* Jinja begins a new row only where the present one is exactly full: a width of 0 gives an empty row first, one below it a single row. */
static bool batch(bb_jinja *run, const rows *r, const bb_jlist *list, bb_jlist *to)
{
    size_t at = 0, capacity = 0;
    int64_t width;

    if (!bb_jarg_int(run, r->size, "linecount", 0, &width) ||
        (width == 0 && list->count && !row_of(run, NULL, 0, r->fill, 0, to, &capacity)))
        return false;
    while (at < list->count) {
        const size_t left = list->count - at, count = width > 0 && (uint64_t)width < left ? (size_t)width : left;
        if (!row_of(run, list->items + at, count, r->fill, r->fills && width > 0 ? (size_t)width - count : 0, to, &capacity))
            return false;
        at += count;
    }
    return true;
}

static bool slice(bb_jinja *run, const rows *r, const bb_jlist *list, bb_jlist *to)
{
    size_t at = 0, capacity = 0;
    int64_t count;

    if (!bb_jarg_int(run, r->size, "slices", 0, &count))
        return false;
    if (count == 0)
        return bb_jinja_raise(run, "integer modulo by zero");
    for (int64_t i = 0; i < count; i++) {
        const size_t each = list->count / (size_t)count, extra = list->count % (size_t)count;
        const bool longer = (size_t)i < extra;
        if (!row_of(run, list->items + at, each + longer, r->fill, r->fills && !longer, to, &capacity))
            return false;
        at += each + longer;
    }
    return true;
}

static bool next_row(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    const rows *r = it->state;
    bb_jlist *list;
    bb_jvalue made;

    if (!it->inner && (!bb_jvalue_collect(run, it->source, &list) || !bb_j_list(run, BB_J_LIST, 0, &made) ||
                       !(r->slices ? slice : batch)(run, r, list, made.list) || !bb_jiterator_of(run, made, &it->inner)))
        return false;
    return bb_jiterator_next(run, it->inner, item, more);
}

static bool rows_of(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool slices, bb_jvalue *out)
{
    rows *r = bb_jinja_alloc(run, 1, sizeof *r);

    if (!r)
        return false;
    *r = (rows){args[0], args[1], bb_j_given(args[1]) && args[1].kind != BB_J_NONE, slices};
    return bb_jiterator_generate(run, self, next_row, "generator", r, out);
}

static bool filter_batch(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return rows_of(run, self, args, false, out);
}

static bool filter_slice(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return rows_of(run, self, args, true, out);
}

const bb_jcallable bb_jinja_sequence_filters[] = {
    {.name = "attr", .params = "name", .required = 1, .body = filter_attr},
    {.name = "batch", .params = "linecount,fill_with", .required = 1, .body = filter_batch},
    {.name = "count", .params = "", .body = filter_length},
    {.name = "dictsort", .params = "case_sensitive,by,reverse", .body = filter_dictsort},
    {.name = "first", .params = "", .body = filter_first},
    {.name = "groupby", .params = "attribute,default,case_sensitive", .required = 1, .body = filter_groupby},
    {.name = "items", .params = "", .body = filter_items},
    {.name = "join", .params = "d,attribute", .body = filter_join},
    {.name = "last", .params = "", .body = filter_last},
    {.name = "length", .params = "", .body = filter_length},
    {.name = "list", .params = "", .body = filter_list},
    {.name = "map", .raw = filter_map},
    {.name = "max", .params = "case_sensitive,attribute", .body = filter_max},
    {.name = "min", .params = "case_sensitive,attribute", .body = filter_min},
    {.name = "reject", .raw = filter_reject},
    {.name = "rejectattr", .raw = filter_rejectattr},
    {.name = "reverse", .params = "", .body = filter_reverse},
    {.name = "select", .raw = filter_select},
    {.name = "selectattr", .raw = filter_selectattr},
    {.name = "slice", .params = "slices,fill_with", .required = 1, .body = filter_slice},
    {.name = "sort", .params = "reverse,case_sensitive,attribute", .body = filter_sort},
    {.name = "sum", .params = "attribute,start", .body = filter_sum},
    {.name = "unique", .params = "case_sensitive,attribute", .body = filter_unique},
};
const size_t bb_jinja_sequence_filter_count = sizeof bb_jinja_sequence_filters / sizeof *bb_jinja_sequence_filters;
