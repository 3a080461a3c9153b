#include "run/off_limits.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context_stores.h"
#include "job/location.h"
#include "sys/fs.h"

/* Without symbolic links, as far as the disk knows the path. */
static struct str real_path(struct arena *arena, struct str path)
{
    struct str real;
    struct error ignored;
    struct str copy = str_copy(arena, path);

    return fs_real_path(arena, copy.s, &real, &ignored) == 0 ? real : location_normal(arena, copy);
}

struct off_limits off_limits_make(struct arena *arena, struct str root,
                                  const struct context *context)
{
    struct off_limits off_limits = {0};
    size_t count;
    struct str *folders = context_store_folders(context, arena, &count);
    struct str workspace = real_path(arena, root);

    off_limits.stores = arena_array(arena, count, sizeof *off_limits.stores);
    for (size_t i = 0; i < count; i++) {
        struct store_place place = {0};
        struct str store = real_path(arena, folders[i]);
        place.has_workspace = location_is_within(store, workspace, &place.above);
        if (place.has_workspace || location_is_within(workspace, store, &place.store)) {
            off_limits.stores[off_limits.count++] = place;
        }
    }
    return off_limits;
}

void off_limits_allow_store(struct off_limits *off_limits)
{
    size_t kept = 0;

    for (size_t i = 0; i < off_limits->count; i++) {
        if (!off_limits->stores[i].has_workspace) {
            off_limits->stores[kept++] = off_limits->stores[i];
        }
    }
    off_limits->count = kept;
}

struct str path_last_name(struct str path)
{
    size_t start = path.n;

    while (start > 0 && path.s[start - 1] != '/') {
        start--;
    }
    return str_after(path, start);
}

static bool is_commit(struct str segment)
{
    bool is_hex = segment.n == 40 || segment.n == 64;

    for (size_t i = 0; is_hex && i < segment.n; i++) {
        char c = segment.s[i];
        is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return is_hex;
}

/* Whether the path, in a workspace that lies in the store, is an artifact's: from
 * the store's root <environment>/<commit>/... */
static bool is_artifact(struct str above, struct str path)
{
    struct str parts[] = {above, path};
    struct str segment = {0};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        bool more = parts[i].n > 0;
        while (more) {
            more = str_cut(parts[i], '/', &segment, &parts[i]);
            if (++count == 2) {
                return is_commit(segment);
            }
        }
    }
    return false;
}

static bool is_of_store(const struct store_place *place, struct str path)
{
    return place->has_workspace
               ? is_artifact(place->above, path)
               : str_equal(path, place->store) || path_is_below(path, place->store);
}

bool off_limits_holds(const struct off_limits *off_limits, struct str path)
{
    for (size_t i = 0; i < off_limits->count; i++) {
        if (is_of_store(&off_limits->stores[i], path)) {
            return true;
        }
    }
    return path_is_reserved(path) || str_starts(path_last_name(path), STR(FS_TEMP_PREFIX));
}
