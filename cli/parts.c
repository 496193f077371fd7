/* An answer's parts, gathered from the parser that gives them piece by piece. */
#include "parts.h"

#include "json.h"

#include <stdlib.h>

typedef struct gathering {
    parts *parts;
    json *calls;
} gathering;

static bool take_part(const bombus_part *part, void *context)
{
    gathering *g = context;

    if (part->kind != BOMBUS_PART_TOOL_CALL)
        return add_bytes(part->kind == BOMBUS_PART_REASONING ? &g->parts->reasoning : &g->parts->content, part->text, part->bytes);
    json_object(g->calls);
    json_string(g->calls, "name", part->name);
    json_value(g->calls, "arguments", part->text, part->bytes);
    if (part->id)
        json_string(g->calls, "id", part->id);
    json_object_end(g->calls);
    return true;
}

bool split_answer(const rendered_prompt *rendered, const char *text, size_t bytes, parts *out)
{
    gathering g = {.parts = out, .calls = json_begin_text()};
    bombus_answer *answer = NULL;
    bombus_error err;

    *out = (parts){0};
    json_array(g.calls);
    bombus_status status = bombus_answer_create(&answer, rendered->style, rendered->in_reasoning, take_part, &g, &err);
    if (status == BOMBUS_OK)
        status = bombus_answer_push(answer, text, bytes, &err);
    if (status == BOMBUS_OK)
        status = bombus_answer_finish(answer, &err);
    bombus_answer_free(answer);
    json_array_end(g.calls);
    out->calls = json_take_text(g.calls, "answer");
    if (status != BOMBUS_OK && status != BOMBUS_ECANCELED)
        complain("%s", err.message);
    if (status == BOMBUS_OK && out->calls)
        return true;
    free_parts(out);
    return false;
}

void free_parts(parts *split)
{
    free(split->reasoning.data);
    free(split->content.data);
    free(split->calls);
    *split = (parts){0};
}
