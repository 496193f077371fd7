/* bombus batch: requests in, results out in their order, whatever happened in between. With the model that comes with bombus. */
#include "cli/program.h"

#include <signal.h>

#define CHAT(id, rest)                                                                                                                     \
    "{\"custom_id\": \"" id "\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"messages\": "                       \
    "[{\"role\": \"user\", \"content\": \"Write a post about Elixir\"}]" rest "}}\n"
#define TEXT(id, rest) "{\"custom_id\": \"" id "\", \"url\": \"/v1/completions\", \"body\": {" rest "}}\n"

static char results[1 << 20];

/* The line of a result, as JSON; NULL past the last. */
static const bb_json *result_at(int index)
{
    const char *line = results;

    for (; index && line; index--)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    if (!line || !*line)
        return NULL;
    assert_ok(bb_json_parse(&document, line, strcspn(line, "\n"), "result", &err), err);
    return &document.root;
}

static void run_batch(const char *arguments)
{
    if (run("batch --input requests --output results --quiet %s", arguments) != 0)
        fail_msg("%s: %s", arguments, complaint);
    slurp("results", results, sizeof results);
}

static const bb_json *body_of(const bb_json *result)
{
    return bb_json_get(bb_json_get(result, "response"), "body");
}

static const bb_json *choice_of(const bb_json *result)
{
    const bb_json *choices = bb_json_get(body_of(result), "choices");

    assert_true(bb_json_is(choices, BB_JSON_ARRAY) && choices->count == 1);
    return &choices->items[0];
}

static void expect_refusal(int index, const char *id, int status, const char *message)
{
    const bb_json *result = result_at(index);

    assert_non_null(result);
    assert_string_equal(text(result, "custom_id"), id);
    assert_int_equal(number(bb_json_get(result, "response"), "status_code"), status);
    assert_says(text(bb_json_get(body_of(result), "error"), "message"), message);
    bb_json_free(&document);
}

static void an_answer_is_that_of_generate(void **state)
{
    static char expected[2][4096];
    const bb_json *result;

    (void)state;
    remove("results");
    assert_int_equal(run("generate --seed 3 -m 8 'Write a post about Elixir'"), 0);
    snprintf(expected[0], sizeof expected[0], "%.*s", (int)out_bytes - 1, out);
    assert_int_equal(run("generate --ignore-chat-template --temp 0 -m 4 Once"), 0);
    snprintf(expected[1], sizeof expected[1], "%.*s", (int)out_bytes - 1, out);
    write_text("requests", CHAT("one", ", \"seed\": 3, \"max_tokens\": 8, \"user\": \"me\"") "\n" TEXT(
                               "two", "\"prompt\": \"Once\", \"temperature\": 0, \"max_tokens\": 4, \"logprobs\": 2"));
    run_batch("");

    assert_non_null(result = result_at(0));
    assert_string_equal(text(result, "custom_id"), "one");
    assert_true(bb_json_is(bb_json_get(result, "error"), BB_JSON_NULL));
    assert_int_equal(number(bb_json_get(result, "response"), "status_code"), 200);
    assert_string_equal(text(body_of(result), "object"), "chat.completion");
    assert_string_equal(text(bb_json_get(choice_of(result), "message"), "content"), expected[0]);
    assert_string_equal(text(choice_of(result), "finish_reason"), "length");
    assert_int_equal(number(bb_json_get(body_of(result), "usage"), "completion_tokens"), 8);
    bb_json_free(&document);

    assert_non_null(result = result_at(1));
    assert_string_equal(text(choice_of(result), "text"), expected[1]);
    const bb_json *logprobs = bb_json_get(choice_of(result), "logprobs");
    assert_int_equal(bb_json_get(logprobs, "tokens")->count, 4);
    const bb_json *tokens = bb_json_get(logprobs, "tokens"), *top = bb_json_get(logprobs, "top_logprobs");
    int64_t at = 0;
    for (size_t i = 0; i < 4; i++) {
        double best;
        assert_int_equal(top->items[i].size, 2);
        /* Greedy: the token is the likeliest one. */
        assert_true(bb_json_to_double(&bb_json_get(logprobs, "token_logprobs")->items[i], &best));
        assert_true(number(&top->items[i], tokens->items[i].text) == best);
        assert_int_equal(item(bb_json_get(logprobs, "text_offset"), i), at);
        at += (int64_t)tokens->items[i].bytes; /* ASCII, all of it */
    }
    assert_int_equal(at, strlen(expected[1]));
    bb_json_free(&document);
    assert_null(result_at(2));
}

static void a_chats_log_probabilities_tell_bytes(void **state)
{
    (void)state;
    remove("results");
    write_text("requests", CHAT("a", ", \"max_tokens\": 3, \"logprobs\": true, \"top_logprobs\": 2"));
    run_batch("");
    const bb_json *choice = choice_of(result_at(0)), *content = bb_json_get(bb_json_get(choice, "logprobs"), "content");
    assert_true(bb_json_is(bb_json_get(bb_json_get(choice, "message"), "refusal"), BB_JSON_NULL));
    assert_int_equal(content->count, 3);
    for (size_t i = 0; i < 3; i++) {
        const bb_json *entry = &content->items[i], *bytes = bb_json_get(entry, "bytes"), *token = bb_json_get(entry, "token");
        assert_int_equal(bytes->count, token->bytes);
        for (size_t k = 0; k < bytes->count; k++)
            assert_int_equal(item(bytes, k), (unsigned char)token->text[k]);
        assert_int_equal(bb_json_get(entry, "top_logprobs")->count, 2);
        assert_true(bb_json_is(bb_json_get(&bb_json_get(entry, "top_logprobs")->items[1], "bytes"), BB_JSON_ARRAY));
    }
    bb_json_free(&document);
}

static void what_cannot_be_heeded_is_refused_by_name(void **state)
{
    (void)state;
    remove("results");
    write_text(
        "requests",
        CHAT("a", ", \"n\": 2") CHAT("b", ", \"temperature\": \"warm\"") CHAT("c", ", \"temperature\": -1") CHAT(
            "d", ", \"functions\": []") CHAT("e", ", \"top_logprobs\": 3") CHAT("f", ", \"stop\": [1]") TEXT("g", "\"max_tokens\": 3")
            TEXT("h", "\"prompt\": [1, 99999999]") TEXT(
                "i",
                "\"prompt\": [\"two\", \"texts\"]") "{\"custom_id\": \"j\", \"url\": \"/v1/embeddings\", \"body\": {}}\n"
                                                    "{\"custom_id\": \"k\", \"url\": \"/v1/completions\"}\nnonsense\n" TEXT(
                                                        "m",
                                                        "\"prompt\": \"Hi\", \"max_tokens\": 1, \"n\": 1, \"stream\": false, \"stop\": null"));
    run_batch("");
    expect_refusal(0, "a", 400, "n: 2, which is not supported here, expected 1");
    expect_refusal(1, "b", 400, "temperature: a string, expected a number");
    expect_refusal(2, "c", 400, "request: temperature: -1, expected");
    expect_refusal(3, "d", 400, "functions: not supported");
    expect_refusal(4, "e", 400, "top_logprobs: needs \"logprobs\": true");
    expect_refusal(5, "f", 400, "stop: a number, expected strings");
    expect_refusal(6, "g", 400, "prompt: missing");
    expect_refusal(7, "h", 400, "prompt: token 1 is 99999999, expected an id from 0 to ");
    expect_refusal(8, "i", 400, "prompt: a string behind a text, expected one text, or an array of token ids");
    expect_refusal(9, "j", 404, "url: expected /v1/chat/completions or /v1/completions");
    for (int i = 10; i < 12; i++) {
        const bb_json *result = result_at(i);
        assert_true(bb_json_is(bb_json_get(result, "response"), BB_JSON_NULL));
        assert_string_equal(text(bb_json_get(result, "error"), "code"), "invalid_line");
        assert_says(text(bb_json_get(result, "error"), "message"), i == 10 ? "body: missing" : "malformed JSON");
        bb_json_free(&document);
    }
    assert_int_equal(number(bb_json_get(result_at(12), "response"), "status_code"), 200);
    bb_json_free(&document);
}

static void what_asks_for_nothing_passes(void **state)
{
    static char first[4096];

    (void)state;
    remove("results");
    write_text("requests",
               TEXT("text", "\"prompt\": \"Once\", \"max_tokens\": 6, \"seed\": 7") TEXT(
                   "list", "\"prompt\": [\"Once\"], \"max_tokens\": 6.0, \"seed\": 7.0, \"suffix\": \"\", \"safety_identifier\": \"me\"")
                   CHAT("chat", ", \"max_tokens\": 1, \"parallel_tool_calls\": false, \"prompt_cache_key\": \"k\", "
                                "\"modalities\": [\"text\"], \"seed\": 18446744073709551615"));
    run_batch("");
    snprintf(first, sizeof first, "%s", text(choice_of(result_at(0)), "text"));
    bb_json_free(&document);
    assert_string_equal(text(choice_of(result_at(1)), "text"), first);
    bb_json_free(&document);
    assert_int_equal(number(bb_json_get(result_at(2), "response"), "status_code"), 200);
    bb_json_free(&document);

    remove("results");
    write_text("requests", CHAT("a", ", \"seed\": 18446744073709551616") CHAT("b", ", \"seed\": 1.5") CHAT("c", ", \"seed\": 1e30")
                               CHAT("d", ", \"modalities\": [\"audio\"]") CHAT("e", ", \"parallel_tool_calls\": 1")
                                   TEXT("f", "\"prompt\": \"Hi\", \"suffix\": \"end\"") TEXT("g", "\"prompt\": [\"Hi\", 3]")
                                       TEXT("h", "\"prompt\": [3, \"Hi\"]"));
    run_batch("");
    expect_refusal(0, "a", 400, "seed: 18446744073709551616, expected an integer of 64 bits");
    expect_refusal(1, "b", 400, "seed: 1.5, expected an integer");
    expect_refusal(2, "c", 400, "seed: 1e30, expected an integer");
    expect_refusal(3, "d", 400, "modalities: not supported, but for [\"text\"]");
    expect_refusal(4, "e", 400, "parallel_tool_calls: a number, expected ");
    expect_refusal(5, "f", 400, "suffix: not supported");
    expect_refusal(6, "g", 400, "prompt: a number behind a text, expected one text");
    expect_refusal(7, "h", 400, "prompt: a string, expected one text");
}

/* What answers say, of all lines one behind the other. */
static void gather(char *into, size_t size, int count)
{
    *into = '\0';
    for (int i = 0; i < count; i++) {
        const bb_json *result = result_at(i);
        assert_non_null(result);
        snprintf(into + strlen(into), size - strlen(into), "%s: %s\n", text(result, "custom_id"), text(choice_of(result), "text"));
        bb_json_free(&document);
    }
    assert_null(result_at(count));
}

static void a_killed_run_is_continued(void **state)
{
    enum { REQUESTS = 120 };
    static char whole[1 << 18], continued[1 << 18];

    (void)state;
    remove("results");
    FILE *file = fopen("requests", "w");
    for (int i = 0; i < REQUESTS; i++)
        fprintf(file, TEXT("request %d", "\"prompt\": \"Once %d\", \"max_tokens\": %d"), i, i % 7, 1 + i % 40);
    fclose(file);
    run_batch("--seed 5");
    gather(whole, sizeof whole, REQUESTS);

    /* A piece of a line, and runs that are killed wherever they are. */
    assert_int_equal(system("head -c 3000 results >part && mv part results"), 0);
    for (int i = 0; i < 3; i++)
        if (system("timeout -s KILL 0.15 " BOMBUS_PROGRAM
                   " batch --input requests --output results --quiet --seed 5 --concurrency 3 2>err") == -1)
            abort();
    run_batch("--seed 5 --concurrency 7 --kv-memory 1");
    gather(continued, sizeof continued, REQUESTS);
    assert_string_equal(whole, continued);

    assert_int_equal(run("batch --input requests --output results --seed 5"), 0);
    assert_says(complaint, "results: nothing to do");
}

static void an_interrupted_run_is_continued(void **state)
{
    (void)state;
    remove("results");
    write_text("requests", TEXT("first", "\"prompt\": \"Hi\", \"max_tokens\": 2, \"temperature\": 0")
                               TEXT("second", "\"prompt\": \"Hi\", \"max_tokens\": 3, \"temperature\": 0"));
    /* The context is longer than the model was made for, and so is the time it takes to fill it. */
    FILE *file = fopen("endless", "w");
    fprintf(file, TEXT("first", "\"prompt\": \"Hi\", \"max_tokens\": 2, \"temperature\": 0")
                      TEXT("second", "\"prompt\": \"Hi\", \"max_tokens\": 1000000, \"logit_bias\": {\"0\": -100, \"2\": -100}"));
    fclose(file);
    const int status = system("timeout -s INT 1.5 " BOMBUS_PROGRAM
                              " batch --input endless --output results --context 1000000 --kv-memory 4096 >out 2>err; test $? = 124");
    assert_int_equal(status, 0);
    slurp("results", results, sizeof results);
    assert_non_null(result_at(0));
    bb_json_free(&document);
    assert_null(result_at(1));
    run_batch("");
    assert_non_null(result_at(1));
    bb_json_free(&document);
}

static void a_long_answer_stalls_no_other(void **state)
{
    enum { SHORT = 100 };

    (void)state;
    remove("results");
    FILE *file = fopen("endless", "w");
    fprintf(file, TEXT("long", "\"prompt\": \"Hi\", \"max_tokens\": 1000000, \"logit_bias\": {\"0\": -100, \"2\": -100}"));
    for (int i = 0; i < SHORT; i++)
        fprintf(file, TEXT("short %d", "\"prompt\": \"Hi\", \"max_tokens\": 1"), i);
    fclose(file);
    const int status =
        system("timeout --foreground -s INT 4 " BOMBUS_PROGRAM " batch --input endless --output results --concurrency 2 --context 1000000 "
               "--kv-memory 4096 >out 2>err; test $? = 124");
    assert_int_equal(status, 0);
    slurp("err", complaint, sizeof complaint);
    static const char said[] = "Results not written: ";
    assert_says(complaint, said);
    assert_true(atoi(strstr(complaint, said) + sizeof said - 1) > 8); /* more than the engine is given at once */
    slurp("results", results, sizeof results);
    assert_null(result_at(0));
}

static void the_results_of_other_requests_are_left_alone(void **state)
{
    static char before[1 << 16];

    (void)state;
    remove("results");
    write_text("requests", TEXT("x", "\"prompt\": \"Hi\", \"max_tokens\": 2") TEXT("y", "\"prompt\": \"Hi\", \"max_tokens\": 2"));
    run_batch("");
    memcpy(before, results, sizeof before);
    write_text("requests", TEXT("x", "\"prompt\": \"Hi\"") TEXT("z", "\"prompt\": \"Hi\"") TEXT("y", "\"prompt\": \"Hi\""));
    assert_int_equal(run("batch --input requests --output results"), 1);
    assert_says(complaint, "results: result 2 is that of \"y\", expected \"z\"");
    write_text("requests", TEXT("x", "\"prompt\": \"Hi\""));
    assert_int_equal(run("batch --input requests --output results"), 1);
    assert_says(complaint, "results: has more results than requests has requests (1)");
    slurp("results", results, sizeof results);
    assert_string_equal(results, before);
}

/* The output is content; the run fails with message, and content stays. */
static void expect_left_alone(const char *content, const char *message, const char *arguments)
{
    static char after[1 << 16];

    write_text("notes", content);
    assert_int_equal(run("batch %s", arguments), 1);
    assert_says(complaint, message);
    slurp("notes", after, sizeof after);
    assert_string_equal(after, content);
}

static void a_file_that_is_no_results_is_left_alone(void **state)
{
    (void)state;
    write_text("requests", TEXT("x", "\"prompt\": \"Hi\", \"max_tokens\": 2") "nonsense\n");
    expect_left_alone("my only notes", "notes: line 1 begins otherwise", "--input requests --output notes");
    expect_left_alone("my only notes\n", "notes: line 1 begins otherwise", "--input requests --output notes");
    expect_left_alone("{\"id\":\"batch_req_0\",\"custom_id\":\"x\"}\n{\"id\":\"of mine\"}\n", "notes: line 2 begins otherwise",
                      "--input requests --output notes");
    expect_left_alone("{\"id\":\"batch_req_0\",\"custom_id\":\"x\"}\n{\"id\":\"of", "notes: line 2 begins otherwise",
                      "--input requests --output notes");
    expect_left_alone("{\"custom_id\": \"x\"}\n{\"id\":\"bat", "notes: the input itself", "--input notes --output notes");
    expect_left_alone("{\"custom_id\": \"x\"}\n{\"id\":\"bat", "notes: the input itself", "--input - --output notes <notes");
    expect_left_alone("{\"id\":\"bat", "nowhere", "--model nowhere --input requests --output notes");
    expect_failure(1, "/dev/null: no regular file", "batch --model m --input requests --output /dev/null");

    write_text("results", "{\"id\":\"batch_req_0\",\"custom_id\":\"x\"}\n{\"id\":\"bat");
    run_batch("");
    assert_string_equal(text(result_at(0), "custom_id"), "x");
    bb_json_free(&document);
    assert_string_equal(text(bb_json_get(result_at(1), "error"), "code"), "invalid_line");
    bb_json_free(&document);
    assert_null(result_at(2));
}

static void what_another_wrote_meanwhile_is_left_alone(void **state)
{
    static char after[1 << 16];

    (void)state;
    write_text("requests", TEXT("x", "\"prompt\": \"Hi\""));
    write_text("notes", "{\"id\":");
    /* The template comes when the results have been looked at: its reader is there then. */
    assert_int_equal(system("mkfifo template && { exec 3>template; echo mine >>notes; echo '{{ messages }}' >&3; } &"), 0);
    assert_int_equal(run("batch --input requests --output notes --chat-template template"), 1);
    assert_says(complaint, "notes: has changed since it was read: is another run writing it?");
    slurp("notes", after, sizeof after);
    assert_string_equal(after, "{\"id\":mine\n");
}

static void only_a_post_is_answered(void **state)
{
    (void)state;
    remove("results");
    write_text("requests", "{\"custom_id\": \"a\", \"method\": \"DELETE\", \"url\": \"/v1/completions\", \"body\": {\"prompt\": \"Hi\"}}\n"
                           "{\"custom_id\": \"b\", \"method\": 1, \"url\": \"/v1/completions\", \"body\": {\"prompt\": \"Hi\"}}\n");
    run_batch("");
    expect_refusal(0, "a", 405, "method: expected \"POST\"");
    expect_refusal(1, "b", 405, "method: expected \"POST\"");
}

static void two_lines_of_one_custom_id_are_refused(void **state)
{
    (void)state;
    remove("results");
    write_text("requests", TEXT("b", "\"prompt\": \"Hi\"") "\n" TEXT("a", "\"prompt\": \"Hi\"") TEXT("b", "\"prompt\": \"Hi\""));
    expect_failure(1, "requests: line 4: custom_id: \"b\", which line 1 has already", "batch --model m --input requests --output results");
    assert_int_not_equal(access("results", F_OK), 0);
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    expect_failure(2, "--input is missing", "batch --output results");
    expect_failure(2, "--output is missing", "batch --input requests");
    expect_failure(2, "--output -: expected a file", "batch --input requests --output -");
    expect_failure(1, "nowhere: cannot open", "batch --model m --input nowhere --output results");
    expect_failure(1, "missing/results: cannot open", "batch --model m --input in --output missing/results");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_that_of_generate),
        cmocka_unit_test(a_chats_log_probabilities_tell_bytes),
        cmocka_unit_test(what_cannot_be_heeded_is_refused_by_name),
        cmocka_unit_test(what_asks_for_nothing_passes),
        cmocka_unit_test(a_killed_run_is_continued),
        cmocka_unit_test(an_interrupted_run_is_continued),
        cmocka_unit_test(a_long_answer_stalls_no_other),
        cmocka_unit_test(the_results_of_other_requests_are_left_alone),
        cmocka_unit_test(a_file_that_is_no_results_is_left_alone),
        cmocka_unit_test(what_another_wrote_meanwhile_is_left_alone),
        cmocka_unit_test(only_a_post_is_answered),
        cmocka_unit_test(two_lines_of_one_custom_id_are_refused),
        cmocka_unit_test(wrong_usage_is_told),
    };
    const char *temporary = enter_temporary();
    write_text("in", "");
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
