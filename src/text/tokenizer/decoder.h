/* text/tokenizer/decoder.h: from tokens back to text, one token at a time. */
#ifndef BB_TEXT_TOKENIZER_DECODER_H
#define BB_TEXT_TOKENIZER_DECODER_H

#include "base/utf8.h"
#include "text/tokenizer/component.h"

typedef struct bb_decoder bb_decoder; /* one step */

typedef struct bb_decoders {
    bb_decoder *steps;
    size_t count, capacity;
} bb_decoders;

/* json may be NULL or null: then tokens are joined by spaces. bb_decoders_free is needed in any case. */
bombus_status bb_decoders_load(bb_decoders *out, const bb_json *json, const char *file, bombus_error *err);
void bb_decoders_free(bb_decoders *decoders);

/* What a step remembers between tokens. */
typedef struct bb_decoder_state {
    bb_buffer held;           /* bytes, or the token before, or a token that comes in parts */
    bb_buffer spare;          /* CTC's, between its two replacements */
    bb_buffer made;           /* what the step makes of a token */
    size_t count;             /* tokens seen; for Strip, characters cut at the beginning */
    size_t waiting;           /* for Strip, characters that are cut if the text ends here */
    bool begun, broken;       /* a token is held, or has begun; ByteFallback's run is not UTF-8 */
    bb_utf8_stream character; /* of ByteLevel, or of ByteFallback's run */
    bb_pattern_search search;
} bb_decoder_state;

/* A text in the making. What is certain is in out; the caller takes it and sets its size to 0. */
typedef struct bb_decoding {
    const bb_decoders *decoders;
    bb_decoder_state states[BB_STEPS];
    bb_buffer out;
    bombus_error *err;
    bombus_status status;
} bb_decoding;

/* reserve: room for what one token makes, in bytes, so that feeding allocates nothing later. bb_decoding_free is needed in any case. */
bombus_status bb_decoding_begin(bb_decoding *decoding, const bb_decoders *decoders, size_t reserve, bombus_error *err);
bombus_status bb_decoding_feed(bb_decoding *decoding, const char *token, size_t bytes, bombus_error *err);
/* The end of the text: what is held back becomes certain. */
bombus_status bb_decoding_finish(bb_decoding *decoding, bombus_error *err);
void bb_decoding_reset(bb_decoding *decoding);
void bb_decoding_free(bb_decoding *decoding);

#endif
