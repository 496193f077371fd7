/* Tensors: types, shapes, the checks of quantized parts, and the public object around them. No arithmetic.
 *
 * A public tensor holds one view and one owner. Its memory goes when the last reference does: by the caller's release (borrow, publish), by
 * the door it came through (allocate), or by dropping the parts' references (join).
 * Invariant: a tensor that exists has a shape whose element count and bytes are in range, so arithmetic on them needs no checks. */
#include "tensor/tensor.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

const bb_dtype_traits bb_dtypes[BOMBUS_DTYPE_COUNT] = {
#define X(name, text, bits) [BOMBUS_##name] = {text, bits},
    BOMBUS_DTYPE_LIST(X)
#undef X
};

const char *bombus_dtype_name(bombus_dtype dtype)
{
    return (unsigned)dtype < BOMBUS_DTYPE_COUNT ? bb_dtypes[dtype].name : NULL;
}

int bombus_dtype_bits(bombus_dtype dtype)
{
    return (unsigned)dtype < BOMBUS_DTYPE_COUNT ? bb_dtypes[dtype].bits : 0;
}

bool bombus_dtype_parse(bombus_dtype *out, const char *name)
{
    for (int i = 0; i < BOMBUS_DTYPE_COUNT; i++) {
        if (strcmp(bb_dtypes[i].name, name) == 0) {
            *out = (bombus_dtype)i;
            return true;
        }
    }
    return false;
}

/* ---- modes ---- */

typedef struct mode_traits {
    const char *name;
    unsigned bits;   /* bit b: b bits an element are possible */
    unsigned groups; /* a sum of the possible group sizes, each a power of two */
    int default_bits;
    int default_group;
    bombus_dtype scales;   /* BOMBUS_DTYPE_COUNT: the weight's float type */
    const char *bits_text; /* the possible ones, for messages */
    const char *groups_text;
} mode_traits;

static const mode_traits modes[] = {
    [BOMBUS_DENSE] = {.name = "dense"},
    [BOMBUS_AFFINE] = {"affine", 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8, 32 | 64 | 128, 4, 64, BOMBUS_DTYPE_COUNT,
                       "2, 3, 4, 5, 6 or 8", "32, 64 or 128"},
    [BOMBUS_MXFP4] = {"mxfp4", 1 << 4, 32, 4, 32, BOMBUS_U8, "4", "32"},
    [BOMBUS_MXFP8] = {"mxfp8", 1 << 8, 32, 8, 32, BOMBUS_U8, "8", "32"},
    [BOMBUS_NVFP4] = {"nvfp4", 1 << 4, 16, 4, 16, BOMBUS_U8, "4", "16"},
};

enum { MODE_COUNT = sizeof modes / sizeof *modes };

const char *bombus_mode_name(bombus_mode mode)
{
    return (unsigned)mode < MODE_COUNT ? modes[mode].name : NULL;
}

bool bombus_mode_parse(bombus_mode *out, const char *name)
{
    for (int i = 0; i < MODE_COUNT; i++) {
        if (strcmp(modes[i].name, name) == 0) {
            *out = (bombus_mode)i;
            return true;
        }
    }
    return false;
}

bombus_dtype bb_scales_dtype(bombus_mode mode)
{
    return modes[mode].scales;
}

bombus_status bb_quantization_check(bombus_quantization *quantization, const char *name, bombus_error *err)
{
    if ((unsigned)quantization->mode >= MODE_COUNT || quantization->mode == BOMBUS_DENSE)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: mode %d, expected affine, mxfp4, mxfp8 or nvfp4", name, (int)quantization->mode);

    const mode_traits *mode = &modes[quantization->mode];
    const int bits = quantization->bits ? quantization->bits : mode->default_bits;
    const int group = quantization->group_size ? quantization->group_size : mode->default_group;

    if (bits < 0 || bits > 8 || !(mode->bits >> bits & 1))
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s with %d bits, expected %s", name, mode->name, bits, mode->bits_text);
    if (group < 0 || (group & (group - 1)) != 0 || !(mode->groups & (unsigned)group))
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s with group size %d, expected %s", name, mode->name, group, mode->groups_text);
    quantization->bits = bits;
    quantization->group_size = group;
    return BOMBUS_OK;
}

/* ---- shapes ---- */

int64_t bb_shape_count(int rank, const int64_t *shape)
{
    int64_t count = 1;
    bool empty = false;

    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0)
            return -1;
        if (shape[i] == 0) {
            empty = true;
            continue;
        }
        if (count > INT64_MAX / shape[i])
            return -1;
        count *= shape[i];
    }
    return empty ? 0 : count;
}

int64_t bb_dtype_bytes(bombus_dtype dtype, int64_t count)
{
    const int bits = bb_dtypes[dtype].bits;

    if (bits % 8 == 0)
        return count > INT64_MAX / (bits / 8) ? -1 : count * (bits / 8);
    return count > INT64_MAX / bits || count * bits % 8 ? -1 : count * bits / 8;
}

const char *bb_shape_text(int rank, const int64_t *shape, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, "[");

    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, i ? ", %" PRId64 : "%" PRId64, shape[i]);
    if (used < size)
        snprintf(buffer + used, size - used, "]");
    return buffer;
}

/* Bytes of a dense tensor that a caller describes, after checking that there can be one. */
static bombus_status check_dense(size_t *bytes, bombus_dtype dtype, int rank, const int64_t *shape, bombus_error *err)
{
    if ((unsigned)dtype >= BOMBUS_DTYPE_COUNT)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: dtype %d, expected 0 to %d", (int)dtype, BOMBUS_DTYPE_COUNT - 1);
    if (rank < 0 || rank > BOMBUS_MAX_RANK)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: rank %d, expected 0 to %d", rank, BOMBUS_MAX_RANK);

    char text[BB_SHAPE_TEXT];
    const int64_t count = bb_shape_count(rank, shape);
    if (count < 0)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: shape %s, expected dimensions from 0 and fewer than 2^63 elements",
                       bb_shape_text(rank, shape, text, sizeof text));

    const int64_t size = bb_dtype_bytes(dtype, count);
    if (size < 0)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: %s of shape %s, expected a whole number of bytes, fewer than 2^63",
                       bb_dtypes[dtype].name, bb_shape_text(rank, shape, text, sizeof text));
    if ((uint64_t)size > SIZE_MAX)
        return bb_fail(err, BOMBUS_ENOMEM, "tensor: %" PRId64 " bytes, more than this machine can address", size);
    *bytes = (size_t)size;
    return BOMBUS_OK;
}

/* ---- views ---- */

bb_tensor bb_tensor_view(bombus_dtype dtype, int rank, const int64_t *shape, const void *data)
{
    bb_tensor t = {.dtype = dtype, .rank = rank, .data = data};

    for (int i = 0; i < rank; i++)
        t.shape[i] = shape[i];
    return t;
}

/* Bytes of one scale; for a quantized tensor. */
static size_t scale_bytes(const bb_tensor *t)
{
    const bombus_dtype scales = bb_scales_dtype(t->quant.mode);

    return (size_t)bb_dtypes[scales == BOMBUS_DTYPE_COUNT ? t->dtype : scales].bits / 8;
}

size_t bb_tensor_bytes(const bb_tensor *t)
{
    const size_t count = (size_t)bb_shape_count(t->rank, t->shape);

    if (!bb_is_quantized(t))
        return (size_t)bb_dtype_bytes(t->dtype, (int64_t)count);

    const size_t groups = count / (size_t)t->quant.group_size;
    return groups * ((size_t)(t->quant.group_size * t->quant.bits / 8) + scale_bytes(t) * (t->biases ? 2 : 1));
}

bb_tensor bb_tensor_rows(const bb_tensor *matrix, int64_t first, int64_t count)
{
    bb_tensor rows = *matrix;
    const size_t skipped = (size_t)first, in = (size_t)matrix->shape[1];
    const size_t bits = (size_t)(bb_is_quantized(matrix) ? matrix->quant.bits : bb_dtypes[matrix->dtype].bits);

    rows.shape[0] = count;
    rows.data = (const char *)matrix->data + skipped * (in * bits / 8);
    if (bb_is_quantized(matrix)) {
        const size_t scales = skipped * (in / (size_t)matrix->quant.group_size) * scale_bytes(matrix);
        rows.scales = (const char *)matrix->scales + scales;
        rows.biases = matrix->biases ? (const char *)matrix->biases + scales : NULL;
    }
    return rows;
}

/* ---- the parts of a quantized tensor ---- */

/* Scales and biases have the weight's leading dimensions and a column a group. */
static bombus_status check_part(const bb_tensor *part, const bb_tensor *joined, const char *name, const char *part_name, bombus_error *err)
{
    int64_t expected[BOMBUS_MAX_RANK];
    bool same = part->rank == joined->rank;
    char found_text[BB_SHAPE_TEXT], expected_text[BB_SHAPE_TEXT];

    for (int i = 0; i < joined->rank; i++) {
        expected[i] = i + 1 < joined->rank ? joined->shape[i] : joined->shape[i] / joined->quant.group_size;
        same = same && part->shape[i] == expected[i];
    }
    if (same)
        return BOMBUS_OK;
    return bb_fail(err, BOMBUS_EFORMAT, "%s%s: shape %s, expected %s (%" PRId64 " inputs in groups of %d)", name, part_name,
                   bb_shape_text(part->rank, part->shape, found_text, sizeof found_text),
                   bb_shape_text(joined->rank, expected, expected_text, sizeof expected_text), joined->shape[joined->rank - 1],
                   joined->quant.group_size);
}

/* The logical shape that packed words stand for. */
static bombus_status check_words(bb_tensor *joined, const bb_tensor *weight, const char *name, bombus_error *err)
{
    const bombus_quantization *q = &joined->quant;
    const int words = q->group_size * q->bits / 32; /* a group's */
    const int last = weight->rank - 1;
    char text[BB_SHAPE_TEXT];

    if (weight->dtype != BOMBUS_U32)
        return bb_fail(err, BOMBUS_EFORMAT, "%sweight: %s, expected U32 (%s)", name, bb_dtypes[weight->dtype].name, modes[q->mode].name);
    if (weight->rank < 2)
        return bb_fail(err, BOMBUS_EFORMAT, "%sweight: shape %s, expected at least 2 dimensions", name,
                       bb_shape_text(weight->rank, weight->shape, text, sizeof text));
    if (weight->shape[last] % words)
        return bb_fail(err, BOMBUS_EFORMAT, "%sweight: %" PRId64 " words a row, expected a multiple of %d (groups of %d by %d bits)", name,
                       weight->shape[last], words, q->group_size, q->bits);

    joined->rank = weight->rank;
    memcpy(joined->shape, weight->shape, sizeof joined->shape);
    /* Words that lie in memory are fewer than 2^60, so only an empty tensor can claim more inputs than there are numbers. */
    if (weight->shape[last] / words > INT64_MAX / q->group_size)
        return bb_fail(err, BOMBUS_EFORMAT, "%sweight: %" PRId64 " words a row, more than can be", name, weight->shape[last]);
    joined->shape[last] = weight->shape[last] / words * q->group_size;
    if (bb_shape_count(joined->rank, joined->shape) < 0)
        return bb_fail(err, BOMBUS_EFORMAT, "%sweight: shape %s, expected fewer than 2^63 elements", name,
                       bb_shape_text(joined->rank, joined->shape, text, sizeof text));
    return BOMBUS_OK;
}

bombus_status bb_quantized_join(bb_tensor *out, const bombus_quantization *quantization, const bb_tensor *weight, const bb_tensor *scales,
                                const bb_tensor *biases, const char *name, bombus_error *err)
{
    bb_tensor joined = {.quant = *quantization, .data = weight->data, .scales = scales->data, .biases = biases ? biases->data : NULL};
    bombus_status status = bb_quantization_check(&joined.quant, name ? name : "quantization", err);
    if (status)
        return status;

    char prefix[256] = "";
    if (name)
        snprintf(prefix, sizeof prefix, "%s.", name);

    const char *mode = modes[joined.quant.mode].name;
    const bombus_dtype expected = bb_scales_dtype(joined.quant.mode);
    if ((status = check_words(&joined, weight, prefix, err)))
        return status;

    if (expected != BOMBUS_DTYPE_COUNT ? scales->dtype != expected : !bb_is_float(scales->dtype))
        return bb_fail(err, BOMBUS_EFORMAT, "%sscales: %s, expected %s (%s)", prefix, bb_dtypes[scales->dtype].name,
                       expected == BOMBUS_DTYPE_COUNT ? "F32, F16 or BF16" : bb_dtypes[expected].name, mode);
    if ((status = check_part(scales, &joined, prefix, "scales", err)))
        return status;
    joined.dtype = expected == BOMBUS_DTYPE_COUNT ? scales->dtype : BOMBUS_BF16;

    if (joined.quant.mode != BOMBUS_AFFINE) {
        if (biases)
            return bb_fail(err, BOMBUS_EFORMAT, "%sbiases: present, expected none (%s)", prefix, mode);
    } else if (!biases) {
        return bb_fail(err, BOMBUS_EFORMAT, "%sbiases: missing (%s)", prefix, mode);
    } else if (biases->dtype != scales->dtype) {
        return bb_fail(err, BOMBUS_EFORMAT, "%sbiases: %s, expected %s as the scales", prefix, bb_dtypes[biases->dtype].name,
                       bb_dtypes[scales->dtype].name);
    } else if ((status = check_part(biases, &joined, prefix, "biases", err))) {
        return status;
    }
    *out = joined;
    return BOMBUS_OK;
}

/* ---- the public object ---- */

bombus_status bb_tensor_publish(bombus_tensor **out, const bb_tensor *t, void (*release)(void *), void *context, bombus_error *err)
{
    bombus_tensor *tensor = bb_alloc(sizeof *tensor);

    if (!tensor)
        return bb_fail_memory(err, sizeof *tensor);
    tensor->t = *t;
    atomic_init(&tensor->references, 1);
    tensor->release = release;
    tensor->context = context;
    *out = tensor;
    return BOMBUS_OK;
}

bombus_status bb_tensor_allocate(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, void **data, bombus_error *err)
{
    size_t bytes;
    bombus_status status = check_dense(&bytes, dtype, rank, shape, err);
    if (status)
        return status;

    void *block = bb_alloc(bytes);
    if (!block)
        return bb_fail_memory(err, bytes);
    const bb_tensor t = bb_tensor_view(dtype, rank, shape, block);
    if ((status = bb_tensor_publish(out, &t, bb_free, block, err))) {
        bb_free(block);
        return status;
    }
    *data = block;
    return BOMBUS_OK;
}

bombus_status bombus_tensor_create(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, const void *data,
                                   bombus_error *err)
{
    void *block;

    *out = NULL;
    bombus_status status = bb_tensor_allocate(out, dtype, rank, shape, &block, err);
    if (status)
        return status;

    const size_t bytes = bb_tensor_bytes(&(*out)->t);
    if (bytes && data)
        memcpy(block, data, bytes);
    else
        memset(block, 0, bytes);
    return BOMBUS_OK;
}

bombus_status bombus_tensor_borrow(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, const void *data,
                                   void (*release)(void *context), void *context, bombus_error *err)
{
    size_t bytes;

    *out = NULL;
    bombus_status status = check_dense(&bytes, dtype, rank, shape, err);
    if (status)
        return status;
    if (!data && bytes)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: no data, expected %zu bytes", bytes);

    const bb_tensor t = bb_tensor_view(dtype, rank, shape, data);
    return bb_tensor_publish(out, &t, release, context, err);
}

/* What a joined tensor holds on to. */
typedef struct parts {
    bombus_tensor *weight, *scales, *biases;
} parts;

static void release_parts(void *context)
{
    parts *p = context;

    bombus_tensor_free(p->weight);
    bombus_tensor_free(p->scales);
    bombus_tensor_free(p->biases);
    bb_free(p);
}

bombus_status bombus_tensor_join(bombus_tensor **out, const bombus_quantization *quantization, const bombus_tensor *weight,
                                 const bombus_tensor *scales, const bombus_tensor *biases, bombus_error *err)
{
    bb_tensor t;

    *out = NULL;
    bombus_status status = bb_quantized_join(&t, quantization, &weight->t, &scales->t, biases ? &biases->t : NULL, NULL, err);
    if (status == BOMBUS_EFORMAT && err)
        err->code = BOMBUS_EINVAL; /* no file is at fault here, the caller is */
    if (status)
        return status == BOMBUS_EFORMAT ? BOMBUS_EINVAL : status;

    parts *p = bb_alloc(sizeof *p);
    if (!p)
        return bb_fail_memory(err, sizeof *p);
    if ((status = bb_tensor_publish(out, &t, release_parts, p, err))) {
        bb_free(p);
        return status;
    }
    *p = (parts){bombus_tensor_retain(weight), bombus_tensor_retain(scales), biases ? bombus_tensor_retain(biases) : NULL};
    return BOMBUS_OK;
}

bombus_tensor *bombus_tensor_retain(const bombus_tensor *tensor)
{
    bombus_tensor *counted = (bombus_tensor *)tensor; /* the count is no part of the value */

    atomic_fetch_add(&counted->references, 1);
    return counted;
}

void bombus_tensor_free(bombus_tensor *tensor)
{
    if (!tensor || atomic_fetch_sub(&tensor->references, 1) != 1)
        return;
    if (tensor->release)
        tensor->release(tensor->context);
    bb_free(tensor);
}

bombus_dtype bombus_tensor_dtype(const bombus_tensor *tensor)
{
    return tensor->t.dtype;
}

int bombus_tensor_rank(const bombus_tensor *tensor)
{
    return tensor->t.rank;
}

const int64_t *bombus_tensor_shape(const bombus_tensor *tensor)
{
    return tensor->t.shape;
}

int64_t bombus_tensor_count(const bombus_tensor *tensor)
{
    return bb_shape_count(tensor->t.rank, tensor->t.shape);
}

size_t bombus_tensor_bytes(const bombus_tensor *tensor)
{
    return bb_tensor_bytes(&tensor->t);
}

const void *bombus_tensor_data(const bombus_tensor *tensor)
{
    return tensor->t.data;
}

bombus_quantization bombus_tensor_quantization(const bombus_tensor *tensor)
{
    return tensor->t.quant;
}

const void *bombus_tensor_scales(const bombus_tensor *tensor)
{
    return tensor->t.scales;
}

const void *bombus_tensor_biases(const bombus_tensor *tensor)
{
    return tensor->t.biases;
}
