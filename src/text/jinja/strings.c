/* What Python's strings can do that both filters and methods offer. */
#include "base/json.h"
#include "text/jinja/filters.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool bb_jarg_int(bb_jinja *run, bb_jvalue arg, const char *name, int64_t otherwise, int64_t *out)
{
    *out = otherwise;
    if (!bb_j_given(arg) || bb_jvalue_to_int(arg, out))
        return true;
    if (arg.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, arg.undefined);
    return bb_jinja_raise(run, "%s: '%s', expected an integer", name, bb_jvalue_type(arg));
}

bool bb_jarg_truth(bb_jinja *run, bb_jvalue arg, bool otherwise, bool *out)
{
    *out = otherwise;
    return !bb_j_given(arg) || bb_jvalue_truth(run, arg, out);
}

/* Candidates are looked at one by one, which is fastest where matches are many; a needle that often begins and does not end is left to
 * memmem, which is linear whatever the text. */
const char *bb_jtext_find(const char *text, size_t size, const bb_jtext *what)
{
    const char *const end = text + size;

    if (!what->size)
        return text;
    for (int failures = what->size < 32 ? 256 : 8; (size_t)(end - text) >= what->size; failures--) {
        if (!failures)
            return memmem(text, (size_t)(end - text), what->bytes, what->size);
        const char *found = memchr(text, what->bytes[0], (size_t)(end - text) - what->size + 1);
        if (!found || memcmp(found, what->bytes, what->size) == 0)
            return found;
        text = found + 1;
    }
    return NULL;
}

/* ---- case ---- */

/* A capital sigma is a final one behind a cased letter and before none. */
static bool is_final_sigma(const bb_jtext *text, size_t at, size_t size)
{
    uint32_t point;
    bool before = false;

    for (size_t end = at; end;) {
        const size_t step = bb_utf8_decode_last(text->bytes, end, &point);
        end -= step;
        if (bb_python_is_cased(point)) {
            before = true;
            break;
        }
        if (point != '\'' && point != '.' && point != ':' && bb_python_is_word(point))
            break;
        if (point < 0x80 && point != '\'' && point != '.' && point != ':' && point != '^' && point != '`')
            break;
    }
    if (!before)
        return false;
    for (size_t next = at + size; next < text->size;) {
        next += bb_utf8_decode(text->bytes + next, &point);
        if (bb_python_is_cased(point))
            return false;
        if (point != '\'' && point != '.' && point != ':' && point != '^' && point != '`')
            break;
    }
    return true;
}

static bool map_range(bb_jinja *run, const bb_jtext *text, size_t from, size_t to, bb_python_case how)
{
    for (size_t i = from; i < to;) {
        uint32_t point, mapped[3];
        char bytes[12];
        size_t used = 0;
        const size_t size = bb_utf8_decode(text->bytes + i, &point);
        int count = bb_python_map(point, how, mapped);
        if (point == 0x3a3 && how == BB_PYTHON_LOWER && is_final_sigma(text, i, size))
            mapped[0] = 0x3c2;
        for (int k = 0; k < count; k++)
            used += bb_utf8_encode(bytes + used, mapped[k]);
        if (!bb_jinja_write(run, bytes, used))
            return false;
        i += size;
    }
    return bb_jinja_spend(run, to - from);
}

bool bb_jtext_map(bb_jinja *run, const bb_jtext *text, bb_python_case to, bb_jvalue *out)
{
    const size_t start = run->out.size;
    return map_range(run, text, 0, text->size, to) && bb_jinja_capture(run, start, out);
}

bool bb_jtext_capitalize(bb_jinja *run, const bb_jtext *text, bb_jvalue *out)
{
    const size_t start = run->out.size;
    uint32_t point;
    const size_t first = text->size ? bb_utf8_decode(text->bytes, &point) : 0;

    return map_range(run, text, 0, first, BB_PYTHON_TITLE) && map_range(run, text, first, text->size, BB_PYTHON_LOWER) &&
           bb_jinja_capture(run, start, out);
}

bool bb_jtext_is_case(const bb_jtext *text, bool upper)
{
    bool some = false;

    for (size_t i = 0; i < text->size;) {
        uint32_t point;
        i += bb_utf8_decode(text->bytes + i, &point);
        if (bb_python_is_title(point) || (upper ? bb_python_is_lower(point) : bb_python_is_upper(point)))
            return false;
        some |= upper ? bb_python_is_upper(point) : bb_python_is_lower(point);
    }
    return some;
}

/* ---- strip, replace, center, lines ---- */

static bool in_set(const bb_jtext *set, const char *bytes, size_t size, uint32_t point)
{
    return set ? set->size && memmem(set->bytes, set->size, bytes, size) != NULL : bb_python_is_space(point);
}

bool bb_jtext_strip(bb_jinja *run, const bb_jtext *text, const bb_jtext *set, int sides, bb_jvalue *out)
{
    size_t from = 0, to = text->size;
    uint32_t point;

    while (sides & BB_J_STRIP_LEFT && from < to) {
        const size_t size = bb_utf8_decode(text->bytes + from, &point);
        if (!in_set(set, text->bytes + from, size, point))
            break;
        from += size;
    }
    while (sides & BB_J_STRIP_RIGHT && from < to) {
        const size_t size = bb_utf8_decode_last(text->bytes + from, to - from, &point);
        if (!in_set(set, text->bytes + to - size, size, point))
            break;
        to -= size;
    }
    return bb_jinja_spend(run, (text->size - (to - from)) * (set ? 1 + set->size / 8 : 1)) &&
           bb_j_borrow(run, text->bytes + from, to - from, out);
}

bool bb_jtext_replace(bb_jinja *run, const bb_jtext *text, const bb_jtext *old, const bb_jtext *new, int64_t count, bb_jvalue *out)
{
    const size_t start = run->out.size;
    size_t at = 0;

    while (count != 0) {
        size_t found = at;
        if (old->size) {
            const char *place = at < text->size ? bb_jtext_find(text->bytes + at, text->size - at, old) : NULL;
            if (!place)
                break;
            found = (size_t)(place - text->bytes);
        } else if (at > text->size) {
            break;
        }
        if (!bb_jinja_spend(run, 1) || !bb_jinja_write(run, text->bytes + at, found - at) || !bb_jinja_write(run, new->bytes, new->size))
            return false;
        at = found + old->size;
        if (!old->size) { /* between all characters, and at both ends */
            uint32_t point;
            if (at == text->size) {
                at++;
                break;
            }
            const size_t size = bb_utf8_decode(text->bytes + at, &point);
            if (!bb_jinja_write(run, text->bytes + at, size))
                return false;
            at += size;
        }
        count -= count > 0;
    }
    if (at < text->size && !bb_jinja_write(run, text->bytes + at, text->size - at))
        return false;
    return bb_jinja_capture(run, start, out);
}

bool bb_jtext_center(bb_jinja *run, const bb_jtext *text, int64_t width, bb_jvalue *out)
{
    const size_t start = run->out.size;
    const int64_t pad = width - (int64_t)text->length;

    if (width > BB_JINJA_OUTPUT)
        return bb_jinja_raise_limit(run, "memory");
    const int64_t left = pad > 0 ? pad / 2 + (pad & width & 1) : 0;
    for (int64_t i = 0; i < left; i++)
        if (!bb_jinja_write(run, " ", 1))
            return false;
    if (!bb_jinja_write(run, text->bytes, text->size))
        return false;
    for (int64_t i = left; i < pad; i++)
        if (!bb_jinja_write(run, " ", 1))
            return false;
    return bb_jinja_capture(run, start, out);
}

bool bb_jtext_lines(bb_jinja *run, const bb_jtext *text, bool keep, bb_jvalue *out)
{
    size_t capacity = 0, begin = 0;
    bb_jvalue line;

    if (!bb_j_list(run, BB_J_LIST, 0, out))
        return false;
    for (size_t i = 0; i < text->size;) {
        uint32_t point;
        size_t end = i;
        i += bb_utf8_decode(text->bytes + i, &point);
        if (!bb_python_is_line_end(point))
            continue;
        if (point == '\r' && i < text->size && text->bytes[i] == '\n')
            i++;
        if (!bb_j_borrow(run, text->bytes + begin, (keep ? i : end) - begin, &line) || !bb_j_list_push(run, out->list, &capacity, line))
            return false;
        begin = i;
    }
    if (begin == text->size)
        return true;
    return bb_j_borrow(run, text->bytes + begin, text->size - begin, &line) && bb_j_list_push(run, out->list, &capacity, line);
}

/* ---- numbers ---- */

/* Text without white space around and underscores between digits, digits of other scripts as ASCII, into buffer, which ends in NUL.
 * false where it does not fit or an underscore stands elsewhere. */
static bool plain_number(const bb_jtext *text, char *buffer, size_t room)
{
    size_t from = 0, to = text->size, used = 0;
    uint32_t point;

    while (from < to) {
        const size_t size = bb_utf8_decode(text->bytes + from, &point);
        if (!bb_python_is_space(point))
            break;
        from += size;
    }
    while (to > from) {
        const size_t size = bb_utf8_decode_last(text->bytes + from, to - from, &point);
        if (!bb_python_is_space(point))
            break;
        to -= size;
    }
    for (size_t i = from; i < to;) {
        const char before = used ? buffer[used - 1] : '\0';
        i += bb_utf8_decode(text->bytes + i, &point);
        if (point == '_') {
            const char after = i < to ? text->bytes[i] : '\0';
            const bool between = ((before >= '0' && before <= '9') || ((before | 32) >= 'a' && (before | 32) <= 'z')) &&
                                 ((after >= '0' && after <= '9') || ((after | 32) >= 'a' && (after | 32) <= 'z'));
            if (!between)
                return false;
            continue;
        }
        const int digit = bb_python_decimal_value(point);
        if (used + 1 >= room || (digit < 0 && point >= 0x80) || point == 0)
            return false;
        buffer[used++] = digit >= 0 ? (char)('0' + digit) : (char)point;
    }
    buffer[used] = '\0';
    return used > 0;
}

bool bb_jtext_to_int(const bb_jtext *text, int base, int64_t *out, bool *overflow)
{
    char buffer[128], *end;
    const char *digits = buffer;

    *overflow = false;
    if (!plain_number(text, buffer, sizeof buffer))
        return false;
    digits += *digits == '-' || *digits == '+';
    /* strtoll would take a second sign, white space and an octal 0 */
    const bool prefixed = digits[0] == '0' && digits[1] && strchr("xXoObB", digits[1]);
    if (*digits == '-' || *digits == '+' || *digits == ' ')
        return false;
    int use = base;
    if (prefixed) {
        const int of = (digits[1] | 32) == 'x' ? 16 : (digits[1] | 32) == 'o' ? 8 : 2;
        if (base == 0 || base == of) {
            use = of;
            digits += 2;
        }
    } else if (base == 0) {
        use = 10;
        if (digits[0] == '0' && digits[strspn(digits, "0")])
            return false;
    }
    if (!((*digits >= '0' && *digits <= '9') || ((*digits | 32) >= 'a' && (*digits | 32) <= 'z')))
        return false;
    errno = 0;
    const unsigned long long magnitude = strtoull(digits, &end, use);
    if (*end || end == digits)
        return false;
    const bool negative = buffer[0] == '-';
    *overflow = errno == ERANGE || magnitude > (unsigned long long)INT64_MAX + negative;
    *out = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

/* "1", "1.", ".5", each with an exponent or without. */
static bool is_decimal(const char *text)
{
    const size_t whole = strspn(text, "0123456789");
    const char *at = text + whole;
    size_t fraction = 0;

    if (*at == '.') {
        fraction = strspn(at + 1, "0123456789");
        at += 1 + fraction;
    }
    if (!whole && !fraction)
        return false;
    if ((*at | 32) == 'e') {
        at++;
        at += *at == '-' || *at == '+';
        const size_t exponent = strspn(at, "0123456789");
        at += exponent;
        return exponent && !*at;
    }
    return !*at;
}

bool bb_jtext_to_float(const bb_jtext *text, double *out)
{
    char buffer[512];

    if (!plain_number(text, buffer, sizeof buffer))
        return false;
    const char *digits = buffer + (*buffer == '-' || *buffer == '+');
    if (strcasecmp(digits, "inf") == 0 || strcasecmp(digits, "infinity") == 0)
        *out = INFINITY;
    else if (strcasecmp(digits, "nan") == 0)
        *out = NAN;
    else if (is_decimal(digits))
        bb_json_to_double(&(bb_json){.type = BB_JSON_NUMBER, .text = digits, .bytes = strlen(digits)}, out); /* in any locale */
    else
        return false;
    if (*buffer == '-')
        *out = -*out;
    return true;
}
