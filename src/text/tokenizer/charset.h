/* text/tokenizer/charset.h: sets of code points, as sorted ranges. */
#ifndef BB_TEXT_TOKENIZER_CHARSET_H
#define BB_TEXT_TOKENIZER_CHARSET_H

#include "text/unicode_tables.h"

#include <stdbool.h>

enum { BB_CODE_POINT_MAX = 0x10ffff };

/* Begin with a zeroed struct. Sorted, disjoint and not touching, except between add and tidy. Functions are false without memory. */
typedef struct bb_charset {
    bb_unicode_range *ranges;
    size_t count, capacity;
} bb_charset;

bool bb_charset_add(bb_charset *set, uint32_t first, uint32_t last);
bool bb_charset_add_ranges(bb_charset *set, const bb_unicode_range *ranges, size_t count);
void bb_charset_tidy(bb_charset *set); /* after adding */
bool bb_charset_complement(bb_charset *set);
bool bb_charset_intersect(bb_charset *set, const bb_charset *other);
bool bb_charset_has(const bb_charset *set, uint32_t c);
bool bb_charset_equal(const bb_charset *a, const bb_charset *b);
void bb_charset_free(bb_charset *set);

#endif
