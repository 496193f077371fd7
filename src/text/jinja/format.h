/* text/jinja/format.h: Python's three ways from values to text with a pattern, and JSON. */
#ifndef BB_TEXT_JINJA_FORMAT_H
#define BB_TEXT_JINJA_FORMAT_H

#include "text/jinja/value.h"

/* pattern % arguments, where arguments is a tuple, a dict or one value. */
bool bb_jinja_percent(bb_jinja *run, const bb_jtext *pattern, bb_jvalue arguments, bb_jvalue *out);
/* pattern.format(...) */
bool bb_jinja_format(bb_jinja *run, const bb_jtext *pattern, const bb_jcall *call, bb_jvalue *out);

/* json.dumps: writes value. indent is NULL for one line; ends NUL. */
typedef struct bb_jjson {
    const char *indent;
    const bb_jtext *item_separator, *key_separator; /* NULL: Python's defaults */
    bool ascii, sort_keys;
} bb_jjson;

bool bb_jinja_json(bb_jinja *run, bb_jvalue value, const bb_jjson *options);

#endif
