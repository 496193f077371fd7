/* printer.h: an answer on standard output, part by part as it comes. */
#ifndef PRINTER_H
#define PRINTER_H

#include "parts.h"

/* Begin with begin_printing; end with end_printing, and then free_parts(&parts). */
typedef struct printer {
    parts parts; /* what has come, the beginning that stands in the prompt too */
    bombus_answer *answer;
    bool terminal, dims;   /* standard output is one; reasoning is dimmed */
    bool dimmed;           /* now */
    bombus_part_kind kind; /* of the last part */
    char last;             /* byte, 0 for none */
} printer;

/* Each complains and returns false where it fails; end_printing is called nevertheless. */
bool begin_printing(printer *p, const rendered_prompt *prompt);
bool print_answer(printer *p, const char *text, size_t bytes);
/* What was held back, and the end of the line. */
bool end_printing(printer *p);

#endif
