/*
 * What `jobrun lint` proves: of each manifest alone, of all manifests together, and
 * of the repository around them.
 *
 *     struct lint lint = lint_make(arena, context, catalog, diags);
 *     lint_add(&lint, path, err);            a file, a folder, or the name of a job; or
 *     lint_add_all(&lint, err);              the workspace's folder of manifests
 *     lint_check(&lint, commands, count);    all of them together
 *
 * Problems are diagnostics. A call fails only where what was asked for cannot be
 * looked at.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct catalog;
struct context;
struct diags;
struct error;
struct manifest;

struct lint {
    struct arena *arena;
    const struct context *context;
    struct catalog *catalog;
    struct diags *diags;
    const struct manifest **manifests; /* those that were asked for and gave one, in the order
                                        * in which they were read; each once */
    size_t manifest_count, manifest_capacity;
    size_t checked_count; /* files that were asked for */
    size_t skipped_count; /* files of folders without a top-level `job` */
    struct str skipped;   /* the last of them */
    struct str folder;    /* that is being read */
    size_t in_folder;     /* manifests in it, under whatever name */
    bool unreadable;      /* of what was asked for, something could not be read */
};

struct lint lint_make(struct arena *arena, const struct context *context, struct catalog *catalog,
                      struct diags *diags);

/* A path as the user gives it, or the name of a job as a run takes it. */
int lint_add(struct lint *lint, struct str path, struct error *err) MUST_USE;
int lint_add_all(struct lint *lint, struct error *err) MUST_USE;
/* What manifest/graph.h proves of what was added. `commands` are the names of commands:
 * where hints print `jobrun JOB`, no job should have one of them. */
void lint_check(struct lint *lint, const struct str *commands, size_t count);

#endif
