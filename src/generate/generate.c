/* The token loop of a session: a prompt goes in, tokens are drawn one by one until something stops them.
 *
 * Where guesses are wanted, a step takes the token drawn last and behind it the tokens that are likely to follow. Their logits are those
 * that a step each would have given, so each next token is drawn as it would have been; the guesses are good for as long as they are what
 * is drawn, and the session forgets the rest.
 *
 * All memory an answer can need is taken before the first token; the loop allocates nothing, which a debug build proves by shutting the
 * door while it runs (but for the caller's callback). */
#include "generate/draft.h"
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
    bb_pace pace;
    float *logits; /* [1 + pace.most, V] of the token drawn last and the guesses behind it; the session's own without guesses */
    float *row;    /* [V] a draft model's logits, for as many tokens as the model has; NULL where there is none */
} answer;

/* Draws one token, at a position of the session, and deals with it. *done: result->finish says why. */
static bombus_status draw_token(answer *a, const float *logits, int position, bool *done, bombus_error *err)
{
    bombus_token token;
    bombus_status status = bb_speaker_next(&a->speaker, logits, (uint64_t)position, &token, done, err);

    if (status == BOMBUS_OK && !bb_speaker_tell(&a->speaker, &token) && !*done) {
        a->result->finish = BOMBUS_FINISH_CANCELED;
        *done = true;
    }
    return status;
}

/* ---- guesses ---- */

/* The draft model goes on from the tokens [count], with the request's own way to draw. What it cannot do, it leaves. */
static int model_draft(answer *a, const int32_t *tokens, int count, int most, int32_t *draft)
{
    bombus_session *other = a->session->draft;
    const int vocabulary = a->session->model->config.vocabulary;
    int kept = bombus_session_keep_prefix(other, tokens, (size_t)count - 1), made = 0;

    if (bb_session_check(other, tokens + kept, (size_t)(count - kept), "draft", NULL) != BOMBUS_OK ||
        bb_session_feed(other, tokens + kept, (size_t)(count - kept), NULL, NULL) != BOMBUS_OK)
        return 0;
    while (made < most) {
        bb_draft_row(a->row, vocabulary, other->logits, other->model->config.vocabulary);
        draft[made] = bb_speaker_guess(&a->speaker, a->row, (uint64_t)(count + made));
        if (draft[made] < 0 || ++made == most || bb_session_feed(other, &draft[made - 1], 1, NULL, NULL) != BOMBUS_OK)
            break;
    }
    return made;
}

/* Guesses at what follows the token drawn last, which the session has not seen yet. */
static int guess(answer *a, int32_t *draft)
{
    bombus_session *session = a->session;
    const int count = session->position + 1;
    const size_t left = a->speaker.limit - a->result->token_count; /* of which the last is drawn behind the guesses */
    int most = a->pace.next;

    most = left - 1 < (size_t)most ? (int)left - 1 : most;
    most = session->context - count < most ? session->context - count : most;
    if (most < 1)
        return 0;
    session->tokens[session->position] = a->result->tokens[a->result->token_count - 1];
    return session->draft ? model_draft(a, session->tokens, count, most, draft) : bb_lookup_draft(session->tokens, count, most, draft);
}

/* Feeds the token drawn last and the guesses behind it, and draws for as long as they are right. */
static bombus_status draw_along(answer *a, bool *done, bombus_error *err)
{
    bombus_session *session = a->session;
    const int start = session->position;
    int32_t ids[1 + BB_MAX_DRAFT];
    bool right = true;
    int drawn = 0;

    ids[0] = a->result->tokens[a->result->token_count - 1];
    const int guessed = a->pace.most ? guess(a, ids + 1) : 0;
    bombus_status status = bb_session_feed(session, ids, (size_t)(1 + guessed), guessed ? a->logits : NULL, err);
    while (status == BOMBUS_OK && right && !*done) {
        const float *logits = guessed ? a->logits + (size_t)drawn * (size_t)session->model->config.vocabulary : session->logits;
        status = draw_token(a, logits, start + 1 + drawn, done, err);
        right = drawn < guessed && !*done && a->result->tokens[a->result->token_count - 1] == ids[1 + drawn];
        drawn += right;
    }
    /* As many tokens are seen as without guesses: all but the last. */
    if (status == BOMBUS_OK && drawn < guessed)
        bombus_session_rewind(session, start + 1 + drawn, NULL);
    a->result->drafted_count += (size_t)guessed;
    a->result->accepted_count += (size_t)drawn;
    bb_pace_learn(&a->pace, guessed, drawn);
    return status;
}

/* ---- the loop ---- */

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
    bool canceled;
    bombus_status status = feed_prompt(a, prompt, count, &canceled, err);
    bool done = canceled || a->speaker.limit == 0;

    a->result->finish = canceled ? BOMBUS_FINISH_CANCELED : BOMBUS_FINISH_LENGTH;
    /* Also what was fed before: an answer does not depend on how its timeline was divided into calls. */
    if (status == BOMBUS_OK)
        bb_speaker_see(&a->speaker, a->session->tokens, (size_t)a->session->position);
    if (!done && status == BOMBUS_OK)
        status = draw_token(a, a->session->logits, a->session->position, &done, err);
    a->result->prompt_seconds = bb_seconds() - start;
    while (!done && status == BOMBUS_OK)
        status = draw_along(a, &done, err);
    a->result->generate_seconds = bb_seconds() - start - a->result->prompt_seconds;
    return status;
}

static bombus_status prepare_guesses(answer *a, bombus_error *err)
{
    const size_t rows = 1 + (size_t)a->request->draft_tokens, vocabulary = (size_t)a->session->model->config.vocabulary;

    a->pace = bb_pace_begin(a->request->draft_tokens);
    if (!a->pace.most)
        return BOMBUS_OK;
    a->logits = bb_alloc_zero(rows * vocabulary, sizeof *a->logits);
    a->row = a->session->draft ? bb_alloc_zero(vocabulary, sizeof *a->row) : NULL;
    return a->logits && (a->row || !a->session->draft) ? BOMBUS_OK : bb_fail_memory(err, rows * vocabulary * sizeof *a->logits);
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
    if (status == BOMBUS_OK)
        status = prepare_guesses(&a, err);
    if (status == BOMBUS_OK) {
        bb_alloc_forbid();
        status = run(&a, prompt, count, err);
        bb_alloc_allow();
    }
    if (status != BOMBUS_OK)
        bombus_session_rewind(session, position, NULL);
    bb_free(a.row);
    bb_free(a.logits);
    bb_speaker_free(&a.speaker);
    return status;
}
