#include "test.h"

#include "base/error.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_closed_descriptor_is_forgotten(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY);
    int copy = fd;
    fd_close(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(fcntl(copy, F_GETFD), -1);
    fd_close(&fd);
    assert_int_equal(fd, -1);
}

static void closing_leaves_errno_alone(void **state)
{
    (void)state;
    int fd = 9999;
    errno = ENOSPC;
    fd_close(&fd);
    assert_int_equal(errno, ENOSPC);
}

static void a_taken_descriptor_stays_open(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY);
    int taken = fd_take(&fd);
    assert_int_equal(fd, -1);
    assert_int_not_equal(fcntl(taken, F_GETFD), -1);
    struct error err;
    assert_int_equal(fd_close_checked(&taken, "x", &err), 0);
}

static void a_close_that_fails_names_the_file(void **state)
{
    (void)state;
    struct error err;
    int fd = 9999;
    assert_int_equal(fd_close_checked(&fd, "receipt.json", &err), -1);
    assert_int_equal(fd, -1);
    assert_int_equal(err.sys_errno, EBADF);
    assert_non_null(strstr(err.message, "'receipt.json'"));
}

static void both_ends_of_a_pipe_close_on_exec(void **state)
{
    (void)state;
    int ends[2];
    struct error err;
    assert_int_equal(fd_pipe(ends, &err), 0);
    assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(ends[1], F_GETFD) & FD_CLOEXEC);
    close(ends[0]);
    close(ends[1]);
}

/* The reader takes the bytes slowly, so that the writer meets a full pipe. */
static void all_bytes_are_written_to_a_full_non_blocking_pipe(void **state)
{
    (void)state;
    enum { BYTES = 300000 };
    struct error err;
    int ends[2];
    assert_int_equal(fd_pipe(ends, &err), 0);
    assert_int_equal(fd_set_nonblocking(ends[1], &err), 0);
    pid_t child = fork();
    if (child == 0) {
        static char text[BYTES];
        memset(text, 'x', sizeof text);
        close(ends[0]);
        _exit(fd_write_all(ends[1], text, sizeof text, "pipe", &err) == 0 ? 0 : 1);
    }
    close(ends[1]);
    static char got[BYTES + 1];
    size_t n = 0;
    assert_int_equal(fd_read_full(ends[0], got, sizeof got, &n, "pipe", &err), 0);
    assert_int_equal(n, BYTES);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
}

static void a_non_blocking_reader_waits_for_bytes(void **state)
{
    (void)state;
    struct error err;
    int ends[2];
    assert_int_equal(fd_pipe(ends, &err), 0);
    assert_int_equal(fd_set_nonblocking(ends[0], &err), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(fd_write_all(ends[1], "abc", 3, "pipe", &err) == 0 ? 0 : 1);
    }
    char got[3];
    size_t n = 0;
    assert_int_equal(fd_read_full(ends[0], got, sizeof got, &n, "pipe", &err), 0);
    assert_int_equal(n, 3);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void reading_stops_at_the_end(void **state)
{
    (void)state;
    struct error err;
    int ends[2];
    assert_int_equal(fd_pipe(ends, &err), 0);
    assert_int_equal(fd_write_all(ends[1], "abc", 3, "pipe", &err), 0);
    close(ends[1]);
    char got[10];
    size_t n = 0;
    assert_int_equal(fd_read_full(ends[0], got, sizeof got, &n, "pipe", &err), 0);
    assert_int_equal(n, 3);
    close(ends[0]);
}

static void a_write_that_fails_names_the_file(void **state)
{
    (void)state;
    struct error err;
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    assert_int_equal(fd_pipe(ends, &err), 0);
    close(ends[0]);
    assert_int_equal(fd_write_all(ends[1], "abc", 3, "standard output", &err), -1);
    assert_int_equal(err.sys_errno, EPIPE);
    assert_non_null(strstr(err.message, "'standard output'"));
    close(ends[1]);
    size_t n;
    char byte;
    assert_int_equal(fd_read_full(9999, &byte, 1, &n, "input", &err), -1);
    assert_non_null(strstr(err.message, "cannot read 'input'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_descriptor_is_forgotten),
        cmocka_unit_test(closing_leaves_errno_alone),
        cmocka_unit_test(a_taken_descriptor_stays_open),
        cmocka_unit_test(a_close_that_fails_names_the_file),
        cmocka_unit_test(both_ends_of_a_pipe_close_on_exec),
        cmocka_unit_test(all_bytes_are_written_to_a_full_non_blocking_pipe),
        cmocka_unit_test(a_non_blocking_reader_waits_for_bytes),
        cmocka_unit_test(reading_stops_at_the_end),
        cmocka_unit_test(a_write_that_fails_names_the_file),
    };
    return cmocka_run_group_tests_name("fd", tests, NULL, NULL);
}
