/* Chat templates: compiled from their source, rendered with an input.
 *
 * Owns: per template one arena with source and tree; per rendering one with all values, which ends with it. */
#include "text/template.h"

#include "base/error.h"
#include "base/utf8.h"
#include "text/jinja/unicode.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- messages ---- */

enum { SHOWN = 60, MESSAGE = 220, NAME = 120 }; /* bytes of the line, the complaint and the name: they share bombus_error's message */

/* At most most bytes from the begin of text that do not cut a character. */
static int fit(const char *text, size_t bytes, size_t most)
{
    if (bytes > most) {
        bytes = most;
        while (bytes && ((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes--;
    }
    return (int)bytes;
}

bombus_status bb_template_fail(const bb_jinja *run, const bb_jtemplate *program, bombus_status status, bombus_error *err)
{
    const size_t at = run->at < program->size ? run->at : program->size;
    size_t begin = at, end = at, line = 1;
    char shown[SHOWN + 1], caret[SHOWN + 1];

    if (run->status == BOMBUS_ENOMEM || run->status == BOMBUS_ELIMIT)
        status = run->status;
    while (begin > 0 && program->source[begin - 1] != '\n')
        begin--;
    while (end < program->size && program->source[end] != '\n')
        end++;
    for (size_t i = 0; i < begin; i++)
        line += program->source[i] == '\n';
    const size_t column = bb_jtext_length(program->source + begin, at - begin) + 1;

    /* a long line is shown around the place */
    size_t from = begin;
    while (at - from > SHOWN / 2)
        from++;
    while (from > begin && ((unsigned char)program->source[from] & 0xc0) == 0x80)
        from++;
    const int size = fit(program->source + from, end - from, SHOWN);
    for (int i = 0; i < size; i++)
        shown[i] = program->source[from + (size_t)i] == '\t' ? ' ' : program->source[from + (size_t)i];
    const size_t lead = bb_jtext_length(program->source + from, at - from);
    memset(caret, ' ', lead);
    caret[lead] = '\0';

    const size_t name = strlen(program->name);
    const char *tail = name > NAME ? program->name + name - NAME : program->name;
    while (((unsigned char)*tail & 0xc0) == 0x80)
        tail++;
    return bb_fail(err, status, "%s%s: line %zu, column %zu: %.*s\n  %.*s\n  %s^", name > NAME ? "..." : "", tail, line, column,
                   fit(run->message, strlen(run->message), MESSAGE), run->message, size, shown, caret);
}

/* ---- compiling ---- */

bombus_status bb_jtemplate_compile(bb_jtemplate **out, const char *text, size_t bytes, const char *name, bombus_error *err)
{
    bb_jinja run = {.secret = bb_hash_key_random(), .most_work = UINT64_MAX};
    bb_jtemplate *program = bb_alloc_zero(1, sizeof *program);
    const size_t valid = bb_utf8_valid_prefix(text, bytes);
    bombus_status status = BOMBUS_OK;

    *out = NULL;
    if (!program)
        return bb_fail_memory(err, sizeof *program);
    program->name = bb_arena_strndup(&run.arena, name, strlen(name));
    program->source = text;
    program->size = bytes;
    if (!program->name)
        status = bb_fail_memory(err, strlen(name) + 1);
    else if (valid < bytes)
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: byte %zu is no UTF-8", name, valid);
    else if (bytes > BB_JINJA_OUTPUT / 4)
        status = bb_fail(err, BOMBUS_ELIMIT, "%s: %zu bytes, expected at most %d", name, bytes, BB_JINJA_OUTPUT / 4);
    else if (!bb_jinja_lex(&run, program) || !bb_jinja_parse(&run, program) || !bb_jinja_scope(&run, program))
        status = bb_template_fail(&run, program, BOMBUS_EFORMAT, err);
    program->arena = run.arena;
    if (status == BOMBUS_OK)
        *out = program;
    else
        bb_jtemplate_free(program);
    return status;
}

void bb_jtemplate_free(bb_jtemplate *program)
{
    if (!program)
        return;
    bb_arena_free(&program->arena);
    bb_free(program);
}

bombus_status bb_template_add(bombus_template *t, const char *name, const char *text, size_t bytes, const char *source, bombus_error *err)
{
    bb_template_entry entry = {.name = bb_strdup(name), .source = bb_strdup(source)};

    if (!entry.name || !entry.source || !bb_grow(&t->entries, &t->capacity, t->count + 1, sizeof *t->entries)) {
        bb_free(entry.name);
        bb_free(entry.source);
        return bb_fail_memory(err, bytes);
    }
    entry.reads_content = bytes && memmem(text, bytes, "content", strlen("content"));
    if (bb_jtemplate_compile(&entry.program, text, bytes, source, &entry.failure) == BOMBUS_OK)
        entry.style = bombus_answer_style_of(entry.program->source);
    t->entries[t->count++] = entry;
    return BOMBUS_OK;
}

bombus_status bombus_template_create(bombus_template **out, const char *source, size_t bytes, const char *name, const char *directory,
                                     bombus_error *err)
{
    bombus_template *t = bb_alloc_zero(1, sizeof *t);
    bombus_status status;

    *out = NULL;
    if (!t)
        return bb_fail_memory(err, sizeof *t);
    status = bb_template_add(t, "default", source, bytes, name ? name : "template", err);
    if (status == BOMBUS_OK && !t->entries[0].program)
        status = bb_fail(err, t->entries[0].failure.code, "%s", t->entries[0].failure.message);
    if (status == BOMBUS_OK && directory)
        status = bb_template_load_tokens(t, directory, err);
    if (status == BOMBUS_OK)
        *out = t;
    else
        bombus_template_free(t);
    return status;
}

void bombus_template_free(bombus_template *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++) {
        bb_jtemplate_free(t->entries[i].program);
        bb_free(t->entries[i].name);
        bb_free(t->entries[i].source);
    }
    for (size_t i = 0; i < t->token_count; i++) {
        bb_free(t->tokens[i].name);
        bb_free(t->tokens[i].text);
    }
    bb_free(t->entries);
    bb_free(t->tokens);
    bb_free(t);
}

/* ---- rendering ---- */

static const bb_template_entry *find_entry(const bombus_template *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->entries[i].name, name) == 0)
            return &t->entries[i];
    return NULL;
}

/* NULL where there is none of that name. */
static const bb_template_entry *choose(const bombus_template *t, const bombus_template_input *input)
{
    const bool tools = input->tools && strcmp(input->tools, "null") != 0;
    const bb_template_entry *entry = input->name ? find_entry(t, input->name) : tools ? find_entry(t, "tool_use") : NULL;

    return entry || input->name ? entry : find_entry(t, "default");
}

bombus_answer_style bombus_template_answer_style(const bombus_template *t, const bombus_template_input *input)
{
    const bb_template_entry *entry = choose(t, input);

    return entry ? entry->style : BOMBUS_ANSWER_PLAIN;
}

static size_t trim_end(const char *text, size_t size)
{
    uint32_t point;

    for (size_t step; size; size -= step) {
        step = bb_utf8_decode_last(text, size, &point);
        if (!bb_python_is_space(point))
            break;
    }
    return size;
}

/* Cuts the text behind the content that is to be continued; where the template took the blanks at its end, so do we. */
static bombus_status cut(bb_jinja *run, const bb_template_data *data, const bb_template_entry *entry, bombus_error *err)
{
    static const char mark[] = BB_TEMPLATE_MARK;
    const size_t whole = strlen(mark), bare = whole - 1;
    const size_t size = trim_end(data->continued, data->continued_bytes);
    size_t begin = 0, at = run->out.size;
    uint32_t point;

    for (size_t step; begin < size; begin += step) {
        step = bb_utf8_decode(data->continued + begin, &point);
        if (!bb_python_is_space(point))
            break;
    }
    bool found = run->out.size >= bare;
    for (at = found ? run->out.size - bare : 0; found && memcmp(run->out.bytes + at, mark, bare) != 0; at--)
        if (at == 0)
            found = false;
    if (!found || (size > begin && !memmem(run->out.bytes, run->out.size, data->continued + begin, size - begin)))
        return bb_fail(err, BOMBUS_EINVAL, "%s: the last message's content is not in its text, so it cannot be continued", entry->source);
    const bool spaced = run->out.size - at >= whole && run->out.bytes[at + bare] == ' ';
    run->out.size = spaced ? at : trim_end(run->out.bytes, at);
    return BOMBUS_OK;
}

bombus_status bombus_template_render(const bombus_template *t, const bombus_template_input *input, char **text, size_t *bytes,
                                     bombus_error *err)
{
    bb_jinja run = {.secret = bb_hash_key_random(), .most_work = UINT64_MAX, .now = input->now ? input->now : (int64_t)time(NULL)};
    bb_template_data data = {0};
    const bb_template_entry *entry = choose(t, input);

    *text = NULL;
    if (!entry)
        return bb_fail(err, BOMBUS_ENOTFOUND, "no chat template is named \"%s\"", input->name ? input->name : "default");
    if (!entry->program)
        return bb_fail(err, entry->failure.code, "%s", entry->failure.message);
    bombus_status status = bb_template_prepare(&run, t, entry, input, &data, err);
    if (status != BOMBUS_OK)
        goto out;
    run.program = entry->program;
    run.input_memory = run.arena.total;
    run.work = 0;
    run.most_work = BB_JINJA_WORK + data.bytes * BB_JINJA_WORK_PER_BYTE;
    if (!bb_jinja_run(&run)) {
        status = bb_template_fail(&run, entry->program, BOMBUS_EINVAL, err);
        goto out;
    }
    if (data.continued)
        status = cut(&run, &data, entry, err);
    if (status != BOMBUS_OK)
        goto out;
    if (!bb_grow(&run.out.bytes, &run.out.capacity, run.out.size + 1, 1)) {
        status = bb_fail_memory(err, run.out.size + 1);
        goto out;
    }
    run.out.bytes[run.out.size] = '\0';
    *text = run.out.bytes;
    if (bytes)
        *bytes = run.out.size;
    run.out.bytes = NULL;

out:
    bb_free(run.out.bytes);
    bb_arena_free(&run.arena);
    bb_template_data_free(&data);
    return status;
}
