/* bombus perplexity: how well a model predicts a text. */
#include "json.h"
#include "load.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_WINDOW = 2048,
    ROWS = 32, /* positions computed at once: their logits are held, and [32, V] of them is no burden */
};

typedef struct choice {
    model_choice model; /* its context is the window */
    const char *data, *logits;
    bool json;
} choice;

typedef struct score {
    double sum; /* of negative log-likelihoods, in nats */
    size_t predicted, windows;
    double seconds;
} score;

/* -log of the probability that logits [V] give to id. */
static double surprise(const float *logits, int V, int32_t id)
{
    double max = -INFINITY, sum = 0;

    for (int i = 0; i < V; i++)
        max = (double)logits[i] > max ? (double)logits[i] : max;
    for (int i = 0; i < V; i++)
        sum += exp((double)logits[i] - max);
    return log(sum) + max - (double)logits[id];
}

/* Feeds ids [count] to an empty session, and adds up how the model foresaw all but the first. logits is [count, V] where keep, else [ROWS,
 * V].
 */
static bool score_window(bombus_session *session, const int32_t *ids, size_t count, int V, float *logits, bool keep, score *out)
{
    bombus_error err;

    if (bombus_session_rewind(session, 0, &err)) {
        complain("%s", err.message);
        return false;
    }
    for (size_t start = 0; start < count; start += ROWS) {
        const size_t rows = count - start < ROWS ? count - start : ROWS;
        float *at = keep ? logits + start * (size_t)V : logits;
        if (bombus_session_eval(session, ids + start, rows, at, &err)) {
            complain("%s", err.message);
            return false;
        }
        for (size_t i = 0; i < rows && start + i + 1 < count; i++) {
            out->sum += surprise(at + i * (size_t)V, V, ids[start + i + 1]);
            out->predicted++;
        }
    }
    out->windows++;
    return true;
}

static bool save_logits(const char *path, const float *logits, size_t T, int V)
{
    const int64_t shape[] = {(int64_t)T, V};
    bombus_tensor *tensor;
    bombus_error err;

    bombus_status status = bombus_tensor_borrow(&tensor, BOMBUS_F32, 2, shape, logits, NULL, NULL, &err);
    if (!status) {
        const bombus_safetensors_entry entry = {"logits", tensor};
        status = bombus_safetensors_write(path, &entry, 1, NULL, 0, &err);
        bombus_tensor_free(tensor);
    }
    if (status)
        complain("%s", err.message);
    return !status;
}

static bool print_score(const choice *c, size_t tokens, int window, const score *s)
{
    const double loss = s->sum / (double)s->predicted, speed = rate((double)tokens, s->seconds);

    if (!c->json) {
        print("Tokens      %zu, of which %zu are predicted, in %zu window%s of up to %d\n", tokens, s->predicted, s->windows,
              s->windows == 1 ? "" : "s", window);
        print("Loss        %.6f\n", loss);
        print("Perplexity  %.6f\n", exp(loss));
        return flush_output();
    }

    json *out = json_begin();
    json_object(out);
    json_float(out, "loss", loss, 9);
    json_float(out, "perplexity", exp(loss), 9);
    json_int(out, "tokens", (int64_t)tokens);
    json_int(out, "predicted_tokens", (int64_t)s->predicted);
    json_int(out, "windows", (int64_t)s->windows);
    json_int(out, "context", window);
    json_float(out, "seconds", s->seconds, 6);
    json_float(out, "tokens_per_second", speed, 6);
    json_int(out, "peak_memory_bytes", peak_memory());
    json_object_end(out);
    return json_finish(out);
}

/* The length of a window; 0 after a complaint. */
static int plan_window(const choice *c, int context, size_t tokens)
{
    int window = c->model.context ? c->model.context : context;

    if (tokens < 2) {
        complain("%s: %zu token%s, expected at least 2", c->data, tokens, tokens == 1 ? "" : "s");
        return 0;
    }
    if (c->logits && tokens > (size_t)window) {
        complain("%s: %zu tokens, expected at most %d (the context) for --logits", c->data, tokens, window);
        return 0;
    }
    if (!c->model.context && !c->logits && window > DEFAULT_WINDOW)
        window = DEFAULT_WINDOW;
    return window;
}

static bool measure(const choice *c, bombus_model *model, const bombus_ids *ids)
{
    const bombus_model_info *info = bombus_model_get_info(model);
    const size_t V = (size_t)info->vocabulary;
    const int window = plan_window(c, info->context, ids->count);
    bombus_session *session;
    score s = {0};

    if (!window)
        return false;
    const size_t longest = ids->count < (size_t)window ? ids->count : (size_t)window;
    if (!open_session(&c->model, model, NULL, (int)longest, &session))
        return false;

    bool done = false;
    const double begun = seconds_now();
    float *logits = calloc(c->logits ? ids->count : ROWS, V * sizeof *logits);
    if (!logits) {
        complain("out of memory: %zu bytes of logits", (c->logits ? ids->count : ROWS) * V * sizeof *logits);
        goto out;
    }
    /* A last window of one token has nothing to predict. */
    for (size_t start = 0; start + 1 < ids->count; start += longest) {
        const size_t count = ids->count - start < longest ? ids->count - start : longest;
        if (!score_window(session, ids->ids + start, count, (int)V, logits, c->logits != NULL, &s))
            goto out;
    }
    s.seconds = seconds_now() - begun;
    if (!isfinite(s.sum)) {
        complain("%s: the logits are not finite numbers, so there is no loss", c->model.path);
        goto out;
    }
    done = (!c->logits || save_logits(c->logits, logits, ids->count, (int)V)) && print_score(c, ids->count, window, &s);
    if (done && !c->json)
        fprintf(stderr, "%.3f seconds, %.3f tokens-per-sec, peak memory %.3f GB\n", s.seconds, rate((double)ids->count, s.seconds),
                (double)peak_memory() / 1e9);
out:
    free(logits);
    bombus_session_free(session);
    return done;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {.model = {.chunk = ROWS}};
    bombus_tokenizer *tokenizer = NULL;
    bombus_model *model = NULL;
    bombus_ids ids = {0};
    char *text;
    size_t bytes;
    option_table table = {0};
    const option own[] = {
        model_option(&c.model),
        text_option("data", &c.data, "FILE", "The text, UTF-8; - reads standard input."),
        text_option("logits", &c.logits, "FILE",
                    "Save the logits too, as tensor \"logits\" (F32 [tokens, vocabulary]) of a safetensors file. The text must fit one "
                    "window."),
        int_option("context", &c.model.context, "N", 2, INT_MAX,
                   "Tokens in a window (default: what the model was made for, at most 2048; with --logits what it was made for)."),
        flag_option("json", &c.json,
                    "Print one JSON object: loss, perplexity, tokens, predicted_tokens, windows, context, speed, peak_memory_bytes."),
        kv_option(&c.model),
        threads_option(&c.model),
        compute_option(&c.model),
    };

    add_options(&table, own, sizeof own / sizeof *own);
    add_adapter_options(&table, &c.model);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if (!c.data)
        return complain_usage(self, "--data is missing");
    if ((status = need_model(self, &c.model.path)) >= 0)
        return status;
    if (!read_input(c.data, &text, &bytes))
        return EXIT_FAILED;

    const bool done = load_model(&c.model, &model) && load_tokenizer(c.model.path, &tokenizer) &&
                      encode(tokenizer, c.data, text, bytes, 0, &ids) && measure(&c, model, &ids);
    bombus_ids_free(&ids);
    free(text);
    bombus_model_free(model);
    bombus_tokenizer_free(tokenizer);
    return done ? EXIT_OK : EXIT_FAILED;
}

const command cmd_perplexity = {
    .name = "perplexity",
    .summary = "Measure how well a model predicts a text",
    .synopsis = "[--model DIR] --data FILE [options]",
    .description = "Prints the loss, the mean over tokens of -log p in nats, and the perplexity, exp(loss). The text gets the special\n"
                   "tokens that the tokenizer adds. A text longer than a window is cut into windows one behind the other, which know\n"
                   "nothing of each other; the first token of each is not predicted.",
    .run = run,
};
