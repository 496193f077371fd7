/* SipHash-2-4, and keys for it. */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

typedef struct sip {
    uint64_t a, b, c, d;
} sip;

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void round_once(sip *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

static void absorb(sip *s, uint64_t word)
{
    s->d ^= word;
    round_once(s);
    round_once(s);
    s->a ^= word;
}

uint64_t bb_hash(const void *bytes, size_t count, bb_hash_key key)
{
    const unsigned char *at = bytes;
    sip s = {key.low ^ 0x736f6d6570736575u, key.high ^ 0x646f72616e646f6du, key.low ^ 0x6c7967656e657261u, key.high ^ 0x7465646279746573u};
    uint64_t word;

    for (size_t left = count / 8; left; left--, at += 8) {
        memcpy(&word, at, 8);
        absorb(&s, word);
    }
    word = (uint64_t)count << 56;
    for (size_t i = 0; i < count % 8; i++)
        word |= (uint64_t)at[i] << 8 * i;
    absorb(&s, word);

    s.c ^= 0xff;
    for (int i = 0; i < 4; i++)
        round_once(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

uint64_t bb_fingerprint(uint64_t before, const void *bytes, size_t count)
{
    return bb_hash(bytes, count, (bb_hash_key){before, count});
}

bb_hash_key bb_hash_key_random(void)
{
    bb_hash_key key;

    /* Before the kernel's pool is ready (early boot), a key that is merely hard to guess has to do. */
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        key = (bb_hash_key){(uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30, (uint64_t)(uintptr_t)&key};
    }
    return key;
}
