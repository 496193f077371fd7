/* text/buffer.h: bytes that grow at their end. */
#ifndef BB_TEXT_BUFFER_H
#define BB_TEXT_BUFFER_H

#include "base/memory.h"

#include <stdint.h>
#include <string.h>

/* Begin with a zeroed struct; bb_free(data) ends it. */
typedef struct bb_buffer {
    char *data;
    size_t size;
    size_t capacity;
} bb_buffer;

/* Room for more bytes behind the last. false without memory. */
static inline bool bb_buffer_reserve(bb_buffer *buffer, size_t more)
{
    if (more <= buffer->capacity - buffer->size)
        return true;
    return more <= SIZE_MAX - buffer->size && bb_grow(&buffer->data, &buffer->capacity, buffer->size + more, 1);
}

static inline bool bb_buffer_append(bb_buffer *buffer, const char *data, size_t bytes)
{
    if (!bb_buffer_reserve(buffer, bytes))
        return false;
    if (bytes)
        memcpy(buffer->data + buffer->size, data, bytes);
    buffer->size += bytes;
    return true;
}

static inline void bb_buffer_free(bb_buffer *buffer)
{
    bb_free(buffer->data);
    *buffer = (bb_buffer){0};
}

#endif
