/* Tokens and their ids.
 *
 * All strings lie in one block and all entries in one array, so that 150,000 tokens cost a handful of allocations. The hash table is made
 * when the number of tokens is known. */
#include "text/vocab.h"

#include "base/error.h"

uint32_t bb_vocab_hash(const char *text, size_t bytes)
{
    const uint64_t multiplier = 0x9e3779b97f4a7c15u;
    uint64_t hash = bytes * multiplier, word;

    for (; bytes >= 8; text += 8, bytes -= 8) {
        memcpy(&word, text, 8);
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    }
    if (bytes) {
        word = 0;
        memcpy(&word, text, bytes);
        hash = (hash ^ word) * multiplier;
    }
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(hash >> 32);
}

bool bb_vocab_add(bb_vocab *vocab, const char *text, size_t bytes, int32_t id)
{
    if (bytes > UINT32_MAX || !bb_grow(&vocab->entries, &vocab->capacity, vocab->count + 1, sizeof *vocab->entries))
        return false;
    if (!bb_buffer_reserve(&vocab->bytes, bytes + 1))
        return false;
    vocab->entries[vocab->count++] = (bb_vocab_entry){vocab->bytes.size, (uint32_t)bytes, bb_vocab_hash(text, bytes), id};
    if (id >= vocab->limit)
        vocab->limit = id + 1;
    return bb_buffer_append(&vocab->bytes, text, bytes) && bb_buffer_append(&vocab->bytes, "", 1);
}

static bool same(const bb_vocab *vocab, const bb_vocab_entry *entry, const char *text, size_t bytes)
{
    return entry->length == bytes && memcmp(vocab->bytes.data + entry->offset, text, bytes) == 0;
}

static const bb_vocab_entry *find_entry(const bb_vocab *vocab, const char *text, size_t bytes, uint32_t hash, size_t *slot)
{
    size_t at = hash & vocab->mask;

    for (; vocab->slots[at].entry; at = (at + 1) & vocab->mask) {
        const bb_vocab_entry *entry = &vocab->entries[vocab->slots[at].entry - 1];
        if (vocab->slots[at].hash == hash && same(vocab, entry, text, bytes)) {
            *slot = at;
            return entry;
        }
    }
    *slot = at;
    return NULL;
}

bombus_status bb_vocab_seal(bb_vocab *vocab, const char *name, bombus_error *err)
{
    size_t size = 16;

    while (size < vocab->count + vocab->count / 2)
        size *= 2;
    vocab->slots = bb_alloc_zero(size, sizeof *vocab->slots);
    vocab->by_id = bb_alloc((size_t)vocab->limit * sizeof *vocab->by_id);
    if (!vocab->slots || !vocab->by_id)
        return bb_fail_memory(err, size * sizeof *vocab->slots);
    vocab->mask = size - 1;
    memset(vocab->by_id, 0xff, (size_t)vocab->limit * sizeof *vocab->by_id);

    for (size_t i = 0; i < vocab->count; i++) {
        const bb_vocab_entry *entry = &vocab->entries[i];
        const char *text = vocab->bytes.data + entry->offset;
        size_t slot;
        if (i + 8 < vocab->count)
            bb_vocab_prefetch(vocab, entry[8].hash);
        if (find_entry(vocab, text, entry->length, entry->hash, &slot))
            return bb_fail(err, BOMBUS_EFORMAT, "%s: model.vocab: duplicate key \"%.200s\"", name, text);
        if (vocab->by_id[entry->id] >= 0)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: model.vocab: \"%.100s\" and \"%.100s\" have the same id %d", name,
                           vocab->bytes.data + vocab->entries[vocab->by_id[entry->id]].offset, text, (int)entry->id);
        vocab->slots[slot] = (bb_vocab_slot){entry->hash, (int32_t)(i + 1)};
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
    size_t slot;
    const bb_vocab_entry *entry = find_entry(vocab, text, bytes, hash, &slot);
    return entry ? entry->id : -1;
}

int32_t bb_vocab_find(const bb_vocab *vocab, const char *text, size_t bytes)
{
    return bb_vocab_find_hashed(vocab, text, bytes, bb_vocab_hash(text, bytes));
}

const char *bb_vocab_text(const bb_vocab *vocab, int32_t id, size_t *bytes)
{
    if (id < 0 || id >= vocab->limit || vocab->by_id[id] < 0)
        return NULL;
    const bb_vocab_entry *entry = &vocab->entries[vocab->by_id[id]];
    *bytes = entry->length;
    return vocab->bytes.data + entry->offset;
}
