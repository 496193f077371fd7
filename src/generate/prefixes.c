/* Shared prefixes: blocks of keys and values with a reference count, known by their tokens and by the block before them.
 *
 * A block's parent is named by an id that is never used again, so that a chain of equal ids is a chain of equal tokens from the first on,
 * and comparing one block's tokens is enough. Who holds a block holds all before it, and gives them back from the last to the first: so a
 * kept block never outlives its parent for long, and the one kept longest is one that no kept block follows.
 *
 * Owns: the pool, and a table entry a block. All memory is taken at creation.
 * Invariants: a block that is held is in no list; one that is kept is known, whole and in the list from oldest to newest; a free one is not
 * known. A known block that is whole is never written again.
 * Threads: the owner's thread only. */
#include "generate/prefixes.h"

#include "base/error.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

struct bb_prefix_node {
    uint64_t id;     /* 0: not known */
    uint64_t parent; /* of a known block, as the next three */
    int32_t tokens[BB_KV_BLOCK];
    int32_t next; /* in the bucket's chain, or -1 */
    bool whole;
    int references;
    int32_t older, newer; /* of a kept block, or -1 */
};

bombus_status bb_prefixes_create(bb_prefixes *p, const bombus_model *model, int blocks, bombus_dtype dtype, bool remember,
                                 bombus_error *err)
{
    *p = (bb_prefixes){.remember = remember, .bucket_count = 16, .key = bb_hash_key_random(), .oldest = -1, .newest = -1};
    while (p->bucket_count < (uint32_t)blocks)
        p->bucket_count *= 2;
    p->nodes = bb_alloc_zero((size_t)blocks, sizeof *p->nodes);
    p->buckets = bb_alloc(p->bucket_count * sizeof *p->buckets);
    if (!p->nodes || !p->buckets) {
        bb_prefixes_free(p);
        return bb_fail_memory(err, (size_t)blocks * sizeof *p->nodes);
    }
    memset(p->buckets, -1, p->bucket_count * sizeof *p->buckets);
    bombus_status status = bb_kv_pool_create(&p->pool, model, blocks, dtype, err);
    if (status != BOMBUS_OK)
        bb_prefixes_free(p);
    return status;
}

void bb_prefixes_free(bb_prefixes *p)
{
    bb_kv_pool_free(&p->pool);
    bb_free(p->nodes);
    bb_free(p->buckets);
    *p = (bb_prefixes){0};
}

/* ---- the table ---- */

static int32_t *bucket_of(const bb_prefixes *p, uint64_t parent, const int32_t *tokens)
{
    struct {
        uint64_t parent;
        int32_t tokens[BB_KV_BLOCK];
    } key = {.parent = parent};

    memcpy(key.tokens, tokens, sizeof key.tokens);
    return &p->buckets[bb_hash(&key, sizeof key, p->key) & (p->bucket_count - 1)];
}

int32_t bb_prefixes_find(const bb_prefixes *p, uint64_t parent, const int32_t *tokens)
{
    if (!p->remember)
        return -1;

    int32_t block = *bucket_of(p, parent, tokens);
    while (block >= 0 && (p->nodes[block].parent != parent || memcmp(p->nodes[block].tokens, tokens, sizeof p->nodes->tokens) != 0))
        block = p->nodes[block].next;
    return block;
}

void bb_prefixes_announce(bb_prefixes *p, int32_t block, uint64_t parent, const int32_t *tokens)
{
    bb_prefix_node *node = &p->nodes[block];

    assert(node->id == 0 && node->references > 0);
    if (!p->remember)
        return;
    int32_t *bucket = bucket_of(p, parent, tokens);
    node->id = ++p->serial;
    node->parent = parent;
    memcpy(node->tokens, tokens, sizeof node->tokens);
    node->whole = false;
    node->next = *bucket;
    *bucket = block;
}

static void retract(bb_prefixes *p, int32_t block)
{
    bb_prefix_node *node = &p->nodes[block];

    if (node->id == 0)
        return;
    int32_t *link = bucket_of(p, node->parent, node->tokens);
    while (*link != block)
        link = &p->nodes[*link].next;
    *link = node->next;
    node->id = 0;
    node->whole = false;
}

int32_t bb_prefixes_settle(bb_prefixes *p, int32_t block, uint64_t parent, const int32_t *tokens)
{
    if (!p->remember)
        return block;

    const int32_t known = bb_prefixes_find(p, parent, tokens);
    if (known >= 0 && known != block && p->nodes[known].whole) {
        bb_prefixes_hold(p, known);
        bb_prefixes_give(p, block);
        return known;
    }
    /* Another who is still at it finds this one when it is done. */
    if (known >= 0 && known != block)
        retract(p, known);
    if (known != block) {
        retract(p, block); /* announced behind another parent, in whose place an equal one has come */
        bb_prefixes_announce(p, block, parent, tokens);
    }
    p->nodes[block].whole = true;
    return block;
}

bool bb_prefixes_is_whole(const bb_prefixes *p, int32_t block)
{
    return p->nodes[block].whole;
}

bool bb_prefixes_is_held(const bb_prefixes *p, int32_t block)
{
    return p->nodes[block].references > 0;
}

uint64_t bb_prefixes_id(const bb_prefixes *p, int32_t block)
{
    return p->nodes[block].id;
}

/* ---- references ---- */

static void leave_kept(bb_prefixes *p, int32_t block)
{
    const bb_prefix_node *node = &p->nodes[block];

    *(node->older < 0 ? &p->oldest : &p->nodes[node->older].newer) = node->newer;
    *(node->newer < 0 ? &p->newest : &p->nodes[node->newer].older) = node->older;
    p->kept--;
}

int bb_prefixes_available(const bb_prefixes *p)
{
    return p->pool.free_count + p->kept;
}

int32_t bb_prefixes_take(bb_prefixes *p)
{
    int32_t block = bb_kv_pool_take(&p->pool);

    if (block < 0 && p->oldest >= 0) {
        block = p->oldest;
        leave_kept(p, block);
        retract(p, block);
    }
    if (block >= 0)
        p->nodes[block].references = 1;
    return block;
}

void bb_prefixes_hold(bb_prefixes *p, int32_t block)
{
    if (p->nodes[block].references++ == 0)
        leave_kept(p, block);
}

void bb_prefixes_give(bb_prefixes *p, int32_t block)
{
    bb_prefix_node *node = &p->nodes[block];

    assert(node->references > 0);
    if (--node->references > 0)
        return;
    if (!node->whole) {
        retract(p, block);
        bb_kv_pool_give(&p->pool, block);
        return;
    }
    node->older = p->newest;
    node->newer = -1;
    *(p->newest < 0 ? &p->oldest : &p->nodes[p->newest].newer) = block;
    p->newest = block;
    p->kept++;
}

void bb_prefixes_forget(bb_prefixes *p)
{
    while (p->oldest >= 0) {
        const int32_t block = p->oldest;
        leave_kept(p, block);
        bb_kv_pool_give(&p->pool, block);
    }
    for (int32_t i = 0; i < p->pool.blocks; i++)
        retract(p, i);
}
