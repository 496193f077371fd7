/* Memory: growing arrays, arenas, and what the door does in a debug build. */
#include "base/memory.h"
#include "testing.h"

#include <sys/wait.h>

static void an_array_grows_and_keeps_what_it_held(void **state)
{
    (void)state;
    int *array = NULL;
    size_t capacity = 0;

    for (int i = 0; i < 1000; i++) {
        assert_true(bb_grow(&array, &capacity, (size_t)i + 1, sizeof *array));
        array[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);

    const size_t before = capacity;
    assert_true(bb_grow(&array, &capacity, 3, sizeof *array)); /* never shrinks */
    assert_int_equal(capacity, before);
    bb_free(array);
}

static void an_array_that_cannot_be_is_refused_and_stays_as_it_was(void **state)
{
    (void)state;
    int *array = NULL;
    size_t capacity = 0;
    assert_true(bb_grow(&array, &capacity, 8, sizeof *array));

    const size_t before = capacity;
    assert_false(bb_grow(&array, &capacity, SIZE_MAX, sizeof *array));     /* no power of two that large */
    assert_false(bb_grow(&array, &capacity, SIZE_MAX / 4, sizeof *array)); /* its bytes overflow */
    assert_int_equal(capacity, before);
    array[7] = 1;
    bb_free(array);
}

static void zeroed_memory_is_checked_for_overflow(void **state)
{
    (void)state;
    volatile size_t huge = SIZE_MAX / 2 + 1; /* volatile: a compiler that sees the size warns */
    assert_null(bb_alloc_zero(huge, 2));

    unsigned char *block = bb_alloc_zero(5, 7);
    for (int i = 0; i < 35; i++)
        assert_int_equal(block[i], 0);
    bb_free(block);
}

static void a_copied_string_keeps_its_nul_bytes(void **state)
{
    (void)state;
    char *copy = bb_strndup("a\0b", 3);
    assert_memory_equal(copy, "a\0b", 4);
    bb_free(copy);
    copy = bb_strndup(NULL, 0);
    assert_string_equal(copy, "");
    bb_free(copy);
}

static void arena_blocks_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    enum { BLOCKS = 500 };
    bb_arena arena = {0};
    unsigned char *blocks[BLOCKS];
    size_t sum = 0;

    for (size_t i = 0; i < BLOCKS; i++) {
        const size_t size = i * i % 3001; /* some past a chunk, some empty */
        blocks[i] = i % 3 ? bb_arena_alloc(&arena, size) : bb_arena_alloc_aligned(&arena, size);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % (i % 3 ? 16 : 64), 0);
        memset(blocks[i], (int)(i & 0xff), size);
        sum += size;
    }
    assert_int_equal(arena.total, sum);
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t j = 0; j < i * i % 3001; j++)
            assert_int_equal(blocks[i][j], i & 0xff);
    bb_arena_free(&arena);
}

static void an_arena_takes_blocks_larger_than_any_chunk(void **state)
{
    (void)state;
    bb_arena arena = {0};
    const size_t large = (size_t)5 << 20;

    memset(bb_arena_alloc_aligned(&arena, large), 1, large);
    unsigned char *zero = bb_arena_alloc_zero(&arena, large, 1);
    assert_int_equal(zero[0] | zero[large - 1], 0);
    assert_string_equal(bb_arena_strndup(&arena, "text", 2), "te");
    bb_arena_free(&arena);
}

static void an_arena_refuses_sizes_that_overflow(void **state)
{
    (void)state;
    bb_arena arena = {0};
    assert_null(bb_arena_alloc(&arena, SIZE_MAX));
    assert_null(bb_arena_alloc_aligned(&arena, SIZE_MAX - 64));
    assert_null(bb_arena_alloc_zero(&arena, SIZE_MAX / 2 + 1, 2));
    assert_null(bb_arena_strndup(&arena, "", SIZE_MAX));
    assert_non_null(bb_arena_alloc(&arena, 1)); /* and goes on */
    bb_arena_free(&arena);
}

static void a_freed_arena_can_be_used_again(void **state)
{
    (void)state;
    bb_arena arena = {0};
    bb_arena_free(&arena);
    assert_non_null(bb_arena_alloc(&arena, 100));
    bb_arena_free(&arena);
    assert_int_equal(arena.total, 0);
    assert_non_null(bb_arena_alloc(&arena, 100));
    bb_arena_free(&arena);
}

#ifdef BOMBUS_DEBUG
static void from_the_nth_allocation_on_all_fail(void **state)
{
    (void)state;
    bb_alloc_fail_at(3);
    void *first = bb_alloc(1), *second = bb_alloc_zero(1, 1);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(bb_alloc(1));
    assert_null(bb_realloc(NULL, 1));
    assert_null(bb_strdup("x"));
    bb_alloc_fail_at(0);
    void *last = bb_alloc(1);
    assert_non_null(last);
    bb_free(first);
    bb_free(second);
    bb_free(last);
}

static void an_array_and_an_arena_survive_a_failed_allocation(void **state)
{
    (void)state;
    bb_arena arena = {0};
    int *array = NULL;
    size_t capacity = 0;

    assert_true(bb_grow(&array, &capacity, 8, sizeof *array));
    char *text = bb_arena_strndup(&arena, "kept", 4);
    bb_alloc_fail_at(1);
    assert_false(bb_grow(&array, &capacity, 1000, sizeof *array));
    assert_null(bb_arena_alloc(&arena, 10000));
    assert_non_null(bb_arena_alloc(&arena, 16)); /* the chunk it has still has room */
    bb_alloc_fail_at(0);

    array[capacity - 1] = 1;
    assert_string_equal(text, "kept");
    bb_free(array);
    bb_arena_free(&arena);
}

/* The signal that ends a child which runs body, or 0. */
static int signal_of(void (*body)(void))
{
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka's handler would report it as a failed test */
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void allocate_where_forbidden(void)
{
    bb_alloc_forbid();
    bb_free(bb_alloc(1));
}

static void allocate_where_the_outer_forbids(void)
{
    bb_alloc_forbid();
    bb_alloc_forbid();
    bb_alloc_allow();
    bb_free(bb_realloc(NULL, 1));
}

static void allocate_after_allow(void)
{
    bb_alloc_forbid();
    bb_free(NULL); /* freeing is no allocation */
    bb_alloc_allow();
    bb_free(bb_alloc(1));
}

static void an_allocation_where_none_is_allowed_aborts(void **state)
{
    (void)state;
    assert_int_equal(signal_of(allocate_where_forbidden), SIGABRT);
    assert_int_equal(signal_of(allocate_where_the_outer_forbids), SIGABRT);
    assert_int_equal(signal_of(allocate_after_allow), 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_grows_and_keeps_what_it_held),
        cmocka_unit_test(an_array_that_cannot_be_is_refused_and_stays_as_it_was),
        cmocka_unit_test(zeroed_memory_is_checked_for_overflow),
        cmocka_unit_test(a_copied_string_keeps_its_nul_bytes),
        cmocka_unit_test(arena_blocks_are_aligned_and_do_not_overlap),
        cmocka_unit_test(an_arena_takes_blocks_larger_than_any_chunk),
        cmocka_unit_test(an_arena_refuses_sizes_that_overflow),
        cmocka_unit_test(a_freed_arena_can_be_used_again),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(from_the_nth_allocation_on_all_fail),
        cmocka_unit_test(an_array_and_an_arena_survive_a_failed_allocation),
        cmocka_unit_test(an_allocation_where_none_is_allowed_aborts),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
