/*
 * A store in memory, for unit tests: the same promises as every other, and
 * failures on demand. Like a remote store it answers an upload over other bytes
 * with ERROR_CONFLICT. Objects live in the arena that it was opened with.
 */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "base/error.h"
#include "store/store.h"

struct store *memory_store_open(struct arena *arena);

/* The call number `after` from now on (0: the next) fails with this error, once.
 * Each transfer of a download or upload counts as one call. */
void memory_store_fail(struct store *store, size_t after, enum error_kind kind);
/* What store_open() does for a remote store: downloads go through this cache. */
void memory_store_use_cache(struct store *store, struct cache *cache);
/* Objects in it. */
size_t memory_store_count(const struct store *store);

#endif
