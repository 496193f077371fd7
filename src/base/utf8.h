/* base/utf8.h: what is UTF-8, and code points in and out of it. */
#ifndef BB_BASE_UTF8_H
#define BB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BB_UTF8_MAX = 4 };

/* Bytes of the character that text begins with, 0 where it begins with none: overlong forms, surrogates and values past U+10FFFF are none.
 */
size_t bb_utf8_character(const char *text, size_t bytes);

/* Bytes before the first that belongs to no character; bytes where all is well. */
size_t bb_utf8_valid_prefix(const char *text, size_t bytes);

static inline bool bb_utf8_valid(const char *text, size_t bytes)
{
    return bb_utf8_valid_prefix(text, bytes) == bytes;
}

/* One character of text that is known to be well formed. Returns its length. */
static inline size_t bb_utf8_decode(const char *text, uint32_t *out)
{
    const unsigned char *s = (const unsigned char *)text;

    if (s[0] < 0x80) {
        *out = s[0];
        return 1;
    }
    if (s[0] < 0xe0) {
        *out = (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
        return 2;
    }
    if (s[0] < 0xf0) {
        *out = (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
        return 3;
    }
    *out = (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 | (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
    return 4;
}

/* The first byte of the character that ends at at > 0, in text that is known to be well formed. */
static inline size_t bb_utf8_before(const char *text, size_t at)
{
    do
        at--;
    while (((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

/* Length of a character by its first byte, in text that is known to be well formed. */
static inline size_t bb_utf8_length(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Writes at most BB_UTF8_MAX bytes; returns how many. c is a code point and no surrogate. */
static inline size_t bb_utf8_encode(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Takes a stream of bytes apart into characters. */
typedef struct bb_utf8_stream {
    unsigned char bytes[BB_UTF8_MAX]; /* of a character that is not complete */
    size_t count;
} bb_utf8_stream;

typedef enum bb_utf8_event {
    BB_UTF8_MORE,      /* the byte is kept */
    BB_UTF8_CHARACTER, /* stream->bytes is a whole character; set count to 0 before going on */
    BB_UTF8_BROKEN,    /* what was kept is no character; set count to 0 and give the byte again */
    BB_UTF8_INVALID,   /* the byte alone is no character; nothing was kept */
} bb_utf8_event;

/* Broken and invalid events come where the WHATWG decoder puts U+FFFD, one for each longest beginning of a character. */
bb_utf8_event bb_utf8_push(bb_utf8_stream *stream, unsigned char byte);

#endif
