/* generate/kv_pool.h: keys and values in blocks of BB_KV_BLOCK positions. */
#ifndef BB_GENERATE_KV_POOL_H
#define BB_GENERATE_KV_POOL_H

#include "model/model.h"

typedef struct bb_kv_pool {
    bb_backend *backend;
    int layers;
    int blocks;    /* in all */
    bb_kv *kv;     /* [layers] */
    int32_t *free; /* [blocks] a stack: the first free_count are free */
    int free_count;
} bb_kv_pool;

/* Bytes that keys and values of one position take in one layer. */
int64_t bb_kv_position_bytes(const bb_config *config, bombus_dtype dtype);

/* BOMBUS_EINVAL for a dtype that keys and values are not kept in. */
bombus_status bb_kv_check_dtype(bombus_dtype dtype, bombus_error *err);

/* Room for blocks blocks in each layer of model; F32, F16 or I8. Memory is taken as blocks are written. */
bombus_status bb_kv_pool_create(bb_kv_pool *pool, const bombus_model *model, int blocks, bombus_dtype dtype, bombus_error *err);
void bb_kv_pool_free(bb_kv_pool *pool);

/* Takes a free block, -1 where there is none. Allocates nothing. */
int32_t bb_kv_pool_take(bb_kv_pool *pool);
void bb_kv_pool_give(bb_kv_pool *pool, int32_t block);

#endif
