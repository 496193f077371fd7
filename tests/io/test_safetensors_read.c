/* Safetensors: what one file gives, and which files are refused with which words. */
#include "base/memory.h"
#include "io/files.h"
#include "io/safetensors.h"

#include <bombus/safetensors.h>
#include <sys/stat.h>

static bombus_error err;
static bombus_safetensors *file;

static const char *const two = "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                               "\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}}";

/* Opens a file with this header and data; a file that opens is closed again. */
static bombus_status open_header(const char *header, size_t data_bytes)
{
    write_safetensors("t.safetensors", header, data_bytes);
    bombus_status status = bombus_safetensors_open(&file, "t.safetensors", &err);
    if (status == BOMBUS_OK)
        bombus_safetensors_close(file);
    return status;
}

#define assert_refused(header, data_bytes, words)                                                                                          \
    do {                                                                                                                                   \
        assert_int_equal(open_header(header, data_bytes), BOMBUS_EFORMAT);                                                                 \
        assert_null(file);                                                                                                                 \
        assert_string_equal(err.message, "t.safetensors: " words);                                                                         \
    } while (0)

/* One tensor "w" with these fields. */
#define W(fields) "{\"w\":{" fields "}}"

/* ---- what a file gives ---- */

static void tensors_lie_where_they_stand_in_the_file(void **state)
{
    (void)state;
    write_safetensors("t.safetensors", two, 11);
    assert_ok(bombus_safetensors_open(&file, "t.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_count(file), 2);

    const bombus_tensor_info *a = bombus_safetensors_find(file, "a"), *b = bombus_safetensors_find(file, "b");
    assert_ptr_equal(bombus_safetensors_at(file, 0), b);
    assert_ptr_equal(bombus_safetensors_at(file, 1), a);
    assert_null(bombus_safetensors_at(file, 2));
    assert_null(bombus_safetensors_find(file, "c"));
    assert_null(bombus_safetensors_find(file, "__metadata__"));

    assert_string_equal(b->name, "b");
    assert_int_equal(b->dtype, BOMBUS_F32);
    assert_int_equal(b->rank, 2);
    assert_int_equal(b->shape[0], 2);
    assert_int_equal(b->shape[1], 1);
    assert_int_equal(b->bytes, 8);
    assert_string_equal(b->file, "t.safetensors");
    assert_memory_equal(a->data, "\x09\x0a\x0b", 3);
    assert_ptr_equal((const char *)b->data + 8, a->data);
    bombus_safetensors_close(file);
}

static void a_tensor_outlives_its_file(void **state)
{
    (void)state;
    bombus_tensor *tensor, *none;
    write_safetensors("t.safetensors", two, 11);
    assert_ok(bombus_safetensors_open(&file, "t.safetensors", &err), err);
    assert_ok(bombus_safetensors_tensor(&tensor, file, "b", &err), err);
    assert_int_equal(bombus_safetensors_tensor(&none, file, "c", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "t.safetensors: no tensor \"c\"");
    assert_null(none);
    bombus_safetensors_close(file);

    assert_int_equal(bombus_tensor_dtype(tensor), BOMBUS_F32);
    assert_int_equal(bombus_tensor_rank(tensor), 2);
    assert_int_equal(bombus_tensor_shape(tensor)[0], 2);
    assert_memory_equal(bombus_tensor_data(tensor), "\1\2\3\4\5\6\7\x08", 8);
    bombus_tensor_free(tensor);
}

static void metadata_is_a_list_of_pairs(void **state)
{
    (void)state;
    const char *key, *value;
    write_safetensors("t.safetensors", "{\"__metadata__\":{\"format\":\"mlx\",\"\\u00e9\":\"\"}}", 0);
    assert_ok(bombus_safetensors_open(&file, "t.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_count(file), 0);
    assert_int_equal(bombus_safetensors_metadata_count(file), 2);
    assert_string_equal(bombus_safetensors_metadata(file, "format"), "mlx");
    assert_null(bombus_safetensors_metadata(file, "other"));
    bombus_safetensors_metadata_at(file, 1, &key, &value);
    assert_string_equal(key, "\xc3\xa9");
    assert_string_equal(value, "");
    bombus_safetensors_metadata_at(file, 2, &key, &value);
    assert_null(key);
    assert_null(value);
    bombus_safetensors_close(file);
}

static void what_the_format_allows_opens(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t data_bytes;
    } cases[] = {
        {"{}", 0},
        {"{}      ", 0},
        {"{\"__metadata__\":{}}", 0},
        {"{\"__metadata__\":null}", 0},
        {W("\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]"), 8},
        {W("\"dtype\":\"I8\",\"shape\":[0,5],\"data_offsets\":[0,0]"), 0},
        {W("\"dtype\":\"F4\",\"shape\":[3,2],\"data_offsets\":[0,3]"), 3},
        {W("\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]"), 3},
        {W("\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]"), 1},
        {W("\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"note\":{\"x\":[1.5]}"), 1},
        {"{\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
        {"{\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]},\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"y\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (open_header(cases[i].header, cases[i].data_bytes) != BOMBUS_OK)
            fail_msg("%s: %s", cases[i].header, err.message);
}

static void every_dtype_is_known_with_its_size(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < BOMBUS_DTYPE_COUNT; dtype++) {
        char header[200];
        const size_t bytes = (size_t)bombus_dtype_bits((bombus_dtype)dtype); /* of 8 elements */
        snprintf(header, sizeof header, W("\"dtype\":\"%s\",\"shape\":[2,4],\"data_offsets\":[0,%zu]"),
                 bombus_dtype_name((bombus_dtype)dtype), bytes);
        assert_ok(open_header(header, bytes), err);
    }
}

/* The data section begins at byte 8 + header: padding moves it over every alignment. */
static void data_may_begin_at_any_byte(void **state)
{
    (void)state;
    for (size_t padding = 0; padding < 8; padding++) {
        char header[200];
        bombus_tensor *tensor, *half;
        const float values[3] = {1.5f, -2.0f, 0.25f};
        snprintf(header, sizeof header, W("\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]") "%*s", (int)padding, "");

        unsigned char bytes[256];
        const size_t size = make_file(bytes, sizeof bytes, header, sizeof values);
        memcpy(bytes + size - sizeof values, values, sizeof values);
        write_file("t.safetensors", bytes, size);

        assert_ok(bombus_safetensors_open(&file, "t.safetensors", &err), err);
        assert_int_equal((uintptr_t)bombus_safetensors_at(file, 0)->data % 8, strlen(header) % 8);
        assert_ok(bombus_safetensors_tensor(&tensor, file, "w", &err), err);
        bombus_safetensors_close(file);
        assert_memory_equal(bombus_tensor_data(tensor), values, sizeof values);
        assert_ok(bombus_tensor_cast(&half, tensor, BOMBUS_F16, &err), err);
        assert_memory_equal(bombus_tensor_data(half), "\x00\x3e\x00\xc0\x00\x34", 6);

        const bombus_safetensors_entry entry = {"w", tensor};
        assert_ok(bombus_safetensors_write("copy.safetensors", &entry, 1, NULL, 0, &err), err);
        bombus_tensor_free(half);
        bombus_tensor_free(tensor);
    }
}

static void thousands_of_tensors_are_found_by_name(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    const size_t capacity = (size_t)COUNT * 100;
    char *header = malloc(capacity), name[40];
    size_t used = 0;
    for (int i = 0; i < COUNT; i++)
        used += (size_t)snprintf(header + used, capacity - used,
                                 "%c\"layers.%d.w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}", i ? ',' : '{', i, i, i + 1);
    snprintf(header + used, capacity - used, "}");
    unsigned char *bytes = malloc(capacity + COUNT);
    const size_t size = make_file(bytes, capacity + COUNT, header, COUNT);

    assert_ok(bb_safetensors_parse(&file, bytes, size, "memory", &err), err);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "layers.%d.w", i);
        assert_ptr_equal(bombus_safetensors_find(file, name), bombus_safetensors_at(file, (size_t)i));
    }
    bombus_safetensors_close(file);
    free(bytes);
    free(header);
}

/* ---- what is refused ---- */

static void a_file_that_ends_before_its_header_is_refused(void **state)
{
    (void)state;
    write_file("t.safetensors", "", 0);
    assert_int_equal(bombus_safetensors_open(&file, "t.safetensors", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.safetensors: 0 bytes, expected at least 8 (the length of the header)");
    write_file("t.safetensors", "\xff\xff\0\0\0\0\0\0{}", 10);
    assert_int_equal(bombus_safetensors_open(&file, "t.safetensors", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.safetensors: header says 65535 bytes, the file has 2 left");
    write_file("t.safetensors", "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    assert_int_equal(bombus_safetensors_open(&file, "t.safetensors", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "t.safetensors: header says 18446744073709551615 bytes, expected at most 100000000");
}

static void the_longest_header_is_a_hundred_million_bytes(void **state)
{
    (void)state;
    const size_t size = 8 + 100000001;
    unsigned char *bytes = malloc(size);
    memset(bytes, ' ', size);
    memcpy(bytes, "\x00\xe1\xf5\x05\0\0\0\0{}", 10);
    assert_ok(bb_safetensors_parse(&file, bytes, size - 1, "memory", &err), err);
    bombus_safetensors_close(file);
    bytes[0]++;
    assert_int_equal(bb_safetensors_parse(&file, bytes, size, "memory", &err), BOMBUS_EFORMAT);
    assert_string_equal(err.message, "memory: header says 100000001 bytes, expected at most 100000000");
    free(bytes);
}

static void a_header_that_is_no_strict_json_object_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0, "header does not begin with {");
    assert_refused(" {}", 0, "header does not begin with {");
    assert_refused("[]", 0, "header does not begin with {");
    assert_refused("{", 0, "header: line 1, column 2: ends too early");
    assert_refused("{\"a\xff\":1}", 0, "header: line 1, column 4: not UTF-8");
    assert_int_equal(open_header("{} x", 0), BOMBUS_EFORMAT);
    assert_int_equal(open_header("{}{}", 0), BOMBUS_EFORMAT);
    assert_int_equal(open_header("{'w':1}", 0), BOMBUS_EFORMAT);
    assert_int_equal(open_header("{} // note", 0), BOMBUS_EFORMAT);
    assert_int_equal(open_header("{} \"", 0), BOMBUS_EFORMAT);
    write_file("t.safetensors", "\3\0\0\0\0\0\0\0{}\0", 11);
    assert_int_equal(bombus_safetensors_open(&file, "t.safetensors", &err), BOMBUS_EFORMAT);
}

static void a_name_twice_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_header("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                 "\"\\u0077\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                                 2),
                     BOMBUS_EFORMAT);
    assert_non_null(strstr(err.message, "t.safetensors: header: line 1, column "));
    assert_non_null(strstr(err.message, "duplicate key \"w\""));
    assert_int_equal(open_header("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0), BOMBUS_EFORMAT);
    assert_int_equal(open_header(W("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]"), 1), BOMBUS_EFORMAT);
}

static void metadata_of_another_shape_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"__metadata__\":[]}", 0, "__metadata__: an array, expected an object");
    assert_refused("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__: \"a\": a number, expected a string");
    assert_int_equal(open_header("{\"__metadata__\":{\"a\":\"x\\u0000y\"}}", 0), BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "t.safetensors: __metadata__: \"a\": a NUL in key or value");
}

static void a_tensor_without_its_fields_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"w\":1}", 0, "tensor \"w\": a number, expected an object");
    assert_refused(W("\"shape\":[1],\"data_offsets\":[0,1]"), 1, "tensor \"w\": dtype: nothing, expected a known one (F32, BF16, U8, ...)");
    assert_refused(W("\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,1]"), 1,
                   "tensor \"w\": dtype: \"F33\", expected a known one (F32, BF16, U8, ...)");
    assert_refused(W("\"dtype\":\"u8\",\"shape\":[1],\"data_offsets\":[0,1]"), 1,
                   "tensor \"w\": dtype: \"u8\", expected a known one (F32, BF16, U8, ...)");
    assert_int_equal(open_header(W("\"dtype\":\"U8\\u0000\",\"shape\":[1],\"data_offsets\":[0,1]"), 1), BOMBUS_EFORMAT);
    assert_refused(W("\"dtype\":\"U8\",\"data_offsets\":[0,1]"), 1, "tensor \"w\": shape: nothing, expected an array");
    assert_refused(W("\"dtype\":\"U8\",\"shape\":[1]"), 1, "tensor \"w\": data_offsets: nothing, expected two integers from 0 to 2^63 - 1");
    assert_int_equal(open_header("{\"w\\u0000x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1), BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "t.safetensors: tensor \"w\": a NUL in the name");
}

static void a_shape_of_anything_but_counts_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "-1", "-0", "1.0", "1e0", "\"1\"", "null", "[1]", "9223372036854775808", "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char header[200];
        snprintf(header, sizeof header, W("\"dtype\":\"U8\",\"shape\":[1,%s],\"data_offsets\":[0,1]"), wrong[i]);
        assert_int_equal(open_header(header, 1), BOMBUS_EFORMAT);
        assert_non_null(strstr(err.message, "t.safetensors: tensor \"w\": shape[1]: "));
        snprintf(header, sizeof header, W("\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,%s]"), wrong[i]);
        assert_int_equal(open_header(header, 1), BOMBUS_EFORMAT);
        assert_non_null(strstr(err.message, "t.safetensors: tensor \"w\": data_offsets: "));
    }
    assert_int_equal(open_header(W("\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]"), 1), BOMBUS_EUNSUPPORTED);
    assert_string_equal(err.message, "t.safetensors: tensor \"w\": shape: 9 dimensions, expected at most 8");
}

static void a_shape_that_overflows_is_refused(void **state)
{
    (void)state;
    assert_refused(W("\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,1]"), 1,
                   "tensor \"w\": U8 of shape [4294967296, 4294967296], expected a whole number of bytes, fewer than 2^63");
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]"), 0,
                   "tensor \"w\": F32 of shape [4611686018427387904], expected a whole number of bytes, fewer than 2^63");
    assert_refused(W("\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]"), 2,
                   "tensor \"w\": F4 of shape [3], expected a whole number of bytes, fewer than 2^63");
}

static void offsets_that_do_not_match_are_refused(void **state)
{
    (void)state;
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9]"), 9,
                   "tensor \"w\": data_offsets: 9 bytes, expected 8 (F32 of shape [2])");
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]"), 7,
                   "tensor \"w\": data_offsets: end 8, the file has 7 bytes of data");
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]"), 8, "tensor \"w\": data_offsets: begin 8 past end 0");
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]"), 9,
                   "tensor \"w\": data_offsets: begin 1, expected 0 for the first");
    assert_refused(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]"), 10,
                   "10 bytes of data, expected 8, the end of the last tensor");
    assert_refused("{}", 1, "1 bytes of data, expected 0, the end of the last tensor");
    assert_int_equal(open_header(W("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]"), 8), BOMBUS_EFORMAT);
}

static void tensors_that_overlap_or_leave_holes_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],"
                   "\"data_offsets\":[3,7]}}",
                   7, "tensor \"b\": data_offsets: begin 3, expected 4, the end of \"a\"");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[5,9]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],"
                   "\"data_offsets\":[0,4]}}",
                   9, "tensor \"a\": data_offsets: begin 5, expected 4, the end of \"b\"");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],"
                   "\"data_offsets\":[0,4]}}",
                   4, "tensor \"b\": data_offsets: begin 0, expected 4, the end of \"a\"");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[0],"
                   "\"data_offsets\":[2,2]}}",
                   4, "tensor \"b\": data_offsets: begin 2, expected 4, the end of \"a\"");
}

static void a_file_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[512];
    const size_t size = make_file(bytes, sizeof bytes, two, 11);
    for (size_t cut = 0; cut < size; cut++) {
        write_file("cut.safetensors", bytes, cut);
        assert_int_equal(bombus_safetensors_open(&file, "cut.safetensors", &err), BOMBUS_EFORMAT);
        assert_non_null(strstr(err.message, "cut.safetensors: "));
    }
}

/* A changed file may still be right (another name, another dtype of the same size): then all of it lies inside. */
static void any_changed_byte_is_refused_or_consistent(void **state)
{
    (void)state;
    unsigned char bytes[512];
    const size_t size = make_file(bytes, sizeof bytes, two, 11);
    unsigned opened = 0;
    for (size_t at = 0; at < size - 11; at++)
        for (unsigned value = 0; value < 256; value++) {
            unsigned char *changed = malloc(size); /* exactly, so that a sanitizer sees a read past the end */
            memcpy(changed, bytes, size);
            changed[at] = (unsigned char)value;
            err.message[0] = '\0';
            if (bb_safetensors_parse(&file, changed, size, "memory", &err) == BOMBUS_OK) {
                size_t total = 0;
                opened++;
                for (size_t i = 0; i < bombus_safetensors_count(file); i++)
                    total += bombus_safetensors_at(file, i)->bytes;
                assert_int_equal(total, 11);
                bombus_safetensors_close(file);
            } else if (strncmp(err.message, "memory: ", 8) != 0) {
                fail_msg("byte %zu made %u: %s", at, value, err.message);
            }
            free(changed);
        }
    assert_true(opened > size); /* the unchanged ones alone are that many, less the data */
}

static void a_path_that_is_no_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(bombus_safetensors_open(&file, "none.safetensors", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "none.safetensors: cannot open: No such file or directory");
    assert_int_equal(mkdir("folder.safetensors", 0755), 0);
    assert_int_equal(bombus_safetensors_open(&file, "folder.safetensors", &err), BOMBUS_ENOTFOUND);
    assert_string_equal(err.message, "folder.safetensors: no model.safetensors.index.json, model.safetensors or "
                                     "model-00001-of-0000N.safetensors");
    assert_int_equal(bombus_safetensors_open(&file, "/dev/null", &err), BOMBUS_EIO);
    assert_string_equal(err.message, "/dev/null: cannot be mapped, expected a regular file");
    assert_int_equal(mkfifo("pipe.safetensors", 0600), 0);
    assert_int_equal(bombus_safetensors_open(&file, "pipe.safetensors", &err), BOMBUS_EIO);
}

static void a_file_that_may_not_be_read_is_refused(void **state)
{
    (void)state;
    write_safetensors("secret.safetensors", "{}", 0);
    assert_int_equal(chmod("secret.safetensors", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);

    const bool root = geteuid() == 0; /* who may read everything */
    if (root)
        assert_int_equal(seteuid(65534), 0);
    bombus_status status = bombus_safetensors_open(&file, "secret.safetensors", &err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(status, BOMBUS_EIO);
    assert_string_equal(err.message, "secret.safetensors: cannot open: Permission denied");
}

/* ---- files of others ---- */

/* Byte i of the data of tensor number n, in the order of tools/golden/safetensors_files.py. */
static unsigned char golden_byte(size_t number, size_t i)
{
    return (unsigned char)(31 * number + 7 * i + 1);
}

static void the_reference_package_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t number;
        bombus_dtype dtype;
        int rank;
        int64_t shape[3];
    } expected[] = {
        {"model.layers.0.weight", 0, BOMBUS_F32, 2, {3, 5}},
        {"a.u8", 2, BOMBUS_U8, 1, {3}},
        {"a.e5m2", 4, BOMBUS_F8_E5M2, 1, {5}},
        {"a.e4m3", 5, BOMBUS_F8_E4M3, 2, {5, 1}},
        {"a.e8m0", 6, BOMBUS_F8_E8M0, 2, {2, 2}},
        {"a.f4", 9, BOMBUS_F4, 2, {3, 2}},
        {"a.bf16", 13, BOMBUS_BF16, 1, {9}},
        {"a.c64", 17, BOMBUS_C64, 1, {2}},
        {"a.u64", 20, BOMBUS_U64, 1, {2}},
        {"scalar", 21, BOMBUS_F32, 0, {0}},
        {"empty", 22, BOMBUS_F32, 3, {4, 0, 2}},
        {"quote \" slash / backslash \\ tab \t escape \x1b del \x7f", 23, BOMBUS_U8, 1, {2}},
        {"gr\xc3\xb6\xc3\x9f"
         "e \xe9\x9b\xaa \xf0\x9f\x90\x9d",
         24,
         BOMBUS_F32,
         1,
         {2}},
    };
    assert_ok(bombus_safetensors_open(&file, BOMBUS_GOLDEN "/safetensors/reference.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_count(file), 25);
    assert_non_null(bombus_safetensors_metadata(file, "made_by"));
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        const bombus_tensor_info *info = bombus_safetensors_find(file, expected[k].name);
        if (!info)
            fail_msg("%s is not there", expected[k].name);
        assert_int_equal(info->dtype, expected[k].dtype);
        assert_int_equal(info->rank, expected[k].rank);
        assert_memory_equal(info->shape, expected[k].shape, sizeof(int64_t) * (size_t)info->rank);
        for (size_t i = 0; i < info->bytes; i++)
            assert_int_equal(((const unsigned char *)info->data)[i], golden_byte(expected[k].number, i));
    }
    bombus_safetensors_close(file);
}

static void mlx_is_read_at_odd_bytes(void **state)
{
    (void)state;
    float scale;
    int32_t ids[3];
    assert_ok(bombus_safetensors_open(&file, BOMBUS_GOLDEN "/safetensors/mlx.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_metadata_count(file), 0);
    assert_int_equal((uintptr_t)bombus_safetensors_find(file, "a.id")->data % 2, 1);
    memcpy(ids, bombus_safetensors_find(file, "a.id")->data, sizeof ids);
    assert_int_equal(ids[2], 2);
    memcpy(&scale, bombus_safetensors_find(file, "b.scale")->data, sizeof scale);
    assert_true(scale == 2.5f);
    assert_memory_equal(bombus_safetensors_find(file, "c.half")->data, "\x80\x3f\x00\xc0\x00\x3f", 6);
    bombus_safetensors_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_lie_where_they_stand_in_the_file),
        cmocka_unit_test(a_tensor_outlives_its_file),
        cmocka_unit_test(metadata_is_a_list_of_pairs),
        cmocka_unit_test(what_the_format_allows_opens),
        cmocka_unit_test(every_dtype_is_known_with_its_size),
        cmocka_unit_test(data_may_begin_at_any_byte),
        cmocka_unit_test(thousands_of_tensors_are_found_by_name),
        cmocka_unit_test(a_file_that_ends_before_its_header_is_refused),
        cmocka_unit_test(the_longest_header_is_a_hundred_million_bytes),
        cmocka_unit_test(a_header_that_is_no_strict_json_object_is_refused),
        cmocka_unit_test(a_name_twice_is_refused),
        cmocka_unit_test(metadata_of_another_shape_is_refused),
        cmocka_unit_test(a_tensor_without_its_fields_is_refused),
        cmocka_unit_test(a_shape_of_anything_but_counts_is_refused),
        cmocka_unit_test(a_shape_that_overflows_is_refused),
        cmocka_unit_test(offsets_that_do_not_match_are_refused),
        cmocka_unit_test(tensors_that_overlap_or_leave_holes_are_refused),
        cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
        cmocka_unit_test(any_changed_byte_is_refused_or_consistent),
        cmocka_unit_test(a_path_that_is_no_file_is_refused),
        cmocka_unit_test(a_file_that_may_not_be_read_is_refused),
        cmocka_unit_test(the_reference_package_is_read),
        cmocka_unit_test(mlx_is_read_at_odd_bytes),
    };
    const char *temporary = enter_temporary();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(temporary);
    return failed;
}
