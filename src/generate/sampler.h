/* generate/sampler.h: from a row of logits to one token. */
#ifndef BB_GENERATE_SAMPLER_H
#define BB_GENERATE_SAMPLER_H

#include <bombus/generate.h>

typedef struct bb_sampler bb_sampler;

/* One token, drawn. */
typedef struct bb_draw {
    int32_t id;
    float logprob;             /* after bias and penalties, before temperature and filters */
    const bombus_logprob *top; /* [top_count] most likely first, equal ones by id; borrowed until the next draw */
    size_t top_count;          /* top_logprobs of the request, or the vocabulary where that is smaller */
} bb_draw;

/* Checks the request with bb_request_check and copies what it needs. All memory is taken here. */
bombus_status bb_sampler_create(bb_sampler **out, int vocabulary, const bombus_request *request, bombus_error *err);
void bb_sampler_free(bb_sampler *sampler); /* NULL is fine */

/* Tells the penalties of a token of prompt or answer, in order. Drawn tokens too: a draw does not do it itself. */
void bb_sampler_see(bb_sampler *sampler, int32_t token);

/* Draws from logits [V], which are left as they are. position is the place of the drawn token in the sequence: the same seed and
 * position give the same random number. BOMBUS_EFORMAT where the logits hold NaN or +inf, or every token is banned by a bias of -inf. */
bombus_status bb_sampler_draw(bb_sampler *sampler, const float *logits, uint64_t position, bb_draw *out, bombus_error *err);

/* What a draw draws from: weights [V], not scaled to sum 1, 0 for what the filters removed; temperature 0 leaves one. Borrowed until the
 * next call. */
bombus_status bb_sampler_weights(bb_sampler *sampler, const float *logits, const float **weights, bombus_error *err);

/* A number in [0, 1), a function of seed and position alone. */
double bb_uniform(uint64_t seed, uint64_t position);

#endif
