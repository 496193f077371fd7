/* OpenAI's chat completions and completions, without a server.
 *
 * What a body may say is in one table. What OpenAI's API has and an answer here would not heed is refused by name, unless it is a value
 * that asks for nothing ("n": 1) or only tells who asked. */
#include "openai.h"

#include "parts.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct body {
    openai_request *out;
    const openai_defaults *defaults;
    bombus_error *err;
    char *messages, *tools, *variables; /* JSON */
    char *prompt;
    size_t prompt_bytes;
    bool has_prompt, no_tools, asks_top;
} body;

/* Always false. */
static bool refuse(const body *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(const body *b, const char *format, ...)
{
    va_list args;

    b->err->code = BOMBUS_EINVAL;
    va_start(args, format);
    vsnprintf(b->err->message, sizeof b->err->message, format, args);
    va_end(args);
    return false;
}

static bool expect(const body *b, const json_child *field, json_kind kind)
{
    return field->kind == kind || refuse(b, "%s: %s, expected %s", field->key, json_kind_name(field->kind), json_kind_name(kind));
}

static bool keep(const body *b, const json_child *field, char **copy)
{
    free(*copy);
    *copy = malloc(field->bytes + 1);
    if (!*copy)
        return refuse(b, "out of memory");
    memcpy(*copy, field->text, field->bytes);
    (*copy)[field->bytes] = '\0';
    return true;
}

/* ---- fields ---- */

static bool take_int(const body *b, const json_child *field, int min, int max, int *out)
{
    if (!expect(b, field, JSON_NUMBER))
        return false;
    const double value = strtod(field->text, NULL);
    if (!(value >= min && value <= max) || value != floor(value))
        return refuse(b, "%s: %s, expected an integer from %d to %d", field->key, field->text, min, max);
    *out = (int)value;
    return true;
}

/* What is out of range the engine refuses. */
static bool take_float(const body *b, const json_child *field, float *out)
{
    if (!expect(b, field, JSON_NUMBER))
        return false;
    *out = (float)strtod(field->text, NULL);
    return true;
}

static bool take_temperature(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.temperature);
}

static bool take_top_p(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.top_p);
}

static bool take_min_p(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.min_p);
}

static bool take_top_k(body *b, const json_child *field)
{
    return take_int(b, field, 0, INT32_MAX - 1, &b->out->request.top_k);
}

static bool take_repetition_penalty(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.repetition_penalty);
}

static bool take_presence_penalty(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.presence_penalty);
}

static bool take_frequency_penalty(body *b, const json_child *field)
{
    return take_float(b, field, &b->out->request.frequency_penalty);
}

static bool take_max_tokens(body *b, const json_child *field)
{
    return take_int(b, field, 1, INT32_MAX - 1, &b->out->request.max_tokens);
}

static bool take_seed(body *b, const json_child *field)
{
    if (!expect(b, field, JSON_NUMBER))
        return false;
    const double value = strtod(field->text, NULL);
    const bool negative = *field->text == '-';
    char *end;
    errno = 0;
    uint64_t seed = negative ? (uint64_t)strtoll(field->text, &end, 10) : strtoull(field->text, &end, 10);
    if (errno == 0 && *end) { /* 1.0, or 1e3: exact as far as a double has every integer */
        if (value != floor(value) || fabs(value) > 0x1p53)
            return refuse(b, "seed: %s, expected an integer", field->text);
        seed = (uint64_t)(int64_t)value;
    }
    if (errno)
        return refuse(b, "seed: %s, expected an integer of 64 bits", field->text);
    b->out->request.seed = seed;
    return true;
}

static bool add_stop(const json_child *stop, void *context)
{
    body *b = context;
    bombus_request *r = &b->out->request;

    if (stop->kind != JSON_STRING)
        return refuse(b, "stop: %s, expected strings", json_kind_name(stop->kind));
    if (r->stop_count == OPENAI_STOPS)
        return refuse(b, "stop: more than %d strings", (int)OPENAI_STOPS);
    if (strlen(stop->text) != stop->bytes)
        return refuse(b, "stop: a string with a NUL");
    if (!keep(b, stop, &b->out->stops[r->stop_count]))
        return false;
    r->stop_count++;
    return true;
}

static bool take_stop(body *b, const json_child *field)
{
    b->out->request.stop_count = 0;
    b->out->request.stops = (const char *const *)b->out->stops;
    if (field->kind == JSON_ARRAY)
        return json_children(field->text, field->bytes, JSON_ARRAY, add_stop, b);
    return add_stop(field, b);
}

static bool add_bias(const json_child *bias, void *context)
{
    body *b = context;
    bombus_request *r = &b->out->request;
    char *end;
    const long id = strtol(bias->key, &end, 10);

    if (bias->kind != JSON_NUMBER || !*bias->key || *end || id < 0 || id > INT32_MAX)
        return refuse(b, "logit_bias: \"%s\", expected ids of tokens with a number each", bias->key);
    if (r->logit_bias_count == OPENAI_BIASES)
        return refuse(b, "logit_bias: more than %d tokens", (int)OPENAI_BIASES);
    b->out->biases[r->logit_bias_count++] = (bombus_logit_bias){(int32_t)id, (float)strtod(bias->text, NULL)};
    return true;
}

static bool take_logit_bias(body *b, const json_child *field)
{
    b->out->request.logit_bias = b->out->biases;
    b->out->request.logit_bias_count = 0;
    return expect(b, field, JSON_OBJECT) && json_children(field->text, field->bytes, JSON_OBJECT, add_bias, b);
}

/* A flag for a chat, a number of alternatives for a completion. */
static bool take_logprobs(body *b, const json_child *field)
{
    if (b->out->endpoint == ENDPOINT_COMPLETIONS) {
        b->out->logprobs = true;
        return take_int(b, field, 0, OPENAI_TOP, &b->out->request.top_logprobs);
    }
    b->out->logprobs = field->truth;
    return expect(b, field, JSON_BOOL);
}

static bool take_top_logprobs(body *b, const json_child *field)
{
    b->asks_top = true;
    return take_int(b, field, 0, OPENAI_TOP, &b->out->request.top_logprobs);
}

static bool take_messages(body *b, const json_child *field)
{
    return expect(b, field, JSON_ARRAY) && keep(b, field, &b->messages);
}

static bool take_tools(body *b, const json_child *field)
{
    return expect(b, field, JSON_ARRAY) && keep(b, field, &b->tools);
}

static bool take_tool_choice(body *b, const json_child *field)
{
    b->no_tools = field->kind == JSON_STRING && strcmp(field->text, "none") == 0;
    return b->no_tools || (field->kind == JSON_STRING && strcmp(field->text, "auto") == 0) ||
           refuse(b, "tool_choice: not supported, but for \"auto\" and \"none\"");
}

static bool take_variables(body *b, const json_child *field)
{
    return expect(b, field, JSON_OBJECT) && keep(b, field, &b->variables);
}

static bool keep_prompt(body *b, const json_child *text)
{
    b->prompt_bytes = text->bytes;
    return keep(b, text, &b->prompt);
}

/* An id, or the only text. */
static bool add_to_prompt(const json_child *id, void *context)
{
    body *b = context;
    openai_request *out = b->out;
    int value = 0;

    if (id->kind == JSON_STRING && !b->prompt && !out->prompt_count)
        return keep_prompt(b, id);
    if (id->kind != JSON_NUMBER || b->prompt)
        return refuse(b, "prompt: %s%s, expected one text, or an array of token ids", json_kind_name(id->kind),
                      b->prompt ? " behind a text" : "");
    const json_child named = {.key = "prompt", .kind = id->kind, .text = id->text, .bytes = id->bytes};
    if (!take_int(b, &named, 0, INT32_MAX - 1, &value))
        return false;
    if (out->prompt_count == out->given_capacity) {
        const size_t capacity = out->given_capacity ? 2 * out->given_capacity : 256;
        int32_t *grown = realloc(out->given, capacity * sizeof *grown);
        if (!grown)
            return refuse(b, "out of memory");
        out->prompt = out->given = grown;
        out->given_capacity = capacity;
    }
    out->given[out->prompt_count++] = value;
    return true;
}

static bool take_prompt(body *b, const json_child *field)
{
    b->has_prompt = true;
    if (field->kind == JSON_ARRAY)
        return json_children(field->text, field->bytes, JSON_ARRAY, add_to_prompt, b);
    return expect(b, field, JSON_STRING) && keep_prompt(b, field);
}

static bool take_model(body *b, const json_child *field)
{
    return expect(b, field, JSON_STRING) && keep(b, field, &b->out->model);
}

static bool take_one(body *b, const json_child *field)
{
    return (expect(b, field, JSON_NUMBER) && strtod(field->text, NULL) == 1) ||
           (field->kind == JSON_NUMBER && refuse(b, "%s: %s, which is not supported here, expected 1", field->key, field->text));
}

static bool take_false(body *b, const json_child *field)
{
    return expect(b, field, JSON_BOOL) && (!field->truth || refuse(b, "%s: true, which is not supported here", field->key));
}

static bool find_text_type(const json_child *child, void *context)
{
    (void)context;
    return strcmp(child->key, "type") == 0 && child->kind == JSON_STRING && strcmp(child->text, "text") == 0;
}

static bool take_response_format(body *b, const json_child *field)
{
    return expect(b, field, JSON_OBJECT) && (json_children(field->text, field->bytes, JSON_OBJECT, find_text_type, NULL) ||
                                             refuse(b, "response_format: not supported, but for {\"type\": \"text\"}"));
}

/* Answers have as many calls as the model makes, whichever is asked for. */
static bool take_bool(body *b, const json_child *field)
{
    return expect(b, field, JSON_BOOL);
}

static bool take_suffix(body *b, const json_child *field)
{
    return expect(b, field, JSON_STRING) && (field->bytes == 0 || refuse(b, "suffix: not supported, but for \"\""));
}

static bool take_modality(const json_child *child, void *context)
{
    return (child->kind == JSON_STRING && strcmp(child->text, "text") == 0) ||
           refuse(context, "modalities: not supported, but for [\"text\"]");
}

static bool take_modalities(body *b, const json_child *field)
{
    return expect(b, field, JSON_ARRAY) && json_children(field->text, field->bytes, JSON_ARRAY, take_modality, b);
}

static bool take_anything(body *b, const json_child *field)
{
    (void)b;
    (void)field;
    return true;
}

enum { CHAT = 1 << ENDPOINT_CHAT, COMPLETIONS = 1 << ENDPOINT_COMPLETIONS, BOTH = CHAT | COMPLETIONS };

static bool take_field(const json_child *field, void *context)
{
    static const struct {
        const char *name;
        int endpoints;
        bool (*take)(body *b, const json_child *field);
    } fields[] = {
        {"messages", CHAT, take_messages},
        {"prompt", COMPLETIONS, take_prompt},
        {"max_tokens", BOTH, take_max_tokens},
        {"max_completion_tokens", CHAT, take_max_tokens},
        {"temperature", BOTH, take_temperature},
        {"top_p", BOTH, take_top_p},
        {"top_k", BOTH, take_top_k},
        {"min_p", BOTH, take_min_p},
        {"repetition_penalty", BOTH, take_repetition_penalty},
        {"presence_penalty", BOTH, take_presence_penalty},
        {"frequency_penalty", BOTH, take_frequency_penalty},
        {"logit_bias", BOTH, take_logit_bias},
        {"seed", BOTH, take_seed},
        {"stop", BOTH, take_stop},
        {"logprobs", BOTH, take_logprobs},
        {"top_logprobs", CHAT, take_top_logprobs},
        {"tools", CHAT, take_tools},
        {"tool_choice", CHAT, take_tool_choice},
        {"chat_template_kwargs", CHAT, take_variables},
        {"response_format", BOTH, take_response_format},
        {"parallel_tool_calls", CHAT, take_bool},
        {"modalities", CHAT, take_modalities},
        {"suffix", COMPLETIONS, take_suffix},
        {"n", BOTH, take_one},
        {"best_of", COMPLETIONS, take_one},
        {"stream", BOTH, take_false},
        {"echo", COMPLETIONS, take_false},
        {"model", BOTH, take_model},
        {"user", BOTH, take_anything},
        {"metadata", BOTH, take_anything},
        {"store", BOTH, take_anything},
        {"service_tier", BOTH, take_anything},
        {"prompt_cache_key", BOTH, take_anything},
        {"safety_identifier", BOTH, take_anything},
    };
    body *b = context;

    if (field->kind == JSON_NULL)
        return true;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, field->key) == 0 && fields[i].endpoints & 1 << b->out->endpoint)
            return fields[i].take(b, field);
    return refuse(b, "%s: not supported", field->key);
}

/* ---- requests ---- */

/* The most likely tokens go with the callback, so they are kept as it comes. */
static bool keep_top(const bombus_token *token, void *context)
{
    openai_request *r = context;
    const size_t wide = (size_t)r->request.top_logprobs;

    if ((r->tokens & (r->tokens - 1)) == 0) { /* as often as the room doubles */
        bombus_logprob *grown = realloc(r->top, (r->tokens ? 2 * r->tokens : 1) * wide * sizeof *grown);
        if (!grown) {
            r->out_of_memory = true;
            return false;
        }
        r->top = grown;
    }
    for (size_t i = 0; i < wide; i++)
        r->top[r->tokens * wide + i] = i < token->top_count ? token->top[i] : (bombus_logprob){.id = -1};
    r->tokens++;
    return true;
}

static bool encode_prompt(body *b, const char *text, size_t bytes, int flags)
{
    openai_request *out = b->out;

    if (bombus_tokenizer_encode(b->defaults->tokenizer, text, bytes, flags, &out->ids, b->err) != BOMBUS_OK)
        return false;
    out->prompt = out->ids.ids;
    out->prompt_count = out->ids.count;
    return true;
}

static bool make_chat(body *b)
{
    const openai_defaults *d = b->defaults;
    const bombus_template_input input = {.messages = b->messages,
                                         .tools = b->no_tools ? NULL : b->tools,
                                         .variables = b->variables ? b->variables : d->template_variables,
                                         .add_generation_prompt = true};
    rendered_prompt *rendered = &b->out->rendered;

    if (!b->messages)
        return refuse(b, "messages: missing");
    if (!d->chat_template)
        return refuse(b, "messages: the model has no chat template");
    if (render_input(d->chat_template, &input, "", rendered, b->err) != BOMBUS_OK)
        return false;
    b->out->request.keep_special = true; /* special tokens mark the answer's parts */
    return encode_prompt(b, rendered->text, rendered->bytes, BOMBUS_NO_SPECIAL);
}

static bool make_completion(body *b)
{
    if (!b->has_prompt)
        return refuse(b, "prompt: missing");
    return !b->prompt || encode_prompt(b, b->prompt, b->prompt_bytes, 0);
}

bool read_openai_request(openai_request *out, openai_endpoint endpoint, const char *text, size_t bytes, const openai_defaults *defaults,
                         bombus_error *err)
{
    body b = {.out = out, .defaults = defaults, .err = err};

    *out = (openai_request){.endpoint = endpoint, .request = *defaults->request};
    err->code = BOMBUS_OK;
    bool done = json_children(text, bytes, JSON_OBJECT, take_field, &b);
    if (!done && err->code == BOMBUS_OK)
        refuse(&b, "body: malformed JSON");
    if (done && !out->model && !(out->model = strdup(defaults->model_name)))
        done = refuse(&b, "out of memory");
    if (done && b.asks_top && !out->logprobs)
        done = refuse(&b, "top_logprobs: needs \"logprobs\": true");
    if (done)
        done = endpoint == ENDPOINT_CHAT ? make_chat(&b) : make_completion(&b);
    if (out->request.top_logprobs) {
        out->request.on_token = keep_top;
        out->request.context = out;
    }
    free(b.messages);
    free(b.tools);
    free(b.variables);
    free(b.prompt);
    return done;
}

void free_openai_request(openai_request *r)
{
    for (size_t i = 0; i < OPENAI_STOPS; i++)
        free(r->stops[i]);
    free(r->given);
    free(r->model);
    free(r->top);
    free_prompt(&r->rendered);
    bombus_ids_free(&r->ids);
    *r = (openai_request){0};
}

/* ---- responses ---- */

typedef struct token_text {
    char *text; /* [bytes] NULL: none. The caller frees it with bombus_text_free */
    size_t bytes;
} token_text;

/* A token's text; bytes that are no whole character are U+FFFD there, as they would be alone. */
static token_text text_of(const bombus_tokenizer *tokenizer, int32_t id)
{
    token_text text = {0};

    if (bombus_tokenizer_token(tokenizer, id))
        bombus_tokenizer_decode(tokenizer, &id, 1, 0, &text.text, &text.bytes, NULL);
    return text;
}

static void write_token_text(json *out, const char *key, const token_text *text)
{
    json_text(out, key, text->text ? text->text : "", text->bytes);
}

/* null where the token is a piece of a character: its bytes are not known then. */
static void write_token_bytes(json *out, const token_text *text)
{
    if (!text->text || strstr(text->text, "\xef\xbf\xbd")) {
        json_null(out, "bytes");
        return;
    }
    json_key(out, "bytes");
    json_array(out);
    for (size_t i = 0; i < text->bytes; i++)
        json_int(out, NULL, (unsigned char)text->text[i]);
    json_array_end(out);
}

static const bombus_logprob *top_of(const openai_request *r, size_t token, size_t at)
{
    const size_t wide = (size_t)r->request.top_logprobs;

    if (token >= r->tokens || at >= wide || r->top[token * wide + at].id < 0)
        return NULL;
    return &r->top[token * wide + at];
}

static void write_logprob(json *out, const bombus_tokenizer *tokenizer, int32_t id, float logprob)
{
    const token_text text = text_of(tokenizer, id);

    write_token_text(out, "token", &text);
    json_int(out, "id", id);
    json_float(out, "logprob", (double)logprob, 9);
    write_token_bytes(out, &text);
    bombus_text_free(text.text);
}

static void write_chat_logprobs(json *out, const openai_request *r, const bombus_result *result, const bombus_tokenizer *tokenizer)
{
    const bombus_logprob *top;

    json_object(out);
    json_key(out, "content");
    json_array(out);
    for (size_t i = 0; i < result->token_count; i++) {
        json_object(out);
        write_logprob(out, tokenizer, result->tokens[i], result->logprobs[i]);
        json_key(out, "top_logprobs");
        json_array(out);
        for (size_t j = 0; (top = top_of(r, i, j)); j++) {
            json_object(out);
            write_logprob(out, tokenizer, top->id, top->logprob);
            json_object_end(out);
        }
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
}

/* An object of texts: of tokens that have one text, the likeliest is there. */
static void write_top(json *out, const openai_request *r, const bombus_tokenizer *tokenizer, size_t token)
{
    token_text texts[OPENAI_TOP];
    const bombus_logprob *top;
    size_t count = 0;

    json_object(out);
    for (; count < OPENAI_TOP && (top = top_of(r, token, count)); count++) {
        const token_text *text = &texts[count];
        bool twice = false;
        texts[count] = text_of(tokenizer, top->id);
        for (size_t i = 0; i < count && !twice; i++)
            twice = texts[i].bytes == text->bytes && (!text->bytes || memcmp(texts[i].text, text->text, text->bytes) == 0);
        if (twice)
            continue;
        write_token_text(out, NULL, text); /* the key, in which a NUL may be */
        json_float(out, NULL, (double)top->logprob, 9);
    }
    json_object_end(out);
    while (count)
        bombus_text_free(texts[--count].text);
}

static int64_t count_characters(const char *text, size_t bytes)
{
    int64_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += (text[i] & 0xc0) != 0x80;
    return count;
}

/* Where each token begins in the text, in characters; one that goes on in a character, where that begins. */
static bool write_offsets(json *out, const openai_request *r, const bombus_result *result, bombus_tokenizer *tokenizer)
{
    const int64_t all = count_characters(result->text, result->text_bytes);
    bombus_detokenizer *detokenizer;
    bombus_error err;
    const char *text;
    size_t bytes;
    int64_t at = 0;
    bombus_status status = bombus_detokenizer_create(&detokenizer, tokenizer, r->request.keep_special ? 0 : BOMBUS_SKIP_SPECIAL, &err);

    if (status != BOMBUS_OK)
        return complain("%s", err.message) < 0;
    json_key(out, "text_offset");
    json_array(out);
    for (size_t i = 0; i < result->token_count && status == BOMBUS_OK; i++) {
        json_int(out, NULL, at < all ? at : all); /* a stop string has ended the text before */
        if ((status = bombus_detokenizer_push(detokenizer, result->tokens[i], &text, &bytes, &err)) == BOMBUS_OK)
            at += count_characters(text, bytes);
    }
    json_array_end(out);
    bombus_detokenizer_free(detokenizer);
    return status == BOMBUS_OK || complain("%s", err.message) < 0;
}

static bool write_completion_logprobs(json *out, const openai_request *r, const bombus_result *result, bombus_tokenizer *tokenizer)
{
    json_object(out);
    json_key(out, "tokens");
    json_array(out);
    for (size_t i = 0; i < result->token_count; i++) {
        const token_text text = text_of(tokenizer, result->tokens[i]);
        write_token_text(out, NULL, &text);
        bombus_text_free(text.text);
    }
    json_array_end(out);
    json_key(out, "token_logprobs");
    json_array(out);
    for (size_t i = 0; i < result->token_count; i++)
        json_float(out, NULL, (double)result->logprobs[i], 9);
    json_array_end(out);
    json_key(out, "top_logprobs");
    json_array(out);
    for (size_t i = 0; i < result->token_count; i++)
        write_top(out, r, tokenizer, i);
    json_array_end(out);
    const bool done = write_offsets(out, r, result, tokenizer);
    json_object_end(out);
    return done;
}

/* "arguments" is a text in this API. */
static void write_tool_calls(json *out, const parts *split, long number)
{
    char id[64];

    json_key(out, "tool_calls");
    json_array(out);
    for (size_t i = 0; i < split->call_count; i++) {
        const tool_call *call = &split->calls[i];
        snprintf(id, sizeof id, "call_%ld_%zu", number, i);
        json_object(out);
        json_string(out, "id", call->id ? call->id : id);
        json_string(out, "type", "function");
        json_key(out, "function");
        json_object(out);
        json_string(out, "name", call->name);
        json_string(out, "arguments", call->arguments);
        json_object_end(out);
        json_object_end(out);
    }
    json_array_end(out);
}

static bool write_message(json *out, const openai_request *r, const bombus_result *result, long number, bool *calls)
{
    parts split = {0};

    if (!split_answer(&r->rendered, result->text, result->text_bytes, &split))
        return false;
    *calls = split.call_count > 0;
    json_key(out, "message");
    json_object(out);
    json_string(out, "role", "assistant");
    if (split.content.size || !*calls)
        json_text(out, "content", split.content.size ? split.content.data : "", split.content.size);
    else
        json_null(out, "content");
    if (split.reasoning.size)
        json_text(out, "reasoning_content", split.reasoning.data, split.reasoning.size);
    json_null(out, "refusal");
    if (*calls)
        write_tool_calls(out, &split, number);
    json_object_end(out);
    free_parts(&split);
    return true;
}

bool write_openai_response(json *out, const openai_request *r, const bombus_result *result, bombus_tokenizer *tokenizer, long number,
                           int64_t created)
{
    const bool chat = r->endpoint == ENDPOINT_CHAT;
    bool calls = false, done = true;
    char id[64];

    snprintf(id, sizeof id, "%s-%ld", chat ? "chatcmpl" : "cmpl", number);
    json_key(out, "body");
    json_object(out);
    json_string(out, "id", id);
    json_string(out, "object", chat ? "chat.completion" : "text_completion");
    json_int(out, "created", created);
    json_string(out, "model", r->model);
    json_key(out, "choices");
    json_array(out);
    json_object(out);
    json_int(out, "index", 0);
    if (chat)
        done = write_message(out, r, result, number, &calls);
    else
        json_text(out, "text", result->text, result->text_bytes);
    json_key(out, "logprobs");
    if (!r->logprobs)
        json_null(out, NULL);
    else if (chat)
        write_chat_logprobs(out, r, result, tokenizer);
    else
        done = write_completion_logprobs(out, r, result, tokenizer);
    json_string(out, "finish_reason", calls && result->finish == BOMBUS_FINISH_STOP ? "tool_calls" : bombus_finish_name(result->finish));
    json_object_end(out);
    json_array_end(out);
    json_key(out, "usage");
    json_object(out);
    json_int(out, "prompt_tokens", (int64_t)r->prompt_count);
    json_int(out, "completion_tokens", (int64_t)result->token_count);
    json_int(out, "total_tokens", (int64_t)(r->prompt_count + result->token_count));
    json_key(out, "prompt_tokens_details");
    json_object(out);
    json_int(out, "cached_tokens", (int64_t)result->cached_count);
    json_object_end(out);
    json_object_end(out);
    json_object_end(out);
    return done;
}
