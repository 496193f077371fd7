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

/* One register of what the file is built for, and loads at any address. */
#ifdef __AVX__
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
typedef float floats __attribute__((vector_size(4 * WIDTH)));
typedef float floats_anywhere __attribute__((vector_size(4 * WIDTH), aligned(1), may_alias));
typedef uint32_t words __attribute__((vector_size(4 * WIDTH)));
typedef uint16_t halves_anywhere __attribute__((vector_size(2 * WIDTH), aligned(1), may_alias));

/* So many sums stay in registers while all of z passes: arrays that a compiler would keep in memory cost twice the time. */
enum { COMBINED = 32, REGISTERS = COMBINED / WIDTH };

#define LOAD_F32(from)  (*(const floats_anywhere *)(from))
#define LOAD_BF16(from) ((floats)(__builtin_convertvector(*(const halves_anywhere *)(from), words) << 16))

#define COMBINE(name, type, load, widen)                                                                                                   \
    static void name(float *out, const float *gain, const float *z, const type *b, int64_t stride, int rank, int64_t count)                \
    {                                                                                                                                      \
        int64_t i = 0;                                                                                                                     \
                                                                                                                                           \
        for (; i + COMBINED <= count; i += COMBINED) {                                                                                     \
            const type *row = b + i;                                                                                                       \
            floats sums[REGISTERS];                                                                                                        \
            for (int r = 0; r < REGISTERS; r++)                                                                                            \
                sums[r] = LOAD_F32(out + i + r * WIDTH);                                                                                   \
            for (int r = 0; r < REGISTERS && gain; r++)                                                                                    \
                sums[r] = LOAD_F32(gain + i + r * WIDTH) * sums[r];                                                                        \
            for (int k = 0; k < rank; k++, row += stride)                                                                                  \
                for (int r = 0; r < REGISTERS; r++)                                                                                        \
                    sums[r] += z[k] * load(row + r * WIDTH);                                                                               \
            for (int r = 0; r < REGISTERS; r++)                                                                                            \
                *(floats_anywhere *)(out + i + r * WIDTH) = sums[r];                                                                       \
        }                                                                                                                                  \
        for (; i < count; i++) {                                                                                                           \
            float sum = gain ? gain[i] * out[i] : out[i];                                                                                  \
            for (int k = 0; k < rank; k++)                                                                                                 \
                sum += z[k] * widen(b[k * stride + i]);                                                                                    \
            out[i] = sum;                                                                                                                  \
        }                                                                                                                                  \
    }

static inline float as_it_is(float value)
{
    return value;
}

COMBINE(combine, float, LOAD_F32, as_it_is)
COMBINE(combine_bf16, uint16_t, LOAD_BF16, bb_bf16_to_f32)
