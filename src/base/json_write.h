/* base/json_write.h: JSON text, made value by value.
 *
 * Not over yajl_gen: it writes doubles with 20 digits and control characters in capitals, where Python's json and Rust's serde, whose bytes
 * we are compared with, do neither; what would be left of it is the commas. */
#ifndef BB_BASE_JSON_WRITE_H
#define BB_BASE_JSON_WRITE_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begin with a zeroed struct. Without memory, calls do nothing from then on, and bb_json_finish tells. */
typedef struct bb_json_writer {
    char *text; /* [bytes], no NUL before bb_json_finish */
    size_t bytes, capacity;
    bool failed;
} bb_json_writer;

void bb_json_begin_object(bb_json_writer *writer);
void bb_json_end_object(bb_json_writer *writer);
void bb_json_begin_array(bb_json_writer *writer);
void bb_json_end_array(bb_json_writer *writer);
void bb_json_key(bb_json_writer *writer, const char *key); /* a value follows */

/* Bytes that are no UTF-8 become U+FFFD: text from file names and from models reaches here. */
void bb_json_string(bb_json_writer *writer, const char *text);
void bb_json_string_bytes(bb_json_writer *writer, const char *text, size_t bytes); /* may hold NULs */
void bb_json_int(bb_json_writer *writer, int64_t value);
void bb_json_double(bb_json_writer *writer, double value); /* the fewest digits that read back the same; null for what is not finite */
void bb_json_bool(bb_json_writer *writer, bool value);
void bb_json_null(bb_json_writer *writer);

/* Spaces up to a multiple of bytes, behind the last value. */
void bb_json_pad(bb_json_writer *writer, size_t multiple);

/* Hands the text over, a NUL behind it: the caller frees it with bb_free. The writer is empty again, also when this fails. */
bombus_status bb_json_finish(bb_json_writer *writer, char **text, size_t *bytes, bombus_error *err);

#endif
