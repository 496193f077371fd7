/* Rows of packed weights to numbers.
 *
 * Everything is read by bytes, so a tensor may lie at any address. A group is unpacked to codes, then scaled: two simple loops that
 * compilers vectorize. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

enum { GROUP_MAX = 128 };

/* ---- dense ---- */

void bb_cpu_widen(float *out, bombus_dtype dtype, const void *data, int64_t count)
{
    const unsigned char *bytes = data;

    if (dtype == BOMBUS_F32) {
        if (count)
            memcpy(out, data, (size_t)count * sizeof *out);
    } else if (dtype == BOMBUS_F64) {
        for (int64_t i = 0; i < count; i++) {
            double value;
            memcpy(&value, bytes + 8 * i, sizeof value);
            out[i] = (float)value;
        }
    } else if (dtype == BOMBUS_BF16) {
        for (int64_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, bytes + 2 * i, sizeof half);
            out[i] = bb_bf16_to_f32(half);
        }
    } else {
        for (int64_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, bytes + 2 * i, sizeof half);
            out[i] = bb_f16_to_f32(half);
        }
    }
}

void bb_cpu_narrow(void *out, bombus_dtype dtype, const float *values, int64_t count)
{
    unsigned char *bytes = out;

    if (dtype == BOMBUS_F32) {
        if (count)
            memcpy(out, values, (size_t)count * sizeof *values);
    } else if (dtype == BOMBUS_BF16) {
        for (int64_t i = 0; i < count; i++) {
            const uint16_t half = bb_f32_to_bf16(values[i]);
            memcpy(bytes + 2 * i, &half, sizeof half);
        }
    } else {
        for (int64_t i = 0; i < count; i++) {
            const uint16_t half = bb_f32_to_f16(values[i]);
            memcpy(bytes + 2 * i, &half, sizeof half);
        }
    }
}

/* ---- packed ---- */

/* count codes (a multiple of BB_PACK) of a little-endian bit stream. */
static void unpack(uint8_t *restrict codes, const unsigned char *restrict bytes, int bits, int count)
{
    if (bits == 8) {
        memcpy(codes, bytes, (size_t)count);
    } else if (bits == 4) {
        for (int i = 0; i < count / 2; i++) {
            codes[2 * i] = bytes[i] & 15;
            codes[2 * i + 1] = bytes[i] >> 4;
        }
    } else if (bits == 2) {
        for (int i = 0; i < count / 4; i++) {
            codes[4 * i] = bytes[i] & 3;
            codes[4 * i + 1] = bytes[i] >> 2 & 3;
            codes[4 * i + 2] = bytes[i] >> 4 & 3;
            codes[4 * i + 3] = bytes[i] >> 6;
        }
    } else { /* 3, 5, 6: eight codes are bits bytes */
        const uint8_t mask = (uint8_t)((1 << bits) - 1);
        for (int i = 0; i < count; i += BB_PACK, bytes += bits) {
            uint64_t word = 0;
            memcpy(&word, bytes, (size_t)bits);
            for (int j = 0; j < BB_PACK; j++)
                codes[i + j] = (uint8_t)(word >> (bits * j)) & mask;
        }
    }
}

/* One case a mode and type, so that each is a plain loop. */
static void scale_codes(float *restrict out, const uint8_t *restrict codes, int count, bombus_mode mode, bombus_dtype dtype, float scale,
                        float bias)
{
    if (mode == BOMBUS_AFFINE && dtype == BOMBUS_F32) {
        for (int i = 0; i < count; i++)
            out[i] = (float)codes[i] * scale + bias;
    } else if (mode == BOMBUS_AFFINE && dtype == BOMBUS_BF16) {
        for (int i = 0; i < count; i++)
            out[i] = bb_round_to(BOMBUS_BF16, bb_round_to(BOMBUS_BF16, (float)codes[i] * scale) + bias);
    } else if (mode == BOMBUS_AFFINE) {
        for (int i = 0; i < count; i++)
            out[i] = bb_round_to(BOMBUS_F16, bb_round_to(BOMBUS_F16, (float)codes[i] * scale) + bias);
    } else if (mode == BOMBUS_MXFP8) {
        for (int i = 0; i < count; i++)
            out[i] = bb_round_to(dtype, bb_e4m3_to_f32(codes[i]) * scale);
    } else {
        for (int i = 0; i < count; i++)
            out[i] = bb_round_to(dtype, bb_e2m1_to_f32(codes[i]) * scale);
    }
}

static float load_scale(const bb_tensor *matrix, const void *scales, int64_t index)
{
    const bombus_mode mode = matrix->quant.mode;
    float scale;

    if (mode == BOMBUS_AFFINE)
        bb_cpu_widen(&scale, matrix->dtype, (const char *)scales + index * (bb_dtypes[matrix->dtype].bits / 8), 1);
    else if (mode == BOMBUS_NVFP4)
        scale = bb_e4m3_to_f32(((const uint8_t *)scales)[index]);
    else
        scale = bb_e8m0_to_f32(((const uint8_t *)scales)[index]);
    return scale;
}

void bb_cpu_row(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
{
    const int64_t in = matrix->shape[1];

    if (!bb_is_quantized(matrix)) {
        bb_cpu_widen(out, matrix->dtype, (const char *)matrix->data + (row * in + first) * (bb_dtypes[matrix->dtype].bits / 8), count);
        return;
    }

    const bombus_quantization *q = &matrix->quant;
    const unsigned char *bytes = (const unsigned char *)matrix->data + row * (in / BB_PACK * q->bits) + first / BB_PACK * q->bits;
    const int64_t group0 = row * (in / q->group_size);
    uint8_t codes[GROUP_MAX];

    while (count) {
        const int64_t group = group0 + first / q->group_size;
        const int left = q->group_size - (int)(first % q->group_size);
        const int step = count < left ? (int)count : left;

        unpack(codes, bytes, q->bits, step);
        scale_codes(out, codes, step, q->mode, dtype, load_scale(matrix, matrix->scales, group),
                    matrix->biases ? load_scale(matrix, matrix->biases, group) : 0);
        bytes += step / BB_PACK * q->bits;
        out += step;
        first += step;
        count -= step;
    }
}

void bb_cpu_row_f32(float *out, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
{
    bb_cpu_row(out, BOMBUS_F32, matrix, row, first, count);
}
