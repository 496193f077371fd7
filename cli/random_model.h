/* random_model.h: a model with random weights for the length of one task, and the options that describe it. */
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H

#include "options.h"

typedef struct random_choice {
    const char *shape; /* NULL: none is asked for */
    int mode;          /* index of affine, mxfp4, mxfp8, nvfp4, dense */
    int bits, group_size;
    int dtype; /* index of bf16, f16, f32 */
    bool mode_given, bits_given, group_size_given, dtype_given;
} random_choice;

/* Rows of a table of options. */
option random_option(random_choice *choice);
option mode_option(random_choice *choice);
option bits_option(random_choice *choice);
option group_size_option(random_choice *choice);
option dtype_option(random_choice *choice);

/* Is the shape known, and is there one for the other options? Returns -1, or the exit status after a complaint. */
int check_random(const command *self, const random_choice *choice);

/* Runs work with such a model in a temporary directory, which is removed whatever becomes of work: a process of its own does it. Returns
 * its exit status. */
int with_random_model(const random_choice *choice, int (*work)(void *context, const char *directory), void *context);

#endif
