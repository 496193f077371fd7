/* Guesses ahead in the engine: the rows that a drawing request has beyond its one.
 *
 * A draft model keeps its keys and values in blocks of its own under the same numbers as the model's: so they are shared, kept and given
 * back with them, and a prefix that is known is known to both. It computes what the model computes, prompts too, and before a step goes
 * ahead by itself for those who want guesses, all of them together. */
#include "generate/serving.h"

#include "base/error.h"

/* How far a ticket is to guess: within what it may still draw, what its reader has room for, and blocks that are there to spare. */
static int want(bombus_serving *s, bombus_ticket *t, int budget)
{
    const size_t left = t->speaker.limit - t->result.token_count; /* of which the last is drawn behind the guesses */
    int most = t->pace.next < budget ? t->pace.next : budget;

    if (!t->pace.most || bb_left_of(t) != 1 || left < 2)
        return 0;
    most = left - 1 < (size_t)most ? (int)left - 1 : most;
    most = t->room - 1 < most ? t->room - 1 : most;
    const int spare = bb_prefixes_available(&s->prefixes) > s->running_count ? most : t->block_count * BB_KV_BLOCK - t->count;
    most = spare < most ? spare : most;
    return most > 0 ? bb_serving_reserve(s, t, t->count + most) - t->count : 0;
}

/* ---- the draft model ---- */

/* A row of the draft model's next step. Tokens that only the model has are any token to it. */
static void add_row(bombus_serving *s, bb_rows *rows, int sequence, int position)
{
    const int32_t token = s->plan[sequence]->tokens[position];

    s->tables[sequence] = s->plan[sequence]->blocks;
    s->tokens[rows->count] = token < s->draft->config.vocabulary ? token : 0;
    s->positions[rows->count] = position;
    s->sequences[rows->count++] = sequence;
}

static bb_rows no_rows(const bombus_serving *s)
{
    return (bb_rows){.tokens = s->tokens, .positions = s->positions, .sequences = s->sequences, .blocks = s->tables};
}

typedef struct guess_job {
    bombus_serving *s;
    const bb_rows *rows;
    int first;
} guess_job;

static void guess_task(void *context, int64_t index, int worker)
{
    const guess_job *job = context;
    bombus_serving *s = job->s;
    const int row = job->first + (int)index, own = s->draft->config.vocabulary, vocabulary = s->model->config.vocabulary;
    bombus_ticket *t = s->plan[job->rows->sequences[row]];
    float *logits = s->logits + index * vocabulary;
    const int32_t at = job->rows->positions[row] + 1;

    (void)worker;
    bb_draft_row(logits, vocabulary, s->draft_logits + index * own, own);
    t->tokens[at] = bb_speaker_guess(&t->speaker, logits, (uint64_t)at);
    t->guessed += t->tokens[at] >= 0;
}

/* One more guess for each of the tickets [planned] that wants more and had one the last time. Returns false where none is made. */
static bool go_ahead(bombus_serving *s, int planned, int step)
{
    bb_rows rows = no_rows(s);

    for (int i = 0; i < planned; i++)
        if (s->plan[i]->wanted > step && s->plan[i]->guessed == step)
            add_row(s, &rows, i, s->plan[i]->count - 1 + step);
    if (!rows.count)
        return false;
    bb_decoder_step(s->draft, &s->draft_workspace, s->draft_pool.kv, &rows, NULL);
    for (int first = 0; first < rows.count; first += BB_LOGIT_ROWS) {
        const int count = rows.count - first < BB_LOGIT_ROWS ? rows.count - first : BB_LOGIT_ROWS;
        int32_t index[BB_LOGIT_ROWS];
        for (int i = 0; i < count; i++)
            index[i] = first + i;
        if (bb_decoder_logits(s->draft, &s->draft_workspace, index, count, NULL, s->draft_logits, NULL) != BOMBUS_OK)
            return false;
        bb_threads_run(s->model->backend->threads, guess_task, &(guess_job){s, &rows, first}, count);
    }
    return true;
}

void bb_serving_follow(bombus_serving *s, int planned)
{
    bb_rows rows = no_rows(s);

    if (!s->draft)
        return;
    /* What it went ahead over is there already, but for the last guess. */
    for (int i = 0; i < planned; i++) {
        const bombus_ticket *t = s->plan[i];
        for (int r = t->guessed; r < t->rows; r++)
            add_row(s, &rows, i, t->computed + r);
    }
    bb_decoder_step(s->draft, &s->draft_workspace, s->draft_pool.kv, &rows, NULL);
}

/* ---- the step ---- */

void bb_serving_guess(bombus_serving *s, int planned)
{
    int budget = BB_SERVING_GUESSES, step = 0;

    for (int i = 0; i < planned; i++) {
        bombus_ticket *t = s->plan[i];
        t->wanted = want(s, t, budget);
        if (t->wanted && !s->draft)
            t->guessed = bb_lookup_draft(t->tokens, t->count, t->wanted, t->tokens + t->count);
        budget -= s->draft ? t->wanted : t->guessed;
    }
    while (s->draft && go_ahead(s, planned, step))
        step++;
    for (int i = 0; i < planned; i++)
        s->plan[i]->rows += s->plan[i]->guessed;
}

void bb_serving_learn(bombus_serving *s, bombus_ticket *t, int right)
{
    t->result.drafted_count += (size_t)t->guessed;
    t->result.accepted_count += (size_t)right;
    s->counts.drafted_tokens += (uint64_t)t->guessed;
    s->counts.accepted_tokens += (uint64_t)right;
    bb_pace_learn(&t->pace, t->guessed, right);
}

/* ---- setting up ---- */

bombus_status bb_serving_create_draft(bombus_serving *s, int blocks, bombus_dtype dtype, bombus_error *err)
{
    const size_t logits = BB_LOGIT_ROWS * (size_t)s->draft->config.vocabulary;
    bombus_status status = bb_kv_pool_create(&s->draft_pool, s->draft, blocks, dtype, err);

    if (status == BOMBUS_OK)
        status = bb_workspace_create(&s->draft_workspace, s->draft, s->workspace.rows, err);
    if (status == BOMBUS_OK && !(s->draft_logits = bb_alloc_zero(logits, sizeof *s->draft_logits)))
        status = bb_fail_memory(err, logits * sizeof *s->draft_logits);
    return status;
}

void bb_serving_free_draft(bombus_serving *s)
{
    bb_free(s->draft_logits);
    bb_workspace_free(&s->draft_workspace);
    bb_kv_pool_free(&s->draft_pool);
    bombus_model_free(s->draft);
}
