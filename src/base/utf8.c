/* Checks of UTF-8, after table 3-7 of the Unicode standard. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static bool within(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

size_t bb_utf8_character(const char *text, size_t bytes)
{
    const unsigned char *s = (const unsigned char *)text;

    if (bytes == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;

    const size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (!within(s[0], 0xc2, 0xf4) || bytes < length)
        return 0;

    /* The second byte's range rules out overlong forms, surrogates and what lies past U+10FFFF. */
    const unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (!within(s[1], low, high))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!within(s[i], 0x80, 0xbf))
            return 0;
    return length;
}

size_t bb_utf8_valid_prefix(const char *text, size_t bytes)
{
    size_t at = 0;

    while (at < bytes) {
        uint64_t eight;
        if (bytes - at >= 8 && (memcpy(&eight, text + at, 8), (eight & 0x8080808080808080u) == 0)) {
            at += 8;
            continue;
        }
        size_t length = bb_utf8_character(text + at, bytes - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}
