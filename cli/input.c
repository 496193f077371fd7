/* Lines joined to messages: a backslash at the end of a line continues it, and lines between two of """ are one message.
 *
 * From a terminal they are edited. From anywhere else they are read as they are, and nothing is written but where somebody types: then the
 * prompts go to standard error. */
#include "input.h"

#include "editor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char quotes[] = "\"\"\"";

struct input {
    editor *editor; /* NULL: lines are read plainly */
    char *line;     /* of getline */
    size_t capacity;
    byte_buffer message;
    bool in_block, was_block; /* between quotes; the message or a part of it was */
    bool lines;               /* the message has begun */
    int empty_interrupts;     /* Ctrl-C on an empty line, in a row */
};

input *open_input(void)
{
    input *in = calloc(1, sizeof *in);

    if (!in) {
        complain("out of memory");
        return NULL;
    }
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !(in->editor = open_editor())) {
        free(in);
        return NULL;
    }
    return in;
}

void close_input(input *in)
{
    if (!in)
        return;
    close_editor(in->editor);
    free(in->line);
    free(in->message.data);
    free(in);
}

bool input_is_edited(const input *in)
{
    return in->editor;
}

/* Nothing is being computed meanwhile, so that Ctrl-C may end the program. */
static line_kind read_plain(input *in, const char *prompt, const char **line, size_t *bytes)
{
    signal(SIGINT, SIG_DFL);
    if (isatty(STDIN_FILENO))
        fputs(prompt, stderr);
    const ssize_t got = getline(&in->line, &in->capacity, stdin);
    if (got < 0 && !feof(stdin)) {
        complain("standard input: cannot read: %s", strerror(errno));
        return LINE_FAILED;
    }
    if (got <= 0)
        return LINE_END;
    *line = in->line;
    *bytes = (size_t)got;
    if (*bytes && in->line[*bytes - 1] == '\n')
        --*bytes;
    if (*bytes && in->line[*bytes - 1] == '\r')
        --*bytes;
    return LINE_READ;
}

/* more: another line came with this one, by a paste. *complete: the message ends here. */
static bool take_line(input *in, const char *line, size_t bytes, bool more, bool *complete)
{
    const bool is_quotes = bytes == strlen(quotes) && memcmp(line, quotes, bytes) == 0;

    *complete = false;
    if (is_quotes && (in->in_block || !in->lines)) {
        in->in_block = !in->in_block;
        in->was_block = true;
        *complete = !in->in_block && !more;
        return true;
    }
    if (in->lines && !add_bytes(&in->message, "\n", 1))
        return false;
    in->lines = true;
    if (!in->in_block && !more) {
        *complete = !bytes || line[bytes - 1] != '\\';
        bytes -= !*complete;
    }
    return add_bytes(&in->message, line, bytes);
}

static bool take_lines(input *in, const char *line, size_t bytes, bool *complete)
{
    for (;;) {
        const char *end = memchr(line, '\n', bytes);
        const size_t length = end ? (size_t)(end - line) : bytes;
        if (!take_line(in, line, length, end, complete))
            return false;
        if (!end)
            return true;
        line = end + 1;
        bytes -= length + 1;
    }
}

static input_kind interrupted_at(input *in, bool empty)
{
    put("\n", 1);
    in->empty_interrupts = empty && !in->lines && !in->in_block ? in->empty_interrupts + 1 : 0;
    if (in->empty_interrupts >= 2)
        print("(/exit or Ctrl-D leaves)\n");
    flush_output();
    return INPUT_NOTHING;
}

static input_kind end_input(const input *in)
{
    if (in->editor) {
        put("\n", 1);
        flush_output();
    }
    if (!in->lines && !in->in_block)
        return INPUT_END;
    complain("the input ends inside a message, which is not sent: expected %s",
             in->in_block ? "a line of \"\"\"" : "another line after the one that ends in a backslash");
    return INPUT_FAILED;
}

static input_kind judge(input *in)
{
    const byte_buffer *message = &in->message;
    size_t at = 0;

    while (at < message->size && strchr(" \t\n", message->data[at]) && message->data[at])
        at++;
    if (at == message->size)
        return INPUT_NOTHING;
    if (in->editor)
        remember(in->editor, message->data);
    return message->data[0] == '/' && !in->was_block ? INPUT_COMMAND : INPUT_MESSAGE;
}

input_kind read_input_message(input *in, const char **text, size_t *bytes)
{
    bool not_utf8 = false;

    in->message.size = 0;
    in->in_block = in->was_block = in->lines = false;
    for (bool complete = false; !complete;) {
        const char *line, *prompt = in->lines || in->in_block ? "... " : "> ";
        size_t length;
        const line_kind kind = in->editor ? edit_line(in->editor, prompt, &line, &length) : read_plain(in, prompt, &line, &length);
        switch (kind) {
        case LINE_NOT_UTF8:
            not_utf8 = true;
            break;
        case LINE_READ:
            break;
        case LINE_INTERRUPTED:
        case LINE_INTERRUPTED_EMPTY:
            return interrupted_at(in, kind == LINE_INTERRUPTED_EMPTY);
        case LINE_END:
            return end_input(in);
        case LINE_FAILED:
            return INPUT_FAILED;
        }
        in->empty_interrupts = 0;
        if (!take_lines(in, line, length, &complete))
            return INPUT_FAILED;
    }
    if (not_utf8) {
        complain("message (not sent): is not UTF-8");
        return INPUT_REFUSED;
    }
    *text = in->message.data;
    *bytes = in->message.size;
    return judge(in);
}
