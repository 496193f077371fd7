/* text/jinja/unicode.h: characters as Python's str methods see them. Text is valid UTF-8. */
#ifndef BB_TEXT_JINJA_UNICODE_H
#define BB_TEXT_JINJA_UNICODE_H

#include "base/utf8.h"

/* Bytes of the last character; size is at least 1. */
size_t bb_utf8_decode_last(const char *bytes, size_t size, uint32_t *point);

bool bb_python_is_space(uint32_t point);    /* str.isspace, and \s */
bool bb_python_is_line_end(uint32_t point); /* str.splitlines */
bool bb_python_is_word(uint32_t point);     /* \w */
bool bb_python_is_alpha(uint32_t point);
bool bb_python_is_decimal(uint32_t point);
bool bb_python_is_digit(uint32_t point);
bool bb_python_is_numeric(uint32_t point);
bool bb_python_is_upper(uint32_t point);
bool bb_python_is_lower(uint32_t point);
bool bb_python_is_title(uint32_t point);
bool bb_python_is_cased(uint32_t point);
bool bb_python_is_printable(uint32_t point);
int bb_python_decimal_value(uint32_t point); /* of a decimal digit, else -1 */

typedef enum bb_python_case { BB_PYTHON_UPPER, BB_PYTHON_LOWER, BB_PYTHON_TITLE, BB_PYTHON_FOLD } bb_python_case;

/* The full mapping of one character: up to 3. Returns how many. */
int bb_python_map(uint32_t point, bb_python_case to, uint32_t out[3]);

#endif
