/* Loops for NEON, which every 64-bit ARM has, and for its dot product and matrix multiply extensions.
 *
 * The extensions' instructions are written as numbers: some headers give their intrinsics only to files that are built for them as a whole,
 * of which then nothing may run elsewhere, and assemblers differ in how they are told to take their names. */
#include "base/inline.h"
#include "base/memory.h"
#include "bench/kernels.h"

#ifdef __aarch64__
#include <arm_neon.h>
#ifdef __linux__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#define TARGET
#define VECTOR_BYTES     16
#define FUSED(sum, x, y) (floating) vfmaq_f32((float32x4_t)(sum), (float32x4_t)(x), (float32x4_t)(y))
#define CHAINS           BB_TIMES_16
#include "bench/kernels_loops.h"

/* Multiply-accumulate into 16 bits, eight at a time. */
static void smlal(int64_t rounds)
{
    const int8x8_t x = vdup_n_s8(3), y = vdup_n_s8(2);
#define START(i) int16x8_t sum##i = vdupq_n_s16(i);
#define ADD(i)                                                                                                                             \
    sum##i = vmlal_s8(sum##i, x, y);                                                                                                       \
    BB_OPAQUE(sum##i);
    BB_TIMES_16(START)

    for (int64_t r = 0; r < rounds; r++) {
        BB_TIMES_16(ADD)
    }
#undef START
#undef ADD
}

/* The number of the register that is added to is the lowest bits of an instruction; factors are in 24 and 25. */
#define WRITTEN_OUT(name)                                                                                                                  \
    static void name(int64_t rounds)                                                                                                       \
    {                                                                                                                                      \
        register int8x16_t x __asm__("v24") = vdupq_n_s8(3);                                                                               \
        register int8x16_t y __asm__("v25") = vdupq_n_s8(2);                                                                               \
        BB_TIMES_16(START)                                                                                                                 \
                                                                                                                                           \
        for (int64_t r = 0; r < rounds; r++) {                                                                                             \
            BB_TIMES_16(ADD_##name)                                                                                                        \
        }                                                                                                                                  \
    }
#define START(i)     register int32x4_t sum##i __asm__("v" #i) = vdupq_n_s32(i);
#define ADD_sdot(i)  __asm__ volatile(".inst 0x4e999700 + " #i : "+w"(sum##i) : "w"(x), "w"(y));
#define ADD_smmla(i) __asm__ volatile(".inst 0x4e99a700 + " #i : "+w"(sum##i) : "w"(x), "w"(y));
WRITTEN_OUT(sdot)
WRITTEN_OUT(smmla)
#undef START

static const bb_read_kernel reads[] = {READS("neon")};
/* What not every machine has comes first, to be left out there. */
static const bb_peak_kernel int8[] = {{"neon, smmla", 16 * 64, smmla}, {"neon, sdot", 16 * 32, sdot}, {"neon, smlal", 16 * 16, smlal}, {0}};
static const bb_peak_kernel floats[] = {{"neon, fmla", 16 * 8, fused}, {0}};

bool bb_kernels_neon(bb_kernel_set *set)
{
#ifdef __linux__
    const bool has_smmla = getauxval(AT_HWCAP2) & HWCAP2_I8MM, has_sdot = getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#elif defined(__ARM_FEATURE_MATMUL_INT8)
    const bool has_smmla = true, has_sdot = true;
#elif defined(__ARM_FEATURE_DOTPROD)
    const bool has_smmla = false, has_sdot = true;
#else
    const bool has_smmla = false, has_sdot = false;
#endif

    *set = (bb_kernel_set){reads, has_smmla ? int8 : has_sdot ? int8 + 1 : int8 + 2, floats};
    return true;
}

#else

bool bb_kernels_neon(bb_kernel_set *set)
{
    (void)set;
    return false;
}

#endif
