/* kernel_sets.h: the kernel sets that a build for this architecture has. */
#ifndef TEST_KERNEL_SETS_H
#define TEST_KERNEL_SETS_H

#include "backend/cpu/kernels.h"
#include "numbers.h"

/* Every kernel set; what the machine lacks is said and passed over. */
static const char *const backends[] = {
#ifdef TEST_KERNEL_SET /* the one to be tested where others were tested already */
    TEST_KERNEL_SET,
#else
    "cpu/scalar",
#ifdef __x86_64__
    "cpu/avx2",
    "cpu/avx512",
#elif defined(__aarch64__)
    "cpu/neon",
    "cpu/dotprod",
    "cpu/i8mm",
#endif
#endif
};

/* One of them, or NULL, having said so, where this machine cannot run it. */
static inline const bb_kernels *set_called(const char *name)
{
    const bb_kernels *kernels;
    const bombus_status status = bb_kernels_choose(&kernels, name + strlen("cpu/"), &err);

    if (status == BOMBUS_EUNSUPPORTED) {
        print_message("SKIP %s\n", err.message);
        return NULL;
    }
    assert_ok(status, err);
    return kernels;
}

#endif
