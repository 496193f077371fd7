/* Several sequences of made-up tokens, each with blocks of its own, so that no two share what a cache holds. */
#include "bench/timelines.h"

#include "base/cores.h"
#include "base/error.h"
#include "base/random.h"

static bombus_status check_memory(const bombus_model *model, int count, int blocks, bombus_dtype kv, bombus_error *err)
{
    const bb_config *c = &model->config;
    const double memory = (double)bb_cores_memory_available("");
    const double positions = (double)count * blocks * BB_KV_BLOCK;
    const double bytes = positions * c->layers * (double)bb_kv_position_bytes(c, kv);

    /* A pool counts its blocks in an int. */
    if (bytes > memory || (double)count * blocks > INT32_MAX)
        return bb_fail(err, BOMBUS_ELIMIT,
                       "keys and values of %d sequences of %d tokens in %s take %.1f GB, expected less than the memory there is, %.1f GB",
                       count, blocks * BB_KV_BLOCK, bombus_dtype_name(kv), bytes / 1e9, memory / 1e9);
    return BOMBUS_OK;
}

/* Rows [0, rows) are positions from first on of a sequence. */
static bb_rows place(bb_timelines *lines, int sequence, int first, int rows)
{
    for (int i = 0; i < rows; i++) {
        lines->positions[i] = first + i;
        lines->sequences[i] = sequence;
    }
    return (bb_rows){
        .count = rows, .tokens = lines->tokens, .positions = lines->positions, .sequences = lines->sequences, .blocks = lines->tables};
}

static bb_tensor first_rows(const bb_tensor *t, int rows)
{
    bb_tensor view = *t;
    view.shape[0] = rows;
    return view;
}

/* Writes through the operation of the decoder's, so that the cache may have any form. */
static bombus_status fill(bb_timelines *lines, bombus_error *err)
{
    bb_backend *backend = lines->pool.backend;
    const bb_tensor *k = &lines->workspace.k;
    const size_t values = (size_t)bb_shape_count(k->rank, k->shape);
    float *made = bb_alloc(values * sizeof *made);

    if (!made)
        return bb_fail_memory(err, values * sizeof *made);
    for (size_t i = 0; i < values; i++)
        made[i] = (float)((int64_t)(bb_random(1, i) >> 40) - (1 << 23)) * 0x1p-23f;
    backend->ops->write(backend, k, 0, made, values * sizeof *made);
    backend->ops->write(backend, &lines->workspace.v, 0, made, values * sizeof *made);
    bb_free(made);

    for (int s = 0; s < lines->count; s++) {
        for (int first = 0; first < lines->length; first += lines->rows) {
            const int left = lines->length - first, count = left < lines->rows ? left : lines->rows;
            const bb_rows rows = place(lines, s, first, count);
            const bb_tensor keys = first_rows(k, count), made_values = first_rows(&lines->workspace.v, count);
            for (int i = 0; i < lines->pool.layers; i++)
                backend->ops->kv_write(backend, &lines->pool.kv[i], &keys, &made_values, &rows);
        }
    }
    return backend->ops->sync(backend, err);
}

bombus_status bb_timelines_create(bb_timelines *lines, const bombus_model *model, int count, int length, int chunk, bombus_dtype kv,
                                  bombus_error *err)
{
    const int blocks = (length - 1) / BB_KV_BLOCK + 1, rows = chunk > count ? chunk : count;
    const size_t all = (size_t)count * (size_t)blocks, logits = (size_t)BB_LOGIT_ROWS * (size_t)model->config.vocabulary;
    bombus_status status = check_memory(model, count, blocks, kv, err);

    *lines = (bb_timelines){.model = model, .count = count, .length = length, .rows = rows};
    if (status != BOMBUS_OK)
        return status;
    lines->blocks = bb_alloc_zero(all, sizeof *lines->blocks);
    lines->tables = bb_alloc_zero((size_t)count, sizeof *lines->tables);
    lines->tokens = bb_alloc_zero((size_t)rows, sizeof *lines->tokens);
    lines->positions = bb_alloc_zero((size_t)rows, sizeof *lines->positions);
    lines->sequences = bb_alloc_zero((size_t)rows, sizeof *lines->sequences);
    lines->logits = bb_alloc_zero(logits, sizeof *lines->logits);
    if (!lines->blocks || !lines->tables || !lines->tokens || !lines->positions || !lines->sequences || !lines->logits)
        status = bb_fail_memory(err, all * sizeof *lines->blocks);
    else if ((status = bb_kv_pool_create(&lines->pool, model, (int)all, kv, err)) == BOMBUS_OK)
        status = bb_workspace_create(&lines->workspace, model, rows, err);
    if (status == BOMBUS_OK) {
        for (size_t i = 0; i < all; i++)
            lines->blocks[i] = bb_kv_pool_take(&lines->pool);
        for (int s = 0; s < count; s++)
            lines->tables[s] = lines->blocks + (size_t)s * (size_t)blocks;
        for (int i = 0; i < rows; i++)
            lines->tokens[i] = (int32_t)(bb_random(2, (uint64_t)i) % (uint64_t)model->config.vocabulary);
        status = fill(lines, err);
    }
    if (status != BOMBUS_OK)
        bb_timelines_free(lines);
    return status;
}

bombus_status bb_timelines_adapt(bb_timelines *lines, bb_deltas *const *adapters, int count, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    if (!count)
        return BOMBUS_OK;
    lines->runs = bb_alloc_zero((size_t)lines->count, sizeof *lines->runs);
    if (!lines->runs)
        return bb_fail_memory(err, (size_t)lines->count * sizeof *lines->runs);
    for (int s = 0; s < lines->count; s++) {
        const bb_delta *table = adapters[(int64_t)s * count / lines->count]->table;
        bb_delta_run *last = lines->run_count ? &lines->runs[lines->run_count - 1] : NULL;
        if (last && last->deltas == table)
            last->count++;
        else
            lines->runs[lines->run_count++] = (bb_delta_run){s, 1, table};
    }
    for (int i = 0; i < count && status == BOMBUS_OK; i++)
        status = bb_workspace_reserve(&lines->workspace, adapters[i]->rank, err);
    return status;
}

void bb_timelines_free(bb_timelines *lines)
{
    bb_free(lines->runs);
    bb_workspace_free(&lines->workspace);
    bb_kv_pool_free(&lines->pool);
    bb_free(lines->logits);
    bb_free(lines->sequences);
    bb_free(lines->positions);
    bb_free(lines->tokens);
    bb_free(lines->tables);
    bb_free(lines->blocks);
    *lines = (bb_timelines){0};
}

/* What the rows of a step change by: those of a decode step, or rows of the first sequence. runs: room for one. */
static const bb_step_deltas *step_deltas(const bb_timelines *lines, bool decodes, int rows, bb_delta_run *run, bb_step_deltas *deltas)
{
    if (!lines->run_count)
        return NULL;
    *deltas = (bb_step_deltas){lines->runs, lines->run_count};
    if (!decodes) {
        *run = (bb_delta_run){0, rows, lines->runs[0].deltas};
        *deltas = (bb_step_deltas){run, 1};
    }
    return deltas;
}

/* Logits of rows [first, last) of the step, for nobody: by the first adapter, since the head has no change. */
static bombus_status make_logits(bb_timelines *lines, int first, int last, bombus_error *err)
{
    int32_t index[BB_LOGIT_ROWS];
    bb_step_deltas deltas;
    bb_delta_run run;
    bombus_status status = BOMBUS_OK;

    while (first < last && status == BOMBUS_OK) {
        int count = 0;
        for (; first < last && count < BB_LOGIT_ROWS; first++)
            index[count++] = first;
        status = bb_decoder_logits(lines->model, &lines->workspace, index, count, step_deltas(lines, false, count, &run, &deltas),
                                   lines->logits, err);
    }
    return status;
}

bombus_status bb_timelines_prefill(bb_timelines *lines, int first, int count, bombus_error *err)
{
    bb_step_deltas deltas;
    bb_delta_run run;
    int rows = 0;

    for (int done = 0; done < count; done += rows) {
        rows = count - done < lines->rows ? count - done : lines->rows;
        const bb_rows step = place(lines, 0, first + done, rows);
        bb_decoder_step(lines->model, &lines->workspace, lines->pool.kv, &step, step_deltas(lines, false, rows, &run, &deltas));
    }
    return make_logits(lines, rows - 1, rows, err);
}

bombus_status bb_timelines_decode(bb_timelines *lines, int position, bombus_error *err)
{
    bb_step_deltas deltas;

    for (int s = 0; s < lines->count; s++) {
        lines->positions[s] = position;
        lines->sequences[s] = s;
    }
    const bb_rows step = {.count = lines->count,
                          .tokens = lines->tokens,
                          .positions = lines->positions,
                          .sequences = lines->sequences,
                          .blocks = lines->tables};
    bb_decoder_step(lines->model, &lines->workspace, lines->pool.kv, &step, step_deltas(lines, true, 0, NULL, &deltas));
    return make_logits(lines, 0, lines->count, err);
}

double bb_timelines_position_bytes(const bb_timelines *lines)
{
    return (double)bb_kv_position_bytes(&lines->model->config, lines->pool.kv[0].keys.dtype);
}
