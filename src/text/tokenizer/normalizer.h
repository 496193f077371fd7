/* text/tokenizer/normalizer.h: what happens to text before it is divided. */
#ifndef BB_TEXT_TOKENIZER_NORMALIZER_H
#define BB_TEXT_TOKENIZER_NORMALIZER_H

#include "text/tokenizer/component.h"

/* A stretch of text on its way to the model.
 *
 * lead is how many of its first bytes came from the very first character of the caller's text, for Metaspace, which may mark only that. */
typedef struct bb_piece {
    const char *text;
    size_t bytes;
    size_t lead;
} bb_piece;

bb_piece bb_piece_part(bb_piece piece, size_t start, size_t end);

typedef struct bb_normalizer bb_normalizer; /* one step */

typedef struct bb_normalizers {
    bb_normalizer *steps;
    size_t count, capacity;
} bb_normalizers;

/* json may be NULL or null. bb_normalizers_free is needed in any case. */
bombus_status bb_normalizers_load(bb_normalizers *out, const bb_json *json, const char *file, bombus_error *err);
void bb_normalizers_free(bb_normalizers *normalizers);

/* Begin with a zeroed struct. */
typedef struct bb_normalize_scratch {
    bb_buffer buffers[2];
    bb_pattern_search searches[BB_STEPS];
} bb_normalize_scratch;

/* *piece becomes its normal form, in scratch or where it was. */
bombus_status bb_normalize(const bb_normalizers *normalizers, bb_normalize_scratch *scratch, bb_piece *piece, bombus_error *err);
void bb_normalize_scratch_free(bb_normalize_scratch *scratch);

#endif
