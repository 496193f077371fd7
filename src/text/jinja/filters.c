/* Filters on single values and text. */
#include "text/jinja/filters.h"
#include "text/jinja/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_of(bb_jinja *run, bb_jvalue value, bb_jvalue *out)
{
    return bb_jvalue_string(run, value, out);
}

static bool filter_upper(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return text_of(run, self, out) && bb_jtext_map(run, out->text, BB_PYTHON_UPPER, out);
}

static bool filter_lower(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return text_of(run, self, out) && bb_jtext_map(run, out->text, BB_PYTHON_LOWER, out);
}

static bool filter_capitalize(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return text_of(run, self, out) && bb_jtext_capitalize(run, out->text, out);
}

/* Words begin behind white space, "-", "(", "{", "[" and "<"; their first character becomes upper (not title) case. */
static bool filter_title(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bb_jvalue text, part, mapped;

    (void)args;
    if (!text_of(run, self, &text))
        return false;
    for (size_t i = 0; i < text.text->size;) {
        size_t end = i, first = 0;
        bool separator = false;
        while (end < text.text->size) {
            uint32_t point;
            const size_t size = bb_utf8_decode(text.text->bytes + end, &point);
            const bool separates = bb_python_is_space(point) || (point < 0x80 && strchr("-({[<", (int)point) && point);
            if (end == i) {
                separator = separates;
                first = size;
            } else if (separates != separator) {
                break;
            }
            end += size;
        }
        const size_t sizes[] = {first, end - i - first};
        for (int k = 0; k < 2; k++) {
            if (!bb_j_borrow(run, text.text->bytes + i + (k ? first : 0), sizes[k], &part) ||
                !bb_jtext_map(run, part.text, k ? BB_PYTHON_LOWER : BB_PYTHON_UPPER, &mapped) || !bb_jvalue_write(run, mapped))
                return false;
        }
        i = end;
    }
    return bb_jinja_capture(run, start, out);
}

static bool filter_trim(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const bool all = !bb_j_given(args[0]) || args[0].kind == BB_J_NONE;

    if (!all && args[0].kind != BB_J_STRING)
        return bb_jinja_raise(run, "strip arg must be None or str");
    return text_of(run, self, out) && bb_jtext_strip(run, out->text, all ? NULL : args[0].text, BB_J_STRIP_LEFT | BB_J_STRIP_RIGHT, out);
}

static bool filter_replace(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue text, old, new;
    int64_t count;

    return bb_jarg_int(run, args[2].kind == BB_J_NONE ? (bb_jvalue){0} : args[2], "count", -1, &count) && text_of(run, self, &text) &&
           text_of(run, args[0], &old) && text_of(run, args[1], &new) && bb_jtext_replace(run, text.text, old.text, new.text, count, out);
}

static bool filter_string(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return text_of(run, self, out);
}

static bool filter_center(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t width;
    return bb_jarg_int(run, args[0], "width", 80, &width) && text_of(run, self, out) && bb_jtext_center(run, out->text, width, out);
}

/* What is marked escapes what is added to it. */
bool bb_jtext_mark(bb_jinja *run, bb_jvalue text, bb_jvalue *out)
{
    bb_jtext *copy = bb_jinja_alloc(run, 1, sizeof *copy);

    if (!copy)
        return false;
    *copy = *text.text;
    copy->markup = true;
    *out = (bb_jvalue){.kind = BB_J_STRING, .text = copy};
    return true;
}

static bool filter_safe(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return text_of(run, self, out) && bb_jtext_mark(run, *out, out);
}

bool bb_jtext_escape(bb_jinja *run, bb_jvalue self, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bb_jvalue text;

    if (!text_of(run, self, &text))
        return false;
    if (text.text->markup) {
        *out = text;
        return true;
    }
    for (size_t i = 0; i < text.text->size; i++) {
        const char c = text.text->bytes[i];
        const char *entity = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&#34;" : c == '\'' ? "&#39;" : NULL;
        if (!(entity ? bb_jinja_write_text(run, entity) : bb_jinja_write(run, &c, 1)))
            return false;
    }
    return bb_jinja_spend(run, text.text->size) && bb_jinja_capture(run, start, out) && bb_jtext_mark(run, *out, out);
}

static bool filter_escape(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return bb_jtext_escape(run, self, out);
}

static bool filter_forceescape(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue text;

    (void)args;
    if (!text_of(run, self, &text))
        return false;
    return bb_j_borrow(run, text.text->bytes, text.text->size, &text) && bb_jtext_escape(run, text, out);
}

static bool filter_indent(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bool first, blank;
    bb_jvalue with_end, lines, indent;
    int64_t width;

    if (self.kind != BB_J_STRING)
        return bb_jinja_raise(run, "filter 'indent' needs a string, not '%s'", bb_jvalue_type(self));
    if (!bb_jarg_truth(run, args[1], false, &first) || !bb_jarg_truth(run, args[2], false, &blank))
        return false;
    if (args[0].kind == BB_J_STRING)
        indent = args[0];
    else if (!bb_jarg_int(run, args[0], "width", 4, &width) || !bb_jtext_center(run, &(bb_jtext){.bytes = ""}, width, &indent))
        return false;

    const bb_jtext newline = {.bytes = "\n", .size = 1, .length = 1};
    if (!bb_jtext_concat(run, self.text, &newline, &with_end) || !bb_jtext_lines(run, with_end.text, false, &lines))
        return false;
    for (size_t i = 0; i < lines.list->count; i++) {
        const bb_jvalue line = lines.list->items[i];
        const bool indented = i ? blank || line.text->size : first;
        if ((i && !bb_jinja_write_text(run, "\n")) || (indented && !bb_jvalue_write(run, indent)) || !bb_jvalue_write(run, line))
            return false;
    }
    return bb_jinja_capture(run, start, out);
}

static bool filter_truncate(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    static const bb_jtext dots = {.bytes = "...", .size = 3, .length = 3};
    bb_jvalue end = bb_j_given(args[2]) ? args[2] : (bb_jvalue){.kind = BB_J_STRING, .text = &dots}, none = bb_j_none();
    int64_t length, leeway;
    size_t size;
    bool killwords;

    if (!bb_jarg_int(run, args[0], "length", 255, &length) || !bb_jarg_truth(run, args[1], false, &killwords) ||
        !bb_jarg_int(run, args[3].kind == BB_J_NONE ? (bb_jvalue){0} : args[3], "leeway", 5, &leeway))
        return false;
    if (end.kind != BB_J_STRING)
        return bb_jinja_raise(run, "end: '%s', expected a string", bb_jvalue_type(end));
    if (length < (int64_t)end.text->length || leeway < 0)
        return bb_jinja_raise(run, "expected length >= %zu and leeway >= 0", end.text->length);
    if (!bb_jvalue_length(run, self, &size))
        return false;
    if ((int64_t)size - length <= leeway) {
        *out = self;
        return true;
    }
    if (self.kind != BB_J_STRING)
        return bb_jinja_raise(run, "filter 'truncate' needs a string, not '%s'", bb_jvalue_type(self));
    bb_jvalue head;
    if (!bb_jvalue_slice(run, self, none, bb_j_int(length - (int64_t)end.text->length), none, &head))
        return false;
    const char *space = killwords || !head.text->size ? NULL : memrchr(head.text->bytes, ' ', head.text->size);
    if (space && !bb_j_borrow(run, head.text->bytes, (size_t)(space - head.text->bytes), &head))
        return false;
    return bb_jtext_concat(run, head.text, end.text, out);
}

static bool filter_wordcount(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue text;
    int64_t count = 0;
    bool inside = false;

    (void)args;
    if (!text_of(run, self, &text))
        return false;
    for (size_t i = 0; i < text.text->size;) {
        uint32_t point;
        i += bb_utf8_decode(text.text->bytes + i, &point);
        const bool word = bb_python_is_word(point);
        count += word && !inside;
        inside = word;
    }
    *out = bb_j_int(count);
    return bb_jinja_spend(run, text.text->size);
}

static bool write_quoted(bb_jinja *run, bb_jvalue value, bool query)
{
    bb_jvalue text;

    if (!text_of(run, value, &text))
        return false;
    for (size_t i = 0; i < text.text->size; i++) {
        const unsigned char c = (unsigned char)text.text->bytes[i];
        char piece[4] = {(char)c, 0};
        if (query && c == ' ')
            piece[0] = '+';
        else if (!(bb_python_is_word(c) && c < 0x80) && (!strchr("-.~", c) || !c) && (c != '/' || query))
            snprintf(piece, sizeof piece, "%%%02X", c);
        if (!bb_jinja_write_text(run, piece))
            return false;
    }
    return bb_jinja_spend(run, text.text->size);
}

static bool filter_urlencode(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bb_jlist *pairs;

    (void)args;
    if (self.kind == BB_J_STRING || !bb_jvalue_iterable(self))
        return write_quoted(run, self, false) && bb_jinja_capture(run, start, out);
    if (self.kind == BB_J_DICT) {
        bb_jview *view = bb_jinja_alloc(run, 1, sizeof *view);
        if (!view)
            return false;
        *view = (bb_jview){self.dict, BB_J_ITEMS};
        self = (bb_jvalue){.kind = BB_J_VIEW, .view = view};
    }
    if (!bb_jvalue_collect(run, self, &pairs))
        return false;
    for (size_t i = 0; i < pairs->count; i++) {
        bb_jlist *pair;
        if (!bb_jvalue_collect(run, pairs->items[i], &pair))
            return false;
        if (pair->count != 2)
            return bb_jinja_raise(run, "%zu values to unpack, expected 2", pair->count);
        if ((i && !bb_jinja_write_text(run, "&")) || !write_quoted(run, pair->items[0], true) || !bb_jinja_write_text(run, "=") ||
            !write_quoted(run, pair->items[1], true))
            return false;
    }
    return bb_jinja_capture(run, start, out);
}

static bool filter_default(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool boolean, truth = true;

    if (!bb_jarg_truth(run, args[1], false, &boolean) || (boolean && !bb_jvalue_truth(run, self, &truth)))
        return false;
    *out = self;
    if (self.kind != BB_J_UNDEFINED && truth)
        return true;
    *out = args[0];
    return bb_j_given(args[0]) || bb_j_string(run, "", 0, out);
}

static bool filter_format(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    bb_jvalue text, arguments;

    if (call->count && call->keyword_count)
        return bb_jinja_raise(run, "format cannot take positional and keyword arguments at once");
    if (!text_of(run, self, &text))
        return false;
    if (!call->keyword_count) {
        if (!bb_j_list(run, BB_J_TUPLE, call->count, &arguments))
            return false;
        if (call->count)
            memcpy(arguments.list->items, call->args, call->count * sizeof *call->args);
        arguments.list->count = call->count;
        return bb_jinja_percent(run, text.text, arguments, out);
    }
    if (!bb_j_dict(run, &arguments))
        return false;
    for (size_t i = 0; i < call->keyword_count; i++)
        if (!bb_jdict_set(run, arguments.dict, (bb_jvalue){.kind = BB_J_STRING, .text = call->keywords[i].name}, call->keywords[i].value))
            return false;
    return bb_jinja_percent(run, text.text, arguments, out);
}

/* ---- numbers ---- */

static bool filter_abs(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t integer;

    (void)args;
    if (bb_jvalue_to_int(self, &integer)) {
        if (integer == INT64_MIN)
            return bb_jinja_raise(run, "an integer grows beyond 64 bits");
        *out = bb_j_int(integer < 0 ? -integer : integer);
        return true;
    }
    if (self.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, self.undefined);
    if (self.kind != BB_J_FLOAT)
        return bb_jinja_raise(run, "bad operand type for abs(): '%s'", bb_jvalue_type(self));
    *out = bb_j_float(fabs(self.real));
    return true;
}

static bool float_to_int(bb_jinja *run, double real, bb_jvalue *out)
{
    if (!(fabs(real) < 9223372036854775808.0))
        return bb_jinja_raise(run, "cannot convert this float to an integer of 64 bits");
    *out = bb_j_int((int64_t)real);
    return true;
}

static bool filter_int(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t integer, base;
    bool overflow;
    double real;

    if (!bb_jarg_int(run, args[1], "base", 10, &base))
        return false;
    if (self.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, self.undefined);
    *out = bb_j_given(args[0]) ? args[0] : bb_j_int(0);
    if (self.kind == BB_J_BIG)
        *out = self;
    else if (bb_jvalue_to_int(self, &integer))
        *out = bb_j_int(integer);
    else if (self.kind == BB_J_FLOAT && isinf(self.real))
        return bb_jinja_raise(run, "cannot convert float infinity to integer");
    else if (self.kind == BB_J_FLOAT)
        return isnan(self.real) || float_to_int(run, self.real, out);
    else if (self.kind == BB_J_STRING && (base == 0 || (base >= 2 && base <= 36)) &&
             bb_jtext_to_int(self.text, (int)base, &integer, &overflow)) {
        if (overflow)
            return bb_jinja_raise(run, "an integer grows beyond 64 bits");
        *out = bb_j_int(integer);
    } else if (self.kind == BB_J_STRING && bb_jtext_to_float(self.text, &real) && isfinite(real))
        return float_to_int(run, real, out);
    return true;
}

static bool filter_float(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    double real;

    if (self.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, self.undefined);
    *out = bb_j_given(args[0]) ? args[0] : bb_j_float(0);
    if (bb_jvalue_is_number(self))
        *out = bb_j_float(bb_jvalue_to_double(self));
    else if ((self.kind == BB_J_STRING || self.kind == BB_J_BIG) && bb_jtext_to_float(self.text, &real))
        *out = bb_j_float(real);
    return true;
}

/* round() as Python does it: correct for the decimal that real stands for, ties to even. */
static double round_to(double real, int64_t digits)
{
    char text[400];

    if (!isfinite(real) || digits > 323)
        return real;
    if (digits < -308)
        return 0.0 * real;
    if (digits >= 0) {
        snprintf(text, sizeof text, "%.*f", (int)digits, real);
        return strtod(text, NULL);
    }
    const double power = pow(10, (double)-digits);
    return rint(real / power) * power;
}

static bool filter_round(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t digits, integer;
    const bool common = !bb_j_given(args[1]) || bb_jvalue_is_text(args[1], "common"), ceiling = bb_jvalue_is_text(args[1], "ceil");

    if (!bb_jarg_int(run, args[0], "precision", 0, &digits))
        return false;
    if (!common && !ceiling && !bb_jvalue_is_text(args[1], "floor"))
        return bb_jinja_raise(run, "method must be common, ceil or floor");
    if (self.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, self.undefined);
    if (!bb_jvalue_is_number(self))
        return bb_jinja_raise(run, "type %s cannot be rounded", bb_jvalue_type(self));
    if (common && bb_jvalue_to_int(self, &integer)) {
        if (digits >= 0) {
            *out = bb_j_int(integer);
            return true;
        }
        if (digits < -18) {
            *out = bb_j_int(0);
            return true;
        }
        int64_t power = 1;
        for (int64_t i = 0; i < -digits; i++)
            power *= 10;
        int64_t down = integer / power, rest = integer % power;
        if (rest < 0) {
            rest += power;
            down--;
        }
        down += rest > power - rest || (rest == power - rest && down & 1);
        if (__builtin_mul_overflow(down, power, &integer))
            return bb_jinja_raise(run, "an integer grows beyond 64 bits");
        *out = bb_j_int(integer);
        return true;
    }
    if (common) {
        *out = bb_j_float(round_to(self.real, digits));
        return true;
    }
    const double power = pow(10, (double)digits), scaled = bb_jvalue_to_double(self) * power;
    if (!isfinite(scaled))
        return bb_jinja_raise(run, "cannot round this float");
    *out = bb_j_float((ceiling ? ceil(scaled) : floor(scaled)) / power);
    return true;
}

/* ---- JSON ---- */

/* What a level is indented by: a string, or as many spaces. */
static bool json_indent(bb_jinja *run, bb_jvalue arg, const char **out)
{
    int64_t width;
    bb_jvalue text;

    *out = NULL;
    if (!bb_j_given(arg) || arg.kind == BB_J_NONE)
        return true;
    if (arg.kind == BB_J_STRING) {
        char *copy = bb_jinja_alloc(run, arg.text->size + 1, 1);
        if (!copy)
            return false;
        memcpy(copy, arg.text->bytes, arg.text->size);
        copy[arg.text->size] = '\0';
        *out = copy;
        return true;
    }
    if (!bb_jarg_int(run, arg, "indent", 0, &width))
        return false;
    if (width > 1000)
        return bb_jinja_raise_limit(run, "memory");
    const size_t start = run->out.size;
    for (int64_t i = 0; i < width; i++)
        if (!bb_jinja_write_text(run, " "))
            return false;
    if (!bb_jinja_write(run, "\0", 1) || !bb_jinja_capture(run, start, &text))
        return false;
    *out = text.text->bytes;
    return true;
}

static bool filter_tojson(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    bb_jjson options = {0};
    bb_jlist *pair;

    if (!bb_jarg_truth(run, args[0], false, &options.ascii) || !json_indent(run, args[1], &options.indent) ||
        !bb_jarg_truth(run, args[3], false, &options.sort_keys))
        return false;
    if (bb_j_given(args[2]) && args[2].kind != BB_J_NONE) {
        if (!bb_jvalue_collect(run, args[2], &pair))
            return false;
        if (pair->count != 2 || pair->items[0].kind != BB_J_STRING || pair->items[1].kind != BB_J_STRING)
            return bb_jinja_raise(run, "separators are two strings");
        options.item_separator = pair->items[0].text;
        options.key_separator = pair->items[1].text;
    }
    return bb_jinja_json(run, self, &options) && bb_jinja_capture(run, start, out);
}

/* ---- the table ---- */

#define NEEDS_MARKUP "it is for HTML"

const bb_jcallable bb_jinja_text_filters[] = {
    {.name = "abs", .params = "", .body = filter_abs},
    {.name = "capitalize", .params = "", .body = filter_capitalize},
    {.name = "center", .params = "width", .body = filter_center},
    {.name = "d", .params = "default_value,boolean", .body = filter_default},
    {.name = "default", .params = "default_value,boolean", .body = filter_default},
    {.name = "e", .params = "", .body = filter_escape},
    {.name = "escape", .params = "", .body = filter_escape},
    {.name = "float", .params = "default", .body = filter_float},
    {.name = "forceescape", .params = "", .body = filter_forceescape},
    {.name = "format", .raw = filter_format},
    {.name = "indent", .params = "width,first,blank", .body = filter_indent},
    {.name = "int", .params = "default,base", .body = filter_int},
    {.name = "lower", .params = "", .body = filter_lower},
    {.name = "replace", .params = "old,new,count", .required = 2, .body = filter_replace},
    {.name = "round", .params = "precision,method", .body = filter_round},
    {.name = "safe", .params = "", .body = filter_safe},
    {.name = "string", .params = "", .body = filter_string},
    {.name = "title", .params = "", .body = filter_title},
    {.name = "tojson", .params = "ensure_ascii,indent,separators,sort_keys", .body = filter_tojson},
    {.name = "trim", .params = "chars", .body = filter_trim},
    {.name = "truncate", .params = "length,killwords,end,leeway", .body = filter_truncate},
    {.name = "upper", .params = "", .body = filter_upper},
    {.name = "urlencode", .params = "", .body = filter_urlencode},
    {.name = "wordcount", .params = "", .body = filter_wordcount},
    {.name = "filesizeformat", .refusal = "it has no use in a prompt"},
    {.name = "pprint", .refusal = "it is for debugging"},
    {.name = "random", .refusal = "a prompt does not depend on chance"},
    {.name = "striptags", .refusal = NEEDS_MARKUP},
    {.name = "urlize", .refusal = NEEDS_MARKUP},
    {.name = "wordwrap", .refusal = "it has no use in a prompt"},
    {.name = "xmlattr", .refusal = NEEDS_MARKUP},
};
const size_t bb_jinja_text_filter_count = sizeof bb_jinja_text_filters / sizeof *bb_jinja_text_filters;

const bb_jcallable *bb_jinja_filter(const char *name, size_t size)
{
    const bb_jcallable *found = bb_jcallable_find(bb_jinja_text_filters, bb_jinja_text_filter_count, name, size);
    return found ? found : bb_jcallable_find(bb_jinja_sequence_filters, bb_jinja_sequence_filter_count, name, size);
}
