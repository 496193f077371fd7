/* Prompt files with the text and the options that a prompt was made of. */
#include "prompt_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND          "prompt.kind"
#define TEXT          "prompt.text"
#define SYSTEM_PROMPT "prompt.system_prompt"
#define TOOLS         "prompt.tools"
#define TEMPLATE      "prompt.chat_template"
#define CONFIG        "prompt.chat_template_config"
#define TIME          "prompt.time"

bool save_prompt_file(const char *path, const bombus_session *session, const char *text, const prompt_choice *choice)
{
    static const prompt_choice none = {0};
    char clock[24];
    bombus_error err;
    size_t count = 0;

    snprintf(clock, sizeof clock, "%" PRId64, choice ? choice->now : 0);
    const prompt_choice *c = choice ? choice : &none;
    const char *const all[][2] = {
        {KIND, choice ? "chat" : "raw"}, {TEXT, text},        {SYSTEM_PROMPT, c->system_prompt}, {TOOLS, c->tools_text},
        {TEMPLATE, c->template_text},    {CONFIG, c->config}, {TIME, choice ? clock : NULL}};
    const char *metadata[sizeof all / sizeof *all][2];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i][1])
            continue;
        metadata[count][0] = all[i][0];
        metadata[count++][1] = all[i][1];
    }
    if (bombus_session_save(session, path, (const char *const(*)[2])metadata, count, &err) == BOMBUS_OK)
        return true;
    complain("%s", err.message);
    return false;
}

/* What the caller said of keys and values, or else what the file does. */
static model_choice with_kv_of(const model_choice *choice, const bombus_safetensors *file)
{
    const bombus_tensor_info *keys = bombus_safetensors_find(file, "layers.0.keys");
    model_choice own = *choice;

    if (!own.kv_given && keys)
        own.kv = kv_choice_of(keys->dtype);
    return own;
}

bool resume_prompt_file(prompt_file *out, const char *path, const model_choice *choice, bombus_model *model, bombus_tokenizer *tokenizer,
                        int context, bombus_session **session)
{
    bombus_error err;

    *session = NULL;
    *out = (prompt_file){.path = path};
    if (bombus_safetensors_open(&out->file, path, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        return false;
    }
    const model_choice own = with_kv_of(choice, out->file);
    if (!open_session(&own, model, tokenizer, context, session))
        return false;
    if (bombus_session_restore(*session, path, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        return false;
    }
    const char *kind = bombus_safetensors_metadata(out->file, KIND);
    out->text = bombus_safetensors_metadata(out->file, TEXT);
    out->chat = kind && strcmp(kind, "chat") == 0;
    if (out->text && kind && (out->chat || strcmp(kind, "raw") == 0))
        return true;
    complain("%s: does not say what its prompt was, expected a file that bombus cache-prompt has written", path);
    return false;
}

void close_prompt_file(prompt_file *file)
{
    bombus_safetensors_close(file->file);
    *file = (prompt_file){0};
}

static void adopt(const prompt_file *file, const char *key, const char **value)
{
    if (!*value)
        *value = bombus_safetensors_metadata(file->file, key);
}

void adopt_prompt_file(const prompt_file *file, prompt_choice *choice)
{
    const char *clock = bombus_safetensors_metadata(file->file, TIME);

    adopt(file, SYSTEM_PROMPT, &choice->system_prompt);
    adopt(file, CONFIG, &choice->config);
    if (!choice->tools)
        adopt(file, TOOLS, &choice->tools_text);
    if (!choice->chat_template)
        adopt(file, TEMPLATE, &choice->template_text);
    choice->now = clock ? strtoll(clock, NULL, 10) : 0;
}
