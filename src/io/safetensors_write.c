/* Writing a safetensors file: the layout of the format's reference writer, byte for byte.
 *
 * Tensors fall by dtype (BOMBUS_DTYPE_LIST stands in the reference's order, which rises with alignment), then rise by name. Spaces behind
 * the JSON bring the data to a multiple of 8 bytes, so that each tensor is aligned to its elements. */
#include "base/error.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"

#include <stdlib.h>
#include <string.h>

typedef const char *const (*metadata_pairs)[2];

static int compare_names(const void *a, const void *b)
{
    const bombus_safetensors_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int compare_layout(const void *a, const void *b)
{
    const bombus_safetensors_entry *x = a, *y = b;

    if (x->tensor->t.dtype != y->tensor->t.dtype)
        return x->tensor->t.dtype > y->tensor->t.dtype ? -1 : 1;
    return compare_names(a, b);
}

static int compare_keys(const void *a, const void *b)
{
    const metadata_pairs *x = a, *y = b;

    return strcmp((**x)[0], (**y)[0]);
}

static bool is_text(const char *text)
{
    return text && bb_utf8_valid(text, strlen(text));
}

/* Leaves entries in order of name. */
static bombus_status check_entries(const char *path, bombus_safetensors_entry *entries, size_t count, bombus_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = entries[i].name;
        if (!is_text(name))
            return bb_fail(err, BOMBUS_EINVAL, "%s: entry %zu: name: %s, expected UTF-8", path, i, name ? "not UTF-8" : "none");
        if (strcmp(name, BB_SAFETENSORS_METADATA) == 0)
            return bb_fail(err, BOMBUS_EINVAL, "%s: entry %zu: name: %s, expected one for a tensor", path, i, name);
        if (!entries[i].tensor)
            return bb_fail(err, BOMBUS_EINVAL, "%s: tensor \"%.200s\": none", path, name);
        if (bb_is_quantized(&entries[i].tensor->t))
            return bb_fail(err, BOMBUS_EINVAL, "%s: tensor \"%.200s\": quantized (%s), expected its dense parts", path, name,
                           bombus_mode_name(entries[i].tensor->t.quant.mode));
    }
    if (count)
        qsort(entries, count, sizeof *entries, compare_names);
    for (size_t i = 1; i < count; i++)
        if (compare_names(&entries[i - 1], &entries[i]) == 0)
            return bb_fail(err, BOMBUS_EINVAL, "%s: tensor \"%.200s\": given twice", path, entries[i].name);
    return BOMBUS_OK;
}

static bombus_status check_metadata(const char *path, metadata_pairs metadata, size_t count, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < count; i++)
        if (!is_text(metadata[i][0]) || !is_text(metadata[i][1]))
            return bb_fail(err, BOMBUS_EINVAL, "%s: metadata %zu: expected key and value in UTF-8", path, i);

    metadata_pairs *sorted = bb_alloc(count * sizeof *sorted);
    if (!sorted)
        return bb_fail_memory(err, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &metadata[i];
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count && status == BOMBUS_OK; i++)
        if (compare_keys(&sorted[i - 1], &sorted[i]) == 0)
            status = bb_fail(err, BOMBUS_EINVAL, "%s: metadata \"%.200s\": given twice", path, (*sorted[i])[0]);
    bb_free(sorted);
    return status;
}

/* *header is the caller's to free, padded. entries are in the order of their data. */
static bombus_status make_header(char **header, size_t *bytes, const char *path, const bombus_safetensors_entry *entries, size_t count,
                                 metadata_pairs metadata, size_t metadata_count, bombus_error *err)
{
    bb_json_writer json = {0};
    int64_t offset = 0;

    bb_json_begin_object(&json);
    if (metadata_count) {
        bb_json_key(&json, BB_SAFETENSORS_METADATA);
        bb_json_begin_object(&json);
        for (size_t i = 0; i < metadata_count; i++) {
            bb_json_key(&json, metadata[i][0]);
            bb_json_string(&json, metadata[i][1]);
        }
        bb_json_end_object(&json);
    }
    for (size_t i = 0; i < count; i++) {
        const bb_tensor *t = &entries[i].tensor->t;
        bb_json_key(&json, entries[i].name);
        bb_json_begin_object(&json);
        bb_json_key(&json, "dtype");
        bb_json_string(&json, bb_dtypes[t->dtype].name);
        bb_json_key(&json, "shape");
        bb_json_begin_array(&json);
        for (int k = 0; k < t->rank; k++)
            bb_json_int(&json, t->shape[k]);
        bb_json_end_array(&json);
        bb_json_key(&json, "data_offsets");
        bb_json_begin_array(&json);
        bb_json_int(&json, offset);
        offset += (int64_t)bb_tensor_bytes(t);
        bb_json_int(&json, offset);
        bb_json_end_array(&json);
        bb_json_end_object(&json);
    }
    bb_json_end_object(&json);
    bb_json_pad(&json, 8);

    bombus_status status = bb_json_finish(&json, header, bytes, err);
    if (status == BOMBUS_OK && *bytes > BB_SAFETENSORS_MAX_HEADER) {
        status = bb_fail(err, BOMBUS_ELIMIT, "%s: a header of %zu bytes, expected at most %d", path, *bytes, BB_SAFETENSORS_MAX_HEADER);
        bb_free(*header);
    }
    return status;
}

static bombus_status write_file(const char *path, const char *header, size_t bytes, const bombus_safetensors_entry *entries, size_t count,
                                bb_safetensors_fill fill, void *context, bombus_error *err)
{
    bb_writer writer;
    unsigned char length[8];
    bombus_status status = bb_writer_open(&writer, path, err);
    if (status)
        return status;

    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)bytes >> 8 * i);
    status = bb_writer_write(&writer, length, sizeof length, err);
    if (status == BOMBUS_OK)
        status = bb_writer_write(&writer, header, bytes, err);
    for (size_t i = 0; i < count && status == BOMBUS_OK; i++) {
        const bb_tensor *t = &entries[i].tensor->t;
        status = fill && !t->data ? fill(&entries[i], &writer, context, err) : bb_writer_write(&writer, t->data, bb_tensor_bytes(t), err);
    }
    if (status == BOMBUS_OK)
        return bb_writer_commit(&writer, err);
    bb_writer_abort(&writer);
    return status;
}

bombus_status bb_safetensors_write(const char *path, const bombus_safetensors_entry *entries, size_t count,
                                   const char *const (*metadata)[2], size_t metadata_count, bb_safetensors_fill fill, void *context,
                                   bombus_error *err)
{
    bombus_status status;
    char *header = NULL;
    size_t bytes = 0;
    bombus_safetensors_entry *sorted = bb_alloc(count * sizeof *sorted);

    if (!sorted)
        return bb_fail_memory(err, count * sizeof *sorted);
    if (count)
        memcpy(sorted, entries, count * sizeof *sorted);
    if ((status = check_entries(path, sorted, count, err)) || (status = check_metadata(path, metadata, metadata_count, err)))
        goto out;
    if (count)
        qsort(sorted, count, sizeof *sorted, compare_layout);
    if ((status = make_header(&header, &bytes, path, sorted, count, metadata, metadata_count, err)))
        goto out;
    status = write_file(path, header, bytes, sorted, count, fill, context, err);
    bb_free(header);
out:
    bb_free(sorted);
    return status;
}

bombus_status bombus_safetensors_write(const char *path, const bombus_safetensors_entry *entries, size_t count,
                                       const char *const (*metadata)[2], size_t metadata_count, bombus_error *err)
{
    return bb_safetensors_write(path, entries, count, metadata, metadata_count, NULL, NULL, err);
}
