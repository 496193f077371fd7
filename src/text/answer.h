/* text/answer.h: how each style's tool calls are read. */
#ifndef BB_TEXT_ANSWER_H
#define BB_TEXT_ANSWER_H

#include <bombus/answer.h>

/* Receives one call: arguments is the JSON text of an object. false: not well formed, or nobody wants more. */
typedef bool (*bb_call_sink)(void *context, const char *name, const char *arguments, size_t bytes, const char *id);

/* Reads the calls that text [bytes] consists of; false where it is no such thing. By then the sink may have seen some, so a first pass
 * without one (NULL) checks. */
typedef bool (*bb_call_reader)(const char *text, size_t bytes, bb_call_sink sink, void *context);

bool bb_calls_hermes(const char *text, size_t bytes, bb_call_sink sink, void *context); /* what stands between the markers */
bool bb_calls_llama3(const char *text, size_t bytes, bb_call_sink sink, void *context); /* the answer behind <|python_tag|> */
bool bb_calls_function(const char *text, size_t bytes, bb_call_sink sink,
                       void *context); /* name>{...}, between <function= and </function> */
bool bb_calls_mistral(const char *text, size_t bytes, bb_call_sink sink, void *context); /* what follows [TOOL_CALLS] */

#endif
