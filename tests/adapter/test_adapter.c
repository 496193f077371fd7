/* Adapters that are whole are loaded and bound; what is damaged, what asks for more, and what was made for another model is refused by
 * name. */
#include "adapter/adapter.h"
#include "base/file.h"
#include "testing.h"

#include <bombus/bombus.h>
#include <math.h>
#include <pthread.h>
#include <sys/stat.h>

#define BASE    BOMBUS_GOLDEN "/models/qwen3-4bit-g64" /* D 64, F 64, H * d 128, K * d 64, V 128; two layers, tied */
#define UNTIED  BOMBUS_GOLDEN "/models/llama-4bit-g32-untied"
#define ADAPTER BOMBUS_GOLDEN "/adapters/"

enum { PARTS_MAX = 16, VOCABULARY = 128, IDS = 8 };

static bombus_error err;

/* ---- adapters made here ---- */

typedef struct part {
    const char *name;
    int rank;
    int64_t shape[3];
    bombus_dtype dtype;
} part;

/* Writes directory/file with random values. */
static void write_tensors(const char *directory, const char *file, const part *parts, size_t count, uint32_t seed)
{
    bombus_safetensors_entry entries[PARTS_MAX];
    char path[128];

    for (size_t i = 0; i < count; i++) {
        const int64_t values = bb_shape_count(parts[i].rank, parts[i].shape);
        const bombus_dtype dtype = parts[i].dtype ? parts[i].dtype : BOMBUS_F32;
        bombus_tensor *tensor;
        float *data = calloc((size_t)values + 1, sizeof *data);
        for (int64_t j = 0; j < values; j++) {
            seed = seed * 1664525u + 1013904223u;
            data[j] = (float)(int32_t)seed * 0x1p-34f;
        }
        assert_ok(bombus_tensor_create(&tensor, dtype, parts[i].rank, parts[i].shape, dtype == BOMBUS_F32 ? data : NULL, &err), err);
        entries[i] = (bombus_safetensors_entry){parts[i].name, tensor};
        free(data);
    }
    snprintf(path, sizeof path, "%s/%s", directory, file);
    assert_ok(bombus_safetensors_write(path, entries, count, NULL, 0, &err), err);
    for (size_t i = 0; i < count; i++)
        bombus_tensor_free((bombus_tensor *)entries[i].tensor);
}

static void write_config(const char *directory, const char *text)
{
    char path[128];

    mkdir(directory, 0777);
    snprintf(path, sizeof path, "%s/adapter_config.json", directory);
    write_file(path, text, strlen(text));
}

#define LORA(keys)                                                                                                                           \
    "{\"fine_tune_type\": \"lora\", \"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": 2.0, \"dropout\": 0.0, \"keys\": " keys \
    "}}"
#define DORA                                                                                                                               \
    "{\"fine_tune_type\": \"dora\", \"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": 2.0, \"keys\": [\"self_attn.q_proj\"]}}"
#define PEFT(more)                                                                                                                         \
    "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8, \"target_modules\": [\"q_proj\"], \"layers_to_transform\": 1" more "}"

#define Q "model.layers.1.self_attn.q_proj"

static bombus_status load(bombus_adapter **adapter, const char *directory)
{
    return bombus_adapter_load(adapter, directory, NULL, &err);
}

static void expect_message(const char *directory, const char *message)
{
    if (!strstr(err.message, message))
        fail_msg("%s: %s\nexpected \"%s\"", directory, err.message, message);
}

static void expect_load_refused(const char *directory, bombus_status status, const char *message)
{
    bombus_adapter *adapter = (bombus_adapter *)1;

    const bombus_status found = load(&adapter, directory);
    if (found != status)
        fail_msg("%s: status %d (%s), expected %d", message, found, found ? err.message : "", status);
    assert_null(adapter);
    expect_message(directory, message);
}

static bombus_model *load_model(const char *path)
{
    bombus_model *model;
    assert_ok(bombus_model_load(&model, path, &(bombus_model_options){.threads = 1}, &err), err);
    return model;
}

static void expect_bind_refused(const char *directory, const char *base, bombus_status status, const char *message)
{
    bombus_adapter *adapter;
    bombus_model *model = load_model(base);
    bb_deltas *deltas = (bb_deltas *)1;

    assert_ok(load(&adapter, directory), err);
    const bombus_status found = bb_adapter_bind(&deltas, model, &(bombus_adapter_use){adapter, 1}, 1, &err);
    if (found != status)
        fail_msg("%s: status %d (%s), expected %d", message, found, found ? err.message : "", status);
    assert_null(deltas);
    expect_message(directory, message);
    bombus_adapter_free(adapter);
    bombus_model_free(model);
}

/* ---- what is refused ---- */

static void a_beginning_that_left_the_base_as_it_was_is_accepted(void **state)
{
    static const char *const beginnings[] = {"\"gaussian\"", "\"mica\"", "true"};

    (void)state;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        char text[512];
        snprintf(text, sizeof text, PEFT(", \"init_lora_weights\": %s"), beginnings[i]);
        write_config("begun", text);
        expect_load_refused("begun", BOMBUS_ENOTFOUND, "adapter_model.safetensors"); /* the config is fine */
    }
}

static void a_config_that_asks_for_more_is_refused_by_name(void **state)
{
    static const struct {
        const char *text;
        bombus_status status;
        const char *message;
    } cases[] = {
        {"", BOMBUS_EFORMAT, "adapter_config.json"},
        {"[]", BOMBUS_EFORMAT, "an array, expected an object"},
        {"{}", BOMBUS_EFORMAT, "num_layers"},
        {"{\"num_layers\": 1}", BOMBUS_EFORMAT, "lora_parameters: missing"},
        {"{\"num_layers\": 1, \"lora_parameters\": 3}", BOMBUS_EFORMAT, "lora_parameters: 3, expected an object"},
        {"{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"alpha\": 2}}", BOMBUS_EFORMAT, "lora_parameters.scale: missing"},
        {"{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 0, \"scale\": 2}}", BOMBUS_EFORMAT, "rank: 0"},
        {"{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": \"x\"}}", BOMBUS_EFORMAT, "lora_parameters.scale: \"x\""},
        {"{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": 2, \"keys\": [1]}}", BOMBUS_EFORMAT, "lora_parameters.keys: 1"},
        {"{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": 2, \"keys\": {}}}", BOMBUS_EFORMAT,
         "lora_parameters.keys: an object"},
        {"{\"fine_tune_type\": \"loha\"}", BOMBUS_EUNSUPPORTED, "fine_tune_type: \"loha\""},
        {"{\"peft_type\": \"LOHA\"}", BOMBUS_EUNSUPPORTED, "peft_type: \"LOHA\", expected \"LORA\""},
        {"{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8}", BOMBUS_EFORMAT, "target_modules: missing"},
        {"{\"peft_type\": \"LORA\", \"lora_alpha\": 8}", BOMBUS_EFORMAT, "r: "},
        {"{\"peft_type\": \"LORA\", \"r\": 4}", BOMBUS_EFORMAT, "lora_alpha: missing"},
        {PEFT(", \"bias\": \"all\""), BOMBUS_EUNSUPPORTED, "bias: \"all\", expected \"none\""},
        {PEFT(", \"modules_to_save\": [\"lm_head\"]"), BOMBUS_EUNSUPPORTED, "modules_to_save: an array"},
        {PEFT(", \"trainable_token_indices\": [1]"), BOMBUS_EUNSUPPORTED, "trainable_token_indices"},
        {PEFT(", \"fan_in_fan_out\": true"), BOMBUS_EUNSUPPORTED, "fan_in_fan_out: true"},
        {PEFT(", \"lora_bias\": true"), BOMBUS_EUNSUPPORTED, "lora_bias"},
        {PEFT(", \"layer_replication\": [[0, 1]]"), BOMBUS_EUNSUPPORTED, "layer_replication"},
        {PEFT(", \"alora_invocation_tokens\": [3]"), BOMBUS_EUNSUPPORTED, "alora_invocation_tokens"},
        {PEFT(", \"use_qalora\": true"), BOMBUS_EUNSUPPORTED, "use_qalora"},
        {PEFT(", \"target_parameters\": [\"x\"]"), BOMBUS_EUNSUPPORTED, "target_parameters"},
        {PEFT(", \"ensure_weight_tying\": true"), BOMBUS_EUNSUPPORTED, "ensure_weight_tying"},
        {PEFT(", \"of_another_day\": 1"), BOMBUS_EUNSUPPORTED, "of_another_day: 1, expected none"},
        {PEFT(", \"init_lora_weights\": \"pissa\""), BOMBUS_EUNSUPPORTED, "init_lora_weights: \"pissa\""},
        {PEFT(", \"rank_pattern\": {\"q_proj\": 0}"), BOMBUS_EFORMAT, "rank_pattern: 0"},
        {PEFT(", \"rank_pattern\": {\"q_proj(\": 2}"), BOMBUS_EFORMAT, "rank_pattern"},
        {PEFT(", \"alpha_pattern\": {\"q_proj\": \"x\"}"), BOMBUS_EFORMAT, "alpha_pattern: \"x\""},
        {PEFT(", \"layers_pattern\": [1]"), BOMBUS_EFORMAT, "layers_pattern: 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_config("config", cases[i].text);
        expect_load_refused("config", cases[i].status, cases[i].message);
    }
    expect_load_refused("nowhere", BOMBUS_ENOTFOUND, "adapter_config.json");
    write_file("plain", "x", 1);
    expect_load_refused("plain", BOMBUS_EINVAL, "is a file, expected a directory");
}

static void tensors_that_do_not_belong_together_are_refused(void **state)
{
    static const struct {
        const char *config;
        part parts[4];
        const char *message;
    } cases[] = {
        {LORA("[\"self_attn.q_proj\"]"), {{Q ".lora_a", 2, {64, 4}, 0}}, Q ": its B is missing"},
        {LORA("[\"self_attn.q_proj\"]"), {{Q ".lora_b", 2, {4, 128}, 0}}, Q ": its A is missing"},
        {DORA, {{Q ".lora_a", 2, {64, 4}, 0}, {Q ".lora_b", 2, {4, 128}, 0}}, Q ": its magnitude is missing"},
        {LORA("[\"self_attn.q_proj\"]"),
         {{Q ".lora_a", 2, {64, 4}, 0}, {Q ".lora_b", 2, {4, 128}, 0}, {Q ".m", 1, {128}, 0}},
         Q ".m: unexpected, no tensor of a LoRA adapter"},
        {LORA("[\"self_attn.q_proj\"]"), {{Q ".weight", 2, {4, 4}, 0}}, Q ".weight: unexpected"},
        {LORA("[\"self_attn.q_proj\"]"),
         {{Q ".lora_a", 2, {64, 3}, 0}, {Q ".lora_b", 2, {3, 128}, 0}},
         Q ".lora_a: shape [64, 3], expected [64, 4] (rank 4, as config/adapter_config.json says)"},
        {LORA("[\"self_attn.q_proj\"]"),
         {{Q ".lora_a", 2, {64, 4}, 0}, {Q ".lora_b", 2, {128, 4}, 0}},
         Q ".lora_b: shape [128, 4], expected [4, 4]"},
        {LORA("[\"self_attn.q_proj\"]"), {{Q ".lora_a", 1, {64}, 0}, {Q ".lora_b", 2, {4, 128}, 0}}, "1 dimensions, expected 2"},
        {LORA("[\"self_attn.q_proj\"]"),
         {{Q ".lora_a", 2, {64, 4}, BOMBUS_I32}, {Q ".lora_b", 2, {4, 128}, 0}},
         Q ".lora_a: dtype I32, expected F32, F16 or BF16"},
        {DORA, {{Q ".lora_a", 2, {64, 4}, 0}, {Q ".lora_b", 2, {4, 128}, 0}, {Q ".m", 1, {64}, 0}}, Q ".m: shape [64], expected [128]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        while (count < 4 && cases[i].parts[count].name)
            count++;
        write_config("config", cases[i].config);
        write_tensors("config", "adapters.safetensors", cases[i].parts, count, 1);
        expect_load_refused("config", BOMBUS_EFORMAT, cases[i].message);
    }
    write_tensors("config", "adapters.safetensors", NULL, 0, 1);
    expect_load_refused("config", BOMBUS_EFORMAT, "holds no tensor");
    write_config("peft", PEFT(""));
    write_file("peft/adapter_model.bin", "x", 1);
    expect_load_refused("peft", BOMBUS_EUNSUPPORTED, "adapter_model.bin: a pickle");
    write_tensors("peft", "adapter_model.safetensors", (part[]){{Q ".lora_A.weight", 2, {4, 64}, 0}}, 1, 1);
    expect_load_refused("peft", BOMBUS_EFORMAT, Q ".lora_A.weight: unexpected");
    write_tensors("peft", "adapter_model.safetensors", (part[]){{"base_model.model.model.embed_tokens.weight", 2, {128, 64}, 0}}, 1, 1);
    expect_load_refused("peft", BOMBUS_EUNSUPPORTED, "embed_tokens.weight: a weight that would take the place of the model's");
}

/* Every prefix of a tensor file, and the file with each of some bytes changed: an answer or a refusal, never more. */
static void damaged_files_are_refused(void **state)
{
    static char bytes[1 << 16];
    bombus_adapter *adapter;
    size_t size;

    (void)state;
    write_config("whole", LORA("[\"self_attn.q_proj\"]"));
    write_tensors("whole", "adapters.safetensors", (part[]){{Q ".lora_a", 2, {64, 4}, 0}, {Q ".lora_b", 2, {4, 128}, 0}}, 2, 1);
    assert_ok(load(&adapter, "whole"), err);
    bombus_adapter_free(adapter);
    FILE *file = fopen("whole/adapters.safetensors", "rb");
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    write_config("damaged", LORA("[\"self_attn.q_proj\"]"));
    for (size_t length = 0; length < size; length += length < 256 ? 1 : 97) {
        write_file("damaged/adapters.safetensors", bytes, length);
        assert_int_not_equal(load(&adapter, "damaged"), BOMBUS_OK);
        assert_null(adapter);
        assert_true(strlen(err.message) > 0);
    }
    for (size_t at = 0; at < 200; at++) {
        const char kept = bytes[at];
        bytes[at] ^= 0x15;
        write_file("damaged/adapters.safetensors", bytes, size);
        if (load(&adapter, "damaged") == BOMBUS_OK)
            bombus_adapter_free(adapter);
        bytes[at] = kept;
    }
}

static void an_adapter_for_another_model_says_which_shape_disagreed(void **state)
{
    static const struct {
        const char *keys;
        part a, b;
        const char *base;
        bombus_status status;
        const char *message;
    } cases[] = {
        {"[\"self_attn.q_proj\"]",
         {Q ".lora_a", 2, {32, 4}, 0},
         {Q ".lora_b", 2, {4, 128}, 0},
         BASE,
         BOMBUS_EINVAL,
         Q ".lora_a: shape [32, 4], expected 64 in place of 32: the model's " Q " has 64 inputs"},
        {"[\"self_attn.q_proj\"]",
         {Q ".lora_a", 2, {64, 4}, 0},
         {Q ".lora_b", 2, {4, 256}, 0},
         BASE,
         BOMBUS_EINVAL,
         Q ".lora_b: shape [4, 256], expected 128 in place of 256: the model's " Q " has 128 outputs"},
        {"[\"self_attn.q_proj\"]",
         {"model.layers.2.self_attn.q_proj.lora_a", 2, {64, 4}, 0},
         {"model.layers.2.self_attn.q_proj.lora_b", 2, {4, 128}, 0},
         BASE,
         BOMBUS_EINVAL,
         "model.layers.2.self_attn.q_proj.lora_a: no linear layer of that name in the model (qwen3 of 2 layers)"},
        {"[\"self_attn.q_proj\"]",
         {"model.layers.0.self_attn.q_proj.lora_a", 2, {64, 4}, 0},
         {"model.layers.0.self_attn.q_proj.lora_b", 2, {4, 128}, 0},
         BASE,
         BOMBUS_EFORMAT,
         "model.layers.0.self_attn.q_proj: found, but adapter/adapter_config.json says that the adapter does not change it"},
        {"[\"self_attn.q_proj\", \"mlp.up_proj\"]",
         {Q ".lora_a", 2, {64, 4}, 0},
         {Q ".lora_b", 2, {4, 128}, 0},
         BASE,
         BOMBUS_EFORMAT,
         "model.layers.1.mlp.up_proj: no tensors, but adapter/adapter_config.json says that the adapter changes it"},
        {"[\"model.embed_tokens\"]",
         {"model.embed_tokens.lora_a", 2, {100, 4}, 0},
         {"model.embed_tokens.lora_b", 2, {4, 64}, 0},
         BASE,
         BOMBUS_EINVAL,
         "model.embed_tokens.lora_a: shape [100, 4], expected 128 in place of 100: the model's model.embed_tokens has 128 rows"},
        {"[\"lm_head\"]",
         {"lm_head.lora_a", 2, {64, 4}, 0},
         {"lm_head.lora_b", 2, {4, 128}, 0},
         BASE,
         BOMBUS_EINVAL,
         "lm_head.lora_a: no linear layer of that name"},
        {"[\"lm_head\"]",
         {"lm_head.lora_a", 2, {64, 4}, 0},
         {"lm_head.lora_b", 2, {4, 64}, 0},
         UNTIED,
         BOMBUS_EINVAL,
         "lm_head.lora_b: shape [4, 64], expected 128 in place of 64"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[512];
        snprintf(config, sizeof config, "{\"num_layers\": 1, \"lora_parameters\": {\"rank\": 4, \"scale\": 2.0, \"keys\": %s}}",
                 cases[i].keys);
        write_config("adapter", config);
        write_tensors("adapter", "adapters.safetensors", (part[]){cases[i].a, cases[i].b}, 2, 1);
        expect_bind_refused("adapter", cases[i].base, cases[i].status, cases[i].message);
    }
    expect_bind_refused(ADAPTER "peft-lora-embedding", UNTIED, BOMBUS_EUNSUPPORTED, "base_layer.weight: differs from the model's weight");
}

/* ---- copies of the base's weights ---- */

/* The golden adapter of embedding and head as "copies", with weights of a model of ours in place of its copies. */
static void write_copies(const char *weights_path)
{
    static const char golden[] = ADAPTER "peft-lora-embedding-quantized/adapter_model.safetensors", begin[] = "base_model.model.",
                      end[] = ".base_layer.weight";
    bombus_safetensors_entry entries[PARTS_MAX];
    bombus_safetensors *file, *weights;
    char *config;
    size_t bytes;

    assert_ok(bombus_safetensors_open(&file, golden, &err), err);
    assert_ok(bombus_safetensors_open(&weights, weights_path, &err), err);
    const size_t count = bombus_safetensors_count(file);
    assert_true(count <= PARTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *name = bombus_safetensors_at(file, i)->name, *tail = strstr(name, end);
        char source[128];
        bombus_tensor *tensor;
        if (tail)
            snprintf(source, sizeof source, "%.*s.weight", (int)(tail - name) - (int)strlen(begin), name + strlen(begin));
        assert_ok(bombus_safetensors_tensor(&tensor, tail ? weights : file, tail ? source : name, &err), err);
        entries[i] = (bombus_safetensors_entry){name, tensor};
    }
    mkdir("copies", 0777);
    assert_ok(bombus_safetensors_write("copies/adapter_model.safetensors", entries, count, NULL, 0, &err), err);
    for (size_t i = 0; i < count; i++)
        bombus_tensor_free((bombus_tensor *)entries[i].tensor);
    bombus_safetensors_close(file);
    bombus_safetensors_close(weights);
    assert_ok(bb_file_read(&config, &bytes, ADAPTER "peft-lora-embedding-quantized/adapter_config.json", 1 << 20, &err), err);
    write_config("copies", config);
    bb_free(config);
}

static void a_copy_of_what_a_weight_was_quantized_from_is_that_weight(void **state)
{
    (void)state;
    bombus_adapter *change, *adapter;
    bb_deltas *deltas;

    /* The same weights, dense and quantized: no quantized value is what it was made of. */
    assert_ok(load(&change, ADAPTER "mlx-lora-head"), err);
    const bombus_adapter_use use = {change, 1};
    assert_ok(bombus_fuse(UNTIED, &use, 1, "dense", &(bombus_fuse_options){.dequantize = true}, &err), err);
    assert_ok(bombus_fuse(UNTIED, &use, 1, "quantized", NULL, &err), err);
    bombus_adapter_free(change);
    write_copies("dense/model.safetensors");

    bombus_model *model = load_model("quantized");
    assert_ok(load(&adapter, "copies"), err);
    assert_ok(bb_adapter_bind(&deltas, model, &(bombus_adapter_use){adapter, 1}, 1, &err), err);
    bb_deltas_free(deltas);
    bombus_adapter_free(adapter);
    bombus_model_free(model);
    expect_bind_refused("copies", UNTIED, BOMBUS_EUNSUPPORTED, "base_layer.weight: differs from the model's weight");
}

/* ---- what they do ---- */

static bombus_status try_evaluate(const char *base, const char *fine_tune, const bombus_adapter_use *uses, size_t count, float *logits)
{
    static const int32_t ids[IDS] = {5, 17, 3, 99, 42, 1, 64, 8};
    bombus_session_options options;
    bombus_session *session;
    bombus_model *model;
    bombus_status status = bombus_model_load(&model, base, &(bombus_model_options){.threads = 1, .fine_tune = fine_tune}, &err);

    if (status != BOMBUS_OK)
        return status;
    bombus_session_options_init(&options);
    options.adapters = uses;
    options.adapter_count = count;
    options.context = IDS;
    status = bombus_session_create(&session, model, NULL, &options, &err);
    bombus_model_free(model);
    if (status == BOMBUS_OK)
        status = bombus_session_eval(session, ids, IDS, logits, &err);
    bombus_session_free(session);
    return status;
}

typedef float logits_of[IDS * VOCABULARY];

static void evaluate(const char *base, const char *fine_tune, const bombus_adapter_use *uses, size_t count, float *logits)
{
    assert_ok(try_evaluate(base, fine_tune, uses, count, logits), err);
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

static void several_adapters_are_a_weighted_sum(void **state)
{
    static logits_of base, once, halves, none, both, swapped;
    bombus_adapter *lora, *dora;

    (void)state;
    assert_ok(load(&lora, ADAPTER "mlx-lora"), err);
    assert_ok(load(&dora, ADAPTER "mlx-dora"), err);
    evaluate(BASE, NULL, NULL, 0, base);
    for (int i = 0; i < 2; i++) {
        bombus_adapter *adapter = i ? dora : lora;
        evaluate(BASE, NULL, &(bombus_adapter_use){adapter, 1}, 1, once);
        evaluate(BASE, NULL, (bombus_adapter_use[]){{adapter, 0.25f}, {adapter, 0.75f}}, 2, halves);
        evaluate(BASE, NULL, &(bombus_adapter_use){adapter, 0}, 1, none);
        assert_true(apart(once, base) > 0.01);
        assert_true(apart(once, halves) < 1e-5);
        assert_true(apart(base, none) < 1e-5);
    }
    evaluate(BASE, NULL, (bombus_adapter_use[]){{lora, 0.5f}, {dora, 1}}, 2, both);
    evaluate(BASE, NULL, (bombus_adapter_use[]){{dora, 1}, {lora, 0.5f}}, 2, swapped);
    assert_true(apart(both, swapped) < 1e-5);
    assert_true(apart(both, once) > 0.01);
    assert_int_equal(try_evaluate(BASE, NULL, &(bombus_adapter_use){lora, NAN}, 1, both), BOMBUS_EINVAL);
    expect_message("weight", "adapter weight: nan");
    bombus_adapter_free(lora);
    bombus_adapter_free(dora);
}

static void a_session_outlives_its_adapter(void **state)
{
    static logits_of before, after;
    bombus_session_options options;
    bombus_session *session;
    bombus_adapter *adapter;
    bombus_model *model = load_model(BASE);
    const int32_t ids[IDS] = {5, 17, 3, 99, 42, 1, 64, 8};

    (void)state;
    assert_ok(load(&adapter, ADAPTER "mlx-lora"), err);
    const bombus_adapter_use use = {bombus_adapter_retain(adapter), 1};
    bombus_adapter_free(adapter);
    evaluate(BASE, NULL, &use, 1, before);
    bombus_session_options_init(&options);
    options.adapters = &use;
    options.adapter_count = 1;
    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    bombus_adapter_free(use.adapter);
    bombus_model_free(model);
    assert_ok(bombus_session_eval(session, ids, IDS, after, &err), err);
    assert_memory_equal(before, after, sizeof before);
    bombus_session_free(session);
}

static void a_prompt_file_belongs_to_its_adapter(void **state)
{
    bombus_model *model = load_model(BASE);
    bombus_adapter *adapter;
    bombus_session *with, *without, *half;
    bombus_session_options options;

    (void)state;
    assert_ok(load(&adapter, ADAPTER "mlx-lora"), err);
    bombus_session_options_init(&options);
    assert_ok(bombus_session_create(&without, model, NULL, &options, &err), err);
    options.adapter_count = 1;
    options.adapters = &(bombus_adapter_use){adapter, 1};
    assert_ok(bombus_session_create(&with, model, NULL, &options, &err), err);
    options.adapters = &(bombus_adapter_use){adapter, 0.5f};
    assert_ok(bombus_session_create(&half, model, NULL, &options, &err), err);
    assert_ok(bombus_session_eval(with, (int32_t[]){1, 2, 3}, 3, NULL, &err), err);
    assert_ok(bombus_session_save(with, "prompt.safetensors", NULL, 0, &err), err);
    assert_ok(bombus_session_restore(with, "prompt.safetensors", &err), err);
    assert_int_equal(bombus_session_restore(without, "prompt.safetensors", &err), BOMBUS_EINVAL);
    expect_message("prompt.safetensors", "made with another adapter");
    assert_int_equal(bombus_session_restore(half, "prompt.safetensors", &err), BOMBUS_EINVAL);
    bombus_session_free(half);
    bombus_session_free(with);
    bombus_session_free(without);
    bombus_adapter_free(adapter);
    bombus_model_free(model);
}

static void a_full_fine_tune_stands_in_the_place_of_weights(void **state)
{
    static logits_of base, tuned, fits;
    bombus_adapter *adapter;

    (void)state;
    write_config("full", "{\"fine_tune_type\": \"full\", \"num_layers\": 1}");
    write_tensors("full", "adapters.safetensors",
                  (part[]){{"model.layers.1.input_layernorm.weight", 1, {64}, 0}, {"model.norm.weight", 1, {64}, 0}}, 2, 3);
    assert_ok(load(&adapter, "full"), err);
    assert_int_equal(bombus_adapter_get_info(adapter)->kind, BOMBUS_ADAPTER_FULL);
    evaluate(BASE, NULL, NULL, 0, base);
    evaluate(BASE, "full", NULL, 0, tuned);
    assert_true(apart(base, tuned) > 0.1);
    assert_int_equal(try_evaluate(BASE, NULL, &(bombus_adapter_use){adapter, 1}, 1, fits), BOMBUS_EINVAL);
    expect_message("full", "weights in place of the model's");
    bombus_adapter_free(adapter);

    /* What a tuned tensor says is what the model is: the base's own tensor changes nothing. */
    bombus_safetensors *file;
    assert_ok(bombus_safetensors_open(&file, BASE, &err), err);
    bombus_tensor *norm;
    assert_ok(bombus_safetensors_tensor(&norm, file, "model.norm.weight", &err), err);
    assert_ok(
        bombus_safetensors_write("full/adapters.safetensors", &(bombus_safetensors_entry){"model.norm.weight", norm}, 1, NULL, 0, &err),
        err);
    evaluate(BASE, "full/adapters.safetensors", NULL, 0, fits);
    assert_memory_equal(base, fits, sizeof base);
    bombus_tensor_free(norm);
    bombus_safetensors_close(file);

    write_tensors("full", "adapters.safetensors", (part[]){{"model.norm.weight", 1, {32}, 0}}, 1, 3);
    assert_int_equal(try_evaluate(BASE, "full", NULL, 0, fits), BOMBUS_EFORMAT);
    expect_message("full", "model.norm.weight: shape [32], expected [64]");
    write_tensors("full", "adapters.safetensors", (part[]){{"model.layers.7.input_layernorm.weight", 1, {64}, 0}}, 1, 3);
    assert_int_equal(try_evaluate(BASE, "full", NULL, 0, fits), BOMBUS_EFORMAT);
    expect_message("full", "model.layers.7.input_layernorm.weight: unexpected");
}

static void an_adapter_tells_what_it_changes(void **state)
{
    bombus_adapter *adapter;
    bombus_adapter_module module;

    (void)state;
    assert_ok(load(&adapter, ADAPTER "peft-rslora-patterns"), err);
    const bombus_adapter_info *info = bombus_adapter_get_info(adapter);
    assert_string_equal(bombus_adapter_format_name(info->format), "peft");
    assert_string_equal(bombus_adapter_kind_name(info->kind), "lora");
    assert_string_equal(info->base, "qwen2-tied-bf16");
    assert_int_equal(info->module_count, 10);
    assert_int_equal(info->rank, 6);
    assert_ok(bombus_adapter_module_at(adapter, 0, &module, &err), err);
    assert_string_equal(module.name, "model.layers.0.mlp.down_proj");
    assert_int_equal(module.rank, 6);
    assert_true(fabs(module.scale - 6 / sqrt(6)) < 1e-12);
    assert_int_equal(bombus_adapter_module_at(adapter, 10, &module, &err), BOMBUS_EINVAL);
    bombus_adapter_free(adapter);
    assert_null(bombus_adapter_kind_name((bombus_adapter_kind)9));
    assert_null(bombus_adapter_format_name((bombus_adapter_format)9));
}

/* ---- threads ---- */

static void *come_and_go(void *context)
{
    bombus_model *model = context; /* which is returned where something fails */
    static const char *const names[] = {ADAPTER "mlx-lora", ADAPTER "mlx-dora", ADAPTER "mlx-lora-tied-embedding"};

    for (int i = 0; i < 12; i++) {
        bombus_session_options options;
        bombus_session *session;
        bombus_adapter *adapter;
        bombus_error own;
        bombus_session_options_init(&options);
        options.context = IDS;
        if (bombus_adapter_load(&adapter, names[i % 3], NULL, &own) != BOMBUS_OK)
            return context;
        options.adapters = &(bombus_adapter_use){adapter, 1};
        options.adapter_count = 1;
        if (bombus_session_create(&session, model, NULL, &options, &own) != BOMBUS_OK)
            return context;
        bombus_adapter_free(adapter);
        if (bombus_session_eval(session, (int32_t[]){1, 2, 3}, 3, NULL, &own) != BOMBUS_OK)
            return context;
        bombus_session_free(session);
    }
    return NULL;
}

static void adapters_come_and_go_while_others_run(void **state)
{
    bombus_model *model;
    pthread_t threads[3];

    (void)state;
    assert_ok(bombus_model_load(&model, BASE, &(bombus_model_options){.threads = 2}, &err), err);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, model), 0);
    for (int i = 0; i < 3; i++) {
        void *failure;
        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
    bombus_model_free(model);
}

#ifdef BOMBUS_DEBUG
static void without_memory_it_fails_and_leaves_nothing_behind(void **state)
{
    static const char *const names[] = {ADAPTER "mlx-dora", ADAPTER "peft-rslora-patterns"};
    static const char *const bases[] = {BASE, BOMBUS_GOLDEN "/models/qwen2-tied-bf16"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        bombus_model *model = load_model(bases[i]);
        bombus_status status = BOMBUS_ENOMEM;
        for (size_t nth = 1; status == BOMBUS_ENOMEM; nth += 3) {
            bombus_adapter *adapter;
            bb_deltas *deltas = NULL;
            bb_alloc_fail_at(nth);
            status = load(&adapter, names[i]);
            if (status == BOMBUS_OK)
                status = bb_adapter_bind(&deltas, model, &(bombus_adapter_use){adapter, 1}, 1, &err);
            bb_alloc_fail_at(0);
            bb_deltas_free(deltas);
            bombus_adapter_free(adapter);
        }
        assert_ok(status, err);
        bombus_model_free(model);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beginning_that_left_the_base_as_it_was_is_accepted),
        cmocka_unit_test(a_config_that_asks_for_more_is_refused_by_name),
        cmocka_unit_test(a_copy_of_what_a_weight_was_quantized_from_is_that_weight),
        cmocka_unit_test(tensors_that_do_not_belong_together_are_refused),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(an_adapter_for_another_model_says_which_shape_disagreed),
        cmocka_unit_test(several_adapters_are_a_weighted_sum),
        cmocka_unit_test(a_session_outlives_its_adapter),
        cmocka_unit_test(a_prompt_file_belongs_to_its_adapter),
        cmocka_unit_test(a_full_fine_tune_stands_in_the_place_of_weights),
        cmocka_unit_test(an_adapter_tells_what_it_changes),
        cmocka_unit_test(adapters_come_and_go_while_others_run),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_it_fails_and_leaves_nothing_behind),
#endif
    };
    const char *path = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
