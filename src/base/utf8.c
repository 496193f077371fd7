/* UTF-8, checked as the Unicode standard's table 3-7 states it: the range of the second byte depends on the first. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the character at s, of which left remain; 0 where it is malformed. */
static size_t character(const unsigned char *s, size_t left)
{
    const unsigned char first = s[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t length;

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0) {
        length = 2;
    } else if (first < 0xf0) {
        length = 3;
        low = first == 0xe0 ? 0xa0 : low;
        high = first == 0xed ? 0x9f : high;
    } else {
        length = 4;
        low = first == 0xf0 ? 0x90 : low;
        high = first == 0xf4 ? 0x8f : high;
    }
    if (left < length || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

size_t bb_utf8_check(const char *text, size_t bytes)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;

    while (i < bytes) {
        uint64_t word;
        if (bytes - i >= sizeof word) {
            memcpy(&word, s + i, sizeof word);
            if (!(word & 0x8080808080808080u)) {
                i += sizeof word;
                continue;
            }
        }
        size_t length = character(s + i, bytes - i);
        if (!length)
            return i;
        i += length;
    }
    return bytes;
}
