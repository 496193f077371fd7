/* bombus cache-prompt: a prompt's state into a file, from which generate goes on. */
#include "prompt_file.h"
#include "request.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct choice {
    model_choice model;
    const char *prompt, *file;
    prompt_choice chat;
    bool ignore_chat_template;
} choice;

static int read_arguments(const command *self, choice *c, int argc, char **argv)
{
    const option own[] = {
        model_option(&c->model),
        text_option("prompt-cache-file", &c->file, "FILE", "The file to write."),
        with_letter('p', text_option("prompt", &c->prompt, "TEXT", "The prompt, in place of an argument; - reads standard input.")),
        tools_option(&c->chat),
        system_prompt_option(&c->chat),
        chat_template_option(&c->chat),
        chat_template_config_option(&c->chat),
        flag_option("ignore-chat-template", &c->ignore_chat_template, "Use the prompt as it is, though the model has a chat template."),
    };
    option_table table = {0};

    add_options(&table, own, sizeof own / sizeof *own);
    add_session_options(&table, &c->model);
    const int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (!c->file)
        return complain_usage(self, "--prompt-cache-file is missing");
    if (argc > (c->prompt ? 0 : 1))
        return complain_usage(self, "unexpected argument \"%s\": the prompt is given once, in quotes", argv[c->prompt ? 0 : 1]);
    if (argc)
        c->prompt = argv[0];
    if (!c->prompt)
        return complain_usage(self, "no prompt (- reads standard input)");
    if (c->ignore_chat_template && template_option_given(&c->chat))
        return complain_usage(self, "%s needs the chat template that --ignore-chat-template leaves out", template_option_given(&c->chat));
    if (c->chat.tools && strcmp(c->chat.tools, "-") == 0 && strcmp(c->prompt, "-") == 0)
        return complain_usage(self, "--tools and the prompt cannot both be standard input");
    return need_model(self, &c->model.path);
}

/* Before a long computation, not after it. */
static bool can_write(const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    char *directory = length ? strndup(path, length) : strdup(".");
    struct stat info;
    bool can = false;

    if (!directory)
        complain("out of memory: %zu bytes", length);
    else if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        complain("%s: is no regular file, so it is not replaced", path);
    else if (access(directory, W_OK | X_OK) != 0)
        complain("%s: cannot create: %s", path, strerror(errno));
    else
        can = true;
    free(directory);
    return can;
}

/* *chat: whether there is a template, and ids are those of its text. */
static bool make_ids(choice *c, const bombus_tokenizer *tokenizer, const char *text, size_t bytes, bombus_ids *ids, bool *chat)
{
    bombus_template *chat_template = NULL;
    rendered_prompt rendered = {0};
    bool done = c->ignore_chat_template || load_template(&c->chat, c->model.path, template_option_given(&c->chat), &chat_template);

    *chat = chat_template != NULL;
    if (done && *chat)
        done = render_prompt(&c->chat, chat_template, text, bytes, false, &rendered) &&
               encode(tokenizer, "prompt", rendered.text, rendered.bytes, BOMBUS_NO_SPECIAL, ids);
    else if (done && !bytes)
        done = complain("prompt: empty, expected a text") == EXIT_OK;
    else if (done)
        done = encode(tokenizer, "prompt", text, bytes, 0, ids);
    free_prompt(&rendered);
    bombus_template_free(chat_template);
    return done;
}

/* Chunk by chunk, with a line that counts them on a terminal. */
static bool feed(const choice *c, bombus_session *session, const bombus_ids *ids)
{
    const bool shown = isatty(STDERR_FILENO);
    const double begun = seconds_now();
    bombus_error err;

    for (size_t done = 0; done < ids->count;) {
        const size_t left = ids->count - done, rows = left < (size_t)c->model.chunk ? left : (size_t)c->model.chunk;
        if (bombus_session_eval(session, ids->ids + done, rows, NULL, &err) != BOMBUS_OK) {
            complain("%s", err.message);
            return false;
        }
        done += rows;
        if (shown)
            fprintf(stderr, "\rProcessed %zu of %zu tokens (%.2f tokens-per-sec)%s", done, ids->count,
                    rate((double)done, seconds_now() - begun), done == ids->count || interrupted ? "\n" : "");
        if (interrupted) {
            complain("interrupted: %s is not written", c->file);
            return false;
        }
    }
    print_speed("Prompt", ids->count, rate((double)ids->count, seconds_now() - begun));
    return true;
}

static bool report(const choice *c, size_t tokens)
{
    struct stat info;

    if (stat(c->file, &info) != 0) {
        complain("%s: cannot stat: %s", c->file, strerror(errno));
        return false;
    }
    fprintf(stderr, "Peak memory: %.3f GB\n", (double)peak_memory() / 1e9);
    fprintf(stderr, "Saved: %zu tokens in %s, %.3f MB\n", tokens, c->file, (double)info.st_size / 1e6);
    return true;
}

static bool cache(choice *c, const char *text, size_t bytes)
{
    bombus_tokenizer *tokenizer = NULL;
    bombus_model *model = NULL;
    bombus_session *session = NULL;
    bombus_ids ids = {0};
    bool chat, done = false;

    if (!load_model(&c->model, &model) || !load_tokenizer(c->model.path, &tokenizer) || !make_ids(c, tokenizer, text, bytes, &ids, &chat))
        goto out;
    const int limit = c->model.context ? c->model.context : bombus_model_get_info(model)->context;
    if (ids.count > (size_t)limit) {
        complain("prompt: %zu tokens, expected at most %d (the context)", ids.count, limit);
        goto out;
    }
    if (!open_session(&c->model, model, tokenizer, (int)ids.count, &session))
        goto out;
    catch_interrupt(true);
    done = feed(c, session, &ids) && save_prompt_file(c->file, session, text, chat ? &c->chat : NULL) && report(c, ids.count);

out:
    bombus_session_free(session);
    bombus_ids_free(&ids);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return done;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {.model = {.chunk = 256}, .chat = {.unfinished = true, .now = time(NULL)}};
    char *read = NULL, *tools = NULL, *template_text = NULL;
    bool done = false;

    const int status = read_arguments(self, &c, argc, argv);
    if (status >= 0)
        return status;
    size_t bytes = strlen(c.prompt);
    if (strcmp(c.prompt, "-") == 0) {
        if (!read_input("-", &read, &bytes))
            return EXIT_FAILED;
        c.prompt = read;
    }
    if (strlen(c.prompt) != bytes)
        complain("prompt: byte %zu is NUL, expected a text", strlen(c.prompt));
    else if (can_write(c.file) && read_tools(&c.chat, &tools) && read_template(&c.chat, &template_text)) {
        c.chat.tools_text = tools;
        c.chat.template_text = template_text;
        done = cache(&c, c.prompt, bytes);
    }
    free(template_text);
    free(tools);
    free(read);
    return interrupted ? EXIT_INTERRUPTED : done ? EXIT_OK : EXIT_FAILED;
}

const command cmd_cache_prompt = {
    .name = "cache-prompt",
    .summary = "Save the state of a long prompt for generate to start from",
    .synopsis = "[--model DIR] --prompt-cache-file FILE [options] PROMPT|-",
    .description = "Computes a prompt once and saves its state. bombus generate --prompt-cache-file FILE then computes only what follows:\n"
                   "its prompt is the end of the same message from the user, and the answer is that to the whole. Where the model has\n"
                   "a chat template, the prompt is the beginning of the user's message, and may be empty where the system prompt or\n"
                   "the tools are what is long. The file belongs to this model, this tokenizer, this mode of computing\n"
                   "and this version of Bombus, and is refused by others.\n\n"
                   "Example:\n"
                   "  bombus cache-prompt --model models/Qwen3-0.6B-4bit --prompt-cache-file book.safetensors - < book.txt\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --prompt-cache-file book.safetensors \"Who is the hero?\"",
    .run = run,
};
