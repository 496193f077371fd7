/* bench/measure.h: time. */
#ifndef BB_BENCH_MEASURE_H
#define BB_BENCH_MEASURE_H

#include <stdlib.h>
#include <time.h>

/* Seconds of a clock that never goes back. */
static inline double bb_bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
