/* The fast mode's tile with smmla, which multiplies eight codes of two rows with eight elements of two others: 2 x 2 sums a register. */
#include "backend/cpu/neon_fast.h"

/* Two rows of codes, one in each half. */
INLINE int8x16_t load_pair(const int8_t *codes, int64_t stride)
{
    return vcombine_s8(vld1_s8(codes), vld1_s8(codes + stride));
}

INLINE void tile_of(const bb_fast_tile *tile, int panels)
{
    enum { PAIRS = BB_FAST_TILE / 2, X_PAIRS = BB_FAST_PANEL / 2 };
    const bb_fast_tile t = *tile; /* stores to out could be to the tile, as far as the compiler knows */
    const int64_t stride = (int64_t)t.groups * t.group;
    const int8_t *codes = (const int8_t *)t.codes, *x[2] = {t.x[0], t.x[1]};

    for (int g = 0; g < t.groups; g++) {
        int32x4_t sums[2][PAIRS][X_PAIRS]; /* each [row of the pair of the weight, row of that of x] */
        UNROLL(16)
        for (int i = 0; i < panels * PAIRS * X_PAIRS; i++)
            sums[i / PAIRS / X_PAIRS][i / X_PAIRS % PAIRS][i % X_PAIRS] = vdupq_n_s32(0);
        for (int at = 0; at < t.group; at += 8, codes += 8) {
            const int8x16_t w[PAIRS] = {load_pair(codes, stride), load_pair(codes + 2 * stride, stride)};
            UNROLL(2)
            for (int p = 0; p < panels; p++, x[p - 1] += 64) {
                UNROLL(4)
                for (int j = 0; j < X_PAIRS; j++) {
                    const int8x16_t two = vld1q_s8(x[p] + 16 * j);
                    for (int i = 0; i < PAIRS; i++)
                        sums[p][i][j] = vmmlaq_s32(sums[p][i][j], w[i], two);
                }
            }
        }
        UNROLL(2)
        for (int p = 0; p < panels; p++) {
            UNROLL(2)
            for (int i = 0; i < PAIRS; i++) {
                int64x2_t s[X_PAIRS];
                for (int j = 0; j < X_PAIRS; j++)
                    s[j] = vreinterpretq_s64_s32(sums[p][i][j]);
                add_group(&t, 2 * i, p, g, vreinterpretq_s32_s64(vtrn1q_s64(s[0], s[1])), vreinterpretq_s32_s64(vtrn1q_s64(s[2], s[3])));
                add_group(&t, 2 * i + 1, p, g, vreinterpretq_s32_s64(vtrn2q_s64(s[0], s[1])),
                          vreinterpretq_s32_s64(vtrn2q_s64(s[2], s[3])));
            }
        }
    }
}

void bb_fast_tile_i8mm(const bb_fast_tile *tile)
{
    if (tile->panels == 2)
        tile_of(tile, 2);
    else
        tile_of(tile, 1);
}
