/* Thousands of short requests through an engine with hardly any memory, from several threads, with adapters, guesses, deadlines and
 * cancellations: all end, each with the right bytes, and nothing is left behind. */
#include "generate/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { KINDS = 32, REQUESTS = SLOW_BUILD ? 1000 : 3000, SUBMITTERS = 3, LONGEST = 100, BLOCKS = 5, ADAPTERS = 2 };

typedef struct kind {
    int32_t prompt[LONGEST]; /* [count] */
    size_t count;
    bombus_adapter_use use; /* adapter NULL: none */
    bombus_request request;
    bombus_result expected;
} kind;

static kind kinds[KINDS];

typedef struct soak soak;

/* How a request is treated: by an even chance in this order. */
typedef enum treatment { LEFT_ALONE, LEFT_ALONE_TOO, WITH_DEADLINE, FREED_SOON, READ_TO_THE_END, READ_IN_PART, TREATMENTS } treatment;

typedef struct job {
    soak *soak;
    const kind *kind;
    treatment treatment;
    bombus_request request; /* the kind's, with guesses */
} job;

struct soak {
    bombus_serving *serving;
    job jobs[REQUESTS];
    atomic_int next, ended, whole, wrong;
};

static bool begins(const bombus_result *part, const bombus_result *whole)
{
    return part->token_count <= whole->token_count &&
           (part->token_count == 0 || (memcmp(part->tokens, whole->tokens, part->token_count * sizeof *part->tokens) == 0 &&
                                       memcmp(part->logprobs, whole->logprobs, part->token_count * sizeof *part->logprobs) == 0));
}

static void on_end(bombus_ticket *ticket, void *context)
{
    const job *j = context;
    const bombus_result *expected = &j->kind->expected;
    const bool may_be_cut = j->treatment == WITH_DEADLINE || j->treatment == FREED_SOON || j->treatment == READ_IN_PART;
    bombus_result result;

    const bool right = bombus_ticket_wait(ticket, &result, NULL) == BOMBUS_OK && begins(&result, expected);
    const bool whole = result.finish == expected->finish && result.token_count == expected->token_count;
    if (!right || (!whole && !may_be_cut))
        atomic_fetch_add(&j->soak->wrong, 1);
    atomic_fetch_add(&j->soak->whole, whole);
    bombus_result_clear(&result);
    atomic_fetch_add(&j->soak->ended, 1);
}

static void run_job(job *j, dice *d)
{
    bombus_submission submission = {.prompt = j->kind->prompt,
                                    .prompt_count = j->kind->count,
                                    .request = &j->request,
                                    .adapters = &j->kind->use,
                                    .adapter_count = j->kind->use.adapter ? 1 : 0,
                                    .priority = roll(d, 9) - 4,
                                    .on_end = on_end,
                                    .context = j};
    const bool has_reader = j->treatment == READ_TO_THE_END || j->treatment == READ_IN_PART;
    bombus_ticket *ticket = NULL;
    bombus_token token;

    j->request = j->kind->request;
    j->request.draft_tokens = roll(d, 2) ? roll(d, 8) : 0;
    if (j->treatment == WITH_DEADLINE)
        submission.deadline = 1e-4 * (1 + roll(d, 200));
    if (has_reader)
        submission.queue = 1 + roll(d, 3);
    if (bombus_serving_submit(j->soak->serving, has_reader || j->treatment == FREED_SOON ? &ticket : NULL, &submission, NULL) != BOMBUS_OK)
        atomic_fetch_add(&j->soak->wrong, 1);
    if (j->treatment == FREED_SOON)
        nanosleep(&(struct timespec){.tv_nsec = 1000L * roll(d, 2000)}, NULL);
    for (int left = j->treatment == READ_IN_PART ? roll(d, 3) : 1000; has_reader && left; left--)
        if (bombus_ticket_next(ticket, -1, &token) == BOMBUS_HEARD_END)
            break;
    bombus_ticket_free(ticket);
}

static void *run_submitter(void *context)
{
    soak *s = context;
    int at;

    while ((at = atomic_fetch_add(&s->next, 1)) < REQUESTS) {
        dice d = {.seed = (uint64_t)at};
        s->jobs[at] = (job){.soak = s, .kind = &kinds[roll(&d, KINDS)], .treatment = (treatment)roll(&d, TREATMENTS)};
        run_job(&s->jobs[at], &d);
    }
    return NULL;
}

static void make_kinds(bombus_model *model, bombus_adapter *const *adapters)
{
    dice d = {.seed = 5};

    for (kind *k = kinds; k < kinds + KINDS; k++) {
        bombus_session *session;
        const int adapter = roll(&d, 2 * ADAPTERS);
        if (adapter < ADAPTERS)
            k->use = (bombus_adapter_use){adapters[adapter], 1};
        bombus_session_options options;
        bombus_session_options_init(&options);
        options.adapters = &k->use;
        options.adapter_count = k->use.adapter ? 1 : 0;
        assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
        const int family = roll(&d, 3);
        k->count = (size_t)(1 + roll(&d, LONGEST));
        for (size_t i = 0; i < k->count; i++)
            k->prompt[i] = (int32_t)(bb_random((uint64_t)family, i) % 128);
        bombus_request_init(&k->request);
        k->request.max_tokens = 1 + roll(&d, 30);
        k->request.temperature = roll(&d, 2) ? 0.8f : 0;
        k->request.seed = (uint64_t)roll(&d, 100);
        k->request.top_logprobs = roll(&d, 4) ? 0 : 3;
        answer_alone(session, k->prompt, k->count, &k->request, &k->expected);
        bombus_session_free(session);
    }
}

static void all_requests_end_and_nothing_is_left(void **state)
{
    (void)state;
    bombus_model *model = load_model("qwen3-4bit-g64", 2);
    static soak s;
    pthread_t threads[SUBMITTERS];
    bombus_serving_stats stats;
    bombus_adapter *adapters[ADAPTERS];

    for (int i = 0; i < ADAPTERS; i++) {
        const char *const name = (const char *const[]){"one", "two"}[i];
        make_adapter(name, 4, (uint64_t)i);
        assert_ok(bombus_adapter_load(&adapters[i], name, NULL, &err), err);
    }
    make_kinds(model, adapters);
    s.serving =
        serve(model, NULL, &(bombus_serving_options){.requests = 4, .kv_bytes = bytes_of_blocks(model, BLOCKS), .chunk = 48, .slice = 16});
    for (int i = 0; i < SUBMITTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_submitter, &s), 0);
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    do { /* the engine tells of a step a moment after its last request has ended */
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        bombus_serving_get_stats(s.serving, &stats);
    } while (atomic_load(&s.ended) < REQUESTS || stats.blocks_held || stats.running);
    assert_int_equal(s.wrong, 0);
    assert_int_equal(stats.submitted, REQUESTS);
    assert_int_equal(stats.ended, REQUESTS);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.paused, 0);
    assert_int_equal(stats.blocks, BLOCKS);
    assert_true(stats.blocks_kept <= BLOCKS);
    assert_true(stats.gave_way > 0); /* memory was short indeed */
    assert_true(s.whole >= REQUESTS / 2);
    bombus_serving_free(s.serving);
    for (int i = 0; i < ADAPTERS; i++)
        bombus_adapter_free(adapters[i]);
    for (int i = 0; i < KINDS; i++)
        bombus_result_clear(&kinds[i].expected);
    bombus_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_requests_end_and_nothing_is_left)};
    const char *temporary = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
