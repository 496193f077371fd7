/* generate/session.h: one timeline from the inside. */
#ifndef BB_GENERATE_SESSION_H
#define BB_GENERATE_SESSION_H

#include "adapter/adapter.h"
#include "generate/kv_pool.h"

#include <bombus/generate.h>
#include <bombus/safetensors.h>

struct bombus_session {
    bombus_model *model;
    bombus_tokenizer *tokenizer; /* may be NULL */
    bb_deltas *deltas;           /* what its adapters change; NULL: nothing */
    bombus_session *draft;       /* of the draft model, NULL where there is none: it follows when it is asked for a guess */
    int context, chunk;
    int position; /* tokens seen */
    bb_kv_pool pool;
    bb_workspace workspace; /* chunk rows */
    int32_t *blocks;        /* [ceil(context / BB_KV_BLOCK)] */
    int block_count;
    int32_t *tokens;                /* [context] the first position were seen; a step's rows are read where they stand */
    int32_t *positions, *sequences; /* [chunk] the rows of a step */
    float *logits;                  /* [V] of the last token fed */
};

/* Is there room for count more tokens, and is each in the vocabulary? what names them ("prompt") in messages. */
bombus_status bb_session_check(const bombus_session *session, const int32_t *ids, size_t count, const char *what, bombus_error *err);

/* Takes blocks until they hold all positions before position, which is at most the context. */
void bb_session_grow(bombus_session *session, int position);

/* bombus_session_restore from a file that is open; path stands in messages (prompt_file.c). */
bombus_status bb_session_restore(bombus_session *session, const bombus_safetensors *file, const char *path, bombus_error *err);

/* Feeds ids that bb_session_check has passed. all: F32 [count, V], or NULL: then only the last token's logits are made, in
 * session->logits. Allocates nothing. */
bombus_status bb_session_feed(bombus_session *session, const int32_t *ids, size_t count, float *all, bombus_error *err);

#endif
