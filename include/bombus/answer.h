/* bombus/answer.h: an answer's text split into reasoning, content and tool calls, as it streams.
 *
 * Models mark these parts in their text. The parser takes the text piece by piece and gives each part as soon as it is certain, never half
 * a marker. One thread's. */
#ifndef BOMBUS_ANSWER_H
#define BOMBUS_ANSWER_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a model writes a tool call:
 *
 *   hermes   <tool_call>{"name": ..., "arguments": {...}}</tool_call>, as often as there are calls (Qwen2.5, Qwen3, Hermes)
 *   llama3   the whole answer is {"name": ..., "parameters": {...}}, several parted by ";", maybe behind <|python_tag|>; or
 *            <function=name>{...}</function>; or, behind <|python_tag|>, name.call(key="value", ...) (Llama 3.1 and later)
 *   mistral  [TOOL_CALLS] [{"name": ..., "arguments": {...}}, ...], or [TOOL_CALLS]name[ARGS]{...} for each call
 *
 * Reasoning stands between <think> and </think> in every style, or between [THINK] and [/THINK]. */
typedef enum bombus_answer_style {
    BOMBUS_ANSWER_PLAIN,
    BOMBUS_ANSWER_HERMES,
    BOMBUS_ANSWER_LLAMA3,
    BOMBUS_ANSWER_MISTRAL
} bombus_answer_style;

typedef enum bombus_part_kind { BOMBUS_PART_REASONING, BOMBUS_PART_CONTENT, BOMBUS_PART_TOOL_CALL } bombus_part_kind;

/* Borrowed for the length of the callback; texts end in NUL. */
typedef struct bombus_part {
    bombus_part_kind kind;
    const char *text; /* reasoning or content: the next piece of it. Tool call: the arguments, a JSON object as the model wrote it */
    size_t bytes;     /* of text */
    const char *name; /* of the tool, NULL for text */
    const char *id;   /* that the model gave the call, NULL where it gave none */
} bombus_part;

/* Returns false to stop: push and finish then return BOMBUS_ECANCELED. */
typedef bool (*bombus_part_callback)(const bombus_part *part, void *context);

typedef struct bombus_answer bombus_answer;

/* The style a chat template asks for, judged by the markers in its source. BOMBUS_ANSWER_PLAIN where there are none. */
BOMBUS_API bombus_answer_style bombus_answer_style_of(const char *template_source);

/* in_reasoning  the prompt has opened the reasoning already (it ends in "<think>") */
BOMBUS_API bombus_status bombus_answer_create(bombus_answer **out, bombus_answer_style style, bool in_reasoning,
                                              bombus_part_callback callback, void *context, bombus_error *err);
BOMBUS_API void bombus_answer_free(bombus_answer *answer); /* NULL is fine */

/* Takes the next piece of text. Newlines at the borders of parts are the markers', not the text's, and are dropped; a tool call that is not
 * well formed comes out as content, markers and all. */
BOMBUS_API bombus_status bombus_answer_push(bombus_answer *answer, const char *text, size_t bytes, bombus_error *err);
/* The answer has ended: what was held back comes. */
BOMBUS_API bombus_status bombus_answer_finish(bombus_answer *answer, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
