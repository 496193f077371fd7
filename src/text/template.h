/* text/template.h: the templates of a model, and what they are rendered with. */
#ifndef BB_TEXT_TEMPLATE_H
#define BB_TEXT_TEMPLATE_H

#include "base/json.h"
#include "text/jinja/ast.h"

#include <bombus/template.h>

/* A named template. One that does not compile is an error only where it is used: program is NULL then. */
typedef struct bb_template_entry {
    char *name;   /* "default" */
    char *source; /* "DIR/chat_template.jinja", for messages */
    bb_jtemplate *program;
    bool reads_content; /* "content" stands in its text */
    bombus_answer_style style;
    bombus_error failure;
} bb_template_entry;

typedef struct bb_template_token {
    char *name; /* "bos_token" */
    char *text;
    size_t bytes;
} bb_template_token;

struct bombus_template {
    bb_template_entry *entries;
    size_t count, capacity;
    bb_template_token *tokens;
    size_t token_count, token_capacity;
};

/* Adds a template of that name, or replaces it. Fails only where the whole load does. */
bombus_status bb_template_add(bombus_template *t, const char *name, const char *text, size_t bytes, const char *source, bombus_error *err);
/* The special tokens of a directory's tokenizer_config.json and special_tokens_map.json. */
bombus_status bb_template_load_tokens(bombus_template *t, const char *directory, bombus_error *err);

bombus_status bb_jtemplate_compile(bb_jtemplate **out, const char *text, size_t bytes, const char *name, bombus_error *err);
void bb_jtemplate_free(bb_jtemplate *program);

/* What the template sees, out of the input. The documents must outlive the run, whose strings are theirs. */
typedef struct bb_template_data {
    bb_json_document messages, tools, documents, variables;
    size_t bytes;          /* of all JSON */
    const char *continued; /* content that the text is to end with, NULL for none */
    size_t continued_bytes;
} bb_template_data;

bombus_status bb_template_prepare(bb_jinja *run, const bombus_template *t, const bb_template_entry *entry,
                                  const bombus_template_input *input, bb_template_data *data, bombus_error *err);
void bb_template_data_free(bb_template_data *data);

/* What stands behind the content that is to be continued, until the text is cut there. */
#define BB_TEMPLATE_MARK "CONTINUE_FINAL_MESSAGE_TAG "

/* Turns what a run complains of into a message with the place and the line. */
bombus_status bb_template_fail(const bb_jinja *run, const bb_jtemplate *program, bombus_status status, bombus_error *err);

#endif
