/* Answers: split into reasoning, content and tool calls, however the text is cut into pieces. */
#include "testing.h"

#include <bombus/answer.h>

static bombus_error err;

/* What came out, written down: "R(text) C(text) T(name, arguments, id)", adjoining pieces of one kind joined. */
typedef struct record {
    char text[4096];
    bombus_part_kind last;
    int parts, stop_at;
} record;

static bool on_part(const bombus_part *part, void *context)
{
    record *r = context;
    char *end = r->text + strlen(r->text);
    const size_t room = sizeof r->text - strlen(r->text);

    assert_int_equal(strlen(part->text), part->bytes);
    const char *close = !r->parts ? "" : r->last == BOMBUS_PART_TOOL_CALL ? " " : ") ";
    if (part->kind == BOMBUS_PART_TOOL_CALL)
        snprintf(end, room, "%sT(%s, %s, %s)", close, part->name, part->text, part->id ? part->id : "-");
    else if (r->parts && r->last == part->kind)
        snprintf(end, room, "%s", part->text);
    else
        snprintf(end, room, "%s%c(%s", close, part->kind == BOMBUS_PART_REASONING ? 'R' : 'C', part->text);
    r->last = part->kind;
    return ++r->parts != r->stop_at;
}

/* Feeds text in pieces of size bytes and returns the record, whose last text part is closed. */
static const char *parse(bombus_answer_style style, bool in_reasoning, const char *text, size_t size)
{
    static record r;
    bombus_answer *answer;

    r = (record){0};
    assert_ok(bombus_answer_create(&answer, style, in_reasoning, on_part, &r, &err), err);
    for (size_t at = 0; at < strlen(text); at += size)
        assert_ok(bombus_answer_push(answer, text + at, size < strlen(text) - at ? size : strlen(text) - at, &err), err);
    assert_ok(bombus_answer_finish(answer, &err), err);
    bombus_answer_free(answer);
    if (r.parts && r.last != BOMBUS_PART_TOOL_CALL)
        strcat(r.text, ")");
    return r.text;
}

/* The same whatever the pieces. */
static void assert_parts(bombus_answer_style style, bool in_reasoning, const char *text, const char *expected)
{
    for (size_t size = 1; size <= strlen(text) + 1; size++)
        assert_string_equal(parse(style, in_reasoning, text, size), expected);
}

static void plain_text_is_content(void **state)
{
    (void)state;
    assert_parts(BOMBUS_ANSWER_PLAIN, false, "Hello, a < b and c[0] > d.\n", "C(Hello, a < b and c[0] > d.\n)");
    assert_parts(BOMBUS_ANSWER_PLAIN, false, "", "");
    assert_parts(BOMBUS_ANSWER_PLAIN, false, "<tool_call>{}</tool_call>", "C(<tool_call>{}</tool_call>)");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "tail <tool_cal", "C(tail <tool_cal)");
}

static void reasoning_stands_between_its_markers(void **state)
{
    (void)state;
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<think>\nLet me see.\n\nYes.\n</think>\n\nIt is 4.", "R(Let me see.\n\nYes.) C(It is 4.)");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<think>\n\n</think>\n\nIt is 4.", "C(It is 4.)");
    assert_parts(BOMBUS_ANSWER_HERMES, true, "\nHm.\n</think>\n\n4", "R(Hm.) C(4)");
    assert_parts(BOMBUS_ANSWER_HERMES, true, "cut off\n", "R(cut off)");
    assert_parts(BOMBUS_ANSWER_MISTRAL, false, "[THINK]a[/THINK]b", "R(a) C(b)");
}

static void hermes_calls_are_read(void **state)
{
    (void)state;
    assert_parts(
        BOMBUS_ANSWER_HERMES, false,
        "<think>\nx\n</think>\n\nI look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Bern\", \"n\": [1, {\"a\": "
        "\"}\"}]}}\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
        "R(x) C(I look.) T(weather, {\"city\": \"Bern\", \"n\": [1, {\"a\": \"}\"}]}, -) T(now, {}, -)");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>",
                 "T(f, {\"a\": 1}, -)");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<tool_call>{\"arguments\": {\"name\": \"x\"}, \"name\": \"f\"}",
                 "T(f, {\"name\": \"x\"}, -)");
}

static void a_malformed_call_is_content(void **state)
{
    (void)state;
    assert_parts(BOMBUS_ANSWER_HERMES, false, "a <tool_call>{\"name\": 3}</tool_call> b", "C(a <tool_call>{\"name\": 3}</tool_call> b)");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\"",
                 "C(<tool_call>{\"name\": \"f\", \"arguments\": {\"a\")");
    assert_parts(BOMBUS_ANSWER_HERMES, false, "<tool_call>{]}</tool_call>", "C(<tool_call>{]}</tool_call>)");
    assert_parts(BOMBUS_ANSWER_MISTRAL, false, "[TOOL_CALLS] nothing", "C([TOOL_CALLS] nothing)");
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "{not json}", "C({not json})");
}

static void llama3_calls_are_read(void **state)
{
    (void)state;
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "{\"name\": \"f\", \"parameters\": {\"x\": 1}}", "T(f, {\"x\": 1}, -)");
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {}}",
                 "T(f, {}, -) T(g, {}, -)");
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "<|python_tag|>brave_search.call(query=\"a \\\"b\\\"\")",
                 "T(brave_search, {\"query\":\"a \\\"b\\\"\"}, -)");
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "Sure: <function=f>{\"a\": 1}</function>", "C(Sure: ) T(f, {\"a\": 1}, -)");
    assert_parts(BOMBUS_ANSWER_LLAMA3, false, "Just words {\"name\": \"f\"}", "C(Just words {\"name\": \"f\"})");
}

static void mistral_calls_are_read(void **state)
{
    (void)state;
    assert_parts(BOMBUS_ANSWER_MISTRAL, false,
                 "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"VvvODy9mT\"}, {\"name\": \"g\", \"arguments\": {}}]",
                 "T(f, {\"a\": 1}, VvvODy9mT) T(g, {}, -)");
    assert_parts(BOMBUS_ANSWER_MISTRAL, false, "[TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g[CALL_ID]abc[ARGS]{}",
                 "T(f, {\"a\": 1}, -) T(g, {}, abc)");
    assert_parts(BOMBUS_ANSWER_MISTRAL, false, "[TOOL_CALLS]f{\"a\": 1}", "T(f, {\"a\": 1}, -)");
}

static void a_callback_can_stop(void **state)
{
    (void)state;
    record r = {.stop_at = 1};
    bombus_answer *answer;
    assert_ok(bombus_answer_create(&answer, BOMBUS_ANSWER_HERMES, false, on_part, &r, &err), err);
    assert_int_equal(bombus_answer_push(answer, "<think>a</think>b", 17, &err), BOMBUS_ECANCELED);
    assert_int_equal(bombus_answer_push(answer, "c", 1, &err), BOMBUS_ECANCELED);
    assert_int_equal(bombus_answer_finish(answer, &err), BOMBUS_ECANCELED);
    assert_int_equal(r.parts, 1);
    bombus_answer_free(answer);
}

static void a_template_tells_its_style(void **state)
{
    (void)state;
    assert_int_equal(bombus_answer_style_of("{{ '<tool_call>' }}"), BOMBUS_ANSWER_HERMES);
    assert_int_equal(bombus_answer_style_of("[TOOL_CALLS]"), BOMBUS_ANSWER_MISTRAL);
    assert_int_equal(bombus_answer_style_of("<|start_header_id|>"), BOMBUS_ANSWER_LLAMA3);
    assert_int_equal(bombus_answer_style_of("{{ messages }}"), BOMBUS_ANSWER_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_content), cmocka_unit_test(reasoning_stands_between_its_markers),
        cmocka_unit_test(hermes_calls_are_read), cmocka_unit_test(a_malformed_call_is_content),
        cmocka_unit_test(llama3_calls_are_read), cmocka_unit_test(mistral_calls_are_read),
        cmocka_unit_test(a_callback_can_stop),   cmocka_unit_test(a_template_tells_its_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
