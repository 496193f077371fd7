/* Threads: every task once, one task a worker, phases in order, callers that take turns, pools that outlive a fork. */
#include "base/threads.h"
#include "testing.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { TASKS = 1000, WORKERS = 64 };

static bombus_error err;

typedef struct loop {
    int count;                   /* of the pool */
    bool slow;                   /* tasks let other threads run meanwhile */
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
    if (l->slow)
        sched_yield();
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

static void bytes_add_one(void *context, int64_t index, int worker)
{
    (void)worker;
    ((unsigned char *)context)[index]++; /* not atomic: an index is one task's */
}

static void a_hundred_thousand_tiny_tasks_run_once_each(void **state)
{
    (void)state;
    enum { MANY = 100000, RUNS = 20 };
    unsigned char *counts = calloc(MANY, 1);

    for (int count = 2; count <= 5; count += 3) {
        bb_threads *threads;
        assert_ok(bb_threads_create(&threads, count, &err), err);
        memset(counts, 0, MANY);
        for (int i = 0; i < RUNS; i++)
            bb_threads_run(threads, bytes_add_one, counts, MANY - i);
        for (int i = 0; i < MANY; i++)
            assert_int_equal(counts[i], i <= MANY - RUNS ? RUNS : MANY - i);
        bb_threads_free(threads);
    }
    free(counts);
}

enum { SLOW_TASKS = 400 };
static atomic_int slow_first, slow_done;

/* The first task of a worker waits until all are done but those that its thread may have claimed along with it. */
static void one_is_slow(void *context, int64_t index, int worker)
{
    (void)index;
    if (worker == *(const int *)context && atomic_exchange(&slow_first, 1) == 0)
        while (slow_done < SLOW_TASKS * 3 / 4)
            sched_yield();
    atomic_fetch_add(&slow_done, 1);
}

static void a_slow_core_holds_up_few_tasks(void **state)
{
    (void)state;
    bb_threads *threads;

    assert_ok(bb_threads_create(&threads, 2, &err), err);
    for (int slow = 0; slow < 2; slow++)
        do {
            slow_first = slow_done = 0;
            bb_threads_run(threads, one_is_slow, &slow, SLOW_TASKS);
            assert_int_equal(slow_done, SLOW_TASKS);
        } while (slow_first == 0); /* worker 1 came late and had none */
    bb_threads_free(threads);
}

/* values[i] rises by one a phase; each phase reads its neighbours' values of the phase before. */
typedef struct waves {
    int values[2][TASKS];
    atomic_int early; /* tasks that saw another value than the phase before leaves */
    int phase_sums[3];
} waves;

static void wave(waves *w, int from, int64_t index, int expected)
{
    for (int64_t i = index - 3; i <= index + 3; i++)
        if (i >= 0 && i < TASKS && w->values[from][i] != expected)
            atomic_fetch_add(&w->early, 1);
    w->values[!from][index] = expected + 1;
}

static void first_wave(void *context, int64_t index, int worker)
{
    (void)worker;
    wave(context, 0, index, 0);
}

static void second_wave(void *context, int64_t index, int worker)
{
    (void)worker;
    wave(context, 1, index, 1);
}

static void sum_waves(void *context, int64_t index, int worker)
{
    waves *w = context;
    (void)worker;
    w->phase_sums[index] = 0;
    for (int i = 0; i < TASKS; i++)
        w->phase_sums[index] += w->values[0][i];
}

static void a_phase_sees_all_of_the_phase_before(void **state)
{
    (void)state;
    static waves w;
    static const bb_phase phases[] = {{first_wave, 0}, {first_wave, TASKS}, {first_wave, -1}, {second_wave, TASKS},
                                      {sum_waves, 1},  {sum_waves, 3},      {sum_waves, 0}};

    for (int count = 0; count <= 4; count++) {
        bb_threads *threads = NULL;
        if (count > 0)
            assert_ok(bb_threads_create(&threads, count, &err), err);
        for (int i = 0; i < 300; i++) {
            memset(&w, 0, sizeof w);
            bb_threads_run_phases(threads, phases, 7, &w);
            assert_int_equal(w.early, 0);
            for (int p = 0; p < 3; p++)
                assert_int_equal(w.phase_sums[p], 2 * TASKS);
        }
        bb_threads_run_phases(threads, phases, 0, NULL);
        bb_threads_run_phases(threads, phases, 1, NULL); /* a phase without tasks */
        bb_threads_free(threads);
    }
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void an_idle_pool_burns_nothing(void **state)
{
    (void)state;
    bb_threads *threads;
    loop l = {.count = 4};

    assert_ok(bb_threads_create(&threads, 4, &err), err);
    bb_threads_run(threads, task, &l, TASKS);
    const double before = processor_seconds();
    usleep(400000);
    const double used = processor_seconds() - before;
    if (used > 0.1) /* three workers that look for work would use 0.4 s on one core, 1.2 s on three */
        fail_msg("an idle pool used %.3f s of processor time in 0.4 s", used);
    bb_threads_run(threads, task, &l, TASKS);
    assert_loop(&l, TASKS, 2);
    bb_threads_free(threads);
}

typedef struct caller {
    bb_threads *threads;
    loop *l;
    int tasks;
    pthread_barrier_t *start;
} caller;

static void *call(void *argument)
{
    caller *c = argument;

    pthread_barrier_wait(c->start);
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
        loop l = {.count = count, .slow = true};
        pthread_t callers[4];
        pthread_barrier_t start;

        assert_ok(bb_threads_create(&threads, count, &err), err);
        pthread_barrier_init(&start, NULL, 4);
        caller c = {threads, &l, 20, &start};
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&callers[i], NULL, call, &c), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(callers[i], NULL);
        assert_loop(&l, 20, 800);
        pthread_barrier_destroy(&start);
        bb_threads_free(threads);
    }
}

enum { ENOUGH_TURNS = 15, MOST_RUNS = 600 };

/* Two callers that always want the pool. turns: runs without a break of which each is the other's than the one before. */
typedef struct rivals {
    bb_threads *threads;
    pthread_barrier_t start;
    atomic_int runs, turns, most_turns, last;
} rivals;

typedef struct rival {
    rivals *both;
    int number;
} rival;

static void note_owner(void *context, int64_t index, int worker)
{
    const rival *r = context;
    (void)index;
    (void)worker;
    r->both->runs++;
    r->both->turns = atomic_exchange(&r->both->last, r->number) != r->number ? r->both->turns + 1 : 0;
    if (r->both->turns > r->both->most_turns)
        r->both->most_turns = r->both->turns;
}

static void sleep_a_while(void *context, int64_t index, int worker)
{
    (void)context;
    (void)index;
    (void)worker;
    usleep(5000);
}

static void *run_until_enough(void *argument)
{
    rival *r = argument;

    pthread_barrier_wait(&r->both->start);
    while (r->both->most_turns < ENOUGH_TURNS && r->both->runs < MOST_RUNS)
        bb_threads_run_phases(r->both->threads, (const bb_phase[]){{note_owner, 1}, {sleep_a_while, 2}}, 2, r);
    return NULL;
}

/* Turns that follow one another at some time, and not how long one keeps the turn: the other may have been kept from its core. */
static void no_caller_keeps_another_from_its_turn(void **state)
{
    (void)state;
    rivals both = {0};
    rival each[2] = {{&both, 0}, {&both, 1}};
    pthread_t threads[2];

    assert_ok(bb_threads_create(&both.threads, 2, &err), err);
    pthread_barrier_init(&both.start, NULL, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_until_enough, &each[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);

    if (both.most_turns < ENOUGH_TURNS)
        fail_msg("in %d runs two callers took %d turns at most, expected %d", both.runs, both.most_turns, ENOUGH_TURNS);
    pthread_barrier_destroy(&both.start);
    bb_threads_free(both.threads);
}

/* What the child of a fork does with its parent's pool; 0 where all is well. A child that hangs is ended by the alarm. */
static int use_in_child(bb_threads *threads, bool again)
{
    static loop l;

    alarm(30);
    l = (loop){.count = bb_threads_count(threads)};
    for (int i = 0; i < 10; i++)
        bb_threads_run(threads, task, &l, TASKS);
    for (int i = 0; i < TASKS; i++)
        if (l.done[i] != 10 || l.strange || l.clashes)
            return 1;
    if (again) {
        const pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(threads, false));
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            return 2;
    }
    bb_threads_free(threads);
    return 0;
}

static void assert_child(pid_t child)
{
    int status;

    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_child_of_fork_runs_by_itself(void **state)
{
    (void)state;
    bb_threads *threads;
    loop l = {.count = 3};

    assert_ok(bb_threads_create(&threads, 3, &err), err);
    for (int i = 0; i < 10; i++) {
        bb_threads_run(threads, task, &l, TASKS);
        if (i % 2)
            usleep(2000); /* so that workers sleep */
        const pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(threads, true));
        assert_child(child);
    }
    assert_loop(&l, TASKS, 10);
    bb_threads_free(threads);
}

static void dawdle(void *context, int64_t index, int worker)
{
    (void)context;
    (void)index;
    (void)worker;
    for (int i = 0; i < 20; i++)
        sched_yield();
}

static atomic_bool enough;

static void *run_without_end(void *argument)
{
    while (!enough)
        bb_threads_run(argument, dawdle, NULL, 6);
    return NULL;
}

static void a_fork_amid_runs_leaves_the_child_no_locks(void **state)
{
    (void)state;
    bb_threads *threads;
    pthread_t callers[2];

    assert_ok(bb_threads_create(&threads, 3, &err), err);
    enough = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, run_without_end, threads), 0);
    for (int i = 0; i < 100; i++) {
        const pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(threads, i % 10 == 0));
        assert_child(child);
    }
    enough = true;
    for (int i = 0; i < 2; i++)
        pthread_join(callers[i], NULL);
    bb_threads_free(threads);
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

#ifdef __GLIBC__
/* A megabyte, written from one end to the other. */
static void use_stack(void *context, int64_t index, int worker)
{
    volatile char bytes[1 << 20];

    for (size_t i = sizeof bytes; i > 0; i -= 1024)
        bytes[i - 1] = (char)index;
    atomic_fetch_add((atomic_int *)context, bytes[1023] == (char)index && worker > 0);
    usleep(1000); /* so that the others get a share */
}

/* musl's threads have 128 KB unless told otherwise. */
static void workers_have_stack_where_threads_have_little(void **state)
{
    (void)state;
    pthread_attr_t before, little;
    bb_threads *threads;
    atomic_int written = 0;

    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_getattr_default_np(&little), 0);
    assert_int_equal(pthread_attr_setstacksize(&little, 128 << 10), 0);
    assert_int_equal(pthread_setattr_default_np(&little), 0);
    assert_ok(bb_threads_create(&threads, 3, &err), err);
    while (written == 0)
        bb_threads_run(threads, use_stack, &written, 20);
    bb_threads_free(threads);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    pthread_attr_destroy(&little);
    pthread_attr_destroy(&before);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once_at_any_count),
        cmocka_unit_test(no_pool_runs_here),
        cmocka_unit_test(many_short_runs_lose_nothing),
        cmocka_unit_test(a_hundred_thousand_tiny_tasks_run_once_each),
        cmocka_unit_test(a_slow_core_holds_up_few_tasks),
        cmocka_unit_test(a_phase_sees_all_of_the_phase_before),
        cmocka_unit_test(an_idle_pool_burns_nothing),
        cmocka_unit_test(callers_take_turns),
        cmocka_unit_test(no_caller_keeps_another_from_its_turn),
        cmocka_unit_test(a_child_of_fork_runs_by_itself),
        cmocka_unit_test(a_fork_amid_runs_leaves_the_child_no_locks),
        cmocka_unit_test(the_last_reference_ends_the_pool),
        cmocka_unit_test(counts_out_of_range_are_refused),
        cmocka_unit_test(affinity_bounds_the_default_count),
        cmocka_unit_test(signals_are_left_to_the_hosts_threads),
#ifdef __GLIBC__
        cmocka_unit_test(workers_have_stack_where_threads_have_little),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
