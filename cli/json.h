/* json.h: one JSON document, to standard output or as a text; a document taken apart. */
#ifndef JSON_H
#define JSON_H

#include "cli.h"

typedef struct json json;

/* NULL without memory, after a complaint. Every other function takes NULL. */
json *json_begin(void);
/* Ends the line and flushes. false where anything went wrong, after a complaint. */
bool json_finish(json *out);

/* The same into memory: json_take_text, not json_finish, ends it. The caller frees the text; NULL where anything went wrong, after a
 * complaint, in which name says where the document's strings are from. */
json *json_begin_text(void);
char *json_take_text(json *out, const char *name);

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/* A member of an object, or an element of an array. Borrowed for the length of the call. */
typedef struct json_child {
    const char *key; /* NULL in an array */
    json_kind kind;
    const char *text; /* [bytes]. A string's: unescaped; a number's: as it is written; a NUL is behind both. A container's: all of it */
    size_t bytes;
    bool truth;
} json_child;

/* Returns false to end the reading. */
typedef bool (*json_child_taker)(const json_child *child, void *context);

/* Gives the children of a document of this kind, JSON_ARRAY or JSON_OBJECT, one by one. Returns false, without a complaint, where the text
 * is no such document, where take has returned false and without memory. */
bool json_children(const char *text, size_t bytes, json_kind kind, json_child_taker take, void *context);

/* "a string". Static. */
const char *json_kind_name(json_kind kind);

/* One element of an array of objects: its text, and the member that was asked for, NULL where it has no string of that name. Returns false
 * to end the reading. */
typedef bool (*json_taker)(const char *text, size_t bytes, const char *member, void *context);

/* Gives the elements of an array of objects one by one. Returns false as json_children does, and where an element is no object. */
bool json_objects(const char *text, size_t bytes, const char *member, json_taker take, void *context);

void json_object(json *out);
void json_object_end(json *out);
void json_array(json *out);
void json_array_end(json *out);

/* key is NULL inside arrays. */
void json_text(json *out, const char *key, const char *text, size_t bytes);
void json_string(json *out, const char *key, const char *text); /* NULL: null */
void json_int(json *out, const char *key, int64_t value);
void json_seed(json *out, const char *key, uint64_t value);
void json_float(json *out, const char *key, double value, int digits); /* null where value is not finite */
void json_bool(json *out, const char *key, bool value);
void json_null(json *out, const char *key);
void json_value(json *out, const char *key, const char *value, size_t bytes); /* a value that is JSON already */
void json_ids(json *out, const char *key, const int32_t *ids, size_t count);
void json_key(json *out, const char *key);

#endif
