/*
 * What a kind of store implements; used by store.c and the backends alone. The
 * calls mean what store.h says of their namesakes. Keys and prefixes are checked
 * before, and a read-only store gets no call that writes; `count` is not 0.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store/store.h"

struct backend {
    void (*close)(struct store *store);
    struct str (*address)(const struct store *store, struct arena *arena, struct str key);
    /* NULL where no object has a link. */
    struct str (*link)(const struct store *store, struct arena *arena, struct str key);
    int (*read)(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
                struct object *object, struct error *err);
    int (*write)(struct store *store, struct str key, struct str bytes, const char *content_type,
                 struct precondition precondition, struct error *err);
    int (*list)(struct store *store, struct arena *arena, struct str prefix,
                bool (*visit)(void *context, const struct listed *object), void *context,
                struct error *err);
    int (*list_folders)(struct store *store, struct arena *arena, struct str prefix,
                        struct str **names, size_t *count, struct error *err);
    int (*remove)(struct store *store, struct str key, struct precondition precondition,
                  struct error *err);
    int (*check_write)(struct store *store, struct str prefix, struct error *err);
    int (*download)(struct store *store, struct transfer *transfers, size_t count,
                    const struct transfer_calls *calls, struct error *err);
    int (*upload)(struct store *store, struct transfer *transfers, size_t count,
                  const struct transfer_calls *calls, struct error *err);
};

/* The head of every backend's own struct. */
struct store {
    const struct backend *backend;
    struct arena *arena; /* the one that it was opened with */
    struct str url;
    struct str folder; /* of a folder store: its root, else .s NULL */
    enum store_mode mode;
    struct cache *cache; /* of one that is no folder; NULL: none */
};

#endif
