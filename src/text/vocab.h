/* text/vocab.h: tokens and their ids, both ways. */
#ifndef BB_TEXT_VOCAB_H
#define BB_TEXT_VOCAB_H

#include "text/buffer.h"

#include <bombus/error.h>
#include <stdbool.h>

/* Ids lie in one table, so a file cannot ask for a table far larger than itself. */
enum { BB_VOCAB_ID_LIMIT = 1 << 24 };

typedef struct bb_vocab_entry {
    size_t offset; /* into bytes */
    uint32_t length;
    uint32_t hash;
    int32_t id;
} bb_vocab_entry;

typedef struct bb_vocab_slot {
    uint32_t hash;
    int32_t entry; /* index + 1, 0 for none */
} bb_vocab_slot;

/* Begin with a zeroed struct: add every token, seal, then find. */
typedef struct bb_vocab {
    bb_buffer bytes; /* the tokens, a NUL behind each */
    bb_vocab_entry *entries;
    size_t count, capacity;
    bb_vocab_slot *slots; /* open addressing, a power of two */
    size_t mask;
    int32_t *by_id; /* [limit] entry, or -1 */
    int32_t limit;  /* one past the largest id */
} bb_vocab;

bool bb_vocab_add(bb_vocab *vocab, const char *text, size_t bytes, int32_t id);
/* BOMBUS_EFORMAT where a token or an id is there twice. name names the document. */
bombus_status bb_vocab_seal(bb_vocab *vocab, const char *name, bombus_error *err);
void bb_vocab_free(bb_vocab *vocab);

uint32_t bb_vocab_hash(const char *text, size_t bytes);
/* The id of a token whose hash is known, or -1. */
int32_t bb_vocab_find_hashed(const bb_vocab *vocab, const char *text, size_t bytes, uint32_t hash);
int32_t bb_vocab_find(const bb_vocab *vocab, const char *text, size_t bytes);
/* Brings the slot of a hash into the cache. */
static inline void bb_vocab_prefetch(const bb_vocab *vocab, uint32_t hash)
{
    __builtin_prefetch(&vocab->slots[hash & vocab->mask]);
}

/* NULL where the id names no token. Ends in NUL. */
const char *bb_vocab_text(const bb_vocab *vocab, int32_t id, size_t *bytes);

#endif
