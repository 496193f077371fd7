/* The plan of a step: which of the running have rows in it, and how many.
 *
 * Every running request that is drawing has a row in every step. Beside them prompts are computed, a slice at a time while anybody draws:
 * half of it is the first comer's, so that a long prompt comes to its end however many short ones follow, and the other half goes to
 * whoever has the least left, so that a short one does not wait for a long one's end. */
#include "generate/serving.h"

/* Gives a ticket up to so many more rows of the budget, and blocks for them. Returns false where it gets none: there are no blocks, or
 * another is computing the same. Blocks are taken and announced as rows are given, so that two of a plan never compute one prefix. */
static bool give_rows(bombus_serving *s, bombus_ticket *t, int most, int *budget)
{
    if (t->stage != BB_STAGE_RUNNING || !bb_serving_adopt(s, t))
        return false;
    const int left = bb_left_of(t) - t->rows, wanted = left < most ? left : most, rows = wanted < *budget ? wanted : *budget;
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
            if (prompts[i] && (least < 0 || bb_left_of(prompts[i]) - prompts[i]->rows < bb_left_of(prompts[least]) - prompts[least]->rows))
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

int bb_serving_plan(bombus_serving *s)
{
    const int running = s->running_count;
    int prompts = 0, drawing = 0, planned = 0;

    for (int i = 0; i < running; i++) {
        s->plan[i] = s->running[i];
        s->plan[i]->rows = s->plan[i]->guessed = 0;
    }
    for (int i = 0; i < running; i++) {
        bombus_ticket *t = s->plan[i];
        int one = 1;
        if (t->full || t->stage != BB_STAGE_RUNNING)
            continue;
        if (bb_left_of(t) > 1)
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
