/* A session: tokens go in, their keys and values stay, logits come out.
 *
 * Owns: a KV pool of its own, the workspace of a step, the row tables, the tokens seen. All memory is taken when the session is made.
 * Invariant: blocks[0 .. block_count) hold positions [0, position) of tokens[0 .. position); a failed call leaves position where it was. */
#include "generate/session.h"

#include "base/error.h"

#include <inttypes.h>
#include <string.h>

enum { CHUNK_DEFAULT = 256, CHUNK_MAX = 65536 };

void bombus_session_options_init(bombus_session_options *options)
{
    *options = (bombus_session_options){.kv_dtype = BOMBUS_F32};
}

static bombus_status check_options(const bombus_session_options *options, bombus_error *err)
{
    if (options->context < 0)
        return bb_fail(err, BOMBUS_EINVAL, "context: %d, expected 0 or more", options->context);
    if (options->chunk < 0 || options->chunk > CHUNK_MAX)
        return bb_fail(err, BOMBUS_EINVAL, "chunk: %d, expected 0 to %d", options->chunk, CHUNK_MAX);
    return bb_kv_check_dtype(options->kv_dtype, err);
}

bombus_status bombus_session_create(bombus_session **out, bombus_model *model, bombus_tokenizer *tokenizer,
                                    const bombus_session_options *options, bombus_error *err)
{
    bombus_session_options defaults;

    *out = NULL;
    bombus_session_options_init(&defaults);
    options = options ? options : &defaults;
    bombus_status status = check_options(options, err);
    if (status != BOMBUS_OK)
        return status;

    bombus_session *session = bb_alloc_zero(1, sizeof *session);
    if (!session)
        return bb_fail_memory(err, sizeof *session);
    session->model = bombus_model_retain(model);
    session->tokenizer = tokenizer ? bombus_tokenizer_retain(tokenizer) : NULL;
    session->context = options->context ? options->context : model->config.context;
    session->chunk = options->chunk ? options->chunk : CHUNK_DEFAULT;
    if (session->chunk > session->context)
        session->chunk = session->context;

    const int blocks = (session->context - 1) / BB_KV_BLOCK + 1;
    const size_t chunk = (size_t)session->chunk, vocabulary = (size_t)model->config.vocabulary;
    session->blocks = bb_alloc_zero((size_t)blocks, sizeof *session->blocks);
    session->tokens = bb_alloc_zero((size_t)session->context, sizeof *session->tokens);
    session->positions = bb_alloc_zero(chunk, sizeof *session->positions);
    session->sequences = bb_alloc_zero(chunk, sizeof *session->sequences);
    session->logits = bb_alloc_zero(vocabulary, sizeof *session->logits);
    if (!session->blocks || !session->tokens || !session->positions || !session->sequences || !session->logits)
        status = bb_fail_memory(err, vocabulary * sizeof *session->logits);
    else if ((status = bb_kv_pool_create(&session->pool, model, blocks, options->kv_dtype, err)) == BOMBUS_OK)
        status = bb_workspace_create(&session->workspace, model, session->chunk, err);
    if (status == BOMBUS_OK)
        status = bb_adapter_bind(&session->deltas, model, options->adapters, options->adapter_count, err);
    if (status == BOMBUS_OK && session->deltas)
        status = bb_workspace_reserve(&session->workspace, session->deltas->rank, err);
    if (status == BOMBUS_OK && options->draft_model) {
        const bombus_session_options draft = {.context = session->context, .chunk = session->chunk, .kv_dtype = options->kv_dtype};
        status = bombus_session_create(&session->draft, options->draft_model, NULL, &draft, err);
    }

    if (status != BOMBUS_OK)
        bombus_session_free(session);
    else
        *out = session;
    return status;
}

void bombus_session_free(bombus_session *session)
{
    if (!session)
        return;
    bb_deltas_free(session->deltas);
    bombus_session_free(session->draft);
    bb_workspace_free(&session->workspace);
    bb_kv_pool_free(&session->pool);
    bb_free(session->logits);
    bb_free(session->sequences);
    bb_free(session->positions);
    bb_free(session->tokens);
    bb_free(session->blocks);
    bombus_tokenizer_free(session->tokenizer);
    bombus_model_free(session->model);
    bb_free(session);
}

int bombus_session_position(const bombus_session *session)
{
    return session->position;
}

bombus_status bombus_session_rewind(bombus_session *session, int position, bombus_error *err)
{
    if (position < 0 || position > session->position)
        return bb_fail(err, BOMBUS_EINVAL, "position: %d, expected 0 to %d", position, session->position);

    while (session->block_count > (position + BB_KV_BLOCK - 1) / BB_KV_BLOCK)
        bb_kv_pool_give(&session->pool, session->blocks[--session->block_count]);
    session->position = position;
    return BOMBUS_OK;
}

const int32_t *bombus_session_tokens(const bombus_session *session, size_t *count)
{
    *count = (size_t)session->position;
    return session->tokens;
}

int bombus_session_keep_prefix(bombus_session *session, const int32_t *ids, size_t count)
{
    int same = 0;

    while (same < session->position && (size_t)same < count && ids[same] == session->tokens[same])
        same++;
    bombus_session_rewind(session, same, NULL);
    return same;
}

bombus_status bb_session_check(const bombus_session *session, const int32_t *ids, size_t count, const char *what, bombus_error *err)
{
    const int room = session->context - session->position;

    if (count > (size_t)room)
        return bb_fail(err, BOMBUS_ELIMIT, "%s: %zu tokens, the context of %d has room for %d", what, count, session->context, room);
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || ids[i] >= session->model->config.vocabulary)
            return bb_fail(err, BOMBUS_EINVAL, "%s: token %zu is %" PRId32 ", expected an id from 0 to %d", what, i, ids[i],
                           session->model->config.vocabulary - 1);
    return BOMBUS_OK;
}

/* Every row of a session has the same changes. */
static bb_delta_run all_rows(const bombus_session *session, int count)
{
    return (bb_delta_run){0, count, session->deltas ? session->deltas->table : NULL};
}

/* Logits of the step's rows [first, last) into out [last - first, V]. */
static bombus_status read_logits(bombus_session *session, int first, int last, float *out, bombus_error *err)
{
    int32_t index[BB_LOGIT_ROWS];

    while (first < last) {
        const int count = last - first < BB_LOGIT_ROWS ? last - first : BB_LOGIT_ROWS;
        const bb_delta_run run = all_rows(session, count);
        for (int i = 0; i < count; i++)
            index[i] = first + i;
        bombus_status status = bb_decoder_logits(session->model, &session->workspace, index, count,
                                                 session->deltas ? &(bb_step_deltas){&run, 1} : NULL, out, err);
        if (status != BOMBUS_OK)
            return status;
        out += (size_t)count * (size_t)session->model->config.vocabulary;
        first += count;
    }
    return BOMBUS_OK;
}

void bb_session_grow(bombus_session *session, int position)
{
    /* The pool holds the whole context, so a position inside it always finds a block. */
    while (session->block_count * BB_KV_BLOCK < position)
        session->blocks[session->block_count++] = bb_kv_pool_take(&session->pool);
}

static void step(bombus_session *session, const int32_t *ids, int count)
{
    const int32_t *const tables[] = {session->blocks};
    const bb_rows rows = {.count = count,
                          .tokens = session->tokens + session->position,
                          .positions = session->positions,
                          .sequences = session->sequences,
                          .blocks = tables};
    const bb_delta_run run = all_rows(session, count);

    for (int i = 0; i < count; i++) {
        session->tokens[session->position + i] = ids[i];
        session->positions[i] = session->position + i;
    }
    bb_session_grow(session, session->position + count);
    bb_decoder_step(session->model, &session->workspace, session->pool.kv, &rows, session->deltas ? &(bb_step_deltas){&run, 1} : NULL);
    session->position += count;
}

bombus_status bb_session_feed(bombus_session *session, const int32_t *ids, size_t count, float *all, bombus_error *err)
{
    const int start = session->position;
    bombus_status status = BOMBUS_OK;

    for (size_t done = 0; done < count && status == BOMBUS_OK;) {
        const int rows = count - done < (size_t)session->chunk ? (int)(count - done) : session->chunk;
        step(session, ids + done, rows);
        done += (size_t)rows;
        if (all) {
            status = read_logits(session, 0, rows, all, err);
            all += (size_t)rows * (size_t)session->model->config.vocabulary;
        } else if (done == count) {
            status = read_logits(session, rows - 1, rows, session->logits, err);
        }
    }
    if (status != BOMBUS_OK)
        bombus_session_rewind(session, start, NULL);
    return status;
}

bombus_status bombus_session_eval(bombus_session *session, const int32_t *ids, size_t count, float *logits, bombus_error *err)
{
    bombus_status status = bb_session_check(session, ids, count, "tokens", err);

    return status == BOMBUS_OK ? bb_session_feed(session, ids, count, logits, err) : status;
}
