/* base/utf8.h: is it UTF-8? (No overlong forms, no surrogates, nothing past U+10FFFF.) */
#ifndef BB_BASE_UTF8_H
#define BB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that text begins with, 0 where it begins with none. */
size_t bb_utf8_character(const char *text, size_t bytes);

/* Bytes before the first that belongs to no character; bytes where all is well. */
size_t bb_utf8_valid_prefix(const char *text, size_t bytes);

static inline bool bb_utf8_valid(const char *text, size_t bytes)
{
    return bb_utf8_valid_prefix(text, bytes) == bytes;
}

#endif
