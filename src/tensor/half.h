/* tensor/half.h: the small floating types, to and from F32, bit for bit.
 *
 * In integer and F32 arithmetic alone, so that every compiler and baseline gives the same bits, without branches, so that loops over them
 * vectorize. Narrowing rounds to nearest, ties to even; a NaN stays a NaN. */
#ifndef BB_TENSOR_HALF_H
#define BB_TENSOR_HALF_H

#include <bombus/tensor.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights are little-endian and used where they lie"
#endif

static inline float bb_float_from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bb_float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float bb_bf16_to_f32(uint16_t half)
{
    return bb_float_from_bits((uint32_t)half << 16);
}

static inline uint16_t bb_f32_to_bf16(float value)
{
    const uint32_t bits = bb_float_bits(value);
    const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;

    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
}

/* then where mask is all ones, other where it is 0. A choice between numbers would become a branch, and the loop around it stay scalar. */
static inline uint32_t bb_select(uint32_t mask, uint32_t then, uint32_t other)
{
    return (then & mask) | (other & ~mask);
}

static inline float bb_f16_to_f32(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t shifted = (uint32_t)(half & 0x7fff) << 13;
    const uint32_t is_infinite = -(uint32_t)(shifted >= 0x7c00u << 13); /* or NaN: the exponent grows once more, to all ones */
    const uint32_t normal = shifted + (112u << 23) + (is_infinite & 112u << 23);
    const uint32_t subnormal = bb_float_bits((float)(int32_t)(half & 0x3ff) * 0x1p-24f);

    return bb_float_from_bits(sign | bb_select(-(uint32_t)(shifted < 0x400u << 13), subnormal, normal));
}

static inline uint16_t bb_f32_to_f16(float value)
{
    const uint32_t bits = bb_float_bits(value), magnitude = bits & 0x7fffffff;
    /* 0.5 has the spacing of F16's subnormals, so the addition rounds as they do. */
    const uint32_t subnormal = bb_float_bits(bb_float_from_bits(magnitude) + 0.5f) - 0x3f000000;
    const uint32_t normal = (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
    const uint32_t infinite = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
    const uint32_t finite = bb_select(-(uint32_t)(magnitude < 0x38800000), subnormal, normal);
    const uint32_t half = bb_select(-(uint32_t)(magnitude >= 0x477ff000), infinite, finite);

    return (uint16_t)((bits >> 16 & 0x8000) | half);
}

/* E4M3: no infinities, and one NaN of each sign. */
static inline float bb_e4m3_to_f32(uint8_t code)
{
    const uint16_t half = (uint16_t)((code & 0x80) << 8 | ((code & 0x7f) == 0x7f ? 0x7e00 : (code & 0x7f) << 7));

    return bb_f16_to_f32(half) * 256.0f; /* F16 has the same fields, a bias of 8 more and three more bits of fraction */
}

/* Beyond the largest, 448, is 448, also what was infinite or NaN. */
static inline uint8_t bb_f32_to_e4m3(float value)
{
    const uint32_t bits = bb_float_bits(value), magnitude = bits & 0x7fffffff;
    /* 2^14 has the spacing of E4M3's subnormals. */
    const uint32_t subnormal = bb_float_bits(bb_float_from_bits(magnitude) + 0x1p14f) - (141u << 23);
    const uint32_t normal = (magnitude - (120u << 23) + 0x7ffff + (magnitude >> 20 & 1)) >> 20;
    const uint32_t finite = bb_select(-(uint32_t)(magnitude < 121u << 23), subnormal, normal);
    const uint32_t code = bb_select(-(uint32_t)(magnitude >= 0x43e00000), 0x7e, finite);

    return (uint8_t)((bits >> 24 & 0x80) | code);
}

/* E8M0: 2^(code - 127), infinity for 255 as in MLX. */
static inline float bb_e8m0_to_f32(uint8_t code)
{
    return bb_float_from_bits(code ? (uint32_t)code << 23 : 0x400000);
}

/* E2M1: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives from the low four bits. */
static inline float bb_e2m1_to_f32(uint8_t code)
{
    const uint32_t sign = (uint32_t)(code & 8) << 28;
    const uint32_t normal = ((uint32_t)(code & 7) << 22) + (126u << 23);

    return bb_float_from_bits(sign | ((code & 7) == 0 ? 0 : (code & 7) == 1 ? 0x3f000000 : normal));
}

/* value rounded to dtype: F32, F16 or BF16. */
static inline float bb_round_to(bombus_dtype dtype, float value)
{
    return dtype == BOMBUS_BF16 ? bb_bf16_to_f32(bb_f32_to_bf16(value)) : dtype == BOMBUS_F16 ? bb_f16_to_f32(bb_f32_to_f16(value)) : value;
}

/* count values of dtype (F32, F16 or BF16) at any alignment, as F32. */
void bb_widen(float *out, bombus_dtype dtype, const void *data, int64_t count);
/* The way back. */
void bb_narrow(void *out, bombus_dtype dtype, const float *values, int64_t count);

#endif
