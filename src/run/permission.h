/*
 * Whether a run may publish where it would: the rules of protected
 * environments, of the commit and of a read-only store.
 */
#ifndef RUN_PERMISSION_H
#define RUN_PERMISSION_H

#include "base/base.h"
#include "base/diag.h"

struct job;

/* Every reason against is a diagnostic with STATUS_NOT_ALLOWED. `dirty` is the
 * tree's fingerprint, `changed` some of the paths that make it. */
void permission_check(const struct job *job, struct str dirty, const struct str *changed,
                      size_t changed_count, struct diags *diags);

#endif
