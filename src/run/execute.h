/*
 * Executing the plan's commands: output shown as it comes and kept in a log,
 * signals and deadline as sys/process.h has them.
 */
#ifndef RUN_EXECUTE_H
#define RUN_EXECUTE_H

#include "base/base.h"
#include "job/plan.h"
#include "sys/process.h"

struct arena;
struct error;
struct listener;
struct secrets;

struct execution {
    int status; /* the job's, from the first step that failed: its own, 128 + signal, 124, 126,
                   127 */
    bool timed_out;
    int interrupted;    /* the signal that jobrun was stopped by, or 0 */
    bool stopped;       /* by a failure, so that only steps that are `always` to run did */
    struct str *failed; /* the steps that failed, by name */
    size_t failed_count;
    struct str log_path; /* from the workspace root, or as given */
    struct str message;  /* why the first step failed, for people; empty where status is 0 */
    int64_t started_ms, finished_ms;
};

/* The steps run in their order. The first failure stops those behind it, but for
 * the ones with `always`; `continue-on-error` lets all go on. After the deadline
 * the `always` steps have kill_after_ms together, after a signal none runs.
 *
 * `log_path` empty: .jobrun/logs/<job>-<time>.log. The output goes to this
 * process's standard output and error, whole lines at a time, and is masked there and
 * in the log. A step gets the values of the secrets that it lists. -1 only where the
 * machinery failed, or where the file of `stdout` cannot be written: that ends the
 * command. */
int execute(struct arena *arena, const struct plan *plan, const struct secrets *secrets,
            struct str log_path, const struct listener *listener, struct execution *execution,
            struct error *err) MUST_USE;

#endif
