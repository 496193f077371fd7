/* Who runs: the queue, the running, and the blocks that they share.
 *
 * The queue is a heap by order of arrival, of which a priority is worth some places; who gives way goes back to its own place. Its first is
 * admitted once there is a slot and, beside what the running are known to need, room for its prompt; nobody overtakes it. Running requests
 * take blocks as they grow. Where none is left, those that wait for their readers give theirs back, then the last of the running: so the
 * first of them always goes on, and as every request fits into the pool alone, it ends.
 * Given back does not mean forgotten: whole blocks are found again by their tokens while nobody has needed their place. */
#include "generate/serving.h"

#include "base/clock.h"
#include "base/error.h"

#include <string.h>

static bool before(const bombus_ticket *a, const bombus_ticket *b)
{
    return a->order < b->order || (a->order == b->order && a->number < b->number);
}

/* ---- the queue ---- */

static void place(bombus_serving *s, bombus_ticket *t, size_t at)
{
    s->waiting[at] = t;
    t->place = at;
}

/* Moves a ticket from a place to where it belongs. */
static void settle_place(bombus_serving *s, bombus_ticket *t, size_t at)
{
    for (; at > 0 && before(t, s->waiting[(at - 1) / 2]); at = (at - 1) / 2)
        place(s, s->waiting[(at - 1) / 2], at);
    for (size_t child; (child = 2 * at + 1) < s->waiting_count; at = child) {
        if (child + 1 < s->waiting_count && before(s->waiting[child + 1], s->waiting[child]))
            child++;
        if (!before(s->waiting[child], t))
            break;
        place(s, s->waiting[child], at);
    }
    place(s, t, at);
}

void bb_serving_queue(bombus_serving *s, bombus_ticket *t)
{
    if (!bb_grow(&s->waiting, &s->waiting_capacity, s->waiting_count + 1, sizeof *s->waiting)) {
        t->status = bb_fail_memory(&t->error, (s->waiting_count + 1) * sizeof *s->waiting);
        bb_serving_finish(s, t);
        return;
    }
    t->stage = BB_STAGE_WAITING;
    settle_place(s, t, s->waiting_count++);
}

static void leave_queue(bombus_serving *s, bombus_ticket *t)
{
    bombus_ticket *last = s->waiting[--s->waiting_count];

    if (last != t)
        settle_place(s, last, t->place);
}

/* ---- the running ---- */

static void enter_running(bombus_serving *s, bombus_ticket *t)
{
    int at = s->running_count++;

    for (; at > 0 && before(t, s->running[at - 1]); at--)
        s->running[at] = s->running[at - 1];
    s->running[at] = t;
    t->stage = BB_STAGE_RUNNING;
}

/* From the last to the first, so that a kept block is not forgotten before those that need it. */
static void give_blocks(bombus_serving *s, bombus_ticket *t)
{
    while (t->block_count)
        bb_prefixes_give(&s->prefixes, t->blocks[--t->block_count]);
    t->computed = t->settled = 0;
    t->chain = bb_binding_root(t->binding);
}

static void leave_running(bombus_serving *s, bombus_ticket *t)
{
    int at = 0;

    while (s->running[at] != t)
        at++;
    memmove(&s->running[at], &s->running[at + 1], (size_t)(--s->running_count - at) * sizeof *s->running);
    give_blocks(s, t);
}

/* A running ticket gives its blocks and its slot back. */
static void suspend(bombus_serving *s, bombus_ticket *t)
{
    leave_running(s, t);
    s->counts.gave_way++;
    t->stage = BB_STAGE_PAUSED;
    if (!t->full)
        bb_serving_queue(s, t);
}

/* The last of the running that waits for its reader, or NULL. */
static bombus_ticket *find_full(const bombus_serving *s)
{
    int at = s->running_count - 1;

    while (at >= 0 && !s->running[at]->full)
        at--;
    return at >= 0 ? s->running[at] : NULL;
}

static void close_result(bombus_ticket *t, bool has_text)
{
    const double now = bb_seconds();

    t->result.prompt_seconds = (t->first_at ? t->first_at : now) - t->submitted_at;
    t->result.generate_seconds = t->first_at ? now - t->first_at : 0;
    if (has_text && !t->result.text && t->status == BOMBUS_OK && !(t->result.text = bb_strdup("")))
        t->status = bb_fail_memory(&t->error, 1);
}

void bb_serving_finish(bombus_serving *s, bombus_ticket *t)
{
    if (t->stage == BB_STAGE_WAITING)
        leave_queue(s, t);
    else if (t->stage == BB_STAGE_RUNNING)
        leave_running(s, t);
    t->stage = BB_STAGE_ENDED;
    s->counts.paused -= t->full;
    close_result(t, s->tokenizer != NULL);
    *(t->older ? &t->older->newer : &s->oldest) = t->newer;
    *(t->newer ? &t->newer->older : &s->newest) = t->older;
    bb_speaker_free(&t->speaker);
    bb_free(t->tokens);
    bb_free(t->blocks);
    t->tokens = t->blocks = NULL;
    bb_serving_unbind(s, t->binding);
    t->binding = NULL;
    bb_ticket_end(t);
}

/* ---- admission ---- */

/* Would the ticket find room now, and the running still grow by a block each? */
static bool fits(const bombus_serving *s, const bombus_ticket *t)
{
    const int32_t *tokens = t->begun ? t->tokens : t->prompt;
    const int count = t->begun ? t->count : (int)t->prompt_count;
    int needed = bb_blocks_of(count) + 1;
    uint64_t parent = bb_binding_root(t->binding);

    for (int start = 0; start + BB_KV_BLOCK < count; start += BB_KV_BLOCK) {
        const int32_t block = bb_prefixes_find(&s->prefixes, parent, tokens + start);
        if (block < 0)
            break;
        needed -= bb_prefixes_is_held(&s->prefixes, block); /* one that is kept is among the available */
        parent = bb_prefixes_id(&s->prefixes, block);
    }
    for (int i = 0; i < s->running_count; i++) {
        const bombus_ticket *other = s->running[i];
        const int more = bb_blocks_of(other->count) - other->block_count;
        needed += 1 + (more > 0 ? more : 0);
    }
    return needed <= bb_prefixes_available(&s->prefixes);
}

/* What a ticket needs from its first run to its end. */
static bombus_status begin(bombus_serving *s, bombus_ticket *t)
{
    const size_t room = (size_t)s->context - t->prompt_count + 1; /* the last token drawn need not be fed */
    bombus_status status = bb_speaker_create(&t->speaker, &s->model->config, s->tokenizer, &t->request, room, &t->result, &t->error);

    if (status == BOMBUS_OK && t->binding)
        status = bb_workspace_reserve(&s->workspace, bb_binding_deltas(t->binding)->rank, &t->error);
    if (status != BOMBUS_OK)
        return status;
    const size_t most = t->prompt_count + t->speaker.limit;
    t->tokens = bb_alloc_zero(most, sizeof *t->tokens);
    t->blocks = bb_alloc_zero((size_t)bb_blocks_of((int)most), sizeof *t->blocks);
    if (!t->tokens || !t->blocks)
        return bb_fail_memory(&t->error, most * sizeof *t->tokens);
    memcpy(t->tokens, t->prompt, t->prompt_count * sizeof *t->prompt);
    t->count = (int)t->prompt_count;
    t->chain = bb_binding_root(t->binding);
    bb_speaker_see(&t->speaker, t->tokens, t->prompt_count);
    t->pace = bb_pace_begin(t->request.draft_tokens);
    t->begun = true;
    return BOMBUS_OK;
}

void bb_serving_admit(bombus_serving *s)
{
    while (s->waiting_count) {
        bombus_ticket *t = s->waiting[0];
        if (s->running_count == s->slots || (s->running_count > 0 && !fits(s, t))) {
            bombus_ticket *full = find_full(s);
            if (!full)
                return;
            suspend(s, full);
            continue;
        }
        if (!t->begun && ((t->status = begin(s, t)) != BOMBUS_OK || t->speaker.limit == 0)) {
            t->result.prompt_count = t->prompt_count; /* no token is wanted, so none of them need be fed */
            t->result.finish = BOMBUS_FINISH_LENGTH;
            bb_serving_finish(s, t);
            continue;
        }
        leave_queue(s, t);
        enter_running(s, t);
        bb_serving_adopt(s, t);
    }
}

/* ---- blocks ---- */

bool bb_serving_adopt(bombus_serving *s, bombus_ticket *t)
{
    bb_prefixes *p = &s->prefixes;

    /* The last token is computed in any case, since its logits are wanted. */
    while (t->computed == t->block_count * BB_KV_BLOCK && t->computed + BB_KV_BLOCK < t->count) {
        const int32_t block = bb_prefixes_find(p, t->chain, t->tokens + t->computed);
        if (block < 0)
            return true;
        if (!bb_prefixes_is_whole(p, block))
            return false;
        bb_prefixes_hold(p, block);
        t->blocks[t->block_count++] = block;
        t->chain = bb_prefixes_id(p, block);
        t->settled++;
        t->computed += BB_KV_BLOCK;
        s->counts.cached_tokens += BB_KV_BLOCK;
        if ((size_t)t->computed <= t->prompt_count && (size_t)t->computed > t->result.prompt_count) {
            t->result.cached_count += (size_t)t->computed - t->result.prompt_count;
            t->result.prompt_count = (size_t)t->computed;
        }
    }
    return true;
}

/* Says that the ticket's newest block is going to be computed, where all its tokens are known. */
static void announce(bombus_serving *s, bombus_ticket *t)
{
    const int at = t->block_count - 1, start = at * BB_KV_BLOCK;
    const uint64_t parent = at == t->settled ? t->chain : bb_prefixes_id(&s->prefixes, t->blocks[at - 1]);

    if (start + BB_KV_BLOCK <= t->count && parent != 0 && bb_prefixes_find(&s->prefixes, parent, t->tokens + start) < 0)
        bb_prefixes_announce(&s->prefixes, t->blocks[at], parent, t->tokens + start);
}

int bb_serving_reserve(bombus_serving *s, bombus_ticket *t, int positions)
{
    while (t->block_count * BB_KV_BLOCK < positions) {
        const int32_t block = bb_prefixes_take(&s->prefixes);
        if (block >= 0) {
            t->blocks[t->block_count++] = block;
            announce(s, t);
            continue;
        }
        bombus_ticket *last = find_full(s);
        if (!last)
            last = s->running[s->running_count - 1];
        if (last == t)
            return t->block_count * BB_KV_BLOCK;
        suspend(s, last);
    }
    return positions;
}
