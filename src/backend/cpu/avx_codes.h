/* backend/cpu/avx_codes.h: what the kernels for AVX2 and AVX-512 share about codes of few bits. */
#ifndef BB_BACKEND_CPU_AVX_CODES_H
#define BB_BACKEND_CPU_AVX_CODES_H

#include "base/inline.h"

#include <immintrin.h>

#define E4M3_TOO_SMALL 256

/* Eight E4M3 scales, E4M3_TOO_SMALL times too small: F16 has their bits, and widens its small numbers at no cost, where an F32 as small as
 * theirs would cost as much as a loop. NaN, all ones, is made one of F16's by the carry, unless they are all finite. */
INLINE __m256 load_small_e4m3(const unsigned char *p, bool finite)
{
    const __m128i moved = _mm_slli_epi16(_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)p)), 7);
    const __m128i halves = _mm_and_si128(moved, _mm_set1_epi16((short)0xbfff));
    const __m128i carry = _mm_add_epi16(_mm_and_si128(halves, _mm_set1_epi16(0x3fff)), _mm_set1_epi16(0x80));

    return _mm256_cvtph_ps(finite ? halves : _mm_or_si128(halves, _mm_and_si128(carry, _mm_set1_epi16(0x4000))));
}

#endif
