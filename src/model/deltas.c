/* Changes of a model's linear layers, made ready for its backend.
 *
 * A weighted sum of any number of adapters, some with magnitudes of their own, is still one change of low rank and one gain a row:
 * sum over i of weight_i * (g_i * (W + B_i^T A_i) - W) + W = gain * W + B^T A, with gain = 1 + sum of weight_i * (g_i - 1), A all the A_i
 * one below the other, and B all the weight_i * g_i * B_i. So what a step pays depends on the sum of ranks alone.
 *
 * g_i is the magnitude over the length of the changed row, which no input changes: it is found once, here. */
#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"
#include "tensor/half.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { LENGTH_ROWS = 256 }; /* whose lengths are found at once */

bombus_status bb_deltas_create(bb_deltas **out, const bombus_model *model, bombus_error *err)
{
    bb_deltas *deltas = bb_alloc_zero(1, sizeof *deltas);

    *out = NULL;
    if (!deltas)
        return bb_fail_memory(err, sizeof *deltas);
    atomic_init(&deltas->references, 1);
    deltas->count = bb_model_linear_count(model);
    deltas->table = bb_alloc_zero((size_t)deltas->count, sizeof *deltas->table);
    if (!deltas->table) {
        bb_free(deltas);
        return bb_fail_memory(err, (size_t)model->config.layers * sizeof *deltas->table);
    }
    deltas->backend = bb_backend_retain(model->backend);
    *out = deltas;
    return BOMBUS_OK;
}

bb_deltas *bb_deltas_retain(bb_deltas *deltas)
{
    atomic_fetch_add(&deltas->references, 1);
    return deltas;
}

static void release_delta(bb_backend *backend, bb_delta *delta)
{
    bb_tensor *const tensors[] = {&delta->a, &delta->b, &delta->gain, &delta->gain_side};

    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        if (tensors[i]->data)
            backend->ops->release(backend, tensors[i]);
}

void bb_deltas_free(bb_deltas *deltas)
{
    if (!deltas || atomic_fetch_sub(&deltas->references, 1) != 1)
        return;
    for (int i = 0; i < deltas->count; i++)
        release_delta(deltas->backend, &deltas->table[i]);
    bb_backend_free(deltas->backend);
    bb_free(deltas->table);
    bb_free(deltas);
}

/* Values of the host's in memory of the backend's, as dtype. */
static bombus_status keep(bb_backend *backend, bb_tensor *out, bombus_dtype dtype, int rank, const int64_t *shape, const float *values,
                          bombus_error *err)
{
    const int64_t count = bb_shape_count(rank, shape);
    const size_t bytes = (size_t)bb_dtype_bytes(dtype, count);
    void *narrow = bb_alloc(bytes);

    if (!narrow)
        return bb_fail_memory(err, bytes);
    bb_narrow(narrow, dtype, values, count);
    *out = bb_tensor_view(dtype, rank, shape, NULL);
    const bombus_status status = backend->ops->alloc(backend, out, err);
    if (status == BOMBUS_OK)
        backend->ops->write(backend, out, 0, narrow, bytes);
    bb_free(narrow);
    return status;
}

/* Adds the squares of rows [count, in] to the lengths of their rows, or of their columns. */
static void add_squares(double *lengths, const float *rows, int64_t count, int64_t in, bool columns)
{
    for (int64_t n = 0; n < count; n++)
        for (int64_t i = 0; i < in; i++)
            lengths[columns ? i : n] += (double)rows[n * in + i] * (double)rows[n * in + i];
}

/* The squares of the lengths of W + B^T A: [out], or [in] where columns. Rows of a weight, dense or quantized, are read as an embedding's
 * are. */
static bombus_status find_lengths(bb_backend *backend, const bb_tensor *weight, const bb_change *change, double *lengths, bombus_error *err)
{
    const int64_t n = weight->shape[0], in = weight->shape[1];
    bb_tensor rows = bb_tensor_view(BOMBUS_F32, 2, (int64_t[]){LENGTH_ROWS, in}, NULL);
    float *values = bb_alloc((size_t)LENGTH_ROWS * (size_t)in * sizeof *values);
    bb_delta delta = {0};
    int32_t tokens[LENGTH_ROWS];
    bombus_status status;

    if (!values)
        return bb_fail_memory(err, (size_t)LENGTH_ROWS * (size_t)in * sizeof *values);
    if ((status = backend->ops->alloc(backend, &rows, err)) != BOMBUS_OK ||
        (status = keep(backend, &delta.a, BOMBUS_F32, 2, (int64_t[]){change->rank, in}, change->a, err)) != BOMBUS_OK ||
        (status = keep(backend, &delta.b, BOMBUS_F32, 2, (int64_t[]){change->rank, n}, change->b, err)) != BOMBUS_OK)
        goto out;
    for (int64_t first = 0; first < n && status == BOMBUS_OK; first += LENGTH_ROWS) {
        const int count = n - first < LENGTH_ROWS ? (int)(n - first) : LENGTH_ROWS;
        const bb_rows step = {.count = count, .tokens = tokens};
        const bb_delta_run run = {0, count, &delta};
        for (int i = 0; i < count; i++)
            tokens[i] = (int32_t)first + i;
        rows.shape[0] = count;
        backend->ops->embed(backend, &rows, weight, &step);
        backend->ops->embed_deltas(backend, &rows, &step, 0, &(bb_delta_runs){.runs = &run, .count = 1, .rank = change->rank});
        if ((status = backend->ops->sync(backend, err)) == BOMBUS_OK) {
            backend->ops->read(backend, &rows, 0, values, (size_t)count * (size_t)in * sizeof *values);
            add_squares(change->columns ? lengths : lengths + first, values, count, in, change->columns);
        }
    }

out:
    rows.shape[0] = LENGTH_ROWS;
    if (rows.data)
        backend->ops->release(backend, &rows);
    release_delta(backend, &delta);
    bb_free(values);
    return status;
}

/* The sum in the making, on the host. */
typedef struct sum {
    int64_t n, in, rank;
    float *a, *b;            /* [rank, in], [rank, n] */
    float *gain, *gain_side; /* [n], [in] */
    bool has_gain, has_side;
    double *lengths; /* room for either */
} sum;

/* A row without length has no direction to be brought to one. */
static float gain_of(float magnitude, double square)
{
    return square > 0 ? (float)((double)magnitude / sqrt(square)) : 0;
}

static bombus_status add_change(sum *s, bb_backend *backend, const bb_tensor *weight, const bb_change *c, bombus_error *err)
{
    const int64_t scaled = c->columns ? s->in : s->n;
    float *a = s->a + s->rank * s->in, *b = s->b + s->rank * s->n, *gain = c->columns ? s->gain_side : s->gain;

    for (int64_t i = 0; i < c->rank * s->in; i++)
        a[i] = c->a[i];
    for (int64_t i = 0; i < c->rank * s->n; i++)
        b[i] = c->weight * c->b[i];
    s->rank += c->rank;
    if (!c->magnitude)
        return BOMBUS_OK;

    memset(s->lengths, 0, (size_t)scaled * sizeof *s->lengths);
    const bombus_status status = find_lengths(backend, weight, c, s->lengths, err);
    if (status != BOMBUS_OK)
        return status;
    *(c->columns ? &s->has_side : &s->has_gain) = true;
    for (int64_t i = 0; i < scaled; i++) {
        const float g = gain_of(c->magnitude[i], s->lengths[i]);
        gain[i] += c->weight * (g - 1);
        for (int k = 0; k < c->rank; k++)
            *(c->columns ? &a[k * s->in + i] : &b[k * s->n + i]) *= g;
    }
    return BOMBUS_OK;
}

static bombus_status keep_sum(bb_backend *backend, bb_delta *delta, const sum *s, bombus_dtype dtype, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    if (s->rank && ((status = keep(backend, &delta->a, dtype, 2, (int64_t[]){s->rank, s->in}, s->a, err)) != BOMBUS_OK ||
                    (status = keep(backend, &delta->b, dtype, 2, (int64_t[]){s->rank, s->n}, s->b, err)) != BOMBUS_OK))
        return status;
    if (s->has_gain && (status = keep(backend, &delta->gain, BOMBUS_F32, 1, &s->n, s->gain, err)) != BOMBUS_OK)
        return status;
    return s->has_side ? keep(backend, &delta->gain_side, BOMBUS_F32, 1, &s->in, s->gain_side, err) : BOMBUS_OK;
}

bombus_status bb_deltas_set(bb_deltas *deltas, const bombus_model *model, int index, const bb_change *changes, int count, bombus_error *err)
{
    const bb_tensor *weight = &bb_model_linear_at(model, index)->weight;
    sum s = {.n = weight->shape[0], .in = weight->shape[1]};
    size_t rank = 0;
    bombus_status status = BOMBUS_OK;

    for (int i = 0; i < count; i++)
        rank += (size_t)changes[i].rank;
    s.a = bb_alloc_zero(rank * (size_t)s.in, sizeof *s.a);
    s.b = bb_alloc_zero(rank * (size_t)s.n, sizeof *s.b);
    s.gain = bb_alloc((size_t)s.n * sizeof *s.gain);
    s.gain_side = bb_alloc((size_t)s.in * sizeof *s.gain_side);
    s.lengths = bb_alloc((size_t)(s.n > s.in ? s.n : s.in) * sizeof *s.lengths);
    if (!s.a || !s.b || !s.gain || !s.gain_side || !s.lengths) {
        status = bb_fail_memory(err, rank * (size_t)(s.n + s.in) * sizeof *s.a);
        goto out;
    }
    for (int64_t i = 0; i < s.n; i++)
        s.gain[i] = 1;
    for (int64_t i = 0; i < s.in; i++)
        s.gain_side[i] = 1;
    for (int i = 0; i < count && status == BOMBUS_OK; i++)
        status = add_change(&s, deltas->backend, weight, &changes[i], err);
    if (status == BOMBUS_OK)
        status = keep_sum(deltas->backend, &deltas->table[index], &s, model->compute == BOMBUS_FAST ? BOMBUS_BF16 : BOMBUS_F32, err);
    if (status == BOMBUS_OK && s.rank > deltas->rank)
        deltas->rank = (int)s.rank;

out:
    bb_free(s.lengths);
    bb_free(s.gain_side);
    bb_free(s.gain);
    bb_free(s.b);
    bb_free(s.a);
    return status;
}
