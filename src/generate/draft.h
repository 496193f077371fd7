/* generate/draft.h: guesses at the tokens that come next. */
#ifndef BB_GENERATE_DRAFT_H
#define BB_GENERATE_DRAFT_H

#include "model/model.h"

#include <stdint.h>

enum {
    BB_MAX_DRAFT = BB_LOGIT_ROWS - 1
}; /* tokens guessed at once: they and the one before them are as many logits as are made together */

/* A draft model's logits [own] as a row of the model's [vocabulary]: heads have as many rows as their makers liked, and the tokens that
 * only one of them has are never guessed. */
void bb_draft_row(float *row, int vocabulary, const float *logits, int own);

/* What came the last time that the tokens [count] had ended as they end now, for as long a while as can be found: up to most tokens into
 * draft. Returns how many. */
int bb_lookup_draft(const int32_t *tokens, int count, int most, int32_t *draft);

/* How far to guess: a token that is guessed wrong costs a row of a step, so it goes by how the last guesses did. */
typedef struct bb_pace {
    int most; /* 0: no guesses are wanted */
    int next;
} bb_pace;

bb_pace bb_pace_begin(int most);
/* Of so many guessed tokens the first so many were right. */
void bb_pace_learn(bb_pace *pace, int guessed, int right);

#endif
