/* Changes of low rank: what an adapter makes of linear layers and of the embedding.
 *
 * Runs of rows have changes of their own, and layers of the same input go together: all their first products are one loop of tasks, all
 * their second ones the next, so a step of many adapters wakes the pool no more often than one of one. A run reads its changes once.
 * Sums are in the order of dot for the first product and of combine for the second, and so are a row's alone. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

enum {
    ROWS = 64,      /* of a run in a task of the second product */
    COLUMNS = 256,  /* of its result */
    RANKS = 16,     /* taken at once: their rows of B, widened, stay in the nearest cache */
    EMBED_TASK = 8, /* rows */
};

typedef struct delta_job {
    bb_backend *backend;
    const bb_product *products; /* [count] */
    int count;
    const bb_tensor *x;
    const bb_delta_runs *runs;
    int parts;                  /* one for each run and product, product by product of a run */
    int64_t *reduces, *spreads; /* [parts + 1] the number of a part's first task, and at the end of all */
    float *z;                   /* what the first products give, [rows, r] for each part */
} delta_job;

/* One run's rows through one layer. */
typedef struct part {
    const bb_delta *delta;
    int64_t rows;   /* of the step */
    int64_t in, n;  /* elements of a row of x and of out */
    const float *x; /* [rows, in] */
    float *z;       /* [rows, r] what the first product gives */
    float *out;     /* [rows, n] */
} part;

static part part_of(const delta_job *job, int index)
{
    const bb_delta_run *run = &job->runs->runs[index / job->count];
    const int product = index % job->count;
    const bb_product *p = &job->products[product];
    const int64_t in = job->x->shape[1], n = p->out->shape[1];
    const int64_t place = ((int64_t)run->first * job->count + (int64_t)product * run->count) * job->runs->rank;

    return (part){.delta = &run->deltas[p->index],
                  .rows = run->count,
                  .in = in,
                  .n = n,
                  .x = (const float *)job->x->data + run->first * in,
                  .z = job->z + place,
                  .out = (float *)p->out->data + run->first * n};
}

/* What a part has to do in a phase: how many tasks, or, for index at least 0, one of them. */
typedef int64_t (*phase_work)(const delta_job *job, const part *p, int64_t index);

static int64_t reduce(const delta_job *job, const part *p, int64_t index)
{
    if (!p->delta->a.data)
        return 0;
    const bb_tensor x = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){p->rows, p->in}, p->x);
    const bb_tensor z = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){p->rows, p->delta->a.shape[0]}, p->z);
    bb_dot_job dot;

    bb_dot_plan(&dot, job->backend, &z, &x, &p->delta->a, BOMBUS_TRANSPOSE_B);
    if (index >= 0)
        bb_dot_task(&dot, index, 0);
    return dot.tasks;
}

/* What the processor does not foresee, since the reading goes on elsewhere. */
static void fetch(const void *from, int64_t bytes)
{
    for (int64_t at = 0; at < bytes; at += BB_LINE)
        __builtin_prefetch((const char *)from + at);
}

/* Rows [row, end) of columns [column, column + width). */
static void combine_rows(const bb_kernels *kernels, const part *p, int64_t row, int64_t end, int64_t column, int64_t width)
{
    const bb_tensor *b = &p->delta->b;
    const int64_t rank = b->data ? b->shape[0] : 0;
    const float *gain = p->delta->gain.data ? (const float *)p->delta->gain.data + column : NULL;
    float values[RANKS * COLUMNS];

    /* One row takes 16 bits as they are; for more they are widened once. */
    if (end - row == 1 && b->dtype == BOMBUS_BF16) {
        kernels->combine_bf16(p->out + row * p->n + column, gain, p->z + row * rank, (const uint16_t *)b->data + column, p->n, (int)rank,
                              width);
        return;
    }
    for (int64_t k = 0; k < rank || (k == 0 && gain); k += RANKS) {
        const int ranks = (int)(rank - k < RANKS ? rank - k : RANKS);
        const bool in_place = b->dtype == BOMBUS_F32;
        for (int i = 0; i < ranks && !in_place; i++)
            kernels->row(values + i * COLUMNS, BOMBUS_F32, b, k + i, column, width);
        for (int64_t n = row; n < end; n++) {
            fetch(p->out + (n + 1 < end ? n + 1 : n) * p->n + column, width * (int64_t)sizeof(float));
            kernels->combine(p->out + n * p->n + column, k ? NULL : gain, p->z + n * rank + k,
                             in_place ? (const float *)b->data + k * p->n + column : values, in_place ? p->n : COLUMNS, ranks, width);
        }
    }
}

/* B's columns stand in as many places as it has rows, too short for the processor to see where the reading goes: what the next task needs
 * is fetched meanwhile. */
static void fetch_columns(const bb_tensor *b, int64_t column, int64_t width)
{
    const int64_t size = bb_dtypes[b->dtype].bits / 8;

    for (int64_t k = 0; k < b->shape[0]; k++)
        fetch((const char *)b->data + (k * b->shape[1] + column) * size, width * size);
}

static int64_t spread(const delta_job *job, const part *p, int64_t index)
{
    const int64_t blocks = (p->n + COLUMNS - 1) / COLUMNS;

    if (!p->delta->a.data && !p->delta->gain.data)
        return 0;
    if (index >= 0) {
        const int64_t row = index / blocks * ROWS, column = index % blocks * COLUMNS, next = column + COLUMNS;
        if (p->rows <= BB_STREAM_ROWS && p->delta->b.data && next < p->n)
            fetch_columns(&p->delta->b, next, p->n - next < COLUMNS ? p->n - next : COLUMNS);
        combine_rows(bb_cpu_kernels(job->backend), p, row, p->rows < row + ROWS ? p->rows : row + ROWS, column,
                     p->n < next ? p->n - column : COLUMNS);
    }
    return blocks * ((p->rows + ROWS - 1) / ROWS);
}

/* Numbers the tasks of all parts, one part's behind the other's. Returns how many there are. */
static int64_t number_tasks(const delta_job *job, phase_work work, int64_t *begins)
{
    int64_t tasks = 0;

    for (int i = 0; i < job->parts; i++) {
        const part p = part_of(job, i);
        begins[i] = tasks;
        tasks += work(job, &p, -1);
    }
    return begins[job->parts] = tasks;
}

static void do_task(const delta_job *job, phase_work work, const int64_t *begins, int64_t index)
{
    int first = 0, last = job->parts - 1; /* the last part to begin at index or before: those that begin with it are empty */

    while (first < last) {
        const int middle = (first + last + 1) / 2;
        if (begins[middle] <= index)
            first = middle;
        else
            last = middle - 1;
    }
    const part p = part_of(job, first);
    work(job, &p, index - begins[first]);
}

static void reduce_task(void *context, int64_t index, int worker)
{
    const delta_job *job = context;

    (void)worker;
    do_task(job, reduce, job->reduces, index);
}

static void spread_task(void *context, int64_t index, int worker)
{
    const delta_job *job = context;

    (void)worker;
    do_task(job, spread, job->spreads, index);
}

void bb_cpu_linear_deltas(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_delta_runs *runs)
{
    delta_job job = {.backend = backend, .products = products, .count = count, .x = x, .runs = runs, .parts = runs->count * count};

    job.reduces = (int64_t *)runs->scratch->data;
    job.spreads = job.reduces + job.parts + 1;
    job.z = (float *)(job.spreads + job.parts + 1);
    const bb_phase phases[] = {{reduce_task, number_tasks(&job, reduce, job.reduces)},
                               {spread_task, number_tasks(&job, spread, job.spreads)}};

    bb_threads_run_phases(backend->threads, phases, 2, &job);
}

/* ---- the embedding ---- */

typedef struct embed_job {
    const bb_kernels *kernels;
    const bb_tensor *out; /* [N, D] */
    const bb_rows *rows;
    int index;
    const bb_delta_runs *runs;
} embed_job;

static void embed_row(const embed_job *job, const bb_delta *delta, int64_t n)
{
    const int64_t D = job->out->shape[1], token = job->rows->tokens[n], rank = delta->a.data ? delta->a.shape[0] : 0;
    float *out = (float *)job->out->data + n * D;
    const float *side = delta->gain_side.data, gain = delta->gain.data ? ((const float *)delta->gain.data)[token] : 1;

    for (int64_t i = 0; i < D && (side || delta->gain.data); i++)
        out[i] *= side ? gain + (side[i] - 1) : gain;
    for (int64_t first = 0; first < D; first += COLUMNS) {
        const int64_t width = D - first < COLUMNS ? D - first : COLUMNS;
        float values[COLUMNS], z;
        for (int64_t k = 0; k < rank; k++) {
            const bb_tensor *b = &delta->b;
            bb_widen(&z, b->dtype, (const char *)b->data + (k * b->shape[1] + token) * (bb_dtypes[b->dtype].bits / 8), 1);
            job->kernels->row(values, BOMBUS_F32, &delta->a, k, first, width);
            job->kernels->combine(out + first, NULL, &z, values, 0, 1, width);
        }
    }
}

/* Rows [index * EMBED_TASK, ...) of the step, those that a run has. */
static void embed_task(void *context, int64_t index, int worker)
{
    const embed_job *job = context;
    const int64_t begin = index * EMBED_TASK, end = begin + EMBED_TASK;

    (void)worker;
    for (int i = 0; i < job->runs->count; i++) {
        const bb_delta_run *run = &job->runs->runs[i];
        const int64_t first = run->first > begin ? run->first : begin, last = run->first + run->count < end ? run->first + run->count : end;
        for (int64_t n = first; n < last; n++)
            embed_row(job, &run->deltas[job->index], n);
    }
}

void bb_cpu_embed_deltas(bb_backend *backend, const bb_tensor *out, const bb_rows *rows, int index, const bb_delta_runs *runs)
{
    embed_job job = {.kernels = bb_cpu_kernels(backend), .out = out, .rows = rows, .index = index, .runs = runs};

    bb_threads_run(backend->threads, embed_task, &job, (rows->count + EMBED_TASK - 1) / EMBED_TASK);
}
