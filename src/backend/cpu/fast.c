/* The matrix product of the fast mode: rounds the activations, then multiplies integers (kernels.h).
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

typedef struct fast_product {
    const bb_kernels *kernels;
    const bb_tensor *out;    /* F32 [m, n] */
    const bb_tensor *x;      /* F32 [m, k] */
    const bb_tensor *weight; /* [n, k] */
    bb_fast_rows rows;
    int64_t m, n;
    int64_t row_tasks;
} fast_product;

static int64_t up(int64_t value, int64_t step)
{
    return (value + step - 1) / step * step;
}

int64_t bb_cpu_dot_scratch(bb_backend *backend, int64_t m, int64_t k)
{
    (void)backend;
    const int64_t rows = up(m, BB_FAST_PANEL), groups = up(up(k, 16) / 16, BB_FAST_ROWS);

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
    const fast_product *p = context;
    const bb_fast_rows *r = &p->rows;

    (void)worker;
    p->kernels->fast_round(r->codes + n * r->stride, r->scales + n * r->groups, r->sums + n * r->groups,
                           (const float *)p->x->data + n * r->k, r);
}

static void vector_task(void *context, int64_t index, int worker)
{
    const fast_product *p = context;
    const int64_t end = p->n < (index + 1) * VECTOR_TASK ? p->n : (index + 1) * VECTOR_TASK;

    (void)worker;
    for (int64_t row = index * VECTOR_TASK; row < end; row += BB_FAST_ROWS) {
        const int rows = end - row < BB_FAST_ROWS ? (int)(end - row) : BB_FAST_ROWS;
        for (int64_t n = 0; n < p->m; n++)
            p->kernels->fast_vector((float *)p->out->data + n * p->n + row, p->weight, row, rows, &p->rows, n);
    }
}

/* ---- many rows ---- */

/* The rows of one panel, missing ones as zeros. */
static void round_panel(void *context, int64_t panel, int worker)
{
    const fast_product *p = context;
    const bb_fast_rows *r = &p->rows;
    int8_t *codes = r->codes + panel * BB_FAST_PANEL * r->stride;
    float *scales = r->scales + panel * BB_FAST_PANEL * r->groups, *sums = r->sums + panel * BB_FAST_PANEL * r->groups;

    (void)worker;
    for (int i = 0; i < BB_FAST_PANEL; i++) {
        const int64_t n = panel * BB_FAST_PANEL + i;
        for (int64_t first = 0; first < r->k; first += CHUNK) {
            const int64_t length = r->k - first < CHUNK ? r->k - first : CHUNK, groups = length / r->group;
            const bb_fast_rows part = {.k = length, .stride = up(length, 4), .groups = groups, .group = r->group};
            int8_t row[CHUNK] = {0};
            float row_scales[CHUNK_GROUPS] = {0}, row_sums[CHUNK_GROUPS] = {0};
            if (n < p->m)
                p->kernels->fast_round(row, row_scales, row_sums, (const float *)p->x->data + n * r->k + first, &part);
            for (int64_t at = 0; at < length; at += 4)
                memcpy(codes + (first + at) * BB_FAST_PANEL + i * 4, row + at, 4);
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

static void unpack_block(block *b, const fast_product *p, int64_t row, int rows, int64_t first, int groups)
{
    const int64_t all = p->rows.k / p->rows.group;

    const int runs = groups == all ? 1 : rows, run = rows / runs * groups; /* whole rows lie one behind the other */

    for (int r = 0; r < rows; r++)
        p->kernels->fast_unpack(b->codes + (int64_t)r * groups * p->rows.group, p->weight, row + r, first, groups);
    for (int r = 0; r < runs; r++)
        bb_fast_scales(b->scales + r * groups, b->biases + r * groups, p->weight, (row + r) * all + first, run);
    for (int r = rows; r < (int)up(rows, BB_FAST_TILE); r++) { /* whose sums nobody reads */
        memset(b->codes + (int64_t)r * groups * p->rows.group, 0, (size_t)groups * (size_t)p->rows.group);
        memset(b->scales + r * groups, 0, (size_t)groups * sizeof(float));
        memset(b->biases + r * groups, 0, (size_t)groups * sizeof(float));
    }
}

static void tile_task(void *context, int64_t index, int worker)
{
    const fast_product *p = context;
    const bb_fast_rows *x = &p->rows;
    const int64_t row = index % p->row_tasks * BLOCK, first_panel = index / p->row_tasks * PANELS, groups = x->k / x->group;
    const int64_t all_panels = up(p->m, BB_FAST_PANEL) / BB_FAST_PANEL;
    const int rows = p->n - row < BLOCK ? (int)(p->n - row) : BLOCK;
    const int panels = all_panels - first_panel < PANELS ? (int)(all_panels - first_panel) : PANELS;
    float out[BLOCK][PANELS * BB_FAST_PANEL];
    block b;

    (void)worker;
    for (int r = 0; r < (int)up(rows, BB_FAST_TILE); r++)
        memset(out[r], 0, (size_t)(panels * BB_FAST_PANEL) * sizeof(float));
    for (int64_t first = 0; first < groups; first += CHUNK / x->group) {
        const int count = groups - first < CHUNK / x->group ? (int)(groups - first) : CHUNK / x->group;
        unpack_block(&b, p, row, rows, first, count);
        for (int panel = 0; panel < panels; panel += 2) {
            bb_fast_tile t = {.out_stride = PANELS * BB_FAST_PANEL,
                              .groups = count,
                              .group = x->group,
                              .largest = bb_fast_largest(&p->weight->quant),
                              .panels = panels - panel < 2 ? 1 : 2};
            for (int i = 0; i < t.panels; i++) {
                const int64_t at = (first_panel + panel + i) * BB_FAST_PANEL;
                t.x[i] = x->codes + at * x->stride + first * x->group * BB_FAST_PANEL;
                t.x_scales[i] = x->scales + at * x->groups + first * BB_FAST_PANEL;
                t.x_sums[i] = x->sums + at * x->groups + first * BB_FAST_PANEL;
            }
            for (int r = 0; r < rows; r += BB_FAST_TILE) {
                t.codes = b.codes + (int64_t)r * count * x->group;
                t.scales = b.scales + r * count;
                t.biases = b.biases + r * count;
                t.out = out[r] + panel * BB_FAST_PANEL;
                p->kernels->fast_tile(&t);
            }
        }
    }

    for (int64_t n = first_panel * BB_FAST_PANEL; n < p->m && n < (first_panel + panels) * BB_FAST_PANEL; n++)
        for (int r = 0; r < rows; r++)
            ((float *)p->out->data)[n * p->n + row + r] = out[r][n - first_panel * BB_FAST_PANEL];
}

void bb_cpu_dot_fast(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const bb_tensor *weight, const bb_tensor *scratch)
{
    const int64_t m = out->shape[0], k = x->shape[1], rows = up(m, BB_FAST_PANEL);
    fast_product p = {.kernels = bb_cpu_kernels(backend), .out = out, .x = x, .weight = weight, .m = m, .n = out->shape[1]};

    p.rows = (bb_fast_rows){
        .k = k, .stride = up(k, BB_FAST_UNIT), .groups = up(k / weight->quant.group_size, BB_FAST_ROWS), .group = weight->quant.group_size};
    p.rows.codes = (int8_t *)scratch->data;
    p.rows.scales = (float *)(void *)(p.rows.codes + up(rows * p.rows.stride, ALIGNMENT));
    p.rows.sums = p.rows.scales + up(rows * p.rows.groups, ALIGNMENT / (int64_t)sizeof(float));

    if (m <= VECTOR_ROWS || !p.kernels->fast_tile) {
        p.rows.split = p.kernels->fast_split && weight->quant.bits == 4;
        const bb_phase phases[] = {{round_row, m}, {vector_task, (p.n + VECTOR_TASK - 1) / VECTOR_TASK}};
        bb_threads_run_phases(backend->threads, phases, 2, &p);
        return;
    }
    p.row_tasks = (p.n + BLOCK - 1) / BLOCK;
    const int64_t panels = rows / BB_FAST_PANEL;
    const bb_phase phases[] = {{round_panel, panels}, {tile_task, p.row_tasks * ((panels + PANELS - 1) / PANELS)}};
    bb_threads_run_phases(backend->threads, phases, 2, &p);
}
