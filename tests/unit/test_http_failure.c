#include "http_client.h"

/* The first answer is one that fails so, the second one is good. */
static void expect_failure_then_200(enum attempt_failure failure, const char *problem)
{
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    if (run_one(&request) != 0) {
        fail_msg("%s", client_error.message);
    }
    assert_int_equal(outcome.again_count, 1);
    assert_int_equal(outcome.first_failure.status, 0);
    assert_int_equal(outcome.first_failure.failure, failure);
    assert_str(outcome.first_failure.problem, problem);
    assert_int_equal(outcome.answer.status, 200);
    assert_str(outcome.answer.body, "hello");
    assert_int_equal(outcome.done_count, 1);
    assert_int_equal(server.request_count, 2);
}

static void a_truncated_body_is_sent_for_again(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", CLOSE, 0, false}, HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the answer ended too early");
}

static void truncated_chunks_are_sent_for_again(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", CLOSE, 0, false},
          HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the answer ended too early");
}

static void a_reset_before_the_headers_is_no_answer(void **state)
{
    (void)state;
    START({"", RESET, 0, false}, HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the connection was closed");
}

static void a_close_before_the_headers_is_no_answer(void **state)
{
    (void)state;
    START({"", CLOSE, 0, false}, HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the connection was closed without an answer");
}

static void a_close_amid_the_headers_is_no_answer(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nX-One: ", CLOSE, 0, false}, HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the answer ended too early");
}

static void a_reset_amid_the_body_is_no_answer(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", RESET, 0, false}, HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.first_failure.failure, ATTEMPT_LOST);
    assert_str(outcome.answer.body, "hello");
}

static void a_refusal_that_is_cut_off_is_an_answer(void **state)
{
    (void)state;
    START({"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhell", CLOSE, 0, false}, HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 404);
    assert_str(outcome.answer.body, "hell");
    assert_int_equal(server.request_count, 1);
}

static void what_is_no_http_is_no_answer(void **state)
{
    (void)state;
    START({"220 mail.example.com ESMTP\r\n", CLOSE, 0, false}, HELLO_200);
    expect_failure_then_200(ATTEMPT_LOST, "the answer is no HTTP");
}

/* A third of the deadline is the longest that a connection may stand still. */
static void a_connection_that_stands_still_is_given_up(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", STALL, 0, false}, HELLO_200);
    open_client(3000);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    server_end(&server);
    assert_int_equal(outcome.first_failure.failure, ATTEMPT_LOST);
    assert_str(outcome.first_failure.problem, "the connection stands still");
    assert_str(outcome.answer.body, "hello");
}

static void a_lost_answer_is_not_asked_for_again_where_that_may_do_harm(void **state)
{
    (void)state;
    START({"", CLOSE, 0, false}, HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "POST", "/");
    request.is_idempotent = false;
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 0);
    assert_int_equal(outcome.answer.failure, ATTEMPT_LOST);
    assert_int_equal(server.request_count, 1);
}

/* libcurl would send it again by itself, on a new connection. */
static void a_kept_connection_that_closes_does_not_send_twice(void **state)
{
    (void)state;
    START(HELLO_200, {"", CLOSE, 0, false}, HELLO_200);
    struct outcome first = {0};
    struct outcome second = {0};
    struct http_request request = request_of(&first, "POST", "/");
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    request = request_of(&second, "POST", "/");
    request.is_idempotent = false;
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(second.answer.status, 0);
    assert_int_equal(second.answer.failure, ATTEMPT_LOST);
    assert_int_equal(server.request_count, 2);
    assert_int_equal(server.seen[1].connection, 0);
}

static void who_refuses_a_connection_is_asked_again(void **state)
{
    (void)state;
    START(HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "POST", "/");
    request.is_idempotent = false;
    server_end(&server);
    open_client(2);
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    assert_int_equal(outcome.done_count, 1);
    assert_int_equal(outcome.answer.status, 0);
    assert_int_equal(outcome.answer.failure, ATTEMPT_NOT_SENT);
    assert_str(outcome.answer.problem, "connection refused");
}

static void a_name_that_is_none_cannot_be_resolved(void **state)
{
    (void)state;
    open_client(1);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.url = STR("http://no-such-host.invalid/");
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    assert_int_equal(outcome.answer.failure, ATTEMPT_NOT_SENT);
    assert_str(outcome.answer.problem, "its name cannot be resolved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_truncated_body_is_sent_for_again),
        HTTP_TEST(truncated_chunks_are_sent_for_again),
        HTTP_TEST(a_reset_before_the_headers_is_no_answer),
        HTTP_TEST(a_close_before_the_headers_is_no_answer),
        HTTP_TEST(a_close_amid_the_headers_is_no_answer),
        HTTP_TEST(a_reset_amid_the_body_is_no_answer),
        HTTP_TEST(a_refusal_that_is_cut_off_is_an_answer),
        HTTP_TEST(what_is_no_http_is_no_answer),
        HTTP_TEST(a_connection_that_stands_still_is_given_up),
        HTTP_TEST(a_lost_answer_is_not_asked_for_again_where_that_may_do_harm),
        HTTP_TEST(a_kept_connection_that_closes_does_not_send_twice),
        HTTP_TEST(who_refuses_a_connection_is_asked_again),
        HTTP_TEST(a_name_that_is_none_cannot_be_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
