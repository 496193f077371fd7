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
} delta_job;

/* One run's rows through one layer. */
typedef struct part {
    const bb_delta *delta;
    bb_tensor x; /* [rows, in] */
    bb_tensor z; /* [rows, r] what the first product gives */
    float *out;  /* [rows, n] */
    int64_t n;
} part;

static part part_of(const delta_job *job, const bb_delta_run *run, int product)
{
    const bb_product *p = &job->products[product];
    const int64_t in = job->x->shape[1], n = p->out->shape[1];
    const int64_t place = ((int64_t)run->first * job->count + (int64_t)product * run->count) * job->runs->rank;
    part result = {.delta = &run->deltas[p->index], .out = (float *)p->out->data + run->first * n, .n = n};

    result.x = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){run->count, in}, (const float *)job->x->data + run->first * in);
    result.z = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){run->count, result.delta->a.data ? result.delta->a.shape[0] : 0},
                              (const float *)job->runs->scratch->data + place);
    return result;
}

/* What a part has to do in a phase: how many tasks, or, for index at least 0, one of them. */
typedef int64_t (*phase_work)(const delta_job *job, const part *p, int64_t index);

static int64_t reduce(const delta_job *job, const part *p, int64_t index)
{
    bb_dot_job dot;

    if (!p->delta->a.data)
        return 0;
    bb_dot_plan(&dot, job->backend, &p->z, &p->x, &p->delta->a, BOMBUS_TRANSPOSE_B);
    if (index >= 0)
        bb_dot_task(&dot, index, 0);
    return dot.tasks;
}

static void combine_rows(const bb_kernels *kernels, const part *p, int64_t row, int64_t end, int64_t column, int64_t width)
{
    const int64_t rank = p->z.shape[1];
    const float *gain = p->delta->gain.data ? (const float *)p->delta->gain.data + column : NULL, *z = p->z.data;
    float values[RANKS * COLUMNS];

    for (int64_t k = 0; k < rank || (k == 0 && gain); k += RANKS) {
        const int ranks = (int)(rank - k < RANKS ? rank - k : RANKS);
        const bool in_place = p->delta->b.dtype == BOMBUS_F32;
        for (int i = 0; i < ranks && !in_place; i++)
            kernels->row(values + i * COLUMNS, BOMBUS_F32, &p->delta->b, k + i, column, width);
        for (int64_t n = row; n < end; n++)
            kernels->combine(p->out + n * p->n + column, k ? NULL : gain, z + n * rank + k,
                             in_place ? (const float *)p->delta->b.data + k * p->n + column : values, in_place ? p->n : COLUMNS, ranks,
                             width);
    }
}

static int64_t spread(const delta_job *job, const part *p, int64_t index)
{
    const int64_t rows = p->x.shape[0], blocks = (p->n + COLUMNS - 1) / COLUMNS;

    if (!p->delta->a.data && !p->delta->gain.data)
        return 0;
    if (index >= 0) {
        const int64_t row = index / blocks * ROWS, column = index % blocks * COLUMNS;
        combine_rows(bb_cpu_kernels(job->backend), p, row, rows < row + ROWS ? rows : row + ROWS, column,
                     p->n - column < COLUMNS ? p->n - column : COLUMNS);
    }
    return blocks * ((rows + ROWS - 1) / ROWS);
}

/* The tasks of all parts, one behind the other. index -1: only counts them. */
static int64_t walk(const delta_job *job, phase_work work, int64_t index)
{
    int64_t before = 0;

    for (int i = 0; i < job->runs->count; i++) {
        for (int j = 0; j < job->count; j++) {
            const part p = part_of(job, &job->runs->runs[i], j);
            const int64_t tasks = work(job, &p, -1);
            if (index >= 0 && index < before + tasks)
                return work(job, &p, index - before);
            before += tasks;
        }
    }
    return before;
}

static void reduce_task(void *context, int64_t index, int worker)
{
    (void)worker;
    walk(context, reduce, index);
}

static void spread_task(void *context, int64_t index, int worker)
{
    (void)worker;
    walk(context, spread, index);
}

void bb_cpu_linear_deltas(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_delta_runs *runs)
{
    delta_job job = {.backend = backend, .products = products, .count = count, .x = x, .runs = runs};
    const bb_phase phases[] = {{reduce_task, walk(&job, reduce, -1)}, {spread_task, walk(&job, spread, -1)}};

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
