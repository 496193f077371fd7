/* backend/cpu/exact_rows.h: the text of the exact mode's products, for files that include it once an instruction set, over vector.h.
 *
 * One piece of code a format turns a unit of 32 weights into vectors of F32, in the order of elements: it is the including file's (prepare
 * and load). Functions are made of it by macro: rows to memory, for tiles and tables; two rows against one of activations, or one against
 * BB_STREAM_ROWS, which never touch memory. Tiles of F32 are here too, of PRODUCTS_ROWS x PRODUCTS_COLUMNS sums, as many as the including
 * file says that registers hold; and the kernels themselves, which are called NAME(kernel).
 *
 * A quantized value is a product and then a sum, each rounded: bit for bit what bb_row_scalar gives, so long as no factor of its own takes
 * a scale out of the range of F32. A file that defines WATCHES may give wrong values, and then says so at the end: rows that go together,
 * one of which had such, are done over from what bb_row_scalar gives. Lanes take products in by bb_vector_madd. A unit is read by its own
 * bytes alone: nothing beyond a row is touched but by prefetches, which cannot fault. */
#ifndef BB_BACKEND_CPU_EXACT_ROWS_H
#define BB_BACKEND_CPU_EXACT_ROWS_H

#include "backend/cpu/scalar.h"
#include "backend/cpu/vector.h"
#include "base/inline.h"
#include "base/memory.h"

enum { GROUPS_OF_NVFP4 = 2 };                                /* in a unit */
enum { UNIT = 32, PIECE = 2048 / UNIT, SCALES = PIECE * 2 }; /* weights; units whose scales are in F32 at a time; such scales */
enum { VECTORS = UNIT / BB_WIDTH, PARTS = BB_LANES / BB_WIDTH, VECTOR_BYTES = BB_WIDTH * sizeof(float) };

typedef enum format { F32, F16, BF16, AFFINE2, AFFINE3, AFFINE4, AFFINE5, AFFINE6, AFFINE8, MXFP4, MXFP8, NVFP4 } format;

typedef struct values { /* of a unit */
    bb_vector v[VECTORS];
} values;

/* What the codes of a group are decoded with; of two groups where a unit has two. With few bits, all values of a code instead. */
typedef struct decoder {
    bb_vector scale[2];
    bb_vector bias[2];
} decoder;

/* ---- the including file's ---- */

/* scales and biases: as a piece has them, of the group or of the unit's two. */
INLINE decoder prepare(format f, const float *scales, const float *biases);

/* wide: scales are F32. Scales of fewer bits times a code are exact, so that a product and a sum may be one instruction. watched, 0 at
 * first, sees all units of the rows. */
INLINE values load(format f, bool wide, const unsigned char *p, const decoder *d, bb_vector *watched);

/* BB_WIDTH scales or biases. */
INLINE bb_vector load_scales(format f, bombus_dtype dtype, const unsigned char *p);

/* And all scales of theirs, count at a time, up to a whole vector of which may be read. Has load got all values right? */
INLINE void watch_scales(format f, bb_vector *watched, const float *scales, int count);
INLINE bool all_were_right(format f, bb_vector watched);
#ifndef WATCHES
INLINE void watch_scales(format f, bb_vector *watched, const float *scales, int count)
{
    (void)f, (void)watched, (void)scales, (void)count;
}

INLINE bool all_were_right(format f, bb_vector watched)
{
    (void)f, (void)watched;
    return true;
}
#endif

/* What a piece's scales are the weight's times, and its biases the scales of a weight that has none. */
INLINE float scale_factor(format f);
INLINE float bias_factor(format f);

/* ---- any format ---- */

INLINE bool is_dense(format f)
{
    return f <= BF16;
}

INLINE bool is_affine(format f)
{
    return f >= AFFINE2 && f <= AFFINE8;
}

INLINE bool is_e2m1(format f)
{
    return f == MXFP4 || f == NVFP4;
}

INLINE int unit_bytes(format f)
{
    static const unsigned char bits[] = {32, 16, 16, 2, 3, 4, 5, 6, 8, 4, 8, 4};
    return UNIT / 8 * bits[f];
}

/* out[i] = factor * scale i, of count from p on. */
INLINE void widen_scales(format f, bombus_dtype dtype, float *out, float factor, const unsigned char *p, int count)
{
    const int size = !is_affine(f) ? 1 : dtype == BOMBUS_F32 ? 4 : 2;
    unsigned char last[VECTOR_BYTES] = {0};

    UNROLL(4)
    for (int i = 0; i < count; i += BB_WIDTH, p += BB_WIDTH * size) {
        if (count - i < BB_WIDTH)
            p = memcpy(last, p, (size_t)((count - i) * size));
        bb_vector_store(out + i, load_scales(f, dtype, p) * bb_vector_fill(factor));
    }
}

INLINE const unsigned char *unit_at(format f, const bb_tensor *matrix, int64_t row, int64_t unit)
{
    return (const unsigned char *)matrix->data + row * matrix->shape[1] * unit_bytes(f) / UNIT + unit * unit_bytes(f);
}

/* The scales of up to PIECE units of a row, from the beginning of a group or within one. */
typedef struct piece {
    float scales[SCALES]; /* as prepare takes them */
    float biases[SCALES];
} piece;

INLINE void open_piece_of(format f, bombus_dtype dtype, piece *p, const bb_tensor *matrix, int64_t row, int64_t unit, int count,
                          bb_vector *watched)
{
    const int64_t size = matrix->quant.group_size, first = unit * UNIT / size;
    const int64_t at = (row * (matrix->shape[1] / size) + first) * (!is_affine(f) ? 1 : dtype == BOMBUS_F32 ? 4 : 2);
    const int groups = (int)(((unit + count) * UNIT + size - 1) / size - first);
    const unsigned char *scales = (const unsigned char *)matrix->scales + at;

    widen_scales(f, dtype, p->scales, scale_factor(f), scales, groups);
    if (is_affine(f))
        widen_scales(f, dtype, p->biases, 1, (const unsigned char *)matrix->biases + at, groups);
    else if (bias_factor(f) != 0)
        widen_scales(f, dtype, p->biases, bias_factor(f), scales, groups);
    watch_scales(f, watched, p->scales, groups);
}

INLINE void open_piece(format f, bool wide, piece *p, const bb_tensor *matrix, int64_t row, int64_t unit, int count, bb_vector *watched)
{
    if (wide || (!is_dense(f) && !is_affine(f)))
        open_piece_of(f, BOMBUS_F32, p, matrix, row, unit, count, watched);
    else if (is_affine(f) && matrix->dtype == BOMBUS_F16)
        open_piece_of(f, BOMBUS_F16, p, matrix, row, unit, count, watched);
    else if (is_affine(f))
        open_piece_of(f, BOMBUS_BF16, p, matrix, row, unit, count, watched);
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
    bb_vector watched = {0};
    piece p;

    open_piece(f, wide, &p, matrix, row, unit, count, &watched);
    for (int done = 0, group = 0; done < count; run = units, group += f == NVFP4 ? GROUPS_OF_NVFP4 : 1) {
        const decoder d = prepare(f, p.scales + group, p.biases + group);
        for (const int end = done + run < count ? done + run : count; done < end; done++, at += unit_bytes(f)) {
            const values v = load(f, wide, at, &d, &watched);
            memcpy(out + done * UNIT, v.v, sizeof v.v);
        }
    }
    if (!all_were_right(f, watched))
        bb_row_scalar(out, BOMBUS_F32, matrix, row, unit * UNIT, count * UNIT);
}

/* ---- rows against rows ---- */

/* Rows are short, and the processor's own prefetcher begins anew with each: what is so many bytes on is asked for, wherever it lies. */
INLINE int ahead_bytes(format f)
{
    return is_dense(f) ? 6144 : 3072;
}

/* unit: the number of this one; units: how many are taken until the next call. */
INLINE void ahead(format f, const unsigned char *at, int unit, int units)
{
    const int line = unit_bytes(f) <= 8 ? 8 : unit_bytes(f) <= 16 ? 4 : unit_bytes(f) <= 32 ? 2 : 1; /* units of a line */
    const int most = units < line ? line : units;

    for (int byte = 0; unit % most == 0 && byte < most * unit_bytes(f); byte += BB_LINE)
        __builtin_prefetch((const char *)((uintptr_t)at + (uintptr_t)(ahead_bytes(f) + byte)));
}

/* sums [count][parts of lanes] += a unit with count rows of x. */
INLINE void take(format f, bool wide, bb_vector (*sums)[PARTS], const unsigned char *at, decoder d, const char *const *x, int64_t x_at,
                 int count, bb_vector *watched)
{
    const values v = load(f, wide, at, &d, watched);

    UNROLL(8)
    for (int j = 0; j < VECTORS; j++) {
        UNROLL(4)
        for (int c = 0; c < count; c++)
            sums[c][j % PARTS] = bb_vector_madd(v.v[j], bb_vector_load(x[c] + x_at + j * VECTOR_BYTES), sums[c][j % PARTS]);
    }
}

/* lanes [count][BB_LANES] += what the reference reads from element from on, filled up with zeros to whole lanes as products does. */
static void stream_rest(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x, int count, int64_t from)
{
    for (int64_t in = matrix->shape[1], at = from; at < in; at += BB_LANES) {
        const int length = in - at < BB_LANES ? (int)(in - at) : BB_LANES;
        float weights[BB_LANES] = {0}, last[BB_LANES] = {0};
        bb_row_scalar(weights, BOMBUS_F32, matrix, row, at, length);
        for (int c = 0; c < count; c++) {
            memcpy(last, x[c] + at * (int64_t)sizeof *last, (size_t)length * sizeof *last);
            for (int i = 0; i < BB_LANES; i += BB_WIDTH, lanes += BB_WIDTH)
                bb_vector_store(lanes, bb_vector_madd(bb_vector_load(weights + i), bb_vector_load(last + i), bb_vector_load(lanes)));
        }
        lanes -= count * BB_LANES;
    }
}

/* lanes [rows][count][BB_LANES] = sums of rows (row and row1, or row alone) with count rows of x. What is made of a unit is used up before
 * the next is loaded: registers hold no more. */
INLINE void stream(format f, bool wide, float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, int rows, const char *const *x,
                   int count)
{
    const int64_t units = matrix->shape[1] / UNIT;
    const int shift = is_dense(f) ? 0 : matrix->quant.group_size / UNIT / 2; /* 1, 2 or 4 units are a group */
    const int block = count == 1 ? 4 : 1; /* units of a turn: of several rows of x one fills the registers */
    const unsigned char *at[] = {unit_at(f, matrix, row, 0), unit_at(f, matrix, row1, 0)};
    bb_vector watched = {0}, sums[2][BB_STREAM_ROWS][PARTS] = {0};
    piece pieces[2];
    int64_t x_at = 0;

    for (int64_t first = 0; first < units; first += PIECE) {
        const int length = units - first < PIECE ? (int)(units - first) : PIECE;
        for (int r = 0; r < rows; r++)
            open_piece(f, wide, &pieces[r], matrix, r ? row1 : row, first, length, &watched);
        for (int u = 0, step; u < length; u += step) {
            step = length - u < block ? 1 : block;
            for (int r = 0; r < rows; r++)
                ahead(f, at[r], u, block);
            UNROLL(4)
            for (int i = 0; i < block; i++) {
                const int group = f == NVFP4 ? GROUPS_OF_NVFP4 * (u + i) : (u >> shift) + (i >> shift);
                UNROLL(2)
                for (int r = 0; r < rows; at[r] += unit_bytes(f), r++)
                    take(f, wide, sums[r], at[r], prepare(f, pieces[r].scales + group, pieces[r].biases + group), x, x_at, count, &watched);
                x_at += UNIT * sizeof(float);
                if (step == 1)
                    break;
            }
        }
    }
    UNROLL(16)
    for (int i = 0; i < rows * count * PARTS; i++)
        bb_vector_store(lanes + i * BB_WIDTH, sums[i / PARTS / count][i / PARTS % count][i % PARTS]);
    const bool right = all_were_right(f, watched);
    if (right && matrix->shape[1] % UNIT == 0)
        return;
    if (!right)
        memset(lanes, 0, (size_t)(rows * count * BB_LANES) * sizeof *lanes);
    for (int r = 0; r < rows; r++)
        stream_rest(lanes + r * count * BB_LANES, matrix, r ? row1 : row, x, count, right ? units * UNIT : 0);
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
static const functions narrow_functions[] = {EXACT(X)}, wide_functions[] = {WIDE(X)};
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

    return is_affine(f) && matrix->dtype == BOMBUS_F32 ? &wide_functions[f] : &narrow_functions[f];
}

/* As bb_kernels has them: row, stream_pair, stream_row. */
void NAME(row)(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
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

void NAME(stream_pair)(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *x)
{
    functions_of(matrix)->stream_pair(lanes, matrix, row, row1, &x);
}

void NAME(stream_row)(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x)
{
    functions_of(matrix)->stream_row(lanes, matrix, row, x);
}

/* ---- tiles of F32 ---- */

enum { TILE_MAX = 4 };

INLINE void take_lanes(bb_vector (*sums)[TILE_MAX][PARTS], const char *const *a, const char *const *b, int64_t at, int rows, int columns)
{
    UNROLL(4)
    for (int part = 0; part < PARTS; part++, at += VECTOR_BYTES) {
        bb_vector y[TILE_MAX];
        UNROLL(4)
        for (int c = 0; c < columns; c++)
            y[c] = bb_vector_load(b[c] + at);
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            const bb_vector x = bb_vector_held(bb_vector_load(a[r] + at));
            UNROLL(4)
            for (int c = 0; c < columns; c++)
                sums[r][c][part] = bb_vector_madd(x, y[c], sums[r][c][part]);
        }
    }
}

/* As bb_kernels' products; rows and columns are constants. */
INLINE void products(float *lanes, int stride, const char *const *a, const char *const *b, int length, int rows, int columns)
{
    const int64_t whole = length / BB_LANES * (int64_t)(BB_LANES * sizeof(float));
    const char *x[TILE_MAX], *y[TILE_MAX];
    bb_vector sums[TILE_MAX][TILE_MAX][PARTS];

    UNROLL(4)
    for (int r = 0; r < rows; r++)
        x[r] = a[r];
    UNROLL(4)
    for (int c = 0; c < columns; c++)
        y[c] = b[c];
    UNROLL(16)
    for (int i = 0; i < rows * columns * PARTS; i++)
        sums[i / PARTS / columns][i / PARTS % columns][i % PARTS] =
            bb_vector_load(lanes + i / PARTS / columns * stride + i % (columns * PARTS) * BB_WIDTH);
    for (int64_t at = 0; at < whole; at += BB_LANES * sizeof(float))
        take_lanes(sums, x, y, at, rows, columns);
    if (length % BB_LANES) { /* the last piece of a sum is filled up with zeros */
        float last[2 * TILE_MAX][BB_LANES] = {0};
        for (int r = 0; r < rows; r++)
            x[r] = memcpy(last[r], x[r] + whole, (size_t)(length % BB_LANES) * sizeof(float));
        for (int c = 0; c < columns; c++)
            y[c] = memcpy(last[TILE_MAX + c], y[c] + whole, (size_t)(length % BB_LANES) * sizeof(float));
        take_lanes(sums, x, y, 0, rows, columns);
    }
    UNROLL(16)
    for (int i = 0; i < rows * columns * PARTS; i++)
        bb_vector_store(lanes + i / PARTS / columns * stride + i % (columns * PARTS) * BB_WIDTH,
                        sums[i / PARTS / columns][i / PARTS % columns][i % PARTS]);
}

void NAME(products)(float *lanes, int stride, const char *const *a, const char *const *b, int length)
{
    products(lanes, stride, a, b, length, PRODUCTS_ROWS, PRODUCTS_COLUMNS);
}

#endif
