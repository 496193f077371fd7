/* Loops for AVX2 with FMA, and for AVX-VNNI. */
#include "bench/kernels.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define VNNI __attribute__((target("avx2,fma,avxvnni")))

/* The data as streams side by side, a part each: hardware prefetchers follow several, and memory serves several better than one. ahead:
 * bytes that a prefetch goes before the loads, 0 for none. */
AVX2 __attribute__((always_inline)) static inline uint64_t sum(const unsigned char *data, size_t bytes, size_t streams, size_t ahead)
{
    const size_t part = bytes / streams;
    __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};

    for (size_t at = 0; at < part; at += 128) {
        for (size_t s = 0; s < streams; s++) {
            const unsigned char *from = data + s * part + at;
            if (ahead) {
                _mm_prefetch((const char *)from + ahead, _MM_HINT_T0);
                _mm_prefetch((const char *)from + ahead + 64, _MM_HINT_T0);
            }
            for (int i = 0; i < 4; i++)
                sums[i] = _mm256_add_epi64(sums[i], _mm256_loadu_si256((const __m256i *)(from + 32 * i)));
        }
    }
    const __m256i all = _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3]));
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

#define READ(name, streams, ahead)                                                                                                         \
    AVX2 static uint64_t name(const unsigned char *data, size_t bytes)                                                                     \
    {                                                                                                                                      \
        return sum(data, bytes, streams, ahead);                                                                                           \
    }
READ(read_1, 1, 0)
READ(read_2, 2, 0)
READ(read_4, 4, 0)
READ(read_8, 8, 0)
READ(read_1_ahead, 1, 1024)
READ(read_2_ahead, 2, 1024)
READ(read_4_ahead, 4, 1024)
READ(read_1_far, 1, 4096)

/* Products of each of two vectors with each of some others: no two alike, so that none is computed once for two sums. */
AVX2 static void maddubs(int64_t rounds)
{
    __m256i x[2], y[4], sums[8];

    for (int i = 0; i < 8; i++)
        sums[i] = _mm256_setzero_si256();
    for (int i = 0; i < 4; i++)
        y[i] = _mm256_set1_epi8((char)(i + 1));
    x[0] = x[1] = _mm256_set1_epi8(3);
    for (int64_t r = 0; r < rounds; r++) {
        BB_OPAQUE(x[0]);
        BB_OPAQUE(x[1]);
        for (int i = 0; i < 8; i++)
            sums[i] = _mm256_add_epi16(sums[i], _mm256_maddubs_epi16(x[i % 2], y[i / 2]));
    }
    for (int i = 0; i < 8; i++)
        BB_OPAQUE(sums[i]);
}

AVX2 static void maddubs_madd(int64_t rounds)
{
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i x[2], y[3], sums[6];

    for (int i = 0; i < 6; i++)
        sums[i] = _mm256_setzero_si256();
    for (int i = 0; i < 3; i++)
        y[i] = _mm256_set1_epi8((char)(i + 1));
    x[0] = x[1] = _mm256_set1_epi8(3);
    for (int64_t r = 0; r < rounds; r++) {
        BB_OPAQUE(x[0]);
        BB_OPAQUE(x[1]);
        for (int i = 0; i < 6; i++)
            sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(_mm256_maddubs_epi16(x[i % 2], y[i / 2]), ones));
    }
    for (int i = 0; i < 6; i++)
        BB_OPAQUE(sums[i]);
}

/* Twelve chains: latency times rate is ten at most on machines with AVX2. */
AVX2 static void fused(int64_t rounds)
{
    const __m256 factor = _mm256_set1_ps(0.5f), term = _mm256_set1_ps(1.0f);
    __m256 sums[12];

    for (int i = 0; i < 12; i++)
        sums[i] = _mm256_set1_ps((float)i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 12; i++) {
            sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
            BB_OPAQUE(sums[i]);
        }
}

VNNI static void dpbusd(int64_t rounds)
{
    const __m256i x = _mm256_set1_epi8(3), y = _mm256_set1_epi8(2);
    __m256i sums[12];

    for (int i = 0; i < 12; i++)
        sums[i] = _mm256_set1_epi32(i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 12; i++) {
            sums[i] = _mm256_dpbusd_avx_epi32(sums[i], x, y);
            BB_OPAQUE(sums[i]);
        }
}

static const bb_read_kernel reads[] = {
    {"avx2, 1 stream", read_1},
    {"avx2, 2 streams", read_2},
    {"avx2, 4 streams", read_4},
    {"avx2, 8 streams", read_8},
    {"avx2, 1 stream, prefetch", read_1_ahead},
    {"avx2, 2 streams, prefetch", read_2_ahead},
    {"avx2, 4 streams, prefetch", read_4_ahead},
    {"avx2, 1 stream, far prefetch", read_1_far},
    {0},
};
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
