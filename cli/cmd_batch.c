/* bombus batch: a file of requests, answered side by side; a file of results, in the order of the requests.
 *
 * As soon as a request ends another goes to the engine, so that it always has enough to do, however long the one takes whose result is
 * written next; results that come early wait for their turn, up to so many bytes of them. A result is one line, written at once: so what a
 * killed run leaves is whole lines and at most one piece of a line, and the next run goes on behind the last whole one. Results begin in a
 * way of their own, so that a file that is something else is told from them and left alone; and nothing is cut off before the engine stands
 * ready to write. */
#include "openai.h"
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    AHEAD = 4,              /* requests in the engine's hands for each that it runs at once */
    KEPT_BYTES = 256 << 20, /* of results that wait for their turn; beyond, nothing is submitted */
};

typedef struct batch batch;

typedef struct choice {
    model_choice model;
    prompt_choice chat;
    request_choice request;
    const char *input, *output;
    int concurrency;
    int kv_megabytes;
    bool quiet;
} choice;

/* A line of the input. */
typedef struct line {
    const char *text; /* [bytes] */
    size_t bytes;
    size_t number;   /* in the file, from 1 */
    char *custom_id; /* NULL where it has none */
} line;

/* What a line asks for, from being read until its result is made. */
typedef struct job {
    batch *batch;
    size_t at;        /* the line */
    struct job *next; /* of those that are free, or have ended */
    bool open;
    char *method, *url, *body;
    openai_request request;
    bombus_ticket *ticket; /* NULL: it was refused */
    int status;            /* of the response, as HTTP has them; 0: the line is no request at all */
    bombus_error error;    /* what it was refused for */
} job;

struct batch {
    const choice *choice;
    line *lines; /* [count] those that are not empty */
    size_t count;
    size_t done;  /* results that are there already, or have been written */
    size_t begun; /* done before this run */
    off_t seen;   /* bytes that were there, */
    off_t whole;  /* and those of them that are results, without a piece of one behind */
    FILE *output;
    bombus_tokenizer *tokenizer;
    bombus_serving *serving;
    bombus_adapter_use adapters[MAX_LIST]; /* [adapter_count] of all requests */
    size_t adapter_count;
    openai_defaults defaults;
    job *jobs, *free; /* [window] */
    size_t window;
    size_t submitted;
    char **results; /* [count] lines that wait for their turn, NULL where there is none */
    size_t kept, kept_bytes;
    size_t refused;
    size_t tokens; /* generated in this run */
    double start;

    pthread_mutex_t mutex;
    pthread_cond_t heard;
    job *ended; /* by the engine's thread; under the mutex */
};

/* ---- lines ---- */

static bool split_lines(char *text, size_t bytes, line **lines, size_t *count)
{
    size_t capacity = 0, number = 1;

    for (size_t at = 0; at < bytes; number++) {
        const char *end = memchr(text + at, '\n', bytes - at);
        const size_t length = end ? (size_t)(end - text) - at : bytes - at;
        if (strspn(text + at, " \t\r\n") < length) {
            if (*count == capacity) {
                capacity = capacity ? 2 * capacity : 1024;
                line *grown = realloc(*lines, capacity * sizeof *grown);
                if (!grown) {
                    complain("out of memory: %zu lines", capacity);
                    return false;
                }
                *lines = grown;
            }
            (*lines)[(*count)++] = (line){.text = text + at, .bytes = length, .number = number};
        }
        at += length + 1;
    }
    return true;
}

static bool keep_text(const json_child *child, char **out)
{
    free(*out);
    *out = malloc(child->bytes + 1);
    if (!*out)
        return false;
    memcpy(*out, child->text, child->bytes);
    (*out)[child->bytes] = '\0';
    return true;
}

static bool find_custom_id(const json_child *child, void *context)
{
    if (strcmp(child->key, "custom_id") != 0)
        return true;
    return child->kind != JSON_STRING || keep_text(child, context);
}

/* The custom_id of a line, NULL where it has none. */
static char *custom_id_of(const char *text, size_t bytes)
{
    char *id = NULL;

    json_children(text, bytes, JSON_OBJECT, find_custom_id, &id);
    return id;
}

static int compare_custom_ids(const void *a, const void *b)
{
    const line *x = *(const line *const *)a, *y = *(const line *const *)b;
    const int order = strcmp(x->custom_id, y->custom_id);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Reads the custom_id of each line, of which no two may have the same: results could not be told apart by it. */
static bool read_custom_ids(const char *path, line *lines, size_t count)
{
    const line **sorted = malloc((count + 1) * sizeof *sorted);
    size_t named = 0;
    bool once = true;

    if (!sorted)
        return complain("out of memory: %zu lines", count) < 0;
    for (size_t i = 0; i < count; i++) {
        lines[i].custom_id = custom_id_of(lines[i].text, lines[i].bytes);
        if (lines[i].custom_id)
            sorted[named++] = &lines[i];
    }
    qsort(sorted, named, sizeof *sorted, compare_custom_ids);
    for (size_t i = 1; i < named && once; i++)
        if (strcmp(sorted[i - 1]->custom_id, sorted[i]->custom_id) == 0)
            once = complain("%s: line %zu: custom_id: \"%s\", which line %zu has already", path, sorted[i]->number, sorted[i]->custom_id,
                            sorted[i - 1]->number) < 0;
    free(sorted);
    return once;
}

static bool take_member(const json_child *child, void *context)
{
    job *j = context;

    if (strcmp(child->key, "method") == 0 && child->kind != JSON_NULL)
        return keep_text(child->kind == JSON_STRING ? child : &(json_child){.text = ""}, &j->method); /* "" is none */
    if (strcmp(child->key, "url") == 0 && child->kind == JSON_STRING)
        return keep_text(child, &j->url);
    if (strcmp(child->key, "body") == 0 && child->kind == JSON_OBJECT)
        return keep_text(child, &j->body);
    return true;
}

static void close_job(job *j)
{
    bombus_ticket_free(j->ticket);
    if (j->open)
        free_openai_request(&j->request);
    free(j->method);
    free(j->url);
    free(j->body);
    *j = (job){.batch = j->batch};
}

/* ---- requests ---- */

static void refuse(job *j, int status, const char *message)
{
    j->status = status;
    snprintf(j->error.message, sizeof j->error.message, "%s", message);
}

/* On the engine's thread. */
static void hear_end(bombus_ticket *ticket, void *context)
{
    job *j = context;
    batch *b = j->batch;

    (void)ticket;
    pthread_mutex_lock(&b->mutex);
    j->next = b->ended;
    b->ended = j;
    pthread_cond_signal(&b->heard);
    pthread_mutex_unlock(&b->mutex);
}

static void submit(batch *b, job *j)
{
    const line *asked = &b->lines[j->at];
    bombus_request defaults = *b->defaults.request;
    openai_defaults with_seed = b->defaults;

    if (!json_children(asked->text, asked->bytes, JSON_OBJECT, take_member, j)) {
        refuse(j, 0, "malformed JSON, expected an object on one line");
        return;
    }
    if (!asked->custom_id || !j->url || !j->body) {
        const char *missing = !asked->custom_id ? "custom_id: missing, expected a string"
                              : !j->url         ? "url: missing, expected a string"
                                                : "body: missing, expected an object";
        refuse(j, 0, missing);
        return;
    }
    if (j->method && strcmp(j->method, "POST") != 0) {
        refuse(j, 405, "method: expected \"POST\"");
        return;
    }
    const bool chat = strcmp(j->url, "/v1/chat/completions") == 0;
    if (!chat && strcmp(j->url, "/v1/completions") != 0) {
        refuse(j, 404, "url: expected /v1/chat/completions or /v1/completions");
        return;
    }
    defaults.seed += j->at; /* so that lines that are alike have answers that are not, and a continued run the same */
    with_seed.request = &defaults;
    j->open = true;
    if (!read_openai_request(&j->request, chat ? ENDPOINT_CHAT : ENDPOINT_COMPLETIONS, j->body, strlen(j->body), &with_seed, &j->error)) {
        j->status = 400;
        return;
    }
    const bombus_submission submission = {.prompt = j->request.prompt,
                                          .prompt_count = j->request.prompt_count,
                                          .request = &j->request.request,
                                          .adapters = b->adapters,
                                          .adapter_count = b->adapter_count,
                                          .on_end = hear_end,
                                          .context = j};
    const bombus_status status = bombus_serving_submit(b->serving, &j->ticket, &submission, &j->error);
    j->status = status == BOMBUS_OK ? 200 : status == BOMBUS_ENOMEM ? 500 : 400;
}

/* ---- results ---- */

static void write_error(json *out, const char *type, const char *message)
{
    json_key(out, "error");
    json_object(out);
    json_string(out, "message", message);
    json_string(out, "type", type);
    json_null(out, "param");
    json_null(out, "code");
    json_object_end(out);
}

static bool write_response(batch *b, json *out, const job *j, const bombus_result *result, size_t at)
{
    char id[64];
    bool done = true;

    snprintf(id, sizeof id, "req_%zu", at);
    json_key(out, "response");
    json_object(out);
    json_int(out, "status_code", j->status);
    json_string(out, "request_id", id);
    if (j->status == 200) {
        done = write_openai_response(out, &j->request, result, b->tokenizer, (long)at, (int64_t)time(NULL));
    } else {
        json_key(out, "body");
        json_object(out);
        write_error(out, j->status == 500 ? "server_error" : "invalid_request_error", j->error.message);
        json_object_end(out);
    }
    json_object_end(out);
    json_null(out, "error");
    return done;
}

/* Leaves the line, which waits for its turn. */
static bool make_result(batch *b, const job *j, const bombus_result *result)
{
    const size_t at = j->at;
    json *out = json_begin_text();
    char id[64];

    snprintf(id, sizeof id, "batch_req_%zu", at);
    json_object(out);
    json_string(out, "id", id); /* first: begin_line says so too */
    json_string(out, "custom_id", b->lines[at].custom_id);
    bool done = true;
    if (j->status) {
        done = write_response(b, out, j, result, at);
    } else {
        json_null(out, "response");
        json_key(out, "error");
        json_object(out);
        json_string(out, "code", "invalid_line");
        json_string(out, "message", j->error.message);
        json_object_end(out);
    }
    json_object_end(out);
    char *text = json_take_text(out, b->choice->input);
    if (!done || !text) {
        free(text);
        return false;
    }
    b->results[at] = text;
    b->kept++;
    b->kept_bytes += strlen(text);
    return true;
}

/* One line of the output, flushed at once. */
static bool write_line(batch *b, const char *text)
{
    const size_t bytes = strlen(text);

    if (fwrite(text, 1, bytes, b->output) == bytes && fputc('\n', b->output) != EOF && fflush(b->output) == 0)
        return true;
    complain("%s: cannot write: %s", b->choice->output, strerror(errno));
    return false;
}

/* Those whose turn it is. */
static bool write_results(batch *b)
{
    for (; b->done < b->count && b->results[b->done]; b->done++) {
        char *text = b->results[b->done];
        if (!write_line(b, text))
            return false;
        b->results[b->done] = NULL;
        b->kept--;
        b->kept_bytes -= strlen(text);
        free(text);
    }
    return true;
}

/* ---- progress ---- */

static void show_progress(const batch *b, bool last)
{
    enum { WIDTH = 30 };
    static double shown;
    const double now = seconds_now();
    const size_t ready = b->done + b->kept, left = b->count - ready, made = ready - b->begun;
    char bar[WIDTH + 1], rest[64] = "";

    if (b->choice->quiet || !isatty(STDERR_FILENO) || (!last && now - shown < 0.1))
        return;
    shown = now;
    const int filled = (int)(b->count ? WIDTH * ready / b->count : WIDTH);
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[WIDTH] = '\0';
    if (made && left) {
        const double seconds = (now - b->start) / (double)made * (double)left;
        snprintf(rest, sizeof rest, ", %.0f:%02.0f left", floor(seconds / 60), fmod(seconds, 60));
    }
    fprintf(stderr, "\r\033[K[%s] %zu/%zu, %.1f tokens-per-sec%s%s", bar, ready, b->count, (double)b->tokens / fmax(now - b->start, 1e-3),
            rest, last ? "\n" : "");
}

/* ---- the run ---- */

/* What has ended, after a while at most; nothing where the program was interrupted. */
static job *wait_for_ended(batch *b)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 100000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&b->mutex);
    for (int late = 0; !b->ended && !late && !interrupted;)
        late = pthread_cond_timedwait(&b->heard, &b->mutex, &until);
    job *ended = b->ended;
    b->ended = NULL;
    pthread_mutex_unlock(&b->mutex);
    return ended;
}

static bool finish(batch *b, job *j)
{
    bombus_result result = {0};

    if (j->ticket) {
        const bombus_status status = bombus_ticket_wait(j->ticket, &result, &j->error);
        if (status != BOMBUS_OK || j->request.out_of_memory) {
            if (status == BOMBUS_OK)
                refuse(j, 500, "out of memory");
            j->status = 500;
        }
    }
    const bool done = make_result(b, j, &result);
    b->tokens += result.token_count;
    b->refused += j->status != 200;
    bombus_result_clear(&result);
    close_job(j);
    j->next = b->free;
    b->free = j;
    return done;
}

/* Gives the engine what it may have; what it does not take has its result at once. */
static bool submit_some(batch *b)
{
    bool done = true;

    while (b->submitted < b->count && b->free && b->kept_bytes < KEPT_BYTES && done && !interrupted) {
        job *j = b->free;
        b->free = j->next;
        j->at = b->submitted++;
        submit(b, j);
        if (!j->ticket)
            done = finish(b, j) && write_results(b);
    }
    return done;
}

static bool begin_jobs(batch *b)
{
    pthread_condattr_t attributes;

    b->window = (size_t)b->choice->concurrency * AHEAD;
    b->jobs = calloc(b->window, sizeof *b->jobs);
    b->results = calloc(b->count, sizeof *b->results);
    if (!b->jobs || !b->results)
        return complain("out of memory") < 0;
    for (size_t i = 0; i < b->window; i++) {
        b->jobs[i] = (job){.batch = b, .next = b->free};
        b->free = &b->jobs[i];
    }
    b->submitted = b->begun = b->done;
    pthread_mutex_init(&b->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&b->heard, &attributes);
    pthread_condattr_destroy(&attributes);
    return true;
}

static void end_jobs(batch *b)
{
    for (size_t i = 0; i < b->window; i++)
        if (b->jobs[i].ticket)
            bombus_ticket_cancel(b->jobs[i].ticket);
    bombus_serving_free(b->serving); /* what is canceled has ended behind this, and no callback looks at a job any more */
    b->serving = NULL;
    for (size_t i = 0; i < b->window; i++)
        close_job(&b->jobs[i]);
    for (size_t i = b->done; i < b->count; i++)
        free(b->results[i]);
    pthread_cond_destroy(&b->heard);
    pthread_mutex_destroy(&b->mutex);
}

static bool run_batch(batch *b)
{
    bool done = begin_jobs(b);

    if (done) {
        b->start = seconds_now();
        while (b->done < b->count && done && !interrupted) {
            done = submit_some(b);
            for (job *j = done && b->done < b->count ? wait_for_ended(b) : NULL, *next; j && done; j = next) {
                next = j->next;
                done = finish(b, j);
            }
            done = done && write_results(b);
            show_progress(b, false);
        }
        show_progress(b, true);
        end_jobs(b);
    }
    free(b->results);
    free(b->jobs);
    return done;
}

/* ---- going on ---- */

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* How the line of result at begins. */
static size_t begin_line(char *begin, size_t size, size_t at)
{
    return (size_t)snprintf(begin, size, "{\"id\":\"batch_req_%zu\",", at);
}

/* Could this be the line of the next result, or the beginning of it? */
static bool is_result(const batch *b, const char *text, size_t bytes)
{
    char begin[64];
    const size_t length = begin_line(begin, sizeof begin, b->done);

    if (memcmp(text, begin, bytes < length ? bytes : length) == 0)
        return true;
    complain("%s: line %zu begins otherwise than its result would (%s): another file, which is left alone", b->choice->output, b->done + 1,
             begin);
    return false;
}

/* Counts the results that are there, each of which has to be that of its line. */
static bool count_results(batch *b, const char *text, size_t bytes)
{
    const char *path = b->choice->output;
    size_t whole = 0;

    for (const char *end; (end = memchr(text + whole, '\n', bytes - whole)); whole = (size_t)(end - text) + 1) {
        const size_t length = (size_t)(end - text) - whole;
        if (!is_result(b, text + whole, length + 1))
            return false;
        if (b->done == b->count)
            return complain("%s: has more results than %s has requests (%zu)", path, b->choice->input, b->count) < 0;
        char *has = custom_id_of(text + whole, length);
        const char *expected = b->lines[b->done].custom_id;
        const bool same = is_same(has, expected);
        b->done++;
        if (!same)
            complain("%s: result %zu is that of \"%s\", expected \"%s\": the results of other requests?", path, b->done,
                     has ? has : "no custom_id", expected ? expected : "no custom_id");
        free(has);
        if (!same)
            return false;
    }
    b->seen = (off_t)bytes;
    b->whole = (off_t)whole;
    return whole == bytes || is_result(b, text + whole, bytes - whole);
}

/* Looks at what is there, and changes nothing. */
static bool check_results(batch *b)
{
    const char *path = b->choice->output;
    struct stat in, out;
    char *text = NULL;
    size_t bytes;

    if (stat(path, &out) != 0)
        return errno == ENOENT || complain("%s: cannot open: %s", path, strerror(errno)) < 0;
    if (!S_ISREG(out.st_mode))
        return complain("%s: no regular file, expected one, which a later run can continue", path) < 0;
    if ((strcmp(b->choice->input, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(b->choice->input, &in)) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino)
        return complain("%s: the input itself, expected another file for the results", path) < 0;
    const bool counted = read_input(path, &text, &bytes) && count_results(b, text, bytes);
    free(text);
    if (counted && b->done)
        fprintf(stderr, "bombus: %s has %zu of %zu results: going on behind them\n", path, b->done, b->count);
    return counted;
}

static bool open_results(batch *b)
{
    const char *path = b->choice->output;

    if (!(b->output = fopen(path, "ab")))
        return complain("%s: cannot open: %s", path, strerror(errno)) < 0;
    return true;
}

/* Drops a piece of a line behind the results. Loading takes a while: what another program wrote meanwhile is not ours to drop. */
static bool cut_results(const batch *b)
{
    const char *path = b->choice->output;
    struct stat now;

    if (fstat(fileno(b->output), &now) != 0)
        return complain("%s: cannot look at: %s", path, strerror(errno)) < 0;
    if (now.st_size != b->seen)
        return complain("%s: has changed since it was read: is another run writing it?", path) < 0;
    if (b->whole < b->seen && ftruncate(fileno(b->output), b->whole) != 0)
        return complain("%s: cannot shorten: %s", path, strerror(errno)) < 0;
    return true;
}

/* ---- setting up ---- */

static bool start_engine(batch *b, const choice *c, bombus_model *model, bombus_model *draft)
{
    const bombus_serving_options options = {.draft_model = draft,
                                            .context = c->model.context,
                                            .kv_bytes = (int64_t)c->kv_megabytes << 20,
                                            .kv_dtype = kv_dtype_of(&c->model),
                                            .requests = c->concurrency,
                                            .chunk = c->model.chunk};
    const int32_t token = 0;
    bombus_request nothing;
    bombus_ticket *ticket = NULL;
    bombus_error err;

    /* An adapter that does not fit is no request's fault, so the engine is asked for nothing with it first. */
    bombus_request_init(&nothing);
    nothing.max_tokens = 0;
    const bombus_submission probe = {
        .prompt = &token, .prompt_count = 1, .request = &nothing, .adapters = b->adapters, .adapter_count = b->adapter_count};
    if (bombus_serving_create(&b->serving, model, b->tokenizer, &options, &err) != BOMBUS_OK ||
        bombus_serving_submit(b->serving, &ticket, &probe, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        return false;
    }
    bombus_ticket_free(ticket);
    return true;
}

static void print_statistics(const choice *c, const batch *b, double seconds)
{
    if (c->quiet)
        return;
    fprintf(stderr, "Requests: %zu, of which %zu were refused or failed\n", b->done + b->kept - b->begun, b->refused);
    if (b->kept)
        fprintf(stderr, "Results not written: %zu\n", b->kept);
    print_speed("Generation", b->tokens, rate((double)b->tokens, seconds));
    fprintf(stderr, "Peak memory: %.3f GB\n", (double)peak_memory() / 1e9);
}

static int batch_all(choice *c)
{
    batch b = {.choice = c};
    bombus_model *model = NULL, *draft = NULL;
    bombus_template *chat_template = NULL;
    char *text = NULL;
    size_t bytes;
    int result = EXIT_FAILED;

    if (!read_input(c->input, &text, &bytes) || !split_lines(text, bytes, &b.lines, &b.count) ||
        !read_custom_ids(c->input, b.lines, b.count) || !check_results(&b) || !open_results(&b))
        goto out;
    if (b.done == b.count) {
        fprintf(stderr, "bombus: %s: nothing to do\n", c->output);
        result = cut_results(&b) ? EXIT_OK : EXIT_FAILED;
        goto out;
    }
    if (!load_model(&c->model, &model) || !load_draft_model(&c->model, &draft) || !load_tokenizer(c->model.path, &b.tokenizer) ||
        !finish_request(&c->request, model, b.tokenizer) || !load_adapters(&c->model, b.adapters, &b.adapter_count) ||
        !load_template(&c->chat, c->model.path, template_option_given(&c->chat), &chat_template) || !start_engine(&b, c, model, draft) ||
        !cut_results(&b))
        goto out;
    b.defaults = (openai_defaults){.tokenizer = b.tokenizer,
                                   .chat_template = chat_template,
                                   .template_variables = c->chat.config,
                                   .request = &c->request.request,
                                   .model_name = c->model.path};
    catch_interrupt(true);
    const double start = seconds_now();
    if (run_batch(&b))
        result = interrupted ? EXIT_INTERRUPTED : EXIT_OK;
    print_statistics(c, &b, seconds_now() - start);
    print_seed(&c->request);

out:
    bombus_serving_free(b.serving);
    if (b.output && fclose(b.output) != 0)
        result = complain("%s: cannot write: %s", c->output, strerror(errno));
    free_adapters(b.adapters, b.adapter_count);
    bombus_template_free(chat_template);
    bombus_tokenizer_free(b.tokenizer);
    bombus_model_free(draft);
    bombus_model_free(model);
    for (size_t i = 0; i < b.count; i++)
        free(b.lines[i].custom_id);
    free(b.lines);
    free(text);
    return result;
}

/* ---- arguments ---- */

static int run(const command *self, int argc, char **argv)
{
    choice c = {.concurrency = 32};
    option_table table = {0};

    begin_request(&c.request, 1024);
    const option own[] = {
        model_option(&c.model),
        text_option("input", &c.input, "FILE", "The requests, a JSON object a line; - reads standard input."),
        text_option("output", &c.output, "FILE",
                    "The results, in the order of the requests. What a run before has left there stays, and this one goes on behind it."),
        with_letter('m', int_option("max-tokens", &c.request.request.max_tokens, "N", 1, INT_MAX,
                                    "The most tokens to generate where a request does not say (default: 1024).")),
        int_option("concurrency", &c.concurrency, "N", 1, 1024, "Requests computed at once (default: 32)."),
        int_option("kv-memory", &c.kv_megabytes, "MIB", 1, INT_MAX,
                   "Memory for the keys and values of all requests together (default: a quarter of what the process may use)."),
        flag_option("quiet", &c.quiet, "No progress bar and no statistics on standard error."),
        chat_template_option(&c.chat),
        chat_template_config_option(&c.chat),
    };
    add_options(&table, own, sizeof own / sizeof *own);
    add_request_options(&table, &c.request);
    add_session_options(&table, &c.model);
    add_draft_options(&table, &c.model);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if (!c.input || !c.output)
        return complain_usage(self, "--%s is missing", c.input ? "output" : "input");
    if (strcmp(c.output, "-") == 0)
        return complain_usage(self, "--output -: expected a file, which a later run can continue");
    if ((status = read_request(self, &c.request)) >= 0 || (status = check_draft(self, &c.model)) >= 0 ||
        (status = need_model(self, &c.model.path)) >= 0)
        return status;
    c.request.request.draft_tokens = draft_tokens_of(&c.model);
    return batch_all(&c);
}

const command cmd_batch = {
    .name = "batch",
    .summary = "Answer a file of requests",
    .synopsis = "[--model DIR] --input FILE|- --output FILE [options]",
    .description = "Answers many requests side by side. A request is a line of OpenAI's batch format:\n\n"
                   "  {\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"messages\": [...]}}\n\n"
                   "or with the url /v1/completions and a \"prompt\" in its body. What a body does not say is as the options have it,\n"
                   "else as the model has it; a request without a seed has that of the run and the number of its line, from 0, added.\n"
                   "What a body asks for and is not to be had here is refused by name.\n\n"
                   "Results are lines in the order of the requests, each with its custom_id and a response, or an error where a line\n"
                   "is no request. A run that was interrupted, or killed, is continued by the same command.\n\n"
                   "Examples:\n"
                   "  bombus batch --model models/Qwen3-0.6B-4bit --input requests.jsonl --output results.jsonl\n"
                   "  jq -r '.response.body.choices[0].message.content' results.jsonl",
    .run = run,
};
