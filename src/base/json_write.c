/* JSON text, made value by value: separators, escapes, numbers.
 *
 * Whether a comma is due shows in the last byte written, so that the writer needs no stack: a quote or a digit ends what came before it. */
#include "base/json_write.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(bb_json_writer *w, const char *bytes, size_t count)
{
    if (w->failed || count == 0)
        return;
    if (count > SIZE_MAX - w->bytes || !bb_grow(&w->text, &w->capacity, w->bytes + count, 1)) {
        w->failed = true;
        return;
    }
    memcpy(w->text + w->bytes, bytes, count);
    w->bytes += count;
}

static void put_text(bb_json_writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void separate(bb_json_writer *w)
{
    if (w->bytes && !strchr("{[:", w->text[w->bytes - 1]))
        put(w, ",", 1);
}

static void put_value(bb_json_writer *w, const char *text)
{
    separate(w);
    put_text(w, text);
}

/* The escape of an ASCII character, or NULL where it stands for itself. */
static const char *escape(unsigned char c, char buffer[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    }
    if (c >= 0x20)
        return NULL;
    snprintf(buffer, 8, "\\u%04x", c);
    return buffer;
}

static void put_quoted(bb_json_writer *w, const char *text, size_t bytes)
{
    char buffer[8];
    size_t plain = 0; /* where the run begins that needs no escape */

    put(w, "\"", 1);
    for (size_t i = 0; i < bytes;) {
        const size_t length = bb_utf8_character(text + i, bytes - i);
        const char *instead = length == 0 ? "\xef\xbf\xbd" : length == 1 ? escape((unsigned char)text[i], buffer) : NULL;
        const size_t next = i + (length ? length : 1);
        if (instead) {
            put(w, text + plain, i - plain);
            put_text(w, instead);
            plain = next;
        }
        i = next;
    }
    put(w, text + plain, bytes - plain);
    put(w, "\"", 1);
}

void bb_json_begin_object(bb_json_writer *w)
{
    put_value(w, "{");
}

void bb_json_end_object(bb_json_writer *w)
{
    put_text(w, "}");
}

void bb_json_begin_array(bb_json_writer *w)
{
    put_value(w, "[");
}

void bb_json_end_array(bb_json_writer *w)
{
    put_text(w, "]");
}

void bb_json_key(bb_json_writer *w, const char *key)
{
    bb_json_string(w, key);
    put_text(w, ":");
}

void bb_json_string(bb_json_writer *w, const char *text)
{
    bb_json_string_bytes(w, text, strlen(text));
}

void bb_json_string_bytes(bb_json_writer *w, const char *text, size_t bytes)
{
    separate(w);
    put_quoted(w, text, bytes);
}

void bb_json_int(bb_json_writer *w, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    put_value(w, text);
}

void bb_json_double(bb_json_writer *w, double value)
{
    char text[40];

    if (!isfinite(value)) {
        bb_json_null(w);
        return;
    }
    /* 15 digits are always kept, so fewer are shorter only by zeros, which %g drops; not so where the exponent is at its end. */
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < DBL_DECIMAL_DIG && strtod(text, NULL) != value);

    /* The host's locale may put something else, of several bytes, where JSON wants a point. */
    separate(w);
    const char *rest = text + strspn(text, "-0123456789");
    put(w, text, (size_t)(rest - text));
    const char *fraction = rest + strcspn(rest, "0123456789e");
    if (fraction > rest)
        put(w, ".", 1);
    put_text(w, fraction);
}

void bb_json_bool(bb_json_writer *w, bool value)
{
    put_value(w, value ? "true" : "false");
}

void bb_json_null(bb_json_writer *w)
{
    put_value(w, "null");
}

void bb_json_pad(bb_json_writer *w, size_t multiple)
{
    while (!w->failed && w->bytes % multiple)
        put(w, " ", 1);
}

bombus_status bb_json_finish(bb_json_writer *w, char **text, size_t *bytes, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    put(w, "", 1);
    if (w->failed) {
        status = bb_fail_memory(err, w->bytes);
        bb_free(w->text);
    } else {
        *text = w->text;
        *bytes = w->bytes - 1;
    }
    *w = (bb_json_writer){0};
    return status;
}
