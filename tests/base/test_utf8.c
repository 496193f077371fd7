/* UTF-8: what is well formed, and where what is not begins. */
#include "base/utf8.h"
#include "testing.h"

static size_t check(const char *text)
{
    return bb_utf8_check(text, strlen(text));
}

/* The definition, the slow way: decode, encode again, compare. */
static bool is_character(const unsigned char *s, size_t bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = bytes == 1 ? s[0] : s[0] & (0x7f >> bytes);
    const bool lead = bytes == 1 ? s[0] < 0x80 : s[0] >> (7 - bytes) == (0xff >> (7 - bytes) & ~1);

    for (size_t i = 1; i < bytes; i++) {
        if (s[i] >> 6 != 2)
            return false;
        code = code << 6 | (s[i] & 0x3f);
    }
    return lead && code >= least[bytes] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

static void every_sequence_of_up_to_three_bytes_is_judged_as_the_definition_does(void **state)
{
    (void)state;
    for (uint32_t word = 0x80; word < 1u << 24; word++) {
        const unsigned char s[3] = {(unsigned char)word, (unsigned char)(word >> 8), (unsigned char)(word >> 16)};
        size_t length = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : 3;
        if (s[0] >= 0xf0)
            continue;
        const size_t found = bb_utf8_check((const char *)s, length);
        if (found != (is_character(s, length) ? length : 0))
            fail_msg("%02x %02x %02x: %zu", s[0], s[1], s[2], found);
    }
}

static void four_bytes_reach_up_to_10ffff(void **state)
{
    (void)state;
    assert_int_equal(check("\xf0\x90\x80\x80"), 4);
    assert_int_equal(check("\xf0\x8f\xbf\xbf"), 0);
    assert_int_equal(check("\xf4\x8f\xbf\xbf"), 4);
    assert_int_equal(check("\xf4\x90\x80\x80"), 0);
    assert_int_equal(check("\xf0\x9f\x98\x80\xf0\x9f\x98"), 4);
    assert_int_equal(check("\xf5\x80\x80\x80"), 0);
}

static void the_offset_is_that_of_the_bad_character(void **state)
{
    (void)state;
    char text[64];

    memset(text, 'a', sizeof text);
    assert_int_equal(bb_utf8_check(text, sizeof text), sizeof text);
    for (size_t i = 0; i < sizeof text; i++) {
        memset(text, 'a', sizeof text);
        text[i] = '\x80';
        assert_int_equal(bb_utf8_check(text, sizeof text), i);
        text[i] = '\xe2'; /* cut off */
        assert_int_equal(bb_utf8_check(text, i + 1), i);
    }
    assert_int_equal(bb_utf8_check("", 0), 0);
    assert_int_equal(bb_utf8_check("a\0b", 3), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_up_to_three_bytes_is_judged_as_the_definition_does),
        cmocka_unit_test(four_bytes_reach_up_to_10ffff),
        cmocka_unit_test(the_offset_is_that_of_the_bad_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
