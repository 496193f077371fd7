/* Kernels that go along rows, with AVX-512. */
#include "backend/cpu/avx512.h"

#include "backend/cpu/row_kernels.h"

void bb_rms_norm_avx512(float *out, const float *x, const float *weight, int64_t dim, float eps)
{
    rms_norm(out, x, weight, dim, eps);
}

void bb_rope_avx512(float *a, float *b, const float *cosines, const float *sines, int64_t pairs)
{
    rope(a, b, cosines, sines, pairs);
}

void bb_swiglu_avx512(float *out, const float *gate, const float *up, int64_t count)
{
    swiglu(out, gate, up, count);
}

void bb_add_avx512(float *x, const float *y, int64_t count)
{
    add(x, y, count);
}

void bb_combine_avx512(float *out, const float *gain, const float *z, const float *b, int64_t stride, int rank, int64_t count)
{
    combine(out, gain, z, b, stride, rank, count);
}

void bb_combine_bf16_avx512(float *out, const float *gain, const float *z, const uint16_t *b, int64_t stride, int rank, int64_t count)
{
    combine_bf16(out, gain, z, b, stride, rank, count);
}
