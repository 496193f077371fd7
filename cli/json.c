/* JSON output, written by yajl. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

struct json {
    yajl_gen gen;
    bool failed; /* a text that is not UTF-8, or no memory */
};

static void write_out(void *context, const char *text, size_t bytes)
{
    (void)context;
    put(text, bytes);
}

json *json_begin_text(void)
{
    json *out = calloc(1, sizeof *out);

    if (!out || !(out->gen = yajl_gen_alloc(NULL))) {
        free(out);
        complain("out of memory");
        return NULL;
    }
    yajl_gen_config(out->gen, yajl_gen_validate_utf8, 1);
    return out;
}

json *json_begin(void)
{
    json *out = json_begin_text();

    if (out)
        yajl_gen_config(out->gen, yajl_gen_print_callback, write_out, NULL);
    return out;
}

bool json_finish(json *out)
{
    if (!out)
        return false;

    const bool failed = out->failed;
    yajl_gen_free(out->gen);
    free(out);
    if (failed)
        complain("standard output: a text that is not UTF-8 cannot be written as JSON");
    return put("\n", 1) && flush_output() && !failed;
}

char *json_take_text(json *out, const char *name)
{
    const unsigned char *text;
    char *copy = NULL;
    size_t bytes;

    if (!out)
        return NULL;
    if (out->failed || yajl_gen_get_buf(out->gen, &text, &bytes) != yajl_gen_status_ok)
        complain("%s: is not UTF-8", name);
    else if (!(copy = malloc(bytes + 1)))
        complain("out of memory");
    else
        memcpy(copy, text, bytes);
    if (copy)
        copy[bytes] = '\0';
    yajl_gen_free(out->gen);
    free(out);
    return copy;
}

static void note(json *out, yajl_gen_status status)
{
    out->failed |= status != yajl_gen_status_ok;
}

void json_key(json *out, const char *key)
{
    if (out && key)
        note(out, yajl_gen_string(out->gen, (const unsigned char *)key, strlen(key)));
}

void json_object(json *out)
{
    if (out)
        note(out, yajl_gen_map_open(out->gen));
}

void json_object_end(json *out)
{
    if (out)
        note(out, yajl_gen_map_close(out->gen));
}

void json_array(json *out)
{
    if (out)
        note(out, yajl_gen_array_open(out->gen));
}

void json_array_end(json *out)
{
    if (out)
        note(out, yajl_gen_array_close(out->gen));
}

void json_text(json *out, const char *key, const char *text, size_t bytes)
{
    json_key(out, key);
    if (out)
        note(out, yajl_gen_string(out->gen, (const unsigned char *)text, bytes));
}

void json_string(json *out, const char *key, const char *text)
{
    if (text)
        json_text(out, key, text, strlen(text));
    else
        json_null(out, key);
}

static void write_number(json *out, const char *key, const char *text)
{
    json_key(out, key);
    if (out)
        note(out, yajl_gen_number(out->gen, text, strlen(text)));
}

void json_int(json *out, const char *key, int64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, value);
    write_number(out, key, text);
}

void json_seed(json *out, const char *key, uint64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRIu64, value);
    write_number(out, key, text);
}

void json_float(json *out, const char *key, double value, int digits)
{
    char text[64];

    if (!isfinite(value)) {
        json_null(out, key);
        return;
    }
    snprintf(text, sizeof text, "%.*g", digits, value);
    write_number(out, key, text);
}

void json_bool(json *out, const char *key, bool value)
{
    json_key(out, key);
    if (out)
        note(out, yajl_gen_bool(out->gen, value));
}

void json_null(json *out, const char *key)
{
    json_key(out, key);
    if (out)
        note(out, yajl_gen_null(out->gen));
}

void json_ids(json *out, const char *key, const int32_t *ids, size_t count)
{
    json_key(out, key);
    json_array(out);
    for (size_t i = 0; i < count; i++)
        json_int(out, NULL, ids[i]);
    json_array_end(out);
}

/* The document is one line. JSON has newlines only between its tokens, where a space says the same. */
void json_value(json *out, const char *key, const char *value, size_t bytes)
{
    char *line = malloc(bytes + 1);

    json_key(out, key);
    if (!line && out)
        out->failed = true;
    for (size_t i = 0; line && i < bytes; i++)
        line[i] = value[i] == '\n' || value[i] == '\r' ? ' ' : value[i];
    if (line && out)
        note(out, yajl_gen_number(out->gen, line, bytes)); /* written as it is */
    free(line);
}
