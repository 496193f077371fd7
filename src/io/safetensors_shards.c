/* Writing a model's tensors into a directory: one file, or several of bounded size, and the index that says where each tensor is.
 *
 * As mlx-lm does: model.safetensors, or model-00001-of-0000N.safetensors; model.safetensors.index.json beside either. mlx-lm reads every
 * model*.safetensors that it finds, so a directory with another is refused.
 * Files are filled in order of name, so that the tensors of a layer stand together: what makes a layer's tensors at once keeps few. */
#include "base/error.h"
#include "base/json_write.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INDEX "model.safetensors.index.json"

enum { NAME_BYTES = 64 };

typedef struct sharding {
    const char *directory;
    bombus_safetensors_entry *entries; /* [count] in order of name */
    size_t count;
    size_t *ends; /* [shards] one past the last entry of each */
    size_t shards;
    bombus_error *err;
} sharding;

static int compare_names(const void *a, const void *b)
{
    const bombus_safetensors_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* A tensor larger than limit has a file of its own. */
static bombus_status divide(sharding *s, int64_t limit)
{
    int64_t bytes = 0;

    s->ends = bb_alloc((s->count + 1) * sizeof *s->ends);
    if (!s->ends)
        return bb_fail_memory(s->err, (s->count + 1) * sizeof *s->ends);
    for (size_t i = 0; i < s->count; i++) {
        const int64_t own = (int64_t)bb_tensor_bytes(&s->entries[i].tensor->t);
        if (i && bytes + own > limit) {
            s->ends[s->shards++] = i;
            bytes = 0;
        }
        bytes += own;
    }
    s->ends[s->shards++] = s->count;
    return BOMBUS_OK;
}

static void name_shard(char name[NAME_BYTES], const sharding *s, size_t shard)
{
    if (s->shards == 1)
        snprintf(name, NAME_BYTES, "model.safetensors");
    else
        snprintf(name, NAME_BYTES, "model-%05zu-of-%05zu.safetensors", shard + 1, s->shards);
}

/* Would it be read beside what is written, and not be replaced by it? */
static bool is_foreign(const sharding *s, const char *name)
{
    static const char begin[] = "model", end[] = ".safetensors";
    const size_t bytes = strlen(name);
    char own[NAME_BYTES];

    if (strncmp(name, begin, sizeof begin - 1) != 0 || bytes < sizeof begin + sizeof end - 2 ||
        strcmp(name + bytes - (sizeof end - 1), end) != 0)
        return false;
    for (size_t i = 0; i < s->shards; i++) {
        name_shard(own, s, i);
        if (strcmp(name, own) == 0)
            return false;
    }
    return true;
}

static bombus_status check_directory(const sharding *s)
{
    DIR *stream = opendir(s->directory);
    bombus_status status = BOMBUS_OK;

    if (!stream)
        return bb_fail(s->err, errno == ENOENT ? BOMBUS_ENOTFOUND : BOMBUS_EIO, "%s: cannot open: %s", s->directory, strerror(errno));
    for (struct dirent *entry; status == BOMBUS_OK && (entry = readdir(stream));)
        if (is_foreign(s, entry->d_name))
            status = bb_fail(s->err, BOMBUS_EINVAL, "%s/%s: there already, and would be read beside what is written", s->directory,
                             entry->d_name);
    closedir(stream);
    return status;
}

/* What was a model here is none until the new one is whole: with files of both under an index that fits either it would still load. */
static bombus_status unmake_model(const sharding *s)
{
    static const char *const names[] = {"config.json", INDEX};
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < sizeof names / sizeof *names && status == BOMBUS_OK; i++) {
        char *path = bb_path_join(s->directory, names[i]);
        if (!path)
            return bb_fail_memory(s->err, strlen(s->directory));
        if (unlink(path) != 0 && errno != ENOENT)
            status = bb_fail(s->err, BOMBUS_EIO, "%s: cannot remove: %s", path, strerror(errno));
        bb_free(path);
    }
    return status;
}

static bombus_status write_index(const sharding *s, int64_t parameters)
{
    bb_json_writer json = {0};
    char name[NAME_BYTES], *text = NULL, *path = bb_path_join(s->directory, INDEX);
    int64_t total = 0;
    size_t bytes;

    for (size_t i = 0; i < s->count; i++)
        total += (int64_t)bb_tensor_bytes(&s->entries[i].tensor->t);
    bb_json_begin_object(&json);
    bb_json_key(&json, "metadata");
    bb_json_begin_object(&json);
    bb_json_key(&json, "total_size");
    bb_json_int(&json, total);
    bb_json_key(&json, "total_parameters");
    bb_json_int(&json, parameters);
    bb_json_end_object(&json);
    bb_json_key(&json, "weight_map");
    bb_json_begin_object(&json);
    for (size_t i = 0, shard = 0; i < s->count; i++) {
        shard += i == s->ends[shard];
        name_shard(name, s, shard);
        bb_json_key(&json, s->entries[i].name);
        bb_json_string(&json, name);
    }
    bb_json_end_object(&json);
    bb_json_end_object(&json);
    bombus_status status = bb_json_finish(&json, &text, &bytes, s->err);
    if (status == BOMBUS_OK)
        status = path ? bombus_file_write(path, text, bytes, s->err) : bb_fail_memory(s->err, strlen(s->directory));
    bb_free(text);
    bb_free(path);
    return status;
}

static bombus_status write_shards(const sharding *s, bb_safetensors_fill fill, void *context)
{
    static const char *const about[][2] = {{"format", "mlx"}};
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0, begin = 0; i < s->shards && status == BOMBUS_OK; begin = s->ends[i++]) {
        char name[NAME_BYTES];
        name_shard(name, s, i);
        char *path = bb_path_join(s->directory, name);
        status = path ? bb_safetensors_write(path, s->entries + begin, s->ends[i] - begin, about, 1, fill, context, s->err)
                      : bb_fail_memory(s->err, strlen(s->directory));
        bb_free(path);
    }
    return status;
}

bombus_status bb_safetensors_write_model(const char *directory, const bombus_safetensors_entry *entries, size_t count, int64_t parameters,
                                         int64_t limit, bb_safetensors_fill fill, void *context, bombus_error *err)
{
    sharding s = {.directory = directory, .entries = bb_alloc((count + 1) * sizeof *entries), .count = count, .err = err};
    bombus_status status = s.entries ? BOMBUS_OK : bb_fail_memory(err, (count + 1) * sizeof *entries);

    if (status == BOMBUS_OK) {
        if (count)
            memcpy(s.entries, entries, count * sizeof *entries);
        qsort(s.entries, count, sizeof *s.entries, compare_names);
        status = divide(&s, limit);
    }
    if (status == BOMBUS_OK && (status = check_directory(&s)) == BOMBUS_OK && (status = unmake_model(&s)) == BOMBUS_OK &&
        (status = write_shards(&s, fill, context)) == BOMBUS_OK)
        status = write_index(&s, parameters);
    bb_free(s.ends);
    bb_free(s.entries);
    return status;
}
