/*
 * A command's output on its way to the terminal and the log, whole lines at a
 * time, so that lines of the two streams never run into each other.
 */
#ifndef RUN_OUTPUT_PUMP_H
#define RUN_OUTPUT_PUMP_H

#include "base/base.h"
#include "base/str.h"
#include "sys/process.h"

struct error;

/* A line that is longer is handed on in pieces of this size. */
#define PUMP_LINE_BYTES ((size_t)64 << 10)

struct pump_stream {
    int fd;      /* where it is shown */
    bool closed; /* nobody reads it any more: only the log gets it */
    char line[PUMP_LINE_BYTES];
    size_t line_bytes; /* an unfinished line that waits for its end */
};

struct pump {
    struct pump_stream streams[2]; /* by enum process_stream */
    int log_fd;                    /* -1: no log */
    struct error *log_error;       /* set once when the log cannot be written; it then ends */
    bool log_failed;
};

void pump_begin(struct pump *pump, int stdout_fd, int stderr_fd, int log_fd,
                struct error *log_error);
/* A chunk of output, ending anywhere. ERROR_FAILED where it cannot be shown; a
 * reader that went away (EPIPE) is no failure. */
int pump_add(struct pump *pump, enum process_stream stream, struct str bytes,
             struct error *err) MUST_USE;
/* Hands on the unfinished lines: when nothing came for a while, and at the end. */
int pump_flush(struct pump *pump, struct error *err) MUST_USE;

#endif
