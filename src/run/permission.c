#include "run/permission.h"

#include "job/context.h"
#include "job/dirty.h"
#include "job/job.h"

#define RULE_ID "not-allowed"

static const struct span NOWHERE = {0};

/* "must not ... environment 'CI'" */
static const char *const DEEDS[] = {
    [DEED_PUBLISH] = "publish to",
    [DEED_EFFECT] = "have effects in",
};

/* What the environment's name alone can never do; said wherever it might be
 * taken for a lock. */
static void note_what_protects(struct diag *diag)
{
    diag_note(diag,
              "this check stops accidents, not people: what truly keeps environments apart is "
              "the store's own access control (who may write below each environment)");
}

static void check_machine(const struct job *job, enum deed deed, struct diags *diags)
{
    const struct context *context = job->context;
    if (context_is_recognised_ci(context)) {
        return;
    }
    struct diag *diag =
        diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
                   "job '%.*s' must not %s the protected environment '%.*s' from this "
                   "machine: it is not a recognised CI system",
                   STR_ARG(job->manifest->name), DEEDS[deed], STR_ARG(context->environment));
    diag_note(diag, "the environment is '%.*s': %.*s", STR_ARG(context->environment),
              STR_ARG(context->environment_why));
    diag_note(diag, "a CI system is recognised by its own run id (GITHUB_RUN_ID, CI_PIPELINE_ID, "
                    "BUILDKITE_BUILD_ID, CIRCLE_WORKFLOW_ID, ...) or by a variable that "
                    "'recognised-ci' in jobrun.yaml names; CI=1 alone is not enough");
    note_what_protects(diag);
    if (job_has_effects(job)) {
        diag_help(diag, "let the CI system run it; '--dry-run' shows what it would do");
        return;
    }
    diag_help(diag,
              "publish under your own environment with '--env dev', or run without publishing "
              "with '--no-publish'");
}

static void check_tree(const struct job *job, const struct dirty *dirty, enum deed deed,
                       struct diags *diags)
{
    const struct context *context = job->context;
    if (!context->has_git) {
        diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
                   "job '%.*s' must not %s the protected environment '%.*s' from outside "
                   "of a git repository: nothing proves which sources it was made from",
                   STR_ARG(job->manifest->name), DEEDS[deed], STR_ARG(context->environment));
        return;
    }
    if (dirty->fingerprint.n == 0) {
        return;
    }
    struct diag *diag = diag_error(
        diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
        "job '%.*s' must not %s the protected environment '%.*s' from a working tree with "
        "changes",
        STR_ARG(job->manifest->name), DEEDS[deed], STR_ARG(context->environment));
    dirty_describe(dirty, diag);
}

void permission_check_commit(const struct job *job, struct diags *diags)
{
    const struct context *context = job->context;
    if (!context->has_git || context->commit_is_head) {
        return;
    }
    struct diag *diag =
        diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
                   "job '%.*s' %s, so its commit must be the one that is checked out: "
                   "'%.*s' was asked for, HEAD is %.*s",
                   STR_ARG(job->manifest->name),
                   job_has_outputs(job)           ? "has outputs"
                   : job_has_effects(job)         ? "has effects"
                   : job_has_failure_outputs(job) ? "has failure outputs"
                                                  : "is recorded",
                   STR_ARG(context->commit_wish), STR_ARG(context->status.head));
    diag_help(diag, "git checkout %.*s", STR_ARG(context->commit));
}

static void check_store(const struct job *job, enum deed deed, struct diags *diags)
{
    if (!job->context->store_read_only) {
        return;
    }
    if (deed == DEED_EFFECT) {
        struct diag *diag =
            diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
                       "job '%.*s' has effects, which need the store to record them, but it is "
                       "read-only: JOBRUN_STORE_MODE=read-only is set",
                       STR_ARG(job->manifest->name));
        diag_help(diag, "unset JOBRUN_STORE_MODE; '--dry-run' shows what the job would do");
        return;
    }
    struct diag *diag = diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, NOWHERE,
                                   "job '%.*s' would publish, but the store is read-only: "
                                   "JOBRUN_STORE_MODE=read-only is set",
                                   STR_ARG(job->manifest->name));
    diag_help(diag, job_has_effects(job)
                        ? "unset JOBRUN_STORE_MODE"
                        : "unset JOBRUN_STORE_MODE, or run without publishing with '--no-publish'");
}

void permission_check(const struct job *job, const struct dirty *dirty, enum deed deed,
                      struct diags *diags)
{
    const struct context *context = job->context;
    check_store(job, deed, diags);
    if (context->is_protected) {
        check_machine(job, deed, diags);
        check_tree(job, dirty, deed, diags);
    }
}
