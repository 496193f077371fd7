/* A model's tensors in a directory: one file or several, and an index that finds them. */
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"
#include "testing.h"

#include <sys/stat.h>

enum { COUNT = 4 };

static bombus_error err;

/* By name c, d, a, b: of 4, 40, 8 and 12 bytes. */
static const char *const names[COUNT] = {"c", "d", "a", "b"};
static const int64_t bytes[COUNT] = {4, 40, 8, 12};
static unsigned char data[64];

static void write_model(bombus_status expected, const char *directory, int64_t limit, bb_safetensors_fill fill)
{
    bombus_tensor tensors[COUNT] = {0};
    bombus_safetensors_entry entries[COUNT];

    for (int i = 0; i < COUNT; i++) {
        tensors[i].t = bb_tensor_view(BOMBUS_U8, 1, &bytes[i], fill ? NULL : data + i);
        entries[i] = (bombus_safetensors_entry){names[i], &tensors[i]};
    }
    assert_int_equal(bb_safetensors_write_model(directory, entries, COUNT, 123, limit, fill, NULL, &err), expected);
}

static void expect_index(const char *expected)
{
    char *text;
    size_t size;

    assert_ok(bb_file_read(&text, &size, "model/model.safetensors.index.json", 1 << 16, &err), err);
    assert_string_equal(text, expected);
    bb_free(text);
}

static void what_fits_is_one_file(void **state)
{
    bombus_safetensors *file;

    (void)state;
    assert_int_equal(mkdir("model", 0777), 0);
    write_model(BOMBUS_OK, "model", 64, NULL);
    expect_index("{\"metadata\":{\"total_size\":64,\"total_parameters\":123},\"weight_map\":{\"a\":\"model.safetensors\","
                 "\"b\":\"model.safetensors\",\"c\":\"model.safetensors\",\"d\":\"model.safetensors\"}}");
    assert_ok(bombus_safetensors_open(&file, "model", &err), err);
    assert_string_equal(bombus_safetensors_metadata(file, "format"), "mlx");
    bombus_safetensors_close(file);
    write_model(BOMBUS_OK, "model", 64, NULL); /* in the other's place */
    assert_int_equal(system("rm -r model"), 0);
}

static void files_are_filled_in_order_of_name(void **state)
{
    bombus_safetensors *file;

    (void)state;
    assert_int_equal(mkdir("model", 0777), 0);
    write_model(BOMBUS_OK, "model", 20, NULL); /* a and b are 20; d is larger */
    expect_index("{\"metadata\":{\"total_size\":64,\"total_parameters\":123},\"weight_map\":{\"a\":\"model-00001-of-00003.safetensors\","
                 "\"b\":\"model-00001-of-00003.safetensors\",\"c\":\"model-00002-of-00003.safetensors\","
                 "\"d\":\"model-00003-of-00003.safetensors\"}}");
    assert_ok(bombus_safetensors_open(&file, "model", &err), err);
    assert_int_equal(bombus_safetensors_count(file), COUNT);
    for (int i = 0; i < COUNT; i++) {
        const bombus_tensor_info *info = bombus_safetensors_find(file, names[i]);
        assert_int_equal(info->bytes, bytes[i]);
        assert_memory_equal(info->data, data + i, info->bytes);
    }
    bombus_safetensors_close(file);
    assert_int_equal(system("rm -r model"), 0);
}

static void a_file_that_would_be_read_beside_them_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir("model", 0777), 0);
    write_file("model/model-00004-of-00004.safetensors", "", 0);
    write_model(BOMBUS_EINVAL, "model", 20, NULL);
    assert_string_equal(err.message, "model/model-00004-of-00004.safetensors: there already, and would be read beside what is written");
    assert_int_equal(system("test $(ls model | wc -l) = 1 && rm model/*"), 0);
    write_file("model/adapters.safetensors", "", 0); /* which nobody takes for a model's */
    write_model(BOMBUS_OK, "model", 20, NULL);
    write_model(BOMBUS_EINVAL, "model", 64, NULL);
    write_model(BOMBUS_ENOTFOUND, "missing", 64, NULL);
    assert_int_equal(system("rm -r model"), 0);
}

static bombus_status fail_at_c(const bombus_safetensors_entry *entry, bb_writer *writer, void *context, bombus_error *failure)
{
    (void)context;
    if (strcmp(entry->name, "c") == 0)
        return bb_fail(failure, BOMBUS_ENOMEM, "c: no more");
    return bb_writer_write(writer, data, bb_tensor_bytes(&entry->tensor->t), failure);
}

static void a_failure_leaves_no_index(void **state)
{
    (void)state;
    assert_int_equal(mkdir("model", 0777), 0);
    write_file("model/config.json", "{}", 2); /* of a model from before, whose index would fit */
    write_file("model/model.safetensors.index.json", "{}", 2);
    write_model(BOMBUS_ENOMEM, "model", 20, fail_at_c);
    assert_string_equal(err.message, "c: no more");
    assert_int_equal(system("test \"$(ls model)\" = model-00001-of-00003.safetensors && rm -r model"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_one_file),
        cmocka_unit_test(files_are_filled_in_order_of_name),
        cmocka_unit_test(a_file_that_would_be_read_beside_them_is_refused),
        cmocka_unit_test(a_failure_leaves_no_index),
    };
    const char *path = enter_temporary();
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + 1);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
