/* A step of the engine: which rows it takes, and what becomes of their logits.
 *
 * Every running request that is drawing has a row in every step. Beside them prompts are computed, a slice at a time while anybody draws:
 * half of it is the first comer's, so that a long prompt comes to its end however many short ones follow, and the other half goes to
 * whoever has the least left, so that a short one does not wait for a long one's end.
 * Between planning and telling nothing is allocated. */
#include "generate/serving.h"

#include "base/clock.h"
#include "base/error.h"

/* ---- the plan ---- */

static int left_of(const bombus_ticket *t)
{
    return t->count - t->computed;
}

/* Gives a ticket up to so many more rows of the budget, and blocks for them. Returns false where it gets none: there are no blocks, or
 * another is computing the same. Blocks are taken and announced as rows are given, so that two of a plan never compute one prefix. */
static bool give_rows(bombus_serving *s, bombus_ticket *t, int most, int *budget)
{
    if (t->stage != BB_STAGE_RUNNING || !bb_serving_adopt(s, t))
        return false;
    const int left = left_of(t) - t->rows, wanted = left < most ? left : most, rows = wanted < *budget ? wanted : *budget;
    const int room = bb_serving_reserve(s, t, t->computed + t->rows + rows) - t->computed - t->rows;
    if (rows < 1 || room < 1)
        return false;
    t->rows += rows < room ? rows : room;
    *budget -= rows < room ? rows : room;
    return true;
}

/* prompts [count] in order of arrival. */
static void share_out(bombus_serving *s, bombus_ticket **prompts, int count, int budget)
{
    const int half = (budget + 1) / 2;

    for (int i = 0; i < count && !give_rows(s, prompts[i], half, &budget); i++)
        prompts[i] = NULL;
    while (budget > 0) {
        int least = -1;
        for (int i = 0; i < count; i++)
            if (prompts[i] && (least < 0 || left_of(prompts[i]) - prompts[i]->rows < left_of(prompts[least]) - prompts[least]->rows))
                least = i;
        if (least < 0)
            return;
        if (!give_rows(s, prompts[least], budget, &budget))
            prompts[least] = NULL;
    }
}

/* Tickets of the same adapters next to one another, so that each adapter is read once a step. */
static void group(bombus_ticket **tickets, int count)
{
    for (int i = 1; i < count; i++) {
        bombus_ticket *t = tickets[i];
        int at = i;
        for (; at > 0 && bb_binding_root(tickets[at - 1]->binding) > bb_binding_root(t->binding); at--)
            tickets[at] = tickets[at - 1];
        tickets[at] = t;
    }
}

/* Gives each of the running its rows of this step. What takes blocks may make those behind it give way, which then leave the running.
 * Returns how many in s->plan have rows. */
static int plan(bombus_serving *s)
{
    const int running = s->running_count;
    int prompts = 0, drawing = 0, planned = 0;

    for (int i = 0; i < running; i++) {
        s->plan[i] = s->running[i];
        s->plan[i]->rows = 0;
    }
    for (int i = 0; i < running; i++) {
        bombus_ticket *t = s->plan[i];
        int one = 1;
        if (t->full || t->stage != BB_STAGE_RUNNING)
            continue;
        if (left_of(t) > 1)
            s->prompts[prompts++] = t;
        else
            drawing += give_rows(s, t, 1, &one);
    }
    share_out(s, s->prompts, prompts, drawing ? s->slice : s->chunk);
    for (int i = 0; i < running; i++)
        if (s->plan[i]->stage == BB_STAGE_RUNNING && s->plan[i]->rows)
            s->plan[planned++] = s->plan[i];
    group(s->plan, planned);
    return planned;
}

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

/* The keys and values of a ticket's rows are there. */
static void advance(bombus_serving *s, bombus_ticket *t)
{
    bb_prefixes *p = &s->prefixes;

    /* The last of a sequence that has been drawing is that of the token drawn last. */
    s->counts.prompt_tokens += (uint64_t)(t->rows - (t->rows == left_of(t) && (size_t)t->count > t->prompt_count));
    t->computed += t->rows;
    for (; (t->settled + 1) * BB_KV_BLOCK <= t->computed; t->settled++) {
        int32_t *block = &t->blocks[t->settled];
        *block = bb_prefixes_settle(p, *block, t->chain, t->tokens + t->settled * BB_KV_BLOCK);
        t->chain = bb_prefixes_id(p, *block);
    }
    const size_t fed = (size_t)t->computed < t->prompt_count ? (size_t)t->computed : t->prompt_count;
    if (fed > t->result.prompt_count)
        t->result.prompt_count = fed;
}

/* ---- logits ---- */

typedef struct draw_job {
    bb_drawing *drawings;
    const float *logits; /* [drawings, V] */
    size_t vocabulary;
} draw_job;

/* Every sequence has a speaker of its own, so they draw side by side. */
static void draw_task(void *context, int64_t index, int worker)
{
    const draw_job *job = context;
    bb_drawing *d = &job->drawings[index];

    (void)worker;
    d->done = false;
    d->status = bb_speaker_next(&d->ticket->speaker, job->logits + (size_t)index * job->vocabulary, (uint64_t)d->ticket->count, &d->token,
                                &d->done, &d->error);
}

/* Draws for every ticket whose tokens are all computed. *count: of s->drawings. */
static bombus_status draw(bombus_serving *s, int planned, int *count, bombus_error *err)
{
    int32_t index[BB_LOGIT_ROWS];

    *count = 0;
    for (int i = 0; i < planned; i++)
        if (left_of(s->plan[i]) == 0)
            s->drawings[(*count)++].ticket = s->plan[i];
    for (int first = 0; first < *count; first += BB_LOGIT_ROWS) {
        const int some = *count - first < BB_LOGIT_ROWS ? *count - first : BB_LOGIT_ROWS;
        draw_job job = {&s->drawings[first], s->logits, (size_t)s->model->config.vocabulary};
        bb_step_deltas deltas = {.runs = s->runs};
        for (int i = 0; i < some; i++) {
            const bombus_ticket *t = job.drawings[i].ticket;
            index[i] = t->first_row + t->rows - 1;
            add_run(s->runs, &deltas.count, t, i, 1);
        }
        const double start = bb_seconds();
        bombus_status status = bb_decoder_logits(s->model, &s->workspace, index, some, deltas.count ? &deltas : NULL, s->logits, err);
        const double made = bb_seconds();
        if (status != BOMBUS_OK)
            return status;
        bb_threads_run(s->model->backend->threads, draw_task, &job, some);
        s->counts.step_seconds += made - start;
        s->counts.draw_seconds += bb_seconds() - made;
    }
    return BOMBUS_OK;
}

/* ---- telling ---- */

static void cancel(bombus_ticket *t)
{
    t->result.finish = BOMBUS_FINISH_CANCELED;
    t->done = true;
}

static void tell_token(bombus_serving *s, const bb_drawing *d)
{
    bombus_ticket *t = d->ticket;

    if (d->status != BOMBUS_OK) {
        t->status = d->status;
        t->error = d->error;
        t->done = true;
        return;
    }
    s->counts.generated_tokens++;
    if (t->first_at == 0)
        t->first_at = bb_seconds();
    t->done = d->done;
    if (!d->done)
        t->tokens[t->count++] = d->token.id;
    if (!bb_speaker_tell(&t->speaker, &d->token) && !t->done)
        cancel(t);
    bb_ticket_keep(t, &d->token, &t->full);
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
    s->counts.step_seconds += bb_seconds() - start;
    for (int i = 0; i < planned; i++)
        advance(s, s->plan[i]);
    const bombus_status status = draw(s, planned, &drawn, &err);
    if (status != BOMBUS_OK) {
        fail(s, planned, status, &err);
        return;
    }
    const double told = bb_seconds();
    for (int i = 0; i < planned; i++)
        tell_prompt(s->plan[i]);
    for (int i = 0; i < drawn; i++)
        tell_token(s, &s->drawings[i]);
    s->counts.tell_seconds += bb_seconds() - told;
}

bool bb_serving_step(bombus_serving *s)
{
    const int planned = plan(s);

    if (!planned)
        return false;
    bb_alloc_forbid();
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
