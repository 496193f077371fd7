/* backend/cpu/row_kernels.h: the text of the kernels that go along rows, for files that include it once an instruction set, with
 * NAME(kernel) as what its kernels are called.
 *
 * Plain loops, which compilers turn into vectors of what the file is built for. No operation is fused, so all sets give the same bytes. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/vector.h"
#include "base/exp.h"

#include <math.h>

void NAME(rms_norm)(float *out, const float *x, const float *weight, int64_t dim, float eps)
{
    const float scale = 1.0f / sqrtf(bb_lanes_dot(x, x, dim) / (float)dim + eps);

    for (int64_t i = 0; i < dim; i++)
        out[i] = x[i] * scale * weight[i];
}

void NAME(rope)(float *restrict a, float *restrict b, const float *restrict cosines, const float *restrict sines, int64_t pairs)
{
    for (int64_t i = 0; i < pairs; i++) {
        const float x = a[i], y = b[i];
        a[i] = x * cosines[i] - y * sines[i];
        b[i] = x * sines[i] + y * cosines[i];
    }
}

/* gate * sigmoid(gate) * up, by the exponential of what is not positive. */
void NAME(swiglu)(float *out, const float *gate, const float *up, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const float small = bb_exp_negative(-fabsf(gate[i])), top = gate[i] < 0 ? small : 1.0f;
        out[i] = gate[i] * (top / (1.0f + small)) * up[i];
    }
}

void NAME(add)(float *x, const float *y, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        x[i] += y[i];
}

/* What one head's key or value becomes in a cache. */
void NAME(narrow)(uint16_t *restrict out, const float *restrict x, int count)
{
    int i = 0;

#ifdef BB_VECTOR_STORES_F16
    for (; i + BB_WIDTH <= count; i += BB_WIDTH)
        bb_vector_store_f16(out + i, bb_vector_load(x + i));
#endif
    for (; i < count; i++)
        out[i] = bb_f32_to_f16(x[i]);
}

/* Gives the scale. Values are below 200, or NaN, which becomes the least code: adding 1.5 * 2^23 rounds them to integers in the low bits.
 */
INLINE uint16_t round_group(int8_t *restrict out, const float *restrict x, int count)
{
    int32_t bits = 0; /* of the largest magnitude; as integers, a NaN is larger than all numbers */

    for (int i = 0; i < count; i++) {
        const int32_t magnitude = (int32_t)(bb_float_bits(x[i]) & 0x7fffffff);
        bits = bits < magnitude ? magnitude : bits;
    }
    const uint16_t stored = bb_f32_to_f16(bb_float_from_bits((uint32_t)bits) / 127);
    const float scale = bb_f16_to_f32(stored), inverse = scale > 0 ? 1 / scale : 0;
    for (int i = 0; i < count; i++) {
        const float value = x[i] * inverse;
        const uint32_t rounded = bb_float_bits(value + 12582912.0f) & -(uint32_t)(value == value);
        const int32_t whole = (int32_t)(rounded - 0x4b400000), floored = whole > -127 ? whole : -127;
        out[i] = (int8_t)(floored < 127 ? floored : 127);
    }
    return stored;
}

void NAME(kv_round)(int8_t *out, uint16_t *scales, const float *x, int dim)
{
    for (; dim >= BB_KV_GROUP; dim -= BB_KV_GROUP, x += BB_KV_GROUP, out += BB_KV_GROUP, scales += BB_KV_BLOCK)
        *scales = round_group(out, x, BB_KV_GROUP);
    if (dim)
        *scales = round_group(out, x, dim);
}

typedef uint32_t words __attribute__((vector_size(4 * BB_WIDTH)));
typedef uint16_t halves __attribute__((vector_size(2 * BB_WIDTH)));

INLINE bb_vector load_bf16(const uint16_t *from)
{
    halves h;
    memcpy(&h, from, sizeof h);
    return (bb_vector)(__builtin_convertvector(h, words) << 16);
}

/* So many sums stay in registers while all of z passes: arrays that a compiler would keep in memory cost twice the time. */
enum { REGISTERS = 4, COMBINED = REGISTERS * BB_WIDTH };

#define COMBINE(name, type, load, widen)                                                                                                   \
    void NAME(name)(float *out, const float *gain, const float *z, const type *b, int64_t stride, int rank, int64_t count)                 \
    {                                                                                                                                      \
        int64_t i = 0;                                                                                                                     \
                                                                                                                                           \
        for (; i + COMBINED <= count; i += COMBINED) {                                                                                     \
            const type *row = b + i;                                                                                                       \
            bb_vector sums[REGISTERS];                                                                                                     \
            for (int r = 0; r < REGISTERS; r++)                                                                                            \
                sums[r] = bb_vector_load(out + i + r * BB_WIDTH);                                                                          \
            for (int r = 0; r < REGISTERS && gain; r++)                                                                                    \
                sums[r] = bb_vector_load(gain + i + r * BB_WIDTH) * sums[r];                                                               \
            for (int k = 0; k < rank; k++, row += stride)                                                                                  \
                for (int r = 0; r < REGISTERS; r++)                                                                                        \
                    sums[r] += z[k] * load(row + r * BB_WIDTH);                                                                            \
            for (int r = 0; r < REGISTERS; r++)                                                                                            \
                bb_vector_store(out + i + r * BB_WIDTH, sums[r]);                                                                          \
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

COMBINE(combine, float, bb_vector_load, as_it_is)
COMBINE(combine_bf16, uint16_t, load_bf16, bb_bf16_to_f32)
