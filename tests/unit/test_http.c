#include "http_server.h"

#include "base/error.h"
#include "store/http.h"

static struct arena arena;
static struct server server;
static struct http *http;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    err = (struct error){0};
    http = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_close(&http);
    arena_free(&arena);
    return 0;
}

#define START(...)                                    \
    static const struct step steps[] = {__VA_ARGS__}; \
    server_start(&server, steps, ARRAY_COUNT(steps)); \
    open_client(120000)

static void open_client(uint64_t deadline_ms)
{
    struct http_options options = {.allow_plain = true, .deadline_ms = deadline_ms};
    http_close(&http);
    if (http_open(&arena, &options, &http, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

static struct http_request get(const char *path)
{
    return (struct http_request){.method = "GET",
                                 .url = str_format(&arena, "%s%s", server.url, path),
                                 .source.fd = -1,
                                 .sink.max_bytes = 1024,
                                 .is_idempotent = true};
}

static void an_answer_has_status_headers_and_body(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 Very Well\r\nContent-Length: 5\r\nX-One:  a b \r\nx-one: c\r\n\r\nhello",
           KEEP, 0, false});
    struct http_request request = get("/a%2Fb/../c?d=e");
    struct http_answer answer;
    if (http_fetch(http, &arena, &request, &answer, &err) != 0) {
        fail_msg("%s", err.message);
    }
    server_end(&server);
    assert_int_equal(answer.status, 200);
    assert_str(answer.reason_phrase, "Very Well");
    assert_str(answer.body, "hello");
    assert_str(answer.headers, "content-length: 5\nx-one: a b\nx-one: c\n");
    assert_str(http_header(&answer, &arena, "x-one"), "a b, c");
    assert_null(http_header(&answer, &arena, "x-two").s);
    assert_non_null(strstr(server.seen[0].head, "GET /a%2Fb/../c?d=e HTTP/1.1\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_has_status_headers_and_body, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
