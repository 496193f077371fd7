/* Safetensors: indexes, their shards, and directories. */
#include "io/files.h"

#include <bombus/safetensors.h>
#include <sys/stat.h>

static bombus_error err;
static bombus_safetensors *file;

#define TENSOR(name, begin, end) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[" #end "],\"data_offsets\":[" #begin "," #end "]}"
#define SHARD_1                  "model-00001-of-00002.safetensors"
#define SHARD_2                  "model-00002-of-00002.safetensors"
#define INDEX                    "m/model.safetensors.index.json"

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

/* m: two shards, "a" in the first, "b" in the second. */
static void begin_model(void)
{
    if (system("rm -rf m") != 0 || mkdir("m", 0755) != 0)
        abort();
    write_safetensors("m/" SHARD_1, "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR("a", 0, 3) "}", 3);
    write_safetensors("m/" SHARD_2, "{\"__metadata__\":{\"format\":\"other\",\"more\":\"\"}," TENSOR("b", 0, 2) "}", 2);
}

/* A weight_map of these members, opened through the directory. */
static bombus_status open_with_index(const char *members)
{
    char text[1024];
    snprintf(text, sizeof text, "{\"metadata\":{\"total_size\":5},\"weight_map\":{%s}}", members);
    write_text(INDEX, text);
    return bombus_safetensors_open(&file, "m", &err);
}

static void assert_both_shards(void)
{
    assert_int_equal(bombus_safetensors_count(file), 2);
    assert_string_equal(bombus_safetensors_at(file, 0)->name, "a");
    assert_string_equal(bombus_safetensors_at(file, 0)->file, "m/" SHARD_1);
    assert_string_equal(bombus_safetensors_find(file, "b")->file, "m/" SHARD_2);
    assert_memory_equal(bombus_safetensors_find(file, "b")->data, "\1\2", 2);
    assert_string_equal(bombus_safetensors_metadata(file, "format"), "pt");
    assert_int_equal(bombus_safetensors_metadata_count(file), 1);
    bombus_safetensors_close(file);
}

static void an_index_joins_its_shards_in_order_of_name(void **state)
{
    (void)state;
    begin_model();
    assert_ok(open_with_index("\"b\":\"" SHARD_2 "\",\"a\":\"" SHARD_1 "\""), err);
    assert_both_shards();
    assert_ok(bombus_safetensors_open(&file, INDEX, &err), err);
    assert_both_shards();
    assert_int_equal(chdir("m"), 0);
    bombus_status status = bombus_safetensors_open(&file, "model.safetensors.index.json", &err);
    assert_int_equal(chdir(".."), 0);
    assert_ok(status, err);
    assert_string_equal(bombus_safetensors_find(file, "b")->file, "./" SHARD_2);
    bombus_safetensors_close(file);
}

static void the_index_comes_before_a_single_file(void **state)
{
    (void)state;
    begin_model();
    write_safetensors("m/model.safetensors", "{" TENSOR("c", 0, 1) "}", 1);
    assert_ok(open_with_index("\"b\":\"" SHARD_2 "\",\"a\":\"" SHARD_1 "\""), err);
    assert_both_shards();
    assert_int_equal(unlink(INDEX), 0);
    assert_ok(bombus_safetensors_open(&file, "m", &err), err);
    assert_int_equal(bombus_safetensors_count(file), 1);
    assert_non_null(bombus_safetensors_find(file, "c"));
    bombus_safetensors_close(file);
}

static void tensors_that_the_index_leaves_out_are_there(void **state)
{
    (void)state;
    begin_model();
    write_safetensors("m/" SHARD_2,
                      "{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                      "\"extra\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}",
                      3);
    assert_ok(open_with_index("\"b\":\"" SHARD_2 "\",\"a\":\"" SHARD_1 "\""), err);
    assert_non_null(bombus_safetensors_find(file, "extra"));
    bombus_safetensors_close(file);
}

static void a_tensor_outlives_its_shards(void **state)
{
    (void)state;
    bombus_tensor *a, *b;
    begin_model();
    assert_ok(open_with_index("\"b\":\"" SHARD_2 "\",\"a\":\"" SHARD_1 "\""), err);
    assert_ok(bombus_safetensors_tensor(&a, file, "a", &err), err);
    assert_ok(bombus_safetensors_tensor(&b, file, "b", &err), err);
    assert_int_equal(bombus_safetensors_tensor(&(bombus_tensor *){NULL}, file, "c", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "m: no tensor \"c\"");
    bombus_safetensors_close(file);
    bombus_tensor_free(a);
    assert_memory_equal(bombus_tensor_data(b), "\1\2", 2);
    bombus_tensor_free(b);
}

static void a_tensor_that_is_not_where_the_index_says_is_refused(void **state)
{
    (void)state;
    begin_model();
    assert_int_equal(open_with_index("\"a\":\"" SHARD_1 "\",\"b\":\"" SHARD_2 "\",\"c\":\"" SHARD_2 "\""), BOMBUS_EFORMAT);
    assert_string_equal(err.message, INDEX ": weight_map: \"c\" is not in " SHARD_2);
    assert_null(file);
    assert_int_equal(open_with_index("\"a\":\"" SHARD_2 "\",\"b\":\"" SHARD_1 "\""), BOMBUS_EFORMAT);
    assert_string_equal(err.message, INDEX ": weight_map: \"a\" is not in " SHARD_2 " but in m/" SHARD_1);
    assert_int_equal(open_with_index("\"a\":\"" SHARD_1 "\",\"b\\u0000\":\"" SHARD_2 "\""), BOMBUS_EFORMAT);
}

static void a_tensor_in_two_shards_is_refused(void **state)
{
    (void)state;
    begin_model();
    write_safetensors("m/" SHARD_2, "{" TENSOR("a", 0, 3) "}", 3);
    assert_int_equal(open_with_index("\"a\":\"" SHARD_1 "\",\"b\":\"" SHARD_2 "\""), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "m/" SHARD_2 ": tensor \"a\": is in m/" SHARD_1 " too");
}

static void a_shard_that_is_missing_or_broken_is_named(void **state)
{
    (void)state;
    begin_model();
    assert_int_equal(unlink("m/" SHARD_2), 0);
    assert_int_equal(open_with_index("\"a\":\"" SHARD_1 "\",\"b\":\"" SHARD_2 "\""), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "m/" SHARD_2 ": cannot open: No such file or directory");
    write_file("m/" SHARD_2, "", 0);
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "m/" SHARD_2 ": 0 bytes, expected at least 8 (the length of the header)");
}

static void what_is_no_file_where_the_weights_belong_is_named(void **state)
{
    (void)state;

    assert_int_equal(system("rm -rf odd && mkdir -p odd/model.safetensors"), 0);
    assert_int_equal(bombus_safetensors_open(&file, "odd", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "odd/model.safetensors: is a directory, expected a file");

    assert_int_equal(system("rmdir odd/model.safetensors && ln -s nowhere odd/model.safetensors"), 0);
    assert_int_equal(bombus_safetensors_open(&file, "odd", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "odd/model.safetensors: cannot open: No such file or directory");

    assert_int_equal(system("mkdir odd/model.safetensors.index.json"), 0);
    assert_int_equal(bombus_safetensors_open(&file, "odd", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "odd/model.safetensors.index.json: is a directory, expected a file");
}

static void a_shard_outside_the_directory_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\"../t.safetensors\"", "\"/etc/passwd\"", "\"m/x\"", "\"..\"", "\".\"", "\"\"", "3",
                                        "\"a\\u0000b\""};
    begin_model();
    write_safetensors("t.safetensors", "{" TENSOR("a", 0, 3) "}", 3);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char members[100];
        snprintf(members, sizeof members, "\"a\":%s", wrong[i]);
        assert_int_equal(open_with_index(members), BOMBUS_EFORMAT);
        assert_non_null(strstr(err.message, INDEX ": weight_map: \"a\": "));
        assert_non_null(strstr(err.message, ", expected the name of a file beside the index"));
    }
}

static void an_index_that_is_none_is_refused(void **state)
{
    (void)state;
    begin_model();
    write_text(INDEX, "{\"metadata\":{}}");
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, INDEX ": weight_map: nothing, expected an object");
    write_text(INDEX, "[]");
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    write_text(INDEX, "{\"weight_map\":[]}");
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, INDEX ": weight_map: an array, expected an object");
    write_text(INDEX, "");
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, INDEX ": line 1, column 1: ends too early");
    assert_int_equal(open_with_index("\"a\":\"" SHARD_1 "\",\"a\":\"" SHARD_1 "\""), BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "duplicate key \"a\""));
    assert_int_equal(bombus_safetensors_open(&file, "none.safetensors.index.json", &err), BOMBUS_ENOTFOUND);
}

static void a_series_without_an_index_opens(void **state)
{
    (void)state;
    begin_model();
    write_text("m/model-2-of-3.safetensors", "not of the series");
    write_text("m/model-00001-of-00002.safetensors.bak", "nor this");
    write_text("m/consolidated.safetensors", "nor this");
    assert_ok(bombus_safetensors_open(&file, "m", &err), err);
    assert_both_shards();
}

static void a_gap_in_a_series_is_named(void **state)
{
    (void)state;
    begin_model();
    assert_int_equal(unlink("m/" SHARD_1), 0);
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "m/" SHARD_1 ": cannot open: No such file or directory");
}

static void two_series_are_refused(void **state)
{
    (void)state;
    begin_model();
    write_safetensors("m/model-00001-of-00003.safetensors", "{}", 0);
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "m: files of a series of 2 and of a series of 3, expected one series");
    assert_int_equal(rename("m/model-00001-of-00003.safetensors", "m/model-00003-of-00002.safetensors"), 0);
    assert_int_equal(bombus_safetensors_open(&file, "m", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "m/model-00003-of-00002.safetensors: number 3, expected 1 to 2");
}

static void the_shared_models_open(void **state)
{
    (void)state;
    static const char *const names[] = {"stories260k", "stories260k-mlx-8bit", "stories260k-mlx-4bit"};
    if (access(BOMBUS_SHARED "/models", R_OK) != 0) {
        print_message("SKIP: no " BOMBUS_SHARED "/models\n");
        skip();
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/models/%s", BOMBUS_SHARED, names[i]);
        assert_ok(bombus_safetensors_open(&file, path, &err), err);
        assert_non_null(bombus_safetensors_find(file, "model.norm.weight"));
        bombus_safetensors_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_joins_its_shards_in_order_of_name),
        cmocka_unit_test(the_index_comes_before_a_single_file),
        cmocka_unit_test(tensors_that_the_index_leaves_out_are_there),
        cmocka_unit_test(a_tensor_outlives_its_shards),
        cmocka_unit_test(a_tensor_that_is_not_where_the_index_says_is_refused),
        cmocka_unit_test(a_tensor_in_two_shards_is_refused),
        cmocka_unit_test(a_shard_that_is_missing_or_broken_is_named),
        cmocka_unit_test(what_is_no_file_where_the_weights_belong_is_named),
        cmocka_unit_test(a_shard_outside_the_directory_is_refused),
        cmocka_unit_test(an_index_that_is_none_is_refused),
        cmocka_unit_test(a_series_without_an_index_opens),
        cmocka_unit_test(a_gap_in_a_series_is_named),
        cmocka_unit_test(two_series_are_refused),
        cmocka_unit_test(the_shared_models_open),
    };
    const char *temporary = enter_temporary();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
