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

struct execution {
    int status; /* the job's: the command's own, 128 + signal, 124, 126, 127 */
    bool timed_out;
    int interrupted;     /* the signal that jobrun was stopped by, or 0 */
    struct str log_path; /* from the workspace root, or as given */
    struct str message;  /* why it failed, for people; empty where status is 0 */
    int64_t started_ms, finished_ms;
};

/* `log_path` empty: .jobrun/logs/<job>-<time>.log. The output goes to this
 * process's standard output and error, whole lines at a time. -1 only where the
 * machinery failed, or where the file of `stdout` cannot be written: that ends the
 * command. */
int execute(struct arena *arena, const struct plan *plan, struct str log_path,
            const struct listener *listener, struct execution *execution,
            struct error *err) MUST_USE;

#endif
