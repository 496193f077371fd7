/* cross/cmocka.h: what our tests use of cmocka, for architectures that have none here.
 *
 * A failed check says where and what, and leaves the test by longjmp; the group goes on with the next test and returns how many failed.
 * cross.cmocka holds this and the true cmocka against the same expectations. */
#ifndef TEST_CROSS_CMOCKA_H
#define TEST_CROSS_CMOCKA_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test_func)(void **state);
    int (*setup_func)(void **state);
    int (*teardown_func)(void **state);
    void *initial_state;
};

enum { STAND_IN_FAILED = 1, STAND_IN_SKIPPED, STAND_IN_NULL = 0 };

static jmp_buf stand_in_leave;

#define print_message printf

__attribute__((noreturn, format(printf, 3, 4))) static inline void stand_in_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "%s:%d: error: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    longjmp(stand_in_leave, STAND_IN_FAILED);
}

#define fail_msg(...) stand_in_fail(__FILE__, __LINE__, __VA_ARGS__)
#define skip()        longjmp(stand_in_leave, STAND_IN_SKIPPED)

#define STAND_IN_CHECK(holds, ...)                                                                                                         \
    do {                                                                                                                                   \
        if (!(holds))                                                                                                                      \
            stand_in_fail(__FILE__, __LINE__, __VA_ARGS__);                                                                                \
    } while (0)

#define assert_true(value)     STAND_IN_CHECK(value, "%s", #value)
#define assert_false(value)    STAND_IN_CHECK(!(value), "!(%s)", #value)
#define assert_non_null(value) STAND_IN_CHECK((value) != NULL, "%s is NULL", #value)
#define assert_null(value)     STAND_IN_CHECK((value) == NULL, "%s is not NULL", #value)

static inline void stand_in_equal(intmax_t a, intmax_t b, const char *file, int line)
{
    if (a != b)
        stand_in_fail(file, line, "%" PRIdMAX " (0x%" PRIxMAX ") is not %" PRIdMAX " (0x%" PRIxMAX ")", a, (uintmax_t)a, b, (uintmax_t)b);
}

static inline void stand_in_in_range(uintmax_t value, uintmax_t low, uintmax_t high, const char *file, int line)
{
    if (value < low || value > high)
        stand_in_fail(file, line, "%" PRIuMAX " is not in [%" PRIuMAX ", %" PRIuMAX "]", value, low, high);
}

static inline void stand_in_strings(const char *a, const char *b, const char *file, int line)
{
    if (strcmp(a, b) != 0)
        stand_in_fail(file, line, "\"%s\" is not \"%s\"", a, b);
}

static inline void stand_in_memory(const void *a, const void *b, size_t bytes, bool equal, const char *file, int line)
{
    const unsigned char *left = a, *right = b;
    size_t at = 0;

    while (at < bytes && left[at] == right[at])
        at++;
    if (equal && at < bytes)
        stand_in_fail(file, line, "byte %zu of %zu: 0x%02x is not 0x%02x", at, bytes, left[at], right[at]);
    if (!equal && at == bytes)
        stand_in_fail(file, line, "%zu bytes are equal", bytes);
}

/* Integers are compared as cmocka does: converted to the widest type, whatever theirs is. */
#define assert_int_equal(a, b)               stand_in_equal((intmax_t)(a), (intmax_t)(b), __FILE__, __LINE__)
#define assert_ptr_equal(a, b)               STAND_IN_CHECK((const void *)(a) == (const void *)(b), "%s is not %s", #a, #b)
#define assert_in_range(value, low, high)    stand_in_in_range((uintmax_t)(value), (uintmax_t)(low), (uintmax_t)(high), __FILE__, __LINE__)
#define assert_string_equal(a, b)            stand_in_strings(a, b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, bytes)     stand_in_memory(a, b, bytes, true, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, bytes) stand_in_memory(a, b, bytes, false, __FILE__, __LINE__)

#define cmocka_unit_test(function)                                                                                                         \
    {                                                                                                                                      \
#function, function, NULL, NULL, NULL                                                                                              \
    }

static inline int stand_in_run_one(const struct CMUnitTest *test)
{
    void *state = test->initial_state;

    switch (setjmp(stand_in_leave)) {
    case 0:
        if (test->setup_func || test->teardown_func)
            fail_msg("%s has setup or teardown, which this stand-in lacks", test->name);
        test->test_func(&state);
        return 0;
    case STAND_IN_SKIPPED:
        return STAND_IN_SKIPPED;
    default:
        return STAND_IN_FAILED;
    }
}

static inline int stand_in_run(const char *group, const struct CMUnitTest *tests, int count)
{
    static const char *const outcomes[] = {"       OK ", "  FAILED  ", "  SKIPPED "};
    int failed = 0;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    printf("[==========] %s: %d test(s).\n", group, count);
    for (int i = 0; i < count; i++) {
        printf("[ RUN      ] %s\n", tests[i].name);
        const int outcome = stand_in_run_one(&tests[i]);
        printf("[%s] %s\n", outcomes[outcome], tests[i].name);
        failed += outcome == STAND_IN_FAILED;
    }
    printf("[==========] %s: %d of %d failed.\n", group, failed, count);
    return failed;
}

/* None of our groups has a setup or teardown: NULL is all that fits. */
#define cmocka_run_group_tests(tests, setup, teardown)                                                                                     \
    stand_in_run(#tests, tests, (int)(sizeof(tests) / sizeof *(tests)) + STAND_IN_##setup + STAND_IN_##teardown)

#endif
