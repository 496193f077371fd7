/* The backend that bombus_dot and its kind share, in children of fork. */
#include "backend/backend.h"
#include "numbers.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

static bombus_tensor *left, *right, *expected_product;
static atomic_bool enough;

static bool product_is_right(void)
{
    bombus_tensor *found = NULL;
    const bool right_one = bombus_dot(&found, left, right, 0, &err) == BOMBUS_OK &&
                           memcmp(bombus_tensor_data(found), bombus_tensor_data(expected_product), bombus_tensor_bytes(found)) == 0;

    bombus_tensor_free(found);
    return right_one;
}

static void *multiply_without_end(void *context)
{
    while (!enough)
        if (!product_is_right())
            *(bool *)context = false;
    return NULL;
}

static int threads_of_this_process(void)
{
    DIR *directory = opendir("/proc/self/task");
    int count = 0;

    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return count;
}

/* 0 where all is well. A child that hangs is ended by the alarm. */
static int use_in_child(bool again)
{
    bb_backend *shared;

    alarm(30);
    if (!product_is_right() || bb_backend_default(&shared, &err) != BOMBUS_OK)
        return 1;
    const int threads = threads_of_this_process();
    if (threads && threads < bb_threads_count(shared->threads)) /* an emulator has some of its own */
        return 2;
    bb_backend_free(shared);
    if (again) {
        int status;
        const pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(false));
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            return 3;
    }
    return 0;
}

static void a_child_of_a_fork_amid_products_has_threads_of_its_own(void **state)
{
    (void)state;
    pthread_t callers[2];
    bool well[2] = {true, true};

    left = RANDOM(BOMBUS_F32, 1, 2, 64);
    right = RANDOM(BOMBUS_F32, 2, 64, 40);
    expected_product = dot(left, right, 0);
    enough = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, multiply_without_end, &well[i]), 0);
    for (int i = 0; i < 200; i++) {
        int status;
        const pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(i % 10 == 0));
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    enough = true;
    for (int i = 0; i < 2; i++) {
        pthread_join(callers[i], NULL);
        assert_true(well[i]);
    }
    bombus_tensor_free(left);
    bombus_tensor_free(right);
    bombus_tensor_free(expected_product);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_child_of_a_fork_amid_products_has_threads_of_its_own)};

    if (SANITIZED) { /* whose malloc may be locked in the child, where threads may not be started either */
        print_message("SKIP a sanitizer is not to be forked amid allocations\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
