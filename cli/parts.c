/* An answer's parts, gathered from the parser that gives them piece by piece. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

static bool add_call(parts *to, const bombus_part *part)
{
    tool_call *grown = realloc(to->calls, (to->call_count + 1) * sizeof *grown);

    if (!grown)
        return false;
    to->calls = grown;
    tool_call *call = &grown[to->call_count];
    *call = (tool_call){strdup(part->name), strdup(part->text), part->id ? strdup(part->id) : NULL};
    to->call_count++;
    return call->name && call->arguments && (call->id || !part->id);
}

bool add_part(parts *to, const bombus_part *part)
{
    if (part->kind != BOMBUS_PART_TOOL_CALL)
        return add_bytes(part->kind == BOMBUS_PART_REASONING ? &to->reasoning : &to->content, part->text, part->bytes);
    if (add_call(to, part))
        return true;
    complain("out of memory: %zu bytes", part->bytes);
    return false;
}

void free_parts(parts *split)
{
    for (size_t i = 0; i < split->call_count; i++) {
        free(split->calls[i].name);
        free(split->calls[i].arguments);
        free(split->calls[i].id);
    }
    free(split->calls);
    free(split->reasoning.data);
    free(split->content.data);
    *split = (parts){0};
}

typedef struct gathering {
    parts *parts;
    bool begun; /* what comes is the answer, no longer its beginning in the prompt */
} gathering;

static bool take_part(const bombus_part *part, void *context)
{
    const gathering *g = context;

    return !g->begun || add_part(g->parts, part);
}

bool split_answer(const rendered_prompt *rendered, const char *text, size_t bytes, parts *out)
{
    gathering g = {.parts = out};
    bombus_answer *answer = NULL;
    bombus_error err;

    *out = (parts){0};
    bombus_status status = bombus_answer_create(&answer, rendered->style, rendered->in_reasoning, take_part, &g, &err);
    if (status == BOMBUS_OK)
        status = bombus_answer_push(answer, rendered->prefill, strlen(rendered->prefill), &err);
    g.begun = true;
    if (status == BOMBUS_OK)
        status = bombus_answer_push(answer, text, bytes, &err);
    if (status == BOMBUS_OK)
        status = bombus_answer_finish(answer, &err);
    bombus_answer_free(answer);
    if (status == BOMBUS_OK)
        return true;
    if (status != BOMBUS_ECANCELED)
        complain("%s", err.message);
    free_parts(out);
    return false;
}

void write_call(json *out, const tool_call *call)
{
    json_string(out, "name", call->name);
    json_value(out, "arguments", call->arguments, strlen(call->arguments));
}
