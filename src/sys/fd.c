#include "sys/fd.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* What Linux lets a user have for one pipe (/proc/sys/fs/pipe-max-size). */
#define PIPE_BYTES (1 << 20)

/* One call takes at most this much: some systems refuse more than INT_MAX. */
#define TRANSFER_MAX ((size_t)1 << 30)

void fd_close(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
    *fd = -1;
}

int fd_close_checked(int *fd, const char *what, struct error *err)
{
    int closing = fd_take(fd);
    /* After EINTR the descriptor is gone too, and nothing is known to be lost. */
    if (closing >= 0 && close(closing) != 0 && errno != EINTR) {
        return error_errno(err, errno, "cannot write '%s'", what);
    }
    return 0;
}

int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

int fd_pipe(int ends[2], struct error *err)
{
#ifdef __linux__
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_errno(err, errno, "cannot make a pipe");
    }
#else
    if (pipe(ends) != 0)
        return error_errno(err, errno, "cannot make a pipe");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
    return 0;
}

void fd_enlarge_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#else
    (void)fd;
#endif
}

int fd_open_standard(struct error *err)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) {
            continue;
        }
        /* The lowest that is free is this one: those below are open by now. Not
         * close-on-exec, since commands need them too. */
        if (open("/dev/null", O_RDWR) != fd) {
            return error_errno(err, errno, "cannot open '/dev/null'");
        }
    }
    return 0;
}

void fd_replace_by_null(int fd)
{
    int null CLEANUP(fd_close) = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0 && null != fd) {
        dup2(null, fd);
    }
}

int fd_set_nonblocking(int fd, struct error *err)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
        return error_errno(err, errno, "cannot make descriptor %d non-blocking", fd);
    }
    return 0;
}

/* After a call that failed: whether it is to be tried again. A descriptor that
 * somebody else made non-blocking (a terminal that is shared with another
 * program) is waited for. */
static bool retry(int fd, short events)
{
    if (errno == EINTR) {
        return true;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
        return false;
    }
    struct pollfd waiting = {.fd = fd, .events = events};
    return poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

int fd_write_all(int fd, const void *bytes, size_t n, const char *what, struct error *err)
{
    const char *next = bytes;
    while (n > 0) {
        ssize_t written = write(fd, next, n < TRANSFER_MAX ? n : TRANSFER_MAX);
        if (written < 0) {
            if (retry(fd, POLLOUT)) {
                continue;
            }
            return error_errno(err, errno, "cannot write '%s'", what);
        }
        next += written;
        n -= (size_t)written;
    }
    return 0;
}

int fd_read_full(int fd, void *bytes, size_t n, size_t *got, const char *what, struct error *err)
{
    char *next = bytes;
    size_t done = 0;
    while (done < n) {
        size_t wanted = n - done < TRANSFER_MAX ? n - done : TRANSFER_MAX;
        ssize_t part = read(fd, next + done, wanted);
        if (part == 0) {
            break;
        }
        if (part < 0) {
            if (retry(fd, POLLIN)) {
                continue;
            }
            return error_errno(err, errno, "cannot read '%s'", what);
        }
        done += (size_t)part;
    }
    *got = done;
    return 0;
}
