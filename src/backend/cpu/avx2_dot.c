/* Exact products in AVX2 with FMA and F16C.
 *
 * On Zen 3 two pipes shuffle and shift, two others multiply, and one is of both: what a unit costs is mostly where its instructions go. */
#include "backend/cpu/avx2.h"
#include "backend/cpu/avx_codes.h"

#define NAME(kernel) bb_##kernel##_avx2
#define WATCHES
enum { PRODUCTS_ROWS = 3, PRODUCTS_COLUMNS = 2 };
#include "backend/cpu/exact_rows.h"

#include <immintrin.h>

INLINE __m128i load128(const unsigned char *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

INLINE __m128i load64(const unsigned char *p)
{
    return _mm_loadl_epi64((const __m128i *)p);
}

INLINE __m256i load128_twice(const unsigned char *p)
{
    return _mm256_broadcastsi128_si256(load128(p));
}

INLINE __m256i load32_eight_times(const unsigned char *p)
{
    int32_t word;
    memcpy(&word, p, sizeof word);
    return _mm256_set1_epi32(word);
}

INLINE __m256i load256(const void *p)
{
    return _mm256_loadu_si256(p);
}

/* ---- codes ---- */

#define EIGHT(X, ...)                                                                                                                      \
    X(__VA_ARGS__, 0), X(__VA_ARGS__, 1), X(__VA_ARGS__, 2), X(__VA_ARGS__, 3), X(__VA_ARGS__, 4), X(__VA_ARGS__, 5), X(__VA_ARGS__, 6),   \
        X(__VA_ARGS__, 7)

/* Two or three bits: the word that holds a code, shifted down to it, is the index of its value; the bits above do not matter. */
#define SHIFT(bits, from, i) (from) + (bits) * (i)
static const int32_t shifts2[2][8] = {{EIGHT(SHIFT, 2, 0)}, {EIGHT(SHIFT, 2, 16)}};
static const int32_t shifts3[2][8] = {{EIGHT(SHIFT, 3, 0)}, {EIGHT(SHIFT, 3, 8)}};

INLINE values load_affine2(const unsigned char *p, __m256 table)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++)
        u.v[i] = _mm256_permutevar_ps(table, _mm256_srlv_epi32(load32_eight_times(p + i / 2 * 4), load256(shifts2[i % 2])));
    return u;
}

INLINE values load_affine3(const unsigned char *p, __m256 table)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++) /* the last three bytes are the upper ones of a word */
        u.v[i] = _mm256_permutevar8x32_ps(table, _mm256_srlv_epi32(load32_eight_times(p + 3 * i - i / 3), load256(shifts3[i / 3])));
    return u;
}

/* Four bits: code i of eight wants the byte it lies in. An upper nibble stays where it is and counts sixteen times, which its scale takes
 * back: the ports that shift are as scarce as those that load. */
#define NIBBLE(at, i) (at) + (i) / 2, -1, -1, -1
static const int8_t nibble_places[4][32] = {{EIGHT(NIBBLE, 0)}, {EIGHT(NIBBLE, 4)}, {EIGHT(NIBBLE, 8)}, {EIGHT(NIBBLE, 12)}};

INLINE values load_affine4(const unsigned char *p)
{
    const __m256i bytes = load128_twice(p), mask = _mm256_set1_epi64x(0xf00000000f);
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++)
        u.v[i] = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_shuffle_epi8(bytes, load256(nibble_places[i])), mask));
    return u;
}

/* E2M1: words of a byte each, such that elements come out in order when the low nibbles are interleaved with the high ones, and these with
 * the upper half of 2^23. A table gives twice the value and 16; with the code of 0 in the upper bytes of words, and the 2^23, that is
 * E2M1_MORE too much, of so few bits that its product with a scale is exact. */
#define WORDS(a, b, c, d, e, f, g, h) a, -1, b, -1, c, -1, d, -1, e, -1, f, -1, g, -1, h, -1
#define E2M1                          16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4
#define E2M1_MORE                     (0x1p23f + 0x1010)
static const int8_t nibble_words[32] = {WORDS(0, 1, 4, 5, 8, 9, 12, 13), WORDS(2, 3, 6, 7, 10, 11, 14, 15)}, e2m1[32] = {E2M1, E2M1};

INLINE values load_e2m1(const unsigned char *p)
{
    const __m256i words = _mm256_shuffle_epi8(load128_twice(p), load256(nibble_words)), large = _mm256_set1_epi16(0x4b00);
    const __m256i low = _mm256_shuffle_epi8(load256(e2m1), _mm256_and_si256(words, _mm256_set1_epi16(0x0f)));
    const __m256i high = _mm256_shuffle_epi8(load256(e2m1), _mm256_srli_epi16(words, 4));
    const __m256i first = _mm256_unpacklo_epi16(low, high), second = _mm256_unpackhi_epi16(low, high);

    return (values){{_mm256_castsi256_ps(_mm256_unpacklo_epi16(first, large)), _mm256_castsi256_ps(_mm256_unpackhi_epi16(first, large)),
                     _mm256_castsi256_ps(_mm256_unpacklo_epi16(second, large)), _mm256_castsi256_ps(_mm256_unpackhi_epi16(second, large))}};
}

/* Five or six bits: half a unit is 2 * bits bytes, the first and the last of the unit's; code i of eight wants the two bytes it lies in. */
#define PLACE(bits, at, i) (at) + (bits) * (i) / 8, (bits) * (i) % 8 + (bits) > 8 ? (at) + (bits) * (i) / 8 + 1 : -1, -1, -1
#define PLACES(bits)                                                                                                                       \
    {                                                                                                                                      \
        {EIGHT(PLACE, bits, 0)}, {EIGHT(PLACE, bits, bits)}, {EIGHT(PLACE, bits, 16 - 2 * (bits))},                                        \
        {                                                                                                                                  \
            EIGHT(PLACE, bits, 16 - (bits))                                                                                                \
        }                                                                                                                                  \
    }
#define REST(bits, i) (bits) * (i) % 8
static const int8_t places5[4][32] = PLACES(5), places6[4][32] = PLACES(6);
static const int32_t shifts5[8] = {EIGHT(REST, 5)}, shifts6[8] = {EIGHT(REST, 6)};

INLINE values load_affine56(const unsigned char *p, int bits, const int8_t (*places)[32], const int32_t *shifts)
{
    const __m256i halves[] = {load128_twice(p), load128_twice(p + 4 * bits - 16)};
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++) {
        const __m256i codes = _mm256_srlv_epi32(_mm256_shuffle_epi8(halves[i / 2], load256(places[i])), load256(shifts));
        u.v[i] = _mm256_cvtepi32_ps(_mm256_and_si256(codes, _mm256_set1_epi32((1 << bits) - 1)));
    }
    return u;
}

INLINE values load_affine8(const unsigned char *p)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++)
        u.v[i] = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load64(p + 8 * i)));
    return u;
}

/* E4M3: its bits where F32 has those of a number 2^120 times too small, which the scale makes up for. Subnormal numbers stay such, and cost
 * more; but few are. (A host's thread that takes those of F32 for 0 has them as 0: a thirty thousandth of the group's largest, at most.)
 * Bits of a NaN become those of a number: watched has the largest magnitude. */
#define E4M3_AS_F32 0x1p120f
INLINE values load_e4m3(const unsigned char *p, bb_vector *watched)
{
    const __m256i magnitudes = _mm256_or_si256(load256(p), _mm256_set1_epi8(-128));
    values u;

    *watched = (bb_vector)_mm256_max_epu8((__m256i)*watched, magnitudes);
    UNROLL(4)
    for (int i = 0; i < 4; i++) {
        const __m256i moved = _mm256_slli_epi32(_mm256_cvtepi8_epi32(load64(p + 8 * i)), 20);
        u.v[i] = _mm256_castsi256_ps(_mm256_and_si256(moved, _mm256_set1_epi32((int)0x87f00000)));
    }
    return u;
}

INLINE values load_dense(format f, const unsigned char *p)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++)
        u.v[i] = f == F32 ? (__m256)bb_vector_load(p + 32 * i) : f == F16 ? _mm256_cvtph_ps(load128(p + 16 * i)) : load_bf16(p + 16 * i);
    return u;
}

/* ---- any format ---- */

INLINE decoder prepare(format f, const float *scales, const float *biases)
{
    decoder d = {0};

    if (f == AFFINE2 || f == AFFINE3) {
        const __m256 codes = f == AFFINE2 ? _mm256_setr_ps(0, 1, 2, 3, 0, 1, 2, 3) : _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
        d.bias[0] = _mm256_add_ps(_mm256_mul_ps(codes, _mm256_broadcast_ss(scales)), _mm256_broadcast_ss(biases));
        return d;
    }
    for (int i = 0; i < (is_dense(f) ? 0 : f == NVFP4 ? GROUPS_OF_NVFP4 : 1); i++) {
        d.scale[i] = _mm256_broadcast_ss(scales + i);
        if (f == AFFINE4)
            d.scale[i] = _mm256_mul_ps(d.scale[i], _mm256_setr_ps(1, 0.0625f, 1, 0.0625f, 1, 0.0625f, 1, 0.0625f));
        if (f != MXFP8)
            d.bias[i] = _mm256_broadcast_ss(biases + i);
    }
    return d;
}

INLINE values load(format f, bool wide, const unsigned char *p, const decoder *d, bb_vector *watched)
{
    values u;

    if (is_dense(f))
        return load_dense(f, p);
    if (f == AFFINE2 || f == AFFINE3)
        return f == AFFINE2 ? load_affine2(p, d->bias[0]) : load_affine3(p, d->bias[0]);
    u = f == AFFINE4   ? load_affine4(p)
        : f == AFFINE5 ? load_affine56(p, 5, places5, shifts5)
        : f == AFFINE6 ? load_affine56(p, 6, places6, shifts6)
        : f == AFFINE8 ? load_affine8(p)
        : f == MXFP8   ? load_e4m3(p, watched)
                       : load_e2m1(p);
    UNROLL(4)
    for (int i = 0; i < 4; i++) {
        const int group = f == NVFP4 ? i / 2 : 0;
        u.v[i] = f == MXFP8 ? _mm256_mul_ps(u.v[i], d->scale[0])
                 : wide     ? _mm256_add_ps(_mm256_mul_ps(u.v[i], d->scale[0]), d->bias[0])
                            : _mm256_fmadd_ps(u.v[i], d->scale[group], d->bias[group]);
    }
    return u;
}

INLINE bb_vector load_scales(format f, bombus_dtype dtype, const unsigned char *p)
{
    if (f == NVFP4)
        return _mm256_mul_ps(load_small_e4m3(p, true), _mm256_set1_ps(E4M3_AS_F16));
    if (f == MXFP4 || f == MXFP8)
        return load_e8m0(p);
    return dtype == BOMBUS_F32 ? (__m256)bb_vector_load(p) : dtype == BOMBUS_F16 ? _mm256_cvtph_ps(load128(p)) : load_bf16(p);
}

/* Scales are powers of two: their exponents, as bytes. E4M3_AS_F32 makes large ones infinite, which has all ones. */
INLINE void watch_scales(format f, bb_vector *watched, const float *scales, int count)
{
    for (int i = 0; i < count && f == MXFP8; i += 8)
        *watched = (bb_vector)_mm256_max_epu8((__m256i)*watched, _mm256_slli_epi32(load256(scales + i), 1));
}

INLINE bool all_were_right(format f, bb_vector watched)
{
    return f != MXFP8 || !_mm256_movemask_epi8(_mm256_cmpeq_epi8((__m256i)watched, _mm256_set1_epi8(-1)));
}

INLINE float scale_factor(format f)
{
    return is_e2m1(f) ? 0.5f : f == MXFP8 ? E4M3_AS_F32 : 1;
}

INLINE float bias_factor(format f)
{
    return is_e2m1(f) ? -0.5f * E2M1_MORE : 0;
}

/* ---- sums ---- */

/* Four sums at a time, each in the order of bb_lanes_sum. */
void bb_sums_avx2(float *out, const float *lanes, int count)
{
    int i = 0;

    for (; i + 4 <= count; i += 4, lanes += 4 * BB_LANES) {
        __m128 four[4];
        UNROLL(4)
        for (int j = 0; j < 4; j++) {
            const __m256 eight = _mm256_add_ps(_mm256_loadu_ps(lanes + j * BB_LANES), _mm256_loadu_ps(lanes + j * BB_LANES + 8));
            four[j] = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        }
        const __m128 two0 = _mm_add_ps(_mm_movelh_ps(four[0], four[1]), _mm_movehl_ps(four[1], four[0]));
        const __m128 two1 = _mm_add_ps(_mm_movelh_ps(four[2], four[3]), _mm_movehl_ps(four[3], four[2]));
        _mm_storeu_ps(out + i,
                      _mm_add_ps(_mm_shuffle_ps(two0, two1, _MM_SHUFFLE(2, 0, 2, 0)), _mm_shuffle_ps(two0, two1, _MM_SHUFFLE(3, 1, 3, 1))));
    }
    for (; i < count; i++, lanes += BB_LANES)
        out[i] = bb_lanes_sum(lanes);
}
