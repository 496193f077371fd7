/* backend/cpu/neon_vector.h: the vector kernel for ARM, for files that include it and say how they multiply.
 *
 * The sums of four groups, each spread over a register's lanes, are added across together, so that scales and biases are handled as
 * vectors. */
#ifndef BB_BACKEND_CPU_NEON_VECTOR_H
#define BB_BACKEND_CPU_NEON_VECTOR_H

#include "backend/cpu/fast_vector.h"
#include "backend/cpu/neon_fast.h"

/* sum += the products of a unit's codes with x0 and x1, on any lanes; if halves, those of elements 0 to 7 of each on lanes 0 and 1 and
 * the others on lanes 2 and 3. */
INLINE int32x4_t multiply(int32x4_t sum, int8x16x2_t codes, int8x16_t x0, int8x16_t x1, bool halves);

/* The sums of four groups' products in int32, in order. p: where their codes begin. */
INLINE int32x4_t sum_groups(const uint8_t *p, const int8_t *x, int bits, int group, bool e2m1)
{
    const int vectors = group == 16 ? 2 : 4, units = group == 16 ? 1 : group / UNIT; /* of each vector */
    int32x4_t sums[4];
    int at = 0;

    UNROLL(4)
    for (int v = 0; v < vectors; v++) {
        sums[v] = vdupq_n_s32(0);
        UNROLL(4)
        for (int u = 0; u < units; u++, at += UNIT, p += UNIT / 8 * bits) {
            /* split: the even elements of two units, then their odd ones */
            const int first = bits == 4 ? at / 64 * 64 + at % 64 / 2 : at, second = first + (bits == 4 ? 32 : 16);
            sums[v] = multiply(sums[v], load_unit(p, bits, e2m1), vld1q_s8(x + first), vld1q_s8(x + second), group == 16);
        }
    }
    if (group == 16)
        return vpaddq_s32(sums[0], sums[1]);
    return vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));
}

INLINE void eight_values(float *out, place w, const int8_t *x, const float *x_scales, const float *x_sums, int bits, int group,
                         bombus_mode mode, bombus_dtype dtype)
{
    const uint16x8_t small = mode == BOMBUS_AFFINE ? vdupq_n_u16(0) : vmovl_u8(vld1_u8(w.scales));
    const int size = dtype == BOMBUS_F32 ? 4 : 2;

    for (int i = 0; i < EIGHT; i += 4) {
        const int32x4_t sums = sum_groups(w.codes + i * (group / 8 * bits), x + i * group, bits, group, mode != BOMBUS_AFFINE);
        float32x4_t scales, biases;
        if (mode == BOMBUS_AFFINE) {
            scales = load_affine(w.scales + i * size, dtype);
            biases = load_affine(w.biases + i * size, dtype);
            if (bits == 8)
                biases = vaddq_f32(biases, vmulq_f32(scales, vdupq_n_f32(128)));
        } else {
            const uint32x4_t codes = vmovl_u16(i ? vget_high_u16(small) : vget_low_u16(small));
            const float32x4_t whole = mode == BOMBUS_NVFP4 ? load_e4m3(codes) : load_e8m0(codes);
            scales = vmulq_f32(whole, vdupq_n_f32(0.5f));
            biases = vmulq_f32(whole, vdupq_n_f32(-6));
        }
        const float32x4_t by_scale = vmulq_f32(scales, vld1q_f32(x_scales + i)), by_bias = vmulq_f32(biases, vld1q_f32(x_sums + i));
        vst1q_f32(out + i, vaddq_f32(vmulq_f32(vcvtq_f32_s32(sums), by_scale), by_bias));
    }
}

INLINE bool misses_nan(const uint8_t *scales, int64_t count)
{
    (void)scales, (void)count;
    return false;
}

INLINE void transpose_4x4(float32x4_t v[4])
{
    const float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(v[0], v[1])), b = vreinterpretq_f64_f32(vtrn2q_f32(v[0], v[1]));
    const float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(v[2], v[3])), d = vreinterpretq_f64_f32(vtrn2q_f32(v[2], v[3]));

    v[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, c));
    v[1] = vreinterpretq_f32_f64(vtrn1q_f64(b, d));
    v[2] = vreinterpretq_f32_f64(vtrn2q_f64(a, c));
    v[3] = vreinterpretq_f32_f64(vtrn2q_f64(b, d));
}

/* Adds four groups of four rows at a time. */
static void add_values(float sums[BB_FAST_ROWS], const float *values, int64_t count)
{
    for (int row = 0; row < BB_FAST_ROWS; row += 4) {
        float32x4_t sum = vld1q_f32(sums + row);
        for (int64_t g = 0; g < count; g += 4) {
            float32x4_t v[4];
            for (int r = 0; r < 4; r++)
                v[r] = vld1q_f32(values + (row + r) * WAITING + g);
            transpose_4x4(v);
            for (int i = 0; i < 4 && g + i < count; i++)
                sum = vaddq_f32(sum, v[i]);
        }
        vst1q_f32(sums + row, sum);
    }
}

#endif
