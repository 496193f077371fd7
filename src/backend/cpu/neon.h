/* backend/cpu/neon.h: the kernels of 64-bit ARM: for any of them, and for those with the dot product and matrix multiply extensions. */
#ifndef BB_BACKEND_CPU_NEON_H
#define BB_BACKEND_CPU_NEON_H

#include "backend/cpu/kernels.h"

void bb_row_neon(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
void bb_stream_pair_neon(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *x);
void bb_stream_row_neon(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x);
void bb_products_neon(float *lanes, int stride, const char *const *a, const char *const *b, int length);
void bb_sums_neon(float *out, const float *lanes, int count);

void bb_fast_round_neon(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape);
void bb_fast_unpack_neon(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count);
void bb_fast_unpack_i8mm(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count);

void bb_fast_vector_neon(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n);
void bb_fast_vector_dotprod(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n);

void bb_fast_tile_neon(const bb_fast_tile *tile);
void bb_fast_tile_dotprod(const bb_fast_tile *tile);
void bb_fast_tile_i8mm(const bb_fast_tile *tile);

#endif
