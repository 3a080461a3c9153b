/*
 * `requires`: whether this machine and this checkout are what a job asks for.
 * Looks only.
 */
#ifndef RUN_REQUIRES_H
#define RUN_REQUIRES_H

#include "base/base.h"
#include "base/diag.h"
#include "base/str.h"

struct arena;
struct cleaning;
struct dirty;
struct job;
struct plan;

#define REQUIRES_FILES_SHOWN 10 /* names of git-lfs pointers, for each pattern */

/* met[i] is said of job->requirements[i]. What is not met is a diagnostic with
 * STATUS_NOT_ALLOWED at its place in the manifest, with what is there instead and
 * what to do.
 *
 * Tools are looked up where each command of the plan looks up its program, and an
 * input of the plan that will land there counts; so does one that may, for nobody
 * knows what is in an archive or in an input that is missing. What `cleaning` removes
 * before the commands run does not. Without a plan (NULL) they count as met: where they
 * would be looked up is not known. */
void requires_check(struct arena *arena, const struct job *job, const struct plan *plan,
                    const struct cleaning *cleaning, const struct dirty *dirty, bool *met,
                    struct diags *unmet);

#endif
