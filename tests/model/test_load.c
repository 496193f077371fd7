/* Loading: checkpoints that are not what they say are refused, and the message says where. */
#include "testing.h"

#include <bombus/bombus.h>
#include <fcntl.h>
#include <sys/stat.h>

static bombus_error err;

/* A copy of a golden model in the working directory, to be damaged. */
static void copy_model(const char *name, const char *to)
{
    char command[1024];
    snprintf(command, sizeof command, "rm -rf %s && mkdir %s && cp %s/models/%s/config.json %s/models/%s/model.safetensors %s", to, to,
             BOMBUS_GOLDEN, name, BOMBUS_GOLDEN, name, to);
    assert_int_equal(system(command), 0);
}

typedef struct part {
    const char *name;             /* of the tensor to change */
    const bombus_tensor *instead; /* NULL: left out */
    const char *rename;           /* NULL: as it was */
} part;

/* Writes to/model.safetensors anew with one tensor changed. */
static void rewrite(const char *to, const part *change)
{
    char path[256];
    bombus_safetensors *file;
    bombus_safetensors_entry entries[256];
    size_t count = 0;

    snprintf(path, sizeof path, "%s/model.safetensors", to);
    assert_ok(bombus_safetensors_open(&file, path, &err), err);
    for (size_t i = 0; i < bombus_safetensors_count(file); i++) {
        const bombus_tensor_info *info = bombus_safetensors_at(file, i);
        const bool changed = strcmp(info->name, change->name) == 0;
        bombus_tensor *tensor = NULL;
        if (changed && !change->instead && !change->rename)
            continue;
        if (!changed || !change->instead)
            assert_ok(bombus_safetensors_tensor(&tensor, file, info->name, &err), err);
        entries[count].tensor = tensor ? tensor : bombus_tensor_retain(change->instead);
        entries[count++].name = changed && change->rename ? change->rename : info->name;
    }
    assert_ok(bombus_safetensors_write(path, entries, count, NULL, 0, &err), err);
    for (size_t i = 0; i < count; i++)
        bombus_tensor_free((bombus_tensor *)entries[i].tensor);
    bombus_safetensors_close(file);
}

static void assert_refused(const char *path, bombus_status status, const char *words)
{
    bombus_model *model;
    assert_int_equal(bombus_model_load(&model, path, NULL, &err), status);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, err.message);
}

static void a_request_begins_with_the_models_sampling_defaults(void **state)
{
    static const char defaults[] =
        "{\"do_sample\": true, \"temperature\": 0.5, \"top_k\": 20, \"top_p\": 0.75, \"repetition_penalty\": 1.25}";
    bombus_model *model;
    bombus_request request;

    (void)state;
    copy_model("qwen3-tied-bf16", "warm");
    write_file("warm/generation_config.json", defaults, strlen(defaults));
    assert_ok(bombus_model_load(&model, "warm", NULL, &err), err);
    bombus_request_init_for(&request, model);
    assert_true(request.temperature == 0.5f && request.top_p == 0.75f && request.repetition_penalty == 1.25f && request.min_p == 0);
    assert_int_equal(request.top_k, 20);
    assert_int_equal(request.max_tokens, 256);
    bombus_model_free(model);

    write_file("warm/generation_config.json", "{\"top_k\": \"x\"}", 14);
    assert_refused("warm", BOMBUS_EFORMAT, "warm/generation_config.json: top_k: \"x\"");
}

static void a_good_checkpoint_describes_itself(void **state)
{
    (void)state;
    bombus_model *model;
    copy_model("qwen3-4bit-g64", "m");
    assert_ok(bombus_model_load(&model, "m", &(bombus_model_options){.threads = 2}, &err), err);
    const bombus_model_info *info = bombus_model_get_info(model);
    assert_string_equal(info->model_type, "qwen3");
    assert_int_equal(info->threads, 2);
    assert_int_equal(info->quantization.bits, 4);
    assert_true(info->bits_per_weight > 4 && info->bits_per_weight < 6);

    int64_t parameters = 0;
    for (size_t i = 0; i < bombus_model_weight_count(model); i++) {
        bombus_weight_info weight;
        assert_ok(bombus_model_weight_at(model, i, &weight, &err), err);
        int64_t count = 1;
        for (int axis = 0; axis < weight.rank; axis++)
            count *= weight.shape[axis];
        parameters += count;
    }
    assert_true(parameters == info->parameters);
    bombus_weight_info weight;
    assert_int_equal(bombus_model_weight_at(model, 100000, &weight, &err), BOMBUS_EINVAL);
    bombus_model_free(model);
}

static void a_missing_tensor_is_named(void **state)
{
    (void)state;
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.layers.1.mlp.up_proj.weight"});
    assert_refused("m", BOMBUS_EFORMAT, "m/model.safetensors: model.layers.1.mlp.up_proj.weight: missing");
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.layers.1.mlp.up_proj.biases"});
    assert_refused("m", BOMBUS_EFORMAT, "model.layers.1.mlp.up_proj.biases");
}

static void the_tensors_of_other_quantizers_are_named(void **state)
{
    (void)state;
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.layers.1.mlp.up_proj.weight", .rename = "model.layers.1.mlp.up_proj.qweight"});
    assert_refused("m", BOMBUS_EUNSUPPORTED, "model.layers.1.mlp.up_proj.qweight: packed by AWQ or GPTQ, which is not supported");
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.layers.1.mlp.up_proj.weight", .rename = "model.layers.1.mlp.up_proj.weight_packed"});
    assert_refused("m", BOMBUS_EUNSUPPORTED, "packed by compressed-tensors, which is not supported");
}

static void a_tensor_that_nothing_reads_is_named(void **state)
{
    (void)state;
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.norm.weight", .rename = "model.norm.gain"});
    assert_refused("m", BOMBUS_EFORMAT, "m/model.safetensors: model.norm.weight: missing");
    copy_model("qwen2-tied-bf16", "m");
    rewrite("m", &(part){.name = "model.layers.0.self_attn.q_proj.bias", .rename = "model.layers.0.self_attn.q_proj.offset"});
    assert_refused("m", BOMBUS_EFORMAT, "model.layers.0.self_attn.q_proj.bias: missing");
}

static void a_wrong_shape_or_dtype_is_named(void **state)
{
    (void)state;
    bombus_tensor *wrong;
    assert_ok(bombus_tensor_create(&wrong, BOMBUS_F32, 1, (int64_t[]){3}, NULL, &err), err);
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.norm.weight", .instead = wrong});
    assert_refused("m", BOMBUS_EFORMAT, "m/model.safetensors: model.norm.weight: shape [3], expected [");
    bombus_tensor_free(wrong);

    assert_ok(bombus_tensor_create(&wrong, BOMBUS_I32, 1, (int64_t[]){64}, NULL, &err), err);
    rewrite("m", &(part){.name = "model.norm.weight", .instead = wrong});
    assert_refused("m", BOMBUS_EFORMAT, "model.norm.weight: dtype I32, expected F32, F16 or BF16");
    bombus_tensor_free(wrong);
}

static void scales_that_fit_no_width_are_named(void **state)
{
    (void)state;
    bombus_tensor *wrong;
    assert_ok(bombus_tensor_create(&wrong, BOMBUS_BF16, 2, (int64_t[]){128, 7}, NULL, &err), err);
    copy_model("qwen3-4bit-g64", "m");
    rewrite("m", &(part){.name = "model.layers.0.mlp.up_proj.scales", .instead = wrong});
    assert_refused("m", BOMBUS_EFORMAT, "model.layers.0.mlp.up_proj: weight [");
    bombus_tensor_free(wrong);
}

static void what_is_no_model_directory_is_named(void **state)
{
    (void)state;
    assert_refused("nowhere", BOMBUS_ENOTFOUND, "nowhere/config.json: cannot open: No such file or directory");
    write_file("file", "x", 1);
    assert_refused("file", BOMBUS_EINVAL, "file: is a file, expected a model directory");
    assert_int_equal(mkdir("empty", 0777), 0);
    assert_refused("empty", BOMBUS_ENOTFOUND, "empty/config.json: cannot open");
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(remove("m/model.safetensors"), 0);
    assert_refused("m", BOMBUS_ENOTFOUND, "m");
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(remove("m/config.json"), 0);
    assert_int_equal(mkdir("m/config.json", 0777), 0);
    assert_refused("m", BOMBUS_EIO, "m/config.json: is a directory, expected a file");
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(mkdir("m/generation_config.json", 0777), 0);
    assert_refused("m", BOMBUS_EIO, "m/generation_config.json: is a directory, expected a file");
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(remove("m/model.safetensors"), 0);
    assert_int_equal(mkdir("m/model.safetensors", 0777), 0);
    assert_refused("m", BOMBUS_EIO, "m/model.safetensors: is a directory, expected a file");
}

static void a_truncated_file_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    struct stat info;
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(stat("m/model.safetensors", &info), 0);
    for (off_t size = info.st_size - 1; size >= 0; size = size > 3000 ? size - 1777 : size - 1) {
        bombus_model *model;
        assert_int_equal(truncate("m/model.safetensors", size), 0);
        assert_int_not_equal(bombus_model_load(&model, "m", NULL, &err), BOMBUS_OK);
        assert_non_null(strstr(err.message, "m/model.safetensors"));
    }
}

static void a_generation_config_that_is_no_object_is_named(void **state)
{
    (void)state;
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(system("echo '[2]' > m/generation_config.json"), 0);
    assert_refused("m", BOMBUS_EFORMAT, "m/generation_config.json: an array, expected an object");
    assert_int_equal(system("rm m/generation_config.json && mkdir m/generation_config.json"), 0);
    assert_refused("m", BOMBUS_EIO, "m/generation_config.json: is a directory, expected a file");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    bombus_model *model;
    copy_model("qwen3-4bit-g64", "m");
    assert_int_equal(bombus_model_load(&model, "m", &(bombus_model_options){.threads = -1}, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "threads: -1, expected 0 to 1024");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_checkpoint_describes_itself),
        cmocka_unit_test(a_request_begins_with_the_models_sampling_defaults),
        cmocka_unit_test(a_missing_tensor_is_named),
        cmocka_unit_test(the_tensors_of_other_quantizers_are_named),
        cmocka_unit_test(a_tensor_that_nothing_reads_is_named),
        cmocka_unit_test(a_wrong_shape_or_dtype_is_named),
        cmocka_unit_test(scales_that_fit_no_width_are_named),
        cmocka_unit_test(what_is_no_model_directory_is_named),
        cmocka_unit_test(a_truncated_file_is_refused_wherever_it_ends),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(a_generation_config_that_is_no_object_is_named),
    };
    const char *directory = enter_temporary();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(directory);
    return failed;
}
