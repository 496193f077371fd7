/* Prompt files as the program's users meet them: cache-prompt writes one, and generate answers from it as it answers the whole prompt. */
#include "cli/program.h"

#include <bombus/bombus.h>

#define MODEL BOMBUS_SHARED "/models/stories260k"

/* What "chat", a copy of the model with a template of ours, makes of one message. It trims, as many do. */
#define TEMPLATE                                                                                                                           \
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content|trim }}\n{% endfor %}"                                               \
    "{% if tools %}{{ tools|length }} tools\n{% endif %}{% if add_generation_prompt %}[assistant]{% endif %}"

#define STORY "Once upon a time there was a little girl named Lily."

/* The answer of a JSON output: its text and its ids, without counts and times. The caller's. */
static char *answer_of(const char *output)
{
    char *copy = strdup(output), *counts = strstr(copy, ",\"finish_reason\"");

    assert_non_null(counts);
    *counts = '\0';
    return copy;
}

/* Answers from a file that first was saved in are the answers to first and rest in one. Returns how many tokens came from the file. */
static int64_t expect_same(const char *model, const char *shared, const char *own, const char *first, const char *rest)
{
    int64_t cached;

    if (run("cache-prompt --model %s --prompt-cache-file file %s '%s'", model, shared, first) != 0)
        fail_msg("cache-prompt %s '%s': %s", shared, first, complaint);
    assert_string_equal(out, "");
    if (run("generate --model %s --prompt-cache-file file --json -m 12 %s '%s'", model, own, rest) != 0)
        fail_msg("generate %s '%s': %s", own, rest, complaint);
    assert_true(bb_json_to_int(bb_json_get(parse_output(), "cached_token_count"), &cached));
    bb_json_free(&document);
    char *found = answer_of(out);
    assert_int_equal(run("generate --model %s --json -m 12 %s %s '%s%s'", model, shared, own, first, rest), 0);
    assert_int_equal(number(parse_output(), "cached_token_count"), 0);
    bb_json_free(&document);
    char *expected = answer_of(out);
    assert_string_equal(found, expected);
    free(found);
    free(expected);
    return cached;
}

static void an_answer_from_a_file_is_that_to_the_whole_prompt(void **state)
{
    (void)state;
    assert_in_range(expect_same("chat", "", "", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "", "", STORY " ", "She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "", "", STORY "\n\n", "\nShe loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "", "--prefill-response 'The end'", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "--kv-dtype f16", "", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "--threads 2 --prefill-step-size 3", "", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "", "--temp 1 --seed 5 --repetition-penalty 1.4", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "--ignore-chat-template", "", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same("chat", "--ignore-chat-template", "--ignore-chat-template", STORY, " She loved to play"), 15, 40);
    assert_in_range(expect_same(MODEL, "", "", STORY, " She loved to play"), 15, 40);
}

static void the_options_of_the_file_count_where_none_are_given(void **state)
{
    (void)state;
    assert_in_range(expect_same("chat", "--system-prompt 'Tell me a long story'", "", STORY, " She loved"), 30, 60);
    assert_in_range(expect_same("chat", "--tools tools", "", STORY, " She loved"), 15, 40);
    assert_in_range(expect_same("chat", "--chat-template-config '{\"loud\": true}' --chat-template louder.jinja", "", STORY, " She loved"),
                    20, 40);
    assert_in_range(expect_same("chat", "--system-prompt 'Tell me a long story'", "", "", "She loved to play"), 15, 40);
    /* What is given counts: the prompt is then another, and little of the file is of use. */
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file file --system-prompt 'Tell me a story' '" STORY "'"), 0);
    assert_int_equal(run("generate --model chat --prompt-cache-file file --json -m 12 --system-prompt 'Be brief' ' She loved'"), 0);
    char *found = answer_of(out);
    assert_true(number(parse_output(), "cached_token_count") < 15);
    bb_json_free(&document);
    assert_int_equal(run("generate --model chat --json -m 12 --system-prompt 'Be brief' '" STORY " She loved'"), 0);
    char *expected = answer_of(out);
    assert_string_equal(found, expected);
    free(found);
    free(expected);
}

static void a_prompt_may_be_cut_inside_a_token(void **state)
{
    static const char story[] = STORY " She loved to play";

    (void)state;
    for (size_t cut = 1; cut + 1 < sizeof story; cut += 5) {
        char first[sizeof story] = {0};
        memcpy(first, story, cut);
        expect_same("chat", "", "", first, story + cut);
        expect_same("chat", "--ignore-chat-template", "", first, story + cut);
    }
}

static void a_template_that_shows_the_time_shows_that_of_the_file(void **state)
{
    (void)state;
    write_text("clock.jinja", "{{ bos_token }}{{ strftime_now('%H:%M:%S') }} {{ messages[0].content }}");
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file file --chat-template clock.jinja 'Once upon'"), 0);
    sleep(1);
    assert_int_equal(run("generate --model chat --prompt-cache-file file -m 1 ' a time'"), 0);
    int cached, kept;
    assert_int_equal(sscanf(complaint, "Cached: %d of %d tokens", &cached, &kept), 2);
    assert_true(cached == kept && kept > 10);
}

static void only_what_follows_is_computed(void **state)
{
    (void)state;
    write_text("story", "Once upon a time");
    assert_int_equal(run("cache-prompt --model " MODEL " --prompt-cache-file file --prompt - <story"), 0);
    assert_string_equal(out, "");
    assert_says(complaint, "Prompt: 5 tokens");
    assert_says(complaint, "Saved: 5 tokens in file, 0.0");
    assert_int_equal(run("generate --model " MODEL " --prompt-cache-file file -m 3 --json ' there was'"), 0);
    assert_says(out, "\"prompt_tokens\":[1,403,407,261,378,383,286],");
    assert_says(out, "\"prompt_token_count\":7,\"cached_token_count\":5,");
    assert_says(complaint, "Cached: 5 of 5 tokens\nPrompt: 2 tokens");
    assert_int_equal(run("generate --model " MODEL " --prompt-cache-file file -m 3 ' there was'"), 0);
    assert_int_equal(run("generate --model " MODEL " --prompt-cache-file file -m 3 --verbose False ' there was'"), 0);
    assert_string_equal(complaint, "");
}

static void the_file_says_how_keys_and_values_are_kept(void **state)
{
    (void)state;
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file half --kv-dtype f16 Once"), 0);
    assert_int_equal(run("generate --model chat --prompt-cache-file half -m 1 ' upon'"), 0);
    assert_int_equal(run("generate --model chat --prompt-cache-file half -m 1 --kv-dtype f16 ' upon'"), 0);
    expect_failure(1, "bombus: half: layers.0.keys: kept as F16, expected F32 as the session keeps keys and values",
                   "generate --model chat --prompt-cache-file half -m 1 --kv-dtype f32 ' upon'");
}

static void anothers_file_is_refused(void **state)
{
    bombus_model *model;
    bombus_session *session;

    (void)state;
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file file Once"), 0);
    expect_failure(1, "bombus: none: cannot open", "generate --model chat --prompt-cache-file none Hi");
    expect_failure(1, "bombus: tools: ", "generate --model chat --prompt-cache-file tools Hi");
    expect_failure(
        1, "bombus: chat/model.safetensors: is no prompt file: ", "generate --model chat --prompt-cache-file chat/model.safetensors Hi");
    expect_failure(1, "bombus: file: made by another model: fingerprint ",
                   "generate --model " MODEL "-mlx-4bit --prompt-cache-file file Hi");
    assert_int_equal(system("cp -R chat other && sed -i 's/\"<unk>\"/\"<odd>\"/' other/tokenizer.json"), 0);
    expect_failure(1, "bombus: file: made with another tokenizer: fingerprint ", "generate --model other --prompt-cache-file file Hi");
    assert_int_equal(system("sed 's/\"bombus.version\":\"0/\"bombus.version\":\"9/' file >later"), 0);
    expect_failure(1, "bombus: later: made by another version: Bombus 9.", "generate --model chat --prompt-cache-file later Hi");
    assert_int_equal(system("head -c 5000 file >cut"), 0);
    expect_failure(1, "bombus: cut: ", "generate --model chat --prompt-cache-file cut Hi");

    assert_ok(bombus_model_load(&model, MODEL, NULL, &err), err);
    bombus_tokenizer *tokenizer;
    assert_ok(bombus_tokenizer_load(&tokenizer, MODEL, &err), err);
    assert_ok(bombus_session_create(&session, model, tokenizer, NULL, &err), err);
    assert_ok(bombus_session_save(session, "bare", NULL, 0, &err), err);
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    expect_failure(1, "bombus: bare: does not say what its prompt was", "generate --model " MODEL " --prompt-cache-file bare Hi");
}

static void a_file_with_a_template_and_a_prompt_without_one_do_not_join(void **state)
{
    (void)state;
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file file Once"), 0);
    expect_failure(1, "bombus: file: its prompt went through the chat template that --ignore-chat-template leaves out",
                   "generate --model chat --prompt-cache-file file --ignore-chat-template Hi");
    assert_int_equal(system("cp -R chat bare-chat && rm bare-chat/chat_template.jinja"), 0);
    expect_failure(1, "bombus: bare-chat: no chat template (", "generate --model bare-chat --prompt-cache-file file Hi");
    assert_int_equal(run("cache-prompt --model chat --prompt-cache-file raw --ignore-chat-template Once"), 0);
    expect_failure(1, "bombus: raw: its prompt was used as it is, without the chat template that --prefill-response needs",
                   "generate --model chat --prompt-cache-file raw --prefill-response x Hi");
}

static void a_context_that_is_too_short_is_said(void **state)
{
    (void)state;
    assert_int_equal(run("cache-prompt --model " MODEL " --prompt-cache-file file --max-kv-size 5 'Once upon a time'"), 0);
    expect_failure(1, "bombus: prompt: 5 tokens, expected at most 4 (the context)",
                   "cache-prompt --model " MODEL " --prompt-cache-file file --max-kv-size 4 'Once upon a time'");
    assert_int_equal(run("generate --model " MODEL " --prompt-cache-file file -m 3 ' there was'"), 0); /* the file is as it was */
    expect_failure(1, "bombus: file: tokens: 5, expected at most 4 (the session's context)",
                   "generate --model " MODEL " --prompt-cache-file file --context 4 ' there was'");
    expect_failure(1, "bombus: prompt: 7 tokens, expected at most 6 (the context)",
                   "generate --model " MODEL " --prompt-cache-file file --context 6 ' there was'");
}

static void wrong_usage_and_bad_input_are_refused(void **state)
{
    (void)state;
    expect_failure(2, "--prompt-cache-file is missing", "cache-prompt --model chat Hi");
    expect_failure(2, "no prompt (- reads standard input)", "cache-prompt --model chat --prompt-cache-file file");
    expect_failure(2, "unexpected argument \"there\"", "cache-prompt --model chat --prompt-cache-file file Hi there");
    expect_failure(2, "--system-prompt needs the chat template",
                   "cache-prompt --model chat --prompt-cache-file file --system-prompt x --ignore-chat-template Hi");
    expect_failure(2, "--tools and the prompt cannot both be standard input",
                   "cache-prompt --model chat --prompt-cache-file file --tools - -");
    expect_failure(2, "--prompt-cache-file and --messages: expected one of them",
                   "generate --model chat --prompt-cache-file file --messages messages");
    expect_failure(1, "bombus: nowhere/file: cannot create: ", "cache-prompt --model chat --prompt-cache-file nowhere/file Hi");
    expect_failure(1, "bombus: chat: is no regular file, so it is not replaced", "cache-prompt --model chat --prompt-cache-file chat Hi");
    expect_failure(1, "bombus: prompt: empty, expected a text", "cache-prompt --model " MODEL " --prompt-cache-file file ''");
    expect_failure(1, "bombus: prompt: empty, expected a text", "generate --model chat --prompt-cache-file file ''");
    write_file("nul", "Once\0upon", 9);
    expect_failure(1, "bombus: prompt: byte 4 is NUL, expected a text", "cache-prompt --model chat --prompt-cache-file file - <nul");
    write_file("binary", "Once \xff upon", 11);
    expect_failure(1, "bombus: prompt: ", "cache-prompt --model chat --prompt-cache-file file - <binary");
    expect_failure(1, "bombus: no-tools: cannot open", "cache-prompt --model chat --prompt-cache-file file --tools no-tools Hi");
    expect_failure(1, "--chat-template: \"x\", expected a template or a file that has one",
                   "cache-prompt --model chat --prompt-cache-file file --chat-template x Hi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_from_a_file_is_that_to_the_whole_prompt),
        cmocka_unit_test(the_options_of_the_file_count_where_none_are_given),
        cmocka_unit_test(a_prompt_may_be_cut_inside_a_token),
        cmocka_unit_test(a_template_that_shows_the_time_shows_that_of_the_file),
        cmocka_unit_test(only_what_follows_is_computed),
        cmocka_unit_test(the_file_says_how_keys_and_values_are_kept),
        cmocka_unit_test(anothers_file_is_refused),
        cmocka_unit_test(a_file_with_a_template_and_a_prompt_without_one_do_not_join),
        cmocka_unit_test(a_context_that_is_too_short_is_said),
        cmocka_unit_test(wrong_usage_and_bad_input_are_refused),
    };

    if (access(MODEL "/tokenizer.json", R_OK) != 0) {
        printf("SKIP: %s is not there\n", MODEL);
        return 77;
    }
    const char *directory = enter_temporary();
    if (system("mkdir chat && cp " MODEL "/*.json " MODEL "/model.safetensors chat && chmod -R u+w chat") != 0)
        abort();
    write_text("chat/chat_template.jinja", TEMPLATE);
    write_text("louder.jinja", "{{ bos_token }}{% if loud %}LOUD{% endif %}{{ messages[0].content }}");
    write_text("tools", "[{\"name\": \"a\"}, {\"name\": \"b\"}]");
    write_text("in", "");
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(directory);
    return failed;
}
