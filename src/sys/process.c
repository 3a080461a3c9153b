#include "sys/process.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/descendants.h"
#include "sys/fd.h"
#include "sys/host.h"
#include "sys/keeper.h"
#include "sys/relay.h"
#include "sys/signals.h"
#include "sys/spawn.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the command started may end by itself this long after it: a tee(1) that
 * has yet to write its last line, or what a signal to the group has reached. */
#define GRACE_MS 200
/* How often /proc is looked at while something is left: nothing tells of a
 * process that is no child yet. */
#define LOOK_MS 100
/* What KILL does not end in this time is not waited for. */
#define GIVE_UP_MS 30000

#define NEVER RELAY_NEVER

enum {
    ON_OUT,
    ON_ERR,
    ON_OUT_WRITABLE,
    ON_ERR_WRITABLE,
    ON_SIGNALS,
    ON_CHILD,
    ON_REPORT,
    ON_COUNT
};

struct run {
    const struct process_spec *spec;
    struct process_result *result;
    struct error *err;
    bool failed; /* err is set: what runs is ended, and then -1 returned */
    struct spawn spawn;
    struct descendants left;
    struct keeper keeper;
    struct sigaction child_action; /* as it was before */
    struct relay relay;
    int report;
    bool ended; /* the command has */
    bool gone;  /* and so has all that it started */
    bool killing;
    bool hurried; /* a signal or the deadline: nobody is waited for without end */
    int signal_count;
    int64_t start_ms;
    /* Or NEVER. */
    int64_t deadline_ms, term_ms, kill_ms, give_up_ms, look_ms, drain_ms;
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
    relay_drop(&run->relay);
    if (first && !run->ended) {
        send_term(run, host_monotonic_ms(), "jobrun failed");
    }
}

static void on_signal(struct run *run, int number)
{
    run->signal_count++;
    run->hurried = true;
    if (run->signal_count == 1) {
        run->result->interrupted = number;
    }
    if (run->gone) {
        run->drain_ms = run->signal_count > 1 ? 0 : run->drain_ms;
    } else if (run->signal_count == 1) {
        send_signal(run, number, "passed on");
    } else if (run->signal_count == 2) {
        send_signal(run, SIGTERM, "second signal");
    } else {
        send_kill(run, host_monotonic_ms(), "third signal");
    }
}

/* --- the command's end, and what is left then --- */

static void on_end(struct run *run, int status, int64_t now)
{
    struct process_result *result = run->result;
    run->ended = true;
    result->duration_ms = now - run->start_ms;
    if (WIFEXITED(status)) {
        result->exited = true;
        result->exit_status = WEXITSTATUS(status);
    } else {
        result->term_signal = WTERMSIG(status);
    }
    run->term_ms = after(now, GRACE_MS);
}

static void on_gone(struct run *run)
{
    run->gone = true;
    run->term_ms = run->kill_ms = run->give_up_ms = NEVER;
    if (relay_finish(&run->relay, run->err) != 0) {
        fail(run);
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
        if (!run->hurried && relay_is_held_up(&run->relay)) {
            run->term_ms = after(now, GRACE_MS);
        }
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

/* What has ended, or does so by itself, is in time even if its output is not
 * shown by now; what waits for that to be read is not. */
static void on_deadline(struct run *run, int64_t now)
{
    run->deadline_ms = NEVER;
    if (!run->gone && (!run->ended || relay_is_held_up(&run->relay))) {
        run->term_ms = NEVER;
        run->result->timed_out = true;
        send_term(run, now, "out of time");
    }
    run->hurried = true;
}

static void on_timers(struct run *run, int64_t now)
{
    if (now >= run->deadline_ms) {
        on_deadline(run, now);
    }
    if (run->gone && now >= run->drain_ms) {
        relay_give_up(&run->relay);
    }
    if (now >= run->kill_ms) {
        send_kill(run, now, "did not end in time");
    }
    if (now >= run->relay.idle_ms && relay_idle(&run->relay, run->err) != 0) {
        fail(run);
    }
}

static int poll_timeout(const struct run *run, int64_t now)
{
    int64_t next = sooner(run->deadline_ms, sooner(run->kill_ms, run->relay.idle_ms));
    next = sooner(next, sooner(run->term_ms, run->give_up_ms));
    next = sooner(next, run->drain_ms);
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
    struct spawn_failure failure;
    if (spawn_outcome(run->report, &run->spawn, &failure, &problem) != 0) {
        if (!run->failed) {
            *run->err = problem;
        }
        run->failed = true;
        relay_drop(&run->relay);
    }
    run->result->exec_errno = failure.exec_errno;
    run->result->no_interpreter = failure.no_interpreter;
    fd_close(&run->report);
}

static int wait_for_events(const struct run *run, struct pollfd *fds)
{
    struct process_backlog out = relay_backlog(&run->relay, PROCESS_STDOUT);
    struct process_backlog errors = relay_backlog(&run->relay, PROCESS_STDERR);
    const int *streams = run->relay.fds;
    fds[ON_OUT] = (struct pollfd){.fd = out.full ? -1 : streams[0], .events = POLLIN};
    fds[ON_ERR] = (struct pollfd){.fd = errors.full ? -1 : streams[1], .events = POLLIN};
    fds[ON_OUT_WRITABLE] = (struct pollfd){.fd = out.fd, .events = POLLOUT};
    fds[ON_ERR_WRITABLE] = (struct pollfd){.fd = errors.fd, .events = POLLOUT};
    fds[ON_SIGNALS] = (struct pollfd){.fd = signals_fd(), .events = POLLIN};
    fds[ON_CHILD] = (struct pollfd){.fd = child_pipe[0], .events = POLLIN};
    fds[ON_REPORT] = (struct pollfd){.fd = run->report, .events = POLLIN};
    return poll(fds, ON_COUNT, poll_timeout(run, host_monotonic_ms()));
}

static void step(struct run *run)
{
    struct pollfd fds[ON_COUNT];
    if (run->gone && run->hurried && run->drain_ms == NEVER) {
        run->drain_ms = after(host_monotonic_ms(), run->spec->kill_after_ms);
    }
    if (wait_for_events(run, fds) < 0) {
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
        enum process_stream stream = (enum process_stream)i;
        if (fds[ON_OUT_WRITABLE + i].revents && relay_drain(&run->relay, stream, run->err) != 0) {
            fail(run);
        }
        if (fds[ON_OUT + i].revents && relay_read(&run->relay, stream, run->err) != 0) {
            fail(run);
        }
    }
    int64_t now = host_monotonic_ms();
    on_child_change(run, now);
    on_timers(run, now);
    if (run->ended && !run->gone) {
        check_left(run, now);
    }
}

static bool finished(const struct run *run)
{
    return run->gone && run->report < 0 && relay_is_done(&run->relay);
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

static int start(struct run *run, struct arena *arena)
{
    int ends[2] = {-1, -1};
    int begun = relay_begin(&run->relay, arena, run->spec, ends, run->err);
    int out_write CLEANUP(fd_close) = ends[PROCESS_STDOUT];
    int errors_write CLEANUP(fd_close) = ends[PROCESS_STDERR];
    if (begun != 0) {
        return -1;
    }
    const struct process_spec *spec = run->spec;
    run->spawn = (struct spawn){.argv = spec->argv,
                                .envp = spec->envp,
                                .search_path = spec->search_path,
                                .folder = spec->folder,
                                .out = out_write,
                                .errors = errors_write,
                                .own_group = true};
    run->start_ms = host_monotonic_ms();
    if (spec->timeout_ms > 0) {
        run->deadline_ms = after(run->start_ms, spec->timeout_ms);
    }
    if (spawn_begin(&run->spawn, &run->left.command, &run->report, run->err) != 0) {
        return -1;
    }
    keeper_guard(&run->keeper, run->left.command);
    return 0;
}

static void run_close(struct run *run)
{
    if (child_pipe[1] >= 0) {
        sigaction(SIGCHLD, &run->child_action, NULL);
    }
    for (int i = 0; i < 2; i++) {
        fd_close(&child_pipe[i]);
    }
    relay_close(&run->relay);
    fd_close(&run->report);
    keeper_end(&run->keeper);
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
                                         .relay = {.fds = {-1, -1}},
                                         .keeper = KEEPER_NONE,
                                         .report = -1,
                                         .deadline_ms = NEVER,
                                         .term_ms = NEVER,
                                         .kill_ms = NEVER,
                                         .give_up_ms = NEVER,
                                         .drain_ms = NEVER};
    sigaction(SIGCHLD, NULL, &run.child_action);
    descendants_begin(&run.left, &arena);
    if (keeper_begin(&run.keeper, err) != 0) {
        return -1;
    }
    run.left.keeper = run.keeper.pid;
    if (watch_children(&run) != 0 || start(&run, &arena) != 0) {
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
