/* base/cores.h: how much of the machine a process may use: what the machine's topology and its control groups say.
 *
 * root is put before every path: "" on the machine, a made-up tree in tests. What is missing or makes no sense bounds nothing. */
#ifndef BB_BASE_CORES_H
#define BB_BASE_CORES_H

#include <stdbool.h>
#include <stdint.h>

/* Physical cores behind the CPUs allowed[cpu], cpu < count: the hardware threads of one core count once. */
int bb_cores_physical(const char *root, const bool *allowed, int count);

/* The CPU quota of the process' control group and of each group above it (version 2 and 1), the smallest, in whole cores rounded up.
 * 0 where there is none. */
int bb_cores_quota(const char *root);

/* Physical cores among those that the calling thread may run on, no more than the quota; at least 1. */
int bb_cores_available(const char *root);

/* Bytes of the caches of the last level that the CPUs allowed[cpu], cpu < count, have behind them, each counted once; 0: not known. */
int64_t bb_cores_caches(const char *root, const bool *allowed, int count);

/* The same of the CPUs that the calling thread may run on. */
int64_t bb_cores_cache_bytes(const char *root);

/* The memory limit of the process' control group and of each group above it, the smallest, in bytes. 0 where there is none. */
int64_t bb_cores_memory(const char *root);

/* Bytes of the machine's memory, no more than that limit. */
int64_t bb_cores_memory_available(const char *root);

#endif
