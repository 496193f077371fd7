/* Guesses: what prompt lookup finds, and that answers are the same with guesses and without, whoever makes them. */
#include "generate/draft.h"

#include "generate/engine.h"

static void expect_guess(const int32_t *tokens, int count, const int32_t *expected, int most)
{
    int32_t draft[BB_MAX_DRAFT];

    assert_int_equal(bb_lookup_draft(tokens, count, most, draft), expected ? most : 0);
    if (expected)
        assert_memory_equal(draft, expected, (size_t)most * sizeof *draft);
}

static void lookup_goes_on_as_the_text_did_before(void **state)
{
    (void)state;
    expect_guess((int32_t[]){1, 2, 3, 4, 5, 9, 1, 2}, 8, (int32_t[]){3, 4, 5}, 3);
    expect_guess((int32_t[]){1, 2, 3, 4, 5}, 5, NULL, 3);
    expect_guess((int32_t[]){7}, 1, NULL, 3);
    expect_guess((int32_t[]){2, 9, 1, 2}, 4, NULL, 3); /* one token is no reason to guess */
}

static void lookup_prefers_the_longest_match_and_then_the_latest(void **state)
{
    (void)state;
    expect_guess((int32_t[]){5, 1, 2, 30, 1, 2, 40, 5, 1, 2}, 10, (int32_t[]){30, 1}, 2);
    expect_guess((int32_t[]){5, 1, 2, 30, 5, 1, 2, 40, 5, 1, 2}, 11, (int32_t[]){40, 5}, 2);
}

static void lookup_goes_on_with_its_own_guess_where_a_text_repeats(void **state)
{
    (void)state;
    expect_guess((int32_t[]){1, 2, 3, 1, 2, 3}, 6, (int32_t[]){1, 2, 3, 1, 2, 3}, 6);
    expect_guess((int32_t[]){4, 4, 4}, 3, (int32_t[]){4, 4, 4, 4}, 4);
}

static void a_guess_is_at_most_twice_as_long_as_what_was_the_same(void **state)
{
    const int32_t tokens[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2};
    int32_t draft[BB_MAX_DRAFT];

    (void)state;
    assert_int_equal(bb_lookup_draft(tokens, 11, BB_MAX_DRAFT, draft), 4);
    assert_memory_equal(draft, tokens + 2, 4 * sizeof *draft);
}

static void the_pace_follows_success(void **state)
{
    bb_pace pace = bb_pace_begin(20);

    (void)state;
    const int first = pace.next;
    bb_pace_learn(&pace, first, first);
    assert_int_equal(pace.next, 2 * first);
    bb_pace_learn(&pace, 2 * first, 2 * first);
    bb_pace_learn(&pace, 4 * first, 4 * first);
    assert_int_equal(pace.next, 20);
    bb_pace_learn(&pace, 20, 10); /* half of them: it is as good as it was thought */
    assert_int_equal(pace.next, 20);
    bb_pace_learn(&pace, 20, 9);
    assert_int_equal(pace.next, 10);
    bb_pace_learn(&pace, 0, 0);
    assert_int_equal(pace.next, 10);
    for (int i = 0; i < 5; i++)
        bb_pace_learn(&pace, 4, 0);
    assert_int_equal(pace.next, 1);
    pace = bb_pace_begin(2);
    assert_int_equal(pace.next, 2);
}

/* ---- answers ---- */

static bombus_session *open_session(bombus_model *model, bombus_tokenizer *tokenizer, bombus_model *draft, bombus_dtype kv)
{
    bombus_session *session;
    const bombus_session_options options = {.context = 160, .kv_dtype = kv, .draft_model = draft};

    assert_ok(bombus_session_create(&session, model, tokenizer, &options, &err), err);
    return session;
}

static void vary(bombus_request *request, dice *d)
{
    static const char *const stops[] = {"!", "AB"};

    bombus_request_init(request);
    request->max_tokens = 1 + roll(d, 150);
    request->seed = (uint64_t)roll(d, 1000);
    request->ignore_end = roll(d, 3) > 0;
    request->temperature = roll(d, 2) ? 0.3f + 0.1f * (float)roll(d, 8) : 0;
    request->top_p = roll(d, 2) ? 0.8f : 1;
    request->repetition_penalty = roll(d, 3) ? 1 : 1.2f;
    if (roll(d, 3) == 0) {
        request->stops = stops;
        request->stop_count = 2;
    }
}

/* Many requests with and without guesses; who guesses is the draft model, or without one the text. */
static void compare(bombus_model *model, bombus_model *draft, size_t *drafted, size_t *accepted)
{
    bombus_tokenizer *tokenizer = load_tokenizer("gpt2");
    const bombus_dtype kvs[] = {BOMBUS_F32, BOMBUS_I8};
    dice d = {.seed = 3};

    *drafted = *accepted = 0;
    for (int i = 0; i < 40; i++) {
        bombus_session *plain = open_session(model, tokenizer, NULL, kvs[i % 2]);
        bombus_session *guessing = open_session(model, tokenizer, draft, kvs[i % 2]);
        bombus_request request;
        bombus_result expected, result;
        int32_t prompt[40];
        const size_t count = (size_t)(1 + roll(&d, 40));

        for (size_t k = 0; k < count; k++)
            prompt[k] = roll(&d, 128);
        vary(&request, &d);
        answer_alone(plain, prompt, count, &request, &expected);
        request.draft_tokens = 1 + roll(&d, BB_MAX_DRAFT);
        answer_alone(guessing, prompt, count, &request, &result);
        assert_same(&result, &expected);
        assert_int_equal(bombus_session_position(guessing), bombus_session_position(plain));
        assert_true(result.accepted_count <= result.drafted_count && result.accepted_count <= result.token_count);
        *drafted += result.drafted_count;
        *accepted += result.accepted_count;
        bombus_result_clear(&result);
        bombus_result_clear(&expected);
        bombus_session_free(plain);
        bombus_session_free(guessing);
    }
    bombus_tokenizer_free(tokenizer);
    print_message("%zu guesses, of which %zu were right\n", *drafted, *accepted);
}

static void an_answer_is_the_same_with_prompt_lookup(void **state)
{
    (void)state;
    bombus_model *model = load_model("qwen3-4bit-g64", 2);
    size_t drafted, accepted;

    compare(model, NULL, &drafted, &accepted);
    assert_true(accepted > 20 && accepted < drafted);
    bombus_model_free(model);
}

static void an_answer_is_the_same_with_a_draft_model(void **state)
{
    (void)state;
    bombus_model *model = load_model("qwen3-4bit-g64", 2), *other = load_model("qwen3-tied-bf16", 1);
    size_t drafted, accepted;

    /* Of itself a model knows what it will say, but for penalties of what it has not said yet, and where it will end. */
    compare(model, model, &drafted, &accepted);
    assert_true(4 * accepted > 3 * drafted);
    assert_true(accepted > 1000);
    compare(model, other, &drafted, &accepted);
    assert_true(drafted > 0 && accepted < drafted);
    bombus_model_free(other);
    bombus_model_free(model);
}

static void a_bad_number_of_guesses_is_refused(void **state)
{
    (void)state;
    bombus_model *model = load_model("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, NULL, BOMBUS_F32);
    bombus_request request;
    bombus_result result;

    bombus_request_init(&request);
    request.draft_tokens = 33;
    assert_int_equal(bombus_session_generate(session, (int32_t[]){1}, 1, &request, &result, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "request: draft_tokens: 33, expected an integer from 0 to 31");
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookup_goes_on_as_the_text_did_before),
        cmocka_unit_test(lookup_prefers_the_longest_match_and_then_the_latest),
        cmocka_unit_test(lookup_goes_on_with_its_own_guess_where_a_text_repeats),
        cmocka_unit_test(a_guess_is_at_most_twice_as_long_as_what_was_the_same),
        cmocka_unit_test(the_pace_follows_success),
        cmocka_unit_test(an_answer_is_the_same_with_prompt_lookup),
        cmocka_unit_test(an_answer_is_the_same_with_a_draft_model),
        cmocka_unit_test(a_bad_number_of_guesses_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
