/*
 * Libraries that few runs need: opened on first use, so that all others start
 * without them and the program itself needs the C library alone.
 *
 *     static struct { __typeof__(thing_open) *thing_open; } api;
 *     static const struct library_symbol SYMBOLS[] = {{"thing_open", &api.thing_open}, {0}};
 *     static const struct library THING = {"libthing", NAMES, "libthing1 (Debian), ...", SYMBOLS};
 *     if (library_open(&THING, err) < 0) ...
 *
 * A wrapper of such a library keeps its functions to itself. To be called from
 * the main thread.
 */
#ifndef SYS_LIBRARY_H
#define SYS_LIBRARY_H

#include "base/base.h"

struct error;

struct library_symbol {
    const char *name;
    void *function; /* where the pointer to the function goes */
};

struct library {
    const char *title;                    /* for messages */
    const char *const *files;             /* tried in this order, NULL-terminated */
    const char *package;                  /* what to install */
    const struct library_symbol *symbols; /* ends in one without a name */
};

/* ERROR_NOT_ALLOWED where the library, or a function of it, is not there; the
 * help says what to install. Once open it stays open; opening it again costs
 * little. */
int library_open(const struct library *library, struct error *err) MUST_USE;

#endif
