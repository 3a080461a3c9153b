#include "http_client.h"

#define TWO_MIB ((size_t)2 << 20)

static int take(void *context, const char *bytes, size_t n, struct error *problem)
{
    struct outcome *outcome = context;
    for (size_t i = 0; i < n && outcome->taken_bytes + i < sizeof outcome->taken; i++) {
        outcome->taken[outcome->taken_bytes + i] = bytes[i];
    }
    outcome->taken_bytes += n;
    return outcome->take_fails ? error_set(problem, ERROR_CONFLICT, "no more, thanks") : 0;
}

static int begin(void *context, const struct http_answer *answer, struct error *problem)
{
    struct outcome *outcome = context;
    outcome->begin_count++;
    outcome->begun_status = answer->status;
    outcome->begun_type = http_header(answer, &arena, "content-type");
    assert_int_equal(outcome->taken_bytes, 0);
    return outcome->begin_fails ? error_set(problem, ERROR_DAMAGED, "not this one") : 0;
}

static struct http_request request_with_sink(struct outcome *outcome)
{
    struct http_request request = request_of(outcome, "GET", "/");
    request.sink = (struct http_sink){.take = take, .begin = begin};
    return request;
}

static void headers_are_in_lower_case_and_joined(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 100 Continue\r\nX-Early: no\r\n\r\n"
                 "HTTP/1.1 200\r\nContent-Length: 0\r\nX-Goog-Hash:  crc32c=a \r\n"
                 "X-Empty:\r\nx-goog-HASH: md5=b\r\n folded: no\r\n\r\n"));
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    const struct http_answer *answer = &outcome.answer;
    assert_int_equal(answer->status, 200);
    assert_str(answer->reason_phrase, "");
    assert_str(http_header(answer, &arena, "x-goog-hash"), "crc32c=a, md5=b");
    assert_str(http_header(answer, &arena, "x-empty"), "");
    assert_non_null(http_header(answer, &arena, "x-empty").s);
    assert_null(http_header(answer, &arena, "x-early").s);
    assert_null(http_header(answer, &arena, "x-goog").s);
}

static void a_redirect_is_an_answer(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 302);
    assert_str(http_header(&outcome.answer, &arena, "location"), "/elsewhere");
    assert_int_equal(server.request_count, 1);
}

static void a_308_of_an_upload_is_an_answer(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-9\r\n"
                 "Content-Length: 0\r\n\r\n"));
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "PUT", "/");
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 308);
    assert_str(http_header(&outcome.answer, &arena, "range"), "bytes=0-9");
}

static void nothing_is_decoded(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"));
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    assert_str(outcome.answer.body, "hello");
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: t\r\n\r\n"));
    struct outcome outcome = {0};
    struct http_request request = request_with_sink(&outcome);
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.begin_count, 1);
    assert_memory_equal(outcome.taken, "hello", 5);
}

static void a_sink_sees_the_headers_before_the_bytes(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 206 Partial Content\r\nContent-Type: text/x\r\n"
                 "Content-Length: 5\r\n\r\nhello"));
    struct outcome outcome = {0};
    struct http_request request = request_with_sink(&outcome);
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.begin_count, 1);
    assert_int_equal(outcome.begun_status, 206);
    assert_str(outcome.begun_type, "text/x");
    assert_int_equal(outcome.taken_bytes, 5);
    assert_memory_equal(outcome.taken, "hello", 5);
    assert_int_equal(outcome.answer.body.n, 0);
}

static void a_sink_gets_nothing_of_a_refusal(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello"));
    struct outcome outcome = {0};
    struct http_request request = request_with_sink(&outcome);
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.begin_count, 0);
    assert_int_equal(outcome.taken_bytes, 0);
    assert_str(outcome.answer.body, "hello");
}

static void what_a_sink_refuses_ends_the_run(void **state)
{
    (void)state;
    START(HELLO_200);
    struct outcome outcome = {.take_fails = true};
    struct http_request request = request_with_sink(&outcome);
    assert_int_equal(run_one(&request), -1);
    assert_int_equal(client_error.kind, ERROR_CONFLICT);
    assert_string_equal(client_error.message, "no more, thanks");
    assert_int_equal(outcome.done_count, 1);
    assert_int_equal(outcome.answer.status, 0);
    assert_int_equal(outcome.answer.failure, ATTEMPT_LOCAL);
    assert_str(outcome.answer.problem, "no more, thanks");
    assert_int_equal(server.request_count, 1);
    assert_null(request.internal);
}

static void what_begin_refuses_ends_the_run(void **state)
{
    (void)state;
    START(HELLO_200);
    struct outcome outcome = {.begin_fails = true};
    struct http_request request = request_with_sink(&outcome);
    assert_int_equal(run_one(&request), -1);
    assert_int_equal(client_error.kind, ERROR_DAMAGED);
    assert_int_equal(outcome.taken_bytes, 0);
}

static int name_it(void *context, const struct http_answer *answer, struct error *problem)
{
    (void)context;
    *problem = *answer->error;
    return error_prefix(problem, "cannot read 'gs://b/o'");
}

static void done_puts_a_name_in_front(void **state)
{
    (void)state;
    START(HELLO_200);
    struct outcome outcome = {.take_fails = true};
    struct http_request request = request_with_sink(&outcome);
    request.done = name_it;
    assert_int_equal(run_one(&request), -1);
    assert_string_equal(client_error.message, "cannot read 'gs://b/o': no more, thanks");
    assert_int_equal(client_error.kind, ERROR_CONFLICT);
}

static void a_body_in_memory_has_a_limit(void **state)
{
    (void)state;
    START(HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.sink.max_bytes = 5;
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    assert_str(outcome.answer.body, "hello");
    request.sink.max_bytes = 4;
    assert_int_equal(run_one(&request), -1);
    assert_int_equal(client_error.kind, ERROR_LIMIT);
    assert_string_equal(client_error.message, "the answer has more than 4 bytes");
    assert_int_equal(outcome.answer.failure, ATTEMPT_LOCAL);
}

static void headers_have_a_limit(void **state)
{
    (void)state;
    static char answer[HTTP_HEADER_BYTES_MAX + 4096];
    const struct step steps[] = {{.answer = answer, .then = CLOSE}};
    size_t n = (size_t)snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\n");
    while (n < HTTP_HEADER_BYTES_MAX) {
        n += (size_t)snprintf(answer + n, sizeof answer - n, "X-%04zu: %0100d\r\n", n, 0);
    }
    snprintf(answer + n, sizeof answer - n, "\r\n");
    server_start(&server, steps, 1);
    open_client(60000);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), -1);
    assert_int_equal(client_error.kind, ERROR_LIMIT);
    assert_string_equal(client_error.message,
                        "the headers of the answer have more than 65536 bytes");
    assert_int_equal(server.request_count, 1);
}

/* What is long is cut off, and its connection with it; what is short leaves the
 * connection for the next request. */
static void of_a_refusal_the_first_bytes_are_kept(void **state)
{
    (void)state;
    static char answer[TWO_MIB + 200];
    static const size_t sizes[] = {HTTP_ERROR_BYTES_MAX + 1, TWO_MIB};
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        size_t n =
            (size_t)snprintf(answer, sizeof answer,
                             "HTTP/1.1 404 Not Found\r\nContent-Length: %zu\r\n\r\n", sizes[i]);
        memset(answer + n, 'x', sizes[i]);
        const struct step steps[] = {{.answer = answer, .answer_bytes = n + sizes[i]}};
        server_start(&server, steps, 1);
        open_client(60000);
        for (int round = 0; round < 2; round++) {
            struct outcome outcome = {0};
            struct http_request request = request_of(&outcome, "GET", "/");
            http_submit(http, &request);
            assert_int_equal(http_run(http, NULL, &client_error), 0);
            assert_int_equal(outcome.answer.status, 404);
            assert_int_equal(outcome.answer.body.n, HTTP_ERROR_BYTES_MAX);
        }
        http_close(&http);
        server_end(&server);
        assert_int_equal(server.request_count, 2);
        assert_int_equal(server.connection_count, 1 + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(headers_are_in_lower_case_and_joined),
        HTTP_TEST(a_redirect_is_an_answer),
        HTTP_TEST(a_308_of_an_upload_is_an_answer),
        HTTP_TEST(nothing_is_decoded),
        HTTP_TEST(chunks_are_put_together),
        HTTP_TEST(a_sink_sees_the_headers_before_the_bytes),
        HTTP_TEST(a_sink_gets_nothing_of_a_refusal),
        HTTP_TEST(what_a_sink_refuses_ends_the_run),
        HTTP_TEST(what_begin_refuses_ends_the_run),
        HTTP_TEST(done_puts_a_name_in_front),
        HTTP_TEST(a_body_in_memory_has_a_limit),
        HTTP_TEST(headers_have_a_limit),
        HTTP_TEST(of_a_refusal_the_first_bytes_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
