/* The fast mode with sdot, which adds four products of bytes to each lane of int32. */
#include "backend/cpu/neon_vector.h"

INLINE int32x4_t multiply(int32x4_t sum, int8x16x2_t codes, int8x16_t x0, int8x16_t x1, bool halves)
{
    (void)halves; /* as they come */
    return vdotq_s32(vdotq_s32(sum, codes.val[0], x0), codes.val[1], x1);
}

void bb_fast_vector_dotprod(float *out, const bb_tensor *weight, int64_t row, int rows, const bb_fast_rows *x, int64_t n)
{
    vector_any(out, weight, row, rows, x, n);
}

/* Each four elements of a row of x, picked from a register of sixteen, with four codes of four rows of a panel. */
void bb_fast_tile_dotprod(const bb_fast_tile *tile)
{
    enum { ROWS = BB_FAST_TILE };
    const bb_fast_tile t = *tile; /* stores to out could be to the tile, as far as the compiler knows */
    const int8_t *x = t.x, *codes[2] = {(const int8_t *)t.panels[0].codes, (const int8_t *)t.panels[1].codes};

    for (int g = 0; g < t.groups; g++) {
        int32x4_t sums[ROWS][2][2];
        UNROLL(16)
        for (int i = 0; i < ROWS * 4; i++)
            sums[i / 4][i / 2 % 2][i % 2] = vdupq_n_s32(0);
        for (int at = 0; at < t.group; at += 16, x += 16) {
            int8x16_t a[ROWS];
            for (int r = 0; r < ROWS; r++)
                a[r] = vld1q_s8(x + r * t.x_stride);
            UNROLL(2)
            for (int p = 0; p < 2; p++) {
#define QUAD(q)                                                                                                                            \
    for (int half = 0; half < 2; half++) {                                                                                                 \
        const int8x16_t four = vld1q_s8(codes[p] + 32 * (q) + 16 * half);                                                                  \
        for (int r = 0; r < ROWS; r++)                                                                                                     \
            sums[r][p][half] = vdotq_laneq_s32(sums[r][p][half], four, a[r], q);                                                           \
    }
                QUAD(0)
                QUAD(1)
                QUAD(2)
                QUAD(3)
#undef QUAD
                codes[p] += 128;
            }
        }
        UNROLL(4)
        for (int r = 0; r < ROWS; r++) {
            UNROLL(2)
            for (int p = 0; p < 2; p++)
                add_group(&t, r, p, g, sums[r][p][0], sums[r][p][1]);
        }
    }
}
