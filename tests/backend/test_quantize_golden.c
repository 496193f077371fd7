/* quantize and dequantize, bit for bit what MLX gives: tools/golden/quantize.py. */
#include "numbers.h"

#include <bombus/safetensors.h>

static bombus_safetensors *golden;

static const bombus_tensor_info *part(const bombus_quantization *q, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "%s.%d.%d.%s", bombus_mode_name(q->mode), q->bits, q->group_size, name);
    return bombus_safetensors_find(golden, full);
}

static void assert_part(const bombus_quantization *q, const char *name, bombus_dtype dtype, const void *found, size_t bytes)
{
    const bombus_tensor_info *expected = part(q, name);
    assert_non_null(expected);
    assert_int_equal(expected->dtype, dtype);
    assert_int_equal(expected->bytes, bytes);
    for (size_t i = 0; i < bytes; i++)
        if (((const unsigned char *)expected->data)[i] != ((const unsigned char *)found)[i])
            fail_msg("%s.%d.%d.%s: byte %zu is 0x%02x, expected 0x%02x", bombus_mode_name(q->mode), q->bits, q->group_size, name, i,
                     ((const unsigned char *)found)[i], ((const unsigned char *)expected->data)[i]);
}

static void every_mode_gives_mlx_s_bits(void **state)
{
    (void)state;
    const char *const files[] = {"f32", "f16", "bf16"};
    for (int f = 0; f < FLOATS; f++) {
        char path[512];
        snprintf(path, sizeof path, "%s/quantize/%s.safetensors", BOMBUS_GOLDEN, files[f]);
        assert_ok(bombus_safetensors_open(&golden, path, &err), err);
        bombus_tensor *x;
        assert_ok(bombus_safetensors_tensor(&x, golden, "x", &err), err);
        assert_int_equal(bombus_tensor_dtype(x), floats[f]);
        for (int i = 0; i < QUANTIZATIONS; i++) {
            const bombus_quantization *q = &quantizations[i];
            bombus_tensor *t = quantized(x, *q), *values = dequantized(t);
            const size_t groups = (size_t)(bombus_tensor_count(t) / q->group_size), words = groups * (size_t)(q->group_size * q->bits / 8);
            const bombus_dtype scales = q->mode == BOMBUS_AFFINE ? floats[f] : BOMBUS_U8;
            assert_part(q, "weight", BOMBUS_U32, bombus_tensor_data(t), words);
            assert_part(q, "scales", scales, bombus_tensor_scales(t), groups * (size_t)bombus_dtype_bits(scales) / 8);
            if (q->mode == BOMBUS_AFFINE)
                assert_part(q, "biases", scales, bombus_tensor_biases(t), groups * (size_t)bombus_dtype_bits(scales) / 8);
            else
                assert_null(part(q, "biases"));
            assert_part(q, "values", bombus_tensor_dtype(t), bombus_tensor_data(values), bombus_tensor_bytes(values));
            bombus_tensor_free(t);
            bombus_tensor_free(values);
        }
        bombus_tensor_free(x);
        bombus_safetensors_close(golden);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_gives_mlx_s_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
