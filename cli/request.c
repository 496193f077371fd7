/* How an answer is drawn, stopped and interrupted. */
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { LONGEST_WINDOW = 1 << 20 }; /* a penalty's */

void begin_request(request_choice *choice, int max_tokens)
{
    *choice = (request_choice){0};
    bombus_request_init(&choice->request);
    choice->request.max_tokens = max_tokens;
}

/* ---- options ---- */

void add_request_options(option_table *table, request_choice *c)
{
    bombus_request *r = &c->request;
    const option options[] = {
        with_given(&c->given.temperature,
                   float_option("temp", &r->temperature, "T", 0, HUGE_FLOAT,
                                "Temperature; 0 takes the most likely token, and drops all of the model's sampling defaults (default: the "
                                "model's, else 0).")),
        with_given(&c->given.top_p,
                   float_option("top-p", &r->top_p, "P", 0, 1,
                                "Draw among the most likely tokens that together have probability P (default: the model's, else 1, off).")),
        with_given(
            &c->given.min_p,
            float_option("min-p", &r->min_p, "P", 0, 1,
                         "Draw among tokens at least P times as likely as the most likely one (default: the model's, else 0, off).")),
        int_option("min-tokens-to-keep", &r->min_keep, "N", 1, INT_MAX, "Tokens that --min-p keeps at least (default: 1)."),
        with_given(&c->given.top_k, int_option("top-k", &r->top_k, "K", 0, INT_MAX,
                                               "Draw among the K most likely tokens (default: the model's, else 0, off).")),
        seed_option("seed", &r->seed, &c->has_seed,
                    "The same seed gives the same answer. Without it each run draws its own, and says which."),
        with_given(&c->given.repetition_penalty,
                   float_option("repetition-penalty", &r->repetition_penalty, "X", 0, HUGE_FLOAT,
                                "Divide positive logits of recent tokens by X and multiply negative ones (default: the model's, else 1, "
                                "off).")),
        int_option("repetition-context-size", &r->repetition_window, "N", 1, LONGEST_WINDOW,
                   "How many tokens of prompt and answer it looks back on (default: 20)."),
        float_option("presence-penalty", &r->presence_penalty, "X", -HUGE_FLOAT, HUGE_FLOAT,
                     "Subtract X from the logits of recent tokens (default: 0, off)."),
        int_option("presence-context-size", &r->presence_window, "N", 1, LONGEST_WINDOW, "How many tokens it looks back on (default: 20)."),
        float_option("frequency-penalty", &r->frequency_penalty, "X", -HUGE_FLOAT, HUGE_FLOAT,
                     "Subtract X from the logits of recent tokens for each time they occurred (default: 0, off)."),
        int_option("frequency-context-size", &r->frequency_window, "N", 1, LONGEST_WINDOW,
                   "How many tokens it looks back on (default: 20)."),
        list_option("logit-bias", &c->biases, "ID:BIAS", "Add BIAS to the logit of a token; -inf bans it. May be given again."),
        list_option("stop", &c->stops, "TEXT", "End the answer before TEXT. May be given again: then before the first of them to appear."),
        list_option("extra-eos-token", &c->end_tokens, "TOKEN",
                    "A token, as the vocabulary spells it or by id, that ends the answer besides the model's own. May be given again."),
        flag_option("ignore-eos", &r->ignore_end, "The model's end tokens do not end the answer."),
    };

    add_options(table, options, sizeof options / sizeof *options);
}

/* "ID:BIAS" */
static int read_biases(const command *self, request_choice *c)
{
    for (int i = 0; i < c->biases.count; i++) {
        const char *text = c->biases.items[i];
        char *end = NULL, *after = NULL;
        errno = 0;
        const long id = strtol(text, &end, 10);
        const double bias = *end == ':' ? strtod(end + 1, &after) : 0;
        if (end == text || !after || after == end + 1 || *after || errno || id < 0 || id > INT32_MAX || !(bias < HUGE_FLOAT))
            return complain_usage(self, "--logit-bias: \"%s\", expected ID:BIAS, for example 42:-3.5", text);
        c->bias[i] = (bombus_logit_bias){(int32_t)id, (float)bias};
    }
    c->request.logit_bias = c->bias;
    c->request.logit_bias_count = (size_t)c->biases.count;
    return -1;
}

int read_request(const command *self, request_choice *c)
{
    if (!c->has_seed) {
        uint32_t seed = 0; /* short enough to be typed */
        if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed)
            c->request.seed = seed;
    }
    c->request.stops = c->stops.items;
    c->request.stop_count = (size_t)c->stops.count;
    return read_biases(self, c);
}

/* ---- what the model says ---- */

/* A token as the vocabulary spells it, or an id. */
static bool find_end_tokens(request_choice *c, const bombus_tokenizer *tokenizer)
{
    for (int i = 0; i < c->end_tokens.count; i++) {
        const char *text = c->end_tokens.items[i];
        char *end;
        errno = 0;
        const long number = strtol(text, &end, 10);
        const bool is_id = *text && !*end && !errno && number >= 0 && number < bombus_tokenizer_size(tokenizer);
        const int32_t id = is_id ? (int32_t)number : bombus_tokenizer_id(tokenizer, text);
        if (id < 0) {
            complain("--extra-eos-token: \"%s\", expected a token of the vocabulary, or an id below %" PRId32, text,
                     bombus_tokenizer_size(tokenizer));
            return false;
        }
        c->stop_tokens[i] = id;
    }
    c->request.stop_tokens = c->stop_tokens;
    c->request.stop_token_count = (size_t)c->end_tokens.count;
    return true;
}

/* What no flag says of sampling, the model does; plain greedy leaves it no say. */
static void adopt_sampling(request_choice *c, const bombus_model *model)
{
    bombus_request *r = &c->request, defaults;

    if (c->given.temperature && r->temperature == 0)
        return;
    bombus_request_init_for(&defaults, model);
    if (!c->given.temperature)
        r->temperature = defaults.temperature;
    if (!c->given.top_p)
        r->top_p = defaults.top_p;
    if (!c->given.min_p)
        r->min_p = defaults.min_p;
    if (!c->given.top_k)
        r->top_k = defaults.top_k;
    if (!c->given.repetition_penalty)
        r->repetition_penalty = defaults.repetition_penalty;
}

bool finish_request(request_choice *choice, const bombus_model *model, const bombus_tokenizer *tokenizer)
{
    adopt_sampling(choice, model);
    return find_end_tokens(choice, tokenizer);
}

/* ---- interrupts ---- */

volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void catch_interrupt(bool once)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)(SA_RESTART | (once ? SA_RESETHAND : 0))};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

/* ---- speeds ---- */

/* The first token is the prompt's work; the time after it is that of the others. */
double generation_rate(const bombus_result *result)
{
    return result->token_count > 1 ? rate((double)result->token_count - 1, result->generate_seconds) : NAN;
}

void print_speed(const char *name, size_t count, double per_second)
{
    if (isfinite(per_second))
        fprintf(stderr, "%s: %zu tokens, %.3f tokens-per-sec\n", name, count, per_second);
    else
        fprintf(stderr, "%s: %zu tokens\n", name, count);
}

void print_seed(const request_choice *choice)
{
    if (choice->request.temperature > 0 && !choice->has_seed)
        fprintf(stderr, "Seed: %" PRIu64 "\n", choice->request.seed);
}
