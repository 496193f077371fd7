/* Loops for AVX-512 (F and BW), and for its VNNI. */
#include "bench/kernels.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define VNNI   __attribute__((target("avx512f,avx512bw,avx512vnni")))

/* As in kernels_avx2.c, a whole line a load. */
AVX512 __attribute__((always_inline)) static inline uint64_t sum(const unsigned char *data, size_t bytes, size_t streams, size_t ahead)
{
    const size_t part = bytes / streams;
    __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};

    for (size_t at = 0; at < part; at += 256) {
        for (size_t s = 0; s < streams; s++) {
            const unsigned char *from = data + s * part + at;
            for (int i = 0; i < 4; i++) {
                if (ahead)
                    _mm_prefetch((const char *)from + 64 * i + ahead, _MM_HINT_T0);
                sums[i] = _mm512_add_epi64(sums[i], _mm512_loadu_si512(from + 64 * i));
            }
        }
    }
    return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3])));
}

#define READ(name, streams, ahead)                                                                                                         \
    AVX512 static uint64_t name(const unsigned char *data, size_t bytes)                                                                   \
    {                                                                                                                                      \
        return sum(data, bytes, streams, ahead);                                                                                           \
    }
READ(read_1, 1, 0)
READ(read_2, 2, 0)
READ(read_4, 4, 0)
READ(read_8, 8, 0)
READ(read_1_ahead, 1, 1024)
READ(read_4_ahead, 4, 1024)
READ(read_1_far, 1, 4096)

AVX512 static void maddubs(int64_t rounds)
{
    __m512i x[2], y[6], sums[12];

    for (int i = 0; i < 12; i++)
        sums[i] = _mm512_setzero_si512();
    for (int i = 0; i < 6; i++)
        y[i] = _mm512_set1_epi8((char)(i + 1));
    x[0] = x[1] = _mm512_set1_epi8(3);
    for (int64_t r = 0; r < rounds; r++) {
        BB_OPAQUE(x[0]);
        BB_OPAQUE(x[1]);
        for (int i = 0; i < 12; i++)
            sums[i] = _mm512_add_epi16(sums[i], _mm512_maddubs_epi16(x[i % 2], y[i / 2]));
    }
    for (int i = 0; i < 12; i++)
        BB_OPAQUE(sums[i]);
}

AVX512 static void fused(int64_t rounds)
{
    const __m512 factor = _mm512_set1_ps(0.5f), term = _mm512_set1_ps(1.0f);
    __m512 sums[16];

    for (int i = 0; i < 16; i++)
        sums[i] = _mm512_set1_ps((float)i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 16; i++) {
            sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
            BB_OPAQUE(sums[i]);
        }
}

VNNI static void dpbusd(int64_t rounds)
{
    const __m512i x = _mm512_set1_epi8(3), y = _mm512_set1_epi8(2);
    __m512i sums[16];

    for (int i = 0; i < 16; i++)
        sums[i] = _mm512_set1_epi32(i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 16; i++) {
            sums[i] = _mm512_dpbusd_epi32(sums[i], x, y);
            BB_OPAQUE(sums[i]);
        }
}

static const bb_read_kernel reads[] = {
    {"avx512, 1 stream", read_1},
    {"avx512, 2 streams", read_2},
    {"avx512, 4 streams", read_4},
    {"avx512, 8 streams", read_8},
    {"avx512, 1 stream, prefetch", read_1_ahead},
    {"avx512, 4 streams, prefetch", read_4_ahead},
    {"avx512, 1 stream, far prefetch", read_1_far},
    {0},
};
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
