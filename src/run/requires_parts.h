/* What the files of requires_check() share. */
#ifndef RUN_REQUIRES_PARTS_H
#define RUN_REQUIRES_PARTS_H

#include "run/requires.h"

#include "job/dirty.h"
#include "job/job.h"
#include "job/plan.h"

struct requires
{
    struct arena *arena;
    const struct job *job;
    const struct plan *plan; /* or NULL */
    const struct cleaning *cleaning;
    const struct dirty *dirty;
    struct diags *unmet;
};

/* One kind of requirement each; what is not met is reported. */
void requires_check_tool(struct requires *requires, const struct bound_requirement *bound);
void requires_check_lfs(struct requires *requires, const struct bound_requirement *bound);

#define requires_unmet(requires, bound, ...)                                                  \
    diag_error((requires)->unmet, STATUS_NOT_ALLOWED, "requires", (bound)->requirement->span, \
               __VA_ARGS__)

#endif
