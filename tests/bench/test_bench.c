/* The benchmark: what it counts, what it refuses, and that its models are models. Never how long anything took. */
#include "base/cores.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench/work.h"
#include "testing.h"

#include <bombus/bench.h>
#include <bombus/generate.h>
#include <math.h>
#include <sys/stat.h>

static bombus_error err;
static const bombus_quantization affine4 = {BOMBUS_AFFINE, 4, 64};

static void make(const char *directory, const char *shape, bombus_quantization quantization, bombus_dtype dtype, uint64_t seed)
{
    mkdir(directory, 0777);
    assert_ok(bombus_bench_random_model(directory, shape, &quantization, dtype, seed, &err), err);
}

static bombus_model *load_tiny(void)
{
    bombus_model *model;

    make("tiny", "tiny", affine4, BOMBUS_BF16, 0);
    assert_ok(bombus_model_load(&model, "tiny", &(bombus_model_options){.threads = 1}, &err), err);
    return model;
}

/* ---- the machine ---- */

static void a_machine_has_three_figures_and_the_kernels_that_gave_them(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        bombus_machine m;
        assert_ok(bombus_bench_machine(&m, threads, &err), err);
        assert_int_equal(m.threads, threads);
        assert_true(isfinite(m.read_bandwidth) && m.read_bandwidth > 0);
        assert_true(isfinite(m.int8_peak) && m.int8_peak > 0);
        assert_true(isfinite(m.float_peak) && m.float_peak > 0);
        assert_true(m.caches > 0 && m.read_buffers > 0);
        if (m.read_buffers < 4 * m.caches && m.read_buffers < bb_cores_memory_available("") / 5)
            fail_msg("buffers of %.0f MB, expected four times the caches, %.0f MB", (double)m.read_buffers / 1e6, (double)m.caches / 1e6);
        assert_non_null(m.read_kernel);
        assert_non_null(m.int8_kernel);
        assert_non_null(m.float_kernel);
    }
}

static void a_number_of_threads_that_is_none_is_refused(void **state)
{
    bombus_machine m;

    (void)state;
    assert_int_equal(bombus_bench_machine(&m, -1, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "threads: -1, expected 0 to 1024");
}

/* ---- random models ---- */

static void assert_same_file(const char *a, const char *b, bool same)
{
    bb_map x, y;

    assert_ok(bb_map_open(&x, a, &err), err);
    assert_ok(bb_map_open(&y, b, &err), err);
    assert_int_equal(x.size == y.size && memcmp(x.data, y.data, x.size) == 0, same);
    bb_map_close(&x);
    bb_map_close(&y);
}

static void the_same_seed_gives_the_same_bytes_and_another_others(void **state)
{
    (void)state;
    make("a", "tiny", affine4, BOMBUS_BF16, 7);
    make("b", "tiny", affine4, BOMBUS_BF16, 7);
    make("c", "tiny", affine4, BOMBUS_BF16, 8);
    assert_same_file("a/model.safetensors", "b/model.safetensors", true);
    assert_same_file("a/config.json", "b/config.json", true);
    assert_same_file("a/model.safetensors", "c/model.safetensors", false);
}

static void generate(const char *directory, int32_t tokens[8])
{
    static const int32_t prompt[] = {1, 2, 3, 500};
    bombus_model *model;
    bombus_session *session;
    bombus_request request;
    bombus_result result;

    assert_ok(bombus_model_load(&model, directory, NULL, &err), err);
    assert_ok(bombus_session_create(&session, model, NULL, NULL, &err), err);
    bombus_request_init(&request);
    request.max_tokens = 8;
    assert_ok(bombus_session_generate(session, prompt, 4, &request, &result, &err), err);
    assert_int_equal(result.token_count, 8);
    memcpy(tokens, result.tokens, 8 * sizeof *tokens);
    bombus_result_clear(&result);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void models_of_the_same_seed_say_the_same(void **state)
{
    int32_t first[8], second[8];

    (void)state;
    make("a", "tiny", affine4, BOMBUS_BF16, 7);
    make("b", "tiny", affine4, BOMBUS_BF16, 7);
    generate("a", first);
    generate("b", second);
    assert_memory_equal(first, second, sizeof first);
}

/* Weights of about 1 / sqrt(columns) make logits of about 1. */
static void assert_sane(const char *directory)
{
    static const int32_t tokens[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static float logits[8 * 512];
    bombus_model *model;
    bombus_session *session;
    double squares = 0;

    assert_ok(bombus_model_load(&model, directory, NULL, &err), err);
    assert_int_equal(bombus_model_get_info(model)->vocabulary, 512);
    assert_ok(bombus_session_create(&session, model, NULL, NULL, &err), err);
    assert_ok(bombus_session_eval(session, tokens, 8, logits, &err), err);
    for (size_t i = 0; i < 8 * 512; i++)
        squares += (double)logits[i] * (double)logits[i];
    const double size = sqrt(squares / (8 * 512));
    if (!(size > 0.3 && size < 3))
        fail_msg("%s: logits of size %g", directory, size);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void every_mode_width_and_type_gives_a_model_of_sane_size(void **state)
{
    static const bombus_quantization all[] = {
        {BOMBUS_AFFINE, 2, 64}, {BOMBUS_AFFINE, 3, 32},  {BOMBUS_AFFINE, 4, 128}, {BOMBUS_AFFINE, 5, 64},
        {BOMBUS_AFFINE, 6, 64}, {BOMBUS_AFFINE, 8, 128}, {BOMBUS_AFFINE, 0, 0},   {BOMBUS_MXFP4, 0, 0},
        {BOMBUS_MXFP8, 0, 0},   {BOMBUS_NVFP4, 0, 0},    {BOMBUS_DENSE, 0, 0},
    };
    static const bombus_dtype dtypes[] = {BOMBUS_BF16, BOMBUS_F16, BOMBUS_F32};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t j = 0; j < sizeof dtypes / sizeof *dtypes; j++) {
            make("sane", "tiny", all[i], dtypes[j], 3);
            assert_sane("sane");
        }
    }
}

/* The figures of each family's first model, as its own config.json has them. */
static void a_model_has_the_published_shape(void **state)
{
    bombus_model *model;

    (void)state;
    make("real", "qwen2.5-0.5b", (bombus_quantization){BOMBUS_AFFINE, 2, 128}, BOMBUS_BF16, 0);
    assert_ok(bombus_model_load(&model, "real", NULL, &err), err);
    const bombus_model_info *info = bombus_model_get_info(model);
    assert_string_equal(info->architecture, "Qwen2ForCausalLM");
    assert_int_equal(info->parameters, 494032768);
    assert_true(info->tied);
    assert_int_equal(info->quantization.bits, 2);
    bombus_model_free(model);
    assert_int_equal(system("rm -r real"), 0);
}

static void what_cannot_be_made_is_refused_with_what_can(void **state)
{
    const bombus_quantization seven = {BOMBUS_AFFINE, 7, 64}, dense4 = {BOMBUS_DENSE, 4, 0};

    (void)state;
    assert_int_equal(bombus_bench_random_model(".", "gpt-5", &affine4, BOMBUS_BF16, 0, &err), BOMBUS_ENOTFOUND);
    assert_non_null(strstr(err.message, "shape \"gpt-5\" is not known, expected one of qwen3-0.6b, "));
    assert_non_null(strstr(err.message, ", tiny"));
    assert_int_equal(bombus_bench_random_model(".", "tiny", &seven, BOMBUS_BF16, 0, &err), BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "quantization: affine with 7 bits, expected 2, 3, 4, 5, 6 or 8");
    assert_int_equal(bombus_bench_random_model(".", "tiny", &dense4, BOMBUS_BF16, 0, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "quantization: dense with 4 bits, expected 16 for BF16");
    assert_int_equal(bombus_bench_random_model(".", "tiny", &affine4, BOMBUS_I32, 0, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "dtype: I32, expected F32, F16 or BF16");
    assert_int_equal(bombus_bench_random_model("nowhere", "tiny", &affine4, BOMBUS_BF16, 0, &err), BOMBUS_ENOTFOUND);
    assert_true(access("config.json", F_OK) != 0);
}

static void shapes_are_listed_to_the_end(void **state)
{
    size_t count = 0;

    (void)state;
    while (bombus_bench_shape_at(count))
        count++;
    assert_true(count > 10);
    assert_null(bombus_bench_shape_at(count + 1));
}

static void lack_of_memory_is_told_while_a_model_is_made(void **state)
{
    (void)state;
#ifdef BOMBUS_DEBUG
    bombus_status status = BOMBUS_ENOMEM;

    mkdir("poor", 0777);
    for (size_t nth = 1; status == BOMBUS_ENOMEM; nth++) {
        bb_alloc_fail_at(nth);
        status = bombus_bench_random_model("poor", "tiny", &affine4, BOMBUS_BF16, 0, &err);
        bb_alloc_fail_at(0);
        assert_true(status == BOMBUS_OK || nth < 1000);
    }
    assert_ok(status, err);
#else
    skip();
#endif
}

/* ---- what a test has to do ----
 *
 * tiny, by hand: D 128, 2 layers, H 4, K 2, d 32, F 256, V 512.
 * A layer's weights: q 128 * 128, k and v 64 * 128 each, o 128 * 128, gate, up, down 256 * 128 each: 147456. Two: 294912.
 * Head: 512 * 128 = 65536. Bytes at 4 bits with a scale and a bias in bf16 for 64: 0.5625 a weight: 165888 and 36864.
 * Keys and values of a position in a layer: 2 * 2 * 32 * 4 = 512 bytes in F32. */

enum { LAYERS = 294912, HEAD = 65536, BYTES = 165888 + 36864, POSITION = 512 };

static void a_decode_reads_all_weights_each_step_and_the_keys_it_sees(void **state)
{
    const bombus_bench_test test = {BOMBUS_BENCH_DECODE, 3, 10, 2};
    bombus_model *model = load_tiny();
    const bb_work work = bb_work_of(model, &test, POSITION);
    const double keys = (11 + 12 + 13) * 2 * 2; /* of two sequences in two layers */

    (void)state;
    assert_true(work.weight_bytes == 3.0 * BYTES);
    assert_true(work.kv_bytes == keys * POSITION);
    assert_true(work.linear_ops == 2.0 * 6 * (LAYERS + HEAD));
    assert_true(work.integer_ops == work.linear_ops);
    assert_true(work.attention_ops == 4 * 128 * keys);
    bombus_model_free(model);
}

static void a_prefill_multiplies_by_the_head_once_and_attends_causally(void **state)
{
    const bombus_bench_test test = {BOMBUS_BENCH_PREFILL, 5, 7, 1};
    bombus_model *model = load_tiny();
    const bb_work work = bb_work_of(model, &test, POSITION);

    (void)state;
    assert_true(work.weight_bytes == BYTES);
    assert_true(work.kv_bytes == 2.0 * 12 * POSITION);
    assert_true(work.linear_ops == 2.0 * (5 * LAYERS + HEAD));
    assert_true(work.attention_ops == 4.0 * 128 * 2 * (8 + 9 + 10 + 11 + 12));
    bombus_model_free(model);
}

static void a_window_bounds_the_keys_of_its_layer(void **state)
{
    const bombus_bench_test decode = {BOMBUS_BENCH_DECODE, 3, 2, 1}, prefill = {BOMBUS_BENCH_PREFILL, 5, 10, 1};
    bombus_model *model = load_tiny();

    (void)state;
    model->layers[0].window = 4;
    assert_true(bb_work_of(model, &decode, POSITION).kv_bytes == (3 + 4 + 4 + 3 + 4 + 5) * (double)POSITION);
    assert_true(bb_work_of(model, &prefill, POSITION).kv_bytes == (3 + 5 + 15) * (double)POSITION);
    assert_true(bb_work_of(model, &prefill, POSITION).attention_ops == 4.0 * 128 * (5 * 4 + 11 + 12 + 13 + 14 + 15));
    bombus_model_free(model);
}

static void the_fast_mode_has_no_integers_for_weights_it_does_not_round_for(void **state)
{
    static const bombus_quantization floats[] = {{BOMBUS_DENSE, 0, 0}, {BOMBUS_MXFP8, 0, 0}};
    const bombus_bench_test test = {BOMBUS_BENCH_PREFILL, 5, 0, 1};
    bombus_model *model;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make("floats", "tiny", floats[i], BOMBUS_BF16, 0);
        assert_ok(bombus_model_load(&model, "floats", NULL, &err), err);
        assert_true(bb_work_of(model, &test, POSITION).integer_ops == 0);
        bombus_model_free(model);
    }
}

static void the_limit_is_bandwidth_for_decode_and_the_peaks_for_prefill(void **state)
{
    const bombus_machine machine = {.threads = 1, .read_bandwidth = 100, .int8_peak = 50, .float_peak = 10};
    const bombus_bench_test decode = {BOMBUS_BENCH_DECODE, 1, 0, 1}, prefill = {BOMBUS_BENCH_PREFILL, 1, 0, 1};
    const bb_work work = {.weight_bytes = 1000, .kv_bytes = 500, .linear_ops = 220, .integer_ops = 200, .attention_ops = 30};

    (void)state;
    assert_true(bb_work_limit(&work, &decode, BOMBUS_EXACT, &machine) == 15);
    assert_true(bb_work_limit(&work, &prefill, BOMBUS_EXACT, &machine) == 25);
    assert_true(bb_work_limit(&work, &prefill, BOMBUS_FAST, &machine) == 9);
    assert_true(isnan(bb_work_limit(&work, &prefill, BOMBUS_FAST, NULL)));
}

/* ---- a model's figures ---- */

static const bombus_bench_test three[] = {
    {BOMBUS_BENCH_LOAD, 1, 0, 1}, {BOMBUS_BENCH_PREFILL, 300, 5, 1}, {BOMBUS_BENCH_DECODE, 2, 40, 35}};

static void every_test_runs_with_every_setting(void **state)
{
    const int threads[] = {1, 2};
    const bombus_dtype kvs[] = {BOMBUS_F32, BOMBUS_F16};
    const bombus_machine machine = {.threads = 2, .read_bandwidth = 1e9, .int8_peak = 1e9, .float_peak = 1e9};
    const bombus_compute computes[] = {BOMBUS_EXACT, BOMBUS_FAST};
    const bombus_bench_options options = {.tests = three,
                                          .test_count = 3,
                                          .threads = threads,
                                          .thread_count = 2,
                                          .computes = computes,
                                          .compute_count = 2,
                                          .kvs = kvs,
                                          .kv_count = 2,
                                          .repetitions = 2,
                                          .machine = &machine,
                                          .machine_count = 1};
    bombus_bench_result *results;
    size_t count;

    (void)state;
    bombus_model_free(load_tiny());
    assert_ok(bombus_bench_model(&results, &count, "tiny", &options, &err), err);
    assert_int_equal(count, 4 * (3 + 2));
    for (size_t i = 0; i < count; i++) {
        const bombus_bench_result *r = &results[i];
        const size_t place = i % 5, test = place < 3 ? place : place - 2;
        assert_memory_equal(&r->test, &three[test], sizeof r->test);
        assert_int_equal(r->threads, i < 10 ? 1 : 2);
        assert_int_equal(r->compute, i / 5 % 2 ? BOMBUS_FAST : BOMBUS_EXACT);
        assert_int_equal(r->kv, place < 3 ? BOMBUS_F32 : BOMBUS_F16);
        assert_int_equal(r->quantization.bits, 4);
        assert_int_equal(r->quantization.group_size, 64);
        assert_true(r->seconds > 0 && isfinite(r->seconds));
        assert_true(fabs(r->tokens_per_second * r->seconds - r->test.tokens * r->test.batch) < 1e-6);
        assert_true(r->resident_bytes > 0);
        if (i < 10)
            assert_true(isnan(r->limit_fraction));
        else
            assert_true(r->limit_fraction > 0 && isfinite(r->limit_fraction));
    }
    /* The keys of F16 are half as long. */
    const double keys = 35 * 2 * (41 + 42);
    assert_true(results[2].bytes == 2.0 * BYTES + keys * POSITION);
    assert_true(results[4].bytes == 2.0 * BYTES + keys * POSITION / 2);
    bombus_bench_results_free(results);
}

/* Figures that nobody measured are taken as they are; those that name kernels are measured again beside each run. */
static void a_run_stands_against_what_the_machine_does_at_that_moment(void **state)
{
    bombus_machine machine;
    bombus_bench_options options = {.tests = three,
                                    .test_count = 3,
                                    .threads = (int[]){1},
                                    .thread_count = 1,
                                    .repetitions = 2,
                                    .machine = &machine,
                                    .machine_count = 1};
    bombus_bench_result *results;
    size_t count;

    (void)state;
    bombus_model_free(load_tiny());
    assert_ok(bombus_bench_machine(&machine, 1, &err), err);
    machine.read_bandwidth = machine.int8_peak = machine.float_peak = 1; /* a byte a second: the measured ones are others */
    assert_ok(bombus_bench_model(&results, &count, "tiny", &options, &err), err);
    for (size_t i = 0; i < count; i++) {
        assert_true(results[i].limit_fraction > 0 && results[i].limit_fraction < results[i].best_limit_fraction / 1000);
        assert_true(results[i].resident_bytes > 0);
    }
    bombus_bench_results_free(results);

    machine.int8_kernel = "none";
    assert_int_equal(bombus_bench_model(&results, &count, "tiny", &options, &err), BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, "\"none\""));
}

static void a_dense_model_has_the_bits_of_its_type(void **state)
{
    const bombus_bench_options options = {.tests = &three[2], .test_count = 1, .repetitions = 1};
    bombus_bench_result *results;
    size_t count;

    (void)state;
    make("dense", "tiny", (bombus_quantization){BOMBUS_DENSE, 0, 0}, BOMBUS_F16, 0);
    assert_ok(bombus_bench_model(&results, &count, "dense", &options, &err), err);
    assert_int_equal(count, 1);
    assert_int_equal(results->quantization.mode, BOMBUS_DENSE);
    assert_int_equal(results->quantization.bits, 16);
    bombus_bench_results_free(results);
}

static void refuse(const bombus_bench_options *options, bombus_status status, const char *message)
{
    bombus_bench_result *results;
    size_t count;

    assert_int_equal(bombus_bench_model(&results, &count, "tiny", options, &err), status);
    if (!strstr(err.message, message))
        fail_msg("%s, expected %s", err.message, message);
    assert_null(results);
    assert_int_equal(count, 0);
}

static void tests_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        bombus_bench_test test;
        const char *message;
    } cases[] = {
        {{(bombus_bench_kind)9, 1, 0, 1}, "test 0: kind 9 is none"},
        {{BOMBUS_BENCH_LOAD, 2, 0, 1}, "test 0: load: 2 tokens, expected 1 to 1"},
        {{BOMBUS_BENCH_DECODE, 0, 0, 1}, "test 0: decode: 0 tokens, expected 1 to 16777216"},
        {{BOMBUS_BENCH_DECODE, 1, -1, 1}, "test 0: decode: depth -1, expected 0 to 16777216"},
        {{BOMBUS_BENCH_PREFILL, 1, 0, 2}, "test 0: prefill: batch 2, expected 1 to 1"},
        {{BOMBUS_BENCH_DECODE, 1, 0, 1025}, "test 0: decode: batch 1025, expected 1 to 1024"},
    };
    const bombus_dtype kv = BOMBUS_I32;

    (void)state;
    bombus_model_free(load_tiny());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(&(bombus_bench_options){.tests = &cases[i].test, .test_count = 1}, BOMBUS_EINVAL, cases[i].message);
    refuse(&(bombus_bench_options){.tests = three, .test_count = 1, .repetitions = -1}, BOMBUS_EINVAL, "repetitions: -1");
    refuse(&(bombus_bench_options){.tests = three, .test_count = 1, .kvs = &kv, .kv_count = 1}, BOMBUS_EINVAL, "kv_dtype: I32, expected");
}

static void keys_that_no_memory_holds_are_refused(void **state)
{
    const bombus_bench_test test = {BOMBUS_BENCH_DECODE, 1, 1 << 24, 1024};

    (void)state;
    bombus_model_free(load_tiny());
    refuse(&(bombus_bench_options){.tests = &test, .test_count = 1}, BOMBUS_ELIMIT, "keys and values of 1024 sequences of 16777248 tokens");
}

static bool stop_at_third(const bombus_bench_result *next, void *context)
{
    int *calls = context;

    assert_memory_equal(&next->test, &three[*calls], sizeof next->test);
    return ++*calls < 3;
}

static void a_callback_can_stop_it(void **state)
{
    int calls = 0;

    (void)state;
    bombus_model_free(load_tiny());
    refuse(&(bombus_bench_options){.tests = three, .test_count = 3, .repetitions = 1, .on_test = stop_at_third, .context = &calls},
           BOMBUS_ECANCELED, "canceled before decode");
    assert_int_equal(calls, 3);
}

static void a_tokenizer_that_is_not_there_fails_the_load(void **state)
{
    (void)state;
    bombus_model_free(load_tiny());
    refuse(&(bombus_bench_options){.tests = three, .test_count = 1, .tokenizer = "nowhere.json"}, BOMBUS_ENOTFOUND, "nowhere.json");
}

static void a_mixed_model_is_named_by_most_of_its_weights(void **state)
{
    (void)state;
    bombus_model *model = load_tiny();
    double even, mixed;

    assert_int_equal(bb_work_quantization(model, &even).bits, 4);
    assert_true(even == 4.5);
    model->layers[0].q.weight.quant.bits = 8; /* as far as is counted */
    const bombus_quantization found = bb_work_quantization(model, &mixed);
    assert_true(found.mode == BOMBUS_AFFINE && found.bits == 4 && found.group_size == 64);
    assert_true(mixed > even && mixed < 8.5);
    model->layers[0].q.weight.quant.bits = 4;
    bombus_model_free(model);
}

/* The model of the other tests, whose pages they have read, is no part of it. */
static void a_load_takes_no_more_memory_behind_other_tests_than_before_them(void **state)
{
    (void)state;
    static const bombus_bench_test tests[] = {{BOMBUS_BENCH_LOAD, 1, 0, 1}, {BOMBUS_BENCH_DECODE, 4, 0, 1}, {BOMBUS_BENCH_LOAD, 1, 0, 1}};
    bombus_bench_result *results;
    size_t count;

    if (SLOW_BUILD) { /* where a model of a size that shows takes long, and a sanitizer's memory is counted too */
        print_message("SKIP a build that is too slow for a model of half a gigabyte\n");
        skip();
    }
    make("load", "qwen2.5-0.5b", (bombus_quantization){BOMBUS_AFFINE, 2, 128}, BOMBUS_BF16, 0);
    assert_ok(
        bombus_bench_model(&results, &count, "load", &(bombus_bench_options){.tests = tests, .test_count = 3, .repetitions = 1}, &err),
        err);
    struct stat weights;
    assert_int_equal(stat("load/model.safetensors", &weights), 0);
    if (!((double)results[0].resident_bytes < 1.15 * (double)weights.st_size + 16e6))
        fail_msg("a load takes %.0f MB, for weights of %.0f MB", (double)results[0].resident_bytes / 1e6, (double)weights.st_size / 1e6);
    const double first = (double)results[0].resident_bytes, again = (double)results[2].resident_bytes;
    if (!(again < 1.2 * first + 16e6))
        fail_msg("a load takes %.0f MB, and behind others %.0f MB", first / 1e6, again / 1e6);
    bombus_bench_results_free(results);
    assert_int_equal(system("rm -r load"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_has_three_figures_and_the_kernels_that_gave_them),
        cmocka_unit_test(a_number_of_threads_that_is_none_is_refused),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes_and_another_others),
        cmocka_unit_test(models_of_the_same_seed_say_the_same),
        cmocka_unit_test(every_mode_width_and_type_gives_a_model_of_sane_size),
        cmocka_unit_test(a_model_has_the_published_shape),
        cmocka_unit_test(what_cannot_be_made_is_refused_with_what_can),
        cmocka_unit_test(shapes_are_listed_to_the_end),
        cmocka_unit_test(lack_of_memory_is_told_while_a_model_is_made),
        cmocka_unit_test(a_decode_reads_all_weights_each_step_and_the_keys_it_sees),
        cmocka_unit_test(a_prefill_multiplies_by_the_head_once_and_attends_causally),
        cmocka_unit_test(a_window_bounds_the_keys_of_its_layer),
        cmocka_unit_test(the_fast_mode_has_no_integers_for_weights_it_does_not_round_for),
        cmocka_unit_test(the_limit_is_bandwidth_for_decode_and_the_peaks_for_prefill),
        cmocka_unit_test(every_test_runs_with_every_setting),
        cmocka_unit_test(a_run_stands_against_what_the_machine_does_at_that_moment),
        cmocka_unit_test(a_dense_model_has_the_bits_of_its_type),
        cmocka_unit_test(tests_that_make_no_sense_are_refused),
        cmocka_unit_test(keys_that_no_memory_holds_are_refused),
        cmocka_unit_test(a_callback_can_stop_it),
        cmocka_unit_test(a_tokenizer_that_is_not_there_fails_the_load),
        cmocka_unit_test(a_mixed_model_is_named_by_most_of_its_weights),
        cmocka_unit_test(a_load_takes_no_more_memory_behind_other_tests_than_before_them),
    };
    const char *temporary = enter_temporary();
    const int failed = cmocka_run_group_tests_name("bench", tests, NULL, NULL);

    leave_temporary(temporary);
    return failed;
}
