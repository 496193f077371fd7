/* Status names and texts, and the formatting of messages. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

const char *bombus_status_name(bombus_status status)
{
    switch (status) {
#define X(name, value, text)                                                                                                               \
    case BOMBUS_##name:                                                                                                                    \
        return #name;
        BOMBUS_STATUS_LIST(X)
#undef X
    }
    return "EUNKNOWN";
}

const char *bombus_status_text(bombus_status status)
{
    switch (status) {
#define X(name, value, text)                                                                                                               \
    case BOMBUS_##name:                                                                                                                    \
        return text;
        BOMBUS_STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

bombus_status bb_fail_va(bombus_error *err, bombus_status status, const char *format, va_list args)
{
    if (!err)
        return status;
    err->code = status;

    int length = vsnprintf(err->message, sizeof err->message, format, args);
    if (length >= (int)sizeof err->message)
        memcpy(err->message + sizeof err->message - 4, "...", 4);
    return status;
}

bombus_status bb_fail(bombus_error *err, bombus_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bb_fail_va(err, status, format, args);
    va_end(args);
    return status;
}

bombus_status bb_fail_memory(bombus_error *err, size_t bytes)
{
    return bb_fail(err, BOMBUS_ENOMEM, "out of memory: %zu bytes", bytes);
}

void bb_fail_prefix(bombus_error *err, const char *format, ...)
{
    if (!err)
        return;

    char prefix[sizeof err->message];
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    memcpy(message, err->message, sizeof message);
    bb_fail(err, err->code, "%s: %s", prefix, message);
}
