#include "base/table.h"

#include "base/arena.h"

#define CAPACITY_MIN 16

struct table_slot {
    struct str key; /* .s NULL: free */
    void *value;
};

struct table table_make(struct arena *arena)
{
    return (struct table){.arena = arena};
}

/* FNV-1a. */
static size_t hash(struct str key)
{
    uint64_t sum = 14695981039346656037U;

    for (size_t i = 0; i < key.n; i++) {
        sum = (sum ^ (unsigned char)key.s[i]) * 1099511628211U;
    }
    return (size_t)(sum ^ (sum >> 32));
}

/* The slot of the key, or the free one that it would take. */
static struct table_slot *find_slot(const struct table *table, struct str key)
{
    size_t i = hash(key) & (table->capacity - 1);

    while (table->slots[i].key.s != NULL && !str_equal(table->slots[i].key, key)) {
        i = (i + 1) & (table->capacity - 1);
    }
    return &table->slots[i];
}

static void grow(struct table *table)
{
    struct table old = *table;

    table->capacity = old.capacity > 0 ? old.capacity * 2 : CAPACITY_MIN;
    table->slots = arena_array(table->arena, table->capacity, sizeof *table->slots);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].key.s != NULL) {
            *find_slot(table, old.slots[i].key) = old.slots[i];
        }
    }
}

void **table_at(struct table *table, struct str key)
{
    if (table->count >= table->capacity / 2) {
        grow(table);
    }
    struct table_slot *slot = find_slot(table, key);
    if (slot->key.s == NULL) {
        slot->key = (struct str){key.s != NULL ? key.s : "", key.n};
        table->count++;
    }
    return &slot->value;
}

void *table_find(const struct table *table, struct str key)
{
    return table->capacity > 0 ? find_slot(table, key)->value : NULL;
}
