/* bench/timelines.h: several sequences of made-up tokens, stepped together as a serving would. */
#ifndef BB_BENCH_TIMELINES_H
#define BB_BENCH_TIMELINES_H

#include "generate/kv_pool.h"

typedef struct bb_timelines {
    const bombus_model *model; /* borrowed */
    int count;                 /* sequences */
    int length;                /* positions each has room for */
    int rows;                  /* of a step, at most */
    bb_kv_pool pool;
    bb_workspace workspace;
    int32_t *blocks;                         /* [count, blocks of a sequence] */
    const int32_t **tables;                  /* [count] into blocks */
    int32_t *tokens, *positions, *sequences; /* [rows] */
    float *logits;                           /* [BB_LOGIT_ROWS, V] */
    bb_delta_run *runs;                      /* [count], of them run_count: a decode step's rows by adapter */
    int run_count;
} bb_timelines;

/* All positions get keys and values, made up: what a step costs does not depend on them. chunk: rows that a prefill feeds at once.
 * BOMBUS_ELIMIT where they would not fit the memory there is for the process. */
bombus_status bb_timelines_create(bb_timelines *lines, const bombus_model *model, int count, int length, int chunk, bombus_dtype kv,
                                  bombus_error *err);
/* Has the sequences change by adapters [count], which are borrowed: neighbours share one where there are fewer adapters. */
bombus_status bb_timelines_adapt(bb_timelines *lines, bb_deltas *const *adapters, int count, bombus_error *err);
void bb_timelines_free(bb_timelines *lines);

/* Feeds the first sequence count tokens at positions from first on, and makes the logits of the last. */
bombus_status bb_timelines_prefill(bb_timelines *lines, int first, int count, bombus_error *err);
/* A token for every sequence at a position, and the logits of each. */
bombus_status bb_timelines_decode(bb_timelines *lines, int position, bombus_error *err);

/* Bytes that keys and values of one position take in one layer. */
double bb_timelines_position_bytes(const bb_timelines *lines);

#endif
