/* backend/cpu/scalar.h: the kernels that run on any CPU: the complete reference, and what other instruction sets fall back on. */
#ifndef BB_BACKEND_CPU_SCALAR_H
#define BB_BACKEND_CPU_SCALAR_H

#include "backend/cpu/kernels.h"

void bb_row_scalar(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
void bb_products_scalar(float *lanes, int stride, const char *const *a, const char *const *b, int length);
void bb_sums_scalar(float *out, const float *lanes, int count);

void bb_fast_round_scalar(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape);
void bb_fast_vector_scalar(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n);
void bb_fast_codes(uint8_t *codes, const bb_tensor *weight, int64_t row, int64_t first, int64_t count);

/* ---- packed values (scalar_quantize.c) ---- */

enum { BB_GROUP_MAX = 128 };

/* Where element first of a quantized row stands; first is a multiple of BB_PACK. */
static inline const unsigned char *bb_packed_at(const bb_tensor *matrix, int64_t row, int64_t first)
{
    return (const unsigned char *)matrix->data + (row * matrix->shape[1] + first) / BB_PACK * matrix->quant.bits;
}

/* count codes (a multiple of BB_PACK) of a little-endian bit stream. */
void bb_unpack(uint8_t *restrict codes, const unsigned char *restrict bytes, int bits, int64_t count);

/* count scales (or biases) of a quantized matrix from index on, as F32. */
void bb_scale_values(float *out, const bb_tensor *matrix, const void *scales, int64_t index, int64_t count);

void bb_attend_scalar(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next);

BB_DECLARE_ROW_KERNELS(scalar)

#endif
