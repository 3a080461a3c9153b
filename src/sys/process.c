#include "sys/process.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/descendants.h"
#include "sys/fd.h"
#include "sys/host.h"
#include "sys/signals.h"
#include "sys/spawn.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)64 << 10)
#define IDLE_MS     100
/* What the command started may end by itself this long after it: a tee(1) that
 * has yet to write its last line, or what a signal to the group has reached. */
#define GRACE_MS 200
/* How often /proc is looked at while something is left: nothing tells of a
 * process that is no child yet. */
#define LOOK_MS 100
/* What KILL does not end in this time is not waited for. */
#define GIVE_UP_MS 30000

#define NEVER INT64_MAX

enum { ON_OUT, ON_ERR, ON_SIGNALS, ON_CHILD, ON_REPORT, ON_COUNT };

struct run {
    const struct process_spec *spec;
    struct process_result *result;
    struct error *err;
    bool failed; /* err is set: what runs is ended, and then -1 returned */
    struct spawn spawn;
    struct descendants left;
    struct sigaction child_action; /* as it was before */
    int streams[2];                /* -1: at their end */
    size_t unread[2];              /* once all is gone: what the pipes still hold */
    int report;
    char *chunk;
    bool ended; /* the command has */
    bool gone;  /* and so has all that it started */
    bool killing;
    int signal_count;
    int64_t start_ms;
    int64_t deadline_ms, term_ms, kill_ms, give_up_ms, idle_ms, look_ms; /* or NEVER */
};

/* CHLD becomes a byte in a pipe that poll(2) sees. One command runs at a time. */
static int child_pipe[2] = {-1, -1};

static void on_child(int number)
{
    (void)number;
    int saved = errno;
    ssize_t ignored = write(child_pipe[1], "", 1);
    (void)ignored;
    errno = saved;
}

static int64_t after(int64_t now, int64_t ms)
{
    return ms > NEVER - now ? NEVER : now + ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- sending signals --- */

static void send_signal(struct run *run, int number, const char *why)
{
    if (run->spec->signalled) {
        run->spec->signalled(run->spec->context, number, why);
    }
    if (run->ended) {
        descendants_signal(&run->left, number, false);
        return;
    }
    kill(-run->left.command, number);
    /* A stopped process takes no signal before it goes on. */
    if (number != SIGKILL) {
        kill(-run->left.command, SIGCONT);
    }
}

static void send_kill(struct run *run, int64_t now, const char *why)
{
    run->kill_ms = NEVER;
    run->give_up_ms = sooner(run->give_up_ms, after(now, GIVE_UP_MS));
    run->killing = true;
    send_signal(run, SIGKILL, why);
}

static void send_term(struct run *run, int64_t now, const char *why)
{
    run->kill_ms = sooner(run->kill_ms, after(now, run->spec->kill_after_ms));
    send_signal(run, SIGTERM, why);
}

/* After the first failure, with err set: the command is ended. */
static void fail(struct run *run)
{
    bool first = !run->failed;
    run->failed = true;
    if (first && !run->ended) {
        send_term(run, host_monotonic_ms(), "jobrun failed");
    }
}

static void on_signal(struct run *run, int number)
{
    run->signal_count++;
    if (run->signal_count == 1) {
        run->result->interrupted = number;
        send_signal(run, number, "passed on");
    } else if (run->signal_count == 2) {
        send_signal(run, SIGTERM, "second signal");
    } else {
        send_kill(run, host_monotonic_ms(), "third signal");
    }
}

/* --- what the command wrote --- */

static void on_output(struct run *run, enum process_stream stream)
{
    ssize_t n = read(run->streams[stream], run->chunk, CHUNK_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        fd_close(&run->streams[stream]);
        return;
    }
    struct str bytes = {run->chunk, (size_t)n};
    if (run->gone) {
        size_t *unread = &run->unread[stream];
        *unread -= bytes.n < *unread ? bytes.n : *unread;
        if (*unread == 0) {
            fd_close(&run->streams[stream]);
        }
    }
    const struct process_spec *spec = run->spec;
    /* After a failure it is read and dropped, so that the command does not
     * hang in a write when it is to end. */
    if (run->failed || !spec->output) {
        return;
    }
    run->idle_ms = after(host_monotonic_ms(), IDLE_MS);
    if (spec->output(spec->context, stream, bytes, run->err) != 0) {
        fail(run);
    }
}

static void on_idle(struct run *run)
{
    run->idle_ms = NEVER;
    if (!run->failed && run->spec->idle && run->spec->idle(run->spec->context, run->err) != 0) {
        fail(run);
    }
}

/* --- the command's end, and what is left then --- */

static void on_end(struct run *run, int status, int64_t now)
{
    struct process_result *result = run->result;
    run->ended = true;
    run->deadline_ms = NEVER;
    result->duration_ms = now - run->start_ms;
    if (WIFEXITED(status)) {
        result->exited = true;
        result->exit_status = WEXITSTATUS(status);
    } else {
        result->term_signal = WTERMSIG(status);
    }
    run->term_ms = after(now, GRACE_MS);
}

/* What nobody can add to any more is read to its end; a pipe that somebody
 * holds to whom it was handed (over a socket) is not waited for. */
static void on_gone(struct run *run)
{
    run->gone = true;
    for (int i = 0; i < 2; i++) {
        int n = 0;
        if (run->streams[i] < 0) {
            continue;
        }
        if (ioctl(run->streams[i], FIONREAD, &n) == 0 && n > 0) {
            run->unread[i] = (size_t)n;
        } else {
            fd_close(&run->streams[i]);
        }
    }
}

static void check_left(struct run *run, int64_t now)
{
    if (!descendants_any(&run->left)) {
        on_gone(run);
    } else if (run->killing) {
        if (now >= run->look_ms) {
            descendants_signal(&run->left, SIGKILL, false);
        }
    } else if (run->term_ms != NEVER) {
        if (now < run->term_ms) {
            return;
        }
        run->term_ms = NEVER;
        send_term(run, now, "left running by the command");
    } else if (now >= run->look_ms) {
        descendants_signal(&run->left, SIGTERM, true);
    }
    if (now >= run->look_ms) {
        run->look_ms = now + LOOK_MS;
    }
}

static void on_child_change(struct run *run, int64_t now)
{
    char bytes[64];
    int status;
    while (read(child_pipe[0], bytes, sizeof bytes) > 0) {
        continue;
    }
    if (descendants_reap(&run->left, &status) && !run->ended) {
        on_end(run, status, now);
    }
}

/* --- the loop --- */

static void on_timers(struct run *run, int64_t now)
{
    if (now >= run->deadline_ms) {
        run->deadline_ms = NEVER;
        run->result->timed_out = true;
        send_term(run, now, "out of time");
    }
    if (now >= run->kill_ms) {
        send_kill(run, now, "did not end in time");
    }
    if (now >= run->idle_ms) {
        on_idle(run);
    }
}

static int poll_timeout(const struct run *run, int64_t now)
{
    int64_t next = sooner(run->deadline_ms, sooner(run->kill_ms, run->idle_ms));
    next = sooner(next, sooner(run->term_ms, run->give_up_ms));
    if (run->ended && !run->gone) {
        next = sooner(next, now + LOOK_MS);
    }
    if (next == NEVER) {
        return -1;
    }
    int64_t wait = next > now ? next - now : 0;
    return wait < INT_MAX ? (int)wait : INT_MAX;
}

static void read_report(struct run *run)
{
    struct error problem;
    if (spawn_outcome(run->report, &run->spawn, &run->result->exec_errno, &problem) != 0) {
        if (!run->failed) {
            *run->err = problem;
        }
        run->failed = true;
    }
    fd_close(&run->report);
}

static void step(struct run *run)
{
    int64_t now = host_monotonic_ms();
    struct pollfd fds[ON_COUNT] = {
        [ON_OUT] = {.fd = run->streams[PROCESS_STDOUT], .events = POLLIN},
        [ON_ERR] = {.fd = run->streams[PROCESS_STDERR], .events = POLLIN},
        [ON_SIGNALS] = {.fd = signals_fd(), .events = POLLIN},
        [ON_CHILD] = {.fd = child_pipe[0], .events = POLLIN},
        [ON_REPORT] = {.fd = run->report, .events = POLLIN},
    };
    if (poll(fds, ON_COUNT, poll_timeout(run, now)) < 0) {
        return; /* EINTR, or memory is short for a moment */
    }

    int number;
    while ((number = signals_take()) != 0) {
        on_signal(run, number);
    }
    if (fds[ON_REPORT].revents) {
        read_report(run);
    }
    for (int i = PROCESS_STDOUT; i <= PROCESS_STDERR; i++) {
        if (fds[i].revents) {
            on_output(run, (enum process_stream)i);
        }
    }
    now = host_monotonic_ms();
    on_child_change(run, now);
    on_timers(run, now);
    if (run->ended && !run->gone) {
        check_left(run, now);
    }
}

static bool finished(const struct run *run)
{
    return run->gone && run->report < 0 && run->streams[0] < 0 && run->streams[1] < 0;
}

static void give_up(struct run *run)
{
    if (run->failed) {
        return;
    }
    run->failed = true;
    error_set(run->err, ERROR_FAILED, "'%s' does not end, not even with KILL", run->spec->argv[0]);
}

/* --- begin and end --- */

static int watch_children(struct run *run)
{
    if (fd_pipe(child_pipe, run->err) != 0) {
        return -1;
    }
    if (fd_set_nonblocking(child_pipe[0], run->err) != 0 ||
        fd_set_nonblocking(child_pipe[1], run->err) != 0) {
        return -1;
    }
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, &run->child_action);
    return 0;
}

static int start(struct run *run)
{
    int out_write CLEANUP(fd_close) = -1;
    int errors_write CLEANUP(fd_close) = -1;
    int ends[2];
    if (fd_pipe(ends, run->err) != 0) {
        return -1;
    }
    run->streams[PROCESS_STDOUT] = ends[0];
    out_write = ends[1];
    if (fd_pipe(ends, run->err) != 0) {
        return -1;
    }
    run->streams[PROCESS_STDERR] = ends[0];
    errors_write = ends[1];
    if (fd_set_nonblocking(run->streams[0], run->err) != 0 ||
        fd_set_nonblocking(run->streams[1], run->err) != 0) {
        return -1;
    }

    const struct process_spec *spec = run->spec;
    run->spawn = (struct spawn){.argv = spec->argv,
                                .envp = spec->envp,
                                .folder = spec->folder,
                                .out = out_write,
                                .errors = errors_write,
                                .own_group = true};
    run->start_ms = host_monotonic_ms();
    if (spec->timeout_ms > 0) {
        run->deadline_ms = after(run->start_ms, spec->timeout_ms);
    }
    return spawn_begin(&run->spawn, &run->left.command, &run->report, run->err);
}

static void run_close(struct run *run)
{
    if (child_pipe[1] >= 0) {
        sigaction(SIGCHLD, &run->child_action, NULL);
    }
    for (int i = 0; i < 2; i++) {
        fd_close(&run->streams[i]);
        fd_close(&child_pipe[i]);
    }
    fd_close(&run->report);
    descendants_end(&run->left);
}

int process_run(const struct process_spec *spec, struct process_result *result, struct error *err)
{
    struct arena arena CLEANUP(arena_free) = {0};
    *result = (struct process_result){0};
    if (child_pipe[0] >= 0) {
        BUG("two commands at once");
    }
    struct run run CLEANUP(run_close) = {.spec = spec,
                                         .result = result,
                                         .err = err,
                                         .streams = {-1, -1},
                                         .report = -1,
                                         .chunk = arena_alloc(&arena, CHUNK_BYTES),
                                         .deadline_ms = NEVER,
                                         .term_ms = NEVER,
                                         .kill_ms = NEVER,
                                         .give_up_ms = NEVER,
                                         .idle_ms = NEVER};
    sigaction(SIGCHLD, NULL, &run.child_action);
    descendants_begin(&run.left, &arena);
    if (watch_children(&run) != 0 || start(&run) != 0) {
        return -1;
    }
    while (!finished(&run) && (run.gone || host_monotonic_ms() < run.give_up_ms)) {
        step(&run);
    }
    if (!finished(&run)) {
        give_up(&run);
    }
    result->stragglers = run.left.known_count;
    if (result->exec_errno != 0) {
        result->exited = false;
        result->exit_status = 0;
    }
    return run.failed ? -1 : 0;
}
