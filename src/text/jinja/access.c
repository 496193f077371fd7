/* value.name, value[key], value[a:b:c]: attributes before items behind a dot, items before attributes in brackets. What Jinja's immutable
 * sandbox does not hand out (methods that change a value, names that begin with "_") is undefined, with the reason. */
#include "text/jinja/unicode.h"
#include "text/jinja/value.h"

#include <stdio.h>
#include <string.h>

/* Methods of Python's that would change a value. */
static bool is_mutator(bb_jvalue value, const bb_jtext *name)
{
    static const char *const of_list[] = {"append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove", NULL};
    static const char *const of_dict[] = {"clear", "pop", "popitem", "setdefault", "update", NULL};
    const char *const *names = value.kind == BB_J_LIST ? of_list : value.kind == BB_J_DICT ? of_dict : NULL;

    for (; names && *names; names++)
        if (strlen(*names) == name->size && memcmp(*names, name->bytes, name->size) == 0)
            return true;
    return false;
}

static bool unsafe(bb_jinja *run, bb_jvalue value, const bb_jtext *name, bb_jvalue *out)
{
    char hint[160];
    bb_jvalue text;

    const int size = snprintf(hint, sizeof hint, "access to attribute '%.*s' of '%s' object is unsafe",
                              (int)(name->size < 60 ? name->size : 60), name->bytes, bb_jvalue_type(value));
    return bb_j_string(run, hint, (size_t)size + 1, &text) && bb_j_undefined(run, text.text->bytes, out);
}

/* *out is BB_J_MISSING where value has no such attribute. */
static bool attribute(bb_jinja *run, bb_jvalue value, const bb_jtext *name, bb_jvalue *out)
{
    *out = (bb_jvalue){.kind = BB_J_MISSING};
    if (value.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, value.undefined);
    if (value.kind == BB_J_NAMESPACE)
        return bb_jdict_get(run, value.dict, (bb_jvalue){.kind = BB_J_STRING, .text = name}, out);
    if (is_mutator(value, name))
        return unsafe(run, value, name, out);
    if (value.kind == BB_J_LOOP)
        return bb_jloop_attribute(run, value.loop, name, out);
    if (value.kind == BB_J_MACRO)
        return bb_jmacro_attribute(run, value.macro, name, out);
    if (value.kind == BB_J_TUPLE && value.list->group) {
        if (name->size == 7 && memcmp(name->bytes, "grouper", 7) == 0)
            *out = value.list->items[0];
        if (name->size == 4 && memcmp(name->bytes, "list", 4) == 0)
            *out = value.list->items[1];
    }
    if (value.kind == BB_J_RANGE) {
        if (name->size == 5 && memcmp(name->bytes, "start", 5) == 0)
            *out = bb_j_int(value.range->start);
        if (name->size == 4 && memcmp(name->bytes, "stop", 4) == 0)
            *out = bb_j_int(value.range->stop);
        if (name->size == 4 && memcmp(name->bytes, "step", 4) == 0)
            *out = bb_j_int(value.range->step);
    }
    if (value.kind == BB_J_CYCLER && name->size == 7 && memcmp(name->bytes, "current", 7) == 0)
        *out = value.cycler->items[value.cycler->position];
    if (bb_j_given(*out))
        return true;

    const bb_jcallable *method = bb_jinja_method(value, name->bytes, name->size);
    return !method || bb_j_bound(run, value, method, out);
}

/* The place in a sequence of length items that an index means; false where there is none. */
static bool place_of(bb_jvalue key, size_t length, size_t *place)
{
    int64_t index;

    if (!bb_jvalue_to_int(key, &index))
        return false;
    if (index < 0)
        index += (int64_t)length;
    *place = (size_t)index;
    return index >= 0 && (uint64_t)index < length;
}

/* The byte at which the character stands that has index characters before it. */
static bool offset_of(bb_jinja *run, const bb_jtext *text, size_t index, size_t *offset)
{
    if (text->size == text->length) {
        *offset = index;
        return true;
    }
    size_t at = 0;
    for (; index; index--) {
        at++;
        while (at < text->size && ((unsigned char)text->bytes[at] & 0xc0) == 0x80)
            at++;
    }
    *offset = at;
    return bb_jinja_handle(run, at);
}

/* *out is BB_J_MISSING where value has no such item. */
static bool item(bb_jinja *run, bb_jvalue value, bb_jvalue key, bb_jvalue *out)
{
    size_t place, from, to;

    *out = (bb_jvalue){.kind = BB_J_MISSING};
    switch (value.kind) {
    case BB_J_UNDEFINED:
        return bb_jinja_raise_undefined(run, value.undefined);
    case BB_J_DICT:
        return !bb_jvalue_hashable(key) || bb_jdict_get(run, value.dict, key, out);
    case BB_J_LIST:
    case BB_J_TUPLE:
        if (place_of(key, value.list->count, &place))
            *out = value.list->items[place];
        return true;
    case BB_J_RANGE:
        if (place_of(key, value.range->count, &place))
            *out = bb_j_int(value.range->start + (int64_t)place * value.range->step);
        return true;
    case BB_J_STRING:
        if (!place_of(key, value.text->length, &place))
            return true;
        return offset_of(run, value.text, place, &from) && offset_of(run, value.text, place + 1, &to) &&
               bb_j_borrow(run, value.text->bytes + from, to - from, out);
    default:
        return true;
    }
}

static bool is_private(const bb_jtext *name)
{
    return name->size && name->bytes[0] == '_';
}

bool bb_jvalue_attribute(bb_jinja *run, bb_jvalue value, const bb_jtext *name, bb_jvalue *out)
{
    const bb_jvalue key = {.kind = BB_J_STRING, .text = name};

    if (!attribute(run, value, name, out))
        return false;
    if (bb_j_given(*out))
        return true;
    if (value.kind == BB_J_DICT && !item(run, value, key, out))
        return false;
    if (bb_j_given(*out))
        return true;
    return is_private(name) ? unsafe(run, value, name, out) : bb_j_undefined_in(run, value, key, out);
}

bool bb_jvalue_item(bb_jinja *run, bb_jvalue value, bb_jvalue key, bb_jvalue *out)
{
    if (!item(run, value, key, out))
        return false;
    if (bb_j_given(*out))
        return true;
    if (key.kind == BB_J_STRING) {
        if (!attribute(run, value, key.text, out))
            return false;
        if (bb_j_given(*out))
            return true;
        if (is_private(key.text))
            return unsafe(run, value, key.text, out);
    }
    return bb_j_undefined_in(run, value, key, out);
}

/* ---- slices ---- */

/* Python's rules for the ends of a slice: *from to *to by *step, count of items. */
static bool slice_range(bb_jinja *run, size_t size, bb_jvalue start, bb_jvalue stop, bb_jvalue step, int64_t *from, int64_t *to,
                        int64_t *by, size_t *count)
{
    const int64_t length = (int64_t)size;
    int64_t ends[2], steps = 1;
    const bb_jvalue values[] = {start, stop};

    if (step.kind != BB_J_NONE && !bb_jvalue_to_int(step, &steps))
        return bb_jinja_raise(run, "slice indices must be integers or None");
    if (steps == 0)
        return bb_jinja_raise(run, "slice step cannot be zero");
    for (int i = 0; i < 2; i++) {
        if (values[i].kind == BB_J_NONE) {
            ends[i] = i == 0 ? (steps > 0 ? 0 : length - 1) : (steps > 0 ? length : -1);
            continue;
        }
        if (!bb_jvalue_to_int(values[i], &ends[i]))
            return bb_jinja_raise(run, "slice indices must be integers or None");
        if (ends[i] < 0)
            ends[i] += length;
        if (ends[i] < 0)
            ends[i] = steps > 0 ? 0 : -1;
        else if (ends[i] >= length)
            ends[i] = steps > 0 ? length : length - 1;
    }
    *from = ends[0];
    *to = ends[1];
    *by = steps;
    *count = 0;
    if (steps > 0 && ends[0] < ends[1])
        *count = (size_t)((ends[1] - ends[0] - 1) / steps + 1);
    if (steps < 0 && ends[0] > ends[1]) {
        const uint64_t magnitude = (uint64_t) - (steps + 1) + 1; /* -steps may not fit */
        *count = (size_t)((uint64_t)(ends[0] - ends[1] - 1) / magnitude + 1);
    }
    return true;
}

static bool slice_text(bb_jinja *run, const bb_jtext *text, int64_t from, int64_t by, size_t count, bb_jvalue *out)
{
    size_t first, last;

    if (by == 1 || count <= 1)
        return offset_of(run, text, count ? (size_t)from : 0, &first) && offset_of(run, text, count ? (size_t)from + count : 0, &last) &&
               bb_j_borrow(run, text->bytes + first, last - first, out);

    const size_t lowest = by > 0 ? (size_t)from : (size_t)(from + by * (int64_t)(count - 1));
    const size_t stride = by > 0 ? (size_t)by : (size_t)-by;
    char *copy = bb_jinja_alloc(run, text->size, 1);
    if (!copy || !bb_jinja_handle(run, text->size * 4) || !offset_of(run, text, lowest, &first))
        return false;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t point;
        const size_t size = bb_utf8_decode(text->bytes + first, &point);
        memcpy(by > 0 ? copy + used : copy + text->size - used - size, text->bytes + first, size);
        used += size;
        for (size_t k = 0; k < stride && first < text->size; k++)
            first += bb_utf8_decode(text->bytes + first, &point);
    }
    return bb_j_borrow(run, by > 0 ? copy : copy + text->size - used, used, out);
}

bool bb_jvalue_slice(bb_jinja *run, bb_jvalue value, bb_jvalue start, bb_jvalue stop, bb_jvalue step, bb_jvalue *out)
{
    size_t length, count = 0;
    int64_t from = 0, to = 0, by = 1;

    if (value.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, value.undefined);
    if (value.kind == BB_J_DICT)
        return bb_jinja_raise(run, "unhashable type: 'slice'");
    if (value.kind != BB_J_STRING && value.kind != BB_J_LIST && value.kind != BB_J_TUPLE && value.kind != BB_J_RANGE)
        return bb_jinja_raise(run, "'%s' object is not subscriptable", bb_jvalue_type(value));
    if (!bb_jvalue_length(run, value, &length) || !slice_range(run, length, start, stop, step, &from, &to, &by, &count))
        return false;
    if (value.kind == BB_J_STRING)
        return slice_text(run, value.text, from, by, count, out);

    if (value.kind == BB_J_RANGE) {
        const bb_jrange *whole = value.range;
        bb_jrange *range = bb_jinja_alloc(run, 1, sizeof *range);
        if (!range)
            return false;
        *range = (bb_jrange){.count = count};
        if (__builtin_mul_overflow(by, whole->step, &range->step) || __builtin_mul_overflow(from, whole->step, &range->start) ||
            __builtin_add_overflow(range->start, whole->start, &range->start) || __builtin_mul_overflow(to, whole->step, &range->stop) ||
            __builtin_add_overflow(range->stop, whole->start, &range->stop))
            return bb_jinja_raise(run, "an integer grows beyond 64 bits");
        *out = (bb_jvalue){.kind = BB_J_RANGE, .range = range};
        return true;
    }
    if (!bb_j_list(run, value.kind, count, out) || !bb_jinja_spend(run, count))
        return false;
    for (size_t i = 0; i < count; i++)
        out->list->items[i] = value.list->items[from + (int64_t)i * by];
    out->list->count = count;
    return true;
}
