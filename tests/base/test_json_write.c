/* JSON as it is written: separators, escapes, numbers, and that it reads back. */
#include "base/json.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "testing.h"

#include <float.h>
#include <locale.h>
#include <math.h>

static bombus_error err;

/* The text, until the next call. */
static const char *finish(bb_json_writer *writer)
{
    static char kept[4096];
    char *text;
    size_t bytes;
    assert_ok(bb_json_finish(writer, &text, &bytes, &err), err);
    assert_int_equal(strlen(text), bytes);
    snprintf(kept, sizeof kept, "%s", text);
    bb_free(text);
    return kept;
}

static const char *number(double value)
{
    bb_json_writer writer = {0};
    bb_json_double(&writer, value);
    return finish(&writer);
}

static void values_are_separated_at_every_depth(void **state)
{
    (void)state;
    bb_json_writer writer = {0};
    bb_json_begin_object(&writer);
    bb_json_key(&writer, "a");
    bb_json_begin_array(&writer);
    bb_json_int(&writer, INT64_MIN);
    bb_json_begin_array(&writer);
    bb_json_end_array(&writer);
    bb_json_begin_object(&writer);
    bb_json_end_object(&writer);
    bb_json_string(&writer, "[");
    bb_json_double(&writer, 0.5);
    bb_json_end_array(&writer);
    bb_json_key(&writer, "b:");
    bb_json_bool(&writer, true);
    bb_json_key(&writer, "c");
    bb_json_null(&writer);
    bb_json_key(&writer, "d");
    bb_json_bool(&writer, false);
    bb_json_end_object(&writer);
    assert_string_equal(finish(&writer), "{\"a\":[-9223372036854775808,[],{},\"[\",0.5],\"b:\":true,\"c\":null,\"d\":false}");
}

static void strings_are_escaped_as_python_and_serde_do(void **state)
{
    (void)state;
    bb_json_writer writer = {0};
    bb_json_string_bytes(&writer, "\"\\/\b\f\n\r\t\x1f\0\x7f \xc3\xa9", 14);
    assert_string_equal(finish(&writer), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\\u0000\x7f \xc3\xa9\"");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    (void)state;
    bb_json_writer writer = {0};
    bb_json_string(&writer, "a\xff\xe2\x82"
                            "b\xed\xa0\x80");
    assert_string_equal(finish(&writer), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                         "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void doubles_have_the_fewest_digits_that_read_back(void **state)
{
    (void)state;
    assert_string_equal(number(0.1), "0.1");
    assert_string_equal(number(1.0 / 3), "0.3333333333333333");
    assert_string_equal(number(0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(number(-2.5e-7), "-2.5e-07");
    assert_string_equal(number(1e22), "1e+22");
    assert_string_equal(number(5e-324), "5e-324");
    assert_string_equal(number(100), "100");
    assert_string_equal(number(INFINITY), "null");
    assert_string_equal(number(NAN), "null");

    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        double value;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value) && strtod(number(value), NULL) != value)
            fail_msg("%a does not read back from %s", value, number(value));
    }
}

static void a_point_is_a_point_in_every_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        print_message("SKIP: no locale with a decimal comma is installed\n");
        skip();
    }
    assert_string_equal(number(0.1), "0.1");
    setlocale(LC_NUMERIC, "C");
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    const char *text = "\x01 \"quoted\" \\ \xf0\x9f\x90\x9d";
    char *json;
    size_t bytes;
    bb_json_writer writer = {0};
    bb_json_begin_object(&writer);
    bb_json_key(&writer, text);
    bb_json_string(&writer, text);
    bb_json_end_object(&writer);
    bb_json_pad(&writer, 64);
    assert_ok(bb_json_finish(&writer, &json, &bytes, &err), err);
    assert_int_equal(bytes % 64, 0);

    bb_json_document document;
    assert_ok(bb_json_parse(&document, json, bytes, "t.json", &err), err);
    assert_true(bb_json_is_text(bb_json_get(&document.root, text), text));
    bb_json_free(&document);
    bb_free(json);
}

#ifdef BOMBUS_DEBUG
static void without_memory_the_end_tells(void **state)
{
    (void)state;
    char *text;
    size_t bytes;
    bb_json_writer writer = {0};
    bb_json_begin_array(&writer);
    bb_alloc_fail_at(1);
    for (int i = 0; i < 100; i++)
        bb_json_int(&writer, i);
    bb_json_end_array(&writer);
    assert_int_equal(bb_json_finish(&writer, &text, &bytes, &err), BOMBUS_ENOMEM);
    bb_alloc_fail_at(0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_separated_at_every_depth), cmocka_unit_test(strings_are_escaped_as_python_and_serde_do),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced), cmocka_unit_test(doubles_have_the_fewest_digits_that_read_back),
        cmocka_unit_test(a_point_is_a_point_in_every_locale),  cmocka_unit_test(what_is_written_reads_back),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_the_end_tells),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
