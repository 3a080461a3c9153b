/*
 * What `jobrun lint` proves: of each manifest alone, of all manifests together, and
 * of the repository around them.
 *
 *     struct lint lint = lint_make(arena, context, catalog, diags);
 *     lint_add(&lint, path, err);            a file, a folder, or the name of a job; or
 *     lint_add_all(&lint, err);              the workspace's folder of manifests
 *     lint_check(&lint, commands, count);    then, all of them together
 *     lint_repository(&lint, err);           and what is around them
 *     lint_end(&lint);                       last: what comments hide goes to lint.ignores
 *
 * Problems are diagnostics. A call fails only where what was asked for cannot be
 * looked at.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "base/base.h"
#include "base/str.h"
#include "base/table.h"
#include "lint/ignore.h"

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
    bool *is_own;         /* of each: it belongs to this workspace; after lint_check() */
    struct table known;   /* of them, by the address of their source */
    size_t checked_count; /* files that were asked for */
    size_t skipped_count; /* files of folders without a top-level `job` */
    struct str skipped;   /* the last of them */
    struct str folder;    /* that is being read */
    size_t in_folder;     /* manifests in it, under whatever name */
    struct str *jobs;     /* the names of all, sorted; see call_jobs() */
    size_t job_count;
    bool knows_jobs;
    const char *remark; /* what could not be looked at, for those who want to know; or NULL */
    bool is_whole;      /* all of the workspace's manifests were asked for */
    bool (*is_command)(struct str word); /* of jobrun, which is no job; may be NULL */
    bool unreadable;                     /* of what was asked for, something could not be read */
    bool unchecked[RULE_COUNT]; /* rules that were not looked for: what they need is not here */
    struct ignores ignores;     /* complete after lint_end() */
};

struct lint lint_make(struct arena *arena, const struct context *context, struct catalog *catalog,
                      struct diags *diags);

/* A path as the user gives it, or the name of a job as a run takes it. */
int lint_add(struct lint *lint, struct str path, struct error *err) MUST_USE;
int lint_add_all(struct lint *lint, struct error *err) MUST_USE;
/* A text that stands for the file at `path` (catalog_read_text()). */
void lint_add_text(struct lint *lint, struct str path, struct str text);

/* What manifest/graph.h proves of what was added. `commands` are the names of commands:
 * where hints print `jobrun JOB`, no job should have one of them. */
void lint_check(struct lint *lint, const struct str *commands, size_t count);

/* What other programs say of the jobs: shellcheck of their scripts, no job runs a job, and where the
 * whole workspace was added, pixi's tasks, workflows and .gitignore agree with the manifests. */
int lint_repository(struct lint *lint, struct error *err) MUST_USE;

/* Sorts the problems, and takes those away that are ignored. */
void lint_end(struct lint *lint);

#endif
