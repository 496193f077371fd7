/* dot: against sums in double, against what it gives for dequantized values, and against itself in other company. */
#include "backend/backend.h"
#include "kernel_sets.h"
#include "numbers.h"

#include <math.h>

/* How far a product may be from the exact one, as a part of the sum of the terms' magnitudes: rounding of the result, and of F32 sums. */
static const struct {
    bombus_dtype dtype;
    double tolerance;
} tolerances[] = {{BOMBUS_F32, 2e-6}, {BOMBUS_F16, 1e-3}, {BOMBUS_BF16, 8e-3}};

static double tolerance_of(bombus_dtype dtype)
{
    for (size_t i = 0; i < sizeof tolerances / sizeof *tolerances; i++)
        if (tolerances[i].dtype == dtype)
            return tolerances[i].tolerance;
    fail_msg("no tolerance for %s", bombus_dtype_name(dtype));
    return 0;
}

static float value_at(const bombus_tensor *t, int64_t index)
{
    float value;
    const bombus_dtype dtype = bombus_tensor_dtype(t);
    bb_widen(&value, dtype, (const char *)bombus_tensor_data(t) + index * (bombus_dtype_bits(dtype) / 8), 1);
    return value;
}

/* out [m, n] of dense matrices is near their product. */
static void assert_product(const bombus_tensor *out, const bombus_tensor *a, const bombus_tensor *b, int flags)
{
    const int64_t *sa = bombus_tensor_shape(a), *sb = bombus_tensor_shape(b);
    const bool ta = flags & BOMBUS_TRANSPOSE_A, tb = flags & BOMBUS_TRANSPOSE_B;
    const int64_t m = sa[ta], k = sa[!ta], n = sb[!tb];
    const double tolerance = tolerance_of(bombus_tensor_dtype(out));

    assert_int_equal(bombus_tensor_shape(out)[0], m);
    assert_int_equal(bombus_tensor_shape(out)[1], n);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = 0, magnitude = 0;
            for (int64_t l = 0; l < k; l++) {
                const double term = (double)value_at(a, ta ? l * m + i : i * k + l) * (double)value_at(b, tb ? j * k + l : l * n + j);
                sum += term;
                magnitude += fabs(term);
            }
            const double found = (double)value_at(out, i * n + j);
            if (!(fabs(found - sum) <= tolerance * magnitude))
                fail_msg("flags %d, [%d, %d] of [%d, %d, %d]: %g, expected %g", flags, (int)i, (int)j, (int)m, (int)k, (int)n, found, sum);
        }
    }
}

static void dense_products_are_near_exact_ones(void **state)
{
    (void)state;
    const int64_t sizes[][3] = {{1, 1, 1}, {3, 5, 7}, {2, 16, 1}, {17, 33, 31}, {16, 256, 16}, {1, 300, 20}, {5, 513, 3}, {1, 2, 40}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int64_t m = sizes[s][0], k = sizes[s][1], n = sizes[s][2];
        for (int flags = 0; flags < 4; flags++) {
            for (int pair = 0; pair < FLOATS * FLOATS; pair++) {
                const bombus_dtype da = floats[pair / FLOATS], db = floats[pair % FLOATS];
                bombus_tensor *a = flags & BOMBUS_TRANSPOSE_A ? RANDOM(da, 1, k, m) : RANDOM(da, 1, m, k);
                bombus_tensor *b = flags & BOMBUS_TRANSPOSE_B ? RANDOM(db, 2, n, k) : RANDOM(db, 2, k, n);
                bombus_tensor *out = dot(a, b, flags);
                assert_int_equal(bombus_tensor_dtype(out), da == db ? da : BOMBUS_F32);
                assert_product(out, a, b, flags);
                bombus_tensor_free(a);
                bombus_tensor_free(b);
                bombus_tensor_free(out);
            }
        }
    }
}

/* Sums run in one order, so the dequantized values give the same bits, not just near ones. */
static void a_quantized_operand_gives_what_its_values_give(void **state)
{
    (void)state;
    for (int q = 0; q < QUANTIZATIONS; q++) {
        for (int d = 0; d < FLOATS; d++) {
            bombus_tensor *dense = RANDOM(floats[d], 3, 24, 384), *weight = quantized(dense, quantizations[q]),
                          *values = dequantized(weight);
            const bombus_dtype dtype = bombus_tensor_dtype(weight);
            for (int flags = 0; flags < 4; flags++) {
                const bool ta = flags & BOMBUS_TRANSPOSE_A, tb = flags & BOMBUS_TRANSPOSE_B;
                const int64_t k_right = tb ? 384 : 24, k_left = ta ? 24 : 384;
                bombus_tensor *x = ta ? RANDOM(dtype, 4, k_right, 19) : RANDOM(dtype, 4, 19, k_right);
                bombus_tensor *y = tb ? RANDOM(dtype, 5, 7, k_left) : RANDOM(dtype, 5, k_left, 7);
                bombus_tensor *found[] = {dot(x, weight, flags), dot(weight, y, flags)};
                bombus_tensor *expected[] = {dot(x, values, flags), dot(values, y, flags)};
                assert_same_values(found[0], expected[0]);
                assert_same_values(found[1], expected[1]);
                assert_product(found[0], x, values, flags);
                assert_product(found[1], values, y, flags);
                bombus_tensor *const all[] = {x, y, found[0], found[1], expected[0], expected[1]};
                for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                    bombus_tensor_free(all[i]);
            }
            bombus_tensor_free(dense);
            bombus_tensor_free(weight);
            bombus_tensor_free(values);
        }
    }
}

/* A weight with BF16 scales and F32 activations: the scales are widened first, and nothing is rounded to BF16 on the way. */
static void f32_activations_dequantize_in_f32(void **state)
{
    (void)state;
    bombus_tensor *dense = RANDOM(BOMBUS_BF16, 6, 24, 128), *weight = quantized(dense, quantizations[7]), *scales, *biases;
    bombus_tensor *wide_scales, *wide_biases, *words, *wide;
    const bb_tensor *t = &weight->t;
    const int64_t parts[] = {24, 2}, packed[] = {24, 16};
    assert_ok(bombus_tensor_borrow(&scales, BOMBUS_BF16, 2, parts, t->scales, NULL, NULL, &err), err);
    assert_ok(bombus_tensor_borrow(&biases, BOMBUS_BF16, 2, parts, t->biases, NULL, NULL, &err), err);
    assert_ok(bombus_tensor_borrow(&words, BOMBUS_U32, 2, packed, t->data, NULL, NULL, &err), err);
    assert_ok(bombus_tensor_cast(&wide_scales, scales, BOMBUS_F32, &err), err);
    assert_ok(bombus_tensor_cast(&wide_biases, biases, BOMBUS_F32, &err), err);
    assert_ok(bombus_tensor_join(&wide, &t->quant, words, wide_scales, wide_biases, &err), err);

    bombus_tensor *x = RANDOM(BOMBUS_F32, 7, 3, 128), *values = dequantized(wide), *rounded = dequantized(weight);
    bombus_tensor *found = dot(x, weight, BOMBUS_TRANSPOSE_B), *expected = dot(x, values, BOMBUS_TRANSPOSE_B);
    bombus_tensor *other = dot(x, rounded, BOMBUS_TRANSPOSE_B);
    assert_same_values(found, expected);
    assert_memory_not_equal(bombus_tensor_data(found), bombus_tensor_data(other), bombus_tensor_bytes(found));

    bombus_tensor *const all[] = {dense, weight, scales, biases,  wide_scales, wide_biases, words,
                                  wide,  x,      values, rounded, found,       expected,    other};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bombus_tensor_free(all[i]);
}

/* ---- on every kernel set ---- */

enum { SETS = sizeof backends / sizeof *backends };

/* The product of an F32 x [n, in] and weight [out, in], by count threads. */
static void product_by(const char *set, int count, const bb_tensor *x, const bb_tensor *weight, float *out)
{
    bb_threads *threads;
    bb_backend *backend;
    assert_ok(bb_threads_create(&threads, count, &err), err);
    assert_ok(bb_backend_open(&backend, set, threads, &err), err);
    const bb_tensor product = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){x->shape[0], weight->shape[0]}, out);
    backend->ops->dot(backend, &product, x, weight, BOMBUS_TRANSPOSE_B);
    bb_backend_free(backend);
    bb_threads_free(threads);
}

/* Kind of a weight: the negative ones are dense. Widths that no vector divides where the kind allows them. */
static bombus_tensor *weight_of(int kind, bombus_dtype dtype, int64_t out, int64_t groups)
{
    if (kind < 0)
        return RANDOM(floats[-kind - 1], 9, out, 131 * groups);
    bombus_tensor *dense = RANDOM(dtype, 9, out, groups * quantizations[kind].group_size), *weight = quantized(dense, quantizations[kind]);
    bombus_tensor_free(dense);
    return weight;
}

/* Alone, in company of any size, at any place in it. */
static void threads_and_neighbours_change_no_bit(void **state)
{
    (void)state;
    enum { N = 70, OUT = 37 };
    const int64_t counts[] = {1, 2, 3, 4, 5, 16, 41};
    for (int set = 0; set < SETS; set++) {
        for (int q = -FLOATS; q < QUANTIZATIONS && set_called(backends[set]); q++) {
            bombus_tensor *weight = weight_of(q, q % 2 ? BOMBUS_BF16 : BOMBUS_F32, OUT, 5);
            bombus_tensor *x = RANDOM(BOMBUS_F32, 8, N, bombus_tensor_shape(weight)[1]);
            static float expected[N * OUT], found[N * OUT];
            product_by(backends[set], 1, &x->t, &weight->t, expected);
            for (int threads = 2; threads <= 3; threads++) {
                product_by(backends[set], threads, &x->t, &weight->t, found);
                assert_memory_equal(found, expected, sizeof expected);
            }
            for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
                const int64_t first = N - counts[c] - (int64_t)c;
                const bb_tensor rows = bb_tensor_rows(&x->t, first, counts[c]);
                product_by(backends[set], 2, &rows, &weight->t, found);
                assert_memory_equal(found, expected + first * OUT, (size_t)(counts[c] * OUT) * sizeof *expected);
            }
            bombus_tensor_free(x);
            bombus_tensor_free(weight);
        }
    }
}

static void an_operand_may_lie_at_any_address(void **state)
{
    (void)state;
    enum { N = 6, OUT = 18 };
    for (int set = 0; set < SETS; set++) {
        for (int q = -FLOATS; q < QUANTIZATIONS && set_called(backends[set]); q++) {
            for (int d = 0; d < FLOATS; d++) {
                bombus_tensor *weight = weight_of(q, floats[d], OUT, 2);
                bombus_tensor *all = RANDOM(BOMBUS_F32, 8, N, bombus_tensor_shape(weight)[1]);
                float expected[N * OUT], found[N * OUT];
                product_by(backends[set], 1, &all->t, &weight->t, expected);
                for (int offset = 0; offset < 8; offset++) {
                    unsigned char *blocks[2];
                    const bb_tensor x = bb_tensor_rows(&all->t, 0, offset < 3 ? 1 : offset < 6 ? 3 : N);
                    const bb_tensor moved_x = misaligned(&x, 7 - offset, &blocks[0]), moved = misaligned(&weight->t, offset, &blocks[1]);
                    product_by(backends[set], 1, &moved_x, &moved, found);
                    assert_memory_equal(found, expected, (size_t)(x.shape[0] * OUT) * sizeof *expected);
                    free(blocks[0]);
                    free(blocks[1]);
                }
                bombus_tensor_free(all);
                bombus_tensor_free(weight);
            }
        }
    }
}

static void nothing_is_read_behind_an_operand(void **state)
{
    (void)state;
    enum { N = 6, OUT = 5 };
    for (int set = 0; set < SETS; set++) {
        for (int q = -FLOATS; q < QUANTIZATIONS && set_called(backends[set]); q++) {
            bombus_tensor *weight = weight_of(q, BOMBUS_F16, OUT, 1), *all = RANDOM(BOMBUS_F32, 8, N, bombus_tensor_shape(weight)[1]);
            float expected[N * OUT], found[N * OUT];
            product_by(backends[set], 1, &all->t, &weight->t, expected);
            for (int64_t count = 1; count <= N; count += count == 1 ? 2 : 3) {
                walls all_walls = {.count = 0};
                const bb_tensor rows = bb_tensor_rows(&all->t, 0, count), x = before_walls(&all_walls, &rows),
                                w = before_walls(&all_walls, &weight->t);
                product_by(backends[set], 1, &x, &w, found);
                assert_memory_equal(found, expected, (size_t)(count * OUT) * sizeof *expected);
                free_walls(&all_walls);
            }
            bombus_tensor_free(weight);
            bombus_tensor_free(all);
        }
    }
}

/* ---- shapes ---- */

static void assert_shape(const bombus_tensor *t, int rank, const int64_t *shape)
{
    assert_int_equal(bombus_tensor_rank(t), rank);
    for (int i = 0; i < rank; i++)
        assert_int_equal(bombus_tensor_shape(t)[i], shape[i]);
}

#define ASSERT_SHAPE(t, ...) assert_shape(t, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

/* Matrix index of a stack, as a tensor of its own. */
static bombus_tensor *matrix_of(const bombus_tensor *stack, int64_t index)
{
    const int rank = bombus_tensor_rank(stack);
    const int64_t *shape = bombus_tensor_shape(stack) + rank - 2;
    const size_t bytes = (size_t)(shape[0] * shape[1]) * (size_t)(bombus_dtype_bits(bombus_tensor_dtype(stack)) / 8);
    bombus_tensor *matrix;
    assert_ok(bombus_tensor_create(&matrix, bombus_tensor_dtype(stack), 2, shape,
                                   (const char *)bombus_tensor_data(stack) + (size_t)index * bytes, &err),
              err);
    return matrix;
}

static void leading_axes_broadcast(void **state)
{
    (void)state;
    bombus_tensor *a = RANDOM(BOMBUS_F32, 1, 2, 1, 3, 20), *b = RANDOM(BOMBUS_F32, 2, 4, 20, 5), *out = dot(a, b, 0);
    ASSERT_SHAPE(out, 2, 4, 3, 5);
    for (int64_t i = 0; i < 8; i++) {
        bombus_tensor *left = matrix_of(a, i / 4), *right = matrix_of(b, i % 4), *expected = dot(left, right, 0),
                      *found = matrix_of(out, i);
        assert_same_values(found, expected);
        bombus_tensor_free(left);
        bombus_tensor_free(right);
        bombus_tensor_free(expected);
        bombus_tensor_free(found);
    }
    bombus_tensor_free(a);
    bombus_tensor_free(b);
    bombus_tensor_free(out);
}

static void a_stack_of_quantized_matrices_is_taken_one_by_one(void **state)
{
    (void)state;
    bombus_tensor *dense = RANDOM(BOMBUS_F16, 1, 3, 20, 64), *x = RANDOM(BOMBUS_F16, 2, 2, 1, 5, 64);
    for (int q = 0; q < QUANTIZATIONS; q++) {
        if (quantizations[q].group_size > 64)
            continue;
        bombus_tensor *weight = quantized(dense, quantizations[q]), *values = dequantized(weight);
        bombus_tensor *found = dot(x, weight, BOMBUS_TRANSPOSE_B), *expected = dot(x, values, BOMBUS_TRANSPOSE_B);
        ASSERT_SHAPE(found, 2, 3, 5, 20);
        assert_int_equal(bombus_tensor_dtype(found), bombus_tensor_dtype(weight) == BOMBUS_F16 ? BOMBUS_F16 : BOMBUS_F32);
        assert_same_values(found, expected);
        bombus_tensor_free(weight);
        bombus_tensor_free(values);
        bombus_tensor_free(found);
        bombus_tensor_free(expected);
    }
    bombus_tensor_free(dense);
    bombus_tensor_free(x);
}

static void one_matrix_serves_all_rows_of_a_stack(void **state)
{
    (void)state;
    bombus_tensor *a = RANDOM(BOMBUS_BF16, 1, 2, 3, 4, 64), *dense = RANDOM(BOMBUS_BF16, 2, 32, 64),
                  *w = quantized(dense, quantizations[6]);
    bombus_tensor *out = dot(a, w, BOMBUS_TRANSPOSE_B);
    ASSERT_SHAPE(out, 2, 3, 4, 32);
    for (int64_t i = 0; i < 6; i++) {
        bombus_tensor *left = matrix_of(a, i), *expected = dot(left, w, BOMBUS_TRANSPOSE_B), *found = matrix_of(out, i);
        assert_same_values(found, expected);
        bombus_tensor_free(left);
        bombus_tensor_free(expected);
        bombus_tensor_free(found);
    }
    bombus_tensor_free(a);
    bombus_tensor_free(dense);
    bombus_tensor_free(w);
    bombus_tensor_free(out);
}

static void vectors_leave_no_axis(void **state)
{
    (void)state;
    bombus_tensor *v = RANDOM(BOMBUS_F32, 1, 6), *m = RANDOM(BOMBUS_F32, 2, 6, 4), *t = RANDOM(BOMBUS_F32, 3, 2, 4, 6);
    bombus_tensor *row = dot(v, m, 0), *column = dot(m, v, BOMBUS_TRANSPOSE_A), *scalar = dot(v, v, BOMBUS_TRANSPOSE_B),
                  *many = dot(t, v, 0);
    bombus_tensor *many_rows = dot(v, t, BOMBUS_TRANSPOSE_B);
    ASSERT_SHAPE(row, 4);
    ASSERT_SHAPE(column, 4);
    assert_int_equal(bombus_tensor_rank(scalar), 0);
    ASSERT_SHAPE(many, 2, 4);
    assert_same_values(row, column);
    assert_same_values(many, many_rows);
    assert_true(value_at(scalar, 0) > 0);
    bombus_tensor *const all[] = {v, m, t, row, column, scalar, many, many_rows};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bombus_tensor_free(all[i]);
}

static void empty_products_are_empty_or_zero(void **state)
{
    (void)state;
    bombus_tensor *none = RANDOM(BOMBUS_F32, 1, 3, 0), *thin = RANDOM(BOMBUS_F32, 1, 0, 2), *zeros = dot(none, thin, 0);
    ASSERT_SHAPE(zeros, 3, 2);
    for (int i = 0; i < 6; i++)
        assert_true(value_at(zeros, i) == 0);
    bombus_tensor *nothing = dot(thin, thin, BOMBUS_TRANSPOSE_B), *stack = RANDOM(BOMBUS_F32, 1, 0, 2, 3), *no_stack = dot(stack, none, 0);
    ASSERT_SHAPE(nothing, 0, 0);
    ASSERT_SHAPE(no_stack, 0, 2, 0);
    bombus_tensor *const all[] = {none, thin, zeros, nothing, stack, no_stack};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bombus_tensor_free(all[i]);
}

static void expect_refusal(bombus_tensor *a, bombus_tensor *b, int flags, const char *message)
{
    bombus_tensor *out = NULL;
    assert_int_equal(bombus_dot(&out, a, b, flags, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, message);
    assert_null(out);
    bombus_tensor_free(a);
    bombus_tensor_free(b);
}

static bombus_tensor *empty(bombus_dtype dtype, int64_t rows, int64_t columns)
{
    bombus_tensor *t;
    assert_ok(bombus_tensor_create(&t, dtype, 2, (int64_t[]){rows, columns}, NULL, &err), err);
    return t;
}

static void operands_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    expect_refusal(empty(BOMBUS_F32, 2, 3), empty(BOMBUS_F32, 4, 5), 0,
                   "dot: [2, 3] x [4, 5]: 3 columns on the left, expected 4 as rows on the right");
    expect_refusal(empty(BOMBUS_F32, 2, 3), empty(BOMBUS_F32, 4, 5), 3,
                   "dot: [2, 3] transposed x [4, 5] transposed: 2 columns on the left, expected 5 as rows on the right");
    expect_refusal(empty(BOMBUS_I32, 2, 3), empty(BOMBUS_F32, 3, 5), 0, "dot: a is I32, expected F32, F16, BF16 or a quantized tensor");
    expect_refusal(empty(BOMBUS_F32, 2, 3), empty(BOMBUS_F64, 3, 5), 0, "dot: b is F64, expected F32, F16, BF16 or a quantized tensor");
    expect_refusal(empty(BOMBUS_F32, 2, 3), empty(BOMBUS_F32, 3, 5), 8,
                   "dot: flags 0x8, expected BOMBUS_TRANSPOSE_A and BOMBUS_TRANSPOSE_B at most");
    bombus_tensor *scalar, *dense = empty(BOMBUS_F32, 2, 64), *q = quantized(dense, quantizations[0]);
    assert_ok(bombus_tensor_create(&scalar, BOMBUS_F32, 0, NULL, NULL, &err), err);
    expect_refusal(dense, scalar, 0, "dot: b is a scalar, expected at least 1 dimension");
    expect_refusal(bombus_tensor_retain(q), q, 0, "dot: both operands are quantized (affine and affine), expected one at most");
    expect_refusal(RANDOM(BOMBUS_F32, 1, 2, 3, 4), RANDOM(BOMBUS_F32, 1, 3, 4, 5), 0,
                   "dot: [2, 3, 4] x [3, 4, 5]: leading dimensions do not broadcast");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_products_are_near_exact_ones),
        cmocka_unit_test(a_quantized_operand_gives_what_its_values_give),
        cmocka_unit_test(f32_activations_dequantize_in_f32),
        cmocka_unit_test(threads_and_neighbours_change_no_bit),
        cmocka_unit_test(an_operand_may_lie_at_any_address),
        cmocka_unit_test(nothing_is_read_behind_an_operand),
        cmocka_unit_test(leading_axes_broadcast),
        cmocka_unit_test(a_stack_of_quantized_matrices_is_taken_one_by_one),
        cmocka_unit_test(one_matrix_serves_all_rows_of_a_stack),
        cmocka_unit_test(vectors_leave_no_axis),
        cmocka_unit_test(empty_products_are_empty_or_zero),
        cmocka_unit_test(operands_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
