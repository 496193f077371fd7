/* text/jinja/filters.h: the tables of filters, and what filters and methods share. */
#ifndef BB_TEXT_JINJA_FILTERS_H
#define BB_TEXT_JINJA_FILTERS_H

#include "text/jinja/unicode.h"
#include "text/jinja/value.h"

extern const bb_jcallable bb_jinja_text_filters[];
extern const size_t bb_jinja_text_filter_count;
extern const bb_jcallable bb_jinja_sequence_filters[];
extern const size_t bb_jinja_sequence_filter_count;

/* Arguments with a default: false after raising where the value is of another type. */
bool bb_jarg_int(bb_jinja *run, bb_jvalue arg, const char *name, int64_t otherwise, int64_t *out);
bool bb_jarg_truth(bb_jinja *run, bb_jvalue arg, bool otherwise, bool *out);

/* The first place of what in text, NULL where there is none. */
const char *bb_jtext_find(const char *text, size_t size, const bb_jtext *what);
/* For HTML: text that is marked is escaped already. */
bool bb_jtext_escape(bb_jinja *run, bb_jvalue value, bb_jvalue *out);
bool bb_jtext_mark(bb_jinja *run, bb_jvalue text, bb_jvalue *out);
bool bb_jtext_map(bb_jinja *run, const bb_jtext *text, bb_python_case to, bb_jvalue *out);
bool bb_jtext_capitalize(bb_jinja *run, const bb_jtext *text, bb_jvalue *out);
/* Strips characters of set (NULL: white space) at the begin, the end, or both. */
enum { BB_J_STRIP_LEFT = 1, BB_J_STRIP_RIGHT = 2 };
bool bb_jtext_strip(bb_jinja *run, const bb_jtext *text, const bb_jtext *set, int sides, bb_jvalue *out);
bool bb_jtext_replace(bb_jinja *run, const bb_jtext *text, const bb_jtext *old, const bb_jtext *new, int64_t count, bb_jvalue *out);
bool bb_jtext_center(bb_jinja *run, const bb_jtext *text, int64_t width, bb_jvalue *out);
/* int(text, base) and float(text): false where text is none. *overflow: it is one, beyond 64 bits. */
bool bb_jtext_to_int(const bb_jtext *text, int base, int64_t *out, bool *overflow);
bool bb_jtext_to_float(const bb_jtext *text, double *out);
/* Lines without their ends (with them where keep). */
bool bb_jtext_lines(bb_jinja *run, const bb_jtext *text, bool keep, bb_jvalue *out);
/* str.isupper and str.islower */
bool bb_jtext_is_case(const bb_jtext *text, bool upper);

#endif
