/* What the loaders of components share: fields with messages, patterns, and the byte-level alphabet. */
#include "text/tokenizer/component.h"

#include "base/error.h"
#include "base/utf8.h"

#include <stdio.h>

bombus_status bb_component_type(const bb_json *json, const bb_place *place, const char **type, bombus_error *err)
{
    char found[80];

    if (!bb_json_is(json, BB_JSON_OBJECT))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %s, expected an object", place->file, place->part,
                       bb_json_describe(json, found, sizeof found));
    const bb_json *value = bb_json_get(json, "type");
    if (!bb_json_is(value, BB_JSON_STRING))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: type: %s, expected a string", place->file, place->part,
                       bb_json_describe(value, found, sizeof found));
    *type = value->text;
    return BOMBUS_OK;
}

bombus_status bb_component_unsupported(const bb_json *json, const bb_place *place, bombus_error *err)
{
    char found[80];
    return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s: type %s is not supported", place->file, place->part,
                   bb_json_describe(bb_json_get(json, "type"), found, sizeof found));
}

bombus_status bb_component_unexpected(const bb_json *json, const char *field, const bb_place *place, const char *expected,
                                      bombus_error *err)
{
    const bb_json *type = bb_json_get(json, "type");
    char found[80];
    return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %.60s.%s: %s, expected %s", place->file, place->part, type ? type->text : "", field,
                   bb_json_describe(bb_json_get(json, field), found, sizeof found), expected);
}

bombus_status bb_component_sequence(const bb_json *json, const char *field, int depth, const bb_place *place, const bb_json **list,
                                    bombus_error *err)
{
    const bb_json *found = bb_json_get(json, field);

    if (!bb_json_is(found, BB_JSON_ARRAY))
        return bb_component_unexpected(json, field, place, "an array", err);
    if (depth == BB_NESTING)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s: Sequences nested too deep", place->file, place->part);
    *list = found;
    return BOMBUS_OK;
}

bombus_status bb_component_bool(const bb_json *json, const char *field, const bb_place *place, bool *out, bombus_error *err)
{
    const bb_json *value = bb_json_get(json, field);

    if (!bb_json_is(value, BB_JSON_BOOL))
        return bb_component_unexpected(json, field, place, "true or false", err);
    *out = value->truth;
    return BOMBUS_OK;
}

bombus_status bb_component_text(const bb_json *json, const char *field, const bb_place *place, bb_buffer *out, bombus_error *err)
{
    const bb_json *value = bb_json_get(json, field);

    if (!bb_json_is(value, BB_JSON_STRING))
        return bb_component_unexpected(json, field, place, "a string", err);
    return bb_buffer_append(out, value->text, value->bytes) ? BOMBUS_OK : bb_fail_memory(err, value->bytes);
}

bombus_status bb_component_size(const bb_json *json, const char *field, const bb_place *place, size_t *out, bombus_error *err)
{
    int64_t number;

    if (!bb_json_to_int(bb_json_get(json, field), &number) || number < 0)
        return bb_component_unexpected(json, field, place, "a number from 0", err);
    *out = (size_t)number;
    return BOMBUS_OK;
}

bombus_status bb_component_char(const bb_json *json, const char *field, const bb_place *place, bb_buffer *out, bombus_error *err)
{
    const bb_json *value = bb_json_get(json, field);

    if (!bb_json_is(value, BB_JSON_STRING) || value->bytes == 0 || bb_utf8_length(value->text[0]) != value->bytes)
        return bb_component_unexpected(json, field, place, "one character", err);
    return bb_component_text(json, field, place, out, err);
}

/* Older files say add_prefix_space; what says both must agree with itself. */
bombus_status bb_component_prepend(const bb_json *json, const bb_place *place, bb_prepend *out, bombus_error *err)
{
    static const char *const names[] = {"first", "never", "always"};
    const bb_json *value = bb_json_get(json, "prepend_scheme"), *old = bb_json_get(json, "add_prefix_space");
    bool prefix = true;

    *out = BB_PREPEND_ALWAYS;
    if (value) {
        int i = 0;
        while (i < 3 && !bb_json_is_text(value, names[i]))
            i++;
        if (i == 3)
            return bb_component_unexpected(json, "prepend_scheme", place, "\"first\", \"never\" or \"always\"", err);
        *out = (bb_prepend)i;
    }
    if (old && old->type != BB_JSON_NULL) {
        bombus_status status = bb_component_bool(json, "add_prefix_space", place, &prefix, err);
        if (status != BOMBUS_OK)
            return status;
    }
    if (!prefix && *out != BB_PREPEND_NEVER)
        return bb_component_unexpected(json, "prepend_scheme", place, "\"never\" as add_prefix_space is false", err);
    return BOMBUS_OK;
}

/* ---- patterns ---- */

bombus_status bb_component_pattern(const bb_json *json, const char *field, const bb_place *place, bb_pattern *out, bombus_error *err)
{
    const bb_json *value = bb_json_get(json, field), *regex = bb_json_get(value, "Regex"), *text = bb_json_get(value, "String");

    if (!bb_json_is(value, BB_JSON_OBJECT) || value->size != 1 || !bb_json_is(regex ? regex : text, BB_JSON_STRING))
        return bb_component_unexpected(json, field, place, "{\"String\": \"...\"} or {\"Regex\": \"...\"}", err);
    if (text)
        return bb_buffer_append(&out->text, text->text, text->bytes) ? BOMBUS_OK : bb_fail_memory(err, text->bytes);

    char where[128];
    snprintf(where, sizeof where, "%.80s: %.40s", place->file, place->part);
    return bb_regex_compile(&out->regex, regex->text, regex->bytes, where, err);
}

void bb_pattern_free(bb_pattern *pattern)
{
    bb_buffer_free(&pattern->text);
    bb_regex_free(pattern->regex);
    *pattern = (bb_pattern){0};
}

bombus_status bb_pattern_begin(bb_pattern_search *search, const bb_pattern *pattern, const char *text, size_t bytes, bombus_error *err)
{
    search->pattern = pattern;
    search->text = text;
    search->bytes = bytes;
    search->at = 0;
    search->last_end = SIZE_MAX;
    return pattern->regex ? bb_regex_begin(&search->regex, pattern->regex, text, bytes, err) : BOMBUS_OK;
}

/* An empty string is found between all characters. */
static bool next_empty(bb_pattern_search *search, size_t *start, size_t *end)
{
    if (search->at == search->last_end && search->at < search->bytes)
        search->at += bb_utf8_length(search->text[search->at]);
    else if (search->at == search->last_end)
        return false;
    *start = *end = search->last_end = search->at;
    return true;
}

bombus_status bb_pattern_next(bb_pattern_search *search, bool *found, size_t *start, size_t *end, bombus_error *err)
{
    const bb_buffer *text = &search->pattern->text;

    if (search->pattern->regex)
        return bb_regex_next(&search->regex, found, start, end, err);
    if (text->size == 0) {
        *found = next_empty(search, start, end);
        return BOMBUS_OK;
    }
    const char *at = memmem(search->text + search->at, search->bytes - search->at, text->data, text->size);
    *found = at != NULL;
    if (at) {
        *start = (size_t)(at - search->text);
        *end = search->at = *start + text->size;
    }
    return BOMBUS_OK;
}

void bb_pattern_search_free(bb_pattern_search *search)
{
    bb_regex_search_free(&search->regex);
    *search = (bb_pattern_search){0};
}

bombus_status bb_pattern_replace(bb_pattern_search *search, const bb_pattern *pattern, const bb_buffer *content, const char *text,
                                 size_t bytes, bb_buffer *out, bombus_error *err)
{
    size_t copied = 0, start, end;
    bool found;

    if (bytes == 0) /* nothing is found in an empty text, not even an empty string */
        return BOMBUS_OK;
    bombus_status status = bb_pattern_begin(search, pattern, text, bytes, err);
    while (status == BOMBUS_OK) {
        status = bb_pattern_next(search, &found, &start, &end, err);
        if (status != BOMBUS_OK || !found)
            break;
        if (!bb_buffer_append(out, text + copied, start - copied) || !bb_buffer_append(out, content->data, content->size))
            return bb_fail_memory(err, bytes);
        copied = end;
    }
    if (status == BOMBUS_OK && !bb_buffer_append(out, text + copied, bytes - copied))
        return bb_fail_memory(err, bytes);
    return status;
}

/* ---- bytes as characters ---- */

/* Printable Latin-1 stands for itself; the other 68 bytes follow one another from U+0100. */
static bool stands_for_itself(uint32_t c)
{
    return (c >= '!' && c <= '~') || (c >= 0xa1 && c <= 0xac) || (c >= 0xae && c <= 0xff);
}

uint32_t bb_byte_char(unsigned char byte)
{
    if (stands_for_itself(byte))
        return byte;
    if (byte <= ' ')
        return 0x100u + byte;
    return byte == 0xad ? 0x143u : 0x121u + (byte - 0x7fu);
}

int bb_char_byte(uint32_t c)
{
    if (c < 0x100)
        return stands_for_itself(c) ? (int)c : -1;
    if (c <= 0x120)
        return (int)(c - 0x100);
    if (c <= 0x142)
        return (int)(c - 0x121 + 0x7f);
    return c == 0x143 ? 0xad : -1;
}

bool bb_bytes_to_chars(bb_buffer *out, const char *text, size_t bytes)
{
    if (bytes > SIZE_MAX / 2 || !bb_buffer_reserve(out, bytes * 2))
        return false;
    for (size_t i = 0; i < bytes; i++)
        out->size += bb_utf8_encode(out->data + out->size, bb_byte_char((unsigned char)text[i]));
    return true;
}
