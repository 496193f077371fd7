/* text/unicode_tables.h: the generated tables behind text/unicode.h. */
#ifndef BB_TEXT_UNICODE_TABLES_H
#define BB_TEXT_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

typedef struct bb_unicode_range {
    uint32_t first, last;
} bb_unicode_range;

typedef struct bb_unicode_category {
    uint32_t first, last;
    uint8_t category; /* index into bb_unicode_category_names */
} bb_unicode_category;

typedef struct bb_unicode_pair {
    uint32_t from, to;
} bb_unicode_pair;

typedef struct bb_unicode_set {
    const char *name; /* "[:alpha:]", "\\w", "Han" */
    const bb_unicode_range *ranges;
    size_t count;
} bb_unicode_set;

extern const char bb_unicode_category_names[][3];
extern const size_t bb_unicode_category_name_count;
extern const bb_unicode_category bb_unicode_categories[]; /* every code point, in order */
extern const size_t bb_unicode_categories_count;
extern const bb_unicode_set bb_unicode_sets[];
extern const size_t bb_unicode_sets_count;
extern const bb_unicode_pair bb_unicode_ascii_folds[]; /* from an ASCII small letter */
extern const size_t bb_unicode_ascii_folds_count;
extern const bb_unicode_pair bb_unicode_lower_table[]; /* sorted */
extern const size_t bb_unicode_lower_count;

/* Sorted, disjoint ranges. */
#define BB_UNICODE_RANGES(X)                                                                                                               \
    X(word)                                                                                                                                \
    X(numeric)                                                                                                                             \
    X(punctuation)                                                                                                                         \
    X(marks)                                                                                                                               \
    X(bert_control)                                                                                                                        \
    X(bert_marks)                                                                                                                          \
    X(canonical)                                                                                                                           \
    X(compatibility)                                                                                                                       \
    X(combining)
#define X(name)                                                                                                                            \
    extern const bb_unicode_range bb_unicode_##name[];                                                                                     \
    extern const size_t bb_unicode_##name##_count;
BB_UNICODE_RANGES(X)
#undef X

#endif
