/* parts.h: a finished answer in its parts, for JSON. */
#ifndef PARTS_H
#define PARTS_H

#include "prompt.h"

typedef struct parts {
    byte_buffer reasoning, content;
    char *calls; /* a JSON array of {"name", "arguments", "id"} */
} parts;

/* Splits the answer to a rendered prompt. Complains and returns false where that fails; else free_parts frees what it made. */
bool split_answer(const rendered_prompt *rendered, const char *text, size_t bytes, parts *out);
void free_parts(parts *split);

#endif
