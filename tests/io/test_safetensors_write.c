/* Safetensors: what is written, against the reference package's bytes, and what a failure leaves behind. */
#include "base/memory.h"
#include "io/files.h"

#include <bombus/safetensors.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static bombus_error err;
static bombus_tensor *vector;                        /* F32 [2] */
static bombus_safetensors_entry entry = {"w", NULL}; /* vector as "w" */

static int make_vector(void **state)
{
    (void)state;
    const float values[2] = {1, 2};
    bombus_status status = bombus_tensor_create(&vector, BOMBUS_F32, 1, (const int64_t[]){2}, values, &err);
    entry.tensor = vector;
    return status;
}

static int free_vector(void **state)
{
    (void)state;
    bombus_tensor_free(vector);
    return 0;
}

static size_t read_file(unsigned char *bytes, size_t capacity, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (!stream)
        fail_msg("%s: cannot open", path);
    const size_t count = fread(bytes, 1, capacity, stream);
    fclose(stream);
    return count;
}

static size_t files_here(void)
{
    DIR *stream = opendir(".");
    size_t count = 0;
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2; /* . and .. */
}

/* Writes what a golden file holds, tensors in reverse order, and compares the bytes. */
static void assert_rewritten(const char *name)
{
    char path[300];
    bombus_safetensors *file;
    bombus_safetensors_entry entries[32];
    const char *metadata[4][2];
    static unsigned char expected[8192], written[8192];

    snprintf(path, sizeof path, "%s/safetensors/%s", BOMBUS_GOLDEN, name);
    assert_ok(bombus_safetensors_open(&file, path, &err), err);
    const size_t count = bombus_safetensors_count(file), pairs = bombus_safetensors_metadata_count(file);
    for (size_t i = 0; i < count; i++) {
        bombus_tensor *tensor;
        const char *tensor_name = bombus_safetensors_at(file, count - 1 - i)->name;
        assert_ok(bombus_safetensors_tensor(&tensor, file, tensor_name, &err), err);
        entries[i] = (bombus_safetensors_entry){tensor_name, tensor};
    }
    for (size_t i = 0; i < pairs; i++)
        bombus_safetensors_metadata_at(file, i, &metadata[i][0], &metadata[i][1]);
    assert_ok(bombus_safetensors_write("out.safetensors", entries, count, metadata, pairs, &err), err);

    const size_t size = read_file(expected, sizeof expected, path);
    assert_in_range(size, 10, sizeof expected - 1);
    assert_int_equal(read_file(written, sizeof written, "out.safetensors"), size);
    assert_memory_equal(written, expected, size);
    for (size_t i = 0; i < count; i++)
        bombus_tensor_free((bombus_tensor *)entries[i].tensor);
    bombus_safetensors_close(file);
}

static void bytes_are_those_of_the_reference_package(void **state)
{
    (void)state;
    assert_rewritten("reference.safetensors");
    assert_rewritten("plain.safetensors");
    assert_rewritten("empty.safetensors");
}

static void every_dtype_comes_back(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < BOMBUS_DTYPE_COUNT; dtype++) {
        unsigned char data[64];
        bombus_tensor *tensor;
        bombus_safetensors *file;
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (unsigned char)(3 * i + 1);
        assert_ok(bombus_tensor_create(&tensor, (bombus_dtype)dtype, 2, (const int64_t[]){2, 4}, data, &err), err);
        const bombus_safetensors_entry one = {"t", tensor};
        assert_ok(bombus_safetensors_write("out.safetensors", &one, 1, NULL, 0, &err), err);
        assert_ok(bombus_safetensors_open(&file, "out.safetensors", &err), err);

        const bombus_tensor_info *info = bombus_safetensors_find(file, "t");
        assert_int_equal(info->dtype, dtype);
        assert_int_equal(info->bytes, bombus_dtype_bits((bombus_dtype)dtype));
        assert_memory_equal(info->data, data, info->bytes);
        bombus_safetensors_close(file);
        bombus_tensor_free(tensor);
    }
}

static void metadata_comes_back_in_order(void **state)
{
    (void)state;
    bombus_safetensors *file;
    const char *const metadata[][2] = {{"z", "1"}, {"a", "line\nbreak \"quoted\""}, {"", ""}};
    const char *key, *value;
    assert_ok(bombus_safetensors_write("out.safetensors", &entry, 1, metadata, 3, &err), err);
    assert_ok(bombus_safetensors_open(&file, "out.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_metadata_count(file), 3);
    for (size_t i = 0; i < 3; i++) {
        bombus_safetensors_metadata_at(file, i, &key, &value);
        assert_string_equal(key, metadata[i][0]);
        assert_string_equal(value, metadata[i][1]);
    }
    bombus_safetensors_close(file);
}

/* As when a trainer saves an adapter over the one it began with. */
static void a_file_can_be_written_over_while_it_is_mapped(void **state)
{
    (void)state;
    bombus_safetensors *file;
    bombus_tensor *old;
    const float values[2] = {3, 4};
    assert_ok(bombus_safetensors_write("over.safetensors", &entry, 1, NULL, 0, &err), err);
    assert_ok(bombus_safetensors_open(&file, "over.safetensors", &err), err);
    assert_ok(bombus_safetensors_tensor(&old, file, "w", &err), err);
    bombus_safetensors_close(file);

    bombus_tensor *other;
    assert_ok(bombus_tensor_create(&other, BOMBUS_F32, 1, (const int64_t[]){2}, values, &err), err);
    const bombus_safetensors_entry entries[] = {{"old", old}, {"w", other}};
    assert_ok(bombus_safetensors_write("over.safetensors", entries, 2, NULL, 0, &err), err);
    assert_memory_equal(bombus_tensor_data(old), bombus_tensor_data(vector), 8);
    assert_ok(bombus_safetensors_open(&file, "over.safetensors", &err), err);
    assert_memory_equal(bombus_safetensors_find(file, "old")->data, bombus_tensor_data(vector), 8);
    assert_memory_equal(bombus_safetensors_find(file, "w")->data, values, 8);
    bombus_safetensors_close(file);
    bombus_tensor_free(old);
    bombus_tensor_free(other);
}

/* ---- what is refused, and leaves nothing behind ---- */

static void assert_invalid(const bombus_safetensors_entry *entries, size_t count, const char *const (*metadata)[2], size_t pairs,
                           const char *message)
{
    const size_t files = files_here();
    assert_int_equal(bombus_safetensors_write("never.safetensors", entries, count, metadata, pairs, &err), BOMBUS_EINVAL);
    assert_string_equal(err.message, message);
    assert_int_equal(files_here(), files);
}

static void wrong_entries_are_refused(void **state)
{
    (void)state;
    bombus_tensor *bytes;
    assert_ok(bombus_tensor_create(&bytes, BOMBUS_U8, 0, NULL, "", &err), err);
    assert_invalid((bombus_safetensors_entry[]){{"a", vector}, {"b", vector}, {"a", bytes}}, 3, NULL, 0,
                   "never.safetensors: tensor \"a\": given twice");
    assert_invalid((bombus_safetensors_entry[]){{"__metadata__", vector}}, 1, NULL, 0,
                   "never.safetensors: entry 0: name: __metadata__, expected one for a tensor");
    assert_invalid((bombus_safetensors_entry[]){{"a", vector}, {"b\xff", vector}}, 2, NULL, 0,
                   "never.safetensors: entry 1: name: not UTF-8, expected UTF-8");
    assert_invalid((bombus_safetensors_entry[]){{NULL, vector}}, 1, NULL, 0, "never.safetensors: entry 0: name: none, expected UTF-8");
    assert_invalid((bombus_safetensors_entry[]){{"a", NULL}}, 1, NULL, 0, "never.safetensors: tensor \"a\": none");
    bombus_tensor_free(bytes);
}

static void a_quantized_tensor_is_refused(void **state)
{
    (void)state;
    bombus_tensor *weight, *scales, *biases, *joined;
    const bombus_quantization affine = {BOMBUS_AFFINE, 4, 32};
    assert_ok(bombus_tensor_create(&weight, BOMBUS_U32, 2, (const int64_t[]){1, 4}, NULL, &err), err);
    assert_ok(bombus_tensor_create(&scales, BOMBUS_F32, 2, (const int64_t[]){1, 1}, NULL, &err), err);
    assert_ok(bombus_tensor_create(&biases, BOMBUS_F32, 2, (const int64_t[]){1, 1}, NULL, &err), err);
    assert_ok(bombus_tensor_join(&joined, &affine, weight, scales, biases, &err), err);
    assert_invalid((bombus_safetensors_entry[]){{"q", joined}}, 1, NULL, 0,
                   "never.safetensors: tensor \"q\": quantized (affine), expected its dense parts");
    bombus_tensor_free(weight);
    bombus_tensor_free(scales);
    bombus_tensor_free(biases);
    bombus_tensor_free(joined);
}

static void wrong_metadata_is_refused(void **state)
{
    (void)state;
    assert_invalid(&entry, 1, (const char *const[][2]){{"a", "1"}, {"b", "2"}, {"a", "3"}}, 3,
                   "never.safetensors: metadata \"a\": given twice");
    assert_invalid(&entry, 1, (const char *const[][2]){{"a", "\xc0\x80"}}, 1,
                   "never.safetensors: metadata 0: expected key and value in UTF-8");
    assert_invalid(&entry, 1, (const char *const[][2]){{"a", NULL}}, 1, "never.safetensors: metadata 0: expected key and value in UTF-8");
}

static void a_directory_that_is_missing_is_named(void **state)
{
    (void)state;
    assert_int_equal(bombus_safetensors_write("none/out.safetensors", &entry, 1, NULL, 0, &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "none/out.safetensors: cannot create: No such file or directory");
}

static void a_directory_in_the_way_stays(void **state)
{
    (void)state;
    assert_int_equal(mkdir("way.safetensors", 0755), 0);
    const size_t files = files_here();
    assert_int_equal(bombus_safetensors_write("way.safetensors", &entry, 1, NULL, 0, &err), BOMBUS_EIO);
    assert_string_equal(err.message, "way.safetensors: is no regular file, so it is not replaced");
    assert_int_equal(files_here(), files);
}

/* A limit on the size of files stands in for a full disk: write fails in the middle. */
static void a_full_disk_leaves_the_old_file_and_no_other(void **state)
{
    (void)state;
    bombus_tensor *large;
    struct rlimit before;
    unsigned char old[256], now[256];
    assert_ok(bombus_tensor_create(&large, BOMBUS_U8, 1, (const int64_t[]){1 << 20}, NULL, &err), err);
    assert_ok(bombus_safetensors_write("full.safetensors", &entry, 1, NULL, 0, &err), err);
    const size_t size = read_file(old, sizeof old, "full.safetensors"), files = files_here();

    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, before.rlim_max});
    bombus_status status = bombus_safetensors_write("full.safetensors", &(bombus_safetensors_entry){"w", large}, 1, NULL, 0, &err);
    setrlimit(RLIMIT_FSIZE, &before);

    assert_int_equal(status, BOMBUS_EIO);
    assert_string_equal(err.message, "full.safetensors: cannot write: File too large");
    assert_int_equal(files_here(), files);
    assert_int_equal(read_file(now, sizeof now, "full.safetensors"), size);
    assert_memory_equal(now, old, size);
    bombus_tensor_free(large);
}

static void a_header_past_the_limit_is_refused(void **state)
{
    (void)state;
    const size_t size = 100000001;
    char *name = malloc(size + 1);
    memset(name, 'n', size);
    name[size] = '\0';
    const size_t files = files_here();
    assert_int_equal(bombus_safetensors_write("never.safetensors", &(bombus_safetensors_entry){name, vector}, 1, NULL, 0, &err),
                     BOMBUS_ELIMIT);
    assert_string_equal(err.message, "never.safetensors: a header of 100000056 bytes, expected at most 100000000");
    assert_int_equal(files_here(), files);
    free(name);
}

#ifdef BOMBUS_DEBUG
static void without_memory_nothing_is_left(void **state)
{
    (void)state;
    const char *const metadata[][2] = {{"a", "1"}};
    const size_t files = files_here();
    bombus_status status = BOMBUS_ENOMEM;
    size_t nth = 0;
    while (status == BOMBUS_ENOMEM) {
        assert_int_equal(files_here(), files);
        bb_alloc_fail_at(++nth);
        status = bombus_safetensors_write("memory.safetensors", &entry, 1, metadata, 1, &err);
        bb_alloc_fail_at(0);
    }
    assert_ok(status, err);
    assert_true(nth > 4);
    assert_int_equal(files_here(), files + 1);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_reference_package),
        cmocka_unit_test(every_dtype_comes_back),
        cmocka_unit_test(metadata_comes_back_in_order),
        cmocka_unit_test(a_file_can_be_written_over_while_it_is_mapped),
        cmocka_unit_test(wrong_entries_are_refused),
        cmocka_unit_test(a_quantized_tensor_is_refused),
        cmocka_unit_test(wrong_metadata_is_refused),
        cmocka_unit_test(a_directory_that_is_missing_is_named),
        cmocka_unit_test(a_directory_in_the_way_stays),
        cmocka_unit_test(a_full_disk_leaves_the_old_file_and_no_other),
        cmocka_unit_test(a_header_past_the_limit_is_refused),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_nothing_is_left),
#endif
    };
    const char *temporary = enter_temporary();
    int failed = cmocka_run_group_tests(tests, make_vector, free_vector);
    leave_temporary(temporary);
    return failed;
}
