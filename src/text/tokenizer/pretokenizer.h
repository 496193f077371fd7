/* text/tokenizer/pretokenizer.h: how text is divided into pieces, within which the model works. */
#ifndef BB_TEXT_TOKENIZER_PRETOKENIZER_H
#define BB_TEXT_TOKENIZER_PRETOKENIZER_H

#include "text/tokenizer/normalizer.h"

typedef struct bb_pretokenizer bb_pretokenizer; /* one step */

typedef struct bb_pretokenizers {
    bb_pretokenizer *steps;
    size_t count, capacity;
} bb_pretokenizers;

/* json may be NULL or null. bb_pretokenizers_free is needed in any case. */
bombus_status bb_pretokenizers_load(bb_pretokenizers *out, const bb_json *json, const char *file, bombus_error *err);
void bb_pretokenizers_free(bb_pretokenizers *pretokenizers);

/* Takes the pieces one by one, in order; a piece ends with the call. */
typedef bombus_status (*bb_piece_taker)(void *context, const char *text, size_t bytes, bombus_error *err);

/* Begin with a zeroed struct. */
typedef struct bb_pretokenize_scratch {
    bb_buffer buffers[BB_STEPS];
    bb_pattern_search searches[BB_STEPS];
} bb_pretokenize_scratch;

bombus_status bb_pretokenize(const bb_pretokenizers *pretokenizers, bb_pretokenize_scratch *scratch, bb_piece piece, bb_piece_taker take,
                             void *context, bombus_error *err);
void bb_pretokenize_scratch_free(bb_pretokenize_scratch *scratch);

#endif
