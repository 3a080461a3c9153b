/* The addresses of what was found of an input. */
#include "base/arena.h"
#include "run/landing.h"
#include "run/look_up.h"
#include "store/store.h"

static struct str address_of(struct arena *arena, const struct supply *supply,
                             const struct entry *entry, const struct store *store)
{
    if (store == NULL) {
        const struct landing landing = {.supply = supply, .entry = entry};
        return landing_source(arena, &landing);
    }
    struct str key =
        address_file_key(arena, &supply->address, supply->content, entry->output, entry->path);
    struct str link = store_link(store, arena, key);
    return link.s != NULL ? link : store_address(store, arena, key);
}

void supply_urls(struct arena *arena, struct supply *supply, const struct store *store)
{
    supply->urls = arena_array(arena, supply->entry_count, sizeof *supply->urls);
    for (size_t i = 0; i < supply->entry_count; i++) {
        if (supply->entries[i].kind == ENTRY_FILE) {
            supply->urls[i] = address_of(arena, supply, &supply->entries[i], store);
        }
    }
}
