/* bombus/tensor.h: n-dimensional arrays, dense or quantized, and dot.
 *
 * A quantized tensor has the shape of what it stands for ("logical shape"): a weight of [4096, 1024] quantized to 4 bits still has shape
 * [4096, 1024]. dot looks at its operands and picks the kernel; there is no separate call for quantized operands.
 *
 * Tensors are immutable and reference-counted; they may be shared between threads. */
#ifndef BOMBUS_TENSOR_H
#define BOMBUS_TENSOR_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BOMBUS_MAX_RANK 8

/* X(name, safetensors name, bits an element). */
#define BOMBUS_DTYPE_LIST(X)                                                                                                               \
    X(BOOL, "BOOL", 8)                                                                                                                     \
    X(F4, "F4", 4)                                                                                                                         \
    X(F6_E2M3, "F6_E2M3", 6)                                                                                                               \
    X(F6_E3M2, "F6_E3M2", 6)                                                                                                               \
    X(U8, "U8", 8)                                                                                                                         \
    X(I8, "I8", 8)                                                                                                                         \
    X(F8_E5M2, "F8_E5M2", 8)                                                                                                               \
    X(F8_E4M3, "F8_E4M3", 8)                                                                                                               \
    X(F8_E8M0, "F8_E8M0", 8)                                                                                                               \
    X(F8_E4M3FNUZ, "F8_E4M3FNUZ", 8)                                                                                                       \
    X(F8_E5M2FNUZ, "F8_E5M2FNUZ", 8)                                                                                                       \
    X(I16, "I16", 16)                                                                                                                      \
    X(U16, "U16", 16)                                                                                                                      \
    X(F16, "F16", 16)                                                                                                                      \
    X(BF16, "BF16", 16)                                                                                                                    \
    X(I32, "I32", 32)                                                                                                                      \
    X(U32, "U32", 32)                                                                                                                      \
    X(F32, "F32", 32)                                                                                                                      \
    X(C64, "C64", 64)                                                                                                                      \
    X(F64, "F64", 64)                                                                                                                      \
    X(I64, "I64", 64)                                                                                                                      \
    X(U64, "U64", 64)

typedef enum bombus_dtype {
#define X(name, text, bits) BOMBUS_##name,
    BOMBUS_DTYPE_LIST(X)
#undef X
        BOMBUS_DTYPE_COUNT
} bombus_dtype;

/* "BF16" for BOMBUS_BF16; NULL for a value that is no dtype. Static. */
BOMBUS_API const char *bombus_dtype_name(bombus_dtype dtype);
/* Bits an element takes, 0 for a value that is no dtype. */
BOMBUS_API int bombus_dtype_bits(bombus_dtype dtype);
/* The dtype of a safetensors name; false when there is none. */
BOMBUS_API bool bombus_dtype_parse(bombus_dtype *out, const char *name);

/* How a group of weights is packed. MLX's formats:
 *
 *   mode    bits              group size    scales            biases
 *   affine  2, 3, 4, 5, 6, 8  32, 64, 128   F32, F16 or BF16  as the scales    w = q * scale + bias
 *   mxfp4   4 (E2M1)          32            U8 (E8M0)         none             w = q * 2^(scale - 127)
 *   mxfp8   8 (E4M3)          32            U8 (E8M0)         none             w = q * 2^(scale - 127)
 *   nvfp4   4 (E2M1)          16            U8 (E4M3)         none             w = q * scale
 *
 * Packed words are U32 [..., out, in * bits / 32], a little-endian bit stream along the inputs, lowest bits first;
 * scales and biases are [..., out, in / group_size]. */
typedef enum bombus_mode { BOMBUS_DENSE, BOMBUS_AFFINE, BOMBUS_MXFP4, BOMBUS_MXFP8, BOMBUS_NVFP4 } bombus_mode;

typedef struct bombus_quantization {
    bombus_mode mode;
    int bits;
    int group_size;
} bombus_quantization;

/* "affine" for BOMBUS_AFFINE, "dense" for BOMBUS_DENSE; NULL for a value that is no mode. Static. */
BOMBUS_API const char *bombus_mode_name(bombus_mode mode);
BOMBUS_API bool bombus_mode_parse(bombus_mode *out, const char *name);

typedef struct bombus_tensor bombus_tensor;

/* Copies data (NULL: zeros) into a new dense tensor of shape[rank], row-major. rank 0 is a scalar.
 * Returns BOMBUS_EINVAL for a negative dimension, an unknown dtype or rank > BOMBUS_MAX_RANK, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_tensor_create(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, const void *data,
                                              bombus_error *err);

/* Refers to memory of the caller's, which stays valid until release(context) is called (release may be NULL). Any alignment.
 * release is not called when this fails. */
BOMBUS_API bombus_status bombus_tensor_borrow(bombus_tensor **out, bombus_dtype dtype, int rank, const int64_t *shape, const void *data,
                                              void (*release)(void *context), void *context, bombus_error *err);

/* Joins the parts of a quantized tensor, which it keeps references to. biases is NULL for modes that have none.
 * Returns BOMBUS_EINVAL naming the part, its shape or dtype and what was expected, BOMBUS_EUNSUPPORTED for bits or a group size that the
 * mode has not, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_tensor_join(bombus_tensor **out, const bombus_quantization *quantization, const bombus_tensor *weight,
                                            const bombus_tensor *scales, const bombus_tensor *biases, bombus_error *err);

BOMBUS_API bombus_tensor *bombus_tensor_retain(const bombus_tensor *tensor);
BOMBUS_API void bombus_tensor_free(bombus_tensor *tensor); /* drops a reference; NULL is fine */

/* The type of the values: for a quantized tensor the one it dequantizes to (its scales', or BF16 for the modes with byte scales). */
BOMBUS_API bombus_dtype bombus_tensor_dtype(const bombus_tensor *tensor);
BOMBUS_API int bombus_tensor_rank(const bombus_tensor *tensor);
/* [rank], borrowed for the tensor's life. */
BOMBUS_API const int64_t *bombus_tensor_shape(const bombus_tensor *tensor);
/* Elements of the logical shape. */
BOMBUS_API int64_t bombus_tensor_count(const bombus_tensor *tensor);
/* Bytes held: values, or packed words, scales and biases together. */
BOMBUS_API size_t bombus_tensor_bytes(const bombus_tensor *tensor);
/* Values of a dense tensor, packed words of a quantized one. Borrowed for the tensor's life; any alignment. */
BOMBUS_API const void *bombus_tensor_data(const bombus_tensor *tensor);
/* mode is BOMBUS_DENSE for a dense tensor. */
BOMBUS_API bombus_quantization bombus_tensor_quantization(const bombus_tensor *tensor);
/* Borrowed for the tensor's life; NULL for a dense tensor, biases also where the mode has none. */
BOMBUS_API const void *bombus_tensor_scales(const bombus_tensor *tensor);
BOMBUS_API const void *bombus_tensor_biases(const bombus_tensor *tensor);

/* A dense copy in another floating type (F32, F16, BF16; from any of these or F64), rounded to nearest even.
 * Returns BOMBUS_EINVAL for other types or a quantized tensor, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_tensor_cast(bombus_tensor **out, const bombus_tensor *tensor, bombus_dtype dtype, bombus_error *err);

/* Quantizes a dense [..., out, in] tensor (F32, F16, BF16) along its last axis, bit for bit as MLX's mx.quantize on a CPU.
 * bits and group_size 0 mean the mode's default (affine: 4 and 64). A group with an infinity, and in the floating modes one with a NaN,
 * dequantizes to NaN (MLX gives zeros or 896 there in the floating modes).
 * Returns BOMBUS_EINVAL where in is no multiple of the group, or for a tensor that has no such shape or type; BOMBUS_EUNSUPPORTED for bits
 * or a group size that the mode has not (1-bit affine is one); BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_quantize(bombus_tensor **out, const bombus_tensor *tensor, const bombus_quantization *quantization,
                                         bombus_error *err);

/* The dense values of a quantized tensor in bombus_tensor_dtype, bit for bit as MLX's mx.dequantize: a product, then a sum, each rounded.
 * Returns BOMBUS_EINVAL for a dense tensor, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_dequantize(bombus_tensor **out, const bombus_tensor *tensor, bombus_error *err);

enum { BOMBUS_TRANSPOSE_A = 1, BOMBUS_TRANSPOSE_B = 2 };

/* Matrix product over the last two axes: [..., m, k] x [..., k, n] = [..., m, n]; leading axes broadcast as in NumPy, and operands of
 * rank 1 are a row on the left, a column on the right, and leave no axis behind. A transpose flag swaps the operand's last two axes first
 * (one of rank 1 has none to swap), so a linear layer with weight [out, in] is dot(x, weight, BOMBUS_TRANSPOSE_B). Either operand may be
 * dense (F32, F16, BF16) or quantized, not both quantized.
 *
 * The result is dense in the promoted type of both (equal types stay; F16 with BF16, or any with F32, gives F32). Sums are in F32, in an
 * order that depends on k alone. A quantized operand is dequantized in the result's type.
 *
 * Returns BOMBUS_EINVAL naming the shapes or types that do not fit, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_dot(bombus_tensor **out, const bombus_tensor *a, const bombus_tensor *b, int flags, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
