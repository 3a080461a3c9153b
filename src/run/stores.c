#include "run/stores.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "run/state_folder.h"
#include "store/cache.h"
#include "sys/fs.h"

static void add(struct stores *stores, struct opened_store opened)
{
    *ARENA_PUSH(stores->arena, stores->items, stores->count, stores->capacity) = opened;
}

struct store_settings stores_settings(struct arena *arena, const struct context *context)
{
    int64_t wish = context->config.cache_size_bytes;
    struct cache_limits limits = {
        .max_bytes = wish < 0 ? CACHE_SIZE_BYTES_DEFAULT : (uint64_t)wish,
        .max_entries = CACHE_ENTRIES_MAX,
    };
    return (struct store_settings){
        .cache = cache_open(arena, context_cache_folder(context, arena), &limits),
        .state_folder = fs_join(arena, context->root, STR(STATE_UPLOADS)),
    };
}

struct stores stores_make(struct arena *arena, const struct context *context,
                          struct store_settings settings, struct store *own)
{
    struct stores stores = {.arena = arena, .context = context, .settings = settings};

    add(&stores, (struct opened_store){
                     .environment = context->environment, .url = context->store_url, .store = own});
    return stores;
}

void stores_close(struct stores *stores)
{
    for (size_t i = 0; i < stores->count; i++) {
        if (!stores->items[i].is_shared) {
            store_close(&stores->items[i].store);
        }
    }
    stores->count = 0;
    cache_close(&stores->settings.cache);
}

static int open_for(struct stores *stores, struct str environment, struct error *err)
{
    struct context_store wanted = context_store_of(stores->context, stores->arena, environment);
    struct opened_store opened = {.environment = environment, .url = wanted.url};

    for (size_t i = 0; i < stores->count && !opened.is_shared; i++) {
        if (str_equal(stores->items[i].url, wanted.url)) {
            opened.store = stores->items[i].store;
            opened.is_shared = true;
        }
    }
    if (!opened.is_shared && store_open(stores->arena, wanted.url, STORE_READ_ONLY,
                                        &stores->settings, &opened.store, err) < 0) {
        return error_prefix(err, "cannot open the store of environment '%.*s' (from %.*s)",
                            STR_ARG(environment), STR_ARG(wanted.why));
    }
    add(stores, opened);
    return 0;
}

int stores_get(struct stores *stores, struct str environment, struct store **store,
               struct error *err)
{
    size_t i = 0;

    while (i < stores->count && !str_equal(stores->items[i].environment, environment)) {
        i++;
    }
    if (i == stores->count && open_for(stores, environment, err) < 0) {
        return -1;
    }
    *store = stores->items[i].store;
    return 0;
}
