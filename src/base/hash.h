/* base/hash.h: a keyed hash for tables whose keys come from files.
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

#endif
