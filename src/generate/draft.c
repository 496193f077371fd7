/* Prompt lookup: what is said now has often been said before, where a text is edited, quoted or summed up. */
#include "generate/draft.h"

#include <math.h>

enum {
    SHORTEST = 2, /* tokens that have to be the same before a guess is worth a row */
    LONGEST = 16, /* more tell nothing new */
    TRUST = 2,    /* tokens a guess may have for each that was the same */
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
    most = most < TRUST * best ? most : TRUST * best;
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
    if (2 * right < guessed)
        pace->next = pace->next > 1 ? pace->next / 2 : 1;
    else if (guessed && right == guessed)
        pace->next = 2 * pace->next < pace->most ? 2 * pace->next : pace->most;
}
