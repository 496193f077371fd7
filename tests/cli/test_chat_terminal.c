/* bombus chat as somebody at a terminal meets it. */
#include "cli/terminal.h"

#include <sys/stat.h>
#include <termios.h>

#define MODEL BOMBUS_SHARED "/models/stories260k"

#define TEMPLATE                                                                                                                           \
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"

/* An answer that takes minutes, if nobody stops it. */
#define ENDLESS "chat --model chat --ignore-eos -m 100000 --context 100000"

/* What begins every greedy answer to "Once upon", up to its first line's end. */
static char story[256];

/* A program at its prompt. (A Ctrl-D typed earlier would not reach it: the terminal takes it for itself.) */
static void leave(void)
{
    type("\x04");
    assert_int_equal(close_terminal(), 0);
}

/* A fresh program with a history that no other test has. */
static void begin(const char *arguments)
{
    open_terminal("XDG_STATE_HOME=$PWD/state TERM=xterm", arguments);
    expect("/help lists the commands");
    expect("> ");
}

static void assert_saved(const char *part)
{
    static char content[sizeof out];

    type("/save saved.json\r");
    expect("messages are in saved.json.");
    expect("> ");
    slurp("saved.json", content, sizeof content);
    assert_says(content, part);
}

static void a_message_is_answered_and_the_end_of_input_leaves(void **state)
{
    (void)state;
    begin("chat --model chat -m 30");
    type("Once upon\r");
    expect(story);
    expect("[cut after 30 tokens: --max-tokens]\r\n");
    expect("> ");
    assert_null(strstr(screen, "\x1b[2m"));
    leave();
}

static void commands_are_not_said_to_the_model(void **state)
{
    (void)state;
    begin("chat --model chat -m 4");
    type("/bogus x\r");
    expect("bombus: unknown command /bogus (/help lists them");
    expect("> ");
    type("/help\r");
    expect("/regenerate");
    expect("> ");
    type("/system Be brief\r");
    expect("The conversation begins anew, with this system prompt.");
    expect("> ");
    type("/system\r");
    expect("\x1b[?2004lBe brief\r\n");
    expect("> ");
    assert_saved("[\n{\"role\":\"system\",\"content\":\"Be brief\"}\n]\n");
    type("Hi\r");
    expect("[cut after 4 tokens");
    expect("> ");
    assert_saved("{\"role\":\"user\",\"content\":\"Hi\"}");
    type("/reset\r");
    expect("The conversation is empty.");
    expect("> ");
    assert_saved("[\n{\"role\":\"system\",\"content\":\"Be brief\"}\n]\n");
    type("/stats\r");
    expect("Tokens per second are shown.");
    expect("> ");
    type("Hi\r");
    expect("tokens-per-sec");
    expect("Kept: ");
    expect("> ");
    type("/exit\r");
    assert_int_equal(close_terminal(), 0);
}

static void a_saved_conversation_goes_on_where_it_is_loaded(void **state)
{
    char answer[256];

    (void)state;
    begin("chat --model chat -m 20");
    type("Once upon\r");
    expect("> ");
    type("/save talk.json\r");
    expect("2 messages are in talk.json.");
    expect("> ");
    type("And then?\r");
    expect("\x1b[?2004l");
    snprintf(answer, sizeof answer, "%.200s", expect("[cut"));
    assert_true(strlen(answer) > 20);
    expect("> ");
    leave();

    begin("chat --model chat -m 20");
    type("/load talk.json\r");
    expect("2 messages are loaded.");
    expect("> ");
    type("And then?\r");
    expect("\x1b[?2004l");
    assert_string_equal(expect("[cut"), answer);
    expect("> ");
    leave();
}

static void several_lines_are_one_message(void **state)
{
    (void)state;
    begin("chat --model chat -m 1");
    type("one\\\r");
    expect("... ");
    type("two\r");
    expect("> ");
    assert_saved("\"content\":\"one\\ntwo\"");
    type("\"\"\"\r");
    expect("... ");
    type("/three\r");
    expect("... ");
    type("\"\"\"\r");
    expect("> ");
    assert_saved("\"content\":\"/three\"");
    /* As a terminal sends what is pasted; the control character is not text. */
    type("\x1b[200~four\r\tfive\rs\x07ix\r\x1b[201~");
    expect("six");
    type("!\r");
    expect("> ");
    assert_saved("\"content\":\"four\\n\\tfive\\nsix!\"");
    /* And so it comes back from the history. */
    type("\x1b[A");
    expect("saved.json");
    type("\x1b[A");
    expect("six!");
    type("?\r");
    expect("> ");
    assert_saved("\"content\":\"four\\n\\tfive\\nsix!?\"");
    leave();
}

static void an_interrupt_stops_the_answer_and_not_the_program(void **state)
{
    char kept[512];

    (void)state;
    begin(ENDLESS);
    type("Once upon\r");
    expect(story);
    type("\x03");
    expect("[stopped]\r\n");
    expect("> ");
    snprintf(kept, sizeof kept, "{\"role\":\"assistant\",\"content\":\"%s", story);
    assert_saved(kept);
    type("/reset\r");
    expect("> ");
    type("Once upon\r");
    expect(story);
    type("\x03");
    expect("[stopped]\r\n");
    expect("> ");
    leave();
}

static void an_interrupt_before_the_answer_takes_the_message_back(void **state)
{
    FILE *file = fopen("long.json", "w");

    (void)state;
    fputs("[{\"role\": \"user\", \"content\": \"", file);
    for (int i = 0; i < 4000; i++)
        fputs("Once upon a time there was a girl. ", file);
    fputs("\"}]", file);
    fclose(file);
    begin(ENDLESS " --prefill-step-size 1"); /* a prompt that takes minutes, however fast the machine */
    type("/load long.json\r");
    expect("1 messages are loaded; /regenerate answers the last.");
    expect("> ");
    type("and then?\r");
    expect("and then?\r\n");
    type("\x03");
    expect("[stopped before the answer began]\r\n");
    expect("> ");
    type("/save saved.json\r");
    expect("1 messages are in saved.json.");
    expect("> ");
    type("/reset\r");
    expect("> ");
    type("Once upon\r");
    expect(story);
    type("\x03");
    expect("> ");
    leave();
}

static void an_interrupt_at_the_prompt_clears_the_line(void **state)
{
    (void)state;
    begin("chat --model chat -m 4");
    type("junk");
    expect("junk");
    type("\x03");
    assert_null(strstr(expect("> "), "/exit"));
    type("\x03");
    assert_null(strstr(expect("> "), "/exit")); /* the first on an empty line */
    type("\x03");
    expect("(/exit or Ctrl-D leaves)");
    expect("> ");
    type("one\\\r");
    expect("... ");
    type("\x03");
    expect("> "); /* the line before it goes too */
    type("two\r");
    expect("[cut");
    expect("> ");
    assert_saved("[\n{\"role\":\"user\",\"content\":\"two\"}");
    leave();
}

static void messages_are_remembered_for_their_owner_alone(void **state)
{
    struct stat info;

    (void)state;
    assert_int_equal(system("rm -rf state"), 0);
    begin("chat --model chat -m 4");
    type("first one\r");
    expect("[cut");
    expect("> ");
    assert_int_equal(stat("state/bombus/chat_history", &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat("state/bombus", &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    leave();
    begin("chat --model chat -m 4");
    type("\x1b[A");
    expect("first one");
    type(" more\r");
    expect("[cut");
    expect("> ");
    assert_saved("\"content\":\"first one more\"");
    leave();

    /* What is no history is left as it is. */
    write_text("state/bombus/chat_history", "diary");
    open_terminal("XDG_STATE_HOME=$PWD/state", "chat --model chat -m 4");
    expect("state/bombus/chat_history: is no history of libedit's, so none is kept");
    expect("> ");
    type("Hi\r");
    expect("[cut");
    expect("> ");
    leave();
    slurp("state/bombus/chat_history", out, sizeof out);
    assert_string_equal(out, "diary");
    assert_int_equal(system("rm -rf state; ls state* 2>/dev/null"), 512);
}

static void reasoning_is_dimmed_and_its_marks_are_not_shown(void **state)
{
    (void)state;
    begin("chat --model chat -m 8 --prefill-response '<think>so</think>Yes\x1b[31m'");
    type("Hi\r");
    expect("\x1b[2mso\x1b[0m\r\n\r\nYes^[[31m"); /* and what a model says does not command the terminal */
    expect("[cut");
    expect("> ");
    assert_null(strstr(screen, "think"));
    leave();

    /* The answer ends, or is stopped, inside the reasoning. */
    begin("chat --model chat -m 8 --chat-template '{{ messages[-1].content }}<think>\n'");
    type("Hi\r");
    expect("\x1b[2m");
    assert_null(strchr(expect("\x1b[0m\r\n"), '\x1b'));
    expect("> ");
    leave();
    begin(ENDLESS " --prefill-response '<think>'");
    type("Hi\r");
    expect("\x1b[2m");
    expect(" ");
    type("\x03");
    expect("\x1b[0m\r\n[stopped]");
    expect("> ");
    leave();
}

static void who_wants_no_color_gets_none(void **state)
{
    (void)state;
    open_terminal("NO_COLOR=1 TERM=xterm", "chat --model chat -m 8 --prefill-response '<think>so</think>Yes'");
    expect("> ");
    type("Hi\r");
    expect("so\r\n\r\nYes");
    expect("[cut");
    expect("> ");
    leave();
    assert_null(strstr(screen, "\x1b[2m"));
    open_terminal("TERM=dumb", "chat --model chat -m 8 --prefill-response '<think>so</think>Yes'");
    expect("> ");
    type("Hi\r");
    expect("so\r\n\r\nYes");
    expect("[cut");
    expect("> ");
    leave();
    assert_null(strchr(screen, '\x1b'));
}

static void tool_calls_are_shown(void **state)
{
    (void)state;
    begin("chat --model caller -m 1 --logit-bias 0:1000 --chat-template '{{ messages[0].content }}{# [TOOL_CALLS] #}'");
    type("Hi\r");
    expect("[tool call] weather {\"in\": \"Rome\"}\r\n");
    expect("> ");
    assert_null(strstr(screen, "TOOL_CALLS"));
    leave();
}

static void what_is_no_text_is_not_sent(void **state)
{
    (void)state;
    begin("chat --model chat -m 4");
    type("a\xff\x62\r");
    expect("a\xef\xbf\xbd\x62");
    expect("bombus: message (not sent): is not UTF-8");
    expect("> ");
    type("half\xf0\x9f\r"); /* Enter is Enter, also where a character is not whole */
    expect("half\xef\xbf\xbd");
    expect("bombus: message (not sent): is not UTF-8");
    expect("> ");
    type("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d\r");
    expect("[cut");
    expect("> ");
    assert_saved("[\n{\"role\":\"user\",\"content\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d\"}");
    leave();
}

static void a_terminal_that_is_suspended_or_resized_keeps_its_line(void **state)
{
    (void)state;
    begin("chat --model chat -m 30");
    type("Once");
    expect("Once");
    type("\x1a");
    expect("[suspended]\r\n");
    expect("Once");
    const struct winsize narrow = {.ws_row = 24, .ws_col = 40};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &narrow), 0);
    type(" upon\r");
    expect(story);
    expect("> ");
    assert_saved("\"content\":\"Once upon\"");
    leave();
}

static void what_ends_the_program_leaves_the_terminal_as_it_was(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP};
    const tcflag_t usual = ICANON | ECHO;
    struct termios modes;
    int status;

    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        begin("chat --model chat -m 4");
        const int other = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
        type("half a li");
        expect("half a li");
        assert_int_equal(tcgetattr(other, &modes), 0);
        assert_int_equal(modes.c_lflag & usual, 0);
        kill(-tcgetpgrp(terminal), signals[i]);
        expect("\x1b[?2004l");
        assert_int_equal(waitpid(shell, &status, 0), shell);
        shell = 0;
        assert_int_equal(WEXITSTATUS(status), KILLED);
        assert_int_equal(tcgetattr(other, &modes), 0);
        assert_int_equal(modes.c_lflag & usual, usual);
        close(other);
        drop_terminal(NULL);
    }
}

static void a_history_that_is_empty_is_none(void **state)
{
    (void)state;
    assert_int_equal(system("mkdir -p state/bombus && : >state/bombus/chat_history"), 0);
    begin("chat --model chat -m 4");
    assert_null(strstr(screen, "no history"));
    type("remember me\r");
    expect("[cut");
    expect("> ");
    leave();
    assert_int_equal(system("grep -q 'remember.*me' state/bombus/chat_history"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, drop_terminal)
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_answered_and_the_end_of_input_leaves),
        TEST(commands_are_not_said_to_the_model),
        TEST(a_saved_conversation_goes_on_where_it_is_loaded),
        TEST(several_lines_are_one_message),
        TEST(an_interrupt_stops_the_answer_and_not_the_program),
        TEST(an_interrupt_before_the_answer_takes_the_message_back),
        TEST(an_interrupt_at_the_prompt_clears_the_line),
        TEST(messages_are_remembered_for_their_owner_alone),
        TEST(reasoning_is_dimmed_and_its_marks_are_not_shown),
        TEST(who_wants_no_color_gets_none),
        TEST(tool_calls_are_shown),
        TEST(what_is_no_text_is_not_sent),
        TEST(a_terminal_that_is_suspended_or_resized_keeps_its_line),
        TEST(what_ends_the_program_leaves_the_terminal_as_it_was),
        TEST(a_history_that_is_empty_is_none),
    };

    if (access(MODEL "/tokenizer.json", R_OK) != 0) {
        printf("SKIP: %s is not there\n", MODEL);
        return 77;
    }
    const char *directory = enter_temporary();
    setenv("HOME", directory, 1); /* no ~/.editrc, no history but ours */
    unsetenv("NO_COLOR");
    make_chat_model(MODEL, TEMPLATE);
    make_calling_model();
    write_text("in", "");
    if (run("generate --model chat --verbose False -m 30 'Once upon'") != 0)
        abort();
    snprintf(story, sizeof story, "%.*s", (int)strcspn(out, "\n\""), out);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(directory);
    return failed;
}
