/*
 * What a command left behind.
 *
 *     struct descendants left = {0};
 *     descendants_begin(&left, &arena);
 *     left.command = <pid of the command, which leads a process group>;
 *     ...
 *     descendants_end(&left);
 *
 * On Linux this process becomes a child subreaper in between: whatever the
 * command started is sooner or later its child, and is found in /proc whatever
 * group or session it went to. Elsewhere, and without /proc, only the command's
 * process group is known.
 */
#ifndef SYS_DESCENDANTS_H
#define SYS_DESCENDANTS_H

#include "base/base.h"

#include <sys/types.h>

struct arena;

#define DESCENDANTS_KNOWN_MAX 4096

struct descendants {
    struct arena *arena;
    pid_t command;
    pid_t keeper; /* a child that is none of the command's (sys/keeper.h); or 0 */
    bool command_reaped;
    bool was_subreaper;
    bool foreign_unknown; /* there are such children, but /proc does not name them */
    pid_t *foreign;       /* children that this process had before: an exec keeps them */
    size_t foreign_count, foreign_capacity;
    pid_t *known; /* those that were signalled, at most DESCENDANTS_KNOWN_MAX */
    size_t known_count, known_capacity;
};

void descendants_begin(struct descendants *left, struct arena *arena);
void descendants_end(struct descendants *left);

/* Waits for all that has ended, without waiting for it to end. True when the
 * command was among it, with its wait status. */
bool descendants_reap(struct descendants *left, int *status);

/* Whether anything is left; the command has been reaped. */
bool descendants_any(struct descendants *left);

/* Sends the signal to all that is left, and CONT behind everything but KILL;
 * with `only_new` to those that got none before. */
void descendants_signal(struct descendants *left, int signal_number, bool only_new);

/* Whether a process of the group is still running; where /proc does not tell, one
 * that ended and is not waited for counts. */
bool descendants_group_runs(pid_t group);

#endif
