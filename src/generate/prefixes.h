/* generate/prefixes.h: blocks of keys and values that sequences share, found again by their tokens. */
#ifndef BB_GENERATE_PREFIXES_H
#define BB_GENERATE_PREFIXES_H

#include "base/hash.h"
#include "generate/kv_pool.h"

typedef struct bb_prefix_node bb_prefix_node;

typedef struct bb_prefixes {
    bb_kv_pool pool;
    bool remember;         /* false: nothing is ever found */
    bb_prefix_node *nodes; /* [pool.blocks] */
    int32_t *buckets;      /* [bucket_count] the first block of a chain, or -1 */
    uint32_t bucket_count; /* a power of two */
    bb_hash_key key;
    uint64_t serial;        /* the last id given */
    int32_t oldest, newest; /* of the blocks that are kept: known, and held by nobody */
    int kept;
} bb_prefixes;

bombus_status bb_prefixes_create(bb_prefixes *p, const bombus_model *model, int blocks, bombus_dtype dtype, bool remember,
                                 bombus_error *err);
void bb_prefixes_free(bb_prefixes *p);

/* Blocks that take can give. */
int bb_prefixes_available(const bb_prefixes *p);
/* A block of the caller's own, the one kept longest where none is free; -1 where all are held. */
int32_t bb_prefixes_take(bb_prefixes *p);
void bb_prefixes_hold(bb_prefixes *p, int32_t block); /* another reference */
void bb_prefixes_give(bb_prefixes *p, int32_t block); /* drops one. A block that is known and whole is then kept, another free */

/* A block is known by its tokens [BB_KV_BLOCK] and its parent: the id of the block before it, or for the first of a sequence a number that
 * tells what else its keys and values depend on, with BB_PREFIX_ROOT set. */
#define BB_PREFIX_ROOT (UINT64_C(1) << 63)

/* The block known by these, or -1. Takes no reference. */
int32_t bb_prefixes_find(const bb_prefixes *p, uint64_t parent, const int32_t *tokens);
/* Is it computed, or still being so by who has announced it? */
bool bb_prefixes_is_whole(const bb_prefixes *p, int32_t block);
bool bb_prefixes_is_held(const bb_prefixes *p, int32_t block);
uint64_t bb_prefixes_id(const bb_prefixes *p, int32_t block);

/* The caller is going to compute this: others who need it can wait. No block is known by these. */
void bb_prefixes_announce(bb_prefixes *p, int32_t block, uint64_t parent, const int32_t *tokens);
/* The caller's block is whole. Returns the block to hold in its place: that one, or where an equal one is known already that one, and the
 * caller's is given back. */
int32_t bb_prefixes_settle(bb_prefixes *p, int32_t block, uint64_t parent, const int32_t *tokens);

/* Nothing known so far is found any more. */
void bb_prefixes_forget(bb_prefixes *p);

#endif
