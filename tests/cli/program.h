/* program.h: runs the program as its users do, and looks at what it left: output, message, exit status. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "base/json.h"
#include "testing.h"

#include <sys/wait.h>

static bombus_error err;

/* What the last run left. */
static char out[1 << 20], complaint[1 << 16];
static size_t out_bytes;

static inline size_t slurp(const char *path, char *buffer, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t bytes = fread(buffer, 1, size - 1, file);
    fclose(file);
    buffer[bytes] = '\0';
    return bytes;
}

/* Runs the program with arguments as a shell reads them, and returns its exit status. Standard input is the file "in", empty at first. */
static inline int run(const char *format, ...)
{
    char command[8192] = BOMBUS_PROGRAM " ";
    const size_t length = strlen(command);
    va_list args;

    va_start(args, format);
    vsnprintf(command + length, sizeof command - length - 40, format, args);
    va_end(args);
    strcat(command, strstr(command, " <") ? " >out 2>err" : " <in >out 2>err");
    const int status = system(command);
    out_bytes = slurp("out", out, sizeof out);
    slurp("err", complaint, sizeof complaint);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static inline void write_text(const char *path, const char *content)
{
    write_file(path, content, strlen(content));
}

/* "chat": a copy of a model, with a chat template. */
static inline void make_chat_model(const char *model, const char *chat_template)
{
    char command[1024];

    snprintf(command, sizeof command, "mkdir chat && cp %s/*.json %s/model.safetensors chat && chmod -R u+w chat", model, model);
    if (system(command) != 0)
        abort();
    write_text("chat/chat_template.jinja", chat_template);
}

/* "caller": the same with one special token, 0, that is a whole tool call. */
static inline void make_calling_model(void)
{
    if (system("cp -R chat caller && sed -i 's|<unk>|[TOOL_CALLS][{\\\\\"name\\\\\": \\\\\"weather\\\\\", \\\\\"arguments\\\\\": "
               "{\\\\\"in\\\\\": \\\\\"Rome\\\\\"}, \\\\\"id\\\\\": \\\\\"abcdefghi\\\\\"}]|' caller/tokenizer.json") != 0)
        abort();
}

#define assert_says(text, part)                                                                                                            \
    do {                                                                                                                                   \
        if (!strstr(text, part))                                                                                                           \
            fail_msg("\"%s\" is not in: %s", part, text);                                                                                  \
    } while (0)

/* One message, no output, and the status. */
static inline void expect_failure(int status, const char *message, const char *arguments)
{
    const int got = run("%s", arguments);

    if (got != status || out_bytes || strncmp(complaint, "bombus: ", 8) != 0 || !strstr(complaint, message) ||
        strchr(complaint, '\n') != complaint + strlen(complaint) - 1)
        fail_msg("%s: status %d, output \"%.100s\", message \"%s\", expected status %d and \"%s\"", arguments, got, out, complaint, status,
                 message);
}

static bb_json_document document;

/* The standard output as one JSON object on one line. */
static inline const bb_json *parse_output(void)
{
    assert_int_equal(out[out_bytes - 1], '\n');
    assert_ptr_equal(strchr(out, '\n'), out + out_bytes - 1);
    assert_ok(bb_json_parse(&document, out, out_bytes, "output", &err), err);
    assert_true(bb_json_is(&document.root, BB_JSON_OBJECT));
    return &document.root;
}

static inline double number(const bb_json *object, const char *key)
{
    double value;

    if (!bb_json_to_double(bb_json_get(object, key), &value))
        fail_msg("%s: no number in %s", key, out);
    return value;
}

static inline const char *text(const bb_json *object, const char *key)
{
    assert_true(bb_json_is(bb_json_get(object, key), BB_JSON_STRING));
    return bb_json_get(object, key)->text;
}

static inline int64_t item(const bb_json *array, size_t index)
{
    int64_t value;

    assert_true(index < array->count);
    assert_true(bb_json_to_int(&array->items[index], &value));
    return value;
}

#endif
