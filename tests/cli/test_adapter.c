/* Adapters at the command line: used, shown, converted, merged, fused. */
#include "program.h"

#include <unistd.h>

#define MODEL  BOMBUS_SHARED "/models/stories260k"
#define GOLDEN BOMBUS_GOLDEN "/adapters/"
#define BASE   BOMBUS_GOLDEN "/models/qwen3-4bit-g64"

static void adapters_are_shown(void **state)
{
    (void)state;
    assert_int_equal(run("adapter inspect " GOLDEN "peft-rslora-patterns"), 0);
    assert_says(out, "peft, lora");
    assert_says(out, "Made for    qwen2-tied-bf16");
    assert_says(out, "model.layers.1.self_attn.q_proj");
    assert_int_equal(run("adapter inspect --json --adapter-path " GOLDEN "mlx-dora"), 0);
    const bb_json *root = parse_output();
    assert_string_equal(text(root, "format"), "mlx-lm");
    assert_string_equal(text(root, "kind"), "dora");
    assert_true(bb_json_is(bb_json_get(root, "base"), BB_JSON_NULL));
    assert_int_equal(bb_json_get(root, "modules")->count, 14);
    assert_true(bb_json_get(&bb_json_get(root, "modules")->items[0], "magnitude")->truth);
    bb_json_free(&document);
}

static void adapters_are_converted_and_merged(void **state)
{
    (void)state;
    assert_int_equal(run("adapter convert --adapter-path " GOLDEN "peft-rslora-patterns --format mlx --save-path mlx"), 0);
    assert_says(complaint, "mlx: 10 modules, rank 6, mlx-lm");
    assert_says(complaint, "filled up with zeros");
    assert_says(complaint, "Scales are a part of B");
    assert_int_equal(run("adapter inspect mlx"), 0);
    assert_int_equal(run("adapter merge --adapter-path " GOLDEN "mlx-lora --adapter-path " GOLDEN
                         "mlx-lora-named-layer --adapter-scale 0.5 --adapter-scale -1 --format peft --save-path sum"),
                     0);
    assert_says(complaint, "sum: 14 modules, rank 8, peft");
    assert_int_equal(run("adapter convert --adapter-path " GOLDEN "peft-lora-tied-head --format mlx --save-path head"), 0);
    assert_says(complaint, "It changes the head: mlx-lm has it only for models whose head is not their embedding");
    expect_failure(1, "the adapter's own directory", "adapter convert --adapter-path sum --format mlx --save-path sum");
    expect_failure(1, "an embedding", "adapter convert --adapter-path " GOLDEN "mlx-lora-tied-embedding --format peft --save-path no");
}

static void models_are_fused(void **state)
{
    (void)state;
    assert_int_equal(run("fuse --model " BASE " --adapter-path " GOLDEN "mlx-lora --save-path fused --dequantize"), 0);
    assert_int_equal(run("inspect fused"), 0);
    assert_says(out, "none");
    assert_int_equal(run("fuse --model " BASE " --adapter-path " GOLDEN "mlx-lora --save-path quantized"), 0);
    assert_int_equal(run("inspect quantized"), 0);
    assert_says(out, "affine, 4 bits, groups of 64");
    expect_failure(1, "adapters", "fuse --model " BASE " --save-path nothing");
}

static void wrong_usage_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"adapter", "expected inspect, convert or merge"},
        {"adapter forget x", "adapter forget: expected inspect, convert or merge"},
        {"adapter inspect", "--adapter-path is missing"},
        {"adapter inspect x y", "unexpected argument \"y\""},
        {"adapter inspect x --format mlx", "--format is for convert and merge"},
        {"adapter convert --adapter-path x --save-path y", "--format is missing"},
        {"adapter convert --adapter-path x --format mlx", "--save-path is missing"},
        {"adapter merge --adapter-path x --save-path y --json", "--json is for inspect"},
        {"adapter convert --adapter-path x --adapter-path y --format mlx --save-path z", "takes one --adapter-path"},
        {"fuse --export-gguf", "--export-gguf: GGUF is not supported"},
        {"fuse --gguf-path x", "--gguf-path: GGUF is not supported"},
        {"fuse --upload-repo x", "--upload-repo: uploads are not supported"},
        {"generate --adapter-scale x Hi", "--adapter-scale"},
        {"bench --random qwen3-0.6b --adapter-count 2", "--adapter-count needs --adapter-rank"},
        {"bench --random qwen3-0.6b --adapter-rank 8 --adapter-path x", "expected one of them"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_failure(2, cases[i][1], cases[i][0]);
}

static void a_model_runs_with_what_fits_it(void **state)
{
    char said[256];

    (void)state;
    if (access(MODEL "/config.json", R_OK) != 0) {
        print_message("SKIP %s is not there\n", MODEL);
        skip();
    }
    expect_failure(1, "the model's", "generate --model " MODEL " --adapter-path " GOLDEN "mlx-lora -m 2 Hi");
    expect_failure(1, "2 --adapter-scale for 1 --adapter-path",
                   "generate --model " MODEL " --adapter-path " GOLDEN "mlx-lora --adapter-scale 1 --adapter-scale 2 -m 2 Hi");
    expect_failure(1, "adapter_config.json", "generate --model " MODEL " --adapter-path nowhere -m 2 Hi");

    /* A full fine-tune that is the model itself says what the model says. */
    write_text("text", "Once upon a time, there was a little girl.");
    assert_int_equal(system("mkdir full && cp " MODEL "/model.safetensors full/adapters.safetensors"), 0);
    write_text("full/adapter_config.json", "{\"fine_tune_type\": \"full\", \"num_layers\": -1}");
    assert_int_equal(run("perplexity --model " MODEL " --data text"), 0);
    snprintf(said, sizeof said, "%.200s", out);
    assert_int_equal(run("perplexity --model " MODEL " --data text --adapter-path full"), 0);
    assert_string_equal(said, out);
    expect_failure(1, "a full fine-tune, expected it alone",
                   "perplexity --model " MODEL " --data text --adapter-path full --adapter-path " GOLDEN "mlx-lora");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adapters_are_shown),     cmocka_unit_test(adapters_are_converted_and_merged), cmocka_unit_test(models_are_fused),
        cmocka_unit_test(wrong_usage_is_refused), cmocka_unit_test(a_model_runs_with_what_fits_it),
    };
    const char *path = enter_temporary();
    write_text("in", "");
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
