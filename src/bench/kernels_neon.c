/* Loops for NEON, which every 64-bit ARM has, and for its dot product and matrix multiply extensions.
 *
 * The extensions' instructions are written out: the header gives their intrinsics only to files that are built for them as a whole, and
 * then nothing in the file may run elsewhere. */
#include "bench/kernels.h"

#ifdef __aarch64__
#include <arm_neon.h>
#ifdef __linux__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

/* As in kernels_avx2.c. */
__attribute__((always_inline)) static inline uint64_t sum(const unsigned char *data, size_t bytes, size_t streams, size_t ahead)
{
    const size_t part = bytes / streams;
    uint64x2_t sums[4] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};

    for (size_t at = 0; at < part; at += 64) {
        for (size_t s = 0; s < streams; s++) {
            const unsigned char *from = data + s * part + at;
            if (ahead)
                __builtin_prefetch(from + ahead);
            for (int i = 0; i < 4; i++)
                sums[i] = vaddq_u64(sums[i], vreinterpretq_u64_u8(vld1q_u8(from + 16 * i)));
        }
    }
    return vaddvq_u64(vaddq_u64(vaddq_u64(sums[0], sums[1]), vaddq_u64(sums[2], sums[3])));
}

#define READ(name, streams, ahead)                                                                                                         \
    static uint64_t name(const unsigned char *data, size_t bytes)                                                                          \
    {                                                                                                                                      \
        return sum(data, bytes, streams, ahead);                                                                                           \
    }
READ(read_1, 1, 0)
READ(read_2, 2, 0)
READ(read_4, 4, 0)
READ(read_8, 8, 0)
READ(read_1_ahead, 1, 1024)
READ(read_4_ahead, 4, 1024)

/* Multiply-accumulate into 16 bits, eight at a time. */
static void smlal(int64_t rounds)
{
    const int8x16_t x = vdupq_n_s8(3), y = vdupq_n_s8(2);
    int16x8_t sums[16];

    for (int i = 0; i < 16; i++)
        sums[i] = vdupq_n_s16((int16_t)i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 16; i++) {
            sums[i] = vmlal_s8(sums[i], vget_low_s8(x), vget_low_s8(y));
            BB_OPAQUE(sums[i]);
        }
}

#ifdef __clang__
#define WITH(extension) __attribute__((target(extension)))
#else
#define WITH(extension) __attribute__((target("+" extension)))
#endif

#define WRITTEN_OUT(name, extension)                                                                                                       \
    WITH(extension) static void name(int64_t rounds)                                                                                       \
    {                                                                                                                                      \
        const int8x16_t x = vdupq_n_s8(3), y = vdupq_n_s8(2);                                                                              \
        int32x4_t sums[16];                                                                                                                \
                                                                                                                                           \
        for (int i = 0; i < 16; i++)                                                                                                       \
            sums[i] = vdupq_n_s32(i);                                                                                                      \
        for (int64_t r = 0; r < rounds; r++)                                                                                               \
            for (int i = 0; i < 16; i++)                                                                                                   \
                __asm__ volatile(#name " %0.4s, %1.16b, %2.16b" : "+w"(sums[i]) : "w"(x), "w"(y));                                         \
    }
WRITTEN_OUT(sdot, "dotprod")
WRITTEN_OUT(smmla, "i8mm")

static void fused(int64_t rounds)
{
    const float32x4_t factor = vdupq_n_f32(0.5f), term = vdupq_n_f32(1.0f);
    float32x4_t sums[16];

    for (int i = 0; i < 16; i++)
        sums[i] = vdupq_n_f32((float)i);
    for (int64_t r = 0; r < rounds; r++)
        for (int i = 0; i < 16; i++) {
            sums[i] = vfmaq_f32(sums[i], factor, term);
            BB_OPAQUE(sums[i]);
        }
}

static const bb_read_kernel reads[] = {
    {"neon, 1 stream", read_1},
    {"neon, 2 streams", read_2},
    {"neon, 4 streams", read_4},
    {"neon, 8 streams", read_8},
    {"neon, 1 stream, prefetch", read_1_ahead},
    {"neon, 4 streams, prefetch", read_4_ahead},
    {0},
};
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
