/* Sets of code points. */
#include "text/tokenizer/charset.h"

#include "base/memory.h"
#include "text/unicode.h"

#include <stdlib.h>

bool bb_charset_add(bb_charset *set, uint32_t first, uint32_t last)
{
    if (!bb_grow(&set->ranges, &set->capacity, set->count + 1, sizeof *set->ranges))
        return false;
    set->ranges[set->count++] = (bb_unicode_range){first, last};
    return true;
}

bool bb_charset_add_ranges(bb_charset *set, const bb_unicode_range *ranges, size_t count)
{
    if (!bb_grow(&set->ranges, &set->capacity, set->count + count, sizeof *set->ranges))
        return false;
    if (count)
        memcpy(set->ranges + set->count, ranges, count * sizeof *ranges);
    set->count += count;
    return true;
}

static int by_first(const void *a, const void *b)
{
    const bb_unicode_range *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

void bb_charset_tidy(bb_charset *set)
{
    size_t kept = 0;

    if (set->count == 0)
        return;
    qsort(set->ranges, set->count, sizeof *set->ranges, by_first);
    for (size_t i = 1; i < set->count; i++) {
        if (set->ranges[i].first <= set->ranges[kept].last + 1) {
            if (set->ranges[i].last > set->ranges[kept].last)
                set->ranges[kept].last = set->ranges[i].last;
        } else {
            set->ranges[++kept] = set->ranges[i];
        }
    }
    set->count = kept + 1;
}

bool bb_charset_complement(bb_charset *set)
{
    bb_charset out = {0};
    uint32_t next = 0;

    for (size_t i = 0; i < set->count; i++) {
        if (set->ranges[i].first > next && !bb_charset_add(&out, next, set->ranges[i].first - 1)) {
            bb_charset_free(&out);
            return false;
        }
        next = set->ranges[i].last + 1;
    }
    if (next <= BB_CODE_POINT_MAX && !bb_charset_add(&out, next, BB_CODE_POINT_MAX)) {
        bb_charset_free(&out);
        return false;
    }
    bb_charset_free(set);
    *set = out;
    return true;
}

bool bb_charset_intersect(bb_charset *set, const bb_charset *other)
{
    bb_charset out = {0};

    for (size_t i = 0, j = 0; i < set->count && j < other->count;) {
        const bb_unicode_range a = set->ranges[i], b = other->ranges[j];
        uint32_t first = a.first > b.first ? a.first : b.first, last = a.last < b.last ? a.last : b.last;
        if (first <= last && !bb_charset_add(&out, first, last)) {
            bb_charset_free(&out);
            return false;
        }
        if (a.last < b.last)
            i++;
        else
            j++;
    }
    bb_charset_free(set);
    *set = out;
    return true;
}

bool bb_charset_has(const bb_charset *set, uint32_t c)
{
    return bb_unicode_in(c, set->ranges, set->count);
}

bool bb_charset_equal(const bb_charset *a, const bb_charset *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->ranges, b->ranges, a->count * sizeof *a->ranges) == 0);
}

void bb_charset_free(bb_charset *set)
{
    bb_free(set->ranges);
    *set = (bb_charset){0};
}
