/* bench/yardstick.h: the limits of this machine at one moment, since those of another may not hold where others use it too. */
#ifndef BB_BENCH_YARDSTICK_H
#define BB_BENCH_YARDSTICK_H

#include <bombus/bench.h>

typedef struct bb_yardstick bb_yardstick;

/* best: what bombus_bench_machine found, whose kernels are the ones to be run. Its buffers stay in memory until it is freed. */
bombus_status bb_yardstick_open(bb_yardstick **out, const bombus_machine *best, bombus_error *err);
void bb_yardstick_free(bb_yardstick *yardstick); /* NULL is fine */

/* What the kernels give now, in some 50 ms. */
bombus_machine bb_yardstick_measure(bb_yardstick *yardstick);

/* Bytes of its buffers. NULL has none. */
int64_t bb_yardstick_bytes(const bb_yardstick *yardstick);

#endif
