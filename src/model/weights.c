/* A model's weights, found by name, checked against the configuration, and bound where they lie in the files.
 *
 * Which layers are quantized follows mlx-lm: an entry of config.json that names the module decides; else a module with scales is quantized,
 * and its bits, group size and mode follow from the shapes. Every tensor of the files must be accounted for: one that nothing reads means
 * that the model is not what config.json says. */
#include "model/model.h"

#include "base/error.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct binder {
    bombus_model *model;
    const bombus_tensor_info **used; /* [used_count] */
    size_t used_count, used_capacity;
    size_t weight_capacity;
    bombus_error *err;
} binder;

enum { NAME_MAX_BYTES = 160 };

/* "model.layers.3.self_attn.q_proj" + ".scales". NULL where there is none. */
static const bombus_tensor_info *find(const binder *b, const char *module, const char *part)
{
    char name[NAME_MAX_BYTES];
    const bombus_tensor_info *tuned;
    snprintf(name, sizeof name, "%s.%s", module, part);
    tuned = b->model->fine_tune ? bombus_safetensors_find(b->model->fine_tune, name) : NULL;
    return tuned ? tuned : bombus_safetensors_find(b->model->file, name);
}

static bombus_status use(binder *b, const bombus_tensor_info *info)
{
    if (!bb_grow(&b->used, &b->used_capacity, b->used_count + 1, sizeof *b->used))
        return bb_fail_memory(b->err, (b->used_count + 1) * sizeof *b->used);
    b->used[b->used_count++] = info;
    return BOMBUS_OK;
}

static bombus_status need(binder *b, const char *module, const char *part, const bombus_tensor_info **out)
{
    *out = find(b, module, part);
    if (!*out) {
        const bombus_tensor_info *foreign = find(b, module, "qweight");
        if (foreign || (foreign = find(b, module, "weight_packed")))
            return bb_fail(b->err, BOMBUS_EUNSUPPORTED,
                           "%s: %s: packed by %s, which is not supported, expected a checkpoint quantized by MLX", foreign->file,
                           foreign->name, find(b, module, "qweight") ? "AWQ or GPTQ" : "compressed-tensors");
        return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s.%s: missing", bombus_safetensors_at(b->model->file, 0)->file, module, part);
    }
    return use(b, *out);
}

static bombus_status check_dense(const binder *b, const bombus_tensor_info *info, int rank, const int64_t *shape)
{
    char found[BB_SHAPE_TEXT], expected[BB_SHAPE_TEXT];

    if (!bb_is_float(info->dtype))
        return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s: dtype %s, expected F32, F16 or BF16", info->file, info->name,
                       bombus_dtype_name(info->dtype));
    if (info->rank != rank || memcmp(info->shape, shape, (size_t)rank * sizeof *shape) != 0)
        return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s: shape %s, expected %s", info->file, info->name,
                       bb_shape_text(info->rank, info->shape, found, sizeof found), bb_shape_text(rank, shape, expected, sizeof expected));
    return BOMBUS_OK;
}

static bb_tensor view_of(const bombus_tensor_info *info)
{
    return bb_tensor_view(info->dtype, info->rank, info->shape, info->data);
}

/* Tells bombus_model_weight_at of a weight. info carries the name; bytes is what all parts take. */
static bombus_status record(binder *b, const char *name, const bb_tensor *t)
{
    bombus_model *model = b->model;
    bombus_weight_info info = {.name = name, .dtype = t->dtype, .rank = t->rank, .quantization = t->quant, .bytes = bb_tensor_bytes(t)};

    memcpy(info.shape, t->shape, sizeof info.shape);
    if (!bb_grow(&model->weights, &b->weight_capacity, model->weight_count + 1, sizeof info))
        return bb_fail_memory(b->err, (model->weight_count + 1) * sizeof info);
    model->weights[model->weight_count++] = info;
    model->info.parameters += bb_shape_count(t->rank, t->shape);
    model->info.weight_bytes += (int64_t)info.bytes;
    return BOMBUS_OK;
}

/* A vector (a norm's weight, a bias), widened to F32 in memory of the backend's: it is small, and read at every step. */
static bombus_status bind_vector(binder *b, bb_tensor *out, const char *module, const char *part, int64_t count)
{
    bb_backend *backend = b->model->backend;
    const bombus_tensor_info *info;
    bombus_status status = need(b, module, part, &info);

    if (status != BOMBUS_OK || (status = check_dense(b, info, 1, &count)) != BOMBUS_OK)
        return status;
    const bb_tensor source = view_of(info);
    if ((status = record(b, info->name, &source)) != BOMBUS_OK)
        return status;

    float *wide = bb_alloc((size_t)count * sizeof *wide);
    if (!wide)
        return bb_fail_memory(b->err, (size_t)count * sizeof *wide);
    bb_widen(wide, info->dtype, info->data, count);
    *out = bb_tensor_view(BOMBUS_F32, 1, &count, NULL);
    status = backend->ops->alloc(backend, out, b->err);
    if (status == BOMBUS_OK)
        backend->ops->write(backend, out, 0, wide, (size_t)count * sizeof *wide);
    bb_free(wide);
    return status;
}

static const bb_override *find_override(const bb_config *config, const char *module)
{
    for (size_t i = 0; i < config->override_count; i++)
        if (strcmp(config->overrides[i].module, module) == 0)
            return &config->overrides[i];
    return NULL;
}

/* Bits, group size and mode of a module that config.json does not name, from the shapes of its parts. */
static bombus_status infer(const binder *b, const char *module, const bombus_tensor_info *weight, const bombus_tensor_info *scales,
                           int64_t in, bombus_quantization *out)
{
    char weight_shape[BB_SHAPE_TEXT], scales_shape[BB_SHAPE_TEXT];
    const int64_t words = weight->rank == 2 ? weight->shape[1] : 0, groups = scales->rank == 2 ? scales->shape[1] : 0;

    if (words > 0 && groups > 0 && words * 32 % in == 0 && in % groups == 0) {
        *out = (bombus_quantization){BOMBUS_AFFINE, (int)(words * 32 / in), (int)(in / groups)};
        if (scales->dtype == BOMBUS_U8)
            out->mode = out->group_size == 16 ? BOMBUS_NVFP4 : out->bits == 8 ? BOMBUS_MXFP8 : BOMBUS_MXFP4;
        bombus_quantization checked = *out;
        if (bb_quantization_check(&checked, module, NULL) == BOMBUS_OK)
            return BOMBUS_OK;
    }
    return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s: weight %s with scales %s fits no quantization of %" PRId64 " inputs", weight->file,
                   module, bb_shape_text(weight->rank, weight->shape, weight_shape, sizeof weight_shape),
                   bb_shape_text(scales->rank, scales->shape, scales_shape, sizeof scales_shape), in);
}

static bombus_status bind_quantized(binder *b, bb_tensor *out, const char *module, const bombus_tensor_info *weight,
                                    const bombus_quantization *stated, const int64_t *shape)
{
    const bombus_tensor_info *scales, *biases = find(b, module, "biases");
    char found[BB_SHAPE_TEXT], expected[BB_SHAPE_TEXT];
    bombus_status status = need(b, module, "scales", &scales);

    if (status != BOMBUS_OK)
        return status;
    if (find(b, module, "global_scale"))
        return bb_fail(b->err, BOMBUS_EUNSUPPORTED, "%s: %s.global_scale: a global scale is not supported", weight->file, module);

    bombus_quantization quantization;
    if (stated)
        quantization = *stated;
    else if ((status = infer(b, module, weight, scales, shape[1], &quantization)) != BOMBUS_OK)
        return status;
    if (biases && (status = use(b, biases)) != BOMBUS_OK)
        return status;

    const bb_tensor words = view_of(weight), scale_view = view_of(scales), bias_view = biases ? view_of(biases) : (bb_tensor){0};
    status = bb_quantized_join(out, &quantization, &words, &scale_view, biases ? &bias_view : NULL, module, b->err);
    if (status != BOMBUS_OK) {
        bb_fail_prefix(b->err, "%s", weight->file);
        return status;
    }
    if (out->rank != 2 || out->shape[0] != shape[0] || out->shape[1] != shape[1])
        return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s: shape %s with %d bits, expected %s", weight->file, module,
                       bb_shape_text(out->rank, out->shape, found, sizeof found), quantization.bits,
                       bb_shape_text(2, shape, expected, sizeof expected));
    return BOMBUS_OK;
}

/* A matrix [rows, columns] under module.weight, dense or quantized, and its bias where there is to be one. */
static bombus_status bind_linear(binder *b, bb_linear *out, const char *module, int64_t rows, int64_t columns, bool bias)
{
    const int64_t shape[] = {rows, columns};
    const bb_override *override = find_override(&b->model->config, module);
    const bool has_scales = find(b, module, "scales") != NULL;
    const bombus_tensor_info *weight;
    bombus_status status = need(b, module, "weight", &weight);

    if (status != BOMBUS_OK)
        return status;
    out->name = bb_arena_strndup(&b->model->arena, module, strlen(module));
    if (!out->name)
        return bb_fail_memory(b->err, strlen(module));

    if (override && override->quantization.mode == BOMBUS_DENSE && has_scales)
        return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s.scales: found, but %s says that the layer is not quantized", weight->file, module,
                       b->model->config.file);
    if (override ? override->quantization.mode != BOMBUS_DENSE : has_scales) {
        status = bind_quantized(b, &out->weight, module, weight, override ? &override->quantization : NULL, shape);
    } else {
        status = check_dense(b, weight, 2, shape);
        out->weight = view_of(weight);
    }
    if (status != BOMBUS_OK || (status = record(b, weight->name, &out->weight)) != BOMBUS_OK ||
        (status = b->model->backend->ops->prepare(b->model->backend, &out->weight, b->err)) != BOMBUS_OK)
        return status;
    return bias ? bind_vector(b, &out->bias, module, "bias", rows) : BOMBUS_OK;
}

static bombus_status bind_layer(binder *b, int index)
{
    const bb_config *c = &b->model->config;
    const int64_t q = (int64_t)c->heads * c->head_dim, k = (int64_t)c->kv_heads * c->head_dim, D = c->hidden, F = c->feed_forward;
    bb_layer *layer = &b->model->layers[index];
    const struct {
        bb_linear *linear;
        const char *name;
        int64_t rows, columns;
        bool bias;
    } linears[] = {
        {&layer->q, "self_attn.q_proj", q, D, c->qkv_bias}, {&layer->k, "self_attn.k_proj", k, D, c->qkv_bias},
        {&layer->v, "self_attn.v_proj", k, D, c->qkv_bias}, {&layer->o, "self_attn.o_proj", D, q, c->o_bias},
        {&layer->gate, "mlp.gate_proj", F, D, c->mlp_bias}, {&layer->up, "mlp.up_proj", F, D, c->mlp_bias},
        {&layer->down, "mlp.down_proj", D, F, c->mlp_bias},
    };
    const struct {
        bb_tensor *norm;
        const char *name;
        int64_t count;
        bool present;
    } norms[] = {
        {&layer->attn_norm, "input_layernorm", D, true},
        {&layer->mlp_norm, "post_attention_layernorm", D, true},
        {&layer->q_norm, "self_attn.q_norm", c->head_dim, c->family->head_norm},
        {&layer->k_norm, "self_attn.k_norm", c->head_dim, c->family->head_norm},
    };
    char name[NAME_MAX_BYTES];
    bombus_status status = BOMBUS_OK;

    layer->window = c->windows[index];
    for (size_t i = 0; i < sizeof norms / sizeof *norms && status == BOMBUS_OK; i++) {
        snprintf(name, sizeof name, "model.layers.%d.%s", index, norms[i].name);
        if (norms[i].present)
            status = bind_vector(b, norms[i].norm, name, "weight", norms[i].count);
    }
    for (size_t i = 0; i < sizeof linears / sizeof *linears && status == BOMBUS_OK; i++) {
        snprintf(name, sizeof name, "model.layers.%d.%s", index, linears[i].name);
        status = bind_linear(b, linears[i].linear, name, linears[i].rows, linears[i].columns, linears[i].bias);
    }
    return status;
}

static int compare_pointers(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t) * (const void *const *)a, y = (uintptr_t) * (const void *const *)b;
    return (x > y) - (x < y);
}

/* Precomputed rotary frequencies are in old files and say nothing; a tied model may still carry the head it does not use. */
static bool may_be_ignored(const bombus_model *model, const char *name)
{
    return strstr(name, "rotary_emb.inv_freq") || (model->info.tied && strncmp(name, "lm_head.", 8) == 0);
}

/* Did another tensor of the name go in its place? */
static bool is_replaced(const bombus_model *model, const bombus_safetensors *file, const char *name)
{
    return file != model->fine_tune && model->fine_tune && bombus_safetensors_find(model->fine_tune, name);
}

/* b->used is in order. */
static bombus_status check_file_used(const binder *b, const bombus_safetensors *file)
{
    for (size_t i = 0; i < bombus_safetensors_count(file); i++) {
        const bombus_tensor_info *info = bombus_safetensors_at(file, i);
        if (!bsearch(&info, b->used, b->used_count, sizeof *b->used, compare_pointers) && !may_be_ignored(b->model, info->name) &&
            !is_replaced(b->model, file, info->name))
            return bb_fail(b->err, BOMBUS_EFORMAT, "%s: %s: unexpected, %s describes no such weight", info->file, info->name,
                           b->model->config.file);
    }
    return BOMBUS_OK;
}

static bombus_status check_all_used(binder *b)
{
    qsort(b->used, b->used_count, sizeof *b->used, compare_pointers);
    const bombus_status status = check_file_used(b, b->model->file);
    return status == BOMBUS_OK && b->model->fine_tune ? check_file_used(b, b->model->fine_tune) : status;
}

bombus_status bb_weights_bind(bombus_model *model, bombus_error *err)
{
    binder b = {.model = model, .err = err};
    const bb_config *c = &model->config;
    bombus_status status;

    if (bombus_safetensors_count(model->file) == 0)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: the weights' files hold no tensor", c->file);
    model->layers = bb_arena_alloc_zero(&model->arena, (size_t)c->layers, sizeof *model->layers);
    if (!model->layers)
        return bb_fail_memory(err, (size_t)c->layers * sizeof *model->layers);
    model->info.tied = c->tied == BB_TIED_YES || (c->tied == BB_TIED_BY_FILE && !bombus_safetensors_find(model->file, "lm_head.weight"));

    status = bind_linear(&b, &model->embed, "model.embed_tokens", c->vocabulary, c->hidden, false);
    for (int i = 0; i < c->layers && status == BOMBUS_OK; i++)
        status = bind_layer(&b, i);
    if (status == BOMBUS_OK)
        status = bind_vector(&b, &model->norm, "model.norm", "weight", c->hidden);
    if (status == BOMBUS_OK && !model->info.tied)
        status = bind_linear(&b, &model->head, "lm_head", c->vocabulary, c->hidden, false);
    if (model->info.tied)
        model->head = model->embed;
    for (int i = 0; i < bb_model_linear_count(model); i++)
        ((bb_linear *)bb_model_linear_at(model, i))->index = i; /* nobody else has seen the model yet */
    if (status == BOMBUS_OK)
        status = check_all_used(&b);
    bb_free(b.used);
    return status;
}
