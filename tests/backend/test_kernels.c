/* Which kernels are chosen: by name, or the best that the machine has and BOMBUS_CPU allows. */
#include "backend/cpu/kernels.h"
#include "testing.h"

#include <stdlib.h>

static bombus_error err;

static void the_environment_caps_the_choice(void **state)
{
    (void)state;
    const bb_kernels *best, *found;

    unsetenv("BOMBUS_CPU");
    assert_ok(bb_kernels_choose(&best, NULL, &err), err);
    assert_true(best->usable());
    setenv("BOMBUS_CPU", "", 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, best);
    setenv("BOMBUS_CPU", best->name, 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, best);
    setenv("BOMBUS_CPU", "scalar", 1);
    assert_ok(bb_kernels_choose(&found, NULL, &err), err);
    assert_ptr_equal(found, &bb_scalar_kernels);

    /* Who names a set gets it. */
    assert_ok(bb_kernels_choose(&found, best->name, &err), err);
    assert_ptr_equal(found, best);
}

static void a_set_that_is_not_there_is_refused_by_name(void **state)
{
    (void)state;
    const bb_kernels *found;

    setenv("BOMBUS_CPU", "avx9", 1);
    assert_int_equal(bb_kernels_choose(&found, NULL, &err), BOMBUS_ENOTFOUND);
    assert_non_null(strstr(err.message, "BOMBUS_CPU: \"avx9\" is not in this build, expected one of scalar"));
    assert_ok(bb_kernels_choose(&found, "scalar", &err), err);
    assert_int_equal(bb_kernels_choose(&found, "mmx", &err), BOMBUS_ENOTFOUND);
    assert_non_null(strstr(err.message, "kernels \"mmx\" are not in this build, expected one of scalar"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_caps_the_choice),
        cmocka_unit_test(a_set_that_is_not_there_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
