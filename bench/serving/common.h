/* common.h: what the benchmarks here share: a model, arguments, medians. */
#ifndef BENCH_SERVING_COMMON_H
#define BENCH_SERVING_COMMON_H

#include "base/clock.h"

#include <bombus/bombus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MUST(call)                                                                                                                         \
    do {                                                                                                                                   \
        bombus_error err;                                                                                                                  \
        if ((call) != BOMBUS_OK) {                                                                                                         \
            fprintf(stderr, "%s\n", err.message);                                                                                          \
            exit(1);                                                                                                                       \
        }                                                                                                                                  \
    } while (0)

/* The model in a directory; where it holds none, one of random weights in the shape of Qwen3-0.6B, 4 bits, is made there first. */
static inline bombus_model *open_model(const char *directory, bombus_compute compute, int threads)
{
    const bombus_quantization quantization = {.mode = BOMBUS_AFFINE};
    bombus_model *model;
    char path[4096];

    snprintf(path, sizeof path, "%s/config.json", directory);
    if (access(path, R_OK) != 0) {
        mkdir(directory, 0777);
        MUST(bombus_bench_random_model(directory, "qwen3-0.6b", &quantization, BOMBUS_BF16, 0, &err));
    }
    MUST(bombus_model_load(&model, directory, &(bombus_model_options){.threads = threads, .compute = compute}, &err));
    return model;
}

/* Processor time of this process. On a machine that others use too, and with one thread, it tells what the clock on the wall cannot. */
static inline double processor_seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_numbers);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

#endif
