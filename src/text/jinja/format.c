/* "%s" % value and "{}".format(value).
 *
 * Both end in one description of a field (width, precision, type, ...) and one way to write it. Widths and precisions are bounded. */
#include "text/jinja/format.h"
#include "text/jinja/unicode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDEST = 1000000, MOST_DIGITS = 300 };

typedef struct field {
    char fill[4];
    size_t fill_size;
    char align; /* '<', '>', '^', '=', or NUL for the type's own */
    char sign;  /* '+', ' ', or NUL */
    bool alternate, zeros;
    char group;           /* ',' or '_' between thousands, or NUL */
    int width, precision; /* -1: not given */
    char type;
} field;

static bool write_fill(bb_jinja *run, const field *f, size_t count)
{
    while (count--)
        if (!bb_jinja_write(run, f->fill, f->fill_size))
            return false;
    return true;
}

/* head (sign and prefix) and body, brought to the field's width. */
static bool write_padded(bb_jinja *run, const field *f, const char *head, const char *body, size_t size, char align)
{
    const size_t length = strlen(head) + bb_jtext_length(body, size);
    const size_t pad = f->width > 0 && (size_t)f->width > length ? (size_t)f->width - length : 0;
    const size_t left = align == '>' ? pad : align == '^' ? pad / 2 : 0, inner = align == '=' ? pad : 0;

    return write_fill(run, f, left) && bb_jinja_write_text(run, head) && write_fill(run, f, inner) && bb_jinja_write(run, body, size) &&
           write_fill(run, f, pad - left - inner);
}

static bool write_text_field(bb_jinja *run, const field *f, const bb_jtext *text)
{
    size_t size = text->size;

    if (f->precision >= 0 && (size_t)f->precision < text->length) {
        size = 0;
        for (int i = 0; i < f->precision; i++) {
            uint32_t point;
            size += bb_utf8_decode(text->bytes + size, &point);
        }
    }
    return write_padded(run, f, "", text->bytes, size, f->align ? f->align : '<');
}

/* Separators between groups of digits; digits end where no digit stands. */
static void group_digits(char *text, size_t room, char separator, int every)
{
    char copy[512];
    const size_t digits = strspn(text, "0123456789abcdefABCDEF"), rest = strlen(text);
    size_t used = 0;

    for (size_t i = 0; i < rest && used + 2 < sizeof copy; i++) {
        if (i && i < digits && (digits - i) % (size_t)every == 0)
            copy[used++] = separator;
        copy[used++] = text[i];
    }
    copy[used] = '\0';
    snprintf(text, room, "%s", copy);
}

static void sign_head(const field *f, bool negative, const char *prefix, char head[8])
{
    const char sign = negative ? '-' : f->sign;
    snprintf(head, 8, "%.1s%s", sign ? &sign : "", prefix);
}

static bool write_number(bb_jinja *run, const field *f, bool negative, const char *prefix, char *body, size_t room, int group_every)
{
    char head[8];

    sign_head(f, negative, prefix, head);
    if (f->group)
        group_digits(body, room, f->group, group_every);
    return write_padded(run, f, head, body, strlen(body), f->align ? f->align : f->zeros ? '=' : '>');
}

static bool write_int_field(bb_jinja *run, const field *f, int64_t value)
{
    const uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char body[512] = "", *digits = body + 400;
    const int base = f->type == 'b' ? 2 : f->type == 'o' ? 8 : f->type == 'x' || f->type == 'X' ? 16 : 10;
    const char *figures = f->type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char prefix[3] = "";

    *digits = '\0';
    uint64_t rest = magnitude;
    do {
        *--digits = figures[rest % (uint64_t)base];
        rest /= (uint64_t)base;
    } while (rest);
    for (int have = (int)strlen(digits); have < f->precision && have < MOST_DIGITS; have++)
        *--digits = '0';
    memmove(body, digits, strlen(digits) + 1);
    if (f->alternate && base != 10)
        snprintf(prefix, sizeof prefix, "0%c", f->type);
    return write_number(run, f, value < 0, prefix, body, sizeof body, base == 10 ? 3 : 4);
}

static bool write_float_field(bb_jinja *run, const field *f, double value)
{
    char body[512], pattern[8], type = f->type;
    const bool percent = type == '%';
    int precision = f->precision < 0 ? 6 : f->precision;

    if (precision > MOST_DIGITS)
        return bb_jinja_raise_limit(run, "room for a number");
    if (percent) {
        value *= 100;
        type = 'f';
    }
    if (isnan(value) || isinf(value)) {
        const char *name = isnan(value) ? "nan" : "inf", *loud = isnan(value) ? "NAN" : "INF";
        snprintf(body, sizeof body, "%s", type == 'F' || type == 'E' || type == 'G' ? loud : name);
    } else if (!type && f->precision < 0) {
        bb_jinja_float_text(fabs(value), body);
    } else {
        snprintf(pattern, sizeof pattern, "%%%s.*%c", f->alternate ? "#" : "", type ? type : 'g');
        snprintf(body, sizeof body, pattern, precision, fabs(value));
        body[strcspn(body, ",")] = body[strcspn(body, ",")] ? '.' : '\0'; /* a locale's decimal comma */
        if (!type && !strpbrk(body, ".e"))
            strcat(body, ".0");
    }
    if (percent)
        strcat(body, "%");
    return write_number(run, f, signbit(value) && !isnan(value), "", body, sizeof body, 3);
}

/* ---- "%" ---- */

typedef struct percent {
    bb_jinja *run;
    const char *at, *end;
    bb_jvalue arguments;
    size_t used; /* of a tuple; 1 for a single value */
} percent;

static bool next_argument(percent *p, bb_jvalue *out)
{
    if (p->arguments.kind == BB_J_TUPLE) {
        if (p->used >= p->arguments.list->count)
            return bb_jinja_raise(p->run, "not enough arguments for format string");
        *out = p->arguments.list->items[p->used++];
        return true;
    }
    if (p->used++)
        return bb_jinja_raise(p->run, "not enough arguments for format string");
    *out = p->arguments;
    return true;
}

/* Digits or "*" at p->at; -1 where neither. */
static bool percent_number(percent *p, int *out)
{
    bb_jvalue value;
    int64_t number = 0;

    *out = -1;
    if (p->at < p->end && *p->at == '*') {
        p->at++;
        if (!next_argument(p, &value))
            return false;
        if (!bb_jvalue_to_int(value, &number))
            return bb_jinja_raise(p->run, "* wants int");
    } else if (p->at < p->end && *p->at >= '0' && *p->at <= '9') {
        for (; p->at < p->end && *p->at >= '0' && *p->at <= '9' && number <= WIDEST; p->at++)
            number = number * 10 + (*p->at - '0');
    } else {
        return true;
    }
    if (number > WIDEST || number < -WIDEST)
        return bb_jinja_raise_limit(p->run, "room for a number");
    *out = (int)number;
    return true;
}

static bool percent_value(percent *p, const field *f, bb_jvalue value)
{
    bb_jinja *run = p->run;
    const size_t start = run->out.size;
    bb_jvalue text;
    int64_t integer;

    switch (f->type) {
    case 's':
    case 'r':
    case 'a':
        return (f->type == 's' ? bb_jvalue_write(run, value) : bb_jvalue_write_repr(run, value)) && bb_jinja_capture(run, start, &text) &&
               write_text_field(run, &(field){" ", 1, f->align == '<' ? '<' : '>', 0, 0, 0, 0, f->width, f->precision, 's'}, text.text);
    case 'c':
        if (value.kind == BB_J_STRING && value.text->length == 1)
            return write_text_field(run, &(field){" ", 1, f->align == '<' ? '<' : '>', 0, 0, 0, 0, f->width, -1, 's'}, value.text);
        return bb_jinja_raise(run, "%%c requires a character");
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        if (value.kind == BB_J_FLOAT && strchr("diu", f->type) && fabs(value.real) < 9e18)
            return write_int_field(run, f, (int64_t)value.real);
        if (!bb_jvalue_to_int(value, &integer))
            return bb_jinja_raise(run, "%%%c format: a number is required, not %s", f->type, bb_jvalue_type(value));
        return write_int_field(run, f, integer);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        if (!bb_jvalue_is_number(value))
            return bb_jinja_raise(run, "must be real number, not %s", bb_jvalue_type(value));
        return write_float_field(run, f, bb_jvalue_to_double(value));
    default:
        return bb_jinja_raise(run, "unsupported format character '%c'", f->type);
    }
}

/* One conversion: p->at stands behind the "%". */
static bool percent_field(percent *p)
{
    field f = {.fill = " ", .fill_size = 1, .width = -1, .precision = -1};
    const char *key = NULL;
    size_t key_size = 0;
    bb_jvalue value;

    if (p->at < p->end && *p->at == '(') {
        key = ++p->at;
        for (int depth = 1; p->at < p->end; p->at++) {
            depth += *p->at == '(' ? 1 : *p->at == ')' ? -1 : 0;
            if (!depth)
                break;
        }
        if (p->at == p->end)
            return bb_jinja_raise(p->run, "incomplete format key");
        key_size = (size_t)(p->at++ - key);
    }
    for (; p->at < p->end && strchr("#0- +", *p->at) && *p->at; p->at++) {
        f.alternate |= *p->at == '#';
        f.zeros |= *p->at == '0';
        if (*p->at == '-')
            f.align = '<';
        if (*p->at == '+' || (*p->at == ' ' && !f.sign))
            f.sign = *p->at;
    }
    if (!percent_number(p, &f.width))
        return false;
    if (f.width < -1) { /* from "*" */
        f.align = '<';
        f.width = -f.width;
    }
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        if (!percent_number(p, &f.precision))
            return false;
        f.precision = f.precision < 0 ? 0 : f.precision;
    }
    while (p->at < p->end && strchr("hlL", *p->at) && *p->at)
        p->at++;
    if (p->at == p->end)
        return bb_jinja_raise(p->run, "incomplete format");
    f.type = *p->at++;
    if (f.type == '%')
        return bb_jinja_write_text(p->run, "%");
    if (f.zeros && f.align != '<')
        f.fill[0] = '0';
    if (!key)
        return next_argument(p, &value) && percent_value(p, &f, value);
    if (p->arguments.kind != BB_J_DICT)
        return bb_jinja_raise(p->run, "format requires a mapping");
    const bb_jvalue *found = bb_jdict_find(p->arguments.dict, key, key_size);
    if (!found)
        return bb_jinja_raise(p->run, "no value for '%.*s'", (int)key_size, key);
    return percent_value(p, &f, *found);
}

bool bb_jinja_percent(bb_jinja *run, const bb_jtext *pattern, bb_jvalue arguments, bb_jvalue *out)
{
    percent p = {.run = run, .at = pattern->bytes, .end = pattern->bytes + pattern->size, .arguments = arguments};
    const size_t start = run->out.size;

    while (p.at < p.end) {
        const char *sign = memchr(p.at, '%', (size_t)(p.end - p.at));
        if (!bb_jinja_write(run, p.at, (size_t)((sign ? sign : p.end) - p.at)))
            return false;
        p.at = sign ? sign + 1 : p.end;
        if (sign && !percent_field(&p))
            return false;
    }
    const bool spare = arguments.kind == BB_J_TUPLE ? p.used < arguments.list->count
                                                    : !p.used && arguments.kind != BB_J_DICT && arguments.kind != BB_J_LIST &&
                                                          arguments.kind != BB_J_RANGE && arguments.kind != BB_J_UNDEFINED;
    if (spare)
        return bb_jinja_raise(run, "not all arguments converted during string formatting");
    return bb_jinja_capture(run, start, out);
}

/* ---- str.format ---- */

typedef struct formatter {
    bb_jinja *run;
    const bb_jcall *call;
    size_t automatic; /* the next number of "{}" */
    bool numbered;    /* a field had a number of its own */
} formatter;

/* Digits at *at; -1 where there are none. */
static bool spec_number(bb_jinja *run, const char **at, const char *end, int *out)
{
    int64_t number = -1;

    for (; *at < end && **at >= '0' && **at <= '9' && number <= WIDEST; ++*at)
        number = (number < 0 ? 0 : number) * 10 + (**at - '0');
    if (number > WIDEST)
        return bb_jinja_raise_limit(run, "room for a number");
    *out = (int)number;
    return true;
}

/* "[[fill]align][sign][#][0][width][,][.precision][type]" */
static bool parse_spec(bb_jinja *run, const char *spec, size_t size, field *f)
{
    const char *at = spec, *const end = spec + size;
    uint32_t point;

    *f = (field){.fill = " ", .fill_size = 1, .width = -1, .precision = -1};
    if (size) {
        const size_t first = bb_utf8_decode(at, &point);
        if (first < size && strchr("<>=^", at[first]) && at[first]) {
            memcpy(f->fill, at, first);
            f->fill_size = first;
            f->align = at[first];
            at += first + 1;
        } else if (strchr("<>=^", *at) && *at) {
            f->align = *at++;
        }
    }
    if (at < end && (*at == '+' || *at == '-' || *at == ' ')) {
        f->sign = *at == '-' ? '\0' : *at;
        at++;
    }
    if (at < end && *at == '#') {
        f->alternate = true;
        at++;
    }
    if (at < end && *at == '0') {
        at++;
        if (!f->align) {
            f->zeros = true;
            f->fill[0] = '0';
            f->fill_size = 1;
        }
    }
    if (!spec_number(run, &at, end, &f->width))
        return false;
    if (at < end && (*at == ',' || *at == '_'))
        f->group = *at++;
    if (at < end && *at == '.') {
        at++;
        if (!spec_number(run, &at, end, &f->precision))
            return false;
        if (f->precision < 0)
            return bb_jinja_raise(run, "format specifier missing precision");
    }
    if (at < end)
        f->type = *at++;
    return at == end || bb_jinja_raise(run, "invalid format specifier");
}

static bool write_spec(bb_jinja *run, bb_jvalue value, const char *spec, size_t size)
{
    int64_t integer;
    field f;

    if (!size)
        return bb_jvalue_write(run, value);
    if (!parse_spec(run, spec, size, &f))
        return false;
    if (value.kind == BB_J_STRING) {
        if (f.type && f.type != 's')
            return bb_jinja_raise(run, "unknown format code '%c' for object of type 'str'", f.type);
        return write_text_field(run, &f, value.text);
    }
    const bool as_float = f.type && strchr("eEfFgG%", f.type);
    if (bb_jvalue_to_int(value, &integer) && !as_float) {
        if (f.type == 'c' || (f.type && !strchr("bdoxXn", f.type)))
            return bb_jinja_raise(run, "unknown format code '%c' for object of type 'int'", f.type);
        if (f.precision >= 0)
            return bb_jinja_raise(run, "precision not allowed in integer format specifier");
        return write_int_field(run, &f, integer);
    }
    if (bb_jvalue_is_number(value) && (as_float || !f.type))
        return write_float_field(run, &f, bb_jvalue_to_double(value));
    return bb_jinja_raise(run, "unsupported format string for '%s'", bb_jvalue_type(value));
}

/* The number that text spells with digits alone, or -1. */
static int64_t plain_number(const char *text, size_t size)
{
    int64_t number = size && size < 10 ? 0 : -1;

    for (size_t i = 0; i < size && number >= 0; i++)
        number = text[i] >= '0' && text[i] <= '9' ? number * 10 + (text[i] - '0') : -1;
    return number;
}

/* The value that "0", "", "name", "0.attribute" or "0[key]" means. */
static bool lookup(formatter *x, const char *name, size_t size, bb_jvalue *out)
{
    bb_jinja *run = x->run;
    size_t head = 0;
    int64_t index = -1;

    while (head < size && name[head] != '.' && name[head] != '[')
        head++;
    if (!head && x->numbered)
        return bb_jinja_raise(run, "cannot switch from manual field specification to automatic field numbering");
    if (!head) {
        index = (int64_t)x->automatic++;
    } else if ((index = plain_number(name, head)) >= 0) {
        if (x->automatic)
            return bb_jinja_raise(run, "cannot switch from automatic field numbering to manual field specification");
        x->numbered = true;
    }
    *out = (bb_jvalue){0};
    if (index >= 0 && (size_t)index < x->call->count)
        *out = x->call->args[index];
    for (size_t i = 0; index < 0 && i < x->call->keyword_count; i++)
        if (x->call->keywords[i].name->size == head && memcmp(x->call->keywords[i].name->bytes, name, head) == 0)
            *out = x->call->keywords[i].value;
    if (!bb_j_given(*out))
        return bb_jinja_raise(run, "no argument for '{%.*s}'", (int)head, name);

    for (size_t at = head; at < size;) {
        const bool brackets = name[at++] == '[';
        size_t end = at;
        while (end < size && (brackets ? name[end] != ']' : name[end] != '.' && name[end] != '['))
            end++;
        if (end == at || (brackets && end == size))
            return bb_jinja_raise(run, "malformed field name");
        bb_jvalue key;
        if (!bb_j_string(run, name + at, end - at, &key))
            return false;
        const int64_t number = brackets ? plain_number(name + at, end - at) : -1;
        if (number >= 0)
            key = bb_j_int(number);
        if (!(brackets ? bb_jvalue_item(run, *out, key, out) : bb_jvalue_attribute(run, *out, key.text, out)))
            return false;
        at = brackets ? end + 1 : end;
    }
    return true;
}

static bool format_into(formatter *x, const char *at, const char *end, int depth);

/* "name!r:spec" without its braces. */
static bool format_field(formatter *x, const char *text, size_t size, int depth)
{
    bb_jinja *run = x->run;
    const size_t start = run->out.size;
    size_t name = 0;
    bb_jvalue value, spec;

    for (bool inside = false; name < size && (inside || (text[name] != '!' && text[name] != ':')); name++)
        inside = text[name] == '[' || (inside && text[name] != ']');
    if (!lookup(x, text, name, &value))
        return false;
    size_t at = name;
    if (at < size && text[at] == '!') {
        if (at + 1 >= size || !strchr("rs", text[at + 1]) || (at + 2 < size && text[at + 2] != ':'))
            return bb_jinja_raise(run, "a conversion is !r or !s");
        if (!(text[at + 1] == 'r' ? bb_jvalue_write_repr(run, value) : bb_jvalue_write(run, value)) ||
            !bb_jinja_capture(run, start, &value))
            return false;
        at += 2;
    }
    at += at < size;
    if (!format_into(x, text + at, text + size, depth + 1) || !bb_jinja_capture(run, start, &spec))
        return false;
    return write_spec(run, value, spec.text->bytes, spec.text->size);
}

static bool format_into(formatter *x, const char *at, const char *end, int depth)
{
    bb_jinja *run = x->run;

    if (depth > 2)
        return bb_jinja_raise(run, "fields are nested too deep");
    while (at < end) {
        const char *from = at;
        while (at < end && *at != '{' && *at != '}')
            at++;
        if (!bb_jinja_write(run, from, (size_t)(at - from)))
            return false;
        if (at == end)
            break;
        if (at + 1 < end && at[1] == *at && depth == 0) {
            if (!bb_jinja_write(run, at, 1))
                return false;
            at += 2;
            continue;
        }
        if (*at == '}')
            return bb_jinja_raise(run, "single '}' encountered in format string");
        from = ++at;
        for (int level = 1; at < end; at++) {
            level += *at == '{' ? 1 : *at == '}' ? -1 : 0;
            if (!level)
                break;
        }
        if (at == end)
            return bb_jinja_raise(run, "expected '}' before end of string");
        if (!format_field(x, from, (size_t)(at - from), depth))
            return false;
        at++;
    }
    return true;
}

bool bb_jinja_format(bb_jinja *run, const bb_jtext *pattern, const bb_jcall *call, bb_jvalue *out)
{
    formatter x = {.run = run, .call = call};
    const size_t start = run->out.size;

    return format_into(&x, pattern->bytes, pattern->bytes + pattern->size, 0) && bb_jinja_capture(run, start, out);
}
