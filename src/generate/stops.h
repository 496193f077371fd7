/* generate/stops.h: ends a stream of text before the first of several stop strings. */
#ifndef BB_GENERATE_STOPS_H
#define BB_GENERATE_STOPS_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct bb_stops bb_stops;

/* stops [count]: not empty, as bb_request_check has seen to; they need not outlive the call. Pieces of up to piece bytes are taken without
 * an allocation. */
bombus_status bb_stops_create(bb_stops **out, const char *const *stops, size_t count, size_t piece, bombus_error *err);
void bb_stops_free(bb_stops *stops); /* NULL is fine */

/* What a call lets through. */
typedef struct bb_passed {
    const char *text; /* [bytes], borrowed until the next call, or from the piece until that goes; no NUL behind it */
    size_t bytes;
    bool stopped; /* a stop string has appeared: text is the last there is, and push is not called again */
} bb_passed;

/* Takes a piece of text. What may yet turn out to be part of a stop string is held back. BOMBUS_ENOMEM, only for a piece longer than
 * announced. */
bombus_status bb_stops_push(bb_stops *stops, const char *text, size_t bytes, bb_passed *out, bombus_error *err);

/* The stream has ended: lets through what was held back. */
void bb_stops_finish(bb_stops *stops, bb_passed *out);

#endif
