/* Chat templates: the text that transformers gives, errors with their place, and templates that mean harm. */
#include <bombus/template.h>
#include <bombus/tokenizer.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "testing.h"
#include "text/template.h"

#include <sys/stat.h>

enum { GOLDEN_NOW = 1700000000 };

static const char USER[] = "[{\"role\": \"user\", \"content\": \"hi\"}]";

static bombus_error err;

/* The text of source with input's variables; NULL after an error, which is in err. */
static char *render(const char *source, const bombus_template_input *input)
{
    bombus_template *t;
    char *text = NULL;

    if (bombus_template_create(&t, source, strlen(source), "t.jinja", NULL, &err) != BOMBUS_OK)
        return NULL;
    bombus_template_render(t, input, &text, NULL, &err);
    bombus_template_free(t);
    return text;
}

static char *render_plain(const char *source)
{
    return render(source, &(bombus_template_input){.messages = USER});
}

static void assert_renders(const char *source, const bombus_template_input *input, const char *expected)
{
    char *text = render(source, input);

    if (!text)
        fail_msg("%s", err.message);
    assert_string_equal(text, expected);
    bombus_text_free(text);
}

static void assert_complains(const char *source, bombus_status status, const char *expected)
{
    char *text = render_plain(source);

    if (text)
        fail_msg("'%s' gave '%s'", source, text);
    assert_int_equal(err.code, status);
    assert_string_equal(err.message, expected);
}

/* ---- golden data ---- */

static const char *member(const bb_json *json, const char *key)
{
    const bb_json *found = bb_json_get(json, key);
    return found ? found->text : NULL;
}

static bombus_template_input input_of(const bb_json *c)
{
    const bb_json *prompt = bb_json_get(c, "add_generation_prompt"), *continued = bb_json_get(c, "continue_final_message");

    return (bombus_template_input){
        .messages = member(c, "messages") ? member(c, "messages") : USER,
        .tools = member(c, "tools"),
        .documents = member(c, "documents"),
        .variables = member(c, "variables"),
        .add_generation_prompt = prompt && prompt->truth,
        .continue_final_message = continued && continued->truth,
        .now = GOLDEN_NOW,
    };
}

/* Whether the golden case and what came of it differ; says how. */
static bool differs(const bb_json *c, const char *name, const char *text, size_t bytes)
{
    const bb_json *expected = bb_json_get(c, "text");

    if (!expected && !text)
        return false;
    if (expected && text && expected->bytes == bytes && memcmp(expected->text, text, bytes) == 0)
        return false;
    print_error("%s:\n  expected %s\n  found    %s\n", name, expected ? expected->text : "an error", text ? text : err.message);
    return true;
}

static void snippets_give_the_text_of_jinja(void **state)
{
    (void)state;
    bb_json_document golden;
    int different = 0;

    assert_ok(bb_json_load(&golden, BOMBUS_GOLDEN "/template/snippets.json", &err), err);
    const bb_json *cases = bb_json_get(&golden.root, "cases");
    assert_true(cases->count > 400);
    for (size_t i = 0; i < cases->count; i++) {
        const bb_json *c = &cases->items[i], *source = bb_json_get(c, "template");
        const bombus_template_input input = input_of(c);
        bombus_template *t;
        char *text = NULL;
        size_t bytes = 0;
        if (bombus_template_create(&t, source->text, source->bytes, "snippet", NULL, &err) == BOMBUS_OK) {
            bombus_template_render(t, &input, &text, &bytes, &err);
            bombus_template_free(t);
        }
        different += differs(c, source->text, text, bytes);
        bombus_text_free(text);
    }
    assert_int_equal(different, 0);
    bb_json_free(&golden);
}

static bool same_ids(const bb_json *expected, const bombus_ids *ids)
{
    bool same = expected->count == ids->count;

    for (size_t i = 0; same && i < ids->count; i++) {
        int64_t id;
        same = bb_json_to_int(&expected->items[i], &id) && id == ids->ids[i];
    }
    return same;
}

static int compare_model(const bb_json_member *model)
{
    char path[4096];
    bombus_template *t;
    bombus_tokenizer *tokenizer;
    bombus_ids ids = {0};
    int different = 0;

    snprintf(path, sizeof path, "%s/tokenizers/%s", BOMBUS_SHARED, model->key);
    assert_ok(bombus_template_load(&t, path, &err), err);
    assert_ok(bombus_tokenizer_load(&tokenizer, path, &err), err);
    for (size_t i = 0; i < model->value.count; i++) {
        const bb_json *c = &model->value.items[i];
        const bombus_template_input input = input_of(c);
        char *text = NULL;
        size_t bytes = 0;
        bombus_template_render(t, &input, &text, &bytes, &err);
        different += differs(c, member(c, "name"), text, bytes);
        if (text && bb_json_get(c, "ids")) {
            ids.count = 0;
            assert_ok(bombus_tokenizer_encode(tokenizer, text, bytes, BOMBUS_NO_SPECIAL, &ids, &err), err);
            if (!same_ids(bb_json_get(c, "ids"), &ids)) {
                print_error("%s: other ids\n", member(c, "name"));
                different++;
            }
        }
        bombus_text_free(text);
    }
    bombus_ids_free(&ids);
    bombus_tokenizer_free(tokenizer);
    bombus_template_free(t);
    return different;
}

static void published_templates_give_the_text_and_ids_of_transformers(void **state)
{
    (void)state;
    bb_json_document golden;
    int different = 0;

    if (!bb_is_directory(BOMBUS_SHARED "/tokenizers")) {
        print_message("SKIP: no " BOMBUS_SHARED "/tokenizers\n");
        skip();
    }
    assert_ok(bb_json_load(&golden, BOMBUS_GOLDEN "/template/shared.json", &err), err);
    const bb_json *models = bb_json_get(&golden.root, "models");
    assert_int_equal(models->size, 2);
    for (size_t i = 0; i < models->size; i++)
        different += compare_model(&models->members[i]);
    assert_int_equal(different, 0);
    bb_json_free(&golden);
}

/* ---- errors ---- */

static void an_error_names_line_and_column_and_shows_the_line(void **state)
{
    (void)state;
    assert_complains("ok\n  {{ messages[0].nope.deeper }}\n", BOMBUS_EINVAL,
                     "t.jinja: line 2, column 23: 'dict object' has no attribute 'nope'\n"
                     "    {{ messages[0].nope.deeper }}\n"
                     "                        ^");
    assert_complains("{% for x in [1] %}\n{% endif %}", BOMBUS_EFORMAT,
                     "t.jinja: line 2, column 4: found 'endif', expected 'endfor'\n"
                     "  {% endif %}\n"
                     "     ^");
    assert_complains("{% include 'secret' %}", BOMBUS_EFORMAT,
                     "t.jinja: line 1, column 4: 'include' is not supported: a chat template is a single file of plain text\n"
                     "  {% include 'secret' %}\n"
                     "     ^");
}

static void columns_count_characters_and_long_lines_are_cut(void **state)
{
    (void)state;
    assert_complains("ééé{{ nope.x }}", BOMBUS_EINVAL,
                     "t.jinja: line 1, column 12: 'nope' is undefined\n"
                     "  ééé{{ nope.x }}\n"
                     "             ^");

    char source[700];
    memset(source, 'x', sizeof source);
    snprintf(source + 300, 100, "{{ nope.x }}");
    memset(source + 312, 'y', 300);
    source[612] = '\0';
    assert_null(render_plain(source));
    assert_non_null(strstr(err.message, "column 309"));
    assert_true(strlen(err.message) < 300);
    const char *last = strrchr(err.message, '\n');
    assert_int_equal(strlen(last), 2 + 30 + 1 + 1);
}

static void raise_exception_is_told_in_the_templates_own_words(void **state)
{
    (void)state;
    assert_complains("{{ raise_exception('Roles must alternate!') }}", BOMBUS_EINVAL,
                     "t.jinja: line 1, column 19: Roles must alternate!\n"
                     "  {{ raise_exception('Roles must alternate!') }}\n"
                     "                    ^");
}

static void integers_beyond_64_bits_are_refused_where_they_are_computed(void **state)
{
    (void)state;
    assert_null(render_plain("{{ 9223372036854775807 + 1 }}"));
    assert_non_null(strstr(err.message, "beyond 64 bits"));
    assert_null(render_plain("{{ 2 ** 64 }}"));
    assert_null(render_plain("{{ 99999999999999999999 }}"));
    assert_renders("{{ n }} {{ n|tojson }}", &(bombus_template_input){.messages = USER, .variables = "{\"n\": 99999999999999999999}"},
                   "99999999999999999999 99999999999999999999");
    assert_null(render("{{ n + 1 }}", &(bombus_template_input){.messages = USER, .variables = "{\"n\": 99999999999999999999}"}));
}

static void input_of_the_wrong_shape_is_refused(void **state)
{
    (void)state;
    static const struct {
        bombus_template_input input;
        bombus_status status;
        const char *message;
    } cases[] = {
        {{0}, BOMBUS_EINVAL, "messages: missing"},
        {{.messages = "{}"}, BOMBUS_EINVAL, "messages: an object, expected an array"},
        {{.messages = "[]"}, BOMBUS_EINVAL, "messages: empty, expected at least one message"},
        {{.messages = "[{}, 3]"}, BOMBUS_EINVAL, "messages[1]: 3, expected an object"},
        {{.messages = "[{]"}, BOMBUS_EFORMAT, NULL},
        {{.messages = USER, .tools = "5"}, BOMBUS_EINVAL, "tools: 5, expected an array"},
        {{.messages = USER, .documents = "[null]"}, BOMBUS_EINVAL, "documents[0]: null, expected an object"},
        {{.messages = USER, .variables = "[]"}, BOMBUS_EINVAL, "variables: an array, expected an object"},
        {{.messages = USER, .variables = "{\"tools\": []}"}, BOMBUS_EINVAL, "variables: \"tools\" is given apart from them"},
        {{.messages = USER, .name = "rag"}, BOMBUS_ENOTFOUND, "no chat template is named \"rag\""},
        {{.messages = USER, .add_generation_prompt = true, .continue_final_message = true},
         BOMBUS_EINVAL,
         "add_generation_prompt and continue_final_message exclude one another"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(render("{{ messages }}", &cases[i].input));
        assert_int_equal(err.code, cases[i].status);
        if (cases[i].message)
            assert_string_equal(err.message, cases[i].message);
    }
}

/* ---- files ---- */

static const char *temporary;

/* A folder of the test's own becomes the current one. */
static void enter_folder(const char *name)
{
    if (chdir(temporary) != 0 || mkdir(name, 0700) != 0 || chdir(name) != 0)
        abort();
}

static void load_and_expect(const char *path, const bombus_template_input *input, const char *expected)
{
    bombus_template *t;
    char *text;

    assert_ok(bombus_template_load(&t, path, &err), err);
    assert_ok(bombus_template_render(t, input, &text, NULL, &err), err);
    assert_string_equal(text, expected);
    bombus_text_free(text);
    bombus_template_free(t);
}

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

static void a_file_of_its_own_wins_over_the_configuration(void **state)
{
    (void)state;
    const bombus_template_input input = {.messages = USER}, tools = {.messages = USER, .tools = "[]"},
                                named = {.messages = USER, .name = "rag"};

    enter_folder("files");
    assert_int_equal(system("mkdir model"), 0);
    bombus_template *t;
    assert_int_equal(bombus_template_load(&t, "model", &err), BOMBUS_ENOTFOUND);
    assert_int_equal(bombus_template_load(&t, "nowhere", &err), BOMBUS_ENOTFOUND);

    write_text("model/chat_template.json", "{\"chat_template\": \"processor\"}");
    load_and_expect("model", &input, "processor");
    write_text("model/tokenizer_config.json", "{\"chat_template\": \"config {{ bos_token }}\", \"bos_token\": \"<s>\"}");
    load_and_expect("model", &input, "config <s>");
    load_and_expect("model/tokenizer_config.json", &input, "config <s>");
    load_and_expect("model/chat_template.json", &input, "processor");
    write_text("model/chat_template.jinja", "file {{ bos_token }}\n");
    load_and_expect("model", &input, "file <s>");
    load_and_expect("model/chat_template.jinja", &input, "file <s>");

    assert_int_equal(system("mkdir model/additional_chat_templates"), 0);
    write_text("model/additional_chat_templates/tool_use.jinja", "tools");
    write_text("model/additional_chat_templates/rag.jinja", "rag");
    load_and_expect("model", &input, "file <s>");
    load_and_expect("model", &tools, "tools");
    load_and_expect("model", &named, "rag");
}

static void of_named_templates_tools_choose_theirs(void **state)
{
    (void)state;
    const bombus_template_input input = {.messages = USER}, tools = {.messages = USER, .tools = "[]"},
                                none = {.messages = USER, .tools = "null"};

    enter_folder("named");
    write_text("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
                                        " {\"name\": \"tool_use\", \"template\": \"tools\"}]}");
    load_and_expect(".", &input, "plain");
    load_and_expect(".", &none, "plain");
    load_and_expect(".", &tools, "tools");

    /* a broken one matters only where it is used */
    write_text("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
                                        " {\"name\": \"tool_use\", \"template\": \"{% if %}\"}]}");
    load_and_expect(".", &input, "plain");
    bombus_template *t;
    char *text;
    assert_ok(bombus_template_load(&t, ".", &err), err);
    assert_int_equal(bombus_template_render(t, &tools, &text, NULL, &err), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "chat_template \"tool_use\": line 1, column 7"));
    bombus_template_free(t);

    write_text("tokenizer_config.json", "{\"chat_template\": 5}");
    assert_int_equal(bombus_template_load(&t, ".", &err), BOMBUS_EFORMAT);
    write_text("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\"}]}");
    assert_int_equal(bombus_template_load(&t, ".", &err), BOMBUS_EFORMAT);
}

static void special_tokens_come_from_where_transformers_reads_them(void **state)
{
    (void)state;
    const bombus_template_input input = {.messages = USER};

    enter_folder("tokens");
    write_text("chat_template.jinja", "{{ bos_token }}|{{ eos_token }}|{{ pad_token is defined }}|{{ image_token }}|{{ boi }}");
    write_text("tokenizer_config.json", "{\"bos_token\": {\"__type\": \"AddedToken\", \"content\": \"<b>\"}, \"eos_token\": \"<e>\","
                                        " \"pad_token\": null, \"image_token\": \"<i>\", \"extra_special_tokens\": {\"boi\": \"<x>\"}}");
    load_and_expect(".", &input, "<b>|<e>|False|<i>|<x>");
    write_text("special_tokens_map.json", "{\"eos_token\": {\"content\": \"<E>\"}}");
    load_and_expect(".", &input, "<b>|<E>|False|<i>|<x>");
    write_text("tokenizer_config.json", "{\"eos_token\": \"<e>\", \"added_tokens_decoder\": {}}");
    load_and_expect(".", &input, "|<e>|False||");
}

static void a_template_is_text_of_its_own(void **state)
{
    (void)state;
    bombus_template *t;

    assert_int_equal(bombus_template_create(&t, "a\xff", 2, "t", NULL, &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t: byte 1 is no UTF-8");
    assert_null(t);

    char source[] = "{{ messages[0].content }}!", *text;
    size_t bytes;
    assert_ok(bombus_template_create(&t, source, strlen(source), NULL, NULL, &err), err);
    memset(source, 'x', sizeof source);
    assert_ok(bombus_template_render(t, &(bombus_template_input){.messages = "[{\"content\": \"a\\u0000b\"}]"}, &text, &bytes, &err), err);
    assert_int_equal(bytes, 4);
    assert_memory_equal(text, "a\0b!", 5);
    bombus_text_free(text);
    bombus_template_free(t);
}

#ifdef BOMBUS_DEBUG
/* Compiles and runs source with no variables. Below the JSON of the input, since yajl does not survive a lack of memory. */
static bombus_status run_bare(const char *source)
{
    bb_jtemplate *program;
    bb_jvalue variables;
    bombus_status status = bb_jtemplate_compile(&program, source, strlen(source), "t", &err);

    if (status != BOMBUS_OK)
        return status;
    bb_jinja run = {.program = program, .most_work = BB_JINJA_WORK};
    if (bb_j_dict(&run, &variables)) {
        run.variables = variables.dict;
        bb_jinja_run(&run);
    }
    status = run.status;
    bb_free(run.out.bytes);
    bb_arena_free(&run.arena);
    bb_jtemplate_free(program);
    return status;
}
#endif

static void lack_of_memory_is_told_wherever_it_comes(void **state)
{
    (void)state;
#ifdef BOMBUS_DEBUG
    static const char source[] = "{% macro n(a) %}{{ a|map('upper')|join }}{{ kwargs }}{% endmacro %}{% set ns = namespace(x={}) %}"
                                 "{% for x in 'a b c'.split() * 2000 if x != 'b' %}{{ n([x], y=loop.last) ~ [x]|tojson }}{% endfor %}"
                                 "{{ '%s' % ns.x }}{{ '{}'.format(1) }}{{ ('x' * 5000)|replace('x', 'yz') }}";
    size_t nth = 0;
    bombus_status status;

    do {
        bb_alloc_fail_at(++nth);
        status = run_bare(source);
        bb_alloc_fail_at(0);
        assert_true(status == BOMBUS_OK || status == BOMBUS_ENOMEM);
    } while (status != BOMBUS_OK);
    assert_true(nth > 10);
#else
    print_message("SKIP: allocations cannot be made to fail in this build\n");
    skip();
#endif
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snippets_give_the_text_of_jinja),
        cmocka_unit_test(published_templates_give_the_text_and_ids_of_transformers),
        cmocka_unit_test(an_error_names_line_and_column_and_shows_the_line),
        cmocka_unit_test(columns_count_characters_and_long_lines_are_cut),
        cmocka_unit_test(raise_exception_is_told_in_the_templates_own_words),
        cmocka_unit_test(integers_beyond_64_bits_are_refused_where_they_are_computed),
        cmocka_unit_test(input_of_the_wrong_shape_is_refused),
        cmocka_unit_test(a_file_of_its_own_wins_over_the_configuration),
        cmocka_unit_test(of_named_templates_tools_choose_theirs),
        cmocka_unit_test(special_tokens_come_from_where_transformers_reads_them),
        cmocka_unit_test(a_template_is_text_of_its_own),
        cmocka_unit_test(lack_of_memory_is_told_wherever_it_comes),
    };
    temporary = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
