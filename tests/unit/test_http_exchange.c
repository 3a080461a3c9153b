#include "http_client.h"

struct authority_calls {
    unsigned get_count, refused_count;
    char refused[64];
    bool can_renew, get_fails;
};

static int get_token(void *context, struct arena *of_attempt, struct str *authorization,
                     struct error *problem)
{
    struct authority_calls *calls = context;
    if (calls->get_fails) {
        return error_set(problem, ERROR_NOT_ALLOWED, "no credentials");
    }
    *authorization = str_format(of_attempt, "Bearer token-%u", ++calls->get_count);
    return 0;
}

static bool refuse_token(void *context, struct str authorization)
{
    struct authority_calls *calls = context;
    calls->refused_count++;
    snprintf(calls->refused, sizeof calls->refused, "%.*s", STR_ARG(authorization));
    return calls->can_renew;
}

#define REFUSED_401 ANSWER("HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n")

static void a_token_that_is_refused_is_renewed_once(void **state)
{
    (void)state;
    START(REFUSED_401);
    struct authority_calls calls = {.can_renew = true};
    struct http_authority authority = {get_token, refuse_token, &calls};
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "POST", "/");
    request.is_idempotent = false;
    request.authority = &authority;
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 401);
    assert_int_equal(outcome.again_count, 1);
    assert_int_equal(server.request_count, 2);
    assert_non_null(strstr(server.seen[0].head, "\r\nAuthorization: Bearer token-1\r\n"));
    assert_non_null(strstr(server.seen[1].head, "\r\nAuthorization: Bearer token-2\r\n"));
    assert_int_equal(calls.refused_count, 2);
    assert_string_equal(calls.refused, "Bearer token-2");
}

static void a_token_that_cannot_be_renewed_stays_refused(void **state)
{
    (void)state;
    START(REFUSED_401);
    struct authority_calls calls = {0};
    struct http_authority authority = {get_token, refuse_token, &calls};
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.authority = &authority;
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 401);
    assert_int_equal(server.request_count, 1);
}

static void an_authorization_does_not_follow_a_redirect(void **state)
{
    (void)state;
    static const struct step elsewhere_steps[] = {HELLO_200};
    static struct server elsewhere;
    static char answer[256];
    const struct step steps[] = {{.answer = answer}};
    server_start(&elsewhere, elsewhere_steps, 1);
    snprintf(answer, sizeof answer,
             "HTTP/1.1 307 There\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n", elsewhere.url);
    server_start(&server, steps, 1);
    open_client(60000);
    struct authority_calls calls = {0};
    struct http_authority authority = {get_token, refuse_token, &calls};
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.authority = &authority;
    assert_int_equal(run_one(&request), 0);
    server_end(&elsewhere);
    assert_int_equal(outcome.answer.status, 307);
    assert_int_equal(elsewhere.connection_count, 0);
}

static void without_a_token_nothing_is_sent(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct authority_calls calls = {.get_fails = true};
    struct http_authority authority = {get_token, refuse_token, &calls};
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.authority = &authority;
    assert_int_equal(run_one(&request), -1);
    assert_int_equal(client_error.kind, ERROR_NOT_ALLOWED);
    assert_string_equal(client_error.message, "no credentials");
    assert_int_equal(outcome.answer.failure, ATTEMPT_LOCAL);
    assert_int_equal(server.connection_count, 0);
}

static void addresses_and_headers_hold_no_line_breaks(void **state)
{
    (void)state;
    START(EMPTY_200);
    struct http_answer answer;
    struct str header = STR("X-One: a\r\nX-Two: secret");
    struct http_request request = request_of(NULL, "GET", "/");
    request.headers = &header;
    request.header_count = 1;
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), -1);
    assert_string_equal(client_error.message, "a header of the request has a control character");
    request = request_of(NULL, "GET", "/ HTTP/1.1\r\nX: y");
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), -1);
    assert_string_equal(client_error.message, "the URL has a control character");
    server_end(&server);
    assert_int_equal(server.request_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_token_that_is_refused_is_renewed_once),
        HTTP_TEST(a_token_that_cannot_be_renewed_stays_refused),
        HTTP_TEST(an_authorization_does_not_follow_a_redirect),
        HTTP_TEST(without_a_token_nothing_is_sent),
        HTTP_TEST(addresses_and_headers_hold_no_line_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
