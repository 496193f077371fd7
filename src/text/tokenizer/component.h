/* text/tokenizer/component.h: what the loaders of normalizers, pre-tokenizers, post-processors and decoders share. */
#ifndef BB_TEXT_TOKENIZER_COMPONENT_H
#define BB_TEXT_TOKENIZER_COMPONENT_H

#include "base/json.h"
#include "text/buffer.h"
#include "text/tokenizer/regex.h"

enum {
    BB_STEPS = 64,   /* a chain of more steps is refused */
    BB_NESTING = 16, /* so are sequences in sequences beyond this depth */
};

/* A step's place in its file, for messages: "tokenizer.json: normalizer". */
typedef struct bb_place {
    const char *file;
    const char *part; /* "normalizer" */
} bb_place;

/* The "type" of a component. BOMBUS_EFORMAT where it is no object or has none. */
bombus_status bb_component_type(const bb_json *json, const bb_place *place, const char **type, bombus_error *err);
/* BOMBUS_EUNSUPPORTED: "tokenizer.json: normalizer: type "Precompiled" is not supported". */
bombus_status bb_component_unsupported(const bb_json *json, const bb_place *place, bombus_error *err);
/* BOMBUS_EFORMAT: "tokenizer.json: normalizer: Replace.content: 3, expected a string". */
bombus_status bb_component_unexpected(const bb_json *json, const char *field, const bb_place *place, const char *expected,
                                      bombus_error *err);

/* The components of a "Sequence", under field, depth sequences deep. BOMBUS_EFORMAT where it is no array, BOMBUS_EUNSUPPORTED past
 * BB_NESTING; *list is set only on success. */
bombus_status bb_component_sequence(const bb_json *json, const char *field, int depth, const bb_place *place, const bb_json **list,
                                    bombus_error *err);

/* Fields that must be there. */
bombus_status bb_component_bool(const bb_json *json, const char *field, const bb_place *place, bool *out, bombus_error *err);
bombus_status bb_component_text(const bb_json *json, const char *field, const bb_place *place, bb_buffer *out, bombus_error *err);
bombus_status bb_component_size(const bb_json *json, const char *field, const bb_place *place, size_t *out, bombus_error *err);
/* A string of one character. */
bombus_status bb_component_char(const bb_json *json, const char *field, const bb_place *place, bb_buffer *out, bombus_error *err);

/* Where Metaspace puts a mark before a piece: prepend_scheme. */
typedef enum bb_prepend { BB_PREPEND_FIRST, BB_PREPEND_NEVER, BB_PREPEND_ALWAYS } bb_prepend;

bombus_status bb_component_prepend(const bb_json *json, const bb_place *place, bb_prepend *out, bombus_error *err);

/* {"String": "..."} or {"Regex": "..."}: what to look for. */
typedef struct bb_pattern {
    bb_buffer text;  /* where regex is NULL */
    bb_regex *regex; /* NULL for a plain string */
} bb_pattern;

bombus_status bb_component_pattern(const bb_json *json, const char *field, const bb_place *place, bb_pattern *out, bombus_error *err);
void bb_pattern_free(bb_pattern *pattern);

/* A search for a pattern, one thread's. Begin with a zeroed struct. */
typedef struct bb_pattern_search {
    const bb_pattern *pattern;
    bb_regex_search regex;
    const char *text;
    size_t bytes, at;
    size_t last_end; /* of the last match, SIZE_MAX for none; for an empty string */
} bb_pattern_search;

bombus_status bb_pattern_begin(bb_pattern_search *search, const bb_pattern *pattern, const char *text, size_t bytes, bombus_error *err);
bombus_status bb_pattern_next(bb_pattern_search *search, bool *found, size_t *start, size_t *end, bombus_error *err);
void bb_pattern_search_free(bb_pattern_search *search);

/* text with every match replaced by content, appended to out. */
bombus_status bb_pattern_replace(bb_pattern_search *search, const bb_pattern *pattern, const bb_buffer *content, const char *text,
                                 size_t bytes, bb_buffer *out, bombus_error *err);

/* The character that stands for a byte in byte-level vocabularies, and back: -1 for a character that stands for none. */
uint32_t bb_byte_char(unsigned char byte);
int bb_char_byte(uint32_t c);
/* Appends the characters for the bytes of text. */
bool bb_bytes_to_chars(bb_buffer *out, const char *text, size_t bytes);

#endif
