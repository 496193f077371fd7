/* backend/cpu/row_kernels.h: the text of the kernels that go along rows, for files that include it once an instruction set.
 *
 * Plain loops, which compilers turn into vectors of what the file is built for. No operation is fused, so all sets give the same bytes. */
#include "backend/cpu/kernels.h"
#include "base/exp.h"

#include <math.h>

static void rms_norm(float *out, const float *x, const float *weight, int64_t dim, float eps)
{
    const float scale = 1.0f / sqrtf(bb_lanes_dot(x, x, dim) / (float)dim + eps);

    for (int64_t i = 0; i < dim; i++)
        out[i] = x[i] * scale * weight[i];
}

static void rope(float *restrict a, float *restrict b, const float *restrict cosines, const float *restrict sines, int64_t pairs)
{
    for (int64_t i = 0; i < pairs; i++) {
        const float x = a[i], y = b[i];
        a[i] = x * cosines[i] - y * sines[i];
        b[i] = x * sines[i] + y * cosines[i];
    }
}

/* gate * sigmoid(gate) * up, by the exponential of what is not positive. */
static void swiglu(float *out, const float *gate, const float *up, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const float small = bb_exp_negative(-fabsf(gate[i])), top = gate[i] < 0 ? small : 1.0f;
        out[i] = gate[i] * (top / (1.0f + small)) * up[i];
    }
}

static void add(float *x, const float *y, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        x[i] += y[i];
}
