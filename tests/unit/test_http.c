#include "http_client.h"

static struct http_answer answer;

static void an_answer_is_fetched_as_a_whole(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 404 Not Here\r\nContent-Length: 5\r\nX-One: a\r\n\r\nhello"));
    struct http_request request = request_of(NULL, "GET", "/a%2Fb/../c?d=e");
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    server_end(&server);
    assert_int_equal(answer.status, 404);
    assert_int_equal(answer.failure, ATTEMPT_ANSWERED);
    assert_str(answer.reason_phrase, "Not Here");
    assert_str(answer.body, "hello");
    assert_str(answer.headers, "content-length: 5\nx-one: a\n");
}

static void a_request_says_what_it_is_and_no_more(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct str headers[] = {STR("X-One: a b"), STR("X-Two: c")};
    struct http_request request = request_of(NULL, "GET", "/a%2Fb/../c?d=e");
    request.headers = headers;
    request.header_count = ARRAY_COUNT(headers);
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    server_end(&server);
    struct str expected = str_format(&arena,
                                     "GET /a%%2Fb/../c?d=e HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                                     "User-Agent: jobrun/%s\r\nAccept: */*\r\n"
                                     "X-One: a b\r\nX-Two: c\r\nAccept-Encoding: gzip\r\n\r\n",
                                     server.port, JOBRUN_VERSION);
    assert_str(str_from(server.seen[0].head), expected.s);
}

static void the_method_and_an_empty_body_are_sent(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        bool has_length;
    } rows[] = {{"POST", true}, {"PUT", true}, {"PATCH", true}, {"DELETE", false}, {"HEAD", false}};
    START(ANSWER("HTTP/1.1 204 No Content\r\n\r\n"));
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct http_request request = request_of(NULL, rows[i].method, "/x");
        assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
        assert_int_equal(answer.status, 204);
    }
    server_end(&server);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct str line = str_format(&arena, "%s /x HTTP/1.1\r\n", rows[i].method);
        assert_true(str_starts(str_from(server.seen[i].head), line));
        assert_int_equal(strstr(server.seen[i].head, "Content-Length: 0\r\n") != NULL,
                         rows[i].has_length);
        assert_null(strstr(server.seen[i].head, "Expect"));
        assert_null(strstr(server.seen[i].head, "Content-Type"));
    }
}

static void one_connection_serves_many_requests(void **state)
{
    (void)state;
    START(HELLO_200);
    for (int i = 0; i < 20; i++) {
        struct http_request request = request_of(NULL, i % 2 == 0 ? "GET" : "POST", "/");
        assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
        assert_str(answer.body, "hello");
    }
    server_end(&server);
    assert_int_equal(server.request_count, 20);
    assert_int_equal(server.connection_count, 1);
}

static void a_host_that_does_not_answer_is_named(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct http_request request = request_of(NULL, "GET", "/secret?token=secret");
    server_end(&server);
    open_client(1);
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), -1);
    assert_int_equal(client_error.kind, ERROR_UNREACHABLE);
    struct str expected =
        str_format(&arena, "'127.0.0.1:%d' cannot be reached: connection refused", server.port);
    assert_string_equal(client_error.message, expected.s);
    assert_non_null(strstr(client_error.help, "https_proxy"));
}

static void plain_http_is_for_those_who_allow_it(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct http_options options = {.deadline_ms = 60000};
    struct http_request request = request_of(NULL, "GET", "/");
    server_end(&server);
    http_close(&http);
    assert_int_equal(http_open(&arena, &options, &http, &client_error), 0);
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), -1);
    assert_int_equal(client_error.kind, ERROR_USAGE);
    assert_string_equal(client_error.message, "only https:// addresses are asked");
    assert_int_equal(server.request_count, 0);
}

/* The deadline of the environment is that of a client without one of its own. */
static void the_deadline_comes_from_the_environment(void **state)
{
    (void)state;
    static const char *const bad[] = {"0", "86401", "-1", "1.5", "x", "10s", " 5"};
    struct http_options options = {.allow_plain = true};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        setenv("JOBRUN_STORE_TIMEOUT", bad[i], 1);
        assert_int_equal(http_open(&arena, &options, &http, &client_error), -1);
        assert_int_equal(client_error.kind, ERROR_USAGE);
        struct str expected =
            str_format(&arena, "JOBRUN_STORE_TIMEOUT: '%s' is no number of seconds", bad[i]);
        assert_string_equal(client_error.message, expected.s);
        assert_string_equal(client_error.help,
                            "set it to a whole number from 1 to 86400, or unset it");
    }
    unsetenv("JOBRUN_STORE_TIMEOUT");
    START(EMPTY_503);
    http_close(&http);
    setenv("JOBRUN_STORE_TIMEOUT", "1", 1);
    assert_int_equal(http_open(&arena, &options, &http, &client_error), 0);
    unsetenv("JOBRUN_STORE_TIMEOUT");
    struct http_request request = request_of(NULL, "GET", "/");
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    server_end(&server);
    assert_int_equal(answer.status, 503);
}

static void closing_what_is_not_open_does_nothing(void **state)
{
    (void)state;
    http_close(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(an_answer_is_fetched_as_a_whole),
        HTTP_TEST(a_request_says_what_it_is_and_no_more),
        HTTP_TEST(the_method_and_an_empty_body_are_sent),
        HTTP_TEST(one_connection_serves_many_requests),
        HTTP_TEST(a_host_that_does_not_answer_is_named),
        HTTP_TEST(plain_http_is_for_those_who_allow_it),
        HTTP_TEST(the_deadline_comes_from_the_environment),
        HTTP_TEST(closing_what_is_not_open_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
