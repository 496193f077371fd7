/* Tool calls read from the text a model wrote, a reader a style.
 *
 * Arguments are handed on as the model wrote them: a JSON object's own bytes, found by scanning, after the whole has been parsed strictly.
 */
#include "text/answer.h"

#include "base/json.h"

#include <ctype.h>
#include <string.h>

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at;
}

/* The end of the JSON object or array that begins at at: one past its last bracket, or NULL where it does not end. */
static const char *value_end(const char *at, const char *end)
{
    int depth = 0;

    for (bool in_string = false; at < end; at++) {
        if (in_string) {
            if (*at == '\\')
                at++;
            else if (*at == '"')
                in_string = false;
        } else if (*at == '"') {
            in_string = true;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if ((*at == '}' || *at == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

static bool is_json(const char *text, size_t bytes)
{
    bb_json_document document;

    if (bb_json_parse(&document, text, bytes, "arguments", NULL) != BOMBUS_OK)
        return false;
    bb_json_free(&document);
    return true;
}

/* Is what stands at at one JSON object, and nothing but space behind it? *bytes is its length. */
static bool is_last_object(const char *at, const char *end, size_t *bytes)
{
    const char *last = at < end && *at == '{' ? value_end(at, end) : NULL;

    if (!last || skip_space(last, end) != end)
        return false;
    *bytes = (size_t)(last - at);
    return is_json(at, *bytes);
}

/* The bytes of the value of key in the object text [bytes], which is well formed and has the key at its top. */
static const char *find_value(const char *text, size_t bytes, const char *key, size_t *length)
{
    const char *end = text + bytes;
    const size_t key_bytes = strlen(key);

    for (const char *at = text + 1; at < end;) {
        at = skip_space(at, end);
        if (*at == ',' || *at == '}') {
            at++;
            continue;
        }
        const char *name = at + 1;
        for (at++; *at != '"'; at++)
            at += *at == '\\';
        const bool found = (size_t)(at - name) == key_bytes && memcmp(name, key, key_bytes) == 0;
        at = skip_space(at + 1, end) + 1; /* the colon */
        at = skip_space(at, end);
        const char *value = at;
        if (*at == '{' || *at == '[') {
            at = value_end(at, end);
        } else if (*at == '"') {
            for (at++; *at != '"'; at++)
                at += *at == '\\';
            at++;
        } else {
            while (*at != ',' && *at != '}')
                at++;
        }
        if (found) {
            *length = (size_t)(at - value);
            return value;
        }
    }
    return NULL;
}

/* {"name": ..., "arguments" or "parameters": {...} or a string that holds them, "id": ...} */
static bool read_object(const char *text, size_t bytes, bb_call_sink sink, void *context)
{
    bb_json_document document;
    bool good = false;

    if (bb_json_parse(&document, text, bytes, "tool call", NULL) != BOMBUS_OK)
        return false;
    const bb_json *name = bb_json_get(&document.root, "name"), *id = bb_json_get(&document.root, "id");
    const char *key = bb_json_get(&document.root, "arguments") ? "arguments" : "parameters";
    const bb_json *arguments = bb_json_get(&document.root, key);
    const char *id_text = bb_json_is(id, BB_JSON_STRING) ? id->text : NULL;

    if (bb_json_is(name, BB_JSON_STRING) && name->bytes) {
        if (!arguments || bb_json_is(arguments, BB_JSON_NULL)) {
            good = !sink || sink(context, name->text, "{}", 2, id_text);
        } else if (arguments->type == BB_JSON_STRING) {
            bb_json_document inner;
            if (bb_json_parse(&inner, arguments->text, arguments->bytes, "arguments", NULL) == BOMBUS_OK) {
                good =
                    inner.root.type == BB_JSON_OBJECT && (!sink || sink(context, name->text, arguments->text, arguments->bytes, id_text));
                bb_json_free(&inner);
            }
        } else if (arguments->type == BB_JSON_OBJECT) {
            size_t length = 0;
            const char *raw = find_value(text, bytes, key, &length);
            good = raw && (!sink || sink(context, name->text, raw, length, id_text));
        }
    }
    bb_json_free(&document);
    return good;
}

bool bb_calls_hermes(const char *text, size_t bytes, bb_call_sink sink, void *context)
{
    const char *end = text + bytes, *at = skip_space(text, end), *last = at < end && *at == '{' ? value_end(at, end) : NULL;

    return last && skip_space(last, end) == end && read_object(at, (size_t)(last - at), sink, context);
}

/* ---- llama3 ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* key="value", ... up to ")": written to out as a JSON object. The strings' quotes and escapes are JSON's as they stand. */
static bool read_keywords(const char *at, const char *end, bb_call_sink sink, void *context, const char *name)
{
    char *object = NULL;
    size_t used = 0, capacity = 0;
    bool good = false;

    if (!bb_grow(&object, &capacity, (size_t)(end - at) * 2 + 8, 1))
        return false;
    object[used++] = '{';
    for (at = skip_space(at, end); at < end && *at != ')'; at = skip_space(at, end)) {
        const char *key = at;
        while (at < end && is_word(*at))
            at++;
        const size_t key_bytes = (size_t)(at - key);
        at = skip_space(at, end);
        if (!key_bytes || at == end || *at++ != '=')
            goto out;
        const char *value = at = skip_space(at, end);
        if (at == end || *at != '"')
            goto out;
        for (at++; at < end && *at != '"'; at++)
            at += *at == '\\';
        if (at++ >= end)
            goto out;
        if (used > 1)
            object[used++] = ',';
        object[used++] = '"';
        memcpy(object + used, key, key_bytes);
        used += key_bytes;
        object[used++] = '"';
        object[used++] = ':';
        memcpy(object + used, value, (size_t)(at - value));
        used += (size_t)(at - value);
        at = skip_space(at, end);
        if (at < end && *at == ',')
            at++;
    }
    if (at == end || skip_space(at + 1, end) != end)
        goto out;
    object[used++] = '}';
    good = is_json(object, used) && (!sink || sink(context, name, object, used, NULL));
out:
    bb_free(object);
    return good;
}

/* brave_search.call(query="...") */
static bool read_builtin(const char *at, const char *end, bb_call_sink sink, void *context)
{
    char name[128];
    size_t used = 0;
    static const char call[] = ".call(";

    while (at < end && is_word(*at) && used < sizeof name - 1)
        name[used++] = *at++;
    name[used] = '\0';
    if (!used || (size_t)(end - at) < sizeof call - 1 || memcmp(at, call, sizeof call - 1) != 0)
        return false;
    return read_keywords(at + sizeof call - 1, end, sink, context, name);
}

bool bb_calls_llama3(const char *text, size_t bytes, bb_call_sink sink, void *context)
{
    const char *end = text + bytes, *at = skip_space(text, end);

    if (at == end)
        return false;
    if (*at != '{')
        return read_builtin(at, end, sink, context);
    while (at < end) {
        const char *last = *at == '{' ? value_end(at, end) : NULL;
        if (!last || !read_object(at, (size_t)(last - at), sink, context))
            return false;
        at = skip_space(last, end);
        if (at < end && *at++ != ';')
            return false;
        at = skip_space(at, end);
    }
    return true;
}

bool bb_calls_function(const char *text, size_t bytes, bb_call_sink sink, void *context)
{
    const char *end = text + bytes, *at = text;
    char name[128];
    size_t used = 0;

    while (at < end && is_word(*at) && used < sizeof name - 1)
        name[used++] = *at++;
    name[used] = '\0';
    if (!used || at == end || *at++ != '>')
        return false;
    at = skip_space(at, end);
    size_t length;
    return is_last_object(at, end, &length) && (!sink || sink(context, name, at, length, NULL));
}

/* ---- mistral ---- */

static const char *find(const char *at, const char *end, const char *what)
{
    const char *found = at < end ? memmem(at, (size_t)(end - at), what, strlen(what)) : NULL;
    return found ? found : end;
}

/* name[ARGS]{...}, name[CALL_ID]id[ARGS]{...} or name{...} */
static bool read_named(const char *at, const char *end, bb_call_sink sink, void *context)
{
    const char *brace = find(at, end, "{"), *call_id = find(at, brace, "[CALL_ID]"), *args = find(at, brace, "[ARGS]");
    const char *name_end = call_id < args ? call_id : args;
    char name[128], id[64] = "";

    while (name_end > at && isspace((unsigned char)name_end[-1]))
        name_end--;
    const size_t name_bytes = (size_t)(name_end - at);
    if (!name_bytes || name_bytes >= sizeof name)
        return false;
    memcpy(name, at, name_bytes);
    name[name_bytes] = '\0';
    if (call_id < args) {
        const char *first = call_id + strlen("[CALL_ID]");
        if ((size_t)(args - first) >= sizeof id)
            return false;
        memcpy(id, first, (size_t)(args - first));
        id[args - first] = '\0';
    }

    size_t length;
    return is_last_object(brace, end, &length) && (!sink || sink(context, name, brace, length, *id ? id : NULL));
}

bool bb_calls_mistral(const char *text, size_t bytes, bb_call_sink sink, void *context)
{
    static const char marker[] = "[TOOL_CALLS]";
    const char *end = text + bytes, *at = skip_space(text, end);

    if (at < end && *at == '[') {
        const char *last = value_end(at, end);
        if (!last || skip_space(last, end) != end)
            return false;
        for (at = skip_space(at + 1, end); at < last - 1; at = skip_space(at, end)) {
            const char *next = *at == '{' ? value_end(at, last) : NULL;
            if (!next || !read_object(at, (size_t)(next - at), sink, context))
                return false;
            at = skip_space(next, end);
            if (*at != ',' && at != last - 1)
                return false;
            at += at != last - 1;
        }
        return true;
    }
    while (at < end) {
        const char *next = find(at, end, marker);
        const char *stop = next;
        if (!read_named(at, stop, sink, context))
            return false;
        at = next == end ? end : skip_space(next + sizeof marker - 1, end);
    }
    return bytes > 0;
}
