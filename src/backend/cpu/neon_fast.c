/* The fast mode with what every 64-bit ARM has.
 *
 * smull and smlal multiply bytes into int16, where two products of any codes have room, and more of small ones; sadalp then adds neighbours
 * to int32. The tile kernel multiplies four elements of a row of activations, twice in a register, with four codes of two rows of
 * a weight. */
#include "backend/cpu/neon_vector.h"

/* ---- the vector kernel ---- */

/* Four products of at most 24 * 127 have room in int16. */
INLINE int32x4_t multiply(int32x4_t sum, int8x16x2_t codes, int8x16_t x0, int8x16_t x1, bool halves)
{
    const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(codes.val[0]), vget_low_s8(x0)), vget_low_s8(codes.val[1]), vget_low_s8(x1));
    const int16x8_t high = vmlal_high_s8(vmull_high_s8(codes.val[0], x0), codes.val[1], x1);

    return halves ? vpadalq_s16(sum, vpaddq_s16(low, high)) : vpadalq_s16(vpadalq_s16(sum, low), high);
}

void bb_fast_vector_neon(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    vector_any(out, weight, row, rows, x, n);
}

/* ---- activations ---- */

/* The nearest integers of four values, within int8. As the reference: what is no number becomes the least. */
INLINE int32x4_t round_four(const float *x, float32x4_t inverse)
{
    const float32x4_t v = vmulq_f32(vld1q_f32(x), inverse);
    return vcvtnq_s32_f32(vminnmq_f32(vmaxnmq_f32(v, vdupq_n_f32(-127)), vdupq_n_f32(127)));
}

static float largest_magnitude(const float *x, int count)
{
    uint32x4_t all = vdupq_n_u32(0);

    for (int i = 0; i < count; i += 4)
        all = vmaxq_u32(all, vreinterpretq_u32_f32(vabsq_f32(vld1q_f32(x + i))));
    return bb_float_from_bits(vmaxvq_u32(all));
}

void bb_fast_round_neon(int8_t *codes, float *scales, float *sums, const float *x, const bb_fast_rows *shape)
{
    memset(codes + shape->k, 0, (size_t)(shape->stride - shape->k));
    memset(scales, 0, (size_t)shape->groups * sizeof *scales);
    memset(sums, 0, (size_t)shape->groups * sizeof *sums);
    for (int64_t g = 0; g < shape->k / shape->group; g++, x += shape->group) {
        const float largest = largest_magnitude(x, shape->group);
        const float32x4_t inverse = vdupq_n_f32(largest > 0 ? 127.0f / largest : 0);
        int32x4_t sum = vdupq_n_s32(0);

        for (int i = 0; i < shape->group; i += 8) {
            const int32x4_t low = round_four(x + i, inverse), high = round_four(x + i + 4, inverse);
            sum = vaddq_s32(sum, vaddq_s32(low, high));
            vst1_s8(codes + g * shape->group + i, vmovn_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
        }
        scales[g] = largest / 127.0f;
        sums[g] = scales[g] * (float)vaddvq_s32(sum);
    }
    if (shape->split)
        for (int8_t *unit = codes; unit < codes + shape->stride; unit += shape->split) {
            const int8x16x2_t a = vld2q_s8(unit), b = vld2q_s8(unit + 32);
            vst1q_s8(unit, a.val[0]);
            vst1q_s8(unit + 16, b.val[0]);
            vst1q_s8(unit + 32, a.val[1]);
            vst1q_s8(unit + 48, b.val[1]);
        }
}

/* ---- the tile kernel ---- */

INLINE void unpack(uint8_t *codes, const uint8_t *p, int64_t units, int bits, bool e2m1)
{
    for (int64_t u = 0; u < units; u++, codes += UNIT, p += UNIT / 8 * bits) {
        const int8x16x2_t unit = load_unit(p, bits, e2m1);
        if (bits == 4) {
            vst2q_s8((int8_t *)codes, unit);
        } else {
            vst1q_s8((int8_t *)codes, unit.val[0]);
            vst1q_s8((int8_t *)codes + 16, unit.val[1]);
        }
    }
}

/* Codes of count groups of a row from group first on. */
static void unpack_row(uint8_t *codes, const bb_tensor *weight, int64_t row, int64_t first, int64_t count)
{
    const bombus_quantization *q = &weight->quant;
    const int64_t all = count * q->group_size, units = all / UNIT;
    const uint8_t *p = bb_packed_at(weight, row, first * q->group_size);

    switch (q->bits) {
    case 2:
        unpack(codes, p, units, 2, false);
        break;
    case 3:
        unpack(codes, p, units, 3, false);
        break;
    case 4:
        unpack(codes, p, units, 4, q->mode != BOMBUS_AFFINE);
        break;
    case 5:
        unpack(codes, p, units, 5, false);
        break;
    case 6:
        unpack(codes, p, units, 6, false);
        break;
    default:
        unpack(codes, p, units, 8, false);
    }
    if (all % UNIT) /* an odd group of 16 */
        bb_fast_codes(codes + units * UNIT, weight, row, first + count - 1, 1);
}

/* Rows in runs of so many elements. */
INLINE void unpack_panel(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count, int run)
{
    const int64_t groups = weight->shape[1] / weight->quant.group_size, length = count * weight->quant.group_size;

    for (int r = 0; r < BB_FAST_PANEL; r++) {
        const int64_t from = r < rows ? row + r : row;
        uint8_t codes[BB_FAST_CHUNK];
        float scales[BB_FAST_GROUPS], biases[BB_FAST_GROUPS];

        unpack_row(codes, weight, from, first, count);
        for (int64_t at = 0; at < length; at += run)
            memcpy(panel->codes + at * BB_FAST_PANEL + r * run, codes + at, (size_t)run);
        bb_fast_scales(scales, biases, weight, from * groups + first, count);
        for (int64_t g = 0; g < count; g++) {
            panel->scales[g * BB_FAST_PANEL + r] = scales[g];
            panel->biases[g * BB_FAST_PANEL + r] = biases[g];
        }
    }
}

void bb_fast_unpack_neon(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count)
{
    unpack_panel(panel, weight, row, rows, first, count, 4);
}

void bb_fast_unpack_i8mm(bb_fast_panel *panel, const bb_tensor *weight, int64_t row, int rows, int64_t first, int64_t count)
{
    unpack_panel(panel, weight, row, rows, first, count, 8);
}

/* Two rows of x and one panel: twice four sums, each of two rows of the panel, fill half the registers. run: steps of four elements whose
 * products int16 has room for, a divisor of a group's. */
INLINE void tile_of(const bb_fast_tile *tile, int row, int panel, int run)
{
    enum { ROWS = 2, PAIRS = BB_FAST_PANEL / 2 };
    const bb_fast_tile t = *tile; /* stores to out could be to the tile, as far as the compiler knows */
    const int8_t *x = t.x + row * t.x_stride, *codes = (const int8_t *)t.panels[panel].codes;

    for (int g = 0; g < t.groups; g++) {
        int32x4_t sums[ROWS][PAIRS];
        UNROLL(8)
        for (int i = 0; i < ROWS * PAIRS; i++)
            sums[i / PAIRS][i % PAIRS] = vdupq_n_s32(0);
        for (int step = 0; step < t.group / 4; step += run, x += run * 4) {
            int16x8_t sixteen[ROWS][PAIRS];
            UNROLL(8)
            for (int s = 0; s < run; s++, codes += 32) {
                UNROLL(2)
                for (int r = 0; r < ROWS; r++) {
                    int32_t four;
                    memcpy(&four, x + r * t.x_stride + s * 4, sizeof four);
                    const int8x8_t a = vreinterpret_s8_s32(vdup_n_s32(four));
                    UNROLL(4)
                    for (int i = 0; i < PAIRS; i++)
                        sixteen[r][i] = s ? vmlal_s8(sixteen[r][i], vld1_s8(codes + 8 * i), a) : vmull_s8(vld1_s8(codes + 8 * i), a);
                }
            }
            UNROLL(8)
            for (int i = 0; i < ROWS * PAIRS; i++)
                sums[i / PAIRS][i % PAIRS] = vpadalq_s16(sums[i / PAIRS][i % PAIRS], sixteen[i / PAIRS][i % PAIRS]);
        }
        UNROLL(2)
        for (int r = 0; r < ROWS; r++)
            add_group(&t, row + r, panel, g, vpaddq_s32(sums[r][0], sums[r][1]), vpaddq_s32(sums[r][2], sums[r][3]));
    }
}

void bb_fast_tile_neon(const bb_fast_tile *tile)
{
    const int room = tile->largest > 127 ? 2 : 32767 / (127 * tile->largest), steps = tile->group / 4;

    for (int i = 0; i < 4; i++) {
        const int row = i % 2 * 2, panel = i / 2;
        if (row >= tile->rows)
            continue;
        if (room >= 8 && steps >= 8)
            tile_of(tile, row, panel, 8);
        else if (room >= 4)
            tile_of(tile, row, panel, 4);
        else
            tile_of(tile, row, panel, 2);
    }
}
