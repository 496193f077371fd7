/* The table of kernels for AVX-512 with F, BW, VL, DQ and VNNI: Ice Lake, Zen 4 and later, and Cascade Lake before them.
 *
 * A machine that has AVX-512 without VNNI (the first Xeons) takes the AVX2 set. Without vpdpbusd a product of bytes takes three
 * instructions as it does there, such machines lower their clock under wide multiplications, and a set of its own would have to be tested
 * on them.
 *
 * vdpbf16ps is not used where a machine has it: it flushes subnormal numbers to zero and adds pairs of products before they meet the sum,
 * so it has another order of sums than kernels.h. */
#include "backend/cpu/avx512.h"
#include "backend/cpu/avx2.h"

static bool usable(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni") && bb_avx2_kernels.usable();
}

const bb_kernels bb_avx512_kernels = {
    .name = "avx512",
    .usable = usable,
    .row = bb_row_avx512,
    .tile_rows = 4,
    .tile_columns = 4,
    .products = bb_products_avx512,
    .sums = bb_sums_avx2,
    .stream_pair = bb_stream_pair_avx512,
    .stream_row = bb_stream_row_avx512,
    .fast_round = bb_fast_round_avx512,
    .fast_vector = bb_fast_vector_avx512,
    .fast_split = {[4] = 128},
    .fast_tile_split = 64,
    .fast_vector_rows = 2,
    .fast_unpack = bb_fast_unpack_avx2,
    .fast_tile = bb_fast_tile_avx512,
    .attend = bb_attend_avx512,
    BB_ROW_KERNELS(avx512),
};
