/* bombus bench as its users run it: the tables, the JSON, the complaints, and that no model of random weights stays behind. */
#include "cli/program.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>

/* Machine and model in a second or two. */
#define QUICK "bench --random tiny --repetitions 1 --threads 1 "

static int entries_of(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;

    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void the_json_has_the_machine_and_a_result_for_each_test(void **state)
{
    static const char *const texts[] = {"test", "compute", "kv", "mode"};
    static const char *const numbers[] = {"tokens",
                                          "depth",
                                          "batch",
                                          "threads",
                                          "bits",
                                          "group_size",
                                          "bits_per_weight",
                                          "seconds",
                                          "tokens_per_second",
                                          "limit_fraction",
                                          "best_limit_fraction",
                                          "resident_bytes"};

    (void)state;
    assert_int_equal(run(QUICK "-p 5,9 -n 2,3 --depth 0,40 --batch 1,2 --kv f32,f16 --json"), 0);
    assert_true(!*complaint || strstr(complaint, "less than four times the caches"));
    const bb_json *root = parse_output(), *machine = bb_json_get(root, "machine"), *limits = bb_json_get(machine, "limits");
    assert_int_equal(root->size, 3);
    assert_true(bb_json_is(bb_json_get(machine, "processor"), BB_JSON_STRING));
    assert_int_equal(limits->count, 1);
    assert_true(number(&limits->items[0], "threads") == 1);
    assert_true(number(&limits->items[0], "read_bytes_per_second") > 0);
    assert_true(number(&limits->items[0], "int8_operations_per_second") > 0);
    assert_true(number(&limits->items[0], "float_operations_per_second") > 0);
    assert_true(number(&limits->items[0], "read_buffer_bytes") > 0);
    assert_true(number(&limits->items[0], "cache_bytes") > 0);

    assert_string_equal(text(root, "model"), "tiny");
    const bb_json *results = bb_json_get(root, "results");
    assert_int_equal(results->count, 1 + 2 * (2 + 8)); /* one load; prefills and decodes with each type of keys */
    for (size_t i = 0; i < results->count; i++) {
        assert_int_equal(results->items[i].size, 16);
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            text(&results->items[i], texts[j]);
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
            assert_true(number(&results->items[i], numbers[j]) >= 0);
    }
    assert_string_equal(text(&results->items[0], "test"), "load");
    assert_string_equal(text(&results->items[1], "test"), "prefill");
    assert_true(number(&results->items[1], "tokens") == 5);
    const bb_json *last = &results->items[results->count - 1];
    assert_string_equal(text(last, "test"), "decode");
    assert_true(number(last, "tokens") == 3 && number(last, "depth") == 40 && number(last, "batch") == 2 && number(last, "bits") == 4);
    assert_true(number(last, "group_size") == 64 && number(last, "bits_per_weight") == 4.5);
    assert_string_equal(text(last, "kv"), "f16");
    assert_string_equal(text(last, "compute"), "exact");
    assert_string_equal(text(last, "mode"), "affine");
    bb_json_free(&document);
}

/* "decode, depth, batch" of each. */
static void expect_decodes(const char *arguments, const char *expected)
{
    char found[256] = "";

    assert_int_equal(run(QUICK "-p 0 -n 1 --json %s", arguments), 0);
    const bb_json *results = bb_json_get(parse_output(), "results");
    for (size_t i = 1; i < results->count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%gx%g ", number(&results->items[i], "depth"),
                 number(&results->items[i], "batch"));
    assert_string_equal(found, expected);
    bb_json_free(&document);
}

static void depths_are_for_one_sequence_and_batches_from_nothing_unless_both_are_given(void **state)
{
    (void)state;
    expect_decodes("", "0x1 2048x1 8192x1 0x2 0x4 0x8 ");
    expect_decodes("--depth 3,4", "3x1 4x1 ");
    expect_decodes("--batch 3,4", "0x3 0x4 ");
    expect_decodes("--batch 3,4 --depth 1,2", "1x3 2x3 1x4 2x4 ");
}

static void the_tables_name_what_was_measured(void **state)
{
    (void)state;
    assert_int_equal(run(QUICK "-p 8 -n 1 --depth 2 --mode mxfp4"), 0);
    assert_says(out, "read GB/s");
    assert_says(out, "1 thread ");
    assert_says(out, "tiny, mxfp4, 4 bits, groups of 32; 4.25 bits a weight with its scales\n");
    assert_says(out, "  of limit  of best ");
    assert_says(out, "\nload ");
    assert_says(out, "\nprefill ");
    assert_says(out, "\ndecode ");
    assert_int_equal(run(QUICK "-p 8 -n 0 --bits 16 --markdown"), 0);
    assert_says(out, "tiny, dense, 16 bits; 16.00 bits a weight with its scales\n");
    assert_says(out, "| test | tokens | depth |");
    assert_says(out, "\n| prefill | 8 | 0 | 1 | 1 | exact | f32 | ");
    assert_null(strstr(out, "decode"));
}

static void what_is_wrong_with_the_arguments_is_told(void **state)
{
    (void)state;
    expect_failure(2, "expected either --model or --random", "bench");
    expect_failure(2, "expected either --model or --random", "bench --model m --random tiny");
    expect_failure(2, "unexpected argument \"m\"", "bench m");
    expect_failure(2, "--random: \"gpt-5\", expected one of qwen3-0.6b, qwen3-1.7b, ", "bench --random gpt-5");
    expect_failure(2, "--depth: \"x\" in \"0,x\", expected integers from 0 to 16777216 with commas between them",
                   "bench --model m --depth 0,x");
    expect_failure(2, "--prefill: \"\" in \"1,\", expected integers", "bench --model m -p 1,");
    expect_failure(2, "--decode: \"-1\" in \"-1\", expected integers", "bench --model m -n -1");
    expect_failure(2, "--batch: \"0\" in \"0\", expected integers from 1 to 1024", "bench --model m --batch 0");
    expect_failure(2, "--threads: \"1025\" in \"1,1025\", expected integers from 0 to 1024", "bench --model m --threads 1,1025");
    expect_failure(2, "--threads: \"99999999999999999999\" in", "bench --model m --threads 99999999999999999999");
    expect_failure(2, "--compute: \"slow\" in \"exact,slow\", expected some of exact, fast", "bench --model m --compute exact,slow");
    expect_failure(2, "--kv: \"q4\" in \"q4\", expected some of f32, f16, q8", "bench --model m --kv q4");
    expect_failure(2, "--bits needs --random", "bench --model m --bits 4");
    expect_failure(2, "--mode needs --random", "bench --model m --mode mxfp4");
    expect_failure(2, "--mode q4: not supported, expected affine or mxfp4", "bench --random tiny --mode q4");
    expect_failure(2, "--repetitions: \"0\", expected an integer from 1 to 1000", "bench --model m --repetitions 0");
    expect_failure(1, "nowhere", "bench --model nowhere --threads 1");
    expect_failure(1, "affine with 7 bits, expected 2, 3, 4, 5, 6 or 8", "bench --random tiny --bits 7");
}

/* A quarter of a million tests of a model that is not there: all are listed before it is opened. */
static void lists_may_be_as_long_as_they_are_allowed_together(void **state)
{
    enum { MOST = 64 };
    char list[2 * MOST + 3] = "1", arguments[1024];

    (void)state;
    for (int i = 1; i < MOST; i++)
        strcat(list, ",1");
    snprintf(arguments, sizeof arguments, "bench --model nowhere --threads 1 -p %s -n %s --depth %s --batch %s", list, list, list, list);
    expect_failure(1, "nowhere", arguments);
    strcat(list, ",1");
    snprintf(arguments, sizeof arguments, "bench --model nowhere --depth %s", list);
    expect_failure(2, "expected at most 64 values", arguments);
}

static void a_random_model_goes_when_the_task_ends(void **state)
{
    (void)state;
    assert_int_equal(mkdir("kept", 0777), 0);
    assert_int_equal(setenv("TMPDIR", "kept", 1), 0);
    assert_int_equal(run(QUICK "-p 4 -n 0"), 0);
    assert_int_equal(entries_of("kept"), 0);
    expect_failure(1, "no.json", "bench --random tiny --threads 1 --tokenizer no.json");
    assert_int_equal(entries_of("kept"), 0);
    assert_int_equal(setenv("TMPDIR", "nowhere", 1), 0);
    expect_failure(1, "nowhere: cannot make a directory for the model: No such file or directory", "bench --random tiny");
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

/* Sends the signal as soon as there is a model, and returns what the program exits with. */
static int interrupted_by(int ending)
{
    int status;

    assert_int_equal(setenv("TMPDIR", "left", 1), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        signal(ending, SIG_DFL); /* where the tests run in a shell's background it is ignored */
        execl(BOMBUS_PROGRAM, "bombus", "bench", "--random", "tiny", "--repetitions", "1000", "-n", "100000", NULL);
        _exit(99);
    }
    for (int i = 0; i < 6000 && entries_of("left") == 0; i++)
        usleep(10000);
    assert_int_equal(entries_of("left"), 1);
    assert_int_equal(kill(pid, ending), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_random_model_goes_when_a_signal_ends_the_task(void **state)
{
    (void)state;
    assert_int_equal(mkdir("left", 0777), 0);
    assert_int_equal(interrupted_by(SIGINT), 130);
    assert_int_equal(entries_of("left"), 0);
    assert_int_equal(interrupted_by(SIGTERM), 130);
    assert_int_equal(entries_of("left"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_has_the_machine_and_a_result_for_each_test),
        cmocka_unit_test(depths_are_for_one_sequence_and_batches_from_nothing_unless_both_are_given),
        cmocka_unit_test(the_tables_name_what_was_measured),
        cmocka_unit_test(what_is_wrong_with_the_arguments_is_told),
        cmocka_unit_test(lists_may_be_as_long_as_they_are_allowed_together),
        cmocka_unit_test(a_random_model_goes_when_the_task_ends),
        cmocka_unit_test(a_random_model_goes_when_a_signal_ends_the_task),
    };
    const char *temporary = enter_temporary();

    write_file("in", "", 0);
    const int failed = cmocka_run_group_tests_name("bench", tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
