/* The token loop: a prompt goes in, tokens are drawn one by one until something stops them.
 *
 * All memory an answer can need is taken before the first token; the loop allocates nothing, which a debug build proves by shutting the
 * door while it runs (but for the caller's callback). */
#include "generate/request.h"
#include "generate/sampler.h"
#include "generate/session.h"
#include "generate/stops.h"

#include "base/error.h"

#include <string.h>
#include <time.h>

/* Text that a decoder may hold back and give with a later token: a run of byte tokens. */
enum { HELD_BYTES = 1 << 16 };

typedef struct answer {
    bombus_session *session;
    const bombus_request *request;
    bombus_result *result;
    bb_sampler *sampler;
    bb_stops *stops;                 /* NULL where there is no tokenizer */
    bombus_detokenizer *detokenizer; /* likewise */
    size_t limit;                    /* tokens the result has room for */
    size_t text_capacity;
} answer;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void bombus_result_clear(bombus_result *result)
{
    bb_free(result->text);
    bb_free(result->tokens);
    bb_free(result->logprobs);
    *result = (bombus_result){0};
}

static bombus_status prepare(answer *a, size_t prompt_count, bombus_error *err)
{
    bombus_session *session = a->session;
    const size_t room = (size_t)(session->context - session->position) - prompt_count;
    bombus_status status = bb_sampler_create(&a->sampler, session->model->config.vocabulary, a->request, err);

    if (status != BOMBUS_OK)
        return status;
    if (a->request->stop_count && !session->tokenizer)
        return bb_fail(err, BOMBUS_EINVAL, "stops: %zu strings, expected none without a tokenizer", a->request->stop_count);

    /* The last token drawn need not be fed, so a full context still gives one. */
    a->limit = (size_t)a->request->max_tokens < room + 1 ? (size_t)a->request->max_tokens : room + 1;
    a->result->tokens = bb_alloc_zero(a->limit, sizeof *a->result->tokens);
    a->result->logprobs = bb_alloc_zero(a->limit, sizeof *a->result->logprobs);
    if (!a->result->tokens || !a->result->logprobs)
        return bb_fail_memory(err, a->limit * sizeof *a->result->tokens);
    if (!session->tokenizer)
        return BOMBUS_OK;

    a->text_capacity = (a->limit + 1) * session->token_bytes + 1;
    a->result->text = bb_alloc(a->text_capacity);
    if (!a->result->text)
        return bb_fail_memory(err, a->text_capacity);
    a->result->text[0] = '\0';
    const int flags = a->request->keep_special ? 0 : BOMBUS_SKIP_SPECIAL;
    if ((status = bombus_detokenizer_create(&a->detokenizer, session->tokenizer, flags, err)) != BOMBUS_OK)
        return status;
    return bb_stops_create(&a->stops, a->request->stops, a->request->stop_count, session->token_bytes + HELD_BYTES, err);
}

static bool ends(const answer *a, int32_t id)
{
    const bb_config *config = &a->session->model->config;

    for (size_t i = 0; i < a->request->stop_token_count; i++)
        if (a->request->stop_tokens[i] == id)
            return true;
    if (a->request->ignore_end)
        return false;
    for (size_t i = 0; i < config->end_count; i++)
        if (config->end_tokens[i] == id)
            return true;
    /* As in mlx-lm, besides those that the model's files name. */
    return a->session->tokenizer && bombus_tokenizer_eos(a->session->tokenizer) == id;
}

static bombus_status append(answer *a, const bb_passed *passed, bombus_error *err)
{
    bombus_result *result = a->result;

    if (passed->bytes >= a->text_capacity - result->text_bytes)
        return bb_fail(err, BOMBUS_ELIMIT, "text: more than %zu bytes a token", a->session->token_bytes);
    if (passed->bytes)
        memcpy(result->text + result->text_bytes, passed->text, passed->bytes);
    result->text_bytes += passed->bytes;
    result->text[result->text_bytes] = '\0';
    return BOMBUS_OK;
}

/* The text that became certain with a token goes to the end of the result. id -1: the stream ends, and what was held back comes. */
static bombus_status add_text(answer *a, int32_t id, bool *stopped, bombus_error *err)
{
    const char *piece;
    size_t bytes;
    bb_passed passed;
    bombus_status status = id < 0 ? bombus_detokenizer_finish(a->detokenizer, &piece, &bytes, err)
                                  : bombus_detokenizer_push(a->detokenizer, id, &piece, &bytes, err);

    if (status != BOMBUS_OK || (status = bb_stops_push(a->stops, piece, bytes, &passed, err)) != BOMBUS_OK ||
        (status = append(a, &passed, err)) != BOMBUS_OK)
        return status;
    *stopped = passed.stopped;
    if (id >= 0 || passed.stopped)
        return BOMBUS_OK;
    bb_stops_finish(a->stops, &passed);
    *stopped = passed.stopped; /* one that had been found waited for an earlier one to be completed */
    return append(a, &passed, err);
}

static bool tell(const answer *a, const bb_draw *draw, size_t text_start)
{
    const bombus_token token = {
        .id = draw->id,
        .text = a->result->text ? a->result->text + text_start : "",
        .text_bytes = a->result->text_bytes - text_start,
        .logprob = draw->logprob,
        .top = draw->top,
        .top_count = draw->top_count,
    };

    if (!a->request->on_token)
        return true;
    bb_alloc_allow();
    const bool go_on = a->request->on_token(&token, a->request->context);
    bb_alloc_forbid();
    return go_on;
}

/* Draws one token and deals with it. *done: result->finish says why. */
static bombus_status draw_token(answer *a, bool *done, bombus_error *err)
{
    bombus_session *session = a->session;
    bombus_result *result = a->result;
    const size_t text_start = result->text_bytes;
    bb_draw draw;
    bool stopped = false;
    bombus_status status = bb_sampler_draw(a->sampler, session->logits, (uint64_t)session->position, &draw, err);

    if (status != BOMBUS_OK)
        return status;
    const bool end = ends(a, draw.id);
    if (!end) {
        bb_sampler_see(a->sampler, draw.id);
        result->tokens[result->token_count] = draw.id;
        result->logprobs[result->token_count++] = draw.logprob;
        /* Heads have rows beyond the vocabulary, for the sake of round numbers: such an id is drawn now and then, and has no text. */
        if (a->detokenizer && bombus_tokenizer_token(session->tokenizer, draw.id) &&
            (status = add_text(a, draw.id, &stopped, err)) != BOMBUS_OK)
            return status;
    }
    const bool full = !end && !stopped && result->token_count == a->limit;
    if (a->detokenizer && (end || full) && (status = add_text(a, -1, &stopped, err)) != BOMBUS_OK)
        return status;

    *done = end || stopped || full;
    result->finish = end || stopped ? BOMBUS_FINISH_STOP : BOMBUS_FINISH_LENGTH;
    if (!tell(a, &draw, text_start) && !*done) {
        result->finish = BOMBUS_FINISH_CANCELED;
        *done = true;
    }
    return BOMBUS_OK;
}

/* By chunks, so that a long prompt can be canceled; the logits that each makes are one row beside the rows of a chunk. */
static bombus_status feed_prompt(answer *a, const int32_t *prompt, size_t count, bool *canceled, bombus_error *err)
{
    const bombus_request *request = a->request;
    bombus_status status = BOMBUS_OK;

    *canceled = false;
    for (size_t done = 0; done < count && !*canceled && status == BOMBUS_OK;) {
        const size_t left = count - done, rows = left < (size_t)a->session->chunk ? left : (size_t)a->session->chunk;
        status = bb_session_feed(a->session, prompt + done, rows, NULL, err);
        done += rows;
        if (status != BOMBUS_OK || done == count || !request->on_prompt)
            continue;
        bb_alloc_allow();
        *canceled = !request->on_prompt(done, count, request->context);
        bb_alloc_forbid();
        if (*canceled)
            a->result->prompt_count = done;
    }
    return status;
}

static bombus_status run(answer *a, const int32_t *prompt, size_t count, bombus_error *err)
{
    const double start = now();
    bool canceled, first = true;
    bombus_status status = feed_prompt(a, prompt, count, &canceled, err);
    bool done = canceled || a->limit == 0;

    a->result->finish = canceled ? BOMBUS_FINISH_CANCELED : BOMBUS_FINISH_LENGTH;
    /* Also what was fed before: an answer does not depend on how its timeline was divided into calls. */
    for (int i = 0; i < a->session->position && status == BOMBUS_OK; i++)
        bb_sampler_see(a->sampler, a->session->tokens[i]);
    a->result->prompt_seconds = now() - start;
    while (!done && status == BOMBUS_OK) {
        status = draw_token(a, &done, err);
        if (first)
            a->result->prompt_seconds = now() - start;
        first = false;
        if (!done && status == BOMBUS_OK)
            status = bb_session_feed(a->session, &a->result->tokens[a->result->token_count - 1], 1, NULL, err);
    }
    a->result->generate_seconds = now() - start - a->result->prompt_seconds;
    return status;
}

bombus_status bombus_session_generate(bombus_session *session, const int32_t *prompt, size_t count, const bombus_request *request,
                                      bombus_result *result, bombus_error *err)
{
    answer a = {.session = session, .request = request, .result = result};
    const int position = session->position;
    bombus_status status;

    *result = (bombus_result){.prompt_count = count};
    if (count == 0)
        return bb_fail(err, BOMBUS_EINVAL, "prompt: no tokens, expected at least 1");
    if ((status = bb_session_check(session, prompt, count, "prompt", err)) == BOMBUS_OK &&
        (status = prepare(&a, count, err)) == BOMBUS_OK) {
        bb_alloc_forbid();
        status = run(&a, prompt, count, err);
        bb_alloc_allow();
    }
    if (status != BOMBUS_OK)
        bombus_session_rewind(session, position, NULL);
    bb_stops_free(a.stops);
    bombus_detokenizer_free(a.detokenizer);
    bb_sampler_free(a.sampler);
    return status;
}
