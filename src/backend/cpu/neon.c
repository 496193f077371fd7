/* The tables of kernels for 64-bit ARM: what all of them have, with the dot product of bytes besides (ARMv8.2), and with products of 2 x 8
 * by 8 x 2 bytes (ARMv8.6). Half precision is only stored, never computed with, so its arithmetic extension has nothing to give. */
#include "backend/cpu/neon.h"
#include "backend/cpu/scalar.h"

#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool any(void)
{
    return true;
}

static bool has_dotprod(void)
{
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
}

static bool has_i8mm(void)
{
    return has_dotprod() && getauxval(AT_HWCAP2) & HWCAP2_I8MM;
}

/* What compilers make of the plain loops for any ARM is what NEON has to give: kernels along rows and attention are the scalar set's. */
#define COMMON                                                                                                                             \
    .row = bb_row_neon, .tile_rows = 3, .tile_columns = 2, .products = bb_products_neon, .sums = bb_sums_neon,                             \
    .stream_pair = bb_stream_pair_neon, .stream_row = bb_stream_row_neon, .fast_split = {[4] = 64}, .fast_round = bb_fast_round_neon,      \
    .fast_vector_rows = 4, .attend = bb_attend_scalar, BB_ROW_KERNELS(scalar)

const bb_kernels bb_neon_kernels = {
    .name = "neon",
    .usable = any,
    COMMON,
    .fast_vector = bb_fast_vector_neon,
    .fast_unpack = bb_fast_unpack_neon,
    .fast_tile = bb_fast_tile_neon,
};

const bb_kernels bb_dotprod_kernels = {
    .name = "dotprod",
    .usable = has_dotprod,
    COMMON,
    .fast_vector = bb_fast_vector_dotprod,
    .fast_unpack = bb_fast_unpack_neon,
    .fast_tile = bb_fast_tile_dotprod,
};

const bb_kernels bb_i8mm_kernels = {
    .name = "i8mm",
    .usable = has_i8mm,
    COMMON,
    .fast_vector = bb_fast_vector_dotprod,
    .fast_unpack = bb_fast_unpack_i8mm,
    .fast_tile = bb_fast_tile_i8mm,
};
