/* generate/request.h: what a request may say. */
#ifndef BB_GENERATE_REQUEST_H
#define BB_GENERATE_REQUEST_H

#include <bombus/generate.h>

enum {
    BB_MAX_WINDOW = 1 << 20, /* tokens a penalty looks back */
    BB_MAX_TOP = 20,         /* top_logprobs */
};

/* BOMBUS_EINVAL with field, found and expected for a value out of range, NaN, an id outside the vocabulary, a stop string that is empty
 * or not UTF-8. */
bombus_status bb_request_check(const bombus_request *request, int vocabulary, bombus_error *err);

#endif
