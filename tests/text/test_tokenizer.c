/* The tokenizer against the tokenizers library: tests/golden/tokenizer, made by tools/golden/tokenizer.py. */
#include "base/file.h"
#include "text/tokenizer_golden.h"

#include <dirent.h>

static void small_tokenizers_of_every_make_agree_with_the_library(void **state)
{
    static const char suffix[] = ".golden.json";
    DIR *folder = opendir(FOLDER);
    size_t count = 0;

    (void)state;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[256], path[512];
        size_t length = strlen(entry->d_name);
        if (length <= sizeof suffix - 1 || strcmp(entry->d_name + length - (sizeof suffix - 1), suffix) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - (sizeof suffix - 1)), entry->d_name);
        snprintf(path, sizeof path, FOLDER "/%s.json", name);
        if (access(path, R_OK) != 0)
            continue; /* a real one, in another test */
        check_golden(name, path);
        count++;
    }
    closedir(folder);
    assert_true(count > 40);
}

static void long_texts_take_no_longer_than_they_must(void **state)
{
    static const struct {
        const char *name;
        bool comes_back;
    } cases[] = {{"gpt2", true},        {"cl100k", true},   {"o200k", true}, {"deepseek", true}, {"deepseek3", true},   {"han", true},
                 {"llama2_like", true}, {"mistral", false}, {"nfd", false},  {"clip", false},    {"added_flags", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        snprintf(path, sizeof path, FOLDER "/%s.json", cases[i].name);
        check_long_texts(cases[i].name, path, cases[i].comes_back);
    }
}

/* ---- errors ---- */

static const char small[] = "{\"version\": \"1.0\", \"added_tokens\": [], \"normalizer\": null, \"pre_tokenizer\": null, "
                            "\"post_processor\": null, \"decoder\": null, \"model\": {\"type\": \"BPE\", "
                            "\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"\xc3\xa9\": 3}, \"merges\": [[\"a\", \"b\"]]}}";

static bombus_tokenizer *small_tokenizer(void)
{
    bombus_tokenizer *t;
    assert_ok(bb_tokenizer_parse(&t, small, sizeof small - 1, "t.json", &err), err);
    return t;
}

/* The message for a file in which the first from is to. */
static const char *refused(bombus_status expected, const char *from, const char *to)
{
    char text[2048];
    bombus_tokenizer *t;
    const char *at = strstr(small, from);

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small), small, to, at + strlen(from));
    assert_int_equal(bb_tokenizer_parse(&t, text, strlen(text), "t.json", &err), expected);
    assert_null(t);
    return err.message;
}

static void a_malformed_file_is_refused_with_its_field(void **state)
{
    (void)state;
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"a\": 1"), "t.json: model.vocab: duplicate key \"a\"");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"b\": 0"), "t.json: model.vocab: \"a\" and \"b\" have the same id 0");
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"b\": -1"), "model.vocab: expected an id from 0 to 16777215 for \"b\""));
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"b\": 2147483648"), "model.vocab: expected an id"));
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"b\": 1.5"), "model.vocab: expected an id"));
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\"b\": 1", "\"b\": \"1\""), "model.vocab: expected an id"));
    assert_string_equal(refused(BOMBUS_EFORMAT, "[\"a\", \"b\"]", "[\"a\", \"c\"]"),
                        "t.json: model.merges[0]: \"c\" is not in the vocabulary");
    assert_string_equal(refused(BOMBUS_EFORMAT, "[\"a\", \"b\"]", "[\"b\", \"a\"]"),
                        "t.json: model.merges[0]: \"ba\" is not in the vocabulary");
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "[\"a\", \"b\"]", "[\"a\", \"b\"], \"a b\""), "model.merges: expected either"));
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "[\"a\", \"b\"]", "\"a  b\""), "model.merges: expected either"));
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"merges\"", "\"nothing\""), "t.json: model.merges: nothing, expected an array");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"added_tokens\": []", "\"added_tokens\": {}"),
                        "t.json: added_tokens: an object, expected an array");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"added_tokens\": []", "\"added_tokens\": [{\"id\": 7, \"content\": \"x\"}]"),
                        "t.json: added_tokens[0].single_word: nothing, expected true or false");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"normalizer\": null", "\"normalizer\": {\"type\": \"Prepend\"}"),
                        "t.json: normalizer: Prepend.prepend: nothing, expected a string");
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\xc3\xa9", "\xc3"), "not UTF-8"));
    assert_non_null(strstr(refused(BOMBUS_EFORMAT, "\xc3\xa9", "\\ud800"), "half of a surrogate pair"));
}

static void a_component_that_is_not_supported_is_named(void **state)
{
    (void)state;
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"BPE\"", "\"Unigram\""),
                        "t.json: model.type: \"Unigram\" is not supported, only \"BPE\" is");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"normalizer\": null", "\"normalizer\": {\"type\": \"Precompiled\"}"),
                        "t.json: normalizer: type \"Precompiled\" is not supported");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"pre_tokenizer\": null",
                                "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"UnicodeScripts\"}]}"),
                        "t.json: pre_tokenizer: type \"UnicodeScripts\" is not supported");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"post_processor\": null", "\"post_processor\": {\"type\": \"X\"}"),
                        "t.json: post_processor: type \"X\" is not supported");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"decoder\": null", "\"decoder\": {\"type\": \"Y\"}"),
                        "t.json: decoder: type \"Y\" is not supported");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"type\": \"BPE\"", "\"dropout\": 0.5"),
                        "t.json: model.dropout: 0.5, but only 0 is supported");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"version\": \"1.0\"", "\"version\": \"2.0\""),
                        "t.json: version: \"2.0\", expected \"1.0\"");
    assert_string_equal(refused(BOMBUS_EUNSUPPORTED, "\"version\"", "\"surprise\": 1, \"version\""),
                        "t.json: field \"surprise\" is not supported");
}

static void a_pattern_that_is_not_understood_is_refused(void **state)
{
    static const struct {
        bombus_status status;
        const char *pattern, *complaint;
    } cases[] = {
        {BOMBUS_EUNSUPPORTED, "(a)\\\\1", "this escape is not supported (at byte 4"},
        {BOMBUS_EUNSUPPORTED, "\\\\p{Nothing}", "this character property is not supported"},
        {BOMBUS_EUNSUPPORTED, "(?i:ss)", "a pair of letters that has a ligature"},
        {BOMBUS_EUNSUPPORTED, "(?i:\xc3\xa9)", "a cased character beyond ASCII"},
        {BOMBUS_EUNSUPPORTED, "\\\\X", "this escape is not supported"},
        {BOMBUS_EFORMAT, "(a", "( without )"},
        {BOMBUS_EFORMAT, "a)", ") without ("},
        {BOMBUS_EFORMAT, "[a", "[ without ]"},
        {BOMBUS_EFORMAT, "*", "nothing to repeat"},
        {BOMBUS_EFORMAT, "[b-a]", "a range that goes backwards"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char to[256];
        snprintf(
            to, sizeof to,
            "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, \"behavior\": \"Isolated\", \"invert\": false}",
            cases[i].pattern);
        const char *message = refused(cases[i].status, "\"pre_tokenizer\": null", to);
        if (!strstr(message, cases[i].complaint))
            fail_msg("%s: %s", cases[i].pattern, message);
        assert_non_null(strstr(message, "t.json: pre_tokenizer: Regex: "));
    }
}

static void a_template_names_only_known_tokens(void **state)
{
    static const char format[] = "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\", "
                                 "\"type_id\": 0}}], \"pair\": [], \"special_tokens\": {%s}}";
    char to[512];

    (void)state;
    snprintf(to, sizeof to, format, "");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"post_processor\": null", to),
                        "t.json: post_processor: TemplateProcessing.special_tokens: no ids for \"<s>\"");
    snprintf(to, sizeof to, format, "\"<s>\": {\"id\": \"<s>\", \"ids\": [300], \"tokens\": [\"<s>\"]}");
    assert_string_equal(refused(BOMBUS_EFORMAT, "\"post_processor\": null", to),
                        "t.json: post_processor: special_tokens: id 300 is not in the vocabulary");
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes + 1 < sizeof small; bytes++) {
        bombus_tokenizer *t;
        if (bb_tokenizer_parse(&t, small, bytes, "t.json", &err) == BOMBUS_OK)
            fail_msg("accepted %zu of %zu bytes", bytes, sizeof small - 1);
    }
}

static void text_that_is_not_utf8_is_refused_at_its_byte(void **state)
{
    static const char *const bad[] = {"ab\x80", "ab\xc0\x80", "ab\xed\xa0\x80", "ab\xf4\x90\x80\x80", "ab\xe2\x82", "ab\xff"};
    bombus_tokenizer *t = small_tokenizer();
    bombus_ids ids = {0};

    (void)state;
    assert_ok(bombus_tokenizer_encode(t, "ab", 2, 0, &ids, &err), err);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(bombus_tokenizer_encode(t, bad[i], strlen(bad[i]), 0, &ids, &err), BOMBUS_EINVAL);
        assert_non_null(strstr(err.message, "text: byte 2 (0x"));
        assert_int_equal(ids.count, 1);
    }
    bombus_ids_free(&ids);
    bombus_tokenizer_free(t);
}

static void an_id_outside_the_vocabulary_is_refused(void **state)
{
    static const int32_t bad[] = {-1, 4, INT32_MAX, INT32_MIN};
    bombus_tokenizer *t = small_tokenizer();
    char *text;
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(bombus_tokenizer_decode(t, &bad[i], 1, 0, &text, &bytes, &err), BOMBUS_EINVAL);
        assert_null(text);
        assert_null(bombus_tokenizer_token(t, bad[i]));
        assert_false(bombus_tokenizer_is_special(t, bad[i]));
    }
    assert_int_equal(bombus_tokenizer_decode(t, &bad[1], 1, 0, &text, &bytes, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, "id 4 is not in the vocabulary of 4");
    assert_int_equal(bombus_tokenizer_size(t), 4);
    assert_int_equal(bombus_tokenizer_id(t, "ab"), 2);
    assert_int_equal(bombus_tokenizer_id(t, "ba"), -1);
    bombus_tokenizer_free(t);
}

static void without_a_file_the_path_is_named(void **state)
{
    bombus_tokenizer *t;

    (void)state;
    assert_int_equal(bombus_tokenizer_load(&t, "/nowhere/tokenizer.json", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "/nowhere/tokenizer.json: cannot open: No such file or directory");
    assert_int_equal(bombus_tokenizer_load(&t, FOLDER, &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, FOLDER "/tokenizer.json: cannot open: No such file or directory");
}

static void special_tokens_are_named_by_the_config_beside(void **state)
{
    const char *folder = enter_temporary();
    bombus_tokenizer *t;

    (void)state;
    write_file("tokenizer.json", small, sizeof small - 1);
    assert_ok(bombus_tokenizer_load(&t, ".", &err), err);
    assert_int_equal(bombus_tokenizer_bos(t), -1);
    bombus_tokenizer_free(t);

    static const char config[] = "{\"bos_token\": {\"content\": \"ab\", \"special\": true}, \"eos_token\": \"b\"}";
    write_file("tokenizer_config.json", config, sizeof config - 1);
    assert_ok(bombus_tokenizer_load(&t, "tokenizer.json", &err), err);
    assert_int_equal(bombus_tokenizer_bos(t), 2);
    assert_int_equal(bombus_tokenizer_eos(t), 1);
    bombus_tokenizer_free(bombus_tokenizer_retain(t));
    assert_int_equal(bombus_tokenizer_bos(t), 2);
    bombus_tokenizer_free(t);

    write_file("tokenizer_config.json", "{\"bos_token\": 5}", 16);
    assert_int_equal(bombus_tokenizer_load(&t, ".", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "./tokenizer_config.json: bos_token: 5, expected a string");
    leave_temporary(folder);
}

#ifdef BOMBUS_DEBUG
static void without_memory_loading_and_encoding_fail_cleanly(void **state)
{
    char *text;
    size_t bytes;

    (void)state;
    assert_ok(bb_file_read(&text, &bytes, FOLDER "/llama2_like.json", 1 << 20, &err), err);
    for (size_t nth = 1;; nth++) {
        bombus_tokenizer *t = NULL;
        bombus_ids ids = {0};
        bb_alloc_fail_at(nth);
        bombus_status status = bb_tokenizer_parse(&t, text, bytes, "t.json", &err);
        if (status == BOMBUS_OK)
            status = bombus_tokenizer_encode(t, "a b", 3, 0, &ids, &err);
        bb_alloc_fail_at(0);
        bombus_ids_free(&ids);
        bombus_tokenizer_free(t);
        if (status == BOMBUS_OK)
            break;
        assert_int_equal(status, BOMBUS_ENOMEM);
    }
    bb_free(text);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_tokenizers_of_every_make_agree_with_the_library),
        cmocka_unit_test(long_texts_take_no_longer_than_they_must),
        cmocka_unit_test(a_malformed_file_is_refused_with_its_field),
        cmocka_unit_test(a_component_that_is_not_supported_is_named),
        cmocka_unit_test(a_pattern_that_is_not_understood_is_refused),
        cmocka_unit_test(a_template_names_only_known_tokens),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(text_that_is_not_utf8_is_refused_at_its_byte),
        cmocka_unit_test(an_id_outside_the_vocabulary_is_refused),
        cmocka_unit_test(without_a_file_the_path_is_named),
        cmocka_unit_test(special_tokens_are_named_by_the_config_beside),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_loading_and_encoding_fail_cleanly),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
