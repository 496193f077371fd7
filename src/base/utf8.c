/* UTF-8: what is well formed and what is not, after table 3-7 of the Unicode standard. */
#include "base/utf8.h"

#include <string.h>

/* The length a first byte asks for and what its second byte may be: the only place where overlong forms, surrogates and values past
 * U+10FFFF show. 0 where no character begins so. */
static size_t begin(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0)
        return 2;
    if (first == 0xe0)
        *low = 0xa0;
    if (first == 0xed)
        *high = 0x9f;
    if (first < 0xf0)
        return 3;
    if (first == 0xf0)
        *low = 0x90;
    if (first == 0xf4)
        *high = 0x8f;
    return 4;
}

size_t bb_utf8_character(const char *text, size_t bytes)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned char low, high;
    const size_t length = bytes ? begin(s[0], &low, &high) : 0;

    if (length > bytes || (length > 1 && (s[1] < low || s[1] > high)))
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

size_t bb_utf8_valid_prefix(const char *text, size_t bytes)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t i = 0; i < bytes;) {
        uint64_t word = 0;
        if (bytes - i >= 8)
            memcpy(&word, s + i, 8);
        if (s[i] < 0x80) {
            if (bytes - i < 8)
                i++;
            else if ((word & 0x8080808080808080u) == 0)
                i += 8;
            else
                while (s[i] < 0x80)
                    i++;
        } else if (s[i] >= 0xc2 && s[i] < 0xe0 && bytes - i >= 2 && (s[i + 1] & 0xc0) == 0x80) {
            i += 2; /* byte-level vocabularies are full of these */
        } else {
            const size_t length = bb_utf8_character(text + i, bytes - i);
            if (!length)
                return i;
            i += length;
        }
    }
    return bytes;
}

bb_utf8_event bb_utf8_push(bb_utf8_stream *stream, unsigned char byte)
{
    unsigned char low, high;

    if (stream->count == 0) {
        size_t length = begin(byte, &low, &high);
        if (length == 0)
            return BB_UTF8_INVALID;
        stream->bytes[stream->count++] = byte;
        return length == 1 ? BB_UTF8_CHARACTER : BB_UTF8_MORE;
    }
    size_t length = begin(stream->bytes[0], &low, &high);
    if (stream->count > 1) {
        low = 0x80;
        high = 0xbf;
    }
    if (byte < low || byte > high)
        return BB_UTF8_BROKEN;
    stream->bytes[stream->count++] = byte;
    return stream->count == length ? BB_UTF8_CHARACTER : BB_UTF8_MORE;
}
