/* What a template sees: the input's JSON as values, prepared as transformers prepares it. */
#include "text/template.h"

#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool value_of(bb_jinja *run, const bb_json *json, bb_jvalue *out);

static bool number_of(bb_jinja *run, const bb_json *json, bb_jvalue *out)
{
    char *end;

    if (memchr(json->text, '.', json->bytes) || memchr(json->text, 'e', json->bytes) || memchr(json->text, 'E', json->bytes)) {
        *out = bb_j_float(0);
        bb_json_to_double(json, &out->real);
        return true;
    }
    errno = 0;
    const long long integer = strtoll(json->text, &end, 10);
    if (errno == 0) {
        *out = bb_j_int(integer);
        return true;
    }
    if (!bb_j_borrow(run, json->text, json->bytes, out))
        return false;
    out->kind = BB_J_BIG;
    return true;
}

static bool list_of(bb_jinja *run, const bb_json *json, bb_jvalue *out)
{
    if (!bb_j_list(run, BB_J_LIST, json->count, out))
        return false;
    for (size_t i = 0; i < json->count; i++)
        if (!value_of(run, &json->items[i], &out->list->items[i]))
            return false;
    out->list->count = json->count;
    return true;
}

static bool set_member(bb_jinja *run, bb_jdict *dict, const char *key, size_t bytes, bb_jvalue value)
{
    bb_jvalue name;
    return bb_j_borrow(run, key, bytes, &name) && bb_jdict_set(run, dict, name, value);
}

static bool dict_of(bb_jinja *run, const bb_json *json, bb_jvalue *out)
{
    bb_jvalue value;

    if (!bb_j_dict(run, out))
        return false;
    for (size_t i = 0; i < json->size; i++)
        if (!value_of(run, &json->members[i].value, &value) ||
            !set_member(run, out->dict, json->members[i].key, json->members[i].key_bytes, value))
            return false;
    return true;
}

static bool value_of(bb_jinja *run, const bb_json *json, bb_jvalue *out)
{
    switch (json->type) {
    case BB_JSON_NULL:
        *out = bb_j_none();
        return true;
    case BB_JSON_BOOL:
        *out = bb_j_bool(json->truth);
        return true;
    case BB_JSON_NUMBER:
        return number_of(run, json, out);
    case BB_JSON_STRING:
        return bb_j_borrow(run, json->text, json->bytes, out);
    case BB_JSON_ARRAY:
        return list_of(run, json, out);
    default:
        return dict_of(run, json, out);
    }
}

/* ---- messages ---- */

/* Members without those that are null; and reasoning under both names that templates read, whichever it came by. */
static bool message_of(bb_jinja *run, const bb_json *json, bb_jvalue *out)
{
    static const char *const names[] = {"reasoning_content", "thinking", "reasoning"};
    const bb_json *reasoning = NULL;
    bb_jvalue value;

    for (size_t i = 0; i < sizeof names / sizeof *names && !reasoning; i++) {
        const bb_json *found = bb_json_get(json, names[i]);
        reasoning = found && found->type != BB_JSON_NULL ? found : NULL;
    }
    if (!bb_j_dict(run, out))
        return false;
    if (reasoning && (!value_of(run, reasoning, &value) || !set_member(run, out->dict, names[1], strlen(names[1]), value)))
        return false;
    for (size_t i = 0; i < json->size; i++) {
        const bb_json_member *member = &json->members[i];
        if (member->value.type == BB_JSON_NULL)
            continue;
        if (!value_of(run, &member->value, &value) || !set_member(run, out->dict, member->key, member->key_bytes, value))
            return false;
    }
    return !reasoning || (value_of(run, reasoning, &value) && set_member(run, out->dict, names[0], strlen(names[0]), value));
}

/* Puts the mark behind the content of the last message: behind its text, or behind the last part that has one. */
static bombus_status mark_content(bb_jinja *run, bb_jdict *message, const bb_template_entry *entry, bb_template_data *data,
                                  bombus_error *err)
{
    static const bb_jtext mark = {.bytes = BB_TEMPLATE_MARK, .size = sizeof BB_TEMPLATE_MARK - 1, .length = sizeof BB_TEMPLATE_MARK - 1};
    const bb_jvalue *content = bb_jdict_find(message, "content", 7);
    bb_jdict *holder = message;
    const char *key = "content";

    if (!content)
        return bb_fail(err, BOMBUS_EINVAL, "messages: the last one has no content to continue");
    if (!entry->reads_content)
        return bb_fail(err, BOMBUS_EINVAL, "%s: it does not read content, so that cannot be continued", entry->source);
    if (content->kind == BB_J_LIST) {
        const bb_jlist *parts = content->list;
        content = NULL;
        key = "text";
        for (size_t i = parts->count; i-- && !content;)
            if (parts->items[i].kind == BB_J_DICT) {
                holder = parts->items[i].dict;
                content = bb_jdict_find(holder, key, 4);
            }
    }
    if (!content || content->kind != BB_J_STRING)
        return bb_fail(err, BOMBUS_EINVAL, "messages: the last one has no text to continue");
    data->continued = content->text->bytes;
    data->continued_bytes = content->text->size;
    bb_jvalue marked;
    if (!bb_jtext_concat(run, content->text, &mark, &marked) || !set_member(run, holder, key, strlen(key), marked))
        return bb_fail(err, run->status, "messages: %s", run->message);
    return BOMBUS_OK;
}

static bombus_status parse(bb_template_data *data, bb_json_document *document, const char *text, const char *name, bombus_error *err)
{
    const size_t bytes = strlen(text);

    data->bytes += bytes;
    return bb_json_parse(document, text, bytes, name, err);
}

static bombus_status failed(const bb_jinja *run, const char *name, bombus_error *err)
{
    return bb_fail(err, run->status, "%s: %s", name, run->message);
}

/* An array of objects. */
static bombus_status check_objects(const bb_json *json, const char *name, bombus_error *err)
{
    char found[80];

    if (json->type != BB_JSON_ARRAY)
        return bb_fail(err, BOMBUS_EINVAL, "%s: %s, expected an array", name, bb_json_describe(json, found, sizeof found));
    for (size_t i = 0; i < json->count; i++)
        if (json->items[i].type != BB_JSON_OBJECT)
            return bb_fail(err, BOMBUS_EINVAL, "%s[%zu]: %s, expected an object", name, i,
                           bb_json_describe(&json->items[i], found, sizeof found));
    return BOMBUS_OK;
}

static bombus_status prepare_messages(bb_jinja *run, const bb_template_entry *entry, const bombus_template_input *input,
                                      bb_template_data *data, bombus_error *err)
{
    bb_jvalue list;

    if (!input->messages)
        return bb_fail(err, BOMBUS_EINVAL, "messages: missing");
    bombus_status status = parse(data, &data->messages, input->messages, "messages", err);
    if (status == BOMBUS_OK)
        status = check_objects(&data->messages.root, "messages", err);
    if (status != BOMBUS_OK)
        return status;
    const bb_json *root = &data->messages.root;
    if (!root->count)
        return bb_fail(err, BOMBUS_EINVAL, "messages: empty, expected at least one message");
    if (!bb_j_list(run, BB_J_LIST, root->count, &list))
        return failed(run, "messages", err);
    for (size_t i = 0; i < root->count; i++)
        if (!message_of(run, &root->items[i], &list.list->items[i]))
            return failed(run, "messages", err);
    list.list->count = root->count;
    if (input->continue_final_message) {
        status = mark_content(run, list.list->items[root->count - 1].dict, entry, data, err);
        if (status != BOMBUS_OK)
            return status;
    }
    return set_member(run, run->variables, "messages", strlen("messages"), list) ? BOMBUS_OK : failed(run, "messages", err);
}

/* tools and documents: an array of objects, or none. */
static bombus_status prepare_objects(bb_jinja *run, const char *text, const char *name, bb_template_data *data, bb_json_document *document,
                                     bombus_error *err)
{
    bb_jvalue value = bb_j_none();

    if (text) {
        bombus_status status = parse(data, document, text, name, err);
        if (status == BOMBUS_OK && document->root.type != BB_JSON_NULL)
            status = check_objects(&document->root, name, err);
        if (status != BOMBUS_OK)
            return status;
        if (!value_of(run, &document->root, &value))
            return failed(run, name, err);
    }
    return set_member(run, run->variables, name, strlen(name), value) ? BOMBUS_OK : failed(run, name, err);
}

static bombus_status prepare_variables(bb_jinja *run, const char *text, bb_template_data *data, bombus_error *err)
{
    static const char *const taken[] = {"messages", "tools", "documents", "add_generation_prompt"};
    char found[80];
    bb_json_document *document = &data->variables;
    bb_jvalue value;

    if (!text)
        return BOMBUS_OK;
    bombus_status status = parse(data, document, text, "variables", err);
    if (status != BOMBUS_OK)
        return status;
    const bb_json *root = &document->root;
    if (root->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (root->type != BB_JSON_OBJECT)
        return bb_fail(err, BOMBUS_EINVAL, "variables: %s, expected an object", bb_json_describe(root, found, sizeof found));
    for (size_t i = 0; i < root->size; i++) {
        const bb_json_member *member = &root->members[i];
        for (size_t k = 0; k < sizeof taken / sizeof *taken; k++)
            if (strcmp(member->key, taken[k]) == 0)
                return bb_fail(err, BOMBUS_EINVAL, "variables: \"%s\" is given apart from them", taken[k]);
        if (!value_of(run, &member->value, &value) || !set_member(run, run->variables, member->key, member->key_bytes, value))
            return failed(run, "variables", err);
    }
    return BOMBUS_OK;
}

bombus_status bb_template_prepare(bb_jinja *run, const bombus_template *t, const bb_template_entry *entry,
                                  const bombus_template_input *input, bb_template_data *data, bombus_error *err)
{
    bb_jvalue dict, text;

    if (input->add_generation_prompt && input->continue_final_message)
        return bb_fail(err, BOMBUS_EINVAL, "add_generation_prompt and continue_final_message exclude one another");
    if (!bb_j_dict(run, &dict))
        return failed(run, "messages", err);
    run->variables = dict.dict;
    for (size_t i = 0; i < t->token_count; i++)
        if (!bb_j_borrow(run, t->tokens[i].text, t->tokens[i].bytes, &text) ||
            !set_member(run, run->variables, t->tokens[i].name, strlen(t->tokens[i].name), text))
            return failed(run, "special tokens", err);

    bombus_status status = prepare_variables(run, input->variables, data, err);
    if (status == BOMBUS_OK)
        status = prepare_messages(run, entry, input, data, err);
    if (status == BOMBUS_OK)
        status = prepare_objects(run, input->tools, "tools", data, &data->tools, err);
    if (status == BOMBUS_OK)
        status = prepare_objects(run, input->documents, "documents", data, &data->documents, err);
    if (status != BOMBUS_OK)
        return status;
    static const char prompt[] = "add_generation_prompt";
    return set_member(run, run->variables, prompt, strlen(prompt), bb_j_bool(input->add_generation_prompt)) ? BOMBUS_OK
                                                                                                            : failed(run, prompt, err);
}

void bb_template_data_free(bb_template_data *data)
{
    bb_json_free(&data->messages);
    bb_json_free(&data->tools);
    bb_json_free(&data->documents);
    bb_json_free(&data->variables);
}
