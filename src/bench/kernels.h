/* bench/kernels.h: the plain loops that a machine is measured with, one set an instruction set. */
#ifndef BB_BENCH_KERNELS_H
#define BB_BENCH_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A loop's data must be a multiple of this. */
enum { BB_READ_UNIT = 4096 };

typedef struct bb_read_kernel {
    const char *name;
    uint64_t (*run)(const unsigned char *data, size_t bytes); /* reads every byte; returns what depends on all of them */
} bb_read_kernel;

typedef struct bb_peak_kernel {
    const char *name;
    double operations; /* of a round: a multiply-add is two */
    void (*run)(int64_t rounds);
} bb_peak_kernel;

/* Each list ends with a name of NULL. */
typedef struct bb_kernel_set {
    const bb_read_kernel *reads;
    const bb_peak_kernel *int8;
    const bb_peak_kernel *floats;
} bb_kernel_set;

/* Each file answers for its instruction set: false where this machine lacks it, or it is another architecture's. */
bool bb_kernels_generic(bb_kernel_set *set);
bool bb_kernels_avx2(bb_kernel_set *set);
bool bb_kernels_avx512(bb_kernel_set *set);
bool bb_kernels_neon(bb_kernel_set *set);

/* X(0) X(1) ...: sums in variables of their own, since an array may stay in memory, and a peak is not to wait for that. */
#define BB_TIMES_4(X)  X(0) X(1) X(2) X(3)
#define BB_TIMES_12(X) BB_TIMES_4(X) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define BB_TIMES_16(X) BB_TIMES_12(X) X(12) X(13) X(14) X(15)

#endif
