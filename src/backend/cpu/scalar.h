/* backend/cpu/scalar.h: the kernels that run on any CPU: the complete reference, and what other instruction sets fall back on. */
#ifndef BB_BACKEND_CPU_SCALAR_H
#define BB_BACKEND_CPU_SCALAR_H

#include "backend/cpu/kernels.h"

void bb_row_scalar(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
void bb_products_f32_scalar(float *restrict lanes0, float *restrict lanes1, const char *a, const char *b0, const char *b1, int length);

#endif
