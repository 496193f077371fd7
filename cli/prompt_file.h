/* prompt_file.h: prompt files, from which another prompt goes on: what cache-prompt writes and generate reads.
 *
 * Beside the session's state a file keeps, in its metadata, the user's text and the options that it was rendered with:
 *
 *   prompt.kind                  "chat": through the chat template; "raw": as it is
 *   prompt.text                  the user's text
 *   prompt.system_prompt, prompt.tools (JSON), prompt.chat_template (its text), prompt.chat_template_config: where they were given
 *   prompt.time                  the template's clock, in seconds since 1970
 *
 * Who goes on renders and encodes the whole prompt, the kept text and the new one behind it, and the session keeps as many tokens of the
 * file as the prompt begins with. So the answer is that of the whole prompt, whatever the template does to a text and the tokenizer to the
 * place where two meet; the file saves time, and decides nothing. */
#ifndef PROMPT_FILE_H
#define PROMPT_FILE_H

#include "load.h"
#include "prompt.h"

typedef struct prompt_file {
    bombus_safetensors *file; /* what the rest is borrowed from */
    const char *path;
    const char *text;
    bool chat;
} prompt_file;

/* Each complains and returns false where it fails. */

/* text: the user's. choice: what it was rendered with, tools and template as texts; NULL where it was not rendered. */
bool save_prompt_file(const char *path, const bombus_session *session, const char *text, const prompt_choice *choice);

/* Makes a session that has seen what the file has. context: room in tokens. Keys and values are kept as they are in the file, unless the
 * choice says how. close_prompt_file also after a failure. */
bool resume_prompt_file(prompt_file *out, const char *path, const model_choice *choice, bombus_model *model, bombus_tokenizer *tokenizer,
                        int context, bombus_session **session);
void close_prompt_file(prompt_file *file);

/* Puts into choice what the file keeps and no option has given. Borrowed from the file. */
void adopt_prompt_file(const prompt_file *file, prompt_choice *choice);

#endif
