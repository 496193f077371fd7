/* backend/cpu/avx_codes.h: eight scales in BF16, E8M0 or E4M3, for the kernels of AVX2, and of AVX-512 in the fast mode. */
#ifndef BB_BACKEND_CPU_AVX_CODES_H
#define BB_BACKEND_CPU_AVX_CODES_H

#include "base/inline.h"

#include <immintrin.h>

INLINE __m256 load_bf16(const unsigned char *p)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}

/* As bb_e8m0_to_f32. */
INLINE __m256 load_e8m0(const unsigned char *p)
{
    const __m256i bits = _mm256_slli_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)), 23);
    return _mm256_castsi256_ps(_mm256_max_epu32(bits, _mm256_set1_epi32(0x400000)));
}

#define E4M3_AS_F16 256

/* Eight E4M3 scales, E4M3_AS_F16 times too small: F16 has their bits, and widens its small numbers at no cost, where an F32 as small as
 * theirs would cost as much as a loop. NaN, all ones, becomes a number of no use; to be kept it is made one of F16's by the carry. */
INLINE __m256 load_small_e4m3(const unsigned char *p, bool keep_nan)
{
    const __m128i moved = _mm_slli_epi16(_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)p)), 7);
    const __m128i halves = _mm_and_si128(moved, _mm_set1_epi16((short)0xbfff));
    const __m128i carry = _mm_add_epi16(_mm_and_si128(halves, _mm_set1_epi16(0x3fff)), _mm_set1_epi16(0x80));

    return _mm256_cvtph_ps(keep_nan ? _mm_or_si128(halves, _mm_and_si128(carry, _mm_set1_epi16(0x4000))) : halves);
}

#endif
