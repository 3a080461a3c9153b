/*
 * What jobrun asks git, by running it (git(1), gitrevisions(7)).
 *
 * git's own variables (GIT_DIR and all that `git rev-parse --local-env-vars`
 * lists) are not passed on: the repository is the one that `folder` lies in.
 * GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS are: they name no repository, and
 * CI systems give safe.directory in them.
 * Optional locks are not taken, so a `git commit` elsewhere never fails because
 * of jobrun.
 */
#ifndef SYS_GIT_H
#define SYS_GIT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

/* One entry of `git status --porcelain=v2`, as git wrote it. */
struct git_entry {
    char kind;       /* '1' changed, 'u' unmerged, '?' untracked */
    struct str line; /* the whole record */
    struct str path; /* from the repository's top level; "dir/" for a nested repository */
};

struct git_status {
    struct str head;   /* full object id; empty before the first commit */
    struct str branch; /* "main", or empty where HEAD is detached */
    struct git_entry *entries;
    size_t count;
};

/* One process: `git status --porcelain=v2 --branch -z --untracked-files=all
 * --ignore-submodules=none --no-renames`, so that what the user has configured
 * hides nothing: a renamed file is one that is deleted and one that is added.
 * ERROR_NOT_FOUND where `folder` is in no repository, ERROR_FAILED where git is
 * not installed, ERROR_NOT_ALLOWED where git does not trust it (its
 * advice is the help). Over 64 MiB of status is ERROR_LIMIT. */
int git_status_read(struct arena *arena, const char *folder, struct git_status *status,
                    struct error *err) MUST_USE;

/* The full id of the commit that a revision names. ERROR_NOT_FOUND where git
 * does not know it; a revision that begins with '-' is ERROR_USAGE. */
int git_resolve(struct arena *arena, const char *folder, struct str revision, struct str *commit,
                struct error *err) MUST_USE;

/* The tracked files at or below any of these paths (from `folder`, taken
 * literally; "" is `folder`), as paths from `folder`, sorted. */
int git_tracked(struct arena *arena, const char *folder, const struct str *paths, size_t count,
                struct str **tracked, size_t *tracked_count, struct error *err) MUST_USE;

/* Of each path from `folder`, whether git ignores it; what is tracked counts by the
 * patterns alone. One that lies behind a symbolic link counts as ignored, since git
 * never looks there. */
int git_ignored(struct arena *arena, const char *folder, const struct str *paths, size_t count,
                bool *ignored, struct error *err) MUST_USE;

/* The address of the remote 'origin' without a user name or password in it;
 * empty where there is none. */
int git_origin(struct arena *arena, const char *folder, struct str *url,
               struct error *err) MUST_USE;

/* Whether the clone lacks the history before some commit (`git clone --depth`). */
int git_is_shallow(struct arena *arena, const char *folder, bool *shallow,
                   struct error *err) MUST_USE;

/* The nearest folder at or above `folder` that holds a `.git`, by looking at
 * the disk alone; ERROR_NOT_FOUND where there is none. */
int git_top_level(struct arena *arena, const char *folder, struct str *top,
                  struct error *err) MUST_USE;

/* Whether the text is a full object id: 40 or 64 lower-case hexadecimal digits. */
bool git_is_full_id(struct str text);

#endif
