/* The matrix product, for every type and mode, transposed or not.
 *
 * Few rows of F32 against the rows of a matrix, as in decoding, are streamed: the matrix is read from memory once, and never unpacked to
 * it. Else out is cut into tiles and k into chunks. For each chunk of each tile the operands' rows along k are brought into F32 (or used
 * where they lie, if that is what they are), and the lanes of all the tile's sums take them in; lanes wait in memory from chunk to chunk,
 * so scratch is bounded and weights are unpacked once for all rows of a tile. The order of each sum is that of kernels.h whatever the way,
 * tile or chunk.
 *
 * Threads: a task is one tile, or some rows of a streamed matrix, how many may depend on the threads; tasks share nothing but what they
 * read.
 *
 * Scratch lies on the stack: under 170 KB, since a host's threads may have little. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

enum {
    CHUNK = 384, /* along k: a multiple of BB_LANES and of every group size */
    TILE_ROWS = 4 * BB_PANEL_ROWS,
    STREAM_ROWS_MOST = 16, /* of a; of more, tiles unpack the matrix less often, and with AVX2 take less time */
    STREAM_LEAST = 16384,  /* bytes of a matrix, a task */
    STREAM_MOST = 262144,
    DENSE_TASKS = 16, /* for each thread, of a dense matrix, between those bounds */
};

static void store(const bb_dot_job *p, int64_t row, int64_t column, const float *sums, int count)
{
    bb_narrow((char *)p->out->data + (row * p->n + column) * (bb_dtypes[p->out->dtype].bits / 8), p->out->dtype, sums, count);
}

static bool is_f32(const bb_tensor *matrix)
{
    return matrix->dtype == BOMBUS_F32 && !bb_is_quantized(matrix);
}

/* ---- tiles ---- */

/* A chunk of rows along k. Rows whole powers of two apart would push each other out of the cache. */
typedef struct panel {
    const char **rows; /* F32 at any alignment */
    float (*values)[CHUNK + BB_LANES];
} panel;

/* Rows [row, row + count) of an operand, elements [first, first + length); up to the next multiple of step, rows are the first once more,
 * and nobody reads their sums. in_place: F32 is used where it lies. */
static void fetch(const bb_kernels *kernels, const panel *p, const bb_operand *o, int64_t row, int count, int step, int64_t first,
                  int length, bool in_place)
{
    const bb_tensor *matrix = o->matrix;

    for (int r = 0; r < count; r++)
        p->rows[r] = (const char *)p->values[r];
    for (int r = 0; r < count && o->along; r++) {
        if (in_place && is_f32(matrix))
            p->rows[r] = (const char *)matrix->data + ((row + r) * matrix->shape[1] + first) * (int64_t)sizeof(float);
        else
            kernels->row(p->values[r], o->dtype, matrix, row + r, first, length);
    }
    for (int i = 0; i < length && !o->along; i++) {
        float across[BB_TILE_COLUMNS + 2 * BB_PACK];
        const int64_t from = row / BB_PACK * BB_PACK, to = (row + count + BB_PACK - 1) / BB_PACK * BB_PACK;
        kernels->row(across, o->dtype, matrix, first + i, from, (to < matrix->shape[1] ? to : matrix->shape[1]) - from);
        for (int r = 0; r < count; r++)
            p->values[r][i] = across[row - from + r];
    }
    for (int r = count; r % step; r++)
        p->rows[r] = p->rows[0];
}

static void tile(const bb_dot_job *p, int64_t row, int rows, int64_t column, int columns)
{
    const bb_kernels *kernels = p->kernels;
    _Alignas(64) float lanes[TILE_ROWS][BB_TILE_COLUMNS][BB_LANES];
    _Alignas(64) float a_values[BB_PANEL_ROWS][CHUNK + BB_LANES], b_values[BB_TILE_COLUMNS][CHUNK + BB_LANES];
    const char *a_rows[BB_PANEL_ROWS], *b_rows[BB_TILE_COLUMNS];
    const panel a = {a_rows, a_values}, b = {b_rows, b_values};

    for (int r = 0; r < (rows + kernels->tile_rows - 1) / kernels->tile_rows * kernels->tile_rows; r++)
        memset(lanes[r], 0, sizeof lanes[r]);
    for (int64_t first = 0; first < p->k; first += CHUNK) {
        const int length = p->k - first < CHUNK ? (int)(p->k - first) : CHUNK;
        fetch(kernels, &b, &p->b, column, columns, kernels->tile_columns, first, length, rows < 4);
        for (int block = 0; block < rows; block += BB_PANEL_ROWS) {
            const int count = rows - block < BB_PANEL_ROWS ? rows - block : BB_PANEL_ROWS;
            fetch(kernels, &a, &p->a, row + block, count, kernels->tile_rows, first, length, columns <= kernels->tile_columns);
            for (int c = 0; c < columns; c += kernels->tile_columns)
                for (int r = 0; r < count; r += kernels->tile_rows)
                    kernels->products(lanes[block + r][c], BB_TILE_COLUMNS * BB_LANES, a.rows + r, b.rows + c, length);
        }
    }

    for (int r = 0; r < rows; r++) {
        float sums[BB_TILE_COLUMNS];
        kernels->sums(sums, lanes[r][0], columns);
        store(p, row + r, column, sums, columns);
    }
}

static void tile_task(const bb_dot_job *p, int64_t index)
{
    const int64_t column = index % p->column_tiles * BB_TILE_COLUMNS, row = index / p->column_tiles * TILE_ROWS;

    tile(p, row, p->m - row < TILE_ROWS ? (int)(p->m - row) : TILE_ROWS, column,
         p->n - column < BB_TILE_COLUMNS ? (int)(p->n - column) : BB_TILE_COLUMNS);
}

/* ---- streams ---- */

/* Two rows at a time: neighbours, or of a dense matrix, where the kernel waits for memory, those of the two halves, since memory serves two
 * pages in turns faster than one. A lone row is its own partner. */
static void stream_pairs(const bb_dot_job *p, int64_t column, int64_t end)
{
    const bool halves = !bb_is_quantized(p->b.matrix);
    const int64_t pairs = (end - column + 1) / 2;

    for (int64_t pair = 0; pair < pairs; pair++) {
        float lanes[2][BB_LANES], sums[2];
        const int64_t row = column + (halves ? pair : 2 * pair), row1 = row + (halves ? pairs : 1), partner = row1 < end ? row1 : row;
        p->kernels->stream_pair(lanes[0], p->b.matrix, row, partner, p->a.matrix->data);
        p->kernels->sums(sums, lanes[0], 2);
        store(p, 0, row, sums, 1);
        store(p, 0, partner, sums + 1, 1);
    }
}

/* Few rows of a at a time, past columns that stay in the cache for the next ones. Rows that a does not have are the first of those few. */
static void stream_rows(const bb_dot_job *p, int64_t begin, int64_t end)
{
    for (int64_t row = 0; row < p->m; row += BB_STREAM_ROWS) {
        const int rows = p->m - row < BB_STREAM_ROWS ? (int)(p->m - row) : BB_STREAM_ROWS;
        const char *x[BB_STREAM_ROWS];
        for (int r = 0; r < BB_STREAM_ROWS; r++)
            x[r] = (const char *)p->a.matrix->data + (row + (r < rows ? r : 0)) * p->k * (int64_t)sizeof(float);
        for (int64_t column = begin; column < end; column++) {
            float lanes[BB_STREAM_ROWS][BB_LANES], sums[BB_STREAM_ROWS];
            p->kernels->stream_row(lanes[0], p->b.matrix, column, x);
            p->kernels->sums(sums, lanes[0], BB_STREAM_ROWS);
            for (int r = 0; r < rows; r++)
                store(p, row + r, column, sums + r, 1);
        }
    }
}

static void stream_task(const bb_dot_job *p, int64_t index)
{
    const int64_t column = index * p->task_columns, end = column + p->task_columns < p->n ? column + p->task_columns : p->n;

    if (p->m == 1)
        stream_pairs(p, column, end);
    else
        stream_rows(p, column, end);
}

/* ---- the operation ---- */

/* Columns that a task of a streamed matrix takes; an even number. */
static int64_t stream_columns(int64_t n, int64_t k, const bb_tensor *matrix, int threads)
{
    const bool dense = !bb_is_quantized(matrix);
    const int64_t row_bytes = k * (dense ? bb_dtypes[matrix->dtype].bits : matrix->quant.bits) / 8;
    const int64_t share = dense ? n * row_bytes / (threads * DENSE_TASKS) : 0;
    const int64_t bytes = share < STREAM_LEAST ? STREAM_LEAST : share < STREAM_MOST ? share : STREAM_MOST;

    return row_bytes < bytes / 2 ? bytes / (row_bytes + 1) / 2 * 2 : 2;
}

void bb_dot_plan(bb_dot_job *job, bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags)
{
    const bool a_along = !(flags & BOMBUS_TRANSPOSE_A), b_along = flags & BOMBUS_TRANSPOSE_B;

    *job = (bb_dot_job){
        .kernels = bb_cpu_kernels(backend),
        .out = out,
        .a = {a, out->dtype, a_along},
        .b = {b, out->dtype, b_along},
        .m = out->shape[0],
        .n = out->shape[1],
        .k = a->shape[a_along ? 1 : 0],
        .column_tiles = (out->shape[1] + BB_TILE_COLUMNS - 1) / BB_TILE_COLUMNS,
    };
    if (job->kernels->stream_pair && job->m <= STREAM_ROWS_MOST && b_along && a_along && is_f32(a)) {
        job->task_columns = stream_columns(job->n, job->k, b, bb_threads_count(backend->threads));
        job->tasks = (job->n + job->task_columns - 1) / job->task_columns;
    } else {
        job->tasks = job->column_tiles * ((job->m + TILE_ROWS - 1) / TILE_ROWS);
    }
}

void bb_dot_task(void *context, int64_t index, int worker)
{
    const bb_dot_job *job = context;

    (void)worker;
    if (job->task_columns)
        stream_task(job, index);
    else
        tile_task(job, index);
}

/* Products of the same rows, whose tasks stand one behind the other. */
typedef struct run {
    bb_dot_job products[BB_PRODUCTS_MAX];
    int64_t first_task[BB_PRODUCTS_MAX];
    int count;
} run;

static void run_task(void *context, int64_t index, int worker)
{
    run *r = context;
    int i = r->count - 1;

    while (index < r->first_task[i])
        i--;
    bb_dot_task(&r->products[i], index - r->first_task[i], worker);
}

void bb_cpu_products(bb_backend *backend, const bb_product *products, int count, const bb_tensor *a, int flags)
{
    run r = {.count = count};
    int64_t tasks = 0;

    for (int i = 0; i < count; i++) {
        bb_dot_plan(&r.products[i], backend, products[i].out, a, products[i].weight, flags);
        r.first_task[i] = tasks;
        tasks += r.products[i].tasks;
    }
    bb_threads_run(backend->threads, run_task, &r, tasks);
}

void bb_cpu_dot(bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags)
{
    bb_cpu_products(backend, &(bb_product){.out = out, .weight = b}, 1, a, flags);
}
