/* What is UTF-8 and what only looks like it. */
#include "base/utf8.h"
#include "testing.h"

static void every_code_point_is_a_character_of_its_length(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4];
        size_t length;
        if (c < 0x80) {
            length = 1;
            text[0] = (char)c;
        } else if (c < 0x800) {
            length = 2;
            text[0] = (char)(0xc0 | c >> 6);
            text[1] = (char)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            length = 3;
            text[0] = (char)(0xe0 | c >> 12);
            text[1] = (char)(0x80 | (c >> 6 & 0x3f));
            text[2] = (char)(0x80 | (c & 0x3f));
        } else {
            length = 4;
            text[0] = (char)(0xf0 | c >> 18);
            text[1] = (char)(0x80 | (c >> 12 & 0x3f));
            text[2] = (char)(0x80 | (c >> 6 & 0x3f));
            text[3] = (char)(0x80 | (c & 0x3f));
        }
        const size_t expected = c >= 0xd800 && c <= 0xdfff ? 0 : length;
        if (bb_utf8_character(text, length) != expected)
            fail_msg("U+%04X: %zu bytes, expected %zu", c, bb_utf8_character(text, length), expected);
        if (bb_utf8_character(text, length - 1) != 0)
            fail_msg("U+%04X without its last byte passes", c);
    }
}

static void what_only_looks_like_it_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "\xc3(",
                                        "\xe2\x82(",
                                        "\xf0\x9f\x90("};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(bb_utf8_character(wrong[i], strlen(wrong[i])), 0);
}

static void the_valid_prefix_ends_before_the_first_wrong_byte(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at < 32; at++) {
        memset(text, 'x', sizeof text);
        text[at] = '\xff';
        assert_int_equal(bb_utf8_valid_prefix(text, sizeof text), at);
        memcpy(text + at, "\xe9\x9b\xaa", 3);
        assert_true(bb_utf8_valid(text, sizeof text));
        assert_int_equal(bb_utf8_valid_prefix(text, at + 2), at);
    }
    assert_true(bb_utf8_valid("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_a_character_of_its_length),
        cmocka_unit_test(what_only_looks_like_it_is_refused),
        cmocka_unit_test(the_valid_prefix_ends_before_the_first_wrong_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
