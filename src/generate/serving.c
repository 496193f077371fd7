/* The engine: a thread that reads its mail, admits, steps, and sleeps where there is nothing to do.
 *
 * Others reach it through the mail alone (serving_ticket.c); everything that computes is its own, so that a step takes no lock. The mutex
 * is held for moments, never while a callback runs. Owns: the blocks of keys and values, the workspace and tables of a step. The engine's
 * thread frees these when it ends; the mutex stays until the last ticket is gone. */
#include "generate/serving.h"

#include "base/clock.h"
#include "base/cores.h"
#include "base/error.h"
#include "base/threads.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { REQUESTS = 32, MOST_REQUESTS = 1024, CHUNK = 256, SLICE = 64, MOST_CHUNK = 65536 };

static _Thread_local const bombus_serving *engine_here;

bool bb_serving_is_here(const bombus_serving *serving)
{
    return engine_here == serving;
}

/* ---- the thread ---- */

/* What a ticket's mail says. */
typedef struct letter {
    bombus_ticket *ticket; /* with a reference */
    bool canceled;
    int room;
} letter;

static bool next_letter(bombus_serving *s, letter *out)
{
    pthread_mutex_lock(&s->mutex);
    bombus_ticket *t = s->first_mail;
    if (t) {
        s->first_mail = t->next_mail;
        s->last_mail = s->first_mail ? s->last_mail : NULL;
        t->mailed = false;
        *out = (letter){t, t->canceled, t->unread || !t->queue ? INT_MAX : t->queue - t->kept_count};
    }
    pthread_mutex_unlock(&s->mutex);
    return t;
}

static void greet(bombus_serving *s, bombus_ticket *t)
{
    t->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = t;
    s->newest = t;
    s->soonest = fmin(s->soonest, t->deadline);
    bb_serving_queue(s, t);
}

static void finish_early(bombus_serving *s, bombus_ticket *t, bombus_finish why)
{
    t->result.finish = why;
    bb_serving_finish(s, t);
}

static void read_mail(bombus_serving *s)
{
    letter mail;

    while (next_letter(s, &mail)) {
        bombus_ticket *t = mail.ticket;
        if (t->stage == BB_STAGE_NEW)
            greet(s, t);
        t->room = mail.room;
        if (t->stage != BB_STAGE_ENDED && mail.canceled) {
            finish_early(s, t, BOMBUS_FINISH_CANCELED);
        } else if (t->stage != BB_STAGE_ENDED && t->full && mail.room >= (t->stage == BB_STAGE_PAUSED ? t->queue - t->queue / 2 : 1)) {
            /* Who has given its blocks back computes all again: not for the room of one token. */
            t->full = false;
            s->counts.paused--;
            if (t->stage == BB_STAGE_PAUSED)
                bb_serving_queue(s, t);
        }
        bb_ticket_release(t);
    }
}

/* Looks at all tickets only where one may have expired. */
static void expire(bombus_serving *s)
{
    const double now = bb_seconds();

    if (now < s->soonest)
        return;
    s->soonest = INFINITY;
    for (bombus_ticket *t = s->oldest, *next; t; t = next) {
        next = t->newer;
        if (t->deadline <= now)
            finish_early(s, t, BOMBUS_FINISH_DEADLINE);
        else
            s->soonest = fmin(s->soonest, t->deadline);
    }
}

static void publish(bombus_serving *s)
{
    bombus_serving_stats *c = &s->counts;
    int held_up = 0;

    for (int i = 0; i < s->running_count; i++)
        held_up += s->running[i]->full;
    c->running = s->running_count - held_up;
    c->blocks_kept = s->prefixes.kept;
    c->blocks_held = c->blocks - bb_prefixes_available(&s->prefixes);
    pthread_mutex_lock(&s->mutex);
    c->submitted = s->stats.submitted;
    c->ended = s->stats.ended;
    c->bound = s->stats.bound;
    s->stats = *c;
    pthread_mutex_unlock(&s->mutex);
}

/* Until there is mail, a deadline passes or the engine shall stop. */
static void sleep_on(bombus_serving *s)
{
    pthread_mutex_lock(&s->mutex);
    while (!s->first_mail && !s->quit) {
        if (!bb_serving_wait(s, &s->wake, s->soonest))
            break;
    }
    pthread_mutex_unlock(&s->mutex);
}

static bool shall_quit(bombus_serving *s)
{
    pthread_mutex_lock(&s->mutex);
    const bool quit = s->quit;
    pthread_mutex_unlock(&s->mutex);
    return quit;
}

static void free_parts(bombus_serving *s)
{
    bb_serving_drop_adapters(s);
    bb_serving_free_draft(s);
    bb_workspace_free(&s->workspace);
    bb_prefixes_free(&s->prefixes);
    bb_free(s->logits);
    bb_free(s->drawings);
    bb_free(s->runs);
    bb_free(s->tables);
    bb_free(s->sequences);
    bb_free(s->positions);
    bb_free(s->tokens);
    bb_free(s->prompts);
    bb_free(s->plan);
    bb_free(s->running);
    bb_free(s->waiting);
    bombus_adapter_free(s->adapter);
    bombus_tokenizer_free(s->tokenizer);
    bombus_model_free(s->model);
}

static void *engine_main(void *context)
{
    bombus_serving *s = context;

    engine_here = s;
    while (!shall_quit(s)) {
        const double start = bb_seconds();
        read_mail(s);
        expire(s);
        bb_serving_admit(s);
        const bool stepped = bb_serving_step(s);
        const double done = bb_seconds();
        s->counts.busy_seconds += done - start;
        publish(s);
        s->counts.busy_seconds += bb_seconds() - done;
        if (!stepped)
            sleep_on(s);
    }
    read_mail(s);
    while (s->oldest)
        finish_early(s, s->oldest, BOMBUS_FINISH_CANCELED);
    read_mail(s); /* of those that have ended since, for its references */
    publish(s);
    free_parts(s);
    engine_here = NULL;
    bb_serving_release(s);
    return NULL;
}

/* ---- the caller's side ---- */

static bombus_status check_range(const char *field, int value, int most, bombus_error *err)
{
    if (value < 0 || value > most)
        return bb_fail(err, BOMBUS_EINVAL, "%s: %d, expected 0 to %d", field, value, most);
    return BOMBUS_OK;
}

static int64_t bytes_of_block(const bombus_model *model, bombus_dtype dtype)
{
    return BB_KV_BLOCK * (int64_t)model->config.layers * bb_kv_position_bytes(&model->config, dtype);
}

/* Blocks that the options have room for. */
static bombus_status plan_blocks(const bombus_serving *s, const bombus_serving_options *o, bombus_dtype dtype, int *blocks,
                                 bombus_error *err)
{
    const int64_t block_bytes = bytes_of_block(s->model, dtype) + (s->draft ? bytes_of_block(s->draft, dtype) : 0);
    const int64_t memory = bb_cores_memory_available("");
    const int64_t most = (int64_t)bb_blocks_of(s->context) * s->slots;
    int64_t count = (o->kv_bytes ? o->kv_bytes : memory / 4) / block_bytes;

    if (o->kv_bytes < 0 || (o->kv_bytes && count == 0))
        return bb_fail(err, o->kv_bytes < 0 ? BOMBUS_EINVAL : BOMBUS_ELIMIT,
                       "kv_bytes: %" PRId64 ", expected at least %" PRId64 ", for one block of %d positions", o->kv_bytes, block_bytes,
                       (int)BB_KV_BLOCK);
    if (!o->kv_bytes && count > most)
        count = most;
    if (count < 1)
        count = 1;
    *blocks = count < INT32_MAX ? (int)count : INT32_MAX;
    return BOMBUS_OK;
}

static bombus_status check_options(const bombus_serving_options *o, bombus_error *err)
{
    const struct {
        const char *field;
        int value, most;
    } ranges[] = {
        {"context", o->context, INT32_MAX / 2}, {"requests", o->requests, MOST_REQUESTS}, {"waiting", o->waiting, INT32_MAX / 2},
        {"chunk", o->chunk, MOST_CHUNK},        {"slice", o->slice, MOST_CHUNK},
    };
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && status == BOMBUS_OK; i++)
        status = check_range(ranges[i].field, ranges[i].value, ranges[i].most, err);
    return status == BOMBUS_OK && o->kv_dtype ? bb_kv_check_dtype(o->kv_dtype, err) : status;
}

static bombus_status create_parts(bombus_serving *s, const bombus_serving_options *o, bombus_error *err)
{
    const bombus_dtype dtype = o->kv_dtype ? o->kv_dtype : BOMBUS_F32;
    const int widest = s->chunk > s->slice ? s->chunk : s->slice, rows = s->slots + widest + BB_SERVING_GUESSES;
    const size_t slots = (size_t)s->slots, logits = BB_LOGIT_ROWS * (size_t)s->model->config.vocabulary;
    int blocks = 0;
    bombus_status status = plan_blocks(s, o, dtype, &blocks, err);

    if (status != BOMBUS_OK)
        return status;
    if (blocks < bb_blocks_of(s->context))
        s->context = blocks * BB_KV_BLOCK;
    s->counts.blocks = blocks;
    s->counts.block_tokens = BB_KV_BLOCK;
    s->running = bb_alloc_zero(slots, sizeof *s->running);
    s->plan = bb_alloc_zero(slots, sizeof *s->plan);
    s->prompts = bb_alloc_zero(slots, sizeof *s->prompts);
    s->tables = bb_alloc_zero(slots, sizeof *s->tables);
    s->runs = bb_alloc_zero(slots, sizeof *s->runs);
    s->drawings = bb_alloc_zero(slots, sizeof *s->drawings);
    s->tokens = bb_alloc_zero((size_t)rows, sizeof *s->tokens);
    s->positions = bb_alloc_zero((size_t)rows, sizeof *s->positions);
    s->sequences = bb_alloc_zero((size_t)rows, sizeof *s->sequences);
    s->logits = bb_alloc_zero(logits, sizeof *s->logits);
    if (!s->running || !s->plan || !s->prompts || !s->tables || !s->runs || !s->drawings || !s->tokens || !s->positions || !s->sequences ||
        !s->logits)
        return bb_fail_memory(err, logits * sizeof *s->logits);
    if ((status = bb_prefixes_create(&s->prefixes, s->model, blocks, dtype, !o->no_prefixes, err)) != BOMBUS_OK)
        return status;
    if ((status = bb_workspace_create(&s->workspace, s->model, rows, err)) != BOMBUS_OK)
        return status;
    return s->draft ? bb_serving_create_draft(s, blocks, dtype, err) : BOMBUS_OK;
}

static bombus_status start(bombus_serving *s, bombus_error *err)
{
    const int code = bb_thread_start(&s->thread, engine_main, s);

    return code ? bb_fail(err, BOMBUS_ENOMEM, "serving: cannot start its thread: %s", strerror(code)) : BOMBUS_OK;
}

bombus_status bombus_serving_create(bombus_serving **out, bombus_model *model, bombus_tokenizer *tokenizer,
                                    const bombus_serving_options *options, bombus_error *err)
{
    static const bombus_serving_options defaults = {0};
    const bombus_serving_options *o = options ? options : &defaults;
    pthread_condattr_t attributes;
    bombus_status status = check_options(o, err);

    *out = NULL;
    if (status != BOMBUS_OK)
        return status;
    bombus_serving *s = bb_alloc_zero(1, sizeof *s);
    if (!s)
        return bb_fail_memory(err, sizeof *s);
    s->model = bombus_model_retain(model);
    s->tokenizer = tokenizer ? bombus_tokenizer_retain(tokenizer) : NULL;
    s->draft = o->draft_model ? bombus_model_retain(o->draft_model) : NULL;
    s->adapter = o->adapter ? bombus_adapter_retain(o->adapter) : NULL;
    s->context = o->context ? o->context : model->config.context;
    s->slots = o->requests ? o->requests : REQUESTS;
    s->most_waiting = o->waiting;
    s->chunk = o->chunk ? o->chunk : CHUNK;
    s->slice = o->slice ? o->slice : SLICE;
    s->soonest = INFINITY;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if ((status = create_parts(s, o, err)) == BOMBUS_OK)
        status = bb_serving_bind(&s->binding, s, &(bombus_adapter_use){o->adapter, 1}, o->adapter ? 1 : 0, err);
    if (status == BOMBUS_OK) {
        s->counts.bound = s->stats.bound;
        s->stats = s->counts;
        atomic_init(&s->references, 2); /* the caller's and the thread's */
        status = start(s, err);
    }
    if (status != BOMBUS_OK) {
        free_parts(s);
        atomic_store(&s->references, 1);
        bb_serving_release(s);
        return status;
    }
    *out = s;
    return BOMBUS_OK;
}

void bb_serving_release(bombus_serving *s)
{
    if (atomic_fetch_sub(&s->references, 1) != 1)
        return;
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->mutex);
    bb_free(s);
}

void bombus_serving_free(bombus_serving *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->mutex);
    s->quit = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
    if (bb_serving_is_here(s))
        pthread_detach(s->thread);
    else
        pthread_join(s->thread, NULL);
    bb_serving_release(s);
}

bombus_status bombus_serving_submit(bombus_serving *s, bombus_ticket **out, const bombus_submission *submission, bombus_error *err)
{
    bombus_ticket *t;
    bombus_status status = bb_ticket_create(&t, s, submission, err);

    if (out)
        *out = NULL;
    if (status != BOMBUS_OK)
        return status;
    if (out)
        *out = t; /* before the engine knows of it, for the callbacks' sake */
    pthread_mutex_lock(&s->mutex);
    const uint64_t here = s->stats.submitted - s->stats.ended, most = (uint64_t)s->slots + (uint64_t)s->most_waiting;
    if (s->quit) {
        status = bb_fail(err, BOMBUS_ECANCELED, "serving: it is being stopped");
    } else if (s->most_waiting && here >= most) {
        status = bb_fail(err, BOMBUS_ELIMIT, "serving: %" PRIu64 " requests run or wait, expected less than %" PRIu64, here, most);
    } else {
        t->number = ++s->stats.submitted;
        t->order += (int64_t)t->number;
        atomic_store(&t->references, out ? 2 : 1);
        bb_ticket_mail(t);
    }
    pthread_mutex_unlock(&s->mutex);
    if (status != BOMBUS_OK) {
        if (out)
            *out = NULL;
        bb_ticket_release(t);
    }
    return status;
}

bombus_status bombus_serving_run(bombus_serving *s, const char *text, const bombus_request *request, bombus_result *result,
                                 bombus_error *err)
{
    bombus_ids ids = {0};
    bombus_ticket *ticket = NULL;
    bombus_status status;

    *result = (bombus_result){0};
    if (!s->tokenizer)
        return bb_fail(err, BOMBUS_EINVAL, "serving: a text, expected ids without a tokenizer");
    if (bb_serving_is_here(s))
        return bb_fail(err, BOMBUS_EINVAL, "serving: the engine's thread would wait for itself");
    if ((status = bombus_tokenizer_encode(s->tokenizer, text, strlen(text), 0, &ids, err)) == BOMBUS_OK)
        status =
            bombus_serving_submit(s, &ticket, &(bombus_submission){.prompt = ids.ids, .prompt_count = ids.count, .request = request}, err);
    if (status == BOMBUS_OK)
        status = bombus_ticket_wait(ticket, result, err);
    bombus_ticket_free(ticket);
    bombus_ids_free(&ids);
    return status;
}

void bombus_serving_get_stats(bombus_serving *s, bombus_serving_stats *stats)
{
    pthread_mutex_lock(&s->mutex);
    *stats = s->stats;
    /* What the engine has not told yet may make it seem less than nothing. */
    const int waiting = (int)(stats->submitted - stats->ended) - stats->running - stats->paused;
    stats->waiting = waiting > 0 ? waiting : 0;
    pthread_mutex_unlock(&s->mutex);
}
