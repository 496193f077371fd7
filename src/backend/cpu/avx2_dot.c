/* Exact products in AVX2 with FMA and F16C.
 *
 * One piece of code a format turns a unit of 32 weights into four registers of F32, in the order of elements. Functions are made of it by
 * macro: rows to memory, for tiles and tables; two rows against one of activations, or one against BB_STREAM_ROWS, which never touch
 * memory.
 *
 * A quantized value is a product and then a sum, each rounded: bit for bit what bb_row_scalar gives, so long as no factor of its own takes
 * a scale out of the range of F32. Lanes take products in by FMA, so sums differ from the scalar set's in their last bits.
 * A unit is read by its own bytes alone: nothing beyond a row is touched but by prefetches, which cannot fault.
 *
 * On Zen 3 two pipes shuffle and shift, two others multiply, and one is of both: what a unit costs is mostly where its instructions go. */
#include "backend/cpu/avx2.h"
#include "backend/cpu/scalar.h"

#include <immintrin.h>

enum { GROUPS_OF_NVFP4 = 2 };                                /* in a unit */
enum { UNIT = 32, PIECE = 2048 / UNIT, SCALES = PIECE * 2 }; /* weights; units whose scales are in F32 at a time; such scales */

typedef enum format { F32, F16, BF16, AFFINE2, AFFINE3, AFFINE4, AFFINE5, AFFINE6, AFFINE8, MXFP4, MXFP8, NVFP4 } format;

typedef struct values { /* of a unit */
    __m256 v[UNIT / 8];
} values;

/* What the codes of a group are decoded with; of two groups where a unit has two. */
typedef struct decoder {
    __m256 scale[2];
    __m256 bias[2]; /* with two or three bits, all values of a code instead */
} decoder;

INLINE bool is_dense(format f)
{
    return f <= BF16;
}

INLINE int unit_bytes(format f)
{
    static const unsigned char bits[] = {32, 16, 16, 2, 3, 4, 5, 6, 8, 4, 8, 4};
    return UNIT / 8 * bits[f];
}

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

INLINE __m256 load_f32(const void *p)
{
    return _mm256_loadu_ps(p);
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

/* E4M3 becomes an F16 256 times too small. Its NaN, all ones, is made one of F16's by the carry. */
INLINE __m256i e4m3_to_f16(__m256i signed_words)
{
    const __m256i halves = _mm256_and_si256(_mm256_slli_epi16(signed_words, 7), _mm256_set1_epi16((short)0xbfff));
    const __m256i carry = _mm256_add_epi16(_mm256_and_si256(halves, _mm256_set1_epi16(0x3fff)), _mm256_set1_epi16(0x80));

    return _mm256_or_si256(halves, _mm256_and_si256(carry, _mm256_set1_epi16(0x4000)));
}

INLINE values load_e4m3(const unsigned char *p)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i += 2) {
        const __m256i halves = e4m3_to_f16(_mm256_cvtepi8_epi16(load128(p + 8 * i)));
        u.v[i] = _mm256_cvtph_ps(_mm256_castsi256_si128(halves));
        u.v[i + 1] = _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1));
    }
    return u;
}

INLINE __m256 load_bf16(const unsigned char *p)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load128(p)), 16));
}

INLINE values load_dense(format f, const unsigned char *p)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < 4; i++)
        u.v[i] = f == F32 ? load_f32(p + 32 * i) : f == F16 ? _mm256_cvtph_ps(load128(p + 16 * i)) : load_bf16(p + 16 * i);
    return u;
}

/* ---- any format ---- */

INLINE bool is_affine(format f)
{
    return f >= AFFINE2 && f <= AFFINE8;
}

INLINE bool is_e2m1(format f)
{
    return f == MXFP4 || f == NVFP4;
}

/* scales and biases: as a piece has them, of the group or of the unit's two. */
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

/* wide: scales are F32. Scales of fewer bits times a code are exact, so that a product and a sum may be one instruction. */
INLINE values load(format f, bool wide, const unsigned char *p, const decoder *d)
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
        : f == MXFP8   ? load_e4m3(p)
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

/* Eight scales or biases. */
INLINE __m256 load_scales(format f, bombus_dtype dtype, const unsigned char *p)
{
    if (f == NVFP4)
        return _mm256_mul_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(e4m3_to_f16(_mm256_cvtepi8_epi16(load64(p))))), _mm256_set1_ps(256));
    if (f == MXFP4 || f == MXFP8) /* E8M0's 0 is 2^-127, a subnormal number */
        return _mm256_castsi256_ps(_mm256_max_epu32(_mm256_slli_epi32(_mm256_cvtepu8_epi32(load64(p)), 23), _mm256_set1_epi32(0x400000)));
    return dtype == BOMBUS_F32 ? load_f32(p) : dtype == BOMBUS_F16 ? _mm256_cvtph_ps(load128(p)) : load_bf16(p);
}

/* out[i] = factor * scale i, of count from p on. */
INLINE void widen_scales(format f, bombus_dtype dtype, float *out, float factor, const unsigned char *p, int count)
{
    const int size = !is_affine(f) ? 1 : dtype == BOMBUS_F32 ? 4 : 2;
    unsigned char last[8 * sizeof(float)] = {0};

    UNROLL(4)
    for (int i = 0; i < count; i += 8, p += 8 * size) {
        if (count - i < 8)
            p = memcpy(last, p, (size_t)((count - i) * size));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(load_scales(f, dtype, p), _mm256_set1_ps(factor)));
    }
}

/* The scales of up to PIECE units of a row, from the beginning of a group or within one. */
typedef struct piece {
    float scales[SCALES]; /* as prepare takes them */
    float biases[SCALES];
} piece;

INLINE void open_piece_of(format f, bombus_dtype dtype, piece *p, const bb_tensor *matrix, int64_t row, int64_t unit, int count)
{
    const int64_t size = matrix->quant.group_size, first = unit * UNIT / size;
    const int64_t at = (row * (matrix->shape[1] / size) + first) * (!is_affine(f) ? 1 : dtype == BOMBUS_F32 ? 4 : 2);
    const int groups = (int)(((unit + count) * UNIT + size - 1) / size - first);

    const unsigned char *scales = (const unsigned char *)matrix->scales + at;
    widen_scales(f, dtype, p->scales, is_e2m1(f) ? 0.5f : f == MXFP8 ? 256 : 1, scales, groups);
    if (is_e2m1(f))
        widen_scales(f, dtype, p->biases, -0.5f * E2M1_MORE, scales, groups);
    else if (f != MXFP8)
        widen_scales(f, dtype, p->biases, 1, (const unsigned char *)matrix->biases + at, groups);
}

INLINE void open_piece(format f, bool wide, piece *p, const bb_tensor *matrix, int64_t row, int64_t unit, int count)
{
    if (wide || (!is_dense(f) && !is_affine(f)))
        open_piece_of(f, BOMBUS_F32, p, matrix, row, unit, count);
    else if (is_affine(f) && matrix->dtype == BOMBUS_F16)
        open_piece_of(f, BOMBUS_F16, p, matrix, row, unit, count);
    else if (is_affine(f))
        open_piece_of(f, BOMBUS_BF16, p, matrix, row, unit, count);
}

INLINE const unsigned char *unit_at(format f, const bb_tensor *matrix, int64_t row, int64_t unit)
{
    return (const unsigned char *)matrix->data + row * matrix->shape[1] * unit_bytes(f) / UNIT + unit * unit_bytes(f);
}

/* Units that one decoder serves, of length there are. */
INLINE int run_units(format f, const bb_tensor *matrix, int length)
{
    return is_dense(f) ? length : f == NVFP4 ? 1 : matrix->quant.group_size / UNIT;
}

/* ---- rows to memory ---- */

INLINE void unpack_units(format f, bool wide, float *out, const bb_tensor *matrix, int64_t row, int64_t unit, int count)
{
    const unsigned char *at = unit_at(f, matrix, row, unit);
    const int units = run_units(f, matrix, count);
    int run = is_dense(f) ? count : units - (int)(unit % units); /* the first group may have begun before */
    piece p;

    open_piece(f, wide, &p, matrix, row, unit, count);
    for (int group = 0; count; run = units, group += f == NVFP4 ? GROUPS_OF_NVFP4 : 1) {
        const decoder d = prepare(f, p.scales + group, p.biases + group);
        run = run < count ? run : count;
        count -= run;
        for (; run; run--, at += unit_bytes(f), out += UNIT) {
            const values v = load(f, wide, at, &d);
            UNROLL(4)
            for (int j = 0; j < 4; j++)
                _mm256_storeu_ps(out + 8 * j, v.v[j]);
        }
    }
}

/* ---- rows against rows ---- */

/* Rows are short, and the processor's own prefetcher begins anew with each: what is AHEAD bytes on is asked for, wherever it lies. */
enum { AHEAD = 3072, LINE = 64 };

INLINE void ahead(format f, const unsigned char *at, int unit)
{
    const int often = unit_bytes(f) <= 8 ? 8 : unit_bytes(f) <= 16 ? 4 : unit_bytes(f) <= 32 ? 2 : 1; /* units a line */

    for (int i = 0; unit % often == 0 && i < (unit_bytes(f) + LINE - 1) / LINE; i++)
        _mm_prefetch((const char *)((uintptr_t)at + AHEAD + (uintptr_t)(i * LINE)), _MM_HINT_T0);
}

/* sums [count][halves of lanes] += a unit with count rows of x. */
INLINE void take(format f, bool wide, __m256 (*sums)[2], const unsigned char *at, decoder d, const char *const *x, int64_t x_at, int count)
{
    const values v = load(f, wide, at, &d);

    UNROLL(4)
    for (int j = 0; j < 4; j++) {
        UNROLL(4)
        for (int c = 0; c < count; c++)
            sums[c][j % 2] = _mm256_fmadd_ps(v.v[j], load_f32(x[c] + x_at + 32 * j), sums[c][j % 2]);
    }
}

/* lanes [rows][count][BB_LANES] = sums of whole units of rows (row and row1, or row alone) with count rows of x. What is made of a unit is
 * used up before the next is loaded: sixteen registers hold no more. */
INLINE void stream(format f, bool wide, float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, int rows, const char *const *x,
                   int count)
{
    const int64_t units = matrix->shape[1] / UNIT;
    const unsigned char *at = unit_at(f, matrix, row, 0), *at1 = unit_at(f, matrix, row1, 0);
    __m256 sums[BB_STREAM_ROWS][2], sums1[BB_STREAM_ROWS][2];
    const int shift = is_dense(f) ? 0 : matrix->quant.group_size / UNIT / 2; /* 1, 2 or 4 units are a group */
    piece p, p1;
    int64_t x_at = 0;

    UNROLL(4)
    for (int c = 0; c < BB_STREAM_ROWS; c++)
        sums[c][0] = sums[c][1] = sums1[c][0] = sums1[c][1] = _mm256_setzero_ps();
    for (int64_t first = 0; first < units; first += PIECE) {
        const int length = units - first < PIECE ? (int)(units - first) : PIECE;
        open_piece(f, wide, &p, matrix, row, first, length);
        if (rows == 2)
            open_piece(f, wide, &p1, matrix, row1, first, length);
        for (int u = 0; u < length; u++, x_at += UNIT * sizeof(float), at += unit_bytes(f), at1 += unit_bytes(f)) {
            const int group = f == NVFP4 ? GROUPS_OF_NVFP4 * u : u >> shift;
            ahead(f, at, u);
            take(f, wide, sums, at, prepare(f, p.scales + group, p.biases + group), x, x_at, count);
            if (rows == 2) {
                ahead(f, at1, u);
                take(f, wide, sums1, at1, prepare(f, p1.scales + group, p1.biases + group), x, x_at, count);
            }
        }
    }
    UNROLL(8)
    for (int c = 0; c < count * 2; c++) {
        _mm256_storeu_ps(lanes + 8 * c, sums[c / 2][c % 2]);
        if (rows == 2)
            _mm256_storeu_ps(lanes + count * BB_LANES + 8 * c, sums1[c / 2][c % 2]);
    }
}

/* The elements behind the last whole unit, filled up with zeros to whole lanes as bb_products_avx2 does. */
static void stream_rest(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x, int count)
{
    const int64_t in = matrix->shape[1];

    for (int64_t at = in / UNIT * UNIT; at < in; at += BB_LANES) {
        const int length = in - at < BB_LANES ? (int)(in - at) : BB_LANES;
        float weights[BB_LANES] = {0}, last[BB_LANES] = {0};
        bb_row_scalar(weights, BOMBUS_F32, matrix, row, at, length);
        UNROLL(8)
        for (int i = 0; i < count * 2; i++) { /* [of x][half] */
            memcpy(last, x[i / 2] + at * (int64_t)sizeof *last, (size_t)length * sizeof *last);
            _mm256_storeu_ps(lanes + 8 * i,
                             _mm256_fmadd_ps(load_f32(weights + i % 2 * 8), load_f32(last + i % 2 * 8), load_f32(lanes + 8 * i)));
        }
    }
}

/* ---- three functions a format, six where scales may be F32 and that matters ---- */

#define EXACT(X)                                                                                                                           \
    X(F32, 0)                                                                                                                              \
    X(F16, 0)                                                                                                                              \
    X(BF16, 0) X(AFFINE2, 0) X(AFFINE3, 0) X(AFFINE4, 0) X(AFFINE5, 0) X(AFFINE6, 0) X(AFFINE8, 0) X(MXFP4, 0) X(MXFP8, 0) X(NVFP4, 0)
#define WIDE(X) X(AFFINE2, 1) X(AFFINE3, 1) X(AFFINE4, 1) X(AFFINE5, 1) X(AFFINE6, 1) X(AFFINE8, 1)

#define X(f, wide)                                                                                                                         \
    static void unpack_##f##_##wide(float *out, const bb_tensor *matrix, int64_t row, int64_t unit, int count)                             \
    {                                                                                                                                      \
        unpack_units(f, wide, out, matrix, row, unit, count);                                                                              \
    }                                                                                                                                      \
    static void stream_pair_##f##_##wide(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *const *x)           \
    {                                                                                                                                      \
        stream(f, wide, lanes, matrix, row, row1, 2, x, 1);                                                                                \
    }                                                                                                                                      \
    static void stream_row_##f##_##wide(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x)                          \
    {                                                                                                                                      \
        stream(f, wide, lanes, matrix, row, row, 1, x, BB_STREAM_ROWS);                                                                    \
    }
EXACT(X)
WIDE(X)
#undef X

typedef struct functions {
    void (*unpack)(float *out, const bb_tensor *matrix, int64_t row, int64_t unit, int count);
    void (*stream_pair)(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *const *x);
    void (*stream_row)(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x);
} functions;

#define X(f, wide) [f] = {unpack_##f##_##wide, stream_pair_##f##_##wide, stream_row_##f##_##wide},
static const functions exact[] = {EXACT(X)}, wide[] = {WIDE(X)};
#undef X

static format format_of(const bb_tensor *matrix)
{
    static const format affine[] = {[2] = AFFINE2, [3] = AFFINE3, [4] = AFFINE4, [5] = AFFINE5, [6] = AFFINE6, [8] = AFFINE8};

    switch (matrix->quant.mode) {
    case BOMBUS_AFFINE:
        return affine[matrix->quant.bits];
    case BOMBUS_MXFP4:
        return MXFP4;
    case BOMBUS_MXFP8:
        return MXFP8;
    case BOMBUS_NVFP4:
        return NVFP4;
    default:
        return matrix->dtype == BOMBUS_F32 ? F32 : matrix->dtype == BOMBUS_F16 ? F16 : BF16;
    }
}

static const functions *functions_of(const bb_tensor *matrix)
{
    const format f = format_of(matrix);

    return is_affine(f) && matrix->dtype == BOMBUS_F32 ? &wide[f] : &exact[f];
}

void bb_row_avx2(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
{
    const format f = format_of(matrix);

    /* Rounding on the way, and a beginning within a unit, are the reference's. */
    if ((dtype == BOMBUS_F32 || is_dense(f)) && first % UNIT == 0) {
        for (int step; count >= UNIT; first += step, count -= step, out += step) {
            step = (count < PIECE * UNIT ? (int)count : PIECE * UNIT) / UNIT * UNIT;
            functions_of(matrix)->unpack(out, matrix, row, first / UNIT, step / UNIT);
        }
    }
    if (count)
        bb_row_scalar(out, dtype, matrix, row, first, count);
}

void bb_stream_pair_avx2(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *x)
{
    functions_of(matrix)->stream_pair(lanes, matrix, row, row1, &x);
    if (matrix->shape[1] % UNIT) {
        stream_rest(lanes, matrix, row, &x, 1);
        stream_rest(lanes + BB_LANES, matrix, row1, &x, 1);
    }
}

void bb_stream_row_avx2(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x)
{
    functions_of(matrix)->stream_row(lanes, matrix, row, x);
    if (matrix->shape[1] % UNIT)
        stream_rest(lanes, matrix, row, x, BB_STREAM_ROWS);
}

/* ---- tiles of F32 ---- */

void bb_products_avx2(float *lanes, int stride, const char *const *a, const char *const *b, int length)
{
    enum { ROWS = 3, COLUMNS = 2 };
    const int64_t whole = length / BB_LANES * (int64_t)(BB_LANES * sizeof(float));
    const char *const a0 = a[0], *const a1 = a[1], *const a2 = a[2], *const b0 = b[0], *const b1 = b[1];
    __m256 sums[ROWS][COLUMNS][2];

    UNROLL(12)
    for (int i = 0; i < ROWS * COLUMNS * 2; i++)
        sums[i / 4][i / 2 % 2][i % 2] = load_f32(lanes + i / 4 * stride + i % 4 * 8);
    for (int64_t at = 0; at < whole; at += BB_LANES * sizeof(float)) {
        UNROLL(2)
        for (int half = 0; half < 2; half++) {
            const __m256 y0 = load_f32(b0 + at + 32 * half), y1 = load_f32(b1 + at + 32 * half);
            __m256 x = load_f32(a0 + at + 32 * half);
            sums[0][0][half] = _mm256_fmadd_ps(x, y0, sums[0][0][half]);
            sums[0][1][half] = _mm256_fmadd_ps(x, y1, sums[0][1][half]);
            x = load_f32(a1 + at + 32 * half);
            sums[1][0][half] = _mm256_fmadd_ps(x, y0, sums[1][0][half]);
            sums[1][1][half] = _mm256_fmadd_ps(x, y1, sums[1][1][half]);
            x = load_f32(a2 + at + 32 * half);
            sums[2][0][half] = _mm256_fmadd_ps(x, y0, sums[2][0][half]);
            sums[2][1][half] = _mm256_fmadd_ps(x, y1, sums[2][1][half]);
        }
    }
    UNROLL(12)
    for (int i = 0; i < ROWS * COLUMNS * 2; i++)
        _mm256_storeu_ps(lanes + i / 4 * stride + i % 4 * 8, sums[i / 4][i / 2 % 2][i % 2]);

    if (length % BB_LANES) { /* the last piece of a sum is filled up with zeros */
        float last[ROWS + COLUMNS][BB_LANES] = {0};
        const char *const rows[] = {a0, a1, a2, b0, b1}, *filled[ROWS + COLUMNS];
        for (int r = 0; r < ROWS + COLUMNS; r++)
            filled[r] = memcpy(last[r], rows[r] + whole, (size_t)(length % BB_LANES) * sizeof(float));
        bb_products_avx2(lanes, stride, filled, filled + ROWS, BB_LANES);
    }
}

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
