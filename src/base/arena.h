/*
 * An arena: memory that is handed out piece by piece and given back all at
 * once. A function that takes a `struct arena *` returns something that lives
 * as long as that arena.
 *
 *     struct arena arena CLEANUP(arena_free) = {0};
 *     char *copy = arena_copy(&arena, "text", 4);
 *
 * Memory is zeroed and aligned for every type (copies of texts are not). No call returns NULL: memory
 * that cannot be had ends in memory_exhausted().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena_block;

/* All zero is an empty arena. */
struct arena {
    struct arena_block *newest;
    size_t total_bytes; /* handed out so far */
};

/* Where the blocks of arenas that grow large come from: `take` gives ARENA_LARGE_BYTES of
 * zeroed memory, or NULL, `give` takes them back. A program that has nothing better than
 * malloc(3) for them, which is the default, sets nothing. To be called before the first
 * arena is used. */
#define ARENA_LARGE_BYTES ((size_t)2 << 20)
void arena_use_large(void *(*take)(void), void (*give)(void *block));

void *arena_alloc(struct arena *arena, size_t size_bytes);

/* count * size_bytes, with the product checked. */
void *arena_array(struct arena *arena, size_t count, size_t size_bytes);

/* A copy of n bytes and a NUL after them. */
char *arena_copy(struct arena *arena, const void *bytes, size_t n);

/* Everything that came from the arena is gone; the arena is empty again. */
void arena_free(struct arena *arena);
/* The same, overwritten first (memory_wipe): for an arena that held secrets. */
void arena_wipe(struct arena *arena);

/* A place to go back to: what came from the arena behind it is given back, and what
 * came before stays.
 *
 *     struct arena_mark mark = arena_mark(arena);
 *     if (!is_wanted(read_all_of_it(arena)))
 *         arena_rewind(arena, mark);
 */
struct arena_mark {
    struct arena_block *newest, *older;
    size_t used, total_bytes;
};

struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Makes room for one more element in an array that grows by doubling:
 *
 *     struct thing *things = NULL; size_t count = 0, capacity = 0;
 *     *ARENA_PUSH(arena, things, count, capacity) = thing;
 *
 * The old array stays in the arena until the arena goes. */
#define ARENA_PUSH(arena, array, count, capacity)                                   \
    ((array) = arena_grow((arena), (array), (count), &(capacity), sizeof *(array)), \
     &(array)[(count)++])
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity,
                 size_t size_bytes);

#endif
