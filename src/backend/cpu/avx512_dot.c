/* Exact products with AVX-512.
 *
 * A row's sixteen lanes are one register. Codes of up to four bits, and of five, are indices into a register, or two, of all their values,
 * which are computed once a group: what lies above an index does not matter, so it needs no mask. */
#include "backend/cpu/avx512.h"

#define NAME(kernel) bb_##kernel##_avx512
enum { PRODUCTS_ROWS = 4, PRODUCTS_COLUMNS = 4 };
#include "backend/cpu/exact_rows.h"

#include <immintrin.h>

/* ---- codes ---- */

#define SIXTEEN(X, ...)                                                                                                                    \
    X(__VA_ARGS__, 0), X(__VA_ARGS__, 1), X(__VA_ARGS__, 2), X(__VA_ARGS__, 3), X(__VA_ARGS__, 4), X(__VA_ARGS__, 5), X(__VA_ARGS__, 6),   \
        X(__VA_ARGS__, 7), X(__VA_ARGS__, 8), X(__VA_ARGS__, 9), X(__VA_ARGS__, 10), X(__VA_ARGS__, 11), X(__VA_ARGS__, 12),               \
        X(__VA_ARGS__, 13), X(__VA_ARGS__, 14), X(__VA_ARGS__, 15)

/* Two to four bits: the word that holds a code, shifted down to it. Sixteen codes of two bits are one word, of three or four two words; the
 * last three bytes of three bits are the upper ones of a word. */
#define SHIFT(bits, upper, i) (bits) * ((i) % 8) + ((i) < 8 ? 0 : (upper))
static const int32_t shifts2[] = {SIXTEEN(SHIFT, 2, 16)}, shifts3[] = {SIXTEEN(SHIFT, 3, 0)}, last3[] = {SIXTEEN(SHIFT, 3, 8)},
                     shifts4[] = {SIXTEEN(SHIFT, 4, 0)};

INLINE __m512i words(const unsigned char *low, const unsigned char *high)
{
    const __m512i all = _mm512_broadcastd_epi32(_mm_loadu_si32(low));
    return _mm512_mask_broadcastd_epi32(all, 0xff00, _mm_loadu_si32(high));
}

INLINE __m512 look_up(__m512 table, __m512i codes, const int32_t *shifts)
{
    return _mm512_permutexvar_ps(_mm512_srlv_epi32(codes, _mm512_loadu_si512(shifts)), table);
}

/* Five or six bits: sixteen codes are 2 * bits bytes, the first and the last of the unit's; a code wants the two bytes it lies in. */
#define PLACE(bits, at, i)                                                                                                                 \
    (int8_t)((at) + (bits) * (i) / 8), (int8_t)((bits) * (i) % 8 + (bits) > 8 ? (at) + (bits) * (i) / 8 + 1 : -1), -1, -1
#define REST(bits, i) (bits) * (i) % 8
static const int8_t places5[2][64] = {{SIXTEEN(PLACE, 5, 0)}, {SIXTEEN(PLACE, 5, 6)}};
static const int8_t places6[2][64] = {{SIXTEEN(PLACE, 6, 0)}, {SIXTEEN(PLACE, 6, 4)}};
static const int32_t rests5[] = {SIXTEEN(REST, 5)}, rests6[] = {SIXTEEN(REST, 6)};

INLINE __m512i place_codes(const unsigned char *p, const int8_t *places, const int32_t *rests)
{
    const __m512i bytes = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)p));
    return _mm512_srlv_epi32(_mm512_shuffle_epi8(bytes, _mm512_loadu_si512(places)), _mm512_loadu_si512(rests));
}

/* E4M3 becomes an F16 256 times too small. Its NaN, all ones, is made one of F16's by the carry. */
INLINE __m512i e4m3_to_f16(__m512i signed_words)
{
    const __m512i halves = _mm512_and_si512(_mm512_slli_epi16(signed_words, 7), _mm512_set1_epi16((short)0xbfff));
    const __m512i carry = _mm512_add_epi16(_mm512_and_si512(halves, _mm512_set1_epi16(0x3fff)), _mm512_set1_epi16(0x80));

    return _mm512_or_si512(halves, _mm512_and_si512(carry, _mm512_set1_epi16(0x4000)));
}

INLINE __m512 widen_bf16(const unsigned char *p)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

INLINE __m512 load_dense(format f, const unsigned char *p)
{
    return f == F32 ? (__m512)bb_vector_load(p) : f == F16 ? _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)) : widen_bf16(p);
}

/* ---- any format ---- */

/* count / 16 registers of what codes from first on stand for. */
INLINE __m512 affine_values(int first, int codes, const float *scale, const float *bias)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i code = _mm512_or_si512(_mm512_and_si512(lanes, _mm512_set1_epi32(codes - 1)), _mm512_set1_epi32(first));

    return _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(code), _mm512_set1_ps(*scale)), _mm512_set1_ps(*bias));
}

INLINE decoder prepare(format f, const float *scales, const float *biases)
{
    const __m512 e2m1 = _mm512_setr_ps(0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0.0f, -0.5f, -1, -1.5f, -2, -3, -4, -6);
    decoder d = {0};

    if (f >= AFFINE2 && f <= AFFINE5) {
        d.bias[0] = (bb_vector)affine_values(0, f == AFFINE2 ? 4 : f == AFFINE3 ? 8 : 16, scales, biases);
        if (f == AFFINE5)
            d.bias[1] = (bb_vector)affine_values(16, 16, scales, biases);
    } else if (is_e2m1(f)) {
        for (int i = 0; i < (f == NVFP4 ? GROUPS_OF_NVFP4 : 1); i++)
            d.bias[i] = (bb_vector)_mm512_mul_ps(e2m1, _mm512_set1_ps(scales[i]));
    } else if (!is_dense(f)) {
        d.scale[0] = (bb_vector)_mm512_set1_ps(*scales);
        if (f != MXFP8)
            d.bias[0] = (bb_vector)_mm512_set1_ps(*biases);
    }
    return d;
}

INLINE __m512 load_half(format f, bool wide, const unsigned char *p, const decoder *d, int half)
{
    const __m512 scale = (__m512)d->scale[0], bias = (__m512)d->bias[0];
    __m512i codes;

    if (f == AFFINE2)
        return look_up(bias, _mm512_broadcastd_epi32(_mm_loadu_si32(p + 4 * half)), shifts2);
    if (f == AFFINE3)
        return look_up(bias, words(p + 6 * half, p + 3 + 5 * half), half ? last3 : shifts3);
    if (f == AFFINE4 || is_e2m1(f))
        return look_up((__m512)d->bias[f == NVFP4 ? half : 0], words(p + 8 * half, p + 8 * half + 4), shifts4);
    if (f == AFFINE5)
        return _mm512_permutex2var_ps(bias, place_codes(p + 4 * half, places5[half], rests5), (__m512)d->bias[1]);
    if (f == AFFINE6)
        codes = _mm512_and_si512(place_codes(p + 8 * half, places6[half], rests6), _mm512_set1_epi32(63));
    else
        codes = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(p + 16 * half)));
    const __m512 numbers = _mm512_cvtepi32_ps(codes);
    return wide ? _mm512_add_ps(_mm512_mul_ps(numbers, scale), bias) : _mm512_fmadd_ps(numbers, scale, bias);
}

INLINE values load(format f, bool wide, const unsigned char *p, const decoder *d, bb_vector *watched)
{
    values u;

    (void)watched;
    if (f == MXFP8) {
        const __m512i halves = e4m3_to_f16(_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p)));
        u.v[0] = (bb_vector)_mm512_cvtph_ps(_mm512_castsi512_si256(halves)) * d->scale[0];
        u.v[1] = (bb_vector)_mm512_cvtph_ps(_mm512_extracti64x4_epi64(halves, 1)) * d->scale[0];
        return u;
    }
    UNROLL(2)
    for (int half = 0; half < 2; half++)
        u.v[half] = (bb_vector)(is_dense(f) ? load_dense(f, p + half * unit_bytes(f) / 2) : load_half(f, wide, p, d, half));
    return u;
}

INLINE bb_vector load_scales(format f, bombus_dtype dtype, const unsigned char *p)
{
    if (f == NVFP4) {
        const __m512i halves = e4m3_to_f16(_mm512_castsi256_si512(_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p))));
        return (bb_vector)_mm512_cvtph_ps(_mm512_castsi512_si256(halves)) * bb_vector_fill(256);
    }
    if (f == MXFP4 || f == MXFP8) { /* E8M0's 0 is 2^-127, a subnormal number */
        const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)), 23);
        return (bb_vector)_mm512_castsi512_ps(_mm512_max_epu32(bits, _mm512_set1_epi32(0x400000)));
    }
    return (bb_vector)load_dense(dtype == BOMBUS_F32 ? F32 : dtype == BOMBUS_F16 ? F16 : BF16, p);
}

INLINE float scale_factor(format f)
{
    return f == MXFP8 ? 256 : 1;
}

INLINE float bias_factor(format f)
{
    (void)f;
    return 0;
}
