/*
 * The stores of one run: its own, and those of other environments that inputs
 * are read from (job/context_stores.h). Two environments with one URL share a
 * store. Those that are not the run's own are opened when they are first asked
 * for, and read-only.
 */
#ifndef RUN_STORES_H
#define RUN_STORES_H

#include "base/base.h"
#include "base/str.h"
#include "store/store.h"

struct arena;
struct context;
struct error;

struct opened_store {
    struct str environment;
    struct str url;
    struct store *store;
    bool is_shared; /* with an environment before it */
};

struct stores {
    struct arena *arena;
    const struct context *context;
    struct store_settings settings;
    struct opened_store *items; /* one for each environment; the run's own first */
    size_t count, capacity;
};

/* What the stores of a workspace keep on this machine. */
struct store_settings stores_settings(struct arena *arena, const struct context *context);

/* `own` is opened, with the same settings, and closed by stores_close(), as all is
 * that belongs to the settings. The arena must outlive it. */
struct stores stores_make(struct arena *arena, const struct context *context,
                          struct store_settings settings, struct store *own);
void stores_close(struct stores *stores);

/* The store of an environment. ERROR_USAGE where it cannot be opened. */
int stores_get(struct stores *stores, struct str environment, struct store **store,
               struct error *err) MUST_USE;

#endif
