/* Plain loops, compiled once for each set of instructions: compilers turn them into vectors of it. */
#include "base/long_rows.h"

#include "base/exp.h"
#include "base/inline.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = BB_ROW_BLOCK, LANES = BB_ROW_LANES };

INLINE int smaller(int a, int b)
{
    return a < b ? a : b;
}

INLINE float largest(const float *x, int count)
{
    float lanes[LANES];
    int i = 0;

    for (int j = 0; j < LANES; j++)
        lanes[j] = x[0];
    for (; i + LANES <= count; i += LANES)
        for (int j = 0; j < LANES; j++)
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    for (; i < count; i++)
        lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
    for (int j = 1; j < LANES; j++)
        lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
    return lanes[0];
}

INLINE void peaks_of(float *peaks, const float *x, int count)
{
    for (; count > BLOCK; count -= BLOCK, x += BLOCK)
        *peaks++ = largest(x, BLOCK);
    *peaks = largest(x, count);
}

INLINE float add_lanes(const float *lanes)
{
    float sum = 0;

    for (int j = 0; j < LANES; j++)
        sum += lanes[j];
    return sum;
}

INLINE float sum_block(const float *x)
{
    float lanes[LANES] = {0};

    for (int i = 0; i < BLOCK; i += LANES)
        for (int j = 0; j < LANES; j++)
            lanes[j] += x[i + j];
    return add_lanes(lanes);
}

INLINE double sum_of(const float *x, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i += BLOCK)
        sum += (double)sum_block(x + i);
    return sum;
}

INLINE void exp_of(float *restrict out, const float *restrict x, int count, float shift, float max, float factor)
{
    for (int i = 0; i < count; i++)
        out[i] = bb_exp_negative((x[i] - shift - max) * factor);
}

INLINE double exp_and_sum(float *out, const float *x, int count, float shift, float max, float factor)
{
    double sum = 0;

    for (int start = 0; start < count; start += BLOCK) {
        exp_of(out + start, x + start, smaller(BLOCK, count - start), shift, max, factor);
        sum += (double)sum_block(out + start);
    }
    return sum;
}

INLINE double sum_where(const float *weights, const float *x, const float *peaks, int count, float shift, float bound)
{
    double sum = 0;

    for (int start = 0; start < count; start += BLOCK) {
        const int end = start + smaller(BLOCK, count - start);
        float lanes[LANES] = {0};
        int i = start;
        if (peaks[start / BLOCK] - shift < bound)
            continue;
        for (; i + LANES <= end; i += LANES)
            for (int j = 0; j < LANES; j++)
                lanes[j] += x[i + j] - shift >= bound ? weights[i + j] : 0.0f;
        for (; i < end; i++)
            lanes[i % LANES] += x[i] - shift >= bound ? weights[i] : 0.0f;
        sum += (double)add_lanes(lanes);
    }
    return sum;
}

#define SET(set, target)                                                                                                                   \
    target static void peaks_##set(float *peaks, const float *x, int count)                                                                \
    {                                                                                                                                      \
        peaks_of(peaks, x, count);                                                                                                         \
    }                                                                                                                                      \
    target static double sum_##set(const float *x, int count)                                                                              \
    {                                                                                                                                      \
        return sum_of(x, count);                                                                                                           \
    }                                                                                                                                      \
    target static double exp_##set(float *out, const float *x, int count, float shift, float max, float factor)                            \
    {                                                                                                                                      \
        return exp_and_sum(out, x, count, shift, max, factor);                                                                             \
    }                                                                                                                                      \
    target static double sum_from_##set(const float *weights, const float *x, const float *peaks, int count, float shift, float bound)     \
    {                                                                                                                                      \
        return sum_where(weights, x, peaks, count, shift, bound);                                                                          \
    }

#define TABLE(set)                                                                                                                         \
    {                                                                                                                                      \
#set, usable_##set, peaks_##set, sum_##set, exp_##set, sum_from_##set                                                              \
    }

static bool usable_plain(void)
{
    return true;
}
SET(plain, )

#ifdef __x86_64__
static bool usable_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
SET(avx2, __attribute__((target("avx2"))))
#endif

const bb_long_rows bb_long_rows_sets[] = {
    TABLE(plain),
#ifdef __x86_64__
    TABLE(avx2),
#endif
};
const int bb_long_rows_count = sizeof bb_long_rows_sets / sizeof *bb_long_rows_sets;

const bb_long_rows *bb_long_rows_best(void)
{
    const char *const cap = getenv("BOMBUS_CPU"); /* of the backend; here it can only say that nothing special shall be used */
    int best = cap && strcmp(cap, "scalar") == 0 ? 0 : bb_long_rows_count - 1;

    while (!bb_long_rows_sets[best].usable())
        best--;
    return &bb_long_rows_sets[best];
}
