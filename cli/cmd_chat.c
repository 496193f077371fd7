/* bombus chat: a conversation with a model.
 *
 * The session keeps what it has seen. Each turn renders the whole conversation anew, since a template may change what it said of earlier
 * messages, and feeds only the tokens from the first that differs on.
 * Invariant: a message that gets no answer leaves the conversation as it was before it. */
#include "conversation.h"
#include "input.h"
#include "printer.h"
#include "request.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct choice {
    model_choice model;
    prompt_choice prompt;
    request_choice request;
    bool statistics;
} choice;

typedef struct chat {
    choice *choice;
    bombus_model *model;
    bombus_tokenizer *tokenizer;
    bombus_template *chat_template;
    bombus_session *session;
    char *tools; /* JSON, or NULL */
    int context; /* of the session */
    conversation talk;
    uint64_t attempt; /* at the present answer, 0 the first */
    input *in;
    bool over, failed;
} chat;

/* What is said besides the conversation; to nobody, where no one types. */
static void note(const chat *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(const chat *c, const char *format, ...)
{
    va_list args;

    if (!input_is_edited(c->in))
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* ---- an answer ---- */

static bool on_prompt(size_t done, size_t count, void *context)
{
    (void)done;
    (void)count;
    (void)context;
    return !interrupted;
}

static bool on_token(const bombus_token *token, void *context)
{
    return (!token->text_bytes || print_answer(context, token->text, token->text_bytes)) && !interrupted;
}

static void print_statistics(const chat *c, const bombus_result *result, size_t kept)
{
    print_speed("Prompt", result->prompt_count, rate((double)result->prompt_count, result->prompt_seconds));
    fprintf(stderr, "Kept: %zu tokens\n", kept);
    print_speed("Generation", result->token_count, generation_rate(result));
    print_seed(&c->choice->request);
}

/* Why the answer ends where nobody would expect it to. */
static void explain_end(const chat *c, const bombus_result *result)
{
    const int most = c->choice->request.request.max_tokens;

    if (result->finish == BOMBUS_FINISH_CANCELED)
        fprintf(stderr, "[stopped%s]\n", result->token_count ? "" : " before the answer began");
    else if (result->finish == BOMBUS_FINISH_LENGTH && result->token_count == (size_t)most)
        fprintf(stderr, "[cut after %d tokens: --max-tokens]\n", most);
    else if (result->finish == BOMBUS_FINISH_LENGTH)
        fprintf(stderr, "[cut: the context of %d tokens is full; /reset empties it]\n", c->context);
}

/* Draws and prints an answer to a prompt of ids, and adds it to the conversation. */
static bool draw_answer(chat *c, const rendered_prompt *prompt, const bombus_ids *ids)
{
    bombus_request request = c->choice->request.request;
    printer p;
    bombus_result result = {0};
    bombus_error err;

    request.seed += c->attempt;
    request.keep_special = true; /* some mark the parts of an answer */
    request.on_prompt = on_prompt;
    request.on_token = on_token;
    request.context = &p;
    const size_t kept = (size_t)bombus_session_keep_prefix(c->session, ids->ids, ids->count - 1);
    bool done = begin_printing(&p, prompt);
    if (done && !(done = bombus_session_generate(c->session, ids->ids + kept, ids->count - kept, &request, &result, &err) == BOMBUS_OK))
        complain("%s", err.message);
    done &= end_printing(&p);
    if (done) {
        explain_end(c, &result);
        if (c->choice->statistics)
            print_statistics(c, &result, kept);
        done = result.token_count || result.finish != BOMBUS_FINISH_CANCELED;
    }
    done = done && add_answer(&c->talk, &p.parts);
    free_parts(&p.parts);
    bombus_result_clear(&result);
    return done;
}

static bool has_room(const chat *c, const bombus_ids *ids)
{
    if (ids->count && ids->count < (size_t)c->context)
        return true;
    if (ids->count)
        complain("the conversation has %zu tokens, and the context of %d has no room for an answer: /reset empties it", ids->count,
                 c->context);
    else
        complain("the chat template makes no prompt of the conversation");
    return false;
}

/* Answers the conversation as it stands. */
static bool answer(chat *c)
{
    char *messages = conversation_json(&c->talk);
    rendered_prompt prompt = {0};
    bombus_ids ids = {0};
    const bool done = messages && render_messages(&c->choice->prompt, c->chat_template, messages, c->tools, true, &prompt) &&
                      encode(c->tokenizer, "prompt", prompt.text, prompt.bytes, BOMBUS_NO_SPECIAL, &ids) && has_room(c, &ids) &&
                      draw_answer(c, &prompt, &ids);

    bombus_ids_free(&ids);
    free_prompt(&prompt);
    free(messages);
    return done;
}

static bool say(chat *c, const char *text, size_t bytes)
{
    const size_t before = c->talk.count;

    c->attempt = 0;
    if (add_text(&c->talk, ROLE_USER, "message (not sent)", text, bytes) && answer(c))
        return true;
    drop_messages(&c->talk, before);
    return false;
}

/* ---- commands ---- */

static size_t system_messages(const chat *c)
{
    return c->talk.count && c->talk.items[0].role == ROLE_SYSTEM;
}

static bool run_reset(chat *c, const char *argument)
{
    (void)argument;
    drop_messages(&c->talk, system_messages(c));
    note(c, "The conversation is empty.");
    return true;
}

static bool set_system(chat *c, const char *text)
{
    conversation fresh = {0};

    if (!add_text(&fresh, ROLE_SYSTEM, "system prompt", text, strlen(text)))
        return false;
    drop_messages(&c->talk, 0);
    free(c->talk.items);
    c->talk = fresh;
    return true;
}

static bool run_system(chat *c, const char *argument)
{
    if (*argument) {
        if (strcmp(argument, "\"\"") == 0)
            drop_messages(&c->talk, 0);
        else if (!set_system(c, argument))
            return false;
        note(c, "The conversation begins anew, %s system prompt.", c->talk.count ? "with this" : "without a");
        return true;
    }
    char *prompt = system_prompt_of(&c->talk);
    const bool done = print("%s\n", prompt ? prompt : "There is no system prompt.") && flush_output();
    free(prompt);
    return done;
}

/* "~/file" as the shell has it. The caller frees it; NULL after a complaint. */
static char *file_name(const char *argument)
{
    const char *home = argument[0] == '~' && argument[1] == '/' ? getenv("HOME") : NULL;
    byte_buffer name = {0};

    if (add_bytes(&name, home ? home : "", home ? strlen(home) : 0) &&
        add_bytes(&name, argument + (home ? 1 : 0), strlen(argument) - (home ? 1 : 0)))
        return name.data;
    free(name.data);
    return NULL;
}

static bool run_save(chat *c, const char *argument)
{
    char *path = file_name(argument), *array = conversation_json(&c->talk);
    bombus_error err;
    const bool done = path && array && bombus_file_write(path, array, strlen(array), &err) == BOMBUS_OK;

    if (path && array && !done)
        complain("%s", err.message);
    if (done)
        note(c, "%zu messages are in %s.", c->talk.count, path);
    free(array);
    free(path);
    return done;
}

/* Rendered once to see whether it is what a template takes. */
static bool load_conversation(const chat *c, const char *path, conversation *out)
{
    prompt_choice from_file = c->choice->prompt;
    rendered_prompt prompt = {0};
    char *array;

    from_file.messages = path;
    if (!read_json(path, &array))
        return false;
    const bool done = render_messages(&from_file, c->chat_template, array, c->tools, true, &prompt) && add_messages(out, array, path);
    free_prompt(&prompt);
    free(array);
    return done;
}

static bool run_load(chat *c, const char *argument)
{
    char *path = file_name(argument);
    conversation loaded = {0};
    const bool done = path && load_conversation(c, path, &loaded);

    if (done) {
        conversation old = c->talk;
        c->talk = loaded;
        loaded = old;
        c->attempt = 0;
        note(c, "%zu messages are loaded%s.", c->talk.count,
             c->talk.items[c->talk.count - 1].role == ROLE_ASSISTANT ? "" : "; /regenerate answers the last");
    }
    drop_messages(&loaded, 0);
    free(loaded.items);
    free(path);
    return done;
}

static bool run_regenerate(chat *c, const char *argument)
{
    conversation *talk = &c->talk;
    message old = {0};

    (void)argument;
    if (talk->count == system_messages(c)) {
        complain("/regenerate: there is no answer yet");
        return false;
    }
    if (talk->items[talk->count - 1].role == ROLE_ASSISTANT) {
        old = talk->items[--talk->count];
        c->attempt++;
    }
    const bool done = answer(c);
    if (done)
        free(old.json);
    else if (old.json)
        talk->items[talk->count++] = old; /* there is room: it stood there */
    return done;
}

static bool run_stats(chat *c, const char *argument)
{
    bool *on = &c->choice->statistics;

    if (*argument && strcmp(argument, "on") != 0 && strcmp(argument, "off") != 0) {
        complain("/stats: \"%s\", expected on or off", argument);
        return false;
    }
    *on = *argument ? strcmp(argument, "on") == 0 : !*on;
    note(c, "Tokens per second are %s.", *on ? "shown" : "not shown");
    return true;
}

static bool run_exit(chat *c, const char *argument)
{
    (void)argument;
    c->over = true;
    return true;
}

static bool run_help(chat *c, const char *argument);

static const struct chat_command {
    const char *name;
    const char *argument; /* NULL: takes none */
    bool needed;          /* the argument */
    bool (*run)(chat *c, const char *argument);
    const char *help;
} chat_commands[] = {
    {"help", NULL, false, run_help, "this list"},
    {"reset", NULL, false, run_reset, "empty the conversation; the system prompt stays"},
    {"system", "TEXT", false, run_system, "set the system prompt (\"\" for none) and begin anew; without TEXT show it"},
    {"save", "FILE", true, run_save, "write the conversation as JSON, as --messages reads it"},
    {"load", "FILE", true, run_load, "go on with a conversation from such a file"},
    {"regenerate", NULL, false, run_regenerate, "answer the last message again, with another seed"},
    {"stats", "on|off", false, run_stats, "show tokens per second after each answer, or do not"},
    {"exit", NULL, false, run_exit, "leave; so do /quit and Ctrl-D"},
    {"quit", NULL, false, run_exit, NULL},
};

enum { CHAT_COMMANDS = sizeof chat_commands / sizeof *chat_commands };

static bool run_help(chat *c, const char *argument)
{
    (void)c;
    (void)argument;
    for (int i = 0; i < CHAT_COMMANDS; i++)
        if (chat_commands[i].help)
            print("/%-10s %-7s %s\n", chat_commands[i].name, chat_commands[i].argument ? chat_commands[i].argument : "",
                  chat_commands[i].help);
    print("A line that ends in a backslash goes on in the next. Lines between two of \"\"\" are one message, whatever is in them.\n"
          "Ctrl-C stops an answer, or clears the line.\n");
    return flush_output();
}

/* length: of the name. NULL after a complaint. */
static const struct chat_command *find_command(const char *name, size_t length)
{
    for (int i = 0; i < CHAT_COMMANDS; i++)
        if (strlen(chat_commands[i].name) == length && memcmp(chat_commands[i].name, name, length) == 0)
            return &chat_commands[i];
    complain("unknown command /%.*s (/help lists them; a message that begins with / goes between lines of \"\"\")", (int)length, name);
    return NULL;
}

/* "/name argument" */
static bool run_command(chat *c, const char *text)
{
    static const char blanks[] = " \t\n";
    const size_t length = strcspn(text + 1, blanks);
    const char *begin = text + 1 + length + strspn(text + 1 + length, blanks);
    const struct chat_command *found = find_command(text + 1, length);
    size_t bytes = strlen(begin);

    while (bytes && strchr(blanks, begin[bytes - 1]))
        bytes--;
    if (!found)
        return false;
    if (bytes && !found->argument) {
        complain("/%s: takes no argument", found->name);
        return false;
    }
    if (!bytes && found->needed) {
        complain("/%s: %s is missing", found->name, found->argument);
        return false;
    }
    char *argument = strndup(begin, bytes);
    if (!argument)
        complain("out of memory: %zu bytes", bytes);
    const bool done = argument && found->run(c, argument);
    free(argument);
    return done;
}

/* ---- the conversation ---- */

/* Where nobody types, Ctrl-C is for the program: what it interrupts ends, and nothing more is read. */
static int converse(chat *c)
{
    const bool edited = input_is_edited(c->in);
    const char *text;
    size_t bytes;
    bool done;

    note(c, "%s answers. /help lists the commands, Ctrl-D leaves.", c->choice->model.path);
    while (!c->over) {
        const input_kind kind = read_input_message(c->in, &text, &bytes);
        if (kind == INPUT_END || kind == INPUT_FAILED) {
            c->failed |= kind == INPUT_FAILED;
            break;
        }
        if (kind == INPUT_NOTHING)
            continue;
        if (!edited)
            catch_interrupt(true);
        done = kind == INPUT_COMMAND ? run_command(c, text) : kind == INPUT_MESSAGE && say(c, text, bytes);
        if (interrupted && !edited)
            return EXIT_INTERRUPTED;
        if (!flush_output())
            return EXIT_FAILED;
        c->failed |= !done && !edited;
    }
    return c->failed ? EXIT_FAILED : EXIT_OK;
}

static bool prepare(chat *c)
{
    choice *o = c->choice;

    if (!load_model(&o->model, &c->model) || !load_tokenizer(o->model.path, &c->tokenizer) ||
        !finish_request(&o->request, c->model, c->tokenizer) || !load_template(&o->prompt, o->model.path, true, &c->chat_template) ||
        !read_tools(&o->prompt, &c->tools))
        return false;
    c->context = o->model.context ? o->model.context : bombus_model_get_info(c->model)->context;
    return (!o->prompt.system_prompt || set_system(c, o->prompt.system_prompt)) &&
           open_session(&o->model, c->model, c->tokenizer, c->context, &c->session) && (c->in = open_input());
}

static int run(const command *self, int argc, char **argv)
{
    choice o = {.model = {.chunk = 256}};
    const option own[] = {
        model_option(&o.model),
        with_letter(
            'm', int_option("max-tokens", &o.request.request.max_tokens, "N", 1, INT_MAX, "The most tokens of an answer (default: 2048).")),
        flag_option("stats", &o.statistics, "Show tokens per second after each answer; /stats changes it."),
    };
    option_table table = {0};

    begin_request(&o.request, 2048);
    add_options(&table, own, sizeof own / sizeof *own);
    add_prompt_options(&table, &o.prompt);
    add_request_options(&table, &o.request);
    add_session_options(&table, &o.model);
    add_draft_options(&table, &o.model);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\": messages are read from standard input", argv[0]);
    if (o.prompt.tools && strcmp(o.prompt.tools, "-") == 0)
        return complain_usage(self, "--tools cannot be standard input, where the messages are");
    if ((status = read_request(self, &o.request)) >= 0 || (status = check_draft(self, &o.model)) >= 0 ||
        (status = need_model(self, &o.model.path)) >= 0)
        return status;
    o.request.request.draft_tokens = draft_tokens_of(&o.model);

    chat c = {.choice = &o};
    status = EXIT_FAILED;
    if (prepare(&c)) {
        if (input_is_edited(c.in))
            catch_interrupt(false);
        status = converse(&c);
    }
    close_input(c.in);
    drop_messages(&c.talk, 0);
    free(c.talk.items);
    free(c.tools);
    bombus_session_free(c.session);
    bombus_template_free(c.chat_template);
    bombus_tokenizer_free(c.tokenizer);
    bombus_model_free(c.model);
    return status;
}

const command cmd_chat = {
    .name = "chat",
    .summary = "Talk with a model",
    .synopsis = "[--model DIR] [options]",
    .description = "Reads messages and answers each, by the model's chat template, as part of one conversation. On a terminal lines are\n"
                   "edited and remembered, reasoning is dimmed (unless NO_COLOR is set), and Ctrl-C stops an answer. Otherwise each\n"
                   "line of standard input is a message, and standard output has the answers and what commands show, nothing else.\n\n"
                   "A line that ends in a backslash goes on in the next; lines between two lines of \"\"\" are one message. A line that\n"
                   "begins with a slash is a command: /help, /reset, /system, /save, /load, /regenerate, /stats, /exit.\n\n"
                   "Examples:\n"
                   "  bombus chat --model models/Qwen3-0.6B-4bit\n"
                   "  bombus chat --model models/Qwen3-0.6B-4bit --system-prompt \"Answer in one sentence.\" --stats\n"
                   "  printf '%s\\n' \"Why is the sky blue?\" \"And at night?\" | bombus chat --model models/Qwen3-0.6B-4bit",
    .run = run,
};
