/* Changes of low rank: near what they say in double, each row the same whatever rows and changes go with it. */
#include "backends.h"

enum { RUNS = 3, PRODUCTS = 2 };

/* What one layer becomes in one run. */
typedef struct changed {
    operand a, b, gain, side;
    bb_delta delta;
} changed;

/* rank 0: no product; features: 1 a gain of rows, 2 one of columns. */
static changed make_change(bombus_dtype dtype, int64_t rank, int64_t in, int64_t out, int features)
{
    changed c = {0};

    if (rank) {
        c.a = MAKE(dtype, 1, rank, in);
        c.b = MAKE(dtype, 1, rank, out);
        c.delta.a = c.a.t;
        c.delta.b = c.b.t;
    }
    if (features & 1) {
        c.gain = F32(out);
        c.delta.gain = c.gain.t;
    }
    if (features & 2) {
        c.side = F32(in);
        c.delta.gain_side = c.side.t;
    }
    return c;
}

/* Row x through a change, on top of what is there already. */
static exact change_of(const changed *c, const float *x, int64_t in, int64_t out, int64_t column, double base)
{
    const double gain = c->delta.gain.data ? (double)c->gain.values[column] : 1;
    exact result = {gain * base, fabs(gain * base)};

    for (int64_t k = 0; c->delta.a.data && k < c->delta.a.shape[0]; k++) {
        for (int64_t i = 0; i < in; i++) {
            const double term = (double)x[i] * (double)c->a.values[k * in + i] * (double)c->b.values[k * out + column];
            result.value += term;
            result.magnitude += fabs(term);
        }
    }
    return result;
}

/* Three runs of rows with rows between them that none has: each with changes of its own for two layers, or none. */
static void expect_changes(bombus_dtype dtype, const int *counts, const int64_t *ranks, int64_t in, const int64_t *outs)
{
    static changed changes[RUNS][PRODUCTS];
    static exact before[ELEMENTS_MAX];
    bb_delta tables[RUNS][PRODUCTS];
    bb_delta_run runs[RUNS];
    int rows = 1, most = 0;

    for (int r = 0; r < RUNS; r++) {
        runs[r] = (bb_delta_run){rows, counts[r], tables[r]};
        rows += counts[r] + r % 2; /* a row for no run behind the second */
        for (int p = 0; p < PRODUCTS; p++) {
            changes[r][p] = make_change(dtype, ranks[(r + p) % RUNS], in, outs[p], (r + p) % 2);
            tables[r][PRODUCTS - 1 - p] = changes[r][p].delta;
            most = ranks[r] > most ? (int)ranks[r] : most;
        }
    }
    const operand x = F32(rows, in), scratch = F32(bb_delta_scratch(rows, most));
    const operand out[PRODUCTS] = {F32(rows, outs[0]), F32(rows, outs[1])};
    const bb_product products[PRODUCTS] = {{&out[0].t, NULL, 1}, {&out[1].t, NULL, 0}};
    const bb_delta_runs all = {.runs = runs, .count = RUNS, .rank = most, .scratch = &scratch.t};

    backend->ops->linear_deltas(backend, products, PRODUCTS, &x.t, &all);
    for (int p = 0; p < PRODUCTS; p++) {
        for (int64_t i = 0; i < out[p].count; i++)
            before[i] = (exact){(double)out[p].values[i], 0};
        for (int r = 0; r < RUNS; r++)
            for (int64_t n = runs[r].first; n < runs[r].first + runs[r].count; n++)
                for (int64_t j = 0; j < outs[p]; j++)
                    before[n * outs[p] + j] = change_of(&changes[r][p], x.values + n * in, in, outs[p], j, before[n * outs[p] + j].value);
        memcpy(expected, before, (size_t)out[p].count * sizeof *before);
        expect("linear_deltas", "runs", dtype, &out[p]);
    }
}

static void each_run_of_rows_has_its_own_changes(void)
{
    const int counts[][RUNS] = {{1, 1, 1}, {3, 1, 5}, {70, 2, 40}};
    const int64_t ranks[][RUNS] = {{1, 8, 0}, {8, 8, 8}, {20, 3, 33}}, outs[][PRODUCTS] = {{5, 48}, {300, 31}};

    for (size_t f = 0; f < FLOATS; f++)
        for (size_t c = 0; c < COUNT(counts); c++)
            for (size_t o = 0; o < COUNT(outs); o++)
                expect_changes(floats[f], counts[c], ranks[c], o ? 67 : 16, outs[o]);
}

/* Bytes of one row alone, and the same row among others of its run, behind other runs. */
static void a_row_does_not_depend_on_its_neighbours(void)
{
    enum { ROWS = 90, IN = 300, OUT = 333, RANK = 24, RUN_FIRST = 7 };
    const operand x = F32(ROWS, IN), scratch = F32(bb_delta_scratch(ROWS, RANK));
    const changed own = make_change(BOMBUS_BF16, RANK, IN, OUT, 1), other = make_change(BOMBUS_F32, 5, IN, OUT, 0);
    const bb_delta tables[2] = {own.delta, other.delta};
    const bb_delta_run runs[] = {{0, RUN_FIRST, &tables[1]}, {RUN_FIRST, ROWS - RUN_FIRST, &tables[0]}};
    const operand together = MAKE(BOMBUS_F32, 0, ROWS, OUT);
    static float all[ROWS * OUT], one[OUT];

    backend->ops->linear_deltas(backend, &(bb_product){&together.t, NULL, 0}, 1, &x.t,
                                &(bb_delta_runs){.runs = runs, .count = 2, .rank = RANK, .scratch = &scratch.t});
    backend->ops->read(backend, &together.t, 0, all, sizeof all);
    for (int n = RUN_FIRST; n < ROWS; n += 9) {
        const operand alone = MAKE(BOMBUS_F32, 0, 1, OUT), row = F32(1, IN);
        backend->ops->write(backend, &row.t, 0, x.values + n * IN, IN * sizeof(float));
        backend->ops->linear_deltas(
            backend, &(bb_product){&alone.t, NULL, 0}, 1, &row.t,
            &(bb_delta_runs){.runs = &(bb_delta_run){0, 1, tables}, .count = 1, .rank = RANK, .scratch = &scratch.t});
        backend->ops->read(backend, &alone.t, 0, one, sizeof one);
        assert_memory_equal(one, all + n * OUT, sizeof one);
    }
}

static void embedded_rows_change_by_their_token(void)
{
    enum { ROWS = 40, V = 19 };
    const int64_t widths[] = {7, 300};
    int32_t tokens[ROWS];

    for (int n = 0; n < ROWS; n++)
        tokens[n] = random_index(V);
    for (size_t f = 0; f < FLOATS; f++) {
        for (size_t w = 0; w < COUNT(widths); w++) {
            for (int features = 0; features < 4; features++) {
                const int64_t D = widths[w], rank = features == 3 ? 0 : 9;
                const changed c = make_change(floats[f], rank, D, V, features);
                const operand out = F32(ROWS, D);
                const bb_delta table[2] = {[1] = c.delta};
                const bb_delta_run run = {2, ROWS - 5, table};

                backend->ops->embed_deltas(backend, &out.t, &(bb_rows){.count = ROWS, .tokens = tokens}, 1,
                                           &(bb_delta_runs){.runs = &run, .count = 1, .rank = (int)rank});
                for (int64_t i = 0; i < out.count; i++) {
                    const int64_t n = i / D, column = i % D;
                    expected[i] = (exact){(double)out.values[i], 0};
                    if (n < run.first || n >= run.first + run.count)
                        continue;
                    const double row_gain = features & 1 ? (double)c.gain.values[tokens[n]] : 1;
                    const double gain = row_gain + (features & 2 ? (double)c.side.values[column] - 1 : 0);
                    expected[i].value *= gain;
                    expected[i].magnitude = (fabs(row_gain) + 2) * fabs((double)out.values[i]);
                    for (int64_t k = 0; k < rank; k++) {
                        const double term = (double)c.b.values[k * V + tokens[n]] * (double)c.a.values[k * D + column];
                        expected[i].value += term;
                        expected[i].magnitude += fabs(term);
                    }
                }
                expect("embed_deltas", "rows", floats[f], &out);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {ON_EVERY_BACKEND(each_run_of_rows_has_its_own_changes)},
        {ON_EVERY_BACKEND(a_row_does_not_depend_on_its_neighbours)},
        {ON_EVERY_BACKEND(embedded_rows_change_by_their_token)},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
