/* prompt.h: the prompt a chat template makes of messages, and the options that several commands share. */
#ifndef PROMPT_H
#define PROMPT_H

#include "options.h"

#include <bombus/template.h>

/* What was given; NULL where it was not. */
typedef struct prompt_choice {
    const char *messages, *tools; /* files, "-": standard input */
    const char *chat_template;    /* a text or a file */
    const char *config;           /* a JSON object */
    const char *system_prompt, *prefill;

    /* No options, but what a prompt file keeps of them and asks for. */
    const char *tools_text, *template_text; /* what the files hold, where they have been read; they are not read again */
    bool unfinished;                        /* the prompt ends inside the last message, for another prompt to go on with it */
    int64_t now;                            /* the template's clock; 0: the time */
} prompt_choice;

/* What generate and chat share: tools, system prompt, the beginning of the answer, template. */
void add_prompt_options(option_table *table, prompt_choice *choice);
/* Rows of a table of options. */
option messages_option(prompt_choice *choice, const char *help);
option tools_option(prompt_choice *choice);
option chat_template_option(prompt_choice *choice);
option chat_template_config_option(prompt_choice *choice);
option system_prompt_option(prompt_choice *choice);

/* The first of these options that was given, and for which there must be a template: "--tools". NULL for none. */
const char *template_option_given(const prompt_choice *choice);

/* The chosen template, or the model's. Where the model has none, *out is NULL, or if it is needed, that is a failure. Complains and returns
 * false where it fails. */
bool load_template(const prompt_choice *choice, const char *directory, bool needed, bombus_template **out);

typedef struct rendered_prompt {
    char *text; /* [bytes] and a NUL */
    size_t bytes;
    bombus_answer_style style; /* of the answer to it */
    bool in_reasoning;         /* the answer begins with reasoning */
    const char *prefill;       /* the answer's beginning, which stands in the prompt; "" for none. Borrowed from the choice */
} rendered_prompt;

/* A JSON file, "-": standard input; the caller frees *text. Complains and returns false where that fails, or where it has a NUL. */
bool read_json(const char *path, char **text);
/* The chosen tools, a JSON text that the caller frees; NULL where none are chosen. Complains and returns false where that fails. */
bool read_tools(const prompt_choice *choice, char **tools);
/* The same for the text of a template that --chat-template has given. */
bool read_template(const prompt_choice *choice, char **text);

/* Renders a prompt whose answer begins with prefill, which the input's messages end with where it is not "". */
bombus_status render_input(const bombus_template *chat_template, const bombus_template_input *input, const char *prefill,
                           rendered_prompt *out, bombus_error *err);

/* Renders messages, a JSON array, and behind them the beginning of the answer that was chosen. tools: JSON, or NULL. generation: the
 * assistant's turn is opened. Complains and returns false where that fails; else free_prompt frees what it made. */
bool render_messages(const prompt_choice *choice, const bombus_template *chat_template, const char *messages, const char *tools,
                     bool generation, rendered_prompt *out);

/* The same for the chosen messages, or where none are chosen one of the user's, user [bytes], with the chosen tools and system prompt. */
bool render_prompt(const prompt_choice *choice, const bombus_template *chat_template, const char *user, size_t bytes, bool generation,
                   rendered_prompt *out);
void free_prompt(rendered_prompt *made);

#endif
