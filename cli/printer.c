/* An answer on standard output: reasoning dimmed on a terminal, content as it is, each tool call on a line of its own.
 *
 * What a model says is not trusted: a terminal is shown its control characters and does not obey them. */
#include "printer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char dim[] = "\x1b[2m", plain[] = "\x1b[0m";

static bool set_dimmed(printer *p, bool dimmed)
{
    if (!p->dims || p->dimmed == dimmed)
        return true;
    p->dimmed = dimmed;
    return put(dimmed ? dim : plain, strlen(dimmed ? dim : plain));
}

/* Bytes of a control character other than newline and tab; 0 for what is none. Those of two bytes, U+0080 to U+009F, some terminals obey.
 */
static size_t control_bytes(const char *text, size_t bytes)
{
    const unsigned char c = (unsigned char)text[0];

    if ((c < 32 && c != '\n' && c != '\t') || c == 127)
        return 1;
    return c == 0xc2 && bytes > 1 && (unsigned char)text[1] < 0xa0 ? 2 : 0;
}

static bool put_text(printer *p, const char *text, size_t bytes)
{
    bool done = true;
    size_t from = 0;

    if (!bytes)
        return true;
    p->last = text[bytes - 1];
    for (size_t at = 0; p->terminal && at < bytes && done;) {
        const size_t control = control_bytes(text + at, bytes - at);
        if (control) {
            done = put(text + from, at - from) && print("^%c", (text[at + control - 1] & 0x7f) ^ 0x40);
            from = at + control;
        }
        at += control ? control : 1;
    }
    return done && put(text + from, bytes - from);
}

static bool put_call(printer *p, const bombus_part *part)
{
    static const char mark[] = "[tool call] ";

    return (!p->last || p->last == '\n' || put_text(p, "\n", 1)) && put_text(p, mark, strlen(mark)) &&
           put_text(p, part->name, strlen(part->name)) && put_text(p, " ", 1) && put_text(p, part->text, part->bytes) &&
           put_text(p, "\n", 1);
}

static bool on_part(const bombus_part *part, void *context)
{
    printer *p = context;

    if (!add_part(&p->parts, part))
        return false;
    const bool reasoning_ends = p->last && p->kind == BOMBUS_PART_REASONING && part->kind != BOMBUS_PART_REASONING;
    p->kind = part->kind;
    if (!set_dimmed(p, part->kind == BOMBUS_PART_REASONING) || (reasoning_ends && !put_text(p, "\n\n", 2)))
        return false;
    return part->kind == BOMBUS_PART_TOOL_CALL ? put_call(p, part) : put_text(p, part->text, part->bytes);
}

/* A callback that has returned false has complained. */
static bool judge(bombus_status status, const bombus_error *err)
{
    if (status != BOMBUS_OK && status != BOMBUS_ECANCELED)
        complain("%s", err->message);
    return status == BOMBUS_OK;
}

bool begin_printing(printer *p, const rendered_prompt *prompt)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bombus_error err;

    *p = (printer){.terminal = isatty(STDOUT_FILENO)};
    p->dims = p->terminal && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
    return judge(bombus_answer_create(&p->answer, prompt->style, prompt->in_reasoning, on_part, p, &err), &err) &&
           print_answer(p, prompt->prefill, strlen(prompt->prefill));
}

bool print_answer(printer *p, const char *text, size_t bytes)
{
    bombus_error err;

    return judge(bombus_answer_push(p->answer, text, bytes, &err), &err) && flush_output();
}

bool end_printing(printer *p)
{
    bombus_error err;
    bool done = p->answer && judge(bombus_answer_finish(p->answer, &err), &err);

    bombus_answer_free(p->answer);
    p->answer = NULL;
    done &= set_dimmed(p, false);
    return done && (p->last == '\n' || put("\n", 1)) && flush_output();
}
