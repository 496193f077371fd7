/* Tickets: a request as the engine keeps it, and what its owner sees of it.
 *
 * The owner and the engine hold a reference each. What others ask of a request (to cancel it, to go on, since there is room for tokens
 * again) are flags, and the ticket goes into the engine's mail: the engine looks at its mail before each step, and at nobody else's. Owns:
 * the copy of the submission, the tokens that wait to be read, the result until it is handed over. */
#include "generate/serving.h"

#include "base/clock.h"
#include "base/error.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { MOST_PRIORITY = 100, MOST_QUEUE = 1 << 20 };

static void *copy(bb_arena *arena, const void *from, size_t count, size_t size)
{
    void *block = bb_arena_alloc_zero(arena, count, size);

    if (block && count)
        memcpy(block, from, count * size);
    return block;
}

/* What a request points at goes with the ticket. */
static bool copy_request(bombus_ticket *t, const bombus_request *from)
{
    bombus_request *r = &t->request;
    char **stops = bb_arena_alloc_zero(&t->arena, from->stop_count, sizeof *stops);
    bool complete = stops != NULL;

    *r = *from;
    complete &= (r->logit_bias = copy(&t->arena, from->logit_bias, from->logit_bias_count, sizeof *from->logit_bias)) != NULL;
    complete &= (r->stop_tokens = copy(&t->arena, from->stop_tokens, from->stop_token_count, sizeof *from->stop_tokens)) != NULL;
    for (size_t i = 0; i < from->stop_count && complete; i++)
        complete = (stops[i] = bb_arena_strndup(&t->arena, from->stops[i], strlen(from->stops[i]))) != NULL;
    r->stops = (const char *const *)stops;
    return complete;
}

static bombus_status check(const bombus_serving *serving, const bombus_submission *s, const bombus_request *request, bombus_error *err)
{
    const int vocabulary = serving->model->config.vocabulary;

    if (s->prompt_count == 0)
        return bb_fail(err, BOMBUS_EINVAL, "prompt: no tokens, expected at least 1");
    if (s->prompt_count > (size_t)serving->context)
        return bb_fail(err, BOMBUS_ELIMIT, "prompt: %zu tokens, the context has room for %d", s->prompt_count, serving->context);
    for (size_t i = 0; i < s->prompt_count; i++)
        if (s->prompt[i] < 0 || s->prompt[i] >= vocabulary)
            return bb_fail(err, BOMBUS_EINVAL, "prompt: token %zu is %" PRId32 ", expected an id from 0 to %d", i, s->prompt[i],
                           vocabulary - 1);
    if (s->priority < -MOST_PRIORITY || s->priority > MOST_PRIORITY)
        return bb_fail(err, BOMBUS_EINVAL, "priority: %d, expected -%d to %d", s->priority, MOST_PRIORITY, MOST_PRIORITY);
    if (s->queue < 0 || s->queue > MOST_QUEUE)
        return bb_fail(err, BOMBUS_EINVAL, "queue: %d tokens, expected 0 to %d", s->queue, MOST_QUEUE);
    if (!(s->deadline >= 0))
        return bb_fail(err, BOMBUS_EINVAL, "deadline: %g seconds, expected 0 or more", s->deadline);
    return bb_speaker_check(request, &serving->model->config, serving->tokenizer, err);
}

static void destroy(bombus_ticket *t)
{
    bombus_serving *serving = t->serving;

    bb_serving_unbind(serving, t->binding); /* where the engine never saw it */
    pthread_cond_destroy(&t->changed);
    bombus_result_clear(&t->result);
    bb_arena_free(&t->arena);
    bb_free(t);
    bb_serving_release(serving);
}

bombus_status bb_ticket_create(bombus_ticket **out, bombus_serving *serving, const bombus_submission *s, bombus_error *err)
{
    bombus_request defaults;
    pthread_condattr_t attributes;

    *out = NULL;
    bombus_request_init(&defaults);
    const bombus_request *request = s->request ? s->request : &defaults;
    bombus_status status = check(serving, s, request, err);
    if (status != BOMBUS_OK)
        return status;

    bombus_ticket *t = bb_alloc_zero(1, sizeof *t);
    if (!t)
        return bb_fail_memory(err, sizeof *t);
    atomic_fetch_add(&serving->references, 1);
    t->serving = serving;
    atomic_init(&t->references, 1);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    t->prompt_count = s->prompt_count;
    t->on_end = s->on_end;
    t->on_end_context = s->context;
    t->queue = s->queue;
    t->room = s->queue ? s->queue : INT_MAX;
    t->submitted_at = bb_seconds();
    t->deadline = s->deadline > 0 ? t->submitted_at + s->deadline : INFINITY;
    t->order = -(int64_t)s->priority * BOMBUS_PRIORITY_PLACES;

    const size_t queue = (size_t)s->queue;
    if (!(t->prompt = copy(&t->arena, s->prompt, s->prompt_count, sizeof *s->prompt)) || !copy_request(t, request) ||
        !(t->kept = bb_arena_alloc_zero(&t->arena, queue, sizeof *t->kept)) ||
        !(t->tops = bb_arena_alloc_zero(&t->arena, queue * (size_t)request->top_logprobs, sizeof *t->tops))) {
        destroy(t);
        return bb_fail_memory(err, s->prompt_count * sizeof *s->prompt);
    }
    const bombus_adapter_use by_default[] = {{serving->adapter, 1}};
    const bool own = s->adapter_count || s->no_adapter || !serving->adapter;
    status = bb_serving_bind(&t->binding, serving, own ? s->adapters : by_default, s->no_adapter ? 0 : own ? s->adapter_count : 1, err);
    if (status != BOMBUS_OK)
        destroy(t);
    else
        *out = t;
    return status;
}

void bb_ticket_release(bombus_ticket *t)
{
    if (atomic_fetch_sub(&t->references, 1) == 1)
        destroy(t);
}

void bb_ticket_mail(bombus_ticket *t)
{
    bombus_serving *serving = t->serving;

    if (t->mailed || t->ended)
        return;
    atomic_fetch_add(&t->references, 1); /* it may end before it is read */
    t->mailed = true;
    t->next_mail = NULL;
    *(serving->last_mail ? &serving->last_mail->next_mail : &serving->first_mail) = t;
    serving->last_mail = t;
    pthread_cond_signal(&serving->wake);
}

/* ---- the engine's side ---- */

int bb_ticket_keep(bombus_ticket *t, const bombus_token *token)
{
    const size_t top = (size_t)t->request.top_logprobs;
    int room = INT_MAX;

    if (t->queue == 0)
        return room;
    pthread_mutex_lock(&t->serving->mutex);
    if (!t->unread) {
        const int at = (t->kept_first + t->kept_count++) % t->queue;
        t->kept[at] = (bb_kept_token){
            .id = token->id,
            .logprob = token->logprob,
            .text = t->result.text ? (size_t)(token->text - t->result.text) : 0,
            .bytes = token->text_bytes,
            .top_count = token->top_count,
        };
        if (token->top_count)
            memcpy(t->tops + (size_t)at * top, token->top, token->top_count * sizeof *token->top);
        room = t->queue - t->kept_count;
        pthread_cond_signal(&t->changed);
    }
    pthread_mutex_unlock(&t->serving->mutex);
    return room;
}

void bb_ticket_end(bombus_ticket *t)
{
    bombus_serving *serving = t->serving;

    pthread_mutex_lock(&serving->mutex);
    t->ended = true;
    serving->stats.ended++;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&serving->mutex);
    if (t->on_end)
        t->on_end(t, t->on_end_context);
    bb_ticket_release(t);
}

/* ---- the owner's side ---- */

static void cancel(bombus_ticket *t)
{
    t->canceled = true;
    bb_ticket_mail(t);
}

void bombus_ticket_cancel(bombus_ticket *t)
{
    pthread_mutex_lock(&t->serving->mutex);
    cancel(t);
    pthread_mutex_unlock(&t->serving->mutex);
}

void bombus_ticket_free(bombus_ticket *t)
{
    if (!t)
        return;
    bombus_ticket_cancel(t);
    bb_ticket_release(t);
}

/* The token that was with the reader leaves. */
static void drop_read(bombus_ticket *t)
{
    if (!t->reading)
        return;
    t->reading = false;
    t->kept_first = (t->kept_first + 1) % t->queue;
    const bool was_full = t->kept_count-- == t->queue;
    if (was_full || t->kept_count == t->queue / 2) /* one that has given its blocks back waits for the half */
        bb_ticket_mail(t);
}

bombus_heard bombus_ticket_next(bombus_ticket *t, double seconds, bombus_token *token)
{
    const double until = seconds < 0 ? INFINITY : bb_seconds() + seconds;
    bombus_heard heard = BOMBUS_HEARD_TOKEN;

    pthread_mutex_lock(&t->serving->mutex);
    drop_read(t);
    while (t->kept_count == 0 && !t->ended && heard == BOMBUS_HEARD_TOKEN)
        if (seconds == 0 || !bb_serving_wait(t->serving, &t->changed, until))
            heard = BOMBUS_HEARD_NOTHING;
    if (t->kept_count) {
        const bb_kept_token *kept = &t->kept[t->kept_first];
        heard = BOMBUS_HEARD_TOKEN;
        t->reading = true;
        *token = (bombus_token){
            .id = kept->id,
            .text = t->result.text ? t->result.text + kept->text : "",
            .text_bytes = kept->bytes,
            .logprob = kept->logprob,
            .top = t->tops + (size_t)t->kept_first * (size_t)t->request.top_logprobs,
            .top_count = kept->top_count,
        };
    } else if (t->ended) {
        heard = BOMBUS_HEARD_END;
    }
    pthread_mutex_unlock(&t->serving->mutex);
    return heard;
}

bombus_status bombus_ticket_wait(bombus_ticket *t, bombus_result *result, bombus_error *err)
{
    bombus_status status;

    *result = (bombus_result){0};
    pthread_mutex_lock(&t->serving->mutex);
    if (!t->ended && bb_serving_is_here(t->serving)) {
        pthread_mutex_unlock(&t->serving->mutex);
        return bb_fail(err, BOMBUS_EINVAL, "ticket: the engine's thread would wait for itself");
    }
    t->unread = true;
    t->reading = false;
    t->kept_count = 0;
    bb_ticket_mail(t);
    while (!t->ended)
        bb_serving_wait(t->serving, &t->changed, INFINITY);
    if (t->taken) { /* before, or by another that waited too */
        status = bb_fail(err, BOMBUS_EINVAL, "ticket: its result has been handed over");
    } else {
        t->taken = true;
        *result = t->result;
        t->result = (bombus_result){0};
        status = t->status;
        if (status != BOMBUS_OK && err)
            *err = t->error;
    }
    pthread_mutex_unlock(&t->serving->mutex);
    return status;
}
