/*
 * Signals that ask the program to end, as data.
 *
 * signals_begin() once at the start of the program; after it INT, TERM, HUP and
 * QUIT no longer kill it, nor do USR1, USR2 and ALRM, whose default is to kill:
 * a program that dies of them leaves behind what its command has started. All
 * of them are treated alike. One that the caller had ignored stays ignored, here
 * and in what is started: nohup(1), and INT and QUIT behind the `&` of a shell.
 *
 * What else kills (KILL, or a mistake such as SEGV) is not caught; the command
 * itself dies then, but what it has started may live on.
 *
 * Long work asks signals_check() between two steps; what waits in poll(2) adds
 * signals_fd(). PIPE is ignored, for every write reports its error.
 */
#ifndef SYS_SIGNALS_H
#define SYS_SIGNALS_H

#include "base/base.h"

struct error;

/* Fails where no pipe can be made (too many open files). */
int signals_begin(struct error *err) MUST_USE;
/* Readable when a signal came that signals_take() has not returned yet. */
int signals_fd(void);
/* The next signal that came, or 0. */
int signals_take(void);
/* The first signal that ever came, or 0: it stays until the program ends. */
int signals_first(void);
/* -1 with ERROR_INTERRUPTED once a signal has come. */
int signals_check(struct error *err) MUST_USE;

/* Whether it is one of those above and the caller had it ignored. May be called
 * between fork and exec. */
bool signals_stays_ignored(int number);
/* "TERM" of SIGTERM, or NULL where it has no name here: sigabbrev_np(3) is not
 * everywhere. */
const char *signals_name(int number);

#endif
