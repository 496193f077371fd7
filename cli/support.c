/* Messages, input and output of the commands. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

int complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bombus: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_FAILED;
}

int complain_usage(const command *self, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "bombus: %s: ", self->name);
    vfprintf(stderr, format, args);
    fprintf(stderr, " (see bombus %s --help)\n", self->name);
    va_end(args);
    return EXIT_USAGE;
}

/* Doubles the buffer where it is full but for the NUL. */
static bool make_room(char **data, size_t *capacity, size_t used)
{
    if (used + 1 < *capacity)
        return true;

    const size_t larger = *capacity ? *capacity * 2 : 65536;
    char *grown = realloc(*data, larger);
    if (!grown)
        return false;
    *data = grown;
    *capacity = larger;
    return true;
}

bool read_input(const char *path, char **data, size_t *bytes)
{
    const bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    size_t used = 0, capacity = 0;
    struct stat info;

    *data = NULL;
    if (!standard && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        complain("%s: is a directory, expected a file", path);
        return false;
    }
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (!file) {
        complain("%s: cannot open: %s", name, strerror(errno));
        return false;
    }
    do {
        if (!make_room(data, &capacity, used)) {
            complain("%s: out of memory: %zu bytes", name, capacity * 2);
            goto fail;
        }
        used += fread(*data + used, 1, capacity - used - 1, file);
    } while (!feof(file) && !ferror(file));
    if (ferror(file)) {
        complain("%s: cannot read: %s", name, strerror(errno));
        goto fail;
    }
    if (!standard)
        fclose(file);
    (*data)[used] = '\0';
    *bytes = used;
    return true;

fail:
    if (!standard)
        fclose(file);
    free(*data);
    *data = NULL;
    return false;
}

bool add_bytes(byte_buffer *to, const char *data, size_t bytes)
{
    char *grown = realloc(to->data, to->size + bytes + 1);

    if (!grown) {
        complain("out of memory: %zu bytes", to->size + bytes + 1);
        return false;
    }
    if (bytes)
        memcpy(grown + to->size, data, bytes);
    to->data = grown;
    to->size += bytes;
    grown[to->size] = '\0';
    return true;
}

/* A full disk and a closed pipe show here, at the latest at the last flush. */
static bool output_works(bool now)
{
    static bool complained;

    if (!now && !complained) {
        complained = true;
        complain("standard output: cannot write: %s", strerror(errno));
    }
    return !complained;
}

bool put(const char *data, size_t bytes)
{
    return output_works(fwrite(data, 1, bytes, stdout) == bytes);
}

bool print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int printed = vprintf(format, args);
    va_end(args);
    return output_works(printed >= 0);
}

bool flush_output(void)
{
    return output_works(fflush(stdout) == 0);
}

int64_t peak_memory(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss;
#else
    return (int64_t)usage.ru_maxrss * 1024;
#endif
}

double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double rate(double count, double seconds)
{
    return seconds > 0 ? count / seconds : NAN;
}
