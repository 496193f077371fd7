/* Stop strings: all of them searched at once in a stream, one Knuth-Morris-Pratt automaton each.
 *
 * The text ends where the first stop string begins: of all that occur, the one that begins first. So a stop string that has been found
 * waits while another one that began before it may still be completed. Whatever the pieces are, the outcome is the same.
 *
 * Owns: the automata, and a buffer of what is held back and one piece. One thread's.
 * Invariant: nothing at or behind the beginning of a partial or found stop string has been let through. A stop string begins with a whole
 * character, so what is let through ends with one where the pieces do. */
#include "generate/stops.h"

#include "base/error.h"
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

typedef struct pattern {
    char *text; /* [bytes] */
    size_t bytes;
    size_t *border; /* [bytes + 1] the longest proper prefix of the first i bytes that is also their suffix */
    size_t matched; /* bytes of text that the stream ends with */
} pattern;

struct bb_stops {
    pattern *patterns; /* [count] */
    size_t count;
    size_t position; /* bytes of the stream read */
    size_t found;    /* where the first stop string begins, SIZE_MAX: none yet */
    char *buffer;    /* the end of the stream: what is held back, before it what was let through last */
    size_t used, capacity;
    size_t passed; /* bytes at the buffer's beginning that were let through */
};

static bool make_pattern(pattern *p, const char *text)
{
    p->bytes = strlen(text);
    p->text = bb_strndup(text, p->bytes);
    p->border = bb_alloc_zero(p->bytes + 1, sizeof *p->border);
    if (!p->text || !p->border)
        return false;
    for (size_t i = 1, k = 0; i < p->bytes; i++) {
        while (k && text[i] != text[k])
            k = p->border[k];
        k += text[i] == text[k];
        p->border[i + 1] = k;
    }
    return true;
}

bombus_status bb_stops_create(bb_stops **out, const char *const *stops, size_t count, size_t piece, bombus_error *err)
{
    size_t longest = 0;
    bb_stops *s = bb_alloc_zero(1, sizeof *s);

    *out = NULL;
    if (!s)
        return bb_fail_memory(err, sizeof *s);
    s->found = SIZE_MAX;
    if (count && !(s->patterns = bb_alloc_zero(count, sizeof *s->patterns)))
        goto fail;
    for (; s->count < count; s->count++) {
        assert(*stops[s->count]);
        if (!make_pattern(&s->patterns[s->count], stops[s->count])) {
            s->count++;
            goto fail;
        }
        if (s->patterns[s->count].bytes > longest)
            longest = s->patterns[s->count].bytes;
    }
    /* A found stop string may wait for one of the longest, and both for the next piece. */
    if (count && !bb_grow(&s->buffer, &s->capacity, longest + piece, 1))
        goto fail;
    *out = s;
    return BOMBUS_OK;

fail:
    bb_stops_free(s);
    return bb_fail_memory(err, longest + piece);
}

void bb_stops_free(bb_stops *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        bb_free(s->patterns[i].text);
        bb_free(s->patterns[i].border);
    }
    bb_free(s->patterns);
    bb_free(s->buffer);
    bb_free(s);
}

/* Takes one byte. Returns where the earliest stop string that is under way or found begins. */
static size_t step(bb_stops *s, char byte)
{
    size_t earliest = ++s->position;

    for (size_t i = 0; i < s->count; i++) {
        pattern *p = &s->patterns[i];
        while (p->matched && p->text[p->matched] != byte)
            p->matched = p->border[p->matched];
        p->matched += p->text[p->matched] == byte;
        if (p->matched == p->bytes) {
            if (s->position - p->bytes < s->found)
                s->found = s->position - p->bytes;
            p->matched = p->border[p->bytes];
        }
        if (s->position - p->matched < earliest)
            earliest = s->position - p->matched;
    }
    return s->found < earliest ? s->found : earliest;
}

bombus_status bb_stops_push(bb_stops *s, const char *text, size_t bytes, bb_passed *out, bombus_error *err)
{
    *out = (bb_passed){.text = text, .bytes = bytes};
    if (!s->count)
        return BOMBUS_OK;

    s->used -= s->passed;
    memmove(s->buffer, s->buffer + s->passed, s->used);
    s->passed = 0;
    if (!bb_grow(&s->buffer, &s->capacity, s->used + bytes, 1))
        return bb_fail_memory(err, s->used + bytes);
    memcpy(s->buffer + s->used, text, bytes);
    s->used += bytes;

    size_t earliest = s->position + bytes - s->used; /* where the buffer begins, should the piece be empty */
    for (size_t i = 0; i < bytes && !out->stopped; i++) {
        earliest = step(s, text[i]);
        out->stopped = earliest == s->found;
        s->used -= out->stopped ? bytes - i - 1 : 0;
    }
    s->passed = s->used - (s->position - earliest);
    out->text = s->buffer;
    out->bytes = s->passed;
    return BOMBUS_OK;
}

void bb_stops_finish(bb_stops *s, bb_passed *out)
{
    *out = (bb_passed){.text = ""};
    if (!s->count)
        return;

    const size_t begin = s->position - (s->used - s->passed);
    out->text = s->buffer + s->passed;
    out->stopped = s->found != SIZE_MAX;
    out->bytes = (out->stopped ? s->found : s->position) - begin;
    s->passed = s->used;
}
