#include "base/arena.h"

#include <stdalign.h>

/* Under AddressSanitizer what was not handed out is poisoned, with a gap behind
 * every piece, so that an overflow is seen within a block too. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_GAP_BYTES ((size_t)16)
#else
#define ARENA_GAP_BYTES                       ((size_t)0)
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define ALIGNMENT alignof(max_align_t)
/* Of texts: the sanitizer knows pieces of 8 bytes. */
#define PACKED          (ARENA_GAP_BYTES > 0 ? (size_t)8 : (size_t)1)
#define BLOCK_MIN_BYTES ((size_t)1024)
#define BLOCK_MAX_BYTES ((size_t)1 << 20)

struct arena_block {
    struct arena_block *older;
    size_t capacity; /* of data */
    size_t used;
    bool is_large; /* to be given back to `give_large` */
    alignas(max_align_t) unsigned char data[];
};

static void *(*take_large)(void);
static void (*give_large)(void *block);

void arena_use_large(void *(*take)(void), void (*give)(void *block))
{
    take_large = take;
    give_large = give;
}

/* calloc: memory fresh from the system is not cleared a second time. */
static struct arena_block *block_make(size_t capacity)
{
    struct arena_block *block = NULL;

    if (capacity == BLOCK_MAX_BYTES && take_large != NULL) {
        block = take_large();
        capacity = block != NULL ? ARENA_LARGE_BYTES - sizeof *block : capacity;
    }
    bool is_large = block != NULL;
    if (!is_large) {
        block = calloc(1, sizeof *block + capacity);
    }
    if (block == NULL) {
        memory_exhausted();
    }
    block->is_large = is_large;
    block->capacity = capacity;
    ASAN_POISON_MEMORY_REGION(block->data, capacity);
    return block;
}

static struct arena_block *block_add(struct arena *arena, size_t needed)
{
    struct arena_block *newest = arena->newest;
    size_t capacity = BLOCK_MIN_BYTES;

    if (newest) {
        capacity = newest->capacity < BLOCK_MAX_BYTES / 2 ? newest->capacity * 2 : BLOCK_MAX_BYTES;
    }
    if (capacity < needed) {
        capacity = needed;
    }
    struct arena_block *block = block_make(capacity);

    /* A piece that fills its own block goes behind the newest one, which may
     * have room left for the small pieces to come. */
    if (newest && needed > BLOCK_MAX_BYTES / 4 &&
        newest->capacity - newest->used > BLOCK_MIN_BYTES) {
        block->older = newest->older;
        newest->older = block;
    } else {
        block->older = newest;
        arena->newest = block;
    }
    return block;
}

static size_t round_up(size_t n, size_t alignment)
{
    return (n + alignment - 1) / alignment * alignment;
}

static void *take(struct arena *arena, size_t size_bytes, size_t alignment)
{
    if (size_bytes > SIZE_MAX / 2) {
        memory_exhausted();
    }
    size_t needed = size_bytes + ARENA_GAP_BYTES;
    struct arena_block *block = arena->newest;
    size_t at = block ? round_up(block->used, alignment) : 0;

    if (!block || at > block->capacity || block->capacity - at < needed) {
        block = block_add(arena, round_up(needed, alignment));
        at = block->used;
    }
    unsigned char *piece = block->data + at;
    block->used = at + needed;
    arena->total_bytes += size_bytes;
    ASAN_UNPOISON_MEMORY_REGION(piece, size_bytes);
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    return take(arena, size_bytes, ALIGNMENT);
}

void *arena_array(struct arena *arena, size_t count, size_t size_bytes)
{
    if (size_bytes != 0 && count > SIZE_MAX / size_bytes) {
        memory_exhausted();
    }
    return arena_alloc(arena, count * size_bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t n)
{
    if (n == SIZE_MAX) {
        memory_exhausted();
    }
    char *copy = take(arena, n + 1, PACKED);
    if (n > 0) {
        memcpy(copy, bytes, n);
    }
    return copy;
}

/* Those from `block` on that are newer than `end`. */
static void free_blocks(struct arena_block *block, const struct arena_block *end)
{
    while (block != end) {
        struct arena_block *older = block->older;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->capacity);
        if (block->is_large) {
            give_large(block);
        } else {
            free(block);
        }
        block = older;
    }
}

void arena_free(struct arena *arena)
{
    free_blocks(arena->newest, NULL);
    *arena = (struct arena){0};
}

void arena_wipe(struct arena *arena)
{
    for (struct arena_block *block = arena->newest; block; block = block->older) {
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->capacity);
        memory_wipe(block->data, block->used);
    }
    arena_free(arena);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    const struct arena_block *newest = arena->newest;

    return (struct arena_mark){
        .newest = arena->newest,
        .older = newest ? newest->older : NULL,
        .used = newest ? newest->used : 0,
        .total_bytes = arena->total_bytes,
    };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    struct arena_block *block = mark.newest;

    free_blocks(arena->newest, block);
    if (block) {
        /* Large pieces have gone behind it (block_add). */
        free_blocks(block->older, mark.older);
        block->older = mark.older;
        ASAN_UNPOISON_MEMORY_REGION(block->data + mark.used, block->used - mark.used);
        memset(block->data + mark.used, 0, block->used - mark.used);
        ASAN_POISON_MEMORY_REGION(block->data + mark.used, block->used - mark.used);
        block->used = mark.used;
    }
    arena->newest = block;
    arena->total_bytes = mark.total_bytes;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity,
                 size_t size_bytes)
{
    if (count < *capacity) {
        return array;
    }
    if (*capacity > SIZE_MAX / 2) {
        memory_exhausted();
    }
    size_t larger = *capacity ? *capacity * 2 : 8;
    void *grown = arena_array(arena, larger, size_bytes);
    if (count > 0) {
        memcpy(grown, array, count * size_bytes);
    }
    *capacity = larger;
    return grown;
}
