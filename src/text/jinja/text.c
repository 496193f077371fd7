/* Values to text: Python's str() and repr(), and JSON as its json module writes it. */
#include "text/jinja/eval.h"
#include "text/jinja/format.h"
#include "text/jinja/unicode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digits of the shortest decimal that reads back as real (positive, finite), and its exponent: 0.d1d2... * 10^point. */
static int shortest_digits(double real, char digits[20], int *point)
{
    char text[40];

    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, real);
        if (strtod(text, NULL) == real)
            break;
    }
    int count = 0;
    for (const char *c = text; *c && *c != 'e'; c++)
        if (*c >= '0' && *c <= '9') /* whatever the locale's decimal point is */
            digits[count++] = *c;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    *point = atoi(strchr(text, 'e') + 1) + 1;
    return count;
}

void bb_jinja_float_text(double real, char text[BB_JINJA_FLOAT])
{
    char digits[20], *write = text;
    int point;

    if (isnan(real)) {
        strcpy(text, "nan");
        return;
    }
    if (signbit(real))
        *write++ = '-';
    if (isinf(real)) {
        strcpy(write, "inf");
        return;
    }
    if (real == 0) {
        strcpy(write, "0.0");
        return;
    }
    const int count = shortest_digits(fabs(real), digits, &point);
    if (point > -4 && point <= 0) {
        *write++ = '0';
        *write++ = '.';
        for (int i = point; i < 0; i++)
            *write++ = '0';
        memcpy(write, digits, (size_t)count);
        write[count] = '\0';
    } else if (point > 0 && point <= 16) {
        for (int i = 0; i < point; i++)
            *write++ = i < count ? digits[i] : '0';
        *write++ = '.';
        for (int i = point; i < count; i++)
            *write++ = digits[i];
        if (count <= point)
            *write++ = '0';
        *write = '\0';
    } else {
        *write++ = digits[0];
        if (count > 1) {
            *write++ = '.';
            memcpy(write, digits + 1, (size_t)count - 1);
            write += count - 1;
        }
        sprintf(write, "e%c%02d", point - 1 < 0 ? '-' : '+', abs(point - 1) % 1000);
    }
}

/* ---- repr ---- */

static bool repr_text(bb_jinja *run, const bb_jtext *text)
{
    const bool single = text->size && memchr(text->bytes, '\'', text->size), twice = text->size && memchr(text->bytes, '"', text->size);
    const char quote = single && !twice ? '"' : '\'';
    char piece[16];

    if (!bb_jinja_write(run, &quote, 1))
        return false;
    for (size_t i = 0; i < text->size;) {
        uint32_t point;
        size_t size = bb_utf8_decode(text->bytes + i, &point);
        const char *from = text->bytes + i;
        i += size;
        if (point == '\\' || point == (uint32_t)quote)
            size = (size_t)snprintf(piece, sizeof piece, "\\%c", (char)point);
        else if (point == '\n' || point == '\r' || point == '\t')
            size = (size_t)snprintf(piece, sizeof piece, "\\%c", point == '\n' ? 'n' : point == '\r' ? 'r' : 't');
        else if (bb_python_is_printable(point)) {
            if (!bb_jinja_write(run, from, size))
                return false;
            continue;
        } else
            size = (size_t)snprintf(piece, sizeof piece,
                                    point < 0x100     ? "\\x%02x"
                                    : point < 0x10000 ? "\\u%04x"
                                                      : "\\U%08x",
                                    (unsigned)point);
        if (!bb_jinja_write(run, piece, size))
            return false;
    }
    return bb_jinja_write(run, &quote, 1);
}

static bool repr_items(bb_jinja *run, const bb_jvalue *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((i && !bb_jinja_write_text(run, ", ")) || !bb_jvalue_write_repr(run, items[i]))
            return false;
    return true;
}

static bool repr_dict(bb_jinja *run, const bb_jdict *dict)
{
    if (!bb_jinja_write_text(run, "{"))
        return false;
    for (size_t i = 0; i < dict->count; i++)
        if ((i && !bb_jinja_write_text(run, ", ")) || !bb_jvalue_write_repr(run, dict->entries[i].key) || !bb_jinja_write_text(run, ": ") ||
            !bb_jvalue_write_repr(run, dict->entries[i].value))
            return false;
    return bb_jinja_write_text(run, "}");
}

static bool repr_view(bb_jinja *run, bb_jvalue value)
{
    bool ok = bb_jinja_write_text(run, bb_jvalue_type(value)) && bb_jinja_write_text(run, "([");

    for (size_t i = 0; ok && i < value.view->dict->count; i++) {
        const bb_jvalue item = bb_jview_item(value.view, i, run, &ok);
        ok = ok && (!i || bb_jinja_write_text(run, ", ")) && bb_jvalue_write_repr(run, item);
    }
    return ok && bb_jinja_write_text(run, "])");
}

static bool repr_macro(bb_jinja *run, const bb_jmacro *macro)
{
    if (!macro->name)
        return bb_jinja_write_text(run, "<Macro anonymous>");
    return bb_jinja_write_text(run, "<Macro ") && repr_text(run, macro->name) && bb_jinja_write_text(run, ">");
}

static bool repr_inside(bb_jinja *run, bb_jvalue value)
{
    char text[128];
    size_t length;

    switch (value.kind) {
    case BB_J_MISSING:
    case BB_J_UNDEFINED:
        return bb_jinja_write_text(run, "Undefined");
    case BB_J_NONE:
        return bb_jinja_write_text(run, "None");
    case BB_J_BOOL:
        return bb_jinja_write_text(run, value.truth ? "True" : "False");
    case BB_J_INT:
        snprintf(text, sizeof text, "%" PRId64, value.integer);
        return bb_jinja_write_text(run, text);
    case BB_J_BIG:
        return bb_jinja_write(run, value.text->bytes, value.text->size);
    case BB_J_FLOAT:
        bb_jinja_float_text(value.real, text);
        return bb_jinja_write_text(run, text);
    case BB_J_STRING:
        return repr_text(run, value.text);
    case BB_J_LIST:
        return bb_jinja_write_text(run, "[") && repr_items(run, value.list->items, value.list->count) && bb_jinja_write_text(run, "]");
    case BB_J_TUPLE:
        return bb_jinja_write_text(run, "(") && repr_items(run, value.list->items, value.list->count) &&
               bb_jinja_write_text(run, value.list->count == 1 ? ",)" : ")");
    case BB_J_DICT:
        return repr_dict(run, value.dict);
    case BB_J_NAMESPACE:
        return bb_jinja_write_text(run, "<Namespace ") && repr_dict(run, value.dict) && bb_jinja_write_text(run, ">");
    case BB_J_VIEW:
        return repr_view(run, value);
    case BB_J_RANGE:
        if (value.range->step == 1)
            snprintf(text, sizeof text, "range(%" PRId64 ", %" PRId64 ")", value.range->start, value.range->stop);
        else
            snprintf(text, sizeof text, "range(%" PRId64 ", %" PRId64 ", %" PRId64 ")", value.range->start, value.range->stop,
                     value.range->step);
        return bb_jinja_write_text(run, text);
    case BB_J_MACRO:
        return repr_macro(run, value.macro);
    case BB_J_LOOP:
        if (!bb_jloop_length(run, value.loop, &length))
            return false;
        snprintf(text, sizeof text, "<LoopContext %" PRId64 "/%zu>", value.loop->index0 + 1, length);
        return bb_jinja_write_text(run, text);
    default:
        snprintf(text, sizeof text, "<%s object>", bb_jvalue_type(value));
        return bb_jinja_write_text(run, text);
    }
}

bool bb_jvalue_write_repr(bb_jinja *run, bb_jvalue value)
{
    if (!bb_jinja_spend(run, 1) || !bb_jinja_enter(run))
        return false;
    const bool ok = repr_inside(run, value);
    bb_jinja_leave(run);
    return ok;
}

bool bb_jvalue_write(bb_jinja *run, bb_jvalue value)
{
    if (value.kind == BB_J_STRING)
        return bb_jinja_write(run, value.text->bytes, value.text->size);
    return value.kind == BB_J_UNDEFINED || bb_jvalue_write_repr(run, value);
}

bool bb_jvalue_string(bb_jinja *run, bb_jvalue value, bb_jvalue *out)
{
    const size_t start = run->out.size;

    if (value.kind == BB_J_STRING) {
        *out = value;
        return true;
    }
    return bb_jvalue_write(run, value) && bb_jinja_capture(run, start, out);
}

/* ---- JSON ---- */

static bool json_text(bb_jinja *run, const bb_jtext *text, bool ascii)
{
    size_t plain = 0; /* begin of what needs no escape */

    if (!bb_jinja_write_text(run, "\""))
        return false;
    for (size_t i = 0; i < text->size;) {
        uint32_t point = (unsigned char)text->bytes[i];
        const size_t size = point < 0x80 || !ascii ? 1 : bb_utf8_decode(text->bytes + i, &point);
        static const char escapes[] = "\"\"\\\\\nn\rr\tt\ff\bb";
        char piece[16] = "";
        for (size_t k = 0; k + 1 < sizeof escapes && point < 0x80; k += 2)
            if ((uint32_t)escapes[k] == point)
                snprintf(piece, sizeof piece, "\\%c", escapes[k + 1]);
        if (!*piece && point < 0x20)
            snprintf(piece, sizeof piece, "\\u%04x", (unsigned)point);
        if (ascii && point >= 0x10000)
            snprintf(piece, sizeof piece, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((point - 0x10000) >> 10)),
                     (unsigned)(0xdc00 + (point & 0x3ff)));
        else if (ascii && point >= 0x80)
            snprintf(piece, sizeof piece, "\\u%04x", (unsigned)point);
        if (*piece) {
            if (!bb_jinja_write(run, text->bytes + plain, i - plain) || !bb_jinja_write_text(run, piece))
                return false;
            plain = i + size;
        }
        i += size;
    }
    return bb_jinja_write(run, text->bytes + plain, text->size - plain) && bb_jinja_write_text(run, "\"");
}

static bool json_line(bb_jinja *run, const bb_jjson *options, int level)
{
    if (!options->indent)
        return true;
    bool ok = bb_jinja_write_text(run, "\n");
    for (int i = 0; ok && i < level; i++)
        ok = bb_jinja_write_text(run, options->indent);
    return ok;
}

static bool json_separator(bb_jinja *run, const bb_jtext *separator, const char *otherwise)
{
    return separator ? bb_jinja_write(run, separator->bytes, separator->size) : bb_jinja_write_text(run, otherwise);
}

static bool json_value(bb_jinja *run, bb_jvalue value, const bb_jjson *options, int level);

static bool json_list(bb_jinja *run, const bb_jlist *list, const bb_jjson *options, int level)
{
    if (!list->count)
        return bb_jinja_write_text(run, "[]");
    if (!bb_jinja_write_text(run, "["))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if ((i && !json_separator(run, options->item_separator, options->indent ? "," : ", ")) || !json_line(run, options, level + 1) ||
            !json_value(run, list->items[i], options, level + 1))
            return false;
    return json_line(run, options, level) && bb_jinja_write_text(run, "]");
}

static bool json_key(bb_jinja *run, bb_jvalue key, const bb_jjson *options)
{
    if (key.kind == BB_J_STRING)
        return json_text(run, key.text, options->ascii);
    if (!bb_jvalue_is_number(key) && key.kind != BB_J_NONE && key.kind != BB_J_BIG)
        return bb_jinja_raise(run, "keys must be str, int, float, bool or None, not %s", bb_jvalue_type(key));
    return bb_jinja_write_text(run, "\"") && json_value(run, key, options, 0) && bb_jinja_write_text(run, "\"");
}

/* The order in which sort_keys writes a dict: an insertion sort of indices would be quadratic, so a bottom-up merge. */
static bool sorted_entries(bb_jinja *run, const bb_jdict *dict, const bb_jentry ***out)
{
    const bb_jentry **order = bb_jinja_alloc(run, dict->count, sizeof *order), **other = bb_jinja_alloc(run, dict->count, sizeof *other);

    if (!order || !other)
        return false;
    for (size_t i = 0; i < dict->count; i++)
        order[i] = &dict->entries[i];
    for (size_t width = 1; width < dict->count; width *= 2) {
        for (size_t begin = 0; begin < dict->count; begin += 2 * width) {
            const size_t middle = begin + width < dict->count ? begin + width : dict->count;
            const size_t end = begin + 2 * width < dict->count ? begin + 2 * width : dict->count;
            for (size_t a = begin, b = middle, k = begin; k < end; k++) {
                int less = a < middle && b == end ? 0 : 1;
                if (a < middle && b < end && !bb_jvalue_compare(run, order[b]->key, order[a]->key, "<", &less))
                    return false;
                other[k] = a < middle && (b == end || less >= 0) ? order[a++] : order[b++];
            }
        }
        const bb_jentry **swap = order;
        order = other;
        other = swap;
    }
    *out = order;
    return true;
}

static bool json_dict(bb_jinja *run, const bb_jdict *dict, const bb_jjson *options, int level)
{
    const bb_jentry **order = NULL;

    if (!dict->count)
        return bb_jinja_write_text(run, "{}");
    if ((options->sort_keys && !sorted_entries(run, dict, &order)) || !bb_jinja_write_text(run, "{"))
        return false;
    for (size_t i = 0; i < dict->count; i++) {
        const bb_jentry *entry = order ? order[i] : &dict->entries[i];
        if ((i && !json_separator(run, options->item_separator, options->indent ? "," : ", ")) || !json_line(run, options, level + 1) ||
            !json_key(run, entry->key, options) || !json_separator(run, options->key_separator, ": ") ||
            !json_value(run, entry->value, options, level + 1))
            return false;
    }
    return json_line(run, options, level) && bb_jinja_write_text(run, "}");
}

static bool json_inside(bb_jinja *run, bb_jvalue value, const bb_jjson *options, int level)
{
    switch (value.kind) {
    case BB_J_NONE:
        return bb_jinja_write_text(run, "null");
    case BB_J_BOOL:
        return bb_jinja_write_text(run, value.truth ? "true" : "false");
    case BB_J_FLOAT:
        if (isnan(value.real))
            return bb_jinja_write_text(run, "NaN");
        if (isinf(value.real))
            return bb_jinja_write_text(run, value.real < 0 ? "-Infinity" : "Infinity");
        return bb_jvalue_write_repr(run, value);
    case BB_J_INT:
    case BB_J_BIG:
        return bb_jvalue_write_repr(run, value);
    case BB_J_STRING:
        return json_text(run, value.text, options->ascii);
    case BB_J_LIST:
    case BB_J_TUPLE:
        return json_list(run, value.list, options, level);
    case BB_J_DICT:
        return json_dict(run, value.dict, options, level);
    default:
        return bb_jinja_raise(run, "object of type %s is not JSON serializable", bb_jvalue_type(value));
    }
}

static bool json_value(bb_jinja *run, bb_jvalue value, const bb_jjson *options, int level)
{
    if (!bb_jinja_spend(run, 1) || !bb_jinja_enter(run))
        return false;
    const bool ok = json_inside(run, value, options, level);
    bb_jinja_leave(run);
    return ok;
}

bool bb_jinja_json(bb_jinja *run, bb_jvalue value, const bb_jjson *options)
{
    return json_value(run, value, options, 0);
}
