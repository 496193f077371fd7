/* Real tokenizers against the tokenizers library. Needs ../shared. */
#include "text/tokenizer_golden.h"

static const struct {
    const char *name;
    bool comes_back; /* any text does: the vocabulary has all bytes and nothing is normalized */
} real[] = {{"llama2", true}, {"llama3", true}, {"qwen3", false}};

static void real_tokenizers_agree_with_the_library(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        char path[512];
        snprintf(path, sizeof path, BOMBUS_SHARED "/tokenizers/%s", real[i].name);
        check_golden(real[i].name, path);
    }
}

static void real_tokenizers_take_long_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        char path[512];
        snprintf(path, sizeof path, BOMBUS_SHARED "/tokenizers/%s/tokenizer.json", real[i].name);
        check_long_texts(real[i].name, path, real[i].comes_back);
    }
}

static void the_config_names_the_first_and_last_tokens(void **state)
{
    bombus_tokenizer *t;

    (void)state;
    assert_ok(bombus_tokenizer_load(&t, BOMBUS_SHARED "/tokenizers/llama2", &err), err);
    assert_int_equal(bombus_tokenizer_bos(t), 1);
    assert_int_equal(bombus_tokenizer_eos(t), 2);
    assert_int_equal(bombus_tokenizer_size(t), 32000);
    assert_true(bombus_tokenizer_is_special(t, 1));
    assert_false(bombus_tokenizer_is_special(t, 300));
    bombus_tokenizer_free(t);

    assert_ok(bombus_tokenizer_load(&t, BOMBUS_SHARED "/tokenizers/qwen3", &err), err);
    assert_int_equal(bombus_tokenizer_bos(t), -1);
    assert_int_equal(bombus_tokenizer_eos(t), 151645);
    assert_string_equal(bombus_tokenizer_token(t, 151645), "<|im_end|>");
    bombus_tokenizer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_tokenizers_agree_with_the_library),
        cmocka_unit_test(real_tokenizers_take_long_texts),
        cmocka_unit_test(the_config_names_the_first_and_last_tokens),
    };

    if (access(BOMBUS_SHARED "/tokenizers", R_OK) != 0) {
        print_message("SKIP: no " BOMBUS_SHARED "/tokenizers\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
