#include "temp_folder.h"

#include "run/output_pump.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

static struct error err;
static struct error log_error;

struct ends {
    int out[2]; /* as pipe(2) */
    int errors[2];
    int log;
};

static struct ends make_ends(void)
{
    struct ends ends;
    assert_int_equal(pipe(ends.out), 0);
    assert_int_equal(pipe(ends.errors), 0);
    ends.log = openat(temp.fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    assert_true(ends.log >= 0);
    return ends;
}

static void close_ends(struct ends *ends)
{
    for (int i = 0; i < 2; i++) {
        fd_close(&ends->out[i]);
        fd_close(&ends->errors[i]);
    }
    fd_close(&ends->log);
}

static struct pump *make_pump(const struct ends *ends)
{
    struct pump *pump = arena_alloc(&temp.arena, sizeof *pump);
    log_error = (struct error){0};
    pump_begin(pump, &temp.arena, ends->out[1], ends->errors[1], ends->log, &log_error);
    return pump;
}

static void add(struct pump *pump, enum process_stream stream, const char *text)
{
    assert_int_equal(pump_add(pump, stream, str_from(text), &err), 0);
}

/* What a pipe holds now. */
static struct str read_now(int fd)
{
    static char text[4 << 20];
    ssize_t n = 0;
    size_t all = 0;
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    while (all < sizeof text && (n = read(fd, text + all, sizeof text - all)) > 0) {
        all += (size_t)n;
    }
    fcntl(fd, F_SETFL, flags);
    return (struct str){text, all};
}

/* Numbered lines, `bytes` long or a little more. */
static struct str make_lines(size_t bytes)
{
    struct buf buf = buf_make(&temp.arena, bytes + 100);
    for (int i = 0; buf.n < bytes; i++) {
        buf_addf(&buf, "line %d\n", i);
    }
    return buf_str(&buf);
}

static void whole_lines_are_handed_on(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    add(pump, PROCESS_STDOUT, "one\ntw");
    assert_str(read_now(ends.out[0]), "one\n");
    add(pump, PROCESS_STDERR, "bad\n");
    add(pump, PROCESS_STDOUT, "o");
    assert_str(read_now(ends.out[0]), "");
    add(pump, PROCESS_STDOUT, "\nthree\nfo");
    assert_str(read_now(ends.out[0]), "two\nthree\n");
    assert_str(read_now(ends.errors[0]), "bad\n");
    assert_int_equal(pump_flush(pump, &err), 0);
    assert_str(read_now(ends.out[0]), "fo");
    add(pump, PROCESS_STDOUT, "ur");
    add(pump, PROCESS_STDOUT, "");
    assert_str(read_now(ends.out[0]), "ur");
    assert_str(temp_read("log"), "one\nbad\ntwo\nthree\nfour");
    close_ends(&ends);
}

static void an_unfinished_line_ends_in_the_log_where_the_other_stream_goes_on(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    add(pump, PROCESS_STDOUT, "one");
    assert_int_equal(pump_flush(pump, &err), 0);
    add(pump, PROCESS_STDOUT, " more");
    add(pump, PROCESS_STDOUT, "");
    add(pump, PROCESS_STDERR, "bad\n");
    add(pump, PROCESS_STDERR, "end");
    add(pump, PROCESS_STDERR, "");
    assert_str(read_now(ends.out[0]), "one more");
    assert_str(read_now(ends.errors[0]), "bad\nend");
    assert_str(temp_read("log"), "one more\nbad\nend");
    close_ends(&ends);
}

static void a_long_line_passes_in_pieces(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    char *text = arena_alloc(&temp.arena, PUMP_LINE_BYTES);
    memset(text, 'x', PUMP_LINE_BYTES);
    add(pump, PROCESS_STDOUT, "start ");
    struct str most = {text, PUMP_LINE_BYTES - 7};
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, most, &err), 0);
    assert_int_equal(read_now(ends.out[0]).n, 0);
    add(pump, PROCESS_STDOUT, "yz");
    /* As much as the pipe holds, then the rest. */
    size_t seen = read_now(ends.out[0]).n;
    assert_int_equal(pump_drain(pump, PROCESS_STDOUT, &err), 0);
    assert_int_equal(seen + read_now(ends.out[0]).n, PUMP_LINE_BYTES + 1);
    add(pump, PROCESS_STDOUT, "end\n");
    assert_str(read_now(ends.out[0]), "end\n");
    assert_int_equal(temp_read("log").n, PUMP_LINE_BYTES + 5);
    close_ends(&ends);
}

/* Without a reader none of this may block. */
static void what_a_pipe_does_not_take_waits(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    struct str lines = make_lines(400000);
    assert_int_equal(pump_backlog(pump, PROCESS_STDOUT).fd, -1);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    struct process_backlog backlog = pump_backlog(pump, PROCESS_STDOUT);
    assert_int_equal(backlog.fd, ends.out[1]);
    assert_true(backlog.full);
    assert_false(pump_is_ready(pump, PROCESS_STDOUT));
    assert_true(pump_is_ready(pump, PROCESS_STDERR));
    assert_int_equal(fcntl(ends.out[1], F_GETFL) & O_NONBLOCK, 0);
    assert_true(str_equal(temp_read("log"), lines));

    struct buf seen = buf_make(&temp.arena, 1 << 20);
    for (int i = 0; i < 1000 && pump_backlog(pump, PROCESS_STDOUT).fd >= 0; i++) {
        buf_add(&seen, read_now(ends.out[0]));
        assert_int_equal(pump_drain(pump, PROCESS_STDOUT, &err), 0);
        if (i == 1) {
            add(pump, PROCESS_STDOUT, "last\n");
        }
    }
    buf_add(&seen, read_now(ends.out[0]));
    assert_true(str_starts(buf_str(&seen), lines));
    assert_str(str_after(buf_str(&seen), lines.n), "last\n");
    assert_true(pump_is_ready(pump, PROCESS_STDOUT));
    close_ends(&ends);
}

static void a_socket_is_no_different(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    close(ends.out[0]);
    close(ends.out[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.out), 0);
    struct pump *pump = make_pump(&ends);
    struct str lines = make_lines(700000);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    assert_true(pump_backlog(pump, PROCESS_STDOUT).full);
    size_t seen = 0;
    for (int i = 0; i < 1000 && seen < lines.n; i++) {
        seen += read_now(ends.out[0]).n;
        assert_int_equal(pump_drain(pump, PROCESS_STDOUT, &err), 0);
    }
    assert_int_equal(seen, lines.n);
    close_ends(&ends);
}

static void streams_of_one_pipe_keep_their_order(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    fd_close(&ends.errors[1]);
    ends.errors[1] = dup(ends.out[1]);
    struct pump *pump = make_pump(&ends);
    struct str lines = make_lines(100000);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    add(pump, PROCESS_STDERR, "bad\n");
    add(pump, PROCESS_STDOUT, "good\n");
    assert_int_equal(pump_backlog(pump, PROCESS_STDERR).fd, ends.errors[1]);
    struct buf seen = buf_make(&temp.arena, 1 << 20);
    for (int i = 0; i < 100 && pump_backlog(pump, PROCESS_STDERR).fd >= 0; i++) {
        buf_add(&seen, read_now(ends.out[0]));
        assert_int_equal(pump_drain(pump, PROCESS_STDERR, &err), 0);
    }
    buf_add(&seen, read_now(ends.out[0]));
    assert_true(str_ends(buf_str(&seen), STR("bad\ngood\n")));
    assert_int_equal(seen.n, lines.n + 9);
    close_ends(&ends);
}

static void a_file_has_no_backlog(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    close(ends.out[1]);
    ends.out[1] = openat(temp.fd, "out", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    struct pump *pump = make_pump(&ends);
    struct str lines = make_lines(3000000);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    assert_int_equal(pump_backlog(pump, PROCESS_STDOUT).fd, -1);
    struct stat st;
    assert_int_equal(fstat(ends.out[1], &st), 0);
    assert_int_equal(st.st_size, lines.n);
    close_ends(&ends);
}

static void a_reader_that_went_away_is_no_failure(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    signal(SIGPIPE, SIG_IGN);
    struct str lines = make_lines(300000);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    fd_close(&ends.out[0]);
    assert_true(pump_backlog(pump, PROCESS_STDOUT).fd >= 0);
    assert_int_equal(pump_drain(pump, PROCESS_STDOUT, &err), 0);
    assert_int_equal(pump_backlog(pump, PROCESS_STDOUT).fd, -1);
    add(pump, PROCESS_STDOUT, "more\n");
    assert_int_equal(temp_read("log").n, lines.n + 5);
    assert_false(pump->gave_up);
    close_ends(&ends);
}

static void what_is_given_up_goes_to_dev_null(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    struct pump *pump = make_pump(&ends);
    struct str lines = make_lines(300000);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, lines, &err), 0);
    pump_give_up(pump);
    assert_true(pump->gave_up);
    assert_int_equal(pump_backlog(pump, PROCESS_STDOUT).fd, -1);
    add(pump, PROCESS_STDOUT, "more\n");
    assert_int_equal(write(ends.out[1], lines.s, lines.n), lines.n); /* does not block */
    assert_int_equal(temp_read("log").n, lines.n + 5);
    /* The other stream had nothing in it. */
    add(pump, PROCESS_STDERR, "bad\n");
    assert_str(read_now(ends.errors[0]), "bad\n");
    close_ends(&ends);
}

static void a_log_that_fails_does_not_keep_output_back(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    fd_close(&ends.log);
    ends.log = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct pump *pump = make_pump(&ends);
    add(pump, PROCESS_STDOUT, "one\n");
    assert_true(pump->log_failed);
    assert_int_equal(log_error.sys_errno, EBADF);
    assert_str(read_now(ends.out[0]), "one\n");
    close_ends(&ends);
}

#ifdef __linux__
static void a_full_disk_is_a_failure(void **state)
{
    (void)state;
    struct ends ends = make_ends();
    close(ends.out[1]);
    ends.out[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct pump *pump = make_pump(&ends);
    assert_int_equal(pump_add(pump, PROCESS_STDOUT, STR("one\n"), &err), -1);
    assert_int_equal(err.sys_errno, ENOSPC);
    assert_non_null(strstr(err.message, "the job's output"));
    close_ends(&ends);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_test(whole_lines_are_handed_on),
        temp_test(an_unfinished_line_ends_in_the_log_where_the_other_stream_goes_on),
        temp_test(a_long_line_passes_in_pieces),
        temp_test(what_a_pipe_does_not_take_waits),
        temp_test(a_socket_is_no_different),
        temp_test(streams_of_one_pipe_keep_their_order),
        temp_test(a_file_has_no_backlog),
        temp_test(a_reader_that_went_away_is_no_failure),
        temp_test(what_is_given_up_goes_to_dev_null),
        temp_test(a_log_that_fails_does_not_keep_output_back),
#ifdef __linux__
        temp_test(a_full_disk_is_a_failure),
#endif
    };
    return cmocka_run_group_tests_name("output_pump", tests, NULL, NULL);
}
