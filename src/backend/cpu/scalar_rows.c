/* Operations that take rows one by one: embedding, norm, RoPE, SwiGLU, sums. The scalar reference.
 *
 * Each row is one task, so a row's result does not depend on its neighbours or on the number of threads. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

#include <math.h>
#include <string.h>

typedef struct row_job {
    const bb_kernels *kernels;
    float *out;
    const float *x, *y; /* [N, width] */
    int64_t width;
    int64_t y_stride; /* between the rows of y: width, or 0 for one row that serves all */
    const float *weight;
    int64_t dim; /* of a head, or of the norm's weight */
    float eps;   /* of the norm */
    float scale; /* of cos and sin */
    const bb_tensor *table;
    const bb_rows *rows;
    const int32_t *index;
    const double *frequencies;
    int64_t pairs; /* that RoPE turns in each head */
} row_job;

static void embed_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    (void)worker;
    job->kernels->row(job->out + n * job->width, BOMBUS_F32, job->table, job->rows->tokens[n], 0, job->width);
}

void bb_cpu_embed(bb_backend *backend, const bb_tensor *out, const bb_tensor *table, const bb_rows *rows)
{
    row_job job = {.kernels = bb_cpu_kernels(backend), .out = (float *)out->data, .width = out->shape[1], .table = table, .rows = rows};
    bb_threads_run(backend->threads, embed_row, &job, rows->count);
}

static void rms_norm_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    (void)worker;

    for (int64_t at = n * job->width; at < (n + 1) * job->width; at += job->dim) {
        const float *x = job->x + at;
        float *out = job->out + at;
        const float scale = 1.0f / sqrtf(bb_lanes_dot(x, x, job->dim) / (float)job->dim + job->eps);
        for (int64_t i = 0; i < job->dim; i++)
            out[i] = x[i] * scale * job->weight[i];
    }
}

void bb_cpu_rms_norm(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const bb_tensor *weight, float eps)
{
    row_job job = {
        .out = (float *)out->data, .x = x->data, .width = x->shape[1], .weight = weight->data, .dim = weight->shape[0], .eps = eps};
    bb_threads_run(backend->threads, rms_norm_row, &job, x->shape[0]);
}

static void rope_angles_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    float *cosines = job->out + n * 2 * job->pairs, *sines = cosines + job->pairs;
    (void)worker;

    for (int64_t i = 0; i < job->pairs; i++) {
        const double angle = job->rows->positions[n] * job->frequencies[i];
        cosines[i] = (float)(job->scale * cos(angle));
        sines[i] = (float)(job->scale * sin(angle));
    }
}

void bb_cpu_rope_angles(bb_backend *backend, const bb_tensor *angles, const double *frequencies, float scale, const bb_rows *rows)
{
    row_job job = {.out = (float *)angles->data, .pairs = angles->shape[2], .frequencies = frequencies, .scale = scale, .rows = rows};
    bb_threads_run(backend->threads, rope_angles_row, &job, rows->count);
}

static void rope_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    const float *cosines = job->y + n * job->y_stride, *sines = cosines + job->pairs;
    (void)worker;

    for (float *head = job->out + n * job->width, *end = head + job->width; head < end; head += job->dim) {
        float *a = head, *b = head + job->pairs;
        for (int64_t i = 0; i < job->pairs; i++) {
            const float x = a[i], y = b[i];
            a[i] = x * cosines[i] - y * sines[i];
            b[i] = x * sines[i] + y * cosines[i];
        }
    }
}

void bb_cpu_rope(bb_backend *backend, const bb_tensor *x, const bb_tensor *angles, int dim)
{
    row_job job = {.out = (float *)x->data,
                   .width = x->shape[1],
                   .y = angles->data,
                   .y_stride = 2 * angles->shape[2],
                   .pairs = angles->shape[2],
                   .dim = dim};
    bb_threads_run(backend->threads, rope_row, &job, x->shape[0]);
}

static void swiglu_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    const float *gate = job->x + n * job->width, *up = job->y + n * job->width;
    float *out = job->out + n * job->width;
    (void)worker;

    for (int64_t i = 0; i < job->width; i++)
        out[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

void bb_cpu_swiglu(bb_backend *backend, const bb_tensor *out, const bb_tensor *gate, const bb_tensor *up)
{
    row_job job = {.out = (float *)out->data, .x = gate->data, .y = up->data, .width = gate->shape[1]};
    bb_threads_run(backend->threads, swiglu_row, &job, gate->shape[0]);
}

static void add_row(void *context, int64_t n, int worker)
{
    const row_job *job = context;
    float *out = job->out + n * job->width;
    const float *y = job->y + n * job->y_stride;
    (void)worker;

    for (int64_t i = 0; i < job->width; i++)
        out[i] += y[i];
}

void bb_cpu_add(bb_backend *backend, const bb_tensor *x, const bb_tensor *y)
{
    row_job job = {.out = (float *)x->data, .y = y->data, .width = x->shape[1], .y_stride = y->rank == 1 ? 0 : x->shape[1]};
    bb_threads_run(backend->threads, add_row, &job, x->shape[0]);
}

static void gather_row(void *context, int64_t m, int worker)
{
    const row_job *job = context;
    (void)worker;
    memcpy(job->out + m * job->width, job->x + job->index[m] * job->width, (size_t)job->width * sizeof(float));
}

void bb_cpu_gather(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const int32_t *index)
{
    row_job job = {.out = (float *)out->data, .x = x->data, .width = x->shape[1], .index = index};
    bb_threads_run(backend->threads, gather_row, &job, out->shape[0]);
}
