/* Linear layers. In the fast mode: rounds the activations, then multiplies integers (kernels.h); layers of the same input share the rounded
 * rows and one run of the pool.
 *
 * Few rows of activations go through the vector kernel one by one: the weights they share are in the cache from the second on. Many are
 * interleaved in panels; a task then unpacks BLOCK rows of the weight over CHUNK elements at a time and runs them past all panels of its
 * part, so unpacking costs little and what the innermost loop reads fits the nearest cache. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/scalar.h"

#include <string.h>

enum {
    VECTOR_ROWS = 4,   /* the vector kernel serves up to this many rows of activations */
    VECTOR_TASK = 64,  /* rows of a weight a task of it takes */
    BLOCK = 64,        /* rows of a weight in a tile task */
    PANELS = 32,       /* of activations in a tile task */
    CHUNK = 1024,      /* along k: a multiple of every group size */
    CHUNK_GROUPS = 64, /* CHUNK over the smallest group size */
    ALIGNMENT = 64,
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

/* Numbers the tasks of each part, step rows of a weight a task. */
static void number_tasks(fast_job *job, int64_t step)
{
    job->row_tasks = 0;
    for (int i = 0; i < job->count; i++) {
        job->parts[i].first_task = job->row_tasks;
        job->row_tasks += (job->parts[i].n + step - 1) / step;
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
    const int64_t rows = up(n, BB_FAST_PANEL), groups = up(up(k, 16) / 16, BB_FAST_ROWS);

    return rows * (up(k, BB_FAST_UNIT) + 2 * groups * (int64_t)sizeof(float)) + 3 * ALIGNMENT;
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
    const int64_t begin = (index - p->first_task) * VECTOR_TASK, end = p->n < begin + VECTOR_TASK ? p->n : begin + VECTOR_TASK;

    (void)worker;
    for (int64_t row = begin; row < end; row += BB_FAST_ROWS) {
        const int rows = end - row < BB_FAST_ROWS ? (int)(end - row) : BB_FAST_ROWS;
        for (int64_t n = 0; n < job->m; n++)
            job->kernels->fast_vector(p->out + n * p->n + row, p->weight, row, rows, &job->rows, n);
    }
}

/* ---- many rows ---- */

/* Row i of a panel to its place among the others. */
static void interleave(int8_t *panel, const int8_t *row, int i, int64_t length, int run)
{
    if (run == 8)
        for (int64_t at = 0; at < length; at += 8)
            memcpy(panel + at * BB_FAST_PANEL + i * 8, row + at, 8);
    else
        for (int64_t at = 0; at < length; at += 4)
            memcpy(panel + at * BB_FAST_PANEL + i * 4, row + at, 4);
}

/* The rows of one panel, missing ones as zeros. */
static void round_panel(void *context, int64_t panel, int worker)
{
    const fast_job *job = context;
    const bb_fast_rows *r = &job->rows;
    int8_t *codes = r->codes + panel * BB_FAST_PANEL * r->stride;
    float *scales = r->scales + panel * BB_FAST_PANEL * r->groups, *sums = r->sums + panel * BB_FAST_PANEL * r->groups;

    (void)worker;
    for (int i = 0; i < BB_FAST_PANEL; i++) {
        const int64_t n = panel * BB_FAST_PANEL + i;
        for (int64_t first = 0; first < r->k; first += CHUNK) {
            const int64_t length = r->k - first < CHUNK ? r->k - first : CHUNK, groups = length / r->group;
            const bb_fast_rows run = {.k = length, .stride = up(length, 4), .groups = groups, .group = r->group};
            int8_t row[CHUNK] = {0};
            float row_scales[CHUNK_GROUPS] = {0}, row_sums[CHUNK_GROUPS] = {0};
            if (n < job->m)
                job->kernels->fast_round(row, row_scales, row_sums, job->x + n * r->k + first, &run);
            interleave(codes + first * BB_FAST_PANEL, row, i, length, job->kernels->fast_run);
            for (int64_t g = 0; g < groups; g++) {
                scales[(first / r->group + g) * BB_FAST_PANEL + i] = row_scales[g];
                sums[(first / r->group + g) * BB_FAST_PANEL + i] = row_sums[g];
            }
        }
    }
}

/* One block of the weight's rows over one chunk of k. */
typedef struct block {
    uint8_t codes[BLOCK * CHUNK];
    float scales[BLOCK * CHUNK_GROUPS], biases[BLOCK * CHUNK_GROUPS];
} block;

static void unpack_block(block *b, const fast_job *job, const bb_tensor *weight, int64_t row, int rows, int64_t first, int groups)
{
    const int64_t all = job->rows.k / job->rows.group, length = (int64_t)groups * job->rows.group;
    const int runs = groups == all ? 1 : rows, run = rows / runs * groups; /* whole rows lie one behind the other */

    for (int r = 0; r < rows; r++)
        job->kernels->fast_unpack(b->codes + r * length, weight, row + r, first, groups);
    for (int r = 0; r < runs; r++)
        bb_fast_scales(b->scales + r * groups, b->biases + r * groups, weight, (row + r) * all + first, run);
    for (int r = rows; r < (int)up(rows, BB_FAST_TILE); r++) { /* whose sums nobody reads */
        memset(b->codes + r * length, 0, (size_t)length);
        memset(b->scales + r * groups, 0, (size_t)groups * sizeof(float));
        memset(b->biases + r * groups, 0, (size_t)groups * sizeof(float));
    }
}

/* Adds what a block gives with count panels from first_panel on to out [BLOCK, PANELS * BB_FAST_PANEL]. */
static void run_block(float *out, const block *b, const fast_job *job, int largest, int rows, int64_t first_panel, int count, int64_t first,
                      int groups)
{
    const bb_fast_rows *x = &job->rows;

    for (int panel = 0; panel < count; panel += 2) {
        bb_fast_tile t = {.out_stride = PANELS * BB_FAST_PANEL,
                          .groups = groups,
                          .group = x->group,
                          .largest = largest,
                          .panels = count - panel < 2 ? 1 : 2};
        for (int i = 0; i < t.panels; i++) {
            const int64_t at = (first_panel + panel + i) * BB_FAST_PANEL;
            t.x[i] = x->codes + at * x->stride + first * x->group * BB_FAST_PANEL;
            t.x_scales[i] = x->scales + at * x->groups + first * BB_FAST_PANEL;
            t.x_sums[i] = x->sums + at * x->groups + first * BB_FAST_PANEL;
        }
        for (int r = 0; r < rows; r += BB_FAST_TILE) {
            t.codes = b->codes + (int64_t)r * groups * x->group;
            t.scales = b->scales + r * groups;
            t.biases = b->biases + r * groups;
            t.out = out + (int64_t)r * t.out_stride + panel * BB_FAST_PANEL;
            job->kernels->fast_tile(&t);
        }
    }
}

static void tile_task(void *context, int64_t index, int worker)
{
    const fast_job *job = context;
    const bb_fast_rows *x = &job->rows;
    const part *p = part_of(job, index % job->row_tasks);
    const int64_t row = (index % job->row_tasks - p->first_task) * BLOCK, first_panel = index / job->row_tasks * PANELS;
    const int64_t all_panels = up(job->m, BB_FAST_PANEL) / BB_FAST_PANEL, groups = x->k / x->group;
    const int rows = p->n - row < BLOCK ? (int)(p->n - row) : BLOCK;
    const int panels = all_panels - first_panel < PANELS ? (int)(all_panels - first_panel) : PANELS, most = CHUNK / x->group;
    float out[BLOCK][PANELS * BB_FAST_PANEL];
    block b;

    (void)worker;
    for (int r = 0; r < (int)up(rows, BB_FAST_TILE); r++)
        memset(out[r], 0, (size_t)(panels * BB_FAST_PANEL) * sizeof(float));
    for (int64_t first = 0; first < groups; first += most) {
        const int count = groups - first < most ? (int)(groups - first) : most;
        unpack_block(&b, job, p->weight, row, rows, first, count);
        run_block(out[0], &b, job, bb_fast_largest(&p->weight->quant), rows, first_panel, panels, first, count);
    }

    for (int64_t n = first_panel * BB_FAST_PANEL; n < job->m && n < (first_panel + panels) * BB_FAST_PANEL; n++)
        for (int r = 0; r < rows; r++)
            p->out[n * p->n + row + r] = out[r][n - first_panel * BB_FAST_PANEL];
}

/* ---- the operation ---- */

/* Can they share the rounded rows? */
static bool are_alike(const bb_tensor *a, const bb_tensor *b)
{
    return a->quant.group_size == b->quant.group_size && (a->quant.bits == 4) == (b->quant.bits == 4);
}

static void run_fast(bb_backend *backend, fast_job *job, const bb_tensor *scratch)
{
    const bb_tensor *weight = job->parts[0].weight;
    const int64_t k = weight->shape[1], panels = up(job->m, BB_FAST_PANEL) / BB_FAST_PANEL, rows = panels * BB_FAST_PANEL;
    bb_fast_rows *r = &job->rows;

    *r = (bb_fast_rows){
        .k = k, .stride = up(k, BB_FAST_UNIT), .groups = up(k / weight->quant.group_size, BB_FAST_ROWS), .group = weight->quant.group_size};
    r->codes = (int8_t *)scratch->data;
    r->scales = (float *)(void *)(r->codes + up(rows * r->stride, ALIGNMENT));
    r->sums = r->scales + up(rows * r->groups, ALIGNMENT / (int64_t)sizeof(float));

    if (job->m <= VECTOR_ROWS || !job->kernels->fast_tile) {
        r->split = job->kernels->fast_split && weight->quant.bits == 4;
        number_tasks(job, VECTOR_TASK);
        if (job->m == 1) { /* takes less than telling others of it */
            round_row(job, 0, 0);
            bb_threads_run(backend->threads, vector_task, job, job->row_tasks);
        } else {
            bb_threads_run_phases(backend->threads, (bb_phase[]){{round_row, job->m}, {vector_task, job->row_tasks}}, 2, job);
        }
    } else {
        number_tasks(job, BLOCK);
        bb_threads_run_phases(backend->threads,
                              (bb_phase[]){{round_panel, panels}, {tile_task, job->row_tasks * ((panels + PANELS - 1) / PANELS)}}, 2, job);
    }
}

void bb_cpu_linear(bb_backend *backend, const bb_product *products, int count, const bb_tensor *x, const bb_tensor *scratch)
{
    for (int i = 0; i < count;) {
        fast_job job = {.kernels = bb_cpu_kernels(backend), .x = x->data, .m = x->shape[0]};
        if (!scratch || !bb_is_fast(products[i].weight)) {
            bb_cpu_dot(backend, products[i].out, x, products[i].weight, BOMBUS_TRANSPOSE_B);
            i++;
            continue;
        }
        do {
            const bb_product *product = &products[i++];
            job.parts[job.count++] = (part){product->weight, (float *)product->out->data, product->weight->shape[0], 0};
        } while (i < count && bb_is_fast(products[i].weight) && are_alike(products[i].weight, job.parts[0].weight));
        run_fast(backend, &job, scratch);
    }
}
