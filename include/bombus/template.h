/* bombus/template.h: chat templates: messages to the prompt a model was trained on.
 *
 * Templates are in the Jinja language, as Hugging Face publishes them, and give the text that transformers' apply_chat_template gives.
 * A template comes with a model and is not trusted: it sees what it is given and nothing else, and ends with an error where it would take
 * too long (a second or two, and more for long input), too much memory (256 MiB), write too much (64 MiB) or nest too deep. Integers are of
 * 64 bits; include, import, extends, block, autoescape and recursive loops are refused.
 *
 * A template is compiled once, immutable after that, and may be shared between threads. Compiling and rendering take up to 1 MiB of the
 * calling thread's stack. */
#ifndef BOMBUS_TEMPLATE_H
#define BOMBUS_TEMPLATE_H

#include <bombus/answer.h>
#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_template bombus_template;

/* Loads the templates of a model.
 *
 * path  a model directory: chat_template.jinja and additional_chat_templates/NAME.jinja; where there is neither, "chat_template" of
 *       tokenizer_config.json (one, or a list of named ones), else of chat_template.json. Or a file: one of these two, or a template.
 *       Special tokens (bos_token, ...) are those of the tokenizer_config.json and special_tokens_map.json beside it.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND (no file, or none holds a template), BOMBUS_EIO, BOMBUS_EFORMAT (err says where in the template, and
 * shows the line), BOMBUS_ELIMIT or BOMBUS_ENOMEM. On success the caller frees *out with bombus_template_free. */
BOMBUS_API bombus_status bombus_template_load(bombus_template **out, const char *path, bombus_error *err);

/* A template from text (UTF-8, bytes of it); nothing is borrowed.
 *
 * name       stands in messages; may be NULL
 * directory  of the model whose special tokens it sees; NULL for none */
BOMBUS_API bombus_status bombus_template_create(bombus_template **out, const char *source, size_t bytes, const char *name,
                                                const char *directory, bombus_error *err);
BOMBUS_API void bombus_template_free(bombus_template *chat_template); /* NULL is fine */

/* JSON texts end in NUL; NULL where there is none. */
typedef struct bombus_template_input {
    const char *messages;  /* an array of objects, at least one: [{"role": "user", "content": "..."}] */
    const char *tools;     /* an array of objects (JSON schemas of functions), or null */
    const char *documents; /* an array of objects, or null */
    const char *variables; /* an object: other variables ({"enable_thinking": false}); one named like a special token replaces it */
    const char *name;      /* of the template to use; NULL: "tool_use" where tools are given and there is one, else "default" */
    bool add_generation_prompt;
    bool continue_final_message; /* the text ends with the last message's content, for the model to go on with it */
    int64_t now;                 /* for strftime_now, in seconds since 1970; 0: the clock. Shown in local time */
} bombus_template_input;

/* Renders a prompt. A message's members that are null are left out, and reasoning given as "reasoning_content", "thinking" or "reasoning"
 * is found under the first two names, as transformers does it.
 *
 * text, bytes  the prompt, ending in NUL (not counted); the caller frees it with bombus_text_free. bytes may be NULL
 *
 * Returns BOMBUS_OK, BOMBUS_EFORMAT (JSON that is malformed), BOMBUS_EINVAL (input of the wrong shape, or one the template refuses: err
 * has its words, its line and the place), BOMBUS_ENOTFOUND (no template of that name), BOMBUS_ELIMIT or BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_template_render(const bombus_template *chat_template, const bombus_template_input *input, char **text,
                                                size_t *bytes, bombus_error *err);

/* How answers to a prompt rendered with this input mark their parts, for bombus_answer_create. BOMBUS_ANSWER_PLAIN where the input names no
 * template there is. */
BOMBUS_API bombus_answer_style bombus_template_answer_style(const bombus_template *chat_template, const bombus_template_input *input);

#ifdef __cplusplus
}
#endif
#endif
