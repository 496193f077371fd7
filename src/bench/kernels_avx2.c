/* Loops for AVX2 with FMA, and for AVX-VNNI. */
#include "base/inline.h"
#include "base/memory.h"
#include "bench/kernels.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define VNNI __attribute__((target("avx2,fma,avxvnni")))

#define TARGET           AVX2
#define VECTOR_BYTES     32
#define FUSED(sum, x, y) (floating) _mm256_fmadd_ps((__m256)(x), (__m256)(y), (__m256)(sum))
#define CHAINS           BB_TIMES_12 /* latency times rate is ten at most on machines with AVX2 */
#include "bench/kernels_loops.h"

/* Products of each of two vectors with each of some others: no two alike, so that none is computed once for two sums. */
#define PRODUCTS(X) X(0, x0, y0) X(1, x1, y0) X(2, x0, y1) X(3, x1, y1) X(4, x0, y2) X(5, x1, y2)

AVX2 static void maddubs(int64_t rounds)
{
    const __m256i y0 = _mm256_set1_epi8(1), y1 = _mm256_set1_epi8(2), y2 = _mm256_set1_epi8(3), y3 = _mm256_set1_epi8(4);
    __m256i x0 = _mm256_set1_epi8(3), x1 = x0;
#define START(i, x, y) __m256i sum##i = _mm256_setzero_si256();
#define ADD(i, x, y)   sum##i = _mm256_add_epi16(sum##i, _mm256_maddubs_epi16(x, y));
#define KEEP(i, x, y)  BB_OPAQUE(sum##i);
    PRODUCTS(START)
    START(6, x0, y3)
    START(7, x1, y3)

    for (int64_t r = 0; r < rounds; r++) {
        BB_OPAQUE(x0);
        BB_OPAQUE(x1);
        PRODUCTS(ADD) ADD(6, x0, y3) ADD(7, x1, y3)
    }
    PRODUCTS(KEEP) KEEP(6, x0, y3) KEEP(7, x1, y3)
#undef ADD
}

AVX2 static void maddubs_madd(int64_t rounds)
{
    const __m256i y0 = _mm256_set1_epi8(1), y1 = _mm256_set1_epi8(2), y2 = _mm256_set1_epi8(3), ones = _mm256_set1_epi16(1);
    __m256i x0 = _mm256_set1_epi8(3), x1 = x0;
#define ADD(i, x, y) sum##i = _mm256_add_epi32(sum##i, _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), ones));
    PRODUCTS(START)

    for (int64_t r = 0; r < rounds; r++) {
        BB_OPAQUE(x0);
        BB_OPAQUE(x1);
        PRODUCTS(ADD)
    }
    PRODUCTS(KEEP)
#undef START
#undef ADD
#undef KEEP
}

VNNI static void dpbusd(int64_t rounds)
{
    const __m256i x = _mm256_set1_epi8(3), y = _mm256_set1_epi8(2);
#define START(i) __m256i sum##i = _mm256_set1_epi32(i);
#define ADD(i)                                                                                                                             \
    sum##i = _mm256_dpbusd_avx_epi32(sum##i, x, y);                                                                                        \
    BB_OPAQUE(sum##i);
    BB_TIMES_12(START)

    for (int64_t r = 0; r < rounds; r++) {
        BB_TIMES_12(ADD)
    }
#undef START
#undef ADD
}

static const bb_read_kernel reads[] = {READS("avx2")};
/* What not every machine has comes first, to be left out there. */
static const bb_peak_kernel int8[] = {
    {"avx-vnni, dpbusd", 12 * 64, dpbusd},
    {"avx2, maddubs", 8 * 64, maddubs},
    {"avx2, maddubs and madd", 6 * 64, maddubs_madd},
    {0},
};
static const bb_peak_kernel floats[] = {{"avx2, fma", 12 * 16, fused}, {0}};

/* Compilers of the age we build with do not know this one's name. */
static bool has_avx_vnni(void)
{
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

bool bb_kernels_avx2(bb_kernel_set *set)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return false;
    *set = (bb_kernel_set){reads, has_avx_vnni() ? int8 : int8 + 1, floats};
    return true;
}

#else

bool bb_kernels_avx2(bb_kernel_set *set)
{
    (void)set;
    return false;
}

#endif
