/* base/clock.h: the time that deadlines and durations are measured in. */
#ifndef BB_BASE_CLOCK_H
#define BB_BASE_CLOCK_H

#include <time.h>

/* Seconds of a clock that never goes back. */
static inline double bb_seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
