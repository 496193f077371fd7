/* Classes, case and normal forms.
 *
 * utf8proc knows the decompositions and combining classes of a newer Unicode than the library's normalizer; a table says which of them
 * count. Both never change once given, so the result does not depend on utf8proc's version. The algorithm is our own because utf8proc
 * orders marks by swapping neighbours, which takes quadratic time over long runs. */
#include "text/unicode.h"

#include "base/utf8.h"

#include <utf8proc.h>

bool bb_unicode_in(uint32_t c, const bb_unicode_range *ranges, size_t count)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else if (c < ranges[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

static bool skipped(char c)
{
    return c == ' ' || c == '_' || c == '-';
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_name(const char *known, const char *name, size_t bytes)
{
    size_t i = 0;

    if (known[0] == '\\' || known[0] == '[')
        return strlen(known) == bytes && memcmp(known, name, bytes) == 0;
    for (;; known++) {
        while (skipped(*known))
            known++;
        while (i < bytes && skipped(name[i]))
            i++;
        if (!*known || i == bytes)
            return !*known && i == bytes;
        if (folded(*known) != folded(name[i++]))
            return false;
    }
}

const bb_unicode_set *bb_unicode_find_set(const char *name, size_t bytes)
{
    for (size_t i = 0; i < bb_unicode_sets_count; i++)
        if (same_name(bb_unicode_sets[i].name, name, bytes))
            return &bb_unicode_sets[i];
    return NULL;
}

bool bb_unicode_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

#define PREDICATE(function, table)                                                                                                         \
    bool function(uint32_t c)                                                                                                              \
    {                                                                                                                                      \
        return bb_unicode_in(c, bb_unicode_##table, bb_unicode_##table##_count);                                                           \
    }
PREDICATE(bb_unicode_is_word, word)
PREDICATE(bb_unicode_is_numeric, numeric)
PREDICATE(bb_unicode_is_punctuation, punctuation)
PREDICATE(bb_unicode_is_mark, marks)
PREDICATE(bb_unicode_is_bert_control, bert_control)
PREDICATE(bb_unicode_is_bert_mark, bert_marks)
#undef PREDICATE

size_t bb_unicode_lower(uint32_t c, uint32_t out[2])
{
    size_t low = 0, high = bb_unicode_lower_count;

    out[0] = c;
    if (c == 0x130) {
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    if (c < 0x80) {
        out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
        return 1;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bb_unicode_lower_table[middle].from < c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < bb_unicode_lower_count && bb_unicode_lower_table[low].from == c)
        out[0] = bb_unicode_lower_table[low].to;
    return 1;
}

/* ---- normal forms ---- */

enum {
    STABLE = 0x300,       /* characters below have class 0 and never join the one before */
    LONGEST_MAPPING = 18, /* U+FDFA */
    CHUNK = 4096,         /* characters between which a chunk may end */
    HANGUL_S = 0xac00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT,
};

typedef struct mark {
    uint32_t c;
    uint32_t class;
} mark;

typedef struct marks {
    mark *items;
    size_t count, capacity;
    mark *sorted; /* scratch of order_run */
    size_t sorted_capacity;
} marks;

static uint32_t class_of(uint32_t c)
{
    if (c < STABLE || !bb_unicode_in(c, bb_unicode_combining, bb_unicode_combining_count))
        return 0;
    return (uint32_t)utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

static bool decompose(marks *m, uint32_t c, bool compatible)
{
    utf8proc_int32_t mapped[LONGEST_MAPPING];
    utf8proc_ssize_t count = 1;

    mapped[0] = (utf8proc_int32_t)c;
    if (c >= 0xa0) {
        const uint32_t s = c - HANGUL_S;
        bool known = compatible ? bb_unicode_in(c, bb_unicode_compatibility, bb_unicode_compatibility_count)
                                : bb_unicode_in(c, bb_unicode_canonical, bb_unicode_canonical_count);
        if (s < HANGUL_S_COUNT) {
            mapped[0] = (utf8proc_int32_t)(HANGUL_L + s / (HANGUL_V_COUNT * HANGUL_T_COUNT));
            mapped[1] = (utf8proc_int32_t)(HANGUL_V + s / HANGUL_T_COUNT % HANGUL_V_COUNT);
            mapped[2] = (utf8proc_int32_t)(HANGUL_T + s % HANGUL_T_COUNT);
            count = s % HANGUL_T_COUNT ? 3 : 2;
        } else if (known) {
            count = utf8proc_decompose_char((utf8proc_int32_t)c, mapped, LONGEST_MAPPING,
                                            UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0), NULL);
        }
    }
    if (!bb_grow(&m->items, &m->capacity, m->count + (size_t)count, sizeof *m->items))
        return false;
    for (utf8proc_ssize_t i = 0; i < count; i++)
        m->items[m->count++] = (mark){(uint32_t)mapped[i], class_of((uint32_t)mapped[i])};
    return true;
}

/* Sorts a run of marks by class and keeps the order within a class: by insertion while short, by counting when long. */
static bool order_run(marks *m, mark *run, size_t count)
{
    if (count <= 16) {
        for (size_t i = 1; i < count; i++) {
            mark moved = run[i];
            size_t j = i;
            for (; j > 0 && run[j - 1].class > moved.class; j--)
                run[j] = run[j - 1];
            run[j] = moved;
        }
        return true;
    }

    size_t place[257] = {0};
    if (!bb_grow(&m->sorted, &m->sorted_capacity, count, sizeof *m->sorted))
        return false;
    for (size_t i = 0; i < count; i++)
        place[run[i].class + 1]++;
    for (size_t i = 1; i < 257; i++)
        place[i] += place[i - 1];
    for (size_t i = 0; i < count; i++)
        m->sorted[place[run[i].class]++] = run[i];
    memcpy(run, m->sorted, count * sizeof *run);
    return true;
}

static bool order(marks *m)
{
    for (size_t i = 0; i < m->count;) {
        size_t end = i;
        while (end < m->count && m->items[end].class)
            end++;
        if (end - i > 1 && !order_run(m, m->items + i, end - i))
            return false;
        i = end > i ? end : i + 1;
    }
    return true;
}

/* The primary composite of two characters, or 0. */
static uint32_t compose_pair(uint32_t a, uint32_t b)
{
    if (a - HANGUL_L < HANGUL_L_COUNT && b - HANGUL_V < HANGUL_V_COUNT)
        return HANGUL_S + ((a - HANGUL_L) * HANGUL_V_COUNT + (b - HANGUL_V)) * HANGUL_T_COUNT;
    if (a - HANGUL_S < HANGUL_S_COUNT && (a - HANGUL_S) % HANGUL_T_COUNT == 0 && b > HANGUL_T && b < HANGUL_T + HANGUL_T_COUNT)
        return a + (b - HANGUL_T);
    if (b < STABLE)
        return 0;

    utf8proc_int32_t pair[2] = {(utf8proc_int32_t)a, (utf8proc_int32_t)b};
    if (utf8proc_normalize_utf32(pair, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) != 1)
        return 0;
    const uint32_t c = (uint32_t)pair[0];
    return bb_unicode_in(c, bb_unicode_canonical, bb_unicode_canonical_count) ? c : 0;
}

static void compose(marks *m)
{
    size_t kept = 0, starter = SIZE_MAX;
    uint32_t last_class = 0; /* of the last character kept behind the starter */

    for (size_t i = 0; i < m->count; i++) {
        const mark next = m->items[i];
        if (starter != SIZE_MAX) {
            const bool adjacent = kept == starter + 1;
            uint32_t c = adjacent || last_class < next.class ? compose_pair(m->items[starter].c, next.c) : 0;
            if (c) {
                m->items[starter].c = c;
                continue;
            }
        }
        if (next.class == 0)
            starter = kept;
        last_class = next.class;
        m->items[kept++] = next;
    }
    m->count = kept;
}

static bool flush(marks *m, bb_buffer *out, bb_unicode_form form)
{
    if (!order(m))
        return false;
    if (form == BB_NFC || form == BB_NFKC)
        compose(m);
    if (!bb_buffer_reserve(out, m->count * BB_UTF8_MAX))
        return false;
    for (size_t i = 0; i < m->count; i++)
        out->size += bb_utf8_encode(out->data + out->size, m->items[i].c);
    m->count = 0;
    return true;
}

/* How many bytes at the beginning of text stay as they are: ASCII, but not a last character that a mark may follow. */
static size_t ascii_run(const char *text, size_t bytes)
{
    size_t i = 0;

    while (i < bytes && (unsigned char)text[i] < 0x80)
        i++;
    return i == bytes || i == 0 ? i : i - 1;
}

bool bb_unicode_normalize(bb_buffer *out, const char *text, size_t bytes, bb_unicode_form form)
{
    const bool compatible = form == BB_NFKC || form == BB_NFKD;
    marks m = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < bytes;) {
        if (m.count == 0) {
            size_t run = ascii_run(text + i, bytes - i);
            ok = bb_buffer_append(out, text + i, run);
            i += run;
            if (!ok || i == bytes)
                break;
        }
        uint32_t c;
        i += bb_utf8_decode(text + i, &c);
        ok = decompose(&m, c, compatible);
        /* A chunk ends before a character that joins nothing before it. */
        if (ok && i < bytes && ((unsigned char)text[i] < 0x80 || m.count >= CHUNK)) {
            uint32_t next;
            bb_utf8_decode(text + i, &next);
            if (next < STABLE)
                ok = flush(&m, out, form);
        }
    }
    if (ok)
        ok = flush(&m, out, form);
    bb_free(m.items);
    bb_free(m.sorted);
    return ok;
}
