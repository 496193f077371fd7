/* tensor/tensor.h: what a tensor is inside: types, shapes and their checks, no arithmetic.
 *
 * bb_tensor is a plain value that owns nothing: a view of memory of a file, an arena or a backend. The public bombus_tensor is one with a
 * reference count and an owner. */
#ifndef BB_TENSOR_TENSOR_H
#define BB_TENSOR_TENSOR_H

#include <bombus/tensor.h>

/* The traits of a dtype, one row each. */
typedef struct bb_dtype_traits {
    const char *name; /* in safetensors files */
    int bits;         /* an element */
} bb_dtype_traits;

extern const bb_dtype_traits bb_dtypes[BOMBUS_DTYPE_COUNT];

typedef struct bb_tensor {
    bombus_dtype dtype; /* of the values; for a quantized tensor the type it dequantizes to */
    int rank;
    int64_t shape[BOMBUS_MAX_RANK]; /* logical, row-major */
    const void *data;               /* values, or packed words [..., out, in * bits / 8 bytes]; any alignment. A backend that keeps its
                                       own memory stores its handle here */
    bombus_quantization quant;      /* mode BOMBUS_DENSE: the rest is unused */
    const void *scales;             /* [..., out, in / group_size] */
    const void *biases;             /* as scales; NULL where the mode has none */
} bb_tensor;

/* Can it be an operand of arithmetic: F32, F16 or BF16? */
static inline bool bb_is_float(bombus_dtype dtype)
{
    return dtype == BOMBUS_F32 || dtype == BOMBUS_F16 || dtype == BOMBUS_BF16;
}

static inline bool bb_is_quantized(const bb_tensor *t)
{
    return t->quant.mode != BOMBUS_DENSE;
}

/* A dense view. Unchecked: for shapes of our own. */
bb_tensor bb_tensor_view(bombus_dtype dtype, int rank, const int64_t *shape, const void *data);

/* The number of elements, or -1 where it or a dimension is out of range (negative, or past 2^63 - 1). */
int64_t bb_shape_count(int rank, const int64_t *shape);
/* Bytes of count elements, packed without gaps, or -1 where that is no whole number or out of range. */
int64_t bb_dtype_bytes(bombus_dtype dtype, int64_t count);

/* "[2, 3]" into buffer, for messages. Returns buffer. BB_SHAPE_TEXT bytes are enough for any. */
enum { BB_SHAPE_TEXT = BOMBUS_MAX_RANK * 22 + 3 };
const char *bb_shape_text(int rank, const int64_t *shape, char *buffer, size_t size);

/* Is there such a mode, bits and group size? bits and group_size of 0 are filled in with the mode's default. name stands in messages.
 * BOMBUS_EUNSUPPORTED. */
bombus_status bb_quantization_check(bombus_quantization *quantization, const char *name, bombus_error *err);

/* The dtype that a mode's scales have where it is not the weight's own (U8), else BOMBUS_DTYPE_COUNT. */
bombus_dtype bb_scales_dtype(bombus_mode mode);

/* Joins the parts of a quantized tensor (views with the parts' own shapes and dtypes) after checking that they fit together. biases is NULL
 * where the mode has none. name is that of the weight ("model.embed_tokens"): messages speak of name.scales; NULL: of scales.
 * BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED from bb_quantization_check. */
bombus_status bb_quantized_join(bb_tensor *out, const bombus_quantization *quantization, const bb_tensor *weight, const bb_tensor *scales,
                                const bb_tensor *biases, const char *name, bombus_error *err);

/* Bytes the tensor takes, with scales and biases. */
size_t bb_tensor_bytes(const bb_tensor *t);

/* Rows [first, first + count) of a matrix [out, in], dense or quantized. */
bb_tensor bb_tensor_rows(const bb_tensor *matrix, int64_t first, int64_t count);

/* The public object. */
struct bombus_tensor {
    bb_tensor t;
    _Atomic int references;
    void (*release)(void *context); /* of the memory behind t; may be NULL */
    void *context;
};

/* Wraps a view as a public tensor with one reference; release(context) when the last goes. On failure release is not called. */
bombus_status bb_tensor_publish(bombus_tensor **out, const bb_tensor *t, void (*release)(void *), void *context, bombus_error *err);

/* A new dense public tensor with memory of its own, not initialized: *data is where its maker writes. */
bombus_status bb_tensor_allocate(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, void **data, bombus_error *err);

#endif
