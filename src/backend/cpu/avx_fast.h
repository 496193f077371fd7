/* backend/cpu/avx_fast.h: what the fast mode's vector kernels for AVX2 and AVX-512 share: the values of eight groups, whose integer sums
 * are the including file's sum_groups, and their addition. */
#ifndef BB_BACKEND_CPU_AVX_FAST_H
#define BB_BACKEND_CPU_AVX_FAST_H

#include "backend/cpu/avx_codes.h"
#include "backend/cpu/fast_vector.h"

#include <immintrin.h>

/* Eight scales, or biases, of an affine weight. */
INLINE __m256 load_affine(const uint8_t *p, bombus_dtype dtype)
{
    if (__builtin_expect(dtype == BOMBUS_BF16, 1))
        return load_bf16(p);
    return dtype == BOMBUS_F16 ? _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)) : _mm256_loadu_ps((const float *)(const void *)p);
}

/* Scales and biases of eight groups, as bb_fast_scales; unless keep_nan, a NaN of E4M3 becomes a number. */
INLINE void load_scales(__m256 *scales, __m256 *biases, place w, int bits, bombus_mode mode, bombus_dtype dtype, bool keep_nan)
{
    if (mode == BOMBUS_AFFINE) {
        *scales = load_affine(w.scales, dtype);
        *biases = load_affine(w.biases, dtype);
        if (bits == 8)
            *biases = _mm256_add_ps(*biases, _mm256_mul_ps(*scales, _mm256_set1_ps(128)));
    } else {
        const float factor = mode == BOMBUS_NVFP4 ? E4M3_AS_F16 : 1;
        const __m256 values = mode == BOMBUS_NVFP4 ? load_small_e4m3(w.scales, keep_nan) : load_e8m0(w.scales);
        *scales = _mm256_mul_ps(values, _mm256_set1_ps(0.5f * factor));
        *biases = _mm256_mul_ps(values, _mm256_set1_ps(-6 * factor));
    }
}

INLINE bool misses_nan(const uint8_t *scales, int64_t count)
{
    const __m256i sign = _mm256_set1_epi8(-128);
    __m256i most = sign;
    bool found = false;
    int64_t i = 0;

    for (; i + 32 <= count; i += 32)
        most = _mm256_max_epu8(most, _mm256_or_si256(_mm256_loadu_si256((const __m256i *)(scales + i)), sign));
    for (; i < count; i++)
        found |= (scales[i] | 0x80) == 0xff;
    return found || _mm256_movemask_epi8(_mm256_cmpeq_epi8(most, _mm256_set1_epi8(-1)));
}

/* The sums of eight groups' products in int32, in order. p: where their codes begin. */
INLINE __m256i sum_groups(const uint8_t *p, const int8_t *x, int bits, int group, bool e2m1);

INLINE void eight_values(float *out, place w, const int8_t *x, const float *x_scales, const float *x_sums, int bits, int group,
                         bombus_mode mode, bombus_dtype dtype)
{
    const __m256 sums = _mm256_cvtepi32_ps(sum_groups(w.codes, x, bits, group, mode != BOMBUS_AFFINE));
    const __m256 by_scale = _mm256_loadu_ps(x_scales), by_bias = _mm256_loadu_ps(x_sums);
    __m256 scales, biases;

    load_scales(&scales, &biases, w, bits, mode, dtype, false);
    _mm256_storeu_ps(out, _mm256_add_ps(_mm256_mul_ps(sums, _mm256_mul_ps(scales, by_scale)), _mm256_mul_ps(biases, by_bias)));
}

/* Of each half, dwords i of four vectors become vector i. */
INLINE void transpose_halves(__m256 v[4])
{
    const __m256 a = _mm256_unpacklo_ps(v[0], v[1]), b = _mm256_unpackhi_ps(v[0], v[1]);
    const __m256 c = _mm256_unpacklo_ps(v[2], v[3]), d = _mm256_unpackhi_ps(v[2], v[3]);

    v[0] = _mm256_shuffle_ps(a, c, 0x44);
    v[1] = _mm256_shuffle_ps(a, c, 0xee);
    v[2] = _mm256_shuffle_ps(b, d, 0x44);
    v[3] = _mm256_shuffle_ps(b, d, 0xee);
}

INLINE void transpose_8x8(__m256 v[8])
{
    transpose_halves(v);
    transpose_halves(v + 4);
    for (int i = 0; i < 4; i++) {
        const __m256 low = v[i], high = v[i + 4];
        v[i] = _mm256_permute2f128_ps(low, high, 0x20);
        v[i + 4] = _mm256_permute2f128_ps(low, high, 0x31);
    }
}

/* Adds eight groups of all rows at a time. */
static void add_values(float sums[BB_FAST_ROWS], const float *values, int64_t count)
{
    __m256 sum = _mm256_loadu_ps(sums);

    for (int64_t g = 0; g < count; g += EIGHT) {
        __m256 v[8];
        for (int r = 0; r < 8; r++)
            v[r] = _mm256_loadu_ps(values + r * WAITING + g);
        transpose_8x8(v);
        for (int i = 0; i < EIGHT && g + i < count; i++)
            sum = _mm256_add_ps(sum, v[i]);
    }
    _mm256_storeu_ps(sums, sum);
}

#endif
