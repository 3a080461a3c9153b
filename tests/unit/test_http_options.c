/* TLS, with openssl s_server as the other side, and proxies. */
#include "http_client.h"

#include "temp_folder.h"

#include <signal.h>
#include <sys/wait.h>

static pid_t tls_server;
static char tls_port[16];

static pid_t run_openssl(const char *const *arguments, int out)
{
    pid_t child = fork();
    if (child == 0) {
        dup2(out, STDOUT_FILENO);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        if (chdir(temp.path) == 0) {
            execvp("openssl", (char *const *)arguments);
        }
        _exit(127);
    }
    return child;
}

static void openssl(const char *const *arguments)
{
    int status = -1;
    int null = open("/dev/null", O_WRONLY);
    pid_t child = run_openssl(arguments, null);
    close(null);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* "ACCEPT 127.0.0.1:34425" says where it listens. */
static void read_port(int fd)
{
    char text[4096] = "";
    size_t n = 0;
    for (;;) {
        ssize_t got = read(fd, text + n, sizeof text - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
        text[n] = '\0';
        char *at = strstr(text, "ACCEPT 127.0.0.1:");
        if (at && strchr(at, '\n')) {
            snprintf(tls_port, sizeof tls_port, "%d", (int)strtol(strchr(at, ':') + 1, NULL, 10));
            return;
        }
    }
}

static void serve(const char *host)
{
    struct str subject = str_format(&arena, "subjectAltName=%s", host);
    const char *const make[] = {"openssl", "req",     "-x509",   "-newkey",  "rsa:2048", "-nodes",
                                "-keyout", "key.pem", "-out",    "cert.pem", "-days",    "2",
                                "-subj",   "/CN=x",   "-addext", subject.s,  NULL};
    const char *const listen_to[] = {"openssl", "s_server", "-www", "-accept", "127.0.0.1:0",
                                     "-cert",   "cert.pem", "-key", "key.pem", NULL};
    int ends[2];
    openssl(make);
    assert_int_equal(pipe(ends), 0);
    tls_server = run_openssl(listen_to, ends[1]);
    close(ends[1]);
    read_port(ends[0]);
    close(ends[0]);
}

static int set_up_tls(void **state)
{
    return set_up(state) != 0 ? -1 : temp_folder_setup(state);
}

static int tear_down_tls(void **state)
{
    if (tls_server > 0) {
        kill(tls_server, SIGKILL);
        waitpid(tls_server, NULL, 0);
        tls_server = 0;
    }
    (void)tear_down(state);
    return temp_folder_teardown(state);
}

static void ask(struct outcome *outcome)
{
    struct http_options options = {.deadline_ms = 60000};
    struct http_request request = request_of(outcome, "GET", "/");
    request.url = str_format(&arena, "https://127.0.0.1:%s/", tls_port);
    request.sink.max_bytes = 65536;
    if (http_open(&arena, &options, &http, &client_error) != 0) {
        fail_msg("%s", client_error.message);
    }
    http_submit(http, &request);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    serve("IP:127.0.0.1");
    ask(&outcome);
    assert_int_equal(outcome.answer.status, 0);
    assert_int_equal(outcome.answer.failure, ATTEMPT_TLS);
    assert_int_equal(outcome.again_count, 0);
    assert_true(str_starts(outcome.answer.problem, STR("its certificate is not trusted: self")));
}

static void ssl_cert_file_says_whom_to_trust(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    serve("IP:127.0.0.1");
    setenv("SSL_CERT_FILE", temp_path("cert.pem"), 1);
    ask(&outcome);
    assert_int_equal(outcome.answer.status, 200);
}

static void trust_by_folder(void)
{
    static const char *const rehash[] = {"openssl", "rehash", "trusted", NULL};
    assert_int_equal(mkdir(temp_path("trusted"), 0700), 0);
    assert_int_equal(link(temp_path("cert.pem"), temp_path("trusted/cert.pem")), 0);
    openssl(rehash);
    setenv("SSL_CERT_DIR", temp_path("trusted"), 1);
}

static void ssl_cert_dir_says_whom_to_trust(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    serve("IP:127.0.0.1");
    trust_by_folder();
    ask(&outcome);
    assert_int_equal(outcome.answer.status, 200);
}

/* The folder is asked when the file has failed, by each of those that are under way. */
static void many_requests_ask_the_folder(void **state)
{
    (void)state;
    struct outcome outcomes[8] = {0};
    struct http_request requests[ARRAY_COUNT(outcomes)];
    struct http_options options = {.deadline_ms = 60000};
    serve("IP:127.0.0.1");
    trust_by_folder();
    assert_int_equal(http_open(&arena, &options, &http, &client_error), 0);
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
        requests[i] = request_of(&outcomes[i], "GET", "/");
        requests[i].url = str_format(&arena, "https://127.0.0.1:%s/", tls_port);
        requests[i].sink.max_bytes = 65536;
        http_submit(http, &requests[i]);
    }
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
        assert_int_equal(outcomes[i].answer.status, 200);
        assert_int_equal(outcomes[i].again_count, 0);
    }
}

static void a_certificate_for_another_host_is_refused(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    serve("DNS:storage.example.com");
    setenv("SSL_CERT_FILE", temp_path("cert.pem"), 1);
    ask(&outcome);
    assert_int_equal(outcome.answer.failure, ATTEMPT_TLS);
    assert_int_equal(outcome.again_count, 0);
    assert_true(str_starts(outcome.answer.problem, STR("its certificate is not trusted: ")));
}

static void an_ssl_cert_file_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    serve("IP:127.0.0.1");
    setenv("SSL_CERT_FILE", temp_path("missing.pem"), 1);
    ask(&outcome);
    assert_int_equal(outcome.answer.failure, ATTEMPT_TLS);
    assert_str(outcome.answer.problem, "the file of trusted certificates cannot be read");
}

#define PROXY_407 ANSWER("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")

static void https_goes_through_the_proxy_of_the_environment(void **state)
{
    (void)state;
    START(PROXY_407);
    struct http_answer answer;
    setenv("https_proxy", server.url, 1);
    struct http_request request = request_of(NULL, "GET", "/");
    request.url = STR("https://storage.example.com/secret");
    request.headers = (struct str[]){STR("X-Secret: secret")};
    request.header_count = 1;
    open_client(1);
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), -1);
    server_end(&server);
    assert_string_equal(client_error.message, "'storage.example.com' cannot be reached: "
                                              "the proxy answers with status 407");
    assert_true(str_starts(str_from(server.seen[0].head),
                           STR("CONNECT storage.example.com:443 HTTP/1.1\r\n")));
    assert_null(strstr(server.seen[0].head, "secret"));
}

static void no_proxy_is_for_hosts_that_are_near(void **state)
{
    (void)state;
    static const struct step proxy_steps[] = {PROXY_407};
    static struct server proxy;
    START(HELLO_200);
    struct http_answer answer;
    server_start(&proxy, proxy_steps, 1);
    setenv("http_proxy", proxy.url, 1);
    struct http_request request = request_of(NULL, "GET", "/");
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    assert_int_equal(answer.status, 407);
    open_client_with((struct http_options){.no_proxy = true});
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    assert_int_equal(answer.status, 200);
    setenv("no_proxy", "127.0.0.1", 1);
    open_client(60000);
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    assert_int_equal(answer.status, 200);
    server_end(&server);
    server_end(&proxy);
    assert_int_equal(proxy.request_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_tls, tear_down_tls)
        TEST(a_certificate_that_nobody_vouches_for_is_refused),
        TEST(ssl_cert_file_says_whom_to_trust),
        TEST(ssl_cert_dir_says_whom_to_trust),
        TEST(many_requests_ask_the_folder),
        TEST(a_certificate_for_another_host_is_refused),
        TEST(an_ssl_cert_file_that_is_not_there_is_said),
        HTTP_TEST(https_goes_through_the_proxy_of_the_environment),
        HTTP_TEST(no_proxy_is_for_hosts_that_are_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
