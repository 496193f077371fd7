/* base/error.h: how a failure is told. */
#ifndef BB_BASE_ERROR_H
#define BB_BASE_ERROR_H

#include <bombus/error.h>
#include <stdarg.h>
#include <stddef.h>

/* Fills err (NULL is fine) and returns status, so that "return bb_fail(...)" reads as one thought. */
bombus_status bb_fail(bombus_error *err, bombus_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
bombus_status bb_fail_va(bombus_error *err, bombus_status status, const char *format, va_list args);

/* BOMBUS_ENOMEM with the number of bytes that were not to be had. */
bombus_status bb_fail_memory(bombus_error *err, size_t bytes);

/* Puts "prefix: " before a message that is there already: who asked, before what went wrong. */
void bb_fail_prefix(bombus_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
