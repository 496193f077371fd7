/* Files read whole, mapped, and written so that a reader never sees half of one. */
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bombus_status fail_errno(bombus_error *err, const char *path, const char *verb)
{
    int code = errno;
    return bb_fail(err, code == ENOENT || code == ENOTDIR ? BOMBUS_ENOTFOUND : BOMBUS_EIO, "%s: cannot %s: %s", path, verb, strerror(code));
}

static bombus_status open_to_read(int *fd, struct stat *info, const char *path, int flags, bombus_error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (*fd < 0)
        return fail_errno(err, path, "open");

    bombus_status status = BOMBUS_OK;
    if (fstat(*fd, info) != 0)
        status = fail_errno(err, path, "stat");
    else if (S_ISDIR(info->st_mode))
        status = bb_fail(err, BOMBUS_EIO, "%s: is a directory, expected a file", path);
    if (status != BOMBUS_OK)
        close(*fd);
    return status;
}

bombus_status bb_map_open(bb_map *map, const char *path, bombus_error *err)
{
    int fd;
    struct stat info;

    *map = (bb_map){0};
    bombus_status status = open_to_read(&fd, &info, path, O_NONBLOCK, err); /* a pipe is refused, not waited for */
    if (status != BOMBUS_OK)
        return status;

    if (!S_ISREG(info.st_mode)) {
        status = bb_fail(err, BOMBUS_EIO, "%s: cannot be mapped, expected a regular file", path);
    } else if (info.st_size > 0) {
        void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (data == MAP_FAILED)
            status = fail_errno(err, path, "map");
        else
            *map = (bb_map){data, (size_t)info.st_size};
        if (map->data) /* read in and mapped so, where the file system can */
            bb_want_large_pages(data, map->size);
    }
    close(fd);
    return status;
}

void bb_map_close(bb_map *map)
{
    if (map->data)
        munmap((void *)map->data, map->size);
    *map = (bb_map){0};
}

/* likely: the bytes that are expected, so that a large file is not copied as its buffer grows. */
static bombus_status read_all(char **data, size_t *size, int fd, const char *name, size_t likely, size_t limit, bombus_error *err)
{
    char *bytes = NULL;
    size_t used = 0, capacity = 0;

    for (;;) {
        const size_t room = likely > used ? likely - used + 2 : 65536;
        if (!bb_grow(&bytes, &capacity, used + room, 1)) {
            bb_free(bytes);
            return bb_fail_memory(err, used + room);
        }
        ssize_t got = read(fd, bytes + used, capacity - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            bb_free(bytes);
            return fail_errno(err, name, "read");
        }
        if (got == 0)
            break;
        used += (size_t)got;
        if (used > limit) {
            bb_free(bytes);
            return bb_fail(err, BOMBUS_ELIMIT, "%s: more than %zu bytes", name, limit);
        }
    }
    bytes[used] = '\0';
    *data = bytes;
    *size = used;
    return BOMBUS_OK;
}

bombus_status bb_file_read_fd(char **data, size_t *size, int fd, const char *name, size_t limit, bombus_error *err)
{
    return read_all(data, size, fd, name, 0, limit, err);
}

bombus_status bb_file_read(char **data, size_t *size, const char *path, size_t limit, bombus_error *err)
{
    int fd;
    struct stat info;
    bombus_status status = open_to_read(&fd, &info, path, 0, err);

    if (status != BOMBUS_OK)
        return status;
    const bool known = S_ISREG(info.st_mode) && info.st_size > 0 && (uint64_t)info.st_size <= limit;
    status = read_all(data, size, fd, path, known ? (size_t)info.st_size : 0, limit, err);
    close(fd);
    return status;
}

bool bb_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool bb_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool bb_path_same(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

char *bb_path_join(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    const char *slash = length && directory[length - 1] != '/' ? "/" : "";
    size_t size = length + strlen(name) + 2;
    char *path = bb_alloc(size);

    if (path)
        snprintf(path, size, "%s%s%s", directory, slash, name);
    return path;
}

char *bb_path_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return bb_strdup(".");
    return slash == path ? bb_strdup("/") : bb_strndup(path, (size_t)(slash - path));
}

/* Creates path.tmp-N for the first N that is free. Not mkostemp: its files are for the owner alone, and to learn the usual mode means to
 * change the umask of the whole process for a moment. */
static bombus_status create_temporary(bb_writer *writer, size_t size, bombus_error *err)
{
    for (unsigned n = 0; n < 10000; n++) {
        snprintf(writer->temporary, size, "%s.tmp-%u", writer->path, n);
        writer->fd = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (writer->fd >= 0)
            return BOMBUS_OK;
        if (errno != EEXIST)
            break;
    }
    return fail_errno(err, writer->path, "create");
}

bombus_status bb_writer_open(bb_writer *writer, const char *path, bombus_error *err)
{
    const size_t size = strlen(path) + 32;
    struct stat info;

    *writer = (bb_writer){.fd = -1};
    /* A rename would put a file in the place of a device or a pipe. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return bb_fail(err, BOMBUS_EIO, "%s: is no regular file, so it is not replaced", path);

    bombus_status status;
    writer->path = bb_strdup(path);
    writer->temporary = bb_alloc(size);
    writer->waiting = bb_alloc(BB_LARGE_PAGE);
    if (!writer->path || !writer->temporary || !writer->waiting)
        status = bb_fail_memory(err, size + BB_LARGE_PAGE);
    else
        status = create_temporary(writer, size, err);
    if (status != BOMBUS_OK) {
        bb_free(writer->temporary); /* whatever has its name is not ours to remove */
        writer->temporary = NULL;
        bb_writer_abort(writer);
    }
    return status;
}

static bombus_status write_through(bb_writer *writer, const char *bytes, size_t size, bombus_error *err)
{
    while (size) {
        ssize_t put = write(writer->fd, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_errno(err, writer->path, "write");
        bytes += put;
        size -= (size_t)put;
    }
    return BOMBUS_OK;
}

bombus_status bb_writer_write(bb_writer *writer, const void *data, size_t size, bombus_error *err)
{
    const char *bytes = data;
    bombus_status status = BOMBUS_OK;

    while (size && status == BOMBUS_OK) {
        const size_t room = BB_LARGE_PAGE - writer->held, piece = size < room ? size : room;
        const bool whole = piece == BB_LARGE_PAGE; /* needs not wait */
        if (!whole) {
            memcpy(writer->waiting + writer->held, bytes, piece);
            writer->held += piece;
        }
        if (whole || writer->held == BB_LARGE_PAGE) {
            status = write_through(writer, whole ? bytes : writer->waiting, BB_LARGE_PAGE, err);
            writer->held = 0;
        }
        bytes += piece;
        size -= piece;
    }
    return status;
}

/* The rename itself is on disk only when the directory is. One that may be written but not read cannot be synced: the file is there. */
static bombus_status sync_directory(const char *path, bombus_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bombus_status status = BOMBUS_OK;

    if (fd < 0 ? errno != EACCES : fsync(fd) != 0 && errno != EINVAL)
        status = fail_errno(err, path, "sync");
    if (fd >= 0)
        close(fd);
    return status;
}

bombus_status bb_writer_commit(bb_writer *writer, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    char *parent = bb_path_parent(writer->path); /* first, so that no lack of memory comes behind the rename */

    if (!parent)
        status = bb_fail_memory(err, strlen(writer->path));
    else
        status = write_through(writer, writer->waiting, writer->held, err);
    if (status == BOMBUS_OK && fsync(writer->fd) != 0)
        status = fail_errno(err, writer->path, "sync");
    if (close(writer->fd) != 0 && status == BOMBUS_OK)
        status = fail_errno(err, writer->path, "close");
    writer->fd = -1;
    if (status == BOMBUS_OK && rename(writer->temporary, writer->path) != 0)
        status = fail_errno(err, writer->path, "rename");
    if (status == BOMBUS_OK) {
        bb_free(writer->temporary);
        writer->temporary = NULL;
        status = sync_directory(parent, err);
    }
    bb_free(parent);
    bb_writer_abort(writer);
    return status;
}

void bb_writer_abort(bb_writer *writer)
{
    if (writer->fd >= 0)
        close(writer->fd);
    if (writer->temporary) {
        unlink(writer->temporary);
        bb_free(writer->temporary);
    }
    bb_free(writer->path);
    bb_free(writer->waiting);
    *writer = (bb_writer){.fd = -1};
}

bombus_status bombus_file_write(const char *path, const void *data, size_t bytes, bombus_error *err)
{
    bb_writer writer;
    bombus_status status = bb_writer_open(&writer, path, err);

    if (status != BOMBUS_OK)
        return status;
    if ((status = bb_writer_write(&writer, data, bytes, err)) == BOMBUS_OK)
        return bb_writer_commit(&writer, err);
    bb_writer_abort(&writer);
    return status;
}
