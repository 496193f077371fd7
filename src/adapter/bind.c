/* An adapter meets a model: every module finds its layer, shapes are held against the layer's, and the sum of all becomes the decoder's.
 *
 * What the config names and the tensors have must be the same modules: a file that lost some would otherwise pass for a weaker adapter. */
#include "adapter/adapter.h"
#include "base/error.h"
#include "base/hash.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define HEAD "lm_head"

enum { COPY_ROWS = 64 }; /* compared at once */

/* A layer's name as adapters of a format have it; NULL where they have none for it. */
static const char *name_of(const bombus_model *model, const bombus_adapter *adapter, int index)
{
    if (index != BB_HEAD_INDEX || !model->info.tied)
        return bb_model_linear_at(model, index)->name;
    /* In mlx-lm a tied head is the embedding, whose change it takes part in; in PEFT a layer of its own that begins with the same weight.
     */
    return adapter->config.format == BOMBUS_ADAPTER_MLX ? bb_model_linear_at(model, BB_EMBED_INDEX)->name : HEAD;
}

bombus_status bb_factor_values(float **out, const bb_factor *factor, double scale, bombus_error *err)
{
    const bombus_tensor_info *info = factor->info;
    const int64_t width = bb_factor_width(factor), count = bb_shape_count(info->rank, info->shape), rank = info->shape[factor->transposed];
    float *values = bb_alloc((size_t)count * sizeof *values);
    float *turned = *out = factor->transposed ? bb_alloc((size_t)count * sizeof *turned) : values;

    if (!values || !turned) {
        bb_free(values);
        if (factor->transposed)
            bb_free(turned);
        *out = NULL;
        return bb_fail_memory(err, (size_t)count * sizeof *values);
    }
    bb_widen(values, info->dtype, info->data, count);
    for (int64_t i = 0; i < count; i++)
        values[i] *= (float)scale;
    if (!factor->transposed)
        return BOMBUS_OK;
    for (int64_t k = 0; k < rank; k++)
        for (int64_t i = 0; i < width; i++)
            turned[k * width + i] = values[i * rank + k];
    bb_free(values);
    return BOMBUS_OK;
}

/* ---- checks ---- */

static bombus_status check_width(const bb_adapter_module *m, const bb_factor *factor, int64_t expected, const char *what, bombus_error *err)
{
    char shape[BB_SHAPE_TEXT];

    if (bb_factor_width(factor) == expected)
        return BOMBUS_OK;
    return bb_fail(err, BOMBUS_EINVAL, "%s: %s: shape %s, expected %" PRId64 " in place of %" PRId64 ": the model's %s has %" PRId64 " %s",
                   factor->info->file, factor->info->name, bb_shape_text(factor->info->rank, factor->info->shape, shape, sizeof shape),
                   expected, bb_factor_width(factor), m->name, expected, what);
}

/* Does the quantized weight come of these values [count, in], rows from first on? Rows are quantized each for itself, so the words would be
 * the same. Room for the values in 16 or 32 bits is at narrow. */
static bombus_status quantizes_to(bool *out, const bombus_model *model, const bb_tensor *weight, int64_t first, int64_t count,
                                  const float *values, void *narrow, bombus_error *err)
{
    const int64_t in = weight->shape[1], groups = count * in / weight->quant.group_size,
                  groups_before = first * in / weight->quant.group_size;
    const size_t group = (size_t)(weight->quant.group_size / 8 * weight->quant.bits), words = (size_t)groups * group;
    const size_t scale = weight->biases ? (size_t)bb_dtypes[weight->dtype].bits / 8 : 1, scales = (size_t)groups * scale;
    char *block = bb_alloc(words + 2 * scales); /* words, scales, biases */
    bb_tensor x = bb_tensor_view(weight->dtype, 2, (int64_t[]){count, in}, narrow), made = *weight;

    if (!block)
        return bb_fail_memory(err, words + 2 * scales);
    bb_narrow(narrow, weight->dtype, values, count * in);
    made.shape[0] = count;
    made.data = block;
    made.scales = block + words;
    made.biases = weight->biases ? block + words + scales : NULL;
    model->backend->ops->quantize(model->backend, &made, &x);
    *out = memcmp(block, (const char *)weight->data + (size_t)groups_before * group, words) == 0 &&
           memcmp(made.scales, (const char *)weight->scales + (size_t)groups_before * scale, scales) == 0 &&
           (!weight->biases || memcmp(made.biases, (const char *)weight->biases + (size_t)groups_before * scale, scales) == 0);
    bb_free(block);
    return BOMBUS_OK;
}

/* Are rows [first, first + count) of the copy the model's, as they are, in the copy's type, or as what the quantized ones were made of?
 * values: room for twice as many; narrow: for so many in 32 bits. */
static bombus_status compare_rows(bool *out, const bb_adapter_module *m, const bombus_model *model, const bb_tensor *weight,
                                  const bb_tensor *rows, int64_t first, float *values, void *narrow, bombus_error *err)
{
    const bombus_tensor_info *copy = m->copy;
    const int64_t count = rows->shape[0], in = rows->shape[1], total = count * in;
    const bb_backend_ops *ops = model->backend->ops;
    float *theirs = values + total;
    int32_t tokens[COPY_ROWS];
    bombus_status status;

    for (int64_t i = 0; i < count; i++)
        tokens[i] = (int32_t)(first + i);
    ops->embed(model->backend, rows, weight, &(bb_rows){.count = (int)count, .tokens = tokens});
    if ((status = ops->sync(model->backend, err)) != BOMBUS_OK)
        return status;
    ops->read(model->backend, rows, 0, values, (size_t)total * sizeof *values);
    bb_narrow(narrow, copy->dtype, values, total);
    bb_widen(values, copy->dtype, narrow, total);
    bb_widen(theirs, copy->dtype, (const char *)copy->data + bb_dtype_bytes(copy->dtype, first * in), total);
    *out = true;
    for (int64_t i = 0; i < total && *out; i++)
        *out = values[i] == theirs[i];
    return *out || !bb_is_quantized(weight) ? BOMBUS_OK : quantizes_to(out, model, weight, first, count, theirs, narrow, err);
}

/* PEFT keeps a copy of the weight of an embedding that it changes, which goes in the place of the model's: so it has to be the same. */
static bombus_status check_copy(const bb_adapter_module *m, const bombus_model *model, const bb_tensor *weight, bombus_error *err)
{
    const int64_t n = weight->shape[0], in = weight->shape[1];
    bb_tensor rows = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){COPY_ROWS, in}, NULL);
    float *values = bb_alloc((size_t)(3 * COPY_ROWS * in) * sizeof *values);
    bool same = true;

    if (!values)
        return bb_fail_memory(err, (size_t)(3 * COPY_ROWS * in) * sizeof *values);
    bombus_status status = model->backend->ops->alloc(model->backend, &rows, err);
    for (int64_t first = 0; first < n && status == BOMBUS_OK && same; first += COPY_ROWS) {
        rows.shape[0] = n - first < COPY_ROWS ? n - first : COPY_ROWS;
        status = compare_rows(&same, m, model, weight, &rows, first, values, values + 2 * COPY_ROWS * in, err);
    }
    rows.shape[0] = COPY_ROWS;
    if (rows.data)
        model->backend->ops->release(model->backend, &rows);
    bb_free(values);
    return status != BOMBUS_OK || same
               ? status
               : bb_fail(
                     err, BOMBUS_EUNSUPPORTED,
                     "%s: %s: differs from the model's weight, in whose place it cannot go; expected the same, or an adapter saved without it (save_embedding_layers=False)",
                     m->copy->file, m->copy->name);
}

static bombus_status check_module(const bombus_adapter *adapter, const bb_adapter_module *m, const bb_linear *linear, const char *name,
                                  const bombus_model *model, bombus_error *err)
{
    bool targeted;
    bombus_status status = bb_adapter_config_targets(&adapter->config, name, model->config.layers, &targeted, err);

    if (status != BOMBUS_OK)
        return status;
    if (targeted != (m != NULL))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %s, but %s says that the adapter %s it", adapter->file->path, name,
                       m ? "found" : "no tensors", adapter->config.file, targeted ? "changes" : "does not change");
    if (!m)
        return BOMBUS_OK;
    const bool embedding = strcmp(linear->name, model->embed.name) == 0 && strcmp(name, HEAD) != 0;
    if (m->columns != (embedding && adapter->config.format == BOMBUS_ADAPTER_PEFT))
        return bb_fail(err, BOMBUS_EINVAL, "%s: %s: tensors of %s, but in the model it is %s", adapter->file->path, name,
                       m->columns ? "an embedding" : "a linear layer", embedding ? "an embedding" : "a linear layer");
    if ((status = check_width(m, &m->a, linear->weight.shape[1], embedding ? "elements a row" : "inputs", err)) != BOMBUS_OK ||
        (status = check_width(m, &m->b, linear->weight.shape[0], embedding ? "rows" : "outputs", err)) != BOMBUS_OK)
        return status;
    return m->copy ? check_copy(m, model, &linear->weight, err) : BOMBUS_OK;
}

/* Every module has a layer in the model. */
static bombus_status check_all_found(const bombus_adapter *adapter, const bombus_model *model, bombus_error *err)
{
    for (size_t i = 0; i < adapter->info.module_count; i++) {
        const bb_adapter_module *m = &adapter->modules[i];
        bool found = false;
        for (int index = 0; index < bb_model_linear_count(model) && !found; index++)
            found = strcmp(name_of(model, adapter, index), m->name) == 0;
        if (!found)
            return bb_fail(err, BOMBUS_EINVAL, "%s: %s: no linear layer of that name in the model (%s of %d layers)", m->a.info->file,
                           m->a.info->name, model->info.model_type ? model->info.model_type : "a model", model->config.layers);
    }
    return BOMBUS_OK;
}

static bombus_status check_use(const bombus_adapter_use *use, const bombus_model *model, bombus_error *err)
{
    const bombus_adapter *adapter = use->adapter;

    if (!isfinite(use->weight))
        return bb_fail(err, BOMBUS_EINVAL, "adapter weight: %g, expected a finite number", (double)use->weight);
    if (adapter->config.kind == BOMBUS_ADAPTER_FULL)
        return bb_fail(err, BOMBUS_EINVAL, "%s: weights in place of the model's, expected lora or dora: load a model with them",
                       adapter->config.file);
    return check_all_found(adapter, model, err);
}

/* ---- changes ---- */

/* The values that a change points to. */
static void free_change(bb_change *change)
{
    bb_free((void *)change->a);
    bb_free((void *)change->b);
    bb_free((void *)change->magnitude);
}

static bombus_status make_change(bb_change *out, const bb_adapter_module *m, float weight, bombus_error *err)
{
    float *a = NULL, *b = NULL, *magnitude = NULL;
    bombus_status status = bb_factor_values(&a, &m->a, 1, err);

    if (status == BOMBUS_OK)
        status = bb_factor_values(&b, &m->b, m->scale, err);
    if (status == BOMBUS_OK && m->magnitude) {
        magnitude = bb_alloc((size_t)m->magnitude->shape[0] * sizeof *magnitude);
        if (magnitude)
            bb_widen(magnitude, m->magnitude->dtype, m->magnitude->data, m->magnitude->shape[0]);
        else
            status = bb_fail_memory(err, (size_t)m->magnitude->shape[0] * sizeof *magnitude);
    }
    *out = (bb_change){.rank = m->rank, .a = a, .b = b, .magnitude = magnitude, .columns = m->columns, .weight = weight};
    return status;
}

static uint64_t fingerprint(uint64_t before, const char *name, const bb_change *c, const bb_adapter_module *m)
{
    const size_t rank = (size_t)c->rank, size = sizeof(float);
    uint64_t hash = bb_fingerprint(before, name, strlen(name));

    hash = bb_fingerprint(hash, c->a, rank * (size_t)bb_factor_width(&m->a) * size);
    hash = bb_fingerprint(hash, c->b, rank * (size_t)bb_factor_width(&m->b) * size);
    if (c->magnitude)
        hash = bb_fingerprint(hash, c->magnitude, (size_t)m->magnitude->shape[0] * size);
    return bb_fingerprint(hash, &c->weight, sizeof c->weight);
}

/* changes: room for one of each adapter. */
static bombus_status bind_layer(bb_deltas *deltas, const bombus_model *model, int index, const bombus_adapter_use *uses, size_t count,
                                bb_change *changes, bombus_error *err)
{
    const bb_linear *linear = bb_model_linear_at(model, index);
    bombus_status status = BOMBUS_OK;
    int made = 0;

    for (size_t i = 0; i < count && status == BOMBUS_OK; i++) {
        const char *name = name_of(model, uses[i].adapter, index);
        const bb_adapter_module *m = bb_adapter_find(uses[i].adapter, name);
        /* mlx-lm's tied head has been checked as the embedding. */
        if (index != BB_HEAD_INDEX || strcmp(name, model->embed.name) != 0)
            status = check_module(uses[i].adapter, m, linear, name, model, err);
        if (status != BOMBUS_OK || !m)
            continue;
        status = make_change(&changes[made], m, uses[i].weight, err);
        if (status == BOMBUS_OK)
            deltas->fingerprint = fingerprint(deltas->fingerprint, name, &changes[made], m);
        made++;
    }
    if (status == BOMBUS_OK && made)
        status = bb_deltas_set(deltas, model, index, changes, made, err);
    while (made)
        free_change(&changes[--made]);
    return status;
}

bombus_status bb_adapter_bind(bb_deltas **out, const bombus_model *model, const bombus_adapter_use *uses, size_t count, bombus_error *err)
{
    bb_deltas *deltas = NULL;
    bombus_status status = BOMBUS_OK;

    *out = NULL;
    if (!count)
        return BOMBUS_OK;
    bb_change *changes = bb_alloc_zero(count, sizeof *changes);
    if (!changes)
        return bb_fail_memory(err, count * sizeof *changes);
    for (size_t i = 0; i < count && status == BOMBUS_OK; i++)
        status = check_use(&uses[i], model, err);
    if (status == BOMBUS_OK)
        status = bb_deltas_create(&deltas, model, err);
    for (int i = 0; status == BOMBUS_OK && i < deltas->count; i++)
        status = bind_layer(deltas, model, i, uses, count, changes, err);
    bb_free(changes);
    if (status != BOMBUS_OK) {
        bb_deltas_free(deltas);
        return status;
    }
    *out = deltas;
    return BOMBUS_OK;
}
