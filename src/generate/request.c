/* Requests: their defaults, and what is refused before anything is computed. */
#include "generate/request.h"

#include "base/error.h"
#include "base/utf8.h"
#include "generate/draft.h"

#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

void bombus_request_init(bombus_request *request)
{
    *request = (bombus_request){
        .max_tokens = 256,
        .top_p = 1,
        .min_keep = 1,
        .repetition_penalty = 1,
        .repetition_window = 20,
        .presence_window = 20,
        .frequency_window = 20,
    };
}

void bombus_request_init_for(bombus_request *request, const bombus_model *model)
{
    const bombus_sampling *sampling = &bombus_model_get_info(model)->sampling;

    bombus_request_init(request);
    request->temperature = sampling->temperature;
    request->top_k = sampling->top_k;
    request->top_p = sampling->top_p;
    request->min_p = sampling->min_p;
    request->repetition_penalty = sampling->repetition_penalty;
}

const char *bombus_finish_name(bombus_finish finish)
{
    switch (finish) {
#define X(name, text)                                                                                                                      \
    case BOMBUS_FINISH_##name:                                                                                                             \
        return text;
        BOMBUS_FINISH_LIST(X)
#undef X
    }
    return "unknown";
}

static bombus_status check_int(const char *field, int value, int min, int max, bombus_error *err)
{
    if (value < min || value > max)
        return bb_fail(err, BOMBUS_EINVAL, "request: %s: %d, expected an integer from %d to %d", field, value, min, max);
    return BOMBUS_OK;
}

/* NaN fails every comparison, so it fails these. */
static bombus_status check_float(const char *field, float value, float min, float max, bombus_error *err)
{
    if (value >= min && value <= max)
        return BOMBUS_OK;
    if (max < FLT_MAX)
        return bb_fail(err, BOMBUS_EINVAL, "request: %s: %g, expected a number from %g to %g", field, (double)value, (double)min,
                       (double)max);
    if (min > -FLT_MAX)
        return bb_fail(err, BOMBUS_EINVAL, "request: %s: %g, expected a finite number of at least %g", field, (double)value, (double)min);
    return bb_fail(err, BOMBUS_EINVAL, "request: %s: %g, expected a finite number", field, (double)value);
}

static bombus_status check_id(const char *field, size_t index, int32_t id, int vocabulary, bombus_error *err)
{
    if (id < 0 || id >= vocabulary)
        return bb_fail(err, BOMBUS_EINVAL, "request: %s[%zu]: id %" PRId32 ", expected an id from 0 to %d", field, index, id,
                       vocabulary - 1);
    return BOMBUS_OK;
}

static bombus_status check_stop(size_t index, const char *stop, bombus_error *err)
{
    if (!stop || !*stop)
        return bb_fail(err, BOMBUS_EINVAL, "request: stops[%zu]: %s, expected a text", index, stop ? "empty" : "NULL");

    const size_t bytes = strlen(stop), valid = bb_utf8_valid_prefix(stop, bytes);
    if (valid < bytes)
        return bb_fail(err, BOMBUS_EINVAL, "request: stops[%zu]: byte %zu is not UTF-8", index, valid);
    return BOMBUS_OK;
}

static bombus_status check_lists(const bombus_request *r, int vocabulary, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < r->logit_bias_count && !status; i++) {
        const bombus_logit_bias *bias = &r->logit_bias[i];
        status = check_id("logit_bias", i, bias->id, vocabulary, err);
        if (!status && !(bias->bias < INFINITY))
            status = bb_fail(err, BOMBUS_EINVAL, "request: logit_bias[%zu]: %g, expected a finite number or -inf", i, (double)bias->bias);
    }
    for (size_t i = 0; i < r->stop_token_count && !status; i++)
        status = check_id("stop_tokens", i, r->stop_tokens[i], vocabulary, err);
    for (size_t i = 0; i < r->stop_count && !status; i++)
        status = check_stop(i, r->stops[i], err);
    return status;
}

bombus_status bb_request_check(const bombus_request *r, int vocabulary, bombus_error *err)
{
    const struct {
        const char *field;
        int value, min, max;
    } integers[] = {
        {"max_tokens", r->max_tokens, 0, INT_MAX},
        {"top_k", r->top_k, 0, INT_MAX},
        {"min_keep", r->min_keep, 1, INT_MAX},
        {"repetition_window", r->repetition_window, 1, BB_MAX_WINDOW},
        {"presence_window", r->presence_window, 1, BB_MAX_WINDOW},
        {"frequency_window", r->frequency_window, 1, BB_MAX_WINDOW},
        {"draft_tokens", r->draft_tokens, 0, BB_MAX_DRAFT},
        {"top_logprobs", r->top_logprobs, 0, BB_MAX_TOP},
    };
    const struct {
        const char *field;
        float value, min, max;
    } floats[] = {
        {"temperature", r->temperature, 0, FLT_MAX},
        {"top_p", r->top_p, 0, 1},
        {"min_p", r->min_p, 0, 1},
        {"repetition_penalty", r->repetition_penalty, 0, FLT_MAX},
        {"presence_penalty", r->presence_penalty, -FLT_MAX, FLT_MAX},
        {"frequency_penalty", r->frequency_penalty, -FLT_MAX, FLT_MAX},
    };
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < sizeof integers / sizeof *integers && !status; i++)
        status = check_int(integers[i].field, integers[i].value, integers[i].min, integers[i].max, err);
    for (size_t i = 0; i < sizeof floats / sizeof *floats && !status; i++)
        status = check_float(floats[i].field, floats[i].value, floats[i].min, floats[i].max, err);
    return status ? status : check_lists(r, vocabulary, err);
}
