/*
 * A table: texts, and what its owner keeps for each of them.
 *
 *     struct table jobs = table_make(arena);
 *     *table_at(&jobs, name) = job;
 *     struct job *job = table_find(&jobs, name);
 *
 * Keys are not copied. Nothing is ever taken out.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct table_slot;

struct table {
    struct arena *arena;
    struct table_slot *slots;
    size_t count, capacity;
};

struct table table_make(struct arena *arena);
/* Where the key's value is kept until the next key is added; NULL is in it where the
 * key is new. */
void **table_at(struct table *table, struct str key);
/* NULL where nothing is kept for the key. */
void *table_find(const struct table *table, struct str key);

#endif
