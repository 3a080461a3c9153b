#include "run/off_limits.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
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

struct off_limits off_limits_make(struct arena *arena, struct str root, struct str store_folder)
{
    struct off_limits off_limits = {0};

    if (store_folder.n > 0) {
        struct str workspace = real_path(arena, root);
        struct str store = real_path(arena, store_folder);
        if (location_is_within(store, workspace, &off_limits.above)) {
            off_limits.is_in_store = true;
        } else if (!location_is_within(workspace, store, &off_limits.store)) {
            off_limits.store = (struct str){0};
        }
    }
    return off_limits;
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

bool off_limits_holds(const struct off_limits *off_limits, struct str path)
{
    struct str store = off_limits->store;

    return path_is_reserved(path) || str_starts(path_last_name(path), STR(FS_TEMP_PREFIX)) ||
           (store.n > 0 && (str_equal(path, store) || path_is_below(path, store))) ||
           (off_limits->is_in_store && is_artifact(off_limits->above, path));
}
