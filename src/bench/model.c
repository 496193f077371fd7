/* What a model does on this machine: loading, prefill, decode, each beside the least that it could take. */
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "bench/random_adapters.h"
#include "bench/timelines.h"
#include "bench/work.h"
#include "bench/yardstick.h"
#include "generate/session.h"

#include <bombus/tokenizer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DEFAULT_REPETITIONS = 3, MOST_REPETITIONS = 1000, MOST_TOKENS = 1 << 24, MOST_SEQUENCES = 1024, WARM_STEPS = 2 };

typedef struct bench {
    const char *path;
    const char *tokenizer; /* a file or directory, NULL for none */
    const bombus_bench_options *options;
    int repetitions;
    double *times;     /* [repetitions] */
    double *fractions; /* [repetitions] */
    int64_t alone;     /* bytes of the process before there was a model */
    int64_t resident;  /* behind the last run, before anything of it is freed, without the yardstick's */
    bombus_bench_result *results;
    size_t count, capacity;
    bombus_error *err;
} bench;

/* What all tests of a round share. */
typedef struct setup {
    bombus_model_options load;
    const bombus_machine *machine; /* NULL: its limits are not known */
    bb_yardstick *yardstick;       /* NULL: they are what they were */
    bombus_dtype kv;
    bool first_kv;
    bombus_model *model;
    int chunk;            /* a session's */
    bb_deltas **adapters; /* [adapter_count] */
    int adapter_count;
} setup;

const char *bombus_bench_kind_name(bombus_bench_kind kind)
{
    switch (kind) {
#define X(name, text)                                                                                                                      \
    case BOMBUS_BENCH_##name:                                                                                                              \
        return text;
        BOMBUS_BENCH_LIST(X)
#undef X
    }
    return NULL;
}

/* Pages of this process that are in memory, those of mapped files too. */
static int64_t resident_bytes(void)
{
    long long all, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file) {
        if (fscanf(file, "%lld %lld", &all, &resident) != 2)
            resident = 0;
        fclose(file);
    }
    if (resident)
        return resident * (int64_t)sysconf(_SC_PAGESIZE);

    struct rusage usage; /* the most there ever were, where nothing tells of now */
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss;
#else
    return (int64_t)usage.ru_maxrss * 1024;
#endif
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* ---- one test ---- */

/* From nothing to the first token's logits. The model of the other tests is there too, and none of this one's memory. */
static bombus_status load_once(bench *b, const setup *s, double *seconds)
{
    const int32_t token = 0;
    bombus_session_options options;
    bombus_model *model = NULL;
    bombus_tokenizer *tokenizer = NULL;
    bombus_session *session = NULL;
    const int64_t before = resident_bytes();
    const double start = bb_seconds();
    bombus_status status;

    bombus_session_options_init(&options);
    options.kv_dtype = s->kv;
    if ((status = bombus_model_load(&model, b->path, &s->load, b->err)) == BOMBUS_OK &&
        (!b->tokenizer || (status = bombus_tokenizer_load(&tokenizer, b->tokenizer, b->err)) == BOMBUS_OK) &&
        (status = bombus_session_create(&session, model, tokenizer, &options, b->err)) == BOMBUS_OK)
        status = bombus_session_eval(session, &token, 1, NULL, b->err);
    *seconds = bb_seconds() - start;
    b->resident = b->alone + resident_bytes() - before;
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return status;
}

static bombus_status run_once(bench *b, const setup *s, const bombus_bench_test *test, bb_timelines *lines, double *seconds)
{
    if (test->kind == BOMBUS_BENCH_LOAD)
        return load_once(b, s, seconds);

    const double start = bb_seconds();
    bombus_status status = BOMBUS_OK;

    if (test->kind == BOMBUS_BENCH_PREFILL)
        status = bb_timelines_prefill(lines, test->depth, test->tokens, b->err);
    for (int i = 0; test->kind == BOMBUS_BENCH_DECODE && i < test->tokens && status == BOMBUS_OK; i++)
        status = bb_timelines_decode(lines, test->depth + i, b->err);
    *seconds = bb_seconds() - start;
    b->resident = resident_bytes() - bb_yardstick_bytes(s->yardstick);
    return status;
}

/* Threads awake, pages there, the processor at speed. */
static bombus_status warm_up(bench *b, const setup *s, const bombus_bench_test *test, bb_timelines *lines)
{
    bombus_bench_test shorter = *test;
    const int limit = test->kind == BOMBUS_BENCH_DECODE ? WARM_STEPS : s->chunk;
    double seconds;

    if (shorter.tokens > limit)
        shorter.tokens = limit;
    return run_once(b, s, &shorter, lines, &seconds);
}

static const bombus_machine *find_machine(const bombus_bench_options *options, int threads)
{
    for (size_t i = 0; i < options->machine_count; i++)
        if (options->machine[i].threads == threads)
            return &options->machine[i];
    return NULL;
}

/* The better of two moments: whatever disturbs a measurement makes the limit too low. */
static bombus_machine better(const bombus_machine *a, const bombus_machine *b)
{
    bombus_machine best = *a;

    best.read_bandwidth = fmax(a->read_bandwidth, b->read_bandwidth);
    best.int8_peak = fmax(a->int8_peak, b->int8_peak);
    best.float_peak = fmax(a->float_peak, b->float_peak);
    return best;
}

/* All repetitions, each beside what the machine could do before and after it. */
static bombus_status run_repetitions(bench *b, const setup *s, const bombus_bench_test *test, bb_timelines *lines, const bb_work *work)
{
    bombus_machine before = {0}, after;
    bombus_status status = BOMBUS_OK;

    if (s->yardstick)
        before = bb_yardstick_measure(s->yardstick);
    for (int i = 0; i < b->repetitions && status == BOMBUS_OK; i++) {
        double limit = bb_work_limit(work, test, s->load.compute, s->machine);
        status = run_once(b, s, test, lines, &b->times[i]);
        if (s->yardstick) {
            after = bb_yardstick_measure(s->yardstick);
            const bombus_machine beside = better(&before, &after);
            limit = bb_work_limit(work, test, s->load.compute, &beside);
            before = after;
        }
        b->fractions[i] = limit / b->times[i];
    }
    return status;
}

static bombus_status run_test(bench *b, const setup *s, const bombus_bench_test *test)
{
    const int threads = s->model->info.threads;
    bombus_bench_result result = {.test = *test, .threads = threads, .compute = s->load.compute, .kv = s->kv};
    bb_timelines lines = {0};
    bombus_status status = BOMBUS_OK;

    result.quantization = bb_work_quantization(s->model, &result.bits_per_weight);
    if (b->options->on_test && !b->options->on_test(&result, b->options->context))
        return bb_fail(b->err, BOMBUS_ECANCELED, "canceled before %s", bombus_bench_kind_name(test->kind));
    /* A load is one sequence's first step. */
    status = bb_timelines_create(&lines, s->model, test->batch, test->depth + test->tokens, s->chunk, s->kv, b->err);
    if (status != BOMBUS_OK)
        return status;
    const bb_work work = bb_work_of(s->model, test, bb_timelines_position_bytes(&lines));
    status = bb_timelines_adapt(&lines, s->adapters, s->adapter_count, b->err);
    if (status == BOMBUS_OK)
        status = warm_up(b, s, test, &lines);
    if (status == BOMBUS_OK)
        status = run_repetitions(b, s, test, &lines, &work);
    if (status == BOMBUS_OK && !bb_grow(&b->results, &b->capacity, b->count + 1, sizeof result))
        status = bb_fail_memory(b->err, (b->count + 1) * sizeof result);
    if (status == BOMBUS_OK) {
        result.seconds = median(b->times, b->repetitions);
        result.tokens_per_second = (double)test->tokens * test->batch / result.seconds;
        result.bytes = work.weight_bytes + work.kv_bytes;
        result.operations = work.linear_ops + work.attention_ops;
        result.limit_fraction = median(b->fractions, b->repetitions);
        result.best_limit_fraction = bb_work_limit(&work, test, s->load.compute, s->machine) / result.seconds;
        result.resident_bytes = b->resident;
        b->results[b->count++] = result;
    }
    bb_timelines_free(&lines);
    return status;
}

/* ---- all of them ---- */

static bombus_status check_test(const bombus_bench_test *test, size_t index, bombus_error *err)
{
    const bool decodes = test->kind == BOMBUS_BENCH_DECODE, loads = test->kind == BOMBUS_BENCH_LOAD;
    const char *kind = bombus_bench_kind_name(test->kind);

    if (!kind)
        return bb_fail(err, BOMBUS_EINVAL, "test %zu: kind %d is none", index, (int)test->kind);
    if (test->tokens < 1 || test->tokens > (loads ? 1 : MOST_TOKENS))
        return bb_fail(err, BOMBUS_EINVAL, "test %zu: %s: %d tokens, expected 1 to %d", index, kind, test->tokens, loads ? 1 : MOST_TOKENS);
    if (test->depth < 0 || test->depth > (loads ? 0 : MOST_TOKENS))
        return bb_fail(err, BOMBUS_EINVAL, "test %zu: %s: depth %d, expected 0 to %d", index, kind, test->depth, loads ? 0 : MOST_TOKENS);
    if (test->batch < 1 || test->batch > (decodes ? MOST_SEQUENCES : 1))
        return bb_fail(err, BOMBUS_EINVAL, "test %zu: %s: batch %d, expected 1 to %d", index, kind, test->batch,
                       decodes ? MOST_SEQUENCES : 1);
    return BOMBUS_OK;
}

/* A session refuses what it cannot keep, and knows the chunk. */
static bombus_status ask_session(const bench *b, setup *s)
{
    bombus_session_options options;
    bombus_session *session;

    bombus_session_options_init(&options);
    options.kv_dtype = s->kv;
    bombus_status status = bombus_session_create(&session, s->model, NULL, &options, b->err);
    if (status == BOMBUS_OK)
        s->chunk = session->chunk;
    bombus_session_free(session);
    return status;
}

static void free_adapters(setup *s)
{
    for (int i = 0; i < s->adapter_count; i++)
        bb_deltas_free(s->adapters[i]);
    bb_free(s->adapters);
}

/* Those that the options name, as one, or random ones. */
static bombus_status bind_adapters(const bench *b, setup *s)
{
    const bombus_bench_options *o = b->options;
    const int count = !o->random_rank ? o->adapter_count > 0 : o->random_adapters ? o->random_adapters : 1;
    bombus_status status = BOMBUS_OK;

    s->adapters = bb_alloc_zero((size_t)count, sizeof *s->adapters);
    if (!s->adapters)
        return bb_fail_memory(b->err, (size_t)count * sizeof *s->adapters);
    for (int i = 0; i < count && status == BOMBUS_OK; i++) {
        if (o->random_rank)
            status = bb_random_deltas(&s->adapters[i], s->model, o->random_rank, (uint64_t)i, b->err);
        else
            status = bb_adapter_bind(&s->adapters[i], s->model, o->adapters, o->adapter_count, b->err);
        s->adapter_count += status == BOMBUS_OK;
    }
    return status;
}

static bombus_status run_round(bench *b, setup *s)
{
    bombus_status status = ask_session(b, s);

    for (size_t i = 0; i < b->options->test_count && status == BOMBUS_OK; i++)
        if (s->first_kv || b->options->tests[i].kind != BOMBUS_BENCH_LOAD)
            status = run_test(b, s, &b->options->tests[i]);
    return status;
}

static bombus_status run_all(bench *b)
{
    const bombus_bench_options *o = b->options;
    const size_t threads = o->threads ? o->thread_count : 1, computes = o->computes ? o->compute_count : 1, kvs = o->kvs ? o->kv_count : 1;
    bombus_session_options defaults;
    bombus_status status = BOMBUS_OK;

    bombus_session_options_init(&defaults);
    for (size_t i = 0; i < threads * computes && status == BOMBUS_OK; i++) {
        setup s = {.load = {.threads = o->threads ? o->threads[i / computes] : 0}};
        if (o->computes)
            s.load.compute = o->computes[i % computes];
        status = bombus_model_load(&s.model, b->path, &s.load, b->err);
        s.machine = status == BOMBUS_OK ? find_machine(o, s.model->info.threads) : NULL;
        if (s.machine && s.machine->read_kernel && s.machine->int8_kernel && s.machine->float_kernel)
            status = bb_yardstick_open(&s.yardstick, s.machine, b->err);
        if (status == BOMBUS_OK)
            status = bind_adapters(b, &s);
        for (size_t k = 0; k < kvs && status == BOMBUS_OK; k++) {
            s.kv = o->kvs ? o->kvs[k] : defaults.kv_dtype;
            s.first_kv = k == 0;
            status = run_round(b, &s);
        }
        bb_yardstick_free(s.yardstick);
        free_adapters(&s);
        bombus_model_free(s.model);
    }
    return status;
}

bombus_status bombus_bench_model(bombus_bench_result **results, size_t *count, const char *path, const bombus_bench_options *options,
                                 bombus_error *err)
{
    bench b = {.path = path,
               .options = options,
               .repetitions = options->repetitions ? options->repetitions : DEFAULT_REPETITIONS,
               .alone = resident_bytes(),
               .err = err};
    bombus_status status = BOMBUS_OK;

    *results = NULL;
    *count = 0;
    if (b.repetitions < 0 || b.repetitions > MOST_REPETITIONS)
        return bb_fail(err, BOMBUS_EINVAL, "repetitions: %d, expected 0 to %d", options->repetitions, MOST_REPETITIONS);
    if (options->random_rank < 0 || options->random_rank > BB_ADAPTER_RANK_MAX)
        return bb_fail(err, BOMBUS_EINVAL, "random_rank: %d, expected 0 to %d", options->random_rank, BB_ADAPTER_RANK_MAX);
    if (options->random_adapters < 0 || options->random_adapters > MOST_SEQUENCES)
        return bb_fail(err, BOMBUS_EINVAL, "random_adapters: %d, expected 0 to %d", options->random_adapters, MOST_SEQUENCES);
    for (size_t i = 0; i < options->test_count; i++)
        if ((status = check_test(&options->tests[i], i, err)) != BOMBUS_OK)
            return status;

    char *own = bb_path_join(path, "tokenizer.json");
    b.times = bb_alloc_zero((size_t)b.repetitions, sizeof *b.times);
    b.fractions = bb_alloc_zero((size_t)b.repetitions, sizeof *b.fractions);
    if (!own || !b.times || !b.fractions) {
        status = bb_fail_memory(err, strlen(path));
        goto out;
    }
    b.tokenizer = options->tokenizer ? options->tokenizer : bb_path_exists(own) ? own : NULL;
    status = run_all(&b);

out:
    bb_free(own);
    bb_free(b.times);
    bb_free(b.fractions);
    if (status != BOMBUS_OK)
        bb_free(b.results);
    if (status == BOMBUS_OK) {
        *results = b.results;
        *count = b.count;
    }
    return status;
}

void bombus_bench_results_free(bombus_bench_result *results)
{
    bb_free(results);
}
