/* Prompt lookup: what is said now has often been said before, where a text is edited, quoted or summed up. */
#include "generate/draft.h"

#include <math.h>

enum {
    SHORTEST = 2, /* tokens that have to be the same before a guess is worth a row */
    LONGEST = 16, /* more tell nothing new */
    FIRST_GUESS = 4,
};

/* How many tokens before end are the same as those before count. */
static int match(const int32_t *tokens, int end, int count)
{
    int same = 0;

    while (same < LONGEST && same < end && tokens[end - 1 - same] == tokens[count - 1 - same])
        same++;
    return same;
}

int bb_lookup_draft(const int32_t *tokens, int count, int most, int32_t *draft)
{
    int best = SHORTEST - 1, found = 0;

    /* From the latest on, so that of equally long ones that is taken. */
    for (int end = count - 1; end > 0 && best < LONGEST; end--) {
        const int same = match(tokens, end, count);
        if (same > best) {
            best = same;
            found = end;
        }
    }
    if (!found)
        return 0;
    /* Beyond the end it goes on with the guess itself, as a text does that repeats. */
    for (int i = 0; i < most; i++)
        draft[i] = found + i < count ? tokens[found + i] : draft[found + i - count];
    return most;
}

void bb_draft_row(float *row, int vocabulary, const float *logits, int own)
{
    for (int i = 0; i < vocabulary; i++)
        row[i] = i < own ? logits[i] : -INFINITY;
}

bb_pace bb_pace_begin(int most)
{
    return (bb_pace){.most = most, .next = most < FIRST_GUESS ? most : FIRST_GUESS};
}

void bb_pace_learn(bb_pace *pace, int guessed, int right)
{
    if (guessed == 0)
        return;
    if (right < guessed)
        pace->next = right + 1 < pace->next ? right + 1 : pace->next;
    else if (guessed >= pace->next)
        pace->next *= 2;
    if (pace->next > pace->most)
        pace->next = pace->most;
}
