/*
 * A command's output on its way to the terminal and the log, whole lines at a
 * time, so that lines of the two streams never run into each other; in the log not
 * even one that its stream leaves unfinished. The log gets everything at once; what
 * nobody reads yet waits in a sink.
 */
#ifndef RUN_OUTPUT_PUMP_H
#define RUN_OUTPUT_PUMP_H

#include "base/base.h"
#include "base/str.h"
#include "run/sink.h"
#include "sys/process.h"

struct arena;
struct error;

/* A line that is longer is handed on in pieces. */
#define PUMP_LINE_BYTES ((size_t)64 << 10)

struct pump_stream {
    int fd;            /* where it is shown */
    struct sink *sink; /* both streams have one where they go to one file */
    char line[PUMP_LINE_BYTES];
    size_t line_bytes; /* an unfinished line that waits for its end */
};

struct pump {
    struct pump_stream streams[2]; /* by enum process_stream */
    struct sink sinks[2];
    int log_fd;              /* -1: no log */
    struct error *log_error; /* set once when the log cannot be written; it then ends */
    bool log_failed;
    const struct pump_stream *unfinished; /* whose line the log ends in; NULL: in no line */
    bool gave_up;                         /* something was never shown, for nobody read it */
};

/* The arena must live as long as the pump. */
void pump_begin(struct pump *pump, struct arena *arena, int stdout_fd, int stderr_fd, int log_fd,
                struct error *log_error);
/* A chunk of output, ending anywhere; an empty one is the stream's end. Fails
 * where it cannot be shown; a reader that went away (EPIPE) is no failure. */
int pump_add(struct pump *pump, enum process_stream which, struct str bytes,
             struct error *err) MUST_USE;
/* Hands on the unfinished lines: when nothing came for a while. */
int pump_flush(struct pump *pump, struct error *err) MUST_USE;

/* As process_spec has them. A stream that is given up with something in it is
 * replaced by /dev/null, so that nothing else of this process hangs in it. */
struct process_backlog pump_backlog(const struct pump *pump, enum process_stream which);
int pump_drain(struct pump *pump, enum process_stream which, struct error *err) MUST_USE;
void pump_give_up(struct pump *pump);
/* Whether a line that is written past the pump to where the stream goes would
 * come behind all that was added, without waiting. */
bool pump_is_ready(const struct pump *pump, enum process_stream which);

#endif
