/* bench/kernels_loops.h: the text of the loops that differ between instruction sets only in the width of a register, for files that include
 * it once a set and say before:
 *   TARGET           attributes of a function that may use the set
 *   VECTOR_BYTES     of a register
 *   FUSED(sum, x, y) sum + x * y of floats, in one instruction
 *   CHAINS           how many sums in turn hide the latency of that: BB_TIMES_12 or BB_TIMES_16 */

typedef uint64_t words __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef float floating __attribute__((vector_size(VECTOR_BYTES)));

/* The data as streams side by side, a part each: hardware prefetchers follow several, and memory serves several better than one. ahead:
 * bytes that a prefetch goes before the loads, 0 for none. */
TARGET __attribute__((always_inline)) static inline uint64_t sum(const unsigned char *data, size_t bytes, size_t streams, size_t ahead)
{
    const size_t part = bytes / streams;
    uint64_t total = 0;
#define START(i) words sum##i = {0};
#define ADD(i)   sum##i += *(const words *)(const void *)(from + VECTOR_BYTES * i);
    BB_TIMES_4(START)

    for (size_t at = 0; at < part; at += 4 * VECTOR_BYTES) {
        for (size_t s = 0; s < streams; s++) {
            const unsigned char *from = data + s * part + at;
            for (size_t line = 0; ahead && line < 4 * VECTOR_BYTES; line += BB_LINE)
                __builtin_prefetch(from + ahead + line);
            BB_TIMES_4(ADD)
        }
    }
#undef START
#undef ADD
    const words all = (sum0 + sum1) + (sum2 + sum3);
    for (size_t i = 0; i < VECTOR_BYTES / sizeof total; i++)
        total += all[i];
    return total;
}

#define READ(name, streams, ahead)                                                                                                         \
    TARGET static uint64_t name(const unsigned char *data, size_t bytes)                                                                   \
    {                                                                                                                                      \
        return sum(data, bytes, streams, ahead);                                                                                           \
    }
READ(read_1, 1, 0)
READ(read_2, 2, 0)
READ(read_4, 4, 0)
READ(read_8, 8, 0)
READ(read_1_ahead, 1, 1024)
READ(read_2_ahead, 2, 1024)
READ(read_4_ahead, 4, 1024)
READ(read_1_far, 1, 4096)
#undef READ

#define READS(set)                                                                                                                         \
    {set ", 1 stream", read_1}, {set ", 2 streams", read_2}, {set ", 4 streams", read_4}, {set ", 8 streams", read_8},                     \
        {set ", 1 stream, prefetch", read_1_ahead}, {set ", 2 streams, prefetch", read_2_ahead},                                           \
        {set ", 4 streams, prefetch", read_4_ahead}, {set ", 1 stream, far prefetch", read_1_far},                                         \
    {                                                                                                                                      \
        0                                                                                                                                  \
    }

TARGET static void fused(int64_t rounds)
{
    floating x = (floating){0} + 0.5f, y = x;
#define START(i) floating sum##i = (floating){0} + (float)i;
#define ADD(i)   sum##i = FUSED(sum##i, x, y);
#define KEEP(i)  BB_OPAQUE(sum##i);
    BB_OPAQUE(x);
    BB_OPAQUE(y);
    CHAINS(START)

    for (int64_t r = 0; r < rounds; r++) {
        CHAINS(ADD)
    }
    CHAINS(KEEP)
#undef START
#undef ADD
#undef KEEP
}
