/* input.h: what the user of a chat says: lines, joined to messages. */
#ifndef INPUT_H
#define INPUT_H

#include "cli.h"

typedef struct input input;

typedef enum input_kind {
    INPUT_MESSAGE,
    INPUT_COMMAND, /* begins with a slash */
    INPUT_NOTHING, /* an empty one, or one that was taken back */
    INPUT_REFUSED, /* no text, after a complaint */
    INPUT_END,
    INPUT_FAILED, /* after a complaint; nothing more will come */
} input_kind;

/* Lines are edited where standard input and output are a terminal. NULL after a complaint. */
input *open_input(void);
void close_input(input *in);
bool input_is_edited(const input *in);

/* text [bytes] ends in NUL and is borrowed until the next call. */
input_kind read_input_message(input *in, const char **text, size_t *bytes);

#endif
