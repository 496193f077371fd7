/* bombus/file.h: a file written so that a reader never sees half of it. */
#ifndef BOMBUS_FILE_H
#define BOMBUS_FILE_H

#include <bombus/error.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes a file whole: a temporary beside it, fsync, rename.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND (no such directory), BOMBUS_EIO (also where path is there and no regular file) or BOMBUS_ENOMEM. A
 * failure leaves path as it was, and no temporary. */
BOMBUS_API bombus_status bombus_file_write(const char *path, const void *data, size_t bytes, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
