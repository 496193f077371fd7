/* Passes over long rows: every set the machine has against their definition. */
#include "base/exp.h"
#include "base/long_rows.h"
#include "testing.h"

#include <math.h>

enum { BLOCK = BB_ROW_BLOCK, MOST = 5 * BLOCK, SPARE = BLOCK };

static float x[MOST], weights[MOST + SPARE];

static void fill(int count)
{
    uint32_t seed = 7;

    memset(weights, 0, sizeof weights);
    for (int i = 0; i < MOST; i++) {
        seed = seed * 1664525 + 1013904223;
        x[i] = (float)(seed >> 8) * 0x1p-20f - 12;
        if (i < count)
            weights[i] = (float)(seed >> 12) * 0x1p-20f;
    }
}

/* In the order that the header tells. */
static double defined_sum(const float *values, const bool *counts, int count)
{
    double sum = 0;

    for (int start = 0; start < count; start += BLOCK) {
        float lanes[BB_ROW_LANES] = {0}, block = 0;
        for (int i = start; i < start + BLOCK && i < count; i++)
            lanes[i % BB_ROW_LANES] += !counts || counts[i] ? values[i] : 0;
        for (int i = 0; i < BB_ROW_LANES; i++)
            block += lanes[i];
        sum += (double)block;
    }
    return sum;
}

static void check(const bb_long_rows *set, int count)
{
    float peaks[MOST / BLOCK + 1], out[MOST + SPARE] = {0}, expected[MOST];
    bool counts[MOST];

    fill(count);
    set->peaks(peaks, x, count);
    for (int i = 0; i < count; i++) {
        float largest = x[i / BLOCK * BLOCK];
        for (int j = i / BLOCK * BLOCK; j < count && j / BLOCK == i / BLOCK; j++)
            largest = fmaxf(largest, x[j]);
        assert_true(peaks[i / BLOCK] == largest);
    }
    assert_true(set->sum(weights, count) == defined_sum(weights, NULL, count));

    for (int i = 0; i < count; i++)
        expected[i] = bb_exp_negative((x[i] - 0.7f - 4) * 1.3f);
    assert_true(set->exp(out, x, count, 0.7f, 4, 1.3f) == defined_sum(expected, NULL, count));
    assert_memory_equal(out, expected, (size_t)count * sizeof *out);
    assert_true(out[count] == 0);

    for (float bound = -14; bound < 6; bound += 2.5f) {
        for (int i = 0; i < count; i++)
            counts[i] = x[i] - 0.7f >= bound;
        assert_true(set->sum_from(weights, x, peaks, count, 0.7f, bound) == defined_sum(weights, counts, count));
    }
}

static void each_set_gives_what_is_defined(void **state)
{
    (void)state;
    for (int set = 0; set < bb_long_rows_count; set++) {
        if (!bb_long_rows_sets[set].usable()) {
            print_message("SKIP the set \"%s\": not on this machine\n", bb_long_rows_sets[set].name);
            continue;
        }
        for (int count = 1; count <= MOST; count += count < 20 || count % BLOCK > BLOCK - 3 ? 1 : 29)
            check(&bb_long_rows_sets[set], count);
    }
    assert_true(bb_long_rows_best()->usable());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_set_gives_what_is_defined)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
