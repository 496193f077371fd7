/* backend/cpu/neon_fast.h: what the fast mode's kernels for ARM share: the codes of a weight, and the end of a group in a tile.
 *
 * All codes fit int8, those of eight bits by losing 128, so products are signed by signed. */
#ifndef BB_BACKEND_CPU_NEON_FAST_H
#define BB_BACKEND_CPU_NEON_FAST_H

#include "backend/cpu/inline.h"
#include "backend/cpu/neon.h"

#include <arm_neon.h>

enum { UNIT = 32 }; /* elements that are unpacked at once */

/* 4 * bits bits at the bottom of each 32-bit lane become four bytes. */
INLINE uint8x16_t spread(uint32x4_t x, int bits)
{
    const uint32x4_t two = vdupq_n_u32((1u << 2 * bits) - 1), one = vdupq_n_u32(((1u << bits) - 1) * 0x10001);

    x = vbslq_u32(two, x, x << (16 - 2 * bits));
    x = vbslq_u32(one, x, x << (8 - bits));
    return vandq_u8(vreinterpretq_u8_u32(x), vdupq_n_u8((uint8_t)((1 << bits) - 1)));
}

/* The codes of half a unit whose bits are no power of two. A quad's first byte goes to the bottom of its lane; quads of an odd number of
 * nibbles begin in the middle of a byte every other time. Never reads outside the unit: the upper half looks back. */
INLINE uint8x16_t unpack_half(const uint8_t *p, int bits, bool upper)
{
    static const uint8_t quads[7][4] = {[3] = {0, 1, 3, 4}, [5] = {0, 2, 5, 7}, [6] = {0, 3, 6, 9}};
    const int bytes = bits == 3 ? 8 : 16, back = upper ? bytes - 2 * bits : 0; /* a half's own are the last, or the first */
    uint8_t order[16];

    for (int i = 0; i < 16; i++)
        order[i] = i % 4 < (bits == 3 ? 2 : 3) ? (uint8_t)(back + quads[bits][i / 4] + i % 4) : 0xff;
    p += upper ? 4 * bits - bytes : 0;
    const uint8x16_t all = bytes == 16 ? vld1q_u8(p) : vcombine_u8(vld1_u8(p), vdup_n_u8(0));
    const uint32x4_t lanes = vreinterpretq_u32_u8(vqtbl1q_u8(all, vld1q_u8(order)));
    return spread(bits == 6 ? lanes : vshlq_u32(lanes, (int32x4_t){0, -4, 0, -4}), bits);
}

/* One unit; of four bits, its even elements and then its odd ones. */
INLINE int8x16x2_t load_unit(const uint8_t *p, int bits, bool e2m1)
{
    static const uint8_t table[16] = {BB_E2M1_CODES};
    uint8x16x2_t codes;

    if (bits == 8) {
        codes.val[0] = veorq_u8(vld1q_u8(p), vdupq_n_u8(0x80));
        codes.val[1] = veorq_u8(vld1q_u8(p + 16), vdupq_n_u8(0x80));
    } else if (bits == 4) {
        const uint8x16_t bytes = vld1q_u8(p);
        codes.val[0] = vandq_u8(bytes, vdupq_n_u8(15));
        codes.val[1] = vshrq_n_u8(bytes, 4);
        for (int i = 0; i < 2 && e2m1; i++)
            codes.val[i] = vqtbl1q_u8(vld1q_u8(table), codes.val[i]);
    } else if (bits == 2) {
        const uint16x8_t words = vmovl_u8(vld1_u8(p));
        codes.val[0] = spread(vmovl_u16(vget_low_u16(words)), 2);
        codes.val[1] = spread(vmovl_high_u16(words), 2);
    } else {
        codes.val[0] = unpack_half(p, bits, false);
        codes.val[1] = unpack_half(p, bits, true);
    }
    return (int8x16x2_t){{vreinterpretq_s8_u8(codes.val[0]), vreinterpretq_s8_u8(codes.val[1])}};
}

/* Adds the values of group g of the eight rows of a panel with a row of x, whose sums these are. */
INLINE void add_group(const bb_fast_tile *t, int row, int panel, int g, int32x4_t low, int32x4_t high)
{
    if (row >= t->rows)
        return;
    const float32x4_t x_scale = vdupq_n_f32(t->x_scales[row * t->x_groups + g]), x_sum = vdupq_n_f32(t->x_sums[row * t->x_groups + g]);
    float *out = t->out + row * t->out_stride + panel * BB_FAST_PANEL;

    for (int half = 0; half < 2; half++) {
        const int at = g * BB_FAST_PANEL + half * 4;
        const float32x4_t by_scale = vmulq_f32(vld1q_f32(t->panels[panel].scales + at), x_scale);
        const float32x4_t by_bias = vmulq_f32(vld1q_f32(t->panels[panel].biases + at), x_sum);
        const float32x4_t value = vaddq_f32(vmulq_f32(vcvtq_f32_s32(half ? high : low), by_scale), by_bias);
        vst1q_f32(out + half * 4, vaddq_f32(vld1q_f32(out + half * 4), value));
    }
}

#endif
