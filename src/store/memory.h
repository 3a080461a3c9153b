/*
 * A store in memory, for unit tests: the same promises as every other, and
 * failures on demand.
 */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "base/error.h"
#include "store/store.h"

struct store *memory_store_open(struct arena *arena);

/* The call number `after` from now on (0: the next) fails with this error, once. */
void memory_store_fail(struct store *store, size_t after, enum error_kind kind);
/* Objects in it. */
size_t memory_store_count(const struct store *store);

#endif
