/* Chat templates as the program's users meet them: rendered prompts, answers to messages, and a model's sampling defaults. */
#include "cli/program.h"

#define MODEL      BOMBUS_SHARED "/models/stories260k"
#define TOKENIZERS BOMBUS_SHARED "/tokenizers"

/* What "chat", a copy of the model with a template of ours, makes of one message from the user. */
#define TEMPLATE                                                                                                                           \
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"                                                    \
    "{% if tools %}{{ tools|length }} tools\n{% endif %}{% if loud %}LOUD\n{% endif %}{% if add_generation_prompt %}[assistant]{% endif %}"

#define MESSAGES "[{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Yo\"}]"

static void expect_prompt(const char *expected, const char *arguments)
{
    if (run("template --model chat %s", arguments) != 0 || strcmp(out, expected) != 0)
        fail_msg("template %s: \"%s\", message \"%s\", expected \"%s\"", arguments, out, complaint, expected);
    assert_string_equal(complaint, "");
}

/* ---- template ---- */

static void a_prompt_is_printed_exactly(void **state)
{
    (void)state;
    expect_prompt("<s>[user]Hi\n[assistant]Yo\n[assistant]", "--messages messages");
    expect_prompt("<s>[user]Hi\n[assistant]Yo\n[assistant]", "--messages - <messages");
    expect_prompt("<s>[user]Hi\n[assistant]Yo\n", "--messages messages --no-generation-prompt");
    expect_prompt("<s>[user]Hi\n[assistant]Yo\n2 tools\n[assistant]", "--messages messages --tools tools");
    expect_prompt("<s>[user]Hi\n[assistant]Yo\nLOUD\n[assistant]", "--messages messages --chat-template-config '{\"loud\": true}'");
    expect_prompt("<s>[system]Be \"brief\"\n[user]Hi\n[assistant]Yo\n[assistant]", "--messages messages --system-prompt 'Be \"brief\"'");
    expect_prompt("<s>Yo", "--messages messages --chat-template '{{ bos_token }}{{ messages[-1].content }}'");
    write_text("other.jinja", "{{ messages[0].content }} from {{ bos_token }}");
    expect_prompt("Hi from <s>", "--messages messages --chat-template other.jinja");
    write_text("none", " [ ] ");
    expect_prompt("<s>[system]x\n[assistant]", "--messages none --system-prompt x");
}

static void two_system_prompts_are_one_too_many(void **state)
{
    (void)state;
    write_text("with-system", "[{\"content\": \"Be \\\"loud\\\"\", \"role\": \"system\"}, {\"role\": \"user\", \"content\": \"Hi\"}]");
    expect_prompt("<s>[system]Be \"loud\"\n[user]Hi\n[assistant]", "--messages with-system");
    expect_failure(1, "bombus: --system-prompt and a system message in with-system: expected one of them",
                   "template --model chat --messages with-system --system-prompt x");
    expect_failure(1, "bombus: --system-prompt and a system message in standard input: expected one of them",
                   "generate --model chat --messages - --system-prompt x <with-system");
    write_text("no-system", "[{\"role\": \"user\", \"content\": {\"role\": \"system\"}}]"); /* not a message's role */
    expect_prompt("<s>[system]x\n[user]{'role': 'system'}\n[assistant]", "--messages no-system --system-prompt x");
}

static void a_prompt_has_its_ids_without_more_special_tokens(void **state)
{
    (void)state;
    assert_int_equal(run("template --model chat --messages messages --json --chat-template '{{ bos_token }}Once upon a time'"), 0);
    assert_string_equal(out, "{\"text\":\"<s>Once upon a time\",\"ids\":[1,403,407,261,378]}\n");
}

static void bad_messages_and_templates_are_refused(void **state)
{
    (void)state;
    expect_failure(2, "--messages is missing", "template --model chat");
    expect_failure(2, "unexpected argument \"x\"", "template --model chat --messages messages x");
    expect_failure(2, "--messages and --tools cannot both be standard input", "template --model chat --messages - --tools -");
    expect_failure(1, "none.json: cannot open", "template --model chat --messages none.json");
    expect_failure(1, "bombus: none: empty, expected at least one message", "template --model chat --messages none");
    expect_failure(1, "bombus: standard input: ", "template --model chat --messages -");
    write_text("broken", "[{\"role\": \"user\"");
    expect_failure(1, "bombus: broken: line 1", "template --model chat --messages broken --system-prompt x");
    write_file("nul", "[{\"role\": \"user\"}\0]", 19);
    expect_failure(1, "bombus: nul: byte 17 is NUL", "template --model chat --messages nul");
    expect_failure(1, "bombus: broken: line 1", "template --model chat --messages messages --tools broken");
    expect_failure(1, "bombus: --chat-template-config: an array, expected an object",
                   "template --model chat --messages messages --chat-template-config '[]'");
    expect_failure(1, "--chat-template: \"missing.jinja\", expected a template or a file that has one",
                   "template --model chat --messages messages --chat-template missing.jinja");
    expect_failure(1, "bombus: nowhere: ", "template --model nowhere --messages messages");
    expect_failure(1, "bombus: " MODEL ": no chat template (chat_template.jinja", "template --model " MODEL " --messages messages");

    assert_int_equal(run("template --model chat --messages messages --chat-template 'a{{ x'"), 1);
    assert_says(complaint, "bombus: --chat-template: line 1, column 2: ");
    assert_int_equal(run("template --model chat --messages messages --chat-template '{{ raise_exception(\"no such role\") }}'"), 1);
    assert_says(complaint, "no such role");
    assert_string_equal(out, "");
}

static void published_templates_render_with_their_tokenizers(void **state)
{
    (void)state;
    if (access(TOKENIZERS "/qwen3/tokenizer_config.json", R_OK) != 0 || access(TOKENIZERS "/llama3/tokenizer_config.json", R_OK) != 0)
        skip();
    write_text("hello", "[{\"role\": \"user\", \"content\": \"Hello\"}]");
    assert_int_equal(run("template --model " TOKENIZERS "/qwen3 --messages hello --json"), 0);
    assert_string_equal(out, "{\"text\":\"<|im_start|>user\\nHello<|im_end|>\\n<|im_start|>assistant\\n\","
                             "\"ids\":[151644,872,198,9707,151645,198,151644,77091,198]}\n");
    assert_int_equal(run("template --model " TOKENIZERS "/qwen3 --messages hello --chat-template-config '{\"enable_thinking\": false}'"),
                     0);
    assert_string_equal(out, "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
    assert_int_equal(run("template --model " TOKENIZERS "/llama3 --messages hello --json"), 0);
    const bb_json *answer = parse_output();
    assert_int_equal(item(bb_json_get(answer, "ids"), 0), 128000); /* the beginning of text, and only once */
    assert_int_not_equal(item(bb_json_get(answer, "ids"), 1), 128000);
    assert_says(text(answer, "text"), "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>");
    bb_json_free(&document);
}

/* ---- generate ---- */

/* The prompt's ids are those of the rendered text. */
static void expect_asked(const char *expected, const char *arguments)
{
    char want[8192];

    write_text("expected", expected);
    assert_int_equal(run("tokenize --model chat --no-special --json - <expected"), 0);
    const char *begin = strchr(out, '['), *end = strchr(out, ']');
    snprintf(want, sizeof want, "\"prompt_tokens\":%.*s]", (int)(end - begin), begin);
    assert_int_equal(run("generate --model chat -m 1 --json %s", arguments), 0);
    assert_says(out, want);
}

static void a_prompt_is_the_users_message(void **state)
{
    (void)state;
    expect_asked("<s>[user]Hi \"you\"\n[assistant]", "'Hi \"you\"'");
    expect_asked("<s>[system]Be brief\n[user]Hi\n[assistant]", "--system-prompt 'Be brief' Hi");
    expect_asked("<s>[user]Hi\n[assistant]Yo\n[assistant]", "--messages messages");
    expect_asked("<s>[user]Hi\n2 tools\n[assistant]", "--tools tools Hi");
    expect_asked("<s>[user]Hi\nLOUD\n[assistant]", "--chat-template-config '{\"loud\": true}' Hi");
    expect_asked("<s>[user]Hi\n[assistant]Once upon", "--prefill-response 'Once upon' Hi");
    expect_asked("<s>[user]Hi\n[assistant]Yo\n[assistant]Once", "--messages - --prefill-response Once <messages");
    expect_asked("Hi!", "--chat-template '{{ messages[0].content }}!' Hi");
    expect_asked("<s>Hi", "--ignore-chat-template Hi");
}

static void a_model_without_a_template_takes_the_prompt_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(run("generate --model " MODEL " -m 1 --json 'Once upon a time'"), 0);
    assert_says(out, "\"prompt_tokens\":[1,403,407,261,378]");
    assert_null(strstr(out, "\"content\""));
    expect_failure(1, "bombus: " MODEL ": no chat template (", "generate --model " MODEL " --messages messages");
    expect_failure(1, "bombus: " MODEL ": no chat template (", "generate --model " MODEL " --tools tools Hi");
    expect_failure(1, "bombus: " MODEL ": no chat template (", "generate --model " MODEL " --system-prompt x Hi");
    expect_failure(1, "bombus: " MODEL ": no chat template (", "generate --model " MODEL " --prefill-response x Hi");
    expect_failure(1, "bombus: " MODEL ": no chat template (", "generate --model " MODEL " --chat-template-config '{}' Hi");
    assert_int_equal(run("generate --model " MODEL " -m 1 --chat-template '{{ messages[0].content }}' Hi"), 0);
}

static void options_that_exclude_each_other_are_wrong_usage(void **state)
{
    (void)state;
    expect_failure(2, "a prompt and --messages: expected one of them", "generate --model chat --messages messages Hi");
    expect_failure(2, "a prompt and --messages: expected one of them", "generate --model chat --messages messages -p Hi");
    expect_failure(2, "--system-prompt needs the chat template that --ignore-chat-template leaves out",
                   "generate --model chat --system-prompt x --ignore-chat-template Hi");
    expect_failure(2, "--messages needs the chat template", "generate --model chat --messages messages --ignore-chat-template");
    expect_failure(2, "--tools and --messages cannot both be standard input", "generate --model chat --messages - --tools -");
    expect_failure(2, "--tools and the prompt cannot both be standard input", "generate --model chat --tools - -");
    write_file("binary", "Once \xff upon", 11);
    expect_failure(1, "bombus: prompt: is not UTF-8", "generate --model chat - <binary");
}

static void an_answer_comes_in_its_parts(void **state)
{
    const bb_json *answer;

    (void)state;
    assert_int_equal(
        run("generate --model chat -m 20 --json --chat-template '{{ bos_token }}{{ messages[0].content }}' 'Once upon a time'"), 0);
    answer = parse_output();
    assert_true(strlen(text(answer, "text")) > 20);
    assert_string_equal(text(answer, "content"), text(answer, "text"));
    assert_string_equal(text(answer, "reasoning"), "");
    assert_int_equal(bb_json_get(answer, "tool_calls")->count, 0);
    bb_json_free(&document);

    assert_int_equal(run("generate --model chat -m 20 --json --chat-template '{{ messages[0].content }}<think>\n\n' Once"), 0);
    answer = parse_output();
    assert_true(strlen(text(answer, "reasoning")) > 20);
    assert_string_equal(text(answer, "content"), "");
    bb_json_free(&document);
}

/* Where the answer begins is part of what its parts are. */
static void the_beginning_of_an_answer_opens_and_closes_its_parts(void **state)
{
    const bb_json *answer;

    (void)state;
    assert_int_equal(run("generate --model chat -m 20 --json --prefill-response '<think>Once upon' Hi"), 0);
    answer = parse_output();
    assert_true(strlen(text(answer, "reasoning")) > 20);
    assert_string_equal(text(answer, "reasoning"), text(answer, "text"));
    assert_string_equal(text(answer, "content"), "");
    bb_json_free(&document);

    assert_int_equal(run("generate --model chat -m 20 --json --prefill-response '<think>a</think>Once upon' Hi"), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "reasoning"), "");
    assert_string_equal(text(answer, "content"), text(answer, "text"));
    assert_null(strstr(text(answer, "content"), "Once upon"));
    bb_json_free(&document);
}

static void a_tool_call_of_special_tokens_is_found(void **state)
{
    (void)state;
    make_calling_model();
    assert_int_equal(run("generate --model caller -m 1 --json --logit-bias 0:1000 --chat-template '{{ messages[0].content }}"
                         "{# [TOOL_CALLS] #}' Hi"),
                     0);
    const bb_json *answer = parse_output(), *calls = bb_json_get(answer, "tool_calls");
    assert_int_equal(calls->count, 1);
    assert_string_equal(text(&calls->items[0], "name"), "weather");
    assert_string_equal(text(&calls->items[0], "id"), "abcdefghi");
    assert_string_equal(text(bb_json_get(&calls->items[0], "arguments"), "in"), "Rome");
    assert_string_equal(text(answer, "content"), "");
    assert_int_equal(strncmp(text(answer, "text"), "[TOOL_CALLS]", 12), 0);
    bb_json_free(&document);

    assert_int_equal(run("generate --model caller -m 1 --logit-bias 0:1000 Hi"), 0); /* streamed text has no special tokens */
    assert_string_equal(out, "\n");
}

/* ---- sampling defaults ---- */

/* Does the model's default answer equal that of these options? */
static bool same_as(const char *defaults, const char *options)
{
    static char first[sizeof out];
    const char *common = "--model warm --ignore-chat-template --verbose False --seed 7 -m 40 'Once upon a time'";

    write_text("warm/generation_config.json", defaults);
    assert_int_equal(run("generate %s", common), 0);
    memcpy(first, out, out_bytes + 1);
    write_text("warm/generation_config.json", "{}");
    assert_int_equal(run("generate %s %s", options, common), 0);
    return strcmp(out, first) == 0;
}

static void sampling_is_as_the_model_has_it_unless_told_otherwise(void **state)
{
    static char greedy[sizeof out];
    static const char hot[] = "{\"do_sample\": true, \"temperature\": 1.5, \"top_k\": 30, \"repetition_penalty\": 1.3}";

    (void)state;
    assert_int_equal(system("cp -R chat warm"), 0);
    assert_true(same_as(hot, "--temp 1.5 --top-k 30 --repetition-penalty 1.3"));
    assert_false(same_as(hot, "--temp 0"));
    assert_false(same_as(hot, "--temp 1.5 --top-k 30"));
    assert_true(same_as("{\"temperature\": 1.5, \"top_p\": 0.9}", "--temp 1.5 --top-p 0.9"));
    assert_true(same_as("{\"temperature\": 1.5, \"min_p\": 0.2}", "--temp 1.5 --min-p 0.2"));
    assert_true(same_as("{\"do_sample\": false, \"temperature\": 1.5, \"top_k\": 30}", "--temp 0"));
    assert_true(same_as("{\"top_k\": 30}", ""));

    const char *common = "--ignore-chat-template --verbose False --seed 7 -m 40 'Once upon a time'";
    write_text("warm/generation_config.json", hot);
    assert_int_equal(run("generate --model " MODEL " %s", common), 0);
    memcpy(greedy, out, out_bytes + 1);
    assert_int_equal(run("generate --model warm --temp 0 %s", common), 0); /* the repetition penalty goes too */
    assert_string_equal(out, greedy);
    assert_int_equal(run("generate --model warm --top-k 1 --repetition-penalty 1 %s", common), 0);
    assert_string_equal(out, greedy);
}

static void bad_sampling_defaults_name_file_and_field(void **state)
{
    (void)state;
    write_text("warm/generation_config.json", "{\"top_p\": 2}");
    expect_failure(1, "warm/generation_config.json: top_p: 2, expected a number from 0 to 1", "generate --model warm Hi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prompt_is_printed_exactly),
        cmocka_unit_test(two_system_prompts_are_one_too_many),
        cmocka_unit_test(a_prompt_has_its_ids_without_more_special_tokens),
        cmocka_unit_test(bad_messages_and_templates_are_refused),
        cmocka_unit_test(published_templates_render_with_their_tokenizers),
        cmocka_unit_test(a_prompt_is_the_users_message),
        cmocka_unit_test(a_model_without_a_template_takes_the_prompt_as_it_is),
        cmocka_unit_test(options_that_exclude_each_other_are_wrong_usage),
        cmocka_unit_test(an_answer_comes_in_its_parts),
        cmocka_unit_test(the_beginning_of_an_answer_opens_and_closes_its_parts),
        cmocka_unit_test(a_tool_call_of_special_tokens_is_found),
        cmocka_unit_test(sampling_is_as_the_model_has_it_unless_told_otherwise),
        cmocka_unit_test(bad_sampling_defaults_name_file_and_field),
    };

    if (access(MODEL "/tokenizer.json", R_OK) != 0) {
        printf("SKIP: %s is not there\n", MODEL);
        return 77;
    }
    const char *directory = enter_temporary();
    make_chat_model(MODEL, TEMPLATE);
    write_text("messages", MESSAGES);
    write_text("tools", "[{\"name\": \"a\"}, {\"name\": \"b\"}]");
    write_text("in", "");
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(directory);
    return failed;
}
