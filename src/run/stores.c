#include "run/stores.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "store/store.h"

static void add(struct stores *stores, struct str url, struct store *store)
{
    *ARENA_PUSH(stores->arena, stores->items, stores->count, stores->capacity) =
        (struct opened_store){url, store};
}

struct stores stores_make(struct arena *arena, const struct context *context, struct store *own)
{
    struct stores stores = {.arena = arena, .context = context};

    add(&stores, context->store_url, own);
    return stores;
}

void stores_close(struct stores *stores)
{
    for (size_t i = 0; i < stores->count; i++) {
        store_close(&stores->items[i].store);
    }
    stores->count = 0;
}

int stores_get(struct stores *stores, struct str environment, struct store **store,
               struct error *err)
{
    struct context_store wanted = context_store_of(stores->context, stores->arena, environment);

    for (size_t i = 0; i < stores->count; i++) {
        if (str_equal(stores->items[i].url, wanted.url)) {
            *store = stores->items[i].store;
            return 0;
        }
    }
    if (store_open(stores->arena, wanted.url, STORE_READ_ONLY, store, err) < 0) {
        return error_prefix(err, "cannot open the store of environment '%.*s' (from %.*s)",
                            STR_ARG(environment), STR_ARG(wanted.why));
    }
    add(stores, wanted.url, *store);
    return 0;
}
