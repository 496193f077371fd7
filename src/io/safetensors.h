/* io/safetensors.h: what an open safetensors file is inside, and parsing from memory. */
#ifndef BB_IO_SAFETENSORS_H
#define BB_IO_SAFETENSORS_H

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

#include <bombus/safetensors.h>

#define BB_SAFETENSORS_METADATA "__metadata__" /* the one name no tensor can have */

enum { BB_SAFETENSORS_MAX_HEADER = 100000000 };

struct bombus_safetensors {
    _Atomic int references; /* the caller's, and one of each tensor that was handed out */
    bb_arena arena;         /* names, paths, metadata */
    const char *path;       /* that was opened */
    bb_map *maps;           /* [map_count] */
    size_t map_count, map_capacity;
    bombus_tensor_info *tensors; /* [count], files in the order they were added, in each by place */
    size_t count, capacity;
    uint32_t *slots; /* [slot_mask + 1] open addressing: index + 1 of a tensor, 0 for a free slot */
    size_t slot_mask;
    bb_hash_key hash_key;
    const char *(*metadata)[2]; /* [metadata_count] key, value; of the first file added */
    size_t metadata_count;
};

/* Writes the bytes of an entry whose tensor has no data of its own, piece by piece: exactly as many as its type and shape say. */
typedef bombus_status (*bb_safetensors_fill)(const bombus_safetensors_entry *entry, bb_writer *writer, void *context, bombus_error *err);

/* bombus_safetensors_write for tensors that are not, or not yet, in memory: those with data NULL are fill's. fill may be NULL. */
bombus_status bb_safetensors_write(const char *path, const bombus_safetensors_entry *entries, size_t count,
                                   const char *const (*metadata)[2], size_t metadata_count, bb_safetensors_fill fill, void *context,
                                   bombus_error *err);

/* Writes a model's tensors into a directory: model.safetensors, or where all of them have more than limit bytes, files
 * model-00001-of-0000N.safetensors of so many each (one larger tensor is a file too); and model.safetensors.index.json, in which parameters
 * is told. An index and a config.json from before are removed first, so that what is half written is no model. BOMBUS_EINVAL where another
 * model*.safetensors is there. fill is called for tensors that stand together by name. */
bombus_status bb_safetensors_write_model(const char *directory, const bombus_safetensors_entry *entries, size_t count, int64_t parameters,
                                         int64_t limit, bb_safetensors_fill fill, void *context, bombus_error *err);

/* Opening is: create, add each file, seal. On failure of any the caller closes. */
bombus_status bb_safetensors_create(bombus_safetensors **out, const char *path, bombus_error *err);
bombus_status bb_safetensors_add(bombus_safetensors *file, const char *path, bombus_error *err);
/* Refuses a tensor that two files have; find works from here on. */
bombus_status bb_safetensors_seal(bombus_safetensors *file, bombus_error *err);

/* Opens what lies in memory, which stays there for as long as the result and its tensors do. name stands for the path. */
bombus_status bb_safetensors_parse(bombus_safetensors **out, const void *data, size_t bytes, const char *name, bombus_error *err);

#endif
