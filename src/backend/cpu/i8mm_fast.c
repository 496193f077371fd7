/* The fast mode's tile with smmla, which multiplies eight codes of two rows of a weight with eight elements of two rows of activations:
 * 2 x 2 sums a register. */
#include "backend/cpu/neon_fast.h"

/* Two rows of x, one in each half. */
INLINE int8x16_t load_pair(const int8_t *x, int64_t stride)
{
    return vcombine_s8(vld1_s8(x), vld1_s8(x + stride));
}

void bb_fast_tile_i8mm(const bb_fast_tile *tile)
{
    enum { PAIRS = BB_FAST_PANEL / 2, X_PAIRS = BB_FAST_TILE / 2 };
    const bb_fast_tile t = *tile; /* stores to out could be to the tile, as far as the compiler knows */
    const int8_t *x = t.x, *codes[2] = {(const int8_t *)t.panels[0].codes, (const int8_t *)t.panels[1].codes};

    for (int g = 0; g < t.groups; g++) {
        int32x4_t sums[2][X_PAIRS][PAIRS]; /* each [row of the pair of x, row of that of the panel] */
        UNROLL(16)
        for (int i = 0; i < 2 * PAIRS * X_PAIRS; i++)
            sums[i / PAIRS / X_PAIRS][i / PAIRS % X_PAIRS][i % PAIRS] = vdupq_n_s32(0);
        for (int at = 0; at < t.group; at += 8, x += 8) {
            const int8x16_t a[X_PAIRS] = {load_pair(x, t.x_stride), load_pair(x + 2 * t.x_stride, t.x_stride)};
            UNROLL(2)
            for (int p = 0; p < 2; p++) {
                UNROLL(4)
                for (int j = 0; j < PAIRS; j++) {
                    const int8x16_t two = vld1q_s8(codes[p] + 16 * j);
                    for (int i = 0; i < X_PAIRS; i++)
                        sums[p][i][j] = vmmlaq_s32(sums[p][i][j], a[i], two);
                }
                codes[p] += 64;
            }
        }
        UNROLL(2)
        for (int p = 0; p < 2; p++) {
            UNROLL(2)
            for (int i = 0; i < X_PAIRS; i++) {
                int64x2_t s[PAIRS];
                for (int j = 0; j < PAIRS; j++)
                    s[j] = vreinterpretq_s64_s32(sums[p][i][j]);
                add_group(&t, 2 * i, p, g, vreinterpretq_s32_s64(vtrn1q_s64(s[0], s[1])), vreinterpretq_s32_s64(vtrn1q_s64(s[2], s[3])));
                add_group(&t, 2 * i + 1, p, g, vreinterpretq_s32_s64(vtrn2q_s64(s[0], s[1])),
                          vreinterpretq_s32_s64(vtrn2q_s64(s[2], s[3])));
            }
        }
    }
}
