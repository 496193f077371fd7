/* backend/cpu/cpu.h: the CPU backend's table and the operations it is made of. */
#ifndef BB_BACKEND_CPU_CPU_H
#define BB_BACKEND_CPU_CPU_H

#include "backend/backend.h"

extern const bb_backend_ops bb_cpu_ops;

/* dot.c */
/* One dot for each product, as one run of the pool. flags as dot's. */
void bb_cpu_products(bb_backend *backend, const bb_product *products, int count, const bb_tensor *a, int flags);
void bb_cpu_dot(bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags);

/* An operand of dot as rows along k: element k of row r. */
typedef struct bb_operand {
    const bb_tensor *matrix;
    bombus_dtype dtype; /* of the result, which quantized values are rounded to */
    bool along;         /* rows of the matrix run along k; else columns do */
} bb_operand;

/* One product and its tasks, for operations that run those of several products as one loop. */
typedef struct bb_dot_job {
    const struct bb_kernels *kernels;
    const bb_tensor *out;
    bb_operand a, b;
    int64_t m, n, k;
    int64_t column_tiles;
    int64_t task_columns; /* of a streamed matrix; 0: tiles */
    int64_t tasks;
} bb_dot_job;

void bb_dot_plan(bb_dot_job *job, bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags);
void bb_dot_task(void *job, int64_t index, int worker);

/* delta.c */
void bb_cpu_linear_deltas(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_delta_runs *runs);
void bb_cpu_embed_deltas(bb_backend *backend, const bb_tensor *out, const bb_rows *rows, int index, const bb_delta_runs *runs);

/* linear.c */
void bb_cpu_linear(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_tensor *scratch);
int64_t bb_cpu_linear_scratch(bb_backend *backend, int64_t n, int64_t k);

/* scalar_quantize.c */
void bb_cpu_quantize(bb_backend *backend, const bb_tensor *out, const bb_tensor *x);
void bb_cpu_dequantize(bb_backend *backend, const bb_tensor *out, const bb_tensor *x);

/* rows.c: embed, norm, rope, swiglu, add, gather */
void bb_cpu_embed(bb_backend *backend, const bb_tensor *out, const bb_tensor *table, const bb_rows *rows);
void bb_cpu_rms_norm(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const bb_tensor *weight, float eps);
void bb_cpu_rope_angles(bb_backend *backend, const bb_tensor *angles, const double *frequencies, float scale, const bb_rows *rows);
void bb_cpu_rope(bb_backend *backend, const bb_tensor *x, const bb_tensor *angles, int dim);
void bb_cpu_swiglu(bb_backend *backend, const bb_tensor *out, const bb_tensor *gate, const bb_tensor *up);
void bb_cpu_add(bb_backend *backend, const bb_tensor *x, const bb_tensor *y);
void bb_cpu_gather(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const int32_t *index);

/* attention.c */
void bb_cpu_kv_write(bb_backend *backend, const bb_kv *kv, const bb_tensor *k, const bb_tensor *v, const bb_rows *rows);
void bb_cpu_attention(bb_backend *backend, const bb_tensor *out, const bb_tensor *q, const bb_kv *kv, const bb_attention *shape,
                      const bb_rows *rows);

#endif
