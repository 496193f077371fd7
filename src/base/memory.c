/* The one door for allocations, and arenas.
 *
 * Arena chunks double from 4 KiB to 1 MiB; a larger block gets a chunk of its own size. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef BOMBUS_DEBUG
#include <stdio.h>

static _Thread_local int forbidden;
static _Thread_local size_t fail_at;

void bb_alloc_forbid(void)
{
    forbidden++;
}

void bb_alloc_allow(void)
{
    forbidden--;
}

void bb_alloc_fail_at(size_t nth)
{
    fail_at = nth;
}

/* fail_at counts down to 1 and stays there, so that every later call fails too. */
static bool door_is_shut(void)
{
    if (forbidden) {
        fputs("bombus: an allocation where none is allowed\n", stderr);
        abort();
    }
    if (fail_at == 1)
        return true;
    if (fail_at > 1)
        fail_at--;
    return false;
}
#else
static bool door_is_shut(void)
{
    return false;
}
#endif

void *bb_alloc(size_t size)
{
    return door_is_shut() ? NULL : malloc(size ? size : 1);
}

void *bb_alloc_zero(size_t count, size_t size)
{
    /* calloc checks too, but under a sanitizer an overflow is the end of the process rather than NULL. */
    if (door_is_shut() || (size && count > SIZE_MAX / size))
        return NULL;
    return count && size ? calloc(count, size) : calloc(1, 1);
}

void *bb_realloc(void *block, size_t size)
{
    return door_is_shut() ? NULL : realloc(block, size ? size : 1);
}

void *bb_alloc_table(size_t size)
{
    if (size < BB_LARGE_PAGE)
        return bb_alloc(size);
    if (door_is_shut() || size > SIZE_MAX - BB_LARGE_PAGE)
        return NULL;
    const size_t rounded = (size + BB_LARGE_PAGE - 1) / BB_LARGE_PAGE * BB_LARGE_PAGE;
    void *block = aligned_alloc(BB_LARGE_PAGE, rounded);
    if (block)
        bb_want_large_pages(block, rounded);
    return block;
}

void bb_want_large_pages(void *data, size_t size)
{
#ifdef MADV_HUGEPAGE
    madvise(data, size, MADV_HUGEPAGE);
#else
    (void)data, (void)size;
#endif
}

void bb_free(void *block)
{
    free(block);
}

/* copy [bytes + 1], or NULL where there was no memory for it. */
static char *fill(char *copy, const char *text, size_t bytes)
{
    if (!copy)
        return NULL;
    if (bytes)
        memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

char *bb_strndup(const char *text, size_t bytes)
{
    return fill(bytes < SIZE_MAX ? bb_alloc(bytes + 1) : NULL, text, bytes);
}

char *bb_strdup(const char *text)
{
    return bb_strndup(text, strlen(text));
}

bool bb_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return true;

    size_t larger = *capacity < 8 ? 8 : *capacity;
    while (larger < needed) {
        if (larger > SIZE_MAX / 2)
            return false;
        larger *= 2;
    }
    if (larger > SIZE_MAX / size)
        return false;

    void *array;
    memcpy(&array, array_pointer, sizeof array);
    array = bb_realloc(array, larger * size);
    if (!array)
        return false;
    memcpy(array_pointer, &array, sizeof array);
    *capacity = larger;
    return true;
}

/* ---- arena ---- */

enum { CHUNK_FIRST = 4096, CHUNK_LARGEST = 1 << 20, ALIGN_WIDE = 64 };

struct bb_arena_chunk {
    struct bb_arena_chunk *next;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

static void *arena_alloc(bb_arena *arena, size_t size, size_t align)
{
    struct bb_arena_chunk *chunk = arena->chunks;

    if (chunk) {
        uintptr_t start = (uintptr_t)(chunk->bytes + arena->used);
        size_t skip = (size_t)(-start & (align - 1));
        if (skip <= chunk->size - arena->used && size <= chunk->size - arena->used - skip) {
            arena->used += skip + size;
            arena->total += size;
            return (void *)(start + skip);
        }
    }

    size_t room = chunk && chunk->size < CHUNK_LARGEST ? chunk->size * 2 : chunk ? CHUNK_LARGEST : CHUNK_FIRST;
    if (size > SIZE_MAX - align - sizeof *chunk)
        return NULL;
    if (room < size + align)
        room = size + align;
    chunk = bb_alloc(sizeof *chunk + room);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = room;
    arena->chunks = chunk;
    arena->used = 0;
    return arena_alloc(arena, size, align);
}

void *bb_arena_alloc(bb_arena *arena, size_t size)
{
    return arena_alloc(arena, size, 16);
}

void *bb_arena_alloc_aligned(bb_arena *arena, size_t size)
{
    return arena_alloc(arena, size, ALIGN_WIDE);
}

void *bb_arena_alloc_bytes(bb_arena *arena, size_t size)
{
    return arena_alloc(arena, size, 1);
}

void *bb_arena_alloc_zero(bb_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;

    void *block = bb_arena_alloc(arena, count * size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

char *bb_arena_strndup(bb_arena *arena, const char *text, size_t bytes)
{
    return fill(bytes < SIZE_MAX ? bb_arena_alloc_bytes(arena, bytes + 1) : NULL, text, bytes);
}

void bb_arena_free(bb_arena *arena)
{
    for (struct bb_arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        bb_free(chunk);
    }
    *arena = (bb_arena){0};
}
