/* backend/cpu/kernels.h: what all kernels of the CPU backend share: the order of sums, and the reading of rows.
 *
 * The order of a sum over k: element k is multiplied and then added to lane k mod BB_LANES, each lane from its first element to its last,
 * beginning with 0; at the end the upper half of the lanes is added to the lower until one is left. It depends on k alone: not on the
 * number of rows, their place in a tile, the length of chunks or the thread. A kernel of another instruction set keeps it (16 lanes are
 * four registers of SSE or NEON, two of AVX2, one of AVX-512), so that matrix-vector and matrix-matrix kernels agree bit for bit. */
#ifndef BB_BACKEND_CPU_KERNELS_H
#define BB_BACKEND_CPU_KERNELS_H

#include "backend/backend.h"
#include "base/memory.h"
#include "tensor/half.h"

enum { BB_LANES = 16 };

static inline float bb_lanes_sum(const float *lanes)
{
    float sums[BB_LANES / 2];

    for (int i = 0; i < BB_LANES / 2; i++)
        sums[i] = lanes[i] + lanes[i + BB_LANES / 2];
    for (int half = BB_LANES / 4; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sums[i] += sums[i + half];
    return sums[0];
}

/* The sum of a[i] * b[i]. */
static inline float bb_lanes_dot(const float *a, const float *b, int64_t count)
{
    float lanes[BB_LANES] = {0};
    int64_t i = 0;

    for (; i + BB_LANES <= count; i += BB_LANES)
        for (int lane = 0; lane < BB_LANES; lane++)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (int lane = 0; i + lane < count; lane++)
        lanes[lane] += a[i + lane] * b[i + lane];
    return bb_lanes_sum(lanes);
}

/* Elements that fill whole bytes in any packing: where a read of packed values may begin, and in what steps it goes. */
enum { BB_PACK = 8 };

enum {
    BB_PANEL_ROWS = 12,   /* of activations, whose chunk stays in the nearest cache while it meets all columns of a tile */
    BB_TILE_COLUMNS = 32, /* of a product, that dot gathers in lanes at once; a multiple of BB_PACK */
    BB_STREAM_ROWS = 4,   /* of activations that a matrix is streamed past at once */
};

/* ---- integer products: the `fast` mode ----
 *
 * Activations are rounded to int8 with a scale for each group of the weight's; codes of a weight are whole numbers with a scale and a
 * bias for each group: as they are, but for eight bits, which lose 128 to fit int8, and the floating four-bit modes, whose values are
 * doubled and 12 larger (bb_fast_scales). Group g of a row then gives
 *     value = sum * (scale * x_scale) + bias * x_sum,    sum of code * x_code in integers, x_sum = x_scale * (sum of x_code),
 * each operation rounded to F32, and the values are added one after another from g = 0. Sums in integers are exact, so all kernels of all
 * instruction sets give the same bytes, but for a NaN, which may be any of those there are. */

enum {
    BB_FAST_ROWS = 8,     /* of a weight whose groups the vector kernel adds at once */
    BB_FAST_PANEL = 8,    /* of a weight that stand interleaved for the tile kernel */
    BB_FAST_TILE = 4,     /* rows of activations in a tile, at most */
    BB_FAST_UNIT = 128,   /* codes of activations are padded to a multiple of it, with zeros */
    BB_FAST_CHUNK = 1024, /* elements of a row in a panel, at most: a multiple of every group size */
    BB_FAST_GROUPS = 64,  /* BB_FAST_CHUNK over the smallest group size */
};

/* Rows of activations in int8. */
typedef struct bb_fast_rows {
    int64_t k;      /* elements of a row */
    int64_t stride; /* k padded to BB_FAST_UNIT */
    int64_t groups; /* of a row, padded to BB_FAST_ROWS */
    int group;      /* elements of each */
    int8_t *codes;  /* [rows, stride] */
    float *scales;  /* [rows, groups] */
    float *sums;    /* [rows, groups] scale * the sum of the group's codes */
    int split;      /* of so many elements (128, 64, 32 or 16) even ones come first, then odd ones; 0: all stand in order */
    int ways;       /* of them: 2, or 4 where every fourth element comes first, then every one behind those, and so on; 1: no split */
} bb_fast_rows;

/* The floating four-bit values twice, plus 12: what their codes become. */
#define BB_E2M1_CODES 12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0

static inline int bb_fast_largest(const bombus_quantization *q)
{
    return q->mode == BOMBUS_AFFINE ? (1 << q->bits) - 1 : 24;
}

/* Scales and biases of count groups from index, as the codes above need them. */
void bb_fast_scales(float *scales, float *biases, const bb_tensor *weight, int64_t index, int64_t count);

/* BB_FAST_PANEL rows of a weight over some groups, a run of elements of one row, then of the next: four or eight, as one instruction
 * multiplies them with as many of a row of activations. Codes are signed where the weight has eight bits. */
typedef struct bb_fast_panel {
    _Alignas(64) uint8_t codes[BB_FAST_PANEL * BB_FAST_CHUNK]; /* [groups * group / run, 8, run] */
    float scales[BB_FAST_PANEL * BB_FAST_GROUPS];              /* [groups, 8] as bb_fast_scales has them */
    float biases[BB_FAST_PANEL * BB_FAST_GROUPS];              /* [groups, 8] */
} bb_fast_panel;

enum { BB_FAST_STREAMS = 4 };

/* Packed codes that are wanted soon: pieces of rows of a weight, as streams of as many pieces that are fetched a line of each in turn, as
 * those of attention are. */
typedef struct bb_fast_ahead {
    const uint8_t *next;   /* of the first stream, to be fetched */
    const uint8_t *end;    /* of its piece */
    int64_t bytes, stride; /* of a piece, and from one to the next */
    int64_t apart;         /* from a stream to the next */
    int stream;            /* whose turn it is */
    int pieces;            /* that are left of each stream, with this one */
    int lines;             /* to be fetched with a group of a tile */
} bb_fast_ahead;

/* Two panels times some rows of activations, over the same groups of both. */
typedef struct bb_fast_tile {
    float *out;  /* [rows, out_stride], the rows of the first panel side by side and then those of the second */
    bool begins; /* with these groups: what is in out is not added to */
    int64_t out_stride;
    const bb_fast_panel *panels; /* [2] */
    int groups, group;
    int largest;           /* code there can be */
    int rows;              /* 1 to BB_FAST_TILE; as many may be read, and what is behind them is then not added */
    const int8_t *x;       /* [rows, x_stride] */
    const float *x_scales; /* [rows, x_groups] */
    const float *x_sums;   /* [rows, x_groups] */
    int64_t x_stride, x_groups;
    bb_fast_ahead *ahead; /* what is wanted next, to be fetched meanwhile; NULL: nothing */
} bb_fast_tile;

/* Asks for a group's lines. Memory takes so many requests at a time and no more: between multiplications they cost nothing, where asked for
 * all at once they hold up whoever asks. */
static inline void bb_fast_fetch(bb_fast_ahead *ahead)
{
    const uint8_t *next = ahead->next, *end = ahead->end;
    int stream = ahead->stream;

    for (int i = 0; i < ahead->lines && ahead->pieces > 0; i++) {
        __builtin_prefetch((const void *)((uintptr_t)next + (uintptr_t)(stream * ahead->apart))); /* may be behind the weight */
        if (++stream < BB_FAST_STREAMS)
            continue;
        stream = 0;
        next += BB_LINE;
        if (next >= end) {
            end += ahead->stride;
            next = end - ahead->bytes;
            ahead->pieces--;
        }
    }
    ahead->next = next;
    ahead->end = end;
    ahead->stream = stream;
}

/* What one head has in one block of the cache. */
typedef struct bb_kv_tile {
    bombus_dtype dtype;                        /* F32, F16 or I8 */
    const void *keys;                          /* [d, BB_KV_BLOCK] */
    const void *values;                        /* [BB_KV_BLOCK, d] */
    const uint16_t *key_scales, *value_scales; /* of I8: F16 [ceil(d / BB_KV_GROUP), BB_KV_BLOCK] */
} bb_kv_tile;

enum { BB_QUERIES_MAX = 48 };

/* Query vectors that see the same keys, and what they have seen so far: weights are relative to exp(max). */
typedef struct bb_queries {
    int count;  /* at most BB_QUERIES_MAX */
    int dim;    /* d */
    int stride; /* of out: d, rounded up to BB_LANES */
    float *q;   /* [count, d] scaled */
    float *out; /* [count, stride] the sum of weight * value */
    float *max; /* [count] */
    float *sum; /* [count] of weights */
} bb_queries;

/* The kernels of one instruction set, which the operations are made of. bb_scalar_kernels is complete and runs anywhere; a table of another
 * set names its own kernels where it has them and the scalar ones where it has not. A kernel is a plain function of memory: no threads, no
 * allocation, any alignment of what comes from a file. */
typedef struct bb_kernels {
    const char *name;
    bool (*usable)(void); /* on this machine */

    /* count values of row row from column first, in F32, of a matrix, dense or quantized. A quantized row is dequantized as in dtype:
     * scales and biases in it, the product rounded to it and then the sum; first and count are multiples of BB_PACK. */
    void (*row)(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
    /* The lanes of row a[i] with row b[j], tile_rows x tile_columns of them: lanes [BB_LANES] at i * stride + j * BB_LANES take
     * in length elements of F32 in the order of sums; length is a multiple of BB_LANES but for the last piece of a sum. */
    int tile_rows, tile_columns; /* divisors of BB_PANEL_ROWS and BB_TILE_COLUMNS */
    void (*products)(float *lanes, int stride, const char *const *a, const char *const *b, int length);
    /* out[i] = bb_lanes_sum of lanes i. */
    void (*sums)(float *out, const float *lanes, int count);
    /* Few rows of x (F32, any alignment) with rows of a matrix, which are read once and not unpacked to memory: lanes [2][BB_LANES] of rows
     * row and row1 with one row of x, or lanes [BB_STREAM_ROWS][BB_LANES] of row with as many. NULL: products serves any number of rows. */
    void (*stream_pair)(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *x);
    void (*stream_row)(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x);

    /* One row x [k] to codes [stride], scales and sums [groups]; padding is 0. */
    void (*fast_round)(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape);
    /* out [rows] = rows [row, row + rows) of weight times row n of x. */
    void (*fast_vector)(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n);
    /* The split that the vector kernel wants of x, by the bits of a weight, a divisor of BB_FAST_UNIT or 0: codes come apart as even
     * elements and odd ones, or of two bits four ways. And the tile kernel's, with fewer than eight bits, where a group is not smaller. */
    int fast_split[8 + 1], fast_tile_split;
    int fast_vector_rows; /* of x: the vector kernel is better for so many, one after another, than the tile kernel */
    /* Groups [first, first + count) of rows [row, row + rows) of a weight, at most BB_FAST_CHUNK elements of each; for rows that are
     * missing the first stands once more. */
    void (*fast_unpack)(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count);
    /* Adds the values of a tile's groups to out. NULL: the vector kernel serves any number of rows. */
    void (*fast_tile)(const bb_fast_tile *tile);

    /* Keys [first, last) of a tile, which is at least one, are reduced and merged into queries. The order of each query's sums is its own:
     *   score   q_i * k_i from the first i to the last; of I8 within a group, whose sum times its scale is added to that of those before
     *   max     of the tile and what was before; exp(before - max) scales what was before
     *   sum     weights exp(score - max) by lanes (bb_lanes_sum of 16; key j to lane j mod 16)
     *   out     weight_j * v_j from the first j to the last, of I8 (weight_j * scale_j) * v_j, then the scaled sum from before
     * next is where the reading goes on: it may be fetched ahead. */
    void (*attend)(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next);

    /* What the operations of these names do with one row, or one head of it. out may be x, or gate. */
    void (*rms_norm)(float *out, const float *x, const float *weight, int64_t dim, float eps);
    void (*rope)(float *a, float *b, const float *cosines, const float *sines, int64_t pairs);
    void (*swiglu)(float *out, const float *gate, const float *up, int64_t count);
    void (*add)(float *x, const float *y, int64_t count);
    /* out [count] = (gain[i] * out[i], gain NULL: out[i]) + sum of z[k] * b[k * stride + i], from the first k < rank to the last. */
    void (*combine)(float *out, const float *gain, const float *z, const float *b, int64_t stride, int rank, int64_t count);
    void (*combine_bf16)(float *out, const float *gain, const float *z, const uint16_t *b, int64_t stride, int rank, int64_t count);
    /* One head's key or value as a cache has it: in F16, or in I8 with an F16 scale for each group of BB_KV_GROUP, which makes the largest
     * 127; scales lie BB_KV_BLOCK apart. A group with what is no finite number has a scale that is none. */
    void (*narrow)(uint16_t *out, const float *x, int count);
    void (*kv_round)(int8_t *out, uint16_t *scales, const float *x, int dim);
} bb_kernels;

/* Says how rows of x are to be split for the vector kernel or the tile kernel, with such a weight. */
static inline void bb_fast_set_split(bb_fast_rows *rows, const bb_kernels *kernels, const bombus_quantization *q, bool tiles)
{
    const int tile_split = q->group_size < kernels->fast_tile_split ? q->group_size : kernels->fast_tile_split;

    rows->split = !tiles ? kernels->fast_split[q->bits] : q->bits < 8 ? tile_split : 0;
    rows->ways = !rows->split ? 1 : q->bits == 2 && !tiles ? 4 : 2;
}

/* Those of row_kernels.h, which a set has all of. */
#define BB_DECLARE_ROW_KERNELS(set)                                                                                                        \
    void bb_rms_norm_##set(float *out, const float *x, const float *weight, int64_t dim, float eps);                                       \
    void bb_rope_##set(float *a, float *b, const float *cosines, const float *sines, int64_t pairs);                                       \
    void bb_swiglu_##set(float *out, const float *gate, const float *up, int64_t count);                                                   \
    void bb_add_##set(float *x, const float *y, int64_t count);                                                                            \
    void bb_combine_##set(float *out, const float *gain, const float *z, const float *b, int64_t stride, int rank, int64_t count);         \
    void bb_combine_bf16_##set(float *out, const float *gain, const float *z, const uint16_t *b, int64_t stride, int rank, int64_t count); \
    void bb_narrow_##set(uint16_t *out, const float *x, int count);                                                                        \
    void bb_kv_round_##set(int8_t *out, uint16_t *scales, const float *x, int dim);

#define BB_ROW_KERNELS(set)                                                                                                                \
    .rms_norm = bb_rms_norm_##set, .rope = bb_rope_##set, .swiglu = bb_swiglu_##set, .add = bb_add_##set, .combine = bb_combine_##set,     \
    .combine_bf16 = bb_combine_bf16_##set, .narrow = bb_narrow_##set, .kv_round = bb_kv_round_##set

extern const bb_kernels bb_scalar_kernels;
#ifdef __x86_64__
extern const bb_kernels bb_avx2_kernels, bb_avx512_kernels;
#elif defined(__aarch64__)
extern const bb_kernels bb_neon_kernels, bb_dotprod_kernels, bb_i8mm_kernels;
#endif

/* The kernels called name, or, where it is NULL, the best that this machine can run and that the environment's BOMBUS_CPU does not exclude:
 * it names the best set to be used ("scalar", "avx2", "avx512"; on ARM "scalar", "neon", "dotprod", "i8mm"). BOMBUS_ENOTFOUND lists the
 * names there are; BOMBUS_EUNSUPPORTED: not on this machine. */
bombus_status bb_kernels_choose(const bb_kernels **out, const char *name, bombus_error *err);

/* Those of an open backend. */
static inline const bb_kernels *bb_cpu_kernels(const bb_backend *backend)
{
    return backend->state;
}

#endif
