/* A number that differs between models: for files that hold what one model computed and no other may take up.
 *
 * Hashing all weights would read gigabytes. Training changes nearly every tensor nearly everywhere, so a sample of each tells a model from
 * its fine-tuned child; one that was patched by hand between the samples is not noticed. */
#include "base/hash.h"
#include "model/model.h"

#include <string.h>

enum { SAMPLE_BYTES = 4096 };

static uint64_t tensor_fingerprint(const bombus_tensor_info *t)
{
    const unsigned char *data = t->data;
    uint64_t hash = bb_fingerprint(0, t->name, strlen(t->name));

    hash = bb_fingerprint(hash, bombus_dtype_name(t->dtype), strlen(bombus_dtype_name(t->dtype)));
    hash = bb_fingerprint(hash, t->shape, (size_t)t->rank * sizeof *t->shape);
    if (t->bytes <= 3 * SAMPLE_BYTES)
        return bb_fingerprint(hash, data, t->bytes);
    hash = bb_fingerprint(hash, data, SAMPLE_BYTES);
    hash = bb_fingerprint(hash, data + (t->bytes - SAMPLE_BYTES) / 2, SAMPLE_BYTES);
    return bb_fingerprint(hash, data + t->bytes - SAMPLE_BYTES, SAMPLE_BYTES);
}

uint64_t bb_model_fingerprint(const bombus_model *model)
{
    const bb_config *c = &model->config;
    const int sizes[] = {c->layers, c->hidden, c->heads, c->kv_heads, c->head_dim, c->feed_forward, c->vocabulary};
    uint64_t hash = bb_fingerprint(0, c->family->model_type, strlen(c->family->model_type)), tensors = 0;

    hash = bb_fingerprint(hash, sizes, sizeof sizes);
    hash = bb_fingerprint(hash, &c->norm_eps, sizeof c->norm_eps);
    hash = bb_fingerprint(hash, c->windows, (size_t)c->layers * sizeof *c->windows);
    /* All that RoPE's many fields come to. */
    hash = bb_fingerprint(hash, model->rope_frequencies, (size_t)c->head_dim / 2 * sizeof *model->rope_frequencies);
    hash = bb_fingerprint(hash, &model->rope_scale, sizeof model->rope_scale);
    /* A sum, so that the order of the files does not matter. */
    for (size_t i = 0; i < bombus_safetensors_count(model->file); i++)
        tensors += tensor_fingerprint(bombus_safetensors_at(model->file, i));
    hash = bb_fingerprint(hash, &tensors, sizeof tensors);
    if (!model->fine_tune)
        return hash;
    tensors = 0;
    for (size_t i = 0; i < bombus_safetensors_count(model->fine_tune); i++)
        tensors += tensor_fingerprint(bombus_safetensors_at(model->fine_tune, i));
    return bb_fingerprint(hash, &tensors, sizeof tensors);
}
