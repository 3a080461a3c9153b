#include "sys/signals.h"

#include "base/error.h"
#include "sys/fd.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* `ends`: it asks a program to end, or would end it for want of a handler. */
static const struct {
    int number;
    const char *name;
    bool ends;
} SIGNALS[] = {{SIGINT, "INT", true},    {SIGTERM, "TERM", true},  {SIGHUP, "HUP", true},
               {SIGQUIT, "QUIT", true},  {SIGUSR1, "USR1", true},  {SIGUSR2, "USR2", true},
               {SIGALRM, "ALRM", true},  {SIGKILL, "KILL", false}, {SIGSEGV, "SEGV", false},
               {SIGABRT, "ABRT", false}, {SIGBUS, "BUS", false},   {SIGFPE, "FPE", false},
               {SIGILL, "ILL", false},   {SIGPIPE, "PIPE", false}, {SIGTRAP, "TRAP", false},
               {SIGXCPU, "XCPU", false}, {SIGXFSZ, "XFSZ", false}, {SIGSYS, "SYS", false}};

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

static int open_pipe(struct error *err)
{
    int ends[2];
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    int reader CLEANUP(fd_close) = ends[0];
    int writer CLEANUP(fd_close) = ends[1];
    if (fd_set_nonblocking(reader, err) != 0 || fd_set_nonblocking(writer, err) != 0) {
        return -1;
    }
    pipe_ends[0] = fd_take(&reader);
    pipe_ends[1] = fd_take(&writer);
    return 0;
}

static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int signals_begin(struct error *err)
{
    if (pipe_ends[0] >= 0) {
        return 0;
    }
    if (open_pipe(err) != 0) {
        return error_prefix(err, "cannot prepare for signals");
    }
    sigset_t wanted;
    sigemptyset(&wanted);
    for (size_t i = 0; i < ARRAY_COUNT(SIGNALS); i++) {
        if (!SIGNALS[i].ends) {
            continue;
        }
        sigaddset(&wanted, SIGNALS[i].number);
        /* SA_RESTART: libraries do not expect EINTR; what waits for a signal
         * polls signals_fd(). */
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        sigfillset(&action.sa_mask);
        if (!is_ignored(SIGNALS[i].number)) {
            sigaction(SIGNALS[i].number, &action, NULL);
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
    return 0;
}

bool signals_stays_ignored(int number)
{
    for (size_t i = 0; i < ARRAY_COUNT(SIGNALS); i++) {
        if (SIGNALS[i].number == number) {
            return SIGNALS[i].ends && is_ignored(number);
        }
    }
    return false;
}

const char *signals_name(int number)
{
    for (size_t i = 0; i < ARRAY_COUNT(SIGNALS); i++) {
        if (SIGNALS[i].number == number) {
            return SIGNALS[i].name;
        }
    }
    return NULL;
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
    error_set(err, ERROR_INTERRUPTED, "interrupted by signal %s", signals_name(number));
    err->signal_number = number;
    return -1;
}
