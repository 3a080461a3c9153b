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
struct effects;
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
 * A step that is one of the `effects` is executed only behind a marker that says so,
 * and skipped where one says that it is done. Whose marker cannot be had, or not be
 * made to say how the step ended, has failed with status 123. None begins once the
 * run was interrupted or its time is over; after one that a signal or the deadline
 * cut off, the marker stays. A shell tells that of its own
 * command by a status of 128 and the number of the signal.
 *
 * `log_path` empty: .jobrun/logs/<job>-<time>.log. The output goes to this
 * process's standard output and error, whole lines at a time, and is masked there and
 * in the log. A step gets the values of the secrets that it lists. Where jobrun itself
 * fails on the way, as when the file of `stdout` cannot be written, the command is ended
 * and its step has failed with status 125. -1 only where the log cannot be opened. */
int execute(struct arena *arena, const struct plan *plan, const struct secrets *secrets,
            struct effects *effects, struct str log_path, const struct listener *listener,
            struct execution *execution, struct error *err) MUST_USE;

#endif
