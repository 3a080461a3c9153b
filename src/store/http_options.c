/* One handle of libcurl, set up for one attempt. */
#include "store/http_parts.h"
#include "sys/host.h"

#define RECEIVE_BUFFER_BYTES 262144L
#define SEND_BUFFER_BYTES    262144L
#define CONNECTION_IDLE_S    60L
#define STALL_BYTES_PER_S    1024

static void check(CURLcode code, CURLoption option)
{
    if (code == CURLE_OUT_OF_MEMORY) {
        memory_exhausted();
    }
    if (code != CURLE_OK) {
        BUG("libcurl refuses option %d: %s", (int)option, http_functions.curl_easy_strerror(code));
    }
}

static void set_long(CURL *easy, CURLoption option, long value)
{
    check(http_functions.curl_easy_setopt(easy, option, value), option);
}

static void set_size(CURL *easy, CURLoption option, uint64_t value)
{
    check(http_functions.curl_easy_setopt(easy, option, (curl_off_t)value), option);
}

/* A text, which libcurl copies, or an object, which it does not. */
static void set_pointer(CURL *easy, CURLoption option, const void *value)
{
    check(http_functions.curl_easy_setopt(easy, option, value), option);
}

/* A callback, of a type of its own each. */
#define SET_FUNCTION(easy, option, function) \
    check(http_functions.curl_easy_setopt((easy), (option), (function)), (option))

static uint64_t stall_seconds(const struct http_exchange *exchange)
{
    uint64_t stall_ms = exchange->http->options.deadline_ms / 3;
    if (stall_ms > ATTEMPTS_STALL_MS) {
        stall_ms = ATTEMPTS_STALL_MS;
    }
    return stall_ms < 1000 ? 1 : stall_ms / 1000;
}

/* libcurl's own limit of the speed is for the mean of some seconds, in which much that
 * went over before hides for long that nothing does; but it sees to it that this is
 * called every second. */
static int watch(void *context, curl_off_t to_receive, curl_off_t received, curl_off_t to_send,
                 curl_off_t sent)
{
    struct http_exchange *exchange = context;
    uint64_t bytes = (uint64_t)(received + sent);
    uint64_t now_ms = (uint64_t)host_monotonic_ms();
    uint64_t limit_s = stall_seconds(exchange);
    (void)to_receive;
    (void)to_send;
    if (exchange->still_ms == 0 || bytes >= exchange->still_bytes + STALL_BYTES_PER_S * limit_s) {
        exchange->still_ms = now_ms;
        exchange->still_bytes = bytes;
    }
    exchange->is_too_still = now_ms - exchange->still_ms >= limit_s * 1000;
    return exchange->is_too_still ? 1 : 0;
}

static void set_stall(struct http_exchange *exchange, CURL *easy)
{
    exchange->still_ms = 0;
    exchange->is_too_still = false;
    set_long(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
    set_long(easy, CURLOPT_LOW_SPEED_TIME, (long)stall_seconds(exchange));
    set_long(easy, CURLOPT_NOPROGRESS, 0);
    SET_FUNCTION(easy, CURLOPT_XFERINFOFUNCTION, watch);
    set_pointer(easy, CURLOPT_XFERINFODATA, exchange);
}

static void set_connection(const struct http *http, CURL *easy)
{
    const struct http_options *options = &http->options;
    set_long(easy, CURLOPT_NOSIGNAL, 1);
    set_long(easy, CURLOPT_PROTOCOLS,
             CURLPROTO_HTTPS | (options->allow_plain ? CURLPROTO_HTTP : 0L));
    set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set_long(easy, CURLOPT_FOLLOWLOCATION, 0);
    set_long(easy, CURLOPT_PATH_AS_IS, 1);
    set_long(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1);
    set_long(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
    set_long(easy, CURLOPT_TCP_KEEPALIVE, 1);
    set_long(easy, CURLOPT_MAXAGE_CONN, CONNECTION_IDLE_S);
    set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    set_pointer(easy, CURLOPT_USERAGENT, "jobrun/" JOBRUN_VERSION);
    if (options->no_proxy) {
        set_pointer(easy, CURLOPT_PROXY, "");
    }
}

/* With a folder of certificates libcurl reads the file anew for every connection, which
 * takes 50 ms of a processor and 1 MiB each; the file alone is read once. So the folder
 * is asked when the file does not do (http_loop.c). */
static void set_tls(struct http_exchange *exchange, CURL *easy)
{
    const struct http *http = exchange->http;
    exchange->asks_folder = http->asks_folder;
    set_long(easy, CURLOPT_SSL_VERIFYPEER, 1);
    set_long(easy, CURLOPT_SSL_VERIFYHOST, 2);
    set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (http->certificates_file) {
        set_pointer(easy, CURLOPT_CAINFO, http->certificates_file);
    }
    if (!http->asks_folder || http->certificates_folder) {
        set_pointer(easy, CURLOPT_CAPATH, http->asks_folder ? http->certificates_folder : NULL);
    }
}

/* libcurl itself sends a request again where a kept connection turns out to be
 * closed. Whether that may be is not for libcurl to decide (attempts.h). */
static int before_request(void *context, char *remote_ip, char *local_ip, int remote_port,
                          int local_port)
{
    struct http_exchange *exchange = context;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    exchange->times_sent++;
    exchange->still_ms = 0; /* what it took to connect has a limit of its own */
    return exchange->times_sent == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Before version 7.80 libcurl could not be asked: what may not be sent twice gets a
 * connection of its own there. */
static void set_once(struct http_exchange *exchange, CURL *easy)
{
    if (http_functions.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK) {
        set_pointer(easy, CURLOPT_PREREQDATA, exchange);
    } else if (!exchange->ticket->request->is_idempotent) {
        set_long(easy, CURLOPT_FRESH_CONNECT, 1);
    }
}

static bool has_body(const struct http_request *request)
{
    return http_source_bytes(&request->source) > 0 || strcmp(request->method, "POST") == 0 ||
           strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
}

static void set_body(struct http_exchange *exchange, CURL *easy)
{
    const struct http_source *source = &exchange->ticket->request->source;

    set_long(easy, CURLOPT_UPLOAD, 1);
    set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES);
    set_size(easy, CURLOPT_INFILESIZE_LARGE, http_source_bytes(source));
    SET_FUNCTION(easy, CURLOPT_READFUNCTION, http_source_read);
    set_pointer(easy, CURLOPT_READDATA, exchange);
    SET_FUNCTION(easy, CURLOPT_SEEKFUNCTION, http_source_seek);
    set_pointer(easy, CURLOPT_SEEKDATA, exchange);
}

static void set_answer(struct http_exchange *exchange, CURL *easy)
{
    SET_FUNCTION(easy, CURLOPT_HEADERFUNCTION, http_answer_header);
    set_pointer(easy, CURLOPT_HEADERDATA, exchange);
    SET_FUNCTION(easy, CURLOPT_WRITEFUNCTION, http_answer_body);
    set_pointer(easy, CURLOPT_WRITEDATA, exchange);
}

void http_set_options(struct http_exchange *exchange)
{
    const struct http_request *request = exchange->ticket->request;
    CURL *easy = exchange->easy;
    http_functions.curl_easy_reset(easy);
    exchange->curl_message[0] = '\0';
    set_pointer(easy, CURLOPT_PRIVATE, exchange);
    set_pointer(easy, CURLOPT_ERRORBUFFER, exchange->curl_message);
    set_connection(exchange->http, easy);
    set_stall(exchange, easy);
    set_tls(exchange, easy);
    set_once(exchange, easy);
    set_pointer(easy, CURLOPT_URL, str_copy(&exchange->arena, request->url).s);
    if (has_body(request)) {
        set_body(exchange, easy);
    } else if (strcmp(request->method, "HEAD") == 0) {
        set_long(easy, CURLOPT_NOBODY, 1);
    }
    set_pointer(easy, CURLOPT_CUSTOMREQUEST, request->method);
    set_pointer(easy, CURLOPT_HTTPHEADER, exchange->headers);
    set_answer(exchange, easy);
}
