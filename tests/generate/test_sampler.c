/* The sampler against mlx-lm's, and the properties of a draw. */
#include "base/json.h"
#include "base/memory.h"
#include "generate/request.h"
#include "generate/sampler.h"
#include "testing.h"

#include <math.h>

static bombus_error err;

/* A number, or "-inf", which JSON cannot say. */
static double number(const bb_json *value)
{
    double out = -INFINITY;

    if (!bb_json_is_text(value, "-inf"))
        assert_true(bb_json_to_double(value, &out));
    return out;
}

static double field(const bb_json *object, const char *key, double otherwise)
{
    const bb_json *value = bb_json_get(object, key);

    return value ? number(value) : otherwise;
}

static void read_request(bombus_request *r, const bb_json *c, bombus_logit_bias *bias)
{
    const bb_json *pairs = bb_json_get(c, "bias");

    bombus_request_init(r);
    r->temperature = (float)field(c, "temperature", 0);
    r->top_p = (float)field(c, "top_p", 1);
    r->min_p = (float)field(c, "min_p", 0);
    r->min_keep = (int)field(c, "min_keep", 1);
    r->top_k = (int)field(c, "top_k", 0);
    r->repetition_penalty = (float)field(c, "repetition_penalty", 1);
    r->repetition_window = (int)field(c, "repetition_window", 20);
    r->presence_penalty = (float)field(c, "presence_penalty", 0);
    r->presence_window = (int)field(c, "presence_window", 20);
    r->frequency_penalty = (float)field(c, "frequency_penalty", 0);
    r->frequency_window = (int)field(c, "frequency_window", 20);
    r->logit_bias = bias;
    r->logit_bias_count = pairs->count;
    for (size_t i = 0; i < pairs->count; i++)
        bias[i] = (bombus_logit_bias){(int32_t)number(&pairs->items[i].items[0]), (float)number(&pairs->items[i].items[1])};
}

/* Is a value of the golden row the one the sampler gives? With an absolute tolerance, and -inf only for -inf. */
static bool close_to(double ours, double golden, double tolerance)
{
    return isinf(golden) ? ours == golden : fabs(ours - golden) <= tolerance;
}

static void check_case(const bb_json *named, const bb_json *c, size_t index)
{
    enum { MOST = 64 };
    const bb_json *row = bb_json_get(named, bb_json_get(c, "logits")->text), *history = bb_json_get(c, "history");
    const bb_json *logprobs = bb_json_get(c, "logprobs"), *probabilities = bb_json_get(c, "probabilities");
    const int V = (int)row->count;
    float logits[MOST];
    bombus_logit_bias bias[MOST];
    bombus_request request;
    bb_sampler *sampler;

    assert_in_range(V, 1, MOST);
    for (int i = 0; i < V; i++)
        logits[i] = (float)number(&row->items[i]);
    read_request(&request, c, bias);
    request.top_logprobs = 20;
    assert_ok(bb_sampler_create(&sampler, V, &request, &err), err);
    memset(bias, 0xff, sizeof bias); /* the caller's array need not outlive create */
    for (size_t i = 0; i < history->count; i++)
        bb_sampler_see(sampler, (int32_t)number(&history->items[i]));

    const float *weights;
    double total = 0;
    assert_ok(bb_sampler_weights(sampler, logits, &weights, &err), err);
    for (int i = 0; i < V; i++)
        total += (double)weights[i];
    for (int i = 0; i < V; i++) {
        const double golden = number(&probabilities->items[i]), ours = (double)weights[i] / total;
        if ((golden == 0) != (ours == 0) || !close_to(ours, golden, 1e-6))
            fail_msg("case %zu, id %d: probability %.9g, mlx-lm has %.9g", index, i, ours, golden);
    }

    bb_draw draw;
    assert_ok(bb_sampler_draw(sampler, logits, 7, &draw, &err), err);
    assert_true(number(&probabilities->items[draw.id]) > 0);
    assert_int_equal(draw.top_count, V < 20 ? V : 20);
    for (size_t i = 0; logprobs && i < draw.top_count; i++)
        if (!close_to((double)draw.top[i].logprob, number(&logprobs->items[draw.top[i].id]), 2e-6))
            fail_msg("case %zu, id %d: logprob %.9g, mlx-lm has %.9g", index, draw.top[i].id, (double)draw.top[i].logprob,
                     number(&logprobs->items[draw.top[i].id]));
    if (logprobs)
        assert_true(close_to((double)draw.logprob, number(&logprobs->items[draw.id]), 2e-6));
    for (size_t i = 1; i < draw.top_count; i++) {
        const bombus_logprob a = draw.top[i - 1], b = draw.top[i];
        assert_true(a.logprob > b.logprob || (a.logprob == b.logprob && a.id < b.id));
    }
    for (int i = 0; i < V; i++)
        assert_true(logits[i] == (float)number(&row->items[i]));
    bb_sampler_free(sampler);
}

static void the_distribution_is_that_of_mlx_lm(void **state)
{
    bb_json_document golden;

    (void)state;
    assert_ok(bb_json_load(&golden, BOMBUS_GOLDEN "/sampler/sampler.json", &err), err);
    const bb_json *cases = bb_json_get(&golden.root, "cases");
    assert_in_range(cases->count, 100, 100000);
    for (size_t i = 0; i < cases->count; i++)
        check_case(bb_json_get(&golden.root, "logits"), &cases->items[i], i);
    bb_json_free(&golden);
}

/* V logits that fall off as those of a language model do, in scattered order. */
static float *make_logits(int V)
{
    float *logits = bb_alloc((size_t)V * sizeof *logits);

    for (int i = 0; i < V; i++)
        logits[i] = (float)(12 * bb_uniform(1, (uint64_t)i) * bb_uniform(2, (uint64_t)i));
    return logits;
}

static int descending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x < y) - (x > y);
}

static void large_vocabularies_are_filtered_as_sorting_would(void **state)
{
    enum { V = 30011 };
    float *logits = make_logits(V), *sorted = make_logits(V);
    const float *weights;
    bombus_request request;
    bb_sampler *sampler;

    (void)state;
    qsort(sorted, V, sizeof *sorted, descending);
    double total = 0, above = 0;
    for (int i = 0; i < V; i++)
        total += exp((double)sorted[i] - (double)sorted[0]);
    int nucleus = 0;
    for (; above < 0.9 * total; nucleus++)
        above += exp((double)sorted[nucleus] - (double)sorted[0]);

    bombus_request_init(&request);
    request.temperature = 1;
    request.top_p = 0.9f;
    assert_ok(bb_sampler_create(&sampler, V, &request, &err), err);
    assert_ok(bb_sampler_weights(sampler, logits, &weights, &err), err);
    int kept = 0;
    for (int i = 0; i < V; i++)
        kept += weights[i] > 0;
    assert_in_range(kept, nucleus - 1, nucleus + 1);
    bb_sampler_free(sampler);

    request.top_p = 1;
    request.top_k = 777;
    assert_ok(bb_sampler_create(&sampler, V, &request, &err), err);
    assert_ok(bb_sampler_weights(sampler, logits, &weights, &err), err);
    for (int i = 0; i < V; i++)
        assert_true((weights[i] > 0) == (logits[i] >= sorted[776]));
    bb_sampler_free(sampler);
    bb_free(logits);
    bb_free(sorted);
}

enum { PLAIN_MAX = 700 };

/* What the filters leave of logits [V], each applied in its turn to all that the one before left. */
static void filter_plainly(const bombus_request *r, const float *logits, int V, bool *stays)
{
    double total = 0, max = -INFINITY;

    for (int i = 0; i < V; i++)
        max = fmax(max, (double)logits[i]);
    for (int i = 0; i < V; i++)
        total += exp((double)logits[i] - max);
    for (int i = 0; i < V; i++) {
        double above = 0;
        for (int j = 0; j < V && r->top_p < 1; j++)
            above += logits[j] > logits[i] ? exp((double)logits[j] - max) : 0;
        stays[i] = r->top_p >= 1 || above < (double)r->top_p * total;
    }
    for (int stage = 0; stage < 2; stage++) {
        bool before[PLAIN_MAX];
        memcpy(before, stays, (size_t)V * sizeof *stays);
        for (int i = 0; i < V; i++) {
            int ahead_low = 0, ahead_high = 0; /* larger ones, and equal ones of lower or of higher id */
            for (int k = 0; k < V; k++) {
                ahead_low += before[k] && (logits[k] > logits[i] || (logits[k] == logits[i] && k < i));
                ahead_high += before[k] && (logits[k] > logits[i] || (logits[k] == logits[i] && k > i));
            }
            if (stage == 0 && r->min_p > 0 && (double)logits[i] < max + log((double)r->min_p) && ahead_high >= r->min_keep)
                stays[i] = false;
            if (stage == 1 && r->top_k > 0 && ahead_low >= r->top_k)
                stays[i] = false;
        }
    }
}

/* Over several blocks, with many that are equal, flat and steep. */
static void filters_together_leave_what_each_in_its_turn_would(void **state)
{
    enum { V = PLAIN_MAX };
    static const float top_p[] = {1, 0.3f, 0.9f, 0.9999f}, min_p[] = {0, 0.05f, 0.6f};
    static const int top_k[] = {0, 1, 20, 300, 699}, min_keep[] = {1, 5, 400};
    static const float steepness[] = {0.3f, 2, 20};
    float logits[V];
    bool stays[V];

    (void)state;
    for (int c = 0; c < 4 * 3 * 5 * 3 * 3; c++) {
        bombus_request request;
        bb_sampler *sampler;
        const float *weights;
        bombus_request_init(&request);
        request.temperature = 1;
        request.top_p = top_p[c % 4];
        request.min_p = min_p[c / 4 % 3];
        request.top_k = top_k[c / 12 % 5];
        request.min_keep = min_keep[c / 60 % 3];
        for (int i = 0; i < V; i++)
            logits[i] = steepness[c / 180] * (float)(int)(16 * bb_uniform(3, (uint64_t)i)) / 8;
        filter_plainly(&request, logits, V, stays);
        assert_ok(bb_sampler_create(&sampler, V, &request, &err), err);
        assert_ok(bb_sampler_weights(sampler, logits, &weights, &err), err);
        for (int i = 0; i < V; i++)
            if ((weights[i] > 0) != stays[i])
                fail_msg("top-p %g, min-p %g keeping %d, top-k %d, steepness %g: id %d %s", (double)request.top_p, (double)request.min_p,
                         request.min_keep, request.top_k, (double)steepness[c / 180], i, stays[i] ? "was removed" : "stayed");
        bb_sampler_free(sampler);
    }
}

static void draws_follow_the_distribution(void **state)
{
    enum { V = 8, DRAWS = 100000 };
    static const float logits[V] = {0, 1, 2, -1, 0.5f, -3, 1.5f, 0};
    int counts[V] = {0};
    bombus_request request;
    bb_sampler *sampler;
    const float *weights;
    bb_draw draw;

    (void)state;
    bombus_request_init(&request);
    request.temperature = 0.9f;
    request.seed = 11;
    request.top_k = 7;
    assert_ok(bb_sampler_create(&sampler, V, &request, &err), err);
    for (uint64_t i = 0; i < DRAWS; i++) {
        assert_ok(bb_sampler_draw(sampler, logits, i, &draw, &err), err);
        counts[draw.id]++;
    }
    assert_ok(bb_sampler_weights(sampler, logits, &weights, &err), err);
    double total = 0, chi = 0;
    for (int i = 0; i < V; i++)
        total += (double)weights[i];
    for (int i = 0; i < V; i++) {
        const double expected = (double)weights[i] / total * DRAWS;
        if (expected == 0)
            assert_int_equal(counts[i], 0);
        else
            chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    /* Six degrees of freedom: beyond 22.5 once in a thousand seeds, and this seed is fixed. */
    if (chi > 22.5)
        fail_msg("chi-square %g", chi);
    bb_sampler_free(sampler);
}

static void uniform_numbers_fill_their_range_and_differ_by_seed(void **state)
{
    int bins[16] = {0}, same = 0;
    double product = 0;

    (void)state;
    for (uint64_t i = 0; i < 160000; i++) {
        const double u = bb_uniform(i / 16, i % 16), v = bb_uniform(i / 16 + 1, i % 16);
        assert_true(u >= 0 && u < 1);
        bins[(int)(u * 16)]++;
        product += (u - 0.5) * (v - 0.5);
        same += u == v;
    }
    for (int i = 0; i < 16; i++)
        assert_in_range(bins[i], 9600, 10400);
    assert_int_equal(same, 0);
    assert_true(fabs(product / 160000) < 0.001); /* neighbouring seeds do not go together: 1/12 if they did */
}

static void the_same_seed_and_position_give_the_same_token(void **state)
{
    enum { V = 5000 };
    float *logits = make_logits(V);
    bombus_request request;
    bb_sampler *a, *b;
    bb_draw x, y;
    int other = 0;

    (void)state;
    bombus_request_init(&request);
    request.temperature = 1.5f;
    request.top_p = 0.95f;
    request.seed = 42;
    assert_ok(bb_sampler_create(&a, V, &request, &err), err);
    assert_ok(bb_sampler_create(&b, V, &request, &err), err);
    for (uint64_t i = 0; i < 50; i++) {
        assert_ok(bb_sampler_draw(a, logits, i, &x, &err), err);
        assert_ok(bb_sampler_draw(b, logits, 49 - i, &y, &err), err);
        assert_ok(bb_sampler_draw(b, logits, i, &y, &err), err);
        assert_int_equal(x.id, y.id);
        assert_ok(bb_sampler_draw(b, logits, i + 1, &y, &err), err);
        other += x.id != y.id;
    }
    assert_in_range(other, 40, 50);
    bb_sampler_free(a);
    bb_sampler_free(b);
    bb_free(logits);
}

static void the_least_temperature_is_greedy(void **state)
{
    static const float logits[4] = {1, 3, 2.999f, 0};
    bombus_request request;
    bb_sampler *sampler;
    bb_draw draw;

    (void)state;
    bombus_request_init(&request);
    request.temperature = 1e-45f;
    assert_ok(bb_sampler_create(&sampler, 4, &request, &err), err);
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(bb_sampler_draw(sampler, logits, i, &draw, &err), err);
        assert_int_equal(draw.id, 1);
    }
    bb_sampler_free(sampler);
}

static void logits_that_are_no_numbers_are_refused(void **state)
{
    static const float bad[][4] = {{1, NAN, 2, 0}, {NAN, 1, 2, 0}, {1, INFINITY, 2, 0}, {-INFINITY, -INFINITY, -INFINITY, -INFINITY}};
    static const float good[4] = {-INFINITY, 1, 2, -INFINITY};
    bombus_request request;
    bb_sampler *sampler;
    bb_draw draw;

    (void)state;
    bombus_request_init(&request);
    for (int hot = 0; hot < 2; hot++) {
        request.temperature = (float)hot;
        request.top_p = 0.5f;
        assert_ok(bb_sampler_create(&sampler, 4, &request, &err), err);
        for (int i = 0; i < 4; i++)
            assert_int_equal(bb_sampler_draw(sampler, bad[i], 0, &draw, &err), BOMBUS_EFORMAT);
        assert_string_equal(err.message, "logits: every token has -inf, expected finite numbers");
        assert_ok(bb_sampler_draw(sampler, good, 0, &draw, &err), err);
        assert_int_equal(draw.id, 2);
        bb_sampler_free(sampler);
    }
}

#ifdef BOMBUS_DEBUG
static void a_draw_allocates_nothing(void **state)
{
    static const float logits[6] = {0, 1, 2, 3, 1, 1};
    const bombus_logit_bias bias = {3, -1};
    bombus_request request;
    bb_sampler *sampler;
    bb_draw draw;

    (void)state;
    bombus_request_init(&request);
    request.temperature = 1;
    request.top_p = 0.9f;
    request.top_k = 4;
    request.min_p = 0.1f;
    request.min_keep = 2;
    request.repetition_penalty = 1.2f;
    request.frequency_penalty = 0.1f;
    request.logit_bias = &bias;
    request.logit_bias_count = 1;
    request.top_logprobs = 5;
    assert_ok(bb_sampler_create(&sampler, 6, &request, &err), err);
    bb_alloc_forbid();
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(bb_sampler_draw(sampler, logits, i, &draw, &err), err);
        bb_sampler_see(sampler, draw.id);
    }
    bb_alloc_allow();
    bb_sampler_free(sampler);

    for (size_t nth = 1; nth <= 8; nth++) {
        bb_alloc_fail_at(nth);
        assert_int_equal(bb_sampler_create(&sampler, 6, &request, &err), BOMBUS_ENOMEM);
        bb_alloc_fail_at(0);
        assert_null(sampler);
    }
}
#endif

static void expect_refusal(const bombus_request *request, const char *message)
{
    assert_int_equal(bb_request_check(request, 100, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, message);
}

static void a_request_out_of_range_names_the_field(void **state)
{
    bombus_request r;

    (void)state;
#define EXPECT(change, message)                                                                                                            \
    do {                                                                                                                                   \
        bombus_request_init(&r);                                                                                                           \
        assert_ok(bb_request_check(&r, 100, &err), err);                                                                                   \
        change;                                                                                                                            \
        expect_refusal(&r, "request: " message);                                                                                           \
    } while (0)
    EXPECT(r.max_tokens = -1, "max_tokens: -1, expected an integer from 0 to 2147483647");
    EXPECT(r.temperature = -0.5f, "temperature: -0.5, expected a finite number of at least 0");
    EXPECT(r.temperature = INFINITY, "temperature: inf, expected a finite number of at least 0");
    EXPECT(r.top_p = 1.5f, "top_p: 1.5, expected a number from 0 to 1");
    EXPECT(r.min_p = -1, "min_p: -1, expected a number from 0 to 1");
    EXPECT(r.min_keep = 0, "min_keep: 0, expected an integer from 1 to 2147483647");
    EXPECT(r.top_k = -3, "top_k: -3, expected an integer from 0 to 2147483647");
    EXPECT(r.repetition_penalty = -1, "repetition_penalty: -1, expected a finite number of at least 0");
    EXPECT(r.repetition_window = 0, "repetition_window: 0, expected an integer from 1 to 1048576");
    EXPECT(r.frequency_window = 0, "frequency_window: 0, expected an integer from 1 to 1048576");
    EXPECT(r.presence_penalty = INFINITY, "presence_penalty: inf, expected a finite number");
    EXPECT(r.top_logprobs = 21, "top_logprobs: 21, expected an integer from 0 to 20");
    EXPECT((r.logit_bias = &(bombus_logit_bias){100, 1}, r.logit_bias_count = 1), "logit_bias[0]: id 100, expected an id from 0 to 99");
    EXPECT((r.logit_bias = &(bombus_logit_bias){1, INFINITY}, r.logit_bias_count = 1),
           "logit_bias[0]: inf, expected a finite number or -inf");
    EXPECT((r.stop_tokens = (const int32_t[]){5, -1}, r.stop_token_count = 2), "stop_tokens[1]: id -1, expected an id from 0 to 99");
    EXPECT((r.stops = (const char *[]){"x", ""}, r.stop_count = 2), "stops[1]: empty, expected a text");
    EXPECT((r.stops = (const char *[]){"ab\xff"}, r.stop_count = 1), "stops[0]: byte 2 is not UTF-8");
#undef EXPECT

    bombus_request_init(&r);
    r.temperature = NAN;
    assert_int_equal(bb_request_check(&r, 100, &err), BOMBUS_EINVAL);
    bombus_request_init(&r);
    r.top_p = NAN;
    assert_int_equal(bb_request_check(&r, 100, &err), BOMBUS_EINVAL);
}

static void finishes_have_names(void **state)
{
    (void)state;
    assert_string_equal(bombus_finish_name(BOMBUS_FINISH_STOP), "stop");
    assert_string_equal(bombus_finish_name(BOMBUS_FINISH_CANCELED), "canceled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_distribution_is_that_of_mlx_lm),
        cmocka_unit_test(large_vocabularies_are_filtered_as_sorting_would),
        cmocka_unit_test(filters_together_leave_what_each_in_its_turn_would),
        cmocka_unit_test(draws_follow_the_distribution),
        cmocka_unit_test(uniform_numbers_fill_their_range_and_differ_by_seed),
        cmocka_unit_test(the_same_seed_and_position_give_the_same_token),
        cmocka_unit_test(the_least_temperature_is_greedy),
        cmocka_unit_test(logits_that_are_no_numbers_are_refused),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(a_draw_allocates_nothing),
#endif
        cmocka_unit_test(a_request_out_of_range_names_the_field),
        cmocka_unit_test(finishes_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
