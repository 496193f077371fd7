/* text/tokenizer/bpe.h: the model: from a piece of text to ids by merging pairs. */
#ifndef BB_TEXT_TOKENIZER_BPE_H
#define BB_TEXT_TOKENIZER_BPE_H

#include "base/json.h"
#include "text/tokenizer/vocab.h"

#include <bombus/tokenizer.h>

enum { BB_BPE_DIRECT = 1024 }; /* characters whose id is looked up in a plain table */

typedef struct bb_bpe_merge {
    uint32_t left, right; /* the pair; left is UINT32_MAX in an empty slot */
    uint32_t rank;        /* lower merges first */
    uint32_t id;          /* of the pair joined */
} bb_bpe_merge;

/* A merge as the file spells it. */
typedef struct bb_bpe_spelling {
    size_t offset; /* into spellings: the left token, the right behind it */
    uint32_t left, right;
} bb_bpe_spelling;

/* Begins with bb_bpe_begin. While the file is read, vocabulary and merges come in any order (bb_bpe_take_*); bb_bpe_load then reads the
 * other fields and makes the tables. */
typedef struct bb_bpe {
    bb_vocab vocab;
    bb_buffer spellings;
    bb_bpe_spelling *merges_read;
    size_t merge_count, merge_capacity;
    bool pairs, strings; /* how the file spells its merges */

    bb_bpe_merge *merges; /* open addressing, a power of two */
    size_t mask;
    int32_t direct[BB_BPE_DIRECT]; /* id of a character, or -1 */
    int32_t byte_ids[256];         /* of "<0x00>" and so on, or -1 */
    bb_buffer prefix, suffix;      /* continuing_subword_prefix, end_of_word_suffix */
    char *unknown;                 /* unk_token as spelled, or NULL */
    int32_t unknown_id;            /* -1 where the vocabulary lacks it */
    bool fuse_unknown;
    bool byte_fallback;
    bool ignore_merges;
    const char *file; /* for messages, borrowed */
} bb_bpe;

/* The slot at which the search for a pair begins. */
static inline size_t bb_bpe_hash(const bb_bpe *bpe, uint32_t left, uint32_t right)
{
    const uint64_t pair = (uint64_t)left << 32 | right;
    return (size_t)(((pair ^ bpe->vocab.key.low) * (bpe->vocab.key.high | 1)) >> 32) & bpe->mask;
}

void bb_bpe_begin(bb_bpe *bpe);
/* Sinks for model.vocab and model.merges (see bb_json_sink). */
bombus_status bb_bpe_take_token(void *bpe, const char *key, size_t key_bytes, const bb_json *value, const char **complaint);
bombus_status bb_bpe_take_merge(void *bpe, const char *key, size_t key_bytes, const bb_json *value, const char **complaint);
bombus_status bb_bpe_load(bb_bpe *bpe, const bb_json *model, const char *file, bombus_error *err);
void bb_bpe_free(bb_bpe *bpe);

/* What encoding a piece needs besides the model; grows as needed and serves many pieces. Begin with a zeroed struct. */
typedef struct bb_bpe_scratch {
    int32_t *ids; /* of the symbols; -1 where one was merged into its left neighbour */
    uint32_t *previous, *next;
    size_t capacity, previous_capacity, next_capacity;
    uint64_t *heap; /* rank << 32 | position of the left symbol */
    size_t heap_count, heap_capacity;
    bb_buffer spelling;
} bb_bpe_scratch;

void bb_bpe_scratch_free(bb_bpe_scratch *scratch);

/* Appends the ids of a piece of well-formed text. BOMBUS_EFORMAT where it needs an unk_token that is not in the vocabulary,
 * BOMBUS_ENOMEM. */
bombus_status bb_bpe_encode(const bb_bpe *bpe, bb_bpe_scratch *scratch, const char *text, size_t bytes, bombus_ids *ids, bombus_error *err);

#endif
