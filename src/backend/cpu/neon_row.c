/* Rows of a matrix in F32 with what every 64-bit ARM has: the reference's values, each product and each sum rounded by itself. */
#include "backend/cpu/neon_fast.h"
#include "backend/cpu/scalar.h"

/* (code - origin) * scale + bias of 16 codes. */
INLINE void store_sixteen(float *out, int8x16_t codes, int origin, float32x4_t scale, float32x4_t bias)
{
    const int16x8_t zero = vdupq_n_s16((int16_t)origin);
    const int16x8_t words[2] = {vsubq_s16(vmovl_s8(vget_low_s8(codes)), zero), vsubq_s16(vmovl_high_s8(codes), zero)};

    for (int i = 0; i < 4; i++) {
        const int16x4_t four = i % 2 ? vget_high_s16(words[i / 2]) : vget_low_s16(words[i / 2]);
        vst1q_f32(out + 4 * i, vaddq_f32(vmulq_f32(vcvtq_f32_s32(vmovl_s16(four)), scale), bias));
    }
}

/* units from first on; a group is one unit or more, or half of one. */
INLINE void unpack_row(float *out, const bb_tensor *matrix, int64_t row, int64_t first, int64_t units, int bits, bool e2m1)
{
    const int size = matrix->quant.group_size, halves = size < UNIT ? 2 : 1;
    const int origin = bits == 8 ? -128 : e2m1 ? 12 : 0; /* of what load_unit gives */
    const uint8_t *p = bb_packed_at(matrix, row, first);
    int64_t group = (row * matrix->shape[1] + first) / size;
    float32x4_t scales[2], biases[2] = {vdupq_n_f32(0), vdupq_n_f32(0)};

    for (int left = 0; units; units--, left -= UNIT, p += UNIT / 8 * bits, out += UNIT, first += UNIT) {
        if (left <= 0) {
            float values[2] = {0};
            bb_scale_values(values, matrix, matrix->scales, group, halves);
            scales[0] = vdupq_n_f32(e2m1 ? values[0] * 0.5f : values[0]);
            scales[1] = halves == 2 ? vdupq_n_f32(values[1] * 0.5f) : scales[0];
            if (matrix->biases) {
                bb_scale_values(values, matrix, matrix->biases, group, 1);
                biases[0] = biases[1] = vdupq_n_f32(values[0]);
            }
            left = halves == 2 ? UNIT : size - (int)(first % size);
            group += halves;
        }
        const int8x16x2_t codes = load_unit(p, bits, e2m1);
        store_sixteen(out, bits == 4 ? vzip1q_s8(codes.val[0], codes.val[1]) : codes.val[0], origin, scales[0], biases[0]);
        store_sixteen(out + 16, bits == 4 ? vzip2q_s8(codes.val[0], codes.val[1]) : codes.val[1], origin, scales[1], biases[1]);
    }
}

static void unpack_any(float *out, const bb_tensor *matrix, int64_t row, int64_t first, int64_t units)
{
    const bool e2m1 = matrix->quant.mode != BOMBUS_AFFINE;

#define WIDTH(bits)                                                                                                                        \
    case bits:                                                                                                                             \
        unpack_row(out, matrix, row, first, units, bits, false);                                                                           \
        break;
    switch (e2m1 ? 0 : matrix->quant.bits) {
        WIDTH(2)
        WIDTH(3)
        WIDTH(4)
        WIDTH(5)
        WIDTH(6)
        WIDTH(8)
    default:
        unpack_row(out, matrix, row, first, units, 4, true);
    }
#undef WIDTH
}

/* As bb_widen. */
static void widen(float *out, bombus_dtype dtype, const uint8_t *p, int64_t count)
{
    int64_t i = 0;

    for (; i + 4 <= count; i += 4) {
        const uint16x4_t four = vreinterpret_u16_u8(vld1_u8(p + 2 * i));
        vst1q_f32(out + i, dtype == BOMBUS_F16 ? vcvt_f32_f16(vreinterpret_f16_u16(four)) : vreinterpretq_f32_u32(vshll_n_u16(four, 16)));
    }
    bb_widen(out + i, dtype, p + 2 * i, count - i);
}

void bb_row_neon(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
{
    int64_t done = 0;

    if (matrix->dtype != BOMBUS_F32 && !bb_is_quantized(matrix)) {
        widen(out, matrix->dtype, (const uint8_t *)matrix->data + (row * matrix->shape[1] + first) * 2, count);
        return;
    }
    /* Rounding on the way, and a beginning within a unit, are the reference's. */
    if (bb_is_quantized(matrix) && matrix->quant.mode != BOMBUS_MXFP8 && dtype == BOMBUS_F32 && first % UNIT == 0) {
        done = count / UNIT * UNIT;
        unpack_any(out, matrix, row, first, done / UNIT);
    }
    if (done < count)
        bb_row_scalar(out + done, dtype, matrix, row, first + done, count - done);
}
