/* JSON documents: yajl's events made into a tree.
 *
 * Why a tree of our own over yajl: a tokenizer.json holds half a million strings; yajl reads 7 MB in 0.03 s where the libraries that come
 * with a tree take three to ten times that. What yajl lets pass (malformed UTF-8, halves of surrogate pairs) is refused before it sees the
 * text. The values of open containers wait on one stack; a container that closes moves them to the arena, so that each array and object is
 * one block. */
#include "base/json.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

typedef struct frame {
    size_t base;              /* first entry of this container on the stack */
    const bb_json_sink *sink; /* where its values go, or NULL */
} frame;

typedef struct builder {
    bb_arena *arena;
    bb_json_member *stack; /* values that wait for their container to close; keys only inside objects */
    size_t used, capacity;
    frame frames[BB_JSON_DEPTH];
    size_t depth;
    const char *key; /* of the value to come */
    size_t key_bytes;
    const char *text; /* the document, */
    size_t bytes;     /* for strings that a sink takes where they lie */
    const bb_json_sink *sinks;
    size_t sink_count;
    bool filling;    /* the container that is open, or one around it, goes to a sink */
    bb_arena before; /* the arena as it was before the value a sink is about to take */
    uint32_t *slots; /* for the search of duplicate keys in large objects */
    size_t slot_capacity;
    bb_hash_key hash_key;
    bombus_status status;
    const char *complaint; /* for BOMBUS_EFORMAT */
    const char *culprit;   /* the key the complaint is about, or NULL */
    size_t culprit_bytes;
} builder;

static int stop(builder *b, bombus_status status, const char *complaint, const bb_json_member *culprit)
{
    b->status = status;
    b->complaint = complaint;
    if (culprit) {
        b->culprit = culprit->key;
        b->culprit_bytes = culprit->key_bytes;
    }
    return 0;
}

/* What goes to a sink stays where it lies, unless yajl made it of escapes. */
static const char *store(builder *b, const char *text, size_t bytes)
{
    return b->filling && (uintptr_t)text - (uintptr_t)b->text < b->bytes ? text : bb_arena_strndup(b->arena, text, bytes);
}

static bool in_sink(const builder *b)
{
    return b->depth && b->frames[b->depth - 1].sink;
}

/* Hands the value on top of the stack to the sink of its container and gives its memory back. */
static int give(builder *b)
{
    const bb_json_sink *sink = b->frames[b->depth - 1].sink;
    const bb_json_member *member = &b->stack[--b->used];
    const char *key = sink->type == BB_JSON_OBJECT ? member->key : NULL, *complaint = NULL;

    bombus_status status = sink->take(sink->context, key, key ? member->key_bytes : 0, &member->value, &complaint);
    if (status != BOMBUS_OK)
        return stop(b, status, complaint, key ? member : NULL);
    if (b->arena->chunks == b->before.chunks)
        *b->arena = b->before;
    return 1;
}

/* What is allocated from here on is the sink's: from the key in an object, from the value in an array. */
static void mark(builder *b, bb_json_type container)
{
    if (in_sink(b) && b->frames[b->depth - 1].sink->type == container)
        b->before = *b->arena;
}

static int push(builder *b, bb_json value)
{
    if (b->used == b->capacity && !bb_grow(&b->stack, &b->capacity, b->used + 1, sizeof *b->stack))
        return stop(b, BOMBUS_ENOMEM, NULL, NULL);
    b->stack[b->used++] = (bb_json_member){b->key, b->key_bytes, value};
    return 1;
}

static int push_scalar(builder *b, bb_json value)
{
    return push(b, value) && (!in_sink(b) || give(b));
}

static int push_text(builder *b, bb_json_type type, const char *text, size_t bytes)
{
    mark(b, BB_JSON_ARRAY);
    const char *kept = type == BB_JSON_NUMBER ? bb_arena_strndup(b->arena, text, bytes) : store(b, text, bytes);
    if (!kept)
        return stop(b, BOMBUS_ENOMEM, NULL, NULL);
    return push_scalar(b, (bb_json){.type = type, .text = kept, .bytes = bytes});
}

static int on_null(void *context)
{
    return push_scalar(context, (bb_json){.type = BB_JSON_NULL});
}

static int on_boolean(void *context, int value)
{
    return push_scalar(context, (bb_json){.type = BB_JSON_BOOL, .truth = value != 0});
}

static int on_number(void *context, const char *text, size_t bytes)
{
    return push_text(context, BB_JSON_NUMBER, text, bytes);
}

static int on_string(void *context, const unsigned char *text, size_t bytes)
{
    return push_text(context, BB_JSON_STRING, (const char *)text, bytes);
}

static int on_key(void *context, const unsigned char *text, size_t bytes)
{
    builder *b = context;

    mark(b, BB_JSON_OBJECT);
    b->key = bb_arena_strndup(b->arena, (const char *)text, bytes);
    b->key_bytes = bytes;
    return b->key ? 1 : stop(b, BOMBUS_ENOMEM, NULL, NULL);
}

static bool key_is(const bb_json_member *member, const char *key)
{
    return member->key_bytes == strlen(key) && memcmp(member->key, key, member->key_bytes) == 0;
}

/* The sink for the container on top of the stack. */
static const bb_json_sink *find_sink(const builder *b, bb_json_type type)
{
    if (b->depth != 2)
        return NULL;

    const bb_json_member *root = &b->stack[b->frames[0].base - 1], *outer = &b->stack[b->frames[1].base - 1];
    if (root->value.type != BB_JSON_OBJECT || outer->value.type != BB_JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < b->sink_count; i++)
        if (b->sinks[i].type == type && key_is(outer, b->sinks[i].outer) && key_is(&b->stack[b->used - 1], b->sinks[i].inner))
            return &b->sinks[i];
    return NULL;
}

static int open_container(builder *b, bb_json_type type)
{
    if (b->depth == BB_JSON_DEPTH)
        return stop(b, BOMBUS_EFORMAT, "nested too deep", NULL);
    mark(b, BB_JSON_ARRAY);
    if (!push(b, (bb_json){.type = type}))
        return 0;
    const bb_json_sink *sink = find_sink(b, type);
    b->filling = b->filling || sink;
    b->frames[b->depth++] = (frame){b->used, sink};
    return 1;
}

static bool same_key(const bb_json_member *a, const bb_json_member *b)
{
    return a->key_bytes == b->key_bytes && memcmp(a->key, b->key, a->key_bytes) == 0;
}

/* The second of two members with one key, or NULL. Small objects are compared pair by pair. */
static int find_duplicate(builder *b, const bb_json_member *members, size_t count, const bb_json_member **duplicate)
{
    *duplicate = NULL;
    if (count <= 12) {
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (same_key(&members[i], &members[j]))
                    *duplicate = &members[i];
        return 1;
    }

    size_t size = 32;
    while (size < count * 2)
        size *= 2;
    if (!bb_grow(&b->slots, &b->slot_capacity, size, sizeof *b->slots))
        return stop(b, BOMBUS_ENOMEM, NULL, NULL);
    memset(b->slots, 0, size * sizeof *b->slots);
    for (size_t i = 0; i < count; i++) {
        size_t slot = bb_hash(members[i].key, members[i].key_bytes, b->hash_key) & (size - 1);
        while (b->slots[slot] && !same_key(&members[b->slots[slot] - 1], &members[i]))
            slot = (slot + 1) & (size - 1);
        if (b->slots[slot]) {
            *duplicate = &members[i];
            return 1;
        }
        b->slots[slot] = (uint32_t)(i + 1);
    }
    return 1;
}

/* A container closes: the values in it. */
static size_t close_container(builder *b, size_t *base)
{
    const frame *closed = &b->frames[--b->depth];

    *base = closed->base;
    if (closed->sink)
        b->filling = false;
    return b->used - *base;
}

static int on_end_object(void *context)
{
    builder *b = context;
    size_t base;
    const size_t count = close_container(b, &base);
    const bb_json_member *duplicate;

    if (!find_duplicate(b, b->stack + base, count, &duplicate))
        return 0;
    if (duplicate)
        return stop(b, BOMBUS_EFORMAT, "duplicate key", duplicate);

    bb_json_member *members = bb_arena_alloc(b->arena, count * sizeof *members);
    if (!members)
        return stop(b, BOMBUS_ENOMEM, NULL, NULL);
    if (count)
        memcpy(members, b->stack + base, count * sizeof *members);
    b->used = base;
    b->stack[base - 1].value.members = members;
    b->stack[base - 1].value.size = count;
    return in_sink(b) ? give(b) : 1;
}

static int on_end_array(void *context)
{
    builder *b = context;
    size_t base;
    const size_t count = close_container(b, &base);

    bb_json *items = bb_arena_alloc(b->arena, count * sizeof *items);
    if (!items)
        return stop(b, BOMBUS_ENOMEM, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        items[i] = b->stack[base + i].value;
    b->used = base;
    b->stack[base - 1].value.items = items;
    b->stack[base - 1].value.count = count;
    return in_sink(b) ? give(b) : 1;
}

static int on_start_object(void *context)
{
    return open_container(context, BB_JSON_OBJECT);
}

static int on_start_array(void *context)
{
    return open_container(context, BB_JSON_ARRAY);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end_object,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end_array,
};

/* yajl does not look whether its allocations succeed, so all it may ask for is allocated before it starts. Small blocks are its parser, its
 * stack (a byte a level) and its messages. Large ones are two buffers, for a string with escapes and for what an unfinished document ends
 * with: each grows to the least power of two that holds it. Pages that are not touched cost nothing. */
enum { POOL_SMALL = 32 * 1024, POOL_LIMIT = 2048, POOL_HEADER = 16 };

typedef struct pool {
    unsigned char *blocks; /* each behind a header with its size */
    size_t size, used;
    size_t newest; /* where the newest block begins, for it can grow in place */
} pool;

typedef struct pools {
    pool small, large;
} pools;

static void *pool_alloc(pool *p, size_t size)
{
    const size_t rounded = (size + POOL_HEADER - 1) / POOL_HEADER * POOL_HEADER;

    if (rounded + POOL_HEADER > p->size - p->used)
        return NULL;
    p->newest = p->used + POOL_HEADER;
    p->used += POOL_HEADER + rounded;
    memcpy(p->blocks + p->newest - POOL_HEADER, &size, sizeof size);
    return p->blocks + p->newest;
}

static void *pools_alloc(void *context, size_t size)
{
    pools *both = context;
    return pool_alloc(size < POOL_LIMIT ? &both->small : &both->large, size);
}

static void *pools_realloc(void *context, void *block, size_t size)
{
    pools *both = context;
    pool *large = &both->large;
    size_t old;

    if (!block)
        return pools_alloc(context, size);
    memcpy(&old, (unsigned char *)block - POOL_HEADER, sizeof old);
    if (block == large->blocks + large->newest && old >= POOL_LIMIT) {
        large->used = large->newest - POOL_HEADER;
        return pool_alloc(large, size);
    }
    void *larger = pools_alloc(context, size);
    if (larger)
        memcpy(larger, block, old < size ? old : size);
    return larger;
}

static void pools_free(void *context, void *block)
{
    (void)context;
    (void)block;
}

static bool pools_create(pools *both, size_t bytes)
{
    both->small = (pool){.blocks = bb_alloc(POOL_SMALL), .size = POOL_SMALL};
    both->large = (pool){.size = 4 * bytes + 4 * POOL_LIMIT};
    both->large.blocks = bb_alloc(both->large.size);
    return both->small.blocks && both->large.blocks;
}

static void pools_destroy(pools *both)
{
    bb_free(both->small.blocks);
    bb_free(both->large.blocks);
}

static bombus_status fail_at(bombus_error *err, const char *name, const char *text, size_t offset, const char *complaint,
                             const char *culprit, size_t culprit_bytes)
{
    size_t line = 1, column = 1;

    for (size_t i = 0; i < offset; i++) {
        column++;
        if (text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    if (culprit)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: line %zu, column %zu: %s \"%.*s\"", name, line, column, complaint,
                       culprit_bytes < 200 ? (int)culprit_bytes : 200, culprit);
    return bb_fail(err, BOMBUS_EFORMAT, "%s: line %zu, column %zu: %s", name, line, column, complaint);
}

/* yajl says "parse error: unallowed token at this point in JSON text\n" and variants: the middle is what a message needs. */
static bombus_status fail_parse(bombus_error *err, yajl_handle parser, const char *name, const char *text, size_t bytes)
{
    char complaint[200] = "not JSON";
    size_t offset = yajl_get_bytes_consumed(parser);
    unsigned char *said = yajl_get_error(parser, 0, (const unsigned char *)text, bytes);

    if (said) {
        const char *colon = strstr((const char *)said, ": ");
        snprintf(complaint, sizeof complaint, "%s", colon ? colon + 2 : (const char *)said);
        complaint[strcspn(complaint, "\n")] = '\0';
        yajl_free_error(parser, said);
    }
    return fail_at(err, name, text, offset < bytes ? offset : bytes, complaint, NULL, 0);
}

/* The code unit of an escape "\\uXXXX", or -1 where text holds none. */
static int escaped_unit(const char *text, size_t bytes)
{
    if (bytes < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;

    int unit = 0;
    for (int i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF", *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (!digit)
            return -1;
        unit = unit * 16 + (int)(digit - digits) % 16;
    }
    return unit;
}

/* yajl lets pass what is no text: overlong UTF-8, surrogates in UTF-8, halves of surrogate pairs as escapes. Such keys would come out
 * changed, or two of them the same. It also takes a vertical tab or a form feed for a space. Returns NULL, or the complaint about what
 * stands at *offset. A backslash outside a string is yajl's to refuse. */
static const char *check_text(const char *text, size_t bytes, size_t *offset)
{
    *offset = bb_utf8_valid_prefix(text, bytes);
    if (*offset < bytes)
        return "not UTF-8";

    const char *control = memchr(text, '\v', bytes);
    if (!control)
        control = memchr(text, '\f', bytes);
    if (control) {
        *offset = (size_t)(control - text);
        return "a control character";
    }
    for (size_t at = 0; at < bytes;) {
        const char *backslash = memchr(text + at, '\\', bytes - at);
        if (!backslash)
            break;
        at = (size_t)(backslash - text);

        const int unit = escaped_unit(text + at, bytes - at);
        if (unit < 0xd800 || unit > 0xdfff) {
            at += 2; /* the escaped character too, which may be a backslash */
            continue;
        }
        const int next = escaped_unit(text + at + 6, bytes - at - 6);
        if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) {
            *offset = at;
            return "half of a surrogate pair";
        }
        at += 12;
    }
    return NULL;
}

bombus_status bb_json_parse(bb_json_document *document, const char *text, size_t bytes, const char *name, bombus_error *err)
{
    return bb_json_parse_sinks(document, text, bytes, name, NULL, 0, err);
}

bombus_status bb_json_parse_sinks(bb_json_document *document, const char *text, size_t bytes, const char *name, const bb_json_sink *sinks,
                                  size_t sink_count, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    yajl_handle parser;
    pools memory = {0};

    *document = (bb_json_document){0};
    size_t offset;
    const char *complaint = check_text(text, bytes, &offset);
    if (complaint)
        return fail_at(err, name, text, offset, complaint, NULL, 0);

    builder *b = bb_alloc_zero(1, sizeof *b);
    if (!b)
        return bb_fail_memory(err, sizeof *b);
    b->arena = &document->arena;
    b->hash_key = bb_hash_key_random();
    b->text = text;
    b->bytes = bytes;
    b->sinks = sinks;
    b->sink_count = sink_count;
    if (!pools_create(&memory, bytes)) {
        status = bb_fail_memory(err, memory.large.size);
        goto out;
    }
    yajl_alloc_funcs door = {pools_alloc, pools_realloc, pools_free, &memory};
    parser = yajl_alloc(&callbacks, &door, b);
    yajl_config(parser, yajl_dont_validate_strings, 1);

    yajl_status parsed = yajl_parse(parser, (const unsigned char *)text, bytes);
    size_t consumed = yajl_get_bytes_consumed(parser);
    const bool read_all = parsed == yajl_status_ok;
    /* Behind a complete value yajl takes the beginning of another token for nothing: a line's end is one that no token survives. */
    if (read_all)
        parsed = yajl_parse(parser, (const unsigned char *)"\n", 1);
    if (parsed == yajl_status_ok)
        parsed = yajl_complete_parse(parser);

    if (b->status == BOMBUS_ENOMEM)
        status = bb_fail_memory(err, b->used * sizeof *b->stack);
    else if (b->status != BOMBUS_OK)
        status = fail_at(err, name, text, consumed < bytes ? consumed : bytes, b->complaint, b->culprit, b->culprit_bytes);
    else if (parsed == yajl_status_error && read_all)
        status = fail_at(err, name, text, bytes, "ends too early", NULL, 0);
    else if (parsed != yajl_status_ok)
        status = fail_parse(err, parser, name, text, bytes);
    else if (b->used != 1 || b->depth)
        status = fail_at(err, name, text, bytes, "ends too early", NULL, 0);
    else
        document->root = b->stack[0].value;

out:
    pools_destroy(&memory);
    bb_free(b->stack);
    bb_free(b->slots);
    bb_free(b);
    if (status != BOMBUS_OK)
        bb_json_free(document);
    return status;
}

bombus_status bb_json_load(bb_json_document *document, const char *path, bombus_error *err)
{
    char *text;
    size_t bytes;

    *document = (bb_json_document){0};
    bombus_status status = bb_file_read(&text, &bytes, path, (size_t)1 << 30, err);
    if (status != BOMBUS_OK)
        return status;
    status = bb_json_parse(document, text, bytes, path, err);
    bb_free(text);
    return status;
}

void bb_json_free(bb_json_document *document)
{
    bb_arena_free(&document->arena);
    *document = (bb_json_document){0};
}

/* ---- looking at values ---- */

const char *bb_json_type_name(bb_json_type type)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
    return names[type];
}

const bb_json *bb_json_get(const bb_json *object, const char *key)
{
    if (!bb_json_is(object, BB_JSON_OBJECT))
        return NULL;

    const size_t bytes = strlen(key);
    for (size_t i = 0; i < object->size; i++)
        if (object->members[i].key_bytes == bytes && memcmp(object->members[i].key, key, bytes) == 0)
            return &object->members[i].value;
    return NULL;
}

bool bb_json_is(const bb_json *value, bb_json_type type)
{
    return value && value->type == type;
}

bool bb_json_is_text(const bb_json *value, const char *text)
{
    return bb_json_is(value, BB_JSON_STRING) && value->bytes == strlen(text) && memcmp(value->text, text, value->bytes) == 0;
}

bool bb_json_to_double(const bb_json *value, double *out)
{
    if (!bb_json_is(value, BB_JSON_NUMBER))
        return false;

    /* The host's locale may write decimals with a comma; JSON does not. glibc's "C" is static: nothing is allocated. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    *out = strtod_l(value->text, NULL, plain);
    freelocale(plain);
    return isfinite(*out);
}

bool bb_json_to_int(const bb_json *value, int64_t *out)
{
    if (!bb_json_is(value, BB_JSON_NUMBER))
        return false;

    /* Nearly all are ids in a vocabulary. */
    int64_t plain = 0;
    size_t digits = 0;
    while (digits < 18 && value->text[digits] >= '0' && value->text[digits] <= '9')
        plain = plain * 10 + (value->text[digits++] - '0');
    if (digits == value->bytes) {
        *out = plain;
        return true;
    }

    char *end;
    errno = 0;
    long long exact = strtoll(value->text, &end, 10);
    if (*end == '\0' && errno == 0) {
        *out = exact;
        return true;
    }
    double number;
    if (*end == '\0' || !bb_json_to_double(value, &number) || number != rint(number) || fabs(number) > 9007199254740992.0)
        return false;
    *out = (int64_t)number;
    return true;
}

const char *bb_json_describe(const bb_json *value, char *buffer, size_t size)
{
    if (!value)
        snprintf(buffer, size, "nothing");
    else if (value->type == BB_JSON_STRING)
        snprintf(buffer, size, "\"%.60s\"%s", value->text, value->bytes > 60 ? "..." : "");
    else if (value->type == BB_JSON_NUMBER)
        snprintf(buffer, size, "%.60s", value->text);
    else if (value->type == BB_JSON_BOOL)
        snprintf(buffer, size, "%s", value->truth ? "true" : "false");
    else
        snprintf(buffer, size, "%s", bb_json_type_name(value->type));
    return buffer;
}

/* The value of a field that is there and not null; else NULL, with *status an error if it is needed. */
static const bb_json *field(const bb_json *object, const char *key, bb_json_need need, const char *file, bombus_status *status,
                            bombus_error *err)
{
    const bb_json *value = bb_json_get(object, key);

    *status = BOMBUS_OK;
    if (value && value->type != BB_JSON_NULL)
        return value;
    if (need == BB_JSON_REQUIRED)
        *status = bb_fail(err, BOMBUS_EFORMAT, "%s: %s: missing", file, key);
    return NULL;
}

static bombus_status unexpected(const bb_json *value, const char *key, const char *file, const char *expected, bombus_error *err)
{
    char found[80];
    return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %s, expected %s", file, key, bb_json_describe(value, found, sizeof found), expected);
}

bombus_status bb_json_field_int(const bb_json *object, const char *key, bb_json_need need, int64_t min, int64_t max, int *out,
                                const char *file, bombus_error *err)
{
    bombus_status status;
    int64_t number;
    const bb_json *value = field(object, key, need, file, &status, err);

    if (!value)
        return status;
    if (!bb_json_to_int(value, &number) || number < min || number > max) {
        char expected[80];
        snprintf(expected, sizeof expected, "an integer from %lld to %lld", (long long)min, (long long)max);
        return unexpected(value, key, file, expected, err);
    }
    *out = (int)number;
    return BOMBUS_OK;
}

bombus_status bb_json_field_float(const bb_json *object, const char *key, bb_json_need need, double *out, const char *file,
                                  bombus_error *err)
{
    bombus_status status;
    const bb_json *value = field(object, key, need, file, &status, err);

    if (value && !bb_json_to_double(value, out))
        return unexpected(value, key, file, "a number", err);
    return status;
}

bombus_status bb_json_field_bool(const bb_json *object, const char *key, bb_json_need need, bool *out, const char *file, bombus_error *err)
{
    bombus_status status;
    const bb_json *value = field(object, key, need, file, &status, err);

    if (!value)
        return status;
    if (value->type != BB_JSON_BOOL)
        return unexpected(value, key, file, "true or false", err);
    *out = value->truth;
    return BOMBUS_OK;
}

bombus_status bb_json_field_text(const bb_json *object, const char *key, bb_json_need need, const char **out, const char *file,
                                 bombus_error *err)
{
    bombus_status status;
    const bb_json *value = field(object, key, need, file, &status, err);

    if (!value)
        return status;
    if (value->type != BB_JSON_STRING)
        return unexpected(value, key, file, "a string", err);
    *out = value->text;
    return BOMBUS_OK;
}
