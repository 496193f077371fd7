/* A model: loaded once, immutable afterwards, kept alive by a reference count. */
#include "model/model.h"

#include "base/error.h"
#include "base/file.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

static void release_vector(bombus_model *model, bb_tensor *t)
{
    if (t->data)
        model->backend->ops->release(model->backend, t);
}

static void destroy(bombus_model *model)
{
    for (int i = 0; model->layers && i < model->config.layers; i++) {
        bb_layer *layer = &model->layers[i];
        bb_tensor *vectors[] = {&layer->attn_norm, &layer->q_norm, &layer->k_norm,    &layer->mlp_norm, &layer->q.bias,   &layer->k.bias,
                                &layer->v.bias,    &layer->o.bias, &layer->gate.bias, &layer->up.bias,  &layer->down.bias};
        for (size_t j = 0; j < sizeof vectors / sizeof *vectors; j++)
            release_vector(model, vectors[j]);
    }
    if (model->backend)
        release_vector(model, &model->norm);
    bb_backend_free(model->backend);
    bombus_safetensors_close(model->fine_tune);
    bombus_safetensors_close(model->file);
    bb_free(model->weights);
    bb_arena_free(&model->arena);
    bb_free(model);
}

static bombus_status open_backend(bombus_model *model, const bombus_model_options *options, bombus_error *err)
{
    bb_threads *threads = NULL;
    bombus_status status;

    if (options->compute != BOMBUS_EXACT && options->compute != BOMBUS_FAST)
        return bb_fail(err, BOMBUS_EINVAL, "compute: %d, expected BOMBUS_EXACT or BOMBUS_FAST", (int)options->compute);
    model->compute = options->compute;
    if (options->threads == 0) {
        status = bb_backend_default(&model->backend, err);
    } else {
        status = bb_threads_create(&threads, options->threads, err);
        if (status == BOMBUS_OK)
            status = bb_backend_open(&model->backend, NULL, threads, err);
        bb_threads_free(threads);
    }
    if (status == BOMBUS_OK)
        model->info.threads = bb_threads_count(model->backend->threads);
    return status;
}

static bombus_status open_fine_tune(bombus_model *model, const char *path, bombus_error *err)
{
    char *file = bb_is_directory(path) ? bb_path_join(path, "adapters.safetensors") : bb_strdup(path);

    if (!file)
        return bb_fail_memory(err, strlen(path));
    const bombus_status status = bombus_safetensors_open(&model->fine_tune, file, err);
    bb_free(file);
    return status;
}

static void describe(bombus_model *model)
{
    const bb_config *c = &model->config;
    bombus_model_info *info = &model->info;

    info->architecture = c->architecture;
    info->model_type = c->family->model_type;
    info->layers = c->layers;
    info->hidden = c->hidden;
    info->heads = c->heads;
    info->kv_heads = c->kv_heads;
    info->head_dim = c->head_dim;
    info->feed_forward = c->feed_forward;
    info->vocabulary = c->vocabulary;
    info->context = c->context;
    for (int i = 0; i < c->layers; i++)
        if (c->windows[i])
            info->window = c->windows[i];
    info->bits_per_weight = info->parameters ? 8.0 * (double)info->weight_bytes / (double)info->parameters : 0;
    info->quantization = c->quantization;
    info->dtype = model->embed.weight.dtype;
    info->kv_bytes_per_token = (int64_t)2 * c->layers * c->kv_heads * c->head_dim * (int64_t)sizeof(float);
    info->end_tokens = c->end_tokens;
    info->end_count = c->end_count;
    info->sampling = c->sampling;
}

bombus_status bombus_model_load(bombus_model **out, const char *path, const bombus_model_options *options, bombus_error *err)
{
    static const bombus_model_options defaults = {0};
    bombus_status status;

    *out = NULL;
    if (bb_path_exists(path) && !bb_is_directory(path))
        return bb_fail(err, BOMBUS_EINVAL, "%s: is a file, expected a model directory with config.json", path);

    bombus_model *model = bb_alloc_zero(1, sizeof *model);
    if (!model)
        return bb_fail_memory(err, sizeof *model);
    atomic_init(&model->references, 1);

    options = options ? options : &defaults;
    if ((status = bb_config_load(&model->config, &model->arena, path, err)) != BOMBUS_OK ||
        (status = bombus_safetensors_open(&model->file, path, err)) != BOMBUS_OK ||
        (options->fine_tune && (status = open_fine_tune(model, options->fine_tune, err)) != BOMBUS_OK) ||
        (status = open_backend(model, options, err)) != BOMBUS_OK)
        goto out;
    model->rope_frequencies = bb_arena_alloc_zero(&model->arena, (size_t)model->config.head_dim / 2, sizeof *model->rope_frequencies);
    if (!model->rope_frequencies) {
        status = bb_fail_memory(err, (size_t)model->config.head_dim / 2 * sizeof *model->rope_frequencies);
        goto out;
    }
    bb_rope_frequencies(&model->config, model->rope_frequencies, &model->rope_scale);
    model->attention_scale = (float)(1 / sqrt(model->config.head_dim));
    if ((status = bb_weights_bind(model, err)) != BOMBUS_OK)
        goto out;
    describe(model);
    *out = model;

out:
    if (status != BOMBUS_OK)
        destroy(model);
    return status;
}

bombus_model *bombus_model_retain(bombus_model *model)
{
    atomic_fetch_add(&model->references, 1);
    return model;
}

void bombus_model_free(bombus_model *model)
{
    if (model && atomic_fetch_sub(&model->references, 1) == 1)
        destroy(model);
}

const bombus_model_info *bombus_model_get_info(const bombus_model *model)
{
    return &model->info;
}

int bb_model_linear_count(const bombus_model *model)
{
    return BB_FIRST_LINEAR + model->config.layers * BB_LAYER_LINEARS;
}

const bb_linear *bb_model_linear_at(const bombus_model *model, int index)
{
    if (index < BB_FIRST_LINEAR)
        return index == BB_EMBED_INDEX ? &model->embed : &model->head;

    const bb_layer *layer = &model->layers[(index - BB_FIRST_LINEAR) / BB_LAYER_LINEARS];
    const bb_linear *const linears[BB_LAYER_LINEARS] = {&layer->q, &layer->k, &layer->v, &layer->o, &layer->gate, &layer->up, &layer->down};
    return linears[(index - BB_FIRST_LINEAR) % BB_LAYER_LINEARS];
}

size_t bombus_model_weight_count(const bombus_model *model)
{
    return model->weight_count;
}

bombus_status bombus_model_weight_at(const bombus_model *model, size_t index, bombus_weight_info *info, bombus_error *err)
{
    if (index >= model->weight_count)
        return bb_fail(err, BOMBUS_EINVAL, "weight %zu, expected less than %zu", index, model->weight_count);
    *info = model->weights[index];
    return BOMBUS_OK;
}
