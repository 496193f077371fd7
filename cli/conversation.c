/* Messages of a chat, each kept as the JSON that its template sees: what a file says of a message stays said, also what nothing here knows
 * of. */
#include "conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[] = {[ROLE_SYSTEM] = "system", [ROLE_USER] = "user", [ROLE_ASSISTANT] = "assistant"};

/* Takes object, also where it fails. */
static bool add(conversation *to, message_role role, char *object)
{
    if (object && to->count == to->capacity) {
        const size_t capacity = to->capacity ? to->capacity * 2 : 16;
        message *grown = realloc(to->items, capacity * sizeof *grown);
        if (!grown) {
            complain("out of memory: %zu bytes", capacity * sizeof *grown);
            free(object);
            return false;
        }
        to->items = grown;
        to->capacity = capacity;
    }
    if (object)
        to->items[to->count++] = (message){object, role};
    return object;
}

bool add_text(conversation *to, message_role role, const char *name, const char *text, size_t bytes)
{
    json *out = json_begin_text();

    json_object(out);
    json_string(out, "role", role_names[role]);
    json_text(out, "content", text, bytes);
    json_object_end(out);
    return add(to, role, json_take_text(out, name));
}

/* Some templates want an id of nine letters and digits for each call, whether the model gave one or not. */
static void write_calls(json *out, const parts *answer, size_t place)
{
    char id[32];

    json_key(out, "tool_calls");
    json_array(out);
    for (size_t i = 0; i < answer->call_count; i++) {
        snprintf(id, sizeof id, "c%05zu%03zu", place % 100000, i % 1000);
        json_object(out);
        json_string(out, "id", answer->calls[i].id ? answer->calls[i].id : id);
        json_string(out, "type", "function");
        json_key(out, "function");
        json_object(out);
        write_call(out, &answer->calls[i]);
        json_object_end(out);
        json_object_end(out);
    }
    json_array_end(out);
}

bool add_answer(conversation *to, const parts *answer)
{
    json *out = json_begin_text();

    json_object(out);
    json_string(out, "role", role_names[ROLE_ASSISTANT]);
    json_text(out, "content", answer->content.size ? answer->content.data : "", answer->content.size);
    if (answer->reasoning.size)
        json_text(out, "reasoning_content", answer->reasoning.data, answer->reasoning.size);
    if (answer->call_count)
        write_calls(out, answer, to->count);
    json_object_end(out);
    return add(to, ROLE_ASSISTANT, json_take_text(out, "answer"));
}

static bool add_copy(const char *text, size_t bytes, const char *role, void *context)
{
    message_role found = ROLE_OTHER;

    for (int i = 0; role && i < ROLE_OTHER; i++)
        if (strcmp(role, role_names[i]) == 0)
            found = (message_role)i;
    return add(context, found, strndup(text, bytes));
}

bool add_messages(conversation *to, const char *array, const char *name)
{
    const size_t before = to->count;

    if (json_objects(array, strlen(array), "role", add_copy, to))
        return true;
    drop_messages(to, before);
    complain("%s: cannot be taken apart into messages", name);
    return false;
}

void drop_messages(conversation *from, size_t count)
{
    while (from->count > count)
        free(from->items[--from->count].json);
}

char *conversation_json(const conversation *from)
{
    byte_buffer array = {0};
    bool done = add_bytes(&array, "[", 1);

    for (size_t i = 0; i < from->count && done; i++)
        done = add_bytes(&array, i ? ",\n" : "\n", i ? 2 : 1) && add_bytes(&array, from->items[i].json, strlen(from->items[i].json));
    if (done && add_bytes(&array, "\n]\n", 3))
        return array.data;
    free(array.data);
    return NULL;
}

static bool copy_content(const char *text, size_t bytes, const char *content, void *copy)
{
    (void)text;
    (void)bytes;
    *(char **)copy = content ? strdup(content) : NULL;
    return true;
}

char *system_prompt_of(const conversation *from)
{
    const conversation first = {.items = from->items, .count = 1};
    char *array, *content = NULL;

    if (!from->count || from->items[0].role != ROLE_SYSTEM || !(array = conversation_json(&first)))
        return NULL;
    json_objects(array, strlen(array), "content", copy_content, &content);
    free(array);
    return content;
}
