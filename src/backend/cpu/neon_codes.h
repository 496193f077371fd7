/* backend/cpu/neon_codes.h: the codes and scales of a weight, for ARM. A unit is 32 elements.
 *
 * All codes fit int8, those of eight bits by losing 128, so that products of the fast mode are signed by signed. */
#ifndef BB_BACKEND_CPU_NEON_CODES_H
#define BB_BACKEND_CPU_NEON_CODES_H

#include "backend/cpu/neon.h"
#include "base/inline.h"

#include <arm_neon.h>

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

/* Four scales, or biases, of an affine weight. */
INLINE float32x4_t load_affine(const uint8_t *p, bombus_dtype dtype)
{
    if (dtype == BOMBUS_F32)
        return vreinterpretq_f32_u8(vld1q_u8(p));
    const uint16x4_t words = vreinterpret_u16_u8(vld1_u8(p));
    return dtype == BOMBUS_F16 ? vcvt_f32_f16(vreinterpret_f16_u16(words)) : vreinterpretq_f32_u32(vshll_n_u16(words, 16));
}

/* As bb_e8m0_to_f32 and bb_e4m3_to_f32. */
INLINE float32x4_t load_e8m0(uint32x4_t codes)
{
    return vreinterpretq_f32_u32(vmaxq_u32(vshlq_n_u32(codes, 23), vdupq_n_u32(0x400000)));
}

INLINE float32x4_t load_e4m3(uint32x4_t codes)
{
    const uint32x4_t low = vandq_u32(codes, vdupq_n_u32(0x7f)), sign = vshlq_n_u32(vbicq_u32(codes, vdupq_n_u32(0x7f)), 24);
    const float32x4_t value = vmulq_f32(vreinterpretq_f32_u32(vshlq_n_u32(low, 20)), vdupq_n_f32(0x1p120f));
    const uint32x4_t nan = vandq_u32(vceqq_u32(low, vdupq_n_u32(0x7f)), vdupq_n_u32(0x7fc00000));
    return vreinterpretq_f32_u32(vorrq_u32(vorrq_u32(vreinterpretq_u32_f32(value), sign), nan));
}

#endif
