/* backend/cpu/attention_tile.h: the text of attend, the kernel of attention, for files that include it once an instruction set.
 *
 * ROWS queries at a time share each load of a key or value, STRIP vectors of them; ROWS * STRIP sums fill the registers. Narrow types are
 * widened as they are loaded, or, where many queries share them, once a tile. Both ways give the same bits: widening is exact, and the
 * scales of I8 stand outside the sums. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/vector.h"
#include "base/exp.h"
#include "base/memory.h"

#include <math.h>

enum {
    STRIP = BB_WIDTH == 16 ? 2 : 4,
    STRIP_WIDTH = STRIP * BB_WIDTH,
    ROWS = BB_WIDTH == 16 ? 4 : 3,
    WIDEN_FROM = 2 * ROWS + 1, /* queries; below, widening a tile costs more than it saves */
};

_Static_assert(BB_KV_BLOCK % STRIP_WIDTH == 0 && BB_KV_GROUP % STRIP_WIDTH == 0 && BB_LANES % BB_WIDTH == 0,
               "strips fill tiles and groups");

static inline int padded_dim(int dim)
{
    return (dim + BB_WIDTH - 1) / BB_WIDTH * BB_WIDTH;
}

INLINE int size_of(bombus_dtype dtype)
{
    return dtype == BOMBUS_F32 ? 4 : dtype == BOMBUS_F16 ? 2 : 1;
}

INLINE bb_vector load(bombus_dtype dtype, const void *data, int64_t at)
{
    if (dtype == BOMBUS_F32)
        return bb_vector_held(bb_vector_load((const float *)data + at));
    return dtype == BOMBUS_F16 ? bb_vector_load_f16((const uint16_t *)data + at) : bb_vector_load_i8((const int8_t *)data + at);
}

/* The keys and values of the tile that is wanted next, a half of each a stream, to be fetched in turns: of most tiles these are pages of
 * their own, and memory gives lines of several together sooner than those of one. streams[0] gives the next line. */
typedef struct ahead {
    const char *streams[4];
} ahead;

/* Asks for as many bytes as a step takes of this tile; where that is less than a line, more than once for each. NULL: nothing is wanted. */
INLINE void fetch(ahead *next, int step)
{
    for (int done = 0; next && done < step; done += BB_LINE) {
        const char *line = next->streams[0];
        __builtin_prefetch(line);
        for (int i = 0; i < 3; i++)
            next->streams[i] = next->streams[i + 1];
        next->streams[3] = line + (step < BB_LINE ? step : BB_LINE);
    }
}

/* scores [rows, BB_KV_BLOCK] of rows queries against STRIP_WIDTH keys. rows, dtype and scaled are constants where this is called. */
INLINE void score_strip(int rows, bombus_dtype dtype, bool scaled, const float *q, int dim, const bb_kv_tile *tile, ahead *next, int key,
                        float *scores)
{
    const int group = scaled ? BB_KV_GROUP : dim, step = STRIP_WIDTH * size_of(dtype);
    ahead later = next ? *next : (ahead){0};

    for (int start = 0; start < dim; start += group) {
        const int end = start + group < dim ? start + group : dim;
        bb_vector sums[ROWS][STRIP] = {0};

        UNROLL(4)
        for (int i = start; i < end; i++) {
            bb_vector x[ROWS];
            fetch(next ? &later : NULL, step);
            UNROLL(4)
            for (int r = 0; r < rows; r++)
                x[r] = bb_vector_fill(q[r * dim + i]);
            UNROLL(4)
            for (int s = 0; s < STRIP; s++) {
                const bb_vector k = load(dtype, tile->keys, (int64_t)i * BB_KV_BLOCK + key + s * BB_WIDTH);
                UNROLL(4)
                for (int r = 0; r < rows; r++)
                    sums[r][s] = bb_vector_madd(x[r], k, sums[r][s]);
            }
        }
        UNROLL(4)
        for (int r = 0; r < rows; r++) {
            UNROLL(4)
            for (int s = 0; s < STRIP; s++) {
                float *to = scores + r * BB_KV_BLOCK + key + s * BB_WIDTH;
                if (scaled) {
                    const bb_vector scale = load(BOMBUS_F16, tile->key_scales, start / BB_KV_GROUP * BB_KV_BLOCK + key + s * BB_WIDTH);
                    sums[r][s] = start ? bb_vector_madd(sums[r][s], scale, bb_vector_load(to)) : sums[r][s] * scale;
                }
                bb_vector_store(to, sums[r][s]);
            }
        }
    }
    if (next)
        *next = later;
}

/* The scores of one query become weights of keys [first, last), 0 elsewhere. Returns what scales the sums from before. */
static float weigh(float *scores, int first, int last, float *max, float *sum)
{
    float lanes[BB_LANES], largest = *max;

    for (int j = 0; j < BB_KV_BLOCK; j++)
        scores[j] = j < first || j >= last ? -INFINITY : scores[j];
    for (int j = 0; j < BB_LANES; j++) {
        lanes[j] = scores[j];
        for (int k = j + BB_LANES; k < BB_KV_BLOCK; k += BB_LANES)
            lanes[j] = scores[k] > lanes[j] ? scores[k] : lanes[j];
    }
    for (int half = BB_LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++)
            lanes[j] = lanes[j + half] > lanes[j] ? lanes[j + half] : lanes[j];
    if (lanes[0] > largest)
        largest = lanes[0];

    for (int j = 0; j < BB_KV_BLOCK; j++)
        scores[j] = bb_exp_negative(scores[j] - largest);
    for (int j = 0; j < BB_LANES; j++) {
        lanes[j] = scores[j];
        for (int k = j + BB_LANES; k < BB_KV_BLOCK; k += BB_LANES)
            lanes[j] += scores[k];
    }
    const float keep = bb_exp_negative(*max - largest);
    *sum = *sum * keep + bb_lanes_sum(lanes);
    *max = largest;
    return keep;
}

/* Adds columns [column, column + strip * BB_WIDTH) of weights [rows, BB_KV_BLOCK] x values to out, which is scaled first. rows, strip and
 * dtype are constants where this is called. */
INLINE void value_strip(int rows, int strip, bombus_dtype dtype, const float *weights, const bb_queries *queries, int row,
                        const bb_kv_tile *tile, ahead *next, int column, int first, int last, const float *keep)
{
    const int value_stride = padded_dim(queries->dim), step = strip * BB_WIDTH * size_of(dtype);
    ahead later = next ? *next : (ahead){0};
    bb_vector sums[ROWS][STRIP] = {0};

    UNROLL(4)
    for (int j = first; j < last; j++) {
        bb_vector x[ROWS];
        fetch(next ? &later : NULL, step);
        UNROLL(4)
        for (int r = 0; r < rows; r++)
            x[r] = bb_vector_fill(weights[r * BB_KV_BLOCK + j]);
        UNROLL(4)
        for (int s = 0; s < strip; s++) {
            const bb_vector v = load(dtype, tile->values, (int64_t)j * value_stride + column + s * BB_WIDTH);
            UNROLL(4)
            for (int r = 0; r < rows; r++)
                sums[r][s] = bb_vector_madd(x[r], v, sums[r][s]);
        }
    }
    UNROLL(4)
    for (int r = 0; r < rows; r++) {
        UNROLL(4)
        for (int s = 0; s < strip; s++) {
            float *to = queries->out + (int64_t)(row + r) * queries->stride + column + s * BB_WIDTH;
            bb_vector_store(to, bb_vector_madd(bb_vector_load(to), bb_vector_fill(keep[r]), sums[r][s]));
        }
    }
    if (next)
        *next = later;
}

/* Weights times the values' scales, a group of columns at a time. */
INLINE void scale_weights(int rows, const float *weights, const uint16_t *scales, float *scaled)
{
    for (int j = 0; j < BB_KV_BLOCK; j += BB_WIDTH) {
        const bb_vector scale = bb_vector_load_f16(scales + j);
        for (int r = 0; r < rows; r++)
            bb_vector_store(scaled + r * BB_KV_BLOCK + j, bb_vector_load(weights + r * BB_KV_BLOCK + j) * scale);
    }
}

INLINE void score_rows(int rows, bombus_dtype dtype, bool scaled, const bb_queries *queries, int row, const bb_kv_tile *tile,
                       const ahead *next, float *scores)
{
    ahead later = next ? *next : (ahead){0};

    for (int key = 0; key < BB_KV_BLOCK; key += STRIP_WIDTH)
        score_strip(rows, dtype, scaled, queries->q + (int64_t)row * queries->dim, queries->dim, tile, next ? &later : NULL, key,
                    scores + row * BB_KV_BLOCK);
}

INLINE void value_rows(int rows, bombus_dtype dtype, bool scaled, const bb_queries *queries, int row, const bb_kv_tile *tile,
                       const ahead *next, int first, int last, const float *weights, const float *keep)
{
    const int padded = padded_dim(queries->dim);
    float scaled_weights[ROWS * BB_KV_BLOCK];
    const float *own = weights + row * BB_KV_BLOCK;
    ahead later = next ? *next : (ahead){0};

    for (int column = 0; column < padded;) {
        if (scaled && column % BB_KV_GROUP == 0) {
            scale_weights(rows, weights + row * BB_KV_BLOCK, tile->value_scales + column / BB_KV_GROUP * BB_KV_BLOCK, scaled_weights);
            own = scaled_weights;
        }
        if (column + STRIP_WIDTH <= padded) {
            value_strip(rows, STRIP, dtype, own, queries, row, tile, next ? &later : NULL, column, first, last, keep + row);
            column += STRIP_WIDTH;
        } else {
            value_strip(rows, 1, dtype, own, queries, row, tile, next ? &later : NULL, column, first, last, keep + row);
            column += BB_WIDTH;
        }
    }
}

INLINE void score_all(bombus_dtype dtype, bool scaled, const bb_queries *queries, const bb_kv_tile *tile, const ahead *next, float *scores)
{
    int row = 0;

    for (; queries->count - row >= ROWS; row += ROWS)
        score_rows(ROWS, dtype, scaled, queries, row, tile, next, scores);
    for (; queries->count - row >= 2; row += 2)
        score_rows(2, dtype, scaled, queries, row, tile, next, scores);
    if (queries->count - row == 1)
        score_rows(1, dtype, scaled, queries, row, tile, next, scores);
}

INLINE void value_all(bombus_dtype dtype, bool scaled, const bb_queries *queries, const bb_kv_tile *tile, const ahead *next, int first,
                      int last, const float *weights, const float *keep)
{
    int row = 0;

    for (; queries->count - row >= ROWS; row += ROWS)
        value_rows(ROWS, dtype, scaled, queries, row, tile, next, first, last, weights, keep);
    for (; queries->count - row >= 2; row += 2)
        value_rows(2, dtype, scaled, queries, row, tile, next, first, last, weights, keep);
    if (queries->count - row == 1)
        value_rows(1, dtype, scaled, queries, row, tile, next, first, last, weights, keep);
}

/* count elements from one row of keys or values, as F32, and zeros up to padded. As much is fetched of what is next. */
static void widen(bombus_dtype dtype, const void *data, int64_t at, int count, int padded, float *out, ahead *next)
{
    const int step = STRIP_WIDTH * size_of(dtype);
    int i = 0;

    for (; i + STRIP_WIDTH <= count; i += STRIP_WIDTH) {
        fetch(next, step);
        for (int s = 0; s < STRIP_WIDTH; s += BB_WIDTH)
            bb_vector_store(out + i + s, load(dtype, data, at + i + s));
    }
    for (; i + BB_WIDTH <= count; i += BB_WIDTH)
        bb_vector_store(out + i, load(dtype, data, at + i));
    for (; i < padded; i++)
        out[i] = i >= count            ? 0
                 : dtype == BOMBUS_F32 ? ((const float *)data)[at + i]
                 : dtype == BOMBUS_F16 ? bb_f16_to_f32(((const uint16_t *)data)[at + i])
                                       : (float)((const int8_t *)data)[at + i];
}

static void attend(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next)
{
    const int dim = queries->dim, padded = padded_dim(dim), half = dim * BB_KV_BLOCK * size_of(tile->dtype) / 2;
    const bool widened = tile->dtype != BOMBUS_F32 && queries->count >= WIDEN_FROM;
    const char *keys = next->keys, *values = next->values;
    ahead with_keys = {{keys, values, keys + half, values + half}}; /* half of each stream; then the rest: */
    ahead with_values = {{keys + half / 2, values + half / 2, keys + half + half / 2, values + half + half / 2}};
    float scores[BB_QUERIES_MAX * BB_KV_BLOCK], keep[BB_QUERIES_MAX], wide[BB_HEAD_DIM_MAX * BB_KV_BLOCK];

    if (widened)
        widen(tile->dtype, tile->keys, 0, dim * BB_KV_BLOCK, 0, wide, &with_keys);
    if (widened && tile->dtype == BOMBUS_I8)
        score_all(BOMBUS_F32, true, queries, &(bb_kv_tile){.keys = wide, .key_scales = tile->key_scales}, NULL, scores);
    else if (widened)
        score_all(BOMBUS_F32, false, queries, &(bb_kv_tile){.keys = wide}, NULL, scores);
    else if (tile->dtype == BOMBUS_F32)
        score_all(BOMBUS_F32, false, queries, tile, &with_keys, scores);
    else if (tile->dtype == BOMBUS_F16)
        score_all(BOMBUS_F16, false, queries, tile, &with_keys, scores);
    else
        score_all(BOMBUS_I8, true, queries, tile, &with_keys, scores);

    for (int r = 0; r < queries->count; r++)
        keep[r] = weigh(scores + r * BB_KV_BLOCK, first, last, &queries->max[r], &queries->sum[r]);

    if (widened || padded != dim) {
        for (int j = first; j < last; j++)
            widen(tile->dtype, tile->values, (int64_t)j * dim, dim, padded, wide + j * padded, &with_values);
        const bb_kv_tile wider = {.values = wide, .value_scales = tile->value_scales};
        if (tile->dtype == BOMBUS_I8)
            value_all(BOMBUS_F32, true, queries, &wider, NULL, first, last, scores, keep);
        else
            value_all(BOMBUS_F32, false, queries, &wider, NULL, first, last, scores, keep);
    } else if (tile->dtype == BOMBUS_F32) {
        value_all(BOMBUS_F32, false, queries, tile, &with_values, first, last, scores, keep);
    } else if (tile->dtype == BOMBUS_F16) {
        value_all(BOMBUS_F16, false, queries, tile, &with_values, first, last, scores, keep);
    } else {
        value_all(BOMBUS_I8, true, queries, tile, &with_values, first, last, scores, keep);
    }
}
