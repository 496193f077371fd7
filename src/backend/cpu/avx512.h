/* backend/cpu/avx512.h: the kernels that need AVX-512: F, BW, VL, DQ and VNNI. */
#ifndef BB_BACKEND_CPU_AVX512_H
#define BB_BACKEND_CPU_AVX512_H

#include "backend/cpu/kernels.h"
#include "base/inline.h"

void bb_row_avx512(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
void bb_stream_pair_avx512(float *lanes, const bb_tensor *matrix, int64_t row, int64_t row1, const char *x);
void bb_stream_row_avx512(float *lanes, const bb_tensor *matrix, int64_t row, const char *const *x);
void bb_products_avx512(float *lanes, int stride, const char *const *a, const char *const *b, int length);

void bb_fast_round_avx512(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape);
void bb_fast_vector_avx512(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n);
void bb_fast_tile_avx512(const bb_fast_tile *tile);

void bb_attend_avx512(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next);

BB_DECLARE_ROW_KERNELS(avx512)

#endif
