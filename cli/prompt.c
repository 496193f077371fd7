/* Messages made from what a command was given, and the prompt that a chat template makes of them.
 *
 * Messages from a file go to the template as they are written; a system prompt and the beginning of an answer are put before the first and
 * behind the last of them. Whether the JSON is well formed is the template engine's to check. */
#include "prompt.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

option messages_option(prompt_choice *choice, const char *help)
{
    return text_option("messages", &choice->messages, "FILE", help);
}

option tools_option(prompt_choice *choice)
{
    return text_option("tools", &choice->tools, "FILE",
                       "Tools the model may call: a JSON array of function schemas, as OpenAI's API takes it; - reads standard input.");
}

option chat_template_option(prompt_choice *choice)
{
    return text_option("chat-template", &choice->chat_template, "TEXT", "A chat template in place of the model's: its text, or a file.");
}

option chat_template_config_option(prompt_choice *choice)
{
    return text_option("chat-template-config", &choice->config, "JSON",
                       "An object of variables for the chat template, for example '{\"enable_thinking\": false}'.");
}

option system_prompt_option(prompt_choice *choice)
{
    return text_option("system-prompt", &choice->system_prompt, "TEXT", "A system message before all others.");
}

void add_prompt_options(option_table *table, prompt_choice *choice)
{
    const option options[] = {
        tools_option(choice),
        system_prompt_option(choice),
        text_option("prefill-response", &choice->prefill, "TEXT", "The answer begins with TEXT, and the model goes on from there."),
        chat_template_option(choice),
        chat_template_config_option(choice),
    };

    add_options(table, options, sizeof options / sizeof *options);
}

const char *template_option_given(const prompt_choice *choice)
{
    return choice->messages        ? "--messages"
           : choice->tools         ? "--tools"
           : choice->chat_template ? "--chat-template"
           : choice->config        ? "--chat-template-config"
           : choice->system_prompt ? "--system-prompt"
           : choice->prefill       ? "--prefill-response"
                                   : NULL;
}

/* ---- files ---- */

static const char *input_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "standard input" : file;
}

/* A file that is what, and has no NUL, at which it would otherwise seem to end. */
static bool read_text(const char *path, const char *what, char **text)
{
    size_t bytes;

    if (!read_input(path, text, &bytes))
        return false;
    if (strlen(*text) == bytes)
        return true;
    complain("%s: byte %zu is NUL, expected %s", input_name(path), strlen(*text), what);
    free(*text);
    *text = NULL;
    return false;
}

/* A copy, with a complaint where there is no memory for it. */
static char *copy_text(const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        complain("out of memory: %zu bytes", strlen(text));
    return copy;
}

static bool is_file(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0;
}

bool read_template(const prompt_choice *choice, char **text)
{
    const char *given = choice->chat_template;

    *text = NULL;
    if (choice->template_text)
        return (*text = copy_text(choice->template_text)) != NULL;
    if (!given)
        return true;
    if (is_file(given))
        return read_text(given, "a template", text);
    if (strchr(given, '{'))
        return (*text = copy_text(given)) != NULL;
    complain("--chat-template: \"%s\", expected a template or a file that has one", given);
    return false;
}

bool load_template(const prompt_choice *choice, const char *directory, bool needed, bombus_template **out)
{
    const char *name = choice->chat_template && is_file(choice->chat_template) ? choice->chat_template : "--chat-template";
    char *text;
    bombus_error err;
    bombus_status status;

    *out = NULL;
    if (!read_template(choice, &text))
        return false;
    if (!text) {
        status = bombus_template_load(out, directory, &err);
        if (status == BOMBUS_ENOTFOUND && !needed)
            return true;
        if (status != BOMBUS_OK)
            complain("%s", err.message);
        return status == BOMBUS_OK;
    }
    status = bombus_template_create(out, text, strlen(text), name, directory, &err);
    free(text);
    if (status != BOMBUS_OK)
        complain("%s", err.message);
    return status == BOMBUS_OK;
}

/* ---- messages ---- */

/* {"role": ..., "content": ...}; NULL after a complaint, in which name stands for the text. */
static char *message(const char *role, const char *name, const char *content, size_t bytes)
{
    json *out = json_begin_text();

    json_object(out);
    json_string(out, "role", role);
    json_text(out, "content", content, bytes);
    json_object_end(out);
    return json_take_text(out, name);
}

/* Puts one more message before the first of the array, or behind its last one. What is no array is left to the engine's complaint. */
static bool insert(char **array, bool first, const char *role, const char *name, const char *content)
{
    static const char blanks[] = " \t\r\n";
    const char *open = *array + strspn(*array, blanks), *close = strrchr(*array, ']');
    byte_buffer joined = {0};

    if (*open != '[' || !close || close < open)
        return true;
    char *one = message(role, name, content, strlen(content));
    if (!one)
        return false;
    const bool empty = open + 1 + strspn(open + 1, blanks) == close;
    const char *cut = first ? open + 1 : close;
    const bool done = add_bytes(&joined, *array, (size_t)(cut - *array)) && (first || empty || add_bytes(&joined, ",", 1)) &&
                      add_bytes(&joined, one, strlen(one)) && (!first || empty || add_bytes(&joined, ",", 1)) &&
                      add_bytes(&joined, cut, strlen(cut));
    free(one);
    if (!done) {
        free(joined.data);
        return false;
    }
    free(*array);
    *array = joined.data;
    return true;
}

bool read_json(const char *path, char **text)
{
    return read_text(path, "JSON", text);
}

bool read_tools(const prompt_choice *choice, char **tools)
{
    *tools = NULL;
    if (choice->tools_text)
        return (*tools = copy_text(choice->tools_text)) != NULL;
    return !choice->tools || read_json(choice->tools, tools);
}

static bool find_system(const char *text, size_t bytes, const char *role, void *found)
{
    (void)text;
    (void)bytes;
    *(bool *)found |= role && strcmp(role, "system") == 0;
    return true;
}

/* A template would take two system messages for what they are, refuse them or drop one: whatever it does, nobody has meant it. */
static bool insert_system(const prompt_choice *choice, char **messages)
{
    bool found = false;

    json_objects(*messages, strlen(*messages), "role", find_system, &found);
    if (found) {
        complain("--system-prompt and a system message in %s: expected one of them", input_name(choice->messages));
        return false;
    }
    return insert(messages, true, "system", "--system-prompt", choice->system_prompt);
}

/* What is in *out is the caller's to free, also after a failure. */
static bool gather_messages(const prompt_choice *choice, const char *user, size_t bytes, char **out)
{
    *out = NULL;
    if (choice->messages) {
        if (!read_json(choice->messages, out))
            return false;
    } else {
        byte_buffer array = {0};
        char *one = message("user", "prompt", user, bytes);
        const bool done = one && add_bytes(&array, "[", 1) && add_bytes(&array, one, strlen(one)) && add_bytes(&array, "]", 1);
        free(one);
        *out = array.data;
        if (!done)
            return false;
    }
    return !choice->system_prompt || insert_system(choice, out);
}

/* ---- the prompt ---- */

/* The engine knows its inputs by their names in the template; who called the program knows files and options. */
static void complain_of_input(const prompt_choice *choice, const char *text)
{
    const struct {
        const char *begin, *given;
    } inputs[] = {
        {"messages", choice->messages}, {"tools", choice->tools}, {"variables", choice->config ? "--chat-template-config" : NULL}};

    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        const size_t length = strlen(inputs[i].begin);
        if (inputs[i].given && strncmp(text, inputs[i].begin, length) == 0 && strchr(":[", text[length])) {
            complain("%s%s", input_name(inputs[i].given), text + length);
            return;
        }
    }
    complain("%s", text);
}

static bool ends_with(const char *text, size_t bytes, const char *end)
{
    const size_t length = strlen(end);

    return bytes >= length && memcmp(text + bytes - length, end, length) == 0;
}

static bool opens_reasoning(const char *text, size_t bytes)
{
    while (bytes && strchr(" \t\r\n", text[bytes - 1]))
        bytes--;
    return ends_with(text, bytes, "<think>") || ends_with(text, bytes, "[THINK]");
}

bombus_status render_input(const bombus_template *chat_template, const bombus_template_input *input, const char *prefill,
                           rendered_prompt *out, bombus_error *err)
{
    *out = (rendered_prompt){.prefill = prefill};
    const bombus_status status = bombus_template_render(chat_template, input, &out->text, &out->bytes, err);
    if (status == BOMBUS_OK) {
        out->style = bombus_template_answer_style(chat_template, input);
        out->in_reasoning = !*prefill && opens_reasoning(out->text, out->bytes);
    }
    return status;
}

bool render_messages(const prompt_choice *choice, const bombus_template *chat_template, const char *messages, const char *tools,
                     bool generation, rendered_prompt *out)
{
    const bool goes_on = choice->prefill || choice->unfinished;
    bombus_template_input input = {.tools = tools,
                                   .variables = choice->config,
                                   .add_generation_prompt = generation && !goes_on,
                                   .continue_final_message = goes_on,
                                   .now = choice->now};
    char *all = copy_text(messages);
    bombus_error err;

    *out = (rendered_prompt){0};
    if (!all || (choice->prefill && !insert(&all, false, "assistant", "--prefill-response", choice->prefill))) {
        free(all);
        return false;
    }
    input.messages = all;
    const bool done = render_input(chat_template, &input, choice->prefill ? choice->prefill : "", out, &err) == BOMBUS_OK;
    if (!done)
        complain_of_input(choice, err.message);
    free(all);
    return done;
}

bool render_prompt(const prompt_choice *choice, const bombus_template *chat_template, const char *user, size_t bytes, bool generation,
                   rendered_prompt *out)
{
    char *messages, *tools = NULL;

    *out = (rendered_prompt){0};
    const bool done = gather_messages(choice, user, bytes, &messages) && read_tools(choice, &tools) &&
                      render_messages(choice, chat_template, messages, tools, generation, out);
    free(tools);
    free(messages);
    return done;
}

void free_prompt(rendered_prompt *made)
{
    bombus_text_free(made->text);
    *made = (rendered_prompt){0};
}
