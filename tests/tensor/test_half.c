/* Small floats: every code to F32, and every boundary between two codes back. */
#include "tensor/half.h"
#include "testing.h"

#include <math.h>

/* The value of a code with so many exponent and fraction bits, by definition. */
static double value_of(unsigned code, int exponent_bits, int fraction_bits)
{
    const unsigned fraction = code & ((1u << fraction_bits) - 1);
    const int exponent = (int)(code >> fraction_bits) & ((1 << exponent_bits) - 1), bias = (1 << (exponent_bits - 1)) - 1;
    const double sign = code >> (exponent_bits + fraction_bits) & 1 ? -1 : 1;

    if (exponent == 0)
        return sign * ldexp(fraction, 1 - bias - fraction_bits);
    return sign * ldexp((double)(fraction + (1u << fraction_bits)), exponent - bias - fraction_bits);
}

static void assert_same_float(double expected, float found, unsigned code)
{
    if (bb_float_bits((float)expected) != bb_float_bits(found))
        fail_msg("code 0x%x: %.9g, expected %.9g", code, (double)found, expected);
}

static void every_code_widens_to_its_value(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 0x10000; code++) {
        const float f16 = bb_f16_to_f32((uint16_t)code), bf16 = bb_bf16_to_f32((uint16_t)code);
        if ((code & 0x7c00) != 0x7c00)
            assert_same_float(value_of(code, 5, 10), f16, code);
        else if (code & 0x3ff)
            assert_true(isnan(f16));
        else
            assert_same_float(code & 0x8000 ? -INFINITY : INFINITY, f16, code);
        if ((code & 0x7f80) != 0x7f80)
            assert_same_float(value_of(code, 8, 7), bf16, code);
        else if (code & 0x7f)
            assert_true(isnan(bf16));
        else
            assert_same_float(code & 0x8000 ? -INFINITY : INFINITY, bf16, code);
    }
    for (unsigned code = 0; code < 256; code++) {
        if ((code & 0x7f) == 0x7f)
            assert_true(isnan(bb_e4m3_to_f32((uint8_t)code)));
        else
            assert_same_float(value_of(code, 4, 3), bb_e4m3_to_f32((uint8_t)code), code);
        assert_same_float(ldexp(1, (int)code - 127), bb_e8m0_to_f32((uint8_t)code), code);
    }
    for (unsigned code = 0; code < 16; code++)
        assert_same_float(value_of(code, 2, 1), bb_e2m1_to_f32((uint8_t)code), code);
}

/* narrow gives low below the middle of two neighbours, the even one at it, high beyond; on both sides of zero. */
static void assert_boundary(unsigned (*narrow)(float), float middle, unsigned low, unsigned high, unsigned sign)
{
    const unsigned even = low % 2 ? high : low;

    assert_int_equal(narrow(nextafterf(middle, 0)), low);
    assert_int_equal(narrow(middle), even);
    assert_int_equal(narrow(nextafterf(middle, INFINITY)), high);
    assert_int_equal(narrow(-nextafterf(middle, 0)), low | sign);
    assert_int_equal(narrow(-middle), even | sign);
    assert_int_equal(narrow(-nextafterf(middle, INFINITY)), high | sign);
}

static unsigned narrow_f16(float value)
{
    return bb_f32_to_f16(value);
}

static unsigned narrow_bf16(float value)
{
    return bb_f32_to_bf16(value);
}

static unsigned narrow_e4m3(float value)
{
    return bb_f32_to_e4m3(value);
}

static void narrowing_rounds_to_nearest_even(void **state)
{
    (void)state;
    /* The middle of the largest number and infinity is where one more step would be. */
    for (unsigned code = 0; code < 0x7c00; code++)
        assert_boundary(narrow_f16, (float)((value_of(code, 5, 10) + value_of(code + 1, 5, 10)) / 2), code, code + 1, 0x8000);
    for (unsigned code = 0; code < 0x7f80; code++)
        assert_boundary(narrow_bf16, bb_float_from_bits(code << 16 | 0x8000), code, code + 1, 0x8000);
    for (unsigned code = 0; code < 0x7e; code++)
        assert_boundary(narrow_e4m3, (float)((value_of(code, 4, 3) + value_of(code + 1, 4, 3)) / 2), code, code + 1, 0x80);
}

static void narrowing_keeps_codes_infinities_and_nans(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 0x10000; code++) {
        if (!isnan(bb_f16_to_f32((uint16_t)code)))
            assert_int_equal(bb_f32_to_f16(bb_f16_to_f32((uint16_t)code)), code);
        if (!isnan(bb_bf16_to_f32((uint16_t)code)))
            assert_int_equal(bb_f32_to_bf16(bb_bf16_to_f32((uint16_t)code)), code);
    }
    assert_true(isnan(bb_f16_to_f32(bb_f32_to_f16(NAN))));
    assert_true(isnan(bb_bf16_to_f32(bb_f32_to_bf16(bb_float_from_bits(0x7f800001)))));
    assert_true(isnan(bb_bf16_to_f32(bb_f32_to_bf16(bb_float_from_bits(0xffffffff)))));
    assert_int_equal(bb_f32_to_e4m3(INFINITY), 0x7e);
    assert_int_equal(bb_f32_to_e4m3(-1e9f), 0xfe);
}

static void arrays_convert_at_any_address(void **state)
{
    (void)state;
    const float values[] = {1, -2.5f, 0.333251953125f, 65504, -0.0f};
    enum { COUNT = sizeof values / sizeof *values };

    for (int offset = 0; offset < 8; offset++) {
        const bombus_dtype dtypes[] = {BOMBUS_F32, BOMBUS_F16};
        for (int d = 0; d < 2; d++) {
            unsigned char bytes[8 + sizeof values];
            float back[COUNT];
            bb_narrow(bytes + offset, dtypes[d], values, COUNT);
            bb_widen(back, dtypes[d], bytes + offset, COUNT);
            assert_memory_equal(back, values, sizeof values);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_widens_to_its_value),
        cmocka_unit_test(narrowing_rounds_to_nearest_even),
        cmocka_unit_test(narrowing_keeps_codes_infinities_and_nans),
        cmocka_unit_test(arrays_convert_at_any_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
