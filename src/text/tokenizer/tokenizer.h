/* text/tokenizer/tokenizer.h: what a tokenizer is made of. */
#ifndef BB_TEXT_TOKENIZER_TOKENIZER_H
#define BB_TEXT_TOKENIZER_TOKENIZER_H

#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/bpe.h"
#include "text/tokenizer/decoder.h"
#include "text/tokenizer/postprocessor.h"
#include "text/tokenizer/pretokenizer.h"

#include <bombus/tokenizer.h>
#include <stdatomic.h>

/* truncation and padding, for one text. */
typedef struct bb_limits {
    bool truncate, truncate_left, only_second;
    size_t most, stride;
    bool pad, pad_left, pad_fixed;
    size_t pad_to;       /* where pad_fixed */
    size_t pad_multiple; /* 0 for none */
    int32_t pad_id;
} bb_limits;

struct bombus_tokenizer {
    atomic_int references;
    char *file; /* for messages */
    bb_bpe bpe;
    bb_normalizers normalizers;
    bb_pretokenizers pretokenizers;
    bb_added_tokens added;
    bb_postprocessors postprocessors;
    bb_decoders decoders;
    bb_limits limits;
    int32_t bos, eos;
    size_t longest;       /* bytes of the longest token */
    uint64_t fingerprint; /* of the tokenizer.json */
};

/* A tokenizer.json in memory; file stands in messages. */
bombus_status bb_tokenizer_parse(bombus_tokenizer **out, const char *text, size_t bytes, const char *file, bombus_error *err);

/* What decoding makes of an id before the decoder: its text, or NULL where the id names no token. */
const char *bb_tokenizer_text(const bombus_tokenizer *tokenizer, int32_t id, size_t *bytes, bool *skipped);

#endif
