#include "store/http.h"

#include "store/http_parts.h"
#include "sys/host.h"

#define CONNECT_MIN_MS   1000
#define CONNECT_MAX_MS   10000
#define DEADLINE_SECONDS 86400

/* JOBRUN_STORE_TIMEOUT, where it is set. */
static int read_deadline(uint64_t *deadline_ms, struct error *err)
{
    struct str text = str_from(getenv("JOBRUN_STORE_TIMEOUT"));
    int64_t seconds = 0;

    if (text.n == 0) {
        return 0;
    }
    if (!str_to_int64(text, &seconds) || seconds < 1 || seconds > DEADLINE_SECONDS) {
        error_set(err, ERROR_USAGE, "JOBRUN_STORE_TIMEOUT: '%.*s' is no number of seconds",
                  STR_ARG(text));
        return error_help(err, "set it to a whole number from 1 to %d, or unset it",
                          DEADLINE_SECONDS);
    }
    *deadline_ms = (uint64_t)seconds * 1000;
    return 0;
}

/* A third of the deadline, so that one that does not answer is asked more than once. */
static uint64_t connect_ms(uint64_t deadline_ms)
{
    uint64_t third_ms = deadline_ms / 3;

    return third_ms < CONNECT_MIN_MS   ? CONNECT_MIN_MS
           : third_ms > CONNECT_MAX_MS ? CONNECT_MAX_MS
                                       : third_ms;
}

static int resolve_options(struct http_options *options, struct error *err)
{
    uint64_t deadline_ms = ATTEMPTS_DEADLINE_MS;

    if (read_deadline(&deadline_ms, err) != 0) {
        return -1;
    }
    if (options->deadline_ms == 0) {
        options->deadline_ms = deadline_ms;
    }
    if (options->connect_ms == 0) {
        options->connect_ms = connect_ms(options->deadline_ms);
    }
    if (options->connections_max == 0) {
        options->connections_max = HTTP_CONNECTIONS_MAX;
    }
    if (options->connections_max > HTTP_CONNECTIONS_LIMIT) {
        options->connections_max = HTTP_CONNECTIONS_LIMIT;
    }
    return 0;
}

/* As OpenSSL has them; libcurl by itself does not look at them. */
static const char *certificates(struct arena *arena, const char *variable)
{
    struct str path = str_from(getenv(variable));

    return path.n > 0 ? str_copy(arena, path).s : NULL;
}

static void make_exchanges(struct http *http)
{
    http->exchanges =
        arena_array(http->arena, http->options.connections_max, sizeof *http->exchanges);
    for (size_t i = http->options.connections_max; i-- > 0;) {
        struct http_exchange *exchange = &http->exchanges[i];
        exchange->http = http;
        /* So that the first block of the arena stays. */
        (void)arena_alloc(&exchange->arena, 1);
        exchange->empty = arena_mark(&exchange->arena);
        exchange->next = http->idle;
        http->idle = exchange;
    }
}

int http_open(struct arena *arena, const struct http_options *options, struct http **http,
              struct error *err)
{
    struct http_options resolved = *options;

    if (resolve_options(&resolved, err) != 0 || http_ready(err) != 0) {
        return -1;
    }
    struct http *opened = arena_alloc(arena, sizeof *opened);
    opened->arena = arena;
    opened->options = resolved;
    opened->certificates_file = certificates(arena, "SSL_CERT_FILE");
    opened->certificates_folder = certificates(arena, "SSL_CERT_DIR");
    opened->multi = http_functions.curl_multi_init();
    if (!opened->multi) {
        memory_exhausted();
    }
    http_functions.curl_multi_setopt(opened->multi, CURLMOPT_MAXCONNECTS,
                                     (long)resolved.connections_max);
    make_exchanges(opened);
    *http = opened;
    return 0;
}

void http_close(struct http **http)
{
    struct http *closed = *http;
    if (!closed) {
        return;
    }
    for (size_t i = 0; i < closed->options.connections_max; i++) {
        if (closed->exchanges[i].easy) {
            http_functions.curl_easy_cleanup(closed->exchanges[i].easy);
        }
        arena_free(&closed->exchanges[i].arena);
    }
    http_functions.curl_multi_cleanup(closed->multi);
    *http = NULL;
}

void http_submit(struct http *http, struct http_request *request)
{
    struct http_ticket *ticket = http->free_tickets;
    if (request->internal) {
        BUG("a request is submitted twice");
    }
    if (ticket) {
        http->free_tickets = ticket->next;
        *ticket = (struct http_ticket){0};
    } else {
        ticket = arena_alloc(http->arena, sizeof *ticket);
    }
    ticket->request = request;
    request->internal = ticket;
    http_queue_push(&http->ready, ticket);
    http->submitted_count++;
}

int http_no_answer(const struct http_request *request, const struct http_answer *answer,
                   struct error *err)
{
    struct str host = url_host(request->url);

    if (answer->error) {
        *err = *answer->error;
        return -1;
    }
    error_set(err, ERROR_UNREACHABLE, "'%.*s' cannot be reached: %.*s", STR_ARG(host),
              STR_ARG(answer->problem));
    if (answer->failure == ATTEMPT_TLS) {
        return error_help(err, "SSL_CERT_FILE may name a file with the certificates to trust");
    }
    return error_help(err, "check the network, and https_proxy where there is a proxy");
}

struct fetch {
    struct arena *arena;
    struct http_answer *answer;
};

static int keep_answer(void *context, const struct http_answer *answer, struct error *err)
{
    struct fetch *fetch = context;
    (void)err;
    *fetch->answer = (struct http_answer){
        .status = answer->status,
        .reason_phrase = str_copy(fetch->arena, answer->reason_phrase),
        .headers = str_copy(fetch->arena, answer->headers),
        .body = str_copy(fetch->arena, answer->body),
        .problem = str_copy(fetch->arena, answer->problem),
        .failure = answer->failure,
    };
    return 0;
}

int http_fetch(struct http *http, struct arena *arena, struct http_request *request,
               struct http_answer *answer, struct error *err)
{
    struct fetch fetch = {arena, answer};

    request->again = NULL;
    request->done = keep_answer;
    request->context = &fetch;
    http_submit(http, request);
    if (http_run(http, NULL, err) != 0) {
        return -1;
    }
    return answer->status == 0 ? http_no_answer(request, answer, err) : 0;
}
