/* quantize, dequantize and cast: the same at any address and thread count, and what they refuse. */
#include "backend/backend.h"
#include "base/memory.h"
#include "numbers.h"

#include <math.h>

static void addresses_and_threads_change_no_bit(void **state)
{
    (void)state;
    bb_threads *threads;
    bb_backend *backend;
    assert_ok(bb_threads_create(&threads, 3, &err), err);
    assert_ok(bb_backend_open(&backend, NULL, threads, &err), err);
    for (int i = 0; i < QUANTIZATIONS; i++) {
        for (int d = 0; d < FLOATS; d++) {
            bombus_tensor *x = RANDOM(floats[d], 1, 37, 128), *expected = quantized(x, quantizations[i]), *values = dequantized(expected);
            for (int offset = 1; offset < 8; offset++) {
                unsigned char *blocks[3];
                const bb_tensor moved_x = misaligned(&x->t, offset, &blocks[0]), t = misaligned(&expected->t, 8 - offset, &blocks[1]);
                const bb_tensor back = misaligned(&values->t, offset, &blocks[2]);
                const size_t bytes = bb_tensor_bytes(&back);
                memset((void *)t.data, 0xee, 37 * 128 / 8 * (size_t)t.quant.bits);
                memset((void *)back.data, 0xee, bytes);
                backend->ops->quantize(backend, &t, &moved_x);
                assert_memory_equal(t.data, expected->t.data, 37 * 128 / 8 * (size_t)t.quant.bits);
                assert_memory_equal(t.scales, expected->t.scales, 37 * 128 / (size_t)t.quant.group_size);
                backend->ops->dequantize(backend, &back, &t);
                assert_memory_equal(back.data, values->t.data, bytes);
                for (int b = 0; b < 3; b++)
                    free(blocks[b]);
            }
            bombus_tensor_free(x);
            bombus_tensor_free(expected);
            bombus_tensor_free(values);
        }
    }
    bb_backend_free(backend);
    bb_threads_free(threads);
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    bombus_tensor *x = RANDOM(BOMBUS_F16, 1, 2, 3, 64);
    const bombus_quantization expected[] = {{BOMBUS_AFFINE, 4, 64}, {BOMBUS_MXFP4, 4, 32}, {BOMBUS_MXFP8, 8, 32}, {BOMBUS_NVFP4, 4, 16}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        bombus_tensor *t = quantized(x, (bombus_quantization){.mode = expected[i].mode});
        const bombus_quantization q = bombus_tensor_quantization(t);
        assert_int_equal(q.bits, expected[i].bits);
        assert_int_equal(q.group_size, expected[i].group_size);
        assert_int_equal(bombus_tensor_rank(t), 3);
        assert_int_equal(bombus_tensor_shape(t)[2], 64);
        assert_int_equal(bombus_tensor_dtype(t), q.mode == BOMBUS_AFFINE ? BOMBUS_F16 : BOMBUS_BF16);
        bombus_tensor_free(t);
    }
    bombus_tensor_free(x);
}

static void a_group_with_an_infinity_becomes_nan(void **state)
{
    (void)state;
    float values[256] = {1, 2, 3};
    values[128 + 5] = INFINITY;
    bombus_tensor *x;
    assert_ok(bombus_tensor_create(&x, BOMBUS_F32, 1, (int64_t[]){256}, values, &err), err);
    bombus_tensor_free(x);
    assert_ok(bombus_tensor_create(&x, BOMBUS_F32, 2, (int64_t[]){2, 128}, values, &err), err);
    for (int i = 0; i < QUANTIZATIONS; i++) {
        bombus_tensor *t = quantized(x, quantizations[i]), *back = dequantized(t);
        float found[256];
        bb_widen(found, bombus_tensor_dtype(back), bombus_tensor_data(back), 256);
        assert_true(isfinite(found[0]) && isfinite(found[127]));
        assert_true(isnan(found[128]) && isnan(found[128 + 15]));
        bombus_tensor_free(t);
        bombus_tensor_free(back);
    }
    bombus_tensor_free(x);
}

static void expect_refusal(bombus_tensor *x, bombus_quantization q, bombus_status status, const char *message)
{
    bombus_tensor *out = NULL;
    assert_int_equal(bombus_quantize(&out, x, &q, &err), status);
    assert_string_equal(err.message, message);
    assert_null(out);
    bombus_tensor_free(x);
}

static void what_cannot_be_quantized_is_refused(void **state)
{
    (void)state;
    const bombus_quantization affine = {BOMBUS_AFFINE, 4, 64};
    bombus_tensor *ints, *x = RANDOM(BOMBUS_F32, 1, 2, 64), *t = quantized(x, affine), *out = NULL;
    assert_ok(bombus_tensor_create(&ints, BOMBUS_I32, 2, (int64_t[]){2, 64}, NULL, &err), err);
    expect_refusal(RANDOM(BOMBUS_F32, 1, 2, 96), affine, BOMBUS_EINVAL,
                   "quantize: shape [2, 96], expected a last dimension that is a multiple of the group size 64");
    expect_refusal(RANDOM(BOMBUS_F32, 1, 64), affine, BOMBUS_EINVAL, "quantize: shape [64], expected at least 2 dimensions");
    expect_refusal(ints, affine, BOMBUS_EINVAL, "quantize: I32, expected F32, F16 or BF16");
    expect_refusal(t, affine, BOMBUS_EINVAL, "quantize: the tensor is quantized (affine), expected a dense one");
    expect_refusal(RANDOM(BOMBUS_F32, 1, 2, 64), (bombus_quantization){BOMBUS_AFFINE, 1, 64}, BOMBUS_EUNSUPPORTED,
                   "quantize: affine with 1 bits, expected 2, 3, 4, 5, 6 or 8");
    assert_int_equal(bombus_dequantize(&out, x, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "dequantize: the tensor is dense (F32), expected a quantized one");
    bombus_tensor_free(x);
}

static void a_cast_rounds_once(void **state)
{
    (void)state;
    /* Just above the middle of two codes of F16 and BF16, by less than an F32 can tell. */
    const double values[] = {1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-8 + 0x1p-40, -(1 + 0x1p-11 - 0x1p-40), 1e300, -0.0, 0x1p-24 * (0.5 + 0x1p-30)};
    const uint16_t f16[] = {0x3c01, 0x3c04, 0xbc00, 0x7c00, 0x8000, 0x0001}, bf16[] = {0x3f80, 0x3f81, 0xbf80, 0x7f80, 0x8000, 0x3300};
    bombus_tensor *x, *half, *brain;
    assert_ok(bombus_tensor_create(&x, BOMBUS_F64, 1, (int64_t[]){6}, values, &err), err);
    assert_ok(bombus_tensor_cast(&half, x, BOMBUS_F16, &err), err);
    assert_ok(bombus_tensor_cast(&brain, x, BOMBUS_BF16, &err), err);
    assert_memory_equal(bombus_tensor_data(half), f16, sizeof f16);
    assert_memory_equal(bombus_tensor_data(brain), bf16, sizeof bf16);

    bombus_tensor *long_tensor = RANDOM(BOMBUS_BF16, 1, 700), *wide, *back;
    assert_ok(bombus_tensor_cast(&wide, long_tensor, BOMBUS_F32, &err), err);
    assert_ok(bombus_tensor_cast(&back, wide, BOMBUS_BF16, &err), err);
    assert_same_values(long_tensor, back);

    bombus_tensor *none;
    assert_int_equal(bombus_tensor_cast(&none, x, BOMBUS_F64, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "cast: to F64, expected F32, F16 or BF16");
    bombus_tensor *const all[] = {x, half, brain, long_tensor, wide, back};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bombus_tensor_free(all[i]);
}

#ifdef BOMBUS_DEBUG
static void without_memory_nothing_leaks(void **state)
{
    (void)state;
    bombus_tensor *x = RANDOM(BOMBUS_F32, 1, 2, 64), *t = quantized(x, quantizations[0]), *out = NULL;
    for (size_t n = 1; n <= 2; n++) {
        bb_alloc_fail_at(n);
        assert_int_equal(bombus_quantize(&out, x, &quantizations[0], &err), BOMBUS_ENOMEM);
        bb_alloc_fail_at(n);
        assert_int_equal(bombus_dequantize(&out, t, &err), BOMBUS_ENOMEM);
        bb_alloc_fail_at(n);
        assert_int_equal(bombus_dot(&out, x, t, BOMBUS_TRANSPOSE_B, &err), BOMBUS_ENOMEM);
    }
    bb_alloc_fail_at(0);
    bombus_tensor_free(x);
    bombus_tensor_free(t);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_threads_change_no_bit),
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(a_group_with_an_infinity_becomes_nan),
        cmocka_unit_test(what_cannot_be_quantized_is_refused),
        cmocka_unit_test(a_cast_rounds_once),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_nothing_leaks),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
