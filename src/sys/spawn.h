/*
 * Starting a program: what process_run() and process_capture() share.
 *
 * The child gets /dev/null as standard input, default dispositions and no
 * blocked signals (those of sys/signals.h stay ignored where the caller made
 * them so), and no other descriptor of this program. What goes wrong between fork and exec comes back
 * through a pipe.
 */
#ifndef SYS_SPAWN_H
#define SYS_SPAWN_H

#include "base/base.h"
#include "base/str.h"

#include <sys/types.h>

struct arena;
struct error;

struct spawn {
    const char *const *argv; /* argv[0] is looked up in search_path */
    const char *const *envp;
    const char *search_path; /* NULL: the PATH of `envp` */
    const char *folder;      /* NULL: this process's own */
    int out;                 /* become its standard output and standard error */
    int errors;
    bool own_group; /* a process group of its own, and it dies with this thread */
};

/* The pid, and the pipe that spawn_outcome() reads. */
int spawn_begin(const struct spawn *spawn, pid_t *pid, int *report, struct error *err) MUST_USE;

/* Why a program could not be executed. */
struct spawn_failure {
    int exec_errno;      /* 0: it runs */
    bool no_interpreter; /* its file is there, but not what is to run it (`#!`, a loader) */
};

/* Waits until the program runs, or does not. 0: it runs, or *failure says why
 * it could not be executed; -1: it did not come so far (its folder cannot
 * be entered). Either way the child has to be waited for. */
int spawn_outcome(int report, const struct spawn *spawn, struct spawn_failure *failure,
                  struct error *err) MUST_USE;

/* The files that a command name may mean, in order; ends with NULL. A name with
 * '/' is itself; an empty folder in the list is the current one. */
char **spawn_candidates(struct arena *arena, struct str name, struct str path_list);
/* Where a command with this environment is looked up; `search_path` may be NULL. */
const char *spawn_path_list(const char *search_path, const char *const *envp);

/* Where PATH is not set. */
#define SPAWN_DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

#endif
