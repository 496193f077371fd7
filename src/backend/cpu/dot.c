/* The matrix product, for every type and mode, transposed or not.
 *
 * out is cut into tiles of TILE x TILE and k into chunks. For each chunk of each tile the operands' rows along k are brought into F32 (or
 * used where they lie, if that is what they are), and the lanes of all TILE x TILE sums take them in; lanes wait in memory from chunk to
 * chunk, so scratch is bounded and weights are unpacked once for TILE rows of the other operand. The order of each sum is that of kernels.h
 * whatever the tile or chunk.
 * Threads: a task is one tile of columns for up to ROWS rows of out; tasks share nothing but what they read. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

enum {
    TILE = 16,   /* rows and columns of out; a multiple of BB_PACK */
    CHUNK = 256, /* along k: a multiple of BB_LANES and of every group size */
    ROWS = 256,  /* of out, a task */
};

/* An operand as rows along k: element k of row r. */
typedef struct operand {
    const bb_tensor *matrix;
    bombus_dtype dtype; /* of the result, which quantized values are rounded to */
    bool along;         /* rows of the matrix run along k; else columns do */
} operand;

typedef struct product {
    const bb_kernels *kernels;
    const bb_tensor *out;
    operand a, b;
    int64_t m, n, k;
    int64_t column_tiles;
} product;

typedef struct panel {
    const char *rows[TILE]; /* F32 at any alignment */
    float values[TILE][CHUNK];
} panel;

/* Rows [row, row + count) of an operand, elements [first, first + length). in_place: F32 is used where it lies; rows that are used often
 * are better copied, since rows whole pages apart push each other out of the cache. */
static void fetch(const bb_kernels *kernels, panel *p, const operand *o, int64_t row, int count, int64_t first, int length, bool in_place)
{
    const bb_tensor *matrix = o->matrix;

    for (int r = 0; r < count; r++)
        p->rows[r] = (const char *)p->values[r];
    if (o->along) {
        for (int r = 0; r < count; r++) {
            if (in_place && matrix->dtype == BOMBUS_F32 && !bb_is_quantized(matrix))
                p->rows[r] = (const char *)matrix->data + ((row + r) * matrix->shape[1] + first) * (int64_t)sizeof(float);
            else
                kernels->row(p->values[r], o->dtype, matrix, row + r, first, length);
        }
        return;
    }
    for (int i = 0; i < length; i++) {
        float across[TILE];
        kernels->row(across, o->dtype, matrix, first + i, row, count);
        for (int r = 0; r < count; r++)
            p->values[r][i] = across[r];
    }
}

static void tile(const product *p, int64_t row, int rows, int64_t column, int columns)
{
    float lanes[TILE][TILE][BB_LANES];
    panel a, b;

    for (int r = 0; r < rows; r++)
        memset(lanes[r], 0, sizeof lanes[r]);
    for (int64_t first = 0; first < p->k; first += CHUNK) {
        const int length = p->k - first < CHUNK ? (int)(p->k - first) : CHUNK;
        fetch(p->kernels, &a, &p->a, row, rows, first, length, rows == 1);
        fetch(p->kernels, &b, &p->b, column, columns, first, length, rows < 4);
        if (columns < TILE)
            b.rows[columns] = b.rows[0]; /* an odd last column's partner, whose sum nobody reads */
        for (int c = 0; c < columns; c += 2)
            for (int r = 0; r < rows; r++)
                p->kernels->products(lanes[r][c], lanes[r][c + 1], a.rows[r], b.rows[c], b.rows[c + 1], length);
    }

    for (int r = 0; r < rows; r++) {
        const int64_t at = (row + r) * p->n + column;
        float sums[TILE];
        for (int c = 0; c < columns; c++)
            sums[c] = bb_lanes_sum(lanes[r][c]);
        bb_narrow((char *)p->out->data + at * (bb_dtypes[p->out->dtype].bits / 8), p->out->dtype, sums, columns);
    }
}

static void task(void *context, int64_t index, int worker)
{
    const product *p = context;
    const int64_t column = index % p->column_tiles * TILE, begin = index / p->column_tiles * ROWS;
    const int64_t end = p->m - begin < ROWS ? p->m : begin + ROWS;

    (void)worker;
    for (int64_t row = begin; row < end; row += TILE)
        tile(p, row, end - row < TILE ? (int)(end - row) : TILE, column, p->n - column < TILE ? (int)(p->n - column) : TILE);
}

void bb_cpu_dot(bb_backend *backend, const bb_tensor *out, const bb_tensor *a, const bb_tensor *b, int flags)
{
    const bool a_along = !(flags & BOMBUS_TRANSPOSE_A), b_along = flags & BOMBUS_TRANSPOSE_B;
    product p = {
        .kernels = bb_cpu_kernels(backend),
        .out = out,
        .a = {a, out->dtype, a_along},
        .b = {b, out->dtype, b_along},
        .m = out->shape[0],
        .n = out->shape[1],
        .k = a->shape[a_along ? 1 : 0],
        .column_tiles = (out->shape[1] + TILE - 1) / TILE,
    };

    bb_threads_run(backend->threads, task, &p, p.column_tiles * ((p.m + ROWS - 1) / ROWS));
}
