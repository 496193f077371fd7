/* One tokenizer, several threads: it is immutable, so they need not know of each other. */
#include "base/threads.h"
#include "text/tokenizer_golden.h"

enum { TASKS = 32 };

static const char text[] = "The bee's 123 flowers,  caf\xc3\xa9 e\xcc\x81\xcc\xa3 \xe8\x9c\x82\xf0\x9f\x90\x9d <|im_start|>\n";

typedef struct shared {
    bombus_tokenizer *t;
    bombus_ids ids[TASKS];
    char *decoded[TASKS];
} shared;

static void work(void *context, int64_t index, int worker)
{
    shared *s = context;
    bombus_error own;
    size_t bytes;

    (void)worker;
    if (bombus_tokenizer_encode(s->t, text, sizeof text - 1, 0, &s->ids[index], &own) == BOMBUS_OK)
        bombus_tokenizer_decode(s->t, s->ids[index].ids, s->ids[index].count, 0, &s->decoded[index], &bytes, &own);
}

static void threads_share_a_tokenizer(void **state)
{
    static const char *const names[] = {"nfkc", "deepseek3", "llama2_like"};
    bb_threads *threads;

    (void)state;
    assert_ok(bb_threads_create(&threads, 4, &err), err);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char path[512];
        shared s = {0};
        snprintf(path, sizeof path, FOLDER "/%s.json", names[k]);
        assert_ok(bombus_tokenizer_load(&s.t, path, &err), err);
        bb_threads_run(threads, work, &s, TASKS);
        for (size_t i = 0; i < TASKS; i++) {
            assert_non_null(s.decoded[i]);
            assert_true(s.ids[0].count > 10 && same_ids(&s.ids[i], &s.ids[0]));
            assert_string_equal(s.decoded[i], s.decoded[0]);
        }
        for (size_t i = 0; i < TASKS; i++) {
            bombus_ids_free(&s.ids[i]);
            bombus_text_free(s.decoded[i]);
        }
        bombus_tokenizer_free(s.t);
    }
    bb_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_a_tokenizer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
