/* bombus/error.h: status codes and error messages.
 *
 * Every function that can fail returns a bombus_status and takes a nullable bombus_error as its last parameter. One that makes an object
 * through a pointer named out sets *out to NULL when it fails.
 * The message names the file, tensor or field, what was found and what was expected. */
#ifndef BOMBUS_ERROR_H
#define BOMBUS_ERROR_H

#ifdef __GNUC__
#define BOMBUS_API __attribute__((visibility("default")))
#else
#define BOMBUS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, value, text) */
#define BOMBUS_STATUS_LIST(X)                                                                                                              \
    X(OK, 0, "success")                                                                                                                    \
    X(EINVAL, -1, "invalid argument")                                                                                                      \
    X(ENOTFOUND, -2, "not found")                                                                                                          \
    X(EIO, -3, "input or output failed")                                                                                                   \
    X(EFORMAT, -4, "malformed data")                                                                                                       \
    X(EUNSUPPORTED, -5, "not supported")                                                                                                   \
    X(ENOMEM, -6, "out of memory")                                                                                                         \
    X(ELIMIT, -7, "limit exceeded")                                                                                                        \
    X(ECANCELED, -8, "canceled")

typedef enum bombus_status {
#define X(name, value, text) BOMBUS_##name = value,
    BOMBUS_STATUS_LIST(X)
#undef X
} bombus_status;

/* Owned by the caller. code is BOMBUS_OK and message empty until a call fails; a message that does not fit ends in "...". */
typedef struct bombus_error {
    bombus_status code;
    char message[512];
} bombus_error;

/* "EFORMAT" and "malformed data" for BOMBUS_EFORMAT. Static strings; "EUNKNOWN" and "unknown status" for a value not in the list. */
BOMBUS_API const char *bombus_status_name(bombus_status status);
BOMBUS_API const char *bombus_status_text(bombus_status status);

#ifdef __cplusplus
}
#endif
#endif
