#include "http_client.h"

#include "sys/signals.h"

#include <signal.h>
#include <sys/wait.h>

#define MANY 200

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    START(EMPTY_503, ANSWER("HTTP/1.1 429 Too Many\r\nContent-Length: 4\r\n\r\nslow"), HELLO_200);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.again_count, 2);
    assert_int_equal(outcome.first_failure.status, 503);
    assert_int_equal(outcome.answer.status, 200);
    assert_int_equal(outcome.done_count, 1);
    assert_string_equal(server.seen[0].head, server.seen[2].head);
    assert_int_equal(server.connection_count, 1);
}

static void the_last_answer_counts_when_the_deadline_has_passed(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));
    struct attempts attempts = {0};
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.attempts = &attempts;
    open_client(1200);
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.answer.status, 503);
    assert_str(outcome.answer.body, "busy");
    assert_int_equal(attempts.count, outcome.again_count + 1);
    assert_int_equal(attempts.count, server.request_count);
}

/* It is not begun, since the deadline is before its end. */
static void retry_after_is_kept(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"));
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    open_client(3000);
    assert_int_equal(run_one(&request), 0);
    assert_int_equal(outcome.again_count, 0);
    assert_int_equal(outcome.answer.status, 503);
}

/* --- many --- */

struct many {
    struct http_request requests[MANY];
    unsigned char done[MANY];
    size_t begun, ended, most_under_way;
    uint64_t fed;
    size_t fail_at; /* whose `done` fails; MANY: none */
    int signal_at_end;
};

struct one_of_many {
    struct many *many;
    size_t index;
};

static int many_done(void *context, const struct http_answer *answer, struct error *problem)
{
    struct one_of_many *one = context;
    struct many *many = one->many;
    many->done[one->index]++;
    many->ended++;
    if (many->signal_at_end != 0) {
        raise(many->signal_at_end);
    }
    if (one->index == many->fail_at) {
        return error_set(problem, ERROR_CONFLICT, "number %zu", one->index);
    }
    return answer->status == 200 ? 0 : error_set(problem, ERROR_FAILED, "%d", answer->status);
}

static void many_submit(struct many *many)
{
    size_t i = many->begun++;
    struct one_of_many *one = arena_alloc(&arena, sizeof *one);
    *one = (struct one_of_many){many, i};
    many->requests[i] = request_of(NULL, "GET", "/");
    many->requests[i].again = NULL;
    many->requests[i].done = many_done;
    many->requests[i].context = one;
    http_submit(http, &many->requests[i]);
    if (many->begun - many->ended > many->most_under_way) {
        many->most_under_way = many->begun - many->ended;
    }
}

static int many_feed(void *context, bool *more, struct error *problem)
{
    struct many *many = context;
    (void)problem;
    many->fed++;
    if (many->begun < MANY) {
        many_submit(many);
    }
    *more = many->begun < MANY;
    return 0;
}

static void feed_keeps_all_connections_busy_and_no_more(void **state)
{
    (void)state;
    START(HELLO_200);
    struct many many = {.fail_at = MANY};
    const struct http_work work = {.feed = many_feed, .context = &many};
    assert_int_equal(http_run(http, &work, &client_error), 0);
    server_end(&server);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(many.done[i], 1);
        assert_null(many.requests[i].internal);
    }
    assert_int_equal(server.request_count, MANY);
    assert_int_equal(many.fed, MANY);
    assert_int_equal(many.most_under_way, HTTP_CONNECTIONS_MAX);
    assert_int_equal(server.connection_count, HTTP_CONNECTIONS_MAX);
}

static void what_was_submitted_waits_for_a_connection(void **state)
{
    (void)state;
    START(HELLO_200);
    struct many many = {.fail_at = MANY};
    while (many.begun < MANY) {
        many_submit(&many);
    }
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    server_end(&server);
    assert_int_equal(many.ended, MANY);
    assert_int_equal(server.connection_count, HTTP_CONNECTIONS_MAX);
}

/* The first answers are 503, so that their requests wait; the others go on. */
static void who_waits_does_not_hold_up_others(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), HELLO_200);
    struct outcome slow = {0};
    struct many many = {.fail_at = MANY};
    open_client_with((struct http_options){.connections_max = 1});
    struct http_request request = request_of(&slow, "GET", "/slow");
    http_submit(http, &request);
    for (int i = 0; i < 20; i++) {
        many_submit(&many);
    }
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    server_end(&server);
    assert_int_equal(slow.answer.status, 200);
    assert_int_equal(server.request_count, 22);
    assert_true(str_starts(str_from(server.seen[0].head), STR("GET /slow ")));
    assert_true(str_starts(str_from(server.seen[21].head), STR("GET /slow ")));
    assert_int_equal(server.connection_count, 1);
}

static void each_waits_as_long_as_it_was_told(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"),
          ANSWER("HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"), HELLO_200);
    struct outcome outcomes[2] = {0};
    open_client_with((struct http_options){.connections_max = 1});
    struct http_request first = request_of(&outcomes[0], "GET", "/first");
    struct http_request second = request_of(&outcomes[1], "GET", "/second");
    http_submit(http, &first);
    http_submit(http, &second);
    assert_int_equal(http_run(http, NULL, &client_error), 0);
    server_end(&server);
    assert_int_equal(server.request_count, 4);
    assert_true(str_starts(str_from(server.seen[2].head), STR("GET /first ")));
    assert_true(str_starts(str_from(server.seen[3].head), STR("GET /second ")));
}

/* A store that is down does not take in all there is. */
static void who_waits_is_limited(void **state)
{
    (void)state;
    START(ANSWER("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"));
    struct many many = {.fail_at = MANY};
    const struct http_work work = {.feed = many_feed, .context = &many};
    open_client_with((struct http_options){.connections_max = 2, .deadline_ms = 2000});
    assert_int_equal(http_run(http, &work, &client_error), -1);
    server_end(&server);
    assert_string_equal(client_error.message, "503");
    assert_int_equal(many.most_under_way, 8);
}

static void the_first_error_ends_all(void **state)
{
    (void)state;
    START(HELLO_200);
    struct many many = {.fail_at = 30};
    const struct http_work work = {.feed = many_feed, .context = &many};
    assert_int_equal(http_run(http, &work, &client_error), -1);
    assert_string_equal(client_error.message, "number 30");
    assert_true(many.begun < MANY);
    for (size_t i = 0; i < many.begun; i++) {
        assert_true(many.done[i] <= 1);
        assert_null(many.requests[i].internal);
    }
    /* The client can be used again. */
    struct http_answer answer;
    struct http_request request = request_of(NULL, "GET", "/");
    assert_int_equal(http_fetch(http, &arena, &request, &answer, &client_error), 0);
    server_end(&server);
    assert_str(answer.body, "hello");
}

static int feed_fails(void *context, bool *more, struct error *problem)
{
    (void)context;
    (void)more;
    return error_set(problem, ERROR_CONFLICT, "nothing to give");
}

static void an_error_of_feed_ends_all(void **state)
{
    (void)state;
    START(HELLO_200);
    const struct http_work work = {.feed = feed_fails};
    assert_int_equal(http_run(http, &work, &client_error), -1);
    assert_string_equal(client_error.message, "nothing to give");
    server_end(&server);
}

static int again_fails(void *context, const struct http_answer *answer, struct error *problem)
{
    (void)context;
    (void)answer;
    return error_set(problem, ERROR_CONFLICT, "not again");
}

static void an_error_of_again_ends_all(void **state)
{
    (void)state;
    START(EMPTY_503);
    struct outcome outcome = {0};
    struct http_request request = request_of(&outcome, "GET", "/");
    request.again = again_fails;
    assert_int_equal(run_one(&request), -1);
    assert_string_equal(client_error.message, "not again");
    assert_null(request.internal);
}

/* --- requests that change --- */

struct sequence {
    struct http_request request;
    unsigned round;
};

static int next_round(void *context, const struct http_answer *answer, struct error *problem)
{
    struct sequence *sequence = context;
    (void)problem;
    assert_int_equal(answer->status, 200);
    if (++sequence->round < 3) {
        sequence->request.url = str_format(&arena, "%s/round-%u", server.url, sequence->round);
        http_submit(http, &sequence->request);
    }
    return 0;
}

static void done_submits_its_request_again(void **state)
{
    (void)state;
    START(HELLO_200);
    struct sequence sequence = {0};
    sequence.request = request_of(NULL, "GET", "/round-0");
    sequence.request.done = next_round;
    sequence.request.context = &sequence;
    assert_int_equal(run_one(&sequence.request), 0);
    assert_int_equal(server.request_count, 3);
    assert_true(str_starts(str_from(server.seen[2].head), STR("GET /round-2 ")));
    assert_int_equal(server.connection_count, 1);
}

static int resume(void *context, const struct http_answer *answer, struct error *problem)
{
    struct sequence *sequence = context;
    static struct str range;
    (void)problem;
    assert_int_equal(answer->failure, ATTEMPT_LOST);
    range = STR("Range: bytes=4-");
    sequence->request.headers = &range;
    sequence->request.header_count = 1;
    return 0;
}

static int take_some(void *context, const char *bytes, size_t n, struct error *problem)
{
    (void)context;
    (void)bytes;
    (void)n;
    (void)problem;
    return 0;
}

static int ignore_answer(void *context, const struct http_answer *answer, struct error *problem)
{
    (void)context;
    (void)answer;
    (void)problem;
    return 0;
}

static void add_moved(void *context, int64_t bytes)
{
    *(int64_t *)context += bytes;
}

/* What came before the break is counted once, whoever sees to the rest. */
static void a_read_goes_on_where_it_broke(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", CLOSE, 0, false},
          ANSWER("HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\no"));
    struct sequence sequence = {0};
    int64_t moved = 0;
    const struct http_work work = {.progress = add_moved, .context = &moved};
    sequence.request = request_of(NULL, "GET", "/");
    sequence.request.sink.take = take_some;
    sequence.request.again = resume;
    sequence.request.done = ignore_answer;
    sequence.request.context = &sequence;
    http_submit(http, &sequence.request);
    assert_int_equal(http_run(http, &work, &client_error), 0);
    server_end(&server);
    assert_non_null(strstr(server.seen[1].head, "\r\nRange: bytes=4-\r\n"));
    assert_int_equal(moved, 5);
}

static void a_read_from_the_start_is_counted_once(void **state)
{
    (void)state;
    START({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", CLOSE, 0, false}, HELLO_200);
    int64_t moved = 0;
    const struct http_work work = {.progress = add_moved, .context = &moved};
    struct http_request request = request_of(NULL, "GET", "/");
    request.sink.take = take_some;
    request.again = NULL;
    request.done = ignore_answer;
    http_submit(http, &request);
    assert_int_equal(http_run(http, &work, &client_error), 0);
    server_end(&server);
    assert_int_equal(moved, 5);
}

/* --- signals: one that came is never forgotten, so this runs in a process of its own --- */

#define EXPECT(condition)    \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

/* It comes while the first of two is done. */
static int interrupt(void)
{
    START(HELLO_200);
    struct many many = {.fail_at = MANY, .signal_at_end = SIGTERM};
    open_client_with((struct http_options){.connections_max = 1});
    EXPECT(signals_begin(&client_error) == 0);
    many_submit(&many);
    many_submit(&many);
    EXPECT(http_run(http, NULL, &client_error) == -1);
    EXPECT(client_error.kind == ERROR_INTERRUPTED && client_error.signal_number == SIGTERM);
    EXPECT(many.ended == 1 && many.requests[1].internal == NULL);
    http_close(&http);
    server_end(&server);
    EXPECT(server.request_count == 1);
    arena_free(&arena);
    return 0;
}

static void *send_signal(void *argument)
{
    struct server *waits_for = argument;
    size_t count = 0;
    while (count == 0) {
        pthread_mutex_lock(&waits_for->mutex);
        count = waits_for->request_count;
        pthread_mutex_unlock(&waits_for->mutex);
        sched_yield();
    }
    kill(getpid(), SIGINT);
    return NULL;
}

/* It comes while nothing moves, and nothing is due; to another thread, so that it does not
 * end the sleep by itself. */
static int interrupt_asleep(void)
{
    sigset_t interrupts;
    START({"", STALL, 0, false});
    pthread_t thread;
    struct outcome outcome = {0};
    struct http_request stalled = request_of(&outcome, "GET", "/");
    EXPECT(signals_begin(&client_error) == 0);
    EXPECT(pthread_create(&thread, NULL, send_signal, &server) == 0);
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupts, NULL);
    http_submit(http, &stalled);
    EXPECT(http_run(http, NULL, &client_error) == -1);
    pthread_join(thread, NULL);
    EXPECT(client_error.kind == ERROR_INTERRUPTED && client_error.signal_number == SIGINT);
    http_close(&http);
    server_end(&server);
    arena_free(&arena);
    return 0;
}

static void run_apart(int (*test)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        int line = test();
        if (line != 0) {
            fprintf(stderr, "line %d\n", line);
        }
        _exit(line != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_signal_ends_the_run(void **state)
{
    (void)state;
    run_apart(interrupt);
}

static void a_signal_wakes_a_run_that_sleeps(void **state)
{
    (void)state;
    run_apart(interrupt_asleep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_busy_server_is_asked_again),
        HTTP_TEST(the_last_answer_counts_when_the_deadline_has_passed),
        HTTP_TEST(retry_after_is_kept),
        HTTP_TEST(feed_keeps_all_connections_busy_and_no_more),
        HTTP_TEST(what_was_submitted_waits_for_a_connection),
        HTTP_TEST(who_waits_does_not_hold_up_others),
        HTTP_TEST(each_waits_as_long_as_it_was_told),
        HTTP_TEST(who_waits_is_limited),
        HTTP_TEST(the_first_error_ends_all),
        HTTP_TEST(an_error_of_feed_ends_all),
        HTTP_TEST(an_error_of_again_ends_all),
        HTTP_TEST(done_submits_its_request_again),
        HTTP_TEST(a_read_goes_on_where_it_broke),
        HTTP_TEST(a_read_from_the_start_is_counted_once),
        HTTP_TEST(a_signal_ends_the_run),
        HTTP_TEST(a_signal_wakes_a_run_that_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
