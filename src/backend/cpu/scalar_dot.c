/* Sums of products for any CPU. */
#include "backend/cpu/scalar.h"

#include <string.h>

/* Four lanes in one register of any baseline; loads at any address. */
typedef float lanes4 __attribute__((vector_size(16)));
typedef float lanes4_anywhere __attribute__((vector_size(16), aligned(1), may_alias));

/* One row against two: two times BB_LANES sums are what fits the registers of SSE2. */
void bb_products_scalar(float *lanes, int stride, const char *const *a, const char *const *b, int length)
{
    enum { PARTS = BB_LANES / 4, STEP = BB_LANES * (int)sizeof(float) };
    const char *x = a[0], *y0 = b[0], *y1 = b[1];
    lanes4 s0[PARTS], s1[PARTS];
    int i = 0;

    (void)stride;
    memcpy(s0, lanes, sizeof s0);
    memcpy(s1, lanes + BB_LANES, sizeof s1);
    for (; i + BB_LANES <= length; i += BB_LANES, x += STEP, y0 += STEP, y1 += STEP) {
        for (int j = 0; j < PARTS; j++) {
            const lanes4 four = ((const lanes4_anywhere *)x)[j];
            s0[j] += four * ((const lanes4_anywhere *)y0)[j];
            s1[j] += four * ((const lanes4_anywhere *)y1)[j];
        }
    }
    if (i < length) { /* filled up with zeros */
        lanes4 last[3][PARTS] = {0};
        memcpy(last[0], x, (size_t)(length - i) * sizeof(float));
        memcpy(last[1], y0, (size_t)(length - i) * sizeof(float));
        memcpy(last[2], y1, (size_t)(length - i) * sizeof(float));
        for (int j = 0; j < PARTS; j++) {
            s0[j] += last[0][j] * last[1][j];
            s1[j] += last[0][j] * last[2][j];
        }
    }
    memcpy(lanes, s0, sizeof s0);
    memcpy(lanes + BB_LANES, s1, sizeof s1);
}

void bb_sums_scalar(float *out, const float *lanes, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = bb_lanes_sum(lanes + i * BB_LANES);
}
