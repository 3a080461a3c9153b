#include "run/output_pump.h"

#include "base/error.h"
#include "sys/fd.h"

#include <errno.h>

void pump_begin(struct pump *pump, int stdout_fd, int stderr_fd, int log_fd,
                struct error *log_error)
{
    pump->streams[PROCESS_STDOUT].fd = stdout_fd;
    pump->streams[PROCESS_STDERR].fd = stderr_fd;
    for (size_t i = 0; i < ARRAY_COUNT(pump->streams); i++) {
        pump->streams[i].closed = false;
        pump->streams[i].line_bytes = 0;
    }
    pump->log_fd = log_fd;
    pump->log_error = log_error;
    pump->log_failed = false;
}

static int hand_on(struct pump *pump, struct pump_stream *stream, const char *bytes, size_t n,
                   struct error *err)
{
    if (n == 0) {
        return 0;
    }
    if (pump->log_fd >= 0 && !pump->log_failed &&
        fd_write_all(pump->log_fd, bytes, n, "the log", pump->log_error) < 0) {
        pump->log_failed = true; /* a full disk must not end a job that could succeed */
    }
    if (stream->closed) {
        return 0;
    }
    struct error written = {0};
    if (fd_write_all(stream->fd, bytes, n, "the job's output", &written) < 0) {
        if (written.sys_errno != EPIPE && written.sys_errno != EBADF) {
            *err = written;
            return -1;
        }
        stream->closed = true;
    }
    return 0;
}

static int hand_on_line(struct pump *pump, struct pump_stream *stream, struct error *err)
{
    size_t n = stream->line_bytes;
    stream->line_bytes = 0;
    return hand_on(pump, stream, stream->line, n, err);
}

/* The bytes up to the last line end, in one piece. */
static size_t whole_lines(struct str bytes)
{
    size_t n = bytes.n;
    while (n > 0 && bytes.s[n - 1] != '\n') {
        n--;
    }
    return n;
}

int pump_add(struct pump *pump, enum process_stream which, struct str bytes, struct error *err)
{
    struct pump_stream *stream = &pump->streams[which];
    size_t lines = whole_lines(bytes);
    if (lines > 0) {
        if (hand_on_line(pump, stream, err) < 0 || hand_on(pump, stream, bytes.s, lines, err) < 0) {
            return -1;
        }
        bytes = str_after(bytes, lines);
    }
    while (bytes.n > 0) {
        size_t room = PUMP_LINE_BYTES - stream->line_bytes;
        size_t n = bytes.n < room ? bytes.n : room;
        memcpy(stream->line + stream->line_bytes, bytes.s, n);
        stream->line_bytes += n;
        bytes = str_after(bytes, n);
        if (stream->line_bytes == PUMP_LINE_BYTES && hand_on_line(pump, stream, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int pump_flush(struct pump *pump, struct error *err)
{
    for (size_t i = 0; i < ARRAY_COUNT(pump->streams); i++) {
        if (hand_on_line(pump, &pump->streams[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}
