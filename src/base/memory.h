/* base/memory.h: the one door for allocations, and arenas.
 *
 * In a debug build (BOMBUS_DEBUG) the door can be shut for a thread (the token loop allocates nothing: the proof) and can be
 * made to fail at the nth call (what happens without memory: the test). */
#ifndef BB_BASE_MEMORY_H
#define BB_BASE_MEMORY_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    BB_LINE = 64,            /* bytes that memory gives at once, on the machines we know */
    BB_LARGE_PAGE = 2 << 20, /* of a page that systems give on request */
};

/* NULL without memory. size 0 gives a unique pointer. */
void *bb_alloc(size_t size);
void *bb_alloc_zero(size_t count, size_t size); /* count * size checked for overflow */
void *bb_realloc(void *block, size_t size);
/* For large tables that are read at random places: asks for large pages, since translating addresses costs more there than reading. */
void *bb_alloc_table(size_t size);
/* Asks the system for large pages for this range; it may have none. */
void bb_want_large_pages(void *data, size_t size);
void bb_free(void *block); /* NULL is fine */
char *bb_strdup(const char *text);
char *bb_strndup(const char *text, size_t bytes); /* copies all bytes, adds a NUL */

/* Makes room for at least needed elements of size bytes in a growing array: doubles, never shrinks. false without memory. */
bool bb_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size);

#ifdef BOMBUS_DEBUG
/* Between forbid and allow any allocation of this thread through the door aborts. Nests. */
void bb_alloc_forbid(void);
void bb_alloc_allow(void);
/* The nth allocation of this thread from now fails, and all after it; 0 turns it off. */
void bb_alloc_fail_at(size_t nth);
#else
static inline void bb_alloc_forbid(void)
{
}
static inline void bb_alloc_allow(void)
{
}
#endif

/* An arena: many allocations, one lifetime. Not for several threads at once. */
typedef struct bb_arena {
    struct bb_arena_chunk *chunks; /* newest first */
    size_t used;                   /* in the newest */
    size_t total;                  /* bytes handed out */
} bb_arena;

/* Begin with a zeroed struct. Blocks are aligned to 64 bytes from bb_arena_alloc_aligned, to 16 otherwise, and not zeroed. */
void *bb_arena_alloc(bb_arena *arena, size_t size);
void *bb_arena_alloc_aligned(bb_arena *arena, size_t size);
void *bb_arena_alloc_zero(bb_arena *arena, size_t count, size_t size);
void *bb_arena_alloc_bytes(bb_arena *arena, size_t size); /* for text: not aligned */
char *bb_arena_strndup(bb_arena *arena, const char *text, size_t bytes);
void bb_arena_free(bb_arena *arena); /* frees all, leaves it empty and usable */

#endif
