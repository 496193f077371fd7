/* Kernels of all sets against each other, called one by one on little data: cheap enough for an emulated processor.
 *
 * The fast mode and what goes along rows have the scalar set's bytes everywhere. Sets that multiply and add in one instruction share the
 * bytes of exact products and of attention among themselves; the first of them that the machine has stands for all. */
#include "backend/cpu/scalar.h"
#include "kernel_sets.h"
#include "numbers.h"

#include <math.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { IN = 384, ROWS = BB_FAST_ROWS, X_ROWS = 8, GUARD = 64, LONG_GROUPS = 513, LONG = LONG_GROUPS * 32 };

static const bb_kernels *one, *other; /* the set that stands for all, and the one that is held against it */
static float x_values[LONG];          /* or rows of IN */
_Static_assert(LONG >= X_ROWS * IN, "x_values has room for all rows");

static void expect_same(const char *what, int kind, const void *found, const void *expected, size_t bytes)
{
    size_t at = 0;

    while (at < bytes && ((const unsigned char *)found)[at] == ((const unsigned char *)expected)[at])
        at++;
    if (at < bytes)
        fail_msg("%s of %s, kind %d: byte %d of %d is not that of %s", what, other->name, kind, (int)at, (int)bytes, one->name);
}

/* Do the set's vectors have a fused product? */
static bool is_fused(const bb_kernels *kernels)
{
    const float a = 1 + 0x1p-12f, exact = fmaf(a, a, -1);
    const float x[BB_LANES] = {a, -1}, y[BB_LANES] = {a, 1};
    const char *rows[BB_PANEL_ROWS], *columns[BB_TILE_COLUMNS];
    static float lanes[BB_PANEL_ROWS][BB_TILE_COLUMNS][BB_LANES];

    for (int i = 0; i < BB_PANEL_ROWS; i++)
        rows[i] = (const char *)x;
    for (int i = 0; i < BB_TILE_COLUMNS; i++)
        columns[i] = (const char *)y;
    memset(lanes, 0, sizeof lanes);
    lanes[0][0][0] = -1;
    kernels->products(lanes[0][0], BB_TILE_COLUMNS * BB_LANES, rows, columns, 1);
    return lanes[0][0][0] == exact;
}

static void fill(float *values, int count, uint64_t seed)
{
    for (int i = 0; i < count; i++)
        values[i] = random_value(&seed) * (i % 97 == 0 ? 50 : 1);
}

/* Runs a test with every set as other and the first of those it may be compared with as one. */
static void with_each_set(void (*test)(void), bool exact)
{
    unsetenv("BOMBUS_CPU");
    fill(x_values, LONG, 3);
    for (size_t i = 0; i < COUNT(backends); i++) {
        other = set_called(backends[i]);
        one = &bb_scalar_kernels;
#ifdef __x86_64__
        if (exact && other && is_fused(other) && bb_avx2_kernels.usable())
            one = &bb_avx2_kernels;
#endif
        if (other && (!exact || is_fused(one) == is_fused(other)))
            test();
    }
}

/* A set that has no kernel of its own for something has the other's, of which nothing is to be learned here. */
static bool differs(const char *what, bool different)
{
    if (!different)
        print_message("SKIP %s of %s: %s\n", what, other->name,
                      one == other ? "the set that stands for all" : "the same as of the set that stands for all");
    return different;
}

#define DIFFERS(kernel) differs(#kernel, one->kernel != other->kernel)

/* ---- the fast mode ---- */

static bombus_tensor *fast_weight(int kind, int rows, int groups)
{
    const bombus_quantization q = quantizations[kind];
    bombus_tensor *dense = RANDOM(floats[kind % FLOATS], 4, rows, (int64_t)groups * q.group_size), *weight = quantized(dense, q);

    bombus_tensor_free(dense);
    return weight;
}

typedef struct rounded {
    int8_t codes[(LONG + BB_FAST_UNIT - 1) / BB_FAST_UNIT * BB_FAST_UNIT];
    float scales[LONG_GROUPS + BB_FAST_ROWS - 1], sums[LONG_GROUPS + BB_FAST_ROWS - 1];
} rounded;

typedef enum order { IN_ORDER, FOR_VECTOR, FOR_TILE } order;

/* Row n of x. */
static void round_with(const bb_kernels *kernels, rounded *r, bb_fast_rows *shape, const bb_tensor *weight, int n, order wanted)
{
    const int64_t k = weight->shape[1], size = weight->quant.group_size;

    memset(r, 0xff, sizeof *r);
    *shape = (bb_fast_rows){.k = k,
                            .stride = (k + BB_FAST_UNIT - 1) / BB_FAST_UNIT * BB_FAST_UNIT,
                            .groups = (k / size + BB_FAST_ROWS - 1) / BB_FAST_ROWS * BB_FAST_ROWS,
                            .group = (int)size,
                            .codes = r->codes,
                            .scales = r->scales,
                            .sums = r->sums};
    if (wanted != IN_ORDER)
        bb_fast_set_split(shape, kernels, &weight->quant, wanted == FOR_TILE);
    kernels->fast_round(r->codes, r->scales, r->sums, x_values + n, shape);
}

static void compare_vector(int q, int groups)
{
    enum { MOST = 2 * ROWS + 3 };
    static const int counts[] = {1, ROWS, MOST};
    bombus_tensor *weight = fast_weight(q, MOST, groups);
    const bb_tensor *w = &weight->t;
    float expected[MOST] = {0}, found[MOST] = {0};
    static rounded a, b;
    bb_fast_rows a_shape, b_shape;

    round_with(one, &a, &a_shape, w, 0, IN_ORDER);
    round_with(other, &b, &b_shape, w, 0, IN_ORDER);
    expect_same("fast_round", q, &b, &a, sizeof a);
    round_with(one, &a, &a_shape, w, 0, FOR_VECTOR);
    round_with(other, &b, &b_shape, w, 0, FOR_VECTOR);
    for (size_t i = 0; i < COUNT(counts); i++) {
        one->fast_vector(expected, w, 0, counts[i], &a_shape, 0);
        other->fast_vector(found, w, 0, counts[i], &b_shape, 0);
        expect_same("fast_vector", q, found, expected, sizeof found);
    }
    bombus_tensor_free(weight);
}

/* Of four and eight bits also rows that are longer than what a kernel holds at once. */
static void compare_vectors(void)
{
    static const int groups[] = {1, 3, 8, 9, 257, LONG_GROUPS};
    const bool rounds = DIFFERS(fast_round), multiplies = DIFFERS(fast_vector);

    if (!rounds && !multiplies)
        return;
    for (int q = 0; q < QUANTIZATIONS; q++) {
        const bool lengthens = quantizations[q].group_size <= 32 && quantizations[q].bits % 4 == 0;
        for (size_t g = 0; g < COUNT(groups) && quantizations[q].mode != BOMBUS_MXFP8; g++)
            if (groups[g] < 10 || lengthens)
                compare_vector(q, groups[g]);
    }
}

static void vectors_of_the_fast_mode_agree(void **state)
{
    (void)state;
    with_each_set(compare_vectors, false);
}

static int code_of(const bb_tensor *weight, int64_t row, int64_t element)
{
    uint8_t codes[128];
    const int size = weight->quant.group_size;

    bb_fast_codes(codes, weight, row, element / size, 1);
    return weight->quant.bits == 8 ? (int8_t)codes[element % size] : codes[element % size];
}

/* Row r of a weight, from group first on, times row n of rounded activations that stand in order, added to sum. */
static float defined_sum(float sum, const bb_tensor *weight, int64_t r, int first, int count, const bb_fast_rows *x)
{
    for (int g = first; g < first + count; g++) {
        float scale, bias;
        int products = 0;
        bb_fast_scales(&scale, &bias, weight, r * (weight->shape[1] / x->group) + g, 1);
        for (int i = 0; i < x->group; i++)
            products += code_of(weight, r, (int64_t)g * x->group + i) * x->codes[g * x->group + i];
        const float by_scale = (float)products * (scale * x->scales[g]), by_bias = bias * x->sums[g];
        sum += by_scale + by_bias;
    }
    return sum;
}

/* Two panels of a weight, the second with rows missing, times one to four rows, added to what is there; from the first group on and from
 * one in the middle. */
static void compare_tiles(void)
{
    enum { BOTH = 2 * BB_FAST_PANEL, MISSING = 3, GROUPS = 8, STRIDE = BOTH + 3 };

    for (int q = 0; q < QUANTIZATIONS && other->fast_tile; q++) {
        const int size = quantizations[q].group_size;
        if (quantizations[q].mode == BOMBUS_MXFP8)
            continue;
        bombus_tensor *weight = fast_weight(q, BOTH, GROUPS);
        static bb_fast_panel panels[2];
        static rounded plain, split[BB_FAST_TILE];
        for (int first = 0; first < GROUPS; first += 5) {
            const int count = GROUPS - first, rows = first ? 1 + q % 3 : BB_FAST_TILE;
            const bool begins = (q + first) % 2 == 0;
            float out[BB_FAST_TILE * STRIDE], expected[COUNT(out)];
            bb_fast_rows shape;
            fill(out, COUNT(out), 5);
            memcpy(expected, out, sizeof out);
            for (int n = 0; n < rows; n++) {
                round_with(one, &plain, &shape, &weight->t, n, IN_ORDER);
                for (int r = 0; r < BOTH; r++)
                    expected[n * STRIDE + r] = defined_sum(begins ? 0 : expected[n * STRIDE + r], &weight->t,
                                                           r < BOTH - MISSING ? r : BB_FAST_PANEL, first, count, &shape);
                round_with(other, &split[n], &shape, &weight->t, n, FOR_TILE);
            }
            other->fast_unpack(&panels[0], &weight->t, 0, BB_FAST_PANEL, first, count);
            other->fast_unpack(&panels[1], &weight->t, BB_FAST_PANEL, BB_FAST_PANEL - MISSING, first, count);
            other->fast_tile(&(bb_fast_tile){.out = out,
                                             .out_stride = STRIDE,
                                             .begins = begins,
                                             .panels = panels,
                                             .groups = count,
                                             .group = size,
                                             .largest = bb_fast_largest(&weight->t.quant),
                                             .rows = rows,
                                             .x = split[0].codes + first * size,
                                             .x_scales = split[0].scales + first,
                                             .x_sums = split[0].sums + first,
                                             .x_stride = sizeof split[0],
                                             .x_groups = sizeof split[0] / sizeof(float)});
            expect_same("fast_tile", q, out, expected, sizeof out);
        }
        bombus_tensor_free(weight);
    }
}

static void tiles_of_the_fast_mode_give_their_definition(void **state)
{
    (void)state;
    with_each_set(compare_tiles, false);
}

/* ---- rows ---- */

static void compare_rows(void)
{
    const bool norms = DIFFERS(rms_norm), turns = DIFFERS(rope), gates = DIFFERS(swiglu), adds = DIFFERS(add);

    if (!norms && !turns && !gates && !adds)
        return;
    for (int count = 1; count <= 70; count += count < 33 ? 1 : 37) {
        float a[2][IN], b[2][IN];
        for (int i = 0; i < 2; i++) {
            memcpy(a[i], x_values + i * IN, sizeof a[i]);
            memcpy(b[i], x_values + i * IN, sizeof b[i]);
        }
        one->rms_norm(a[0], a[0], x_values + 2 * IN, count, 1e-5f);
        other->rms_norm(b[0], b[0], x_values + 2 * IN, count, 1e-5f);
        one->rope(a[0], a[1], x_values + 3 * IN, x_values + 4 * IN, count);
        other->rope(b[0], b[1], x_values + 3 * IN, x_values + 4 * IN, count);
        one->swiglu(a[1], a[0], a[1], count);
        other->swiglu(b[1], b[0], b[1], count);
        one->add(a[1], a[0], count);
        other->add(b[1], b[0], count);
        expect_same("rms_norm and rope", count, b[0], a[0], sizeof a[0]);
        expect_same("swiglu and add", count, b[1], a[1], sizeof a[1]);
    }
}

static void rows_agree(void **state)
{
    (void)state;
    with_each_set(compare_rows, false);
}

/* What the reference makes of one group of a key or value. */
static uint16_t defined_group(int8_t *codes, const float *x, int count)
{
    float largest = 0;

    for (int i = 0; i < count; i++)
        largest = isnan(largest) || fabsf(x[i]) <= largest ? largest : fabsf(x[i]);
    const uint16_t stored = bb_f32_to_f16(largest / 127);
    const float scale = bb_f16_to_f32(stored), inverse = scale > 0 ? 1 / scale : 0;
    for (int i = 0; i < count; i++)
        codes[i] = (int8_t)rintf(fminf(fmaxf(x[i] * inverse, -127), 127));
    return stored;
}

static void compare_cached(void)
{
#ifdef TEST_WITHOUT_TIES /* where an emulated processor rounds all of them up */
    const float beside = 1 + 0x1p-20f;
#else
    const float beside = 1;
#endif
    const float odd[] = {0,         -0.0f, 65504, 65519.996f, 65520, -1e9f, 0x1p-24f, 0x1p-25f * beside, 0x1.8p-24f, 0x1.002p0f * beside,
                         0x1.006p0f};
    float x[IN];

    for (int kind = 0; kind < 6; kind++)
        for (int count = 1; count <= 96; count += count < 34 ? 1 : 13) {
            uint16_t halves[IN] = {0}, expected_halves[IN] = {0}, scales[3 * BB_KV_BLOCK] = {0}, expected_scales[COUNT(scales)] = {0};
            int8_t codes[IN] = {0}, expected_codes[IN] = {0};
            memcpy(x, x_values + kind, sizeof x);
            if (kind == 1) /* scales that F16 has few bits for */
                for (int i = 0; i < IN; i++)
                    x[i] *= 0x1p-20f;
            if (kind == 2)
                memcpy(x, odd, sizeof odd);
            if (kind > 2)
                x[count / 2] = kind == 3 ? -NAN : kind == 4 ? INFINITY : bb_float_from_bits(0x7f812345);
            for (int i = 0; i < count; i++)
                expected_halves[i] = bb_f32_to_f16(x[i]);
            other->narrow(halves, x, count);
            expect_same("narrow", kind, halves, expected_halves, sizeof halves);
            for (int first = 0; first < count; first += BB_KV_GROUP)
                expected_scales[first / BB_KV_GROUP * BB_KV_BLOCK] =
                    defined_group(expected_codes + first, x + first, count - first < BB_KV_GROUP ? count - first : BB_KV_GROUP);
            other->kv_round(codes, scales, x, count);
            expect_same("kv_round", kind, codes, expected_codes, sizeof codes);
            expect_same("kv_round's scales", kind, scales, expected_scales, sizeof scales);
        }
}

/* Down to numbers that are none. */
static void keys_and_values_are_cached_as_defined(void **state)
{
    (void)state;
    with_each_set(compare_cached, false);
}

/* ---- attention ---- */

enum { DIM_MAX = 128, QUERIES = 9 };

static void attend_with(const bb_kernels *kernels, bombus_dtype dtype, int count, int dim, float *out)
{
    static unsigned char keys[DIM_MAX * BB_KV_BLOCK * 4 + GUARD], values[sizeof keys];
    static uint16_t scales[2][DIM_MAX / BB_KV_GROUP * BB_KV_BLOCK];
    static float q[QUERIES * DIM_MAX], elements[2 * DIM_MAX * BB_KV_BLOCK];
    float max[QUERIES], sum[QUERIES] = {0};
    const bb_queries queries = {
        .count = count, .dim = dim, .stride = (dim + BB_LANES - 1) / BB_LANES * BB_LANES, .q = q, .out = out, .max = max, .sum = sum};
    const bb_kv_tile tile = {.dtype = dtype, .keys = keys, .values = values, .key_scales = scales[0], .value_scales = scales[1]};
    const bb_kv_tile elsewhere = {.dtype = dtype, .keys = elements, .values = elements}; /* to be fetched, never read */
    const int all = dim * BB_KV_BLOCK;

    fill(q, COUNT(q), 8);
    fill(elements, COUNT(elements), 9);
    for (int i = 0; i < QUERIES; i++)
        max[i] = -INFINITY;
    for (int i = 0; i < all && dtype == BOMBUS_I8; i++) {
        ((int8_t *)keys)[i] = (int8_t)fmaxf(-127, fminf(elements[i] * 60, 127));
        ((int8_t *)values)[i] = (int8_t)fmaxf(-127, fminf(elements[all + i] * 60, 127));
    }
    if (dtype == BOMBUS_I8) {
        bb_narrow(scales[0], BOMBUS_F16, x_values, COUNT(scales[0]));
        bb_narrow(scales[1], BOMBUS_F16, x_values + COUNT(scales[0]), COUNT(scales[1]));
    } else {
        bb_narrow(keys, dtype, elements, all);
        bb_narrow(values, dtype, elements + all, all);
    }
    memset(out, 0, sizeof(float) * QUERIES * DIM_MAX);
    kernels->attend(&queries, &tile, 3, BB_KV_BLOCK, &elsewhere);
    kernels->attend(&queries, &tile, 0, 1, &elsewhere);
    kernels->attend(&queries, &tile, 0, BB_KV_BLOCK - 1, &tile);
    for (int i = 0; i < count; i++)
        out[QUERIES * DIM_MAX + i] = sum[i] + max[i];
}

static void compare_attention(void)
{
    static const bombus_dtype dtypes[] = {BOMBUS_F32, BOMBUS_F16, BOMBUS_I8};
    static const int dims[] = {1, 8, 20, 32, 64, 80, 96, 112, 128};

    if (!DIFFERS(attend))
        return;
    for (size_t d = 0; d < COUNT(dtypes) * COUNT(dims); d++) {
        for (int count = 1; count <= QUERIES; count++) {
            static float a[(QUERIES + 1) * DIM_MAX], b[COUNT(a)];
            const int dim = dims[d / COUNT(dtypes)], stride = (dim + BB_LANES - 1) / BB_LANES * BB_LANES;
            attend_with(one, dtypes[d % COUNT(dtypes)], count, dim, a);
            attend_with(other, dtypes[d % COUNT(dtypes)], count, dim, b);
            for (int i = 0; i < count; i++) /* what lies behind a vector's dim is nobody's */
                expect_same("attend", dim, b + i * stride, a + i * stride, (size_t)dim * sizeof *a);
            expect_same("attend's sums", dim, b + QUERIES * DIM_MAX, a + QUERIES * DIM_MAX, (size_t)count * sizeof *a);
        }
    }
}

static void attention_agrees(void **state)
{
    (void)state;
    with_each_set(compare_attention, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_fast_mode_agree),
        cmocka_unit_test(tiles_of_the_fast_mode_give_their_definition),
        cmocka_unit_test(rows_agree),
        cmocka_unit_test(keys_and_values_are_cached_as_defined),
        cmocka_unit_test(attention_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
