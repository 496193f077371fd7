/* The program as its users run it: what goes where, exit statuses, messages, and the answers themselves. */
#include "base/memory.h"
#include "cli/program.h"

#include <bombus/safetensors.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>

/* ---- without a model ---- */

static void the_version_goes_to_standard_output(void **state)
{
    (void)state;
    assert_int_equal(run("version"), 0);
    assert_int_equal(strncmp(out, "bombus ", 7), 0);
    assert_string_equal(complaint, "");
    assert_int_equal(run("--version"), 0);
    assert_int_equal(strncmp(out, "bombus ", 7), 0);
}

static void help_is_complete_and_the_same_by_both_ways(void **state)
{
    static const char *const commands[] = {"generate", "chat", "template", "tokenize", "inspect", "perplexity", "bench", "version"};
    static char first[sizeof out];

    (void)state;
    assert_int_equal(run("--help"), 0);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        assert_says(out, commands[i]);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        assert_int_equal(run("help %s", commands[i]), 0);
        assert_string_equal(complaint, "");
        memcpy(first, out, out_bytes + 1);
        assert_int_equal(run("%s --help", commands[i]), 0);
        assert_string_equal(out, first);
        assert_says(out, "Usage: bombus ");
        assert_says(out, "Exit status");
    }
    run("generate --help");
    static const char *const flags[] = {"--model", "--prompt", "-p,",    "--max-tokens",           "-m,",       "--temp",    "--top-p",
                                        "--top-k", "--min-p",  "--seed", "--ignore-chat-template", "--threads", "--compute", "--json",
                                        "--stop"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        assert_says(out, flags[i]);
}

static void wrong_usage_is_status_2_and_names_the_flag(void **state)
{
    (void)state;
    expect_failure(2, "no command", "");
    expect_failure(2, "unknown command generat", "generat");
    expect_failure(2, "unknown command x", "help x");
    expect_failure(2, "unknown option --tempp", "generate --model m --tempp 1 hello");
    expect_failure(2, "unknown option -q", "generate -q");
    expect_failure(2, "--temp needs a value", "generate --model m --temp");
    expect_failure(2, "--json takes no value", "generate --model m --json=yes hello");
    expect_failure(2, "no prompt", "generate --model m");
    expect_failure(2, "unexpected argument \"there\"", "generate --model m hello there");
    expect_failure(2, "unexpected argument \"hello\"", "generate --model m -p there hello");
    expect_failure(2, "--temp: \"warm\", expected a number of at least 0", "generate --model m --temp warm hello");
    expect_failure(2, "--temp: \"-1\", expected a number of at least 0", "generate --model m --temp -1 hello");
    expect_failure(2, "--temp: \"nan\", expected", "generate --model m --temp nan hello");
    expect_failure(2, "--temp: \"inf\", expected", "generate --model m --temp=inf hello");
    expect_failure(2, "--temp: \"\", expected", "generate --model m --temp= hello");
    expect_failure(2, "--top-p: \"1.5\", expected a number from 0 to 1", "generate --model m --top-p 1.5 hello");
    expect_failure(2, "--min-p: \"0.1x\", expected a number from 0 to 1", "generate --model m --min-p 0.1x hello");
    expect_failure(2, "--presence-penalty: \"x\", expected a number ", "generate --model m --presence-penalty x hello");
    expect_failure(2, "--top-k: \"-3\", expected an integer from 0 to 2147483647", "generate --model m --top-k -3 hello");
    expect_failure(2, "--top-k: \"2.5\", expected an integer", "generate --model m --top-k 2.5 hello");
    expect_failure(2, "--max-tokens: \"0\", expected an integer from 1 to 2147483647", "generate --model m -m 0 hello");
    expect_failure(2, "--max-tokens: \"99999999999999999999\", expected", "generate --model m -m99999999999999999999 hello");
    expect_failure(2, "--seed: \"-1\", expected an integer from 0 to 18446744073709551615", "generate --model m --seed -1 hello");
    expect_failure(2, "--threads: \"0\", expected an integer from 1 to 1024", "generate --model m --threads 0 hello");
    expect_failure(2, "--compute quick: not supported, expected exact or fast", "generate --model m --compute quick hello");
    expect_failure(2, "--kv-dtype q4: not supported, expected f32 or f16", "generate --model m --kv-dtype q4 hello");
    expect_failure(2, "--logit-bias: \"x:1\", expected ID:BIAS", "generate --model m --logit-bias x:1 hello");
    expect_failure(2, "--logit-bias: \"1:nan\", expected ID:BIAS", "generate --model m --logit-bias 1:nan hello");
    expect_failure(2, "--logit-bias: \"1\", expected ID:BIAS", "generate --model m --logit-bias 1 hello");
    expect_failure(2, "--verbose: \"maybe\", expected True or False", "generate --model m --verbose maybe hello");
    expect_failure(2, "--logprobs needs --json", "generate --model m --logprobs 2 hello");
    expect_failure(2, "--logprobs: \"21\", expected an integer from 0 to 20", "generate --model m --json --logprobs 21 hello");
    expect_failure(2, "no text", "tokenize --model m");
    expect_failure(2, "no ids", "tokenize --model m --decode");
    expect_failure(2, "unexpected argument \"b\"", "tokenize --model m a b");
    expect_failure(2, "--data is missing", "perplexity --model m");
    expect_failure(2, "--context: \"1\", expected an integer from 2", "perplexity --model m --data in --context 1");
}

/* The one that comes with bombus is found from where the program is: in a checkout, and installed. */
static void without_model_a_command_uses_the_one_that_comes_with_bombus_and_says_so(void **state)
{
    (void)state;
    char own[sizeof out];

    assert_int_equal(run("generate 'Write a post about Elixir' --seed 1 -m 40"), 0);
    assert_non_null(strstr(complaint, "bombus: no --model, so this is the small one that comes with bombus: /"));
    assert_non_null(strstr(complaint, "/models/bombus-post-4bit\n"));
    assert_true(out_bytes > 20);
    strcpy(own, out);
    assert_int_equal(run("generate 'Write a post about Elixir' --seed 2 -m 40"), 0);
    assert_string_not_equal(out, own);
    const char *const others[] = {"tokenize hello", "inspect", "perplexity --data in", "template --messages messages.json"};
    write_text("in", "a text of some words");
    write_text("messages.json", "[{\"role\": \"user\", \"content\": \"Hi\"}]");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(run("%s", others[i]), 0);
        assert_non_null(strstr(complaint, "comes with bombus"));
    }
    write_text("in", "");
}

static void a_program_without_its_model_asks_for_one(void **state)
{
    (void)state;
    assert_int_equal(system("mkdir -p alone/bin && cp " BOMBUS_PROGRAM " alone/bin/bombus"), 0);
    const char *const commands[] = {"generate hello", "chat", "tokenize hello", "inspect", "perplexity --data in"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char command[256];
        snprintf(command, sizeof command, "alone/bin/bombus %s </dev/null >out 2>err", commands[i]);
        assert_int_equal(WEXITSTATUS(system(command)), 2);
        slurp("err", complaint, sizeof complaint);
        assert_non_null(strstr(complaint, "--model is missing, and the model that comes with bombus is not where it was installed"));
    }
}

static void missing_models_and_unreadable_input_are_status_1(void **state)
{
    (void)state;
    expect_failure(1, "nowhere", "generate --model nowhere hello");
    expect_failure(1, "nowhere", "inspect --model nowhere");
    expect_failure(1, "nowhere", "tokenize --model nowhere hello");
    expect_failure(1, "prompt: empty, expected a text", "generate --model nowhere ''");
    expect_failure(1, "prompt: empty, expected a text", "generate --model nowhere -");
    expect_failure(1, "/dev/null: is a file, expected a model directory", "generate --model /dev/null hello");
    expect_failure(1, "/dev/null: is a file, expected a model directory", "perplexity --model /dev/null --data /dev/null");
    expect_failure(1, "none.txt: cannot open: No such file", "perplexity --model nowhere --data none.txt");
    expect_failure(1, "/: is a directory, expected a file", "perplexity --model nowhere --data /");
}

static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(WEXITSTATUS(system(BOMBUS_PROGRAM " version >/dev/full 2>err")), 1);
    slurp("err", complaint, sizeof complaint);
    assert_string_equal(complaint, "bombus: standard output: cannot write: No space left on device\n");
}

/* ---- with the trained models ---- */

static const char *const models[] = {BOMBUS_SHARED "/models/stories260k", BOMBUS_SHARED "/models/stories260k-mlx-8bit",
                                     BOMBUS_SHARED "/models/stories260k-mlx-4bit"};
#define MODEL      BOMBUS_SHARED "/models/stories260k"
#define TOKENIZERS BOMBUS_SHARED "/tokenizers"

static bb_json_document golden; /* of the dense model */

static void greedy_answers_are_those_of_mlx(void **state)
{
    (void)state;
    for (int m = 0; m < 3; m++) {
        char path[4096];
        bb_json_document want;
        snprintf(path, sizeof path, "%s/golden.json", models[m]);
        assert_ok(bb_json_load(&want, path, &err), err);
        const bb_json *prompt = bb_json_get(&want.root, "prompt_ids"), *ids = bb_json_get(&want.root, "greedy_ids");

        assert_int_equal(
            run("generate --model %s --json -m %zu --threads %d '%s'", models[m], ids->count, 1 + m, text(&want.root, "prompt")), 0);
        const bb_json *answer = parse_output(), *generated = bb_json_get(answer, "generated_tokens");
        assert_int_equal(bb_json_get(answer, "prompt_tokens")->count, prompt->count);
        for (size_t i = 0; i < prompt->count; i++)
            assert_int_equal(item(bb_json_get(answer, "prompt_tokens"), i), item(prompt, i));
        assert_int_equal(generated->count, ids->count);
        for (size_t i = 0; i < ids->count; i++)
            assert_int_equal(item(generated, i), item(ids, i));
        assert_string_equal(text(answer, "text"), text(&want.root, "greedy_text"));
        assert_string_equal(text(answer, "finish_reason"), "length");
        assert_int_equal(number(answer, "prompt_token_count"), prompt->count);
        assert_int_equal(number(answer, "generated_token_count"), ids->count);
        assert_true(number(answer, "generated_tokens_per_second") > 0);
        assert_true(number(answer, "prompt_tokens_per_second") > 0);
        assert_true(number(answer, "peak_memory_bytes") > 1e6);
        bb_json_free(&document);
        bb_json_free(&want);
    }
}

static void text_streams_to_standard_output_and_nothing_else_does(void **state)
{
    static char streamed[sizeof out];

    (void)state;
    assert_int_equal(run("generate --model " MODEL " -m 30 'Once upon a time'"), 0);
    memcpy(streamed, out, out_bytes + 1);
    assert_says(complaint, "Prompt: 5 tokens, ");
    assert_says(complaint, "Generation: 30 tokens, ");
    assert_says(complaint, "Peak memory: ");
    const char *greedy = text(&golden.root, "greedy_text");
    const size_t length = strlen(streamed) - 1;
    assert_in_range(length, 60, 200);
    assert_memory_equal(streamed, greedy, length);
    assert_string_equal(streamed + length, "\n");

    assert_int_equal(run("generate --model " MODEL " --max-tokens=30 --verbose False -p 'Once upon a time'"), 0);
    assert_string_equal(out, streamed);
    assert_string_equal(complaint, "");
    assert_int_equal(run("generate --model=" MODEL " -m30 --ignore-chat-template --compute exact -- 'Once upon a time'"), 0);
    assert_string_equal(out, streamed);

    write_file("prompt", "Once upon a time", 16);
    assert_int_equal(run("generate --model " MODEL " -m 30 - <prompt"), 0);
    assert_string_equal(out, streamed);
    assert_int_equal(run("generate --model " MODEL " -m 30 -p - <prompt"), 0);
    assert_string_equal(out, streamed);

    assert_int_equal(run("generate --model " MODEL " -m 30 --prefill-step-size 2 --threads 3 'Once upon a time'"), 0);
    assert_string_equal(out, streamed);
    assert_int_equal(run("generate --model " MODEL " -m 30 --kv-dtype f16 'Once upon a time'"), 0);
    assert_true(out_bytes > 30);
}

static void a_seed_repeats_an_answer(void **state)
{
    static char first[sizeof out];

    (void)state;
    assert_int_equal(run("generate --model " MODEL " -m 40 --temp 1.2 --seed 5 --top-p 0.95 Once"), 0);
    memcpy(first, out, out_bytes + 1);
    assert_int_equal(run("generate --model " MODEL " -m 40 --temp 1.2 --seed 5 --top-p 0.95 --threads 2 --prefill-step-size 1 Once"), 0);
    assert_string_equal(out, first);
    assert_int_equal(run("generate --model " MODEL " -m 40 --temp 1.2 --seed 6 --top-p 0.95 Once"), 0);
    assert_string_not_equal(out, first);

    assert_int_equal(run("generate --model " MODEL " -m 40 --temp 1.2 --top-p 0.95 --json Once"), 0);
    const bb_json *answer = parse_output();
    char *drawn = bb_strdup(text(answer, "text"));
    const double seed = number(answer, "seed");
    bb_json_free(&document);
    assert_int_equal(run("generate --model " MODEL " -m 40 --temp 1.2 --top-p 0.95 --json --seed %.0f Once", seed), 0);
    assert_string_equal(text(parse_output(), "text"), drawn);
    bb_json_free(&document);
    bb_free(drawn);
}

static void answers_end_where_they_are_told_to(void **state)
{
    const bb_json *answer;

    (void)state;
    /* ", there was a little girl named Lily. She ..." */
    assert_int_equal(run("generate --model " MODEL " --json --stop 'named Lil' --stop ' She' 'Once upon a time'"), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "text"), ", there was a little girl ");
    assert_string_equal(text(answer, "finish_reason"), "stop");
    bb_json_free(&document);
    assert_int_equal(run("generate --model " MODEL " --stop 'named Lil' --stop ' She' 'Once upon a time'"), 0);
    assert_string_equal(out, ", there was a little girl \n");

    /* "girl" is found, and waits for the longer one that began before it, when the answer is full. */
    assert_int_equal(run("generate --model " MODEL " --json -m 8 --stop girl --stop 'little girl named Lily. XYZ' 'Once upon a time'"), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "text"), ", there was a little ");
    assert_string_equal(text(answer, "finish_reason"), "stop");
    bb_json_free(&document);

    const long end = (long)item(bb_json_get(&golden.root, "greedy_ids"), 3);
    assert_int_equal(run("generate --model " MODEL " --json --extra-eos-token %ld 'Once upon a time'", end), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "finish_reason"), "stop");
    assert_int_equal(bb_json_get(answer, "generated_tokens")->count, 3);
    bb_json_free(&document);

    assert_int_equal(run("generate --model " MODEL " --json --context 12 'Once upon a time'"), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "finish_reason"), "length");
    assert_int_equal(bb_json_get(answer, "generated_tokens")->count, 8); /* the last is drawn, not fed */
    bb_json_free(&document);
}

static void the_end_that_the_tokenizer_names_ends_answers_too(void **state)
{
    (void)state;
    assert_int_equal(system("rm -rf endless && cp -r " MODEL " endless && chmod -R u+w endless && "
                            "sed -i 's/\"eos_token_id\": 2/\"eos_token_id\": 400/' endless/config.json"),
                     0);
    assert_int_equal(run("generate --model endless --json --logit-bias 2:1000 'Once upon a time'"), 0);
    const bb_json *answer = parse_output();
    assert_string_equal(text(answer, "finish_reason"), "stop");
    assert_int_equal(bb_json_get(answer, "generated_tokens")->count, 0);
    bb_json_free(&document);

    assert_int_equal(run("generate --model endless --json -m 3 --ignore-eos --logit-bias 2:1000 'Once upon a time'"), 0);
    answer = parse_output();
    assert_string_equal(text(answer, "finish_reason"), "length");
    bb_json_free(&document);
}

static void bias_and_logprobs_show_in_the_answer(void **state)
{
    const long first = (long)item(bb_json_get(&golden.root, "greedy_ids"), 0);
    const bb_json *answer;

    (void)state;
    assert_int_equal(run("generate --model " MODEL " --json --logprobs 3 -m 5 'Once upon a time'"), 0);
    answer = bb_json_get(parse_output(), "logprobs");
    assert_int_equal(answer->count, 5);
    for (size_t i = 0; i < 5; i++) {
        const bb_json *top = bb_json_get(&answer->items[i], "top");
        assert_int_equal(top->count, 3);
        assert_true(number(&top->items[0], "id") == number(&answer->items[i], "id"));
        assert_true(number(&top->items[0], "logprob") == number(&answer->items[i], "logprob"));
        assert_true(number(&top->items[0], "logprob") <= 0);
        assert_true(number(&top->items[0], "logprob") >= number(&top->items[1], "logprob"));
        text(&top->items[2], "token");
    }
    bb_json_free(&document);

    assert_int_equal(run("generate --model " MODEL " --json --logprobs 0 -m 2 --logit-bias %ld:-inf 'Once upon a time'", first), 0);
    answer = parse_output();
    assert_int_not_equal(item(bb_json_get(answer, "generated_tokens"), 0), first);
    assert_int_equal(bb_json_get(&bb_json_get(answer, "logprobs")->items[0], "top")->count, 0);
    bb_json_free(&document);

    assert_int_equal(run("generate --model " MODEL " --json -m 4 --logit-bias %ld:100 'Once upon a time'", first), 0);
    answer = bb_json_get(parse_output(), "generated_tokens");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(item(answer, i), first);
    bb_json_free(&document);
}

static void bad_prompts_are_refused(void **state)
{
    (void)state;
    write_file("long", "", 0);
    FILE *file = fopen("long", "wb");
    for (int i = 0; i < 600; i++)
        fputs("time ", file);
    fclose(file);
    expect_failure(1, "expected at most 512", "generate --model " MODEL " - <long");
    assert_says(complaint, "bombus: prompt: ");
    expect_failure(1, "prompt: 5 tokens, expected at most 4", "generate --model " MODEL " --context 4 'Once upon a time'");
    write_file("binary", "Once \xff upon", 11);
    expect_failure(1, "bombus: prompt: ", "generate --model " MODEL " - <binary");
    expect_failure(1, "logit_bias[0]: id 512, expected an id from 0 to 511", "generate --model " MODEL " --logit-bias 512:1 Once");
    expect_failure(1, "--extra-eos-token: \"<nothing>\"", "generate --model " MODEL " --extra-eos-token '<nothing>' Once");
    expect_failure(1, "stops[0]: empty", "generate --model " MODEL " --stop '' Once");
    expect_failure(1, "config.json", "generate --model " MODEL "/config.json Once");
}

static void a_closed_pipe_is_noticed(void **state)
{
    char code[8];

    (void)state;
    assert_int_equal(system("{ " BOMBUS_PROGRAM " generate --model " MODEL " -m 400 Once 2>err; echo $? >code; } | true"), 0);
    slurp("code", code, sizeof code);
    slurp("err", complaint, sizeof complaint);
    assert_string_equal(code, "1\n");
    assert_string_equal(complaint, "bombus: standard output: cannot write: Broken pipe\n");
}

/* Does the process catch SIGINT already? */
static bool catches_interrupt(pid_t pid)
{
    char path[64], status[8192];

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    slurp(path, status, sizeof status);
    const char *caught = strstr(status, "SigCgt:");
    return caught && strtoull(caught + 7, NULL, 16) >> (SIGINT - 1) & 1;
}

/* The pipe is full, so the program cannot come to an end before it is interrupted. */
static void an_interrupt_ends_the_answer_cleanly(void **state)
{
    static const char filling[4096];
    int ends[2], status;
    size_t drained = 0, filled = 0;
    ssize_t got;

    (void)state;
    if (access("/proc/self/status", R_OK) != 0)
        skip();
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while ((got = write(ends[1], filling, sizeof filling)) > 0)
        filled += (size_t)got;
    fcntl(ends[1], F_SETFL, 0);

    const pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        close(STDERR_FILENO);
        open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        execl(BOMBUS_PROGRAM, BOMBUS_PROGRAM, "generate", "--model", MODEL, "-m", "400", "Once upon a time", NULL);
        _exit(99);
    }
    close(ends[1]);
    for (int i = 0; i < 6000 && !catches_interrupt(pid); i++)
        usleep(10000);
    kill(pid, SIGINT);
    while ((got = read(ends[0], out, sizeof out)) > 0)
        drained += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_in_range(drained - filled, 1, 200);
    slurp("err", complaint, sizeof complaint);
    assert_says(complaint, "Finish reason: canceled");
}

/* ---- tokenize, inspect, perplexity ---- */

static void ids_of_a_text_come_back_as_the_text(void **state)
{
    static const char message[] = "  Zwei Zeilen,\n\tein Tab; \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x90\x9d\n";

    (void)state;
    assert_int_equal(run("tokenize --model " MODEL " 'Once upon a time'"), 0);
    assert_string_equal(out, "1 403 407 261 378\n");
    assert_int_equal(run("tokenize --model " MODEL " --no-special 'Once upon a time'"), 0);
    assert_string_equal(out, "403 407 261 378\n");
    assert_int_equal(run("tokenize --model " MODEL " --decode --no-special 1 403,407 261 378"), 0);
    assert_string_equal(out, "Once upon a time");

    write_file("text", message, sizeof message); /* with its NUL */
    static const char *const names[] = {TOKENIZERS "/qwen3", TOKENIZERS "/llama3/tokenizer.json"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run("tokenize --model %s --no-special - <text", names[i]), 0);
        assert_int_equal(rename("out", "ids"), 0);
        assert_int_equal(run("tokenize --model %s --decode - <ids", names[i]), 0);
        assert_int_equal(out_bytes, sizeof message);
        assert_memory_equal(out, message, sizeof message);
    }

    assert_int_equal(run("tokenize --model " TOKENIZERS "/qwen3 --json 'one two<|im_end|>'"), 0);
    const bb_json *answer = parse_output();
    assert_int_equal(bb_json_get(answer, "ids")->count, bb_json_get(answer, "tokens")->count);
    assert_true(bb_json_is_text(&bb_json_get(answer, "tokens")->items[0], "one"));
    assert_true(bb_json_is_text(&bb_json_get(answer, "tokens")->items[2], "<|im_end|>"));
    bb_json_free(&document);
    assert_int_equal(run("tokenize --model " TOKENIZERS "/qwen3 --json --no-special ''"), 0);
    assert_string_equal(out, "{\"ids\":[],\"tokens\":[]}\n");
    assert_int_equal(run("tokenize --model " TOKENIZERS "/qwen3 --json --decode 198"), 0);
    assert_string_equal(out, "{\"ids\":[198],\"text\":\"\\n\"}\n");
}

static void bad_text_and_bad_ids_are_refused(void **state)
{
    (void)state;
    write_file("binary", "ab\xff", 3);
    expect_failure(1, "bombus: standard input: ", "tokenize --model " MODEL " - <binary");
    expect_failure(1, "bombus: ids: ", "tokenize --model " MODEL " --decode 99999");
    expect_failure(1, "ids: \"x\", expected a token id", "tokenize --model " MODEL " --decode 5 x");
    expect_failure(1, "ids: \"-1\", expected a token id", "tokenize --model " MODEL " --decode 5 -1");
    expect_failure(1, "ids: \"99999999999\", expected a token id", "tokenize --model " MODEL " --decode 99999999999");
}

static void a_model_shows_what_it_is_made_of(void **state)
{
    (void)state;
    assert_int_equal(run("inspect --model %s", models[2]), 0);
    assert_says(out, "LlamaForCausalLM (llama)");
    assert_says(out, "affine, 4 bits, groups of 32");
    assert_string_equal(complaint, "");

    assert_int_equal(run("inspect --json --tensors --model %s", models[2]), 0);
    const bb_json *info = parse_output(), *tensors = bb_json_get(info, "tensors");
    double parameters = 0, bytes = 0;
    int quantized = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        const bb_json *shape = bb_json_get(&tensors->items[i], "shape");
        double count = 1;
        for (size_t j = 0; j < shape->count; j++)
            count *= (double)item(shape, j);
        parameters += count;
        bytes += number(&tensors->items[i], "bytes");
        quantized += bb_json_is(bb_json_get(&tensors->items[i], "quantization"), BB_JSON_OBJECT);
    }
    assert_true(parameters == number(info, "parameters"));
    assert_true(bytes == number(info, "weight_bytes"));
    assert_true(fabs(number(info, "bits_per_weight") - 8 * bytes / parameters) < 1e-3);
    assert_in_range(quantized, 1, (int)tensors->count - 1); /* down_proj does not fit a group */
    assert_int_equal(number(info, "kv_bytes_per_token"), 2 * 5 * 4 * 8 * 4);
    bb_json_free(&document);
}

/* From logits [T, V] as saved. */
static double mean_loss(const float *logits, const bb_json *ids, size_t V)
{
    double sum = 0;

    for (size_t t = 0; t + 1 < ids->count; t++) {
        double total = 0;
        for (size_t i = 0; i < V; i++)
            total += exp((double)logits[t * V + i]);
        sum += log(total) - (double)logits[t * V + (size_t)item(ids, t + 1)];
    }
    return sum / (double)(ids->count - 1);
}

static void perplexity_is_that_of_the_logits_it_saves(void **state)
{
    static float logits[5 * 512];
    bombus_safetensors *file;
    const char *prompt = text(&golden.root, "prompt");
    const bb_json *want = bb_json_get(&golden.root, "last_prompt_position_logits"), *answer;

    (void)state;
    write_file("data", prompt, strlen(prompt));
    assert_int_equal(run("perplexity --model " MODEL " --data data --logits saved.safetensors --json"), 0);
    assert_ok(bombus_safetensors_open(&file, "saved.safetensors", &err), err);
    const bombus_tensor_info *saved = bombus_safetensors_find(file, "logits");
    assert_non_null(saved);
    assert_int_equal(saved->dtype, BOMBUS_F32);
    assert_int_equal(saved->bytes, sizeof logits);
    assert_int_equal(saved->shape[0], 5);
    assert_int_equal(saved->shape[1], 512);
    memcpy(logits, saved->data, sizeof logits);
    bombus_safetensors_close(file);
    for (size_t i = 0; i < want->count; i++) {
        double value;
        assert_true(bb_json_to_double(&want->items[i], &value));
        assert_true(fabs((double)logits[4 * 512 + i] - value) < 1e-3);
    }

    const double loss = mean_loss(logits, bb_json_get(&golden.root, "prompt_ids"), 512);
    answer = parse_output();
    assert_true(fabs(number(answer, "loss") - loss) < 1e-5);
    assert_true(fabs(number(answer, "perplexity") - exp(loss)) < 1e-3);
    assert_int_equal(number(answer, "predicted_tokens"), 4);
    bb_json_free(&document);
}

static void a_text_longer_than_a_window_is_cut(void **state)
{
    const char *story = text(&golden.root, "greedy_text");

    (void)state;
    write_file("data", story, strlen(story));
    assert_int_equal(run("perplexity --model " MODEL " --data data --json"), 0);
    const bb_json *answer = parse_output();
    const int tokens = (int)number(answer, "tokens");
    const double whole = number(answer, "loss");
    assert_int_equal(number(answer, "windows"), 1);
    assert_int_equal(number(answer, "predicted_tokens"), tokens - 1);
    assert_true(whole < 1.5); /* its own most likely words */
    bb_json_free(&document);

    assert_int_equal(run("perplexity --model " MODEL " --data - --json --context 50 <data"), 0);
    answer = parse_output();
    const int windows = (tokens + 49) / 50;
    assert_int_equal(number(answer, "windows"), windows - (tokens % 50 == 1));
    assert_int_equal(number(answer, "predicted_tokens"), tokens - windows);
    assert_true(number(answer, "loss") > whole);
    bb_json_free(&document);

    assert_int_equal(run("perplexity --model " MODEL " --data data"), 0);
    assert_says(out, "Loss        ");
    assert_says(out, "Perplexity  ");
    assert_says(complaint, "tokens-per-sec");
    expect_failure(1, "expected at most 50 (the context) for --logits",
                   "perplexity --model " MODEL " --data data --context 50 --logits x.safetensors");
    expect_failure(1, "expected at least 2", "perplexity --model " MODEL " --data in");
}

int main(void)
{
    const struct CMUnitTest plain[] = {
        cmocka_unit_test(the_version_goes_to_standard_output),
        cmocka_unit_test(help_is_complete_and_the_same_by_both_ways),
        cmocka_unit_test(wrong_usage_is_status_2_and_names_the_flag),
        cmocka_unit_test(without_model_a_command_uses_the_one_that_comes_with_bombus_and_says_so),
        cmocka_unit_test(a_program_without_its_model_asks_for_one),
        cmocka_unit_test(missing_models_and_unreadable_input_are_status_1),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    const struct CMUnitTest trained[] = {
        cmocka_unit_test(greedy_answers_are_those_of_mlx),
        cmocka_unit_test(text_streams_to_standard_output_and_nothing_else_does),
        cmocka_unit_test(a_seed_repeats_an_answer),
        cmocka_unit_test(answers_end_where_they_are_told_to),
        cmocka_unit_test(the_end_that_the_tokenizer_names_ends_answers_too),
        cmocka_unit_test(bias_and_logprobs_show_in_the_answer),
        cmocka_unit_test(bad_prompts_are_refused),
        cmocka_unit_test(a_closed_pipe_is_noticed),
        cmocka_unit_test(an_interrupt_ends_the_answer_cleanly),
        cmocka_unit_test(ids_of_a_text_come_back_as_the_text),
        cmocka_unit_test(bad_text_and_bad_ids_are_refused),
        cmocka_unit_test(a_model_shows_what_it_is_made_of),
        cmocka_unit_test(perplexity_is_that_of_the_logits_it_saves),
        cmocka_unit_test(a_text_longer_than_a_window_is_cut),
    };
    const char *directory = enter_temporary();

    write_file("in", "", 0);
    int failed = cmocka_run_group_tests_name("without a model", plain, NULL, NULL);
    const bool have_models = access(MODEL "/golden.json", R_OK) == 0;
    if (have_models) {
        if (bb_json_load(&golden, MODEL "/golden.json", &err))
            abort();
        failed += cmocka_run_group_tests_name("with the trained models", trained, NULL, NULL);
        bb_json_free(&golden);
    }
    leave_temporary(directory);
    if (failed || have_models)
        return failed;
    printf("SKIP: %s is not there\n", MODEL);
    return 77;
}
