#include "run/sink.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* So much fits into a pipe that poll(2) says can be written to. */
#ifdef PIPE_BUF
#define PIECE_BYTES ((size_t)PIPE_BUF)
#else
#define PIECE_BYTES ((size_t)512)
#endif

void sink_begin(struct sink *sink, struct arena *arena, int fd)
{
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    bool known = fstat(fd, &st) == 0;
    *sink = (struct sink){.arena = arena, .fd = fd};
    sink->is_socket = known && S_ISSOCK(st.st_mode);
    sink->may_block = sink->is_socket || (known && S_ISFIFO(st.st_mode)) ||
                      (flags != -1 && (flags & O_NONBLOCK) != 0);
}

static bool is_writable(const struct sink *sink)
{
    struct pollfd fd = {.fd = sink->fd, .events = POLLOUT};
    return poll(&fd, 1, 0) > 0;
}

/* After a failed write: 0 where the reader went away. */
static int on_failure(struct sink *sink, int problem, struct error *err)
{
    if (problem != EPIPE && problem != EBADF && problem != ECONNRESET) {
        return error_errno(err, problem, "cannot write 'the job's output'");
    }
    sink_give_up(sink);
    return 0;
}

static ssize_t write_piece(const struct sink *sink, struct str bytes)
{
    return sink->is_socket
               ? send(sink->fd, bytes.s, bytes.n, MSG_DONTWAIT)
               : write(sink->fd, bytes.s, bytes.n < PIECE_BYTES ? bytes.n : PIECE_BYTES);
}

/* As much as can be written now; *rest is what cannot. */
static int write_now(struct sink *sink, struct str bytes, struct str *rest, struct error *err)
{
    *rest = bytes;
    while (rest->n > 0 && is_writable(sink)) {
        ssize_t n = write_piece(sink, *rest);
        if (n >= 0) {
            *rest = str_after(*rest, (size_t)n);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            *rest = STR("");
            return on_failure(sink, errno, err);
        }
    }
    return 0;
}

static void keep(struct sink *sink, struct str bytes)
{
    if (bytes.n > SINK_BYTES_MAX - sink->n) {
        BUG("a full sink was given more");
    }
    if (sink->kept == NULL) {
        sink->kept = arena_alloc(sink->arena, SINK_BYTES_MAX);
    }
    if (bytes.n > SINK_BYTES_MAX - sink->n - sink->from) {
        memmove(sink->kept, sink->kept + sink->from, sink->n);
        sink->from = 0;
    }
    memcpy(sink->kept + sink->from + sink->n, bytes.s, bytes.n);
    sink->n += bytes.n;
}

int sink_write(struct sink *sink, struct str bytes, struct error *err)
{
    if (sink->closed || bytes.n == 0) {
        return 0;
    }
    if (!sink->may_block) {
        struct error written = {0};
        return fd_write_all(sink->fd, bytes.s, bytes.n, "the job's output", &written) == 0
                   ? 0
                   : on_failure(sink, written.sys_errno, err);
    }
    struct str rest = bytes;
    if (sink->n == 0 && write_now(sink, bytes, &rest, err) != 0) {
        return -1;
    }
    if (rest.n > 0) {
        keep(sink, rest);
    }
    return 0;
}

int sink_drain(struct sink *sink, struct error *err)
{
    struct str rest;
    if (sink->n == 0) {
        return 0;
    }
    struct str kept = {sink->kept + sink->from, sink->n};
    if (write_now(sink, kept, &rest, err) != 0) {
        return -1;
    }
    sink->from = rest.n > 0 ? sink->from + (kept.n - rest.n) : 0;
    sink->n = rest.n;
    return 0;
}

void sink_give_up(struct sink *sink)
{
    sink->closed = true;
    sink->from = sink->n = 0;
}

bool sink_is_empty(const struct sink *sink)
{
    return sink->n == 0;
}

bool sink_is_full(const struct sink *sink)
{
    return sink->n >= SINK_BYTES_FULL;
}

bool sink_is_ready(const struct sink *sink)
{
    return sink->n == 0 && (!sink->may_block || sink->closed || is_writable(sink));
}
