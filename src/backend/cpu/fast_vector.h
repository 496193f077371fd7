/* backend/cpu/fast_vector.h: the text of the fast mode's vector kernel, for files that include it once an instruction set.
 *
 * Each row of the weight gives its values eight groups at a time; they wait in memory until WAITING groups of all rows are there, and are
 * then added to the sums one after another, rows side by side. How values are made and added is the including file's: eight_values and
 * add_values. */
#ifndef BB_BACKEND_CPU_FAST_VECTOR_H
#define BB_BACKEND_CPU_FAST_VECTOR_H

#include "backend/cpu/scalar.h"
#include "base/inline.h"

#include <math.h>
#include <string.h>

enum {
    EIGHT = 8,    /* groups whose values are made at once */
    WAITING = 64, /* groups whose values wait to be added */
    AHEAD = 2048, /* bytes of weights to be fetched beforehand */
};

/* Where the groups of a row stand, in bytes. */
typedef struct place {
    const uint8_t *codes, *scales, *biases;
} place;

/* out [EIGHT] = the values of eight groups from w on. dtype is that of the weight's scales; bits, group and mode are constants. */
INLINE void eight_values(float *out, place w, const int8_t *x, const float *x_scales, const float *x_sums, int bits, int group,
                         bombus_mode mode, bombus_dtype dtype);

/* Is there a NaN among these scales of NVFP4 that eight_values takes for a number? */
INLINE bool misses_nan(const uint8_t *scales, int64_t count);

/* Adds the values [BB_FAST_ROWS, WAITING] of count groups to each row's sum, one after another. */
static void add_values(float sums[BB_FAST_ROWS], const float *values, int64_t count);

/* Fewer than eight groups at the end of a row, from copies that are long enough to be read as eight. */
typedef struct rest {
    uint8_t codes[EIGHT * BB_GROUP_MAX], scales[EIGHT * sizeof(float)], biases[EIGHT * sizeof(float)];
} rest;

INLINE place copy_rest(rest *r, place w, int64_t groups, int group_bytes, int scale_bytes)
{
    memset(r, 0, sizeof *r);
    memcpy(r->codes, w.codes, (size_t)(groups * group_bytes));
    memcpy(r->scales, w.scales, (size_t)(groups * scale_bytes));
    if (w.biases)
        memcpy(r->biases, w.biases, (size_t)(groups * scale_bytes));
    return (place){r->codes, r->scales, r->biases};
}

/* What lies so many bytes on, maybe behind the weight. */
INLINE void prefetch(const uint8_t *p, int bytes)
{
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)bytes));
}

/* The values of count groups of a row from w on. */
INLINE void row_values(float *out, place w, int64_t count, const int8_t *x, const float *x_scales, const float *x_sums, int bits, int group,
                       bombus_mode mode, bombus_dtype dtype)
{
    const int group_bytes = group / BB_PACK * bits, scale_bytes = mode == BOMBUS_AFFINE ? bb_dtypes[dtype].bits / 8 : 1;
    int64_t g = 0;

    if (mode == BOMBUS_AFFINE) { /* a line holds the scales of 32 groups, mostly of more than a row */
        prefetch(w.scales, AHEAD / group_bytes * scale_bytes);
        prefetch(w.biases, AHEAD / group_bytes * scale_bytes);
    }
    for (; g + EIGHT <= count; g += EIGHT) {
        for (int line = 0; line < EIGHT * group_bytes; line += BB_LINE)
            prefetch(w.codes, AHEAD + line);
        eight_values(out + g, w, x + g * group, x_scales + g, x_sums + g, bits, group, mode, dtype);
        w.codes += EIGHT * group_bytes;
        w.scales += EIGHT * scale_bytes;
        if (mode == BOMBUS_AFFINE)
            w.biases += EIGHT * scale_bytes;
    }
    if (g < count) {
        rest copy;
        eight_values(out + g, copy_rest(&copy, w, count - g, group_bytes, scale_bytes), x + g * group, x_scales + g, x_sums + g, bits,
                     group, mode, dtype);
    }
}

INLINE void vector(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n, int bits, int group,
                   bombus_mode mode)
{
    const int64_t groups = x->k / group;
    const int group_bytes = group / BB_PACK * bits, scale_bytes = mode == BOMBUS_AFFINE ? bb_dtypes[weight->dtype].bits / 8 : 1;
    const int8_t *x_codes = x->codes + n * x->stride;
    const float *x_scales = x->scales + n * x->groups, *x_sums = x->sums + n * x->groups;
    float values[BB_FAST_ROWS * WAITING];

    for (int first = 0; first < rows; first += BB_FAST_ROWS) {
        const int here = rows - first < BB_FAST_ROWS ? rows - first : BB_FAST_ROWS;
        float sums[BB_FAST_ROWS] = {0};
        for (int64_t begin = 0; begin < groups; begin += WAITING) {
            const int64_t count = groups - begin < WAITING ? groups - begin : WAITING;
            for (int r = 0; r < here; r++) {
                const int64_t at = (row + first + r) * groups + begin;
                const place from = {(const uint8_t *)weight->data + at * group_bytes, (const uint8_t *)weight->scales + at * scale_bytes,
                                    mode == BOMBUS_AFFINE ? (const uint8_t *)weight->biases + at * scale_bytes : NULL};
                row_values(values + r * WAITING, from, count, x_codes + begin * group, x_scales + begin, x_sums + begin, bits, group, mode,
                           weight->dtype);
            }
            add_values(sums, values, count);
        }
        for (int r = 0; r < here && mode == BOMBUS_NVFP4; r++)
            if (misses_nan((const uint8_t *)weight->scales + (row + first + r) * groups, groups))
                sums[r] = NAN;
        memcpy(out + first, sums, (size_t)here * sizeof *out);
    }
}

/* One kernel a format: what each is given is constant in it. */
#define FORMATS(X)                                                                                                                         \
    X(2, 32, BOMBUS_AFFINE)                                                                                                                \
    X(2, 64, BOMBUS_AFFINE)                                                                                                                \
    X(2, 128, BOMBUS_AFFINE)                                                                                                               \
    X(3, 32, BOMBUS_AFFINE)                                                                                                                \
    X(3, 64, BOMBUS_AFFINE)                                                                                                                \
    X(3, 128, BOMBUS_AFFINE)                                                                                                               \
    X(4, 32, BOMBUS_AFFINE)                                                                                                                \
    X(4, 64, BOMBUS_AFFINE)                                                                                                                \
    X(4, 128, BOMBUS_AFFINE)                                                                                                               \
    X(5, 32, BOMBUS_AFFINE)                                                                                                                \
    X(5, 64, BOMBUS_AFFINE)                                                                                                                \
    X(5, 128, BOMBUS_AFFINE)                                                                                                               \
    X(6, 32, BOMBUS_AFFINE)                                                                                                                \
    X(6, 64, BOMBUS_AFFINE)                                                                                                                \
    X(6, 128, BOMBUS_AFFINE)                                                                                                               \
    X(8, 32, BOMBUS_AFFINE)                                                                                                                \
    X(8, 64, BOMBUS_AFFINE)                                                                                                                \
    X(8, 128, BOMBUS_AFFINE)                                                                                                               \
    X(4, 32, BOMBUS_MXFP4)                                                                                                                 \
    X(4, 16, BOMBUS_NVFP4)

#define VECTOR(bits, group, mode)                                                                                                          \
    static void vector_##mode##_##bits##_##group(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x,        \
                                                 int64_t n)                                                                                \
    {                                                                                                                                      \
        vector(out, weight, row, rows, x, n, bits, group, mode);                                                                           \
    }
FORMATS(VECTOR)

/* As bb_kernels' fast_vector: the one for such a weight. */
static void vector_any(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    const bombus_quantization *q = &weight->quant;

#define CASE(b, g, m)                                                                                                                      \
    if (q->bits == (b) && q->group_size == (g) && q->mode == (m)) {                                                                        \
        vector_##m##_##b##_##g(out, weight, row, rows, x, n);                                                                              \
        return;                                                                                                                            \
    }
    FORMATS(CASE)
}

#undef VECTOR
#undef CASE

#endif
