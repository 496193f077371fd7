/* base/hash.h: a keyed hash for tables whose keys come from files, and fingerprints.
 *
 * Names in a file can be chosen so that a known hash sends all of them to one slot, and a table of a million names then takes hours.
 * SipHash under a key that the file's author cannot know prevents that. Nothing that a caller sees depends on the key. */
#ifndef BB_BASE_HASH_H
#define BB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct bb_hash_key {
    uint64_t low, high;
} bb_hash_key;

bb_hash_key bb_hash_key_random(void);

/* SipHash-2-4. */
uint64_t bb_hash(const void *bytes, size_t count, bb_hash_key key);

/* A fingerprint of pieces one after another: begin with 0, and give each call what the last one gave. The same on any machine of the same
 * byte order, under a key that all know: it tells apart what differs by accident, once in 2^64 not, and nothing that is made to collide. */
uint64_t bb_fingerprint(uint64_t before, const void *bytes, size_t count);

#endif
