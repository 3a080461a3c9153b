#include "run/output_pump.h"

#include "base/error.h"
#include "sys/fd.h"

#include <sys/stat.h>

static bool is_same_file(int a, int b)
{
    struct stat left, right;
    return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

void pump_begin(struct pump *pump, struct arena *arena, int stdout_fd, int stderr_fd, int log_fd,
                struct error *log_error)
{
    int fds[] = {stdout_fd, stderr_fd};
    for (size_t i = 0; i < ARRAY_COUNT(pump->streams); i++) {
        sink_begin(&pump->sinks[i], arena, fds[i]);
        pump->streams[i].fd = fds[i];
        pump->streams[i].sink = &pump->sinks[i];
        pump->streams[i].line_bytes = 0;
    }
    if (is_same_file(stdout_fd, stderr_fd)) {
        pump->streams[PROCESS_STDERR].sink = &pump->sinks[PROCESS_STDOUT];
    }
    pump->log_fd = log_fd;
    pump->log_error = log_error;
    pump->log_failed = false;
    pump->unfinished = NULL;
    pump->gave_up = false;
}

/* What one stream left unfinished ends where the other goes on. */
static int write_log(struct pump *pump, const struct pump_stream *stream, const char *bytes,
                     size_t n)
{
    bool ends_line = pump->unfinished != NULL && pump->unfinished != stream;
    pump->unfinished = bytes[n - 1] == '\n' ? NULL : stream;
    if (ends_line && fd_write_all(pump->log_fd, "\n", 1, "the log", pump->log_error) < 0) {
        return -1;
    }
    return fd_write_all(pump->log_fd, bytes, n, "the log", pump->log_error);
}

static int hand_on(struct pump *pump, struct pump_stream *stream, const char *bytes, size_t n,
                   struct error *err)
{
    if (n == 0) {
        return 0;
    }
    if (pump->log_fd >= 0 && !pump->log_failed && write_log(pump, stream, bytes, n) < 0) {
        pump->log_failed = true; /* a full disk must not end a job that could succeed */
    }
    return sink_write(stream->sink, (struct str){bytes, n}, err);
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
    bool at_end = bytes.n == 0;
    size_t whole = whole_lines(bytes);
    if (bytes.n - whole >= PUMP_LINE_BYTES - (whole > 0 ? 0 : stream->line_bytes)) {
        whole = bytes.n;
    }
    if (whole > 0 || at_end) {
        if (hand_on_line(pump, stream, err) < 0 || hand_on(pump, stream, bytes.s, whole, err) < 0) {
            return -1;
        }
        bytes = str_after(bytes, whole);
    }
    if (bytes.n > 0) {
        memcpy(stream->line + stream->line_bytes, bytes.s, bytes.n);
        stream->line_bytes += bytes.n;
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

struct process_backlog pump_backlog(const struct pump *pump, enum process_stream which)
{
    const struct pump_stream *stream = &pump->streams[which];
    return (struct process_backlog){.fd = sink_is_empty(stream->sink) ? -1 : stream->fd,
                                    .full = sink_is_full(stream->sink)};
}

int pump_drain(struct pump *pump, enum process_stream which, struct error *err)
{
    return sink_drain(pump->streams[which].sink, err);
}

void pump_give_up(struct pump *pump)
{
    bool held[2];
    for (int i = 0; i < 2; i++) {
        held[i] = !sink_is_empty(pump->streams[i].sink);
    }
    for (int i = 0; i < 2; i++) {
        if (held[i]) {
            sink_give_up(pump->streams[i].sink);
            fd_replace_by_null(pump->streams[i].fd);
            pump->gave_up = true;
        }
    }
}

bool pump_is_ready(const struct pump *pump, enum process_stream which)
{
    return sink_is_ready(pump->streams[which].sink);
}
