/* base/long_rows.h: passes over a row as long as a vocabulary, for whatever the machine has.
 *
 * A row is taken in blocks of BB_ROW_BLOCK. The order of a sum: element i of a block is added to lane i mod BB_ROW_LANES, the lanes one
 * after another to the first, all of this in float; blocks one after another in double. No operation is fused. So all sets give the same
 * bytes, except for which NaN a NaN is. */
#ifndef BB_BASE_LONG_ROWS_H
#define BB_BASE_LONG_ROWS_H

#include <stdbool.h>

enum { BB_ROW_BLOCK = 128, BB_ROW_LANES = 8 };

typedef struct bb_long_rows {
    const char *name;
    bool (*usable)(void); /* on this machine */
    /* peaks [ceil(count / BB_ROW_BLOCK)] = the largest x of each block. NaN is passed over, or stays where a lane begins with it. */
    void (*peaks)(float *peaks, const float *x, int count);
    /* The sum of x, which is padded with zeros to whole blocks. */
    double (*sum)(const float *x, int count);
    /* out = exp((x - shift - max) * factor), and its sum; x - shift <= max, and out is padded as sum wants it. */
    double (*exp)(float *out, const float *x, int count, float shift, float max, float factor);
    /* The sum of the weights whose x - shift >= bound. peaks are those of x. */
    double (*sum_from)(const float *weights, const float *x, const float *peaks, int count, float shift, float bound);
} bb_long_rows;

/* From the plainest to the best. */
extern const bb_long_rows bb_long_rows_sets[];
extern const int bb_long_rows_count;

/* The best that this machine can run; the plainest where the environment's BOMBUS_CPU is scalar. */
const bb_long_rows *bb_long_rows_best(void);

#endif
