/* Operations that take rows one by one: embedding, norm, RoPE, SwiGLU, sums.
 *
 * A row's result does not depend on its neighbours or on the number of threads. A task is as many rows as make it worth handing on: what a
 * step of one row does here takes less than it takes another thread to hear of it. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/kernels.h"

#include <math.h>
#include <string.h>

enum {
    TASK_ELEMENTS = 8192,
    ANGLE_COST = 32, /* elements that an angle's sine and cosine take the time of */
};

typedef struct row_job {
    const bb_kernels *kernels;
    void (*row)(const struct row_job *job, int64_t n);
    int64_t count, rows_a_task;
    float *out;
    const float *x, *y; /* [N, width] */
    int64_t width;      /* elements of a row */
    int64_t y_stride;   /* between the rows of y: width, or 0 for one row that serves all */
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

static void task(void *context, int64_t index, int worker)
{
    const row_job *job = context;
    const int64_t begin = index * job->rows_a_task, end = begin + job->rows_a_task < job->count ? begin + job->rows_a_task : job->count;

    (void)worker;
    for (int64_t n = begin; n < end; n++)
        job->row(job, n);
}

static void run(bb_backend *backend, row_job *job, void (*row)(const row_job *job, int64_t n), int64_t count)
{
    job->kernels = bb_cpu_kernels(backend);
    job->row = row;
    job->count = count;
    job->rows_a_task = job->width < TASK_ELEMENTS ? TASK_ELEMENTS / (job->width ? job->width : 1) : 1;
    bb_threads_run(backend->threads, task, job, (count + job->rows_a_task - 1) / job->rows_a_task);
}

static void embed_row(const row_job *job, int64_t n)
{
    job->kernels->row(job->out + n * job->width, BOMBUS_F32, job->table, job->rows->tokens[n], 0, job->width);
}

void bb_cpu_embed(bb_backend *backend, const bb_tensor *out, const bb_tensor *table, const bb_rows *rows)
{
    row_job job = {.out = (float *)out->data, .width = out->shape[1], .table = table, .rows = rows};
    run(backend, &job, embed_row, rows->count);
}

static void rms_norm_row(const row_job *job, int64_t n)
{
    for (int64_t at = n * job->width; at < (n + 1) * job->width; at += job->dim)
        job->kernels->rms_norm(job->out + at, job->x + at, job->weight, job->dim, job->eps);
}

void bb_cpu_rms_norm(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const bb_tensor *weight, float eps)
{
    row_job job = {
        .out = (float *)out->data, .x = x->data, .width = x->shape[1], .weight = weight->data, .dim = weight->shape[0], .eps = eps};
    run(backend, &job, rms_norm_row, x->shape[0]);
}

static void rope_angles_row(const row_job *job, int64_t n)
{
    float *cosines = job->out + n * 2 * job->pairs, *sines = cosines + job->pairs;

    for (int64_t i = 0; i < job->pairs; i++) {
        const double angle = job->rows->positions[n] * job->frequencies[i];
        cosines[i] = (float)(job->scale * cos(angle));
        sines[i] = (float)(job->scale * sin(angle));
    }
}

void bb_cpu_rope_angles(bb_backend *backend, const bb_tensor *angles, const double *frequencies, float scale, const bb_rows *rows)
{
    row_job job = {.out = (float *)angles->data, .pairs = angles->shape[2], .frequencies = frequencies, .scale = scale, .rows = rows};
    job.width = ANGLE_COST * job.pairs;
    run(backend, &job, rope_angles_row, rows->count);
}

static void rope_row(const row_job *job, int64_t n)
{
    const float *cosines = job->y + n * job->y_stride, *sines = cosines + job->pairs;

    for (float *head = job->out + n * job->width, *end = head + job->width; head < end; head += job->dim)
        job->kernels->rope(head, head + job->pairs, cosines, sines, job->pairs);
}

void bb_cpu_rope(bb_backend *backend, const bb_tensor *x, const bb_tensor *angles, int dim)
{
    row_job job = {.out = (float *)x->data,
                   .width = x->shape[1],
                   .y = angles->data,
                   .y_stride = 2 * angles->shape[2],
                   .pairs = angles->shape[2],
                   .dim = dim};
    run(backend, &job, rope_row, x->shape[0]);
}

static void swiglu_row(const row_job *job, int64_t n)
{
    job->kernels->swiglu(job->out + n * job->width, job->x + n * job->width, job->y + n * job->width, job->width);
}

void bb_cpu_swiglu(bb_backend *backend, const bb_tensor *out, const bb_tensor *gate, const bb_tensor *up)
{
    row_job job = {.out = (float *)out->data, .x = gate->data, .y = up->data, .width = gate->shape[1]};
    run(backend, &job, swiglu_row, gate->shape[0]);
}

static void add_row(const row_job *job, int64_t n)
{
    job->kernels->add(job->out + n * job->width, job->y + n * job->y_stride, job->width);
}

void bb_cpu_add(bb_backend *backend, const bb_tensor *x, const bb_tensor *y)
{
    row_job job = {.out = (float *)x->data, .y = y->data, .width = x->shape[1], .y_stride = y->rank == 1 ? 0 : x->shape[1]};
    run(backend, &job, add_row, x->shape[0]);
}

static void gather_row(const row_job *job, int64_t m)
{
    memcpy(job->out + m * job->width, job->x + job->index[m] * job->width, (size_t)job->width * sizeof(float));
}

void bb_cpu_gather(bb_backend *backend, const bb_tensor *out, const bb_tensor *x, const int32_t *index)
{
    row_job job = {.out = (float *)out->data, .x = x->data, .width = x->shape[1], .index = index};
    run(backend, &job, gather_row, out->shape[0]);
}
