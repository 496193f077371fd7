/* bench/work.h: what a test has to read and to compute, counted. */
#ifndef BB_BENCH_WORK_H
#define BB_BENCH_WORK_H

#include "model/model.h"

#include <bombus/bench.h>

typedef struct bb_work {
    double weight_bytes;  /* of the linear layers and the head, once a step of a decode, once in all of a prefill */
    double kv_bytes;      /* of keys and values that queries of different steps, and a prefill as a whole, have to read */
    double linear_ops;    /* of the linear layers and the head */
    double integer_ops;   /* those of them that BOMBUS_FAST does with integers */
    double attention_ops; /* of scores and sums of values */
} bb_work;

/* All of a test (bombus/bench.h has the formulas). position_bytes: what keys and values of one position take in one layer. */
bb_work bb_work_of(const bombus_model *model, const bombus_bench_test *test, double position_bytes);

/* The least time a machine takes for it. NaN where machine is NULL. */
double bb_work_limit(const bb_work *work, const bombus_bench_test *test, bombus_compute compute, const bombus_machine *machine);

/* Of most weights of the linear layers and the head; *bits is what a weight of these takes on average, scales and biases with it. */
bombus_quantization bb_work_quantization(const bombus_model *model, double *bits);

#endif
