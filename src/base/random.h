/* base/random.h: random numbers by place: the same whoever asks, in whatever order. */
#ifndef BB_BASE_RANDOM_H
#define BB_BASE_RANDOM_H

#include <stdint.h>

/* The finalizer of SplitMix64 (Steele, Lea and Flood, 2014; multipliers: Stafford's variant 13). */
static inline uint64_t bb_random_mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 64 random bits, a function of seed and index alone: element index of the SplitMix64 stream that begins at the mixed seed (seeds lie close
 * together, streams must not). */
static inline uint64_t bb_random(uint64_t seed, uint64_t index)
{
    const uint64_t gamma = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio, odd */

    return bb_random_mix(bb_random_mix(seed + gamma) + (index + 1) * gamma);
}

#endif
