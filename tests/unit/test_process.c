#include "temp_folder.h"

#include "sys/host.h"
#include "sys/process.h"
#include "sys/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Longer than any test may take. */
#define LONG_MS 60000

static struct error err;
static struct process_result result;

/* What one run did. */
struct log {
    struct buf out;
    struct buf errors;
    struct buf signals; /* "15:why " */
    size_t bytes;
    size_t largest_chunk;
    int idle_count;
    const char *raise_at; /* raises a signal when this was written */
    int raise_number;
    bool fail;
};

static int on_output(void *context, enum process_stream stream, struct str bytes, struct error *e)
{
    struct log *log = context;
    buf_add(stream == PROCESS_STDOUT ? &log->out : &log->errors, bytes);
    log->bytes += bytes.n;
    if (bytes.n > log->largest_chunk) {
        log->largest_chunk = bytes.n;
    }
    if (log->raise_at && str_contains(buf_str(&log->out), str_from(log->raise_at))) {
        log->out.n = 0;
        raise(log->raise_number);
    }
    return log->fail ? error_set(e, ERROR_OUTPUTS, "no more") : 0;
}

static int on_idle(void *context, struct error *e)
{
    (void)e;
    struct log *log = context;
    log->idle_count++;
    buf_add(&log->out, STR("[idle]"));
    return 0;
}

static void on_signalled(void *context, int number, const char *why)
{
    struct log *log = context;
    buf_addf(&log->signals, "%d:%s ", number, why);
}

static struct log make_log(void)
{
    return (struct log){.out = buf_make(&temp.arena, 10000),
                        .errors = buf_make(&temp.arena, 10000),
                        .signals = buf_make(&temp.arena, 10000)};
}

static const char *const ENVIRONMENT[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "COLOR=blue", NULL};

static int run(struct log *log, const char *const *argv, int64_t timeout_ms, int64_t kill_after_ms)
{
    struct process_spec spec = {.argv = argv,
                                .envp = ENVIRONMENT,
                                .folder = temp.path,
                                .timeout_ms = timeout_ms,
                                .kill_after_ms = kill_after_ms,
                                .output = on_output,
                                .idle = on_idle,
                                .signalled = on_signalled,
                                .context = log};
    return process_run(&spec, &result, &err);
}

static int run_script(struct log *log, const char *script, int64_t timeout_ms,
                      int64_t kill_after_ms)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    return run(log, argv, timeout_ms, kill_after_ms);
}

/* The process whose number the script wrote to this file. */
static pid_t pid_in(const char *file)
{
    int64_t pid = 0;
    assert_true(str_to_int64(str_trim(temp_read(file)), &pid));
    return (pid_t)pid;
}

static void assert_gone(const char *file)
{
    assert_int_equal(kill(pid_in(file), 0), -1);
    assert_int_equal(errno, ESRCH);
}

/* --- plain runs --- */

static void both_streams_and_the_status_come_back(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "echo out; echo err >&2; exit 3", 0, LONG_MS), 0);
    assert_str(buf_str(&log.out), "out\n");
    assert_str(buf_str(&log.errors), "err\n");
    assert_true(result.exited);
    assert_int_equal(result.exit_status, 3);
    assert_int_equal(result.term_signal, 0);
    assert_int_equal(result.exec_errno, 0);
    assert_int_equal(result.interrupted, 0);
    assert_int_equal(result.stragglers, 0);
    assert_false(result.timed_out);
    assert_str(buf_str(&log.signals), "");
}

static void a_command_that_a_signal_killed_is_told_apart(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "kill -USR1 $$", 0, LONG_MS), 0);
    assert_false(result.exited);
    assert_int_equal(result.term_signal, SIGUSR1);
}

static void the_environment_and_folder_are_those_of_the_spec(void **state)
{
    (void)state;
    struct log log = make_log();
    setenv("LEAKED", "yes", 1);
    assert_int_equal(run_script(&log, "echo $COLOR ${LEAKED-none}; pwd -P", 0, LONG_MS), 0);
    assert_str(buf_str(&log.out), str_format(&temp.arena, "blue none\n%s\n", temp.path).s);
}

static void standard_input_is_empty(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "cat; echo end", 0, LONG_MS), 0);
    assert_str(buf_str(&log.out), "end\n");
}

static void signals_are_as_in_a_fresh_shell(void **state)
{
    (void)state;
    struct log log = make_log();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGVTALRM, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    assert_int_equal(run_script(&log, "kill -VTALRM $$", 0, LONG_MS), 0);
    assert_int_equal(result.term_signal, SIGVTALRM);
    assert_int_equal(run_script(&log, "kill -USR2 $$", 0, LONG_MS), 0);
    assert_int_equal(result.term_signal, SIGUSR2);
    assert_int_equal(run_script(&log, "kill -PIPE $$", 0, LONG_MS), 0);
    assert_int_equal(result.term_signal, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGVTALRM, SIG_DFL);
}

/* nohup(1), and a command behind the `&` of a shell. */
static void what_the_caller_ignored_stays_ignored(void **state)
{
    (void)state;
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    struct log log = make_log();
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        void (*before)(int) = signal(numbers[i], SIG_IGN);
        struct str script = str_format(&temp.arena, "kill -%d $$; exit 3", numbers[i]);
        assert_int_equal(run_script(&log, script.s, 0, LONG_MS), 0);
        assert_true(result.exited);
        assert_int_equal(result.exit_status, 3);
        signal(numbers[i], before);
    }
}

static void a_long_line_without_an_end_passes_in_chunks(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "head -c 30000000 /dev/zero", 0, LONG_MS), 0);
    assert_int_equal(log.bytes, 30000000);
    assert_true(log.largest_chunk <= 256 << 10);
}

static void an_unfinished_line_is_told_once(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "printf abc; sleep 0.4; echo d", 0, LONG_MS), 0);
    assert_true(str_starts(buf_str(&log.out), STR("abc[idle]d\n")));
}

static void a_command_that_closes_its_output_is_waited_for(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "exec >&- 2>&-; sleep 0.1; exit 4", 0, LONG_MS), 0);
    assert_int_equal(result.exit_status, 4);
}

static void output_that_nobody_wants_is_dropped(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "head -c 1000000 /dev/zero; exit 5", NULL};
    struct process_spec spec = {
        .argv = argv, .envp = ENVIRONMENT, .folder = temp.path, .kill_after_ms = LONG_MS};
    assert_int_equal(process_run(&spec, &result, &err), 0);
    assert_int_equal(result.exit_status, 5);
}

/* --- what cannot be started --- */

static void a_command_that_is_not_there_gives_its_errno(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *const unknown[] = {"jobrun-no-such-command", NULL};
    const char *const missing[] = {"./missing", NULL};
    const char *const empty[] = {"", NULL};
    assert_int_equal(run(&log, unknown, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOENT);
    assert_false(result.exited);
    assert_int_equal(run(&log, missing, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOENT);
    assert_int_equal(run(&log, empty, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOENT);
}

static void a_file_that_may_not_be_executed_gives_its_errno(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *const argv[] = {"./plain", NULL};
    temp_write("plain", "#!/bin/sh\n");
    assert_int_equal(run(&log, argv, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, EACCES);
}

static void a_file_whose_interpreter_is_missing_is_told_apart(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *const bad[] = {"./bad", NULL};
    const char *const none[] = {"./none", NULL};
    const char *const missing[] = {"./missing", NULL};
    temp_write("bad", "#!/no/such/interpreter\n");
    temp_write("none", "echo no first line\n");
    assert_int_equal(fchmodat(temp.fd, "bad", 0755, 0), 0);
    assert_int_equal(fchmodat(temp.fd, "none", 0755, 0), 0);
    assert_int_equal(run(&log, bad, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOENT);
    assert_true(result.no_interpreter);
    assert_int_equal(run(&log, missing, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOENT);
    assert_false(result.no_interpreter);
    assert_int_equal(run(&log, none, 0, LONG_MS), 0);
    assert_int_equal(result.exec_errno, ENOEXEC);
    assert_false(result.no_interpreter);
}

static int run_with_path(const char *path_list)
{
    const char *const argv[] = {"tool", NULL};
    const char *const envp[] = {str_format(&temp.arena, "PATH=%s", path_list).s, NULL};
    struct process_spec spec = {
        .argv = argv, .envp = envp, .folder = temp.path, .kill_after_ms = LONG_MS};
    return process_run(&spec, &result, &err);
}

static void the_path_of_the_command_itself_is_searched(void **state)
{
    (void)state;
    temp_mkdir("plain");
    temp_mkdir("good");
    temp_write("plain/tool", "no");
    temp_write("good/tool", "#!/bin/sh\nexit 9\n");
    assert_int_equal(fchmodat(temp.fd, "good/tool", 0755, 0), 0);
    assert_int_equal(run_with_path("none:plain/tool:plain:good"), 0);
    assert_int_equal(result.exec_errno, 0);
    assert_int_equal(result.exit_status, 9);
    assert_int_equal(run_with_path("none:plain"), 0);
    assert_int_equal(result.exec_errno, EACCES);
    assert_int_equal(run_with_path("none"), 0);
    assert_int_equal(result.exec_errno, ENOENT);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    const char *const argv[] = {"true", NULL};
    struct process_spec spec = {
        .argv = argv, .envp = ENVIRONMENT, .folder = "/no/such/folder", .kill_after_ms = LONG_MS};
    assert_int_equal(process_run(&spec, &result, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "'/no/such/folder'"));
}

/* --- time --- */

static void a_command_that_takes_too_long_gets_term(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "sleep 1000 & echo $! >inner; wait", 100, LONG_MS), 0);
    assert_true(result.timed_out);
    assert_int_equal(result.term_signal, SIGTERM);
    assert_str(buf_str(&log.signals), "15:out of time ");
    assert_true(result.duration_ms >= 100 && result.duration_ms < LONG_MS);
    assert_gone("inner");
}

static void a_command_that_ignores_term_gets_kill(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "trap '' TERM; while :; do sleep 0.02; done", 100, 200), 0);
    assert_true(result.timed_out);
    assert_int_equal(result.term_signal, SIGKILL);
    assert_str(buf_str(&log.signals), "15:out of time 9:did not end in time ");
    assert_true(result.duration_ms >= 300);
}

static void a_stopped_command_ends_at_the_deadline(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log,
                                "trap 'echo bye; exit 6' TERM; kill -STOP $$; echo on; exit 1", 500,
                                LONG_MS),
                     0);
    assert_true(result.timed_out);
    assert_int_equal(result.exit_status, 6);
    assert_str(buf_str(&log.out), "bye\n");
}

static void a_command_in_time_does_not_wait_for_the_deadline(void **state)
{
    (void)state;
    struct log log = make_log();
    int64_t before = host_monotonic_ms();
    assert_int_equal(run_script(&log, "echo x", LONG_MS, LONG_MS), 0);
    assert_true(host_monotonic_ms() - before < LONG_MS / 4);
    assert_false(result.timed_out);
}

/* --- what is left behind --- */

static void what_the_command_leaves_behind_is_ended(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "sleep 1000 & echo $! >left; exit 2", 0, LONG_MS), 0);
    assert_int_equal(result.exit_status, 2);
    assert_int_equal(result.stragglers, 1);
    assert_str(buf_str(&log.signals), "15:left running by the command ");
    assert_gone("left");
}

static void what_ends_by_itself_at_once_is_let_finish(void **state)
{
    (void)state;
    struct log log = make_log();
    assert_int_equal(run_script(&log, "(sleep 0.03; echo late) & exit 0", 0, LONG_MS), 0);
    assert_str(buf_str(&log.out), "late\n");
    assert_int_equal(result.stragglers, 0);
    assert_str(buf_str(&log.signals), "");
}

static void what_ignores_term_is_killed(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *script = "sh -c 'trap \"\" TERM; echo $$ >left; while :; do sleep 0.02; done' & "
                         "while ! test -s left; do sleep 0.01; done";
    assert_int_equal(run_script(&log, script, 0, 200), 0);
    assert_true(result.exited);
    assert_true(result.stragglers >= 1);
    assert_gone("left");
}

#ifdef __linux__
static void a_daemon_that_left_the_group_is_ended_too(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *script = "setsid sh -c 'sleep 1000 & echo $! >inner; echo $$ >outer; wait' & "
                         "while ! test -s outer; do sleep 0.01; done; exit 0";
    assert_int_equal(run_script(&log, script, 0, LONG_MS), 0);
    assert_int_equal(result.stragglers, 2);
    assert_gone("inner");
    assert_gone("outer");
}

static void a_process_in_a_session_of_its_own_is_ended_at_the_deadline(void **state)
{
    (void)state;
    struct log log = make_log();
    const char *script = "setsid -w sh -c 'echo $$ >left; sleep 1000'";
    assert_int_equal(run_script(&log, script, 200, LONG_MS), 0);
    assert_true(result.timed_out);
    assert_gone("left");
}

static void a_child_that_was_there_before_is_left_alone(void **state)
{
    (void)state;
    struct log log = make_log();
    pid_t foreign = fork();
    if (foreign == 0) {
        pause();
        _exit(0);
    }
    const char *script = "setsid sh -c 'sleep 1000 & echo $! >inner; exec sleep 1000' & "
                         "while ! test -s inner; do sleep 0.01; done; exit 8";
    assert_int_equal(run_script(&log, script, 0, LONG_MS), 0);
    assert_int_equal(result.exit_status, 8);
    assert_int_equal(result.stragglers, 2);
    assert_gone("inner");
    assert_int_equal(kill(foreign, 0), 0);
    kill(foreign, SIGKILL);
    int status;
    assert_int_equal(waitpid(foreign, &status, 0), foreign);
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void the_command_dies_with_jobrun(void **state)
{
    (void)state;
    struct log log = make_log();
    /* So that the command becomes a child of this process. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t jobrun = fork();
    if (jobrun == 0) {
        _exit(run_script(&log, "echo $$ >.pid; mv .pid pid; exec sleep 1000", 0, LONG_MS));
    }
    for (int i = 0; i < 2000 && !fs_exists(temp_path("pid")); i++) {
        usleep(5000);
    }
    pid_t command = pid_in("pid");
    kill(jobrun, SIGKILL);
    assert_int_equal(waitpid(jobrun, NULL, 0), jobrun);
    int status = 0;
    pid_t ended = 0;
    for (int i = 0; i < 2000 && ended == 0; i++) {
        usleep(5000);
        ended = waitpid(command, &status, WNOHANG);
    }
    if (ended == 0) {
        kill(command, SIGTERM);
    }
    assert_int_equal(ended, command);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}
#endif

/* --- output that is held back --- */

/* A reader that is slow, in the place of a pipe that is full: it begins to read
 * `reads_after_ms` after the first chunk. */
struct slow {
    struct log log;
    int pipe[2]; /* the write end is writable all the time */
    int64_t reads_ms, reads_after_ms;
    bool given_up;
    int raise_number; /* a signal that comes with the first chunk */
    size_t held;
};

static struct slow make_slow(int64_t reads_after_ms)
{
    struct slow slow = {.log = make_log(), .reads_after_ms = reads_after_ms};
    assert_int_equal(pipe(slow.pipe), 0);
    return slow;
}

static int slow_output(void *context, enum process_stream stream, struct str bytes, struct error *e)
{
    struct slow *slow = context;
    (void)stream;
    (void)e;
    slow->log.bytes += bytes.n;
    slow->held += slow->given_up ? 0 : bytes.n;
    if (slow->reads_ms == 0 && bytes.n > 0) {
        slow->reads_ms = host_monotonic_ms() + slow->reads_after_ms;
        if (slow->raise_number != 0) {
            raise(slow->raise_number);
        }
    }
    return 0;
}

static struct process_backlog slow_backlog(void *context, enum process_stream stream)
{
    struct slow *slow = context;
    (void)stream;
    return (struct process_backlog){.fd = slow->held > 0 ? slow->pipe[1] : -1,
                                    .full = slow->held > 0};
}

static int slow_drain(void *context, enum process_stream stream, struct error *e)
{
    struct slow *slow = context;
    (void)stream;
    (void)e;
    if (host_monotonic_ms() >= slow->reads_ms) {
        slow->held = 0;
    } else {
        usleep(1000);
    }
    return 0;
}

static void slow_give_up(void *context)
{
    struct slow *slow = context;
    slow->given_up = true;
    slow->held = 0;
}

static int run_slow(struct slow *slow, const char *script, int64_t timeout_ms,
                    int64_t kill_after_ms)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct process_spec spec = {.argv = argv,
                                .envp = ENVIRONMENT,
                                .folder = temp.path,
                                .timeout_ms = timeout_ms,
                                .kill_after_ms = kill_after_ms,
                                .output = slow_output,
                                .backlog = slow_backlog,
                                .drain = slow_drain,
                                .give_up = slow_give_up,
                                .context = slow};
    int got = process_run(&spec, &result, &err);
    close(slow->pipe[0]);
    close(slow->pipe[1]);
    return got;
}

static void output_that_is_held_back_is_waited_for(void **state)
{
    (void)state;
    struct slow slow = make_slow(400);
    assert_int_equal(run_slow(&slow, "head -c 3000000 /dev/zero", 0, 10), 0);
    assert_true(host_monotonic_ms() >= slow.reads_ms);
    assert_int_equal(slow.log.bytes, 3000000);
    assert_false(slow.given_up);
    assert_int_equal(result.exit_status, 0);
}

static void the_deadline_comes_while_output_is_held_back(void **state)
{
    (void)state;
    struct slow slow = make_slow(LONG_MS);
    assert_int_equal(run_slow(&slow, "exec cat /dev/zero", 200, 100), 0);
    assert_true(result.timed_out);
    assert_int_equal(result.term_signal, SIGTERM);
    assert_true(result.duration_ms < LONG_MS / 4);
    assert_true(slow.given_up);
}

/* What had ended by then was in time. */
static void output_of_an_ended_command_is_given_up_at_the_deadline(void **state)
{
    (void)state;
    struct slow slow = make_slow(LONG_MS);
    assert_int_equal(run_slow(&slow, "echo x; exit 4", 300, 100), 0);
    assert_true(slow.given_up);
    assert_false(result.timed_out);
    assert_int_equal(result.exit_status, 4);
}

static void what_waits_for_its_reader_is_no_straggler(void **state)
{
    (void)state;
    struct slow slow = make_slow(700);
    assert_int_equal(run_slow(&slow, "head -c 3000000 /dev/zero & exit 0", 0, LONG_MS), 0);
    assert_int_equal(slow.log.bytes, 3000000);
    assert_int_equal(result.stragglers, 0);
}

static void what_waits_for_its_reader_at_the_deadline_is_out_of_time(void **state)
{
    (void)state;
    struct slow slow = make_slow(LONG_MS);
    assert_int_equal(run_slow(&slow, "echo x; sleep 0.1; cat /dev/zero & exit 0", 600, 100), 0);
    assert_true(result.timed_out);
    assert_true(result.stragglers > 0);
}

/* --- failures of the one who listens --- */

static void a_callback_that_fails_ends_the_command(void **state)
{
    (void)state;
    struct log log = make_log();
    log.fail = true;
    assert_int_equal(run_script(&log, "echo $$ >left; while :; do echo more; done", 0, LONG_MS),
                     -1);
    assert_int_equal(err.kind, ERROR_OUTPUTS);
    assert_string_equal(err.message, "no more");
    assert_gone("left");
}

static void nothing_of_the_machinery_is_left(void **state)
{
    (void)state;
    struct log log = make_log();
    int before = open("/dev/null", O_RDONLY);
    close(before);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run_script(&log, "exit 0", LONG_MS, LONG_MS), 0);
    }
    const char *const missing[] = {"./missing", NULL};
    assert_int_equal(run(&log, missing, 0, LONG_MS), 0);
    int after = open("/dev/null", O_RDONLY);
    close(after);
    assert_int_equal(before, after);
    struct sigaction now;
    sigaction(SIGCHLD, NULL, &now);
    assert_true(now.sa_handler == SIG_DFL);
}

/* --- signals: each in a process of its own --- */

#define EXPECT(condition)    \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

static void run_apart(int (*test)(void))
{
    int ends[2];
    int line = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        /* Whoever runs the tests in the background of a shell ignores these. */
        signal(SIGHUP, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        int failed = test();
        ssize_t ignored = write(ends[1], &failed, sizeof failed);
        (void)ignored;
        _exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &line, sizeof line);
    close(ends[0]);
    waitpid(child, NULL, 0);
    assert_int_equal(got, sizeof line);
    if (line != 0) {
        fail_msg("line %d", line);
    }
}

static int first_is_passed_on(void)
{
    struct log log = make_log();
    log.raise_at = "ready";
    log.raise_number = SIGHUP;
    EXPECT(signals_begin(&err) == 0);
    EXPECT(run_script(&log, "trap 'echo hup; exit 7' HUP; echo ready; while :; do sleep 0.01; done",
                      0, LONG_MS) == 0);
    EXPECT(result.exit_status == 7 && result.interrupted == SIGHUP && !result.timed_out);
    EXPECT(str_is(buf_str(&log.out), "hup\n"));
    EXPECT(str_is(buf_str(&log.signals), "1:passed on "));
    EXPECT(signals_first() == SIGHUP && signals_take() == 0);
    EXPECT(signals_check(&err) == -1);
    return 0;
}

static int second_is_term_third_is_kill(void)
{
    struct log log = make_log();
    log.raise_at = "\n";
    log.raise_number = SIGINT;
    EXPECT(signals_begin(&err) == 0);
    const char *script = "trap 'echo int' INT; trap 'echo term' TERM; echo ready; "
                         "while :; do sleep 0.01; done";
    EXPECT(run_script(&log, script, 0, LONG_MS) == 0);
    EXPECT(!result.exited && result.term_signal == SIGKILL && result.interrupted == SIGINT);
    EXPECT(str_is(buf_str(&log.signals), "2:passed on 15:second signal 9:third signal "));
    return 0;
}

static int deaf_to_all_but_kill_while_flooding(void)
{
    struct log log = make_log();
    log.raise_at = "y";
    log.raise_number = SIGTERM;
    EXPECT(signals_begin(&err) == 0);
    EXPECT(run_script(&log, "trap '' INT TERM; exec yes", 0, LONG_MS) == 0);
    EXPECT(result.term_signal == SIGKILL && result.interrupted == SIGTERM);
    return 0;
}

static int a_straggler_is_killed_by_the_third(void)
{
    struct log log = make_log();
    log.raise_at = "x";
    log.raise_number = SIGINT;
    EXPECT(signals_begin(&err) == 0);
    const char *script = "sh -c 'trap \"\" INT TERM; echo $$ >left; "
                         "while :; do echo x; sleep 0.01; done' & "
                         "while ! test -s left; do sleep 0.01; done";
    EXPECT(run_script(&log, script, 0, LONG_MS) == 0);
    EXPECT(result.interrupted == SIGINT && result.stragglers >= 1);
    EXPECT(kill(pid_in("left"), 0) == -1 && errno == ESRCH);
    return 0;
}

static int held_back_at_a_signal(void)
{
    struct slow slow = make_slow(LONG_MS);
    slow.raise_number = SIGQUIT;
    EXPECT(signals_begin(&err) == 0);
    EXPECT(run_slow(&slow, "exec cat /dev/zero", 0, 100) == 0);
    EXPECT(slow.given_up && result.interrupted == SIGQUIT && result.term_signal == SIGQUIT);
    return 0;
}

static int without_standard_streams(void)
{
    struct log log = make_log();
    for (int fd = 0; fd < 3; fd++) {
        close(fd);
    }
    EXPECT(run_script(&log, "cat; echo out; echo err >&2", 0, LONG_MS) == 0);
    EXPECT(str_is(buf_str(&log.out), "out\n") && str_is(buf_str(&log.errors), "err\n"));
    return 0;
}

static int capture_ends_by_a_signal(void)
{
    const char *const argv[] = {"sh", "-c", "kill -TERM $PPID; exec sleep 1000", NULL};
    struct process_output output;
    EXPECT(signals_begin(&err) == 0);
    EXPECT(process_capture(&temp.arena, argv, NULL, NULL, NULL, 100, &output, &err) == -1);
    EXPECT(err.kind == ERROR_INTERRUPTED);
    const char *const again[] = {"sh", "-c", "echo on", NULL};
    EXPECT(process_capture(&temp.arena, again, NULL, NULL, NULL, 100, &output, &err) == 0);
    EXPECT(str_is(output.out, "on\n"));
    return 0;
}

#define APART(name, test)               \
    static void name(void **test_state) \
    {                                   \
        (void)test_state;               \
        run_apart(test);                \
    }

APART(the_first_signal_is_passed_on_once, first_is_passed_on)
APART(the_second_signal_is_term_and_the_third_kill, second_is_term_third_is_kill)
APART(a_command_that_floods_does_not_keep_signals_out, deaf_to_all_but_kill_while_flooding)
APART(signals_reach_what_was_left_behind, a_straggler_is_killed_by_the_third)
APART(a_signal_comes_while_output_is_held_back, held_back_at_a_signal)
APART(a_command_runs_without_standard_streams_here, without_standard_streams)
APART(a_signal_ends_a_captured_program, capture_ends_by_a_signal)

/* --- capture and find --- */

static int capture(const char *script, size_t max_bytes, struct process_output *output)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const char *const removed[] = {"REMOVED", NULL};
    const char *const added[] = {"ADDED=new", NULL};
    setenv("REMOVED", "x", 1);
    setenv("ADDED", "old", 1);
    setenv("KEPT", "kept", 1);
    return process_capture(&temp.arena, argv, temp.path, removed, added, max_bytes, output, &err);
}

static void a_short_program_gives_its_output(void **state)
{
    (void)state;
    struct process_output output;
    assert_int_equal(
        capture("echo ${REMOVED-none} $ADDED $KEPT; pwd -P; echo bad >&2; exit 4", 1000, &output),
        0);
    assert_int_equal(output.exit_status, 4);
    assert_str(output.out, str_format(&temp.arena, "none new kept\n%s\n", temp.path).s);
    assert_str(output.errors, "bad\n");
    assert_int_equal(capture("kill -KILL $$", 1000, &output), 0);
    assert_int_equal(output.exit_status, 128 + SIGKILL);
}

static void output_over_the_limit_is_an_error(void **state)
{
    (void)state;
    struct process_output output;
    assert_int_equal(capture("head -c 1000 /dev/zero", 1000, &output), 0);
    assert_int_equal(output.out.n, 1000);
    assert_int_equal(capture("head -c 1001 /dev/zero", 1000, &output), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(capture("yes", 1000, &output), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void many_complaints_are_cut(void **state)
{
    (void)state;
    struct process_output output;
    assert_int_equal(capture("head -c 1000000 /dev/zero >&2; echo end", 1000, &output), 0);
    assert_int_equal(output.errors.n, 4096);
    assert_str(output.out, "end\n");
}

static void a_program_that_is_not_there_cannot_be_captured(void **state)
{
    (void)state;
    struct process_output output;
    const char *const argv[] = {"jobrun-no-such-command", NULL};
    assert_int_equal(process_capture(&temp.arena, argv, NULL, NULL, NULL, 10, &output, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(err.sys_errno, ENOENT);
}

static void a_name_is_found_on_a_path(void **state)
{
    (void)state;
    struct str file;
    temp_mkdir("bin");
    temp_mkdir("bin/folder");
    temp_write("bin/plain", "");
    temp_write("bin/tool", "");
    assert_int_equal(fchmodat(temp.fd, "bin/tool", 0755, 0), 0);
    const char *list = str_format(&temp.arena, "/none:%s", temp_path("bin")).s;
    assert_int_equal(process_find(&temp.arena, "tool", list, &file, &err), 0);
    assert_str(file, temp_path("bin/tool"));
    assert_int_equal(process_find(&temp.arena, "./tool", list, &file, &err), 0);
    assert_str(file, "./tool");
    assert_int_equal(process_find(&temp.arena, "sh", NULL, &file, &err), 0);
    static const char *const missing[] = {"plain", "folder", "none", ""};
    for (size_t i = 0; i < ARRAY_COUNT(missing); i++) {
        assert_int_equal(process_find(&temp.arena, missing[i], list, &file, &err), -1);
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_test(both_streams_and_the_status_come_back),
        temp_test(a_command_that_a_signal_killed_is_told_apart),
        temp_test(the_environment_and_folder_are_those_of_the_spec),
        temp_test(standard_input_is_empty),
        temp_test(signals_are_as_in_a_fresh_shell),
        temp_test(what_the_caller_ignored_stays_ignored),
        temp_test(a_long_line_without_an_end_passes_in_chunks),
        temp_test(an_unfinished_line_is_told_once),
        temp_test(a_command_that_closes_its_output_is_waited_for),
        temp_test(output_that_nobody_wants_is_dropped),
        temp_test(a_command_that_is_not_there_gives_its_errno),
        temp_test(a_file_that_may_not_be_executed_gives_its_errno),
        temp_test(a_file_whose_interpreter_is_missing_is_told_apart),
        temp_test(the_path_of_the_command_itself_is_searched),
        temp_test(a_folder_that_is_not_there_is_an_error),
        temp_test(a_command_that_takes_too_long_gets_term),
        temp_test(a_command_that_ignores_term_gets_kill),
        temp_test(a_stopped_command_ends_at_the_deadline),
        temp_test(a_command_in_time_does_not_wait_for_the_deadline),
        temp_test(what_the_command_leaves_behind_is_ended),
        temp_test(what_ends_by_itself_at_once_is_let_finish),
        temp_test(what_ignores_term_is_killed),
#ifdef __linux__
        temp_test(a_daemon_that_left_the_group_is_ended_too),
        temp_test(a_process_in_a_session_of_its_own_is_ended_at_the_deadline),
        temp_test(a_child_that_was_there_before_is_left_alone),
        temp_test(the_command_dies_with_jobrun),
#endif
        temp_test(output_that_is_held_back_is_waited_for),
        temp_test(the_deadline_comes_while_output_is_held_back),
        temp_test(output_of_an_ended_command_is_given_up_at_the_deadline),
        temp_test(what_waits_for_its_reader_is_no_straggler),
        temp_test(what_waits_for_its_reader_at_the_deadline_is_out_of_time),
        temp_test(a_signal_comes_while_output_is_held_back),
        temp_test(a_callback_that_fails_ends_the_command),
        temp_test(nothing_of_the_machinery_is_left),
        temp_test(the_first_signal_is_passed_on_once),
        temp_test(the_second_signal_is_term_and_the_third_kill),
        temp_test(a_command_that_floods_does_not_keep_signals_out),
        temp_test(signals_reach_what_was_left_behind),
        temp_test(a_command_runs_without_standard_streams_here),
        temp_test(a_signal_ends_a_captured_program),
        temp_test(a_short_program_gives_its_output),
        temp_test(output_over_the_limit_is_an_error),
        temp_test(many_complaints_are_cut),
        temp_test(a_program_that_is_not_there_cannot_be_captured),
        temp_test(a_name_is_found_on_a_path),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
