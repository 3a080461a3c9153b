#include "test.h"

#include "base/error.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A signal that came is never forgotten, so each test runs in its own process,
 * which ends with the number of the line that failed. */
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
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    waitpid(child, NULL, 0);
    if (line != 0) {
        fail_msg("line %d", line);
    }
}

static struct error err;

static bool readable(void)
{
    struct pollfd fd = {.fd = signals_fd(), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static int nothing_before_a_signal(void)
{
    EXPECT(signals_fd() == -1 && signals_take() == 0);
    EXPECT(signals_begin(&err) == 0);
    EXPECT(signals_fd() >= 0 && !readable());
    EXPECT(signals_take() == 0 && signals_first() == 0 && signals_check(&err) == 0);
    return 0;
}

static int kept_in_order(void)
{
    EXPECT(signals_begin(&err) == 0);
    raise(SIGTERM);
    raise(SIGINT);
    raise(SIGHUP);
    raise(SIGINT);
    EXPECT(readable());
    EXPECT(signals_take() == SIGTERM && signals_take() == SIGINT);
    EXPECT(signals_take() == SIGHUP && signals_take() == SIGINT);
    EXPECT(signals_take() == 0 && !readable());
    EXPECT(signals_first() == SIGTERM);
    EXPECT(signals_check(&err) == -1 && err.kind == ERROR_INTERRUPTED);
    EXPECT(err.signal_number == SIGTERM);
    EXPECT(strstr(err.message, "TERM") != NULL);
    return 0;
}

static int errno_is_kept(void)
{
    EXPECT(signals_begin(&err) == 0);
    for (int i = 0; i < 70000; i++) { /* more than the pipe holds */
        errno = ENOSPC;
        raise(SIGINT);
        EXPECT(errno == ENOSPC);
    }
    EXPECT(signals_take() == SIGINT);
    return 0;
}

static int a_broken_pipe_is_an_error(void)
{
    int ends[2];
    EXPECT(signals_begin(&err) == 0);
    EXPECT(pipe(ends) == 0);
    close(ends[0]);
    EXPECT(write(ends[1], "x", 1) == -1 && errno == EPIPE);
    return 0;
}

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

static int all_that_would_kill_come(void)
{
    EXPECT(signals_begin(&err) == 0);
    for (size_t i = 0; i < ARRAY_COUNT(ENDING); i++) {
        raise(ENDING[i]);
        EXPECT(signals_take() == ENDING[i]);
        EXPECT(!signals_stays_ignored(ENDING[i]));
    }
    return 0;
}

static int ignored_is_kept(void)
{
    for (size_t i = 0; i < ARRAY_COUNT(ENDING); i++) {
        signal(ENDING[i], SIG_IGN);
    }
    EXPECT(signals_begin(&err) == 0);
    for (size_t i = 0; i < ARRAY_COUNT(ENDING); i++) {
        raise(ENDING[i]);
        EXPECT(signals_stays_ignored(ENDING[i]));
    }
    EXPECT(signals_first() == 0);
    EXPECT(!signals_stays_ignored(SIGPIPE)); /* ignored, but not by the caller */
    return 0;
}

static int no_descriptor_is_left(void)
{
    struct rlimit limit;
    EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    int next = open("/dev/null", O_RDONLY);
    limit.rlim_cur = (rlim_t)next + 1;
    EXPECT(close(next) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    EXPECT(signals_begin(&err) == -1);
    EXPECT(err.sys_errno == EMFILE && strstr(err.message, "signals") != NULL);
    EXPECT(signals_fd() == -1);
    return 0;
}

static int blocked_signals_come(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGCHLD, SIG_IGN);
    EXPECT(signals_begin(&err) == 0);
    raise(SIGINT);
    EXPECT(signals_first() == SIGINT);
    pid_t child = fork();
    if (child == 0) {
        _exit(3);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
    return 0;
}

#define APART(name, test)      \
    static void name(void **s) \
    {                          \
        (void)s;               \
        run_apart(test);       \
    }

APART(no_signal_has_come_at_first, nothing_before_a_signal)
APART(signals_come_in_order_and_the_first_is_kept, kept_in_order)
APART(a_flood_of_signals_does_not_block_or_change_errno, errno_is_kept)
APART(a_broken_pipe_does_not_kill, a_broken_pipe_is_an_error)
APART(all_that_would_kill_is_caught, all_that_would_kill_come)
APART(what_the_caller_ignored_stays_ignored, ignored_is_kept)
APART(without_a_pipe_there_is_an_error, no_descriptor_is_left)
APART(what_the_parent_blocked_comes_and_children_are_waited_for, blocked_signals_come)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_signal_has_come_at_first),
        cmocka_unit_test(signals_come_in_order_and_the_first_is_kept),
        cmocka_unit_test(a_flood_of_signals_does_not_block_or_change_errno),
        cmocka_unit_test(a_broken_pipe_does_not_kill),
        cmocka_unit_test(all_that_would_kill_is_caught),
        cmocka_unit_test(what_the_caller_ignored_stays_ignored),
        cmocka_unit_test(without_a_pipe_there_is_an_error),
        cmocka_unit_test(what_the_parent_blocked_comes_and_children_are_waited_for),
    };
    return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
