/* A speaker: logits go in, tokens and text come out until something stops them.
 *
 * Owns: sampler, detokenizer, stop strings; the result's memory is taken here and is the caller's. All of it before the first token, so
 * that a token loop allocates nothing. Invariant: what it says depends on the request, the tokens seen and the logits alone, whoever
 * computes them. */
#include "generate/speaker.h"

#include "base/error.h"
#include "base/memory.h"
#include "generate/request.h"
#include "text/tokenizer/tokenizer.h"

#include <string.h>

/* Text that a decoder may hold back and give with a later token: a run of byte tokens. */
enum { HELD_BYTES = 1 << 16 };

void bombus_result_clear(bombus_result *result)
{
    bb_free(result->text);
    bb_free(result->tokens);
    bb_free(result->logprobs);
    *result = (bombus_result){0};
}

bombus_status bb_speaker_check(const bombus_request *request, const bb_config *config, const bombus_tokenizer *tokenizer, bombus_error *err)
{
    bombus_status status = bb_request_check(request, config->vocabulary, err);

    if (status == BOMBUS_OK && request->stop_count && !tokenizer)
        return bb_fail(err, BOMBUS_EINVAL, "stops: %zu strings, expected none without a tokenizer", request->stop_count);
    return status;
}

bombus_status bb_speaker_create(bb_speaker *s, const bb_config *config, bombus_tokenizer *tokenizer, const bombus_request *request,
                                size_t limit, bombus_result *result, bombus_error *err)
{
    bombus_status status = bb_speaker_check(request, config, tokenizer, err);

    *s = (bb_speaker){.request = request, .config = config, .tokenizer = tokenizer, .result = result};
    if (status != BOMBUS_OK || (status = bb_sampler_create(&s->sampler, config->vocabulary, request, err)) != BOMBUS_OK)
        return status;

    s->limit = (size_t)request->max_tokens < limit ? (size_t)request->max_tokens : limit;
    result->tokens = bb_alloc_zero(s->limit, sizeof *result->tokens);
    result->logprobs = bb_alloc_zero(s->limit, sizeof *result->logprobs);
    if (!result->tokens || !result->logprobs) {
        status = bb_fail_memory(err, s->limit * sizeof *result->tokens);
        goto out;
    }
    if (!tokenizer)
        return BOMBUS_OK;

    /* A byte of a token that is no character becomes U+FFFD, three bytes; nothing else grows when it is decoded. */
    s->token_bytes = 3 * tokenizer->longest;
    s->text_capacity = (s->limit + 1) * s->token_bytes + 1;
    result->text = bb_alloc(s->text_capacity);
    if (!result->text) {
        status = bb_fail_memory(err, s->text_capacity);
        goto out;
    }
    result->text[0] = '\0';
    const int flags = request->keep_special ? 0 : BOMBUS_SKIP_SPECIAL;
    if ((status = bombus_detokenizer_create(&s->detokenizer, tokenizer, flags, err)) == BOMBUS_OK)
        status = bb_stops_create(&s->stops, request->stops, request->stop_count, s->token_bytes + HELD_BYTES, err);

out:
    if (status != BOMBUS_OK)
        bb_speaker_free(s);
    return status;
}

void bb_speaker_free(bb_speaker *s)
{
    bb_stops_free(s->stops);
    bombus_detokenizer_free(s->detokenizer);
    bb_sampler_free(s->sampler);
    *s = (bb_speaker){0};
}

void bb_speaker_see(bb_speaker *s, const int32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bb_sampler_see(s->sampler, ids[i]);
}

static bool ends(const bb_speaker *s, int32_t id)
{
    for (size_t i = 0; i < s->request->stop_token_count; i++)
        if (s->request->stop_tokens[i] == id)
            return true;
    if (s->request->ignore_end)
        return false;
    for (size_t i = 0; i < s->config->end_count; i++)
        if (s->config->end_tokens[i] == id)
            return true;
    /* As in mlx-lm, besides those that the model's files name. */
    return s->tokenizer && bombus_tokenizer_eos(s->tokenizer) == id;
}

static bombus_status append(bb_speaker *s, const bb_passed *passed, bombus_error *err)
{
    bombus_result *result = s->result;

    if (passed->bytes >= s->text_capacity - result->text_bytes)
        return bb_fail(err, BOMBUS_ELIMIT, "text: more than %zu bytes a token", s->token_bytes);
    if (passed->bytes)
        memcpy(result->text + result->text_bytes, passed->text, passed->bytes);
    result->text_bytes += passed->bytes;
    result->text[result->text_bytes] = '\0';
    return BOMBUS_OK;
}

/* The text that became certain with a token goes to the end of the result. id -1: the stream ends, and what was held back comes. */
static bombus_status add_text(bb_speaker *s, int32_t id, bool *stopped, bombus_error *err)
{
    const char *piece;
    size_t bytes;
    bb_passed passed;
    bombus_status status = id < 0 ? bombus_detokenizer_finish(s->detokenizer, &piece, &bytes, err)
                                  : bombus_detokenizer_push(s->detokenizer, id, &piece, &bytes, err);

    if (status != BOMBUS_OK || (status = bb_stops_push(s->stops, piece, bytes, &passed, err)) != BOMBUS_OK ||
        (status = append(s, &passed, err)) != BOMBUS_OK)
        return status;
    *stopped = passed.stopped;
    if (id >= 0 || passed.stopped)
        return BOMBUS_OK;
    bb_stops_finish(s->stops, &passed);
    *stopped = passed.stopped; /* one that had been found waited for an earlier one to be completed */
    return append(s, &passed, err);
}

bombus_status bb_speaker_next(bb_speaker *s, const float *logits, uint64_t position, bombus_token *token, bool *done, bombus_error *err)
{
    bombus_result *result = s->result;
    const size_t text_start = result->text_bytes;
    bb_draw draw;
    bool stopped = false;
    bombus_status status = bb_sampler_draw(s->sampler, logits, position, &draw, err);

    if (status != BOMBUS_OK)
        return status;
    const bool end = ends(s, draw.id);
    if (!end) {
        bb_sampler_see(s->sampler, draw.id);
        result->tokens[result->token_count] = draw.id;
        result->logprobs[result->token_count++] = draw.logprob;
        /* Heads have rows beyond the vocabulary, for the sake of round numbers: such an id is drawn now and then, and has no text. */
        if (s->detokenizer && bombus_tokenizer_token(s->tokenizer, draw.id) && (status = add_text(s, draw.id, &stopped, err)) != BOMBUS_OK)
            return status;
    }
    const bool full = !end && !stopped && result->token_count == s->limit;
    if (s->detokenizer && (end || full) && (status = add_text(s, -1, &stopped, err)) != BOMBUS_OK)
        return status;

    *done = end || stopped || full;
    result->finish = end || stopped ? BOMBUS_FINISH_STOP : BOMBUS_FINISH_LENGTH;
    *token = (bombus_token){
        .id = draw.id,
        .text = result->text ? result->text + text_start : "",
        .text_bytes = result->text_bytes - text_start,
        .logprob = draw.logprob,
        .top = draw.top,
        .top_count = draw.top_count,
    };
    return BOMBUS_OK;
}

int32_t bb_speaker_guess(bb_speaker *s, const float *logits, uint64_t position)
{
    bb_draw draw;

    return bb_sampler_draw(s->sampler, logits, position, &draw, NULL) == BOMBUS_OK ? draw.id : -1;
}

bool bb_speaker_tell(const bb_speaker *s, const bombus_token *token)
{
    if (!s->request->on_token)
        return true;
    bb_alloc_allow();
    const bool go_on = s->request->on_token(token, s->request->context);
    bb_alloc_forbid();
    return go_on;
}
