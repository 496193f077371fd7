/* Where a model's templates and special tokens are found. */
#include "text/template.h"

#include "base/error.h"
#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 16 << 20 }; /* bytes of a template file */

/* Takes the path, which may be NULL for lack of memory. */
static bombus_status add_file(bombus_template *t, const char *name, char *path, bombus_error *err)
{
    char *text = NULL;
    size_t bytes = 0;

    if (!path)
        return bb_fail_memory(err, 1);
    bombus_status status = bb_file_read(&text, &bytes, path, LARGEST, err);
    if (status == BOMBUS_OK)
        status = bb_template_add(t, name, text, bytes, path, err);
    bb_free(text);
    bb_free(path);
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_template(const struct dirent *entry)
{
    const size_t size = strlen(entry->d_name);
    return size > 6 && strcmp(entry->d_name + size - 6, ".jinja") == 0;
}

/* additional_chat_templates/NAME.jinja */
static bombus_status add_directory(bombus_template *t, const char *directory, bombus_error *err)
{
    char *folder = bb_path_join(directory, "additional_chat_templates");
    struct dirent **files = NULL;
    bombus_status status = BOMBUS_OK;

    if (!folder)
        return bb_fail_memory(err, 1);
    const int count = bb_is_directory(folder) ? scandir(folder, &files, is_template, by_name) : 0;
    for (int i = 0; i < count; i++) {
        const size_t size = strlen(files[i]->d_name) - 6;
        char *name = status == BOMBUS_OK ? bb_strndup(files[i]->d_name, size) : NULL;
        if (status == BOMBUS_OK)
            status = name ? add_file(t, name, bb_path_join(folder, files[i]->d_name), err) : bb_fail_memory(err, size);
        bb_free(name);
        free(files[i]);
    }
    free(files);
    bb_free(folder);
    return status;
}

static bombus_status add_json_text(bombus_template *t, const char *name, const bb_json *text, const char *path, bombus_error *err)
{
    char source[4096];

    snprintf(source, sizeof source, strcmp(name, "default") == 0 ? "%s: chat_template" : "%s: chat_template \"%s\"", path, name);
    return bb_template_add(t, name, text->text, text->bytes, source, err);
}

/* The chat_template of a JSON file: a template, or a list of {"name", "template"}. None is no error. */
static bombus_status add_json(bombus_template *t, const char *path, bombus_error *err)
{
    bb_json_document document;
    char found[80];

    bombus_status status = bb_json_load(&document, path, err);
    if (status != BOMBUS_OK)
        return status;
    const bb_json *templates = bb_json_get(&document.root, "chat_template");
    if (bb_json_is(templates, BB_JSON_STRING)) {
        status = add_json_text(t, "default", templates, path, err);
    } else if (bb_json_is(templates, BB_JSON_ARRAY)) {
        for (size_t i = 0; i < templates->count && status == BOMBUS_OK; i++) {
            const bb_json *name = bb_json_get(&templates->items[i], "name"), *text = bb_json_get(&templates->items[i], "template");
            if (!bb_json_is(name, BB_JSON_STRING) || !bb_json_is(text, BB_JSON_STRING))
                status = bb_fail(err, BOMBUS_EFORMAT, "%s: chat_template[%zu]: expected an object with name and template", path, i);
            else
                status = add_json_text(t, name->text, text, path, err);
        }
    } else if (bb_json_is(templates, BB_JSON_OBJECT)) {
        for (size_t i = 0; i < templates->size && status == BOMBUS_OK; i++)
            if (templates->members[i].value.type == BB_JSON_STRING)
                status = add_json_text(t, templates->members[i].key, &templates->members[i].value, path, err);
    } else if (templates && templates->type != BB_JSON_NULL) {
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: chat_template: %s, expected a string or an array", path,
                         bb_json_describe(templates, found, sizeof found));
    }
    bb_json_free(&document);
    return status;
}

static bombus_status load_directory(bombus_template *t, const char *directory, bombus_error *err)
{
    static const char *const files[] = {"chat_template.jinja", "tokenizer_config.json", "chat_template.json"};
    bombus_status status = add_directory(t, directory, err);

    for (size_t i = 0; i < sizeof files / sizeof *files && status == BOMBUS_OK; i++) {
        char *path = bb_path_join(directory, files[i]);
        if (!path)
            return bb_fail_memory(err, 1);
        if (bb_path_exists(path) && i == 0) {
            status = add_file(t, "default", path, err);
            continue;
        }
        if (bb_path_exists(path) && !t->count)
            status = add_json(t, path, err);
        bb_free(path);
    }
    if (status == BOMBUS_OK && !t->count)
        return bb_fail(err, BOMBUS_ENOTFOUND, "%s: no chat template (chat_template.jinja, or chat_template in tokenizer_config.json)",
                       directory);
    return status;
}

static bombus_status load_file(bombus_template *t, const char *path, bombus_error *err)
{
    const size_t size = strlen(path);

    if (size < 5 || strcmp(path + size - 5, ".json") != 0)
        return add_file(t, "default", bb_strdup(path), err);
    const bombus_status status = add_json(t, path, err);
    if (status == BOMBUS_OK && !t->count)
        return bb_fail(err, BOMBUS_ENOTFOUND, "%s: chat_template: missing", path);
    return status;
}

/* Where all are broken, or the only one: said at once. */
static bombus_status check_usable(const bombus_template *t, bombus_error *err)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->entries[i].program)
            return BOMBUS_OK;
    return bb_fail(err, t->entries[0].failure.code, "%s", t->entries[0].failure.message);
}

bombus_status bombus_template_load(bombus_template **out, const char *path, bombus_error *err)
{
    bombus_template *t = bb_alloc_zero(1, sizeof *t);
    const bool directory = bb_is_directory(path);
    char *parent = directory ? NULL : bb_path_parent(path);

    *out = NULL;
    if (!t || (!directory && !parent)) {
        bb_free(t);
        bb_free(parent);
        return bb_fail_memory(err, sizeof *t);
    }
    bombus_status status = directory ? load_directory(t, path, err) : load_file(t, path, err);
    if (status == BOMBUS_OK)
        status = check_usable(t, err);
    if (status == BOMBUS_OK)
        status = bb_template_load_tokens(t, directory ? path : parent, err);
    bb_free(parent);
    if (status == BOMBUS_OK)
        *out = t;
    else
        bombus_template_free(t);
    return status;
}

/* ---- special tokens ---- */

/* Replaces a token of that name. */
static bombus_status set_token(bombus_template *t, const char *name, const bb_json *value, bombus_error *err)
{
    const bb_json *text = bb_json_is(value, BB_JSON_OBJECT) ? bb_json_get(value, "content") : value;
    bb_template_token token;
    size_t i = 0;

    if (!bb_json_is(text, BB_JSON_STRING))
        return BOMBUS_OK;
    while (i < t->token_count && strcmp(t->tokens[i].name, name) != 0)
        i++;
    token = (bb_template_token){bb_strdup(name), bb_strndup(text->text, text->bytes), text->bytes};
    if (!token.name || !token.text || !bb_grow(&t->tokens, &t->token_capacity, i + 1, sizeof *t->tokens)) {
        bb_free(token.name);
        bb_free(token.text);
        return bb_fail_memory(err, text->bytes);
    }
    if (i < t->token_count) {
        bb_free(t->tokens[i].name);
        bb_free(t->tokens[i].text);
    } else {
        t->token_count++;
    }
    t->tokens[i] = token;
    return BOMBUS_OK;
}

/* bos_token and its like, those of the model's own that end in _token, and all of extra_special_tokens where that names them. */
static bombus_status add_tokens(bombus_template *t, const bb_json *root, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    const bb_json *extra = bb_json_get(root, "extra_special_tokens");

    if (!bb_json_is(root, BB_JSON_OBJECT))
        return BOMBUS_OK;
    for (size_t i = 0; i < root->size && status == BOMBUS_OK; i++) {
        const size_t size = root->members[i].key_bytes;
        if (size > 6 && strcmp(root->members[i].key + size - 6, "_token") == 0)
            status = set_token(t, root->members[i].key, &root->members[i].value, err);
    }
    for (size_t i = 0; bb_json_is(extra, BB_JSON_OBJECT) && i < extra->size && status == BOMBUS_OK; i++)
        status = set_token(t, extra->members[i].key, &extra->members[i].value, err);
    return status;
}

/* One of the directory's files, where it is there. *legacy: whether special_tokens_map.json has a say. */
static bombus_status add_tokens_of(bombus_template *t, const char *directory, const char *file, bool *legacy, bombus_error *err)
{
    char *path = bb_path_join(directory, file);
    bb_json_document document;
    bombus_status status = BOMBUS_OK;

    if (!path)
        return bb_fail_memory(err, 1);
    if (bb_path_exists(path)) {
        status = bb_json_load(&document, path, err);
        if (status == BOMBUS_OK) {
            status = add_tokens(t, &document.root, err);
            *legacy = !bb_json_get(&document.root, "added_tokens_decoder");
            bb_json_free(&document);
        }
    }
    bb_free(path);
    return status;
}

bombus_status bb_template_load_tokens(bombus_template *t, const char *directory, bombus_error *err)
{
    bool legacy = true;
    bombus_status status = add_tokens_of(t, directory, "tokenizer_config.json", &legacy, err);

    if (status == BOMBUS_OK && legacy)
        status = add_tokens_of(t, directory, "special_tokens_map.json", &legacy, err);
    return status;
}
