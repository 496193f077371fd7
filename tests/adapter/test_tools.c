/* Adapters written anew do what they did; a fused model is what mlx-lm's is, and does what model and adapter do. */
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "testing.h"

#include <bombus/bombus.h>
#include <math.h>

#define MODEL(name)   BOMBUS_GOLDEN "/models/" name
#define ADAPTER(name) BOMBUS_GOLDEN "/adapters/" name

enum { IDS = 8, VOCABULARY = 128 };

static bombus_error err;

typedef float logits_of[IDS * VOCABULARY];

static bombus_adapter *load(const char *path)
{
    bombus_adapter *adapter;
    assert_ok(bombus_adapter_load(&adapter, path, NULL, &err), err);
    return adapter;
}

static void evaluate(const char *base, const bombus_adapter_use *uses, size_t count, float *logits)
{
    static const int32_t ids[IDS] = {5, 17, 3, 99, 42, 1, 64, 8};
    bombus_session_options options;
    bombus_session *session;
    bombus_model *model;

    bombus_session_options_init(&options);
    options.adapters = uses;
    options.adapter_count = count;
    options.context = IDS;
    assert_ok(bombus_model_load(&model, base, &(bombus_model_options){.threads = 1}, &err), err);
    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    assert_ok(bombus_session_eval(session, ids, IDS, logits, &err), err);
    bombus_session_free(session);
    bombus_model_free(model);
}

static double apart(const float *a, const float *b)
{
    double worst = 0, largest = 0;

    for (int i = 0; i < IDS * VOCABULARY; i++) {
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        largest = fmax(largest, fabs((double)a[i]));
    }
    return worst / largest;
}

static void an_adapter_does_the_same_in_the_other_format_and_back(void **state)
{
    static const struct {
        const char *base, *adapter;
        bombus_adapter_format other;
        bool padded, folded;
    } cases[] = {
        {MODEL("qwen3-4bit-g64"), ADAPTER("mlx-lora"), BOMBUS_ADAPTER_PEFT, false, false},
        {MODEL("qwen3-4bit-g64"), ADAPTER("mlx-dora"), BOMBUS_ADAPTER_PEFT, false, false},
        {MODEL("qwen3-untied-f16"), ADAPTER("mlx-lora-bf16"), BOMBUS_ADAPTER_PEFT, false, false},
        {MODEL("qwen3-untied-f16"), ADAPTER("peft-lora"), BOMBUS_ADAPTER_MLX, false, false},
        {MODEL("qwen3-untied-f16"), ADAPTER("peft-some-layers"), BOMBUS_ADAPTER_MLX, false, false},
        {MODEL("llama-biases-f32"), ADAPTER("peft-dora-biases"), BOMBUS_ADAPTER_MLX, false, false},
        {MODEL("qwen2-tied-bf16"), ADAPTER("peft-rslora-patterns"), BOMBUS_ADAPTER_MLX, true, true},
        {MODEL("qwen2-tied-bf16"), ADAPTER("peft-rslora-patterns"), BOMBUS_ADAPTER_PEFT, false, false},
    };
    static logits_of before, after;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bombus_adapter *first = load(cases[i].adapter);
        const bombus_adapter_format format = bombus_adapter_get_info(first)->format;
        bombus_adapter_report report;
        evaluate(cases[i].base, &(bombus_adapter_use){first, 1}, 1, before);
        assert_ok(bombus_adapter_write(&(bombus_adapter_use){first, 1}, 1, cases[i].other, "other", &report, &err), err);
        assert_int_equal(report.padded, cases[i].padded);
        assert_int_equal(report.folded, cases[i].folded);
        assert_int_equal(report.module_count, bombus_adapter_get_info(first)->module_count);

        bombus_adapter *other = load("other");
        assert_int_equal(bombus_adapter_get_info(other)->format, cases[i].other);
        assert_int_equal(bombus_adapter_get_info(other)->kind, bombus_adapter_get_info(first)->kind);
        evaluate(cases[i].base, &(bombus_adapter_use){other, 1}, 1, after);
        assert_true(apart(before, after) < 1e-6);
        assert_ok(bombus_adapter_write(&(bombus_adapter_use){other, 1}, 1, format, "back", NULL, &err), err);
        bombus_adapter *back = load("back");
        evaluate(cases[i].base, &(bombus_adapter_use){back, 1}, 1, after);
        assert_true(apart(before, after) < 1e-6);
        bombus_adapter_free(first);
        bombus_adapter_free(other);
        bombus_adapter_free(back);
        assert_int_equal(system("rm -r other back"), 0);
    }
}

static void a_merged_adapter_is_the_weighted_sum(void **state)
{
    static logits_of sum, merged;
    bombus_adapter *a = load(ADAPTER("mlx-lora")), *b = load(ADAPTER("mlx-lora-named-layer"));
    const bombus_adapter_use uses[] = {{a, 0.75f}, {b, -1.5f}};
    bombus_adapter_report report;

    (void)state;
    evaluate(MODEL("qwen3-4bit-g64"), uses, 2, sum);
    for (int format = 0; format < 2; format++) {
        assert_ok(bombus_adapter_write(uses, 2, (bombus_adapter_format)format, "merged", &report, &err), err);
        assert_int_equal(report.rank, 8);
        assert_true(report.folded);
        assert_int_equal(report.padded, format == BOMBUS_ADAPTER_MLX);
        bombus_adapter *one = load("merged");
        evaluate(MODEL("qwen3-4bit-g64"), &(bombus_adapter_use){one, 1}, 1, merged);
        assert_true(apart(sum, merged) < 1e-5);
        bombus_adapter_free(one);
        assert_int_equal(system("rm -r merged"), 0);
    }
    bombus_adapter_free(a);
    bombus_adapter_free(b);
}

static void expect_write_refused(const char *path, float weight, bombus_adapter_format format, const char *message)
{
    bombus_adapter *adapter = load(path);

    assert_int_equal(bombus_adapter_write(&(bombus_adapter_use){adapter, weight}, 1, format, "never", NULL, &err), BOMBUS_EUNSUPPORTED);
    if (!strstr(err.message, message))
        fail_msg("%s, expected \"%s\"", err.message, message);
    assert_int_not_equal(access("never", F_OK), 0);
    bombus_adapter_free(adapter);
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    expect_write_refused(ADAPTER("mlx-lora-tied-embedding"), 1, BOMBUS_ADAPTER_PEFT, "model.embed_tokens: an embedding");
    expect_write_refused(ADAPTER("peft-lora-tied-embedding"), 1, BOMBUS_ADAPTER_MLX, "model.embed_tokens: an embedding");
    expect_write_refused(ADAPTER("peft-lora-embedding"), 1, BOMBUS_ADAPTER_PEFT, "a copy of the base's weight");
    expect_write_refused(ADAPTER("mlx-dora"), 0.5f, BOMBUS_ADAPTER_MLX, "a DoRA adapter, whose part in a sum");
    assert_int_equal(bombus_adapter_write(NULL, 0, BOMBUS_ADAPTER_MLX, "never", NULL, &err), BOMBUS_EINVAL);
}

static void a_head_from_peft_is_told_to_fit_untied_models_alone(void **state)
{
    bombus_adapter *adapter = load(ADAPTER("peft-lora-tied-head"));
    const bombus_adapter_use use = {adapter, 1};
    bombus_adapter_report report;
    bombus_session_options options;
    bombus_session *session;
    bombus_model *model;

    (void)state;
    assert_ok(bombus_adapter_write(&use, 1, BOMBUS_ADAPTER_PEFT, "same", &report, &err), err);
    assert_false(report.untied);
    assert_ok(bombus_adapter_write(&use, 1, BOMBUS_ADAPTER_MLX, "other", &report, &err), err);
    assert_true(report.untied);
    bombus_adapter *other = load("other");
    bombus_session_options_init(&options);
    options.adapters = &(bombus_adapter_use){other, 1};
    options.adapter_count = 1;
    assert_ok(bombus_model_load(&model, MODEL("qwen2-tied-bf16"), &(bombus_model_options){.threads = 1}, &err), err);
    assert_int_equal(bombus_session_create(&session, model, NULL, &options, &err), BOMBUS_EINVAL);
    bombus_model_free(model);
    bombus_adapter_free(other);
    bombus_adapter_free(adapter);
    assert_int_equal(system("rm -r same other"), 0);
}

static void an_adapter_is_not_written_over_another(void **state)
{
    bombus_adapter *adapter = load(ADAPTER("mlx-lora"));
    const bombus_adapter_use use = {adapter, 1};

    (void)state;
    assert_ok(bombus_adapter_write(&use, 1, BOMBUS_ADAPTER_PEFT, "one", NULL, &err), err);
    assert_int_equal(symlink("one", "alias"), 0);
    bombus_adapter *written = load("one");
    const bombus_adapter_use own[] = {{adapter, 1}, {written, 1}};
    for (int format = 0; format < 2; format++) {
        assert_int_equal(bombus_adapter_write(own, 2, (bombus_adapter_format)format, "alias", NULL, &err), BOMBUS_EINVAL);
        assert_string_equal(err.message, "alias: the adapter's own directory, expected another to write to");
    }
    assert_int_equal(bombus_adapter_write(&use, 1, BOMBUS_ADAPTER_MLX, "one", NULL, &err), BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, "one/adapter_model.safetensors: there already, an adapter in another format"));
    bombus_adapter_free(written);
    bombus_adapter_free(load("one")); /* as it was */
    assert_ok(bombus_adapter_write(&use, 1, BOMBUS_ADAPTER_PEFT, "one", NULL, &err), err);
    bombus_adapter_free(adapter);
    assert_int_equal(system("rm -r one alias"), 0);
}

/* ---- fused models ---- */

static void expect_same_tensors(const char *found, const char *expected)
{
    bombus_safetensors *a, *b;

    assert_ok(bombus_safetensors_open(&a, found, &err), err);
    assert_ok(bombus_safetensors_open(&b, expected, &err), err);
    assert_int_equal(bombus_safetensors_count(a), bombus_safetensors_count(b));
    for (size_t i = 0; i < bombus_safetensors_count(b); i++) {
        const bombus_tensor_info *theirs = bombus_safetensors_at(b, i), *ours = bombus_safetensors_find(a, theirs->name);
        assert_true(ours && ours->dtype == theirs->dtype && ours->bytes == theirs->bytes);
        if (memcmp(ours->data, theirs->data, ours->bytes) != 0)
            fail_msg("%s: %s: other bytes than mlx-lm's", expected, theirs->name);
    }
    bombus_safetensors_close(a);
    bombus_safetensors_close(b);
}

static void a_fused_model_has_the_bytes_of_mlx_lms(void **state)
{
    static const struct {
        const char *base, *adapter;
        bool dequantize;
    } cases[] = {
        {MODEL("qwen3-4bit-g64"), ADAPTER("mlx-lora"), false},
        {MODEL("mxfp4"), ADAPTER("mlx-lora-mxfp4"), false},
        {MODEL("qwen3-4bit-g64"), ADAPTER("mlx-lora-tied-embedding"), true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bombus_adapter *adapter = load(cases[i].adapter);
        char expected[512];
        bombus_model *model;
        snprintf(expected, sizeof expected, "%s/fused.safetensors", cases[i].adapter);
        assert_ok(bombus_fuse(cases[i].base, &(bombus_adapter_use){adapter, 1}, 1, "fused",
                              &(bombus_fuse_options){.dequantize = cases[i].dequantize}, &err),
                  err);
        expect_same_tensors("fused", expected);
        assert_ok(bombus_model_load(&model, "fused", NULL, &err), err);
        assert_int_equal(bombus_model_get_info(model)->quantization.mode == BOMBUS_DENSE, cases[i].dequantize);
        bombus_model_free(model);
        bombus_adapter_free(adapter);
        assert_int_equal(system("rm -r fused"), 0);
    }
}

static void a_fused_dora_is_mlx_lms_to_rounding(void **state)
{
    bombus_adapter *adapter = load(ADAPTER("mlx-dora-biases"));
    bombus_safetensors *ours, *theirs, *base;
    size_t changed = 0;

    (void)state;
    assert_ok(bombus_fuse(MODEL("llama-biases-f32"), &(bombus_adapter_use){adapter, 1}, 1, "fused", NULL, &err), err);
    assert_ok(bombus_safetensors_open(&ours, "fused", &err), err);
    assert_ok(bombus_safetensors_open(&theirs, ADAPTER("mlx-dora-biases") "/fused.safetensors", &err), err);
    assert_ok(bombus_safetensors_open(&base, MODEL("llama-biases-f32"), &err), err);
    assert_int_equal(bombus_safetensors_count(ours), bombus_safetensors_count(theirs));
    for (size_t i = 0; i < bombus_safetensors_count(theirs); i++) {
        const bombus_tensor_info *b = bombus_safetensors_at(theirs, i), *a = bombus_safetensors_find(ours, b->name);
        const bombus_tensor_info *before = bombus_safetensors_find(base, b->name);
        double worst = 0, largest = 0;
        assert_true(a && a->dtype == BOMBUS_F32 && b->dtype == BOMBUS_F32 && a->bytes == b->bytes);
        for (size_t k = 0; k < b->bytes / sizeof(float); k++) {
            float x, y;
            memcpy(&x, (const char *)a->data + k * sizeof x, sizeof x);
            memcpy(&y, (const char *)b->data + k * sizeof y, sizeof y);
            worst = fmax(worst, fabs((double)x - (double)y));
            largest = fmax(largest, fabs((double)y));
        }
        if (worst > 1e-6 * largest)
            fail_msg("%s: %g apart of %g", b->name, worst, largest);
        changed += memcmp(before->data, a->data, a->bytes) != 0;
    }
    assert_int_equal(changed, bombus_adapter_get_info(adapter)->module_count);
    bombus_safetensors_close(ours);
    bombus_safetensors_close(theirs);
    bombus_safetensors_close(base);
    bombus_adapter_free(adapter);
    assert_int_equal(system("rm -r fused"), 0);
}

static void a_large_fused_model_is_several_files(void **state)
{
    enum { LIMIT = 8000 };
    bombus_adapter *adapter = load(ADAPTER("mlx-lora"));
    const bombus_adapter_use use = {adapter, 1};
    bombus_safetensors *file;
    bb_json_document document;
    int64_t bytes = 0, total, parameters;
    size_t count;
    char *text;

    (void)state;
    assert_ok(bombus_fuse(MODEL("qwen3-4bit-g64"), &use, 1, "fused", &(bombus_fuse_options){.file_bytes = LIMIT}, &err), err);
    expect_same_tensors("fused", ADAPTER("mlx-lora") "/fused.safetensors");

    /* The index has every tensor, in the file that it says. */
    assert_ok(bombus_safetensors_open(&file, "fused", &err), err);
    assert_ok(bb_file_read(&text, &count, "fused/model.safetensors.index.json", 1 << 20, &err), err);
    assert_ok(bb_json_parse(&document, text, count, "index", &err), err);
    const bb_json *map = bb_json_get(&document.root, "weight_map"), *about = bb_json_get(&document.root, "metadata");
    assert_int_equal(map->size, bombus_safetensors_count(file));
    for (size_t i = 0; i < map->size; i++) {
        const bombus_tensor_info *info = bombus_safetensors_find(file, map->members[i].key);
        assert_string_equal(strrchr(info->file, '/') + 1, map->members[i].value.text);
        bytes += (int64_t)info->bytes;
        int64_t beside = 0; /* of all in one file */
        for (size_t k = 0; k < map->size; k++) {
            const bombus_tensor_info *other = bombus_safetensors_at(file, k);
            beside += strcmp(other->file, info->file) == 0 ? (int64_t)other->bytes : 0;
        }
        assert_true(beside <= LIMIT || beside == (int64_t)info->bytes);
    }
    assert_true(bb_json_to_int(bb_json_get(about, "total_size"), &total) && total == bytes);
    assert_true(bb_json_to_int(bb_json_get(about, "total_parameters"), &parameters));
    bombus_model *model;
    assert_ok(bombus_model_load(&model, MODEL("qwen3-4bit-g64"), NULL, &err), err);
    assert_int_equal(parameters, bombus_model_get_info(model)->parameters);
    bombus_model_free(model);
    bb_json_free(&document);
    bb_free(text);
    bombus_safetensors_close(file);

    /* The same again replaces it; as one file it would be read beside these. */
    assert_ok(bombus_fuse(MODEL("qwen3-4bit-g64"), &use, 1, "fused", &(bombus_fuse_options){.file_bytes = LIMIT}, &err), err);
    assert_int_equal(bombus_fuse(MODEL("qwen3-4bit-g64"), &use, 1, "fused", NULL, &err), BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, ".safetensors: there already, and would be read beside what is written"));
    assert_int_equal(bombus_fuse(MODEL("qwen3-4bit-g64"), &use, 1, "fused", &(bombus_fuse_options){.file_bytes = -1}, &err), BOMBUS_EINVAL);
    bombus_adapter_free(adapter);
    assert_int_equal(system("rm -r fused"), 0);
}

static void a_fused_model_does_what_model_and_adapter_do(void **state)
{
    static const char *const adapters[] = {ADAPTER("mlx-dora-biases"), ADAPTER("peft-dora-biases"), ADAPTER("peft-excluded")};
    static logits_of apart_logits, fused;

    (void)state;
    for (size_t i = 0; i < sizeof adapters / sizeof *adapters; i++) {
        bombus_adapter *adapter = load(adapters[i]);
        const bombus_adapter_use use = {adapter, i == 2 ? 0.5f : 1};
        evaluate(MODEL("llama-biases-f32"), &use, 1, apart_logits);
        assert_ok(bombus_fuse(MODEL("llama-biases-f32"), &use, 1, "fused", NULL, &err), err);
        evaluate("fused", NULL, 0, fused);
        assert_true(apart(apart_logits, fused) < 1e-5);
        bombus_adapter_free(adapter);
        assert_int_equal(system("rm -r fused"), 0);
    }
}

static void a_fusion_that_would_not_be_read_is_refused(void **state)
{
    bombus_adapter *adapter = load(ADAPTER("peft-lora-tied-embedding"));

    (void)state;
    assert_int_equal(bombus_fuse(MODEL("qwen3-4bit-g64"), &(bombus_adapter_use){adapter, 1}, 1, "fused", NULL, &err), BOMBUS_EUNSUPPORTED);
    assert_non_null(strstr(err.message, "the model's head is its embedding"));
    bombus_adapter_free(adapter);
    adapter = load(ADAPTER("mlx-lora"));
    assert_int_equal(bombus_fuse(MODEL("qwen3-4bit-g64"), &(bombus_adapter_use){adapter, 1}, 1, MODEL("qwen3-4bit-g64"), NULL, &err),
                     BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, "the model's own directory"));
    assert_int_equal(bombus_fuse(MODEL("qwen3-4bit-g64"), &(bombus_adapter_use){adapter, 1}, 1, MODEL("llama-sharded-bf16"), NULL, &err),
                     BOMBUS_EINVAL);
    assert_non_null(strstr(err.message, ".safetensors: there already"));
    bombus_adapter_free(adapter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_does_the_same_in_the_other_format_and_back),
        cmocka_unit_test(a_merged_adapter_is_the_weighted_sum),
        cmocka_unit_test(what_cannot_be_said_is_refused),
        cmocka_unit_test(a_head_from_peft_is_told_to_fit_untied_models_alone),
        cmocka_unit_test(an_adapter_is_not_written_over_another),
        cmocka_unit_test(a_fused_model_has_the_bytes_of_mlx_lms),
        cmocka_unit_test(a_fused_dora_is_mlx_lms_to_rounding),
        cmocka_unit_test(a_large_fused_model_is_several_files),
        cmocka_unit_test(a_fused_model_does_what_model_and_adapter_do),
        cmocka_unit_test(a_fusion_that_would_not_be_read_is_refused),
    };
    const char *path = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
