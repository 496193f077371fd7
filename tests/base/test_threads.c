/* Threads: every task once, one task a worker, callers that take turns. */
#include "base/threads.h"
#include "testing.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { TASKS = 1000, WORKERS = 64 };

static bombus_error err;

typedef struct loop {
    int count;                   /* of the pool */
    atomic_int done[TASKS];      /* times each task ran */
    atomic_int busy[WORKERS];    /* tasks that run as this worker at the moment */
    long sum[WORKERS];           /* not atomic: a worker's scratch is its own */
    atomic_int strange, clashes; /* workers out of range; two tasks on one worker at once */
} loop;

static void task(void *context, int64_t index, int worker)
{
    loop *l = context;

    if (worker < 0 || worker >= l->count || index < 0 || index >= TASKS) {
        atomic_fetch_add(&l->strange, 1);
        return;
    }
    if (atomic_fetch_add(&l->busy[worker], 1) != 0)
        atomic_fetch_add(&l->clashes, 1);
    l->sum[worker] += (long)index;
    atomic_fetch_add(&l->done[index], 1);
    atomic_fetch_sub(&l->busy[worker], 1);
}

/* times: how often each of the first tasks ran. */
static void assert_loop(loop *l, int tasks, int times)
{
    long sum = 0;

    for (int i = 0; i < TASKS; i++)
        assert_int_equal(l->done[i], i < tasks ? times : 0);
    for (int w = 0; w < WORKERS; w++)
        sum += l->sum[w];
    assert_int_equal(sum, (long)times * tasks * (tasks - 1) / 2);
    assert_int_equal(l->strange, 0);
    assert_int_equal(l->clashes, 0);
}

static void every_task_runs_once_at_any_count(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 2, 7, TASKS};

    for (int count = 1; count <= 8; count++) {
        bb_threads *threads;
        assert_ok(bb_threads_create(&threads, count, &err), err);
        assert_int_equal(bb_threads_count(threads), count);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            loop l = {.count = count};
            bb_threads_run(threads, task, &l, sizes[i]);
            assert_loop(&l, sizes[i], 1);
        }
        bb_threads_free(threads);
    }
}

static void no_pool_runs_here(void **state)
{
    (void)state;
    loop l = {.count = 1};
    assert_int_equal(bb_threads_count(NULL), 1);
    bb_threads_run(NULL, task, &l, TASKS);
    assert_loop(&l, TASKS, 1);
    bb_threads_free(NULL);
}

static void many_short_runs_lose_nothing(void **state)
{
    (void)state;
    bb_threads *threads;
    loop l = {.count = 4};

    assert_ok(bb_threads_create(&threads, 4, &err), err);
    for (int i = 0; i < 3000; i++)
        bb_threads_run(threads, task, &l, 5);
    assert_loop(&l, 5, 3000);
    bb_threads_free(threads);
}

typedef struct caller {
    bb_threads *threads;
    loop *l;
    int tasks;
} caller;

static void *call(void *argument)
{
    caller *c = argument;

    for (int i = 0; i < 200; i++)
        bb_threads_run(c->threads, task, c->l, c->tasks);
    return NULL;
}

/* One shared loop: two callers inside at once would use one worker twice. */
static void callers_take_turns(void **state)
{
    (void)state;
    for (int count = 1; count <= 3; count++) {
        bb_threads *threads;
        loop l = {.count = count};
        pthread_t callers[4];

        assert_ok(bb_threads_create(&threads, count, &err), err);
        caller c = {threads, &l, 20};
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&callers[i], NULL, call, &c), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(callers[i], NULL);
        assert_loop(&l, 20, 800);
        bb_threads_free(threads);
    }
}

static void the_last_reference_ends_the_pool(void **state)
{
    (void)state;
    bb_threads *threads;
    loop l = {.count = 2};

    assert_ok(bb_threads_create(&threads, 2, &err), err);
    assert_ptr_equal(bb_threads_retain(threads), threads);
    bb_threads_free(threads);
    bb_threads_run(threads, task, &l, TASKS);
    assert_loop(&l, TASKS, 1);
    bb_threads_free(threads);
}

static void counts_out_of_range_are_refused(void **state)
{
    (void)state;
    bb_threads *threads;
    assert_int_equal(bb_threads_create(&threads, -1, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "threads: -1, expected 0 to 1024");
    assert_int_equal(bb_threads_create(&threads, 1025, &err), BOMBUS_EINVAL);
}

static void affinity_bounds_the_default_count(void **state)
{
    (void)state;
    cpu_set_t before, one;
    bb_threads *threads;

    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_in_range(bb_threads_available(), 1, CPU_COUNT(&before));

    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(bb_threads_available(), 1);
    assert_ok(bb_threads_create(&threads, 0, &err), err);
    assert_int_equal(bb_threads_count(threads), 1);
    bb_threads_free(threads);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static pthread_t caller_thread;
static atomic_int foreign, blocked;

static void look_at_the_mask(void *context, int64_t index, int worker)
{
    (void)context;
    (void)index;
    (void)worker;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!pthread_equal(pthread_self(), caller_thread)) {
        foreign++;
        blocked += sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
    }
    usleep(1000); /* so that the others get a share */
}

static void signals_are_left_to_the_hosts_threads(void **state)
{
    (void)state;
    bb_threads *threads;
    sigset_t before, after;

    caller_thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_ok(bb_threads_create(&threads, 3, &err), err);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGINT), sigismember(&before, SIGINT));
    while (foreign == 0)
        bb_threads_run(threads, look_at_the_mask, NULL, 20);
    assert_int_equal(blocked, foreign);
    bb_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once_at_any_count), cmocka_unit_test(no_pool_runs_here),
        cmocka_unit_test(many_short_runs_lose_nothing),      cmocka_unit_test(callers_take_turns),
        cmocka_unit_test(the_last_reference_ends_the_pool),  cmocka_unit_test(counts_out_of_range_are_refused),
        cmocka_unit_test(affinity_bounds_the_default_count), cmocka_unit_test(signals_are_left_to_the_hosts_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
