/*
 * Places in a workspace that no job's files are taken from or land in: `.git`,
 * `.jobrun`, the store and jobrun's temporary files. Where the store's folder
 * holds the workspace these are the folders of commits in it,
 * <environment>/<commit>/.
 */
#ifndef RUN_OFF_LIMITS_H
#define RUN_OFF_LIMITS_H

#include "base/base.h"
#include "base/str.h"

struct arena;

struct off_limits {
    struct str store; /* from the workspace root; empty: it is not in the workspace */
    bool is_in_store; /* the store's folder holds the workspace, or is its root */
    struct str above; /* is_in_store: the workspace root, from the store's root */
};

/* `store_folder` is absolute, or .s NULL for a store that is no folder. */
struct off_limits off_limits_make(struct arena *arena, struct str root, struct str store_folder);

/* Whether the path (from the workspace root) is such a place or lies in one. */
bool off_limits_holds(const struct off_limits *off_limits, struct str path);

/* The last segment of a path. */
struct str path_last_name(struct str path);

#endif
