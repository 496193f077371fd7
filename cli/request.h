/* request.h: how an answer is drawn, stopped and interrupted: what generate and chat share. */
#ifndef REQUEST_H
#define REQUEST_H

#include "load.h"

#include <signal.h>

/* Begins with begin_request; the request is whole once finish_request has been called. */
typedef struct request_choice {
    bombus_request request;
    struct {
        bool temperature, top_p, min_p, top_k, repetition_penalty;
    } given; /* of the request: what is not is the model's to say */
    bool has_seed;
    text_list stops, end_tokens, biases;
    bombus_logit_bias bias[MAX_LIST];
    int32_t stop_tokens[MAX_LIST];
} request_choice;

void begin_request(request_choice *choice, int max_tokens);
void add_request_options(option_table *table, request_choice *choice);
/* What the options say in their texts, and a seed where none was given. Returns -1, or the exit status of wrong usage. */
int read_request(const command *self, request_choice *choice);
/* What the model and its tokenizer have to say. Complains and returns false where an option names no token. */
bool finish_request(request_choice *choice, const bombus_model *model, const bombus_tokenizer *tokenizer);

/* Set by Ctrl-C once catch_interrupt has been called. once: a second Ctrl-C ends the program. */
extern volatile sig_atomic_t interrupted;
void catch_interrupt(bool once);

/* Tokens a second; NaN where that cannot be said. */
double generation_rate(const bombus_result *result);
/* "Prompt: 12 tokens, 345.678 tokens-per-sec" on standard error. */
void print_speed(const char *name, size_t count, double per_second);
/* The seed on standard error, where it was drawn and matters. */
void print_seed(const request_choice *choice);

#endif
