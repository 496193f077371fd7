/* Tokens and their ids.
 *
 * All strings lie in one block and all entries in one array, so that 150,000 tokens cost a handful of allocations. The hash table is made
 * when the number of tokens is known; a slot has all of an entry, so that a look-up misses the cache twice and no more. */
#include "text/tokenizer/vocab.h"

#include "base/error.h"

void bb_vocab_begin(bb_vocab *vocab)
{
    *vocab = (bb_vocab){.key = bb_hash_key_random()};
}

/* Fewer than eight bytes as one number. Bytes are read twice where that spares a loop. */
static uint64_t read_tail(const char *text, size_t bytes)
{
    uint32_t first, last;

    if (bytes >= 4) {
        memcpy(&first, text, 4);
        memcpy(&last, text + bytes - 4, 4);
        return (uint64_t)first << 32 | last;
    }
    if (bytes == 0)
        return 0;
    return (uint64_t)(unsigned char)text[0] << 16 | (uint64_t)(unsigned char)text[bytes / 2] << 8 | (unsigned char)text[bytes - 1];
}

uint32_t bb_vocab_hash(const bb_vocab *vocab, const char *text, size_t bytes)
{
    const uint64_t multiplier = vocab->key.high | 1;
    uint64_t hash = vocab->key.low + bytes, word;

    for (; bytes >= 8; text += 8, bytes -= 8) {
        memcpy(&word, text, 8);
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    }
    hash = (hash ^ read_tail(text, bytes)) * multiplier;
    hash ^= hash >> 32;
    hash *= multiplier;
    return (uint32_t)(hash >> 32);
}

bool bb_vocab_add(bb_vocab *vocab, const char *text, size_t bytes, int32_t id)
{
    if (bytes >= UINT32_MAX - vocab->bytes.size || !bb_grow(&vocab->entries, &vocab->capacity, vocab->count + 1, sizeof *vocab->entries) ||
        !bb_buffer_reserve(&vocab->bytes, bytes + 1))
        return false;
    vocab->entries[vocab->count++] = (bb_vocab_entry){bb_vocab_hash(vocab, text, bytes), id, (uint32_t)vocab->bytes.size, (uint32_t)bytes};
    if (id >= vocab->limit)
        vocab->limit = id + 1;
    return bb_buffer_append(&vocab->bytes, text, bytes) && bb_buffer_append(&vocab->bytes, "", 1);
}

/* The slot of a token, or the empty one where it would be. */
static bb_vocab_entry *find_slot(const bb_vocab *vocab, const char *text, size_t bytes, uint32_t hash)
{
    for (size_t at = hash & vocab->mask;; at = (at + 1) & vocab->mask) {
        bb_vocab_entry *slot = &vocab->slots[at];
        if (slot->offset == UINT32_MAX ||
            (slot->hash == hash && slot->length == bytes && memcmp(vocab->bytes.data + slot->offset, text, bytes) == 0))
            return slot;
    }
}

bombus_status bb_vocab_seal(bb_vocab *vocab, const char *name, bombus_error *err)
{
    size_t size = 16;

    while (size < vocab->count + vocab->count / 2)
        size *= 2;
    vocab->slots = bb_alloc_table(size * sizeof *vocab->slots);
    vocab->by_id = bb_alloc((size_t)vocab->limit * sizeof *vocab->by_id);
    if (!vocab->slots || !vocab->by_id)
        return bb_fail_memory(err, size * sizeof *vocab->slots);
    vocab->mask = size - 1;
    memset(vocab->slots, 0xff, size * sizeof *vocab->slots);
    memset(vocab->by_id, 0xff, (size_t)vocab->limit * sizeof *vocab->by_id);

    for (size_t i = 0; i < vocab->count; i++) {
        const bb_vocab_entry *entry = &vocab->entries[i];
        const char *text = vocab->bytes.data + entry->offset;
        if (i + 8 < vocab->count)
            bb_vocab_prefetch_slot(vocab, entry[8].hash);
        bb_vocab_entry *slot = find_slot(vocab, text, entry->length, entry->hash);
        if (slot->offset != UINT32_MAX)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: model.vocab: duplicate key \"%.200s\"", name, text);
        if (vocab->by_id[entry->id] >= 0)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: model.vocab: \"%.100s\" and \"%.100s\" have the same id %d", name,
                           vocab->bytes.data + vocab->entries[vocab->by_id[entry->id]].offset, text, (int)entry->id);
        *slot = *entry;
        vocab->by_id[entry->id] = (int32_t)i;
    }
    return BOMBUS_OK;
}

void bb_vocab_free(bb_vocab *vocab)
{
    bb_buffer_free(&vocab->bytes);
    bb_free(vocab->entries);
    bb_free(vocab->slots);
    bb_free(vocab->by_id);
    *vocab = (bb_vocab){0};
}

int32_t bb_vocab_find_hashed(const bb_vocab *vocab, const char *text, size_t bytes, uint32_t hash)
{
    return find_slot(vocab, text, bytes, hash)->id; /* -1 in an empty slot */
}

int32_t bb_vocab_find(const bb_vocab *vocab, const char *text, size_t bytes)
{
    return bb_vocab_find_hashed(vocab, text, bytes, bb_vocab_hash(vocab, text, bytes));
}

const char *bb_vocab_text(const bb_vocab *vocab, int32_t id, size_t *bytes)
{
    if (id < 0 || id >= vocab->limit || vocab->by_id[id] < 0)
        return NULL;
    const bb_vocab_entry *entry = &vocab->entries[vocab->by_id[id]];
    *bytes = entry->length;
    return vocab->bytes.data + entry->offset;
}
