/* The fast mode with AVX-512 and VNNI.
 *
 * vpdpbusd multiplies unsigned bytes with signed ones and adds each four products to an int32, exactly. Codes of a weight are the unsigned
 * side; those of eight bits stay as they are in the file and lose their 128 afterwards, as 128 times the sum of the activations. The vector
 * kernel takes 64 codes at a time and adds the partial sums of eight groups across in a tree, in int16 as long as they fit. The tile kernel
 * multiplies four codes of each of sixteen rows of a weight, which the AVX2 set unpacks, with four elements of a row of activations. */
#include "backend/cpu/avx2.h"
#include "backend/cpu/avx512.h"
#include "backend/cpu/avx_fast.h"

enum { OFFSET = 128, LANES = 16 /* of int32 */ };

/* sum += four products in each lane. gcc 12 would keep the old sum as well, a copy a product, if it were told what this does to it. */
INLINE void multiply(__m512i *sum, __m512i codes, __m512i x)
{
    *sum = _mm512_dpbusd_epi32(*sum, codes, x);
    __asm__("" : "+v"(*sum));
}

/* ---- codes of a weight ---- */

/* 4 * bits bits at the bottom of each 32-bit lane become four bytes. */
INLINE __m512i spread(__m512i x, int bits)
{
    enum { SELECT = 0xca }; /* a ? b : c */
    const __m512i two = _mm512_set1_epi32((1 << 2 * bits) - 1), one = _mm512_set1_epi32(((1 << bits) - 1) * 0x10001);

    x = _mm512_ternarylogic_epi32(two, x, _mm512_slli_epi32(x, 16 - 2 * bits), SELECT);
    x = _mm512_ternarylogic_epi32(one, x, _mm512_slli_epi32(x, 8 - bits), SELECT);
    return _mm512_and_si512(x, _mm512_set1_epi8((char)((1 << bits) - 1)));
}

/* A quad's bits begin at 0 of its lane, or, of an odd number of nibbles, at 4 every other time. */
#define QUADS(at, a, b, c, d, bytes) LANE(at, a, bytes), LANE(at, b, bytes), LANE(at, c, bytes), LANE(at, d, bytes)
#define LANE(at, quad, bytes)        (at) + (quad), (at) + (quad) + 1, (bytes) > 2 ? (at) + (quad) + 2 : -1, -1

/* 64 codes, in order. The sixteen of each quarter begin in the first or the second half of the first of the words that come to it. */
INLINE __m512i load_stream(const uint8_t *p, int bits)
{
    static const int8_t six[64] = {QUADS(0, 0, 3, 6, 9, 3), QUADS(0, 0, 3, 6, 9, 3), QUADS(0, 0, 3, 6, 9, 3), QUADS(0, 0, 3, 6, 9, 3)},
                        five[64] = {QUADS(0, 0, 2, 5, 7, 3), QUADS(2, 0, 2, 5, 7, 3), QUADS(0, 0, 2, 5, 7, 3), QUADS(2, 0, 2, 5, 7, 3)},
                        three[64] = {QUADS(0, 0, 1, 3, 4, 2), QUADS(2, 0, 1, 3, 4, 2), QUADS(0, 0, 1, 3, 4, 2), QUADS(2, 0, 1, 3, 4, 2)};
    const __m512i all = _mm512_maskz_loadu_epi32((__mmask16)((1u << 2 * bits) - 1), p), fours = _mm512_set1_epi64((int64_t)4 << 32);

    switch (bits) {
    case 6: {
        const __m512i from = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
        return spread(_mm512_shuffle_epi8(_mm512_permutexvar_epi32(from, all), _mm512_loadu_si512(six)), 6);
    }
    case 5: {
        const __m512i from = _mm512_setr_epi32(0, 1, 2, 2, 2, 3, 4, 4, 5, 6, 7, 7, 7, 8, 9, 9);
        const __m512i quads = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(from, all), _mm512_loadu_si512(five));
        return spread(_mm512_srlv_epi32(quads, fours), 5);
    }
    case 3: {
        const __m512i from = _mm512_setr_epi32(0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 5, 5, 5);
        const __m512i quads = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(from, all), _mm512_loadu_si512(three));
        return spread(_mm512_srlv_epi32(quads, fours), 3);
    }
    default:
        return spread(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(all)), 2);
    }
}

INLINE __m512i e2m1_codes(__m512i nibbles)
{
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_setr_epi8(BB_E2M1_CODES)), nibbles);
}

/* ---- the vector kernel ---- */

/* Dwords a0 a1 a2 a3 of each quarter and b's become a0+a1 a2+a3 b0+b1 b2+b3. narrow: they fit int16. */
INLINE __m512i add_pairs(__m512i a, __m512i b, bool narrow)
{
    if (narrow)
        return _mm512_madd_epi16(_mm512_packs_epi32(a, b), _mm512_set1_epi16(1));
    const __m512 fa = _mm512_castsi512_ps(a), fb = _mm512_castsi512_ps(b);
    return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(fa, fb, 0x88)), _mm512_castps_si512(_mm512_shuffle_ps(fa, fb, 0xdd)));
}

/* Quarters a0 a1 a2 a3 and b's become a0+a1 a2+a3 b0+b1 b2+b3. */
INLINE __m512i add_quarters(__m512i a, __m512i b)
{
    return _mm512_add_epi32(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd));
}

/* The products of what one load of codes brings, 64 of them or, of four bits, 128, added to sum. */
INLINE __m512i add_products(__m512i sum, const uint8_t *p, const int8_t *x, int bits, bool e2m1)
{
    const __m512i low = _mm512_set1_epi8(15), x0 = _mm512_loadu_si512(x);

    if (bits == 4) { /* even elements and odd ones */
        const __m512i bytes = _mm512_loadu_si512(p);
        __m512i even = _mm512_and_si512(bytes, low), odd = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), low);
        if (e2m1) {
            even = e2m1_codes(even);
            odd = e2m1_codes(odd);
        }
        return _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sum, even, x0), odd, _mm512_loadu_si512(x + 64));
    }
    if (bits == 8) {
        const __m512i more = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8((char)OFFSET), x0);
        return _mm512_sub_epi32(_mm512_dpbusd_epi32(sum, _mm512_loadu_si512(p), x0), more);
    }
    return _mm512_dpbusd_epi32(sum, load_stream(p, bits), x0);
}

INLINE __m256i sum_groups(const uint8_t *p, const int8_t *x, int bits, int group, bool e2m1)
{
    const int unit = bits == 4 ? 128 : 64, each = group >= unit ? 1 : unit / group, units = group >= unit ? group / unit : 1;
    const int most = bits == 8 ? INT16_MAX : unit / LANES * units * 127 * (e2m1 ? 24 : (1 << bits) - 1); /* a sum can be */
    const bool narrow = most <= INT16_MAX && bits != 8, still = 2 * most <= INT16_MAX && bits != 8;
    __m512i sums[EIGHT];

    UNROLL(8)
    for (int v = 0; v < EIGHT / each; v++) {
        sums[v] = _mm512_setzero_si512();
        for (int u = 0; u < units; u++, p += unit / 8 * bits, x += unit)
            sums[v] = add_products(sums[v], p, x, bits, e2m1);
    }

    if (each == 8) /* each two lanes are a group's */
        return _mm512_cvtepi64_epi32(_mm512_add_epi32(sums[0], _mm512_srli_epi64(sums[0], 32)));
    const __m512i low = add_pairs(sums[0], sums[1], narrow);
    if (each == 4) { /* quarters: groups 0 4, 1 5, 2 6, 3 7, two lanes each */
        const __m256i eight = _mm512_cvtepi64_epi32(_mm512_add_epi32(low, _mm512_srli_epi64(low, 32)));
        return _mm256_permutevar8x32_epi32(eight, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    }
    const __m512i four = add_pairs(low, add_pairs(sums[2], sums[3], narrow), still);
    if (each == 2) { /* quarters: even groups twice, then odd ones twice */
        const __m256i eight = _mm512_castsi512_si256(add_quarters(four, four));
        return _mm256_permutevar8x32_epi32(eight, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    }
    const __m512i high = add_pairs(add_pairs(sums[4], sums[5], narrow), add_pairs(sums[6], sums[7], narrow), still);
    const __m512i halves = add_quarters(four, high);
    return _mm512_castsi512_si256(add_quarters(halves, halves));
}

void bb_fast_vector_avx512(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    vector_any(out, weight, row, rows, x, n);
}

/* ---- activations ---- */

void bb_fast_round_avx512(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape)
{
    const __m512i magnitude = _mm512_set1_epi32(INT32_MAX);

    if (shape->split && shape->split != 128) { /* as the panels of the AVX2 set want it */
        bb_fast_round_avx2(codes, scales, sums, x, shape);
        return;
    }
    memset(codes + shape->k, 0, (size_t)(shape->stride - shape->k));
    memset(scales, 0, (size_t)shape->groups * sizeof *scales);
    memset(sums, 0, (size_t)shape->groups * sizeof *sums);
    for (int64_t g = 0; g < shape->k / shape->group; g++, x += shape->group) {
        __m512i all = _mm512_setzero_si512(), sum = all;
        for (int i = 0; i < shape->group; i += LANES)
            all = _mm512_max_epi32(all, _mm512_and_si512(_mm512_loadu_si512(x + i), magnitude));
        const float largest = bb_float_from_bits((uint32_t)_mm512_reduce_max_epi32(all));
        const __m512 inverse = _mm512_set1_ps(largest > 0 ? 127.0f / largest : 0);
        for (int i = 0; i < shape->group; i += LANES) {
            const __m512 least = _mm512_max_ps(_mm512_mul_ps(_mm512_loadu_ps(x + i), inverse), _mm512_set1_ps(-127));
            const __m512i rounded = _mm512_cvtps_epi32(_mm512_min_ps(least, _mm512_set1_ps(127)));
            sum = _mm512_add_epi32(sum, rounded);
            _mm_storeu_si128((__m128i *)(codes + g * shape->group + i), _mm512_cvtepi32_epi8(rounded));
        }
        scales[g] = largest / 127.0f;
        sums[g] = scales[g] * (float)_mm512_reduce_add_epi32(sum);
    }
    for (int8_t *unit = codes; shape->split && unit < codes + shape->stride; unit += shape->split) {
        const __m512i a = _mm512_loadu_si512(unit), b = _mm512_loadu_si512(unit + 64);
        const __m256i even[] = {_mm512_cvtepi16_epi8(a), _mm512_cvtepi16_epi8(b)};
        const __m256i odd[] = {_mm512_cvtepi16_epi8(_mm512_srli_epi16(a, 8)), _mm512_cvtepi16_epi8(_mm512_srli_epi16(b, 8))};
        memcpy(unit, even, sizeof even);
        memcpy(unit + 64, odd, sizeof odd);
    }
}

/* ---- the tile kernel ---- */

/* Of the two panels, one behind the other. */
INLINE __m512i load_both(const void *low, const void *high)
{
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)low)), _mm256_loadu_si256((const __m256i *)high),
                              1);
}

/* OFFSET times the sum of a group. */
INLINE __m512i offset_sum(const int8_t *x, int group)
{
    const __mmask64 some = group < 64 ? ((__mmask64)1 << group) - 1 : ~(__mmask64)0;
    __m512i sum = _mm512_setzero_si512();

    for (int i = 0; i < group; i += 64)
        sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8((char)OFFSET), _mm512_maskz_loadu_epi8(some, x + i));
    return _mm512_set1_epi32(_mm512_reduce_add_epi32(sum));
}

/* Even steps and odd ones have sums of their own, so that enough of them are under way. has_sign: codes that lost OFFSET get it back. */
INLINE void tile_of(const bb_fast_tile *tile, int rows, bool has_sign)
{
    enum { STEP = 4, STEP_BYTES = STEP * BB_FAST_PANEL };
    const bb_fast_tile t = *tile; /* stores to out could be to the tile, as far as the compiler knows */
    const uint8_t *w[] = {t.panels[0].codes, t.panels[1].codes};
    const int8_t *x = t.x;
    __m512 out[BB_FAST_TILE];

    UNROLL(4)
    for (int r = 0; r < rows; r++)
        out[r] = t.begins ? _mm512_setzero_ps() : _mm512_loadu_ps(t.out + r * t.out_stride);
    for (int g = 0; g < t.groups; g++, x += t.group) {
        __m512i sums[BB_FAST_TILE][2];
        if (t.ahead)
            bb_fast_fetch(t.ahead);
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            sums[r][0] = _mm512_setzero_si512();
            sums[r][1] = has_sign ? _mm512_sub_epi32(sums[r][0], offset_sum(x + r * t.x_stride, t.group)) : sums[r][0];
        }
        for (int step = 0; step < t.group / STEP; step += 2) {
            UNROLL(2)
            for (int i = 0; i < 2; i++, w[0] += STEP_BYTES, w[1] += STEP_BYTES) {
                const __m512i both = load_both(w[0], w[1]);
                const __m512i codes = has_sign ? _mm512_xor_si512(both, _mm512_set1_epi8((char)OFFSET)) : both;
                UNROLL(4)
                for (int r = 0; r < rows; r++) {
                    int32_t four;
                    memcpy(&four, x + r * t.x_stride + (step + i) * STEP, sizeof four);
                    multiply(&sums[r][i], codes, _mm512_set1_epi32(four));
                }
            }
        }

        const __m512 scales =
            _mm512_castsi512_ps(load_both(t.panels[0].scales + g * BB_FAST_PANEL, t.panels[1].scales + g * BB_FAST_PANEL));
        const __m512 biases =
            _mm512_castsi512_ps(load_both(t.panels[0].biases + g * BB_FAST_PANEL, t.panels[1].biases + g * BB_FAST_PANEL));
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            const __m512 sum = _mm512_cvtepi32_ps(_mm512_add_epi32(sums[r][0], sums[r][1]));
            const __m512 by_scale = _mm512_mul_ps(scales, _mm512_set1_ps(t.x_scales[r * t.x_groups + g]));
            const __m512 by_bias = _mm512_mul_ps(biases, _mm512_set1_ps(t.x_sums[r * t.x_groups + g]));
            out[r] = _mm512_add_ps(out[r], _mm512_add_ps(_mm512_mul_ps(sum, by_scale), by_bias));
        }
    }
    UNROLL(4)
    for (int r = 0; r < rows; r++)
        _mm512_storeu_ps(t.out + r * t.out_stride, out[r]);
}

void bb_fast_tile_avx512(const bb_fast_tile *tile)
{
#define RUN(rows) tile->largest > 127 ? tile_of(tile, rows, true) : tile_of(tile, rows, false)
    switch (tile->rows) {
    case 1:
        RUN(1);
        break;
    case 2:
        RUN(2);
        break;
    case 3:
        RUN(3);
        break;
    default:
        RUN(4);
    }
#undef RUN
}
