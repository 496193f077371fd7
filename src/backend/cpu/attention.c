/* Attention over the KV blocks, and the writing of keys and values.
 *
 * Keys are reduced in tiles of BB_KV_BLOCK from position 0 (kernels.h says in which order), BB_KV_RUN tiles to a run, and runs are merged
 * in order. All of that goes by position alone, so a row's bytes are the same in prefill, in decode, beside any neighbours, and however
 * the work is shared out:
 *   many rows  a task is some rows and one head of keys and values: all queries that read the same keys take each tile at once
 *   few rows   a task is one run of one row and head; who finishes the last of them merges
 * Scratch is the tasks' stack, about 120 kB, and for runs that wait to be merged a tensor of the caller's. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"
#include "base/exp.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
    RUN = BB_KV_BLOCK * BB_KV_RUN,
    FLOATS_MAX = 6144,   /* of a task's queries: they and their sums stay in the first caches */
    TASKS_A_THREAD = 8,  /* wanted, so that a slow core does not hold up the rest */
    WRITE_TOGETHER = 16, /* rows whose keys and values one thread writes sooner than others wake up */
};

/* ---- writing ---- */

typedef struct write_job {
    const bb_kernels *kernels;
    const bb_kv *kv;
    const float *k, *v; /* [N, K * d] */
    const bb_rows *rows;
    int kv_heads, dim, groups;
    int heads; /* a task */
} write_job;

/* The elements of a key, each below the other. */
static inline void spread(char *to, const void *from, int count, size_t size)
{
    for (int i = 0; i < count; i++)
        memcpy(to + (size_t)i * BB_KV_BLOCK * size, (const char *)from + (size_t)i * size, size);
}

static void write_head(const write_job *job, int64_t n, int64_t head)
{
    const int32_t position = job->rows->positions[n], slot = position % BB_KV_BLOCK;
    const int64_t tile = (int64_t)job->rows->blocks[job->rows->sequences[n]][position / BB_KV_BLOCK] * job->kv_heads + head;
    const float *k = job->k + (n * job->kv_heads + head) * job->dim, *v = job->v + (n * job->kv_heads + head) * job->dim;
    const bombus_dtype dtype = job->kv->keys.dtype;
    const int64_t size = bb_dtypes[dtype].bits / 8, start = tile * BB_KV_BLOCK * job->dim;
    char *keys = (char *)job->kv->keys.data + (start + slot) * size;
    char *values = (char *)job->kv->values.data + (start + (int64_t)slot * job->dim) * size;
    uint16_t narrow[BB_HEAD_DIM_MAX];

    if (dtype == BOMBUS_F32) {
        spread(keys, k, job->dim, sizeof *k);
        memcpy(values, v, (size_t)job->dim * sizeof *v);
    } else if (dtype == BOMBUS_F16) {
        job->kernels->narrow(narrow, k, job->dim);
        spread(keys, narrow, job->dim, sizeof *narrow);
        job->kernels->narrow((uint16_t *)values, v, job->dim);
    } else {
        const int64_t scales = tile * job->groups * BB_KV_BLOCK + slot;
        job->kernels->kv_round((int8_t *)narrow, (uint16_t *)job->kv->key_scales.data + scales, k, job->dim);
        spread(keys, narrow, job->dim, sizeof(int8_t));
        job->kernels->kv_round((int8_t *)values, (uint16_t *)job->kv->value_scales.data + scales, v, job->dim);
    }
}

/* By heads, not by rows: neighbouring keys share cache lines. */
static void write_task(void *context, int64_t index, int worker)
{
    const write_job *job = context;
    (void)worker;

    for (int64_t head = index * job->heads; head < (index + 1) * job->heads; head++)
        for (int64_t n = 0; n < job->rows->count; n++)
            write_head(job, n, head);
}

void bb_cpu_kv_write(bb_backend *backend, const bb_kv *kv, const bb_tensor *k, const bb_tensor *v, const bb_rows *rows)
{
    const int kv_heads = (int)kv->keys.shape[1], dim = (int)kv->keys.shape[2];
    write_job job = {.kernels = bb_cpu_kernels(backend),
                     .kv = kv,
                     .k = k->data,
                     .v = v->data,
                     .rows = rows,
                     .kv_heads = kv_heads,
                     .dim = dim,
                     .groups = bb_kv_groups(dim)};

    job.heads = rows->count < WRITE_TOGETHER ? kv_heads : 1;
    bb_threads_run(backend->threads, write_task, &job, kv_heads / job.heads);
}

/* ---- reading ---- */

typedef struct attention_job {
    const bb_kernels *kernels;
    float *out;     /* [N, H * d] */
    const float *q; /* [N, H * d] */
    const bb_kv *kv;
    const bb_attention *shape;
    const bb_rows *rows;
    int group;        /* queries of one row that share a head of keys and values */
    int heads, parts; /* of a group that a task takes, and how many tasks that makes */
    int rows_a_task;
    int stride;       /* of a query's sums */
    int64_t units;    /* tasks of a row, or pieces of it that runs are counted in: K * parts */
    atomic_int *left; /* [N, units] runs not yet finished; NULL where a task takes all runs */
    float *pieces;    /* a piece for each row, unit and run, in this order: out [heads, stride], max [heads], sum [heads] */
} attention_job;

static int32_t first_key(const attention_job *job, int64_t n)
{
    const int32_t position = job->rows->positions[n], window = job->shape->window;

    return window && position >= window ? position - window + 1 : 0;
}

static int64_t first_run(const attention_job *job, int64_t n)
{
    return first_key(job, n) / RUN;
}

static int64_t run_count(const attention_job *job, int64_t n)
{
    return job->rows->positions[n] / RUN + 1 - first_run(job, n);
}

static bb_kv_tile tile_at(const attention_job *job, int64_t n, int32_t block, int64_t kv_head)
{
    const bb_kv *kv = job->kv;
    const int64_t tile = (int64_t)job->rows->blocks[job->rows->sequences[n]][block] * job->shape->kv_heads + kv_head;
    const int64_t at = tile * BB_KV_BLOCK * job->shape->dim * (bb_dtypes[kv->keys.dtype].bits / 8);
    bb_kv_tile t = {.dtype = kv->keys.dtype, .keys = (const char *)kv->keys.data + at, .values = (const char *)kv->values.data + at};

    if (t.dtype == BOMBUS_I8) {
        const int64_t scales = tile * bb_kv_groups(job->shape->dim) * BB_KV_BLOCK;
        t.key_scales = (const uint16_t *)kv->key_scales.data + scales;
        t.value_scales = (const uint16_t *)kv->value_scales.data + scales;
    }
    return t;
}

/* The keys of a tile that row n sees: [*first, *last), from the tile's beginning. */
static bool seen(const attention_job *job, int64_t n, int32_t block, int *first, int *last)
{
    const int32_t start = block * BB_KV_BLOCK, from = first_key(job, n) - start, to = job->rows->positions[n] + 1 - start;

    *first = from > 0 ? from : 0;
    *last = to < BB_KV_BLOCK ? to : BB_KV_BLOCK;
    return *first < *last;
}

static bb_queries queries_from(const bb_queries *all, int first, int count)
{
    bb_queries some = *all;

    some.count = count;
    some.q += (int64_t)first * all->dim;
    some.out += (int64_t)first * all->stride;
    some.max += first;
    some.sum += first;
    return some;
}

static void reset(const bb_queries *queries)
{
    memset(queries->out, 0, (size_t)queries->count * (size_t)queries->stride * sizeof *queries->out);
    for (int i = 0; i < queries->count; i++) {
        queries->max[i] = -INFINITY;
        queries->sum[i] = 0;
    }
}

/* Rows [n, n + count) of one sequence, at positions that follow each other, over one run. Rows that see the same of a tile take it at once;
 * those for which it holds keys still to come, or before their window, take it alone, and never touch what they do not see. */
static void attend_run(const attention_job *job, const bb_queries *queries, int64_t n, int count, int64_t kv_head, int64_t run)
{
    const int heads = queries->count / count;
    const int32_t end = job->rows->positions[n + count - 1] / BB_KV_BLOCK + 1;
    int32_t block = first_key(job, n) / BB_KV_BLOCK, run_end = (int32_t)(run + 1) * BB_KV_RUN;

    if (block < run * BB_KV_RUN)
        block = (int32_t)run * BB_KV_RUN;
    if (run_end > end)
        run_end = end;
    for (; block < run_end; block++) {
        const bb_kv_tile tile = tile_at(job, n, block, kv_head), next = tile_at(job, n, block + 1 < end ? block + 1 : block, kv_head);
        for (int row = 0, rows = 1; row < count; row += rows, rows = 1) {
            int first, last, other_first, other_last;
            if (!seen(job, n + row, block, &first, &last))
                continue;
            while (row + rows < count && seen(job, n + row + rows, block, &other_first, &other_last) && other_first == first &&
                   other_last == last)
                rows++;
            const bb_queries some = queries_from(queries, row * heads, rows * heads);
            job->kernels->attend(&some, &tile, first, last, &next);
        }
    }
}

/* Joins what a run gave one query to what those before it gave. */
static void merge(float *out, float *max, float *sum, const float *run_out, float run_max, float run_sum, int dim)
{
    const float largest = run_max > *max ? run_max : *max;
    const float keep = bb_exp_negative(*max - largest), take = bb_exp_negative(run_max - largest);

    *sum = *sum * keep + run_sum * take;
    *max = largest;
    for (int i = 0; i < dim; i++)
        out[i] = out[i] * keep + run_out[i] * take;
}

static void divide(float *out, float sum, int dim)
{
    for (int i = 0; i < dim; i++)
        out[i] /= sum;
}

/* Where head `head` of row n begins in q and out. */
static int64_t head_at(const attention_job *job, int64_t n, int64_t head)
{
    return (n * job->shape->heads + head) * job->shape->dim;
}

static void load_queries(const attention_job *job, const bb_queries *queries, int64_t n, int count, int64_t head)
{
    const int heads = queries->count / count;

    for (int row = 0; row < count; row++) {
        const float *q = job->q + head_at(job, n + row, head);
        for (int i = 0; i < heads * queries->dim; i++)
            queries->q[row * heads * queries->dim + i] = q[i] * job->shape->scale;
    }
}

typedef struct task_memory {
    float q[FLOATS_MAX], out[FLOATS_MAX];
    float max[BB_QUERIES_MAX], sum[BB_QUERIES_MAX];
    float all_max[BB_QUERIES_MAX], all_sum[BB_QUERIES_MAX];
} task_memory;

/* Rows of one sequence over all their runs. */
static void attend_rows(const attention_job *job, task_memory *memory, int64_t n, int count, int64_t kv_head, int64_t head, int heads)
{
    const int dim = job->shape->dim;
    const bb_queries queries = {count * heads, dim, job->stride, memory->q, memory->out, memory->max, memory->sum};
    const int64_t last = first_run(job, n + count - 1) + run_count(job, n + count - 1);

    load_queries(job, &queries, n, count, head);
    for (int i = 0; i < queries.count; i++) {
        memset(job->out + head_at(job, n + i / heads, head + i % heads), 0, (size_t)dim * sizeof *job->out);
        memory->all_max[i] = -INFINITY;
        memory->all_sum[i] = 0;
    }
    for (int64_t run = first_run(job, n); run < last; run++) {
        reset(&queries);
        attend_run(job, &queries, n, count, kv_head, run);
        for (int i = 0; i < queries.count; i++) {
            const int64_t row = n + i / heads;
            if (run >= first_run(job, row) && run < first_run(job, row) + run_count(job, row))
                merge(job->out + head_at(job, row, head + i % heads), &memory->all_max[i], &memory->all_sum[i],
                      queries.out + (int64_t)i * queries.stride, queries.max[i], queries.sum[i], dim);
        }
    }
    for (int i = 0; i < queries.count; i++)
        divide(job->out + head_at(job, n + i / heads, head + i % heads), memory->all_sum[i], dim);
}

/* Do two rows follow each other in one sequence? */
static bool follows(const bb_rows *rows, int64_t n)
{
    return rows->sequences[n] == rows->sequences[n - 1] && rows->positions[n] == rows->positions[n - 1] + 1;
}

static void heads_of(const attention_job *job, int64_t unit, int64_t *kv_head, int64_t *head, int *heads)
{
    const int part = (int)(unit % job->parts) * job->heads;

    *kv_head = unit / job->parts;
    *head = *kv_head * job->group + part;
    *heads = job->group - part < job->heads ? job->group - part : job->heads;
}

/* Some rows and a unit of heads. The last rows, which see most, come first. */
static void rows_task(void *context, int64_t index, int worker)
{
    const attention_job *job = context;
    const int64_t blocks = (job->rows->count + job->rows_a_task - 1) / job->rows_a_task;
    const int64_t begin = (blocks - 1 - index % blocks) * job->rows_a_task;
    const int64_t end = begin + job->rows_a_task < job->rows->count ? begin + job->rows_a_task : job->rows->count;
    int64_t kv_head, head;
    int heads;
    task_memory memory;
    (void)worker;

    heads_of(job, index / blocks, &kv_head, &head, &heads);
    for (int64_t n = begin; n < end;) {
        int count = 1;
        while (n + count < end && follows(job->rows, n + count))
            count++;
        attend_rows(job, &memory, n, count, kv_head, head, heads);
        n += count;
    }
}

static int64_t piece_floats(const attention_job *job)
{
    return job->heads * ((int64_t)job->stride + 2);
}

/* One run of one row and unit of heads. */
static void run_task(void *context, int64_t index, int worker)
{
    const attention_job *job = context;
    const int dim = job->shape->dim;
    int64_t n = 0, before = 0, kv_head, head;
    int heads;
    float q[FLOATS_MAX];
    (void)worker;

    while (index - before >= job->units * run_count(job, n))
        before += job->units * run_count(job, n++);
    const int64_t runs = run_count(job, n), unit = (index - before) / runs, run = (index - before) % runs;
    float *const pieces = job->pieces + (before + unit * runs) * piece_floats(job), *piece = pieces + run * piece_floats(job);

    heads_of(job, unit, &kv_head, &head, &heads);
    const int64_t sums = (int64_t)job->heads * job->stride;
    const bb_queries queries = {heads, dim, job->stride, q, piece, piece + sums, piece + sums + job->heads};
    load_queries(job, &queries, n, 1, head);
    reset(&queries);
    attend_run(job, &queries, n, 1, kv_head, first_run(job, n) + run);

    if (atomic_fetch_sub_explicit(&job->left[n * job->units + unit], 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < heads; i++) {
        float *out = job->out + head_at(job, n, head + i), max = -INFINITY, sum = 0;
        memset(out, 0, (size_t)dim * sizeof *out);
        for (int64_t r = 0; r < runs; r++) {
            piece = pieces + r * piece_floats(job);
            merge(out, &max, &sum, piece + (int64_t)i * job->stride, piece[sums + i], piece[sums + job->heads + i], dim);
        }
        divide(out, sum, dim);
    }
}

/* Finds room for the pieces of all runs, and counts them. 0: there is none, or nothing to divide. */
static int64_t divide_runs(attention_job *job)
{
    const bb_tensor *scratch = job->shape->scratch;
    const int64_t counts = job->rows->count * job->units;
    int64_t tasks = 0;

    for (int64_t n = 0; n < job->rows->count; n++)
        tasks += job->units * run_count(job, n);
    if (!scratch || tasks == counts || counts + tasks * piece_floats(job) > scratch->shape[0])
        return 0;
    job->pieces = (float *)scratch->data;
    job->left = (atomic_int *)(job->pieces + tasks * piece_floats(job));
    for (int64_t i = 0; i < counts; i++)
        atomic_init(&job->left[i], (int)run_count(job, i / job->units));
    return tasks;
}

void bb_cpu_attention(bb_backend *backend, const bb_tensor *out, const bb_tensor *q, const bb_kv *kv, const bb_attention *shape,
                      const bb_rows *rows)
{
    attention_job job = {
        .kernels = bb_cpu_kernels(backend), .out = (float *)out->data, .q = q->data, .kv = kv, .shape = shape, .rows = rows};
    const int64_t wanted = (int64_t)TASKS_A_THREAD * bb_threads_count(backend->threads);
    int64_t tasks = 0;

    job.group = shape->heads / shape->kv_heads;
    job.stride = (shape->dim + BB_LANES - 1) / BB_LANES * BB_LANES;
    const int most = FLOATS_MAX / job.stride < BB_QUERIES_MAX ? FLOATS_MAX / job.stride : BB_QUERIES_MAX;
    job.parts = (job.group + most - 1) / most;
    job.heads = (job.group + job.parts - 1) / job.parts;
    job.units = (int64_t)shape->kv_heads * job.parts;
    job.rows_a_task = most / job.heads;
    if (job.rows_a_task > rows->count * job.units / wanted)
        job.rows_a_task = rows->count * job.units < wanted ? 1 : (int)(rows->count * job.units / wanted);

    if (rows->count * job.units < wanted && wanted > TASKS_A_THREAD)
        tasks = divide_runs(&job);
    if (tasks)
        bb_threads_run(backend->threads, run_task, &job, tasks);
    else
        bb_threads_run(backend->threads, rows_task, &job, (rows->count + job.rows_a_task - 1) / job.rows_a_task * job.units);
}
