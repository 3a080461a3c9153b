/* A client and a request whose outcome is kept, for tests beside http_server.h. */
#ifndef TESTS_UNIT_HTTP_CLIENT_H
#define TESTS_UNIT_HTTP_CLIENT_H

#include "http_server.h"

#include "base/error.h"
#include "store/http.h"

static struct arena arena;
static struct server server;
static struct http *http;
static struct error client_error;

/* What the calls of one request were told, and what they are to do. */
struct outcome {
    unsigned done_count, again_count, begin_count;
    struct http_answer answer;        /* of `done`, copied */
    struct http_answer first_failure; /* of the first `again`, copied */
    int begun_status;
    struct str begun_type;
    char taken[4096];
    size_t taken_bytes;
    uint64_t sent_bytes;
    unsigned sent_from_start;
    bool begin_fails, take_fails, sent_fails;
};

static inline int set_up(void **state)
{
    static const char *const read_by_libcurl[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                                  "all_proxy",  "ALL_PROXY",   "no_proxy",
                                                  "NO_PROXY"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(read_by_libcurl); i++) {
        unsetenv(read_by_libcurl[i]);
    }
    unsetenv("JOBRUN_STORE_TIMEOUT");
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    client_error = (struct error){0};
    http = NULL;
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    http_close(&http);
    arena_free(&arena);
    return 0;
}

/* In place of the one that there was. */
static inline void open_client_with(struct http_options options)
{
    http_close(&http);
    options.allow_plain = true;
    if (http_open(&arena, &options, &http, &client_error) != 0) {
        fail_msg("%s", client_error.message);
    }
}

static inline void open_client(uint64_t deadline_ms)
{
    open_client_with((struct http_options){.deadline_ms = deadline_ms});
}

/* A server that answers with these steps, and a client. */
#define START(...)                                    \
    static const struct step steps[] = {__VA_ARGS__}; \
    server_start(&server, steps, ARRAY_COUNT(steps)); \
    open_client(60000)

#define HTTP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define ANSWER(text)         \
    {                        \
        text, KEEP, 0, false \
    }
#define EMPTY_200 ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
#define HELLO_200 ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
#define EMPTY_503 ANSWER("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

static inline struct http_answer copy_answer(const struct http_answer *answer)
{
    struct http_answer copy = *answer;
    copy.reason_phrase = str_copy(&arena, answer->reason_phrase);
    copy.headers = str_copy(&arena, answer->headers);
    copy.body = str_copy(&arena, answer->body);
    copy.problem = str_copy(&arena, answer->problem);
    return copy;
}

static inline int note_done(void *context, const struct http_answer *answer, struct error *problem)
{
    struct outcome *outcome = context;
    (void)problem;
    outcome->done_count++;
    outcome->answer = copy_answer(answer);
    return 0;
}

static inline int note_again(void *context, const struct http_answer *answer, struct error *problem)
{
    struct outcome *outcome = context;
    (void)problem;
    if (outcome->again_count++ == 0) {
        outcome->first_failure = copy_answer(answer);
    }
    return 0;
}

static inline struct http_request request_of(struct outcome *outcome, const char *method,
                                             const char *path)
{
    return (struct http_request){.method = method,
                                 .url = str_format(&arena, "%s%s", server.url, path),
                                 .source.fd = -1,
                                 .sink.max_bytes = 1024,
                                 .is_idempotent = true,
                                 .again = note_again,
                                 .done = note_done,
                                 .context = outcome};
}

/* Runs it alone; the server ends with it. */
static inline int run_one(struct http_request *request)
{
    http_submit(http, request);
    int status = http_run(http, NULL, &client_error);
    server_end(&server);
    return status;
}

#endif
