/* backend/backend.h: the operations that a backend gives, and the registry.
 *
 * A backend owns the memory of the tensors it allocates. The decoder holds handles (bb_tensor), calls operations, and sees results only
 * through read, so a backend may be lazy or keep its memory elsewhere. Weights come as views of mapped files; prepare makes them usable.
 *
 * Operations do not fail one by one: what can fail is allocation (alloc, prepare) and sync, which reports what went wrong since the last.
 * None allocates while it runs. Activations are F32, row-major. Letters: N rows of a step, D hidden, H heads, K kv heads, d head size,
 * F feed-forward, V vocabulary. */
#ifndef BB_BACKEND_BACKEND_H
#define BB_BACKEND_BACKEND_H

#include "base/threads.h"
#include "tensor/tensor.h"

/* Positions a block of the KV cache holds, and keys a tile of attention reduces at once. Tiles begin at position 0, BB_KV_RUN of them merge
 * in order, and so do the runs: a row's result depends on its own sequence alone, and runs may be computed side by side. */
enum { BB_KV_BLOCK = 32, BB_KV_RUN = 8 };

enum { BB_KV_GROUP = 32 }; /* elements of a key or value that share a scale in an I8 cache */

/* Groups of a key or value of dim elements. */
static inline int bb_kv_groups(int dim)
{
    return (dim + BB_KV_GROUP - 1) / BB_KV_GROUP;
}

enum { BB_HEAD_DIM_MAX = 512 }; /* the widest head that attention takes */

/* The rows of one step. Rows of one sequence stand in order of position; a step may hold rows of many sequences. */
typedef struct bb_rows {
    int count;                    /* N */
    const int32_t *tokens;        /* [N] */
    const int32_t *positions;     /* [N] */
    const int32_t *sequences;     /* [N] index into blocks */
    const int32_t *const *blocks; /* [sequences][ceil(length / BB_KV_BLOCK)] the blocks a sequence has, in order */
} bb_rows;

/* One layer's keys and values: F32, F16, or I8 with a scale for each group of BB_KV_GROUP elements, the last of which may be short. Block b
 * of a sequence holds its positions from b * BB_KV_BLOCK. Keys lie across, so that the scores of a block's positions are sums of whole
 * vectors. */
typedef struct bb_kv {
    bb_tensor keys;         /* [blocks, K, d, BB_KV_BLOCK] */
    bb_tensor values;       /* [blocks, K, BB_KV_BLOCK, d] */
    bb_tensor key_scales;   /* F16 [blocks, K, ceil(d / BB_KV_GROUP), BB_KV_BLOCK]; of I8 alone */
    bb_tensor value_scales; /* as key_scales */
} bb_kv;

typedef struct bb_attention {
    int heads;                /* H */
    int kv_heads;             /* K */
    int dim;                  /* d */
    float scale;              /* of q . k */
    int window;               /* a row at p sees keys in (p - window, p]; 0: all */
    const bb_tensor *scratch; /* F32 [bb_attention_scratch]; NULL: long sequences of few heads are not spread over threads */
} bb_attention;

/* A linear layer's part in a step. */
typedef struct bb_product {
    const bb_tensor *out;
    const bb_tensor *weight;
    int index; /* of its change in a bb_delta_run */
} bb_product;

/* Does the fast mode take such a weight? MXFP8's values are no whole numbers of a scale, and a dense weight has none. */
static inline bool bb_is_fast(const bb_tensor *weight)
{
    return bb_is_quantized(weight) && weight->quant.mode != BOMBUS_MXFP8;
}

/* A change of low rank of a matrix W [out, in]: it becomes gain * W + B^T A, row by row of W. No rank and no gains: no change. */
typedef struct bb_delta {
    bb_tensor a;         /* [r, in] F32, F16 or BF16; data is NULL where there is none */
    bb_tensor b;         /* [r, out] likewise */
    bb_tensor gain;      /* F32 [out]; data NULL: 1 */
    bb_tensor gain_side; /* F32 [in], of an embedding alone: column by column, gain_side - 1 is added to gain; data NULL: 1 */
} bb_delta;

/* Consecutive rows of a step whose layers one set of changes applies to. */
typedef struct bb_delta_run {
    int first, count;
    const bb_delta *deltas; /* by a layer's index */
} bb_delta_run;

/* What changes in a step: rows that no run has are as the weights say. Runs follow one another in order of their rows. */
typedef struct bb_delta_runs {
    const bb_delta_run *runs; /* [count] */
    int count;
    int rank;                 /* no change has more */
    const bb_tensor *scratch; /* F32 [bb_delta_scratch] */
} bb_delta_runs;

enum { BB_PRODUCTS_MAX = 3 }; /* that share their input */

/* The scratch of a step of up to rows rows: what the first products give, and twice a count (int64_t) for each run and layer and 1 more. */
static inline int64_t bb_delta_scratch(int64_t rows, int64_t rank)
{
    return 4 * (rows * BB_PRODUCTS_MAX + 1) + rows * BB_PRODUCTS_MAX * rank;
}

/* The scratch of a step of up to rows rows that see up to context positions: what each run gave each query (d sums, rounded up to 16, and 2
 * more), and counts. */
static inline int64_t bb_attention_scratch(const bb_attention *shape, int rows, int context)
{
    const int64_t runs = context / (BB_KV_BLOCK * BB_KV_RUN) + 1;
    return rows * (int64_t)shape->heads * (runs * (shape->dim + 18) + 1);
}

typedef struct bb_backend bb_backend;

typedef struct bb_backend_ops {
    const char *name;
    /* variant: what stood behind the slash of the name asked for, or NULL. */
    bombus_status (*open)(bb_backend *backend, const char *variant, bombus_error *err);
    void (*close)(bb_backend *backend);

    /* Memory. alloc: dtype, rank and shape are set; data is filled in, zeroed. */
    bombus_status (*alloc)(bb_backend *backend, bb_tensor *t, bombus_error *err);
    void (*release)(bb_backend *backend, bb_tensor *t);
    bombus_status (*prepare)(bb_backend *backend, bb_tensor *weight, bombus_error *err);
    void (*write)(bb_backend *backend, const bb_tensor *t, size_t offset, const void *data, size_t bytes);
    void (*read)(bb_backend *backend, const bb_tensor *t, size_t offset, void *data, size_t bytes);
    bombus_status (*sync)(bb_backend *backend, bombus_error *err);

    /* out [m, n] = a [m, k] x b [k, n], with BOMBUS_TRANSPOSE_A and _B. Dense in F32, F16, BF16, or one operand quantized. out has the
     * promoted dtype. Each element is one sum over k in an order that depends on k alone. */
    void (*dot)(bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags);
    /* The linear layers that x F32 [N, k] enters: each out F32 [N, n] = x times its weight [n, k] transposed, dense or quantized.
     * scratch NULL: what dot gives. Else x may be rounded to int8, with a scale a group, where it meets a quantized weight: scratch (U8, of
     * linear_scratch bytes for N rows of k) holds that, and is the caller's alone while linear runs. */
    void (*linear)(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_tensor *scratch);
    int64_t (*linear_scratch)(bb_backend *backend, int64_t n, int64_t k);
    /* What the runs' changes make of linear layers that x entered: each out F32 [N, n] becomes gain * out + (x A^T) B. A row's result
     * depends on the row and its changes alone. */
    void (*linear_deltas)(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_delta_runs *runs);
    /* dense -> quantized (out's parts are writable) and back, bit for bit as MLX. */
    void (*quantize)(bb_backend *backend, const bb_tensor *out, const bb_tensor *x);
    void (*dequantize)(bb_backend *backend, const bb_tensor *out, const bb_tensor *x);

    /* out [N, D] = rows tokens[n] of table [V, D], as F32. */
    void (*embed)(bb_backend *backend, const bb_tensor *out, const bb_tensor *table, const bb_rows *rows);
    /* What change index of each run makes of embedded rows. */
    void (*embed_deltas)(bb_backend *backend, const bb_tensor *out, const bb_rows *rows, int index, const bb_delta_runs *runs);
    /* out [N, h * d] = x / sqrt(mean(x^2) + eps) * weight, over each run of d = weight's length. out may be x. weight F32 [d]. */
    void (*rms_norm)(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const bb_tensor *weight, float eps);
    /* angles [N, 2, dims / 2]: scale * cos and scale * sin of positions[n] * frequencies[i], computed in double. */
    void (*rope_angles)(bb_backend *backend, const bb_tensor *angles, const double *frequencies, float scale, const bb_rows *rows);
    /* Turns the first dims of each head in x [N, h * dim] in place, halves against each other: (x_i, x_{i + dims/2}). */
    void (*rope)(bb_backend *backend, const bb_tensor *x, const bb_tensor *angles, int dim);
    /* Stores k, v [N, K * d] at the rows' positions. */
    void (*kv_write)(bb_backend *backend, const bb_kv *kv, const bb_tensor *k, const bb_tensor *v, const bb_rows *rows);
    /* out [N, H * d] = softmax(scale * q k^T) v over each row's own sequence up to its position. */
    void (*attention)(bb_backend *backend, const bb_tensor *out, const bb_tensor *q, const bb_kv *kv, const bb_attention *shape,
                      const bb_rows *rows);
    /* out [N, F] = gate * sigmoid(gate) * up. out may be gate. */
    void (*swiglu)(bb_backend *backend, const bb_tensor *out, const bb_tensor *gate, const bb_tensor *up);
    /* x [N, D] += y, of the same shape or a row [D] that is added to every row. */
    void (*add)(bb_backend *backend, const bb_tensor *x, const bb_tensor *y);
    /* out [M, D] = rows index[m] of x [N, D]. */
    void (*gather)(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const int32_t *index);
} bb_backend_ops;

struct bb_backend {
    const bb_backend_ops *ops;
    bb_threads *threads;
    _Atomic int references;
    void *state; /* the backend's own */
};

/* name NULL means the default, "cpu", with the best kernels of the machine; "cpu/scalar" names them. Takes a reference to threads.
 * BOMBUS_ENOTFOUND lists the names there are; BOMBUS_EUNSUPPORTED: not on this machine. */
bombus_status bb_backend_open(bb_backend **out, const char *name, bb_threads *threads, bombus_error *err);
bb_backend *bb_backend_retain(bb_backend *backend);
void bb_backend_free(bb_backend *backend); /* drops a reference; NULL is fine */

/* A reference to the CPU backend, and its pool, that all share who ask for no other: models, and bombus_dot and its kind. The first call
 * makes it and lives until the library is unloaded. */
bombus_status bb_backend_default(bb_backend **out, bombus_error *err);

#endif
