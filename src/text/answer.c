/* An answer split into reasoning, content and tool calls while it streams.
 *
 * The text waits in a buffer until it is certain what it is. Three states: reasoning, content, and inside a tool call, whose text is kept
 * until it is whole. In the first two, everything goes out but a tail that may be the beginning of a marker and newlines that a marker may
 * swallow.
 * Invariant: what has been handed out is never taken back, and markers are never handed out, save those of a call that is not well formed.
 */
#include "text/answer.h"

#include "base/error.h"
#include "base/memory.h"

#include <ctype.h>
#include <string.h>

typedef enum state { REASONING, CONTENT, CALL } state;

/* A marker that changes the state. */
typedef struct marker {
    const char *text;
    state from, to;
    int styles;            /* a bit a style */
    const char *close;     /* of a call: what ends it; NULL: the end of the answer */
    bb_call_reader reader; /* of a call */
} marker;

enum {
    PLAIN = 1 << BOMBUS_ANSWER_PLAIN,
    HERMES = 1 << BOMBUS_ANSWER_HERMES,
    LLAMA3 = 1 << BOMBUS_ANSWER_LLAMA3,
    MISTRAL = 1 << BOMBUS_ANSWER_MISTRAL,
    ALL = PLAIN | HERMES | LLAMA3 | MISTRAL,
};

static const marker markers[] = {
    {"<think>", CONTENT, REASONING, ALL, NULL, NULL},
    {"</think>", REASONING, CONTENT, ALL, NULL, NULL},
    {"[THINK]", CONTENT, REASONING, MISTRAL, NULL, NULL},
    {"[/THINK]", REASONING, CONTENT, MISTRAL, NULL, NULL},
    {"<tool_call>", CONTENT, CALL, HERMES, "</tool_call>", bb_calls_hermes},
    {"<|python_tag|>", CONTENT, CALL, LLAMA3, NULL, bb_calls_llama3},
    {"<function=", CONTENT, CALL, LLAMA3, "</function>", bb_calls_function},
    {"[TOOL_CALLS]", CONTENT, CALL, MISTRAL, NULL, bb_calls_mistral},
};

/* An answer of Llama 3 that is nothing but JSON is a call without a marker. */
static const marker bare_json = {"", CONTENT, CALL, LLAMA3, NULL, bb_calls_llama3};

enum { MARKERS = sizeof markers / sizeof *markers };

struct bombus_answer {
    bombus_answer_style style;
    state state;
    const marker *call; /* that opened the present call */
    bool at_border;     /* nothing of this part has gone out: newlines are still the marker's */
    bool untouched;     /* nothing of the answer has been decided: bare JSON may follow */
    char *buffer;       /* [used] not decided */
    size_t used, capacity;
    size_t scanned; /* of a call: bytes that hold no beginning of its close */
    bombus_part_callback callback;
    void *context;
    bool canceled;
};

bombus_answer_style bombus_answer_style_of(const char *template_source)
{
    if (strstr(template_source, "<tool_call>"))
        return BOMBUS_ANSWER_HERMES;
    if (strstr(template_source, "[TOOL_CALLS]"))
        return BOMBUS_ANSWER_MISTRAL;
    if (strstr(template_source, "<|python_tag|>") || strstr(template_source, "<|start_header_id|>"))
        return BOMBUS_ANSWER_LLAMA3;
    return BOMBUS_ANSWER_PLAIN;
}

bombus_status bombus_answer_create(bombus_answer **out, bombus_answer_style style, bool in_reasoning, bombus_part_callback callback,
                                   void *context, bombus_error *err)
{
    *out = NULL;
    if ((unsigned)style > BOMBUS_ANSWER_MISTRAL)
        return bb_fail(err, BOMBUS_EINVAL, "style: %d, expected a bombus_answer_style", (int)style);

    bombus_answer *answer = bb_alloc_zero(1, sizeof *answer);
    if (!answer)
        return bb_fail_memory(err, sizeof *answer);
    answer->style = style;
    answer->state = in_reasoning ? REASONING : CONTENT;
    answer->at_border = in_reasoning;
    answer->untouched = true;
    answer->callback = callback;
    answer->context = context;
    *out = answer;
    return BOMBUS_OK;
}

void bombus_answer_free(bombus_answer *answer)
{
    if (!answer)
        return;
    bb_free(answer->buffer);
    bb_free(answer);
}

/* ---- handing out ---- */

/* Removes the first bytes of the buffer. */
static void consume(bombus_answer *a, size_t bytes)
{
    memmove(a->buffer, a->buffer + bytes, a->used - bytes);
    a->used -= bytes;
}

/* Hands out the first bytes of the buffer as text of the present part. There is always room for a NUL behind the buffer. */
static void emit(bombus_answer *a, size_t bytes)
{
    if (bytes && !a->canceled) {
        const char behind = a->buffer[bytes];
        a->buffer[bytes] = '\0';
        const bombus_part part = {
            .kind = a->state == REASONING ? BOMBUS_PART_REASONING : BOMBUS_PART_CONTENT, .text = a->buffer, .bytes = bytes};
        a->canceled = !a->callback(&part, a->context);
        a->buffer[bytes] = behind;
        a->at_border = false;
    }
    consume(a, bytes);
}

static bool emit_call(void *context, const char *name, const char *arguments, size_t bytes, const char *id)
{
    bombus_answer *a = context;
    char *text = bb_strndup(arguments, bytes);

    if (!text)
        return false;
    const bombus_part part = {.kind = BOMBUS_PART_TOOL_CALL, .text = text, .bytes = bytes, .name = name, .id = id};
    if (!a->canceled)
        a->canceled = !a->callback(&part, a->context);
    bb_free(text);
    return true;
}

/* ---- markers ---- */

/* The first marker of the present state in the buffer; *at is where it begins, or where a tail that may become one does. */
static const marker *find_marker(const bombus_answer *a, size_t *at)
{
    for (*at = 0; *at < a->used; ++*at) {
        const size_t left = a->used - *at;
        const char *text = a->buffer + *at;
        if (*text != '<' && *text != '[')
            continue;
        for (int i = 0; i < MARKERS; i++) {
            const size_t length = strlen(markers[i].text);
            if (markers[i].from != a->state || !(markers[i].styles >> a->style & 1))
                continue;
            if (memcmp(text, markers[i].text, left < length ? left : length) != 0)
                continue;
            return left < length ? NULL : &markers[i];
        }
    }
    return NULL;
}

static size_t without_newlines(const bombus_answer *a, size_t bytes)
{
    while (bytes && (a->buffer[bytes - 1] == '\n' || a->buffer[bytes - 1] == '\r'))
        bytes--;
    return bytes;
}

/* ---- states ---- */

static void drop_newlines_at_border(bombus_answer *a)
{
    size_t bytes = 0;

    while (a->at_border && bytes < a->used && (a->buffer[bytes] == '\n' || a->buffer[bytes] == '\r'))
        bytes++;
    consume(a, bytes);
}

/* Returns false when the buffer must wait for more. */
static bool advance_text(bombus_answer *a)
{
    size_t at;

    drop_newlines_at_border(a);
    const marker *m = find_marker(a, &at);
    if (!m) {
        emit(a, without_newlines(a, at));
        return false;
    }
    /* Newlines before a marker that closes reasoning or opens a call are the marker's; before <think>, nothing has been said yet. */
    const size_t text = without_newlines(a, at);
    emit(a, text);
    consume(a, at - text + strlen(m->text));
    a->state = m->to;
    a->call = m->to == CALL ? m : NULL;
    a->scanned = 0;
    a->at_border = true;
    return true;
}

/* The call's text is the first bytes of the buffer, followed by close bytes of its closing marker. */
static bombus_status end_call(bombus_answer *a, size_t bytes, size_t close, bombus_error *err)
{
    const marker *m = a->call;

    a->state = CONTENT;
    a->call = NULL;
    if (m->reader(a->buffer, bytes, NULL, NULL)) {
        const bool complete = m->reader(a->buffer, bytes, emit_call, a);
        consume(a, bytes + close);
        a->at_border = true;
        return complete ? BOMBUS_OK : bb_fail_memory(err, bytes); /* it was well formed a moment ago */
    }

    const size_t open = strlen(m->text);
    if (!bb_grow(&a->buffer, &a->capacity, a->used + open + 1, 1))
        return bb_fail_memory(err, a->used + open + 1);
    memmove(a->buffer + open, a->buffer, a->used);
    memcpy(a->buffer, m->text, open);
    a->used += open;
    emit(a, open + bytes + close);
    return BOMBUS_OK;
}

static bool advance_call(bombus_answer *a, bombus_status *status, bombus_error *err)
{
    if (!a->call->close)
        return false;

    const size_t length = strlen(a->call->close);
    const char *found = memmem(a->buffer + a->scanned, a->used - a->scanned, a->call->close, length);
    if (!found) {
        if (a->used >= length)
            a->scanned = a->used - length + 1;
        return false;
    }
    *status = end_call(a, (size_t)(found - a->buffer), length, err);
    return *status == BOMBUS_OK;
}

/* The first character that is no space decides whether an answer of Llama 3 is a bare call. */
static bool advance_start(bombus_answer *a)
{
    size_t at = 0;

    while (at < a->used && isspace((unsigned char)a->buffer[at]))
        at++;
    if (at == a->used)
        return false;
    a->untouched = false;
    if (a->buffer[at] == '{') {
        a->state = CALL;
        a->call = &bare_json;
    }
    return true;
}

static bombus_status advance(bombus_answer *a, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    for (bool more = true; more && status == BOMBUS_OK && !a->canceled;) {
        if (a->untouched && a->style == BOMBUS_ANSWER_LLAMA3 && a->state == CONTENT)
            more = advance_start(a);
        else
            more = a->state == CALL ? advance_call(a, &status, err) : advance_text(a);
    }
    return a->canceled ? bb_fail(err, BOMBUS_ECANCELED, "answer: canceled by the callback") : status;
}

bombus_status bombus_answer_push(bombus_answer *answer, const char *text, size_t bytes, bombus_error *err)
{
    if (answer->canceled)
        return bb_fail(err, BOMBUS_ECANCELED, "answer: canceled by the callback");
    if (!bb_grow(&answer->buffer, &answer->capacity, answer->used + bytes + 1, 1))
        return bb_fail_memory(err, answer->used + bytes + 1);
    if (bytes)
        memcpy(answer->buffer + answer->used, text, bytes);
    answer->used += bytes;
    return advance(answer, err);
}

bombus_status bombus_answer_finish(bombus_answer *answer, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    if (answer->state == CALL)
        status = end_call(answer, answer->used, 0, err);
    if (status == BOMBUS_OK && answer->used) {
        drop_newlines_at_border(answer);
        emit(answer, answer->state == REASONING ? without_newlines(answer, answer->used) : answer->used);
        answer->used = 0;
    }
    return answer->canceled ? bb_fail(err, BOMBUS_ECANCELED, "answer: canceled by the callback") : status;
}
