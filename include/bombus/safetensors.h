/* bombus/safetensors.h: read and write the safetensors format (one file, or shards under an index).
 *
 * Files are mapped, never copied: a tensor lies where it stands in the file, at any byte. A file is immutable once open and may be
 * shared between threads. */
#ifndef BOMBUS_SAFETENSORS_H
#define BOMBUS_SAFETENSORS_H

#include <bombus/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_safetensors bombus_safetensors;

typedef struct bombus_tensor_info {
    const char *name; /* UTF-8, ends in NUL */
    bombus_dtype dtype;
    int rank;
    int64_t shape[BOMBUS_MAX_RANK];
    const void *data; /* mapped, any alignment */
    size_t bytes;
    const char *file; /* path of the file it stands in */
} bombus_tensor_info;

/* Opens a .safetensors file, an index (*.safetensors.index.json, shards beside it), or a directory with model.safetensors.index.json, else
 * model.safetensors, else all of model-00001-of-0000N.safetensors.
 *
 * Checks the whole header first: header size (at most 100 MB), JSON without duplicate names, known dtypes, offsets inside the file that
 * match shape x dtype, neither overlap nor holes, nothing behind the last tensor. Under an index, each tensor it lists stands in the shard
 * it says, and no tensor in two; tensors of a shard that it does not list are there as well.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND, BOMBUS_EIO, BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED (more than BOMBUS_MAX_RANK dimensions, or a NUL in
 * a name), BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_safetensors_open(bombus_safetensors **out, const char *path, bombus_error *err);
BOMBUS_API void bombus_safetensors_close(bombus_safetensors *file); /* NULL is fine; ends what find and at returned */

/* Tensors in order of their place in the file (shards in order of name). */
BOMBUS_API size_t bombus_safetensors_count(const bombus_safetensors *file);
BOMBUS_API const bombus_tensor_info *bombus_safetensors_at(const bombus_safetensors *file, size_t index); /* NULL past the end */
/* NULL where there is none. */
BOMBUS_API const bombus_tensor_info *bombus_safetensors_find(const bombus_safetensors *file, const char *name);

/* A tensor that keeps the file mapped for as long as it lives, also after close. BOMBUS_ENOTFOUND names the tensor and the file. */
BOMBUS_API bombus_status bombus_safetensors_tensor(bombus_tensor **out, bombus_safetensors *file, const char *name, bombus_error *err);

/* The __metadata__ entry of a key, NULL where there is none. Of shards the first one's. */
BOMBUS_API const char *bombus_safetensors_metadata(const bombus_safetensors *file, const char *key);
BOMBUS_API size_t bombus_safetensors_metadata_count(const bombus_safetensors *file);
BOMBUS_API void bombus_safetensors_metadata_at(const bombus_safetensors *file, size_t index, const char **key, const char **value);

typedef struct bombus_safetensors_entry {
    const char *name;
    const bombus_tensor *tensor; /* dense; a quantized one is written as its parts: name.weight's siblings are the caller's to name */
} bombus_safetensors_entry;

/* Writes a file: a temporary beside it, fsync, rename. Tensors are laid out by falling alignment, then name, as the format's reference
 * writer does, the data section aligned to 8 bytes. metadata is [metadata_count][2]: key, value; its order is kept.
 *
 * Returns BOMBUS_OK, BOMBUS_EINVAL (a name twice, reserved or not UTF-8; a quantized tensor), BOMBUS_ELIMIT (a header past 100 MB),
 * BOMBUS_ENOTFOUND (no such directory), BOMBUS_EIO or BOMBUS_ENOMEM. A failure leaves path as it was, and no temporary. */
BOMBUS_API bombus_status bombus_safetensors_write(const char *path, const bombus_safetensors_entry *entries, size_t count,
                                                  const char *const (*metadata)[2], size_t metadata_count, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
