/* config.json read into a bb_config: every field checked, what is not supported refused by name.
 *
 * Where mlx-lm reads a field, its meaning is mlx-lm's; the fields it leaves unread (sliding windows, rope_parameters) mean what they mean
 * in Hugging Face transformers. */
#include "model/config.h"

#include "backend/backend.h"
#include "base/error.h"
#include "base/file.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Larger than any model there is, small enough that products of two fit in 64 bits. */
enum { DIMENSION_MAX = 1 << 24, LAYERS_MAX = 4096, CONTEXT_MAX = 1 << 30 };

/* RoPE's bases and factors: beyond these its frequencies leave what a float can hold. */
static const double FACTOR_MIN = 1e-9, FACTOR_MAX = 1e15;

typedef struct reader {
    bb_config *config;
    bb_arena *arena;
    const bb_json *root;
    const char *file;
    bombus_error *err;
} reader;

static bombus_status refuse(const reader *r, const char *field, const bb_json *value, const char *expected)
{
    char found[80];
    return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: %s: %s is not supported, expected %s", r->file, field,
                   bb_json_describe(value, found, sizeof found), expected);
}

static bombus_status read_int(const reader *r, const char *key, bb_json_need need, int64_t max, int *out)
{
    return bb_json_field_int(r->root, key, need, 1, max, out, r->file, r->err);
}

/* A field that is there and not null. */
static const bb_json *present(const bb_json *object, const char *key)
{
    const bb_json *value = bb_json_get(object, key);
    return bb_json_is(value, BB_JSON_NULL) ? NULL : value;
}

static bombus_status read_family(const reader *r)
{
    const char *model_type = NULL, *architecture = NULL;
    const bb_json *architectures = present(r->root, "architectures");
    bombus_status status = bb_json_field_text(r->root, "model_type", BB_JSON_OPTIONAL, &model_type, r->file, r->err);

    if (status != BOMBUS_OK)
        return status;
    if (architectures) {
        if (!bb_json_is(architectures, BB_JSON_ARRAY) || (architectures->count && !bb_json_is(&architectures->items[0], BB_JSON_STRING)))
            return bb_fail(r->err, BOMBUS_EFORMAT, "%s: architectures: expected an array of strings", r->file);
        if (architectures->count)
            architecture = architectures->items[0].text;
    }
    if (!model_type && !architecture)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: model_type: missing", r->file);

    r->config->family = bb_family_find(model_type, architecture);
    if (!r->config->family) {
        char names[128];
        return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: %s: \"%s\" is not supported, expected one of %s", r->file,
                       model_type ? "model_type" : "architectures", model_type ? model_type : architecture,
                       bb_family_names(names, sizeof names));
    }
    architecture = architecture ? architecture : r->config->family->architecture;
    r->config->architecture = bb_arena_strndup(r->arena, architecture, strlen(architecture));
    return r->config->architecture ? BOMBUS_OK : bb_fail_memory(r->err, strlen(architecture));
}

static bombus_status read_dimensions(const reader *r)
{
    bb_config *c = r->config;
    const char *activation = "silu";
    bombus_status status;

    if ((status = read_int(r, "hidden_size", BB_JSON_REQUIRED, DIMENSION_MAX, &c->hidden)) != BOMBUS_OK ||
        (status = read_int(r, "num_hidden_layers", BB_JSON_REQUIRED, LAYERS_MAX, &c->layers)) != BOMBUS_OK ||
        (status = read_int(r, "intermediate_size", BB_JSON_REQUIRED, DIMENSION_MAX, &c->feed_forward)) != BOMBUS_OK ||
        (status = read_int(r, "vocab_size", BB_JSON_REQUIRED, DIMENSION_MAX, &c->vocabulary)) != BOMBUS_OK ||
        (status = read_int(r, "num_attention_heads", BB_JSON_REQUIRED, DIMENSION_MAX, &c->heads)) != BOMBUS_OK)
        return status;

    c->kv_heads = c->heads;
    c->head_dim = c->family->default_head_dim ? c->family->default_head_dim : c->hidden / c->heads;
    c->context = c->family->default_context;
    c->norm_eps = 1e-6;
    if ((status = read_int(r, "num_key_value_heads", BB_JSON_OPTIONAL, c->heads, &c->kv_heads)) != BOMBUS_OK ||
        (status = read_int(r, "head_dim", BB_JSON_OPTIONAL, BB_HEAD_DIM_MAX, &c->head_dim)) != BOMBUS_OK ||
        (status = read_int(r, "max_position_embeddings", BB_JSON_OPTIONAL, CONTEXT_MAX, &c->context)) != BOMBUS_OK ||
        (status = bb_json_field_float(r->root, "rms_norm_eps", BB_JSON_OPTIONAL, &c->norm_eps, r->file, r->err)) != BOMBUS_OK)
        return status;

    if (!c->family->default_head_dim && !present(r->root, "head_dim") && c->hidden % c->heads)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: hidden_size: %d, expected a multiple of num_attention_heads, %d", r->file, c->hidden,
                       c->heads);
    if (c->head_dim < 1 || c->head_dim > BB_HEAD_DIM_MAX)
        return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: a head of %d dimensions is not supported, expected 1 to %d", r->file, c->head_dim,
                       BB_HEAD_DIM_MAX);
    if (c->heads % c->kv_heads)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: num_key_value_heads: %d, expected a divisor of num_attention_heads, %d", r->file,
                       c->kv_heads, c->heads);
    if (c->norm_eps < 0)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: rms_norm_eps: %g, expected a number from 0 up", r->file, c->norm_eps);

    if ((status = bb_json_field_text(r->root, "hidden_act", BB_JSON_OPTIONAL, &activation, r->file, r->err)) != BOMBUS_OK)
        return status;
    if (strcmp(activation, "silu") != 0 && strcmp(activation, "swish") != 0)
        return refuse(r, "hidden_act", bb_json_get(r->root, "hidden_act"), "silu");
    return BOMBUS_OK;
}

static bombus_status read_flags(const reader *r)
{
    bb_config *c = r->config;
    bool attention_bias = false, tied = false, traditional = false, activations = false;
    bombus_status status;

    if ((status = bb_json_field_bool(r->root, "attention_bias", BB_JSON_OPTIONAL, &attention_bias, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "mlp_bias", BB_JSON_OPTIONAL, &c->mlp_bias, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "tie_word_embeddings", BB_JSON_OPTIONAL, &tied, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "rope_traditional", BB_JSON_OPTIONAL, &traditional, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_bool(r->root, "quantize_activations", BB_JSON_OPTIONAL, &activations, r->file, r->err)) != BOMBUS_OK)
        return status;
    if (traditional)
        return refuse(r, "rope_traditional", bb_json_get(r->root, "rope_traditional"), "false");
    if (activations)
        return refuse(r, "quantize_activations", bb_json_get(r->root, "quantize_activations"), "false");
    if (present(r->root, "model_file"))
        return refuse(r, "model_file", bb_json_get(r->root, "model_file"), "a model without code of its own");

    /* qwen2 has biases whatever attention_bias says, and none on o. */
    c->qkv_bias = c->family->qkv_bias || attention_bias;
    c->o_bias = !c->family->qkv_bias && attention_bias;
    c->tied = !present(r->root, "tie_word_embeddings") ? BB_TIED_BY_FILE : tied ? BB_TIED_YES : BB_TIED_NO;
    return BOMBUS_OK;
}

/* ---- RoPE ---- */

static bombus_status read_factor(const reader *r, const bb_json *scaling, const char *key, bb_json_need need, double *out)
{
    bombus_status status = bb_json_field_float(scaling, key, need, out, r->file, r->err);

    if (status == BOMBUS_OK && (*out < FACTOR_MIN || *out > FACTOR_MAX))
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: %s: %g, expected a number from %g to %g", r->file, key, *out, FACTOR_MIN, FACTOR_MAX);
    return status;
}

/* What YaRN multiplies cos and sin with. Of rope_parameters transformers takes mscale and mscale_all_dim only together. */
static bombus_status read_yarn_scale(const reader *r, const bb_json *scaling, bool parameters)
{
    bb_rope_config *rope = &r->config->rope;
    double mscale = 1, mscale_all = 0;
    bombus_status status;

    if (present(scaling, "attention_factor"))
        return read_factor(r, scaling, "attention_factor", BB_JSON_OPTIONAL, &rope->attention_factor);
    if ((status = bb_json_field_float(scaling, "mscale", BB_JSON_OPTIONAL, &mscale, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_float(scaling, "mscale_all_dim", BB_JSON_OPTIONAL, &mscale_all, r->file, r->err)) != BOMBUS_OK)
        return status;

    if (parameters && (mscale == 0 || mscale_all == 0)) {
        mscale = 1;
        mscale_all = 0;
    }

    const double stretch = rope->factor > 1 ? 0.1 * log(rope->factor) : 0;
    rope->attention_factor = (mscale * stretch + 1) / (mscale_all * stretch + 1);
    if (!(fabs(rope->attention_factor) <= FACTOR_MAX))
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: mscale: %g with mscale_all_dim %g scales attention by %g, expected at most %g", r->file,
                       mscale, mscale_all, rope->attention_factor, FACTOR_MAX);
    return BOMBUS_OK;
}

static bombus_status read_original_context(const reader *r, const bb_json *object)
{
    return bb_json_field_int(object, "original_max_position_embeddings", BB_JSON_OPTIONAL, 1, CONTEXT_MAX,
                             &r->config->rope.original_context, r->file, r->err);
}

/* parameters: scaling is rope_parameters, over which the original context at the top level wins; over rope_scaling it does not. */
static bombus_status read_scaling(const reader *r, const bb_json *scaling, bool parameters)
{
    bb_rope_config *rope = &r->config->rope;
    const char *type = "default";
    bombus_status status;

    /* "type" is the older name; a file that has both says the same twice. */
    if ((status = bb_json_field_text(scaling, "rope_type", BB_JSON_OPTIONAL, &type, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_text(scaling, "type", BB_JSON_OPTIONAL, &type, r->file, r->err)) != BOMBUS_OK)
        return status;
    if (strcmp(type, "default") == 0)
        return BOMBUS_OK;

    if (strcmp(type, "linear") == 0)
        rope->type = BB_ROPE_LINEAR;
    else if (strcmp(type, "llama3") == 0)
        rope->type = BB_ROPE_LLAMA3;
    else if (strcmp(type, "yarn") == 0)
        rope->type = BB_ROPE_YARN;
    else
        return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: RoPE type \"%s\" is not supported, expected default, linear, llama3 or yarn",
                       r->file, type);

    rope->low_freq_factor = rope->beta_slow = 1;
    rope->high_freq_factor = 4;
    rope->beta_fast = 32;
    rope->truncate = true;
    rope->original_context = parameters ? r->config->context : rope->type == BB_ROPE_LLAMA3 ? 8192 : 4096;
    if ((status = read_factor(r, scaling, "factor", BB_JSON_REQUIRED, &rope->factor)) != BOMBUS_OK ||
        (status = read_factor(r, scaling, "low_freq_factor", BB_JSON_OPTIONAL, &rope->low_freq_factor)) != BOMBUS_OK ||
        (status = read_factor(r, scaling, "high_freq_factor", BB_JSON_OPTIONAL, &rope->high_freq_factor)) != BOMBUS_OK ||
        (status = read_factor(r, scaling, "beta_fast", BB_JSON_OPTIONAL, &rope->beta_fast)) != BOMBUS_OK ||
        (status = read_factor(r, scaling, "beta_slow", BB_JSON_OPTIONAL, &rope->beta_slow)) != BOMBUS_OK ||
        (status = bb_json_field_bool(scaling, "truncate", BB_JSON_OPTIONAL, &rope->truncate, r->file, r->err)) != BOMBUS_OK ||
        (status = read_original_context(r, parameters ? scaling : r->root)) != BOMBUS_OK ||
        (status = read_original_context(r, parameters ? r->root : scaling)) != BOMBUS_OK)
        return status;
    if (rope->type == BB_ROPE_LLAMA3 && rope->low_freq_factor >= rope->high_freq_factor)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: high_freq_factor: %g, expected more than low_freq_factor, %g", r->file,
                       rope->high_freq_factor, rope->low_freq_factor);
    return rope->type == BB_ROPE_YARN ? read_yarn_scale(r, scaling, parameters) : BOMBUS_OK;
}

static bombus_status read_rope(const reader *r)
{
    bb_config *c = r->config;
    const bb_json *scaling = present(r->root, "rope_scaling"), *parameters = present(r->root, "rope_parameters");
    double partial = 1;
    bombus_status status;

    if (scaling && scaling->type != BB_JSON_OBJECT)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: rope_scaling: %s, expected an object", r->file, bb_json_type_name(scaling->type));
    if (parameters && parameters->type != BB_JSON_OBJECT)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: rope_parameters: %s, expected an object", r->file, bb_json_type_name(parameters->type));
    for (size_t i = 0; parameters && i < parameters->size; i++)
        if (bb_json_is(&parameters->members[i].value, BB_JSON_OBJECT))
            return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: rope_parameters: parameters for each layer type (\"%s\") are not supported",
                           r->file, parameters->members[i].key);

    if (scaling && scaling->size)
        parameters = NULL; /* transformers then drops them whole */
    c->rope.theta = parameters ? 1e4 : c->family->default_theta;
    if ((status = read_factor(r, r->root, "rope_theta", BB_JSON_OPTIONAL, &c->rope.theta)) != BOMBUS_OK ||
        (status = read_factor(r, parameters, "rope_theta", BB_JSON_OPTIONAL, &c->rope.theta)) != BOMBUS_OK ||
        (status = read_factor(r, r->root, "partial_rotary_factor", BB_JSON_OPTIONAL, &partial)) != BOMBUS_OK ||
        (status = read_factor(r, parameters, "partial_rotary_factor", BB_JSON_OPTIONAL, &partial)) != BOMBUS_OK)
        return status;
    if (partial != 1)
        return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: partial_rotary_factor: %g is not supported, expected 1", r->file, partial);
    if (c->head_dim % 2)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: a head of %d dimensions, expected an even number for RoPE", r->file, c->head_dim);
    if (c->rope.theta == 1)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: rope_theta: 1, expected a number above 1", r->file);

    if (parameters)
        return read_scaling(r, parameters, true);
    return scaling ? read_scaling(r, scaling, false) : BOMBUS_OK;
}

/* ---- sliding windows ---- */

static bombus_status read_windows(const reader *r)
{
    bb_config *c = r->config;
    const bb_json *types = present(r->root, "layer_types"), *field = bb_json_get(r->root, "sliding_window");
    int window = bb_json_is(field, BB_JSON_NULL) ? 0 : 4096, first = c->layers;
    bool used = c->family->window == BB_WINDOW_ALL;
    bombus_status status;

    if ((status = read_int(r, "sliding_window", BB_JSON_OPTIONAL, CONTEXT_MAX, &window)) != BOMBUS_OK)
        return status;
    if (c->family->window == BB_WINDOW_UPPER) {
        first = 28;
        if ((status = bb_json_field_bool(r->root, "use_sliding_window", BB_JSON_OPTIONAL, &used, r->file, r->err)) != BOMBUS_OK ||
            (status = bb_json_field_int(r->root, "max_window_layers", BB_JSON_OPTIONAL, 0, LAYERS_MAX, &first, r->file, r->err)) !=
                BOMBUS_OK)
            return status;
    } else if (used) {
        first = 0;
    }
    if (c->family->window == BB_WINDOW_NONE)
        used = types && field;

    c->windows = bb_arena_alloc_zero(r->arena, (size_t)c->layers, sizeof *c->windows);
    if (!c->windows)
        return bb_fail_memory(r->err, (size_t)c->layers * sizeof *c->windows);
    if (!used)
        return BOMBUS_OK;
    if (types && (types->type != BB_JSON_ARRAY || types->count != (size_t)c->layers))
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: layer_types: expected an array of %d strings", r->file, c->layers);

    for (int i = 0; i < c->layers; i++) {
        bool sliding = i >= first;
        if (types && c->family->window != BB_WINDOW_ALL) {
            sliding = bb_json_is_text(&types->items[i], "sliding_attention");
            if (!sliding && !bb_json_is_text(&types->items[i], "full_attention"))
                return refuse(r, "layer_types", &types->items[i], "full_attention or sliding_attention");
        }
        c->windows[i] = sliding ? window : 0;
    }
    return BOMBUS_OK;
}

/* ---- quantization ---- */

static bombus_status read_quantization_entry(const reader *r, const char *name, const bb_json *entry, bombus_quantization *out)
{
    const char *mode = "affine";
    bombus_status status;

    *out = (bombus_quantization){.mode = BOMBUS_AFFINE};
    if ((status = bb_json_field_text(entry, "mode", BB_JSON_OPTIONAL, &mode, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_int(entry, "bits", BB_JSON_OPTIONAL, 1, 32, &out->bits, r->file, r->err)) != BOMBUS_OK ||
        (status = bb_json_field_int(entry, "group_size", BB_JSON_OPTIONAL, 1, DIMENSION_MAX, &out->group_size, r->file, r->err)) !=
            BOMBUS_OK) {
        bb_fail_prefix(r->err, "%s", name);
        return status;
    }
    if (!bombus_mode_parse(&out->mode, mode) || out->mode == BOMBUS_DENSE)
        return bb_fail(r->err, BOMBUS_EUNSUPPORTED, "%s: %s.mode: \"%s\" is not supported, expected affine, mxfp4, mxfp8 or nvfp4", r->file,
                       name, mode);
    status = bb_quantization_check(out, name, r->err);
    if (status != BOMBUS_OK)
        bb_fail_prefix(r->err, "%s", r->file);
    return status;
}

static bombus_status read_override(const reader *r, const bb_json_member *member)
{
    bb_override *override = &r->config->overrides[r->config->override_count];

    override->module = bb_arena_strndup(r->arena, member->key, member->key_bytes);
    if (!override->module)
        return bb_fail_memory(r->err, member->key_bytes);
    r->config->override_count++;
    if (member->value.type == BB_JSON_OBJECT)
        return read_quantization_entry(r, override->module, &member->value, &override->quantization);
    if (member->value.type == BB_JSON_BOOL) {
        override->quantization = member->value.truth ? r->config->quantization : (bombus_quantization){.mode = BOMBUS_DENSE};
        return BOMBUS_OK;
    }
    return bb_fail(r->err, BOMBUS_EFORMAT, "%s: quantization: %s: %s, expected an object or a boolean", r->file, override->module,
                   bb_json_type_name(member->value.type));
}

/* A quant_method is another tool's, also beside a "quantization": mlx-lm writes one dict under both names, without it. Only the methods
 * that are MLX modes are read. */
static bombus_status check_method(const reader *r, const char *key)
{
    const bb_json *object = present(r->root, key), *method = present(object, "quant_method");
    char field[64];

    if (object && object->type != BB_JSON_OBJECT)
        return bb_fail(r->err, BOMBUS_EFORMAT, "%s: %s: %s, expected an object", r->file, key, bb_json_type_name(object->type));
    if (!method || bb_json_is_text(method, "mxfp4") || bb_json_is_text(method, "mxfp8"))
        return BOMBUS_OK;
    snprintf(field, sizeof field, "%s.quant_method", key);
    return refuse(r, field, method, "a checkpoint quantized by MLX (mlx_lm.convert)");
}

/* Keys of "quantization" that name no module; the last two are of older converters. */
static bool is_setting(const char *key)
{
    static const char *const settings[] = {"bits", "group_size", "mode", "quant_method", "linear_class", "quantization_mode"};

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(key, settings[i]) == 0)
            return true;
    return false;
}

static bombus_status read_quantization(const reader *r)
{
    const bb_json *quantization = present(r->root, "quantization"), *other = present(r->root, "quantization_config");
    bombus_status status;

    if ((status = check_method(r, "quantization")) != BOMBUS_OK || (status = check_method(r, "quantization_config")) != BOMBUS_OK ||
        (status = check_method(r, "compression_config")) != BOMBUS_OK)
        return status;
    if (!quantization && other && present(other, "bits"))
        quantization = other;
    if (!quantization)
        return BOMBUS_OK;
    if ((status = read_quantization_entry(r, "quantization", quantization, &r->config->quantization)) != BOMBUS_OK)
        return status;

    r->config->overrides = bb_arena_alloc_zero(r->arena, quantization->size, sizeof *r->config->overrides);
    if (!r->config->overrides)
        return bb_fail_memory(r->err, quantization->size * sizeof *r->config->overrides);
    for (size_t i = 0; i < quantization->size; i++) {
        const bb_json_member *member = &quantization->members[i];
        if (!is_setting(member->key) && (status = read_override(r, member)) != BOMBUS_OK)
            return status;
    }
    return BOMBUS_OK;
}

/* ---- end tokens ---- */

static bombus_status read_end_tokens(const reader *r, const bb_json *root, const char *file, bool *found)
{
    const bb_json *field = present(root, "eos_token_id");
    const size_t count = !field ? 0 : field->type == BB_JSON_ARRAY ? field->count : 1;

    *found = count > 0;
    if (!count)
        return BOMBUS_OK;
    r->config->end_tokens = bb_arena_alloc_zero(r->arena, count, sizeof *r->config->end_tokens);
    if (!r->config->end_tokens)
        return bb_fail_memory(r->err, count * sizeof *r->config->end_tokens);
    r->config->end_count = count;
    for (size_t i = 0; i < count; i++) {
        int64_t id;
        if (!bb_json_to_int(field->type == BB_JSON_ARRAY ? &field->items[i] : field, &id) || id < 0 || id > INT32_MAX)
            return bb_fail(r->err, BOMBUS_EFORMAT, "%s: eos_token_id: expected a token id or an array of them", file);
        r->config->end_tokens[i] = (int32_t)id;
    }
    return BOMBUS_OK;
}

/* ---- sampling defaults ---- */

static bombus_status read_sampling_float(const bb_json *root, const char *key, double max, float *out, const char *file, bombus_error *err)
{
    double value = (double)*out;
    bombus_status status = bb_json_field_float(root, key, BB_JSON_OPTIONAL, &value, file, err);

    if (status != BOMBUS_OK)
        return status;
    if (!(value >= 0 && value <= max)) {
        const char *expected = max < (double)FLT_MAX ? "a number from 0 to 1" : "a number from 0 up";
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %g, expected %s", file, key, value, expected);
    }
    *out = (float)value;
    return BOMBUS_OK;
}

/* A temperature is reason enough to sample; transformers wants do_sample as well, which files made for other engines leave out. */
static bombus_status read_sampling(const bb_json *root, bombus_sampling *out, const char *file, bombus_error *err)
{
    const bool speaks = present(root, "do_sample"), warm = present(root, "temperature");
    bombus_sampling s = {.temperature = 1, .top_p = 1, .repetition_penalty = 1};
    bool samples = warm;
    bombus_status status;

    if ((status = bb_json_field_bool(root, "do_sample", BB_JSON_OPTIONAL, &samples, file, err)) != BOMBUS_OK ||
        (status = read_sampling_float(root, "temperature", (double)FLT_MAX, &s.temperature, file, err)) != BOMBUS_OK ||
        (status = read_sampling_float(root, "top_p", 1, &s.top_p, file, err)) != BOMBUS_OK ||
        (status = read_sampling_float(root, "min_p", 1, &s.min_p, file, err)) != BOMBUS_OK ||
        (status = bb_json_field_int(root, "top_k", BB_JSON_OPTIONAL, 0, INT_MAX, &s.top_k, file, err)) != BOMBUS_OK ||
        (status = read_sampling_float(root, "repetition_penalty", (double)FLT_MAX, &s.repetition_penalty, file, err)) != BOMBUS_OK)
        return status;
    if (!samples)
        s.temperature = 0;
    if (speaks && !samples) {
        s.top_p = 1;
        s.min_p = 0;
        s.top_k = 0;
    }
    *out = s;
    return BOMBUS_OK;
}

bombus_status bb_config_parse(bb_config *config, bb_arena *arena, const char *text, size_t bytes, const char *file,
                              const bb_json *generation, const char *generation_file, bombus_error *err)
{
    bb_json_document document;
    bool found = false;

    *config = (bb_config){.file = file};
    bombus_status status = bb_json_parse(&document, text, bytes, file, err);
    if (status != BOMBUS_OK)
        return status;

    const reader r = {config, arena, &document.root, file, err};
    if (document.root.type != BB_JSON_OBJECT) {
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: %s, expected an object", file, bb_json_type_name(document.root.type));
        goto out;
    }
    if ((status = read_family(&r)) != BOMBUS_OK || (status = read_dimensions(&r)) != BOMBUS_OK || (status = read_flags(&r)) != BOMBUS_OK ||
        (status = read_rope(&r)) != BOMBUS_OK || (status = read_windows(&r)) != BOMBUS_OK || (status = read_quantization(&r)) != BOMBUS_OK)
        goto out;
    status = read_sampling(generation, &config->sampling, generation_file, err);
    if (status == BOMBUS_OK && generation)
        status = read_end_tokens(&r, generation, generation_file, &found);
    if (status == BOMBUS_OK && !found)
        status = read_end_tokens(&r, &document.root, file, &found);

out:
    bb_json_free(&document);
    return status;
}

bombus_status bb_config_load(bb_config *config, bb_arena *arena, const char *directory, bombus_error *err)
{
    char *path = bb_path_join(directory, "config.json"), *generation_path = bb_path_join(directory, "generation_config.json");
    const char *file = NULL;
    char *text = NULL;
    size_t bytes = 0;
    bb_json_document generation = {0};
    bombus_status status = BOMBUS_OK;

    if (!path || !generation_path || !(file = bb_arena_strndup(arena, path, strlen(path)))) {
        status = bb_fail_memory(err, strlen(directory));
        goto out;
    }
    if ((status = bb_file_read(&text, &bytes, path, (size_t)1 << 26, err)) != BOMBUS_OK)
        goto out;
    if (bb_path_exists(generation_path)) {
        if ((status = bb_json_load(&generation, generation_path, err)) != BOMBUS_OK)
            goto out;
        if (generation.root.type != BB_JSON_OBJECT) {
            status = bb_fail(err, BOMBUS_EFORMAT, "%s: %s, expected an object", generation_path, bb_json_type_name(generation.root.type));
            goto out;
        }
    }
    status = bb_config_parse(config, arena, text, bytes, file, &generation.root, generation_path, err);

out:
    bb_json_free(&generation);
    bb_free(text);
    bb_free(generation_path);
    bb_free(path);
    return status;
}
