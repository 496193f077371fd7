/* backend/cpu/avx_codes.h: what the kernels for AVX2 and AVX-512 share about codes of few bits. */
#ifndef BB_BACKEND_CPU_AVX_CODES_H
#define BB_BACKEND_CPU_AVX_CODES_H

#include "base/inline.h"

#include <immintrin.h>

/* E4M3 becomes an F16 256 times too small. Its NaN, all ones, is made one of F16's by the carry. */
INLINE __m256i e4m3_to_f16(__m256i signed_words)
{
    const __m256i halves = _mm256_and_si256(_mm256_slli_epi16(signed_words, 7), _mm256_set1_epi16((short)0xbfff));
    const __m256i carry = _mm256_add_epi16(_mm256_and_si256(halves, _mm256_set1_epi16(0x3fff)), _mm256_set1_epi16(0x80));

    return _mm256_or_si256(halves, _mm256_and_si256(carry, _mm256_set1_epi16(0x4000)));
}

/* Eight E4M3 scales. By way of F16, whose small numbers cost nothing to widen, where an F32 as small as theirs would cost as much as a
 * loop. */
INLINE __m256 load_e4m3_scales(const unsigned char *p)
{
    const __m256i halves = e4m3_to_f16(_mm256_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)p)));
    return _mm256_mul_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), _mm256_set1_ps(256));
}

#endif
