/* Byte pair encoding of one piece.
 *
 * Of all neighbouring pairs that have a merge, the one of lowest rank is merged first, the leftmost of equals. Short pieces, nearly all,
 * are searched from end to end for it; long ones keep pairs in a heap, so that a piece of ten million symbols takes n log n. Entries of
 * the heap are not removed when a neighbour changes: a popped entry counts only if the pair at its place still has its rank, and no two
 * pairs share a rank. */
#include "text/tokenizer/bpe.h"

#include "base/error.h"
#include "base/utf8.h"

enum { SHORT = 48, NONE = 0xffffffff };

static const bb_bpe_merge *find_merge(const bb_bpe *bpe, int32_t left, int32_t right)
{
    for (size_t at = bb_bpe_hash(bpe, (uint32_t)left, (uint32_t)right);; at = (at + 1) & bpe->mask) {
        const bb_bpe_merge *merge = &bpe->merges[at];
        if (merge->left == (uint32_t)left && merge->right == (uint32_t)right)
            return merge;
        if (merge->left == UINT32_MAX)
            return NULL;
    }
}

void bb_bpe_scratch_free(bb_bpe_scratch *scratch)
{
    bb_free(scratch->ids);
    bb_free(scratch->previous);
    bb_free(scratch->next);
    bb_free(scratch->heap);
    bb_buffer_free(&scratch->spelling);
    *scratch = (bb_bpe_scratch){0};
}

/* ---- symbols ---- */

/* The spelling under which the vocabulary has a character: with the prefix unless it is the piece's first, with the suffix if it is the
 * last. */
static bool spell(const bb_bpe *bpe, bb_buffer *out, const char *text, size_t length, bool first, bool last)
{
    out->size = 0;
    return (first || bb_buffer_append(out, bpe->prefix.data, bpe->prefix.size)) && bb_buffer_append(out, text, length) &&
           (!last || bb_buffer_append(out, bpe->suffix.data, bpe->suffix.size));
}

/* The ids of the bytes of a character that the vocabulary lacks. false where one of them is lacking too. */
static bool fall_back(const bb_bpe *bpe, const char *text, size_t length, int32_t *out)
{
    for (size_t i = 0; i < length; i++) {
        out[i] = bpe->byte_ids[(unsigned char)text[i]];
        if (out[i] < 0)
            return false;
    }
    return true;
}

/* Symbols of a piece in scratch->ids; at most one a byte, and one for each byte of prefix and suffix. */
static bombus_status read_symbols(const bb_bpe *bpe, bb_bpe_scratch *s, const char *text, size_t bytes, size_t *count, bombus_error *err)
{
    const bool decorated = bpe->prefix.size || bpe->suffix.size;
    bool unknown = false; /* an unk_token waits: bytes that fall back meanwhile come before it, as in the library */
    size_t n = 0;

    if (!bb_grow(&s->ids, &s->capacity, bytes + 1, sizeof *s->ids))
        return bb_fail_memory(err, bytes * sizeof *s->ids);
    for (size_t i = 0; i < bytes;) {
        uint32_t c;
        const char *symbol = text + i;
        size_t length = bb_utf8_decode(symbol, &c);
        const bool first = i == 0;
        int32_t id;

        i += length;
        if (decorated && (!first || i == bytes)) {
            if (!spell(bpe, &s->spelling, symbol, length, first, i == bytes))
                return bb_fail_memory(err, length);
            symbol = s->spelling.data;
            length = s->spelling.size;
            id = bb_vocab_find(&bpe->vocab, symbol, length);
            if (id < 0 && bpe->byte_fallback && !bb_grow(&s->ids, &s->capacity, n + length + (bytes - i) + 1, sizeof *s->ids))
                return bb_fail_memory(err, bytes * sizeof *s->ids);
        } else {
            id = c < BB_BPE_DIRECT ? bpe->direct[c] : bb_vocab_find(&bpe->vocab, symbol, length);
        }
        if (id >= 0) {
            if (unknown)
                s->ids[n++] = bpe->unknown_id;
            unknown = false;
            s->ids[n++] = id;
        } else if (bpe->byte_fallback && fall_back(bpe, symbol, length, s->ids + n)) {
            n += length;
        } else if (bpe->unknown) {
            if (bpe->unknown_id < 0)
                return bb_fail(err, BOMBUS_EFORMAT, "%s: model.unk_token: \"%.100s\" is not in the vocabulary, but the text needs it",
                               bpe->file, bpe->unknown);
            if (unknown && !bpe->fuse_unknown)
                s->ids[n++] = bpe->unknown_id;
            unknown = true;
        }
    }
    if (unknown)
        s->ids[n++] = bpe->unknown_id;
    *count = n;
    return BOMBUS_OK;
}

/* ---- merging ---- */

static size_t merge_short(const bb_bpe *bpe, int32_t *ids, size_t count)
{
    const bb_bpe_merge *merges[SHORT]; /* of the symbol and the one behind it */

    for (size_t i = 0; i + 1 < count; i++)
        merges[i] = find_merge(bpe, ids[i], ids[i + 1]);
    while (count > 1) {
        size_t best = count;
        uint32_t rank = UINT32_MAX;
        for (size_t i = 0; i + 1 < count; i++) {
            if (merges[i] && merges[i]->rank < rank) {
                rank = merges[i]->rank;
                best = i;
            }
        }
        if (best == count)
            break;
        ids[best] = (int32_t)merges[best]->id;
        count--;
        memmove(ids + best + 1, ids + best + 2, (count - best - 1) * sizeof *ids);
        if (best + 1 < count) {
            memmove(merges + best + 1, merges + best + 2, (count - best - 2) * sizeof *merges);
            merges[best] = find_merge(bpe, ids[best], ids[best + 1]);
        }
        if (best > 0)
            merges[best - 1] = find_merge(bpe, ids[best - 1], ids[best]);
    }
    return count;
}

/* Four children a node: half the levels of a binary heap, and the children of one node share a cache line. */
static void sift_down(uint64_t *heap, size_t count, size_t at)
{
    const uint64_t moved = heap[at];

    for (;;) {
        size_t child = 4 * at + 1;
        if (child >= count)
            break;
        size_t least = child;
        size_t end = child + 4 < count ? child + 4 : count;
        for (size_t i = child + 1; i < end; i++)
            if (heap[i] < heap[least])
                least = i;
        if (heap[least] >= moved)
            break;
        heap[at] = heap[least];
        at = least;
    }
    heap[at] = moved;
}

static bool heap_push(bb_bpe_scratch *s, uint64_t key)
{
    if (!bb_grow(&s->heap, &s->heap_capacity, s->heap_count + 1, sizeof *s->heap))
        return false;
    size_t at = s->heap_count++;
    while (at > 0 && s->heap[(at - 1) / 4] > key) {
        s->heap[at] = s->heap[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    s->heap[at] = key;
    return true;
}

static uint64_t heap_pop(bb_bpe_scratch *s)
{
    const uint64_t top = s->heap[0];

    s->heap[0] = s->heap[--s->heap_count];
    if (s->heap_count)
        sift_down(s->heap, s->heap_count, 0);
    return top;
}

static bool push_pair(const bb_bpe *bpe, bb_bpe_scratch *s, uint32_t left)
{
    const bb_bpe_merge *merge = find_merge(bpe, s->ids[left], s->ids[s->next[left]]);
    return !merge || heap_push(s, (uint64_t)merge->rank << 32 | left);
}

static bool heap_fill(const bb_bpe *bpe, bb_bpe_scratch *s, size_t count)
{
    if (!bb_grow(&s->heap, &s->heap_capacity, count, sizeof *s->heap))
        return false;
    s->heap_count = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        const bb_bpe_merge *merge = find_merge(bpe, s->ids[i], s->ids[i + 1]);
        if (merge)
            s->heap[s->heap_count++] = (uint64_t)merge->rank << 32 | i;
    }
    for (size_t i = s->heap_count / 4 + 1; i-- > 0;)
        if (i < s->heap_count)
            sift_down(s->heap, s->heap_count, i);
    return true;
}

static bool merge_long(const bb_bpe *bpe, bb_bpe_scratch *s, size_t *count)
{
    const size_t n = *count;

    if (!bb_grow(&s->previous, &s->previous_capacity, n, sizeof *s->previous) || !bb_grow(&s->next, &s->next_capacity, n, sizeof *s->next))
        return false;
    for (size_t i = 0; i < n; i++) {
        s->previous[i] = i ? (uint32_t)(i - 1) : NONE;
        s->next[i] = i + 1 < n ? (uint32_t)(i + 1) : NONE;
    }
    if (!heap_fill(bpe, s, n))
        return false;

    while (s->heap_count) {
        const uint64_t top = heap_pop(s);
        const uint32_t left = (uint32_t)top, right = s->next[left];
        if (s->ids[left] < 0 || right == NONE)
            continue;
        const bb_bpe_merge *merge = find_merge(bpe, s->ids[left], s->ids[right]);
        if (!merge || merge->rank != top >> 32)
            continue;

        s->ids[left] = (int32_t)merge->id;
        s->ids[right] = -1;
        s->next[left] = s->next[right];
        if (s->next[left] != NONE) {
            s->previous[s->next[left]] = left;
            if (!push_pair(bpe, s, left))
                return false;
        }
        if (s->previous[left] != NONE && !push_pair(bpe, s, s->previous[left]))
            return false;
    }

    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (s->ids[i] >= 0)
            s->ids[kept++] = s->ids[i];
    *count = kept;
    return true;
}

bombus_status bb_bpe_encode(const bb_bpe *bpe, bb_bpe_scratch *s, const char *text, size_t bytes, bombus_ids *ids, bombus_error *err)
{
    size_t count = 0;

    if (bytes == 0)
        return BOMBUS_OK;
    if (bytes >= NONE)
        return bb_fail(err, BOMBUS_ELIMIT, "text: a piece of %zu bytes, expected fewer than 4 GiB", bytes);
    if (bpe->ignore_merges) {
        int32_t id = bb_vocab_find(&bpe->vocab, text, bytes);
        if (id >= 0) {
            if (!bb_grow(&ids->ids, &ids->capacity, ids->count + 1, sizeof *ids->ids))
                return bb_fail_memory(err, sizeof *ids->ids);
            ids->ids[ids->count++] = id;
            return BOMBUS_OK;
        }
    }

    bombus_status status = read_symbols(bpe, s, text, bytes, &count, err);
    if (status != BOMBUS_OK)
        return status;
    if (count > SHORT) {
        if (!merge_long(bpe, s, &count))
            return bb_fail_memory(err, count * sizeof *s->heap);
    } else {
        count = merge_short(bpe, s->ids, count);
    }
    if (!bb_grow(&ids->ids, &ids->capacity, ids->count + count, sizeof *ids->ids))
        return bb_fail_memory(err, count * sizeof *ids->ids);
    if (count)
        memcpy(ids->ids + ids->count, s->ids, count * sizeof *ids->ids);
    ids->count += count;
    return BOMBUS_OK;
}
