/* kernel_sets.h: the kernel sets that a build for this architecture has. */
#ifndef TEST_KERNEL_SETS_H
#define TEST_KERNEL_SETS_H

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

#endif
