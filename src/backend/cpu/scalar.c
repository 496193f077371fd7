/* The table of kernels for any CPU. */
#include "backend/cpu/scalar.h"

static bool anywhere(void)
{
    return true;
}

const bb_kernels bb_scalar_kernels = {
    .name = "scalar",
    .usable = anywhere,
    .row = bb_row_scalar,
    .tile_rows = 1,
    .tile_columns = 2,
    .products = bb_products_scalar,
    .sums = bb_sums_scalar,
    .fast_round = bb_fast_round_scalar,
    .fast_vector = bb_fast_vector_scalar,
    .attend = bb_attend_scalar,
    BB_ROW_KERNELS(scalar),
};
