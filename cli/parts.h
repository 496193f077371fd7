/* parts.h: an answer in its parts: reasoning, content, tool calls. */
#ifndef PARTS_H
#define PARTS_H

#include "json.h"
#include "prompt.h"

typedef struct tool_call {
    char *name, *arguments; /* arguments: a JSON object */
    char *id;               /* NULL where the model gave none */
} tool_call;

/* Begin with a zeroed struct, end with free_parts. */
typedef struct parts {
    byte_buffer reasoning, content;
    tool_call *calls; /* [call_count] */
    size_t call_count;
} parts;

/* Complains and returns false without memory. */
bool add_part(parts *to, const bombus_part *part);
void free_parts(parts *split);

/* Splits the answer to a rendered prompt, without the beginning that stands in the prompt. Complains and returns false where that fails;
 * else free_parts frees what it made. */
bool split_answer(const rendered_prompt *rendered, const char *text, size_t bytes, parts *out);

/* Name and arguments of a call, members of the present object. */
void write_call(json *out, const tool_call *call);

#endif
