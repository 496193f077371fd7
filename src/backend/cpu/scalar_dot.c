/* Sums of products for any CPU. */
#include "backend/cpu/scalar.h"
#include "backend/cpu/vector.h"

enum { PARTS = BB_LANES / BB_WIDTH };

/* One row against two: two times BB_LANES sums are what fits the registers of SSE2. */
static void take_lanes(bb_vector *s0, bb_vector *s1, const char *x, const char *y0, const char *y1)
{
    for (int j = 0; j < PARTS; j++) {
        const bb_vector v = bb_vector_load(x + j * sizeof v);
        s0[j] += v * bb_vector_load(y0 + j * sizeof v);
        s1[j] += v * bb_vector_load(y1 + j * sizeof v);
    }
}

void bb_products_scalar(float *lanes, int stride, const char *const *a, const char *const *b, int length)
{
    enum { STEP = BB_LANES * (int)sizeof(float) };
    const char *x = a[0], *y0 = b[0], *y1 = b[1];
    bb_vector s0[PARTS], s1[PARTS];
    int i = 0;

    (void)stride;
    memcpy(s0, lanes, sizeof s0);
    memcpy(s1, lanes + BB_LANES, sizeof s1);
    for (; i + BB_LANES <= length; i += BB_LANES, x += STEP, y0 += STEP, y1 += STEP)
        take_lanes(s0, s1, x, y0, y1);
    if (i < length) { /* filled up with zeros */
        char last[3][STEP] = {0};
        const size_t bytes = (size_t)(length - i) * sizeof(float);
        take_lanes(s0, s1, memcpy(last[0], x, bytes), memcpy(last[1], y0, bytes), memcpy(last[2], y1, bytes));
    }
    memcpy(lanes, s0, sizeof s0);
    memcpy(lanes + BB_LANES, s1, sizeof s1);
}

void bb_sums_scalar(float *out, const float *lanes, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = bb_lanes_sum(lanes + i * BB_LANES);
}
