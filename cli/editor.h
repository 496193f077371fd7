/* editor.h: a line from the terminal, edited and remembered. */
#ifndef EDITOR_H
#define EDITOR_H

#include "cli.h"

typedef struct editor editor;

typedef enum line_kind {
    LINE_READ,
    LINE_NOT_UTF8,          /* what was typed is no text */
    LINE_INTERRUPTED,       /* Ctrl-C took the line away */
    LINE_INTERRUPTED_EMPTY, /* ... and there was nothing in it */
    LINE_END,               /* of input */
    LINE_FAILED,            /* after a complaint */
} line_kind;

/* Standard input and output must be a terminal. NULL after a complaint. */
editor *open_editor(void);
void close_editor(editor *e);

/* line [bytes]: without its newline, but a pasted one may have others inside. Borrowed until the next call. */
line_kind edit_line(editor *e, const char *prompt, const char **line, size_t *bytes);

/* Puts a text into the history and its file. */
void remember(editor *e, const char *text);

#endif
