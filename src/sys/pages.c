#include "sys/pages.h"

#include "base/arena.h"

#include <sys/mman.h>

/* The sanitizers look for pointers in what malloc(3) gives alone. */
#if defined(__SANITIZE_ADDRESS__)
#define PAGES_ARE_HIDDEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PAGES_ARE_HIDDEN 1
#endif
#endif

#if defined(MADV_HUGEPAGE) && !defined(PAGES_ARE_HIDDEN)

/* Zeroed, and aligned to its own size, as a large page is: what is mapped too much
 * around it goes back. */
static void *take(void)
{
    size_t size = ARENA_LARGE_BYTES;
    char *mapped = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED) {
        return NULL;
    }
    size_t before = (size - (uintptr_t)mapped % size) % size;
    if (before > 0) {
        munmap(mapped, before);
    }
    munmap(mapped + before + size, size - before);
    (void)madvise(mapped + before, size, MADV_HUGEPAGE); /* only speed depends on it */
    return mapped + before;
}

static void give(void *block)
{
    munmap(block, ARENA_LARGE_BYTES);
}

void pages_begin(void)
{
    arena_use_large(take, give);
}

#else

void pages_begin(void)
{
}

#endif
