/* bombus bench: how fast this machine is, and how near a model comes to that. */
#include "json.h"
#include "load.h"
#include "random_model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_VALUES = 64, MOST_TOKENS = 1 << 24, MOST_BATCH = 1024 };

typedef struct numbers {
    int values[MOST_VALUES]; /* [count] */
    int count;
} numbers;

typedef struct choice {
    model_choice model; /* its adapters are */
    int adapter_rank, adapter_count;
    const char *path, *tokenizer;
    random_choice random;
    const char *prefill_text, *decode_text, *depth_text, *batch_text, *threads_text, *compute_text, *kv_text;
    numbers prefill, decode, depth, batch, threads, compute, kv;
    int repetitions;
    bool json, markdown;
} choice;

typedef struct report {
    bombus_machine machines[MOST_VALUES]; /* one for each of choice.threads */
    bombus_bench_result *results;         /* [count] */
    size_t count;
} report;

/* ---- lists ---- */

/* Calls take with each part of a text between commas, NUL behind it. */
static int each_item(const command *self, const char *name, const char *text, numbers *out,
                     int (*take)(const command *self, const char *name, const char *list, const char *item, const void *context,
                                 int *value),
                     const void *context)
{
    char item[32];

    out->count = 0;
    for (const char *from = text;; from++) {
        const size_t bytes = strcspn(from, ",");
        if (out->count == MOST_VALUES)
            return complain_usage(self, "--%s: \"%s\", expected at most %d values", name, text, MOST_VALUES);
        snprintf(item, sizeof item, "%.*s", bytes < sizeof item ? (int)bytes : (int)sizeof item, from);
        const int status = take(self, name, text, item, context, &out->values[out->count++]);
        if (status >= 0)
            return status;
        from += bytes;
        if (!*from)
            return -1;
    }
}

typedef struct range {
    int min, max;
} range;

static int take_number(const command *self, const char *name, const char *list, const char *item, const void *context, int *value)
{
    const range *r = context;
    char *end;

    errno = 0;
    const long number = strtol(item, &end, 10);
    if (!*item || strspn(item, "0123456789") != strlen(item) || *end || errno || number < r->min || number > r->max)
        return complain_usage(self, "--%s: \"%s\" in \"%s\", expected integers from %d to %d with commas between them", name, item, list,
                              r->min, r->max);
    *value = (int)number;
    return -1;
}

typedef struct word {
    const char *text;
    int value;
} word;

/* context: words, ending with one of NULL. */
static int take_word(const command *self, const char *name, const char *list, const char *item, const void *context, int *value)
{
    char known[64] = "";

    for (const word *w = context; w->text; w++) {
        if (strcmp(w->text, item) == 0) {
            *value = w->value;
            return -1;
        }
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", w == context ? "" : ", ", w->text);
    }
    return complain_usage(self, "--%s: \"%s\" in \"%s\", expected some of %s with commas between them", name, item, list, known);
}

static const word compute_words[] = {{"exact", BOMBUS_EXACT}, {"fast", BOMBUS_FAST}, {0}};
static const word kv_words[] = {{"f32", BOMBUS_F32}, {"f16", BOMBUS_F16}, {"q8", BOMBUS_I8}, {0}};

static const char *word_of(const word *words, int value)
{
    while (words->text && words->value != value)
        words++;
    return words->text;
}

/* ---- progress ---- */

/* A line that the next overwrites, for who sits before it. */
static void tell(const char *text)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s", text);
}

static bool tell_test(const bombus_bench_result *next, void *context)
{
    char text[160];

    (void)context;
    snprintf(text, sizeof text, "%s of %d, depth %d, batch %d, %d threads, %s, %s ...", bombus_bench_kind_name(next->test.kind),
             next->test.tokens, next->test.depth, next->test.batch, next->threads, word_of(compute_words, (int)next->compute),
             word_of(kv_words, (int)next->kv));
    tell(text);
    return true;
}

/* ---- results ---- */

/* "AMD EPYC 7763", or "" where the system does not say. Returns buffer. */
static const char *processor(char *buffer, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "re");

    buffer[0] = '\0';
    for (char line[256]; file && !buffer[0] && fgets(line, sizeof line, file);) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0)
            snprintf(buffer, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
    }
    if (file)
        fclose(file);
    return buffer;
}

static void write_machine(json *out, const bombus_machine *m)
{
    json_object(out);
    json_int(out, "threads", m->threads);
    json_float(out, "read_bytes_per_second", m->read_bandwidth, 6);
    json_string(out, "read_kernel", m->read_kernel);
    json_int(out, "read_buffer_bytes", m->read_buffers);
    json_int(out, "cache_bytes", m->caches);
    json_float(out, "int8_operations_per_second", m->int8_peak, 6);
    json_string(out, "int8_kernel", m->int8_kernel);
    json_float(out, "float_operations_per_second", m->float_peak, 6);
    json_string(out, "float_kernel", m->float_kernel);
    json_object_end(out);
}

static void write_result(json *out, const bombus_bench_result *r)
{
    json_object(out);
    json_string(out, "test", bombus_bench_kind_name(r->test.kind));
    json_int(out, "tokens", r->test.tokens);
    json_int(out, "depth", r->test.depth);
    json_int(out, "batch", r->test.batch);
    json_int(out, "threads", r->threads);
    json_string(out, "compute", word_of(compute_words, (int)r->compute));
    json_string(out, "kv", word_of(kv_words, (int)r->kv));
    json_int(out, "bits", r->quantization.bits);
    json_int(out, "group_size", r->quantization.group_size);
    json_float(out, "bits_per_weight", r->bits_per_weight, 6);
    json_string(out, "mode", bombus_mode_name(r->quantization.mode));
    json_float(out, "seconds", r->seconds, 6);
    json_float(out, "tokens_per_second", r->tokens_per_second, 6);
    json_float(out, "limit_fraction", r->limit_fraction, 4);
    json_float(out, "best_limit_fraction", r->best_limit_fraction, 4);
    json_int(out, "resident_bytes", r->resident_bytes);
    json_object_end(out);
}

static bool show_json(const choice *c, const report *r)
{
    json *out = json_begin();
    char name[128];

    json_object(out);
    json_key(out, "machine");
    json_object(out);
    json_string(out, "processor", processor(name, sizeof name));
    json_key(out, "limits");
    json_array(out);
    for (int i = 0; i < c->threads.count; i++)
        write_machine(out, &r->machines[i]);
    json_array_end(out);
    json_object_end(out);
    json_string(out, "model", c->random.shape ? c->random.shape : c->path);
    json_key(out, "results");
    json_array(out);
    for (size_t i = 0; i < r->count; i++)
        write_result(out, &r->results[i]);
    json_array_end(out);
    json_object_end(out);
    return json_finish(out);
}

enum { MOST_CELLS = 13, CELL_BYTES = 48 };

/* Cells of a table, printed in columns or as Markdown. */
typedef struct table {
    bool markdown;
    int columns;
    const int *widths; /* [columns] */
    char cells[MOST_CELLS][CELL_BYTES];
    int filled;
} table;

static void put_cell(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the row with its last cell. */
static void put_cell(table *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(t->cells[t->filled++], CELL_BYTES, format, args);
    va_end(args);
    if (t->filled < t->columns)
        return;
    for (int i = 0; i < t->columns; i++) {
        if (t->markdown)
            print("| %s ", t->cells[i]);
        else if (i == 0)
            print("%-*s", t->widths[i], t->cells[i]);
        else
            print("  %*s", t->widths[i], t->cells[i]);
    }
    print(t->markdown ? "|\n" : "\n");
    t->filled = 0;
}

static table begin_table(bool markdown, const char *const *heads, const int *widths, int columns)
{
    table t = {.markdown = markdown, .columns = columns, .widths = widths};

    for (int i = 0; i < columns; i++)
        put_cell(&t, "%s", heads[i]);
    for (int i = 0; markdown && i < columns; i++)
        put_cell(&t, "%s", i ? "--:" : "---");
    return t;
}

static void print_machine(const choice *c, const report *r)
{
    static const char *const heads[] = {"machine", "read GB/s", "int8 GOP/s", "float GOP/s"};
    static const int widths[] = {10, 10, 10, 11};
    char name[128];

    if (*processor(name, sizeof name))
        print("%s\n\n", name);
    table t = begin_table(c->markdown, heads, widths, 4);
    for (int i = 0; i < c->threads.count; i++) {
        const bombus_machine *m = &r->machines[i];
        put_cell(&t, "%d thread%s", m->threads, m->threads == 1 ? "" : "s");
        put_cell(&t, "%.1f", m->read_bandwidth / 1e9);
        put_cell(&t, "%.0f", m->int8_peak / 1e9);
        put_cell(&t, "%.0f", m->float_peak / 1e9);
    }
}

static void print_result(table *t, const bombus_bench_result *r)
{
    const bool computes = r->test.kind == BOMBUS_BENCH_PREFILL;

    put_cell(t, "%s", bombus_bench_kind_name(r->test.kind));
    put_cell(t, "%d", r->test.tokens);
    put_cell(t, "%d", r->test.depth);
    put_cell(t, "%d", r->test.batch);
    put_cell(t, "%d", r->threads);
    put_cell(t, "%s", word_of(compute_words, (int)r->compute));
    put_cell(t, "%s", word_of(kv_words, (int)r->kv));
    put_cell(t, "%.3f", r->seconds);
    put_cell(t, "%.1f", r->tokens_per_second);
    put_cell(t, computes ? "%.1f GOP/s" : "%.1f GB/s", (computes ? r->operations : r->bytes) / r->seconds / 1e9);
    put_cell(t, "%.1f %%", 100 * r->limit_fraction);
    put_cell(t, "%.1f %%", 100 * r->best_limit_fraction);
    put_cell(t, "%.2f GB", (double)r->resident_bytes / 1e9);
}

static bool show_tables(const choice *c, const report *r)
{
    static const char *const heads[] = {"test",    "tokens", "depth", "batch",    "threads", "compute", "kv",
                                        "seconds", "tok/s",  "rate",  "of limit", "of best", "memory"};
    static const int widths[] = {8, 6, 5, 5, 7, 7, 3, 8, 8, 12, 8, 7, 9};

    print_machine(c, r);
    print("\n");
    if (r->count) {
        const bombus_quantization *q = &r->results[0].quantization;
        print("%s, %s, %d bits", c->random.shape ? c->random.shape : c->path, bombus_mode_name(q->mode), q->bits);
        if (q->group_size)
            print(", groups of %d", q->group_size);
        print("; %.2f bits a weight with its scales\n\n", r->results[0].bits_per_weight);
        table t = begin_table(c->markdown, heads, widths, MOST_CELLS);
        for (size_t i = 0; i < r->count; i++)
            print_result(&t, &r->results[i]);
    }
    return flush_output();
}

/* ---- the tests ---- */

typedef struct test_list {
    bombus_bench_test *tests; /* [count]; NULL: only counted */
    size_t count;
} test_list;

static void add_test(test_list *list, bombus_bench_kind kind, int tokens, int depth, int batch)
{
    if (list->tests)
        list->tests[list->count] = (bombus_bench_test){.kind = kind, .tokens = tokens, .depth = depth, .batch = batch};
    list->count++;
}

/* Only the lists that were given are crossed: else depths are for one sequence, and batches begin at depth 0. */
static void add_tests(test_list *list, const choice *c)
{
    add_test(list, BOMBUS_BENCH_LOAD, 1, 0, 1);
    for (int i = 0; i < c->prefill.count; i++)
        if (c->prefill.values[i])
            add_test(list, BOMBUS_BENCH_PREFILL, c->prefill.values[i], 0, 1);
    for (int n = 0; n < c->decode.count; n++)
        for (int b = 0; b < c->batch.count && c->decode.values[n]; b++)
            for (int d = 0; d < c->depth.count; d++)
                if (c->depth_text || c->batch_text || c->depth.values[d] == 0 || c->batch.values[b] == 1)
                    add_test(list, BOMBUS_BENCH_DECODE, c->decode.values[n], c->depth.values[d], c->batch.values[b]);
}

/* The caller frees list.tests. */
static bool plan(test_list *list, const choice *c)
{
    *list = (test_list){.count = 0};
    add_tests(list, c);
    *list = (test_list){.tests = malloc(list->count * sizeof *list->tests)};
    if (!list->tests) {
        complain("out of memory");
        return false;
    }
    add_tests(list, c);
    return true;
}

/* For each number of threads, of which those that turn out to be the same (0 may) are one. */
static void measure_machines(choice *c, report *r, bombus_error *err)
{
    int count = 0;

    for (int i = 0; i < c->threads.count && !err->code; i++) {
        int same = 0;
        tell("machine ...");
        bombus_bench_machine(&r->machines[count], c->threads.values[i], err);
        while (r->machines[same].threads != r->machines[count].threads)
            same++;
        c->threads.values[count] = r->machines[count].threads;
        count += same == count;
    }
    c->threads.count = count;
}

static bool measure(choice *c, report *r, const char *directory)
{
    bombus_compute computes[MOST_VALUES];
    bombus_dtype kvs[MOST_VALUES];
    bombus_adapter_use adapters[MAX_LIST];
    size_t adapter_count;
    test_list list;
    bombus_error err = {.code = BOMBUS_OK};

    if (!plan(&list, c))
        return false;
    if (!load_adapters(&c->model, adapters, &adapter_count)) {
        free_adapters(adapters, adapter_count);
        free(list.tests);
        return false;
    }
    measure_machines(c, r, &err);
    tell("");
    if (!err.code && r->machines[0].read_buffers < 4 * r->machines[0].caches)
        complain("the memory allows to read %.0f MB in turn, less than four times the caches of %.0f MB: read bandwidth may be theirs",
                 (double)r->machines[0].read_buffers / 1e6, (double)r->machines[0].caches / 1e6);
    for (int i = 0; i < c->compute.count; i++)
        computes[i] = (bombus_compute)c->compute.values[i];
    for (int i = 0; i < c->kv.count; i++)
        kvs[i] = (bombus_dtype)c->kv.values[i];

    const bombus_bench_options options = {
        .tests = list.tests,
        .test_count = list.count,
        .threads = c->threads.values,
        .thread_count = (size_t)c->threads.count,
        .computes = c->compute.count ? computes : NULL,
        .compute_count = (size_t)c->compute.count,
        .kvs = c->kv.count ? kvs : NULL,
        .kv_count = (size_t)c->kv.count,
        .repetitions = c->repetitions,
        .adapters = adapters,
        .adapter_count = adapter_count,
        .random_rank = c->adapter_rank,
        .random_adapters = c->adapter_count,
        .tokenizer = c->tokenizer,
        .machine = r->machines,
        .machine_count = (size_t)c->threads.count,
        .on_test = tell_test,
    };
    if (!err.code)
        bombus_bench_model(&r->results, &r->count, directory, &options, &err);
    tell("");
    if (err.code)
        complain("%s", err.message);
    free_adapters(adapters, adapter_count);
    free(list.tests);
    return !err.code;
}

/* context: the choice. */
static int bench(void *context, const char *directory)
{
    choice *c = context;
    report r = {.results = NULL};
    bool done = measure(c, &r, directory);

    if (done)
        done = c->json ? show_json(c, &r) : show_tables(c, &r);
    bombus_bench_results_free(r.results);
    return done ? EXIT_OK : EXIT_FAILED;
}

/* ---- arguments ---- */

static int read_lists(const command *self, choice *c)
{
    static const range tokens = {0, MOST_TOKENS}, batches = {1, MOST_BATCH}, threads = {0, 1024};
    const struct {
        const char *name, *given, *otherwise; /* NULL: none, the library's default */
        numbers *out;
        int (*take)(const command *self, const char *name, const char *list, const char *item, const void *context, int *value);
        const void *context;
    } lists[] = {
        {"prefill", c->prefill_text, "128,512,2048", &c->prefill, take_number, &tokens},
        {"decode", c->decode_text, "64", &c->decode, take_number, &tokens},
        {"depth", c->depth_text, c->batch_text ? "0" : "0,2048,8192", &c->depth, take_number, &tokens},
        {"batch", c->batch_text, c->depth_text ? "1" : "1,2,4,8", &c->batch, take_number, &batches},
        {"threads", c->threads_text, NULL, &c->threads, take_number, &threads},
        {"compute", c->compute_text, NULL, &c->compute, take_word, compute_words},
        {"kv", c->kv_text, NULL, &c->kv, take_word, kv_words},
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *text = lists[i].given ? lists[i].given : lists[i].otherwise;
        const int status = text ? each_item(self, lists[i].name, text, lists[i].out, lists[i].take, lists[i].context) : -1;
        if (status >= 0)
            return status;
    }
    if (!c->threads_text)
        c->threads = (numbers){.count = 1}; /* the cores this process may use */
    return -1;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {.repetitions = 3};
    option_table all = {0};
    const option own[] = {
        text_option("model", &c.path, "DIR", "Model directory."),
        random_option(&c.random),
        mode_option(&c.random),
        bits_option(&c.random),
        group_size_option(&c.random),
        dtype_option(&c.random),
        with_letter('p',
                    text_option("prefill", &c.prefill_text, "LIST", "Tokens of the prompts to compute (default 128,512,2048; 0: none).")),
        with_letter('n', text_option("decode", &c.decode_text, "LIST", "Tokens to decode one by one (default 64; 0: none).")),
        text_option("depth", &c.depth_text, "LIST",
                    "Tokens that each sequence has behind it when it begins to decode (default 0,2048,8192 for one sequence)."),
        text_option("batch", &c.batch_text, "LIST", "Sequences that decode together (default 1,2,4,8 from depth 0)."),
        text_option("threads", &c.threads_text, "LIST", "Threads to compute with; 0 (default): the cores this process may use."),
        text_option("compute", &c.compute_text, "LIST", "Of exact and fast, those to measure (default exact)."),
        text_option("kv", &c.kv_text, "LIST", "Of f32, f16 and q8, the types of keys and values to measure (default f32)."),
        text_option(
            "tokenizer", &c.tokenizer, "PATH",
            "A directory with tokenizer.json, or that file: loading it counts as loading (default: the model's, where it has one)."),
        int_option("repetitions", &c.repetitions, "N", 1, 1000, "Runs of each test, of which the median counts (default 3)."),
        int_option("adapter-rank", &c.adapter_rank, "N", 1, 65536,
                   "In place of --adapter-path: a random adapter of this rank that changes all projections of all layers."),
        int_option("adapter-count", &c.adapter_count, "N", 1, MOST_BATCH,
                   "As many of these, shared out among the sequences that decode together (default 1)."),
        flag_option("json", &c.json, "Print one JSON object."),
        flag_option("markdown", &c.markdown, "Print the tables as Markdown."),
    };

    add_options(&all, own, sizeof own / sizeof *own);
    add_adapter_options(&all, &c.model);
    int status = read_options(self, all.rows, all.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if (!c.path == !c.random.shape)
        return complain_usage(self, "expected either --model or --random");
    if (c.adapter_rank && c.model.adapters.count)
        return complain_usage(self, "--adapter-rank and --adapter-path: expected one of them");
    if (c.adapter_count && !c.adapter_rank)
        return complain_usage(self, "--adapter-count needs --adapter-rank");
    if ((status = check_random(self, &c.random)) >= 0 || (status = read_lists(self, &c)) >= 0)
        return status;
    return c.random.shape ? with_random_model(&c.random, bench, &c) : bench(&c, c.path);
}

const command cmd_bench = {
    .name = "bench",
    .summary = "Measure this machine, and how near a model comes to its limits",
    .synopsis = "--model DIR | --random SHAPE [options]",
    .description =
        "Measures how fast memory is read and numbers are multiplied here; then how long a model takes to load and compute its\n"
        "first token, to compute prompts (prefill), and to decode, as a median of several runs. Beside each figure stands the part\n"
        "it is of what the machine could do: of decoding, the time to read all weights and the keys and values once a step; of\n"
        "prefill, the time for its multiplications, of 8-bit integers for quantized weights (not mxfp8's) with --compute fast,\n"
        "of floats for exact, dense weights and attention. \"of limit\"\n"
        "(limit_fraction of --json) is against what was measured again right before and after each run, \"of best\"\n"
        "(best_limit_fraction) against the table of the machine, printed first.\n\n"
        "--random writes a model of a published shape with random weights to $TMPDIR (or /tmp) and removes it at the end.\n"
        "Lists are numbers or words with commas between them; where both --depth and --batch are given, every pair is measured.\n\n"
        "Examples:\n"
        "  bombus bench --random qwen3-0.6b\n"
        "  bombus bench --random llama-3.1-8b --bits 8 -p 512 -n 32 --depth 0,4096 --threads 1,4\n"
        "  bombus bench --model models/Qwen3-0.6B-4bit --json | jq '.results[] | [.test, .tokens_per_second]'",
    .run = run,
};
