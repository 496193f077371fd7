/* bombus generate: a prompt's continuation, streamed as it is drawn. */
#include "json.h"
#include "parts.h"
#include "prompt_file.h"
#include "request.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct choice {
    model_choice model;
    const char *prompt, *prompt_cache;
    prompt_choice chat;
    request_choice request;
    bool ignore_chat_template, needs_chat_template, verbose, json;
    int logprobs; /* -1: not asked for */
} choice;

/* What is asked of the model. */
typedef struct question {
    bombus_ids ids;
    size_t kept, cached;      /* tokens of a prompt file, and those of them that the ids begin with and need not be computed */
    rendered_prompt rendered; /* text NULL where no template is used */
} question;

/* What the callback needs and gathers. */
typedef struct stream {
    bool silent;         /* the answer is printed at the end, as JSON */
    bool output_lost;    /* standard output takes no more */
    int top_count;       /* alternatives kept for each token */
    bombus_logprob *top; /* [tokens][top_count]; NULL where none are asked for */
    size_t tokens, capacity;
    bool out_of_memory;
} stream;

static bool keep_top(stream *s, const bombus_token *token)
{
    if (s->tokens == s->capacity) {
        const size_t capacity = s->capacity ? s->capacity * 2 : 256;
        bombus_logprob *grown = realloc(s->top, capacity * (size_t)s->top_count * sizeof *grown);
        if (!grown)
            return false;
        s->top = grown;
        s->capacity = capacity;
    }
    for (int i = 0; i < s->top_count; i++)
        s->top[s->tokens * (size_t)s->top_count + (size_t)i] =
            (size_t)i < token->top_count ? token->top[i] : (bombus_logprob){-1, -INFINITY};
    s->tokens++;
    return true;
}

static bool on_token(const bombus_token *token, void *context)
{
    stream *s = context;

    if (!s->silent && token->text_bytes)
        s->output_lost = !put(token->text, token->text_bytes) || !flush_output();
    if (s->top_count && !keep_top(s, token))
        s->out_of_memory = true;
    return !interrupted && !s->output_lost && !s->out_of_memory;
}

/* ---- arguments ---- */

static int read_arguments(const command *self, choice *c, int argc, char **argv)
{
    const option own[] = {
        model_option(&c->model),
        with_letter('p', text_option("prompt", &c->prompt, "TEXT", "The prompt, in place of an argument; - reads standard input.")),
        with_letter(
            'm', int_option("max-tokens", &c->request.request.max_tokens, "N", 1, INT_MAX, "The most tokens to generate (default: 100).")),
        text_option("prompt-cache-file", &c->prompt_cache, "FILE",
                    "Start from a prompt that bombus cache-prompt has saved. The prompt is what follows its text, in the same message from "
                    "the user; the file's system prompt, tools, template and --kv-dtype count where none are given."),
        messages_option(&c->chat, "In place of a prompt: a JSON array of messages, objects with role and content; - reads standard input."),
        flag_option("ignore-chat-template", &c->ignore_chat_template, "Use the prompt as it is, though the model has a chat template."),
        flag_option("json", &c->json,
                    "Print one JSON object at the end in place of the text: text, prompt_tokens and generated_tokens (ids), "
                    "finish_reason, counts, speeds, peak_memory_bytes, seed. With a chat template also the parts of the text: reasoning, "
                    "content, tool_calls (name, arguments, and id where the model gave one); text then has its special tokens."),
        int_option("logprobs", &c->logprobs, "N", 0, 20,
                   "With --json: the log-probability of each token, and the N most likely ones in its place (0 to 20). Taken after "
                   "penalties and bias, before temperature and filters."),
        bool_option("verbose", &c->verbose, "False: no statistics on standard error (default: True)."),
    };
    option_table table = {0};

    add_options(&table, own, sizeof own / sizeof *own);
    add_prompt_options(&table, &c->chat);
    add_request_options(&table, &c->request);
    add_session_options(&table, &c->model);
    add_draft_options(&table, &c->model);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > (c->prompt ? 0 : 1))
        return complain_usage(self, "unexpected argument \"%s\": the prompt is given once, in quotes", argv[c->prompt ? 0 : 1]);
    if (argc)
        c->prompt = argv[0];
    if (c->prompt && c->chat.messages)
        return complain_usage(self, "a prompt and --messages: expected one of them");
    if (c->prompt_cache && c->chat.messages)
        return complain_usage(self, "--prompt-cache-file and --messages: expected one of them");
    if (!c->prompt && !c->chat.messages)
        return complain_usage(self, "no prompt (- reads standard input)");
    if (c->ignore_chat_template && template_option_given(&c->chat))
        return complain_usage(self, "%s needs the chat template that --ignore-chat-template leaves out", template_option_given(&c->chat));
    c->needs_chat_template = template_option_given(&c->chat);
    if (c->chat.tools && strcmp(c->chat.tools, "-") == 0 && strcmp(c->prompt ? c->prompt : c->chat.messages, "-") == 0)
        return complain_usage(self, "--tools and %s cannot both be standard input", c->prompt ? "the prompt" : "--messages");
    if (c->logprobs >= 0 && !c->json)
        return complain_usage(self, "--logprobs needs --json");
    if ((status = read_request(self, &c->request)) >= 0 || (status = check_draft(self, &c->model)) >= 0)
        return status;
    c->request.request.draft_tokens = draft_tokens_of(&c->model);
    return need_model(self, &c->model.path);
}

/* ---- output ---- */

static void write_logprob(json *out, const bombus_tokenizer *tokenizer, int32_t id, float logprob)
{
    json_int(out, "id", id);
    json_string(out, "token", bombus_tokenizer_token(tokenizer, id));
    json_float(out, "logprob", (double)logprob, 9);
}

static void write_logprobs(json *out, const bombus_tokenizer *tokenizer, const bombus_result *result, const stream *s)
{
    json_key(out, "logprobs");
    json_array(out);
    for (size_t i = 0; i < result->token_count; i++) {
        json_object(out);
        write_logprob(out, tokenizer, result->tokens[i], result->logprobs[i]);
        json_key(out, "top");
        json_array(out);
        for (int j = 0; j < s->top_count && i < s->tokens; j++) {
            const bombus_logprob top = s->top[i * (size_t)s->top_count + (size_t)j];
            if (top.id < 0)
                break;
            json_object(out);
            write_logprob(out, tokenizer, top.id, top.logprob);
            json_object_end(out);
        }
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
}

static void write_calls(json *out, const parts *split)
{
    json_key(out, "tool_calls");
    json_array(out);
    for (size_t i = 0; i < split->call_count; i++) {
        json_object(out);
        write_call(out, &split->calls[i]);
        if (split->calls[i].id)
            json_string(out, "id", split->calls[i].id);
        json_object_end(out);
    }
    json_array_end(out);
}

static bool write_json(const choice *c, const bombus_tokenizer *tokenizer, const question *q, const bombus_result *result, const stream *s)
{
    const bombus_ids *prompt = &q->ids;
    parts split = {0};

    if (q->rendered.text && !split_answer(&q->rendered, result->text, result->text_bytes, &split))
        return false;
    json *out = json_begin();
    json_object(out);
    json_text(out, "text", result->text, result->text_bytes);
    if (q->rendered.text) {
        json_text(out, "reasoning", split.reasoning.data ? split.reasoning.data : "", split.reasoning.size);
        json_text(out, "content", split.content.data ? split.content.data : "", split.content.size);
        write_calls(out, &split);
    }
    free_parts(&split);
    json_ids(out, "prompt_tokens", prompt->ids, prompt->count);
    json_ids(out, "generated_tokens", result->tokens, result->token_count);
    json_string(out, "finish_reason", bombus_finish_name(result->finish));
    json_int(out, "prompt_token_count", (int64_t)prompt->count);
    json_int(out, "cached_token_count", (int64_t)q->cached);
    json_int(out, "generated_token_count", (int64_t)result->token_count);
    json_int(out, "drafted_token_count", (int64_t)result->drafted_count);
    json_int(out, "accepted_token_count", (int64_t)result->accepted_count);
    json_float(out, "prompt_seconds", result->prompt_seconds, 6);
    json_float(out, "generation_seconds", result->generate_seconds, 6);
    json_float(out, "prompt_tokens_per_second", rate((double)result->prompt_count, result->prompt_seconds), 6);
    json_float(out, "generated_tokens_per_second", generation_rate(result), 6);
    json_int(out, "peak_memory_bytes", peak_memory());
    json_seed(out, "seed", c->request.request.seed);
    if (c->logprobs >= 0)
        write_logprobs(out, tokenizer, result, s);
    json_object_end(out);
    return json_finish(out);
}

static void print_statistics(const choice *c, const question *q, const bombus_result *result)
{
    if (c->prompt_cache)
        fprintf(stderr, "Cached: %zu of %zu tokens\n", q->cached, q->kept);
    print_speed("Prompt", result->prompt_count, rate((double)result->prompt_count, result->prompt_seconds));
    print_speed("Generation", result->token_count, generation_rate(result));
    if (c->request.request.draft_tokens)
        fprintf(stderr, "Guesses: %zu tokens, of which %zu were right\n", result->drafted_count, result->accepted_count);
    fprintf(stderr, "Peak memory: %.3f GB\n", (double)peak_memory() / 1e9);
    fprintf(stderr, "Finish reason: %s\n", bombus_finish_name(result->finish));
    print_seed(&c->request);
}

/* ---- the run ---- */

static int context_limit(const choice *c, const bombus_model *model)
{
    return c->model.context ? c->model.context : bombus_model_get_info(model)->context;
}

/* Room for this prompt and this answer, within what is allowed. */
static bool plan_context(const choice *c, const bombus_model *model, const bombus_ids *prompt, int *context)
{
    const int limit = context_limit(c, model);
    const int64_t wanted = (int64_t)prompt->count + c->request.request.max_tokens;

    if (prompt->count > (size_t)limit) {
        complain("prompt: %zu tokens, expected at most %d (the context)", prompt->count, limit);
        return false;
    }
    *context = wanted < limit ? (int)wanted : limit;
    return true;
}

/* session: one that a prompt file has filled, or NULL. */
static int answer(choice *c, bombus_model *model, bombus_tokenizer *tokenizer, question *q, bombus_session *session)
{
    const bombus_ids *prompt = &q->ids;
    stream s = {.silent = c->json, .top_count = c->logprobs > 0 ? c->logprobs : 0};
    bombus_session *own = NULL;
    bombus_result result = {0};
    bombus_error err;
    int context;

    if (!plan_context(c, model, prompt, &context) || (!session && !open_session(&c->model, model, tokenizer, context, &own)))
        return EXIT_FAILED;
    session = session ? session : own;
    q->kept = (size_t)bombus_session_position(session);
    if (prompt->count)
        q->cached = (size_t)bombus_session_keep_prefix(session, prompt->ids, prompt->count - 1);

    bombus_request *request = &c->request.request;
    request->top_logprobs = s.top_count;
    request->keep_special = c->json && q->rendered.text;
    request->on_token = on_token;
    request->context = &s;
    catch_interrupt(true);

    bool done = bombus_session_generate(session, prompt->ids + q->cached, prompt->count - q->cached, request, &result, &err) == BOMBUS_OK;
    if (!done)
        complain("%s", err.message);
    else if (s.out_of_memory)
        complain("out of memory");
    done &= !s.output_lost && !s.out_of_memory;
    if (done)
        done = c->json ? write_json(c, tokenizer, q, &result, &s) : put("\n", 1) && flush_output();
    if (done && c->verbose)
        print_statistics(c, q, &result);
    bombus_result_clear(&result);
    bombus_session_free(own);
    free(s.top);
    return !done ? EXIT_FAILED : interrupted ? EXIT_INTERRUPTED : EXIT_OK;
}

/* A rendered prompt has its special tokens already. */
static bool ask(const choice *c, const bombus_tokenizer *tokenizer, const char *text, size_t bytes, question *q)
{
    bombus_template *chat_template = NULL;
    bool done = c->ignore_chat_template || load_template(&c->chat, c->model.path, c->needs_chat_template, &chat_template);

    if (done && chat_template)
        done = render_prompt(&c->chat, chat_template, text, bytes, true, &q->rendered) &&
               encode(tokenizer, "prompt", q->rendered.text, q->rendered.bytes, BOMBUS_NO_SPECIAL, &q->ids);
    else if (done)
        done = encode(tokenizer, "prompt", text, bytes, 0, &q->ids);
    bombus_template_free(chat_template);
    return done;
}

/* A session that has seen the prompt file, and in whole the file's text and behind it the prompt. */
static bool resume(choice *c, bombus_model *model, bombus_tokenizer *tokenizer, const char *text, size_t bytes, prompt_file *file,
                   bombus_session **session, byte_buffer *whole)
{
    const char *needs_template = template_option_given(&c->chat);

    if (!resume_prompt_file(file, c->prompt_cache, &c->model, model, tokenizer, context_limit(c, model), session))
        return false;
    if (file->chat && c->ignore_chat_template) {
        complain("%s: its prompt went through the chat template that --ignore-chat-template leaves out", c->prompt_cache);
        return false;
    }
    if (!file->chat && needs_template) {
        complain("%s: its prompt was used as it is, without the chat template that %s needs", c->prompt_cache, needs_template);
        return false;
    }
    c->needs_chat_template = file->chat;
    c->ignore_chat_template = !file->chat;
    adopt_prompt_file(file, &c->chat);
    return add_bytes(whole, file->text, strlen(file->text)) && add_bytes(whole, text, bytes);
}

/* text: the prompt, NULL where there are messages instead. */
static int generate(choice *c, const char *text, size_t bytes)
{
    bombus_tokenizer *tokenizer = NULL;
    bombus_model *model = NULL;
    bombus_session *session = NULL;
    prompt_file file = {0};
    byte_buffer whole = {0};
    question q = {0};
    int result = EXIT_FAILED;

    if (text && bytes == 0)
        return complain("prompt: empty, expected a text");
    if (!load_model(&c->model, &model) || !load_tokenizer(c->model.path, &tokenizer) || !finish_request(&c->request, model, tokenizer))
        goto out;
    if (c->prompt_cache) {
        if (!resume(c, model, tokenizer, text, bytes, &file, &session, &whole))
            goto out;
        text = whole.data;
        bytes = whole.size;
    }
    if (ask(c, tokenizer, text, bytes, &q))
        result = answer(c, model, tokenizer, &q, session);

out:
    bombus_session_free(session);
    close_prompt_file(&file);
    free(whole.data);
    bombus_ids_free(&q.ids);
    free_prompt(&q.rendered);
    bombus_model_free(model);
    bombus_tokenizer_free(tokenizer);
    return result;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {.model = {.chunk = 256}, .verbose = true, .logprobs = -1};
    char *read = NULL;
    size_t bytes;

    begin_request(&c.request, 100);
    const int status = read_arguments(self, &c, argc, argv);
    if (status >= 0)
        return status;

    bytes = c.prompt ? strlen(c.prompt) : 0;
    if (c.prompt && strcmp(c.prompt, "-") == 0) {
        if (!read_input("-", &read, &bytes))
            return EXIT_FAILED;
        c.prompt = read;
    }
    const int result = generate(&c, c.prompt, bytes);
    free(read);
    return result;
}

const command cmd_generate = {
    .name = "generate",
    .summary = "Generate text from a prompt",
    .synopsis = "[--model DIR] [options] PROMPT|-\n       bombus generate [--model DIR] [options] --messages FILE|-",
    .description = "Answers a prompt. The text streams to standard output as it is drawn, and a newline follows it; statistics go to\n"
                   "standard error. Where the model has a chat template, the prompt is what the template makes of it as the user's\n"
                   "message; else it is used as it is, with the special tokens that the tokenizer adds by itself. What no option says\n"
                   "of sampling is as the model's generation_config.json has it.\n\n"
                   "Logits are changed and filtered in this order: bias; repetition, presence and frequency penalty; top-p, min-p,\n"
                   "top-k; temperature. Ctrl-C ends the answer: what is there is printed, and the exit status is 130.\n\n"
                   "Examples:\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit \"Why is the sky blue?\"\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --ignore-chat-template \"Once upon a time\"\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --chat-template-config '{\"enable_thinking\": false}' \"2 + 2?\"\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --json --messages chat.json --tools tools.json\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --prompt-cache-file book.safetensors \"Who is the hero?\"\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --temp 0.7 --top-p 0.9 --seed 7 -m 200 - < prompt.txt\n"
                   "  bombus generate --model models/Qwen3-0.6B-4bit --json --logprobs 5 -p \"2 + 2 =\" | jq .text",
    .run = run,
};
