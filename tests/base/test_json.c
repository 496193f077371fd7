/* JSON: what is refused, and with which words. */
#include "base/json.h"
#include "testing.h"

#include <locale.h>

static bombus_error err;
static bb_json_document document;

static bombus_status parse(const char *text)
{
    return bb_json_parse(&document, text, strlen(text), "t.json", &err);
}

static void a_tree_keeps_the_order_of_its_members(void **state)
{
    (void)state;
    assert_ok(parse("{\"b\": [1, 2.0, -3e2], \"a\": {\"x\": null, \"y\": \"\\u00e9\\u0000z\"}, \"t\": true}"), err);
    assert_int_equal(document.root.size, 3);
    assert_string_equal(document.root.members[0].key, "b");

    int64_t number;
    const bb_json *b = bb_json_get(&document.root, "b");
    assert_int_equal(b->count, 3);
    assert_true(bb_json_to_int(&b->items[1], &number));
    assert_int_equal(number, 2);
    assert_true(bb_json_to_int(&b->items[2], &number));
    assert_int_equal(number, -300);

    const bb_json *y = bb_json_get(bb_json_get(&document.root, "a"), "y");
    assert_int_equal(y->bytes, 4);
    assert_memory_equal(y->text, "\xc3\xa9\0z", 4);
    bb_json_free(&document);
}

static void malformed_text_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"a\": 1,\n \"b\": tru}"), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "t.json: line 2, column "));
    assert_int_equal(parse("{\"a\": [1, 2"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 12: ends too early");
    assert_int_equal(parse(""), BOMBUS_EFORMAT);
    assert_int_equal(parse("{} x"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 5: trailing garbage");
    assert_int_equal(parse("{} \""), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 5: ends too early");
    assert_int_equal(parse("{} tru"), BOMBUS_EFORMAT);
    assert_int_equal(parse("1 2"), BOMBUS_EFORMAT);
    assert_int_equal(parse("[1,\v2]"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 4: a control character");
    assert_int_equal(parse("{}\f"), BOMBUS_EFORMAT);
    assert_int_equal(parse("1 \"\\"), BOMBUS_EFORMAT);
    assert_int_equal(parse("\"\xff\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("[1,]"), BOMBUS_EFORMAT);
    assert_int_equal(parse("NaN"), BOMBUS_EFORMAT);
}

static void malformed_utf8_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"a\":\n \"\xc0\x80\"}"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 2, column 3: not UTF-8");
    assert_int_equal(parse("\"\xed\xa0\x80\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("\"\xf4\x90\x80\x80\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("{\"\xe2\x82\": 1}"), BOMBUS_EFORMAT);
}

static void half_a_surrogate_pair_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("[\"x\", \"\\ud83d\"]"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 8: half of a surrogate pair");
    assert_int_equal(parse("\"\\udc00\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("\"\\ud83d\\u0041\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("\"\\uD83D\\uD83D\\uDE00\""), BOMBUS_EFORMAT);
    assert_int_equal(parse("\"\\ud83d"), BOMBUS_EFORMAT);

    assert_ok(parse("\"\\uD83D\\ude00\""), err);
    assert_string_equal(document.root.text, "\xf0\x9f\x98\x80");
    bb_json_free(&document);
    assert_ok(parse("\"\\\\ud83d\""), err); /* a backslash, then letters */
    assert_string_equal(document.root.text, "\\ud83d");
    bb_json_free(&document);
}

static void numbers_are_read_alike_in_every_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE", "fr_FR"};
    bool found = false;
    double number;

    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]) != NULL;
    assert_ok(parse("[0.5, 1e400]"), err);
    assert_true(bb_json_to_double(&document.root.items[0], &number));
    assert_true(number == 0.5);
    assert_false(bb_json_to_double(&document.root.items[1], &number));
    bb_json_free(&document);
    setlocale(LC_NUMERIC, "C");
    if (!found) {
        print_message("SKIP: no locale with a decimal comma is installed\n");
        skip();
    }
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"a\": 1, \"b\": 2, \"a\": 3}"), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "duplicate key \"a\""));

    char large[4096] = "{";
    for (int i = 0; i < 100; i++)
        snprintf(large + strlen(large), 40, "\"key%d\": %d, ", i, i);
    strcat(large, "\"key7\": 0}");
    assert_int_equal(parse(large), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "duplicate key \"key7\""));
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("[\"\xc0\x80\"]"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 3: not UTF-8");
    assert_int_equal(parse("[\"\xed\xa0\x80\"]"), BOMBUS_EFORMAT);
    assert_int_equal(parse("[\"\\ud800\"]"), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: line 1, column 3: half of a surrogate pair");
    assert_int_equal(parse("[\"\\ud800\\u0041\"]"), BOMBUS_EFORMAT);
    assert_int_equal(parse("[\"\\ud800\\ud800\"]"), BOMBUS_EFORMAT);
    assert_int_equal(parse("[\"\\uDC00\"]"), BOMBUS_EFORMAT);

    assert_ok(parse("[\"\\uD83d\\uDc1D\", \"\\\\ud800\"]"), err);
    assert_true(bb_json_is_text(&document.root.items[0], "\xf0\x9f\x90\x9d"));
    assert_true(bb_json_is_text(&document.root.items[1], "\\ud800"));
    bb_json_free(&document);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[2 * BB_JSON_DEPTH + 3] = "";
    memset(text, '[', BB_JSON_DEPTH);
    memset(text + BB_JSON_DEPTH, ']', BB_JSON_DEPTH);
    text[2 * BB_JSON_DEPTH] = '\0';
    assert_ok(parse(text), err);
    bb_json_free(&document);

    memset(text, '[', BB_JSON_DEPTH + 1);
    assert_int_equal(parse(text), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "nested too deep"));
}

static void a_field_says_what_it_expected(void **state)
{
    (void)state;
    int number = 5;
    bool truth = false;
    assert_ok(parse("{\"n\": 1.5, \"m\": null, \"s\": \"gelu\", \"big\": 99999999999999999999}"), err);
    assert_int_equal(bb_json_field_int(&document.root, "n", BB_JSON_REQUIRED, 1, 10, &number, "t.json", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: n: 1.5, expected an integer from 1 to 10");
    assert_int_equal(bb_json_field_int(&document.root, "big", BB_JSON_REQUIRED, 1, 10, &number, "t.json", &err), BOMBUS_EFORMAT);
    assert_ok(bb_json_field_int(&document.root, "m", BB_JSON_OPTIONAL, 1, 10, &number, "t.json", &err), err);
    assert_int_equal(number, 5);
    assert_int_equal(bb_json_field_int(&document.root, "m", BB_JSON_REQUIRED, 1, 10, &number, "t.json", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: m: missing");
    assert_int_equal(bb_json_field_bool(&document.root, "s", BB_JSON_OPTIONAL, &truth, "t.json", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.json: s: \"gelu\", expected true or false");
    bb_json_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_keeps_the_order_of_its_members),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(malformed_utf8_is_refused),
        cmocka_unit_test(half_a_surrogate_pair_is_refused),
        cmocka_unit_test(numbers_are_read_alike_in_every_locale),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_field_says_what_it_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
