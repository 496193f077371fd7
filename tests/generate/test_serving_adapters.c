/* Adapters in the serving engine: each request its own, loaded, named and freed while others run. */
#include "generate/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { ADAPTERS = 4, TOKENS = 20 };

static const int32_t prompt[] = {3,  14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26, 1,  2,  3,  4,  5,  6,  7,  8,  9,
                                 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30};
enum { PROMPT = sizeof prompt / sizeof *prompt };

static bombus_model *model;
static char names[ADAPTERS][24];
static bombus_result expected[1 + ADAPTERS]; /* without an adapter, and with each */

static bombus_request greedy(int max_tokens)
{
    bombus_request request;

    bombus_request_init(&request);
    request.max_tokens = max_tokens;
    request.ignore_end = true;
    return request;
}

static bombus_adapter *load(int index)
{
    bombus_adapter *adapter;

    assert_ok(bombus_adapter_load(&adapter, names[index], NULL, &err), err);
    return adapter;
}

static int set_up(void **state)
{
    const bombus_request request = greedy(TOKENS);

    (void)state;
    model = load_model("qwen3-4bit-g64", 2);
    for (int i = 0; i <= ADAPTERS; i++) {
        bombus_session *session;
        bombus_adapter_use use = {.weight = 1};
        if (i) {
            snprintf(names[i - 1], sizeof names[i - 1], "adapter-%d", i);
            make_adapter(names[i - 1], 4, (uint64_t)i);
            use.adapter = load(i - 1);
        }
        const bombus_session_options options = {.kv_dtype = BOMBUS_F32, .adapters = &use, .adapter_count = i > 0};
        assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
        answer_alone(session, prompt, PROMPT, &request, &expected[i]);
        bombus_session_free(session);
        bombus_adapter_free(use.adapter);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i <= ADAPTERS; i++)
        bombus_result_clear(&expected[i]);
    bombus_model_free(model);
    return 0;
}

static void expect(bombus_ticket *ticket, int with)
{
    bombus_result result;

    assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
    assert_same(&result, &expected[with]);
    bombus_result_clear(&result);
    bombus_ticket_free(ticket);
}

static void each_adapter_says_something_else(void **state)
{
    (void)state;
    for (int i = 0; i <= ADAPTERS; i++)
        for (int j = 0; j < i; j++)
            assert_int_not_equal(memcmp(expected[i].tokens, expected[j].tokens, TOKENS * sizeof *expected[i].tokens), 0);
}

static void an_engines_own_adapter_is_that_of_requests_that_name_none(void **state)
{
    (void)state;
    const bombus_request request = greedy(TOKENS);
    bombus_adapter *own = load(0), *other = load(1);
    bombus_serving *serving = serve(model, NULL, &(bombus_serving_options){.adapter = own});
    const bombus_adapter_use use = {other, 1};
    bombus_submission s = {.prompt = prompt, .prompt_count = PROMPT, .request = &request};

    bombus_ticket *with_own = submit(serving, &s);
    s.no_adapter = true;
    bombus_ticket *without = submit(serving, &s);
    s.no_adapter = false;
    s.adapters = &use;
    s.adapter_count = 1;
    bombus_ticket *with_other = submit(serving, &s);
    bombus_adapter_free(own);
    bombus_adapter_free(other);
    expect(with_own, 1);
    expect(without, 0);
    expect(with_other, 2);
    bombus_serving_free(serving);
}

static void prefixes_are_shared_among_requests_of_the_same_adapters_alone(void **state)
{
    (void)state;
    const bombus_request request = greedy(TOKENS);
    bombus_serving *serving = serve(model, NULL, NULL);
    bombus_adapter *adapters[] = {load(0), load(1)};
    bombus_serving_stats stats;

    for (int i = 0; i < 6; i++) {
        const bombus_adapter_use use = {adapters[i % 2], 1};
        expect(submit(serving,
                      &(bombus_submission){
                          .prompt = prompt, .prompt_count = PROMPT, .request = &request, .adapters = &use, .adapter_count = 1}),
               1 + i % 2);
        bombus_serving_get_stats(serving, &stats);
        assert_int_equal(stats.cached_tokens, i < 2 ? 0 : 32 * (i - 1));
    }
    bombus_adapter_free(adapters[0]);
    bombus_adapter_free(adapters[1]);
    bombus_serving_free(serving);
}

static void an_adapter_that_does_not_fit_is_told_at_once(void **state)
{
    (void)state;
    bombus_model *other = load_model("llama3-gqa-tied-bf16", 1);
    bombus_adapter *adapter = load(0);
    const bombus_adapter_use use = {adapter, 1};
    bombus_serving *serving;
    bombus_ticket *ticket;

    assert_int_equal(bombus_serving_create(&serving, other, NULL, &(bombus_serving_options){.adapter = adapter}, &err), BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, "self_attn.q_proj"));
    serving = serve(other, NULL, NULL);
    assert_int_equal(
        bombus_serving_submit(serving, &ticket,
                              &(bombus_submission){.prompt = prompt, .prompt_count = PROMPT, .adapters = &use, .adapter_count = 1}, &err),
        BOMBUS_EINVAL);
    assert_null(ticket);
    bombus_serving_free(serving);
    bombus_adapter_free(adapter);
    bombus_model_free(other);
}

static bombus_ticket *submit_with(bombus_serving *serving, bombus_adapter *adapter, float weight)
{
    const bombus_request request = greedy(TOKENS);
    const bombus_adapter_use use = {adapter, weight};

    return submit(serving,
                  &(bombus_submission){
                      .prompt = prompt, .prompt_count = PROMPT, .request = &request, .adapters = &use, .adapter_count = adapter != NULL});
}

static int bound(bombus_serving *serving)
{
    bombus_serving_stats stats;

    bombus_serving_get_stats(serving, &stats);
    return stats.bound;
}

static void a_freed_adapter_lives_until_its_last_request_ends(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, NULL, &(bombus_serving_options){.requests = 1});
    bombus_adapter *adapter = load(2), *watch = bombus_adapter_retain(adapter);
    bombus_ticket *tickets[5];

    for (int i = 0; i < 5; i++)
        tickets[i] = submit_with(serving, adapter, 1);
    bombus_adapter_free(adapter);
    for (int i = 0; i < 5; i++)
        expect(tickets[i], 3);
    assert_int_equal(bound(serving), 1); /* somebody holds it still */
    bombus_adapter_free(watch);
    expect(submit_with(serving, NULL, 1), 0);
    assert_int_equal(bound(serving), 0);

    adapter = load(2);
    for (int i = 0; i < 5; i++)
        tickets[i] = submit_with(serving, adapter, 1);
    bombus_adapter_free(adapter);
    for (int i = 0; i < 5; i++)
        expect(tickets[i], 3);
    assert_int_equal(bound(serving), 0); /* no later than the last of its requests */
    bombus_serving_free(serving);
}

static void engines_that_share_an_adapter_do_not_keep_it_for_each_other(void **state)
{
    (void)state;
    bombus_serving *servings[] = {serve(model, NULL, NULL), serve(model, NULL, NULL)};
    bombus_adapter *adapter = load(1);

    for (int i = 0; i < 2; i++)
        expect(submit_with(servings[i], adapter, 1), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(bound(servings[i]), 1);
    bombus_adapter_free(adapter);
    for (int i = 0; i < 2; i++) {
        expect(submit_with(servings[i], NULL, 1), 0);
        assert_int_equal(bound(servings[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        bombus_serving_free(servings[i]);
}

static void of_an_adapters_many_weights_the_last_few_stay_bound(void **state)
{
    (void)state;
    bombus_serving *serving = serve(model, NULL, NULL);
    bombus_adapter *adapter = load(0), *other = load(1);

    expect(submit_with(serving, other, 1), 2);
    for (int i = 0; i < 30; i++) {
        bombus_ticket *ticket = submit_with(serving, adapter, 1 + (float)i);
        bombus_result result;
        assert_ok(bombus_ticket_wait(ticket, &result, &err), err);
        bombus_result_clear(&result);
        bombus_ticket_free(ticket);
        assert_int_equal(bound(serving), 1 + (i < 4 ? i + 1 : 4));
        expect(submit_with(serving, adapter, 1), 1); /* the one used last is never the one that goes */
    }
    bombus_adapter_free(adapter);
    bombus_adapter_free(other);
    bombus_serving_free(serving);
}

/* ---- from several threads ---- */

typedef struct worker {
    bombus_serving *serving;
    uint64_t seed;
    atomic_int *wrong;
} worker;

static void *load_use_and_free(void *context)
{
    const worker *w = context;
    const bombus_request request = greedy(TOKENS);
    dice d = {.seed = w->seed};

    for (int i = 0; i < 25; i++) {
        const int index = roll(&d, ADAPTERS);
        bombus_adapter_use use = {.weight = 1};
        bombus_ticket *tickets[3];
        bombus_result result;
        bool right = bombus_adapter_load(&use.adapter, names[index], NULL, NULL) == BOMBUS_OK;
        for (int k = 0; k < 3; k++)
            right &= bombus_serving_submit(
                         w->serving, &tickets[k],
                         &(bombus_submission){
                             .prompt = prompt, .prompt_count = PROMPT, .request = &request, .adapters = &use, .adapter_count = 1},
                         NULL) == BOMBUS_OK;
        bombus_adapter_free(use.adapter);
        for (int k = 0; k < 3; k++) {
            if (roll(&d, 4) == 0)
                bombus_ticket_cancel(tickets[k]);
            right &=
                bombus_ticket_wait(tickets[k], &result, NULL) == BOMBUS_OK &&
                (result.token_count == 0 || memcmp(result.tokens, expected[1 + index].tokens, result.token_count * sizeof(int32_t)) == 0);
            bombus_result_clear(&result);
            bombus_ticket_free(tickets[k]);
        }
        if (!right)
            atomic_fetch_add(w->wrong, 1);
    }
    return NULL;
}

static void adapters_come_and_go_while_requests_run(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    bombus_serving *serving = serve(model, NULL, &(bombus_serving_options){.requests = 6, .kv_bytes = bytes_of_blocks(model, 12)});
    worker workers[THREADS];
    pthread_t threads[THREADS];
    atomic_int wrong = 0;

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){serving, (uint64_t)i, &wrong};
        assert_int_equal(pthread_create(&threads[i], NULL, load_use_and_free, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(wrong, 0);
    bombus_serving_free(serving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_adapter_says_something_else),
        cmocka_unit_test(an_engines_own_adapter_is_that_of_requests_that_name_none),
        cmocka_unit_test(prefixes_are_shared_among_requests_of_the_same_adapters_alone),
        cmocka_unit_test(an_adapter_that_does_not_fit_is_told_at_once),
        cmocka_unit_test(a_freed_adapter_lives_until_its_last_request_ends),
        cmocka_unit_test(engines_that_share_an_adapter_do_not_keep_it_for_each_other),
        cmocka_unit_test(of_an_adapters_many_weights_the_last_few_stay_bound),
        cmocka_unit_test(adapters_come_and_go_while_requests_run),
    };
    const char *temporary = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    leave_temporary(temporary);
    return failed;
}
