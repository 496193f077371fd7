/* text/unicode.h: classes, case and normal forms of code points, as the tokenizers library has them. */
#ifndef BB_TEXT_UNICODE_H
#define BB_TEXT_UNICODE_H

#include "text/buffer.h"
#include "text/unicode_tables.h"

#include <stdbool.h>

bool bb_unicode_in(uint32_t c, const bb_unicode_range *ranges, size_t count);
/* The class of that name (see bb_unicode_set), or NULL. Case, spaces, '_' and '-' do not matter in names of properties. */
const bb_unicode_set *bb_unicode_find_set(const char *name, size_t bytes);

bool bb_unicode_is_space(uint32_t c);       /* \s of both regex engines, and Rust's whitespace */
bool bb_unicode_is_word(uint32_t c);        /* \w of the regex crate */
bool bb_unicode_is_numeric(uint32_t c);     /* Rust's */
bool bb_unicode_is_punctuation(uint32_t c); /* ASCII punctuation and the categories P* */
bool bb_unicode_is_mark(uint32_t c);        /* what StripAccents removes */
bool bb_unicode_is_bert_control(uint32_t c);
bool bb_unicode_is_bert_mark(uint32_t c);

/* Lower case of one character, at most two. Returns how many. */
size_t bb_unicode_lower(uint32_t c, uint32_t out[2]);

typedef enum bb_unicode_form { BB_NFD, BB_NFC, BB_NFKD, BB_NFKC } bb_unicode_form;

/* Appends the normal form of well-formed text to out. false without memory. Linear in the length of the text, however many marks follow
 * one another. */
bool bb_unicode_normalize(bb_buffer *out, const char *text, size_t bytes, bb_unicode_form form);

#endif
