/* A pool of threads that share out loops.
 *
 * Tasks are claimed one by one from an atomic counter, so a slow core holds up no more than its present task. Idle workers park on a
 * condition variable.
 *
 * Invariant: a worker touches the job only between joining it (under the mutex) and leaving it (under the mutex), and run returns only when
 * no worker is inside, so the job's context outlives every use. */
#include "base/threads.h"

#include "base/cores.h"
#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

typedef struct worker {
    struct bb_threads *pool;
    pthread_t thread;
    int index;
} worker;

struct bb_threads {
    atomic_int references;
    int count;             /* with the caller */
    pthread_mutex_t turn;  /* one run at a time */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;   /* a job, or the end */
    pthread_cond_t done;   /* inside fell to 0 */
    uint64_t job;          /* counts runs, so that a worker joins each at most once */
    bool open;             /* the job still takes workers */
    bool quit;
    int inside; /* workers at the job */
    bb_task task;
    void *context;
    int64_t tasks;
    _Atomic int64_t next; /* first task nobody has claimed */
    worker workers[];     /* [count - 1] */
};

int bb_threads_available(void)
{
    return bb_cores_available("");
}

static void work(bb_threads *pool, int index)
{
    int64_t i;

    while ((i = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->tasks)
        pool->task(pool->context, i, index);
}

static void *worker_main(void *argument)
{
    worker *self = argument;
    bb_threads *pool = self->pool;
    uint64_t seen = 0;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->quit && !(pool->open && pool->job != seen))
            pthread_cond_wait(&pool->wake, &pool->mutex);
        if (pool->quit)
            break;
        seen = pool->job;
        pool->inside++;
        pthread_mutex_unlock(&pool->mutex);

        work(pool, self->index);

        pthread_mutex_lock(&pool->mutex);
        if (--pool->inside == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static void stop_workers(bb_threads *pool, int started)
{
    pthread_mutex_lock(&pool->mutex);
    pool->quit = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    pthread_mutex_destroy(&pool->turn);
    bb_free(pool);
}

bombus_status bb_threads_create(bb_threads **out, int count, bombus_error *err)
{
    if (count < 0 || count > 1024)
        return bb_fail(err, BOMBUS_EINVAL, "threads: %d, expected 0 to 1024", count);
    if (count == 0)
        count = bb_threads_available();

    const size_t size = sizeof(bb_threads) + (size_t)(count - 1) * sizeof(worker);
    bb_threads *pool = bb_alloc_zero(1, size);
    if (!pool)
        return bb_fail_memory(err, size);
    atomic_init(&pool->references, 1);
    pool->count = count;
    pthread_mutex_init(&pool->turn, NULL);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);

    /* Workers inherit the mask: the host's signals are for the host's threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = 0, code = 0;
    for (; started < count - 1 && !code; started += !code) {
        pool->workers[started] = (worker){.pool = pool, .index = started + 1};
        code = pthread_create(&pool->workers[started].thread, NULL, worker_main, &pool->workers[started]);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (code) {
        stop_workers(pool, started);
        return bb_fail(err, BOMBUS_ENOMEM, "threads: cannot start thread %d of %d: %s", started + 2, count, strerror(code));
    }
    *out = pool;
    return BOMBUS_OK;
}

bb_threads *bb_threads_retain(bb_threads *threads)
{
    atomic_fetch_add(&threads->references, 1);
    return threads;
}

void bb_threads_free(bb_threads *threads)
{
    if (threads && atomic_fetch_sub(&threads->references, 1) == 1)
        stop_workers(threads, threads->count - 1);
}

int bb_threads_count(const bb_threads *threads)
{
    return threads ? threads->count : 1;
}

void bb_threads_run(bb_threads *threads, bb_task task, void *context, int64_t tasks)
{
    if (threads)
        pthread_mutex_lock(&threads->turn); /* also for one thread: worker 0 is the caller's alone */
    if (!threads || threads->count == 1 || tasks <= 1) {
        for (int64_t i = 0; i < tasks; i++)
            task(context, i, 0);
        if (threads)
            pthread_mutex_unlock(&threads->turn);
        return;
    }

    pthread_mutex_lock(&threads->mutex);
    threads->task = task;
    threads->context = context;
    threads->tasks = tasks;
    atomic_store_explicit(&threads->next, 0, memory_order_relaxed);
    threads->job++;
    threads->open = true;
    pthread_cond_broadcast(&threads->wake);
    pthread_mutex_unlock(&threads->mutex);

    work(threads, 0);

    pthread_mutex_lock(&threads->mutex);
    threads->open = false;
    while (threads->inside)
        pthread_cond_wait(&threads->done, &threads->mutex);
    pthread_mutex_unlock(&threads->mutex);
    pthread_mutex_unlock(&threads->turn);
}
