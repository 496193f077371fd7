/* Kernels that go along rows, with AVX2. */
#include "backend/cpu/avx2.h"

#include "backend/cpu/row_kernels.h"

void bb_rms_norm_avx2(float *out, const float *x, const float *weight, int64_t dim, float eps)
{
    rms_norm(out, x, weight, dim, eps);
}

void bb_rope_avx2(float *a, float *b, const float *cosines, const float *sines, int64_t pairs)
{
    rope(a, b, cosines, sines, pairs);
}

void bb_swiglu_avx2(float *out, const float *gate, const float *up, int64_t count)
{
    swiglu(out, gate, up, count);
}

void bb_add_avx2(float *x, const float *y, int64_t count)
{
    add(x, y, count);
}

void bb_combine_avx2(float *out, const float *gain, const float *z, const float *b, int64_t stride, int rank, int64_t count)
{
    combine(out, gain, z, b, stride, rank, count);
}

void bb_combine_bf16_avx2(float *out, const float *gain, const float *z, const uint16_t *b, int64_t stride, int rank, int64_t count)
{
    combine_bf16(out, gain, z, b, stride, rank, count);
}
