/* Tensors: ownership, the parts of a quantized one, and the words in which what does not fit is refused. */
#include "base/memory.h"
#include "tensor/tensor.h"
#include "testing.h"

static bombus_error err;

static bombus_tensor *make(bombus_dtype dtype, int rank, const int64_t *shape)
{
    bombus_tensor *tensor = NULL;
    assert_ok(bombus_tensor_create(&tensor, dtype, rank, shape, NULL, &err), err);
    return tensor;
}

#define MAKE(dtype, ...) make(dtype, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

/* Joins, frees the parts, and expects status. */
static bombus_tensor *join(bombus_mode mode, int bits, int group, bombus_tensor *weight, bombus_tensor *scales, bombus_tensor *biases,
                           bombus_status status)
{
    const bombus_quantization q = {mode, bits, group};
    bombus_tensor *joined = NULL;

    err = (bombus_error){0};
    assert_int_equal(bombus_tensor_join(&joined, &q, weight, scales, biases, &err), status);
    assert_int_equal(err.code, status);
    bombus_tensor_free(weight);
    bombus_tensor_free(scales);
    bombus_tensor_free(biases);
    return joined;
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < BOMBUS_DTYPE_COUNT; i++) {
        bombus_dtype dtype = BOMBUS_DTYPE_COUNT;
        assert_true(bombus_dtype_parse(&dtype, bombus_dtype_name((bombus_dtype)i)));
        assert_int_equal(dtype, i);
    }
    for (int i = BOMBUS_DENSE; i <= BOMBUS_NVFP4; i++) {
        bombus_mode mode;
        assert_true(bombus_mode_parse(&mode, bombus_mode_name((bombus_mode)i)));
        assert_int_equal(mode, i);
    }
    bombus_dtype dtype;
    bombus_mode mode;
    assert_false(bombus_dtype_parse(&dtype, "f32"));
    assert_false(bombus_mode_parse(&mode, "awq"));
    assert_null(bombus_dtype_name(BOMBUS_DTYPE_COUNT));
    assert_null(bombus_mode_name((bombus_mode)-1));
    assert_int_equal(bombus_dtype_bits(BOMBUS_BF16), 16);
    assert_int_equal(bombus_dtype_bits(BOMBUS_DTYPE_COUNT), 0);
}

static void a_created_tensor_copies_and_may_be_a_scalar(void **state)
{
    (void)state;
    float values[] = {1, 2, 3, 4, 5, 6};
    bombus_tensor *tensor, *scalar;
    assert_ok(bombus_tensor_create(&tensor, BOMBUS_F32, 2, (int64_t[]){2, 3}, values, &err), err);
    values[0] = 9;
    assert_true(*(const float *)bombus_tensor_data(tensor) == 1);
    assert_int_equal(bombus_tensor_rank(tensor), 2);
    assert_int_equal(bombus_tensor_shape(tensor)[1], 3);
    assert_int_equal(bombus_tensor_count(tensor), 6);
    assert_int_equal(bombus_tensor_bytes(tensor), 24);
    assert_int_equal(bombus_tensor_quantization(tensor).mode, BOMBUS_DENSE);
    assert_null(bombus_tensor_scales(tensor));
    bombus_tensor_free(tensor);

    assert_ok(bombus_tensor_create(&scalar, BOMBUS_F64, 0, NULL, NULL, &err), err);
    assert_int_equal(bombus_tensor_count(scalar), 1);
    assert_true(*(const double *)bombus_tensor_data(scalar) == 0);
    bombus_tensor_free(scalar);
    bombus_tensor_free(NULL);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    bombus_tensor *tensor;
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 2, (int64_t[]){2, -3}, NULL, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "tensor: shape [2, -3], expected dimensions from 0 and fewer than 2^63 elements");
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 2, (int64_t[]){INT64_MAX, 2}, NULL, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 3, (int64_t[]){0, INT64_MAX, 2}, NULL, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 1, (int64_t[]){INT64_MAX}, NULL, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 9, (int64_t[9]){0}, NULL, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "tensor: rank 9, expected 0 to 8");
    assert_int_equal(bombus_tensor_create(&tensor, (bombus_dtype)99, 0, NULL, NULL, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F4, 1, (int64_t[]){3}, NULL, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "tensor: F4 of shape [3], expected a whole number of bytes, fewer than 2^63");
    assert_int_equal(bombus_tensor_borrow(&tensor, BOMBUS_U8, 1, (int64_t[]){5}, NULL, NULL, NULL, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "tensor: no data, expected 5 bytes");
}

static void count_release(void *context)
{
    ++*(int *)context;
}

static void borrowed_memory_is_released_once_with_the_last_reference(void **state)
{
    (void)state;
    const unsigned char bytes[9] = {0};
    int released = 0;
    bombus_tensor *tensor;
    assert_ok(bombus_tensor_borrow(&tensor, BOMBUS_F32, 1, (int64_t[]){2}, bytes + 1, count_release, &released, &err), err);
    assert_ptr_equal(bombus_tensor_data(tensor), bytes + 1);
    assert_ptr_equal(bombus_tensor_retain(tensor), tensor);
    bombus_tensor_free(tensor);
    assert_int_equal(released, 0);
    bombus_tensor_free(tensor);
    assert_int_equal(released, 1);

    assert_int_equal(bombus_tensor_borrow(&tensor, BOMBUS_F32, 1, (int64_t[]){-2}, bytes, count_release, &released, &err), BOMBUS_EINVAL);
    assert_int_equal(released, 1);
}

static void a_joined_tensor_has_the_logical_shape_and_keeps_its_parts(void **state)
{
    (void)state;
    bombus_tensor *t =
        join(BOMBUS_AFFINE, 3, 64, MAKE(BOMBUS_U32, 5, 2, 12), MAKE(BOMBUS_BF16, 5, 2, 2), MAKE(BOMBUS_BF16, 5, 2, 2), BOMBUS_OK);
    assert_int_equal(bombus_tensor_rank(t), 3);
    assert_int_equal(bombus_tensor_shape(t)[2], 128);
    assert_int_equal(bombus_tensor_dtype(t), BOMBUS_BF16);
    assert_int_equal(bombus_tensor_bytes(t), 5 * 2 * (12 * 4 + 2 * 2 * 2));
    assert_true(*(const uint16_t *)bombus_tensor_scales(t) == 0);
    assert_true(*(const uint16_t *)bombus_tensor_biases(t) == 0);
    bombus_tensor_free(t);

    t = join(BOMBUS_AFFINE, 0, 0, MAKE(BOMBUS_U32, 1, 8), MAKE(BOMBUS_F32, 1, 1), MAKE(BOMBUS_F32, 1, 1), BOMBUS_OK);
    assert_int_equal(bombus_tensor_quantization(t).bits, 4);
    assert_int_equal(bombus_tensor_quantization(t).group_size, 64);
    bombus_tensor_free(t);

    t = join(BOMBUS_NVFP4, 0, 0, MAKE(BOMBUS_U32, 3, 4), MAKE(BOMBUS_U8, 3, 2), NULL, BOMBUS_OK);
    assert_int_equal(bombus_tensor_shape(t)[1], 32);
    assert_int_equal(bombus_tensor_dtype(t), BOMBUS_BF16);
    assert_int_equal(bombus_tensor_bytes(t), 3 * (16 + 2));
    assert_null(bombus_tensor_biases(t));
    bombus_tensor_free(t);
}

static void parts_that_do_not_fit_are_refused_by_name(void **state)
{
    (void)state;
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_BF16, 4, 3), MAKE(BOMBUS_BF16, 4, 3), BOMBUS_EINVAL);
    assert_string_equal(err.message, "scales: shape [4, 3], expected [4, 2] (128 inputs in groups of 64)");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_BF16, 2, 2), MAKE(BOMBUS_BF16, 4, 2), BOMBUS_EINVAL);
    assert_string_equal(err.message, "scales: shape [2, 2], expected [4, 2] (128 inputs in groups of 64)");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_BF16, 4, 2), MAKE(BOMBUS_BF16, 8), BOMBUS_EINVAL);
    assert_string_equal(err.message, "biases: shape [8], expected [4, 2] (128 inputs in groups of 64)");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_BF16, 4, 2), MAKE(BOMBUS_F32, 4, 2), BOMBUS_EINVAL);
    assert_string_equal(err.message, "biases: F32, expected BF16 as the scales");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_BF16, 4, 2), NULL, BOMBUS_EINVAL);
    assert_string_equal(err.message, "biases: missing (affine)");
    join(BOMBUS_MXFP8, 8, 32, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_U8, 4, 2), MAKE(BOMBUS_U8, 4, 2), BOMBUS_EINVAL);
    assert_string_equal(err.message, "biases: present, expected none (mxfp8)");
    join(BOMBUS_MXFP4, 4, 32, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_F32, 4, 4), NULL, BOMBUS_EINVAL);
    assert_string_equal(err.message, "scales: F32, expected U8 (mxfp4)");
    join(BOMBUS_AFFINE, 4, 32, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_U8, 4, 4), NULL, BOMBUS_EINVAL);
    assert_string_equal(err.message, "scales: U8, expected F32, F16 or BF16 (affine)");
    join(BOMBUS_AFFINE, 4, 32, MAKE(BOMBUS_I32, 4, 16), MAKE(BOMBUS_F16, 4, 4), MAKE(BOMBUS_F16, 4, 4), BOMBUS_EINVAL);
    assert_string_equal(err.message, "weight: I32, expected U32 (affine)");
    join(BOMBUS_AFFINE, 3, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_F16, 4, 4), MAKE(BOMBUS_F16, 4, 4), BOMBUS_EINVAL);
    assert_string_equal(err.message, "weight: 16 words a row, expected a multiple of 6 (groups of 64 by 3 bits)");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 16), MAKE(BOMBUS_F16, 2), MAKE(BOMBUS_F16, 2), BOMBUS_EINVAL);
    assert_string_equal(err.message, "weight: shape [16], expected at least 2 dimensions");
    join(BOMBUS_AFFINE, 4, 64, MAKE(BOMBUS_U32, 0, INT64_MAX / 8 * 8), MAKE(BOMBUS_F16, 0, 2), MAKE(BOMBUS_F16, 0, 2), BOMBUS_EINVAL);
}

static void widths_that_no_mode_has_are_refused(void **state)
{
    (void)state;
    join(BOMBUS_AFFINE, 1, 64, MAKE(BOMBUS_U32, 4, 16), MAKE(BOMBUS_F16, 4, 2), NULL, BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "quantization: affine with 1 bits, expected 2, 3, 4, 5, 6 or 8");
    join(BOMBUS_AFFINE, 7, 64, MAKE(BOMBUS_U32, 4, 14), MAKE(BOMBUS_F16, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    join(BOMBUS_AFFINE, 40, 64, MAKE(BOMBUS_U32, 4, 14), MAKE(BOMBUS_F16, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    join(BOMBUS_AFFINE, -4, 64, MAKE(BOMBUS_U32, 4, 14), MAKE(BOMBUS_F16, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    join(BOMBUS_AFFINE, 4, 96, MAKE(BOMBUS_U32, 4, 12), MAKE(BOMBUS_F16, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "quantization: affine with group size 96, expected 32, 64 or 128");
    join(BOMBUS_NVFP4, 4, 32, MAKE(BOMBUS_U32, 4, 12), MAKE(BOMBUS_U8, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "quantization: nvfp4 with group size 32, expected 16");
    join(BOMBUS_DENSE, 4, 32, MAKE(BOMBUS_U32, 4, 12), MAKE(BOMBUS_U8, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    join((bombus_mode)17, 4, 32, MAKE(BOMBUS_U32, 4, 12), MAKE(BOMBUS_U8, 4, 1), NULL, BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "quantization: mode 17, expected affine, mxfp4, mxfp8 or nvfp4");
}

static void a_file_s_part_is_named_after_its_weight(void **state)
{
    (void)state;
    const bb_tensor weight = bb_tensor_view(BOMBUS_U32, 2, (int64_t[]){4, 16}, ""),
                    scales = bb_tensor_view(BOMBUS_F16, 2, (int64_t[]){4, 4}, "");
    const bombus_quantization q = {BOMBUS_AFFINE, 4, 64};
    bb_tensor joined;
    assert_int_equal(bb_quantized_join(&joined, &q, &weight, &scales, &scales, "lm_head", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "lm_head.scales: shape [4, 4], expected [4, 2] (128 inputs in groups of 64)");
}

static void rows_of_a_matrix_are_where_they_lie(void **state)
{
    (void)state;
    char words[1], scales[1], biases[1];
    bb_tensor t = {.dtype = BOMBUS_F16,
                   .rank = 2,
                   .shape = {8, 64},
                   .data = words,
                   .quant = {BOMBUS_AFFINE, 5, 32},
                   .scales = scales,
                   .biases = biases};
    bb_tensor rows = bb_tensor_rows(&t, 3, 2);
    assert_int_equal(rows.shape[0], 2);
    assert_int_equal((const char *)rows.data - words, 3 * 64 * 5 / 8);
    assert_int_equal((const char *)rows.scales - scales, 3 * 2 * 2);
    assert_int_equal((const char *)rows.biases - biases, 3 * 2 * 2);
    t.quant = (bombus_quantization){BOMBUS_NVFP4, 4, 16};
    t.biases = NULL;
    rows = bb_tensor_rows(&t, 3, 2);
    assert_int_equal((const char *)rows.scales - scales, 3 * 4);
    assert_null(rows.biases);
    t.quant.mode = BOMBUS_DENSE;
    rows = bb_tensor_rows(&t, 3, 2);
    assert_int_equal((const char *)rows.data - words, 3 * 64 * 2);
}

static void a_shape_s_text_ends_where_its_buffer_does(void **state)
{
    (void)state;
    char text[BB_SHAPE_TEXT];
    int64_t largest[BOMBUS_MAX_RANK];
    for (int i = 0; i < BOMBUS_MAX_RANK; i++)
        largest[i] = INT64_MIN;
    bb_shape_text(BOMBUS_MAX_RANK, largest, text, sizeof text);
    assert_int_equal(text[strlen(text) - 1], ']');
    assert_string_equal(bb_shape_text(0, NULL, text, sizeof text), "[]");
    assert_string_equal(bb_shape_text(2, (int64_t[]){100, 20}, text, 5), "[100");
}

#ifdef BOMBUS_DEBUG
static void without_memory_nothing_leaks_or_is_released(void **state)
{
    (void)state;
    int released = 0;
    bombus_tensor *tensor;
    for (size_t n = 1; n <= 2; n++) {
        bb_alloc_fail_at(n);
        assert_int_equal(bombus_tensor_create(&tensor, BOMBUS_F32, 1, (int64_t[]){4}, NULL, &err), BOMBUS_ENOMEM);
    }
    bb_alloc_fail_at(1);
    assert_int_equal(bombus_tensor_borrow(&tensor, BOMBUS_F32, 1, (int64_t[]){0}, NULL, count_release, &released, &err), BOMBUS_ENOMEM);
    bb_alloc_fail_at(0);
    assert_int_equal(released, 0);

    bombus_tensor *weight = MAKE(BOMBUS_U32, 1, 4), *scales = MAKE(BOMBUS_U8, 1, 1);
    for (size_t n = 1; n <= 2; n++) {
        bb_alloc_fail_at(n);
        assert_int_equal(bombus_tensor_join(&tensor, &(bombus_quantization){.mode = BOMBUS_MXFP4}, weight, scales, NULL, &err),
                         BOMBUS_ENOMEM);
    }
    bb_alloc_fail_at(0);
    bombus_tensor_free(weight);
    bombus_tensor_free(scales);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(a_created_tensor_copies_and_may_be_a_scalar),
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(borrowed_memory_is_released_once_with_the_last_reference),
        cmocka_unit_test(a_joined_tensor_has_the_logical_shape_and_keeps_its_parts),
        cmocka_unit_test(parts_that_do_not_fit_are_refused_by_name),
        cmocka_unit_test(widths_that_no_mode_has_are_refused),
        cmocka_unit_test(a_file_s_part_is_named_after_its_weight),
        cmocka_unit_test(rows_of_a_matrix_are_where_they_lie),
        cmocka_unit_test(a_shape_s_text_ends_where_its_buffer_does),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_nothing_leaks_or_is_released),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
