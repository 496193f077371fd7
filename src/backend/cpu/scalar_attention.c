/* Attention over the KV blocks, and the writing of keys and values. The scalar reference.
 *
 * A tile is a block: BB_KV_BLOCK keys from a multiple of it. Each tile is reduced on its own (its maximum, its sum, its weighted values),
 * then merged into what the tiles before it gave. That fixed order is what makes a row's bytes the same in prefill, in decode and beside
 * any neighbours, and lets a backend reduce tiles in parallel and merge them in order. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

#include <math.h>
#include <string.h>

typedef struct attention_job {
    float *out;         /* [N, H * d] */
    const float *q;     /* [N, H * d] */
    const float *k, *v; /* [N, K * d], for writing */
    const bb_kv *kv;
    const bb_attention *shape;
    const bb_rows *rows;
    int64_t kv_heads, dim;
} attention_job;

/* Index of the first element of head's BB_KV_BLOCK x d tile in a block. */
static int64_t tile_offset(const attention_job *job, int32_t block, int64_t head)
{
    return (block * job->kv_heads + head) * BB_KV_BLOCK * job->dim;
}

static void store(const bb_tensor *cache, int64_t at, const float *x, int64_t count)
{
    bb_narrow((char *)cache->data + at * (bb_dtypes[cache->dtype].bits / 8), cache->dtype, x, count);
}

static void kv_write_row(void *context, int64_t n, int worker)
{
    const attention_job *job = context;
    const int32_t position = job->rows->positions[n];
    const int32_t block = job->rows->blocks[job->rows->sequences[n]][position / BB_KV_BLOCK];
    (void)worker;

    for (int64_t head = 0; head < job->kv_heads; head++) {
        const int64_t at = tile_offset(job, block, head) + position % BB_KV_BLOCK * job->dim;
        const int64_t from = (n * job->kv_heads + head) * job->dim;
        store(&job->kv->keys, at, job->k + from, job->dim);
        store(&job->kv->values, at, job->v + from, job->dim);
    }
}

void bb_cpu_kv_write(bb_backend *backend, const bb_kv *kv, const bb_tensor *k, const bb_tensor *v, const bb_rows *rows)
{
    attention_job job = {.kv = kv, .k = k->data, .v = v->data, .rows = rows, .kv_heads = kv->keys.shape[1], .dim = kv->keys.shape[3]};
    bb_threads_run(backend->threads, kv_write_row, &job, rows->count);
}

/* A row of the cache as F32: in place, or widened into scratch. */
static const float *load(const bb_tensor *cache, int64_t at, int64_t count, float *scratch)
{
    if (cache->dtype == BOMBUS_F32)
        return (const float *)cache->data + at;
    bb_widen(scratch, cache->dtype, (const char *)cache->data + at * (bb_dtypes[cache->dtype].bits / 8), count);
    return scratch;
}

/* The state of one query head: everything so far, relative to the largest score so far. */
typedef struct softmax_state {
    float max, sum;
} softmax_state;

/* Reduces keys [first, last) of a tile and merges the result into state and out [d]. */
static void attend_tile(const attention_job *job, const float *q, int64_t tile, int first, int last, softmax_state *state, float *out)
{
    float weights[BB_KV_BLOCK], values[BB_HEAD_DIM_MAX] = {0}, scratch[BB_HEAD_DIM_MAX];
    float max = -INFINITY, sum = 0;

    for (int j = first; j < last; j++) {
        weights[j] = job->shape->scale * bb_lanes_dot(q, load(&job->kv->keys, tile + j * job->dim, job->dim, scratch), job->dim);
        if (weights[j] > max)
            max = weights[j];
    }
    for (int j = first; j < last; j++) {
        const float *v = load(&job->kv->values, tile + j * job->dim, job->dim, scratch);
        const float weight = expf(weights[j] - max);
        sum += weight;
        for (int64_t i = 0; i < job->dim; i++)
            values[i] += weight * v[i];
    }

    const float largest = max > state->max ? max : state->max;
    const float keep = expf(state->max - largest), take = expf(max - largest);
    state->sum = state->sum * keep + sum * take;
    state->max = largest;
    for (int64_t i = 0; i < job->dim; i++)
        out[i] = out[i] * keep + values[i] * take;
}

/* One row and one kv head: the query heads that share it. */
static void attend(void *context, int64_t index, int worker)
{
    const attention_job *job = context;
    const int64_t n = index / job->kv_heads, kv_head = index % job->kv_heads;
    const int group = job->shape->heads / job->shape->kv_heads;
    const int32_t position = job->rows->positions[n];
    const int32_t *blocks = job->rows->blocks[job->rows->sequences[n]];
    const int32_t first = job->shape->window && position >= job->shape->window ? position - job->shape->window + 1 : 0;
    (void)worker;

    for (int64_t head = kv_head * group; head < (kv_head + 1) * group; head++) {
        const float *q = job->q + (n * job->shape->heads + head) * job->dim;
        float *out = job->out + (n * job->shape->heads + head) * job->dim;
        softmax_state state = {-INFINITY, 0};

        memset(out, 0, (size_t)job->dim * sizeof *out);
        for (int32_t block = first / BB_KV_BLOCK; block <= position / BB_KV_BLOCK; block++) {
            const int32_t start = block * BB_KV_BLOCK;
            attend_tile(job, q, tile_offset(job, blocks[block], kv_head), first > start ? first - start : 0,
                        position - start < BB_KV_BLOCK ? position - start + 1 : BB_KV_BLOCK, &state, out);
        }
        for (int64_t i = 0; i < job->dim; i++)
            out[i] /= state.sum;
    }
}

void bb_cpu_attention(bb_backend *backend, const bb_tensor *out, const bb_tensor *q, const bb_kv *kv, const bb_attention *shape,
                      const bb_rows *rows)
{
    attention_job job = {
        .out = (float *)out->data, .q = q->data, .kv = kv, .shape = shape, .rows = rows, .kv_heads = shape->kv_heads, .dim = shape->dim};
    bb_threads_run(backend->threads, attend, &job, (int64_t)rows->count * shape->kv_heads);
}
