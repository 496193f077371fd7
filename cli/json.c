/* JSON written and taken apart by yajl. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

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

/* ---- a document taken apart ---- */

/* yajl tells how far it has read: at a bracket that is behind the bracket. */
typedef struct reading {
    yajl_handle handle;
    const char *text;
    json_kind kind;
    json_child_taker take;
    void *context;
    int depth;    /* of the brackets that are open */
    size_t begin; /* of the present child, where that has brackets */
    char *key;    /* of the present child, NULL in an array */
} reading;

static int give(reading *r, json_child child)
{
    if (r->depth != 1)
        return r->depth > 1; /* what is deeper belongs to a child; nothing may stand outside */
    child.key = r->key;
    return r->take(&child, r->context);
}

/* With a NUL behind the text. */
static int give_text(reading *r, json_kind kind, const char *text, size_t bytes)
{
    char *copy = r->depth == 1 ? malloc(bytes + 1) : NULL;

    if (!copy)
        return r->depth > 1;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    const int more = give(r, (json_child){.kind = kind, .text = copy, .bytes = bytes});
    free(copy);
    return more;
}

static int on_null(void *context)
{
    return give(context, (json_child){.kind = JSON_NULL});
}

static int on_boolean(void *context, int value)
{
    return give(context, (json_child){.kind = JSON_BOOL, .truth = value});
}

static int on_number(void *context, const char *text, size_t bytes)
{
    return give_text(context, JSON_NUMBER, text, bytes);
}

static int on_string(void *context, const unsigned char *text, size_t bytes)
{
    return give_text(context, JSON_STRING, (const char *)text, bytes);
}

static int on_key(void *context, const unsigned char *text, size_t bytes)
{
    reading *r = context;

    if (r->depth != 1)
        return 1;
    free(r->key);
    return (r->key = strndup((const char *)text, bytes)) != NULL;
}

static int open_bracket(reading *r, json_kind kind)
{
    if (r->depth == 1)
        r->begin = yajl_get_bytes_consumed(r->handle) - 1;
    return r->depth++ > 0 || kind == r->kind;
}

static int close_bracket(reading *r, json_kind kind)
{
    if (--r->depth != 1)
        return 1;
    return give(r, (json_child){.kind = kind, .text = r->text + r->begin, .bytes = yajl_get_bytes_consumed(r->handle) - r->begin});
}

static int on_open_object(void *context)
{
    return open_bracket(context, JSON_OBJECT);
}

static int on_close_object(void *context)
{
    return close_bracket(context, JSON_OBJECT);
}

static int on_open_array(void *context)
{
    return open_bracket(context, JSON_ARRAY);
}

static int on_close_array(void *context)
{
    return close_bracket(context, JSON_ARRAY);
}

bool json_children(const char *text, size_t bytes, json_kind kind, json_child_taker take, void *context)
{
    static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                             .yajl_boolean = on_boolean,
                                             .yajl_number = on_number,
                                             .yajl_string = on_string,
                                             .yajl_map_key = on_key,
                                             .yajl_start_map = on_open_object,
                                             .yajl_end_map = on_close_object,
                                             .yajl_start_array = on_open_array,
                                             .yajl_end_array = on_close_array};
    reading r = {.text = text, .kind = kind, .take = take, .context = context};
    bool done = false;

    r.handle = yajl_alloc(&callbacks, NULL, &r);
    if (r.handle)
        done =
            yajl_parse(r.handle, (const unsigned char *)text, bytes) == yajl_status_ok && yajl_complete_parse(r.handle) == yajl_status_ok;
    if (r.handle)
        yajl_free(r.handle);
    free(r.key);
    return done;
}

const char *json_kind_name(json_kind kind)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};

    return names[kind];
}

typedef struct objects {
    const char *member;
    char *value; /* of the present element's member, NULL for none yet */
    json_taker take;
    void *context;
} objects;

static bool find_member(const json_child *child, void *context)
{
    objects *o = context;

    if (child->kind != JSON_STRING || strcmp(child->key, o->member) != 0)
        return true;
    free(o->value);
    return (o->value = strdup(child->text)) != NULL;
}

static bool take_object(const json_child *child, void *context)
{
    objects *o = context;
    const bool more =
        json_children(child->text, child->bytes, JSON_OBJECT, find_member, o) && o->take(child->text, child->bytes, o->value, o->context);

    free(o->value);
    o->value = NULL;
    return more;
}

bool json_objects(const char *text, size_t bytes, const char *member, json_taker take, void *context)
{
    objects o = {.member = member, .take = take, .context = context};

    return json_children(text, bytes, JSON_ARRAY, take_object, &o);
}
