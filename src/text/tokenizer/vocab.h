/* text/tokenizer/vocab.h: tokens and their ids, both ways. */
#ifndef BB_TEXT_TOKENIZER_VOCAB_H
#define BB_TEXT_TOKENIZER_VOCAB_H

#include "base/hash.h"
#include "text/buffer.h"

#include <bombus/error.h>
#include <stdbool.h>

/* Ids lie in one table, so a file cannot ask for a table far larger than itself. */
enum { BB_VOCAB_ID_LIMIT = 1 << 24 };

/* A token: its bytes lie at offset. */
typedef struct bb_vocab_entry {
    uint32_t hash;
    int32_t id;
    uint32_t offset, length;
} bb_vocab_entry;

/* Begin with bb_vocab_begin: add every token, seal, then find. */
typedef struct bb_vocab {
    bb_hash_key key;
    bb_buffer bytes; /* the tokens, a NUL behind each */
    bb_vocab_entry *entries;
    size_t count, capacity;
    bb_vocab_entry *slots; /* open addressing, a power of two; offset is UINT32_MAX in an empty one */
    size_t mask;
    int32_t *by_id; /* [limit] entry, or -1 */
    int32_t limit;  /* one past the largest id */
} bb_vocab;

void bb_vocab_begin(bb_vocab *vocab);
bool bb_vocab_add(bb_vocab *vocab, const char *text, size_t bytes, int32_t id);
/* BOMBUS_EFORMAT where a token or an id is there twice. name names the document. */
bombus_status bb_vocab_seal(bb_vocab *vocab, const char *name, bombus_error *err);
void bb_vocab_free(bb_vocab *vocab);

/* Cheaper than bb_hash, which would take a fifth of the time a large file may take to load, and keyed like it. */
uint32_t bb_vocab_hash(const bb_vocab *vocab, const char *text, size_t bytes);
/* The id of a token whose hash is known, or -1. */
int32_t bb_vocab_find_hashed(const bb_vocab *vocab, const char *text, size_t bytes, uint32_t hash);
int32_t bb_vocab_find(const bb_vocab *vocab, const char *text, size_t bytes);
/* Two steps that bring into the cache what finding a hash needs; between them the memory has time to answer. */
static inline void bb_vocab_prefetch_slot(const bb_vocab *vocab, uint32_t hash)
{
    __builtin_prefetch(&vocab->slots[hash & vocab->mask]);
}
static inline void bb_vocab_prefetch_text(const bb_vocab *vocab, uint32_t hash)
{
    const bb_vocab_entry *slot = &vocab->slots[hash & vocab->mask];
    if (slot->hash == hash && slot->offset != UINT32_MAX)
        __builtin_prefetch(vocab->bytes.data + slot->offset);
}

/* NULL where the id names no token. Ends in NUL. */
const char *bb_vocab_text(const bb_vocab *vocab, int32_t id, size_t *bytes);

#endif
