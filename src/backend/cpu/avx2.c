/* The table of kernels for AVX2 with FMA and F16C. */
#include "backend/cpu/scalar.h"

static bool usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

const bb_kernels bb_avx2_kernels = {
    .name = "avx2",
    .usable = usable,
    .row = bb_row_scalar,
    .products = bb_products_f32_scalar,
};
