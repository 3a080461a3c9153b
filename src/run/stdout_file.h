/*
 * `stdout`: the file in the workspace that a step's standard output also goes to.
 * It is made anew when the step begins, so that it is never the file of an
 * earlier run nor one that something else links to.
 */
#ifndef RUN_STDOUT_FILE_H
#define RUN_STDOUT_FILE_H

#include "base/base.h"
#include "base/diag.h"
#include "job/plan.h"
#include "run/clean.h"

struct arena;
struct error;

/* Whether those of all steps can be made; looks only. Status 121 for a place that is not for it:
 * a tracked file, a repository, the store, behind a link; 120 where an input
 * lands there. */
int stdout_file_check(struct arena *arena, const struct plan *plan, const struct cleaning *cleaning,
                      struct diags *diags, struct error *err) MUST_USE;

/* Makes the file and the folders above it. */
int stdout_file_open(struct arena *arena, int root, struct str stdout_path, int *fd,
                     struct error *err) MUST_USE;

#endif
