/* engine.h: what the tests of the serving engine share. */
#ifndef TEST_ENGINE_H
#define TEST_ENGINE_H

#include "base/random.h"
#include "testing.h"

#include <bombus/bombus.h>
#include <sys/stat.h>

static bombus_error err;

static inline bombus_model *load_model(const char *name, int threads)
{
    bombus_model *model;
    char path[512];

    snprintf(path, sizeof path, "%s/models/%s", BOMBUS_GOLDEN, name);
    assert_ok(bombus_model_load(&model, path, &(bombus_model_options){.threads = threads}, &err), err);
    return model;
}

static inline bombus_tokenizer *load_tokenizer(const char *name)
{
    bombus_tokenizer *tokenizer;
    char path[512];

    snprintf(path, sizeof path, "%s/tokenizer/%s.json", BOMBUS_GOLDEN, name);
    assert_ok(bombus_tokenizer_load(&tokenizer, path, &err), err);
    return tokenizer;
}

static inline bombus_serving *serve(bombus_model *model, bombus_tokenizer *tokenizer, const bombus_serving_options *options)
{
    bombus_serving *serving;

    assert_ok(bombus_serving_create(&serving, model, tokenizer, options, &err), err);
    return serving;
}

/* kv_bytes for so many blocks. */
static inline int64_t bytes_of_blocks(const bombus_model *model, int blocks)
{
    return bombus_model_get_info(model)->kv_bytes_per_token * 32 * blocks;
}

static inline bombus_ticket *submit(bombus_serving *serving, const bombus_submission *submission)
{
    bombus_ticket *ticket;

    assert_ok(bombus_serving_submit(serving, &ticket, submission, &err), err);
    return ticket;
}

/* What a session alone makes of it. */
static inline void answer_alone(bombus_session *session, const int32_t *prompt, size_t count, const bombus_request *request,
                                bombus_result *result)
{
    bombus_request quiet = *request;

    quiet.on_token = NULL;
    quiet.on_prompt = NULL;
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    assert_ok(bombus_session_generate(session, prompt, count, &quiet, result, &err), err);
}

/* The beginning of an answer that may have been cut short, or all of one. */
static inline void assert_begins(const bombus_result *part, const bombus_result *whole)
{
    assert_true(part->token_count <= whole->token_count);
    assert_memory_equal(part->tokens, whole->tokens, part->token_count * sizeof *part->tokens);
    assert_memory_equal(part->logprobs, whole->logprobs, part->token_count * sizeof *part->logprobs);
    assert_true(part->text_bytes <= whole->text_bytes);
    if (part->text_bytes)
        assert_memory_equal(part->text, whole->text, part->text_bytes);
}

static inline void assert_same(const bombus_result *one, const bombus_result *other)
{
    assert_int_equal(one->token_count, other->token_count);
    assert_int_equal(one->text_bytes, other->text_bytes);
    assert_int_equal(one->finish, other->finish);
    assert_begins(one, other);
}

/* Numbers from one seed, in order. */
typedef struct dice {
    uint64_t seed, rolled;
} dice;

static inline int roll(dice *d, int below)
{
    return (int)(bb_random(d->seed, d->rolled++) % (uint64_t)below);
}

/* A random adapter for the model qwen3-4bit-g64, in mlx-lm's format, as a directory of this name. */
static inline void make_adapter(const char *directory, int rank, uint64_t seed)
{
    enum { LAYERS = 2, MODULES = 3 };
    static const struct {
        const char *name;
        int in, out;
    } modules[MODULES] = {{"self_attn.q_proj", 64, 128}, {"self_attn.v_proj", 64, 64}, {"mlp.down_proj", 64, 64}};
    static const char config[] = "{\"fine_tune_type\": \"lora\", \"num_layers\": 2, \"lora_parameters\": {\"rank\": %d, \"scale\": 2.0, "
                                 "\"dropout\": 0.0, \"keys\": [\"self_attn.q_proj\", \"self_attn.v_proj\", \"mlp.down_proj\"]}}";
    bombus_safetensors_entry entries[LAYERS * MODULES * 2];
    char names[LAYERS * MODULES * 2][80], path[256], text[512];
    bombus_tensor *tensors[LAYERS * MODULES * 2];
    dice d = {.seed = seed};

    assert_int_equal(mkdir(directory, 0777), 0);
    for (int i = 0; i < LAYERS * MODULES * 2; i++) {
        const int module = i / 2 % MODULES, b = i % 2;
        const int64_t shape[] = {b ? rank : modules[module].in, b ? modules[module].out : rank};
        float values[128 * 16];
        for (int64_t k = 0; k < shape[0] * shape[1]; k++)
            values[k] = (float)(roll(&d, 2001) - 1000) / 8000;
        snprintf(names[i], sizeof names[i], "model.layers.%d.%s.lora_%c", i / 2 / MODULES, modules[module].name, b ? 'b' : 'a');
        assert_ok(bombus_tensor_create(&tensors[i], BOMBUS_F32, 2, shape, values, &err), err);
        entries[i] = (bombus_safetensors_entry){names[i], tensors[i]};
    }
    snprintf(path, sizeof path, "%s/adapters.safetensors", directory);
    assert_ok(bombus_safetensors_write(path, entries, LAYERS * MODULES * 2, NULL, 0, &err), err);
    for (int i = 0; i < LAYERS * MODULES * 2; i++)
        bombus_tensor_free(tensors[i]);
    snprintf(text, sizeof text, config, rank);
    snprintf(path, sizeof path, "%s/adapter_config.json", directory);
    write_file(path, text, strlen(text));
}

#endif
