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

    if (store_folder.n > 0 &&
        !location_is_within(real_path(arena, root), real_path(arena, store_folder),
                            &off_limits.store)) {
        off_limits.store = (struct str){0};
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

bool off_limits_holds(const struct off_limits *off_limits, struct str path)
{
    struct str store = off_limits->store;

    return path_is_reserved(path) || str_starts(path_last_name(path), STR(FS_TEMP_PREFIX)) ||
           (store.n > 0 && (str_equal(path, store) || path_is_below(path, store)));
}
