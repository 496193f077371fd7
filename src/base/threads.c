/* A pool of threads that share out loops.
 *
 * A model's step is hundreds of short loops, so what counts is how soon a thread hears of work and how little it costs to share out.
 * All tasks of a pool's life are numbered in one row, and three counters say how far it is: next, the first that nobody has claimed;
 * limit, the first that may not begin yet; finished, how many are done. A thread claims by moving next towards limit, in chunks that shrink
 * with what is left: an atomic operation for every few tasks at first, and a slow core holds up little at the end. A run is then a higher
 * limit, a phase the next limit, the end that finished has come up to it; no thread is waited for unless it holds a claim. Who finds
 * nothing to do looks for more for a while, since the next loop comes within microseconds, and then sleeps.
 *
 * Invariants: between runs next == limit == finished. What describes a phase is written only while no claim is open, before the limit
 * that lets its tasks begin; so a thread that holds a claim may read it, and one that holds none reads only the counters.
 * Each limit lies at the end of a phase; the thread that finishes the last task before it moves it on. */
#include "base/threads.h"

#include "base/cores.h"
#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum {
    SPIN_NS = 50000,  /* how long a thread looks for work before it sleeps: about what waking it costs */
    TURN_NS = 500000, /* how long one caller's runs may keep another from its turn */
    SHARES = 2,       /* a claim is this part of a thread's share of what is left: a stretch, since memory is read best as it goes on */
    LINE = 128,       /* bytes that cores pass to one another at once (two lines where they come in pairs) */
};

/* Kernels have tiles on the stack, more than a thread has by itself with some C libraries, and sanitizers add to it. Only what is used
 * takes memory. */
enum { STACK_BYTES = 2 << 20 };

/* What a thread waits for; seen is the limit that it found nothing below, or its number in the queue for turns. */
typedef bool (*condition)(const bb_threads *pool, int64_t seen);

/* Where threads sleep until something may have happened. A ring wakes one of them, and costs a load where nobody sleeps. */
typedef struct doorbell {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    atomic_int sleepers; /* without those whom a ring has called; written under the mutex */
    int calls;           /* rings that no sleeper has answered yet */
} doorbell;

typedef struct worker {
    struct bb_threads *pool;
    pthread_t thread;
    int index;
} worker;

struct bb_threads {
    atomic_int references;
    int count;                     /* with the caller */
    int started;                   /* workers that live */
    atomic_uint generation;        /* see adopt */
    atomic_bool quit;              /* workers shall end */
    atomic_bool busy;              /* a run has the turn */
    _Atomic int64_t asked, served; /* numbers drawn by hungry callers, and the one whose turn comes next */
    doorbell work, done, turns;    /* for workers, for the caller whose tasks others still hold, for hungry callers */
    char apart_from_work[LINE];

    const bb_phase *phase; /* the one at limit */
    void *context;
    unsigned misses;    /* of callers, see spin */
    int64_t start, end; /* numbers of the phase's first task, and past the run's last */
    _Atomic int64_t limit;
    char apart_from_job[LINE];

    /* Together, since a thread that finishes a chunk claims the next at once. Who only waits for work does not look here. */
    _Atomic int64_t next, finished;
    char apart_from_counters[LINE];

    worker workers[]; /* [count - 1] */
};

static void bell_init(doorbell *bell)
{
    pthread_mutex_init(&bell->mutex, NULL);
    pthread_cond_init(&bell->cond, NULL);
    atomic_store(&bell->sleepers, 0);
    bell->calls = 0;
}

static void bell_destroy(doorbell *bell)
{
    pthread_cond_destroy(&bell->cond);
    pthread_mutex_destroy(&bell->mutex);
}

/* Sleeps until a ring, unless awake holds already. Who makes it hold does so before ringing and both sides are sequentially consistent, so
 * either this thread sees it or the ringer sees the sleeper. */
static void bell_sleep(doorbell *bell, condition awake, const bb_threads *pool, int64_t seen)
{
    pthread_mutex_lock(&bell->mutex);
    atomic_fetch_add(&bell->sleepers, 1);
    if (awake(pool, seen)) {
        atomic_fetch_sub(&bell->sleepers, 1);
    } else {
        do
            pthread_cond_wait(&bell->cond, &bell->mutex);
        while (bell->calls == 0 && !awake(pool, seen));
        if (bell->calls > 0)
            bell->calls--;
        else
            atomic_fetch_sub(&bell->sleepers, 1); /* another took the call: sleepers + calls is who is in here */
    }
    pthread_mutex_unlock(&bell->mutex);
}

/* Wakes one, or everyone. The signal comes after the unlock, lest the sleeper wakes to a locked mutex. */
static void bell_ring(doorbell *bell, bool everyone)
{
    if (atomic_load(&bell->sleepers) == 0)
        return;
    pthread_mutex_lock(&bell->mutex);
    const int asleep = atomic_load(&bell->sleepers);
    const int called = everyone || asleep == 0 ? asleep : 1;
    atomic_fetch_sub(&bell->sleepers, called);
    bell->calls += called;
    pthread_mutex_unlock(&bell->mutex);
    if (everyone) /* also for one: another may have lain down since, and the signal be his */
        pthread_cond_broadcast(&bell->cond);
    else if (called)
        pthread_cond_signal(&bell->cond);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); /* yield is no pause on most cores */
#endif
}

static int64_t nanoseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Looks at a condition for a while; whether it came to hold. misses counts how often in a row it did not: then the next looks are shorter,
 * since where threads share a core with each other or with strangers, what is waited for often cannot happen while somebody looks for it.
 * One in 32 is long, to find out when that is over. */
static bool spin(condition holds, const bb_threads *pool, int64_t seen, unsigned *misses)
{
    const unsigned halved = *misses % 32;
    const int64_t patience = SPIN_NS >> (halved < 5 ? halved : 5);
    int64_t end = 0, now;

    do {
        for (int i = 0; i < 32; i++) {
            if (holds(pool, seen)) {
                *misses = 0;
                return true;
            }
            relax();
        }
        now = nanoseconds();
        if (!end)
            end = now + patience;
    } while (now < end);
    ++*misses;
    return false;
}

static bool has_tasks(const bb_threads *pool, int64_t seen)
{
    return atomic_load(&pool->limit) != seen;
}

static bool worker_is_needed(const bb_threads *pool, int64_t seen)
{
    return has_tasks(pool, seen) || atomic_load(&pool->quit);
}

static bool caller_is_needed(const bb_threads *pool, int64_t seen)
{
    return has_tasks(pool, seen) || atomic_load(&pool->finished) == pool->end;
}

static bool turn_is_free(const bb_threads *pool, int64_t seen)
{
    (void)seen;
    return !atomic_load(&pool->busy);
}

static bool turn_is_anyones(const bb_threads *pool, int64_t seen)
{
    return turn_is_free(pool, seen) && atomic_load(&pool->asked) == atomic_load(&pool->served);
}

static bool turn_is_mine(const bb_threads *pool, int64_t number)
{
    return turn_is_free(pool, number) && atomic_load(&pool->served) == number;
}

/* Wakes one worker where more tasks wait than threads are awake. It wakes two more in turn, so the caller pays for one however many sleep.
 */
static void recruit(bb_threads *pool)
{
    const int64_t waiting = atomic_load(&pool->limit) - atomic_load(&pool->next);
    const int sleepers = atomic_load(&pool->work.sleepers);

    if (sleepers > 0 && waiting > 1 + pool->started - sleepers)
        bell_ring(&pool->work, false);
}

/* Lets the tasks of a phase begin; phases without tasks are none. */
static void begin_phase(bb_threads *pool, const bb_phase *phase, int64_t start)
{
    while (phase->tasks <= 0)
        phase++;
    pool->phase = phase;
    pool->start = start;
    atomic_store(&pool->limit, start + phase->tasks);
    recruit(pool);
}

/* Claims and does tasks until none is left that may begin; the limit then. */
static int64_t work(bb_threads *pool, int index)
{
    for (;;) {
        int64_t first = atomic_load_explicit(&pool->next, memory_order_relaxed);
        const int64_t limit = atomic_load_explicit(&pool->limit, memory_order_acquire);
        if (first >= limit)
            return limit;
        const int64_t share = (limit - first) / ((int64_t)SHARES * pool->count);
        const int64_t chunk = share > 1 ? share : 1;
        if (!atomic_compare_exchange_weak(&pool->next, &first, first + chunk))
            continue;

        const bb_phase *phase = pool->phase;
        const bb_task task = phase->task;
        void *context = pool->context;
        const int64_t start = pool->start, end = pool->end;
        for (int64_t i = first - start; i < first - start + chunk; i++)
            task(context, i, index);

        /* From here on the run may be over and another begun, unless this was the last task of a phase and there are more. */
        if (atomic_fetch_add(&pool->finished, chunk) + chunk != limit)
            continue;
        if (limit != end)
            begin_phase(pool, phase + 1, limit);
        bell_ring(&pool->done, false);
    }
}

static void *worker_main(void *argument)
{
    const worker *self = argument;
    bb_threads *pool = self->pool;
    unsigned misses = 0;

    pthread_setname_np(pthread_self(), "bombus");
    while (!atomic_load(&pool->quit)) {
        const int64_t seen = work(pool, self->index);
        if (spin(worker_is_needed, pool, seen, &misses))
            continue;
        bell_sleep(&pool->work, worker_is_needed, pool, seen);
        recruit(pool);
        recruit(pool);
    }
    return NULL;
}

/* Forks this process descends by since the first pool. fork tells, since asking getpid in every run costs more than a short run does. */
static atomic_uint forks;
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;
static int forks_code; /* of pthread_atfork */

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    forks_code = pthread_atfork(NULL, NULL, count_fork);
}

static void init_state(bb_threads *pool)
{
    pool->started = 0;
    atomic_store(&pool->busy, false);
    atomic_store(&pool->asked, 0);
    atomic_store(&pool->served, 0);
    atomic_store(&pool->next, 0);
    atomic_store(&pool->limit, 0);
    atomic_store(&pool->finished, 0);
    bell_init(&pool->work);
    bell_init(&pool->done);
    bell_init(&pool->turns);
}

/* Makes a pool of the parent's usable in a child of fork: threads that do not live on may have held its locks, its turn and its tasks.
 * generation is 2 * forks in the process that the pool belongs to, and 1 more while a thread of that process adopts it. */
static void adopt(bb_threads *pool)
{
    const unsigned here = 2 * atomic_load_explicit(&forks, memory_order_relaxed);
    unsigned generation = atomic_load_explicit(&pool->generation, memory_order_acquire);

    if (generation == here)
        return;
    if (generation != here + 1 && atomic_compare_exchange_strong(&pool->generation, &generation, here + 1)) {
        init_state(pool);
        atomic_store(&pool->generation, here);
    }
    while (atomic_load(&pool->generation) != here)
        sched_yield();
}

static bool try_turn(bb_threads *pool)
{
    return !atomic_load(&pool->busy) && !atomic_exchange(&pool->busy, true);
}

/* A caller that comes back at once takes the turn again, which is better for all than to wake another thread for every short run. Who has
 * waited for TURN_NS is hungry: then only the hungry take turns, in the order in which they became so. */
static void take_turn(bb_threads *pool)
{
    if (turn_is_anyones(pool, 0) && try_turn(pool))
        return;
    if (spin(turn_is_anyones, pool, 0, &(unsigned){0}) && try_turn(pool))
        return;
    nanosleep(&(struct timespec){.tv_nsec = TURN_NS}, NULL);
    if (turn_is_anyones(pool, 0) && try_turn(pool))
        return;

    const int64_t number = atomic_fetch_add(&pool->asked, 1);
    while (!turn_is_mine(pool, number) || !try_turn(pool))
        bell_sleep(&pool->turns, turn_is_mine, pool, number);
    atomic_store(&pool->served, number + 1);
}

static void leave_turn(bb_threads *pool)
{
    atomic_store(&pool->busy, false);
    bell_ring(&pool->turns, true);
}

static void run_here(const bb_phase *phases, int count, void *context)
{
    for (const bb_phase *phase = phases; phase < phases + count; phase++)
        for (int64_t i = 0; i < phase->tasks; i++)
            phase->task(context, i, 0);
}

/* The caller works like any other thread, and at the end waits for claims that others hold, not for threads. */
static void run_shared(bb_threads *pool, const bb_phase *phases, void *context, int64_t tasks)
{
    const int64_t start = atomic_load(&pool->limit);

    pool->context = context;
    pool->end = start + tasks;
    begin_phase(pool, phases, start);
    for (;;) {
        const int64_t seen = work(pool, 0);
        if (!spin(caller_is_needed, pool, seen, &pool->misses))
            bell_sleep(&pool->done, caller_is_needed, pool, seen);
        if (atomic_load(&pool->finished) == pool->end)
            return;
    }
}

void bb_threads_run_phases(bb_threads *threads, const bb_phase *phases, int count, void *context)
{
    int64_t tasks = 0, most = 0;

    for (int i = 0; i < count; i++) {
        tasks += phases[i].tasks > 0 ? phases[i].tasks : 0;
        most = phases[i].tasks > most ? phases[i].tasks : most;
    }
    if (!threads || most == 0) {
        run_here(phases, count, context);
        return;
    }

    adopt(threads);
    take_turn(threads); /* also to run here: worker 0 is one caller's at a time */
    if (threads->started == 0 || most == 1)
        run_here(phases, count, context);
    else
        run_shared(threads, phases, context, tasks);
    leave_turn(threads);
}

void bb_threads_run(bb_threads *threads, bb_task task, void *context, int64_t tasks)
{
    bb_threads_run_phases(threads, &(bb_phase){task, tasks}, 1, context);
}

static void destroy(bb_threads *pool)
{
    atomic_store(&pool->quit, true);
    bell_ring(&pool->work, true);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    bell_destroy(&pool->work);
    bell_destroy(&pool->done);
    bell_destroy(&pool->turns);
    bb_free(pool);
}

int bb_thread_start(pthread_t *out, void *(*run)(void *), void *context)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    size_t usual = 0;
    int code = pthread_attr_init(&attributes);

    if (code)
        return code;
    if ((code = pthread_attr_getstacksize(&attributes, &usual)) == 0 && usual < STACK_BYTES)
        code = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (code == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        code = pthread_create(out, &attributes, run, context);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return code;
}

bombus_status bb_threads_create(bb_threads **out, int count, bombus_error *err)
{
    if (count < 0 || count > 1024)
        return bb_fail(err, BOMBUS_EINVAL, "threads: %d, expected 0 to 1024", count);
    if (count == 0)
        count = bb_threads_available();

    pthread_once(&forks_once, watch_forks);
    if (forks_code)
        return bb_fail(err, BOMBUS_ENOMEM, "threads: cannot watch for forks: %s", strerror(forks_code));

    const size_t size = sizeof(bb_threads) + (size_t)(count - 1) * sizeof(worker);
    bb_threads *pool = bb_alloc_zero(1, size);
    if (!pool)
        return bb_fail_memory(err, size);
    atomic_init(&pool->references, 1);
    atomic_init(&pool->generation, 2 * atomic_load(&forks));
    pool->count = count;
    init_state(pool);

    int code = 0;
    while (pool->started < count - 1 && !code) {
        worker *next = &pool->workers[pool->started];
        *next = (worker){.pool = pool, .index = pool->started + 1};
        code = bb_thread_start(&next->thread, worker_main, next);
        pool->started += !code;
    }
    if (code) {
        const int started = pool->started;
        destroy(pool);
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
    if (!threads || atomic_fetch_sub(&threads->references, 1) != 1)
        return;
    adopt(threads);
    destroy(threads);
}

int bb_threads_count(const bb_threads *threads)
{
    return threads ? threads->count : 1;
}

int bb_threads_available(void)
{
    return bb_cores_available("");
}
