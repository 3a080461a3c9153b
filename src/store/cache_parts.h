/* What the files of cache.h share: cache.c takes and puts, cache_evict.c keeps the
 * limits. */
#ifndef STORE_CACHE_PARTS_H
#define STORE_CACHE_PARTS_H

#include "store/cache.h"

#include <stdatomic.h>

#define CACHE_CONTENT "content"
#define CACHE_TEMPS   "tmp"

struct cache {
    struct arena *arena;
    struct str folder;
    struct cache_limits limits;
    int root;  /* -1: not open yet, or not there */
    int temps; /* -1: nothing can be put in yet */
    atomic_bool has_grown;
    bool is_given_up;
    struct str remark;
};

/* "content/01/0123...", from the cache's root. */
const char *cache_path(struct arena *arena, struct str sha256);

/* Removes what is least recently used until the limits are kept. */
void cache_evict(struct cache *cache);

#endif
