/* Loops in plain C, for any machine: what the compiler makes of them at the baseline that the library is built for. */
#include "bench/kernels.h"

#include <string.h>

static uint64_t read_words(const unsigned char *data, size_t bytes)
{
    enum { LANES = 16 };
    uint64_t sums[LANES] = {0}, words[LANES], sum = 0;

    for (size_t at = 0; at < bytes; at += sizeof words) {
        memcpy(words, data + at, sizeof words);
        for (int i = 0; i < LANES; i++)
            sums[i] += words[i];
    }
    for (int i = 0; i < LANES; i++)
        sum += sums[i];
    return sum;
}

/* In 16 bits: baselines multiply these, and none multiplies 8. The barrier keeps the arrays where they are: in memory, which the innermost
 * cache serves as fast as most baselines compute. */
static void multiply_int16(int64_t rounds)
{
    enum { LANES = 64 };
    int16_t a[LANES], b[LANES];
    uint32_t sums[LANES / 2] = {0};

    memset(a, 1, sizeof a);
    memset(b, 2, sizeof b);
    for (int64_t r = 0; r < rounds; r++) {
        __asm__ volatile("" : : "r"(a), "r"(b), "r"(sums) : "memory");
        for (int i = 0; i < LANES / 2; i++)
            sums[i] += (uint32_t)(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]);
    }
}

static void multiply_float(int64_t rounds)
{
    enum { LANES = 32 };
    float sums[LANES] = {0};
    float factor = 0.5f, term = 1.0f;

    for (int64_t r = 0; r < rounds; r++) {
        __asm__ volatile("" : "+m"(factor), "+m"(term));
        for (int i = 0; i < LANES; i++)
            sums[i] = sums[i] * factor + term;
    }
    __asm__ volatile("" : : "r"(sums) : "memory");
}

static const bb_read_kernel reads[] = {{"plain C", read_words}, {0}};
static const bb_peak_kernel int8[] = {{"plain C", 128, multiply_int16}, {0}};
static const bb_peak_kernel floats[] = {{"plain C", 64, multiply_float}, {0}};

bool bb_kernels_generic(bb_kernel_set *set)
{
    *set = (bb_kernel_set){reads, int8, floats};
    return true;
}
