/* Every operation that the decoder calls but attention, on every backend: near a plain reference in double, within the memory it was given,
 * and the same bytes by any number of threads. */
#include "backends.h"

/* Rows and columns: one row and so many that every thread gets some, columns that no vector width divides. */
static const int64_t sizes[][2] = {{1, 1}, {1, 33}, {3, 7}, {67, 48}, {5, 300}, {601, 33}};

/* ---- memory ---- */

static void memory_is_zeroed_and_keeps_what_is_written(void)
{
    bb_tensor t = bb_tensor_view(BOMBUS_F16, 2, (int64_t[]){3, 7}, NULL), none = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){0, 5}, NULL);
    bb_tensor vast = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){INT64_MAX / 2, 2}, NULL);
    unsigned char found[42], zeros[42] = {0}, written[42] = {0};

    assert_ok(backend->ops->alloc(backend, &t, &err), err);
    backend->ops->read(backend, &t, 0, found, sizeof found);
    assert_memory_equal(found, zeros, sizeof zeros);
    memcpy(written + 5, "odd place", 9);
    backend->ops->write(backend, &t, 5, "odd place", 9);
    backend->ops->read(backend, &t, 0, found, sizeof found);
    assert_memory_equal(found, written, sizeof written);
    backend->ops->read(backend, &t, 9, found, 5);
    assert_memory_equal(found, "place", 5);
    backend->ops->release(backend, &t);

    assert_ok(backend->ops->alloc(backend, &none, &err), err);
    backend->ops->release(backend, &none);
    assert_int_equal(backend->ops->alloc(backend, &vast, &err), BOMBUS_EINVAL);
}

static long pages_mapped(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages;

    if (!file || fscanf(file, "%ld", &pages) != 1 || fclose(file) != 0)
        abort();
    return pages;
}

static void released_memory_comes_back(void)
{
    enum { TIMES = 50 };
    const int64_t count = 1 << 20, pages = count * (int64_t)sizeof(float) / sysconf(_SC_PAGESIZE);
    const long before = pages_mapped();

    for (int i = 0; i < TIMES; i++) {
        bb_tensor t = bb_tensor_view(BOMBUS_F32, 1, &count, NULL);
        assert_ok(backend->ops->alloc(backend, &t, &err), err);
        backend->ops->release(backend, &t);
    }
    assert_true(pages_mapped() - before < TIMES / 2 * pages);
}

/* ---- weights ---- */

/* A floating number of few bits: sign, exponent, fraction. */
static double small_float(int code, int exponent_bits, int fraction_bits)
{
    const int fraction = code & ((1 << fraction_bits) - 1), exponent = code >> fraction_bits & ((1 << exponent_bits) - 1);
    const int lowest = 2 - (1 << (exponent_bits - 1)) - fraction_bits;
    const double magnitude = exponent ? ldexp((1 << fraction_bits) + fraction, exponent - 1 + lowest) : ldexp(fraction, lowest);

    return code >> (exponent_bits + fraction_bits) & 1 ? -magnitude : magnitude;
}

static exact quantized_value(const bb_tensor *t, int64_t row, int64_t column)
{
    const bombus_quantization q = t->quant;
    const int64_t index = row * t->shape[1] + column, group = index / q.group_size;
    const unsigned char *bytes = t->data, *scales = t->scales;
    int code = 0;

    for (int bit = 0; bit < q.bits; bit++)
        code |= (bytes[(index * q.bits + bit) / 8] >> (index * q.bits + bit) % 8 & 1) << bit;
    if (q.mode == BOMBUS_AFFINE) {
        const int64_t size = bb_dtypes[t->dtype].bits / 8;
        float scale, bias;
        bb_widen(&scale, t->dtype, scales + group * size, 1);
        bb_widen(&bias, t->dtype, (const char *)t->biases + group * size, 1);
        return (exact){code * (double)scale + (double)bias, fabs(code * (double)scale) + fabs((double)bias)};
    }
    const double scale = q.mode == BOMBUS_NVFP4 ? small_float(scales[group], 4, 3) : ldexp(1, scales[group] - 127);
    const double value = scale * (q.mode == BOMBUS_MXFP8 ? small_float(code, 4, 3) : small_float(code, 2, 1));
    return (exact){value, fabs(value)};
}

/* The first count rows of x times weight, transposed. */
static void expect_products(const char *kind, bombus_dtype dtype, const bb_tensor *weight, const exact *values, int64_t count)
{
    const int64_t n = weight->shape[0], k = weight->shape[1];
    const operand x = F32(count, k), out = F32(count, n);

    backend->ops->dot(backend, &out.t, &x.t, weight, BOMBUS_TRANSPOSE_B);
    for (int64_t i = 0; i < count * n; i++) {
        expected[i] = (exact){0, 0};
        for (int64_t l = 0; l < k; l++) {
            const double at_x = (double)x.values[i / n * k + l];
            expected[i].value += at_x * values[i % n * k + l].value;
            expected[i].magnitude += fabs(at_x) * values[i % n * k + l].magnitude;
        }
    }
    expect("dot with a weight", kind, dtype, &out);
}

/* weight as a table: count of its rows, the last among them. */
static void expect_rows(const char *kind, bombus_dtype dtype, const bb_tensor *weight, const exact *values, int64_t count)
{
    const int64_t vocabulary = weight->shape[0], width = weight->shape[1];
    const operand out = F32(count, width);
    int32_t tokens[67];

    for (int64_t n = 0; n < count; n++)
        tokens[n] = n ? random_index(vocabulary) : (int32_t)vocabulary - 1;
    backend->ops->embed(backend, &out.t, weight, &(bb_rows){.count = (int)count, .tokens = tokens});
    for (int64_t i = 0; i < out.count; i++)
        expected[i] = values[tokens[i / width] * width + i % width];
    expect("embed", kind, dtype, &out);
}

/* Weights lie in memory of the host until they are prepared. quantization NULL: dense. */
static void expect_weight(bombus_dtype dtype, const bombus_quantization *quantization, int64_t width)
{
    enum { OUT = 35 };
    static exact values[OUT * 3 * 128];
    const int64_t counts[] = {1, 2, 3, 4, 5, 16, 67}; /* rows of activations, or of a table */
    bombus_tensor *wide = RANDOM(BOMBUS_F32, 5, OUT, width), *dense, *packed = NULL;
    char kind[64] = "dense";

    assert_ok(bombus_tensor_cast(&dense, wide, dtype, &err), err);
    bb_tensor weight = dense->t;
    if (quantization) {
        packed = quantized(dense, *quantization);
        weight = packed->t;
        snprintf(kind, sizeof kind, "%s, %d bits by %d", bombus_mode_name(weight.quant.mode), weight.quant.bits, weight.quant.group_size);
    }
    for (int64_t i = 0; i < OUT * width; i++) {
        const double value = (double)((const float *)wide->t.data)[i];
        values[i] = quantization ? quantized_value(&weight, i / width, i % width) : (exact){value, fabs(value)};
    }
    assert_ok(backend->ops->prepare(backend, &weight, &err), err);
    for (size_t c = 0; c < COUNT(counts); c++) {
        expect_rows(kind, quantization ? BOMBUS_F32 : dtype, &weight, values, counts[c]);
        expect_products(kind, quantization ? BOMBUS_F32 : dtype, &weight, values, counts[c]);
    }
    bombus_tensor_free(wide);
    bombus_tensor_free(dense);
    bombus_tensor_free(packed);
}

static void weights_give_their_values_however_they_are_stored(void)
{
    for (size_t d = 0; d < COUNT(floats); d++) {
        for (size_t s = 0; s < COUNT(sizes); s++)
            expect_weight(floats[d], NULL, sizes[s][1]);
        for (size_t q = 0; q < COUNT(quantizations); q++)
            expect_weight(floats[d], &quantizations[q], 3 * quantizations[q].group_size);
    }
}

/* ---- rows ---- */

static void rms_norm_takes_each_head_by_itself(void)
{
    const float eps = 1e-2f; /* so large that it counts */
    for (size_t s = 0; s < COUNT(sizes); s++) {
        for (int64_t heads = 1; heads <= 3; heads += 2) {
            for (int in_place = 0; in_place < 2; in_place++) {
                const int64_t dim = sizes[s][1];
                const operand x = F32(sizes[s][0], heads * dim), weight = F32(dim), other = F32(sizes[s][0], heads * dim);
                const operand *out = in_place ? &x : &other;
                backend->ops->rms_norm(backend, &out->t, &x.t, &weight.t, eps);
                for (int64_t i = 0; i < x.count; i++) {
                    const float *run = x.values + i / dim * dim;
                    double squares = 0;
                    for (int64_t j = 0; j < dim; j++)
                        squares += (double)run[j] * (double)run[j];
                    const double value = (double)x.values[i] / sqrt(squares / (double)dim + (double)eps) * (double)weight.values[i % dim];
                    expected[i] = (exact){value, fabs(value)};
                }
                expect("rms_norm", in_place ? "in place" : "apart", BOMBUS_F32, out);
            }
        }
    }
}

static void rope_angles_are_near_at_any_position(void)
{
    enum { ROWS = 401 };
    const int32_t some[] = {131071, 0, 1, 31, 32, 4095};
    const int rows[] = {1, 6, ROWS}, pairs[] = {1, 5, 64};
    int32_t positions[ROWS];
    for (int n = 0; n < ROWS; n++)
        positions[n] = some[n % 6] + n / 6;
    for (size_t r = 0; r < COUNT(rows); r++) {
        for (size_t p = 0; p < COUNT(pairs); p++) {
            const operand angles = F32(rows[r], 2, pairs[p]);
            const float scale = p ? 1.25f : 1;
            double frequencies[64];
            for (int i = 0; i < pairs[p]; i++)
                frequencies[i] = pow(1e4, -(double)i / pairs[p]);
            backend->ops->rope_angles(backend, &angles.t, frequencies, scale, &(bb_rows){.count = rows[r], .positions = positions});
            for (int64_t i = 0; i < angles.count; i++) {
                const double angle = positions[i / (2 * pairs[p])] * frequencies[i % pairs[p]];
                expected[i] = (exact){(double)scale * (i / pairs[p] % 2 ? sin(angle) : cos(angle)), (double)scale};
            }
            expect("rope_angles", "rows", BOMBUS_F32, &angles);
        }
    }
}

static void rope_turns_the_first_dims_of_each_head(void)
{
    const int64_t shapes[][4] = {{1, 1, 2, 1}, {3, 5, 14, 7}, {67, 2, 20, 5}, {5, 3, 33, 16}}; /* N, heads, dim, pairs */
    for (size_t s = 0; s < COUNT(shapes); s++) {
        const int64_t dim = shapes[s][2], pairs = shapes[s][3], width = shapes[s][1] * dim;
        const operand x = F32(shapes[s][0], width), angles = F32(shapes[s][0], 2, pairs);
        backend->ops->rope(backend, &x.t, &angles.t, (int)dim);
        for (int64_t i = 0; i < x.count; i++) {
            const int64_t at = i % width % dim;
            const double own = (double)x.values[i];
            expected[i] = (exact){own, 0};
            if (at < 2 * pairs) {
                const float *cosines = angles.values + i / width * 2 * pairs + at % pairs;
                const double turned = own * (double)cosines[0];
                const double other = (double)x.values[at < pairs ? i + pairs : i - pairs] * (double)cosines[pairs];
                expected[i] = (exact){at < pairs ? turned - other : turned + other, fabs(turned) + fabs(other)};
            }
        }
        expect("rope", "rows", BOMBUS_F32, &x);
    }
}

/* Gates up to 200 either way: e^200 is no F32. */
static void swiglu_stays_finite_for_large_gates(void)
{
    const float amplitudes[] = {4, 200};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        for (int variant = 0; variant < 4; variant++) {
            const operand gate = MAKE(BOMBUS_F32, amplitudes[variant / 2], sizes[s][0], sizes[s][1]);
            const operand up = F32(sizes[s][0], sizes[s][1]), other = F32(sizes[s][0], sizes[s][1]);
            const operand *out = variant % 2 ? &gate : &other;
            backend->ops->swiglu(backend, &out->t, &gate.t, &up.t);
            for (int64_t i = 0; i < gate.count; i++) {
                const double value = (double)gate.values[i] / (1 + exp(-(double)gate.values[i])) * (double)up.values[i];
                expected[i] = (exact){value, fabs(value)};
            }
            expect("swiglu", variant % 2 ? "in place" : "apart", BOMBUS_F32, out);
        }
    }
}

static void add_takes_a_matrix_or_a_row_for_all(void)
{
    for (size_t s = 0; s < COUNT(sizes); s++) {
        const int64_t rows = sizes[s][0], columns = sizes[s][1];
        for (int row = 0; row < 2; row++) {
            const operand x = F32(rows, columns), y = row ? F32(columns) : F32(rows, columns);
            backend->ops->add(backend, &x.t, &y.t);
            for (int64_t i = 0; i < x.count; i++) {
                const double a = (double)x.values[i], b = (double)y.values[row ? i % columns : i];
                expected[i] = (exact){a + b, fabs(a) + fabs(b)};
            }
            expect("add", row ? "a row" : "a matrix", BOMBUS_F32, &x);
        }
    }
}

static void gather_picks_rows_in_any_order(void)
{
    for (size_t s = 0; s < COUNT(sizes); s++) {
        const int64_t rows = sizes[s][0], columns = sizes[s][1];
        const operand x = F32(rows, columns), out = F32(7, columns);
        int32_t index[7];
        for (int m = 0; m < 7; m++)
            index[m] = m ? random_index(rows) : (int32_t)rows - 1;
        backend->ops->gather(backend, &out.t, &x.t, index);
        for (int64_t i = 0; i < out.count; i++)
            expected[i] = (exact){(double)x.values[index[i / columns] * columns + i % columns], 0};
        expect("gather", "rows", BOMBUS_F32, &out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {ON_EVERY_BACKEND(memory_is_zeroed_and_keeps_what_is_written)},
        {ON_EVERY_BACKEND(released_memory_comes_back)},
        {ON_EVERY_BACKEND(weights_give_their_values_however_they_are_stored)},
        {ON_EVERY_BACKEND(rms_norm_takes_each_head_by_itself)},
        {ON_EVERY_BACKEND(rope_angles_are_near_at_any_position)},
        {ON_EVERY_BACKEND(rope_turns_the_first_dims_of_each_head)},
        {ON_EVERY_BACKEND(swiglu_stays_finite_for_large_gates)},
        {ON_EVERY_BACKEND(add_takes_a_matrix_or_a_row_for_all)},
        {ON_EVERY_BACKEND(gather_picks_rows_in_any_order)},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
