/*
 * A run of one job from its first check to its receipt:
 *
 *     check everything -> skip, refuse or go on -> clean -> fetch -> execute -> publish
 *
 * If any check fails, all problems are reported and nothing is touched.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/base.h"
#include "base/diag.h"
#include "run/clean.h"
#include "run/fetch.h"

struct arena;
struct catalog;
struct error;
struct listener;
struct secrets;

struct run_wishes {
    bool force;
    bool dry_run;
    bool explain;
    bool no_publish;
    int64_t timeout_ms;  /* --timeout; -1: the manifest's, 0: none */
    struct str log_path; /* --log; empty: .jobrun/logs */
    struct fetch_wishes fetch;
};

struct run_result {
    int status;                   /* what jobrun exits with, where `diags` has no error */
    const struct plan *plan;      /* of a dry run */
    struct cleaning cleaning;     /* of a dry run: what would be removed */
    struct str dirty;             /* of a dry run: the fingerprint */
    struct str store_address;     /* where the job's receipt lies or would lie */
    bool would_skip;              /* of a dry run */
    struct diags refused;         /* of a dry run: why a run would be refused */
    const bool *requirements_met; /* of a dry run: as the job's requirements */
};

/* `job` is bound and its context has its commit; `secrets` are its own. Problems that stop the run
 * before anything is touched are in `diags`; -1 is a failure on the way, after
 * which nothing half-done is published. */
int run_job(struct arena *arena, const struct job *job, struct catalog *catalog,
            const struct secrets *secrets, const struct run_wishes *wishes,
            const struct listener *listener, struct run_result *result, struct diags *diags,
            struct error *err) MUST_USE;

#endif
