/* bombus inspect: what a model is made of. */
#include "json.h"
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct choice {
    model_choice model;
    bool tensors, json;
} choice;

/* "affine, 4 bits, groups of 64", or "none". Returns buffer. */
static const char *describe(bombus_quantization q, char *buffer, size_t size)
{
    if (q.mode == BOMBUS_DENSE)
        snprintf(buffer, size, "none");
    else
        snprintf(buffer, size, "%s, %d bits, groups of %d", bombus_mode_name(q.mode), q.bits, q.group_size);
    return buffer;
}

static const char *shape_text(const bombus_weight_info *w, char *buffer, size_t size)
{
    snprintf(buffer, size, "[");
    for (int i = 0; i < w->rank; i++)
        snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s%" PRId64, i ? ", " : "", w->shape[i]);
    snprintf(buffer + strlen(buffer), size - strlen(buffer), "]");
    return buffer;
}

/* ---- text ---- */

static void print_bytes(const char *name, int64_t bytes, const char *rest)
{
    static const char units[] = "kMGT";
    double value = (double)bytes;
    int unit = -1;

    for (; value >= 1000 && unit < 3; unit++)
        value /= 1000;
    if (unit < 0)
        print("%-14s%" PRId64 " bytes%s\n", name, bytes, rest);
    else
        print("%-14s%.2f %cB%s\n", name, value, units[unit], rest);
}

static void print_info(const char *path, const bombus_model_info *info)
{
    char text[96];

    print("%-14s%s\n", "Model", path);
    print("%-14s%s (%s)\n", "Architecture", info->architecture, info->model_type);
    print("%-14s%d\n", "Layers", info->layers);
    print("%-14s%d\n", "Hidden", info->hidden);
    print("%-14s%d of size %d, over %d of keys and values\n", "Heads", info->heads, info->head_dim, info->kv_heads);
    print("%-14s%d\n", "Feed-forward", info->feed_forward);
    print("%-14s%d%s\n", "Vocabulary", info->vocabulary, info->tied ? ", the head is the embedding" : "");
    print("%-14s%d tokens", "Context", info->context);
    print(info->window ? ", sliding window of %d\n" : "\n", info->window);
    print("%-14s%" PRId64 "\n", "Parameters", info->parameters);
    snprintf(text, sizeof text, ", %.2f bits a weight", info->bits_per_weight);
    print_bytes("Weights", info->weight_bytes, text);
    print("%-14s%s\n", "Quantization", describe(info->quantization, text, sizeof text));
    print("%-14s%s\n", "Values", bombus_dtype_name(info->dtype));
    snprintf(text, sizeof text, " a token of context in f32, half in f16");
    print_bytes("Memory", info->kv_bytes_per_token, text);
    print("%-14s", "End tokens");
    for (size_t i = 0; i < info->end_count; i++)
        print("%s%" PRId32, i ? " " : "", info->end_tokens[i]);
    print(info->end_count ? "\n" : "none\n");
}

static bool print_tensors(const bombus_model *model, bombus_error *err)
{
    const size_t count = bombus_model_weight_count(model);
    bombus_weight_info w;
    char shape[256], quantization[96];
    int widest = 6;

    for (size_t i = 0; i < count; i++) {
        if (bombus_model_weight_at(model, i, &w, err))
            return false;
        if ((int)strlen(w.name) > widest)
            widest = (int)strlen(w.name);
    }
    print("\n%-*s  %-5s %-18s %14s  %s\n", widest, "Tensor", "Type", "Shape", "Bytes", "Quantization");
    for (size_t i = 0; i < count; i++) {
        if (bombus_model_weight_at(model, i, &w, err))
            return false;
        print("%-*s  %-5s %-18s %14zu  %s\n", widest, w.name, bombus_dtype_name(w.dtype), shape_text(&w, shape, sizeof shape), w.bytes,
              describe(w.quantization, quantization, sizeof quantization));
    }
    return true;
}

/* ---- JSON ---- */

static void write_quantization(json *out, bombus_quantization q)
{
    if (q.mode == BOMBUS_DENSE) {
        json_null(out, "quantization");
        return;
    }
    json_key(out, "quantization");
    json_object(out);
    json_string(out, "mode", bombus_mode_name(q.mode));
    json_int(out, "bits", q.bits);
    json_int(out, "group_size", q.group_size);
    json_object_end(out);
}

static void write_info(json *out, const char *path, const bombus_model_info *info)
{
    json_string(out, "model", path);
    json_string(out, "architecture", info->architecture);
    json_string(out, "model_type", info->model_type);
    json_int(out, "layers", info->layers);
    json_int(out, "hidden", info->hidden);
    json_int(out, "heads", info->heads);
    json_int(out, "kv_heads", info->kv_heads);
    json_int(out, "head_dim", info->head_dim);
    json_int(out, "feed_forward", info->feed_forward);
    json_int(out, "vocabulary", info->vocabulary);
    json_int(out, "context", info->context);
    json_int(out, "window", info->window);
    json_bool(out, "tied", info->tied);
    json_int(out, "parameters", info->parameters);
    json_int(out, "weight_bytes", info->weight_bytes);
    json_float(out, "bits_per_weight", info->bits_per_weight, 6);
    write_quantization(out, info->quantization);
    json_string(out, "dtype", bombus_dtype_name(info->dtype));
    json_int(out, "kv_bytes_per_token", info->kv_bytes_per_token);
    json_ids(out, "end_tokens", info->end_tokens, info->end_count);
}

static bool write_tensors(json *out, const bombus_model *model, bombus_error *err)
{
    const size_t count = bombus_model_weight_count(model);
    bombus_weight_info w;

    json_key(out, "tensors");
    json_array(out);
    for (size_t i = 0; i < count; i++) {
        if (bombus_model_weight_at(model, i, &w, err))
            return false;
        json_object(out);
        json_string(out, "name", w.name);
        json_string(out, "dtype", bombus_dtype_name(w.dtype));
        json_key(out, "shape");
        json_array(out);
        for (int j = 0; j < w.rank; j++)
            json_int(out, NULL, w.shape[j]);
        json_array_end(out);
        json_int(out, "bytes", (int64_t)w.bytes);
        write_quantization(out, w.quantization);
        json_object_end(out);
    }
    json_array_end(out);
    return true;
}

static bool show_json(const choice *c, const bombus_model *model, bombus_error *err)
{
    json *out = json_begin();

    json_object(out);
    write_info(out, c->model.path, bombus_model_get_info(model));
    const bool complete = !c->tensors || write_tensors(out, model, err);
    json_object_end(out);
    return json_finish(out) && complete;
}

static bool show_text(const choice *c, const bombus_model *model, bombus_error *err)
{
    print_info(c->model.path, bombus_model_get_info(model));
    const bool complete = !c->tensors || print_tensors(model, err);
    return flush_output() && complete;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {0};
    bombus_model *model;
    bombus_error err = {.code = BOMBUS_OK};
    const option options[] = {
        model_option(&c.model),
        flag_option("tensors", &c.tensors, "List every weight: type, shape, bytes, quantization."),
        flag_option("json", &c.json, "Print one JSON object; with --tensors it has an array of them."),
    };

    int status = read_options(self, options, sizeof options / sizeof *options, &argc, argv);
    if (status >= 0)
        return status;
    if (!c.model.path && argc == 1)
        c.model.path = argv[--argc];
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if ((status = need_model(self, &c.model.path)) >= 0)
        return status;
    if (!load_model(&c.model, &model))
        return EXIT_FAILED;

    const bool done = c.json ? show_json(&c, model, &err) : show_text(&c, model, &err);
    if (err.code)
        complain("%s", err.message);
    bombus_model_free(model);
    return done ? EXIT_OK : EXIT_FAILED;
}

const command cmd_inspect = {
    .name = "inspect",
    .summary = "Show what a model is made of",
    .synopsis = "[--model DIR] [options]",
    .description = "Shows architecture, parameters, bits a weight, quantization, and the memory a token of context takes. A\n"
                   "quantized weight counts as one tensor, its scales and biases included; shapes are logical.",
    .run = run,
};
