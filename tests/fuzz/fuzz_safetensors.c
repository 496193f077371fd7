/* Any bytes as a safetensors file: they open, and then every tensor lies inside and is found; or they fail with a message. */
#include "io/safetensors.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static volatile unsigned char sink;

/* Reads every byte, for the sanitizers to see. */
static void touch(const void *data, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sink = ((const unsigned char *)data)[i];
}

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void visit(bombus_safetensors *file, const uint8_t *bytes, size_t count)
{
    const size_t tensors = bombus_safetensors_count(file);
    const uint8_t *end = bytes + count;

    for (size_t i = tensors; i-- > 0;) {
        const bombus_tensor_info *info = bombus_safetensors_at(file, i);
        bombus_tensor *tensor;
        require(bombus_safetensors_find(file, info->name) == info);
        require((const uint8_t *)info->data + info->bytes == end);
        end = info->data;
        touch(info->data, info->bytes);
        if (bombus_safetensors_tensor(&tensor, file, info->name, NULL) == BOMBUS_OK) {
            require(bombus_tensor_bytes(tensor) == info->bytes);
            bombus_tensor_free(tensor);
        }
    }
    require(end >= bytes + 8);
    for (size_t i = 0; i < bombus_safetensors_metadata_count(file); i++) {
        const char *key, *value;
        bombus_safetensors_metadata_at(file, i, &key, &value);
        require(bombus_safetensors_metadata(file, key) == value);
        touch(value, strlen(value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    bombus_safetensors *file;
    bombus_error err = {0};

    if (bb_safetensors_parse(&file, bytes, count, "fuzz", &err) == BOMBUS_OK) {
        visit(file, bytes, count);
        bombus_safetensors_close(file);
    } else {
        require(err.code != BOMBUS_OK && err.message[0]);
    }
    return 0;
}
