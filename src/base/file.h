/* base/file.h: files read whole, mapped, and written so that a reader never sees half of one. */
#ifndef BB_BASE_FILE_H
#define BB_BASE_FILE_H

#include <bombus/error.h>
#include <bombus/file.h>
#include <stdbool.h>
#include <stddef.h>

/* A file mapped for reading. data is NULL for an empty one. */
typedef struct bb_map {
    const unsigned char *data;
    size_t size;
} bb_map;

/* BOMBUS_ENOTFOUND where there is none, BOMBUS_EIO where it is a directory or cannot be read: err names path and reason. */
bombus_status bb_map_open(bb_map *map, const char *path, bombus_error *err);
void bb_map_close(bb_map *map);

/* All bytes of a file (pipes too), with a NUL behind the last. The caller frees *data with bb_free. limit: BOMBUS_ELIMIT beyond. */
bombus_status bb_file_read(char **data, size_t *size, const char *path, size_t limit, bombus_error *err);
/* The same from an open descriptor; name stands in messages. */
bombus_status bb_file_read_fd(char **data, size_t *size, int fd, const char *name, size_t limit, bombus_error *err);

bool bb_path_exists(const char *path); /* anything of that name, also a dead link: opening it then says what is wrong */
bool bb_is_directory(const char *path);
bool bb_path_same(const char *a, const char *b); /* both are there, and one file or directory, whatever they are called */

/* directory/name, or name alone where directory is empty. The caller frees it with bb_free; NULL without memory. */
char *bb_path_join(const char *directory, const char *name);
/* The part before the last slash ("." where there is none). The caller frees it. */
char *bb_path_parent(const char *path);

/* A file in the making: bytes go to a temporary beside path; commit syncs it and renames it over path; abort removes it. A path that is
 * there and no regular file is refused. Bytes wait for a whole large page, since a system that keeps files in large pages maps what was
 * written in such pieces with them, and kernels then read weights faster. */
typedef struct bb_writer {
    int fd;
    char *path;
    char *temporary;
    char *waiting; /* [BB_LARGE_PAGE] */
    size_t held;   /* bytes of it */
} bb_writer;

bombus_status bb_writer_open(bb_writer *writer, const char *path, bombus_error *err);
bombus_status bb_writer_write(bb_writer *writer, const void *data, size_t size, bombus_error *err);
bombus_status bb_writer_commit(bb_writer *writer, bombus_error *err); /* closes also when it fails */
void bb_writer_abort(bb_writer *writer);                              /* after a commit, or twice: nothing */

#endif
