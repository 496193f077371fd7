/* openai.h: requests in the form of OpenAI's API as ours, and our results in the form of its responses. */
#ifndef OPENAI_H
#define OPENAI_H

#include "json.h"
#include "prompt.h"

typedef enum openai_endpoint { ENDPOINT_CHAT, ENDPOINT_COMPLETIONS } openai_endpoint;

/* What a body does not say, and what it is read with. */
typedef struct openai_defaults {
    const bombus_tokenizer *tokenizer;
    const bombus_template *chat_template; /* NULL: chats are refused */
    const char *template_variables;       /* a JSON object, or NULL */
    const bombus_request *request;
    const char *model_name;
} openai_defaults;

enum { OPENAI_STOPS = 64, OPENAI_BIASES = 300, OPENAI_TOP = 20 };

/* A request, ready to be submitted; and what becomes of it. */
typedef struct openai_request {
    openai_endpoint endpoint;
    char *model;           /* as the body names it */
    const int32_t *prompt; /* [prompt_count] */
    size_t prompt_count;
    bombus_request request; /* what it points at is in here */
    rendered_prompt rendered;
    bool logprobs;

    bombus_ids ids; /* the prompt, where it was a text */
    int32_t *given; /* or as it was given */
    size_t given_capacity;
    char *stops[OPENAI_STOPS];
    bombus_logit_bias biases[OPENAI_BIASES];
    bombus_logprob *top; /* [tokens][request.top_logprobs], with ids of -1 where there are fewer; NULL where none are asked for */
    size_t tokens;
    bool out_of_memory;
} openai_request;

/* Reads a body, JSON [bytes]. Returns false with what is wrong in err; free_openai_request follows in any case. While the request runs,
 * *out stays where it is: its callback keeps log-probabilities there. */
bool read_openai_request(openai_request *out, openai_endpoint endpoint, const char *body, size_t bytes, const openai_defaults *defaults,
                         bombus_error *err);
void free_openai_request(openai_request *request);

/* The response's body, a member of the present object. number tells it from others. Complains and returns false where that fails. */
bool write_openai_response(json *out, const openai_request *request, const bombus_result *result, bombus_tokenizer *tokenizer, long number,
                           int64_t created);

#endif
