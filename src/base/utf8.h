/* base/utf8.h: is it UTF-8? */
#ifndef BB_BASE_UTF8_H
#define BB_BASE_UTF8_H

#include <stddef.h>

/* The offset of the first byte that does not belong to well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past
 * U+10FFFF, no character cut off at the end), or bytes where all is well. For a bad character it is its first byte. */
size_t bb_utf8_check(const char *text, size_t bytes);

#endif
