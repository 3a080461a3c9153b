/*
 * Running programs.
 *
 * process_run() runs one command in a process group of its own, hands on its
 * output as it comes, passes signals on, keeps a deadline, and does not return
 * before everything that the command started is gone (on Linux also what left
 * the group: the caller becomes a child subreaper).
 *
 *   - the first signal that jobrun gets (of those in sys/signals.h) is passed
 *     on to the group once, the second one sends TERM, the third KILL;
 *   - at the deadline the group gets TERM, and KILL after kill_after_ms;
 *   - when the command itself has ended, what is left of its descendants may
 *     end by itself for a moment (200 ms, which begin anew while its output is
 *     not read), then it gets TERM, and KILL after kill_after_ms;
 *   - CONT follows every signal but KILL, for a process that is stopped;
 *   - what does not end within 30 s of KILL is an error, not a wait for ever;
 *   - standard input is /dev/null; the command dies with jobrun (PDEATHSIG),
 *     and so does its process group (sys/keeper.h).
 *
 *   - output that the callbacks still hold back when all is gone is waited for,
 *     for ever while nobody objects; after a signal or the deadline it is given
 *     up kill_after_ms later, and at once with one more signal.
 *
 * One command runs at a time. While a callback blocks nothing else happens, no
 * signal and no deadline: `backlog` is for those that would.
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

enum process_stream { PROCESS_STDOUT, PROCESS_STDERR };

/* What `output` has taken and could not write yet, its reader being slow. */
struct process_backlog {
    int fd;    /* some of it can be written when this is writable; -1: there is none */
    bool full; /* no more is to be read from the command */
};

struct process_spec {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in search_path */
    const char *const *envp; /* NULL-terminated "NAME=value" */
    const char *search_path; /* NULL: `envp`'s PATH */
    const char *folder;      /* where it runs */
    int64_t timeout_ms;      /* 0: none */
    int64_t kill_after_ms;
    /* Called with what the command wrote, in order for each stream; a chunk is
     * at most 256 KiB and may end anywhere, and an empty one is the stream's end.
     * A failure (-1, err set) ends the command as a signal would. `idle` is
     * called when nothing was written for 100 ms after a chunk, so that an
     * unfinished line can be shown. Either may be NULL. */
    int (*output)(void *context, enum process_stream stream, struct str bytes, struct error *err);
    int (*idle)(void *context, struct error *err);
    /* All three, or NULL for an `output` that never holds anything back. `drain`
     * is called when the backlog's descriptor is writable or broken; `give_up`
     * drops the backlogs, which then stay empty. */
    struct process_backlog (*backlog)(void *context, enum process_stream stream);
    int (*drain)(void *context, enum process_stream stream, struct error *err);
    void (*give_up)(void *context);
    /* Called before a signal is sent to the group, or to what is left of it, for
     * a line in the log; `why` is a phrase ("out of time", "passed on"). */
    void (*signalled)(void *context, int signal_number, const char *why);
    void *context;
};

struct process_result {
    bool exited;     /* it ended by itself, with exit_status */
    int exit_status; /* 0 to 255 */
    int term_signal; /* it was killed by this signal, or 0 */
    bool timed_out;
    int interrupted;     /* the first signal that jobrun passed on, or 0 */
    int exec_errno;      /* it could not be started: the errno of exec, or 0 */
    bool no_interpreter; /* and that because what is to run its file is not there */
    size_t stragglers;   /* descendants that had to be ended after it */
    int64_t duration_ms; /* to the end of the command itself */
};

/* 0 when the command was started and has ended, or exec failed (exec_errno);
 * -1 for a failure of the machinery or of a callback, or a folder that cannot be
 * entered. */
int process_run(const struct process_spec *spec, struct process_result *result,
                struct error *err) MUST_USE;

/* Runs a short program to its end and returns what it wrote to standard output
 * (over max_bytes is ERROR_LIMIT); its standard error is cut to 4 KiB. For
 * jobrun's own needs (git): no process group, no deadline; the first signal that
 * jobrun ever gets ends it (ERROR_INTERRUPTED), and after that one it runs on.
 * `remove_env` is a NULL-terminated list of names that the program does not see,
 * `add_env` one of "NAME=value"; either may be NULL. A program that cannot be
 * executed is an error with its errno in sys_errno. */
struct process_output {
    int exit_status; /* 128 + signal where it was killed */
    struct str out;
    struct str errors;
};
int process_capture(struct arena *arena, const char *const *argv, const char *folder,
                    const char *const *remove_env, const char *const *add_env, size_t max_bytes,
                    struct process_output *output, struct error *err) MUST_USE;

/* The file that a command name means with this PATH, or ERROR_NOT_FOUND; a
 * name with '/' is itself. */
int process_find(struct arena *arena, const char *name, const char *path_list, struct str *file,
                 struct error *err) MUST_USE;

#endif
