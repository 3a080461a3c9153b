/*
 * What every command that reads manifests begins with: the arena, the report,
 * the context and the catalog of one invocation.
 */
#ifndef CLI_WORKSPACE_H
#define CLI_WORKSPACE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/diag.h"
#include "base/error.h"
#include "cli/report.h"
#include "job/context.h"

struct catalog;
struct options;
struct secrets;

struct workspace {
    struct arena arena;
    struct report report;
    struct diags diags;
    struct context context;
    struct catalog *catalog;
    struct str folder;             /* where the user stands */
    const struct secrets *secrets; /* of the job that is named; NULL: none is */
};

/* -1: err is set, the workspace may be closed. Problems with the options, the
 * variables or jobrun.yaml are in `diags`. */
int workspace_open(struct workspace *workspace, const struct options *options,
                   struct error *err) MUST_USE;
void workspace_close(struct workspace *workspace);

/* Reports the diagnostics and, where it is not NULL, the error; the exit status
 * is the worst of them, or `status` where there is none; a `status` other than 0
 * is the error's. */
int workspace_end(struct workspace *workspace, const struct error *err, int status);

#endif
