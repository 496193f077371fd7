/* Stop strings in a stream: whatever the pieces, the same text comes out. */
#include "base/memory.h"
#include "generate/stops.h"
#include "testing.h"

static bombus_error err;

typedef struct outcome {
    char text[4096];
    size_t bytes;
    bool stopped;
    size_t most_held;
} outcome;

/* Feeds text in pieces of the sizes that a little generator gives, 1 to most. */
static outcome feed(const char *const *stops, size_t count, const char *text, size_t bytes, size_t most, uint32_t seed)
{
    outcome out = {.bytes = 0};
    bb_stops *s;
    bb_passed passed = {.stopped = false};
    size_t at = 0;

    assert_ok(bb_stops_create(&s, stops, count, most, &err), err);
    while (at < bytes && !passed.stopped) {
        seed = seed * 1664525u + 1013904223u;
        size_t size = 1 + (seed >> 16) % most;
        if (size > bytes - at)
            size = bytes - at;
        char *piece = malloc(size); /* of its own size, so that a sanitizer sees a read behind it */
        memcpy(piece, text + at, size);
        bb_alloc_forbid();
        assert_ok(bb_stops_push(s, piece, size, &passed, &err), err);
        bb_alloc_allow();
        memcpy(out.text + out.bytes, passed.text, passed.bytes);
        out.bytes += passed.bytes;
        at += size;
        free(piece);
        if (at - out.bytes > out.most_held)
            out.most_held = at - out.bytes;
    }
    if (!passed.stopped) {
        bb_stops_finish(s, &passed);
        memcpy(out.text + out.bytes, passed.text, passed.bytes);
        out.bytes += passed.bytes;
    }
    out.stopped = passed.stopped;
    bb_stops_free(s);
    return out;
}

static void expect(const char *const *stops, size_t count, const char *text, const char *answer, bool stopped)
{
    for (size_t most = 1; most <= 9; most++) {
        const outcome out = feed(stops, count, text, strlen(text), most, (uint32_t)most * 77);
        assert_int_equal(out.bytes, strlen(answer));
        assert_memory_equal(out.text, answer, out.bytes);
        assert_int_equal(out.stopped, stopped);
    }
}

#define STOPS(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void text_ends_before_a_stop_string(void **state)
{
    (void)state;
    expect(STOPS("END"), "one END two", "one ", true);
    expect(STOPS("END"), "ENDone", "", true);
    expect(STOPS("END"), "one EN", "one EN", false);
    expect(STOPS("END"), "EEEENDD", "EEE", true);
    expect(STOPS("\n\n"), "a\nb\n\nc", "a\nb", true);
    expect(STOPS("aab"), "aaaaab", "aaa", true);
    expect(STOPS("x"), "", "", false);
}

static void of_several_the_first_to_begin_ends_the_text(void **state)
{
    (void)state;
    expect(STOPS("two", "one"), "zero one two", "zero ", true);
    expect(STOPS("bc", "abcd"), "xabcdx", "x", true);
    expect(STOPS("bc", "abcd"), "xabcx", "xa", true);
    expect(STOPS("bc", "abcd"), "xabc", "xa", true);
    expect(STOPS("abcd", "bc", "b"), "abab", "a", true);
    expect(STOPS("a", "aaaa"), "xaaaa", "x", true);
}

static void text_that_cannot_be_part_of_one_passes_at_once(void **state)
{
    bb_stops *s;
    bb_passed passed;

    (void)state;
    assert_ok(bb_stops_create(&s, STOPS("</end>"), 64, &err), err);
    assert_ok(bb_stops_push(s, "abc <", 5, &passed, &err), err);
    assert_int_equal(passed.bytes, 4);
    assert_ok(bb_stops_push(s, "/e", 2, &passed, &err), err);
    assert_int_equal(passed.bytes, 0);
    assert_ok(bb_stops_push(s, "", 0, &passed, &err), err);
    assert_int_equal(passed.bytes, 0);
    assert_ok(bb_stops_push(s, "lse<", 4, &passed, &err), err);
    assert_int_equal(passed.bytes, 6);
    assert_memory_equal(passed.text, "</else", 6);
    bb_stops_finish(s, &passed);
    assert_int_equal(passed.bytes, 1);
    assert_false(passed.stopped);
    bb_stops_free(s);

    assert_ok(bb_stops_create(&s, NULL, 0, 64, &err), err);
    assert_ok(bb_stops_push(s, "abc", 3, &passed, &err), err);
    assert_int_equal(passed.bytes, 3);
    bb_stops_finish(s, &passed);
    assert_int_equal(passed.bytes, 0);
    bb_stops_free(s);
}

static void a_piece_longer_than_announced_is_taken(void **state)
{
    bb_stops *s;
    bb_passed passed;
    char text[3000];

    (void)state;
    memset(text, 'a', sizeof text);
    assert_ok(bb_stops_create(&s, STOPS("ab"), 4, &err), err);
    assert_ok(bb_stops_push(s, text, sizeof text, &passed, &err), err);
    assert_int_equal(passed.bytes, sizeof text - 1);
    bb_stops_free(s);
}

/* The definition, in full: the least place where any stop string stands. */
static const char *reference(const char *const *stops, size_t count, const char *text)
{
    const char *first = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *at = strstr(text, stops[i]);
        if (at && (!first || at < first))
            first = at;
    }
    return first;
}

static void random_streams_agree_with_a_plain_search(void **state)
{
    uint32_t seed = 5;
    int stopped = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char text[64], words[3][8];
        const char *stops[3] = {words[0], words[1], words[2]};
        size_t longest = 0;

        for (int w = 0; w < 3; w++) {
            seed = seed * 1664525u + 1013904223u;
            const size_t length = 2 + (seed >> 16) % 6;
            for (size_t i = 0; i < length; i++) {
                seed = seed * 1664525u + 1013904223u;
                words[w][i] = "ab"[seed >> 30 & 1];
            }
            words[w][length] = '\0';
            longest = length > longest ? length : longest;
        }
        for (size_t i = 0; i < sizeof text - 1; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = "abc"[(seed >> 20) % 3];
        }
        text[sizeof text - 1] = '\0';

        const char *first = reference(stops, 3, text);
        const outcome out = feed(stops, 3, text, strlen(text), 1 + (size_t)round % 7, seed);
        assert_int_equal(out.stopped, first != NULL);
        assert_int_equal(out.bytes, first ? (size_t)(first - text) : strlen(text));
        assert_memory_equal(out.text, text, out.bytes);
        stopped += out.stopped;
        if (!out.stopped)
            assert_true(out.most_held < longest);
    }
    assert_in_range(stopped, 1000, 2999);
}

static void a_long_run_that_almost_matches_takes_linear_time(void **state)
{
    enum { LENGTH = 20000, PIECES = 400 };
    char *stop = bb_alloc(LENGTH + 1), *run = bb_alloc(LENGTH);
    bb_stops *s;
    bb_passed passed;
    size_t total = 0;

    (void)state;
    memset(stop, 'a', LENGTH);
    stop[LENGTH - 1] = 'b';
    stop[LENGTH] = '\0';
    memset(run, 'a', LENGTH);
    assert_ok(bb_stops_create(&s, (const char *const *)&stop, 1, LENGTH, &err), err);
    for (int i = 0; i < PIECES; i++) { /* 8 million bytes: a quadratic search would compare 10^11 */
        assert_ok(bb_stops_push(s, run, LENGTH, &passed, &err), err);
        total += passed.bytes;
    }
    assert_int_equal(total, (size_t)LENGTH * PIECES - (LENGTH - 1));
    bb_stops_free(s);
    bb_free(stop);
    bb_free(run);
}

#ifdef BOMBUS_DEBUG
static void without_memory_creation_fails_cleanly(void **state)
{
    bb_stops *s;

    (void)state;
    for (size_t nth = 1; nth <= 7; nth++) {
        bb_alloc_fail_at(nth);
        assert_int_equal(bb_stops_create(&s, STOPS("ab", "c"), 8, &err), BOMBUS_ENOMEM);
        bb_alloc_fail_at(0);
        assert_null(s);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_ends_before_a_stop_string),
        cmocka_unit_test(of_several_the_first_to_begin_ends_the_text),
        cmocka_unit_test(text_that_cannot_be_part_of_one_passes_at_once),
        cmocka_unit_test(a_piece_longer_than_announced_is_taken),
        cmocka_unit_test(random_streams_agree_with_a_plain_search),
        cmocka_unit_test(a_long_run_that_almost_matches_takes_linear_time),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_creation_fails_cleanly),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
