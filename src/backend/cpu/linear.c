/* Linear layers. In the fast mode: rounds the activations, then multiplies integers (kernels.h); layers of the same input share the rounded
 * rows and one run of the pool.
 *
 * A row of activations, or a set's fast_vector_rows of them, go through the vector kernel. Where there are more, a task unpacks two panels
 * of the weight, BB_FAST_CHUNK elements at a time, and runs all its rows of activations past them: what the innermost loop reads fits the
 * nearest cache. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/scalar.h"

#include <string.h>

enum {
    WEIGHT_TASK = 64, /* rows of a weight that a task takes: a multiple of two panels */
    ROWS_TASK = 256,  /* of activations, in a tile task */
    ALIGNMENT = 64,
    BOTH = 2 * BB_FAST_PANEL, /* rows of a weight whose panels a tile takes */
};

/* One layer, and the tasks that are its own. */
typedef struct part {
    const bb_tensor *weight; /* [n, k] */
    float *out;              /* [m, n] */
    int64_t n;
    int64_t first_task;
} part;

typedef struct fast_job {
    const bb_kernels *kernels;
    const float *x; /* [m, k] */
    bb_fast_rows rows;
    int64_t m;
    int64_t row_tasks; /* of all parts */
    part parts[BB_PRODUCTS_MAX];
    int count;
} fast_job;

/* Numbers the tasks of each part. */
static void number_tasks(fast_job *job)
{
    job->row_tasks = 0;
    for (int i = 0; i < job->count; i++) {
        job->parts[i].first_task = job->row_tasks;
        job->row_tasks += (job->parts[i].n + WEIGHT_TASK - 1) / WEIGHT_TASK;
    }
}

static const part *part_of(const fast_job *job, int64_t task)
{
    int i = job->count - 1;

    while (task < job->parts[i].first_task)
        i--;
    return &job->parts[i];
}

static int64_t up(int64_t value, int64_t step)
{
    return (value + step - 1) / step * step;
}

int64_t bb_cpu_linear_scratch(bb_backend *backend, int64_t n, int64_t k)
{
    (void)backend;
    const int64_t rows = up(n, BB_FAST_TILE), groups = up(up(k, 16) / 16, BB_FAST_ROWS);
    const int64_t behind = BB_FAST_ROWS * BB_GROUP_MAX; /* the vector kernel reads as many groups at once, though there be fewer */

    return rows * (up(k, BB_FAST_UNIT) + 2 * groups * (int64_t)sizeof(float)) + behind + 3 * ALIGNMENT;
}

void bb_fast_scales(float *scales, float *biases, const bb_tensor *weight, int64_t index, int64_t count)
{
    bb_scale_values(scales, weight, weight->scales, index, count);
    if (weight->quant.mode == BOMBUS_AFFINE)
        bb_scale_values(biases, weight, weight->biases, index, count);
    for (int64_t i = 0; i < count; i++) {
        if (weight->quant.mode != BOMBUS_AFFINE) {
            biases[i] = scales[i] * -6;
            scales[i] *= 0.5f;
        } else if (weight->quant.bits == 8) {
            biases[i] += scales[i] * 128;
        }
    }
}

/* ---- few rows ---- */

static void round_row(void *context, int64_t n, int worker)
{
    const fast_job *job = context;
    const bb_fast_rows *r = &job->rows;

    (void)worker;
    job->kernels->fast_round(r->codes + n * r->stride, r->scales + n * r->groups, r->sums + n * r->groups, job->x + n * r->k, r);
}

static void vector_task(void *context, int64_t index, int worker)
{
    const fast_job *job = context;
    const part *p = part_of(job, index);
    const int64_t begin = (index - p->first_task) * WEIGHT_TASK, end = p->n < begin + WEIGHT_TASK ? p->n : begin + WEIGHT_TASK;

    (void)worker;
    const int64_t most = job->m > 1 ? BB_FAST_ROWS : WEIGHT_TASK; /* that are still near for the next row of activations */
    for (int64_t row = begin; row < end; row += most) {
        const int rows = (int)(end - row < most ? end - row : most);
        for (int64_t n = 0; n < job->m; n++)
            job->kernels->fast_vector(p->out + n * p->n + row, p->weight, row, rows, &job->rows, n);
    }
}

/* ---- many rows ---- */

/* What a task wants after groups [first, first + count) of the two panels from row on: more of them, or the next two. */
static bb_fast_ahead wanted_next(const part *p, int64_t row, int64_t first, int64_t count, int64_t tiles)
{
    enum { TILES = 4 }; /* share out the fetching */
    const bombus_quantization *q = &p->weight->quant;
    const int64_t k = p->weight->shape[1], next = (first + count) * q->group_size;
    const int64_t wanted_row = next < k ? row : row + BOTH, wanted = next < k ? next : 0;
    const int64_t rows = p->n - wanted_row < BOTH ? p->n - wanted_row : BOTH;
    const int64_t bytes = (k - wanted < BB_FAST_CHUNK ? k - wanted : BB_FAST_CHUNK) / BB_PACK * q->bits;
    const int64_t steps = count * (tiles < TILES ? tiles : TILES), pieces = (rows + BB_FAST_STREAMS - 1) / BB_FAST_STREAMS;
    const int64_t lines = BB_FAST_STREAMS * pieces * ((bytes + BB_LINE - 1) / BB_LINE), stride = k / BB_PACK * q->bits;

    if (rows <= 0)
        return (bb_fast_ahead){0};
    const uint8_t *from = bb_packed_at(p->weight, wanted_row, wanted);
    return (bb_fast_ahead){.next = from,
                           .end = from + bytes,
                           .bytes = bytes,
                           .stride = stride,
                           .pieces = (int)pieces,
                           .lines = (int)((lines + steps - 1) / steps),
                           .apart = pieces * stride};
}

/* Adds what two panels give with rows [begin, end) of x, over count groups from first on, to out [end - begin, out_stride]. */
static void run_panels(float *out, int64_t out_stride, const bb_fast_panel *panels, const fast_job *job, int largest, int64_t begin,
                       int64_t end, int64_t first, int count, bb_fast_ahead *ahead)
{
    const bb_fast_rows *x = &job->rows;

    for (int64_t n = begin; n < end; n += BB_FAST_TILE)
        job->kernels->fast_tile(&(bb_fast_tile){.out = out + (n - begin) * out_stride,
                                                .out_stride = out_stride,
                                                .begins = first == 0,
                                                .panels = panels,
                                                .groups = count,
                                                .group = x->group,
                                                .largest = largest,
                                                .rows = end - n < BB_FAST_TILE ? (int)(end - n) : BB_FAST_TILE,
                                                .x = x->codes + n * x->stride + first * x->group,
                                                .x_scales = x->scales + n * x->groups + first,
                                                .x_sums = x->sums + n * x->groups + first,
                                                .x_stride = x->stride,
                                                .x_groups = x->groups,
                                                .ahead = ahead->pieces ? ahead : NULL});
}

/* Rows [row, row + rows) of a weight, at most two panels, with rows [begin, end) of x. */
static void multiply_panels(const fast_job *job, const part *p, int64_t row, int rows, int64_t begin, int64_t end)
{
    const int64_t groups = job->rows.k / job->rows.group, most = BB_FAST_CHUNK / job->rows.group;
    const bool whole = rows == BOTH; /* or results go through memory that has room for missing rows */
    float few[ROWS_TASK][BOTH], *out = whole ? p->out + begin * p->n + row : few[0];
    const int64_t stride = whole ? p->n : BOTH;
    bb_fast_panel panels[2];

    for (int64_t first = 0; first < groups; first += most) {
        const int64_t count = groups - first < most ? groups - first : most;
        for (int i = 0; i < 2; i++) {
            const int begins = i * BB_FAST_PANEL < rows ? i * BB_FAST_PANEL : 0; /* a panel that is missing is the first once more */
            const int left = rows - begins, here = left < BB_FAST_PANEL ? left : BB_FAST_PANEL;
            job->kernels->fast_unpack(&panels[i], p->weight, row + begins, here, first, count);
        }
        bb_fast_ahead ahead = wanted_next(p, row, first, count, (end - begin + BB_FAST_TILE - 1) / BB_FAST_TILE);
        run_panels(out, stride, panels, job, bb_fast_largest(&p->weight->quant), begin, end, first, (int)count, &ahead);
    }
    for (int64_t n = begin; n < end && !whole; n++)
        memcpy(p->out + n * p->n + row, few[n - begin], (size_t)rows * sizeof **few);
}

static void tile_task(void *context, int64_t index, int worker)
{
    const fast_job *job = context;
    const part *p = part_of(job, index % job->row_tasks);
    const int64_t first = (index % job->row_tasks - p->first_task) * WEIGHT_TASK, begin = index / job->row_tasks * ROWS_TASK;
    const int64_t last = p->n < first + WEIGHT_TASK ? p->n : first + WEIGHT_TASK,
                  end = job->m < begin + ROWS_TASK ? job->m : begin + ROWS_TASK;

    (void)worker;
    for (int64_t row = first; row < last; row += BOTH)
        multiply_panels(job, p, row, last - row < BOTH ? (int)(last - row) : BOTH, begin, end);
}

/* ---- the operation ---- */

/* Can they share the rounded rows? */
static bool are_alike(const bb_kernels *kernels, const bb_tensor *a, const bb_tensor *b, bool tiles)
{
    bb_fast_rows of_a, of_b;

    bb_fast_set_split(&of_a, kernels, &a->quant, tiles);
    bb_fast_set_split(&of_b, kernels, &b->quant, tiles);
    return a->quant.group_size == b->quant.group_size && of_a.split == of_b.split && of_a.ways == of_b.ways;
}

static bool takes_tiles(const bb_kernels *kernels, const bb_tensor *x)
{
    return kernels->fast_tile && x->shape[0] > kernels->fast_vector_rows;
}

static void run_fast(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_tensor *scratch)
{
    const bb_kernels *kernels = bb_cpu_kernels(backend);
    fast_job job = {.kernels = kernels, .x = x->data, .m = x->shape[0], .count = count};
    const bombus_quantization *q = &products[0].weight->quant;
    const int64_t k = x->shape[1], rows = up(job.m, BB_FAST_TILE);
    const bool tiles = takes_tiles(kernels, x);
    bb_fast_rows *r = &job.rows;

    for (int i = 0; i < count; i++)
        job.parts[i] = (part){products[i].weight, (float *)products[i].out->data, products[i].weight->shape[0], 0};

    *r = (bb_fast_rows){.k = k, .stride = up(k, BB_FAST_UNIT), .groups = up(k / q->group_size, BB_FAST_ROWS), .group = q->group_size};
    r->codes = (int8_t *)scratch->data;
    r->scales = (float *)(void *)(r->codes + up(rows * r->stride, ALIGNMENT));
    r->sums = r->scales + up(rows * r->groups, ALIGNMENT / (int64_t)sizeof(float));
    bb_fast_set_split(r, kernels, q, tiles);

    number_tasks(&job);
    const bb_phase round = {round_row, job.m},
                   multiply = {tiles ? tile_task : vector_task, job.row_tasks * (tiles ? (job.m + ROWS_TASK - 1) / ROWS_TASK : 1)};
    if (job.m == 1) { /* takes less than telling others of it */
        round_row(&job, 0, 0);
        bb_threads_run(backend->threads, multiply.task, &job, multiply.tasks);
    } else {
        bb_threads_run_phases(backend->threads, (bb_phase[]){round, multiply}, 2, &job);
    }
}

void bb_cpu_linear(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_tensor *scratch)
{
    const bb_kernels *kernels = bb_cpu_kernels(backend);

    for (int begin = 0, end; begin < count; begin = end) {
        const bb_tensor *first = products[begin].weight;
        const bool fast = scratch && bb_is_fast(first);

        for (end = begin + 1; end < count; end++) {
            const bool next_fast = scratch && bb_is_fast(products[end].weight);
            if (next_fast != fast || (fast && !are_alike(kernels, products[end].weight, first, takes_tiles(kernels, x))))
                break;
        }
        if (fast)
            run_fast(backend, &products[begin], end - begin, x, scratch);
        else
            bb_cpu_products(backend, &products[begin], end - begin, x, BOMBUS_TRANSPOSE_B);
    }
}
