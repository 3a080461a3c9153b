/*
 * Signals that ask the program to end, as data.
 *
 * signals_begin() once at the start of the program; after it INT, TERM and HUP
 * no longer kill it. Long work asks signals_check() between two steps; what
 * waits in poll(2) adds signals_fd(). PIPE is ignored, for every write reports
 * its error.
 */
#ifndef SYS_SIGNALS_H
#define SYS_SIGNALS_H

#include "base/base.h"

struct error;

void signals_begin(void);
/* Readable when a signal came that signals_take() has not returned yet. */
int signals_fd(void);
/* The next signal that came, or 0. */
int signals_take(void);
/* The first signal that ever came, or 0: it stays until the program ends. */
int signals_first(void);
/* -1 with ERROR_INTERRUPTED once a signal has come. */
int signals_check(struct error *err) MUST_USE;

#endif
