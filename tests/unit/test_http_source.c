#include "http_client.h"

#include <errno.h>

#define BIG_BYTES ((size_t)4 << 20)

/* A file with so many bytes, the first ones as given; it has no name. */
static int file_of(const char *text, size_t size_bytes)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fflush(file), 0);
    int fd = dup(fileno(file));
    fclose(file);
    assert_int_equal(ftruncate(fd, (off_t)size_bytes), 0);
    return fd;
}

static int sent(void *context, uint64_t at, const char *bytes, size_t n, struct error *problem)
{
    struct outcome *outcome = context;
    assert_non_null(bytes);
    if (at == 0) {
        outcome->sent_from_start++;
        outcome->sent_bytes = 0;
    }
    assert_int_equal(at, outcome->sent_bytes);
    outcome->sent_bytes += n;
    return outcome->sent_fails ? error_set(problem, ERROR_CONFLICT, "keep it") : 0;
}

static void add_progress(void *context, int64_t bytes)
{
    *(int64_t *)context += bytes;
}

static struct http_request upload(struct outcome *outcome, int fd, uint64_t size_bytes)
{
    struct http_request request = request_of(outcome, "PUT", "/");
    request.source = (struct http_source){.fd = fd, .size_bytes = size_bytes, .sent = sent};
    return request;
}

static void text_and_a_piece_of_a_file_are_one_body(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct outcome outcome = {0};
    int fd = file_of("0123456789", 10);
    struct http_request request = upload(&outcome, fd, 5);
    request.source.head = STR("<head>");
    request.source.offset = 3;
    request.source.tail = STR("<tail>");
    assert_int_equal(run_one(&request), 0);
    close(fd);
    assert_string_equal(server.seen[0].body, "<head>34567<tail>");
    assert_non_null(strstr(server.seen[0].head, "Content-Length: 17\r\n"));
    assert_null(strstr(server.seen[0].head, "Expect"));
    assert_int_equal(outcome.sent_bytes, 5);
}

static void text_alone_is_a_body_too(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "POST", "/");
    request.source.head = STR("{}");
    assert_int_equal(run_one(&request), 0);
    assert_string_equal(server.seen[0].body, "{}");
    assert_non_null(strstr(server.seen[0].head, "Content-Length: 2\r\n"));
}

static void a_body_is_sent_again_from_its_start(void **state)
{
    (void)state;
    START({"", RESET, 0, false}, EMPTY_503, EMPTY_200);
    struct outcome outcome = {0};
    int64_t moved = 0;
    const struct http_work work = {.progress = add_progress, .context = &moved};
    int fd = file_of("01234", BIG_BYTES);
    struct http_request request = upload(&outcome, fd, BIG_BYTES);
    request.source.tail = STR("end");
    http_submit(http, &request);
    assert_int_equal(http_run(http, &work, &client_error), 0);
    server_end(&server);
    close(fd);
    assert_int_equal(outcome.answer.status, 200);
    assert_int_equal(outcome.again_count, 2);
    assert_int_equal(outcome.first_failure.status, 0);
    assert_int_equal(outcome.first_failure.failure, ATTEMPT_LOST);
    assert_int_equal(outcome.sent_from_start, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(server.seen[i].body_bytes, BIG_BYTES + 3);
        assert_memory_equal(server.seen[i].body, "01234", 5);
    }
    assert_int_equal(moved, BIG_BYTES);
}

/* The server answers and closes before it has read the body. */
static void an_early_refusal_is_the_answer(void **state)
{
    (void)state;
    START(
        {"HTTP/1.1 403 No\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnever", CLOSE, 0, true});
    for (int i = 0; i < 10; i++) {
        struct outcome outcome = {0};
        int fd = file_of("", 64 * BIG_BYTES);
        struct http_request request = upload(&outcome, fd, 64 * BIG_BYTES);
        http_submit(http, &request);
        assert_int_equal(http_run(http, NULL, &client_error), 0);
        close(fd);
        assert_int_equal(outcome.answer.status, 403);
        assert_str(outcome.answer.body, "never");
        assert_true(outcome.sent_bytes < 64 * BIG_BYTES);
    }
    server_end(&server);
    assert_int_equal(server.request_count, 10);
}

static void a_file_that_became_shorter_is_damage(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct outcome outcome = {0};
    int fd = file_of("", 1000);
    struct http_request request = upload(&outcome, fd, 1001);
    assert_int_equal(run_one(&request), -1);
    close(fd);
    assert_int_equal(client_error.kind, ERROR_DAMAGED);
    assert_string_equal(client_error.message, "the file became shorter while it was sent");
    assert_int_equal(outcome.answer.failure, ATTEMPT_LOCAL);
    assert_int_equal(outcome.again_count, 0);
}

static void a_file_that_cannot_be_read_ends_the_run(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct outcome outcome = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct http_request request = upload(&outcome, ends[0], 10);
    assert_int_equal(run_one(&request), -1);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(client_error.sys_errno, ESPIPE);
    assert_non_null(strstr(client_error.message, "cannot read the file that is sent: "));
}

static void what_sent_refuses_ends_the_run(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct outcome outcome = {.sent_fails = true};
    int fd = file_of("", 1000);
    struct http_request request = upload(&outcome, fd, 1000);
    assert_int_equal(run_one(&request), -1);
    close(fd);
    assert_string_equal(client_error.message, "keep it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(text_and_a_piece_of_a_file_are_one_body),
        HTTP_TEST(text_alone_is_a_body_too),
        HTTP_TEST(a_body_is_sent_again_from_its_start),
        HTTP_TEST(an_early_refusal_is_the_answer),
        HTTP_TEST(a_file_that_became_shorter_is_damage),
        HTTP_TEST(a_file_that_cannot_be_read_ends_the_run),
        HTTP_TEST(what_sent_refuses_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
