/* The CPU backend: its table, and its memory.
 *
 * Tensors are anonymous mappings: zeroed, page-aligned, and taking memory only where they are touched, so a KV cache for a long context
 * costs what has been written of it. Weights stay where the file is mapped. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

#include "base/error.h"

#include <string.h>
#include <sys/mman.h>

static bombus_status cpu_open(bb_backend *backend, const char *variant, bombus_error *err)
{
    const bb_kernels *kernels;
    bombus_status status = bb_kernels_choose(&kernels, variant, err);

    if (status == BOMBUS_OK)
        backend->state = (void *)kernels;
    return status;
}

static bombus_status cpu_alloc(bb_backend *backend, bb_tensor *t, bombus_error *err)
{
    (void)backend;
    const int64_t bytes = bb_dtype_bytes(t->dtype, bb_shape_count(t->rank, t->shape));
    char shape[BB_SHAPE_TEXT];

    if (bytes < 0)
        return bb_fail(err, BOMBUS_EINVAL, "tensor: shape %s is out of range", bb_shape_text(t->rank, t->shape, shape, sizeof shape));
    void *data = mmap(NULL, bytes ? (size_t)bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        return bb_fail_memory(err, (size_t)bytes);
    t->data = data;
    return BOMBUS_OK;
}

static void cpu_release(bb_backend *backend, bb_tensor *t)
{
    (void)backend;
    const int64_t bytes = bb_dtype_bytes(t->dtype, bb_shape_count(t->rank, t->shape));

    if (t->data)
        munmap((void *)t->data, bytes ? (size_t)bytes : 1);
    t->data = NULL;
}

static bombus_status cpu_prepare(bb_backend *backend, bb_tensor *weight, bombus_error *err)
{
    (void)backend, (void)weight, (void)err;
    return BOMBUS_OK;
}

static void cpu_write(bb_backend *backend, const bb_tensor *t, size_t offset, const void *data, size_t bytes)
{
    (void)backend;
    memcpy((char *)t->data + offset, data, bytes);
}

static void cpu_read(bb_backend *backend, const bb_tensor *t, size_t offset, void *data, size_t bytes)
{
    (void)backend;
    memcpy(data, (const char *)t->data + offset, bytes);
}

static bombus_status cpu_sync(bb_backend *backend, bombus_error *err)
{
    (void)backend, (void)err;
    return BOMBUS_OK;
}

const bb_backend_ops bb_cpu_ops = {
    .name = "cpu",
    .open = cpu_open,
    .alloc = cpu_alloc,
    .release = cpu_release,
    .prepare = cpu_prepare,
    .write = cpu_write,
    .read = cpu_read,
    .sync = cpu_sync,
    .dot = bb_cpu_dot,
    .linear = bb_cpu_linear,
    .linear_scratch = bb_cpu_linear_scratch,
    .linear_deltas = bb_cpu_linear_deltas,
    .quantize = bb_cpu_quantize,
    .dequantize = bb_cpu_dequantize,
    .embed = bb_cpu_embed,
    .embed_deltas = bb_cpu_embed_deltas,
    .rms_norm = bb_cpu_rms_norm,
    .rope_angles = bb_cpu_rope_angles,
    .rope = bb_cpu_rope,
    .kv_write = bb_cpu_kv_write,
    .attention = bb_cpu_attention,
    .swiglu = bb_cpu_swiglu,
    .add = bb_cpu_add,
    .gather = bb_cpu_gather,
};
