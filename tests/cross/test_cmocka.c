/* The framework itself: a failed check fails its test and no other. Run with cmocka here, and with our stand-in for it elsewhere. */
#include "testing.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Each check of the pair: it passes, and it fails. */
#define CHECKS(X)                                                                                                                          \
    X(a_true_value, assert_true(1), assert_true(0))                                                                                        \
    X(a_false_value, assert_false(0), assert_false(1))                                                                                     \
    X(a_pointer, assert_non_null("x"), assert_non_null(NULL))                                                                              \
    X(no_pointer, assert_null(NULL), assert_null("x"))                                                                                     \
    X(pointers, assert_ptr_equal(state, state), assert_ptr_equal(state, NULL))                                                             \
    X(integers, assert_int_equal(-1, -1), assert_int_equal(-1, 1))                                                                         \
    X(long_integers, assert_int_equal(INT64_MAX, INT64_MAX), assert_int_equal(INT64_C(1) << 32, 0))                                        \
    X(the_low_end, assert_in_range(2, 2, 4), assert_in_range(1, 2, 4))                                                                     \
    X(the_high_end, assert_in_range(4, 2, 4), assert_in_range(5, 2, 4))                                                                    \
    X(strings, assert_string_equal("ab", "ab"), assert_string_equal("ab", "abc"))                                                          \
    X(memory, assert_memory_equal("a\0b", "a\0b", 3), assert_memory_equal("a\0b", "a\0c", 3))                                              \
    X(other_memory, assert_memory_not_equal("a\0b", "a\0c", 3), assert_memory_not_equal("a\0b", "a\0b", 3))                                \
    X(a_message, (void)state, fail_msg("%d", 1))                                                                                           \
    X(a_status, assert_ok(BOMBUS_OK, (bombus_error){0}), assert_ok(BOMBUS_EINVAL, (bombus_error){0}))

static int *reached; /* lines behind a check; shared with children */

#define DEFINE(name, pass, fail)                                                                                                           \
    static void name##_passes(void **state)                                                                                                \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        pass;                                                                                                                              \
        ++*reached;                                                                                                                        \
    }                                                                                                                                      \
    static void name##_fails(void **state)                                                                                                 \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        fail;                                                                                                                              \
        ++*reached;                                                                                                                        \
    }
CHECKS(DEFINE)

static void skips(void **state)
{
    (void)state;
    skip();
    ++*reached;
}

/* How many fail of two tests in a process of their own, whose output is nobody's business. */
static int failures_of(struct CMUnitTest first, struct CMUnitTest second)
{
    int status = 0;

    *reached = 0;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        const struct CMUnitTest tests[] = {first, second};
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        _exit(cmocka_run_group_tests(tests, NULL, NULL));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        abort();
    return WEXITSTATUS(status);
}

/* What judges the framework cannot be the framework. */
static int expect(const char *name, int found, int failures, int lines)
{
    if (found == failures && *reached == lines)
        return 0;
    printf("%s: %d failed and %d went past their check, expected %d and %d\n", name, found, *reached, failures, lines);
    return 1;
}

int main(void)
{
    int wrong = 0;

    reached = mmap(NULL, sizeof *reached, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (reached == MAP_FAILED)
        abort();
#define JUDGE(name, pass, fail)                                                                                                            \
    wrong += expect(                                                                                                                       \
        #name, failures_of((struct CMUnitTest)cmocka_unit_test(name##_fails), (struct CMUnitTest)cmocka_unit_test(name##_passes)), 1, 1);
    CHECKS(JUDGE)
    wrong += expect("skip", failures_of((struct CMUnitTest)cmocka_unit_test(skips), (struct CMUnitTest)cmocka_unit_test(a_message_passes)),
                    0, 1);
    printf("%s\n", wrong ? "FAILED" : "OK");
    return wrong != 0;
}
