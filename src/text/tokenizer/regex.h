/* text/tokenizer/regex.h: regular expressions in the syntax of tokenizer.json (Oniguruma's, as Ruby has it) over UTF-8. */
#ifndef BB_TEXT_TOKENIZER_REGEX_H
#define BB_TEXT_TOKENIZER_REGEX_H

#include "text/buffer.h"
#include "text/tokenizer/charset.h"

#include <bombus/error.h>

/* ---- regex_parse.c: a pattern taken apart ---- */

/* Sets of a pattern beyond these many, or a finer division of all characters, do not fit a byte. */
enum { BB_REGEX_CLASSES = 256 };

/* The pattern in PCRE2's syntax, except that a set of characters is written as BB_REGEX_SET and its number as two bytes. */
enum { BB_REGEX_SET = 1 };

typedef struct bb_regex_parsed {
    bb_buffer pattern;
    bb_charset *sets;
    size_t count, capacity;
} bb_regex_parsed;

/* where stands before messages ("tokenizer.json: pre_tokenizer"). BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED, BOMBUS_ENOMEM. bb_regex_parsed_free
 * is needed in any case. */
bombus_status bb_regex_parse(bb_regex_parsed *out, const char *pattern, size_t bytes, const char *where, bombus_error *err);
void bb_regex_parsed_free(bb_regex_parsed *parsed);

/* ---- regex.c: compiled and run ---- */

/* Immutable once compiled. */
typedef struct bb_regex bb_regex;

bombus_status bb_regex_compile(bb_regex **out, const char *pattern, size_t bytes, const char *where, bombus_error *err);
void bb_regex_free(bb_regex *regex);

/* A search through one text after another, one thread's. Begin with a zeroed struct. */
typedef struct bb_regex_search {
    const bb_regex *regex;
    const char *text;
    size_t bytes;
    bb_buffer classes; /* the text, each character replaced by the number of its class */
    size_t characters;
    size_t from;               /* character where the next search begins */
    size_t last_end;           /* character where the last match ended, SIZE_MAX for none */
    size_t at_character, at;   /* a character and the byte it begins at */
    struct pcre2_scratch *own; /* match data and stack */
} bb_regex_search;

/* Allocates what searches of texts of at most bytes need, so that they allocate nothing themselves. false without memory. */
bool bb_regex_prepare(bb_regex_search *search, const bb_regex *regex, size_t bytes);
bombus_status bb_regex_begin(bb_regex_search *search, const bb_regex *regex, const char *text, size_t bytes, bombus_error *err);
/* The next match, from left to right, as bytes of the text. *found is false when there is none. An empty match right behind a match does
 * not count. */
bombus_status bb_regex_next(bb_regex_search *search, bool *found, size_t *start, size_t *end, bombus_error *err);
void bb_regex_search_free(bb_regex_search *search);

#endif
