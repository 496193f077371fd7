/* A request's bytes are the same alone in a session and in any schedule: hundreds of random ones, of random neighbours, adapters, guesses,
 * arrivals, threads, chunk budgets, memory, readers and cancellations, with prefixes kept or not. */
#include "generate/engine.h"

#include <pthread.h>
#include <time.h>

enum { KINDS = 48, SETUPS = 4, SCHEDULES = SLOW_BUILD ? 80 : 240, MOST_JOBS = 12, LONGEST = 160, SUBMITTERS = 2, ADAPTERS = 3 };

/* A request that schedules draw from. */
typedef struct kind {
    int32_t prompt[LONGEST]; /* [count] */
    size_t count;
    int adapters; /* of the adapters, by their bits */
    bombus_request request;
    bombus_logit_bias bias[2];
    const char *stops[2];
    bombus_result expected[SETUPS];
} kind;

/* What results depend on. */
typedef struct setup {
    bombus_model *model;
    bombus_dtype kv;
} setup;

static kind kinds[KINDS];
static bombus_tokenizer *tokenizer;
static bombus_adapter *adapters[ADAPTERS];

/* Those of a kind: [returned] of [ADAPTERS]. */
static size_t adapters_of(const kind *k, bombus_adapter_use *uses)
{
    size_t count = 0;

    for (int i = 0; i < ADAPTERS; i++)
        if (k->adapters & 1 << i)
            uses[count++] = (bombus_adapter_use){adapters[i], i ? 1 : 0.5f};
    return count;
}

/* Prompts that begin alike for a while: two of three go along a common text up to some token, and on with one of few endings. */
static void make_kind(kind *k, dice *d)
{
    const int shared = roll(d, 3) ? roll(d, 130) : 0, family = roll(d, 2), ending = roll(d, 4);
    const char *const stops[] = {"!", "\"#", "AB", "zz"};

    k->count = (size_t)(shared + 1 + roll(d, 29));
    for (size_t i = 0; i < k->count; i++)
        k->prompt[i] = (int32_t)(bb_random((uint64_t)((int)i < shared ? family : 100 + ending), i) % 128);
    k->adapters = roll(d, 2) ? roll(d, 1 << ADAPTERS) : 0;
    bombus_request_init(&k->request);
    k->request.max_tokens = 1 + roll(d, 50);
    k->request.seed = (uint64_t)roll(d, 1000);
    k->request.ignore_end = roll(d, 4) > 0;
    k->request.top_logprobs = roll(d, 4) ? 0 : 1 + roll(d, 5);
    if (roll(d, 2)) {
        k->request.temperature = 0.5f + (float)roll(d, 10) / 10;
        k->request.top_p = roll(d, 2) ? 0.9f : 1;
        k->request.top_k = roll(d, 2) ? 20 : 0;
        k->request.min_p = roll(d, 2) ? 0.02f : 0;
    }
    if (roll(d, 3) == 0) {
        k->request.repetition_penalty = 1.3f;
        k->request.frequency_penalty = 0.5f;
        k->request.repetition_window = 1 + roll(d, 64);
    }
    if (roll(d, 4) == 0) {
        k->bias[0] = (bombus_logit_bias){roll(d, 128), 3};
        k->bias[1] = (bombus_logit_bias){roll(d, 128), -5};
        k->request.logit_bias = k->bias;
        k->request.logit_bias_count = 2;
    }
    if (roll(d, 3) == 0) {
        k->stops[0] = stops[roll(d, 4)];
        k->stops[1] = stops[roll(d, 4)];
        k->request.stops = k->stops;
        k->request.stop_count = 2;
    }
}

static void answer_kinds(const setup *s, int at)
{
    for (int i = 0; i < KINDS; i++) {
        bombus_session *session;
        bombus_adapter_use uses[ADAPTERS];
        const bombus_session_options options = {
            .context = 256, .kv_dtype = s->kv, .adapters = uses, .adapter_count = adapters_of(&kinds[i], uses)};
        assert_ok(bombus_session_create(&session, s->model, tokenizer, &options, &err), err);
        answer_alone(session, kinds[i].prompt, kinds[i].count, &kinds[i].request, &kinds[i].expected[at]);
        bombus_session_free(session);
    }
}

/* ---- a schedule ---- */

typedef struct job {
    const kind *kind;
    bombus_submission submission;
    bombus_adapter_use uses[ADAPTERS];
    bombus_request request;        /* the kind's, with guesses */
    int delay_us, cancel_after_us; /* 0: not at all */
    int read;                      /* tokens to read before waiting for the result */
    bool heard_right;
    int setup;
    bombus_ticket *ticket;
    bombus_result result;
    bombus_status status;
} job;

typedef struct submitter {
    bombus_serving *serving;
    job *jobs[MOST_JOBS]; /* [count] */
    int count;
} submitter;

static void rest(int microseconds)
{
    if (microseconds)
        nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000L}, NULL);
}

static bool hear(job *j)
{
    const bombus_result *expected = &j->kind->expected[j->setup];
    bombus_token token;
    size_t count = 0, text = 0;

    for (; j->read && bombus_ticket_next(j->ticket, -1, &token) == BOMBUS_HEARD_TOKEN; j->read--) {
        if (count < expected->token_count && (token.id != expected->tokens[count] || token.logprob != expected->logprobs[count]))
            return false;
        if (token.text_bytes &&
            (text + token.text_bytes > expected->text_bytes || memcmp(expected->text + text, token.text, token.text_bytes) != 0))
            return false;
        text += token.text_bytes;
        count++;
    }
    return true;
}

static void *run_submitter(void *context)
{
    submitter *s = context;

    for (int i = 0; i < s->count; i++) {
        job *j = s->jobs[i];
        rest(j->delay_us);
        j->status = bombus_serving_submit(s->serving, &j->ticket, &j->submission, NULL);
    }
    for (int i = 0; i < s->count; i++) {
        job *j = s->jobs[i];
        if (j->status != BOMBUS_OK)
            continue;
        j->heard_right = hear(j);
        if (j->cancel_after_us) {
            rest(j->cancel_after_us);
            bombus_ticket_cancel(j->ticket);
        }
        j->status = bombus_ticket_wait(j->ticket, &j->result, NULL);
        bombus_ticket_free(j->ticket);
    }
    return NULL;
}

static void plan_job(job *j, int setup_index, dice *d)
{
    const kind *k = &kinds[roll(d, KINDS)];

    *j = (job){.kind = k, .setup = setup_index, .heard_right = true};
    j->submission = (bombus_submission){.prompt = k->prompt, .prompt_count = k->count, .priority = roll(d, 5) - 2};
    j->request = k->request;
    j->request.draft_tokens = roll(d, 2) ? roll(d, 12) : 0;
    j->submission.request = &j->request;
    j->submission.adapters = j->uses;
    j->submission.adapter_count = adapters_of(k, j->uses);
    j->delay_us = roll(d, 2) ? roll(d, 300) : 0;
    j->cancel_after_us = roll(d, 5) ? 0 : 1 + roll(d, 1000);
    if (roll(d, 3) == 0) {
        j->submission.queue = 1 + roll(d, 6);
        j->read = roll(d, 60);
    }
}

static void run_schedule(const setup *setups, uint64_t seed)
{
    dice d = {.seed = seed};
    job jobs[MOST_JOBS];
    submitter submitters[SUBMITTERS] = {0};
    pthread_t threads[SUBMITTERS];
    bombus_serving_stats stats;
    const int at = roll(&d, SETUPS), count = 2 + roll(&d, MOST_JOBS - 1);
    const setup *s = &setups[at];
    bombus_model *const draft = roll(&d, 3) ? NULL : setups[roll(&d, 2) ? at : SETUPS].model;
    /* Of f32, so twice to four times as many blocks of the smaller types. The largest request takes 7 blocks. */
    const bombus_serving_options options = {.kv_bytes = bytes_of_blocks(s->model, (draft ? 14 : 7) + (roll(&d, 2) ? roll(&d, 5) : 40)),
                                            .kv_dtype = s->kv,
                                            .draft_model = draft,
                                            .requests = 1 + roll(&d, 8),
                                            .chunk = 1 + roll(&d, roll(&d, 2) ? 8 : 200),
                                            .slice = 1 + roll(&d, roll(&d, 2) ? 8 : 80),
                                            .no_prefixes = roll(&d, 4) == 0};
    bombus_serving *serving = serve(s->model, tokenizer, &options);

    for (int i = 0; i < count; i++) {
        submitter *who = &submitters[roll(&d, SUBMITTERS)];
        plan_job(&jobs[i], at, &d);
        who->jobs[who->count++] = &jobs[i];
    }
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i].serving = serving;
        assert_int_equal(pthread_create(&threads[i], NULL, run_submitter, &submitters[i]), 0);
    }
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++) {
        const bombus_result *expected = &jobs[i].kind->expected[at];
        assert_int_equal(jobs[i].status, BOMBUS_OK);
        assert_true(jobs[i].heard_right);
        if (jobs[i].result.finish == BOMBUS_FINISH_CANCELED)
            assert_begins(&jobs[i].result, expected);
        else
            assert_same(&jobs[i].result, expected);
        bombus_result_clear(&jobs[i].result);
    }
    bombus_serving_get_stats(serving, &stats);
    assert_int_equal(stats.ended, count);
    assert_true(!options.no_prefixes || stats.cached_tokens == 0);
    bombus_serving_free(serving);
}

static void a_requests_bytes_do_not_depend_on_its_schedule(void **state)
{
    (void)state;
    char path[512];
    dice d = {.seed = 1};
    setup setups[SETUPS + 1] = {{.kv = BOMBUS_F32}, {.kv = BOMBUS_I8}, {.kv = BOMBUS_F32}, {.kv = BOMBUS_F16}};

    snprintf(path, sizeof path, "%s/models/qwen3-4bit-g64", BOMBUS_GOLDEN);
    tokenizer = load_tokenizer("gpt2");
    for (int i = 0; i < KINDS; i++)
        make_kind(&kinds[i], &d);
    for (int i = 0; i < ADAPTERS; i++) {
        const char *const name = (const char *const[]){"one", "two", "three"}[i];
        make_adapter(name, 1 << 2 * i, (uint64_t)i);
        assert_ok(bombus_adapter_load(&adapters[i], name, NULL, &err), err);
    }
    for (int i = 0; i < SETUPS; i++) {
        const bombus_model_options options = {.threads = 1 + i % 2, .compute = i < 2 ? BOMBUS_EXACT : BOMBUS_FAST};
        assert_ok(bombus_model_load(&setups[i].model, path, &options, &err), err);
        answer_kinds(&setups[i], i);
    }
    setups[SETUPS].model = load_model("qwen3-tied-bf16", 1); /* no setup, but a draft model that is mostly wrong */
    for (uint64_t seed = 0; seed < SCHEDULES; seed++) {
        print_message("%s%d", seed % 24 ? " " : "\n", (int)seed); /* the last one printed is the one that failed */
        run_schedule(setups, seed);
    }
    print_message("\n");
    for (int i = 0; i < SETUPS; i++) {
        for (int k = 0; k < KINDS; k++)
            bombus_result_clear(&kinds[k].expected[i]);
        bombus_model_free(setups[i].model);
    }
    bombus_model_free(setups[SETUPS].model);
    for (int i = 0; i < ADAPTERS; i++)
        bombus_adapter_free(adapters[i]);
    bombus_tokenizer_free(tokenizer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_requests_bytes_do_not_depend_on_its_schedule)};
    const char *temporary = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
