/* Loops for AVX-512 (F and BW), and for its VNNI. */
#include "base/inline.h"
#include "base/memory.h"
#include "bench/kernels.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define VNNI   __attribute__((target("avx512f,avx512bw,avx512vnni")))

#define TARGET           AVX512
#define VECTOR_BYTES     64
#define FUSED(sum, x, y) (floating) _mm512_fmadd_ps((__m512)(x), (__m512)(y), (__m512)(sum))
#define CHAINS           BB_TIMES_16
#include "bench/kernels_loops.h"

/* As in kernels_avx2.c. */
#define PRODUCTS(X)                                                                                                                        \
    X(0, x0, y0)                                                                                                                           \
    X(1, x1, y0)                                                                                                                           \
    X(2, x0, y1) X(3, x1, y1) X(4, x0, y2) X(5, x1, y2) X(6, x0, y3) X(7, x1, y3) X(8, x0, y4) X(9, x1, y4) X(10, x0, y5) X(11, x1, y5)

AVX512 static void maddubs(int64_t rounds)
{
    const __m512i y0 = _mm512_set1_epi8(1), y1 = _mm512_set1_epi8(2), y2 = _mm512_set1_epi8(3);
    const __m512i y3 = _mm512_set1_epi8(4), y4 = _mm512_set1_epi8(5), y5 = _mm512_set1_epi8(6);
    __m512i x0 = _mm512_set1_epi8(3), x1 = x0;
#define START(i, x, y) __m512i sum##i = _mm512_setzero_si512();
#define ADD(i, x, y)   sum##i = _mm512_add_epi16(sum##i, _mm512_maddubs_epi16(x, y));
#define KEEP(i, x, y)  BB_OPAQUE(sum##i);
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
    const __m512i x = _mm512_set1_epi8(3), y = _mm512_set1_epi8(2);
#define START(i) __m512i sum##i = _mm512_set1_epi32(i);
#define ADD(i)                                                                                                                             \
    sum##i = _mm512_dpbusd_epi32(sum##i, x, y);                                                                                            \
    BB_OPAQUE(sum##i);
    BB_TIMES_16(START)

    for (int64_t r = 0; r < rounds; r++) {
        BB_TIMES_16(ADD)
    }
#undef START
#undef ADD
}

static const bb_read_kernel reads[] = {READS("avx512")};
/* What not every machine has comes first, to be left out there. */
static const bb_peak_kernel int8[] = {{"avx512-vnni, dpbusd", 16 * 128, dpbusd}, {"avx512, maddubs", 12 * 128, maddubs}, {0}};
static const bb_peak_kernel floats[] = {{"avx512, fma", 16 * 32, fused}, {0}};

bool bb_kernels_avx512(bb_kernel_set *set)
{
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw"))
        return false;
    *set = (bb_kernel_set){reads, __builtin_cpu_supports("avx512vnni") ? int8 : int8 + 1, floats};
    return true;
}

#else

bool bb_kernels_avx512(bb_kernel_set *set)
{
    (void)set;
    return false;
}

#endif
