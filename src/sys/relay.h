/*
 * The two streams that a command writes, on their way to the callbacks of a
 * process_spec: part of process_run().
 */
#ifndef SYS_RELAY_H
#define SYS_RELAY_H

#include "base/base.h"
#include "sys/process.h"

struct arena;
struct error;

#define RELAY_NEVER INT64_MAX

struct relay {
    const struct process_spec *spec;
    int fds[2];       /* what is read, by enum process_stream; -1: at its end */
    size_t unread[2]; /* after relay_finish(): what the pipes still hold */
    char *chunk;
    bool finishing;
    bool dropping;   /* what is read goes nowhere */
    int64_t idle_ms; /* when to call `idle`, or RELAY_NEVER */
};

/* Makes the pipes; `write_ends` are the command's. */
int relay_begin(struct relay *relay, struct arena *arena, const struct process_spec *spec,
                int write_ends[2], struct error *err) MUST_USE;
void relay_close(struct relay *relay);

/* A callback's failure comes back as -1. */
int relay_read(struct relay *relay, enum process_stream stream, struct error *err) MUST_USE;
int relay_drain(struct relay *relay, enum process_stream stream, struct error *err) MUST_USE;
int relay_idle(struct relay *relay, struct error *err) MUST_USE;
/* From now on nobody writes: what the pipes hold is read to its end. A pipe that
 * somebody holds to whom it was handed (over a socket) is not waited for. */
int relay_finish(struct relay *relay, struct error *err) MUST_USE;
/* After a failure output is read and dropped, so that the command does not hang
 * in a write when it is to end. */
void relay_drop(struct relay *relay);
void relay_give_up(struct relay *relay);

struct process_backlog relay_backlog(const struct relay *relay, enum process_stream stream);
/* Whether a stream is not read because what came before is not written yet. */
bool relay_is_held_up(const struct relay *relay);
/* Whether all was read and written. */
bool relay_is_done(const struct relay *relay);

#endif
