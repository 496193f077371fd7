/* A step of the engine: its rows, and what becomes of their logits.
 *
 * Between planning and finishing nothing is allocated. */
#include "generate/serving.h"

#include "base/clock.h"
#include "base/error.h"

#include <string.h>

/* ---- rows ---- */

/* Adds rows of a ticket behind those of the runs [count] so far. */
static void add_run(bb_delta_run *runs, int *count, const bombus_ticket *t, int first, int rows)
{
    const bb_deltas *deltas = bb_binding_deltas(t->binding);
    bb_delta_run *last = *count ? &runs[*count - 1] : NULL;

    if (!deltas)
        return;
    if (last && last->deltas == deltas->table)
        last->count += rows;
    else
        runs[(*count)++] = (bb_delta_run){first, rows, deltas->table};
}

static bb_rows lay_out(bombus_serving *s, int planned, bb_step_deltas *deltas)
{
    bb_rows rows = {.tokens = s->tokens, .positions = s->positions, .sequences = s->sequences, .blocks = s->tables};

    *deltas = (bb_step_deltas){.runs = s->runs};
    for (int i = 0; i < planned; i++) {
        bombus_ticket *t = s->plan[i];
        s->tables[i] = t->blocks;
        t->first_row = rows.count;
        add_run(s->runs, &deltas->count, t, rows.count, t->rows);
        for (int r = 0; r < t->rows; r++) {
            s->tokens[rows.count] = t->tokens[t->computed + r];
            s->positions[rows.count] = t->computed + r;
            s->sequences[rows.count++] = i;
        }
    }
    return rows;
}

/* The keys and values of the ticket's next rows are there. */
static void advance(bombus_serving *s, bombus_ticket *t, int rows)
{
    bb_prefixes *p = &s->prefixes;

    t->computed += rows;
    for (; (t->settled + 1) * BB_KV_BLOCK <= t->computed; t->settled++) {
        int32_t *block = &t->blocks[t->settled];
        *block = bb_prefixes_settle(p, *block, t->chain, t->tokens + t->settled * BB_KV_BLOCK);
        t->chain = bb_prefixes_id(p, *block);
    }
    const size_t fed = (size_t)t->computed < t->prompt_count ? (size_t)t->computed : t->prompt_count;
    if (fed > t->result.prompt_count)
        t->result.prompt_count = fed;
}

/* Do its rows come up to the last token, so that another is drawn? */
static bool is_drawing(const bombus_ticket *t)
{
    return t->rows - t->guessed == bb_left_of(t);
}

/* What is sure to be right: all but the guesses. */
static void advance_all(bombus_serving *s, int planned)
{
    for (int i = 0; i < planned; i++) {
        bombus_ticket *t = s->plan[i];
        const bool drawing = is_drawing(t);
        /* The last row of a sequence that has been drawing is that of the token drawn last. */
        s->counts.prompt_tokens += (uint64_t)(t->rows - t->guessed - (drawing && (size_t)t->count > t->prompt_count));
        advance(s, t, t->rows - t->guessed);
    }
}

/* ---- logits ---- */

typedef struct draw_job {
    bb_drawing *drawings;
    const float *logits; /* [rows, V] */
    size_t vocabulary;
} draw_job;

/* Draws for as long as the guesses are right. Every sequence has a speaker of its own, so they draw side by side. */
static void draw_task(void *context, int64_t index, int worker)
{
    const draw_job *job = context;
    bb_drawing *d = &job->drawings[index];
    bombus_ticket *t = d->ticket;
    bool right = true;

    (void)worker;
    d->drawn = 0;
    d->done = false;
    d->status = BOMBUS_OK;
    for (int i = 0; right && !d->done; i++) {
        bombus_token *token = &d->tokens[i];
        d->status = bb_speaker_next(&t->speaker, job->logits + (size_t)(d->first + i) * job->vocabulary, (uint64_t)(t->count + i), token,
                                    &d->done, &d->error);
        if (d->status != BOMBUS_OK)
            return;
        d->token_counts[d->drawn++] = t->result.token_count;
        if (token->top_count) { /* they are the sampler's until it draws again */
            memcpy(d->tops[i], token->top, token->top_count * sizeof *token->top);
            token->top = d->tops[i];
        }
        right = i < t->guessed && token->id == t->tokens[t->count + i];
    }
}

/* Logits of drawings [count], at most BB_LOGIT_ROWS rows together, and what is drawn from them. */
static bombus_status draw_some(bombus_serving *s, bb_drawing *drawings, int count, bombus_error *err)
{
    draw_job job = {drawings, s->logits, (size_t)s->model->config.vocabulary};
    bb_step_deltas deltas = {.runs = s->runs};
    int32_t index[BB_LOGIT_ROWS];
    int rows = 0;

    for (int i = 0; i < count; i++) {
        const bombus_ticket *t = drawings[i].ticket;
        drawings[i].first = rows;
        add_run(s->runs, &deltas.count, t, rows, 1 + t->guessed);
        for (int r = t->rows - t->guessed - 1; r < t->rows; r++)
            index[rows++] = t->first_row + r;
    }
    const double start = bb_seconds();
    const bombus_status status = bb_decoder_logits(s->model, &s->workspace, index, rows, deltas.count ? &deltas : NULL, s->logits, err);
    const double made = bb_seconds();
    if (status == BOMBUS_OK)
        bb_threads_run(s->model->backend->threads, draw_task, &job, count);
    s->counts.step_seconds += made - start;
    s->counts.draw_seconds += bb_seconds() - made;
    return status;
}

/* Draws for every ticket whose tokens are all computed. *count: of s->drawings. */
static bombus_status draw(bombus_serving *s, int planned, int *count, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    int first = 0, rows = 0;

    *count = 0;
    for (int i = 0; i < planned && status == BOMBUS_OK; i++) {
        bombus_ticket *t = s->plan[i];
        if (bb_left_of(t) > 0)
            continue;
        if (rows + 1 + t->guessed > BB_LOGIT_ROWS) {
            status = draw_some(s, &s->drawings[first], *count - first, err);
            first = *count;
            rows = 0;
        }
        rows += 1 + t->guessed;
        s->drawings[(*count)++].ticket = t;
    }
    if (status == BOMBUS_OK && *count > first)
        status = draw_some(s, &s->drawings[first], *count - first, err);
    return status;
}

/* ---- telling ---- */

static void cancel(bombus_ticket *t)
{
    t->result.finish = BOMBUS_FINISH_CANCELED;
    t->done = true;
}

/* The answer ends with this token: what has been drawn behind it, thanks to guesses, was never asked for. */
static void cut_behind(bombus_ticket *t, const bb_drawing *d, int at)
{
    const bombus_token *token = &d->tokens[at];
    bombus_result *result = &t->result;

    result->token_count = d->token_counts[at];
    if (result->text) {
        result->text_bytes = (size_t)(token->text - result->text) + token->text_bytes;
        result->text[result->text_bytes] = '\0';
    }
    cancel(t);
}

static void tell_token(bombus_serving *s, const bb_drawing *d, int at)
{
    bombus_ticket *t = d->ticket;
    const bool last = d->done && at + 1 == d->drawn;

    s->counts.generated_tokens++;
    if (t->first_at == 0)
        t->first_at = bb_seconds();
    t->done = last;
    if (!bb_speaker_tell(&t->speaker, &d->tokens[at]) && !last)
        cut_behind(t, d, at);
    t->room = bb_ticket_keep(t, &d->tokens[at]);
}

/* Guesses that were right have keys and values: all tokens drawn but the last. */
static void take_drawn(bombus_serving *s, const bb_drawing *d)
{
    bombus_ticket *t = d->ticket;
    const int kept = d->drawn - d->done; /* the one that ends an answer is not computed */

    for (int i = 0; i < kept; i++)
        t->tokens[t->count++] = d->tokens[i].id;
    if (kept > 1)
        advance(s, t, kept - 1);
    bb_serving_learn(s, t, d->drawn ? d->drawn - 1 : 0);
}

static void tell_drawn(bombus_serving *s, const bb_drawing *d)
{
    bombus_ticket *t = d->ticket;

    take_drawn(s, d);
    for (int i = 0; i < d->drawn && !t->done; i++)
        tell_token(s, d, i);
    if (d->status != BOMBUS_OK && !t->done) {
        t->status = d->status;
        t->error = d->error;
        t->done = true;
    }
    t->full = t->room == 0;
    s->counts.paused += t->full;
}

static void tell_prompt(bombus_ticket *t)
{
    if (!t->request.on_prompt || t->result.token_count || (size_t)t->computed >= t->prompt_count)
        return;
    bb_alloc_allow();
    if (!t->request.on_prompt((size_t)t->computed, t->prompt_count, t->request.context))
        cancel(t);
    bb_alloc_forbid();
}

/* ---- the step ---- */

/* What the backend cannot do for one it has done for none: no key or value of the step is to be trusted. */
static void fail(bombus_serving *s, int planned, bombus_status status, const bombus_error *err)
{
    for (int i = 0; i < planned; i++) {
        s->plan[i]->status = status;
        s->plan[i]->error = *err;
        s->plan[i]->done = true;
    }
    bb_prefixes_forget(&s->prefixes);
}

static void compute(bombus_serving *s, int planned)
{
    bb_step_deltas deltas;
    const bb_rows rows = lay_out(s, planned, &deltas);
    int drawn;
    bombus_error err;

    const double start = bb_seconds();
    bb_decoder_step(s->model, &s->workspace, s->prefixes.pool.kv, &rows, deltas.count ? &deltas : NULL);
    bb_serving_follow(s, planned);
    s->counts.step_seconds += bb_seconds() - start;
    advance_all(s, planned);
    const bombus_status status = draw(s, planned, &drawn, &err);
    if (status != BOMBUS_OK) {
        fail(s, planned, status, &err);
        return;
    }
    const double told = bb_seconds();
    for (int i = 0; i < planned; i++)
        tell_prompt(s->plan[i]);
    for (int i = 0; i < drawn; i++)
        tell_drawn(s, &s->drawings[i]);
    s->counts.tell_seconds += bb_seconds() - told;
}

bool bb_serving_step(bombus_serving *s)
{
    const int planned = bb_serving_plan(s);

    if (!planned)
        return false;
    bb_alloc_forbid();
    const double start = bb_seconds();
    bb_serving_guess(s, planned);
    if (s->draft) /* looking guesses up is no model's work, but the engine's own */
        s->counts.step_seconds += bb_seconds() - start;
    compute(s, planned);
    bb_alloc_allow();
    s->counts.steps++;

    const double ended = bb_seconds();
    for (int i = 0; i < planned; i++)
        if (s->plan[i]->done)
            bb_serving_finish(s, s->plan[i]);
    s->counts.tell_seconds += bb_seconds() - ended;
    return true;
}
