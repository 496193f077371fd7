/* Methods of Python's values. What would change a value is not among them: the sandbox does not hand it out (see access.c). */
#include "text/jinja/filters.h"
#include "text/jinja/format.h"

#include <string.h>

/* ---- strings: arguments ---- */

static bool text_arg(bb_jinja *run, bb_jvalue arg, const char *name)
{
    if (arg.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, arg.undefined);
    return arg.kind == BB_J_STRING || bb_jinja_raise(run, "%s: '%s', expected a string", name, bb_jvalue_type(arg));
}

/* NULL for an argument that is absent or None. */
static bool optional_text(bb_jinja *run, bb_jvalue arg, const char *name, const bb_jtext **out)
{
    *out = NULL;
    if (!bb_j_given(arg) || arg.kind == BB_J_NONE)
        return true;
    *out = arg.text;
    return text_arg(run, arg, name);
}

/* The part of self from args[first] to args[first + 1], counted in characters as a slice counts. *shift is what lies before it. */
static bool window(bb_jinja *run, bb_jvalue self, const bb_jvalue *bounds, bb_jvalue *out, size_t *shift)
{
    const bb_jvalue none = bb_j_none();
    int64_t start = 0;
    const int64_t length = (int64_t)self.text->length;

    if (bb_j_given(bounds[0]) && bounds[0].kind != BB_J_NONE && !bb_jarg_int(run, bounds[0], "start", 0, &start))
        return false;
    start += start < 0 ? length : 0;
    start = start < 0 ? 0 : start;
    *shift = (size_t)start;
    if (!bb_j_given(bounds[0]) && !bb_j_given(bounds[1])) {
        *out = self;
        return true;
    }
    return bb_jvalue_slice(run, self, bb_j_int(start), bb_j_given(bounds[1]) ? bounds[1] : none, none, out);
}

/* ---- strings: case and shape ---- */

static bool str_upper(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return bb_jtext_map(run, self.text, BB_PYTHON_UPPER, out);
}

static bool str_lower(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return bb_jtext_map(run, self.text, BB_PYTHON_LOWER, out);
}

static bool str_casefold(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return bb_jtext_map(run, self.text, BB_PYTHON_FOLD, out);
}

static bool str_capitalize(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return bb_jtext_capitalize(run, self.text, out);
}

/* title() and swapcase(): each character by what stands before it, or by its own case. */
static bool map_each(bb_jinja *run, const bb_jtext *text, bool title, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bool cased = false;

    for (size_t i = 0; i < text->size;) {
        uint32_t point, mapped[3];
        char bytes[12];
        size_t used = 0;
        i += bb_utf8_decode(text->bytes + i, &point);
        const bb_python_case to = title                       ? (cased ? BB_PYTHON_LOWER : BB_PYTHON_TITLE)
                                  : bb_python_is_upper(point) ? BB_PYTHON_LOWER
                                                              : BB_PYTHON_UPPER;
        const bool kept = !title && !bb_python_is_upper(point) && !bb_python_is_lower(point);
        const int count = kept ? 1 : bb_python_map(point, to, mapped);
        if (kept)
            mapped[0] = point;
        for (int k = 0; k < count; k++)
            used += bb_utf8_encode(bytes + used, mapped[k]);
        if (!bb_jinja_write(run, bytes, used))
            return false;
        cased = bb_python_is_cased(point);
    }
    return bb_jinja_spend(run, text->size) && bb_jinja_capture(run, start, out);
}

static bool str_title(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return map_each(run, self.text, true, out);
}

static bool str_swapcase(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return map_each(run, self.text, false, out);
}

static bool strip(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, int sides, bb_jvalue *out)
{
    const bb_jtext *set;
    return optional_text(run, args[0], "chars", &set) && bb_jtext_strip(run, self.text, set, sides, out);
}

static bool str_strip(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return strip(run, self, args, BB_J_STRIP_LEFT | BB_J_STRIP_RIGHT, out);
}

static bool str_lstrip(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return strip(run, self, args, BB_J_STRIP_LEFT, out);
}

static bool str_rstrip(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return strip(run, self, args, BB_J_STRIP_RIGHT, out);
}

/* Fills to args[0] characters: left, right, or (as center does) on both sides. */
static bool justify(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool before, bool behind, bb_jvalue *out)
{
    const size_t start = run->out.size;
    const bb_jtext space = {.bytes = " ", .size = 1, .length = 1}, *fill = &space;
    int64_t width, left = 0;

    if (!bb_jarg_int(run, args[0], "width", 0, &width) || (bb_j_given(args[1]) && !text_arg(run, args[1], "fillchar")))
        return false;
    if (bb_j_given(args[1]))
        fill = args[1].text;
    if (fill->length != 1)
        return bb_jinja_raise(run, "the fill character must be exactly one character long");
    const int64_t pad = width > (int64_t)self.text->length ? width - (int64_t)self.text->length : 0;
    if (pad > BB_JINJA_OUTPUT)
        return bb_jinja_raise_limit(run, "memory");
    if (before)
        left = behind ? pad / 2 + (pad & width & 1) : pad;
    for (int64_t i = 0; i < left; i++)
        if (!bb_jinja_write(run, fill->bytes, fill->size))
            return false;
    if (!bb_jvalue_write(run, self))
        return false;
    for (int64_t i = left; i < pad; i++)
        if (!bb_jinja_write(run, fill->bytes, fill->size))
            return false;
    return bb_jinja_capture(run, start, out);
}

static bool str_center(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return justify(run, self, args, true, true, out);
}

static bool str_ljust(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return justify(run, self, args, false, true, out);
}

static bool str_rjust(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return justify(run, self, args, true, false, out);
}

static bool str_zfill(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const bb_jtext zero = {.bytes = "0", .size = 1, .length = 1};
    const bool sign = self.text->size && (self.text->bytes[0] == '-' || self.text->bytes[0] == '+');
    bb_jvalue digits, filled, head, bounds[2] = {args[0], {.kind = BB_J_STRING, .text = &zero}};
    int64_t width;

    if (!sign)
        return justify(run, self, bounds, true, false, out);
    if (!bb_jarg_int(run, args[0], "width", 0, &width))
        return false;
    bounds[0] = bb_j_int(width - (width > INT64_MIN));
    return bb_j_borrow(run, self.text->bytes, 1, &head) && bb_j_borrow(run, self.text->bytes + 1, self.text->size - 1, &digits) &&
           justify(run, digits, bounds, true, false, &filled) && bb_jtext_concat(run, head.text, filled.text, out);
}

static bool str_expandtabs(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    int64_t stop, column = 0;

    if (!bb_jarg_int(run, args[0], "tabsize", 8, &stop))
        return false;
    for (size_t i = 0; i < self.text->size; i++) {
        const char c = self.text->bytes[i];
        if (c == '\t') {
            for (int64_t n = stop > 0 ? stop - column % stop : 0; n > 0; n--, column++)
                if (!bb_jinja_write(run, " ", 1))
                    return false;
            continue;
        }
        column = c == '\n' || c == '\r' ? 0 : column + (((unsigned char)c & 0xc0) != 0x80);
        if (!bb_jinja_write(run, &c, 1))
            return false;
    }
    return bb_jinja_spend(run, self.text->size) && bb_jinja_capture(run, start, out);
}

/* ---- strings: parts ---- */

static bool push_part(bb_jinja *run, bb_jvalue list, size_t *capacity, const char *bytes, size_t size)
{
    bb_jvalue part;
    return bb_j_borrow(run, bytes, size, &part) && bb_j_list_push(run, list.list, capacity, part);
}

static bool split_at_text(bb_jinja *run, const bb_jtext *text, const bb_jtext *separator, int64_t most, bb_jvalue *out)
{
    size_t at = 0, capacity = 0;

    for (; most != 0; most -= most > 0) {
        const char *found = text->size > at ? bb_jtext_find(text->bytes + at, text->size - at, separator) : NULL;
        if (!found)
            break;
        if (!push_part(run, *out, &capacity, text->bytes + at, (size_t)(found - text->bytes) - at))
            return false;
        at = (size_t)(found - text->bytes) + separator->size;
    }
    return push_part(run, *out, &capacity, text->bytes + at, text->size - at);
}

static bool split_at_space(bb_jinja *run, const bb_jtext *text, int64_t most, bb_jvalue *out)
{
    size_t capacity = 0, at = 0;
    uint32_t point;

    for (;;) {
        while (at < text->size) {
            const size_t size = bb_utf8_decode(text->bytes + at, &point);
            if (!bb_python_is_space(point))
                break;
            at += size;
        }
        if (at == text->size)
            return true;
        if (most == 0)
            return push_part(run, *out, &capacity, text->bytes + at, text->size - at);
        most -= most > 0;
        const size_t begin = at;
        while (at < text->size) {
            const size_t size = bb_utf8_decode(text->bytes + at, &point);
            if (bb_python_is_space(point))
                break;
            at += size;
        }
        if (!push_part(run, *out, &capacity, text->bytes + begin, at - begin))
            return false;
    }
}

static void reverse_list(bb_jlist *list)
{
    for (size_t i = 0; i < list->count / 2; i++) {
        const bb_jvalue swap = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = swap;
    }
}

/* The last place of what in the first size bytes of text, or -1. Candidates that fail are paid for: there may be many long ones. */
static bool find_last(bb_jinja *run, const char *text, size_t size, const bb_jtext *what, int64_t *out)
{
    *out = what->size ? -1 : (int64_t)size;
    for (size_t end = size; what->size && end >= what->size;) {
        const char *last = memrchr(text, what->bytes[0], end - what->size + 1);
        if (!last)
            break;
        if (memcmp(last, what->bytes, what->size) == 0) {
            *out = last - text;
            break;
        }
        if (!bb_jinja_spend(run, 1 + what->size / 8))
            return false;
        end = (size_t)(last - text) + what->size - 1;
    }
    return true;
}

static bool rsplit_at_text(bb_jinja *run, const bb_jtext *text, const bb_jtext *separator, int64_t most, bb_jvalue *out)
{
    size_t end = text->size, capacity = 0;

    for (; most != 0; most -= most > 0) {
        int64_t found;
        if (!find_last(run, text->bytes, end, separator, &found))
            return false;
        if (found < 0)
            break;
        const size_t from = (size_t)found + separator->size;
        if (!push_part(run, *out, &capacity, text->bytes + from, end - from))
            return false;
        end = (size_t)found;
    }
    if (!push_part(run, *out, &capacity, text->bytes, end))
        return false;
    reverse_list(out->list);
    return true;
}

static bool rsplit_at_space(bb_jinja *run, const bb_jtext *text, int64_t most, bb_jvalue *out)
{
    size_t capacity = 0, end = text->size;
    uint32_t point;

    for (;;) {
        while (end) {
            const size_t size = bb_utf8_decode_last(text->bytes, end, &point);
            if (!bb_python_is_space(point))
                break;
            end -= size;
        }
        if (!end)
            break;
        size_t begin = most == 0 ? 0 : end;
        while (begin) {
            const size_t size = bb_utf8_decode_last(text->bytes, begin, &point);
            if (bb_python_is_space(point))
                break;
            begin -= size;
        }
        if (!push_part(run, *out, &capacity, text->bytes + begin, end - begin))
            return false;
        if (most == 0)
            break;
        most -= most > 0;
        end = begin;
    }
    reverse_list(out->list);
    return true;
}

static bool split(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool from_right, bb_jvalue *out)
{
    const bb_jtext *separator;
    int64_t most;

    if (!optional_text(run, args[0], "sep", &separator) || !bb_jarg_int(run, args[1], "maxsplit", -1, &most) ||
        !bb_j_list(run, BB_J_LIST, 0, out) || !bb_jinja_handle(run, self.text->size * 4))
        return false;
    if (separator && !separator->size)
        return bb_jinja_raise(run, "empty separator");
    if (from_right)
        return separator ? rsplit_at_text(run, self.text, separator, most, out) : rsplit_at_space(run, self.text, most, out);
    return separator ? split_at_text(run, self.text, separator, most, out) : split_at_space(run, self.text, most, out);
}

static bool str_split(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return split(run, self, args, false, out);
}

static bool str_rsplit(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return split(run, self, args, true, out);
}

static bool str_splitlines(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool keep;
    return bb_jarg_truth(run, args[0], false, &keep) && bb_jinja_spend(run, self.text->size) && bb_jtext_lines(run, self.text, keep, out);
}

static bool partition(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool from_right, bb_jvalue *out)
{
    const bb_jtext *text = self.text, *separator = args[0].text;
    bb_jvalue *parts;

    if (!text_arg(run, args[0], "sep") || !bb_jinja_handle(run, text->size))
        return false;
    if (!separator->size)
        return bb_jinja_raise(run, "empty separator");
    const char *first = from_right || !text->size ? NULL : bb_jtext_find(text->bytes, text->size, separator);
    int64_t at = first ? first - text->bytes : -1;
    if (from_right && !find_last(run, text->bytes, text->size, separator, &at))
        return false;
    const size_t head = at >= 0 ? (size_t)at : from_right ? 0 : text->size, skipped = at >= 0 ? separator->size : 0;
    if (!bb_j_list(run, BB_J_TUPLE, 3, out))
        return false;
    parts = out->list->items;
    out->list->count = 3;
    return bb_j_borrow(run, text->bytes, head, &parts[0]) && bb_j_borrow(run, text->bytes + head, skipped, &parts[1]) &&
           bb_j_borrow(run, text->bytes + head + skipped, text->size - head - skipped, &parts[2]);
}

static bool str_partition(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return partition(run, self, args, false, out);
}

static bool str_rpartition(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return partition(run, self, args, true, out);
}

static bool str_join(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jlist *list;

    if (!bb_jvalue_collect(run, args[0], &list))
        return false;
    const size_t start = run->out.size;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != BB_J_STRING)
            return bb_jinja_raise(run, "sequence item %zu: expected str instance, %s found", i, bb_jvalue_type(list->items[i]));
        if ((i && !bb_jvalue_write(run, self)) || !bb_jvalue_write(run, list->items[i]))
            return false;
    }
    return bb_jinja_capture(run, start, out);
}

static bool str_replace(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t count;
    return text_arg(run, args[0], "old") && text_arg(run, args[1], "new") && bb_jarg_int(run, args[2], "count", -1, &count) &&
           bb_jtext_replace(run, self.text, args[0].text, args[1].text, count, out);
}

static bool has_affix(const bb_jtext *text, const bb_jtext *affix, bool at_end)
{
    return affix->size <= text->size &&
           (!affix->size || memcmp(text->bytes + (at_end ? text->size - affix->size : 0), affix->bytes, affix->size) == 0);
}

static bool affixed(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool at_end, bb_jvalue *out)
{
    bb_jvalue part;
    size_t shift;
    bool found = false;

    if (!window(run, self, args + 1, &part, &shift))
        return false;
    const bb_jvalue *choices = args[0].kind == BB_J_TUPLE ? args[0].list->items : args;
    const size_t count = args[0].kind == BB_J_TUPLE ? args[0].list->count : 1;
    for (size_t i = 0; i < count && !found; i++) {
        if (!text_arg(run, choices[i], "prefix"))
            return false;
        found = shift <= self.text->length && has_affix(part.text, choices[i].text, at_end);
    }
    *out = bb_j_bool(found);
    return true;
}

static bool str_startswith(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return affixed(run, self, args, false, out);
}

static bool str_endswith(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return affixed(run, self, args, true, out);
}

static bool remove_affix(bb_jinja *run, bb_jvalue self, bb_jvalue affix, bool at_end, bb_jvalue *out)
{
    if (!text_arg(run, affix, "prefix"))
        return false;
    const size_t cut = has_affix(self.text, affix.text, at_end) ? affix.text->size : 0;
    return bb_j_borrow(run, self.text->bytes + (at_end ? 0 : cut), self.text->size - cut, out);
}

static bool str_removeprefix(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return remove_affix(run, self, args[0], false, out);
}

static bool str_removesuffix(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return remove_affix(run, self, args[0], true, out);
}

/* ---- strings: searches ---- */

/* The index of args[0], or -1. */
static bool search(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool last, int64_t *out)
{
    bb_jvalue part;
    size_t shift;

    *out = -1;
    if (!text_arg(run, args[0], "sub") || !window(run, self, args + 1, &part, &shift) || !bb_jinja_handle(run, part.text->size))
        return false;
    const bb_jtext *text = part.text, *what = args[0].text;
    int64_t at;
    if (last) {
        if (!find_last(run, text->bytes, text->size, what, &at))
            return false;
    } else {
        const char *found = !what->size ? text->bytes : text->size ? bb_jtext_find(text->bytes, text->size, what) : NULL;
        at = found ? found - text->bytes : -1;
    }
    if (at >= 0 && shift <= self.text->length)
        *out = (int64_t)(shift + bb_jtext_length(text->bytes, (size_t)at));
    return true;
}

static bool find_or_raise(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bool last, bool raises, bb_jvalue *out)
{
    int64_t index;

    if (!search(run, self, args, last, &index))
        return false;
    if (index < 0 && raises)
        return bb_jinja_raise(run, "substring not found");
    *out = bb_j_int(index);
    return true;
}

static bool str_find(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return find_or_raise(run, self, args, false, false, out);
}

static bool str_rfind(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return find_or_raise(run, self, args, true, false, out);
}

static bool str_index(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return find_or_raise(run, self, args, false, true, out);
}

static bool str_rindex(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return find_or_raise(run, self, args, true, true, out);
}

static bool str_count(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue part;
    size_t shift;
    int64_t count = 0;

    if (!text_arg(run, args[0], "sub") || !window(run, self, args + 1, &part, &shift) || !bb_jinja_handle(run, part.text->size))
        return false;
    const bb_jtext *text = part.text, *what = args[0].text;
    if (!what->size)
        count = shift <= self.text->length ? (int64_t)text->length + 1 : 0;
    for (size_t at = 0; what->size && at < text->size; count++) {
        const char *found = bb_jtext_find(text->bytes + at, text->size - at, what);
        if (!found)
            break;
        if (!bb_jinja_spend(run, 1))
            return false;
        at = (size_t)(found - text->bytes) + what->size;
    }
    *out = bb_j_int(count);
    return true;
}

/* ---- strings: questions ---- */

static bool all_are(bb_jinja *run, const bb_jtext *text, bool (*is)(uint32_t), bb_jvalue *out)
{
    bool all = text->size > 0;

    for (size_t i = 0; i < text->size && all;) {
        uint32_t point;
        i += bb_utf8_decode(text->bytes + i, &point);
        all = is(point);
    }
    *out = bb_j_bool(all);
    return bb_jinja_spend(run, text->size);
}

static bool is_alphanumeric(uint32_t point)
{
    return bb_python_is_alpha(point) || bb_python_is_decimal(point) || bb_python_is_digit(point) || bb_python_is_numeric(point);
}

#define QUESTION(name, is)                                                                                                                 \
    static bool str_##name(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)                                           \
    {                                                                                                                                      \
        (void)args;                                                                                                                        \
        return all_are(run, self.text, is, out);                                                                                           \
    }

QUESTION(isalpha, bb_python_is_alpha)
QUESTION(isalnum, is_alphanumeric)
QUESTION(isdecimal, bb_python_is_decimal)
QUESTION(isdigit, bb_python_is_digit)
QUESTION(isnumeric, bb_python_is_numeric)
QUESTION(isspace, bb_python_is_space)

static bool str_isprintable(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    if (!all_are(run, self.text, bb_python_is_printable, out))
        return false;
    out->truth |= !self.text->size;
    return true;
}

static bool str_isascii(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)run;
    (void)args;
    *out = bb_j_bool(self.text->size == self.text->length);
    for (size_t i = 0; i < self.text->size; i++)
        out->truth &= (unsigned char)self.text->bytes[i] < 0x80;
    return bb_jinja_handle(run, self.text->size);
}

static bool str_isupper(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    *out = bb_j_bool(bb_jtext_is_case(self.text, true));
    return bb_jinja_spend(run, self.text->size);
}

static bool str_islower(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    *out = bb_j_bool(bb_jtext_is_case(self.text, false));
    return bb_jinja_spend(run, self.text->size);
}

static bool str_istitle(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool cased = false, some = false, title = true;

    (void)args;
    for (size_t i = 0; i < self.text->size && title;) {
        uint32_t point;
        i += bb_utf8_decode(self.text->bytes + i, &point);
        if (bb_python_is_upper(point) || bb_python_is_title(point)) {
            title = !cased;
            cased = some = true;
        } else if (bb_python_is_lower(point)) {
            title = cased;
            some = true;
        } else {
            cased = false;
        }
    }
    *out = bb_j_bool(title && some);
    return bb_jinja_spend(run, self.text->size);
}

static bool str_isidentifier(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    if (!all_are(run, self.text, bb_python_is_word, out))
        return false;
    if (out->truth) {
        uint32_t first;
        bb_utf8_decode(self.text->bytes, &first);
        out->truth = first == '_' || bb_python_is_alpha(first);
    }
    return true;
}

static bool str_format(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    return bb_jinja_format(run, self.text, call, out);
}

static bool str_format_map(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jcall call = {0};

    if (args[0].kind != BB_J_DICT)
        return bb_jinja_raise(run, "'%s' object is not a mapping", bb_jvalue_type(args[0]));
    call.keywords = bb_jinja_alloc(run, args[0].dict->count, sizeof *call.keywords);
    if (!call.keywords)
        return false;
    for (size_t i = 0; i < args[0].dict->count; i++)
        if (args[0].dict->entries[i].key.kind == BB_J_STRING)
            call.keywords[call.keyword_count++] = (bb_jkeyword){args[0].dict->entries[i].key.text, args[0].dict->entries[i].value};
    return bb_jinja_format(run, self.text, &call, out);
}

static const bb_jcallable str_methods[] = {
    {.name = "capitalize", .params = "", .body = str_capitalize},
    {.name = "casefold", .params = "", .body = str_casefold},
    {.name = "center", .params = "width,fillchar", .required = 1, .positional = true, .body = str_center},
    {.name = "count", .params = "sub,start,end", .required = 1, .positional = true, .body = str_count},
    {.name = "encode", .refusal = "a template has no use for bytes"},
    {.name = "endswith", .params = "suffix,start,end", .required = 1, .positional = true, .body = str_endswith},
    {.name = "expandtabs", .params = "tabsize", .body = str_expandtabs},
    {.name = "find", .params = "sub,start,end", .required = 1, .positional = true, .body = str_find},
    {.name = "format", .raw = str_format},
    {.name = "format_map", .params = "mapping", .required = 1, .positional = true, .body = str_format_map},
    {.name = "index", .params = "sub,start,end", .required = 1, .positional = true, .body = str_index},
    {.name = "isalnum", .params = "", .body = str_isalnum},
    {.name = "isalpha", .params = "", .body = str_isalpha},
    {.name = "isascii", .params = "", .body = str_isascii},
    {.name = "isdecimal", .params = "", .body = str_isdecimal},
    {.name = "isdigit", .params = "", .body = str_isdigit},
    {.name = "isidentifier", .params = "", .body = str_isidentifier},
    {.name = "islower", .params = "", .body = str_islower},
    {.name = "isnumeric", .params = "", .body = str_isnumeric},
    {.name = "isprintable", .params = "", .body = str_isprintable},
    {.name = "isspace", .params = "", .body = str_isspace},
    {.name = "istitle", .params = "", .body = str_istitle},
    {.name = "isupper", .params = "", .body = str_isupper},
    {.name = "join", .params = "iterable", .required = 1, .positional = true, .body = str_join},
    {.name = "ljust", .params = "width,fillchar", .required = 1, .positional = true, .body = str_ljust},
    {.name = "lower", .params = "", .body = str_lower},
    {.name = "lstrip", .params = "chars", .positional = true, .body = str_lstrip},
    {.name = "maketrans", .refusal = "use replace"},
    {.name = "partition", .params = "sep", .required = 1, .positional = true, .body = str_partition},
    {.name = "removeprefix", .params = "prefix", .required = 1, .positional = true, .body = str_removeprefix},
    {.name = "removesuffix", .params = "suffix", .required = 1, .positional = true, .body = str_removesuffix},
    {.name = "replace", .params = "old,new,count", .required = 2, .positional = true, .body = str_replace},
    {.name = "rfind", .params = "sub,start,end", .required = 1, .positional = true, .body = str_rfind},
    {.name = "rindex", .params = "sub,start,end", .required = 1, .positional = true, .body = str_rindex},
    {.name = "rjust", .params = "width,fillchar", .required = 1, .positional = true, .body = str_rjust},
    {.name = "rpartition", .params = "sep", .required = 1, .positional = true, .body = str_rpartition},
    {.name = "rsplit", .params = "sep,maxsplit", .body = str_rsplit},
    {.name = "rstrip", .params = "chars", .positional = true, .body = str_rstrip},
    {.name = "split", .params = "sep,maxsplit", .body = str_split},
    {.name = "splitlines", .params = "keepends", .body = str_splitlines},
    {.name = "startswith", .params = "prefix,start,end", .required = 1, .positional = true, .body = str_startswith},
    {.name = "strip", .params = "chars", .positional = true, .body = str_strip},
    {.name = "swapcase", .params = "", .body = str_swapcase},
    {.name = "title", .params = "", .body = str_title},
    {.name = "translate", .refusal = "use replace"},
    {.name = "upper", .params = "", .body = str_upper},
    {.name = "zfill", .params = "width", .required = 1, .positional = true, .body = str_zfill},
};

const bb_jcallable *bb_jinja_method(bb_jvalue self, const char *name, size_t size)
{
    if (self.kind == BB_J_STRING)
        return bb_jcallable_find(str_methods, sizeof str_methods / sizeof *str_methods, name, size);
    return bb_jinja_container_method(self, name, size);
}
