/* config.json: what is read from it, and what is refused with which words. */
#include "model/config.h"
#include "testing.h"

#include <math.h>

static bombus_error err;
static bb_arena arena;
static bb_config config;

#define DIMENSIONS                                                                                                                         \
    "\"hidden_size\": 64, \"num_hidden_layers\": 4, \"intermediate_size\": 128, \"vocab_size\": 100, \"num_attention_heads\": 4, "         \
    "\"num_key_value_heads\": 2, \"max_position_embeddings\": 1000"
#define LLAMA   "{\"model_type\": \"llama\", " DIMENSIONS
#define QWEN2   "{\"model_type\": \"qwen2\", " DIMENSIONS
#define QWEN3   "{\"model_type\": \"qwen3\", " DIMENSIONS
#define MISTRAL "{\"model_type\": \"mistral\", " DIMENSIONS

static bombus_status parse(const char *text)
{
    bb_arena_free(&arena);
    return bb_config_parse(&config, &arena, text, strlen(text), "config.json", NULL, NULL, &err);
}

static void assert_refused(const char *text, bombus_status status, const char *message)
{
    assert_int_equal(parse(text), status);
    assert_string_equal(err.message, message);
}

static void a_plain_llama_takes_the_defaults(void **state)
{
    (void)state;
    assert_ok(parse(LLAMA "}"), err);
    assert_string_equal(config.architecture, "LlamaForCausalLM");
    assert_int_equal(config.head_dim, 16);
    assert_int_equal(config.tied, BB_TIED_BY_FILE);
    assert_false(config.qkv_bias || config.o_bias || config.mlp_bias || config.family->head_norm);
    assert_true(config.rope.theta == 1e4 && config.rope.type == BB_ROPE_DEFAULT);
    assert_int_equal(config.quantization.mode, BOMBUS_DENSE);
    for (int i = 0; i < 4; i++)
        assert_int_equal(config.windows[i], 0);
}

static void families_differ_in_biases_and_norms(void **state)
{
    (void)state;
    assert_ok(parse(QWEN2 ", \"attention_bias\": false}"), err);
    assert_true(config.qkv_bias && !config.o_bias && !config.family->head_norm);
    assert_ok(parse(QWEN3 "}"), err);
    assert_true(!config.qkv_bias && config.family->head_norm && config.head_dim == 128);
    assert_ok(parse(LLAMA ", \"attention_bias\": true, \"mlp_bias\": true}"), err);
    assert_true(config.qkv_bias && config.o_bias && config.mlp_bias);
}

static void windows_follow_the_family(void **state)
{
    (void)state;
    assert_ok(parse(MISTRAL "}"), err);
    assert_int_equal(config.windows[0], 4096);
    assert_ok(parse(MISTRAL ", \"sliding_window\": null}"), err);
    assert_int_equal(config.windows[0], 0);
    assert_ok(parse(QWEN2 ", \"sliding_window\": 32, \"max_window_layers\": 2, \"use_sliding_window\": false}"), err);
    assert_int_equal(config.windows[3], 0);
    assert_ok(parse(QWEN2 ", \"sliding_window\": 32, \"max_window_layers\": 2, \"use_sliding_window\": true}"), err);
    assert_int_equal(config.windows[1], 0);
    assert_int_equal(config.windows[2], 32);
    assert_ok(parse(LLAMA ", \"sliding_window\": 8, \"layer_types\": [\"full_attention\", \"sliding_attention\", \"full_attention\", "
                          "\"full_attention\"]}"),
              err);
    assert_int_equal(config.windows[0], 0);
    assert_int_equal(config.windows[1], 8);
    assert_refused(LLAMA ", \"sliding_window\": 8, \"layer_types\": [\"full_attention\"]}", BOMBUS_EFORMAT,
                   "config.json: layer_types: expected an array of 4 strings");
}

static void rope_parameters_are_read_in_both_places(void **state)
{
    (void)state;
    assert_ok(parse(LLAMA ", \"rope_theta\": 5e5, \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, "
                          "\"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 512}}"),
              err);
    assert_int_equal(config.rope.type, BB_ROPE_LLAMA3);
    assert_int_equal(config.rope.original_context, 512);
    assert_ok(parse(LLAMA ", \"rope_parameters\": {\"rope_type\": \"yarn\", \"rope_theta\": 3e4, \"factor\": 4.0}}"), err);
    assert_int_equal(config.rope.type, BB_ROPE_YARN);
    assert_true(config.rope.theta == 3e4);
    assert_int_equal(config.rope.original_context, 1000);
    assert_true(fabs(config.rope.attention_factor - (0.1 * log(4) + 1)) < 1e-12);
    assert_ok(parse(LLAMA ", \"original_max_position_embeddings\": 77, \"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4.0, "
                          "\"original_max_position_embeddings\": 88}}"),
              err);
    assert_int_equal(config.rope.original_context, 77);
    assert_ok(parse(QWEN2 ", \"rope_parameters\": {\"rope_type\": \"default\"}}"), err);
    assert_true(config.rope.theta == 1e4);
    assert_ok(parse(QWEN2 ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, \"rope_parameters\": {\"rope_theta\": 5}}"), err);
    assert_true(config.rope.theta == 1e6 && config.rope.type == BB_ROPE_LINEAR);
    assert_refused(LLAMA ", \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2}}", BOMBUS_EUNSUPPORTED,
                   "config.json: RoPE type \"dynamic\" is not supported, expected default, linear, llama3 or yarn");
    assert_refused(LLAMA ", \"rope_scaling\": {\"type\": \"linear\"}}", BOMBUS_EFORMAT, "config.json: factor: missing");
    assert_refused(LLAMA ", \"rope_parameters\": {\"full_attention\": {}}}", BOMBUS_EUNSUPPORTED,
                   "config.json: rope_parameters: parameters for each layer type (\"full_attention\") are not supported");
}

static void frequencies_follow_their_formulas(void **state)
{
    (void)state;
    double plain[8], scaled[8];
    float scale;

    assert_ok(parse(LLAMA "}"), err);
    bb_rope_frequencies(&config, plain, &scale);
    assert_true(plain[0] == 1 && fabs(plain[4] - 0.01) < 1e-15 && scale == 1);

    assert_ok(parse(LLAMA ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}}"), err);
    bb_rope_frequencies(&config, scaled, &scale);
    for (int i = 0; i < 8; i++)
        assert_true(fabs(scaled[i] - plain[i] / 4) < 1e-15);

    /* 64 positions: the wave of pair 0 (6.3 positions) is short, that of pair 7 (2e4) long, and pair 1's (19.9) lies between 16 and 64. */
    assert_ok(parse(LLAMA ", \"rope_scaling\": {\"type\": \"llama3\", \"factor\": 8, \"original_max_position_embeddings\": 64}}"), err);
    bb_rope_frequencies(&config, scaled, &scale);
    assert_true(scaled[0] == plain[0]);
    assert_true(fabs(scaled[7] - plain[7] / 8) < 1e-15);
    const double blend = (64 / (2 * 3.14159265358979323846 / plain[1]) - 1) / 3;
    assert_true(fabs(scaled[1] - plain[1] * ((1 - blend) / 8 + blend)) < 1e-12);

    assert_ok(parse(LLAMA ", \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4, \"original_max_position_embeddings\": 64}}"), err);
    bb_rope_frequencies(&config, scaled, &scale);
    assert_true(scaled[0] == plain[0] && fabs(scaled[7] - plain[7] / 4) < 1e-15);
    assert_true(fabsf(scale - (float)(0.1 * log(4) + 1)) < 1e-7f);
}

static void quantization_and_its_exceptions_are_read(void **state)
{
    (void)state;
    assert_ok(parse(LLAMA ", \"quantization\": {\"group_size\": 32, \"bits\": 4, \"model.layers.0.mlp.up_proj\": {\"bits\": 8}, "
                          "\"lm_head\": false, \"model.embed_tokens\": true, \"model.layers.1.mlp.up_proj\": {\"mode\": \"mxfp4\"}}}"),
              err);
    assert_int_equal(config.quantization.bits, 4);
    assert_int_equal(config.override_count, 4);
    assert_int_equal(config.overrides[0].quantization.bits, 8);
    assert_int_equal(config.overrides[0].quantization.group_size, 64);
    assert_int_equal(config.overrides[1].quantization.mode, BOMBUS_DENSE);
    assert_int_equal(config.overrides[2].quantization.group_size, 32);
    assert_int_equal(config.overrides[3].quantization.mode, BOMBUS_MXFP4);
    assert_int_equal(config.overrides[3].quantization.group_size, 32);
    assert_refused(LLAMA ", \"quantization\": {\"bits\": 4, \"group_size\": 64, \"mode\": \"nf4\"}}", BOMBUS_EUNSUPPORTED,
                   "config.json: quantization.mode: \"nf4\" is not supported, expected affine, mxfp4, mxfp8 or nvfp4");
    assert_int_equal(parse(LLAMA ", \"quantization\": {\"bits\": 7, \"group_size\": 64}}"), BOMBUS_EUNSUPPORTED);
}

static void checkpoints_of_other_quantizers_are_refused_by_name(void **state)
{
    (void)state;
    const char *const methods[] = {"awq", "gptq", "compressed-tensors", "bitsandbytes", "fp8"};

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char text[1024], message[256];
        snprintf(text, sizeof text, LLAMA ", \"quantization_config\": {\"quant_method\": \"%s\", \"bits\": 4}}", methods[i]);
        snprintf(message, sizeof message,
                 "config.json: quantization_config.quant_method: \"%s\" is not supported, expected a checkpoint quantized by MLX "
                 "(mlx_lm.convert)",
                 methods[i]);
        assert_refused(text, BOMBUS_EUNSUPPORTED, message);
        snprintf(text, sizeof text,
                 LLAMA ", \"quantization\": {\"bits\": 4, \"group_size\": 64}, \"quantization_config\": {\"quant_method\": \"%s\"}}",
                 methods[i]);
        assert_refused(text, BOMBUS_EUNSUPPORTED, message);
    }
    assert_refused(
        LLAMA ", \"quantization\": {\"bits\": 4, \"quant_method\": \"gptq\"}}", BOMBUS_EUNSUPPORTED,
        "config.json: quantization.quant_method: \"gptq\" is not supported, expected a checkpoint quantized by MLX (mlx_lm.convert)");
    assert_refused(LLAMA ", \"quantization_config\": 4}", BOMBUS_EFORMAT, "config.json: quantization_config: a number, expected an object");
}

static void end_tokens_come_from_generation_config_first(void **state)
{
    (void)state;
    bb_json_document generation;
    const char *text = LLAMA ", \"eos_token_id\": 7}", *list = "{\"eos_token_id\": [3, 5]}";

    assert_ok(parse(text), err);
    assert_int_equal(config.end_count, 1);
    assert_int_equal(config.end_tokens[0], 7);
    assert_ok(bb_json_parse(&generation, list, strlen(list), "generation_config.json", &err), err);
    assert_ok(bb_config_parse(&config, &arena, text, strlen(text), "config.json", &generation.root, "generation_config.json", &err), err);
    assert_int_equal(config.end_count, 2);
    assert_int_equal(config.end_tokens[1], 5);
    bb_json_free(&generation);
    assert_refused(LLAMA ", \"eos_token_id\": \"x\"}", BOMBUS_EFORMAT,
                   "config.json: eos_token_id: expected a token id or an array of them");
}

static bombus_status parse_generation(const char *generation_text)
{
    bb_json_document generation;

    bb_arena_free(&arena);
    assert_ok(bb_json_parse(&generation, generation_text, strlen(generation_text), "generation_config.json", &err), err);
    const bombus_status status =
        bb_config_parse(&config, &arena, LLAMA "}", strlen(LLAMA "}"), "config.json", &generation.root, "generation_config.json", &err);
    bb_json_free(&generation);
    return status;
}

static void assert_sampling(float temperature, float top_p, float min_p, int top_k, float repetition_penalty)
{
    assert_true(config.sampling.temperature == temperature);
    assert_true(config.sampling.top_p == top_p);
    assert_true(config.sampling.min_p == min_p);
    assert_int_equal(config.sampling.top_k, top_k);
    assert_true(config.sampling.repetition_penalty == repetition_penalty);
}

#define SAMPLING "\"temperature\": 0.5, \"top_p\": 0.75, \"min_p\": 0.125, \"top_k\": 20, \"repetition_penalty\": 1.25"

static void sampling_defaults_are_those_of_generation_config(void **state)
{
    (void)state;
    assert_ok(parse(LLAMA "}"), err);
    assert_sampling(0, 1, 0, 0, 1);
    assert_ok(parse_generation("{}"), err);
    assert_sampling(0, 1, 0, 0, 1);
    assert_ok(parse_generation("{\"do_sample\": true}"), err);
    assert_sampling(1, 1, 0, 0, 1);
    assert_ok(parse_generation("{\"do_sample\": true, " SAMPLING "}"), err);
    assert_sampling(0.5f, 0.75f, 0.125f, 20, 1.25f);
    assert_ok(parse_generation("{" SAMPLING "}"), err);
    assert_sampling(0.5f, 0.75f, 0.125f, 20, 1.25f);
    assert_ok(parse_generation("{\"do_sample\": false, " SAMPLING "}"), err);
    assert_sampling(0, 1, 0, 0, 1.25f);
    assert_ok(parse_generation("{\"temperature\": null, \"top_p\": 0.75}"), err);
    assert_sampling(0, 0.75f, 0, 0, 1);
}

static void bad_sampling_defaults_are_named(void **state)
{
    static const char *const bad[][2] = {
        {"{\"temperature\": -1}", "temperature: -1, expected a number from 0 up"},
        {"{\"temperature\": 1e39}", "temperature: 1e+39, expected a number from 0 up"},
        {"{\"top_p\": 1.5}", "top_p: 1.5, expected a number from 0 to 1"},
        {"{\"min_p\": -0.5}", "min_p: -0.5, expected a number from 0 to 1"},
        {"{\"repetition_penalty\": -2}", "repetition_penalty: -2, expected a number from 0 up"},
        {"{\"top_p\": \"x\"}", "top_p: \"x\", expected a number"},
        {"{\"do_sample\": 1}", "do_sample: 1, expected true or false"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char message[200];
        snprintf(message, sizeof message, "generation_config.json: %s", bad[i][1]);
        assert_int_equal(parse_generation(bad[i][0]), BOMBUS_EFORMAT);
        assert_string_equal(err.message, message);
    }
    assert_int_equal(parse_generation("{\"top_k\": -1}"), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "generation_config.json: top_k: "));
}

static void what_is_not_supported_is_named(void **state)
{
    (void)state;
    assert_refused("{\"model_type\": \"mamba\"}", BOMBUS_EUNSUPPORTED,
                   "config.json: model_type: \"mamba\" is not supported, expected one of llama, mistral, qwen2, qwen3");
    assert_refused("{}", BOMBUS_EFORMAT, "config.json: model_type: missing");
    assert_refused("[]", BOMBUS_EFORMAT, "config.json: an array, expected an object");
    assert_refused("{\"model_type\": \"llama\"}", BOMBUS_EFORMAT, "config.json: hidden_size: missing");
    assert_refused(LLAMA ", \"hidden_act\": \"gelu\"}", BOMBUS_EUNSUPPORTED,
                   "config.json: hidden_act: \"gelu\" is not supported, expected silu");
    assert_refused(LLAMA ", \"rope_traditional\": true}", BOMBUS_EUNSUPPORTED,
                   "config.json: rope_traditional: true is not supported, expected false");
    assert_refused(LLAMA ", \"head_dim\": 15}", BOMBUS_EFORMAT, "config.json: a head of 15 dimensions, expected an even number for RoPE");
    assert_refused(LLAMA ", \"partial_rotary_factor\": 0.5}", BOMBUS_EUNSUPPORTED,
                   "config.json: partial_rotary_factor: 0.5 is not supported, expected 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_llama_takes_the_defaults),
        cmocka_unit_test(families_differ_in_biases_and_norms),
        cmocka_unit_test(windows_follow_the_family),
        cmocka_unit_test(rope_parameters_are_read_in_both_places),
        cmocka_unit_test(frequencies_follow_their_formulas),
        cmocka_unit_test(quantization_and_its_exceptions_are_read),
        cmocka_unit_test(checkpoints_of_other_quantizers_are_refused_by_name),
        cmocka_unit_test(end_tokens_come_from_generation_config_first),
        cmocka_unit_test(sampling_defaults_are_those_of_generation_config),
        cmocka_unit_test(bad_sampling_defaults_are_named),
        cmocka_unit_test(what_is_not_supported_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bb_arena_free(&arena);
    return failed;
}
