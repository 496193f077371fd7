/* The table of kernels for AVX2 with FMA and F16C. */
#include "backend/cpu/avx2.h"

#include <cpuid.h>

/* Not every compiler's __builtin_cpu_supports knows F16C. */
static bool usable(void)
{
    unsigned a, b, c, d;

    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}

const bb_kernels bb_avx2_kernels = {
    .name = "avx2",
    .usable = usable,
    .row = bb_row_avx2,
    .tile_rows = 3,
    .tile_columns = 2,
    .products = bb_products_avx2,
    .sums = bb_sums_avx2,
    .stream_pair = bb_stream_pair_avx2,
    .stream_row = bb_stream_row_avx2,
    .fast_round = bb_fast_round_avx2,
    .fast_vector = bb_fast_vector_avx2,
    .fast_split = {[2] = 128, [3] = 64, [4] = 64, [5] = 64, [6] = 64},
    .fast_tile_split = 64,
    .fast_vector_rows = 2,
    .fast_unpack = bb_fast_unpack_avx2,
    .fast_tile = bb_fast_tile_avx2,
    .attend = bb_attend_avx2,
    BB_ROW_KERNELS(avx2),
};
