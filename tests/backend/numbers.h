/* numbers.h: tensors for tests of the backend: random values, every mode. */
#ifndef TEST_NUMBERS_H
#define TEST_NUMBERS_H

#include "tensor/half.h"
#include "tensor/tensor.h"
#include "testing.h"

#include <sys/mman.h>
#include <unistd.h>

static bombus_error err;

static const bombus_quantization quantizations[] = {
    {BOMBUS_AFFINE, 2, 32},  {BOMBUS_AFFINE, 2, 64},  {BOMBUS_AFFINE, 2, 128}, {BOMBUS_AFFINE, 3, 32},  {BOMBUS_AFFINE, 3, 64},
    {BOMBUS_AFFINE, 3, 128}, {BOMBUS_AFFINE, 4, 32},  {BOMBUS_AFFINE, 4, 64},  {BOMBUS_AFFINE, 4, 128}, {BOMBUS_AFFINE, 5, 32},
    {BOMBUS_AFFINE, 5, 64},  {BOMBUS_AFFINE, 5, 128}, {BOMBUS_AFFINE, 6, 32},  {BOMBUS_AFFINE, 6, 64},  {BOMBUS_AFFINE, 6, 128},
    {BOMBUS_AFFINE, 8, 32},  {BOMBUS_AFFINE, 8, 64},  {BOMBUS_AFFINE, 8, 128}, {BOMBUS_MXFP4, 4, 32},   {BOMBUS_MXFP8, 8, 32},
    {BOMBUS_NVFP4, 4, 16},
};

enum { QUANTIZATIONS = sizeof quantizations / sizeof *quantizations };

static const bombus_dtype floats[] = {BOMBUS_F32, BOMBUS_F16, BOMBUS_BF16};

enum { FLOATS = sizeof floats / sizeof *floats };

/* Uniform in [-1, 1), the same for the same seed on every machine. */
static inline float random_value(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (float)(int32_t)(*seed >> 32) * 0x1p-31f;
}

static inline bombus_tensor *random_tensor(bombus_dtype dtype, int rank, const int64_t *shape, uint64_t seed)
{
    bombus_tensor *values, *tensor;
    void *data;
    assert_ok(bb_tensor_allocate(&values, BOMBUS_F32, rank, shape, &data, &err), err);
    for (int64_t i = 0; i < bombus_tensor_count(values); i++)
        ((float *)data)[i] = random_value(&seed);
    assert_ok(bombus_tensor_cast(&tensor, values, dtype, &err), err);
    bombus_tensor_free(values);
    return tensor;
}

#define RANDOM(dtype, seed, ...) random_tensor(dtype, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__}, seed)

static inline bombus_tensor *quantized(const bombus_tensor *tensor, bombus_quantization quantization)
{
    bombus_tensor *result;
    assert_ok(bombus_quantize(&result, tensor, &quantization, &err), err);
    return result;
}

static inline bombus_tensor *dequantized(const bombus_tensor *tensor)
{
    bombus_tensor *result;
    assert_ok(bombus_dequantize(&result, tensor, &err), err);
    return result;
}

static inline bombus_tensor *dot(const bombus_tensor *a, const bombus_tensor *b, int flags)
{
    bombus_tensor *result;
    assert_ok(bombus_dot(&result, a, b, flags, &err), err);
    return result;
}

static inline void assert_same_values(const bombus_tensor *a, const bombus_tensor *b)
{
    assert_int_equal(bombus_tensor_dtype(a), bombus_tensor_dtype(b));
    assert_int_equal(bombus_tensor_rank(a), bombus_tensor_rank(b));
    assert_memory_equal(bombus_tensor_shape(a), bombus_tensor_shape(b), (size_t)bombus_tensor_rank(a) * sizeof(int64_t));
    assert_int_equal(bombus_tensor_bytes(a), bombus_tensor_bytes(b));
    if (bombus_tensor_bytes(a))
        assert_memory_equal(bombus_tensor_data(a), bombus_tensor_data(b), bombus_tensor_bytes(a));
}

/* Bytes of a tensor's words, and of its scales, which its biases have as many of. */
static inline void sizes_of(const bb_tensor *t, size_t *words, size_t *scales)
{
    const int64_t groups = t->scales ? bb_shape_count(t->rank, t->shape) / t->quant.group_size : 0;

    *scales = (size_t)groups * (t->biases ? (size_t)bb_dtypes[t->dtype].bits / 8 : 1);
    *words = bb_tensor_bytes(t) - *scales * (t->biases ? 2 : 1);
}

/* The tensor's memory copied so that it begins offset bytes behind an aligned address; *block is the caller's to free. */
static inline bb_tensor misaligned(const bb_tensor *t, int offset, unsigned char **block)
{
    const size_t room = bb_tensor_bytes(t) + 64;
    size_t words, scales;
    bb_tensor moved = *t;

    sizes_of(t, &words, &scales);
    *block = malloc(3 * room);
    moved.data = memcpy(*block + offset, t->data, words);
    if (t->scales)
        moved.scales = memcpy(*block + room / 8 * 8 + offset, t->scales, scales);
    if (t->biases)
        moved.biases = memcpy(*block + 2 * (room / 8 * 8) + offset, t->biases, scales);
    return moved;
}

/* Copies that end where memory does: a byte further, and the process dies. */
typedef struct walls {
    void *blocks[8]; /* [count] */
    size_t sizes[8]; /* [count] */
    int count;
} walls;

static inline void *copy_before_wall(walls *w, const void *data, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
    char *block = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(block != MAP_FAILED && w->count < 8);
    assert_int_equal(mprotect(block + room, page, PROT_NONE), 0);
    w->blocks[w->count] = block;
    w->sizes[w->count++] = room + page;
    return memcpy(block + room - bytes, data, bytes);
}

static inline bb_tensor before_walls(walls *w, const bb_tensor *t)
{
    size_t words, scales;
    bb_tensor moved = *t;

    sizes_of(t, &words, &scales);
    moved.data = copy_before_wall(w, t->data, words);
    if (t->scales)
        moved.scales = copy_before_wall(w, t->scales, scales);
    if (t->biases)
        moved.biases = copy_before_wall(w, t->biases, scales);
    return moved;
}

static inline void free_walls(walls *w)
{
    while (w->count--)
        munmap(w->blocks[w->count], w->sizes[w->count]);
    w->count = 0;
}

#endif
