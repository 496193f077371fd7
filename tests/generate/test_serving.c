/* The serving engine: what a caller sees of it, one behaviour at a time. That results do not depend on neighbours is serving_invariance's.
 */
#include "generate/engine.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static const int32_t prompt[] = {3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26};
enum { PROMPT = sizeof prompt / sizeof *prompt };

static bombus_model *model;
static bombus_tokenizer *tokenizer;

static bombus_request greedy(int max_tokens)
{
    bombus_request request;

    bombus_request_init(&request);
    request.max_tokens = max_tokens;
    request.ignore_end = true;
    return request;
}

static void alone(const int32_t *ids, size_t count, const bombus_request *request, bombus_result *result)
{
    bombus_session *session;

    assert_ok(bombus_session_create(&session, model, tokenizer, NULL, &err), err);
    answer_alone(session, ids, count, request, result);
    bombus_session_free(session);
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void a_request_says_what_a_session_says(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    bombus_request request = greedy(60);
    bombus_result expected, result;

    request.temperature = 0.9f;
    request.seed = 7;
    request.repetition_penalty = 1.3f;
    alone(prompt, PROMPT, &request, &expected);
    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_same(&result, &expected);
    assert_int_equal(result.prompt_count, PROMPT);
    assert_true(result.prompt_seconds > 0 && result.generate_seconds > 0);
    bombus_result_clear(&result);
    assert_int_equal(bombus_ticket_wait(ticket, &result, &err), BOMBUS_EINVAL);
    bombus_ticket_free(ticket);
    bombus_result_clear(&expected);
    bombus_serving_free(serving);
}

static void a_text_is_answered(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    bombus_request request = greedy(20);
    bombus_ids ids = {0};
    bombus_result expected, result;

    assert_ok(bombus_tokenizer_encode(tokenizer, "!!\"#", 4, 0, &ids, &err), err);
    alone(ids.ids, ids.count, &request, &expected);
    assert_ok(bombus_serving_run(serving, "!!\"#", &request, &result, &err), err);
    assert_same(&result, &expected);
    bombus_ids_free(&ids);
    bombus_result_clear(&expected);
    bombus_result_clear(&result);
    bombus_serving_free(serving);
}

static void refused_requests_are_told_at_once(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, NULL, &(bombus_serving_options){.context = 40});
    bombus_ticket *ticket;
    bombus_request request = greedy(5);
    bombus_result result;
    int32_t many[41] = {0};
    bombus_submission s = {.prompt = many, .prompt_count = 0, .request = &request};

    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "prompt: no tokens, expected at least 1");
    assert_null(ticket);
    s.prompt_count = 41;
    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_ELIMIT);
    assert_string_equal(err.message, "prompt: 41 tokens, the context has room for 40");
    s.prompt_count = 2;
    many[1] = 128;
    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "prompt: token 1 is 128, expected an id from 0 to 127");
    many[1] = 1;
    s.priority = 101;
    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_EINVAL);
    s.priority = 0;
    s.deadline = NAN;
    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_EINVAL);
    s.deadline = 0;
    request.stops = (const char *const[]){"x"};
    request.stop_count = 1;
    assert_int_equal(bombus_serving_submit(serving, &ticket, &s, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_serving_run(serving, "text", NULL, &result, &err), BOMBUS_EINVAL);
    bombus_result_clear(&result);
    bombus_serving_free(serving);

    assert_int_equal(bombus_serving_create(&serving, model, NULL, &(bombus_serving_options){.requests = -1}, &err), BOMBUS_EINVAL);
    assert_null(serving);
    assert_int_equal(bombus_serving_create(&serving, model, NULL, &(bombus_serving_options){.kv_bytes = 1}, &err), BOMBUS_ELIMIT);
    assert_int_equal(bombus_serving_create(&serving, model, NULL, &(bombus_serving_options){.kv_dtype = BOMBUS_BF16}, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "kv_dtype: BF16, expected F32, F16 or I8");
}

static void an_answer_ends_where_the_memory_does(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.kv_bytes = bytes_of_blocks(model, 2)});
    bombus_request request = greedy(1000);
    bombus_result result;

    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(result.token_count, 64 - PROMPT + 1);
    assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);

    request.max_tokens = 0;
    ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(result.token_count, 0);
    assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
    assert_string_equal(result.text, "");
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

/* ---- callbacks ---- */

typedef struct chain {
    bombus_serving *serving;
    const bombus_request *request;
    bombus_result results[5]; /* [ended] */
    atomic_int ended;
    int started;
} chain;

static void start_next(bombus_ticket *ticket, void *context)
{
    chain *c = context;
    const int at = c->ended;

    assert_ok(bombus_ticket_wait(ticket, &c->results[at], &err), err);
    if (c->started < 5) {
        c->started++;
        assert_ok(
            bombus_serving_submit(
                c->serving, NULL,
                &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = c->request, .on_end = start_next, .context = c},
                &err),
            err);
    }
    atomic_store(&c->ended, at + 1);
}

static void a_callback_may_submit(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(10);
    chain c = {.serving = serving, .request = &request, .started = 1};
    bombus_result expected;

    alone(prompt, PROMPT, &request, &expected);
    assert_ok(bombus_serving_submit(
                  serving, NULL,
                  &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request, .on_end = start_next, .context = &c},
                  &err),
              err);
    while (atomic_load(&c.ended) < 5)
        pause_briefly();
    for (int i = 0; i < 5; i++) {
        assert_same(&c.results[i], &expected);
        bombus_result_clear(&c.results[i]);
    }
    bombus_result_clear(&expected);
    bombus_serving_free(serving);
}

typedef struct victim {
    bombus_ticket *other;
    int calls;
} victim;

static bool cancel_other(const bombus_token *token, void *context)
{
    victim *v = context;
    bombus_result result;

    (void)token;
    if (++v->calls == 3) {
        assert_int_equal(bombus_ticket_wait(v->other, &result, NULL), BOMBUS_EINVAL);
        bombus_ticket_cancel(v->other);
    }
    return v->calls < 6;
}

static void a_callback_may_cancel_its_own_request_and_others(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    bombus_request endless = greedy(100000), watched = greedy(20);
    bombus_result expected, first, second;
    victim v = {0};

    alone(prompt, PROMPT, &watched, &expected);
    v.other = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = 3, .request = &endless});
    watched.on_token = cancel_other;
    watched.context = &v;
    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &watched});
    assert_ok(bombus_ticket_wait(ticket, &first, &err), err);
    assert_ok(bombus_ticket_wait(v.other, &second, &err), err);
    assert_int_equal(first.finish, BOMBUS_FINISH_CANCELED);
    assert_int_equal(first.token_count, 6);
    assert_begins(&first, &expected);
    assert_int_equal(second.finish, BOMBUS_FINISH_CANCELED);
    bombus_result_clear(&expected);
    bombus_result_clear(&first);
    bombus_result_clear(&second);
    bombus_ticket_free(ticket);
    bombus_ticket_free(v.other);
    bombus_serving_free(serving);
}

static bool stop_at_48(size_t done, size_t count, void *context)
{
    int *calls = context;

    assert_int_equal(count, 100);
    assert_int_equal(done, 16 * ++*calls);
    return done < 48;
}

static void a_prompt_can_be_canceled_between_chunks(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.chunk = 16});
    bombus_request request = greedy(5);
    bombus_result result;
    int32_t long_prompt[100];
    int calls = 0;

    for (int i = 0; i < 100; i++)
        long_prompt[i] = i;
    request.on_prompt = stop_at_48;
    request.context = &calls;
    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = long_prompt, .prompt_count = 100, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(calls, 3);
    assert_int_equal(result.finish, BOMBUS_FINISH_CANCELED);
    assert_int_equal(result.token_count, 0);
    assert_int_equal(result.prompt_count, 48);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

/* ---- reading ---- */

static void tokens_can_be_polled(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    bombus_request request = greedy(50);
    bombus_result expected, result;
    bombus_token token;
    char text[4096] = "";
    size_t count = 0;

    request.top_logprobs = 3;
    request.temperature = 1;
    alone(prompt, PROMPT, &request, &expected);
    bombus_ticket *ticket =
        submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request, .queue = 2});
    bombus_heard heard;
    while ((heard = bombus_ticket_next(ticket, -1, &token)) == BOMBUS_HEARD_TOKEN) {
        assert_int_equal(token.id, expected.tokens[count]);
        assert_true(token.logprob == expected.logprobs[count++]);
        assert_int_equal(token.top_count, 3);
        assert_true(token.top[0].logprob >= token.logprob && token.top[0].logprob >= token.top[2].logprob);
        strncat(text, token.text, token.text_bytes);
    }
    assert_int_equal(heard, BOMBUS_HEARD_END);
    assert_int_equal(count, 50);
    assert_string_equal(text, expected.text);
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_same(&result, &expected);
    bombus_result_clear(&expected);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

static void a_slow_reader_holds_up_only_its_own_request(void **state)
{
    (void)state;
    /* One slot: the reader that does not read has to leave it to others, with its blocks. */
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.requests = 1, .kv_bytes = bytes_of_blocks(model, 4)});
    const bombus_request request = greedy(80);
    const bombus_submission slow = {.prompt = prompt, .prompt_count = PROMPT, .request = &request, .queue = 3};
    bombus_serving_stats stats;
    bombus_result expected, result;
    bombus_token token;
    size_t count = 0;

    alone(prompt, PROMPT, &request, &expected);
    bombus_ticket *ticket = submit(serving, &slow);
    do {
        pause_briefly();
        bombus_serving_get_stats(serving, &stats);
    } while (stats.paused == 0);
    assert_int_equal(stats.generated_tokens, 3);
    assert_int_equal(bombus_ticket_next(ticket, 0, &token), BOMBUS_HEARD_TOKEN);
    assert_int_equal(token.id, expected.tokens[count++]);
    for (int i = 0; i < 3; i++) {
        bombus_ticket *other = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
        assert_ok(bombus_ticket_wait(other, &result, &err), err);
        assert_same(&result, &expected);
        bombus_result_clear(&result);
        bombus_ticket_free(other);
    }
    while (bombus_ticket_next(ticket, -1, &token) == BOMBUS_HEARD_TOKEN)
        assert_int_equal(token.id, expected.tokens[count++]);
    assert_int_equal(count, 80);
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_same(&result, &expected);
    bombus_result_clear(&expected);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

static void who_gave_its_blocks_back_goes_on_when_half_is_read(void **state)
{
    (void)state;
    enum { QUEUE = 8, LONG = 80 };
    const bombus_request request = greedy(LONG);
    const int blocks = (PROMPT + LONG + 31) / 32;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.kv_bytes = bytes_of_blocks(model, blocks)});
    bombus_submission s = {.prompt = prompt, .prompt_count = PROMPT, .request = &request, .queue = QUEUE};
    bombus_serving_stats stats;
    bombus_result expected, result;
    bombus_token token;
    size_t count = 0;

    alone(prompt, PROMPT, &request, &expected);
    bombus_ticket *slow = submit(serving, &s);
    do {
        pause_briefly();
        bombus_serving_get_stats(serving, &stats);
    } while (stats.paused == 0);
    s.queue = 0;
    for (; count < QUEUE; count++) {
        /* Another that needs all the memory; when it has ended, the engine has read its mail. */
        bombus_ticket *other = submit(serving, &s);
        assert_ok(bombus_ticket_wait(other, &result, &err), err);
        bombus_result_clear(&result);
        bombus_ticket_free(other);
        bombus_serving_get_stats(serving, &stats);
        if (count > QUEUE / 2) /* a token leaves with the call for the next */
            break;
        assert_int_equal(stats.gave_way, 1);
        assert_int_equal(stats.paused, 1);
        assert_int_equal(bombus_ticket_next(slow, 0, &token), BOMBUS_HEARD_TOKEN);
        assert_int_equal(token.id, expected.tokens[count]);
    }
    while (bombus_ticket_next(slow, -1, &token) == BOMBUS_HEARD_TOKEN)
        assert_int_equal(token.id, expected.tokens[count++]);
    assert_int_equal(count, LONG);
    bombus_result_clear(&expected);
    bombus_ticket_free(slow);
    bombus_serving_free(serving);
}

static void who_waits_for_the_result_need_not_read(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(30);
    bombus_result result;
    bombus_token token;

    bombus_ticket *ticket =
        submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request, .queue = 1});
    assert_int_equal(bombus_ticket_next(ticket, -1, &token), BOMBUS_HEARD_TOKEN);
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(result.token_count, 30);
    assert_int_equal(bombus_ticket_next(ticket, -1, &token), BOMBUS_HEARD_END);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

typedef struct waiter {
    bombus_ticket *ticket;
    bombus_result result;
    bombus_status status;
} waiter;

static void *wait_for_result(void *context)
{
    waiter *w = context;

    w->status = bombus_ticket_wait(w->ticket, &w->result, NULL);
    return NULL;
}

static void of_those_who_wait_for_a_result_one_gets_it(void **state)
{
    (void)state;
    enum { WAITERS = 4 };
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(60);
    pthread_t threads[WAITERS];
    waiter waiters[WAITERS];
    int got = 0;

    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (waiter){.ticket = ticket};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_result, &waiters[i]), 0);
    }
    for (int i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
        got += waiters[i].status == BOMBUS_OK;
        assert_int_equal(waiters[i].status, waiters[i].result.token_count == 60 ? BOMBUS_OK : BOMBUS_EINVAL);
        bombus_result_clear(&waiters[i].result);
    }
    assert_int_equal(got, 1);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

static void a_time_beyond_all_clocks_never_comes(void **state)
{
    (void)state;
    static const double beyond[] = {1e10, 1e19, 1e300};
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(12);
    bombus_result result;
    bombus_token token;

    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        bombus_ticket *ticket =
            submit(serving,
                   &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request, .queue = 1, .deadline = beyond[i]});
        for (int k = 0; k < 12; k++)
            assert_int_equal(bombus_ticket_next(ticket, beyond[i], &token), BOMBUS_HEARD_TOKEN);
        assert_int_equal(bombus_ticket_next(ticket, beyond[i], &token), BOMBUS_HEARD_END);
        assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
        assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
        bombus_result_clear(&result);
        bombus_ticket_free(ticket);
    }
    bombus_serving_free(serving);
}

static void a_reader_need_not_wait(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(2);
    bombus_token token;

    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    bombus_heard heard;
    while ((heard = bombus_ticket_next(ticket, 0.001, &token)) == BOMBUS_HEARD_NOTHING) /* none are kept, but the end is heard */
        ;
    assert_int_equal(heard, BOMBUS_HEARD_END);
    bombus_ticket_free(ticket);
    bombus_serving_free(serving);
}

/* ---- the queue ---- */

static bool block_engine(const bombus_token *token, void *context)
{
    atomic_int *gate = context;

    (void)token;
    atomic_store(&gate[1], 1);
    while (!atomic_load(gate))
        pause_briefly();
    return true;
}

/* A request that holds the engine up at its first token, until gate[0]. */
static bombus_ticket *hold_engine(bombus_serving *serving, bombus_request *request, atomic_int *gate)
{
    *request = greedy(2);
    request->on_token = block_engine;
    request->context = gate;
    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = 1, .request = request});
    while (!atomic_load(&gate[1]))
        pause_briefly();
    return ticket;
}

typedef struct finishes {
    atomic_int count;
    bombus_ticket *order[64];
} finishes;

static void note_end(bombus_ticket *ticket, void *context)
{
    finishes *f = context;

    f->order[f->count] = ticket;
    atomic_fetch_add(&f->count, 1);
}

static void a_priority_is_worth_places_in_the_queue(void **state)
{
    (void)state;
    enum { PLAIN = 40 };
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.requests = 1});
    bombus_request holder, request = greedy(2);
    atomic_int gate[2] = {0};
    finishes f = {0};
    bombus_ticket *tickets[PLAIN];
    bombus_submission s = {.prompt = prompt, .prompt_count = 2, .request = &request, .on_end = note_end, .context = &f};

    bombus_ticket *first = hold_engine(serving, &holder, gate);
    for (int i = 0; i < PLAIN; i++)
        tickets[i] = submit(serving, &s);
    s.priority = 1;
    bombus_ticket *urgent = submit(serving, &s);
    s.priority = -1;
    bombus_ticket *patient = submit(serving, &s);
    atomic_store(&gate[0], 1);
    while (atomic_load(&f.count) < PLAIN + 2)
        pause_briefly();
    /* Number PLAIN + 1 of those in the queue passes the 16 before it, and of the one that shares its place the earlier goes first. */
    for (int i = 0; i < PLAIN + 2; i++) {
        const int at = PLAIN - BOMBUS_PRIORITY_PLACES + 1;
        assert_ptr_equal(f.order[i], i < at ? tickets[i] : i == at ? urgent : i <= PLAIN ? tickets[i - 1] : patient);
    }
    for (int i = 0; i < PLAIN; i++)
        bombus_ticket_free(tickets[i]);
    bombus_ticket_free(urgent);
    bombus_ticket_free(patient);
    bombus_ticket_free(first);
    bombus_serving_free(serving);
}

static void a_deadline_ends_who_waits_and_who_runs(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.requests = 1, .context = 1 << 20});
    bombus_request endless = greedy(1 << 20);
    bombus_result running, waiting;
    bombus_submission s = {.prompt = prompt, .prompt_count = PROMPT, .request = &endless, .deadline = 0.2};

    bombus_ticket *first = submit(serving, &s), *second;
    s.deadline = 0.05;
    second = submit(serving, &s);
    assert_ok(bombus_ticket_wait(second, &waiting, &err), err);
    assert_int_equal(waiting.finish, BOMBUS_FINISH_DEADLINE);
    assert_int_equal(waiting.token_count, 0);
    assert_string_equal(waiting.text, "");
    assert_ok(bombus_ticket_wait(first, &running, &err), err);
    assert_int_equal(running.finish, BOMBUS_FINISH_DEADLINE);
    assert_true(running.token_count > 0);
    bombus_result_clear(&running);
    bombus_result_clear(&waiting);
    bombus_ticket_free(first);
    bombus_ticket_free(second);
    bombus_serving_free(serving);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.requests = 1, .waiting = 2});
    bombus_request holder, request = greedy(2);
    atomic_int gate[2] = {0};
    const bombus_submission s = {.prompt = prompt, .prompt_count = 2, .request = &request};
    bombus_ticket *none, *first = hold_engine(serving, &holder, gate), *second = submit(serving, &s), *third = submit(serving, &s);

    assert_int_equal(bombus_serving_submit(serving, &none, &s, &err), BOMBUS_ELIMIT);
    assert_string_equal(err.message, "serving: 3 requests run or wait, expected less than 3");
    assert_null(none);
    atomic_store(&gate[0], 1);
    bombus_ticket_free(second);
    bombus_ticket_free(third);
    bombus_ticket_free(first);
    bombus_serving_free(serving);
}

static void tickets_outlive_the_engine(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.requests = 1, .context = 1 << 20});
    const bombus_request endless = greedy(1 << 20);
    bombus_ticket *tickets[3];
    bombus_result result;

    for (int i = 0; i < 3; i++)
        tickets[i] = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &endless});
    bombus_serving_free(serving);
    for (int i = 0; i < 3; i++) {
        bombus_ticket_cancel(tickets[i]);
        assert_ok(bombus_ticket_wait(tickets[i], &result, &err), err);
        assert_int_equal(result.finish, BOMBUS_FINISH_CANCELED);
        bombus_result_clear(&result);
        bombus_ticket_free(tickets[i]);
    }
}

static void free_engine(bombus_ticket *ticket, void *context)
{
    bombus_serving *serving = context;

    (void)ticket;
    bombus_serving_free(serving);
}

static void a_callback_may_free_the_engine(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(3);
    bombus_result result;

    bombus_ticket *ticket = submit(
        serving,
        &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request, .on_end = free_engine, .context = serving});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(result.token_count, 3);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
}

static void an_idle_engine_does_nothing(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(3);
    struct timespec before, after;
    bombus_result result;

    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
    pause_briefly();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    const double used = (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    assert_true(used < 0.1);
    bombus_serving_free(serving);
}

/* ---- a long prompt ---- */

typedef struct race {
    int tokens; /* of the short one */
    int tokens_before_long;
    bool long_ended;
} race;

static bool count_short(const bombus_token *token, void *context)
{
    race *r = context;

    (void)token;
    r->tokens++;
    return true;
}

static bool see_long(const bombus_token *token, void *context)
{
    race *r = context;

    (void)token;
    if (!r->long_ended)
        r->tokens_before_long = r->tokens;
    r->long_ended = true;
    return true;
}

static void a_long_prompt_does_not_stall_others(void **state)
{
    (void)state;
    enum { LONG = 1000 };
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.slice = 20});
    bombus_request drawing = greedy(200), reading = greedy(1);
    int32_t long_prompt[LONG];
    race r = {0};
    bombus_result result;

    for (int i = 0; i < LONG; i++)
        long_prompt[i] = i * 7 % 128;
    drawing.on_token = count_short;
    reading.on_token = see_long;
    drawing.context = reading.context = &r;
    bombus_ticket *first = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &drawing});
    bombus_ticket *second = submit(serving, &(bombus_submission){.prompt = long_prompt, .prompt_count = LONG, .request = &reading});
    assert_ok(bombus_ticket_wait(second, &result, &err), err);
    bombus_result_clear(&result);
    assert_ok(bombus_ticket_wait(first, &result, &err), err);
    bombus_result_clear(&result);
    /* 20 tokens a step beside the drawing one, for as long as that draws. */
    assert_true(r.tokens_before_long >= LONG / 20 - 20);
    bombus_ticket_free(first);
    bombus_ticket_free(second);
    bombus_serving_free(serving);
}

/* ---- shared prefixes ---- */

static void a_shared_prefix_is_computed_once(void **state)
{
    (void)state;
    enum { REQUESTS = 64, PREFIX = 1000, WHOLE = PREFIX + 5 };
    bombus_serving *serving = serve(model, tokenizer, NULL);
    bombus_request holder, request = greedy(4);
    atomic_int gate[2] = {0};
    int32_t ids[WHOLE];
    bombus_ticket *tickets[REQUESTS];
    bombus_serving_stats stats;
    bombus_session *session;
    bombus_result expected, result;
    size_t cached = 0;

    assert_ok(bombus_session_create(&session, model, tokenizer, NULL, &err), err);
    bombus_ticket *first = hold_engine(serving, &holder, gate);
    for (int i = 0; i < WHOLE; i++)
        ids[i] = i * 11 % 127;
    for (int i = 0; i < REQUESTS; i++) {
        ids[PREFIX] = i;
        tickets[i] = submit(serving, &(bombus_submission){.prompt = ids, .prompt_count = WHOLE, .request = &request});
    }
    atomic_store(&gate[0], 1);
    for (int i = 0; i < REQUESTS; i++) {
        ids[PREFIX] = i;
        answer_alone(session, ids, WHOLE, &request, &expected);
        assert_ok(bombus_ticket_wait(tickets[i], &result, &err), err);
        assert_same(&result, &expected);
        assert_int_equal(result.prompt_count, WHOLE);
        cached += result.cached_count;
        bombus_result_clear(&result);
        bombus_result_clear(&expected);
        bombus_ticket_free(tickets[i]);
    }
    bombus_serving_get_stats(serving, &stats);
    /* 31 whole blocks lie in the prefix; the rest of each prompt is its own. */
    const size_t shared = PREFIX / 32 * 32;
    assert_int_equal(cached, (REQUESTS - 1) * shared);
    assert_int_equal(stats.cached_tokens, (REQUESTS - 1) * shared);
    assert_int_equal(stats.prompt_tokens, 1 + shared + REQUESTS * (WHOLE - shared));
    bombus_session_free(session);
    bombus_ticket_free(first);
    bombus_serving_free(serving);
}

static void a_second_turn_computes_only_what_is_new(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, NULL);
    const bombus_request request = greedy(60);
    int32_t turn[PROMPT + 60 + 3];
    const size_t count = sizeof turn / sizeof *turn;
    bombus_result first, second, expected;

    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &first, &err), err);
    bombus_ticket_free(ticket);
    memcpy(turn, prompt, sizeof prompt);
    memcpy(turn + PROMPT, first.tokens, 60 * sizeof *turn);
    memcpy(turn + PROMPT + 60, (int32_t[]){5, 6, 7}, 3 * sizeof *turn);
    ticket = submit(serving, &(bombus_submission){.prompt = turn, .prompt_count = count, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &second, &err), err);
    bombus_ticket_free(ticket);
    alone(turn, count, &request, &expected);
    assert_same(&second, &expected);
    assert_int_equal(second.cached_count, 64); /* two blocks of the 71 tokens that have keys and values */
    bombus_result_clear(&first);
    bombus_result_clear(&second);
    bombus_result_clear(&expected);
    bombus_serving_free(serving);
}

/* ---- guesses ---- */

static bool cancel_at_the_sixth(const bombus_token *token, void *context)
{
    int *calls = context;

    (void)token;
    return ++*calls < 6;
}

static void guesses_that_are_right_save_steps(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, tokenizer, &(bombus_serving_options){.draft_model = model});
    bombus_request request = greedy(60);
    bombus_serving_stats stats;
    bombus_result expected, result;

    alone(prompt, PROMPT, &request, &expected);
    request.draft_tokens = 31;
    bombus_ticket *ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_same(&result, &expected);
    assert_true(result.accepted_count > 40 && result.accepted_count == result.drafted_count);
    bombus_ticket_free(ticket);
    bombus_result_clear(&result);

    int calls = 0; /* more are drawn in the step of the sixth, and the answer does not have them */
    request.on_token = cancel_at_the_sixth;
    request.context = &calls;
    ticket = submit(serving, &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .request = &request});
    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_int_equal(result.finish, BOMBUS_FINISH_CANCELED);
    assert_int_equal(result.token_count, 6);
    assert_int_equal(strlen(result.text), result.text_bytes);
    assert_begins(&result, &expected);
    bombus_serving_get_stats(serving, &stats);
    assert_true(stats.steps < 20);
    bombus_ticket_free(ticket);
    bombus_result_clear(&result);
    bombus_result_clear(&expected);
    bombus_serving_free(serving);
}

static int set_up(void **state)
{
    (void)state;
    model = load_model("qwen3-4bit-g64", 2);
    tokenizer = load_tokenizer("gpt2");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_says_what_a_session_says),
        cmocka_unit_test(a_text_is_answered),
        cmocka_unit_test(refused_requests_are_told_at_once),
        cmocka_unit_test(an_answer_ends_where_the_memory_does),
        cmocka_unit_test(a_callback_may_submit),
        cmocka_unit_test(a_callback_may_cancel_its_own_request_and_others),
        cmocka_unit_test(a_prompt_can_be_canceled_between_chunks),
        cmocka_unit_test(tokens_can_be_polled),
        cmocka_unit_test(a_slow_reader_holds_up_only_its_own_request),
        cmocka_unit_test(who_gave_its_blocks_back_goes_on_when_half_is_read),
        cmocka_unit_test(who_waits_for_the_result_need_not_read),
        cmocka_unit_test(of_those_who_wait_for_a_result_one_gets_it),
        cmocka_unit_test(a_time_beyond_all_clocks_never_comes),
        cmocka_unit_test(a_reader_need_not_wait),
        cmocka_unit_test(a_priority_is_worth_places_in_the_queue),
        cmocka_unit_test(a_deadline_ends_who_waits_and_who_runs),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(tickets_outlive_the_engine),
        cmocka_unit_test(a_callback_may_free_the_engine),
        cmocka_unit_test(an_idle_engine_does_nothing),
        cmocka_unit_test(a_long_prompt_does_not_stall_others),
        cmocka_unit_test(a_shared_prefix_is_computed_once),
        cmocka_unit_test(a_second_turn_computes_only_what_is_new),
        cmocka_unit_test(guesses_that_are_right_save_steps),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
