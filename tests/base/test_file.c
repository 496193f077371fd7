/* Files: what is read, what is refused, and that a file in the making is never seen half made. */
#include "base/file.h"
#include "base/memory.h"
#include "testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

static bombus_error err;

static int files_here(void)
{
    int count = 0;
    DIR *directory = opendir(".");

    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void assert_content(const char *path, const char *expected)
{
    char *data;
    size_t size;

    assert_ok(bb_file_read(&data, &size, path, 1000, &err), err);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(data, expected);
    bb_free(data);
}

static void a_mapped_file_shows_its_bytes(void **state)
{
    (void)state;
    bb_map map;

    write_file("some", "abc", 3);
    assert_ok(bb_map_open(&map, "some", &err), err);
    assert_int_equal(map.size, 3);
    assert_memory_equal(map.data, "abc", 3);
    bb_map_close(&map);
    assert_null(map.data);
    bb_map_close(&map); /* twice: nothing */

    write_file("empty", "", 0);
    assert_ok(bb_map_open(&map, "empty", &err), err);
    assert_null(map.data);
    assert_int_equal(map.size, 0);
    bb_map_close(&map);
}

static void what_is_no_file_is_refused_by_name(void **state)
{
    (void)state;
    bb_map map;
    char *data;
    size_t size;

    assert_int_equal(bb_map_open(&map, "missing", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "missing: cannot open: No such file or directory");
    assert_int_equal(bb_file_read(&data, &size, "missing", 10, &err), BOMBUS_ENOTFOUND);
    assert_int_equal(bb_map_open(&map, ".", &err), BOMBUS_EIO);
    assert_string_equal(err.message, ".: is a directory, expected a file");
    assert_int_equal(bb_file_read(&data, &size, ".", 10, &err), BOMBUS_EIO);

    write_file("some", "abc", 3);
    assert_int_equal(bb_map_open(&map, "some/below", &err), BOMBUS_ENOTFOUND);
}

static void a_pipe_is_not_mapped_and_not_waited_for(void **state)
{
    (void)state;
    bb_map map;

    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(bb_map_open(&map, "pipe", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "pipe: cannot be mapped, expected a regular file");
}

static void an_unreadable_file_says_so(void **state)
{
    (void)state;
    bb_map map;

    if (geteuid() == 0) {
        print_message("SKIP: root may read everything\n");
        skip();
    }
    write_file("secret", "abc", 3);
    chmod("secret", 0);
    assert_int_equal(bb_map_open(&map, "secret", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "secret: cannot open: Permission denied");
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    int ends[2];
    char *data;
    size_t size;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a\0b", 3), 3);
    close(ends[1]);
    assert_ok(bb_file_read_fd(&data, &size, ends[0], "stdin", 10, &err), err);
    close(ends[0]);
    assert_int_equal(size, 3);
    assert_memory_equal(data, "a\0b", 4); /* a NUL behind the last */
    bb_free(data);
}

static void the_limit_is_the_last_size_that_is_read(void **state)
{
    (void)state;
    const size_t large = 300000; /* more than one read */
    char *bytes = malloc(large), *data;
    size_t size;

    for (size_t i = 0; i < large; i++)
        bytes[i] = (char)(i % 251);
    write_file("large", bytes, large);
    assert_ok(bb_file_read(&data, &size, "large", large, &err), err);
    assert_int_equal(size, large);
    assert_memory_equal(data, bytes, large);
    bb_free(data);
    assert_int_equal(bb_file_read(&data, &size, "large", large - 1, &err), BOMBUS_ELIMIT);
    assert_string_equal(err.message, "large: more than 299999 bytes");
    free(bytes);
}

static void paths_join_and_part(void **state)
{
    (void)state;
    static const char *const joined[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
    static const char *const parents[][2] = {{"a/b", "a"}, {"/b", "/"}, {"b", "."}, {"a/b/c", "a/b"}};

    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
        char *path = bb_path_join(joined[i][0], joined[i][1]);
        assert_string_equal(path, joined[i][2]);
        bb_free(path);
    }
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        char *path = bb_path_parent(parents[i][0]);
        assert_string_equal(path, parents[i][1]);
        bb_free(path);
    }
    write_file("some", "", 0);
    assert_true(bb_path_exists("some"));
    assert_true(bb_path_exists("."));
    assert_false(bb_path_exists("missing"));
    assert_false(bb_path_exists("some/below"));
    assert_true(bb_is_directory("."));
    assert_false(bb_is_directory("some"));
    assert_true(bb_path_same(".", "./.") && !bb_path_same(".", "some") && !bb_path_same("nowhere", "nowhere"));
}

static void a_committed_file_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    bb_writer writer;
    struct stat info;
    const mode_t mask = umask(027);

    write_file("out", "old", 3);
    const int before = files_here();
    assert_ok(bb_writer_open(&writer, "out", &err), err);
    assert_ok(bb_writer_write(&writer, "ne", 2, &err), err);
    assert_content("out", "old"); /* nobody sees half of it */
    assert_ok(bb_writer_write(&writer, "w", 1, &err), err);
    assert_ok(bb_writer_commit(&writer, &err), err);
    assert_content("out", "new");
    assert_int_equal(files_here(), before);
    assert_int_equal(stat("out", &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640); /* the usual mode, not a temporary's */
    bb_writer_abort(&writer);                    /* after a commit: nothing */
    assert_content("out", "new");
    umask(mask);
}

static void a_file_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    const int before = files_here();

    assert_ok(bombus_file_write("whole", "old one", 7, &err), err);
    assert_ok(bombus_file_write("whole", "new", 3, &err), err);
    assert_content("whole", "new");
    assert_ok(bombus_file_write("whole", NULL, 0, &err), err);
    assert_content("whole", "");
    assert_int_equal(bombus_file_write("nowhere/whole", "x", 1, &err), BOMBUS_ENOTFOUND);
    assert_int_equal(bombus_file_write("/dev/null", "x", 1, &err), BOMBUS_EIO);
    assert_int_equal(files_here(), before + 1);
}

static void pieces_of_any_size_are_written_in_their_order(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, BB_LARGE_PAGE - 1, BB_LARGE_PAGE, 5, 2 * BB_LARGE_PAGE + 7, BB_LARGE_PAGE - 12, 3};
    char *bytes, *read;
    size_t all = 0, at = 0, size;
    bb_writer writer;

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        all += pieces[i];
    assert_non_null(bytes = bb_alloc(all));
    for (size_t i = 0; i < all; i++)
        bytes[i] = (char)(i * 2654435761u >> 24);
    assert_ok(bb_writer_open(&writer, "pieces", &err), err);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; at += pieces[i++])
        assert_ok(bb_writer_write(&writer, bytes + at, pieces[i], &err), err);
    assert_ok(bb_writer_commit(&writer, &err), err);
    assert_ok(bb_file_read(&read, &size, "pieces", all, &err), err);
    assert_int_equal(size, all);
    assert_memory_equal(read, bytes, all);
    bb_free(read);
    bb_free(bytes);
}

static void an_aborted_file_leaves_nothing_behind(void **state)
{
    (void)state;
    bb_writer writer;
    const int before = files_here();

    assert_ok(bb_writer_open(&writer, "aborted", &err), err);
    assert_ok(bb_writer_write(&writer, "x", 1, &err), err);
    assert_int_equal(files_here(), before + 1);
    bb_writer_abort(&writer);
    bb_writer_abort(&writer);
    assert_int_equal(files_here(), before);
}

static void two_writers_of_one_path_do_not_meet(void **state)
{
    (void)state;
    bb_writer first, second;

    assert_ok(bb_writer_open(&first, "shared", &err), err);
    assert_ok(bb_writer_open(&second, "shared", &err), err);
    assert_ok(bb_writer_write(&first, "1", 1, &err), err);
    assert_ok(bb_writer_write(&second, "2", 1, &err), err);
    assert_ok(bb_writer_commit(&first, &err), err);
    assert_content("shared", "1");
    assert_ok(bb_writer_commit(&second, &err), err);
    assert_content("shared", "2");
}

static void a_directory_that_is_not_there_is_named(void **state)
{
    (void)state;
    bb_writer writer;

    assert_int_equal(bb_writer_open(&writer, "nowhere/out", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "nowhere/out: cannot create: No such file or directory");
    bb_writer_abort(&writer); /* after a failed open: nothing */
}

static void what_is_no_regular_file_is_not_replaced(void **state)
{
    (void)state;
    bb_writer writer;

    assert_int_equal(bb_writer_open(&writer, "/dev/null", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "/dev/null: is no regular file, so it is not replaced");
    assert_int_equal(bb_writer_open(&writer, ".", &err), BOMBUS_EIO);
}

static void a_directory_that_goes_away_fails_the_commit_and_nothing_leaks(void **state)
{
    (void)state;
    bb_writer writer;

    assert_int_equal(mkdir("there", 0700), 0);
    assert_ok(bb_writer_open(&writer, "there/out", &err), err);
    assert_int_equal(rename("there", "elsewhere"), 0);
    assert_int_equal(bb_writer_commit(&writer, &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "there/out: cannot rename: No such file or directory");
    assert_int_equal(writer.fd, -1);
}

#ifdef BOMBUS_DEBUG
static void without_memory_nothing_is_left_behind(void **state)
{
    (void)state;
    const int before = files_here();

    for (size_t nth = 1; nth <= 2; nth++) {
        bb_writer writer;
        bb_alloc_fail_at(nth);
        bombus_status status = bb_writer_open(&writer, "unwritten", &err);
        bb_alloc_fail_at(0);
        assert_int_equal(status, BOMBUS_ENOMEM);
    }
    char *data;
    size_t size;
    write_file("some", "abc", 3);
    bb_alloc_fail_at(1);
    bombus_status status = bb_file_read(&data, &size, "some", 10, &err);
    bb_alloc_fail_at(0);
    assert_int_equal(status, BOMBUS_ENOMEM);
    assert_true(files_here() <= before + 1); /* "some" */
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapped_file_shows_its_bytes),
        cmocka_unit_test(what_is_no_file_is_refused_by_name),
        cmocka_unit_test(a_pipe_is_not_mapped_and_not_waited_for),
        cmocka_unit_test(an_unreadable_file_says_so),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(the_limit_is_the_last_size_that_is_read),
        cmocka_unit_test(paths_join_and_part),
        cmocka_unit_test(a_committed_file_takes_the_place_of_the_old_one),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
        cmocka_unit_test(pieces_of_any_size_are_written_in_their_order),
        cmocka_unit_test(an_aborted_file_leaves_nothing_behind),
        cmocka_unit_test(two_writers_of_one_path_do_not_meet),
        cmocka_unit_test(a_directory_that_is_not_there_is_named),
        cmocka_unit_test(what_is_no_regular_file_is_not_replaced),
        cmocka_unit_test(a_directory_that_goes_away_fails_the_commit_and_nothing_leaks),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_nothing_is_left_behind),
#endif
    };
    const char *path = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
