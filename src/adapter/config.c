/* adapter_config.json, of mlx-lm or of PEFT.
 *
 * mlx-lm's is also a record of how the adapter was trained; a few fields of it say what it is, the rest says nothing of the result. PEFT's
 * is a list of everything that LoRA can be: what Bombus does is read here, what says nothing of the result is listed, and any other field,
 * also one that nobody knows yet, is refused by name unless it asks for nothing. */
#include "adapter/config.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DESCRIPTION = 80 };

typedef struct reader {
    bb_adapter_config *config;
    bb_arena *arena;
    const bb_json *root;
    const char *file;
    bombus_error *err;
} reader;

/* ---- pieces of both ---- */

static bombus_status refuse(const reader *r, const char *key, const bb_json *value, bombus_status status, const char *expected)
{
    char found[DESCRIPTION];

    return bb_fail(r->err, status, "%s: %s: %s, expected %s", r->file, key, bb_json_describe(value, found, sizeof found), expected);
}

static bombus_status no_memory(const reader *r, size_t bytes)
{
    return bb_fail_memory(r->err, bytes);
}

static const char *keep_text(const reader *r, const bb_json *value)
{
    return bb_arena_strndup(r->arena, value->text, value->bytes);
}

static bool is_plain_text(const bb_json *value)
{
    return bb_json_is(value, BB_JSON_STRING) && strlen(value->text) == value->bytes;
}

static bombus_status read_names(const reader *r, const char *key, const bb_json *value, bb_module_names *out)
{
    const size_t bytes = (value->count + 1) * sizeof *out->items;

    out->items = bb_arena_alloc(r->arena, bytes);
    if (!out->items)
        return no_memory(r, bytes);
    for (size_t i = 0; i < value->count; i++) {
        if (!is_plain_text(&value->items[i]))
            return refuse(r, key, &value->items[i], BOMBUS_EFORMAT, "names of modules");
        if (!(out->items[out->count++] = keep_text(r, &value->items[i])))
            return no_memory(r, value->items[i].bytes);
    }
    return BOMBUS_OK;
}

/* Optional in JSON, required by what reads it. */
static bombus_status read_number(const reader *r, const bb_json *object, const char *name, const char *key, double *out)
{
    const bb_json *value = bb_json_get(object, key);

    if (!value)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: %s: missing", r->file, name);
    if (!bb_json_to_double(value, out) || !isfinite(*out))
        return refuse(r, name, value, BOMBUS_EFORMAT, "a number");
    return BOMBUS_OK;
}

static bool ends_with_module(const char *name, const char *module)
{
    const size_t all = strlen(name), bytes = strlen(module);

    return all > bytes && name[all - bytes - 1] == '.' && strcmp(name + all - bytes, module) == 0;
}

/* The number of the layer that a module stands in, and its name there; -1 where it stands in none. */
static int layer_of(const char *module, const char **rest)
{
    int layer, length = 0;

    if (sscanf(module, "model.layers.%6d.%n", &layer, &length) != 1 || !length)
        return -1;
    *rest = module + length;
    return layer;
}

/* ---- expressions ---- */

/* One that matches whole names, or, where tail, what follows a dot in them too. */
static bombus_status compile(const reader *r, bb_regex **out, const char *key, const char *text, size_t bytes, bool tail)
{
    const char *begin = tail ? "\\A(?:.*\\.)?(?:" : "\\A(?:", *end = ")\\z";
    const size_t size = strlen(begin) + bytes + strlen(end);
    char where[DESCRIPTION + 256];
    char *whole = bb_alloc(size);

    if (!whole)
        return no_memory(r, size);
    memcpy(whole, begin, strlen(begin));
    memcpy(whole + strlen(begin), text, bytes);
    memcpy(whole + strlen(begin) + bytes, end, strlen(end));
    snprintf(where, sizeof where, "%.200s: %.60s", r->file, key);
    const bombus_status status = bb_regex_compile(out, whole, size, where, r->err);
    bb_free(whole);
    return status;
}

static bombus_status matches(const bb_regex *regex, const char *name, bool *out, bombus_error *err)
{
    bb_regex_search search = {0};
    size_t start, end;
    bombus_status status = bb_regex_begin(&search, regex, name, strlen(name), err);

    *out = false;
    if (status == BOMBUS_OK)
        status = bb_regex_next(&search, out, &start, &end, err);
    bb_regex_search_free(&search);
    return status;
}

/* ---- mlx-lm ---- */

static bombus_status read_mlx_kind(const reader *r)
{
    static const char *const kinds[] = {[BOMBUS_ADAPTER_LORA] = "lora", [BOMBUS_ADAPTER_DORA] = "dora", [BOMBUS_ADAPTER_FULL] = "full"};
    const bb_json *type = bb_json_get(r->root, "fine_tune_type");

    if (!type)
        return BOMBUS_OK; /* lora */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (bb_json_is_text(type, kinds[i])) {
            r->config->kind = (bombus_adapter_kind)i;
            return BOMBUS_OK;
        }
    }
    return refuse(r, "fine_tune_type", type, BOMBUS_EUNSUPPORTED, "\"lora\", \"dora\" or \"full\"");
}

static bombus_status read_mlx(const reader *r)
{
    bb_adapter_config *config = r->config;
    const bb_json *parameters = bb_json_get(r->root, "lora_parameters"), *model = bb_json_get(r->root, "model"), *keys;
    bombus_status status = read_mlx_kind(r);

    config->format = BOMBUS_ADAPTER_MLX;
    if (is_plain_text(model) && !(config->base = keep_text(r, model)))
        return no_memory(r, model->bytes);
    if (status != BOMBUS_OK || config->kind == BOMBUS_ADAPTER_FULL)
        return status;
    if ((status = bb_json_field_int(r->root, "num_layers", BB_JSON_REQUIRED, -INT32_MAX, INT32_MAX, &config->num_layers, r->file,
                                    r->err)) != BOMBUS_OK)
        return status;
    if (!parameters)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: lora_parameters: missing", r->file);
    if (!bb_json_is(parameters, BB_JSON_OBJECT))
        return refuse(r, "lora_parameters", parameters, BOMBUS_EFORMAT, "an object");
    if ((status = bb_json_field_int(parameters, "rank", BB_JSON_REQUIRED, 1, BB_ADAPTER_RANK_MAX, &config->rank, r->file, r->err)) !=
            BOMBUS_OK ||
        (status = read_number(r, parameters, "lora_parameters.scale", "scale", &config->scale)) != BOMBUS_OK)
        return status;
    keys = bb_json_get(parameters, "keys");
    config->all_keys = !keys || keys->type == BB_JSON_NULL;
    if (config->all_keys)
        return BOMBUS_OK;
    if (keys->type != BB_JSON_ARRAY)
        return refuse(r, "lora_parameters.keys", keys, BOMBUS_EFORMAT, "an array of names");
    return read_names(r, "lora_parameters.keys", keys, &config->keys);
}

/* ---- PEFT ---- */

/* What has no part in the result. */
static const char *const harmless[] = {
    "auto_mapping", "base_model_name_or_path", "eva_config", "inference_mode", "lora_dropout", "megatron_core",
    "peft_version", "qalora_group_size",       "revision",   "task_type",
};

/* What is read elsewhere. */
static const char *const read_elsewhere[] = {
    "alpha_pattern", "bias", "exclude_modules", "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha",
    "peft_type",     "r",    "rank_pattern",    "target_modules",    "use_dora",       "use_rslora",
};

/* How A and B began says nothing of what became of them, unless the base's weights were changed too. */
static const char *const harmless_beginnings[] = {"gaussian", "eva", "mica", "orthogonal"};

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

#define IS_AMONG(names, name) is_among(names, sizeof(names) / sizeof *(names), name)

static bool asks_for_nothing(const bb_json *value)
{
    switch (value->type) {
    case BB_JSON_NULL:
        return true;
    case BB_JSON_BOOL:
        return !value->truth;
    case BB_JSON_STRING:
        return value->bytes == 0;
    case BB_JSON_ARRAY:
        return value->count == 0;
    case BB_JSON_OBJECT:
        return value->size == 0;
    default:
        return false;
    }
}

static bombus_status check_peft_fields(const reader *r)
{
    const bb_json *begin = bb_json_get(r->root, "init_lora_weights"), *bias = bb_json_get(r->root, "bias");

    for (size_t i = 0; i < r->root->size; i++) {
        const bb_json_member *m = &r->root->members[i];
        const bool known = strlen(m->key) == m->key_bytes && (IS_AMONG(harmless, m->key) || IS_AMONG(read_elsewhere, m->key));
        if (!known && !asks_for_nothing(&m->value))
            return refuse(r, m->key, &m->value, BOMBUS_EUNSUPPORTED, "none: it is not supported");
    }
    if (bias && !asks_for_nothing(bias) && !bb_json_is_text(bias, "none"))
        return refuse(r, "bias", bias, BOMBUS_EUNSUPPORTED, "\"none\"");
    if (bb_json_is(begin, BB_JSON_STRING) && !IS_AMONG(harmless_beginnings, begin->text))
        return refuse(r, "init_lora_weights", begin, BOMBUS_EUNSUPPORTED, "a beginning that leaves the base model's weights as they are");
    return BOMBUS_OK;
}

static bombus_status read_modules(const reader *r, const char *key, bb_module_names *out)
{
    const bb_json *value = bb_json_get(r->root, key);

    if (!value || asks_for_nothing(value))
        return BOMBUS_OK;
    if (value->type == BB_JSON_ARRAY)
        return read_names(r, key, value, out);
    if (value->type == BB_JSON_STRING)
        return compile(r, &out->regex, key, value->text, value->bytes, false);
    return refuse(r, key, value, BOMBUS_EFORMAT, "an array of names, or an expression");
}

static bool is_all_linear(const bb_json *value)
{
    static const char word[] = "all-linear";

    if (!bb_json_is(value, BB_JSON_STRING) || value->bytes != sizeof word - 1)
        return false;
    for (size_t i = 0; i < value->bytes; i++)
        if ((value->text[i] | 0x20) != (word[i] | 0x20))
            return false;
    return true;
}

/* A list's items, or the one value that stands in place of a list. */
static const bb_json *items_of(const bb_json *value, size_t *count)
{
    const bool list = value->type == BB_JSON_ARRAY;

    *count = list ? value->count : 1;
    return list ? value->items : value;
}

static bombus_status read_layers(const reader *r)
{
    const bb_json *value = bb_json_get(r->root, "layers_to_transform");
    bb_adapter_config *config = r->config;
    size_t count;

    if (!value || asks_for_nothing(value))
        return BOMBUS_OK;
    const bb_json *items = items_of(value, &count);
    int *layers = bb_arena_alloc(r->arena, count * sizeof *layers);
    if (!layers)
        return no_memory(r, count * sizeof *layers);
    for (size_t i = 0; i < count; i++) {
        int64_t layer;
        if (!bb_json_to_int(&items[i], &layer) || layer < INT32_MIN || layer > INT32_MAX)
            return refuse(r, "layers_to_transform", &items[i], BOMBUS_EFORMAT, "the number of a layer");
        layers[i] = (int)layer;
    }
    config->some_layers = true;
    config->layers = layers;
    config->layer_count = count;
    return BOMBUS_OK;
}

static bombus_status read_layers_pattern(const reader *r)
{
    const bb_json *value = bb_json_get(r->root, "layers_pattern");
    bb_adapter_config *config = r->config;
    size_t count;

    if (!value || asks_for_nothing(value))
        return BOMBUS_OK;
    const bb_json *items = items_of(value, &count);
    config->layers_patterns = bb_arena_alloc_zero(r->arena, count, sizeof(bb_regex *));
    if (!config->layers_patterns)
        return no_memory(r, count * sizeof(bb_regex *));
    for (size_t i = 0; i < count; i++) {
        if (!bb_json_is(&items[i], BB_JSON_STRING))
            return refuse(r, "layers_pattern", &items[i], BOMBUS_EFORMAT, "a name");
        const bombus_status status =
            compile(r, &config->layers_patterns[config->layers_pattern_count++], "layers_pattern", items[i].text, items[i].bytes, true);
        if (status != BOMBUS_OK)
            return status;
    }
    return BOMBUS_OK;
}

static bombus_status read_values(const reader *r, const char *key, bb_module_value **out, size_t *count, bool whole)
{
    const bb_json *value = bb_json_get(r->root, key);

    if (!value || asks_for_nothing(value))
        return BOMBUS_OK;
    if (value->type != BB_JSON_OBJECT)
        return refuse(r, key, value, BOMBUS_EFORMAT, "an object of numbers by name");
    *out = bb_arena_alloc_zero(r->arena, value->size, sizeof **out);
    if (!*out)
        return no_memory(r, value->size * sizeof **out);
    for (size_t i = 0; i < value->size; i++) {
        const bb_json_member *m = &value->members[i];
        bb_module_value *v = &(*out)[*count];
        if (!bb_json_to_double(&m->value, &v->value) || !isfinite(v->value) ||
            (whole && (v->value < 1 || v->value > BB_ADAPTER_RANK_MAX || v->value != floor(v->value))))
            return refuse(r, key, &m->value, BOMBUS_EFORMAT, whole ? "a rank from 1 to 65536" : "a number");
        ++*count;
        const bombus_status status = compile(r, &v->regex, key, m->key, m->key_bytes, true);
        if (status != BOMBUS_OK)
            return status;
    }
    return BOMBUS_OK;
}

static bombus_status read_peft(const reader *r)
{
    bb_adapter_config *config = r->config;
    const bb_json *type = bb_json_get(r->root, "peft_type"), *base = bb_json_get(r->root, "base_model_name_or_path");
    const bb_json *targets = bb_json_get(r->root, "target_modules");
    bool dora = false;
    bombus_status status;

    config->format = BOMBUS_ADAPTER_PEFT;
    if (!bb_json_is_text(type, "LORA"))
        return refuse(r, "peft_type", type, BOMBUS_EUNSUPPORTED, "\"LORA\"");
    if (is_plain_text(base) && !(config->base = keep_text(r, base)))
        return no_memory(r, base->bytes);
    if ((status = check_peft_fields(r)) != BOMBUS_OK ||
        (status = bb_json_field_int(r->root, "r", BB_JSON_REQUIRED, 1, BB_ADAPTER_RANK_MAX, &config->rank, r->file, r->err)) != BOMBUS_OK ||
        (status = read_number(r, r->root, "lora_alpha", "lora_alpha", &config->alpha)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "use_rslora", BB_JSON_OPTIONAL, &config->rslora, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "use_dora", BB_JSON_OPTIONAL, &dora, r->file, r->err)) != BOMBUS_OK)
        return status;
    config->kind = dora ? BOMBUS_ADAPTER_DORA : BOMBUS_ADAPTER_LORA;
    if (!targets || asks_for_nothing(targets))
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: target_modules: missing", r->file);
    config->all_linear = is_all_linear(targets);
    if ((!config->all_linear && (status = read_modules(r, "target_modules", &config->targets)) != BOMBUS_OK) ||
        (status = read_modules(r, "exclude_modules", &config->excluded)) != BOMBUS_OK || (status = read_layers(r)) != BOMBUS_OK ||
        (status = read_layers_pattern(r)) != BOMBUS_OK ||
        (status = read_values(r, "rank_pattern", &config->ranks, &config->rank_count, true)) != BOMBUS_OK)
        return status;
    return read_values(r, "alpha_pattern", &config->alphas, &config->alpha_count, false);
}

/* ---- the whole ---- */

bombus_status bb_adapter_config_parse(bb_adapter_config *config, bb_arena *arena, const char *text, size_t bytes, const char *file,
                                      bombus_error *err)
{
    bb_json_document document;

    *config = (bb_adapter_config){.file = file};
    bombus_status status = bb_json_parse(&document, text, bytes, file, err);
    if (status != BOMBUS_OK)
        return status;

    const reader r = {.config = config, .arena = arena, .root = &document.root, .file = file, .err = err};
    if (document.root.type != BB_JSON_OBJECT)
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: %s, expected an object", file, bb_json_type_name(document.root.type));
    else
        status = bb_json_get(&document.root, "peft_type") ? read_peft(&r) : read_mlx(&r);
    bb_json_free(&document);
    return status;
}

static void free_values(bb_module_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bb_regex_free(values[i].regex);
}

void bb_adapter_config_free(bb_adapter_config *config)
{
    bb_regex_free(config->targets.regex);
    bb_regex_free(config->excluded.regex);
    for (size_t i = 0; i < config->layers_pattern_count; i++)
        bb_regex_free(config->layers_patterns[i]);
    free_values(config->ranks, config->rank_count);
    free_values(config->alphas, config->alpha_count);
}

/* ---- what it says of a module ---- */

static bool has_name(const bb_module_names *names, const char *name)
{
    return is_among(names->items, names->count, name);
}

static bool targets_mlx(const bb_adapter_config *config, const char *module, int layers)
{
    const char *rest;
    const int layer = layer_of(module, &rest);
    const int first = config->num_layers > 0 && config->num_layers < layers ? layers - config->num_layers : 0;

    if (has_name(&config->keys, module))
        return true;
    return layer >= first && (config->all_keys || has_name(&config->keys, rest));
}

/* Is the module in one of the layers that a list of targets is restricted to? */
static bombus_status in_some_layer(const bb_adapter_config *config, const char *module, bool *out, bombus_error *err)
{
    const char *rest;
    const int layer = layer_of(module, &rest);
    bool named = config->layers_pattern_count == 0;

    *out = false;
    for (size_t i = 0; i < config->layers_pattern_count && layer >= 0 && !named; i++) {
        const bombus_status status = matches(config->layers_patterns[i], "model.layers", &named, err);
        if (status != BOMBUS_OK)
            return status;
    }
    for (size_t i = 0; i < config->layer_count && layer >= 0 && named; i++)
        *out |= config->layers[i] == layer;
    return BOMBUS_OK;
}

/* Is the module named, or the end of its name? */
static bool names_end(const bb_module_names *names, const char *module)
{
    for (size_t i = 0; i < names->count; i++)
        if (ends_with_module(module, names->items[i]))
            return true;
    return has_name(names, module);
}

static bombus_status targets_peft(const bb_adapter_config *config, const char *module, bool *out, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    bool excluded = names_end(&config->excluded, module);

    if (config->excluded.regex)
        status = matches(config->excluded.regex, module, &excluded, err);
    if (status != BOMBUS_OK || excluded)
        return status;
    if (config->targets.regex)
        return matches(config->targets.regex, module, out, err);
    if (!config->all_linear && has_name(&config->targets, module)) {
        *out = true;
        return BOMBUS_OK;
    }
    *out = config->all_linear ? strncmp(module, "model.layers.", strlen("model.layers.")) == 0 : names_end(&config->targets, module);
    return *out && config->some_layers && !config->all_linear ? in_some_layer(config, module, out, err) : BOMBUS_OK;
}

bombus_status bb_adapter_config_targets(const bb_adapter_config *config, const char *module, int layers, bool *out, bombus_error *err)
{
    *out = false;
    if (config->format == BOMBUS_ADAPTER_PEFT)
        return targets_peft(config, module, out, err);
    *out = targets_mlx(config, module, layers);
    return BOMBUS_OK;
}

/* The value of the first expression that matches. */
static bombus_status value_of(const bb_module_value *values, size_t count, const char *module, double *out, bombus_error *err)
{
    for (size_t i = 0; i < count; i++) {
        bool found;
        const bombus_status status = matches(values[i].regex, module, &found, err);
        if (status != BOMBUS_OK)
            return status;
        if (found) {
            *out = values[i].value;
            break;
        }
    }
    return BOMBUS_OK;
}

bombus_status bb_adapter_config_module(const bb_adapter_config *config, const char *module, int *rank, double *scale, bombus_error *err)
{
    double r = config->rank, alpha = config->alpha;
    bombus_status status = value_of(config->ranks, config->rank_count, module, &r, err);

    if (status == BOMBUS_OK)
        status = value_of(config->alphas, config->alpha_count, module, &alpha, err);
    *rank = (int)r;
    *scale = config->format == BOMBUS_ADAPTER_MLX ? config->scale : alpha / (config->rslora ? sqrt(r) : r);
    return status;
}
