/* generate/speaker.h: one sequence's way from logits to text: what sessions and the serving engine share. */
#ifndef BB_GENERATE_SPEAKER_H
#define BB_GENERATE_SPEAKER_H

#include "generate/sampler.h"
#include "generate/stops.h"
#include "model/model.h"

#include <bombus/tokenizer.h>

typedef struct bb_speaker {
    const bombus_request *request; /* borrowed, as are all but the last three */
    const bb_config *config;
    bombus_tokenizer *tokenizer; /* NULL: tokens have no text */
    bombus_result *result;       /* filled as tokens are drawn */
    size_t limit;                /* tokens the result has room for */
    size_t token_bytes;          /* the most text that one token can give */
    size_t text_capacity;
    bb_sampler *sampler;
    bb_stops *stops;                 /* NULL where there is no tokenizer */
    bombus_detokenizer *detokenizer; /* likewise */
} bb_speaker;

/* BOMBUS_EINVAL for what no speaker can do: bb_request_check, and stop strings without a tokenizer. */
bombus_status bb_speaker_check(const bombus_request *request, const bb_config *config, const bombus_tokenizer *tokenizer,
                               bombus_error *err);

/* Takes all memory that an answer of at most max_tokens tokens, and at most limit, can need, for it and for *result. */
bombus_status bb_speaker_create(bb_speaker *speaker, const bb_config *config, bombus_tokenizer *tokenizer, const bombus_request *request,
                                size_t limit, bombus_result *result, bombus_error *err);
void bb_speaker_free(bb_speaker *speaker); /* a zeroed one is fine */

/* Tokens before the answer, in order: the penalties look back on them. */
void bb_speaker_see(bb_speaker *speaker, const int32_t *ids, size_t count);

/* Draws the token at a position of the sequence and adds it to the result. *token is what a callback is told. *done: result->finish says
 * why. Allocates nothing. */
bombus_status bb_speaker_next(bb_speaker *speaker, const float *logits, uint64_t position, bombus_token *token, bool *done,
                              bombus_error *err);

/* The token that this speaker would draw from logits [V] of another model: a guess, of which nothing is kept. -1 where there is none. */
int32_t bb_speaker_guess(bb_speaker *speaker, const float *logits, uint64_t position);

/* Tells the request's callback, which may allocate. false: it cancels. */
bool bb_speaker_tell(const bb_speaker *speaker, const bombus_token *token);

#endif
