/*
 * Whether a run may publish, or have its effects, where it would: the rules of
 * protected environments, of the commit and of a read-only store.
 */
#ifndef RUN_PERMISSION_H
#define RUN_PERMISSION_H

#include "base/base.h"
#include "base/diag.h"

struct dirty;
struct job;

/* What is asked for; the rules are the same. */
enum deed {
    DEED_PUBLISH,
    DEED_EFFECT /* of a job that publishes nothing */
};

/* Every reason against it is a diagnostic with STATUS_NOT_ALLOWED. */
void permission_check(const struct job *job, const struct dirty *dirty, enum deed deed,
                      struct diags *diags);

/* A job that leaves anything in the store runs on the commit that is checked out alone. */
void permission_check_commit(const struct job *job, struct diags *diags);

#endif
