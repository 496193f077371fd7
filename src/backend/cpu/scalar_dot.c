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

/* Four lanes in one register of any baseline; loads at any address. */
typedef float lanes4 __attribute__((vector_size(16)));
typedef float lanes4_anywhere __attribute__((vector_size(16), aligned(1), may_alias));

/* An operand as rows along k: element k of row r. */
typedef struct operand {
    const bb_tensor *matrix;
    bombus_dtype dtype; /* of the result, which quantized values are rounded to */
    bool along;         /* rows of the matrix run along k; else columns do */
} operand;

typedef struct product {
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
static void fetch(panel *p, const operand *o, int64_t row, int count, int64_t first, int length, bool in_place)
{
    const bb_tensor *matrix = o->matrix;

    for (int r = 0; r < count; r++)
        p->rows[r] = (const char *)p->values[r];
    if (o->along) {
        for (int r = 0; r < count; r++) {
            if (in_place && matrix->dtype == BOMBUS_F32 && !bb_is_quantized(matrix))
                p->rows[r] = (const char *)matrix->data + ((row + r) * matrix->shape[1] + first) * (int64_t)sizeof(float);
            else
                bb_cpu_row(p->values[r], o->dtype, matrix, row + r, first, length);
        }
        return;
    }
    for (int i = 0; i < length; i++) {
        float across[TILE];
        bb_cpu_row(across, o->dtype, matrix, first + i, row, count);
        for (int r = 0; r < count; r++)
            p->values[r][i] = across[r];
    }
}

/* length elements of one row against two: two times BB_LANES sums are what fits the registers of SSE2. */
static void add_products(float *restrict lanes0, float *restrict lanes1, const char *a, const char *b0, const char *b1, int length)
{
    enum { PARTS = BB_LANES / 4, STEP = BB_LANES * (int)sizeof(float) };
    lanes4 s0[PARTS], s1[PARTS];
    int i = 0;

    memcpy(s0, lanes0, sizeof s0);
    memcpy(s1, lanes1, sizeof s1);
    for (; i + BB_LANES <= length; i += BB_LANES, a += STEP, b0 += STEP, b1 += STEP) {
        for (int j = 0; j < PARTS; j++) {
            const lanes4 x = ((const lanes4_anywhere *)a)[j];
            s0[j] += x * ((const lanes4_anywhere *)b0)[j];
            s1[j] += x * ((const lanes4_anywhere *)b1)[j];
        }
    }
    memcpy(lanes0, s0, sizeof s0);
    memcpy(lanes1, s1, sizeof s1);
    for (int j = 0; i < length; i++, j++) {
        float x, y0, y1;
        memcpy(&x, a + j * (int)sizeof x, sizeof x);
        memcpy(&y0, b0 + j * (int)sizeof y0, sizeof y0);
        memcpy(&y1, b1 + j * (int)sizeof y1, sizeof y1);
        lanes0[j] += x * y0;
        lanes1[j] += x * y1;
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
        fetch(&a, &p->a, row, rows, first, length, rows == 1);
        fetch(&b, &p->b, column, columns, first, length, rows < 4);
        if (columns < TILE)
            b.rows[columns] = b.rows[0]; /* an odd last column's partner, whose sum nobody reads */
        for (int c = 0; c < columns; c += 2)
            for (int r = 0; r < rows; r++)
                add_products(lanes[r][c], lanes[r][c + 1], a.rows[r], b.rows[c], b.rows[c + 1], length);
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
