/* Keys and values in fixed-size blocks, handed to sequences as they grow.
 *
 * Why blocks: sequences of unknown length share one memory budget, and blocks are what sequences that begin alike can share.
 * Owns: the tensors of every layer, the stack of free blocks.
 * Threads: the owner's thread only. */
#include "generate/kv_pool.h"

#include "base/error.h"

enum { PARTS = 4 };

/* The tensors that a layer has: scales where the cache is I8. */
static int parts_of(bb_kv *kv, bb_tensor *parts[PARTS])
{
    parts[0] = &kv->keys;
    parts[1] = &kv->values;
    parts[2] = &kv->key_scales;
    parts[3] = &kv->value_scales;
    return kv->keys.dtype == BOMBUS_I8 ? 4 : 2;
}

int64_t bb_kv_position_bytes(const bb_config *config, bombus_dtype dtype)
{
    const int64_t scales = dtype == BOMBUS_I8 ? bb_kv_groups(config->head_dim) * (int64_t)sizeof(uint16_t) : 0;

    return 2 * (int64_t)config->kv_heads * (config->head_dim * (bombus_dtype_bits(dtype) / 8) + scales);
}

bombus_status bb_kv_check_dtype(bombus_dtype dtype, bombus_error *err)
{
    const char *name = bombus_dtype_name(dtype);

    if (dtype == BOMBUS_F32 || dtype == BOMBUS_F16 || dtype == BOMBUS_I8)
        return BOMBUS_OK;
    return bb_fail(err, BOMBUS_EINVAL, "kv_dtype: %s, expected F32, F16 or I8", name ? name : "no dtype");
}

bombus_status bb_kv_pool_create(bb_kv_pool *pool, const bombus_model *model, int blocks, bombus_dtype dtype, bombus_error *err)
{
    const bb_config *config = &model->config;
    const int64_t keys[] = {blocks, config->kv_heads, config->head_dim, BB_KV_BLOCK};
    const int64_t values[] = {blocks, config->kv_heads, BB_KV_BLOCK, config->head_dim};
    const int64_t scales[] = {blocks, config->kv_heads, bb_kv_groups(config->head_dim), BB_KV_BLOCK};
    bombus_status status = BOMBUS_OK;

    *pool = (bb_kv_pool){.backend = bb_backend_retain(model->backend), .layers = config->layers, .blocks = blocks};
    pool->kv = bb_alloc_zero((size_t)config->layers, sizeof *pool->kv);
    pool->free = bb_alloc_zero((size_t)blocks, sizeof *pool->free);
    if (!pool->kv || !pool->free) {
        status = bb_fail_memory(err, (size_t)blocks * sizeof *pool->free);
        goto out;
    }
    for (int i = 0; i < blocks; i++)
        pool->free[i] = blocks - 1 - i;
    pool->free_count = blocks;
    for (int i = 0; i < config->layers; i++) {
        pool->kv[i] = (bb_kv){
            .keys = bb_tensor_view(dtype, 4, keys, NULL),
            .values = bb_tensor_view(dtype, 4, values, NULL),
            .key_scales = bb_tensor_view(BOMBUS_F16, 4, scales, NULL),
            .value_scales = bb_tensor_view(BOMBUS_F16, 4, scales, NULL),
        };
        bb_tensor *parts[PARTS];
        const int count = parts_of(&pool->kv[i], parts);
        for (int part = 0; part < count; part++)
            if ((status = pool->backend->ops->alloc(pool->backend, parts[part], err)) != BOMBUS_OK)
                goto out;
    }

out:
    if (status != BOMBUS_OK)
        bb_kv_pool_free(pool);
    return status;
}

void bb_kv_pool_free(bb_kv_pool *pool)
{
    if (!pool->backend)
        return;
    for (int i = 0; pool->kv && i < pool->layers; i++) {
        bb_tensor *parts[PARTS];
        const int count = parts_of(&pool->kv[i], parts);
        for (int part = 0; part < count; part++)
            if (parts[part]->data)
                pool->backend->ops->release(pool->backend, parts[part]);
    }
    bb_free(pool->kv);
    bb_free(pool->free);
    bb_backend_free(pool->backend);
    *pool = (bb_kv_pool){0};
}

int32_t bb_kv_pool_take(bb_kv_pool *pool)
{
    return pool->free_count ? pool->free[--pool->free_count] : -1;
}

void bb_kv_pool_give(bb_kv_pool *pool, int32_t block)
{
    pool->free[pool->free_count++] = block;
}
