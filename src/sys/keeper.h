/*
 * A process that outlives this one for a moment, to end what it leaves behind.
 *
 *     struct keeper keeper = KEEPER_NONE;
 *     keeper_begin(&keeper, err);
 *     keeper_guard(&keeper, group);    the process group of a command
 *     ...
 *     keeper_end(&keeper);             the command is gone
 *
 * Where this process dies in between, of KILL or of a bug of its own, the keeper
 * sends KILL to the group and waits for its end (at most KEEPER_WAIT_MS). It has a
 * copy of every descriptor that is open at its beginning, so that flock(2) locks
 * are held until then: who waits for one never meets the command still running.
 * What left the group for another one is not found.
 *
 * It is a child of this process that waitid(2) for any child does not show on Linux;
 * `pid` tells it apart from what a command started.
 */
#ifndef SYS_KEEPER_H
#define SYS_KEEPER_H

#include "base/base.h"

#include <sys/types.h>

struct error;

#define KEEPER_WAIT_MS 2000

struct keeper {
    pid_t pid; /* 0: none */
    int pipe;  /* its end says that this process is gone; -1: none */
};

#define KEEPER_NONE ((struct keeper){.pipe = -1})

int keeper_begin(struct keeper *keeper, struct error *err) MUST_USE;
void keeper_guard(const struct keeper *keeper, pid_t group);
/* More than once is harmless. */
void keeper_end(struct keeper *keeper);

#endif
