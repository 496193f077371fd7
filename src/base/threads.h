/* base/threads.h: a pool of threads that share out loops.
 *
 * A pool is a reference-counted handle, no hidden global. Calls from several threads take turns. Threads that find nothing to do sleep.
 * In a child of fork a pool has no threads of its own: its runs work on the calling thread, and a child that wants more makes a pool. */
#ifndef BB_BASE_THREADS_H
#define BB_BASE_THREADS_H

#include <bombus/error.h>
#include <pthread.h>
#include <stdint.h>

typedef struct bb_threads bb_threads;

/* Physical cores that this process may use (affinity and cgroup quota), at least 1. */
int bb_threads_available(void);

/* count 0 means bb_threads_available(). The calling thread works too, so count - 1 are started. */
bombus_status bb_threads_create(bb_threads **out, int count, bombus_error *err);
bb_threads *bb_threads_retain(bb_threads *threads);
void bb_threads_free(bb_threads *threads); /* drops a reference; NULL is fine */
int bb_threads_count(const bb_threads *threads);

/* Calls task(context, i, worker) once for every i in [0, tasks), in any order, on any thread; returns when all are done.
 * worker is in [0, count): no two tasks that run at once have the same, so scratch memory can be indexed by it. NULL threads: runs here.
 * A task neither runs loops of its own nor forks. Allocates nothing. */
typedef void (*bb_task)(void *context, int64_t index, int worker);
void bb_threads_run(bb_threads *threads, bb_task task, void *context, int64_t tasks);

/* Several loops, one after another: a task sees all that tasks of earlier phases wrote. Cheaper than as many runs, since threads go from
 * one loop to the next by themselves and nobody else's run comes between. */
typedef struct bb_phase {
    bb_task task;
    int64_t tasks; /* may be 0 */
} bb_phase;
void bb_threads_run_phases(bb_threads *threads, const bb_phase *phases, int count, void *context);

/* Starts a thread of the library's own, which may run loops: with stack enough for any task, and all signals blocked, since the host's
 * signals are for the host's threads. Returns 0, or pthread_create's code. */
int bb_thread_start(pthread_t *out, void *(*run)(void *), void *context);

#endif
