/* Exact products with what every 64-bit ARM has. */
#include "backend/cpu/neon_codes.h"

#define NAME(kernel) bb_##kernel##_neon
enum { PRODUCTS_ROWS = 3, PRODUCTS_COLUMNS = 2 };
#include "backend/cpu/exact_rows.h"

/* ---- codes ---- */

/* Sixteen bytes in F32. */
INLINE void widen_bytes(bb_vector out[4], uint8x16_t bytes, bool has_sign)
{
    const int8x16_t with_sign = vreinterpretq_s8_u8(bytes);
    const int16x8_t words[2] = {
        has_sign ? vmovl_s8(vget_low_s8(with_sign)) : vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes))),
        has_sign ? vmovl_high_s8(with_sign) : vreinterpretq_s16_u16(vmovl_high_u8(bytes)),
    };

    UNROLL(2)
    for (int i = 0; i < 2; i++) {
        out[2 * i] = (bb_vector)vcvtq_f32_s32(vmovl_s16(vget_low_s16(words[i])));
        out[2 * i + 1] = (bb_vector)vcvtq_f32_s32(vmovl_high_s16(words[i]));
    }
}

/* Whole numbers: codes, and the floating four-bit values twice. */
INLINE values load_whole(format f, const unsigned char *p)
{
    static const int8_t e2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    uint8x16_t low, high;
    values u;

    if (f == AFFINE8) {
        low = vld1q_u8(p);
        high = vld1q_u8(p + 16);
    } else {
        const int8x16x2_t codes = load_unit(p, unit_bytes(f) / 4, false);
        low = vreinterpretq_u8_s8(unit_bytes(f) == 16 ? vzip1q_s8(codes.val[0], codes.val[1]) : codes.val[0]);
        high = vreinterpretq_u8_s8(unit_bytes(f) == 16 ? vzip2q_s8(codes.val[0], codes.val[1]) : codes.val[1]);
    }
    if (is_e2m1(f)) {
        low = vreinterpretq_u8_s8(vqtbl1q_s8(vld1q_s8(e2m1), low));
        high = vreinterpretq_u8_s8(vqtbl1q_s8(vld1q_s8(e2m1), high));
    }
    widen_bytes(u.v, low, is_e2m1(f));
    widen_bytes(u.v + 4, high, is_e2m1(f));
    return u;
}

/* Eight of E4M3 become F16, 256 times too small. The NaN, all ones, is made one of F16's by the carry. */
INLINE float16x8_t e4m3_to_f16(const unsigned char *p)
{
    const uint16x8_t halves = vandq_u16(vreinterpretq_u16_s16(vshll_n_s8(vreinterpret_s8_u8(vld1_u8(p)), 7)), vdupq_n_u16(0xbfff));
    const uint16x8_t carry = vaddq_u16(vandq_u16(halves, vdupq_n_u16(0x3fff)), vdupq_n_u16(0x80));

    return vreinterpretq_f16_u16(vorrq_u16(halves, vandq_u16(carry, vdupq_n_u16(0x4000))));
}

INLINE values load_mxfp8(const unsigned char *p, bb_vector scale)
{
    values u;

    UNROLL(4)
    for (int i = 0; i < VECTORS; i += 2) {
        const float16x8_t halves = e4m3_to_f16(p + 4 * i);
        u.v[i] = (bb_vector)vcvt_f32_f16(vget_low_f16(halves)) * bb_vector_fill(256) * scale;
        u.v[i + 1] = (bb_vector)vcvt_high_f32_f16(halves) * bb_vector_fill(256) * scale;
    }
    return u;
}

/* ---- any format ---- */

INLINE decoder prepare(format f, const float *scales, const float *biases)
{
    decoder d = {0};

    for (int i = 0; i < (is_dense(f) ? 0 : f == NVFP4 ? GROUPS_OF_NVFP4 : 1); i++)
        d.scale[i] = bb_vector_fill(scales[i]);
    if (is_affine(f))
        d.bias[0] = bb_vector_fill(*biases);
    return d;
}

INLINE values load(format f, bool wide, const unsigned char *p, const decoder *d, bb_vector *watched)
{
    const bombus_dtype dtype = f == F32 ? BOMBUS_F32 : f == F16 ? BOMBUS_F16 : BOMBUS_BF16;
    values u;

    (void)watched;
    if (f == MXFP8)
        return load_mxfp8(p, d->scale[0]);
    if (!is_dense(f))
        u = load_whole(f, p);
    UNROLL(8)
    for (int i = 0; i < VECTORS; i++) {
        if (is_dense(f))
            u.v[i] = (bb_vector)load_affine(p + i * unit_bytes(f) / VECTORS, dtype);
        else if (is_e2m1(f))
            u.v[i] *= d->scale[f == NVFP4 ? i / (VECTORS / GROUPS_OF_NVFP4) : 0];
        else
            u.v[i] = wide ? u.v[i] * d->scale[0] + d->bias[0] : bb_vector_madd(u.v[i], d->scale[0], d->bias[0]);
    }
    return u;
}

INLINE bb_vector load_scales(format f, bombus_dtype dtype, const unsigned char *p)
{
    uint32_t four;

    if (is_affine(f))
        return (bb_vector)load_affine(p, dtype);
    memcpy(&four, p, sizeof four);
    const uint32x4_t codes = vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)))));
    return (bb_vector)(f == NVFP4 ? load_e4m3(codes) : load_e8m0(codes));
}

INLINE float scale_factor(format f)
{
    return is_e2m1(f) ? 0.5f : 1;
}

INLINE float bias_factor(format f)
{
    (void)f;
    return 0;
}

/* ---- sums ---- */

/* Four sums at a time, each in the order of bb_lanes_sum. */
void bb_sums_neon(float *out, const float *lanes, int count)
{
    int i = 0;

    for (; i + 4 <= count; i += 4, lanes += 4 * BB_LANES) {
        float64x2_t four[4];
        UNROLL(4)
        for (int j = 0; j < 4; j++) {
            const float *l = lanes + j * BB_LANES;
            four[j] =
                vreinterpretq_f64_f32(vaddq_f32(vaddq_f32(vld1q_f32(l), vld1q_f32(l + 8)), vaddq_f32(vld1q_f32(l + 4), vld1q_f32(l + 12))));
        }
        const float32x4_t two0 =
            vaddq_f32(vreinterpretq_f32_f64(vzip1q_f64(four[0], four[1])), vreinterpretq_f32_f64(vzip2q_f64(four[0], four[1])));
        const float32x4_t two1 =
            vaddq_f32(vreinterpretq_f32_f64(vzip1q_f64(four[2], four[3])), vreinterpretq_f32_f64(vzip2q_f64(four[2], four[3])));
        vst1q_f32(out + i, vpaddq_f32(two0, two1));
    }
    for (; i < count; i++, lanes += BB_LANES)
        out[i] = bb_lanes_sum(lanes);
}
