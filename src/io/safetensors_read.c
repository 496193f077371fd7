/* Reading one safetensors file, and the list of tensors of one or several.
 *
 * A file is: u64 header length, JSON header, data. All of the header is checked before a tensor is given out, so that every
 * bombus_tensor_info lies inside its file, overlaps none and has the bytes that its shape takes.
 * Owns: the maps, and an arena with every string. Immutable once sealed, hence shared between threads without a lock. */
#include "base/error.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The file being added. */
typedef struct source {
    const char *path;          /* in the arena */
    const unsigned char *data; /* [bytes] behind the header */
    size_t bytes;
} source;

__attribute__((format(printf, 4, 5))) static bombus_status fail_tensor(bombus_error *err, const char *path, const char *name,
                                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bb_fail_va(err, BOMBUS_EFORMAT, format, args);
    va_end(args);
    bb_fail_prefix(err, "%s: tensor \"%.200s\"", path, name);
    return BOMBUS_EFORMAT;
}

static bool holds_nul(const char *text, size_t bytes)
{
    return memchr(text, '\0', bytes) != NULL;
}

/* The format knows only plain digits here: no sign, fraction or exponent. */
static bool to_size(const bb_json *value, int64_t *out)
{
    return bb_json_is(value, BB_JSON_NUMBER) && strspn(value->text, "0123456789") == value->bytes && bb_json_to_int(value, out);
}

static bombus_status parse_dtype(bombus_tensor_info *info, const bb_json *entry, bombus_error *err)
{
    const bb_json *dtype = bb_json_get(entry, "dtype");
    char found[80];

    if (!bb_json_is(dtype, BB_JSON_STRING) || holds_nul(dtype->text, dtype->bytes) || !bombus_dtype_parse(&info->dtype, dtype->text))
        return fail_tensor(err, info->file, info->name, "dtype: %s, expected a known one (F32, BF16, U8, ...)",
                           bb_json_describe(dtype, found, sizeof found));
    return BOMBUS_OK;
}

static bombus_status parse_shape(bombus_tensor_info *info, const bb_json *entry, bombus_error *err)
{
    const bb_json *shape = bb_json_get(entry, "shape");
    char found[80];

    if (!bb_json_is(shape, BB_JSON_ARRAY))
        return fail_tensor(err, info->file, info->name, "shape: %s, expected an array", bb_json_describe(shape, found, sizeof found));
    if (shape->count > BOMBUS_MAX_RANK)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: tensor \"%.200s\": shape: %zu dimensions, expected at most %d", info->file,
                       info->name, shape->count, BOMBUS_MAX_RANK);

    info->rank = (int)shape->count;
    for (size_t i = 0; i < shape->count; i++)
        if (!to_size(&shape->items[i], &info->shape[i]))
            return fail_tensor(err, info->file, info->name, "shape[%zu]: %s, expected an integer from 0 to 2^63 - 1", i,
                               bb_json_describe(&shape->items[i], found, sizeof found));
    return BOMBUS_OK;
}

static bombus_status parse_offsets(bombus_tensor_info *info, const source *from, const bb_json *entry, bombus_error *err)
{
    const bb_json *offsets = bb_json_get(entry, "data_offsets");
    int64_t begin, end;
    char found[80], shape[BB_SHAPE_TEXT];

    if (!bb_json_is(offsets, BB_JSON_ARRAY) || offsets->count != 2 || !to_size(&offsets->items[0], &begin) ||
        !to_size(&offsets->items[1], &end))
        return fail_tensor(err, info->file, info->name, "data_offsets: %s, expected two integers from 0 to 2^63 - 1",
                           bb_json_describe(offsets, found, sizeof found));
    if (begin > end)
        return fail_tensor(err, info->file, info->name, "data_offsets: begin %" PRId64 " past end %" PRId64, begin, end);
    if ((uint64_t)end > from->bytes)
        return fail_tensor(err, info->file, info->name, "data_offsets: end %" PRId64 ", the file has %zu bytes of data", end, from->bytes);

    const int64_t count = bb_shape_count(info->rank, info->shape);
    const int64_t bytes = count < 0 ? -1 : bb_dtype_bytes(info->dtype, count);
    if (bytes < 0)
        return fail_tensor(err, info->file, info->name, "%s of shape %s, expected a whole number of bytes, fewer than 2^63",
                           bb_dtypes[info->dtype].name, bb_shape_text(info->rank, info->shape, shape, sizeof shape));
    if (bytes != end - begin)
        return fail_tensor(err, info->file, info->name, "data_offsets: %" PRId64 " bytes, expected %" PRId64 " (%s of shape %s)",
                           end - begin, bytes, bb_dtypes[info->dtype].name, bb_shape_text(info->rank, info->shape, shape, sizeof shape));
    info->data = from->data + begin;
    info->bytes = (size_t)bytes;
    return BOMBUS_OK;
}

/* Fields that the format does not know are left alone, as its reference does. */
static bombus_status parse_tensor(bombus_safetensors *file, const source *from, const bb_json_member *member, bombus_error *err)
{
    bombus_status status;

    if (!bb_grow(&file->tensors, &file->capacity, file->count + 1, sizeof *file->tensors))
        return bb_fail_memory(err, (file->count + 1) * sizeof *file->tensors);

    bombus_tensor_info *info = &file->tensors[file->count];
    *info = (bombus_tensor_info){.file = from->path, .name = bb_arena_strndup(&file->arena, member->key, member->key_bytes)};
    if (!info->name)
        return bb_fail_memory(err, member->key_bytes);
    if (!bb_json_is(&member->value, BB_JSON_OBJECT))
        return fail_tensor(err, from->path, member->key, "%s, expected an object", bb_json_type_name(member->value.type));
    if ((status = parse_dtype(info, &member->value, err)) || (status = parse_shape(info, &member->value, err)) ||
        (status = parse_offsets(info, from, &member->value, err)))
        return status;
    file->count++;
    return BOMBUS_OK;
}

/* null counts as none: MLX writes it where there is no metadata. */
static bombus_status parse_metadata(bombus_safetensors *file, const char *path, const bb_json *metadata, bombus_error *err)
{
    if (!metadata || metadata->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (metadata->type != BB_JSON_OBJECT)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: " BB_SAFETENSORS_METADATA ": %s, expected an object", path,
                       bb_json_type_name(metadata->type));

    const char *(*pairs)[2] = bb_arena_alloc_zero(&file->arena, metadata->size, sizeof *pairs);
    if (!pairs)
        return bb_fail_memory(err, metadata->size * sizeof *pairs);
    for (size_t i = 0; i < metadata->size; i++) {
        const bb_json_member *member = &metadata->members[i];
        if (member->value.type != BB_JSON_STRING)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: " BB_SAFETENSORS_METADATA ": \"%.200s\": %s, expected a string", path, member->key,
                           bb_json_type_name(member->value.type));
        if (holds_nul(member->key, member->key_bytes) || holds_nul(member->value.text, member->value.bytes))
            return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: " BB_SAFETENSORS_METADATA ": \"%.200s\": a NUL in key or value", path,
                           member->key);
        pairs[i][0] = bb_arena_strndup(&file->arena, member->key, member->key_bytes);
        pairs[i][1] = bb_arena_strndup(&file->arena, member->value.text, member->value.bytes);
        if (!pairs[i][0] || !pairs[i][1])
            return bb_fail_memory(err, member->key_bytes + member->value.bytes);
    }
    if (file->map_count <= 1) {
        file->metadata = pairs;
        file->metadata_count = metadata->size;
    }
    return BOMBUS_OK;
}

/* By place; an empty tensor comes before the one that begins where it stands, and names decide between empty ones. */
static int compare_places(const void *a, const void *b)
{
    const bombus_tensor_info *x = a, *y = b;

    if (x->data != y->data)
        return (uintptr_t)x->data < (uintptr_t)y->data ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Tensors cover the data from its first byte to its last, each beginning where another ends. */
static bombus_status check_places(const source *from, bombus_tensor_info *tensors, size_t count, bombus_error *err)
{
    size_t end = 0;

    if (count)
        qsort(tensors, count, sizeof *tensors, compare_places);
    for (size_t i = 0; i < count; i++) {
        const size_t begin = (size_t)((const unsigned char *)tensors[i].data - from->data);
        if (begin != end && i == 0)
            return fail_tensor(err, from->path, tensors[i].name, "data_offsets: begin %zu, expected 0 for the first", begin);
        if (begin != end)
            return fail_tensor(err, from->path, tensors[i].name, "data_offsets: begin %zu, expected %zu, the end of \"%.100s\"", begin, end,
                               tensors[i - 1].name);
        end += tensors[i].bytes;
    }
    if (end != from->bytes)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %zu bytes of data, expected %zu, the end of the last tensor", from->path, from->bytes,
                       end);
    return BOMBUS_OK;
}

static bombus_status check_header(size_t *header, const char *path, const unsigned char *data, size_t bytes, bombus_error *err)
{
    uint64_t length = 0;

    if (bytes < 8)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %zu bytes, expected at least 8 (the length of the header)", path, bytes);
    for (int i = 0; i < 8; i++)
        length |= (uint64_t)data[i] << 8 * i;
    if (length > BB_SAFETENSORS_MAX_HEADER)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: header says %" PRIu64 " bytes, expected at most %d", path, length,
                       BB_SAFETENSORS_MAX_HEADER);
    if (length > bytes - 8)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: header says %" PRIu64 " bytes, the file has %zu left", path, length, bytes - 8);
    if (length == 0 || data[8] != '{')
        return bb_fail(err, BOMBUS_EFORMAT, "%s: header does not begin with {", path);
    *header = (size_t)length;
    return BOMBUS_OK;
}

static bombus_status add_bytes(bombus_safetensors *file, const char *path, const unsigned char *data, size_t bytes, bombus_error *err)
{
    const size_t first = file->count;
    size_t header = 0;
    bombus_status status = check_header(&header, path, data, bytes, err);
    if (status)
        return status;

    const source from = {bb_arena_strndup(&file->arena, path, strlen(path)), data + 8 + header, bytes - 8 - header};
    if (!from.path)
        return bb_fail_memory(err, strlen(path));

    bb_json_document document;
    if ((status = bb_json_parse(&document, (const char *)data + 8, header, "header", err))) {
        bb_fail_prefix(err, "%s", path);
        return status;
    }
    for (size_t i = 0; i < document.root.size && status == BOMBUS_OK; i++) {
        const bb_json_member *member = &document.root.members[i];
        if (holds_nul(member->key, member->key_bytes))
            status = bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: tensor \"%.200s\": a NUL in the name", path, member->key);
        else if (strcmp(member->key, BB_SAFETENSORS_METADATA) == 0)
            status = parse_metadata(file, path, &member->value, err);
        else
            status = parse_tensor(file, &from, member, err);
    }
    bb_json_free(&document);
    return status ? status : check_places(&from, first ? file->tensors + first : file->tensors, file->count - first, err);
}

/* ---- opening and closing ---- */

bombus_status bb_safetensors_create(bombus_safetensors **out, const char *path, bombus_error *err)
{
    bombus_safetensors *file = bb_alloc_zero(1, sizeof *file);

    if (!file)
        return bb_fail_memory(err, sizeof *file);
    atomic_init(&file->references, 1);
    file->path = bb_arena_strndup(&file->arena, path, strlen(path));
    if (!file->path) {
        bombus_safetensors_close(file);
        return bb_fail_memory(err, strlen(path));
    }
    file->hash_key = bb_hash_key_random();
    *out = file;
    return BOMBUS_OK;
}

bombus_status bb_safetensors_add(bombus_safetensors *file, const char *path, bombus_error *err)
{
    if (!bb_grow(&file->maps, &file->map_capacity, file->map_count + 1, sizeof *file->maps))
        return bb_fail_memory(err, (file->map_count + 1) * sizeof *file->maps);

    bb_map *map = &file->maps[file->map_count];
    bombus_status status = bb_map_open(map, path, err);
    if (status)
        return status;
    file->map_count++;
    return add_bytes(file, path, map->data, map->size, err);
}

/* The slot that holds the tensor of a name, or the free one where it would be. */
static uint32_t *slot_of(const bombus_safetensors *file, const char *name)
{
    size_t slot = bb_hash(name, strlen(name), file->hash_key) & file->slot_mask;

    while (file->slots[slot] && strcmp(file->tensors[file->slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) & file->slot_mask;
    return &file->slots[slot];
}

bombus_status bb_safetensors_seal(bombus_safetensors *file, bombus_error *err)
{
    size_t slots = 8;

    if (file->count > UINT32_MAX / 4)
        return bb_fail(err, BOMBUS_ELIMIT, "%s: %zu tensors, expected at most %u", file->tensors[0].file, file->count, UINT32_MAX / 4);
    while (slots < file->count * 2)
        slots *= 2;
    file->slots = bb_alloc_zero(slots, sizeof *file->slots);
    if (!file->slots)
        return bb_fail_memory(err, slots * sizeof *file->slots);
    file->slot_mask = slots - 1;

    for (size_t i = 0; i < file->count; i++) {
        uint32_t *slot = slot_of(file, file->tensors[i].name);
        if (*slot)
            return fail_tensor(err, file->tensors[i].file, file->tensors[i].name, "is in %s too", file->tensors[*slot - 1].file);
        *slot = (uint32_t)(i + 1);
    }
    return BOMBUS_OK;
}

bombus_status bb_safetensors_parse(bombus_safetensors **out, const void *data, size_t bytes, const char *name, bombus_error *err)
{
    bombus_safetensors *file = NULL;
    bombus_status status = bb_safetensors_create(&file, name, err);

    *out = NULL;
    if (status)
        return status;
    if ((status = add_bytes(file, name, data, bytes, err)) || (status = bb_safetensors_seal(file, err))) {
        bombus_safetensors_close(file);
        return status;
    }
    *out = file;
    return BOMBUS_OK;
}

void bombus_safetensors_close(bombus_safetensors *file)
{
    if (!file || atomic_fetch_sub(&file->references, 1) != 1)
        return;
    for (size_t i = 0; i < file->map_count; i++)
        bb_map_close(&file->maps[i]);
    bb_free(file->maps);
    bb_free(file->tensors);
    bb_free(file->slots);
    bb_arena_free(&file->arena);
    bb_free(file);
}

/* ---- looking at it ---- */

size_t bombus_safetensors_count(const bombus_safetensors *file)
{
    return file->count;
}

const bombus_tensor_info *bombus_safetensors_at(const bombus_safetensors *file, size_t index)
{
    return index < file->count ? &file->tensors[index] : NULL;
}

const bombus_tensor_info *bombus_safetensors_find(const bombus_safetensors *file, const char *name)
{
    const uint32_t slot = *slot_of(file, name);

    return slot ? &file->tensors[slot - 1] : NULL;
}

static void release_file(void *context)
{
    bombus_safetensors_close(context);
}

bombus_status bombus_safetensors_tensor(bombus_tensor **out, bombus_safetensors *file, const char *name, bombus_error *err)
{
    const bombus_tensor_info *info = bombus_safetensors_find(file, name);

    *out = NULL;
    if (!info)
        return bb_fail(err, BOMBUS_ENOTFOUND, "%s: no tensor \"%.200s\"", file->path, name);

    const bb_tensor view = bb_tensor_view(info->dtype, info->rank, info->shape, info->data);
    bombus_status status = bb_tensor_publish(out, &view, release_file, file, err);
    if (status == BOMBUS_OK)
        atomic_fetch_add(&file->references, 1);
    return status;
}

const char *bombus_safetensors_metadata(const bombus_safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[i][0], key) == 0)
            return file->metadata[i][1];
    return NULL;
}

size_t bombus_safetensors_metadata_count(const bombus_safetensors *file)
{
    return file->metadata_count;
}

void bombus_safetensors_metadata_at(const bombus_safetensors *file, size_t index, const char **key, const char **value)
{
    const bool there = index < file->metadata_count;

    *key = there ? file->metadata[index][0] : NULL;
    *value = there ? file->metadata[index][1] : NULL;
}
