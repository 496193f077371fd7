/* io/files.h: safetensors files made by hand, right or wrong. */
#ifndef IO_FILES_H
#define IO_FILES_H

#include "testing.h"

/* u64 length, header, then data_bytes of data: byte i is i + 1 mod 256. Returns the file's size. */
static inline size_t make_file(unsigned char *out, size_t capacity, const char *header, size_t data_bytes)
{
    const size_t length = strlen(header);

    if (8 + length + data_bytes > capacity)
        abort();
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(out + 8, header, length);
    for (size_t i = 0; i < data_bytes; i++)
        out[8 + length + i] = (unsigned char)(i + 1);
    return 8 + length + data_bytes;
}

static inline void write_safetensors(const char *path, const char *header, size_t data_bytes)
{
    unsigned char bytes[8192];

    write_file(path, bytes, make_file(bytes, sizeof bytes, header, data_bytes));
}

#endif
