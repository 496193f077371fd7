/* bombus chat where nobody types: messages come through a pipe, and the answers alone go on. */
#include "cli/program.h"

#include <fcntl.h>
#include <signal.h>

#define MODEL BOMBUS_SHARED "/models/stories260k"

#define TEMPLATE                                                                                                                           \
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}\n"                                                                \
    "{% if m.role == 'user' and m.content == 'refuse' %}{{ raise_exception('No, thank you') }}{% endif %}{% endfor %}"                     \
    "{% if add_generation_prompt %}[assistant]{% endif %}"

/* Says lines to the program. */
static int chat(const char *lines, const char *arguments)
{
    write_text("said", lines);
    return run("chat --model chat %s <said", arguments);
}

/* The line of standard output that begins at a place, without its newline. */
static const char *output_line(int number)
{
    static char copy[sizeof out];
    char *line = copy;

    memcpy(copy, out, out_bytes + 1);
    while (number-- && line)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    assert_non_null(line);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void assert_file(const char *path, const char *expected)
{
    static char content[sizeof out];

    slurp(path, content, sizeof content);
    assert_string_equal(content, expected);
}

/* The counts on standard error that follow words, the last of them. */
static int told(const char *words)
{
    const char *found = NULL;

    for (const char *at = complaint; (at = strstr(at, words)); at++)
        found = at;
    if (!found)
        fail_msg("\"%s\" is not in: %s", words, complaint);
    return atoi(found + strlen(words));
}

static void each_line_gets_an_answer_and_nothing_else_is_written(void **state)
{
    static char first[sizeof out];

    (void)state;
    assert_int_equal(run("generate --model chat --verbose False -m 12 'Once upon'"), 0);
    strcpy(first, output_line(0));
    assert_int_equal(chat("Once upon\n\n  \nthe end", "-m 12"), 0); /* empty lines say nothing, and the last one needs no newline */
    assert_string_equal(output_line(0), first);
    assert_true(strlen(output_line(1)) > 10);
    assert_string_equal(output_line(2), "");
    assert_null(strchr(out, '\x1b'));
    assert_string_equal(complaint, "[cut after 12 tokens: --max-tokens]\n[cut after 12 tokens: --max-tokens]\n");
    assert_int_equal(chat("", "-m 12"), 0);
    assert_int_equal(out_bytes, 0);
}

static void a_conversation_is_saved_as_messages_are_read(void **state)
{
    static char prompt[2 * sizeof out];

    (void)state;
    assert_int_equal(chat("/save none.json\nOnce \"upon\"\n/save one.json\n", "-m 12 --system-prompt 'Be brief'"), 0);
    assert_file("none.json", "[\n{\"role\":\"system\",\"content\":\"Be brief\"}\n]\n");
    snprintf(prompt, sizeof prompt, "<s>[system]Be brief\n[user]Once \"upon\"\n[assistant]%s\n", output_line(0));
    assert_int_equal(run("template --model chat --messages one.json --no-generation-prompt"), 0);
    assert_string_equal(out, prompt);
    assert_int_equal(chat("/load one.json\n/save two.json\n", ""), 0);
    assert_int_equal(system("cmp one.json two.json"), 0);
    write_text("rich.json", " [{\"content\": \"Hi\", \"name\": [1, {\"role\": 2}], \"role\": \"user\"} , {\"role\":\"robot\"}] ");
    assert_int_equal(chat("/load rich.json\n/save two.json\n", ""), 0);
    assert_file("two.json", "[\n{\"content\": \"Hi\", \"name\": [1, {\"role\": 2}], \"role\": \"user\"},\n{\"role\":\"robot\"}\n]\n");
}

static void lines_are_joined_to_messages(void **state)
{
    (void)state;
    assert_int_equal(chat("one\\\ntwo \\\n\n\"\"\"\n/three\n\n\"four\"\\\n\"\"\"\n/save two.json\n", "-m 1"), 0);
    slurp("two.json", out, sizeof out);
    assert_says(out, "{\"role\":\"user\",\"content\":\"one\\ntwo \\n\"}");
    assert_says(out, "{\"role\":\"user\",\"content\":\"/three\\n\\n\\\"four\\\"\\\\\"}");

    assert_int_equal(chat("\"\"\"\nfour\n", "-m 1"), 1);
    assert_string_equal(out, "");
    assert_says(complaint, "bombus: the input ends inside a message, which is not sent: expected a line of \"\"\"");
    assert_int_equal(chat("four\\\n", "-m 1"), 1);
    assert_says(complaint, "expected another line after the one that ends in a backslash");
}

static void a_turn_computes_only_what_is_new(void **state)
{
    (void)state;
    assert_int_equal(chat("Once upon\n/save one.json\n", "-m 12 --stats"), 0);
    const int first = told("Prompt: ");
    assert_int_equal(told("Kept: "), 0);
    assert_int_equal(chat("Once upon\nthe end\n/save two.json\n", "-m 12 --stats"), 0);
    const int fed = told("Prompt: "), kept = told("Kept: ");

    /* What was fed and what was kept are all of the prompt: the conversation without its last message. */
    assert_int_equal(system("sed -e '/^{.*[^,]$/d' -e '4s/,$//' two.json >turn.json"), 0);
    assert_int_equal(run("template --model chat --messages turn.json --json"), 0);
    const bb_json *rendered = parse_output();
    assert_int_equal(fed + kept, bb_json_get(rendered, "ids")->count);
    bb_json_free(&document);
    assert_true(kept >= first);
    assert_true(fed < kept);
}

/* Drawn tokens and their penalties look back on what was kept. */
static void a_turn_says_the_same_whether_its_beginning_was_kept_or_not(void **state)
{
    static const char arguments[] = "-m 40 --temp 0.9 --seed 7 --repetition-penalty 1.3 --repetition-context-size 60 --stats";
    static char kept[sizeof out];

    (void)state;
    assert_int_equal(chat("Once upon\n/save one.json\nthe end\n", arguments), 0);
    assert_true(told("Kept: ") > 0);
    const char *second = strstr(out, "\n");
    strcpy(kept, out);
    assert_non_null(second);
    assert_int_equal(chat("/load one.json\nthe end\n", arguments), 0);
    assert_int_equal(told("Kept: "), 0);
    assert_true(out_bytes > 40);
    assert_string_equal(kept + strlen(kept) - out_bytes, out);
}

static void an_answer_is_drawn_again_with_another_seed(void **state)
{
    static char first[sizeof out], second[sizeof out];

    (void)state;
    assert_int_equal(chat("Once upon\n/regenerate\n/save one.json\n", "-m 12 --temp 1 --seed 7"), 0);
    strcpy(first, output_line(0));
    strcpy(second, output_line(1));
    assert_string_not_equal(first, second);
    slurp("one.json", out, sizeof out);
    assert_says(out, second);
    assert_null(strstr(out, first));
    assert_int_equal(chat("Once upon\n", "-m 12 --temp 1 --seed 8"), 0);
    assert_string_equal(output_line(0), second);

    write_text("one.json", "[{\"role\": \"user\", \"content\": \"Once upon\"}]");
    assert_int_equal(chat("/load one.json\n/regenerate\n", "-m 12 --temp 1 --seed 7"), 0);
    assert_string_equal(output_line(0), first);
    assert_int_equal(chat("/regenerate\n", "--system-prompt x"), 1);
    assert_string_equal(complaint, "bombus: /regenerate: there is no answer yet\n");
}

static void the_system_prompt_is_set_shown_and_kept(void **state)
{
    (void)state;
    assert_int_equal(
        chat("/system\n/system Be brief,\\\nplease\n/system\nHi\n/reset\n/save one.json\n/system \"\"\n/system\n/save two.json\n",
             "-m 1 --system-prompt 'Be loud'"),
        0);
    assert_string_equal(output_line(0), "Be loud");
    assert_string_equal(output_line(1), "Be brief,");
    assert_string_equal(output_line(2), "please");
    assert_string_equal(output_line(4), "There is no system prompt.");
    assert_file("one.json", "[\n{\"role\":\"system\",\"content\":\"Be brief,\\nplease\"}\n]\n");
    assert_file("two.json", "[\n]\n");
}

/* Says "Hi", then lines that must fail with a message, and finds the conversation as it was. */
static void expect_refused(const char *lines, const char *message, const char *arguments)
{
    char said[4096];

    snprintf(said, sizeof said, "Hi\n/save one.json\n%s\n/save two.json\n", lines);
    assert_int_equal(chat(said, arguments), 1);
    assert_says(complaint, message);
    assert_int_equal(system("cmp one.json two.json"), 0);
}

static void what_fails_leaves_the_conversation_as_it_was(void **state)
{
    (void)state;
    write_text("broken.json", "[{\"role\": \"user\"");
    write_text("object.json", "{\"role\": \"user\"}");
    write_text("empty.json", "[]");
    expect_refused("/load nowhere.json", "bombus: nowhere.json: cannot open", "-m 4");
    expect_refused("/load broken.json", "bombus: broken.json: line 1", "-m 4");
    expect_refused("/load object.json", "bombus: object.json: an object, expected an array", "-m 4");
    expect_refused("/load empty.json", "bombus: empty.json: empty, expected at least one message", "-m 4");
    expect_refused("/load .", "bombus: .: is a directory", "-m 4");
    expect_refused("/load", "bombus: /load: FILE is missing", "-m 4");
    expect_refused("/save nowhere/x.json", "bombus: nowhere/x.json: cannot create", "-m 4");
    expect_refused("/reset x", "bombus: /reset: takes no argument", "-m 4");
    expect_refused("/stats maybe", "bombus: /stats: \"maybe\", expected on or off", "-m 4");
    expect_refused("/bogus x", "bombus: unknown command /bogus (/help lists them", "-m 4");
    expect_refused("a\xff\x62", "bombus: message (not sent): is not UTF-8", "-m 4");
    expect_refused("/system a\xff\x62", "bombus: system prompt: is not UTF-8", "-m 4");
    expect_refused("refuse", "No, thank you", "-m 4");
}

static void a_full_context_is_told_with_its_numbers(void **state)
{
    (void)state;
    expect_refused("you", "tokens, and the context of 30 has no room for an answer: /reset empties it", "-m 4 --context 30");
    const int tokens = told("bombus: the conversation has ");
    assert_int_equal(system("{ sed '$d' one.json; echo ',{\"role\":\"user\",\"content\":\"you\"}]'; } >turn.json"), 0);
    assert_int_equal(run("template --model chat --messages turn.json --json"), 0);
    assert_int_equal(tokens, bb_json_get(parse_output(), "ids")->count);
    bb_json_free(&document);
    assert_int_equal(chat("Hi\n/reset\nHi\n", "-m 4 --context 30"), 0);
    assert_int_equal(chat("Hi\n", "-m 400 --context 30 --ignore-eos"), 0);
    assert_says(complaint, "[cut: the context of 30 tokens is full; /reset empties it]");
}

static void reasoning_and_tool_calls_are_shown_without_marks_and_kept(void **state)
{
    (void)state;
    assert_int_equal(chat("Hi\n/save one.json\n", "-m 1 --prefill-response '<think>\nso\n</think>\n\nYes'"), 0);
    assert_int_equal(strncmp(out, "so\n\nYes", 7), 0);
    slurp("one.json", out, sizeof out);
    assert_says(out, "{\"role\":\"assistant\",\"content\":\"Yes");
    assert_says(out, "\",\"reasoning_content\":\"so\"}");
    assert_null(strstr(out, "think"));

    assert_int_equal(run("chat --model caller -m 1 --logit-bias 0:1000 --chat-template '{{ messages[0].content }}"
                         "{# [TOOL_CALLS] #}' <said"),
                     0);
    assert_string_equal(out, "[tool call] weather {\"in\": \"Rome\"}\n");
    slurp("one.json", out, sizeof out);
    assert_says(out, "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"abcdefghi\",\"type\":\"function\","
                     "\"function\":{\"name\":\"weather\",\"arguments\":{\"in\": \"Rome\"}}}]}");
}

static void wrong_usage_is_refused(void **state)
{
    (void)state;
    expect_failure(2, "unexpected argument \"Hi\": messages are read from standard input", "chat --model chat Hi");
    expect_failure(2, "--tools cannot be standard input", "chat --model chat --tools -");
    expect_failure(2, "unknown option --messages", "chat --model chat --messages x");
    expect_failure(1, "bombus: " MODEL ": no chat template (", "chat --model " MODEL);
    expect_failure(1, "--extra-eos-token: \"<nothing>\"", "chat --model chat --extra-eos-token '<nothing>'");
}

static void an_interrupt_ends_the_program(void **state)
{
    int to[2], from[2], status;

    (void)state;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        close(STDERR_FILENO);
        open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        execl(BOMBUS_PROGRAM, BOMBUS_PROGRAM, "chat", "--model", "chat", "--ignore-eos", "-m", "100000", "--context", "100000", NULL);
        _exit(99);
    }
    close(to[0]);
    close(from[1]);
    assert_int_equal(write(to[1], "Hi\nHi\n", 6), 6);
    assert_true(read(from[0], out, sizeof out) > 0); /* it is answering */
    kill(pid, SIGINT);
    while (read(from[0], out, sizeof out) > 0)
        ;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(to[1]);
    close(from[0]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    slurp("err", complaint, sizeof complaint);
    assert_string_equal(complaint, "[stopped]\n");
}

static void a_closed_pipe_ends_the_program(void **state)
{
    char code[8];

    (void)state;
    write_text("said", "Hi\nHi\n");
    assert_int_equal(system("{ " BOMBUS_PROGRAM " chat --model chat -m 400 <said 2>err; echo $? >code; } | true"), 0);
    slurp("code", code, sizeof code);
    slurp("err", complaint, sizeof complaint);
    assert_string_equal(code, "1\n");
    assert_says(complaint, "bombus: standard output: cannot write: Broken pipe\n");
    assert_null(strstr(strstr(complaint, "Broken") + 1, "Broken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_gets_an_answer_and_nothing_else_is_written),
        cmocka_unit_test(a_conversation_is_saved_as_messages_are_read),
        cmocka_unit_test(lines_are_joined_to_messages),
        cmocka_unit_test(a_turn_computes_only_what_is_new),
        cmocka_unit_test(a_turn_says_the_same_whether_its_beginning_was_kept_or_not),
        cmocka_unit_test(an_answer_is_drawn_again_with_another_seed),
        cmocka_unit_test(the_system_prompt_is_set_shown_and_kept),
        cmocka_unit_test(what_fails_leaves_the_conversation_as_it_was),
        cmocka_unit_test(a_full_context_is_told_with_its_numbers),
        cmocka_unit_test(reasoning_and_tool_calls_are_shown_without_marks_and_kept),
        cmocka_unit_test(wrong_usage_is_refused),
        cmocka_unit_test(an_interrupt_ends_the_program),
        cmocka_unit_test(a_closed_pipe_ends_the_program),
    };

    if (access(MODEL "/tokenizer.json", R_OK) != 0) {
        printf("SKIP: %s is not there\n", MODEL);
        return 77;
    }
    const char *directory = enter_temporary();
    make_chat_model(MODEL, TEMPLATE);
    make_calling_model();
    write_text("in", "");
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(directory);
    return failed;
}
