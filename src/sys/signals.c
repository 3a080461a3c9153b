#include "sys/signals.h"

#include "base/error.h"
#include "sys/fd.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP};

/* One byte for each signal: its number. */
static int pipe_ends[2] = {-1, -1};
static volatile sig_atomic_t first;

static void on_signal(int number)
{
    int saved = errno;
    if (first == 0) {
        first = number;
    }
    unsigned char byte = (unsigned char)number;
    /* A full pipe holds more signals than anybody will take. */
    ssize_t ignored = write(pipe_ends[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

/* nohup(1) starts a program with HUP ignored, which the program must keep. */
static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void signals_begin(void)
{
    if (pipe_ends[0] >= 0) {
        return;
    }
    struct error err;
    if (fd_pipe(pipe_ends, &err) != 0 || fd_set_nonblocking(pipe_ends[0], &err) != 0 ||
        fd_set_nonblocking(pipe_ends[1], &err) != 0) {
        BUG("%s", err.message);
    }

    sigset_t wanted;
    sigemptyset(&wanted);
    for (size_t i = 0; i < ARRAY_COUNT(ENDING); i++) {
        sigaddset(&wanted, ENDING[i]);
        /* SA_RESTART: libraries do not expect EINTR; what waits for a signal
         * polls signals_fd(). */
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        sigfillset(&action.sa_mask);
        if (ENDING[i] != SIGHUP || !is_ignored(SIGHUP)) {
            sigaction(ENDING[i], &action, NULL);
        }
    }

    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);

    /* A parent may have left CHLD ignored, which takes away exit statuses, or
     * any of these blocked. */
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &plain, NULL);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &wanted, NULL);
}

int signals_fd(void)
{
    return pipe_ends[0];
}

int signals_take(void)
{
    unsigned char byte = 0;
    if (pipe_ends[0] < 0) {
        return 0;
    }
    for (;;) {
        ssize_t got = read(pipe_ends[0], &byte, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        return got == 1 ? byte : 0;
    }
}

int signals_first(void)
{
    return first;
}

int signals_check(struct error *err)
{
    int number = signals_first();
    if (number == 0) {
        return 0;
    }
    const char *name = number == SIGINT ? "INT" : number == SIGTERM ? "TERM" : "HUP";
    return error_set(err, ERROR_INTERRUPTED, "interrupted by signal %s", name);
}
