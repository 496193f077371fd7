/* Which kernels are chosen: by name, or the best that the machine has and BOMBUS_CPU allows. And what no operation asks of a kernel, though
 * it may. */
#include "backend/cpu/kernels.h"
#include "kernel_sets.h"
#include "numbers.h"

#include <math.h>
#include <stdlib.h>

static void the_environment_caps_the_choice(void **state)
{
    (void)state;
    const bb_kernels *best, *found;

    unsetenv("BOMBUS_CPU");
    assert_ok(bb_kernels_choose(&best, NULL, &err), err);
    assert_true(best->usable());
    setenv("BOMBUS_CPU", "", 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, best);
    setenv("BOMBUS_CPU", best->name, 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, best);
    setenv("BOMBUS_CPU", "scalar", 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, &bb_scalar_kernels);

    /* Who names a set gets it. */
    assert_ok(bb_kernels_choose(&found, best->name, &err), err);
    assert_ptr_equal(found, best);
}

static void a_set_that_is_not_there_is_refused_by_name(void **state)
{
    (void)state;
    const bb_kernels *found;

    setenv("BOMBUS_CPU", "avx9", 1);
    assert_int_equal(bb_kernels_choose(&found, NULL, &err), BOMBUS_ENOTFOUND);
    assert_non_null(strstr(err.message, "BOMBUS_CPU: \"avx9\" is not in this build, expected one of scalar"));
    assert_ok(bb_kernels_choose(&found, "scalar", &err), err);
    assert_int_equal(bb_kernels_choose(&found, "mmx", &err), BOMBUS_ENOTFOUND);
    assert_non_null(strstr(err.message, "kernels \"mmx\" are not in this build, expected one of scalar"));
}

/* A read may begin within a group and end within another; behind the last row there is nothing. */
static void each_set_reads_any_part_of_a_row_as_the_reference_does(void **state)
{
    (void)state;
    enum { IN = 4224, GUARD = 8 };
    static const int parts[][2] = {{0, 384},   {0, 8},   {8, 40}, {32, 32},   {32, 160},   {96, 104},  {128, 256},
                                   {160, 224}, {376, 8}, {0, IN}, {96, 2136}, {4056, 168}, {IN - 8, 8}};
    static float expected[IN + GUARD], found[IN + GUARD];

    unsetenv("BOMBUS_CPU");
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        const bb_kernels *kernels = set_called(backends[b]);
        if (!kernels)
            continue;
        for (int q = -FLOATS; q < QUANTIZATIONS; q++) {
            bombus_tensor *dense = RANDOM(q < 0 ? floats[-q - 1] : floats[q % FLOATS], 5, 3, IN);
            bombus_tensor *matrix = q < 0 ? dense : quantized(dense, quantizations[q]);
            walls all = {.count = 0};
            const bb_tensor last = before_walls(&all, &matrix->t);
            for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
                for (int d = 0; d < FLOATS; d++) {
                    const int count = parts[p][1];
                    memset(expected, 0, sizeof expected);
                    memset(found, 0, sizeof found);
                    bb_scalar_kernels.row(expected, floats[d], &last, 2, parts[p][0], count);
                    kernels->row(found, floats[d], &last, 2, parts[p][0], count);
                    for (int i = 0; i < count + GUARD; i++)
                        if (found[i] != expected[i])
                            fail_msg("%s, quantization %d in %s: element %d of %d from %d is %.9g, expected %.9g", kernels->name, q,
                                     bombus_dtype_name(floats[d]), i, count, parts[p][0], (double)found[i], (double)expected[i]);
                }
            }
            free_walls(&all);
            if (matrix != dense)
                bombus_tensor_free(matrix);
            bombus_tensor_free(dense);
        }
    }
}

/* The same number, or no number either. */
static bool is_same(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Every E8M0 scale. A kernel's own factors may take the largest out of the range of F32, which no trained weight comes near: from a known
 * one on a value may then be infinite or none, but never another number. AVX2 watches those of MXFP8. */
static void each_set_reads_every_power_of_two_that_is_a_scale(void **state)
{
    (void)state;
    enum { IN = 96 };
    static const struct {
        bombus_quantization kind;
        int first; /* 2^(first - 127) may be too large */
    } cases[] = {{{BOMBUS_MXFP4, 4, 32}, 233}, {{BOMBUS_MXFP8, 8, 32}, 247}};

    unsetenv("BOMBUS_CPU");
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        const bb_kernels *kernels = set_called(backends[b]);
        if (!kernels)
            continue;
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            bombus_tensor *dense = RANDOM(BOMBUS_F32, 9, 1, IN), *matrix = quantized(dense, cases[c].kind);
            const bool watched = cases[c].kind.mode == BOMBUS_MXFP8 && !strcmp(kernels->name, "avx2");
            for (int code = 0; code <= 255; code++) {
                float expected[IN], found[IN];
                memset((void *)matrix->t.scales, code, IN / 32);
                bb_scalar_kernels.row(expected, BOMBUS_F32, &matrix->t, 0, 0, IN);
                kernels->row(found, BOMBUS_F32, &matrix->t, 0, 0, IN);
                for (int i = 0; i < IN; i++) {
                    if (!is_same(found[i], expected[i]) && (watched || code < cases[c].first || isfinite(found[i])))
                        fail_msg("%s, %s: with a scale of 2^%d element %d is %.9g, expected %.9g", kernels->name,
                                 bombus_mode_name(cases[c].kind.mode), code - 127, i, (double)found[i], (double)expected[i]);
                }
            }
            bombus_tensor_free(matrix);
            bombus_tensor_free(dense);
        }
    }
}

/* Element k goes to lane k mod BB_LANES, rounded once where the set multiplies and adds in one instruction. */
static void add_in_order(float *lanes, const float *a, const float *b, int count, bool fused)
{
    for (int i = 0; i < count; i++)
        lanes[i % BB_LANES] = fused ? fmaf(a[i], b[i], lanes[i % BB_LANES]) : lanes[i % BB_LANES] + a[i] * b[i];
}

static void expect_lanes(const char *what, const bb_kernels *kernels, int kind, const float *found, const float *plain, const float *fused,
                         int count)
{
    if (memcmp(found, fused, (size_t)count * sizeof *found) && memcmp(found, plain, (size_t)count * sizeof *found))
        fail_msg("%s of %s, quantization %d: the lanes are in another order", what, kernels->name, kind);
}

enum { LONGEST = 4224, MOST = BB_PANEL_ROWS };

static float plain[MOST][MOST][BB_LANES], fused[MOST][MOST][BB_LANES], lanes[MOST][MOST][BB_LANES];

static void clear_sums(void)
{
    memset(plain, 0, sizeof plain);
    memset(fused, 0, sizeof fused);
    memset(lanes, 0, sizeof lanes);
}

static void expect_products(const bb_kernels *kernels, const float *x, const char *const *rows, int count)
{
    clear_sums();
    for (int r = 0; r < kernels->tile_rows; r++)
        for (int c = 0; c < kernels->tile_columns; c++) {
            add_in_order(plain[r][c], x + r * LONGEST, x + (MOST + c) * LONGEST, count, false);
            add_in_order(fused[r][c], x + r * LONGEST, x + (MOST + c) * LONGEST, count, true);
        }
    kernels->products(lanes[0][0], MOST * BB_LANES, rows, rows + MOST, count);
    expect_lanes("products", kernels, 0, lanes[0][0], plain[0][0], fused[0][0], MOST * MOST * BB_LANES);
}

/* q < 0: not quantized. */
static void expect_streams(const bb_kernels *kernels, int q, const float *x, const char *const *rows, int in)
{
    static float row[2][LONGEST];
    const int size = q < 0 ? 1 : quantizations[q].group_size, whole = (in + size - 1) / size * size;
    bombus_tensor *dense = RANDOM(q < 0 ? floats[-q - 1] : floats[q % FLOATS], 7, 2, whole);
    bombus_tensor *matrix = q < 0 ? dense : quantized(dense, quantizations[q]);

    clear_sums();
    for (int r = 0; r < 2; r++) {
        bb_scalar_kernels.row(row[r], BOMBUS_F32, &matrix->t, r, 0, whole);
        for (int i = 0; i < BB_STREAM_ROWS; i++) {
            add_in_order(plain[r][i], row[r], x + i * LONGEST, whole, false);
            add_in_order(fused[r][i], row[r], x + i * LONGEST, whole, true);
        }
    }
    kernels->stream_row(lanes[0][0], &matrix->t, 1, rows);
    expect_lanes("stream_row", kernels, q, lanes[0][0], plain[1][0], fused[1][0], BB_STREAM_ROWS * BB_LANES);
    kernels->stream_pair(lanes[0][0], &matrix->t, 0, 1, rows[0]);
    expect_lanes("stream_pair", kernels, q, lanes[0][0], plain[0][0], fused[0][0], BB_LANES);
    expect_lanes("stream_pair", kernels, q, lanes[0][1], plain[1][0], fused[1][0], BB_LANES);
    if (matrix != dense)
        bombus_tensor_free(matrix);
    bombus_tensor_free(dense);
}

/* Products of rows in memory with each other, and of those of a matrix where it lies; rows of one piece of scales, and of two and three
 * with a rest behind them. */
static void each_set_adds_in_the_same_order(void **state)
{
    (void)state;
    static const int lengths[] = {384, 2048 + 32 + 16, 4096 + 96};
    bombus_tensor *values = RANDOM(BOMBUS_F32, 6, 2 * MOST, LONGEST);
    const float *x = bombus_tensor_data(values);
    const char *rows[2 * MOST];

    for (int i = 0; i < 2 * MOST; i++)
        rows[i] = (const char *)(x + (ptrdiff_t)i * LONGEST);
    unsetenv("BOMBUS_CPU");
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        const bb_kernels *kernels = set_called(backends[b]);
        if (!kernels)
            continue;
        expect_products(kernels, x, rows, 384 - 3);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths && kernels->stream_pair; i++)
            for (int q = -FLOATS; q < QUANTIZATIONS; q++)
                expect_streams(kernels, q, x, rows, lengths[i]);
    }
    bombus_tensor_free(values);
}

static void expect_floats(const char *what, const bb_kernels *kernels, const float *found, const float *expected, int count)
{
    for (int i = 0; i < count; i++)
        if (!is_same(found[i], expected[i]))
            fail_msg("%s of %s: element %d is %.9g, expected %.9g", what, kernels->name, i, (double)found[i], (double)expected[i]);
}

enum { ACROSS = 1024 + 96, FEW = 3 };

/* The fast mode's products of FEW rows of x, or of the first alone. */
static void multiply_fast(float *out, const bb_kernels *kernels, const bb_tensor *matrix, const float *x, int rows)
{
    char name[32];
    bb_backend *backend;

    snprintf(name, sizeof name, "cpu/%s", kernels->name);
    assert_ok(bb_backend_open(&backend, name, NULL, &err), err);
    const bb_tensor input = {.dtype = BOMBUS_F32, .rank = 2, .shape = {rows, ACROSS}, .data = x};
    const bb_tensor output = {.dtype = BOMBUS_F32, .rank = 2, .shape = {rows, 2}, .data = out};
    const int64_t bytes = backend->ops->linear_scratch(backend, rows, ACROSS);
    const bb_tensor scratch = {.dtype = BOMBUS_U8, .rank = 1, .shape = {bytes}, .data = bb_alloc((size_t)bytes)};
    backend->ops->linear(backend, &(bb_product){.out = &output, .weight = matrix}, 1, &input, &scratch);
    bb_free((void *)scratch.data);
    bb_backend_free(backend);
}

/* All ways past two rows of a matrix, of which row bad has what is no number, or a scale that few sets have room for. */
static void expect_as_the_reference(const bb_kernels *kernels, const bb_tensor *matrix, int bad, const float *x)
{
    const char *rows[BB_STREAM_ROWS] = {(const char *)x, (const char *)x, (const char *)x, (const char *)x};
    static float row[2][ACROSS], found[ACROSS];

    clear_sums();
    for (int r = 0; r < 2; r++) {
        bb_scalar_kernels.row(row[r], BOMBUS_F32, matrix, r, 0, ACROSS);
        kernels->row(found, BOMBUS_F32, matrix, r, 0, ACROSS);
        expect_floats("row", kernels, found, row[r], ACROSS);
        for (int i = 0; i < BB_STREAM_ROWS; i++)
            add_in_order(fused[r][i], row[r], x, ACROSS, true);
    }
    if (kernels->stream_pair) {
        kernels->stream_pair(lanes[0][0], matrix, 0, 1, rows[0]);
        expect_floats("stream_pair", kernels, lanes[0][0], fused[0][0], BB_LANES);
        expect_floats("stream_pair", kernels, lanes[0][1], fused[1][0], BB_LANES);
        kernels->stream_row(lanes[0][0], matrix, bad, rows);
        expect_floats("stream_row", kernels, lanes[0][0], fused[bad][0], BB_STREAM_ROWS * BB_LANES);
    }
    if (!bb_is_fast(matrix))
        return;
    for (int count = 1; count <= FEW; count += FEW - 1) {
        float expected[FEW][2], fast[FEW][2];
        multiply_fast(expected[0], &bb_scalar_kernels, matrix, x, count);
        multiply_fast(fast[0], kernels, matrix, x, count);
        assert_true(isnan(expected[0][bad]) && !isnan(expected[0][!bad]));
        expect_floats(count == 1 ? "the fast vector kernel" : "the fast tile kernel", kernels, fast[0], expected[0], 2 * count);
    }
}

static void each_set_makes_no_number_of_what_is_none(void **state)
{
    (void)state;
    bombus_tensor *x = RANDOM(BOMBUS_F32, 8, FEW, ACROSS), *dense = RANDOM(BOMBUS_F32, 9, 2, ACROSS);
    static const struct {
        bombus_quantization kind;
        bool is_scale;
        uint8_t byte;
    } cases[] = {{{BOMBUS_MXFP8, 8, 32}, false, 0x7f},
                 {{BOMBUS_MXFP8, 8, 32}, false, 0xff},
                 {{BOMBUS_MXFP8, 8, 32}, true, 127 + 40}, /* 2^40 */
                 {{BOMBUS_NVFP4, 4, 16}, true, 0x7f},
                 {{BOMBUS_NVFP4, 4, 16}, true, 0xff}};

    unsetenv("BOMBUS_CPU");
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        const bb_kernels *kernels = set_called(backends[b]);
        for (size_t c = 0; kernels && c < sizeof cases / sizeof *cases; c++) {
            const int count = cases[c].is_scale ? ACROSS / cases[c].kind.group_size : ACROSS, step = 1 + count / 9;
            for (int at = 0; at < 2 * count; at += step) {
                bombus_tensor *matrix = quantized(dense, cases[c].kind);
                ((uint8_t *)(cases[c].is_scale ? matrix->t.scales : matrix->t.data))[at] = cases[c].byte;
                expect_as_the_reference(kernels, &matrix->t, at / count, bombus_tensor_data(x));
                bombus_tensor_free(matrix);
            }
        }
    }
    bombus_tensor_free(dense);
    bombus_tensor_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_caps_the_choice),
        cmocka_unit_test(a_set_that_is_not_there_is_refused_by_name),
        cmocka_unit_test(each_set_reads_any_part_of_a_row_as_the_reference_does),
        cmocka_unit_test(each_set_reads_every_power_of_two_that_is_a_scale),
        cmocka_unit_test(each_set_adds_in_the_same_order),
        cmocka_unit_test(each_set_makes_no_number_of_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
