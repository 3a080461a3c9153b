/*
 * Places in a workspace that no job's files are taken from or land in: `.git`,
 * `.jobrun`, every store that the workspace names and jobrun's temporary files.
 * Where a store's folder holds the workspace these are the folders of commits in
 * it, <environment>/<commit>/.
 */
#ifndef RUN_OFF_LIMITS_H
#define RUN_OFF_LIMITS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;

/* A store's folder and the workspace, where one of them holds the other. */
struct store_place {
    struct str store;   /* from the workspace root; empty: the store holds the workspace */
    struct str above;   /* where it does: the workspace root, from the store's root */
    bool has_workspace; /* likewise */
};

struct off_limits {
    struct store_place *stores;
    size_t count;
};

/* `root` is that of the workspace, or of another folder that files are taken from. */
struct off_limits off_limits_make(struct arena *arena, struct str root,
                                  const struct context *context);

/* What lies in a store may be given as an input like any other folder: the root
 * is one that a store holds. */
void off_limits_allow_store(struct off_limits *off_limits);

/* Whether the path (from the root) is such a place or lies in one. */
bool off_limits_holds(const struct off_limits *off_limits, struct str path);

/* The last segment of a path. */
struct str path_last_name(struct str path);

#endif
