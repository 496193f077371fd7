/* A tokenizer.json read into its parts, and the two tokens a tokenizer_config.json names. */
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "text/tokenizer/tokenizer.h"

static const size_t largest_file = (size_t)1 << 30, most_padding = (size_t)1 << 24;

/* ---- truncation and padding ---- */

static bombus_status read_direction(const bb_json *json, const bb_place *place, bool needed, bool *left, bombus_error *err)
{
    const bb_json *value = bb_json_get(json, "direction");

    *left = bb_json_is_text(value, "Left");
    if (*left || bb_json_is_text(value, "Right") || (!needed && !value))
        return BOMBUS_OK;
    return bb_component_unexpected(json, "direction", place, "\"Left\" or \"Right\"", err);
}

static bombus_status read_truncation(bb_limits *out, const bb_json *json, const char *file, bombus_error *err)
{
    const bb_place place = {file, "truncation"};
    const bb_json *strategy = bb_json_get(json, "strategy");

    if (!json || json->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (json->type != BB_JSON_OBJECT)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: truncation: %s, expected an object", file, bb_json_type_name(json->type));
    out->truncate = true;
    out->only_second = bb_json_is_text(strategy, "OnlySecond");
    if (!out->only_second && !bb_json_is_text(strategy, "OnlyFirst") && !bb_json_is_text(strategy, "LongestFirst"))
        return bb_component_unexpected(json, "strategy", &place, "\"LongestFirst\", \"OnlyFirst\" or \"OnlySecond\"", err);
    bombus_status status = read_direction(json, &place, false, &out->truncate_left, err);
    if (status == BOMBUS_OK)
        status = bb_component_size(json, "max_length", &place, &out->most, err);
    return status == BOMBUS_OK ? bb_component_size(json, "stride", &place, &out->stride, err) : status;
}

static bombus_status read_padding(bb_limits *out, const bb_json *json, const char *file, bombus_error *err)
{
    const bb_place place = {file, "padding"};
    const bb_json *strategy = bb_json_get(json, "strategy"), *multiple = bb_json_get(json, "pad_to_multiple_of");
    size_t id = 0;
    bombus_status status = BOMBUS_OK;

    if (!json || json->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (json->type != BB_JSON_OBJECT)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: padding: %s, expected an object", file, bb_json_type_name(json->type));
    out->pad = true;
    out->pad_fixed = bb_json_is(strategy, BB_JSON_OBJECT);
    if (out->pad_fixed)
        status = bb_component_size(strategy, "Fixed", &place, &out->pad_to, err);
    else if (!bb_json_is_text(strategy, "BatchLongest"))
        return bb_component_unexpected(json, "strategy", &place, "\"BatchLongest\" or {\"Fixed\": length}", err);
    if (status == BOMBUS_OK)
        status = read_direction(json, &place, true, &out->pad_left, err);
    if (status == BOMBUS_OK && multiple && multiple->type != BB_JSON_NULL)
        status = bb_component_size(json, "pad_to_multiple_of", &place, &out->pad_multiple, err);
    if (status == BOMBUS_OK && (out->pad_to > most_padding || out->pad_multiple > most_padding))
        status = bb_fail(err, BOMBUS_ELIMIT, "%s: padding: to %zu ids, a multiple of %zu: expected at most %zu", file, out->pad_to,
                         out->pad_multiple, most_padding);
    if (status == BOMBUS_OK)
        status = bb_component_size(json, "pad_id", &place, &id, err);
    if (status == BOMBUS_OK && id >= BB_VOCAB_ID_LIMIT)
        return bb_component_unexpected(json, "pad_id", &place, "an id from 0 to 16777215", err);
    out->pad_id = (int32_t)id;
    return status;
}

/* ---- the file ---- */

/* What the library does not know it does not read either. */
static bombus_status check_fields(const bb_json *root, const char *file, bombus_error *err)
{
    static const char *const known[] = {"version",       "truncation",     "padding", "added_tokens", "normalizer",
                                        "pre_tokenizer", "post_processor", "decoder", "model"};
    const bb_json *version = bb_json_get(root, "version"), *model = bb_json_get(root, "model");
    char found[80];

    if (root->type != BB_JSON_OBJECT)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s, expected an object", file, bb_json_describe(root, found, sizeof found));
    for (size_t i = 0; i < root->size; i++) {
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(root->members[i].key, known[k]) != 0)
            k++;
        if (k == sizeof known / sizeof *known)
            return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: field \"%.100s\" is not supported", file, root->members[i].key);
    }
    if (version && !bb_json_is_text(version, "1.0"))
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: version: %s, expected \"1.0\"", file, bb_json_describe(version, found, sizeof found));
    if (!bb_json_is(model, BB_JSON_OBJECT))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model: %s, expected an object", file, bb_json_describe(model, found, sizeof found));
    return BOMBUS_OK;
}

static bombus_status read_parts(bombus_tokenizer *t, const bb_json *root, bombus_error *err)
{
    bombus_status status = check_fields(root, t->file, err);

    if (status == BOMBUS_OK)
        status = bb_bpe_load(&t->bpe, bb_json_get(root, "model"), t->file, err);
    if (status == BOMBUS_OK)
        status = bb_normalizers_load(&t->normalizers, bb_json_get(root, "normalizer"), t->file, err);
    if (status == BOMBUS_OK)
        status = bb_pretokenizers_load(&t->pretokenizers, bb_json_get(root, "pre_tokenizer"), t->file, err);
    if (status == BOMBUS_OK)
        status = bb_added_tokens_load(&t->added, bb_json_get(root, "added_tokens"), &t->bpe.vocab, &t->normalizers, t->file, err);
    if (status == BOMBUS_OK)
        status = bb_postprocessors_load(&t->postprocessors, bb_json_get(root, "post_processor"), &t->bpe.vocab, &t->added, t->file, err);
    if (status == BOMBUS_OK)
        status = bb_decoders_load(&t->decoders, bb_json_get(root, "decoder"), t->file, err);
    if (status == BOMBUS_OK)
        status = read_truncation(&t->limits, bb_json_get(root, "truncation"), t->file, err);
    if (status == BOMBUS_OK)
        status = read_padding(&t->limits, bb_json_get(root, "padding"), t->file, err);
    return status;
}

static void measure(bombus_tokenizer *t)
{
    for (size_t i = 0; i < t->bpe.vocab.count; i++)
        if (t->bpe.vocab.entries[i].length > t->longest)
            t->longest = t->bpe.vocab.entries[i].length;
    for (size_t i = 0; i < t->added.count; i++)
        if (t->added.tokens[i].form.size > t->longest)
            t->longest = t->added.tokens[i].form.size;
}

bombus_status bb_tokenizer_parse(bombus_tokenizer **out, const char *text, size_t bytes, const char *file, bombus_error *err)
{
    bb_json_document document;
    bombus_tokenizer *t = bb_alloc_zero(1, sizeof *t);

    *out = NULL;
    if (t) {
        atomic_init(&t->references, 1);
        bb_bpe_begin(&t->bpe);
        t->bos = t->eos = -1;
        t->file = bb_strdup(file);
        t->fingerprint = bb_fingerprint(0, text, bytes);
    }
    if (!t || !t->file) {
        bb_free(t);
        return bb_fail_memory(err, sizeof *t);
    }
    const bb_json_sink sinks[] = {{"model", "vocab", BB_JSON_OBJECT, bb_bpe_take_token, &t->bpe},
                                  {"model", "merges", BB_JSON_ARRAY, bb_bpe_take_merge, &t->bpe}};
    bombus_status status = bb_json_parse_sinks(&document, text, bytes, file, sinks, 2, err);
    if (status == BOMBUS_OK) {
        status = read_parts(t, &document.root, err);
        bb_json_free(&document);
    }
    if (status != BOMBUS_OK) {
        bombus_tokenizer_free(t);
        return status;
    }
    measure(t);
    *out = t;
    return BOMBUS_OK;
}

/* "bos_token": "<s>" or {"content": "<s>", ...}. One that the vocabulary lacks is none. */
static bombus_status read_named_token(const bombus_tokenizer *t, const bb_json *root, const char *field, const char *file, int32_t *id,
                                      bombus_error *err)
{
    const bb_json *value = bb_json_get(root, field);
    char found[80];

    if (bb_json_is(value, BB_JSON_OBJECT))
        value = bb_json_get(value, "content");
    if (!value || value->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (value->type != BB_JSON_STRING)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %s, expected a string", file, field, bb_json_describe(value, found, sizeof found));
    *id = bombus_tokenizer_id(t, value->text);
    return BOMBUS_OK;
}

static bombus_status read_config(bombus_tokenizer *t, const char *path, bombus_error *err)
{
    bb_json_document document;
    char found[80];

    if (!bb_path_exists(path))
        return BOMBUS_OK;
    bombus_status status = bb_json_load(&document, path, err);
    if (status != BOMBUS_OK)
        return status;
    if (document.root.type != BB_JSON_OBJECT)
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: %s, expected an object", path, bb_json_describe(&document.root, found, sizeof found));
    if (status == BOMBUS_OK)
        status = read_named_token(t, &document.root, "bos_token", path, &t->bos, err);
    if (status == BOMBUS_OK)
        status = read_named_token(t, &document.root, "eos_token", path, &t->eos, err);
    bb_json_free(&document);
    return status;
}

bombus_status bombus_tokenizer_load(bombus_tokenizer **out, const char *path, bombus_error *err)
{
    char *parent = NULL, *file = NULL, *config = NULL, *text = NULL;
    size_t bytes;
    bombus_status status;

    *out = NULL;
    if (bb_is_directory(path)) {
        parent = bb_strdup(path);
        file = bb_path_join(path, "tokenizer.json");
    } else {
        parent = bb_path_parent(path);
        file = bb_strdup(path);
    }
    config = parent ? bb_path_join(parent, "tokenizer_config.json") : NULL;
    if (!file || !config) {
        status = bb_fail_memory(err, strlen(path));
        goto out;
    }
    status = bb_file_read(&text, &bytes, file, largest_file, err);
    if (status == BOMBUS_OK)
        status = bb_tokenizer_parse(out, text, bytes, file, err);
    if (status == BOMBUS_OK)
        status = read_config(*out, config, err);
    if (status != BOMBUS_OK) {
        bombus_tokenizer_free(*out);
        *out = NULL;
    }

out:
    bb_free(parent);
    bb_free(file);
    bb_free(config);
    bb_free(text);
    return status;
}
