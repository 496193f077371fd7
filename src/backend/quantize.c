/* Between dense and quantized, and from one float type to another: the public calls. They check, make room for the result, and leave the
 * numbers to the backend. Rows are independent, so leading axes count as rows. */
#include "backend/backend.h"
#include "base/error.h"
#include "base/memory.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <math.h>

/* [..., out, in] as one matrix. */
static bb_tensor flatten(const bb_tensor *t)
{
    bb_tensor matrix = *t;

    matrix.rank = 2;
    matrix.shape[0] = bb_shape_count(t->rank - 1, t->shape);
    matrix.shape[1] = t->shape[t->rank - 1];
    return matrix;
}

bombus_status bombus_quantize(bombus_tensor **out, const bombus_tensor *tensor, const bombus_quantization *quantization, bombus_error *err)
{
    const bb_tensor *x = &tensor->t;
    bb_tensor t = *x;
    char text[BB_SHAPE_TEXT];

    *out = NULL;
    t.quant = *quantization;
    bombus_status status = bb_quantization_check(&t.quant, "quantize", err);
    if (status)
        return status;
    if (bb_is_quantized(x))
        return bb_fail(err, BOMBUS_EINVAL, "quantize: the tensor is quantized (%s), expected a dense one", bombus_mode_name(x->quant.mode));
    if (!bb_is_float(x->dtype))
        return bb_fail(err, BOMBUS_EINVAL, "quantize: %s, expected F32, F16 or BF16", bombus_dtype_name(x->dtype));
    if (x->rank < 2)
        return bb_fail(err, BOMBUS_EINVAL, "quantize: shape %s, expected at least 2 dimensions",
                       bb_shape_text(x->rank, x->shape, text, sizeof text));
    if (x->shape[x->rank - 1] % t.quant.group_size)
        return bb_fail(err, BOMBUS_EINVAL, "quantize: shape %s, expected a last dimension that is a multiple of the group size %d",
                       bb_shape_text(x->rank, x->shape, text, sizeof text), t.quant.group_size);

    const bool biased = t.quant.mode == BOMBUS_AFFINE;
    const int64_t groups = bb_shape_count(x->rank, x->shape) / t.quant.group_size;
    const size_t words = (size_t)groups * (size_t)(t.quant.group_size / 8 * t.quant.bits);
    const size_t scales = (size_t)groups * (size_t)(biased ? bb_dtypes[x->dtype].bits / 8 : 1);
    const size_t bytes = words + scales * (biased ? 2 : 1);
    bb_backend *backend = NULL;
    char *block = bb_alloc(bytes); /* words, scales, biases */

    if (!block)
        return bb_fail_memory(err, bytes);
    t.dtype = biased ? x->dtype : BOMBUS_BF16;
    t.data = block;
    t.scales = block + words;
    t.biases = biased ? block + words + scales : NULL;
    if ((status = bb_backend_default(&backend, err)))
        goto out;

    const bb_tensor rows = flatten(x), packed = flatten(&t);
    backend->ops->quantize(backend, &packed, &rows);
    if ((status = backend->ops->sync(backend, err)))
        goto out;
    status = bb_tensor_publish(out, &t, bb_free, block, err);
out:
    if (status)
        bb_free(block);
    bb_backend_free(backend);
    return status;
}

bombus_status bombus_dequantize(bombus_tensor **out, const bombus_tensor *tensor, bombus_error *err)
{
    const bb_tensor *x = &tensor->t;
    bb_backend *backend = NULL;
    bombus_tensor *result = NULL;
    void *data;

    *out = NULL;
    if (!bb_is_quantized(x))
        return bb_fail(err, BOMBUS_EINVAL, "dequantize: the tensor is dense (%s), expected a quantized one", bombus_dtype_name(x->dtype));

    bombus_status status = bb_backend_default(&backend, err);
    if (status)
        return status;
    if ((status = bb_tensor_allocate(&result, x->dtype, x->rank, x->shape, &data, err)))
        goto out;

    const bb_tensor rows = flatten(&result->t), packed = flatten(x);
    backend->ops->dequantize(backend, &rows, &packed);
    if ((status = backend->ops->sync(backend, err)))
        goto out;
    *out = result;
    result = NULL;
out:
    bombus_tensor_free(result);
    bb_backend_free(backend);
    return status;
}

/* So that narrowing the F32 further rounds as if once: cut off, with the last bit set where something was lost. */
static float cut_double(double value)
{
    const float nearest = (float)value;

    if (isnan(value) || (double)nearest == value)
        return nearest;
    return bb_float_from_bits((bb_float_bits(nearest) - (fabs((double)nearest) > fabs(value))) | 1);
}

bombus_status bombus_tensor_cast(bombus_tensor **out, const bombus_tensor *tensor, bombus_dtype dtype, bombus_error *err)
{
    const bb_tensor *x = &tensor->t;

    *out = NULL;
    if (bb_is_quantized(x))
        return bb_fail(err, BOMBUS_EINVAL, "cast: the tensor is quantized (%s), expected a dense one", bombus_mode_name(x->quant.mode));
    if (!bb_is_float(x->dtype) && x->dtype != BOMBUS_F64)
        return bb_fail(err, BOMBUS_EINVAL, "cast: from %s, expected F32, F16, BF16 or F64", bombus_dtype_name(x->dtype));
    if (!bb_is_float(dtype))
        return bb_fail(err, BOMBUS_EINVAL, "cast: to %s, expected F32, F16 or BF16",
                       bombus_dtype_name(dtype) ? bombus_dtype_name(dtype) : "an unknown dtype");

    void *data;
    bombus_status status = bb_tensor_allocate(out, dtype, x->rank, x->shape, &data, err);
    if (status)
        return status;

    const int64_t count = bb_shape_count(x->rank, x->shape);
    const int from_bytes = bb_dtypes[x->dtype].bits / 8, to_bytes = bb_dtypes[dtype].bits / 8;
    float values[256];
    for (int64_t first = 0; first < count; first += (int64_t)(sizeof values / sizeof *values)) {
        const int64_t left = count - first, room = sizeof values / sizeof *values, step = left < room ? left : room;
        const char *from = (const char *)x->data + first * from_bytes;
        if (x->dtype == BOMBUS_F64) {
            for (int64_t i = 0; i < step; i++) {
                double value;
                memcpy(&value, from + i * from_bytes, sizeof value);
                values[i] = dtype == BOMBUS_F32 ? (float)value : cut_double(value);
            }
        } else {
            bb_widen(values, x->dtype, from, step);
        }
        bb_narrow((char *)data + first * to_bytes, dtype, values, step);
    }
    return BOMBUS_OK;
}
