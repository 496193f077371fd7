/* base/json.h: JSON documents (RFC 8259), read into a tree and written from calls.
 *
 * Reading is strict: UTF-8, no duplicate keys, no trailing bytes, at most BB_JSON_DEPTH levels. A document lives in one arena. */
#ifndef BB_BASE_JSON_H
#define BB_BASE_JSON_H

#include "base/memory.h"

#include <bombus/error.h>
#include <stdbool.h>
#include <stdint.h>

enum { BB_JSON_DEPTH = 512 };

typedef enum bb_json_type { BB_JSON_NULL, BB_JSON_BOOL, BB_JSON_NUMBER, BB_JSON_STRING, BB_JSON_ARRAY, BB_JSON_OBJECT } bb_json_type;

typedef struct bb_json bb_json;
typedef struct bb_json_member bb_json_member;

struct bb_json {
    bb_json_type type;
    bool truth; /* BB_JSON_BOOL */
    union {
        struct {
            const char *text; /* BB_JSON_STRING, or the literal of a BB_JSON_NUMBER; ends in NUL, may hold NULs */
            size_t bytes;
        };
        struct {
            const bb_json *items; /* BB_JSON_ARRAY [count] */
            size_t count;
        };
        struct {
            const bb_json_member *members; /* BB_JSON_OBJECT [size], in the order of the text */
            size_t size;
        };
    };
};

struct bb_json_member {
    const char *key; /* ends in NUL */
    size_t key_bytes;
    bb_json value;
};

typedef struct bb_json_document {
    bb_arena arena;
    bb_json root;
} bb_json_document;

/* name stands in messages ("config.json: line 3, column 7: ..."). text need not outlive the call. BOMBUS_EFORMAT, BOMBUS_ENOMEM.
 * bb_json_free is needed only after success. */
bombus_status bb_json_parse(bb_json_document *document, const char *text, size_t bytes, const char *name, bombus_error *err);
/* A file of at most 1 GiB. */
bombus_status bb_json_load(bb_json_document *document, const char *path, bombus_error *err);

/* A container too large for a tree: the array or object that is member inner of the object that is member outer of the root. Its values go
 * to take one by one, with their keys in an object, and end with the call; strings and keys among them have no NUL behind them. In the tree
 * the container stays empty. take sees to duplicate keys itself. What it returns other than BOMBUS_OK ends the parse; for BOMBUS_EFORMAT it
 * sets *complaint, which the message gives with the place and the key. */
typedef struct bb_json_sink {
    const char *outer, *inner;
    bb_json_type type; /* BB_JSON_ARRAY or BB_JSON_OBJECT; a value of another type goes into the tree */
    bombus_status (*take)(void *context, const char *key, size_t key_bytes, const bb_json *value, const char **complaint);
    void *context;
} bb_json_sink;

/* bb_json_parse with sinks. */
bombus_status bb_json_parse_sinks(bb_json_document *document, const char *text, size_t bytes, const char *name, const bb_json_sink *sinks,
                                  size_t sink_count, bombus_error *err);

void bb_json_free(bb_json_document *document);

/* "an object", for messages. */
const char *bb_json_type_name(bb_json_type type);

/* NULL where object is NULL, is no object, or has no such key. */
const bb_json *bb_json_get(const bb_json *object, const char *key);
bool bb_json_is(const bb_json *value, bb_json_type type);     /* false for NULL */
bool bb_json_is_text(const bb_json *value, const char *text); /* a string equal to text */
bool bb_json_to_int(const bb_json *value, int64_t *out);      /* a number without fraction that fits; 1e3 and 2.0 are such */
bool bb_json_to_double(const bb_json *value, double *out);

/* Fields of an object, with messages: "config.json: hidden_size: "x", expected an integer from 1 to 1048576".
 * An absent or null field leaves *out alone and is an error only with BB_JSON_REQUIRED. file names the document. */
typedef enum bb_json_need { BB_JSON_OPTIONAL, BB_JSON_REQUIRED } bb_json_need;

bombus_status bb_json_field_int(const bb_json *object, const char *key, bb_json_need need, int64_t min, int64_t max, int *out,
                                const char *file, bombus_error *err);
bombus_status bb_json_field_float(const bb_json *object, const char *key, bb_json_need need, double *out, const char *file,
                                  bombus_error *err);
bombus_status bb_json_field_bool(const bb_json *object, const char *key, bb_json_need need, bool *out, const char *file, bombus_error *err);
/* Borrowed from the document. */
bombus_status bb_json_field_text(const bb_json *object, const char *key, bb_json_need need, const char **out, const char *file,
                                 bombus_error *err);

/* What value is, short, for messages: "12", "\"gelu\"", "an array". Returns buffer. */
const char *bb_json_describe(const bb_json *value, char *buffer, size_t size);

#endif
