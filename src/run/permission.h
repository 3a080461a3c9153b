/*
 * Whether a run may publish where it would: the rules of protected
 * environments, of the commit and of a read-only store.
 */
#ifndef RUN_PERMISSION_H
#define RUN_PERMISSION_H

#include "base/base.h"
#include "base/diag.h"

struct dirty;
struct job;

/* Every reason against publishing is a diagnostic with STATUS_NOT_ALLOWED. */
void permission_check(const struct job *job, const struct dirty *dirty, struct diags *diags);

/* A job with outputs runs on the commit that is checked out alone. */
void permission_check_commit(const struct job *job, struct diags *diags);

#endif
