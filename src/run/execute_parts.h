/*
 * What the files of execute() share: the sequence of steps (execute.c), one step
 * (execute_step.c), and what was written and said meanwhile (execute_output.c).
 */
#ifndef RUN_EXECUTE_PARTS_H
#define RUN_EXECUTE_PARTS_H

#include "base/error.h"
#include "run/execute.h"
#include "run/mask.h"
#include "run/output_pump.h"

/* More signals than anybody sends are not told of. */
#define EXECUTE_NOTES_MAX 16

struct executor {
    struct arena *arena;
    const struct plan *plan;
    const struct listener *listener;
    const struct secrets *secrets;
    struct pump pump;
    struct mask_stream *masks; /* by enum process_stream, on the way to the pump; NULL: nothing
                                * is to be masked */
    struct error log_error;
    int64_t deadline_ms; /* of host_monotonic_ms(); 0: none */
    bool is_late;        /* the job's deadline has passed; this is the one of what runs after it */
    struct str stdout_path; /* of the step that runs */
    int stdout_fd;          /* of its `stdout`; -1: it has none */
    /* What was to be said while standard error did not take it. */
    struct str notes[EXECUTE_NOTES_MAX];
    size_t note_count;
};

/* How one step ended. */
struct step_result {
    int status; /* its own, 128 + signal, 124, 126, 127 */
    bool timed_out;
    int interrupted;    /* the signal that jobrun was stopped by, or 0 */
    int term_signal;    /* what killed it, or 0 */
    bool never_started; /* there was nothing to execute */
    struct str message; /* why it failed; empty where status is 0 */
};

/* Runs one step to its end. -1 as execute(). */
int execute_step(struct executor *executor, const struct command *command,
                 struct step_result *ended, struct error *err) MUST_USE;

/* Makes pump and masks. */
void execute_output_begin(struct executor *executor, int log_fd);
/* The callbacks of process_run() for an executor. */
void execute_output_calls(struct executor *executor, struct process_spec *spec);

struct str execute_signal_name(struct arena *arena, int number);

#endif
