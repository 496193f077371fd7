/* Errors: names, messages that do not fit, and prefixes. */
#include "base/error.h"
#include "testing.h"

static void every_status_has_its_name_and_text(void **state)
{
    (void)state;
    assert_string_equal(bombus_status_name(BOMBUS_OK), "OK");
    assert_string_equal(bombus_status_name(BOMBUS_EFORMAT), "EFORMAT");
    assert_string_equal(bombus_status_text(BOMBUS_EFORMAT), "malformed data");
    assert_string_equal(bombus_status_name((bombus_status)-99), "EUNKNOWN");
    assert_string_equal(bombus_status_text((bombus_status)1), "unknown status");
}

static void a_failure_returns_its_status_and_fills_the_error(void **state)
{
    (void)state;
    bombus_error err;
    assert_int_equal(bb_fail(&err, BOMBUS_EIO, "%s: %d", "file", 7), BOMBUS_EIO);
    assert_int_equal(err.code, BOMBUS_EIO);
    assert_string_equal(err.message, "file: 7");
    assert_int_equal(bb_fail_memory(&err, 12), BOMBUS_ENOMEM);
    assert_string_equal(err.message, "out of memory: 12 bytes");
}

static void an_error_that_nobody_wants_is_still_returned(void **state)
{
    (void)state;
    assert_int_equal(bb_fail(NULL, BOMBUS_EINVAL, "x"), BOMBUS_EINVAL);
    bb_fail_prefix(NULL, "x");
}

static void a_message_that_does_not_fit_ends_in_dots(void **state)
{
    (void)state;
    bombus_error err;
    char text[sizeof err.message + 1];
    memset(text, 'a', sizeof text);

    text[sizeof err.message - 1] = '\0';
    bb_fail(&err, BOMBUS_EIO, "%s", text);
    assert_string_equal(err.message, text);

    text[sizeof err.message - 1] = 'a';
    text[sizeof err.message] = '\0';
    bb_fail(&err, BOMBUS_EIO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_string_equal(err.message + sizeof err.message - 5, "a...");
}

static void a_prefix_goes_before_the_message_and_keeps_the_code(void **state)
{
    (void)state;
    bombus_error err;
    bb_fail(&err, BOMBUS_EFORMAT, "bits: 9");
    bb_fail_prefix(&err, "layer %d", 3);
    assert_int_equal(err.code, BOMBUS_EFORMAT);
    assert_string_equal(err.message, "layer 3: bits: 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_name_and_text),
        cmocka_unit_test(a_failure_returns_its_status_and_fills_the_error),
        cmocka_unit_test(an_error_that_nobody_wants_is_still_returned),
        cmocka_unit_test(a_message_that_does_not_fit_ends_in_dots),
        cmocka_unit_test(a_prefix_goes_before_the_message_and_keeps_the_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
