/* The choice of kernels: the best set that the machine has, unless BOMBUS_CPU caps it. */
#include "backend/cpu/kernels.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From the plainest to the best. */
static const bb_kernels *const sets[] = {
    &bb_scalar_kernels,
#ifdef __x86_64__
    &bb_avx2_kernels,
    &bb_avx512_kernels,
#elif defined(__aarch64__)
    &bb_neon_kernels,
    &bb_dotprod_kernels,
    &bb_i8mm_kernels,
#endif
};

enum { SETS = sizeof sets / sizeof *sets, NAMES_TEXT = 128 };

/* "scalar, avx2, avx512" */
static const char *set_names(char *text)
{
    size_t at = 0;

    for (int i = 0; i < SETS; i++)
        at += (size_t)snprintf(text + at, NAMES_TEXT - at, "%s%s", i ? ", " : "", sets[i]->name);
    return text;
}

static int find(const char *name)
{
    for (int i = 0; i < SETS; i++)
        if (strcmp(sets[i]->name, name) == 0)
            return i;
    return -1;
}

bombus_status bb_kernels_choose(const bb_kernels **out, const char *name, bombus_error *err)
{
    const char *cap = name ? NULL : getenv("BOMBUS_CPU");
    char names[NAMES_TEXT];
    int best = SETS - 1;

    if (name && (best = find(name)) < 0)
        return bb_fail(err, BOMBUS_ENOTFOUND, "kernels \"%s\" are not in this build, expected one of %s", name, set_names(names));
    if (cap && *cap && (best = find(cap)) < 0)
        return bb_fail(err, BOMBUS_ENOTFOUND, "BOMBUS_CPU: \"%s\" is not in this build, expected one of %s", cap, set_names(names));
    if (name && !sets[best]->usable())
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "kernels \"%s\": this machine cannot run them", name);
    while (!sets[best]->usable())
        best--;
    *out = sets[best];
    return BOMBUS_OK;
}
