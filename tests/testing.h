/* testing.h: what every unit test includes: cmocka, and the few words our tests share. */
#ifndef TESTING_H
#define TESTING_H

#include <bombus/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Under a sanitizer everything takes ten to twenty times as long, and malloc is not the C library's. */
#ifdef __has_feature /* clang's way to tell */
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* A build in which long tests do less. */
#ifdef BOMBUS_DEBUG
#define SLOW_BUILD 1
#else
#define SLOW_BUILD SANITIZED
#endif

/* A status that is not BOMBUS_OK fails the test with the error's message. */
#define assert_ok(call, error)                                                                                                             \
    do {                                                                                                                                   \
        if ((call) != BOMBUS_OK)                                                                                                           \
            fail_msg("%s: %s", #call, (error).message);                                                                                    \
    } while (0)

/* Tests run where nothing else writes: a fresh directory per process, removed by leave_temporary(). */
static inline const char *enter_temporary(void)
{
    static char path[] = "/tmp/bombus-test-XXXXXX";
    if (!mkdtemp(path) || chdir(path) != 0)
        abort();
    return path;
}

static inline void leave_temporary(const char *path)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", path);
    if (chdir("/") != 0 || system(command) != 0)
        abort();
}

static inline void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0)
        abort();
}

#endif
