/* Sessions: a timeline that can be rewound, refused input that changes nothing, and a token loop without allocations. */
#include "testing.h"
#include "text/tokenizer/tokenizer.h"

#include <bombus/bombus.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static bombus_error err;
static const int32_t prompt[] = {3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26};
enum { PROMPT = sizeof prompt / sizeof *prompt };

/* ---- every allocation of the process passes here, so that the token loop's can be counted ---- */

#if defined(__GLIBC__) && !SANITIZED
#define COUNTS_ALLOCATIONS 1
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static atomic_bool counting;
static atomic_int allocations;

void *malloc(size_t size)
{
    if (atomic_load(&counting))
        atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (atomic_load(&counting))
        atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    if (atomic_load(&counting))
        atomic_fetch_add(&allocations, 1);
    return __libc_realloc(block, size);
}
#endif

static bombus_model *load(const char *name, int threads)
{
    bombus_model *model;
    char path[512];

    snprintf(path, sizeof path, "%s/models/%s", BOMBUS_GOLDEN, name);
    assert_ok(bombus_model_load(&model, path, &(bombus_model_options){.threads = threads}, &err), err);
    return model;
}

static bombus_session *open_session(bombus_model *model, bombus_tokenizer *tokenizer, int context)
{
    bombus_session *session;
    bombus_session_options options;

    bombus_session_options_init(&options);
    options.context = context;
    assert_ok(bombus_session_create(&session, model, tokenizer, &options, &err), err);
    return session;
}

static bombus_request greedy(int max_tokens)
{
    bombus_request request;
    bombus_request_init(&request);
    request.max_tokens = max_tokens;
    request.ignore_end = true;
    return request;
}

static void a_rewound_session_says_the_same_again(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 2);
    bombus_session *session = open_session(model, NULL, 200);
    const size_t row = (size_t)bombus_model_get_info(model)->vocabulary;
    float *first = calloc(PROMPT * row, sizeof *first), *second = calloc(PROMPT * row, sizeof *second);

    assert_ok(bombus_session_eval(session, prompt, PROMPT, first, &err), err);
    assert_int_equal(bombus_session_position(session), PROMPT);
    assert_ok(bombus_session_eval(session, (int32_t[]){1, 2, 3}, 3, NULL, &err), err);
    assert_ok(bombus_session_rewind(session, 5, &err), err);
    assert_ok(bombus_session_eval(session, prompt + 5, PROMPT - 5, second + 5 * row, &err), err);
    assert_memory_equal(first + 5 * row, second + 5 * row, (PROMPT - 5) * row * sizeof *first);
    assert_int_equal(bombus_session_rewind(session, PROMPT + 1, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "position: 13, expected 0 to 12");

    free(first);
    free(second);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void assert_tokens(const bombus_session *session, const int32_t *expected, size_t expected_count)
{
    size_t count;
    const int32_t *tokens = bombus_session_tokens(session, &count);

    assert_int_equal(count, expected_count);
    assert_int_equal(bombus_session_position(session), expected_count);
    assert_memory_equal(tokens, expected, count * sizeof *tokens);
}

static void a_session_knows_the_tokens_it_has_seen(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session;
    const bombus_session_options options = {.context = 100, .chunk = 5, .kv_dtype = BOMBUS_F32};
    bombus_request request = greedy(40);
    bombus_result result;
    int32_t seen[PROMPT + 40];

    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    assert_tokens(session, seen, 0);
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    memcpy(seen, prompt, sizeof prompt);
    memcpy(seen + PROMPT, result.tokens, 39 * sizeof *seen);
    assert_tokens(session, seen, PROMPT + 39); /* the last one was not fed */
    bombus_result_clear(&result);
    assert_int_equal(bombus_session_eval(session, (int32_t[]){7, -1}, 2, NULL, &err), BOMBUS_EINVAL);
    assert_tokens(session, seen, PROMPT + 39);
    assert_ok(bombus_session_rewind(session, 33, &err), err);
    assert_tokens(session, seen, 33);
    assert_ok(bombus_session_eval(session, &(int32_t){7}, 1, NULL, &err), err);
    seen[33] = 7;
    assert_tokens(session, seen, 34);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void what_two_prompts_have_in_common_is_kept(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    int32_t other[PROMPT];

    assert_int_equal(bombus_session_keep_prefix(session, prompt, PROMPT), 0);
    assert_ok(bombus_session_eval(session, prompt, PROMPT, NULL, &err), err);
    memcpy(other, prompt, sizeof prompt);
    assert_int_equal(bombus_session_keep_prefix(session, other, PROMPT), PROMPT);
    other[7]++;
    assert_int_equal(bombus_session_keep_prefix(session, other, PROMPT), 7);
    assert_tokens(session, prompt, 7);
    assert_int_equal(bombus_session_keep_prefix(session, prompt, 3), 3);
    assert_tokens(session, prompt, 3);
    assert_int_equal(bombus_session_keep_prefix(session, NULL, 0), 0);
    assert_tokens(session, prompt, 0);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void an_answer_does_not_depend_on_how_its_prompt_was_fed(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 2);
    bombus_session *session = open_session(model, NULL, 100);
    bombus_request request = greedy(30);
    bombus_result whole, parts;

    request.temperature = 0.9f;
    request.repetition_penalty = 1.5f;
    request.frequency_penalty = 2;
    request.frequency_window = 8;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &whole, &err), err);
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    assert_ok(bombus_session_eval(session, prompt, 9, NULL, &err), err);
    assert_ok(bombus_session_generate(session, prompt + 9, PROMPT - 9, &request, &parts, &err), err);
    assert_int_equal(parts.token_count, 30);
    assert_memory_equal(parts.tokens, whole.tokens, 30 * sizeof *whole.tokens);
    assert_memory_equal(parts.logprobs, whole.logprobs, 30 * sizeof *whole.logprobs);
    bombus_result_clear(&whole);
    bombus_result_clear(&parts);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void refused_input_leaves_the_session_as_it_was(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 20);
    bombus_request request = greedy(4);
    bombus_result result;
    char message[128];
    int32_t many[21] = {0};

    assert_ok(bombus_session_eval(session, prompt, 3, NULL, &err), err);
    assert_int_equal(bombus_session_eval(session, (int32_t[]){1, -1}, 2, NULL, &err), BOMBUS_EINVAL);
    snprintf(message, sizeof message, "tokens: token 1 is -1, expected an id from 0 to %d", bombus_model_get_info(model)->vocabulary - 1);
    assert_string_equal(err.message, message);
    assert_int_equal(bombus_session_eval(session, many, 18, NULL, &err), BOMBUS_ELIMIT);
    assert_string_equal(err.message, "tokens: 18 tokens, the context of 20 has room for 17");
    assert_int_equal(bombus_session_generate(session, many, 18, &request, &result, &err), BOMBUS_ELIMIT);
    bombus_result_clear(&result);
    assert_int_equal(bombus_session_generate(session, many, 0, &request, &result, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "prompt: no tokens, expected at least 1");
    bombus_result_clear(&result);
    request.stops = (const char *const[]){"x"};
    request.stop_count = 1;
    assert_int_equal(bombus_session_generate(session, many, 1, &request, &result, &err), BOMBUS_EINVAL);
    bombus_result_clear(&result);
    request.stop_count = 0;
    request.top_p = NAN;
    assert_int_equal(bombus_session_generate(session, many, 1, &request, &result, &err), BOMBUS_EINVAL);
    bombus_result_clear(&result);
    assert_int_equal(bombus_session_position(session), 3);
    bombus_session_free(session);

    bombus_session_options options = {.context = -1};
    assert_int_equal(bombus_session_create(&session, model, NULL, &options, &err), BOMBUS_EINVAL);
    options = (bombus_session_options){.kv_dtype = BOMBUS_BF16};
    assert_int_equal(bombus_session_create(&session, model, NULL, &options, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "kv_dtype: BF16, expected F32, F16 or I8");
    bombus_model_free(model);
}

static bool stop_prompt(size_t done, size_t count, void *context)
{
    size_t *calls = context;

    assert_int_equal(count, PROMPT);
    assert_int_equal(done, 4 * ++*calls);
    return *calls != 2;
}

static void a_prompt_can_be_canceled_between_chunks(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session;
    const bombus_session_options options = {.context = 40, .chunk = 4, .kv_dtype = BOMBUS_F32};
    bombus_request request = greedy(5);
    bombus_result whole, canceled, resumed;
    size_t calls = 0;

    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &whole, &err), err);
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    request.on_prompt = stop_prompt;
    request.context = &calls;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &canceled, &err), err);
    assert_int_equal(calls, 2);
    assert_int_equal(canceled.finish, BOMBUS_FINISH_CANCELED);
    assert_int_equal(canceled.token_count, 0);
    assert_int_equal(canceled.prompt_count, 8);
    assert_tokens(session, prompt, 8);

    request.on_prompt = NULL;
    assert_ok(bombus_session_generate(session, prompt + 8, PROMPT - 8, &request, &resumed, &err), err);
    assert_int_equal(resumed.token_count, 5);
    assert_memory_equal(resumed.tokens, whole.tokens, 5 * sizeof *whole.tokens);
    bombus_result_clear(&whole);
    bombus_result_clear(&canceled);
    bombus_result_clear(&resumed);
    bombus_session_free(session);
    bombus_model_free(model);
}

/* With penalties too, which look back on what the session has kept. */
static void a_second_turn_feeds_only_what_is_new_and_says_the_same(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *kept = open_session(model, NULL, 200), *fresh = open_session(model, NULL, 200);
    bombus_request request = greedy(40);
    bombus_result first, second, whole;
    int32_t turn[PROMPT + 40 + 2];
    const size_t count = sizeof turn / sizeof *turn;

    request.temperature = 1;
    request.seed = 11;
    request.repetition_penalty = 1.5f;
    request.repetition_window = 60;
    request.frequency_penalty = 2;
    assert_ok(bombus_session_generate(kept, prompt, PROMPT, &request, &first, &err), err);
    memcpy(turn, prompt, sizeof prompt);
    memcpy(turn + PROMPT, first.tokens, 40 * sizeof *turn);
    turn[PROMPT + 40] = 7;
    turn[PROMPT + 41] = 8;
    const int same = bombus_session_keep_prefix(kept, turn, count - 1);
    assert_int_equal(same, PROMPT + 39); /* the last token drawn was not fed */
    assert_ok(bombus_session_generate(kept, turn + same, count - (size_t)same, &request, &second, &err), err);
    assert_int_equal(second.prompt_count, 3);
    assert_ok(bombus_session_generate(fresh, turn, count, &request, &whole, &err), err);
    assert_int_equal(whole.prompt_count, count);
    assert_int_equal(second.token_count, 40);
    assert_memory_equal(second.tokens, whole.tokens, 40 * sizeof *whole.tokens);
    assert_memory_equal(second.logprobs, whole.logprobs, 40 * sizeof *whole.logprobs);
    bombus_result_clear(&first);
    bombus_result_clear(&second);
    bombus_result_clear(&whole);
    bombus_session_free(kept);
    bombus_session_free(fresh);
    bombus_model_free(model);
}

static void an_answer_ends_where_the_context_does(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, PROMPT + 5);
    bombus_request request = greedy(1000);
    bombus_result result;

    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    assert_int_equal(result.token_count, 6);
    assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
    bombus_result_clear(&result);

    assert_ok(bombus_session_rewind(session, 0, &err), err);
    request.max_tokens = 0;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    assert_int_equal(result.token_count, 0);
    assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

typedef struct watch {
    int calls, cancel_at;
    int32_t last;
    float last_logprob, best;
} watch;

static bool on_token(const bombus_token *token, void *context)
{
    watch *w = context;

#ifdef COUNTS_ALLOCATIONS
    atomic_store(&counting, false);
#endif
    w->last = token->id;
    w->last_logprob = token->logprob;
    w->best = token->top_count ? token->top[0].logprob : 0;
    const bool go_on = ++w->calls != w->cancel_at;
#ifdef COUNTS_ALLOCATIONS
    atomic_store(&counting, go_on);
#endif
    return go_on;
}

static void the_callback_can_cancel(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    bombus_request request = greedy(50);
    bombus_result result;
    watch w = {.cancel_at = 3};

    request.on_token = on_token;
    request.context = &w;
    request.top_logprobs = 2;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    assert_int_equal(result.finish, BOMBUS_FINISH_CANCELED);
    assert_int_equal(result.token_count, 3);
    assert_int_equal(w.last, result.tokens[2]);
    assert_true(w.last_logprob == w.best && w.best == result.logprobs[2] && w.best < 0);
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void a_stop_token_ends_the_answer_and_is_not_part_of_it(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    bombus_request request = greedy(10);
    bombus_result whole, stopped;
    size_t at = 0;

    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &whole, &err), err);
    assert_int_equal(whole.token_count, 10);
    while (whole.tokens[at] != whole.tokens[5])
        at++;
    request.stop_tokens = &whole.tokens[5];
    request.stop_token_count = 1;
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &stopped, &err), err);
    assert_int_equal(stopped.finish, BOMBUS_FINISH_STOP);
    assert_int_equal(stopped.token_count, at);
    assert_memory_equal(stopped.tokens, whole.tokens, at * sizeof *whole.tokens);
    bombus_result_clear(&whole);
    bombus_result_clear(&stopped);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void the_callback_receives_the_end_token_too(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    bombus_request request = greedy(10);
    bombus_result result;
    watch w = {.cancel_at = 1}; /* too late: the answer ends here anyway */

    request.on_token = on_token;
    request.context = &w;
    request.logit_bias = &(bombus_logit_bias){5, 1e6f};
    request.logit_bias_count = 1;
    request.stop_tokens = (const int32_t[]){5};
    request.stop_token_count = 1;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.last, 5);
    assert_int_equal(result.finish, BOMBUS_FINISH_STOP);
    assert_int_equal(result.token_count, 0);
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

static bool linger_at_the_second(const bombus_token *token, void *context)
{
    int *calls = context;

    (void)token;
    if (++*calls == 2)
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    return true;
}

static void the_prompts_time_ends_with_the_first_token(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    bombus_request request = greedy(2);
    bombus_result whole, result;
    int calls = 0;

    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &whole, &err), err);
    assert_int_not_equal(whole.tokens[0], whole.tokens[1]);
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    request.stop_tokens = &whole.tokens[1];
    request.stop_token_count = 1;
    request.on_token = linger_at_the_second;
    request.context = &calls;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    assert_int_equal(result.token_count, 1);
    assert_true(result.generate_seconds >= 0.03);
    bombus_result_clear(&whole);
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void an_answer_that_fails_leaves_the_session_as_it_was(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 100);
    const int vocabulary = bombus_model_get_info(model)->vocabulary;
    bombus_logit_bias *bans = calloc((size_t)vocabulary, sizeof *bans);
    bombus_request request = greedy(10);
    bombus_result result;

    for (int i = 0; i < vocabulary; i++)
        bans[i] = (bombus_logit_bias){i, -INFINITY};
    request.logit_bias = bans;
    request.logit_bias_count = (size_t)vocabulary;
    assert_ok(bombus_session_eval(session, prompt, 3, NULL, &err), err);
    assert_int_equal(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), BOMBUS_EFORMAT);
    assert_int_equal(bombus_session_position(session), 3);
    bombus_result_clear(&result);
    free(bans);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void an_id_that_the_tokenizer_lacks_has_no_text(void **state)
{
    static const char two_tokens[] = "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": []}}";
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_tokenizer *tokenizer;
    bombus_request request = greedy(3);
    bombus_result result;

    (void)state;
    assert_ok(bb_tokenizer_parse(&tokenizer, two_tokens, sizeof two_tokens - 1, "two.json", &err), err);
    bombus_session *session = open_session(model, tokenizer, 100);
    for (int32_t id = 1; id <= 100; id += 99) {
        request.logit_bias = &(bombus_logit_bias){id, 1e6f};
        request.logit_bias_count = 1;
        assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
        assert_int_equal(result.token_count, 3);
        assert_int_equal(result.tokens[2], id);
        assert_int_equal(strlen(result.text), result.text_bytes);
        assert_int_equal(strchr(result.text, 'b') != NULL, id == 1);
        bombus_result_clear(&result);
    }
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
}

#ifdef COUNTS_ALLOCATIONS
static void count_allocations(bombus_model *model, bombus_tokenizer *tokenizer)
{
    bombus_session *session = open_session(model, tokenizer, 200);
    bombus_request request = greedy(100);
    bombus_result result;
    watch w = {0};

    request.on_token = on_token;
    request.context = &w;
    request.temperature = 0.8f;
    request.top_p = 0.9f;
    request.min_p = 0.01f;
    request.top_k = 40;
    request.repetition_penalty = 1.1f;
    request.top_logprobs = 5;
    request.stops = (const char *const[]){"no such text"};
    request.stop_count = tokenizer ? 1 : 0;
    allocations = 0;
    assert_ok(bombus_session_generate(session, prompt, PROMPT, &request, &result, &err), err);
    counting = false;
    assert_int_equal(w.calls, 100);
    assert_int_equal(allocations, 0);
    assert_true(!tokenizer || result.text_bytes > 0);
    bombus_result_clear(&result);
    bombus_session_free(session);
}
#endif

static void the_token_loop_allocates_nothing(void **state)
{
    (void)state;
#ifdef COUNTS_ALLOCATIONS
    static const char *const tokenizers[] = {"gpt2", "mistral"};
    bombus_model *model = load("qwen3-4bit-g64", 2);

    count_allocations(model, NULL);
    for (int i = 0; i < 2; i++) {
        bombus_tokenizer *tokenizer;
        char path[512];
        snprintf(path, sizeof path, "%s/tokenizer/%s.json", BOMBUS_GOLDEN, tokenizers[i]);
        assert_ok(bombus_tokenizer_load(&tokenizer, path, &err), err);
        count_allocations(model, tokenizer);
        bombus_tokenizer_free(tokenizer);
    }
    allocations = 0;
    counting = true; /* the counter does count */
    void *volatile proof = malloc(1);
    counting = false;
    free(proof);
    assert_int_equal(allocations, 1);
    bombus_model_free(model);
#else
    print_message("SKIP: allocations cannot be counted in this build\n");
    skip();
#endif
}

static void an_f16_cache_is_close_to_an_f32_one(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    const size_t count = PROMPT * (size_t)bombus_model_get_info(model)->vocabulary;
    float *logits[2], largest = 0, difference = 0;

    for (int i = 0; i < 2; i++) {
        bombus_session *session;
        bombus_session_options options;
        bombus_session_options_init(&options);
        options.kv_dtype = i ? BOMBUS_F16 : BOMBUS_F32;
        logits[i] = calloc(count, sizeof(float));
        assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
        assert_ok(bombus_session_eval(session, prompt, PROMPT, logits[i], &err), err);
        bombus_session_free(session);
    }
    for (size_t i = 0; i < count; i++) {
        largest = fmaxf(largest, fabsf(logits[0][i]));
        difference = fmaxf(difference, fabsf(logits[0][i] - logits[1][i]));
    }
    assert_true(difference > 0 && difference < 0.01f * largest);
    free(logits[0]);
    free(logits[1]);
    bombus_model_free(model);
}

static void *generate_in_thread(void *model)
{
    bombus_session *session;
    bombus_request request = greedy(30);
    bombus_result *result = calloc(1, sizeof *result);
    bombus_error error;

    if (bombus_session_create(&session, model, NULL, NULL, &error) == BOMBUS_OK) {
        bombus_session_generate(session, prompt, PROMPT, &request, result, &error);
        bombus_session_free(session);
    }
    return result;
}

/* A thread's answer is the one that was given alone. */
static void expect_answer(pthread_t thread, const bombus_result *alone)
{
    void *answer;

    assert_int_equal(pthread_join(thread, &answer), 0);
    bombus_result *result = answer;
    assert_int_equal(result->token_count, 30);
    assert_memory_equal(result->tokens, alone->tokens, 30 * sizeof *alone->tokens);
    assert_memory_equal(result->logprobs, alone->logprobs, 30 * sizeof *alone->logprobs);
    bombus_result_clear(result);
    free(result);
}

static void sessions_in_several_threads_share_a_model(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    bombus_model *model = load("qwen3-4bit-g64", 2);
    pthread_t threads[THREADS];
    bombus_result *alone = generate_in_thread(model);

    assert_int_equal(alone->token_count, 30);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, generate_in_thread, model), 0);
    for (int i = 0; i < THREADS; i++)
        expect_answer(threads[i], alone);
    bombus_result_clear(alone);
    free(alone);
    bombus_model_free(model);
}

static void models_in_several_threads_keep_apart(void **state)
{
    (void)state;
    enum { MODELS = 2, ROUNDS = 3 };
    bombus_model *models[MODELS] = {load("qwen3-4bit-g64", 2), load("mxfp4", 2)};
    bombus_result *alone[MODELS];

    for (int i = 0; i < MODELS; i++) {
        alone[i] = generate_in_thread(models[i]);
        assert_int_equal(alone[i]->token_count, 30);
    }
    assert_memory_not_equal(alone[0]->tokens, alone[1]->tokens, 30 * sizeof *alone[0]->tokens);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[MODELS];
        for (int i = 0; i < MODELS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, generate_in_thread, models[i]), 0);
        for (int i = 0; i < MODELS; i++)
            expect_answer(threads[i], alone[i]);
    }
    for (int i = 0; i < MODELS; i++) {
        bombus_result_clear(alone[i]);
        free(alone[i]);
        bombus_model_free(models[i]);
    }
}

static void a_session_outlives_the_handles_it_was_made_from(void **state)
{
    (void)state;
    bombus_model *model = load("qwen3-4bit-g64", 1);
    bombus_session *session = open_session(model, NULL, 50);

    bombus_model_free(model);
    assert_ok(bombus_session_eval(session, prompt, PROMPT, NULL, &err), err);
    bombus_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rewound_session_says_the_same_again),
        cmocka_unit_test(a_session_knows_the_tokens_it_has_seen),
        cmocka_unit_test(what_two_prompts_have_in_common_is_kept),
        cmocka_unit_test(an_answer_does_not_depend_on_how_its_prompt_was_fed),
        cmocka_unit_test(refused_input_leaves_the_session_as_it_was),
        cmocka_unit_test(a_prompt_can_be_canceled_between_chunks),
        cmocka_unit_test(a_second_turn_feeds_only_what_is_new_and_says_the_same),
        cmocka_unit_test(an_answer_ends_where_the_context_does),
        cmocka_unit_test(the_callback_can_cancel),
        cmocka_unit_test(a_stop_token_ends_the_answer_and_is_not_part_of_it),
        cmocka_unit_test(the_callback_receives_the_end_token_too),
        cmocka_unit_test(the_prompts_time_ends_with_the_first_token),
        cmocka_unit_test(an_answer_that_fails_leaves_the_session_as_it_was),
        cmocka_unit_test(an_id_that_the_tokenizer_lacks_has_no_text),
        cmocka_unit_test(the_token_loop_allocates_nothing),
        cmocka_unit_test(an_f16_cache_is_close_to_an_f32_one),
        cmocka_unit_test(sessions_in_several_threads_share_a_model),
        cmocka_unit_test(models_in_several_threads_keep_apart),
        cmocka_unit_test(a_session_outlives_the_handles_it_was_made_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
