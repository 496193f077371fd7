/* The token loop of a session: a prompt goes in, tokens are drawn one by one until something stops them.
 *
 * All memory an answer can need is taken before the first token; the loop allocates nothing, which a debug build proves by shutting the
 * door while it runs (but for the caller's callback). */
#include "generate/session.h"
#include "generate/speaker.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

typedef struct answer {
    bombus_session *session;
    const bombus_request *request;
    bombus_result *result;
    bb_speaker speaker;
} answer;

/* Draws one token and deals with it. *done: result->finish says why. */
static bombus_status draw_token(answer *a, bool *done, bombus_error *err)
{
    bombus_token token;
    bombus_status status = bb_speaker_next(&a->speaker, a->session->logits, (uint64_t)a->session->position, &token, done, err);

    if (status == BOMBUS_OK && !bb_speaker_tell(&a->speaker, &token) && !*done) {
        a->result->finish = BOMBUS_FINISH_CANCELED;
        *done = true;
    }
    return status;
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
    const double start = bb_seconds();
    bool canceled, first = true;
    bombus_status status = feed_prompt(a, prompt, count, &canceled, err);
    bool done = canceled || a->speaker.limit == 0;

    a->result->finish = canceled ? BOMBUS_FINISH_CANCELED : BOMBUS_FINISH_LENGTH;
    /* Also what was fed before: an answer does not depend on how its timeline was divided into calls. */
    if (status == BOMBUS_OK)
        bb_speaker_see(&a->speaker, a->session->tokens, (size_t)a->session->position);
    a->result->prompt_seconds = bb_seconds() - start;
    while (!done && status == BOMBUS_OK) {
        status = draw_token(a, &done, err);
        if (first)
            a->result->prompt_seconds = bb_seconds() - start;
        first = false;
        if (!done && status == BOMBUS_OK)
            status = bb_session_feed(a->session, &a->result->tokens[a->result->token_count - 1], 1, NULL, err);
    }
    a->result->generate_seconds = bb_seconds() - start - a->result->prompt_seconds;
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
    if ((status = bb_session_check(session, prompt, count, "prompt", err)) != BOMBUS_OK)
        return status;

    /* The last token drawn need not be fed, so a full context still gives one. */
    const size_t limit = (size_t)(session->context - session->position) - count + 1;
    status = bb_speaker_create(&a.speaker, &session->model->config, session->tokenizer, request, limit, result, err);
    if (status == BOMBUS_OK) {
        bb_alloc_forbid();
        status = run(&a, prompt, count, err);
        bb_alloc_allow();
    }
    if (status != BOMBUS_OK)
        bombus_session_rewind(session, position, NULL);
    bb_speaker_free(&a.speaker);
    return status;
}
