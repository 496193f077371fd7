/* backend/cpu/kernels.h: what all kernels of the CPU backend share: the order of sums, and the reading of rows.
 *
 * The order of a sum over k: element k is multiplied and then added to lane k mod BB_LANES, each lane from its first element to its last,
 * beginning with 0; at the end the upper half of the lanes is added to the lower until one is left. It depends on k alone: not on the
 * number of rows, their place in a tile, the length of chunks or the thread. A kernel of another instruction set keeps it (16 lanes are
 * four registers of SSE or NEON, two of AVX2, one of AVX-512), so that matrix-vector and matrix-matrix kernels agree bit for bit. */
#ifndef BB_BACKEND_CPU_KERNELS_H
#define BB_BACKEND_CPU_KERNELS_H

#include "backend/backend.h"
#include "tensor/half.h"

enum { BB_LANES = 16 };

static inline float bb_lanes_sum(const float *lanes)
{
    float sums[BB_LANES / 2];

    for (int i = 0; i < BB_LANES / 2; i++)
        sums[i] = lanes[i] + lanes[i + BB_LANES / 2];
    for (int half = BB_LANES / 4; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sums[i] += sums[i + half];
    return sums[0];
}

/* The sum of a[i] * b[i]. */
static inline float bb_lanes_dot(const float *a, const float *b, int64_t count)
{
    float lanes[BB_LANES] = {0};
    int64_t i = 0;

    for (; i + BB_LANES <= count; i += BB_LANES)
        for (int lane = 0; lane < BB_LANES; lane++)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (int lane = 0; i + lane < count; lane++)
        lanes[lane] += a[i + lane] * b[i + lane];
    return bb_lanes_sum(lanes);
}

/* Elements that fill whole bytes in any packing: where a read of packed values may begin, and in what steps it goes. */
enum { BB_PACK = 8 };

/* The kernels of one instruction set, which the operations are made of. bb_scalar is complete and runs anywhere; a table of another set
 * names its own kernels where it has them and the scalar ones where it has not. A kernel is a plain function of memory: no threads, no
 * allocation, any alignment of what comes from a file. */
typedef struct bb_kernels {
    const char *name;
    bool (*usable)(void); /* on this machine */

    /* count values of row row from column first, in F32, of a matrix, dense or quantized. A quantized row is dequantized as in dtype:
     * scales and biases in it, the product rounded to it and then the sum; first and count are multiples of BB_PACK. */
    void (*row)(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count);
    /* lanes0 += a * b0 and lanes1 += a * b1 [BB_LANES each], length elements of F32 in the order of sums; length is a multiple of BB_LANES
     * but for the last piece of a sum. */
    void (*products)(float *restrict lanes0, float *restrict lanes1, const char *a, const char *b0, const char *b1, int length);
} bb_kernels;

extern const bb_kernels bb_scalar_kernels;
#ifdef __x86_64__
extern const bb_kernels bb_avx2_kernels;
#endif

/* The kernels called name, or, where it is NULL, the best that this machine can run and that the environment's BOMBUS_CPU does not exclude:
 * it names the best set to be used ("scalar", "avx2"). BOMBUS_ENOTFOUND lists the names there are; BOMBUS_EUNSUPPORTED: not on this
 * machine. */
bombus_status bb_kernels_choose(const bb_kernels **out, const char *name, bombus_error *err);

/* Those of an open backend. */
static inline const bb_kernels *bb_cpu_kernels(const bb_backend *backend)
{
    return backend->state;
}

#endif
