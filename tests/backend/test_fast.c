/* The fast mode: every kernel set gives the bytes that its definition in kernels.h gives, whatever the company a row is in, and its error
 * is what rounding activations to int8 must cost. */
#include "backends.h"

static bb_tensor scratch;

static void open_backend(const char *name, int threads)
{
    bb_threads *pool;

    assert_ok(bb_threads_create(&pool, threads, &err), err);
    assert_ok(bb_backend_open(&backend, name, pool, &err), err);
    bb_threads_free(pool);
}

/* out [m, n] = x [m, k] weight^T in the fast mode, with scratch of the size asked for and no more. */
static void fast_product(float *out, const float *x, const bb_tensor *weight, int64_t m)
{
    const int64_t n = weight->shape[0], k = weight->shape[1], bytes = backend->ops->linear_scratch(backend, m, k);
    const bb_tensor product = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, n}, out),
                    rows = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, k}, x);
    void *memory = malloc((size_t)bytes);

    memset(memory, 0xff, (size_t)bytes);
    scratch = bb_tensor_view(BOMBUS_U8, 1, &bytes, memory);
    backend->ops->linear(backend, &(bb_product){&product, weight, 0}, 1, &rows, &scratch);
    free(memory);
}

/* ---- the definition, written out ---- */

static int code_of(const bb_tensor *t, int64_t row, int64_t column)
{
    static const int e2m1[] = {0, 1, 2, 3, 4, 6, 8, 12};
    const unsigned char *bytes = t->data;
    const int64_t index = row * t->shape[1] + column;
    const int bits = t->quant.bits;
    int code = 0;

    for (int bit = 0; bit < bits; bit++)
        code |= (bytes[(index * bits + bit) / 8] >> (index * bits + bit) % 8 & 1) << bit;
    if (t->quant.mode == BOMBUS_AFFINE)
        return bits == 8 ? code - 128 : code;
    return 12 + (code & 8 ? -e2m1[code & 7] : e2m1[code & 7]);
}

static void scales_of(const bb_tensor *t, int64_t group, float *scale, float *bias)
{
    const unsigned char *scales = t->scales;
    const int64_t size = bb_dtypes[t->dtype].bits / 8;

    if (t->quant.mode == BOMBUS_AFFINE) {
        bb_widen(scale, t->dtype, scales + group * size, 1);
        bb_widen(bias, t->dtype, (const char *)t->biases + group * size, 1);
        *bias += t->quant.bits == 8 ? 128 * *scale : 0;
    } else {
        const float whole = t->quant.mode == BOMBUS_NVFP4 ? bb_e4m3_to_f32(scales[group]) : bb_e8m0_to_f32(scales[group]);
        *scale = whole / 2;
        *bias = -6 * whole;
    }
}

static float defined_sum(const float *x, const bb_tensor *weight, int64_t row)
{
    const int group = weight->quant.group_size;
    const int64_t groups = weight->shape[1] / group;
    float result = 0;

    for (int64_t g = 0; g < groups; g++) {
        float largest = 0, scale, bias;
        int sum = 0, x_sum = 0;
        for (int i = 0; i < group; i++)
            largest = fmaxf(largest, fabsf(x[g * group + i]));
        for (int i = 0; i < group; i++) {
            const int x_code = largest > 0 ? (int)rintf(x[g * group + i] * (127.0f / largest)) : 0;
            sum += code_of(weight, row, g * group + i) * x_code;
            x_sum += x_code;
        }
        const float x_scale = largest / 127.0f;
        scales_of(weight, row * groups + g, &scale, &bias);
        const float product = (float)sum * (scale * x_scale), offset = bias * (x_scale * (float)x_sum);
        result += product + offset;
    }
    return result;
}

enum { M_MAX = 300, N_MAX = 129, K_MAX = 2304 };

static float x_values[M_MAX * K_MAX], expected_sums[M_MAX * N_MAX], found_sums[M_MAX * N_MAX];

static void fill_activations(int64_t count)
{
    uint64_t state = 11;

    for (int64_t i = 0; i < count; i++)
        x_values[i] = random_value(&state) * (i % 97 == 0 ? 50 : 1) * (i / 256 % 7 == 3 ? 0 : 1);
}

/* Weights of a size that fills no vector, no tile and no chunk, at odd addresses. */
static void each_kernel_set_gives_the_bytes_of_the_definition(void **state)
{
    (void)state;
    static const int64_t counts[] = {1, 2, 4, 5, 8, 9, 16, 17};
    static const int groups[] = {1, 3, 8, 9, 17};

    fill_activations(M_MAX * K_MAX);
    for (int q = 0; q < QUANTIZATIONS; q++) {
        if (quantizations[q].mode == BOMBUS_MXFP8)
            continue;
        for (size_t s = 0; s < COUNT(groups); s++) {
            const int64_t k = (int64_t)quantizations[q].group_size * groups[s], n = s == 1 ? N_MAX : 1 + 5 * (int64_t)s;
            bombus_tensor *dense = RANDOM(floats[(q + (int)s) % FLOATS], 12, n, k), *packed = quantized(dense, quantizations[q]);
            unsigned char *block;
            const bb_tensor weight = misaligned(&packed->t, 1 + q % 7, &block);
            for (int64_t i = 0; i < 17; i++)
                for (int64_t r = 0; r < n; r++)
                    expected_sums[i * n + r] = defined_sum(x_values + i * k, &weight, r);
            for (size_t b = 0; b < COUNT(backends); b++) {
                if (!set_called(backends[b]))
                    continue;
                for (int threads = 1; threads <= TEST_THREADS; threads++) {
                    open_backend(backends[b], threads);
                    for (size_t c = 0; c < COUNT(counts); c++) {
                        fast_product(found_sums, x_values, &weight, counts[c]);
                        if (memcmp(found_sums, expected_sums, (size_t)(counts[c] * n) * sizeof(float)))
                            fail_msg("%s, %d threads: %d rows of %d x %d, %s, %d bits by %d", backends[b], threads, (int)counts[c], (int)k,
                                     (int)n, bombus_mode_name(weight.quant.mode), weight.quant.bits, weight.quant.group_size);
                    }
                    bb_backend_free(backend);
                }
            }
            free(block);
            bombus_tensor_free(packed);
            bombus_tensor_free(dense);
        }
    }
}

/* As few groups as a kernel takes at once, fewer and more, of a vector and of tiles. */
static void nothing_is_read_behind_an_operand(void **state)
{
    (void)state;
    static const int groups[] = {1, 7, 8, 9};
    enum { M = 5, N = 9 };

    for (size_t q = 0; q < QUANTIZATIONS * COUNT(groups); q++) {
        const bombus_quantization kind = quantizations[q / COUNT(groups)];
        const int64_t k = (int64_t)kind.group_size * groups[q % COUNT(groups)];
        bombus_tensor *dense = RANDOM(floats[q % FLOATS], 19, N, k), *packed = quantized(dense, kind);
        fill_activations(M * k);
        for (size_t b = 0; b < COUNT(backends); b++) {
            if (!set_called(backends[b]))
                continue;
            open_backend(backends[b], 1);
            for (int64_t m = 1; m <= M; m += M - 1) {
                walls all = {.count = 0};
                const bb_tensor rows = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, k}, x_values), x = before_walls(&all, &rows),
                                weight = before_walls(&all, &packed->t);
                fast_product(expected_sums, x_values, &packed->t, m);
                fast_product(found_sums, x.data, &weight, m);
                assert_memory_equal(found_sums, expected_sums, (size_t)(m * N) * sizeof(float));
                free_walls(&all);
            }
            bb_backend_free(backend);
        }
        bombus_tensor_free(packed);
        bombus_tensor_free(dense);
    }
}

/* More groups than wait for their addition at once, two times and more, and one over. */
static void long_rows_give_the_bytes_of_the_definition(void **state)
{
    (void)state;
    enum { M = 9, N = 9 };
    static const bombus_quantization some[] = {
        {BOMBUS_AFFINE, 3, 32}, {BOMBUS_AFFINE, 4, 32}, {BOMBUS_AFFINE, 8, 32}, {BOMBUS_MXFP4, 4, 32}, {BOMBUS_NVFP4, 4, 16}};
    static const int groups[] = {257, 513};

    for (size_t q = 0; q < COUNT(some) * COUNT(groups); q++) {
        const bombus_quantization kind = some[q / COUNT(groups)];
        const int64_t k = (int64_t)kind.group_size * groups[q % COUNT(groups)];
        bombus_tensor *dense = RANDOM(floats[q % FLOATS], 18, N, k), *packed = quantized(dense, kind);
        fill_activations(M * k);
        for (int64_t i = 0; i < M; i++)
            for (int64_t r = 0; r < N; r++)
                expected_sums[i * N + r] = defined_sum(x_values + i * k, &packed->t, r);
        for (size_t b = 0; b < COUNT(backends); b++) {
            if (!set_called(backends[b]))
                continue;
            open_backend(backends[b], 1);
            for (int64_t m = 1; m <= M; m += M - 1) {
                fast_product(found_sums, x_values, &packed->t, m);
                if (memcmp(found_sums, expected_sums, (size_t)(m * N) * sizeof(float)))
                    fail_msg("%s: %d rows of %d, %s, %d bits", backends[b], (int)m, (int)k, bombus_mode_name(kind.mode), kind.bits);
            }
            bb_backend_free(backend);
        }
        bombus_tensor_free(packed);
        bombus_tensor_free(dense);
    }
}

/* More rows than one task takes, more of k than one chunk holds. */
static void many_rows_give_what_each_gives_alone(void **state)
{
    (void)state;
    static const bombus_quantization some[] = {
        {BOMBUS_AFFINE, 4, 64}, {BOMBUS_AFFINE, 8, 32}, {BOMBUS_MXFP4, 4, 32}, {BOMBUS_NVFP4, 4, 16}};

    fill_activations(M_MAX * K_MAX);
    for (size_t q = 0; q < COUNT(some); q++) {
        bombus_tensor *dense = RANDOM(BOMBUS_BF16, 13, N_MAX, K_MAX), *packed = quantized(dense, some[q]);
        for (size_t b = 0; b < COUNT(backends); b++) {
            if (!set_called(backends[b]))
                continue;
            open_backend(backends[b], 2);
            fast_product(expected_sums, x_values, &packed->t, M_MAX);
            for (int64_t i = 0; i < M_MAX; i += 23) {
                fast_product(found_sums, x_values + i * K_MAX, &packed->t, 1);
                assert_memory_equal(found_sums, expected_sums + i * N_MAX, N_MAX * sizeof(float));
            }
            bb_backend_free(backend);
        }
        bombus_tensor_free(packed);
        bombus_tensor_free(dense);
    }
}

/* Three layers of one input, of which two can share its rounding: each gives what it gives alone. */
static void layers_of_one_input_do_not_see_each_other(void **state)
{
    (void)state;
    enum { K = 384, SIZES = 3 };
    static const bombus_quantization kinds[][SIZES] = {
        {{BOMBUS_AFFINE, 4, 64}, {BOMBUS_AFFINE, 4, 64}, {BOMBUS_AFFINE, 4, 64}},
        {{BOMBUS_AFFINE, 6, 64}, {BOMBUS_AFFINE, 8, 64}, {BOMBUS_AFFINE, 4, 64}},
        {{BOMBUS_AFFINE, 4, 32}, {BOMBUS_MXFP8, 8, 32}, {BOMBUS_MXFP4, 4, 32}},
        {{BOMBUS_AFFINE, 2, 64}, {BOMBUS_AFFINE, 2, 64}, {BOMBUS_AFFINE, 3, 64}},
        {{BOMBUS_AFFINE, 3, 32}, {BOMBUS_AFFINE, 4, 32}, {BOMBUS_AFFINE, 2, 32}},
        {{BOMBUS_AFFINE, 4, 128}, {BOMBUS_AFFINE, 2, 128}, {BOMBUS_AFFINE, 5, 128}},
    };
    static const int64_t rows_of[] = {70, 5, 129}, counts[] = {1, 3, 9};

    fill_activations(9 * K);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bombus_tensor *dense[SIZES], *packed[SIZES];
        for (int j = 0; j < SIZES; j++) {
            dense[j] = RANDOM(BOMBUS_BF16, 20 + (uint64_t)j, rows_of[j], K);
            packed[j] = quantized(dense[j], kinds[i][j]);
        }
        open_backend(NULL, 2);
        for (size_t c = 0; c < COUNT(counts); c++) {
            const int64_t m = counts[c], bytes = backend->ops->linear_scratch(backend, m, K);
            static float together[SIZES][9 * 129];
            bb_tensor outs[SIZES];
            bb_product products[SIZES];
            void *memory = malloc((size_t)bytes);
            const bb_tensor x = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, K}, x_values);
            for (int j = 0; j < SIZES; j++) {
                outs[j] = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, rows_of[j]}, together[j]);
                products[j] = (bb_product){&outs[j], &packed[j]->t, 0};
            }
            scratch = bb_tensor_view(BOMBUS_U8, 1, &bytes, memory);
            backend->ops->linear(backend, products, SIZES, &x, &scratch);
            free(memory);
            for (int j = 0; j < SIZES; j++) {
                fast_product(found_sums, x_values, &packed[j]->t, m);
                assert_memory_equal(found_sums, together[j], (size_t)(m * rows_of[j]) * sizeof(float));
            }
        }
        bb_backend_free(backend);
        for (int j = 0; j < SIZES; j++) {
            bombus_tensor_free(packed[j]);
            bombus_tensor_free(dense[j]);
        }
    }
}

/* ---- what it costs ---- */

/* An activation is off by half a step of its group's scale at most. */
static void the_error_is_within_half_a_step_of_each_activation(void **state)
{
    (void)state;
    enum { M = 3, N = 20, K = 768 };

    fill_activations(M * K);
    open_backend(NULL, 1);
    for (int q = 0; q < QUANTIZATIONS; q++) {
        const int group = quantizations[q].group_size;
        bombus_tensor *dense = RANDOM(BOMBUS_F32, 14, N, K), *packed = quantized(dense, quantizations[q]), *values = dequantized(packed),
                      *wide;
        assert_ok(bombus_tensor_cast(&wide, values, BOMBUS_F32, &err), err);
        const float *w = wide->t.data;
        fast_product(found_sums, x_values, &packed->t, M);
        for (int i = 0; i < M; i++) {
            for (int r = 0; r < N; r++) {
                double sum = 0, magnitude = 0, bound = 0;
                for (int l = 0; l < K; l++) {
                    float largest = 0;
                    for (int j = l / group * group; j < (l / group + 1) * group; j++)
                        largest = fmaxf(largest, fabsf(x_values[i * K + j]));
                    sum += (double)x_values[i * K + l] * (double)w[r * K + l];
                    magnitude += fabs((double)x_values[i * K + l] * (double)w[r * K + l]);
                    bound += (double)largest / 254 * fabs((double)w[r * K + l]);
                }
                const double off = fabs((double)found_sums[i * N + r] - sum);
                if (!(off <= bound + 1e-4 * magnitude))
                    fail_msg("quantization %d, [%d, %d]: off by %g, expected %g at most", q, i, r, off, bound);
                if (quantizations[q].mode == BOMBUS_MXFP8)
                    assert_true(off <= 1e-5 * magnitude); /* computed exactly */
            }
        }
        bombus_tensor_free(wide);
        bombus_tensor_free(values);
        bombus_tensor_free(packed);
        bombus_tensor_free(dense);
    }
    bb_backend_free(backend);
}

enum { OUTLIERS = 6 };

static bool is_outlier(int64_t channel, int64_t k)
{
    return channel % (k / OUTLIERS) == 17;
}

static void exact_product(float *out, const float *x, const bb_tensor *weight, int64_t m)
{
    const bb_tensor product = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, weight->shape[0]}, out),
                    rows = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){m, weight->shape[1]}, x);

    backend->ops->linear(backend, &(bb_product){&product, weight, 0}, 1, &rows, NULL);
}

/* The error's size as a part of that of the product, and of what the ordinary channels add to it: the outliers make up nearly all of a
 * product, and an error that is little beside them may still drown what the others say. */
static void outlier_error(const bb_tensor *weight, double *of_all, double *of_ordinary)
{
    enum { M = 8 };
    static float ordinary[M * N_MAX * 25];
    const int64_t n = weight->shape[0], k = weight->shape[1];
    uint64_t seed_of_x = 15;
    double error = 0, all = 0, rest = 0;

    assert_true(M * n <= (int64_t)COUNT(ordinary) && M * n <= (int64_t)COUNT(found_sums));
    for (int64_t i = 0; i < M * k; i++) {
        float sum = 0;
        for (int j = 0; j < 6; j++)
            sum += random_value(&seed_of_x);
        x_values[i] = sum * (is_outlier(i % k, k) ? 100 : 1);
    }
    fast_product(found_sums, x_values, weight, M);
    exact_product(expected_sums, x_values, weight, M);
    for (int64_t i = 0; i < M * k; i++)
        x_values[i] = is_outlier(i % k, k) ? 0 : x_values[i];
    exact_product(ordinary, x_values, weight, M);
    for (int64_t i = 0; i < M * n; i++) {
        error += pow((double)found_sums[i] - (double)expected_sums[i], 2);
        all += pow((double)expected_sums[i], 2);
        rest += pow((double)ordinary[i], 2);
    }
    *of_all = sqrt(error / all);
    *of_ordinary = sqrt(error / rest);
}

/* Layers of a real shape, with a few channels of activations that are a hundred times the others. */
static void outlier_channels_cost_their_own_groups_precision(void **state)
{
    (void)state;
    static const struct {
        bombus_quantization kind;
        double most_of_all, most_of_ordinary;
    } cases[] = {
        {{BOMBUS_AFFINE, 4, 64}, 0.021, 0.155},
        {{BOMBUS_AFFINE, 4, 128}, 0.029, 0.215},
        {{BOMBUS_AFFINE, 8, 64}, 0.021, 0.155},
        {{BOMBUS_MXFP4, 4, 32}, 0.015, 0.11},
    };
    static const int64_t shapes[][2] = {{3072, 1024}, {1024, 3072}};

    open_backend(NULL, 2);
    for (size_t s = 0; s < COUNT(shapes); s++) {
        const int64_t n = SLOW_BUILD ? shapes[s][0] / 8 : shapes[s][0], k = shapes[s][1];
        bombus_tensor *dense = RANDOM(BOMBUS_BF16, 16, n, k);
        for (size_t i = 0; i < COUNT(cases); i++) {
            const bombus_quantization kind = cases[i].kind;
            bombus_tensor *packed = quantized(dense, kind);
            double of_all, of_ordinary;
            outlier_error(&packed->t, &of_all, &of_ordinary);
            print_message("[%d, %d], %s, %d bits, groups of %d: error %.3f of the product, %.3f of the ordinary channels' part\n", (int)n,
                          (int)k, bombus_mode_name(kind.mode), kind.bits, kind.group_size, of_all, of_ordinary);
            assert_true(of_all > 0);
            assert_true(of_all < cases[i].most_of_all && of_ordinary < cases[i].most_of_ordinary);
            bombus_tensor_free(packed);
        }
        bombus_tensor_free(dense);
    }
    bb_backend_free(backend);
}

static void what_is_no_number_stays_none(void **state)
{
    (void)state;
    enum { N = 9, K = 256 };
    const float wrong[] = {NAN, INFINITY, -INFINITY};

    bombus_tensor *dense = RANDOM(BOMBUS_BF16, 17, N, K), *packed = quantized(dense, (bombus_quantization){BOMBUS_AFFINE, 4, 64});
    for (size_t b = 0; b < COUNT(backends); b++) {
        if (!set_called(backends[b]))
            continue;
        open_backend(backends[b], 1);
        for (int i = 0; i < 3; i++) {
            for (int64_t m = 1; m <= 5; m += 4) {
                fill_activations(5 * K);
                x_values[100] = wrong[i];
                fast_product(found_sums, x_values, &packed->t, m);
                for (int r = 0; r < N; r++)
                    assert_false(isfinite(found_sums[r]));
                for (int r = N; r < m * N; r++)
                    assert_true(isfinite(found_sums[r]));
            }
        }
        bb_backend_free(backend);
    }
    bombus_tensor_free(packed);
    bombus_tensor_free(dense);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kernel_set_gives_the_bytes_of_the_definition),
        cmocka_unit_test(nothing_is_read_behind_an_operand),
        cmocka_unit_test(long_rows_give_the_bytes_of_the_definition),
        cmocka_unit_test(many_rows_give_what_each_gives_alone),
        cmocka_unit_test(layers_of_one_input_do_not_see_each_other),
        cmocka_unit_test(the_error_is_within_half_a_step_of_each_activation),
        cmocka_unit_test(outlier_channels_cost_their_own_groups_precision),
        cmocka_unit_test(what_is_no_number_stays_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
