/* The fast mode for any CPU: the reference that other instruction sets equal to the byte. */
#include "backend/cpu/scalar.h"

#include <math.h>
#include <string.h>

void bb_fast_round_scalar(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape)
{
    memset(codes, 0, (size_t)shape->stride);
    memset(scales, 0, (size_t)shape->groups * sizeof *scales);
    memset(sums, 0, (size_t)shape->groups * sizeof *sums);
    for (int64_t first = 0; first < shape->k; first += shape->group, scales++, sums++) {
        uint32_t bits = 0; /* of the largest magnitude; as integers, a NaN is larger than all numbers */
        int sum = 0;
        for (int i = 0; i < shape->group; i++) {
            const uint32_t magnitude = bb_float_bits(x[first + i]) & 0x7fffffff;
            bits = bits < magnitude ? magnitude : bits;
        }
        const float largest = bb_float_from_bits(bits), inverse = largest > 0 ? 127.0f / largest : 0;
        for (int64_t i = first; i < first + shape->group; i++) {
            const int code = (int)rintf(fminf(fmaxf(x[i] * inverse, -127), 127));
            codes[i] = (int8_t)code;
            sum += code;
        }
        *scales = largest / 127.0f;
        *sums = *scales * (float)sum;
    }
}

void bb_fast_vector_scalar(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    const int64_t groups = x->k / x->group;
    const bool has_sign = weight->quant.bits == 8;
    uint8_t codes[BB_GROUP_MAX];

    for (int r = 0; r < rows; r++) {
        out[r] = 0;
        for (int64_t g = 0; g < groups; g++) {
            const int8_t *x_codes = x->codes + n * x->stride + g * x->group;
            float scale, bias;
            int sum = 0;
            bb_fast_codes(codes, weight, row + r, g, 1);
            for (int i = 0; i < x->group; i++)
                sum += (has_sign ? (int8_t)codes[i] : (int16_t)codes[i]) * x_codes[i];
            bb_fast_scales(&scale, &bias, weight, (row + r) * groups + g, 1);
            out[r] += (float)sum * (scale * x->scales[n * x->groups + g]) + bias * x->sums[n * x->groups + g];
        }
    }
}

void bb_fast_codes(uint8_t *codes, const bb_tensor *weight, int64_t row, int64_t first, int64_t count)
{
    static const uint8_t e2m1[16] = {BB_E2M1_CODES};
    const bombus_quantization *q = &weight->quant;
    const int64_t all = count * q->group_size;

    bb_unpack(codes, bb_packed_at(weight, row, first * q->group_size), q->bits, all);
    if (q->bits == 8)
        for (int64_t i = 0; i < all; i++)
            codes[i] ^= 0x80;
    else if (q->mode != BOMBUS_AFFINE)
        for (int64_t i = 0; i < all; i++)
            codes[i] = e2m1[codes[i]];
}
