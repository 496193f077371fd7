/* text/tokenizer/postprocessor.h: special tokens around the ids of a text. */
#ifndef BB_TEXT_TOKENIZER_POSTPROCESSOR_H
#define BB_TEXT_TOKENIZER_POSTPROCESSOR_H

#include "text/tokenizer/added_tokens.h"

#include <bombus/tokenizer.h>

typedef struct bb_postprocessor bb_postprocessor; /* one step */

typedef struct bb_postprocessors {
    bb_postprocessor *steps;
    size_t count, capacity;
    size_t added; /* ids they put around a text */
} bb_postprocessors;

/* json may be NULL or null. bb_postprocessors_free is needed in any case. */
bombus_status bb_postprocessors_load(bb_postprocessors *out, const bb_json *json, const bb_vocab *vocab, const bb_added_tokens *added,
                                     const char *file, bombus_error *err);
void bb_postprocessors_free(bb_postprocessors *processors);

/* Appends ids, with special tokens around them where special is true, to out. */
bombus_status bb_postprocess(const bb_postprocessors *processors, const int32_t *ids, size_t count, bool special, bombus_ids *out,
                             bombus_error *err);

#endif
