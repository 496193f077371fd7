/* Sums of products for any CPU. */
#include "backend/cpu/scalar.h"

#include <string.h>

/* Four lanes in one register of any baseline; loads at any address. */
typedef float lanes4 __attribute__((vector_size(16)));
typedef float lanes4_anywhere __attribute__((vector_size(16), aligned(1), may_alias));

/* length elements of one row against two: two times BB_LANES sums are what fits the registers of SSE2. */
void bb_products_f32_scalar(float *restrict lanes0, float *restrict lanes1, const char *a, const char *b0, const char *b1, int length)
{
    enum { PARTS = BB_LANES / 4, STEP = BB_LANES * (int)sizeof(float) };
    lanes4 s0[PARTS], s1[PARTS];
    int i = 0;

    memcpy(s0, lanes0, sizeof s0);
    memcpy(s1, lanes1, sizeof s1);
    for (; i + BB_LANES <= length; i += BB_LANES, a += STEP, b0 += STEP, b1 += STEP) {
        for (int j = 0; j < PARTS; j++) {
            const lanes4 x = ((const lanes4_anywhere *)a)[j];
            s0[j] += x * ((const lanes4_anywhere *)b0)[j];
            s1[j] += x * ((const lanes4_anywhere *)b1)[j];
        }
    }
    memcpy(lanes0, s0, sizeof s0);
    memcpy(lanes1, s1, sizeof s1);
    for (int j = 0; i < length; i++, j++) {
        float x, y0, y1;
        memcpy(&x, a + j * (int)sizeof x, sizeof x);
        memcpy(&y0, b0 + j * (int)sizeof y0, sizeof y0);
        memcpy(&y1, b1 + j * (int)sizeof y1, sizeof y1);
        lanes0[j] += x * y0;
        lanes1[j] += x * y1;
    }
}
