/*
 * Where output is shown, written without waiting for the one who reads it: what
 * a pipe or a socket does not take at once is kept until it does. The descriptor
 * is never made non-blocking, for it is shared with those that it came from.
 */
#ifndef RUN_SINK_H
#define RUN_SINK_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

/* With this much kept a sink is full; it takes what is at hand all the same, up
 * to SINK_BYTES_MAX. */
#define SINK_BYTES_FULL ((size_t)256 << 10)
#define SINK_BYTES_MAX  ((size_t)1 << 20)

struct sink {
    struct arena *arena;
    int fd;
    bool may_block; /* else (a file, a terminal) it is simply written to */
    bool is_socket;
    bool closed; /* nobody reads it any more: what comes is dropped */
    char *kept;
    size_t from, n; /* of `kept` */
};

void sink_begin(struct sink *sink, struct arena *arena, int fd);
/* Takes all of it. A reader that went away is no failure. */
int sink_write(struct sink *sink, struct str bytes, struct error *err) MUST_USE;
/* Writes what can be written now of what is kept. */
int sink_drain(struct sink *sink, struct error *err) MUST_USE;
/* Drops what is kept and all that comes. */
void sink_give_up(struct sink *sink);

bool sink_is_empty(const struct sink *sink);
bool sink_is_full(const struct sink *sink);
/* Whether a short line that goes to the descriptor now comes next, and at once. */
bool sink_is_ready(const struct sink *sink);

#endif
