/* backend/cpu/neon_fast.h: what the fast mode's kernels for ARM share: the end of a group in a tile. */
#ifndef BB_BACKEND_CPU_NEON_FAST_H
#define BB_BACKEND_CPU_NEON_FAST_H

#include "backend/cpu/neon_codes.h"

enum { UNIT = 32 }; /* elements that are unpacked at once */

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
        const float32x4_t before = g == 0 && t->begins ? vdupq_n_f32(0) : vld1q_f32(out + half * 4);
        vst1q_f32(out + half * 4, vaddq_f32(before, value));
    }
}

#endif
