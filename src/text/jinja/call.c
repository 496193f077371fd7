/* Calls: arguments to parameters, macros, and the loop variable. */
#include "text/jinja/eval.h"

#include <string.h>

static bool same(const bb_jtext *text, const char *name, size_t size)
{
    return text->size == size && memcmp(text->bytes, name, size) == 0;
}

/* The parameter of that name, or -1. */
static int param_index(const char *params, const bb_jtext *name)
{
    for (int i = 0; *params; i++) {
        const size_t size = strcspn(params, ",");
        if (same(name, params, size))
            return i;
        params += size;
        params += *params == ',';
    }
    return -1;
}

static int param_count(const char *params)
{
    int count = *params != '\0';

    for (; *params; params++)
        count += *params == ',';
    return count;
}

static bool bind(bb_jinja *run, const bb_jcallable *callable, const char *what, const bb_jcall *call, bb_jvalue args[BB_JINJA_PARAMS])
{
    const int known = param_count(callable->params);

    memset(args, 0, BB_JINJA_PARAMS * sizeof *args);
    if (call->count > (size_t)known)
        return bb_jinja_raise(run, "%s '%s' takes at most %d arguments, %zu given", what, callable->name, known, call->count);
    for (size_t i = 0; i < call->count; i++)
        args[i] = call->args[i];
    for (size_t i = 0; i < call->keyword_count; i++) {
        const bb_jtext *name = call->keywords[i].name;
        const int index = callable->positional ? -1 : param_index(callable->params, name);
        if (index < 0)
            return bb_jinja_raise(run, "%s '%s' has no argument '%.*s'", what, callable->name, (int)name->size, name->bytes);
        if (bb_j_given(args[index]))
            return bb_jinja_raise(run, "%s '%s' has two values for '%.*s'", what, callable->name, (int)name->size, name->bytes);
        args[index] = call->keywords[i].value;
    }
    for (int i = 0; i < callable->required; i++)
        if (!bb_j_given(args[i]))
            return bb_jinja_raise(run, "%s '%s' needs %d arguments", what, callable->name, callable->required);
    return true;
}

bool bb_jcallable_call(bb_jinja *run, const bb_jcallable *callable, const char *what, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    bb_jvalue args[BB_JINJA_PARAMS];

    if (callable->refusal)
        return bb_jinja_raise(run, "%s '%s' is not supported: %s", what, callable->name, callable->refusal);
    if (callable->raw)
        return callable->raw(run, self, call, out);
    return bind(run, callable, what, call, args) && callable->body(run, self, args, out);
}

static bool call_inside(bb_jinja *run, bb_jvalue callee, const bb_jcall *call, bb_jvalue *out)
{
    bb_jcycler *joiner;

    switch (callee.kind) {
    case BB_J_UNDEFINED:
        return bb_jinja_raise_undefined(run, callee.undefined);
    case BB_J_METHOD:
        return bb_jcallable_call(run, callee.bound->method, "method", callee.bound->self, call, out);
    case BB_J_FUNCTION:
        return bb_jcallable_call(run, callee.function, "function", bb_j_none(), call, out);
    case BB_J_MACRO:
        return bb_jmacro_call(run, callee.macro, call, out);
    case BB_J_LOOP:
        return bb_jinja_raise(run, "recursive loops are not supported");
    case BB_J_JOINER:
        if (call->count || call->keyword_count)
            return bb_jinja_raise(run, "a joiner takes no arguments");
        joiner = callee.cycler;
        if (joiner->position)
            *out = joiner->items[0];
        else if (!bb_j_string(run, "", 0, out))
            return false;
        joiner->position = 1;
        return true;
    default:
        return bb_jinja_raise(run, "'%s' object is not callable", bb_jvalue_type(callee));
    }
}

bool bb_jinja_call(bb_jinja *run, bb_jvalue callee, const bb_jcall *call, bb_jvalue *out)
{
    if (!bb_jinja_enter(run))
        return false;
    const bool ok = call_inside(run, callee, call, out);
    bb_jinja_leave(run);
    return ok;
}

/* ---- macros ---- */

/* The value of a keyword that is not used yet, which it then is; BB_J_MISSING where there is none. */
static bb_jvalue take(const bb_jcall *call, bool *used, const bb_jtext *name)
{
    for (size_t i = 0; i < call->keyword_count; i++)
        if (!used[i] && same(call->keywords[i].name, name->bytes, name->size)) {
            used[i] = true;
            return call->keywords[i].value;
        }
    return (bb_jvalue){0};
}

/* Keywords that no parameter took: **kwargs, or too many. */
static bool spare_keywords(bb_jinja *run, const bb_jmacro *macro, const bb_jcall *call, const bool *used)
{
    const int slot = macro->function->kwargs;
    bb_jvalue kwargs;

    if (slot >= 0 && !bb_j_dict(run, &kwargs))
        return false;
    for (size_t i = 0; i < call->keyword_count; i++) {
        const bb_jtext *name = call->keywords[i].name;
        if (used[i])
            continue;
        if (slot < 0)
            return bb_jinja_raise(run, "macro '%.*s' takes no keyword argument '%.*s'", (int)bb_jmacro_name(macro)->size,
                                  bb_jmacro_name(macro)->bytes, (int)name->size, name->bytes);
        if (!bb_jdict_set(run, kwargs.dict, (bb_jvalue){.kind = BB_J_STRING, .text = name}, call->keywords[i].value))
            return false;
    }
    if (slot >= 0)
        run->frame->slots[slot] = kwargs;
    return true;
}

static bool spare_arguments(bb_jinja *run, const bb_jmacro *macro, const bb_jcall *call)
{
    const size_t own = macro->function->node->items.count, count = call->count > own ? call->count - own : 0;
    bb_jvalue varargs;

    if (macro->function->varargs < 0) {
        if (!count)
            return true;
        return bb_jinja_raise(run, "macro '%.*s' takes not more than %zu argument(s)", (int)bb_jmacro_name(macro)->size,
                              bb_jmacro_name(macro)->bytes, own);
    }
    if (!bb_j_list(run, BB_J_TUPLE, count, &varargs))
        return false;
    if (count)
        memcpy(varargs.list->items, call->args + own, count * sizeof *call->args);
    varargs.list->count = count;
    run->frame->slots[macro->function->varargs] = varargs;
    return true;
}

/* Arguments into the slots of the macro's frame, which is the current one. */
static bool bind_macro(bb_jinja *run, const bb_jmacro *macro, const bb_jcall *call)
{
    static const bb_jtext caller_name = {.bytes = "caller", .size = 6, .length = 6};
    const bb_jfunction *function = macro->function;
    const bb_jnode *node = function->node;
    bb_jvalue *slots = run->frame->slots;
    bool *used = bb_jinja_alloc(run, call->keyword_count, sizeof *used);

    if (!used)
        return false;
    memset(used, 0, call->keyword_count * sizeof *used);
    for (size_t i = 0; i < node->items.count; i++)
        slots[function->params[i]] = i < call->count ? call->args[i] : take(call, used, node->items.at[i]->name);
    if (function->caller >= 0) {
        bb_jvalue caller = take(call, used, &caller_name);
        if ((!bb_j_given(caller) || caller.kind == BB_J_NONE) && !bb_j_undefined(run, "no caller defined", &caller))
            return false;
        slots[function->caller] = caller;
    }
    return spare_keywords(run, macro, call, used) && spare_arguments(run, macro, call);
}

/* Defaults are evaluated at each call, and see the parameters before them. */
static bool fill_defaults(bb_jinja *run, const bb_jfunction *function)
{
    const bb_jnode *node = function->node;
    const size_t bare = node->items.count - node->more.count;

    for (size_t i = 0; i < node->items.count; i++) {
        bb_jvalue *slot = &run->frame->slots[function->params[i]];
        if (bb_j_given(*slot))
            continue;
        if (i < bare) {
            if (!bb_j_undefined_in(run, *slot, (bb_jvalue){.kind = BB_J_STRING, .text = node->items.at[i]->name}, slot))
                return false;
        } else if (!bb_jeval(run, node->more.at[i - bare], slot)) {
            return false;
        }
    }
    return true;
}

bool bb_jmacro_call(bb_jinja *run, const bb_jmacro *macro, const bb_jcall *call, bb_jvalue *out)
{
    bb_jframe *const caller = run->frame, *frame;
    const size_t start = run->out.size;

    if (!bb_jframe_new(run, macro->function, macro->frame, &frame))
        return false;
    run->frame = frame;
    const bool ok = bb_jscope_enter(run, macro->function->scope) && bind_macro(run, macro, call) && fill_defaults(run, macro->function) &&
                    bb_jexec(run, macro->function->node->body) == BB_J_NEXT && bb_jinja_capture(run, start, out);
    run->frame = caller;
    return ok;
}

const bb_jtext *bb_jmacro_name(const bb_jmacro *macro)
{
    static const bb_jtext anonymous = {.bytes = "anonymous", .size = 9, .length = 9};
    return macro->name ? macro->name : &anonymous;
}

bool bb_jmacro_attribute(bb_jinja *run, const bb_jmacro *macro, const bb_jtext *name, bb_jvalue *out)
{
    const bb_jnode *node = macro->function->node;

    if (same(name, "name", 4))
        *out = macro->name ? (bb_jvalue){.kind = BB_J_STRING, .text = macro->name} : bb_j_none();
    else if (same(name, "caller", 6))
        *out = bb_j_bool(macro->function->caller >= 0 || macro->function->names_caller);
    else if (same(name, "catch_kwargs", 12))
        *out = bb_j_bool(macro->function->kwargs >= 0);
    else if (same(name, "catch_varargs", 13))
        *out = bb_j_bool(macro->function->varargs >= 0);
    else if (same(name, "arguments", 9)) {
        if (!bb_j_list(run, BB_J_TUPLE, node->items.count, out))
            return false;
        for (size_t i = 0; i < node->items.count; i++)
            out->list->items[out->list->count++] = (bb_jvalue){.kind = BB_J_STRING, .text = node->items.at[i]->name};
    }
    return true;
}

/* ---- the loop variable ---- */

/* Asks for the next item ahead of time. */
static bool peek(bb_jinja *run, bb_jloop *loop)
{
    bool more;

    if (loop->ahead || loop->ended)
        return true;
    if (!bb_jiterator_next(run, loop->it, &loop->after, &more))
        return false;
    loop->ahead = more;
    loop->ended = !more;
    return true;
}

bool bb_jloop_next(bb_jinja *run, bb_jloop *loop, bb_jvalue *item, bool *more)
{
    if (!peek(run, loop))
        return false;
    *more = loop->ahead;
    if (!*more)
        return true;
    loop->ahead = false;
    loop->index0++;
    loop->before = loop->current;
    loop->current = loop->after;
    *item = loop->current;
    return true;
}

bool bb_jloop_length(bb_jinja *run, bb_jloop *loop, size_t *out)
{
    size_t length;
    bb_jvalue rest = {.kind = BB_J_ITERATOR, .iterator = loop->it};
    bb_jlist *items;

    if (loop->length < 0 && bb_jvalue_has_length(loop->iterable)) {
        if (!bb_jvalue_length(run, loop->iterable, &length))
            return false;
        loop->length = (int64_t)length;
    } else if (loop->length < 0) { /* a generator: its rest becomes a list */
        if (!bb_jvalue_collect(run, rest, &items) || !bb_jiterator_of(run, (bb_jvalue){.kind = BB_J_LIST, .list = items}, &loop->it))
            return false;
        loop->length = (int64_t)items->count + loop->index0 + 1 + loop->ahead;
    }
    *out = (size_t)loop->length;
    return true;
}

static bool loop_cycle(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    if (!call->count || call->keyword_count)
        return bb_jinja_raise(run, "no items for cycling given");
    *out = call->args[self.loop->index0 % (int64_t)call->count];
    return true;
}

static bool loop_changed(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    bb_jvalue now;
    bool same_as_last = false;

    if (!bb_j_list(run, BB_J_TUPLE, call->count, &now))
        return false;
    if (call->count)
        memcpy(now.list->items, call->args, call->count * sizeof *call->args);
    now.list->count = call->count;
    if (bb_j_given(self.loop->changed) && !bb_jvalue_equal(run, self.loop->changed, now, &same_as_last))
        return false;
    self.loop->changed = now;
    *out = bb_j_bool(!same_as_last);
    return true;
}

static const bb_jcallable loop_methods[] = {{.name = "cycle", .raw = loop_cycle}, {.name = "changed", .raw = loop_changed}};

bool bb_jloop_attribute(bb_jinja *run, bb_jloop *loop, const bb_jtext *name, bb_jvalue *out)
{
    static const struct {
        const char *name;
        int from_start, from_end, offset; /* index0 * from_start + length * from_end + offset */
    } numbers[] = {{"index", 1, 0, 1}, {"index0", 1, 0, 0}, {"revindex", -1, 1, 0}, {"revindex0", -1, 1, -1}, {"length", 0, 1, 0}};
    size_t length = 0;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!same(name, numbers[i].name, strlen(numbers[i].name)))
            continue;
        if (numbers[i].from_end && !bb_jloop_length(run, loop, &length))
            return false;
        *out = bb_j_int(loop->index0 * numbers[i].from_start + (int64_t)length * numbers[i].from_end + numbers[i].offset);
        return true;
    }
    if (same(name, "first", 5)) {
        *out = bb_j_bool(loop->index0 == 0);
    } else if (same(name, "last", 4)) {
        if (!peek(run, loop))
            return false;
        *out = bb_j_bool(!loop->ahead);
    } else if (same(name, "nextitem", 8)) {
        if (!peek(run, loop) || (!loop->ahead && !bb_j_undefined(run, "there is no next item", out)))
            return false;
        if (loop->ahead)
            *out = loop->after;
    } else if (same(name, "previtem", 8)) {
        if (loop->index0 == 0)
            return bb_j_undefined(run, "there is no previous item", out);
        *out = loop->before;
    } else if (same(name, "depth", 5) || same(name, "depth0", 6)) {
        *out = bb_j_int(name->size == 5);
    } else {
        const bb_jcallable *method = bb_jcallable_find(loop_methods, sizeof loop_methods / sizeof *loop_methods, name->bytes, name->size);
        return !method || bb_j_bound(run, (bb_jvalue){.kind = BB_J_LOOP, .loop = loop}, method, out);
    }
    return true;
}
