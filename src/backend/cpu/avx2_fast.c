/* The fast mode with AVX2.
 *
 * maddubs multiplies unsigned codes of a weight with signed ones of the activations and adds neighbours in int16, where several steps
 * have room (for four bits, eight: 8 * 2 * 15 * 127 < 2^15). The vector kernel makes the values of eight groups at once: their partial sums
 * are added across in a tree, so that scales and biases are handled as vectors. The tile kernel multiplies four codes of each of
 * eight rows of a weight with four elements of a row of activations, broadcast, so that sums stand row by row and need no adding across. */
#include "backend/cpu/avx2.h"
#include "backend/cpu/avx_fast.h"

/* ---- codes of a weight ---- */

/* Elements of a unit, which the vector kernel unpacks at once: two bits four ways, three to six as even elements and odd ones. */
INLINE int unit_elements(int bits)
{
    return bits == 2 ? 128 : bits == 8 ? 32 : 64;
}

/* 32 bytes, in a register: loads are as scarce as additions. */
INLINE __m256i load_held(const uint8_t *p)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)p);

    __asm__("" : "+x"(bytes));
    return bytes;
}

INLINE __m256i load_halves(const uint8_t *low, const uint8_t *high)
{
    return _mm256_loadu2_m128i((const __m128i *)high, (const __m128i *)low);
}

/* Words of a byte and the same four bits higher: the even elements of both are at the bottom of bytes. */
INLINE void unpack_two(__m256i codes[2], const uint8_t *p)
{
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p));
    const __m256i words = _mm256_or_si256(bytes, _mm256_slli_epi16(bytes, 4));

    codes[0] = _mm256_and_si256(words, _mm256_set1_epi8(3));
    codes[1] = _mm256_and_si256(_mm256_srli_epi16(words, 2), _mm256_set1_epi8(3));
}

/* Words of four codes of three bits, from bit 4 on: a quad's bits begin at 0 or at 4 of the two bytes that it lies in. */
INLINE void unpack_three(__m256i codes[2], const uint8_t *p)
{
    const __m256i places = _mm256_setr_epi8(0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, /* the second half from byte 4 on */
                                            4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11, 12, 13, 14, 14, 15);
    const __m256i words = _mm256_mullo_epi16(_mm256_shuffle_epi8(load_halves(p, p + 8), places), _mm256_set1_epi32(0x00010010));
    const __m256i pairs = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(words, 4), _mm256_set1_epi16(0x003f)),
                                          _mm256_and_si256(_mm256_srli_epi16(words, 2), _mm256_set1_epi16(0x3f00)));

    codes[0] = _mm256_and_si256(pairs, _mm256_set1_epi8(7));
    codes[1] = _mm256_and_si256(_mm256_srli_epi16(pairs, 3), _mm256_set1_epi8(7));
}

/* Words of two codes of five or six bits, at the top: a pair's bits begin at 0, 2, 4 or 6 of the two bytes that it lies in. */
INLINE void unpack_pairs(__m256i codes[2], const uint8_t *p, int bits)
{
#define PAIRS(bits, at)                                                                                                                    \
    PAIR(bits, at, 0), PAIR(bits, at, 1), PAIR(bits, at, 2), PAIR(bits, at, 3), PAIR(bits, at, 4), PAIR(bits, at, 5), PAIR(bits, at, 6),   \
        PAIR(bits, at, 7)
#define PAIR(bits, at, i) (at) + (i)*2 * (bits) / 8, (at) + (i)*2 * (bits) / 8 + 1
    const __m256i places[] = {bits == 5 ? _mm256_setr_epi8(PAIRS(5, 0), PAIRS(5, 0)) : _mm256_setr_epi8(PAIRS(6, 0), PAIRS(6, 0)),
                              bits == 5 ? _mm256_setr_epi8(PAIRS(5, 16 - 2 * 5), PAIRS(5, 16 - 2 * 5))
                                        : _mm256_setr_epi8(PAIRS(6, 16 - 2 * 6), PAIRS(6, 16 - 2 * 6))};
#undef PAIR
#undef PAIRS
    const __m256i shifts = bits == 5 ? _mm256_set1_epi64x(0x0001000400100040) : _mm256_set1_epi32(0x00010010);
    const __m256i mask = _mm256_set1_epi16((short)((1 << bits) - 1));
    __m256i even[2], odd[2];

    UNROLL(2)
    for (int i = 0; i < 2; i++) { /* quarters 0 and 2 of the unit, then 1 and 3 */
        const uint8_t *from = i ? p + 4 * bits - 16 : p;
        const __m256i words = _mm256_mullo_epi16(_mm256_shuffle_epi8(load_halves(from, from + 4 * bits), places[i]), shifts);
        even[i] = _mm256_and_si256(_mm256_srli_epi16(words, 16 - 2 * bits), mask);
        odd[i] = _mm256_srli_epi16(words, 16 - bits);
    }
    codes[0] = _mm256_packus_epi16(even[0], even[1]);
    codes[1] = _mm256_packus_epi16(odd[0], odd[1]);
}

/* The even elements and the odd ones of 64, of any but four and eight bits. */
INLINE void unpack_stream(__m256i codes[2], const uint8_t *p, int bits)
{
    if (bits == 2)
        unpack_two(codes, p);
    else if (bits == 3)
        unpack_three(codes, p);
    else
        unpack_pairs(codes, p, bits);
}

INLINE void unpack_nibbles(__m256i codes[2], __m256i bytes, bool e2m1)
{
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(BB_E2M1_CODES)), mask = _mm256_set1_epi8(15);

    codes[0] = _mm256_and_si256(bytes, mask);
    codes[1] = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask);
    if (e2m1) {
        codes[0] = _mm256_shuffle_epi8(table, codes[0]);
        codes[1] = _mm256_shuffle_epi8(table, codes[1]);
    }
}

/* A unit of the vector kernel as one, two or four vectors of codes. */
INLINE void load_unit(__m256i codes[4], const uint8_t *p, int bits, bool e2m1)
{
    if (bits == 2) {
        const __m256i bytes = load_held(p);
        for (int i = 0; i < 4; i++)
            codes[i] = _mm256_and_si256(_mm256_srli_epi16(bytes, 2 * i), _mm256_set1_epi8(3));
    } else if (bits == 4) {
        unpack_nibbles(codes, load_held(p), e2m1);
    } else if (bits == 8) {
        codes[0] = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)p), _mm256_set1_epi8(-128));
    } else {
        unpack_stream(codes, p, bits);
    }
}

/* Sums of neighbours in int16 that int16 has room for. */
INLINE int room(int largest)
{
    return 32767 / (2 * 127 * largest);
}

/* Signed codes times x, in int32: their products need the signs apart, and leave no room in int16. */
INLINE __m256i products_signed(__m256i w, __m256i x)
{
    return _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w)), _mm256_set1_epi16(1));
}

/* ---- the vector kernel ---- */

/* Dwords a0 a1 | a2 a3 of each half and b's become a0+a1 a2+a3 b0+b1 b2+b3. */
INLINE __m256i add_pairs(__m256i a, __m256i b, bool sixteen)
{
    const __m256 fa = _mm256_castsi256_ps(a), fb = _mm256_castsi256_ps(b);
    const __m256i even = _mm256_castps_si256(_mm256_shuffle_ps(fa, fb, 0x88)), odd = _mm256_castps_si256(_mm256_shuffle_ps(fa, fb, 0xdd));

    return sixteen ? _mm256_add_epi16(even, odd) : _mm256_add_epi32(even, odd);
}

/* The sums of eight groups' products in int32, in order. p: where their codes begin. */
INLINE __m256i sum_groups(const uint8_t *p, const int8_t *x, int bits, int group, bool e2m1)
{
    enum { MAX = EIGHT };
    const int largest = e2m1 ? 24 : (1 << bits) - 1, unit = unit_elements(bits);
    const int each = group >= unit ? 1 : unit / group;                         /* groups of a vector */
    const int units = group >= unit ? group / unit : 1;                        /* units of a vector */
    const int steps = units * (unit / 32);                                     /* maddubs of a vector */
    const bool sixteen = bits != 8 && each == 1 && steps * 4 <= room(largest); /* two levels of the tree fit int16 as well */
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sums[MAX];

    UNROLL(8)
    for (int v = 0; v < EIGHT / each; v++) {
        __m256i sum32 = _mm256_setzero_si256(), sum16 = sum32;
        int held = 0;
        UNROLL(4)
        for (int u = 0; u < units; u++) {
            __m256i codes[4];
            load_unit(codes, p, bits, e2m1);
            p += unit / 8 * bits;
            UNROLL(4)
            for (int part = 0; part < unit / 32; part++, x += 32) {
                const __m256i activations = _mm256_loadu_si256((const __m256i *)x);
                if (bits == 8) {
                    sum32 = _mm256_add_epi32(sum32, products_signed(codes[0], activations));
                    continue;
                }
                if (held == room(largest)) {
                    sum32 = _mm256_add_epi32(sum32, _mm256_madd_epi16(sum16, ones));
                    held = 0;
                }
                const __m256i product = _mm256_maddubs_epi16(codes[part], activations);
                sum16 = held++ ? _mm256_add_epi16(sum16, product) : product;
            }
        }
        if (sixteen)
            sums[v] = sum16;
        else if (bits == 8)
            sums[v] = sum32;
        else
            sums[v] = steps > room(largest) ? _mm256_add_epi32(sum32, _mm256_madd_epi16(sum16, ones)) : _mm256_madd_epi16(sum16, ones);
    }

    if (each == 4) /* halves: groups 0 1 4 5 and 2 3 6 7 */
        return _mm256_permute4x64_epi64(add_pairs(sums[0], sums[1], false), 0xd8);
    const __m256i low = add_pairs(add_pairs(sums[0], sums[1], sixteen), add_pairs(sums[2], sums[3], sixteen), sixteen);
    if (each == 2) /* halves: even groups and odd ones */
        return _mm256_permutevar8x32_epi32(low, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    const __m256i high = add_pairs(add_pairs(sums[4], sums[5], sixteen), add_pairs(sums[6], sums[7], sixteen), sixteen);
    const __m256i a = sixteen ? _mm256_madd_epi16(low, ones) : low, b = sixteen ? _mm256_madd_epi16(high, ones) : high;
    return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

void bb_fast_vector_avx2(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    vector_any(out, weight, row, rows, x, n);
}

/* ---- activations ---- */

/* The nearest integers of eight values, within int8. */
INLINE __m256i round_eight(const float *x, __m256 inverse)
{
    const __m256 v = _mm256_mul_ps(_mm256_loadu_ps(x), inverse);
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps(-127)), _mm256_set1_ps(127)));
}

static float largest_magnitude(const float *x, int count)
{
    __m256i all = _mm256_setzero_si256();
    int32_t lanes[8], most = 0;

    for (int i = 0; i < count; i += 8)
        all = _mm256_max_epi32(all, _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(x + i)), _mm256_set1_epi32(0x7fffffff)));
    _mm256_storeu_si256((__m256i *)lanes, all);
    for (int i = 0; i < 8; i++)
        most = most < lanes[i] ? lanes[i] : most;
    return bb_float_from_bits((uint32_t)most);
}

/* Of each so many elements, even ones come first, then odd ones. */
static void split_units(int8_t *codes, int64_t count, int split)
{
    for (int8_t *unit = codes; unit < codes + count; unit += 64) {
        const __m256i halves = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, /* of each 128 bits */
                                                0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
        __m256i a = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)unit), halves);
        __m256i b = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(unit + 32)), halves);
        if (split > 16) {
            a = _mm256_permute4x64_epi64(a, 0xd8);
            b = _mm256_permute4x64_epi64(b, 0xd8);
        }
        _mm256_storeu_si256((__m256i *)unit, split > 32 ? _mm256_permute2x128_si256(a, b, 0x20) : a);
        _mm256_storeu_si256((__m256i *)(unit + 32), split > 32 ? _mm256_permute2x128_si256(a, b, 0x31) : b);
    }
}

/* Of each 128 elements, every fourth comes first, then every one behind those, and so on. */
static void split_four(int8_t *codes, int64_t count)
{
    const __m256i fours = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, /* of each 128 bits */
                                           0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);

    for (int8_t *unit = codes; unit < codes + count; unit += BB_FAST_UNIT) {
        __m256i v[4]; /* eight elements of each way */
        for (int i = 0; i < 4; i++)
            v[i] = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(unit + 32 * i)), fours),
                                               _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        const __m256i a = _mm256_unpacklo_epi64(v[0], v[1]), b = _mm256_unpackhi_epi64(v[0], v[1]);
        const __m256i c = _mm256_unpacklo_epi64(v[2], v[3]), d = _mm256_unpackhi_epi64(v[2], v[3]);
        _mm256_storeu_si256((__m256i *)unit, _mm256_permute2x128_si256(a, c, 0x20));
        _mm256_storeu_si256((__m256i *)(unit + 32), _mm256_permute2x128_si256(b, d, 0x20));
        _mm256_storeu_si256((__m256i *)(unit + 64), _mm256_permute2x128_si256(a, c, 0x31));
        _mm256_storeu_si256((__m256i *)(unit + 96), _mm256_permute2x128_si256(b, d, 0x31));
    }
}

void bb_fast_round_avx2(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape)
{
    memset(codes + shape->k, 0, (size_t)(shape->stride - shape->k));
    memset(scales, 0, (size_t)shape->groups * sizeof *scales);
    memset(sums, 0, (size_t)shape->groups * sizeof *sums);
    for (int64_t g = 0; g < shape->k / shape->group; g++) {
        const float largest = largest_magnitude(x + g * shape->group, shape->group);
        const __m256 inverse = _mm256_set1_ps(largest > 0 ? 127.0f / largest : 0);
        int8_t *out = codes + g * shape->group;
        __m128i sum = _mm_setzero_si128();

        for (int i = 0; i < shape->group; i += 16) {
            const __m256i low = round_eight(x + g * shape->group + i, inverse), high = round_eight(x + g * shape->group + i + 8, inverse);
            const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
            const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
            const __m256i all = _mm256_add_epi32(low, high);
            sum = _mm_add_epi32(sum, _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
            _mm_storeu_si128((__m128i *)(out + i), bytes);
        }
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
        scales[g] = largest / 127.0f;
        sums[g] = scales[g] * (float)_mm_cvtsi128_si32(sum);
    }
    if (shape->ways == 4)
        split_four(codes, shape->stride);
    else if (shape->split)
        split_units(codes, shape->stride, shape->split);
}

/* ---- the tile kernel ---- */

enum { ROWS = BB_FAST_PANEL };

/* Dwords j of 32 bytes of each row, from byte at on, to vector j, what is loaded by halves crossing over on the way. */
INLINE void load_across(__m256 v[ROWS], const uint8_t *const *p, int64_t at)
{
    UNROLL(8)
    for (int i = 0; i < ROWS; i++) {
        const float *low = (const float *)(const void *)(p[i % 4] + at + i / 4 * 16);
        const float *high = (const float *)(const void *)(p[i % 4 + 4] + at + i / 4 * 16);
        v[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
    }
    transpose_halves(v);
    transpose_halves(v + 4);
}

enum { TILE_UNIT = 64 }; /* elements of each row, half of them with eight bits */

/* One unit of each row, from byte at on, to a panel: four elements of each row a vector. Of each split elements, even ones come first and
 * then odd ones; of eight bits all are in order. */
INLINE void unpack_unit(uint8_t *codes, const uint8_t *const *p, int64_t at, int bits, bool e2m1, int split)
{
    __m256 rows[2][ROWS];

    if (bits == 4 || bits == 8) {
        load_across(rows[0], p, at);
    } else {
        UNROLL(8)
        for (int r = 0; r < ROWS; r++) {
            __m256i both[2];
            unpack_stream(both, p[r] + at, bits);
            rows[0][r] = _mm256_castsi256_ps(both[0]);
            rows[1][r] = _mm256_castsi256_ps(both[1]);
        }
        transpose_8x8(rows[0]);
        transpose_8x8(rows[1]);
    }
    UNROLL(8)
    for (int j = 0; j < 8; j++) {
        __m256i both[2] = {_mm256_castps_si256(rows[0][j])};
        if (bits == 8) {
            _mm256_storeu_si256((__m256i *)(codes + 32 * j), _mm256_xor_si256(both[0], _mm256_set1_epi8(-128)));
            continue;
        }
        if (bits == 4)
            unpack_nibbles(both, both[0], e2m1);
        else
            both[1] = _mm256_castps_si256(rows[1][j]);
        const int half = split / 8, to = j / half * 2 * half + j % half; /* in vectors */
        _mm256_storeu_si256((__m256i *)(codes + 32 * to), both[0]);
        _mm256_storeu_si256((__m256i *)(codes + 32 * (to + half)), both[1]);
    }
}

/* elements of each row from p on. */
INLINE void unpack(uint8_t *codes, const uint8_t *const *p, int64_t elements, int bits, bool e2m1, int split)
{
    const int unit = bits == 8 ? TILE_UNIT / 2 : TILE_UNIT, bytes = unit / 8 * bits;
    int64_t i = 0, at = 0;

    for (; i + unit <= elements; i += unit, at += bytes)
        unpack_unit(codes + i * ROWS, p, at, bits, e2m1, split);
    if (i < elements) {
        uint8_t ends[ROWS][TILE_UNIT] = {0}, last[ROWS * TILE_UNIT];
        const uint8_t *rows[ROWS];
        for (int r = 0; r < ROWS; r++)
            rows[r] = memcpy(ends[r], p[r] + at, (size_t)((elements - i) / 8 * bits));
        unpack_unit(last, rows, 0, bits, e2m1, split);
        memcpy(codes + i * ROWS, last, (size_t)((elements - i) * ROWS));
    }
}

/* Scales and biases of count groups of each row, group by group. */
INLINE void unpack_scales(bb_fast_panel *panel, const place *rows, int64_t count, int bits, bombus_mode mode, bombus_dtype dtype)
{
    const int size = mode == BOMBUS_AFFINE ? bb_dtypes[dtype].bits / 8 : 1;

    for (int64_t g = 0; g < count; g += EIGHT) {
        __m256 scales[ROWS], biases[ROWS];
        for (int r = 0; r < ROWS; r++) {
            place from = {rows[r].codes, rows[r].scales + g * size, mode == BOMBUS_AFFINE ? rows[r].biases + g * size : NULL};
            rest copy;
            if (count - g < EIGHT)
                from = copy_rest(&copy, from, count - g, 0, size);
            load_scales(&scales[r], &biases[r], from, bits, mode, dtype, true);
        }
        transpose_8x8(scales);
        transpose_8x8(biases);
        for (int i = 0; i < EIGHT; i++) {
            _mm256_storeu_ps(panel->scales + (g + i) * ROWS, scales[i]);
            _mm256_storeu_ps(panel->biases + (g + i) * ROWS, biases[i]);
        }
    }
}

void bb_fast_unpack_avx2(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count)
{
    const bombus_quantization *q = &weight->quant;
    const int64_t k = weight->shape[1], groups = k / q->group_size, elements = count * q->group_size;
    const int size = q->mode == BOMBUS_AFFINE ? bb_dtypes[weight->dtype].bits / 8 : 1;
    const uint8_t *p[ROWS];
    place scales[ROWS];

    for (int r = 0; r < ROWS; r++) {
        const int64_t from = r < rows ? row + r : row, at = (from * groups + first) * size;
        p[r] = bb_packed_at(weight, from, first * q->group_size);
        scales[r] = (place){p[r], (const uint8_t *)weight->scales + at, weight->biases ? (const uint8_t *)weight->biases + at : NULL};
    }

#define UNPACK(bits, e2m1, split) unpack(panel->codes, p, elements, bits, e2m1, split)
#define UNPACK_BITS(bits)                                                                                                                  \
    do {                                                                                                                                   \
        if (q->group_size == 32)                                                                                                           \
            UNPACK(bits, false, 32);                                                                                                       \
        else                                                                                                                               \
            UNPACK(bits, false, 64);                                                                                                       \
    } while (0)
    if (q->mode == BOMBUS_NVFP4)
        UNPACK(4, true, 16);
    else if (q->mode == BOMBUS_MXFP4)
        UNPACK(4, true, 32);
    else if (q->bits == 8)
        UNPACK(8, false, 0);
    else if (q->bits == 6)
        UNPACK_BITS(6);
    else if (q->bits == 5)
        UNPACK_BITS(5);
    else if (q->bits == 4)
        UNPACK_BITS(4);
    else if (q->bits == 3)
        UNPACK_BITS(3);
    else
        UNPACK_BITS(2);
#undef UNPACK_BITS
#undef UNPACK
    unpack_scales(panel, scales, count, q->bits, q->mode, weight->dtype);
}

/* sums [rows][2] of most steps in int16; w: codes of the first panel. most 0: one step of signed codes, in int32. Left alone, the compiler
 * makes trees of sums and loads what it has already, and is then short of registers. */
INLINE void multiply_steps(__m256i (*sums)[2], const uint8_t *w, const int8_t *x, int64_t x_stride, int rows, int most)
{
    const __m256i ones = _mm256_set1_epi16(1);
    const int steps = most ? most : 1;

    UNROLL(8)
    for (int s = 0; s < steps; s++) {
        __m256i codes[2], magnitudes[2];
        for (int p = 0; p < 2; p++) {
            codes[p] = _mm256_loadu_si256((const __m256i *)(w + (size_t)p * sizeof(bb_fast_panel) + s * 32));
            magnitudes[p] = most ? codes[p] : _mm256_abs_epi8(codes[p]);
            BB_OPAQUE(magnitudes[p]);
        }
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            __m256i products[2];
            int32_t four;
            memcpy(&four, x + r * x_stride + s * 4, sizeof four);
            const __m256i a = _mm256_set1_epi32(four);
            UNROLL(2)
            for (int p = 0; p < 2; p++) {
                products[p] = _mm256_maddubs_epi16(magnitudes[p], most ? a : _mm256_sign_epi8(a, codes[p]));
                if (!most)
                    products[p] = _mm256_madd_epi16(products[p], ones);
            }
            if (s) {
                BB_OPAQUE(products[0]); /* two products and then two additions: one after another, they would crowd on the same pipes */
                BB_OPAQUE(products[1]);
            }
            UNROLL(2)
            for (int p = 0; p < 2; p++) {
                sums[r][p] = s ? _mm256_add_epi16(sums[r][p], products[p]) : products[p];
                BB_OPAQUE(sums[r][p]);
            }
        }
    }
    if (!most)
        return;
    UNROLL(8)
    for (int i = 0; i < rows * 2; i++)
        sums[i / 2][i % 2] = _mm256_madd_epi16(sums[i / 2][i % 2], ones);
}

/* most: steps whose sums int16 has room for, a divisor of a group's steps; 0: codes are signed. group: constant, or 0 for the tile's. */
INLINE void tile_of(const bb_fast_tile *tile, int rows, int most, int group)
{
    const bb_fast_tile t = *tile;
    const int run = most ? most : 1, elements = group ? group : t.group;
    const uint8_t *w = t.panels[0].codes;
    const float *scales = t.panels[0].scales, *biases = t.panels[0].biases, *x_scales = t.x_scales, *x_sums = t.x_sums;
    const int panel_floats = (int)(sizeof(bb_fast_panel) / sizeof(float));
    const int8_t *x = t.x;
    _Alignas(32) float out[BB_FAST_TILE][2][8];
    _Alignas(32) int32_t held[BB_FAST_TILE][2][8];

    for (int i = 0; i < rows * 2; i++)
        _mm256_store_ps(out[i / 2][i % 2], t.begins ? _mm256_setzero_ps() : _mm256_loadu_ps(t.out + i / 2 * t.out_stride + i % 2 * 8));
    for (int g = 0; g < t.groups; g++, w += elements * 8, x += elements, scales += 8, biases += 8, x_scales++, x_sums++) {
        __m256i sums[BB_FAST_TILE][2];
        if (t.ahead)
            bb_fast_fetch(t.ahead);
        multiply_steps(sums, w, x, t.x_stride, rows, most);
        UNROLL(4)
        for (int step = run; step < elements / 4; step += run) {
            UNROLL(8)
            for (int i = 0; i < rows * 2; i++)
                _mm256_store_si256((__m256i *)held[i / 2][i % 2], sums[i / 2][i % 2]);
            __asm__ volatile("" ::: "memory"); /* in memory, then: the next steps want all registers */
            multiply_steps(sums, w + step * 32, x + step * 4, t.x_stride, rows, most);
            UNROLL(8)
            for (int i = 0; i < rows * 2; i++)
                sums[i / 2][i % 2] = _mm256_add_epi32(sums[i / 2][i % 2], _mm256_load_si256((const __m256i *)held[i / 2][i % 2]));
        }
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            const __m256 x_scale = _mm256_broadcast_ss(x_scales + r * t.x_groups), x_sum = _mm256_broadcast_ss(x_sums + r * t.x_groups);
            UNROLL(2)
            for (int p = 0; p < 2; p++) {
                const __m256 by_scale = _mm256_mul_ps(_mm256_loadu_ps(scales + p * panel_floats), x_scale);
                const __m256 by_bias = _mm256_mul_ps(_mm256_loadu_ps(biases + p * panel_floats), x_sum);
                const __m256 value = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][p]), by_scale), by_bias);
                _mm256_store_ps(out[r][p], _mm256_add_ps(_mm256_load_ps(out[r][p]), value));
            }
        }
        __asm__ volatile("" ::: "memory");
    }
    for (int i = 0; i < rows * 2; i++)
        _mm256_storeu_ps(t.out + i / 2 * t.out_stride + i % 2 * 8, _mm256_load_ps(out[i / 2][i % 2]));
}

void bb_fast_tile_avx2(const bb_fast_tile *tile)
{
    const int most = tile->largest > 127 ? 0 : room(tile->largest);
#define RUN(steps, group)                                                                                                                  \
    do {                                                                                                                                   \
        if (tile->rows == 4)                                                                                                               \
            tile_of(tile, 4, steps, group);                                                                                                \
        else if (tile->rows == 3)                                                                                                          \
            tile_of(tile, 3, steps, group);                                                                                                \
        else if (tile->rows == 2)                                                                                                          \
            tile_of(tile, 2, steps, group);                                                                                                \
        else                                                                                                                               \
            tile_of(tile, 1, steps, group);                                                                                                \
    } while (0)
    if (most >= 8 && tile->group == 64)
        RUN(8, 64);
    else if (most >= 8)
        RUN(8, 0);
    else if (most >= 4 && tile->group == 32)
        RUN(4, 32);
    else if (most >= 4)
        RUN(4, 0);
    else if (most >= 2)
        RUN(2, 0);
    else
        RUN(0, 0);
#undef RUN
}
