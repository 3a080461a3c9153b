/* The loop that drives all requests of a client. */
#include "store/http_parts.h"
#include "sys/host.h"
#include "sys/signals.h"

/* How long the loop sleeps when nothing is due: libcurl keeps its own times. */
#define SLEEP_MAX_MS 60000
/* Requests that wait for another attempt hold no connection, but others must not
 * pile up behind a store that is down. */
#define WAITING_PER_CONNECTION 4

static uint64_t now(void)
{
    return (uint64_t)host_monotonic_ms();
}

static struct attempts *attempts_of(struct http_ticket *ticket)
{
    return ticket->request->attempts ? ticket->request->attempts : &ticket->own_attempts;
}

static void drop_ticket(struct http *http, struct http_ticket *ticket)
{
    ticket->request->internal = NULL;
    ticket->next = http->free_tickets;
    http->free_tickets = ticket;
}

static void release(struct http_exchange *exchange)
{
    struct http *http = exchange->http;

    http_exchange_clear(exchange);
    exchange->next = http->idle;
    http->idle = exchange;
    http->under_way--;
}

/* The request's last answer. */
static int finish(struct http_exchange *exchange, struct error *err)
{
    struct http *http = exchange->http;
    struct http_request *request = exchange->ticket->request;
    int status = 0;
    drop_ticket(http, exchange->ticket);
    if (request->done) {
        status = request->done(request->context, &exchange->answer, err);
    }
    if (status == 0 && exchange->answer.error) {
        *err = *exchange->answer.error;
        status = -1;
    }
    release(exchange);
    return status;
}

static struct attempt_decision judge(struct http_exchange *exchange)
{
    const struct http_request *request = exchange->ticket->request;
    const struct http_answer *answer = &exchange->answer;
    struct attempt attempt = {.failure = answer->failure,
                              .status = answer->status,
                              .retry_after_ms = -1,
                              .is_idempotent = request->is_idempotent};
    curl_off_t retry_after_s = 0;
    uint32_t random;
    if (http_functions.curl_easy_getinfo(exchange->easy, CURLINFO_RETRY_AFTER, &retry_after_s) ==
            CURLE_OK &&
        retry_after_s > 0) {
        attempt.retry_after_ms = retry_after_s < ATTEMPTS_RETRY_AFTER_MAX_MS
                                     ? (int64_t)retry_after_s * 1000
                                     : ATTEMPTS_RETRY_AFTER_MAX_MS;
    }
    if (answer->status == 401 && exchange->authorization.n > 0) {
        attempt.can_renew =
            request->authority->refused(request->authority->context, exchange->authorization);
    }
    host_random(&random, sizeof random);
    return attempts_judge(attempts_of(exchange->ticket), &attempt, now(),
                          exchange->http->options.deadline_ms, random);
}

/* What was counted of the attempt that failed, and will be counted again. */
static void withdraw(struct http_exchange *exchange)
{
    const struct http_request *request = exchange->ticket->request;

    exchange->http->moved_bytes -=
        (int64_t)http_source_file_bytes(&request->source, exchange->position);
    if (!request->again) {
        exchange->http->moved_bytes -= (int64_t)exchange->taken_bytes;
    }
}

static int send_again(struct http_exchange *exchange, struct attempt_decision decision,
                      struct error *err)
{
    struct http *http = exchange->http;
    struct http_ticket *ticket = exchange->ticket;
    const struct http_request *request = ticket->request;
    withdraw(exchange);
    if (request->again && request->again(request->context, &exchange->answer, err) != 0) {
        return -1;
    }
    if (decision.verdict == VERDICT_RENEW) {
        http_queue_push_front(&http->ready, ticket);
    } else {
        ticket->due_ms = now() + decision.wait_ms;
        http_wait(http, ticket);
    }
    release(exchange);
    return 0;
}

/* Nothing was sent yet, so it is no other attempt for anybody but this client. */
static bool asks_folder_too(struct http_exchange *exchange)
{
    struct http *http = exchange->http;

    if (exchange->answer.failure != ATTEMPT_TLS || exchange->asks_folder) {
        return false;
    }
    http->asks_folder = true;
    http_queue_push_front(&http->ready, exchange->ticket);
    release(exchange);
    return true;
}

static int end_attempt(struct http_exchange *exchange, CURLcode code, struct error *err)
{
    if (code == CURLE_OUT_OF_MEMORY) {
        memory_exhausted();
    }
    http_exchange_end(exchange, code);
    if (asks_folder_too(exchange)) {
        return 0;
    }
    struct attempt_decision decision = judge(exchange);
    return decision.verdict == VERDICT_DONE ? finish(exchange, err)
                                            : send_again(exchange, decision, err);
}

static int begin_attempt(struct http *http, struct http_ticket *ticket, struct error *err)
{
    struct http_exchange *exchange = http->idle;
    struct attempts *attempts = attempts_of(ticket);
    if (attempts->since_ms == 0) {
        attempts_begin(attempts, now());
    }
    if (!exchange->easy && !(exchange->easy = http_functions.curl_easy_init())) {
        memory_exhausted();
    }
    http->idle = exchange->next;
    http->under_way++;
    http_exchange_begin(exchange, ticket);
    if (exchange->problem.kind != ERROR_NONE) {
        return end_attempt(exchange, CURLE_FAILED_INIT, err);
    }
    if (http_functions.curl_multi_add_handle(http->multi, exchange->easy) != CURLM_OK) {
        BUG("libcurl takes no more requests");
    }
    return 0;
}

static int begin_ready(struct http *http, struct error *err)
{
    http_wake_due(http, http->waiting.count > 0 ? now() : 0);
    while (http->idle && http->ready.count > 0) {
        if (begin_attempt(http, http_queue_pop(&http->ready), err) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool has_room(const struct http *http)
{
    size_t most = http->options.connections_max;
    size_t busy = http->under_way + http->ready.count;

    return busy < most && busy + http->waiting.count < most * WAITING_PER_CONNECTION;
}

static bool is_idle(const struct http *http)
{
    return http->under_way + http->ready.count + http->waiting.count == 0;
}

/* Begins what can be begun. A feed that has nothing at the moment is asked again when
 * something has ended. */
static int begin_more(struct http *http, const struct http_work *work, bool *more,
                      struct error *err)
{
    uint64_t before;
    do {
        before = http->submitted_count;
        if (begin_ready(http, err) != 0) {
            return -1;
        }
        if (*more && has_room(http) && work->feed(work->context, more, err) != 0) {
            return -1;
        }
    } while (http->submitted_count > before);
    if (*more && is_idle(http)) {
        BUG("there is more work, but none of it begins");
    }
    return 0;
}

/* *ended: at least one attempt did. */
static int take_ended(struct http *http, bool *ended, struct error *err)
{
    int left;
    const CURLMsg *message;
    while ((message = http_functions.curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_exchange *exchange = NULL;
        CURLcode code = message->data.result;
        http_functions.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        http_functions.curl_multi_remove_handle(http->multi, exchange->easy);
        *ended = true;
        if (end_attempt(exchange, code, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static void sleep_until_news(struct http *http)
{
    struct curl_waitfd signal = {.fd = signals_fd(), .events = CURL_WAIT_POLLIN};
    uint64_t timeout_ms = SLEEP_MAX_MS;
    if (http->waiting.count > 0) {
        uint64_t time = now();
        uint64_t left_ms = http->next_due_ms > time ? http->next_due_ms - time : 0;
        timeout_ms = left_ms < timeout_ms ? left_ms : timeout_ms;
    }
    http_functions.curl_multi_poll(http->multi, &signal, signal.fd >= 0 ? 1 : 0, (int)timeout_ms,
                                   NULL);
}

static void tell_progress(struct http *http, const struct http_work *work)
{
    if (work->progress && http->moved_bytes != 0) {
        work->progress(work->context, http->moved_bytes);
    }
    http->moved_bytes = 0;
}

static int run_all(struct http *http, const struct http_work *work, struct error *err)
{
    bool more = work->feed != NULL;
    for (;;) {
        bool ended = false;
        int running;
        if (signals_check(err) != 0 || begin_more(http, work, &more, err) != 0) {
            return -1;
        }
        if (is_idle(http)) {
            return 0;
        }
        if (http_functions.curl_multi_perform(http->multi, &running) != CURLM_OK) {
            BUG("libcurl cannot go on");
        }
        int status = take_ended(http, &ended, err);
        tell_progress(http, work);
        if (status != 0) {
            return -1;
        }
        if (!ended) {
            sleep_until_news(http);
        }
    }
}

static void drop_all(struct http *http)
{
    struct http_ticket *ticket;

    for (size_t i = 0; i < http->options.connections_max; i++) {
        struct http_exchange *exchange = &http->exchanges[i];
        if (exchange->ticket) {
            http_functions.curl_multi_remove_handle(http->multi, exchange->easy);
            drop_ticket(http, exchange->ticket);
            release(exchange);
        }
    }
    while ((ticket = http_queue_pop(&http->ready)) != NULL ||
           (ticket = http_queue_pop(&http->waiting)) != NULL) {
        drop_ticket(http, ticket);
    }
}

int http_run(struct http *http, const struct http_work *work, struct error *err)
{
    static const struct http_work NONE = {0};

    if (http->is_running) {
        BUG("http_run() is called from within a call of its own");
    }
    http->is_running = true;
    int status = run_all(http, work ? work : &NONE, err);
    if (status != 0) {
        drop_all(http);
    }
    http->is_running = false;
    return status;
}
