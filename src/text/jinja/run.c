/* What a run spends, what it complains of, and the text it writes. */
#include "base/error.h"
#include "text/jinja/ast.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool complain(bb_jinja *run, bombus_status status, const char *format, va_list args)
{
    if (run->status != BOMBUS_OK)
        return false;
    run->status = status;
    vsnprintf(run->message, sizeof run->message, format, args);
    return false;
}

bool bb_jinja_raise(bb_jinja *run, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(run, BOMBUS_EFORMAT, format, args);
    va_end(args);
    return false;
}

bool bb_jinja_raise_at(bb_jinja *run, uint32_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(run, BOMBUS_EFORMAT, format, args);
    va_end(args);
    if (!run->placed) {
        run->at = at;
        run->placed = true;
    }
    return false;
}

static bool raise_status(bb_jinja *run, bombus_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool raise_status(bb_jinja *run, bombus_status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(run, status, format, args);
    va_end(args);
    return false;
}

bool bb_jinja_raise_limit(bb_jinja *run, const char *what)
{
    return raise_status(run, BOMBUS_ELIMIT, "the template takes too much %s", what);
}

bool bb_jinja_raise_undefined(bb_jinja *run, const bb_jundefined *why)
{
    if (why->hint)
        return bb_jinja_raise(run, "%s", why->hint);

    char name[80] = "?";
    if (why->name.kind == BB_J_STRING)
        snprintf(name, sizeof name, "'%.*s'", (int)(why->name.text->size < 70 ? why->name.text->size : 70), why->name.text->bytes);
    else if (why->name.kind == BB_J_INT)
        snprintf(name, sizeof name, "%lld", (long long)why->name.integer);
    if (!why->owner)
        return bb_jinja_raise(run, "%s is undefined", name);
    return bb_jinja_raise(run, "'%s object' has no %s %s", why->owner, why->name.kind == BB_J_STRING ? "attribute" : "element", name);
}

void *bb_jinja_alloc(bb_jinja *run, size_t count, size_t size)
{
    if (count > (size_t)BB_JINJA_MEMORY / size || run->arena.total - run->input_memory + count * size > BB_JINJA_MEMORY) {
        bb_jinja_raise_limit(run, "memory");
        return NULL;
    }
    void *block = bb_arena_alloc(&run->arena, count * size);
    if (!block)
        raise_status(run, BOMBUS_ENOMEM, "no memory for %zu bytes", count * size);
    return block;
}

bool bb_jinja_spend(bb_jinja *run, uint64_t units)
{
    run->work += units;
    return run->work <= run->most_work || bb_jinja_raise_limit(run, "time");
}

bool bb_jinja_handle(bb_jinja *run, size_t bytes)
{
    return bb_jinja_spend(run, bytes / 8);
}

bool bb_jinja_enter(bb_jinja *run)
{
    if (run->depth >= BB_JINJA_DEPTH)
        return raise_status(run, BOMBUS_ELIMIT, "nested too deep");
    run->depth++;
    return true;
}

void bb_jinja_leave(bb_jinja *run)
{
    run->depth--;
}

bool bb_jinja_write(bb_jinja *run, const char *bytes, size_t size)
{
    bb_jbuffer *out = &run->out;

    if (size > BB_JINJA_OUTPUT || out->size + size > BB_JINJA_OUTPUT)
        return bb_jinja_raise_limit(run, "room for its text");
    if (!bb_jinja_spend(run, 1 + size / 8))
        return false;
    if (!bb_grow(&out->bytes, &out->capacity, out->size + size, 1))
        return raise_status(run, BOMBUS_ENOMEM, "no memory for %zu bytes of text", out->size + size);
    if (size)
        memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    return true;
}

bool bb_jinja_write_text(bb_jinja *run, const char *text)
{
    return bb_jinja_write(run, text, strlen(text));
}

bool bb_jinja_capture(bb_jinja *run, size_t start, bb_jvalue *out)
{
    const bool ok = bb_j_string(run, run->out.bytes ? run->out.bytes + start : "", run->out.size - start, out);
    run->out.size = start;
    return ok;
}

const bb_jcallable *bb_jcallable_find(const bb_jcallable *table, size_t count, const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == size && memcmp(table[i].name, name, size) == 0)
            return &table[i];
    return NULL;
}
