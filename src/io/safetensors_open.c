/* Which files a path stands for: one, the shards of an index, or those of a directory.
 *
 * A directory's index comes first, then model.safetensors, then a series model-00001-of-0000N.safetensors without an index, which mlx-lm
 * loads too. Tensors of shards that the index does not list are there as well, as in mlx-lm; one that it lists has to stand where it says.
 */
#include "base/error.h"
#include "base/json.h"
#include "io/safetensors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of shards, borrowed from an index or owned. */
typedef struct shard_list {
    const char **names; /* [count] */
    size_t count, capacity;
} shard_list;

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bombus_status append(shard_list *list, const char *name, bombus_error *err)
{
    if (!bb_grow(&list->names, &list->capacity, list->count + 1, sizeof *list->names))
        return bb_fail_memory(err, (list->count + 1) * sizeof *list->names);
    list->names[list->count++] = name;
    return BOMBUS_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bombus_status add_named(bombus_safetensors *file, const char *directory, const char *name, bombus_error *err)
{
    char *path = bb_path_join(directory, name);
    if (!path)
        return bb_fail_memory(err, strlen(directory) + strlen(name));

    bombus_status status = bb_safetensors_add(file, path, err);
    bb_free(path);
    return status;
}

/* ---- under an index ---- */

static bool stays_in_directory(const bb_json *shard)
{
    const char *name = shard->text;

    return shard->bytes == strlen(name) && *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The shards of a weight_map, each once, in order of name. */
static bombus_status list_shards(shard_list *list, const char *path, const bb_json *weights, bombus_error *err)
{
    char found[80];
    bombus_status status;
    size_t kept = 0;

    if (!bb_json_is(weights, BB_JSON_OBJECT))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: weight_map: %s, expected an object", path, bb_json_describe(weights, found, sizeof found));
    for (size_t i = 0; i < weights->size; i++) {
        const bb_json *shard = &weights->members[i].value;
        if (!bb_json_is(shard, BB_JSON_STRING) || !stays_in_directory(shard))
            return bb_fail(err, BOMBUS_EFORMAT, "%s: weight_map: \"%.200s\": %s, expected the name of a file beside the index", path,
                           weights->members[i].key, bb_json_describe(shard, found, sizeof found));
        if ((status = append(list, shard->text, err)))
            return status;
    }
    if (list->count)
        qsort(list->names, list->count, sizeof *list->names, compare_names);
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || strcmp(list->names[i], list->names[kept - 1]) != 0)
            list->names[kept++] = list->names[i];
    list->count = kept;
    return BOMBUS_OK;
}

/* Every tensor stands in the shard that it is said to be in. */
static bombus_status check_weights(const bombus_safetensors *file, const char *path, const bb_json *weights, bombus_error *err)
{
    for (size_t i = 0; i < weights->size; i++) {
        const bb_json_member *member = &weights->members[i];
        const char *shard = member->value.text;
        const bombus_tensor_info *info = bombus_safetensors_find(file, member->key);
        if (!info || strlen(member->key) != member->key_bytes)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: weight_map: \"%.200s\" is not in %s", path, member->key, shard);
        if (strcmp(strrchr(info->file, '/') + 1, shard) != 0)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: weight_map: \"%.200s\" is not in %s but in %s", path, member->key, shard, info->file);
    }
    return BOMBUS_OK;
}

static bombus_status open_index(bombus_safetensors *file, const char *path, bombus_error *err)
{
    shard_list shards = {0};
    bb_json_document index;
    char *directory = NULL;
    bombus_status status = bb_json_load(&index, path, err);
    if (status)
        return status;

    const bb_json *weights = bb_json_get(&index.root, "weight_map");
    if ((status = list_shards(&shards, path, weights, err)))
        goto out;
    directory = bb_path_parent(path);
    if (!directory) {
        status = bb_fail_memory(err, strlen(path));
        goto out;
    }
    for (size_t i = 0; i < shards.count && status == BOMBUS_OK; i++)
        status = add_named(file, directory, shards.names[i], err);
    if (status == BOMBUS_OK && (status = bb_safetensors_seal(file, err)) == BOMBUS_OK)
        status = check_weights(file, path, weights, err);
out:
    bb_free(directory);
    bb_free(shards.names);
    bb_json_free(&index);
    return status;
}

/* ---- a series without an index ---- */

enum { SERIES_DIGITS = 5 };

/* "model-00002-of-00003.safetensors" is number 2 of 3. */
static bool parse_series(const char *name, unsigned *number, unsigned *total)
{
    char again[64];

    if (sscanf(name, "model-%5u-of-%5u.safetensors", number, total) != 2)
        return false;
    snprintf(again, sizeof again, "model-%0*u-of-%0*u.safetensors", SERIES_DIGITS, *number, SERIES_DIGITS, *total);
    return strcmp(again, name) == 0;
}

/* The number of files that a directory's series has by its files' own names, 0 where there is no series. */
static bombus_status find_series(unsigned *total, const char *directory, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    DIR *stream = opendir(directory);

    *total = 0;
    if (!stream)
        return bb_fail(err, BOMBUS_EIO, "%s: cannot open: %s", directory, strerror(errno));
    for (struct dirent *entry; status == BOMBUS_OK && (entry = readdir(stream));) {
        unsigned number, of;
        if (!parse_series(entry->d_name, &number, &of))
            continue;
        if (number < 1 || number > of)
            status = bb_fail(err, BOMBUS_EFORMAT, "%s/%s: number %u, expected 1 to %u", directory, entry->d_name, number, of);
        else if (*total && *total != of)
            status = bb_fail(err, BOMBUS_EFORMAT, "%s: files of a series of %u and of a series of %u, expected one series", directory,
                             *total < of ? *total : of, *total < of ? of : *total);
        *total = of;
    }
    closedir(stream);
    return status;
}

static bombus_status open_series(bombus_safetensors *file, const char *directory, bombus_error *err)
{
    unsigned total;
    bombus_status status = find_series(&total, directory, err);

    if (status == BOMBUS_OK && total == 0)
        status = bb_fail(err, BOMBUS_ENOTFOUND,
                         "%s: no model.safetensors.index.json, model.safetensors or model-00001-of-0000N.safetensors", directory);
    for (unsigned number = 1; number <= total && status == BOMBUS_OK; number++) {
        char name[64];
        snprintf(name, sizeof name, "model-%0*u-of-%0*u.safetensors", SERIES_DIGITS, number, SERIES_DIGITS, total);
        status = add_named(file, directory, name, err);
    }
    return status ? status : bb_safetensors_seal(file, err);
}

/* ---- any path ---- */

static bombus_status open_single(bombus_safetensors *file, const char *path, bombus_error *err)
{
    bombus_status status = bb_safetensors_add(file, path, err);
    return status ? status : bb_safetensors_seal(file, err);
}

static bombus_status open_directory(bombus_safetensors *file, const char *path, bombus_error *err)
{
    bombus_status status;
    char *index = bb_path_join(path, "model.safetensors.index.json");
    char *single = bb_path_join(path, "model.safetensors");

    if (!index || !single)
        status = bb_fail_memory(err, strlen(path) + sizeof "/model.safetensors.index.json");
    else if (bb_path_exists(index))
        status = open_index(file, index, err);
    else if (bb_path_exists(single))
        status = open_single(file, single, err);
    else
        status = open_series(file, path, err);
    bb_free(index);
    bb_free(single);
    return status;
}

bombus_status bombus_safetensors_open(bombus_safetensors **out, const char *path, bombus_error *err)
{
    bombus_safetensors *file = NULL;
    bombus_status status = bb_safetensors_create(&file, path, err);

    *out = NULL;
    if (status)
        return status;
    if (bb_is_directory(path))
        status = open_directory(file, path, err);
    else if (ends_with(path, ".safetensors.index.json"))
        status = open_index(file, path, err);
    else
        status = open_single(file, path, err);
    if (status) {
        bombus_safetensors_close(file);
        return status;
    }
    *out = file;
    return BOMBUS_OK;
}
