/* One attempt at a request: its headers, and what became of it. */
#include "store/http_parts.h"

static bool has_control_character(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.s[i] < 0x20 || text.s[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

/* libcurl keeps no copy of the list. Nothing of the header is in the message: it may
 * be a secret. */
static int add_header(struct http_exchange *exchange, struct str line)
{
    if (has_control_character(line)) {
        return error_set(&exchange->problem, ERROR_FAILED,
                         "a header of the request has a control character");
    }
    struct curl_slist *header = arena_alloc(&exchange->arena, sizeof *header);
    header->data = arena_copy(&exchange->arena, line.s, line.n);
    header->next = exchange->headers;
    exchange->headers = header;
    return 0;
}

static int add_authorization(struct http_exchange *exchange)
{
    const struct http_authority *authority = exchange->ticket->request->authority;
    struct arena *arena = &exchange->arena;

    if (!authority) {
        return 0;
    }
    if (authority->get(authority->context, arena, &exchange->authorization, &exchange->problem) !=
        0) {
        return -1;
    }
    if (exchange->authorization.n == 0) {
        return 0;
    }
    return add_header(exchange,
                      str_format(arena, "Authorization: %.*s", STR_ARG(exchange->authorization)));
}

static bool has_header(const struct http_request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct str *line = &request->headers[i];
        if (line->n > name.n && strncasecmp(line->s, name.s, name.n) == 0) {
            return true;
        }
    }
    return false;
}

/* "Expect:" keeps libcurl from waiting for a leave to send. */
static int make_headers(struct http_exchange *exchange)
{
    const struct http_request *request = exchange->ticket->request;
    exchange->headers = NULL;
    if (add_authorization(exchange) != 0 || add_header(exchange, STR("Expect:")) != 0) {
        return -1;
    }
    if (!has_header(request, STR("accept-encoding:")) &&
        add_header(exchange, STR("Accept-Encoding: gzip")) != 0) {
        return -1;
    }
    for (size_t i = request->header_count; i-- > 0;) {
        if (add_header(exchange, request->headers[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

void http_exchange_begin(struct http_exchange *exchange, struct http_ticket *ticket)
{
    exchange->ticket = ticket;
    exchange->header_lines = buf_make(&exchange->arena, HTTP_HEADER_BYTES_MAX);
    exchange->body = buf_make(&exchange->arena, HTTP_ERROR_BYTES_MAX);
    if (has_control_character(ticket->request->url)) {
        error_set(&exchange->problem, ERROR_FAILED, "the URL has a control character");
        return;
    }
    if (make_headers(exchange) == 0) {
        http_set_options(exchange);
    }
}

/* Whether something of the request may have arrived. */
static bool was_sent(const struct http_exchange *exchange)
{
    long sent_bytes = 0;

    http_functions.curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    return sent_bytes > 0;
}

static void fail(struct http_exchange *exchange, CURLcode code)
{
    struct http_answer *answer = &exchange->answer;
    struct error *problem = &exchange->problem;
    answer->status = 0;
    answer->failure = ATTEMPT_LOCAL;
    if (problem->kind == ERROR_NONE) {
        bool may_have_arrived = was_sent(exchange);
        answer->failure = http_failure_kind(code, may_have_arrived);
        answer->problem = http_failure_text(exchange, code, may_have_arrived);
    }
    if (answer->failure == ATTEMPT_LOCAL) {
        if (problem->kind == ERROR_NONE) {
            error_set(problem, ERROR_USAGE, "%.*s", STR_ARG(answer->problem));
        }
        answer->problem = str_from(problem->message);
        answer->error = problem;
    }
}

/* An answer that is no 2xx counts although the connection broke in its body, or
 * while the request was still sent: a server that refuses need not listen. */
void http_exchange_end(struct http_exchange *exchange, CURLcode code)
{
    struct http_answer *answer = &exchange->answer;
    bool is_refusal = exchange->is_answered && (answer->status < 200 || answer->status > 299);

    /* For libcurl an answer may end amid its headers. */
    if (code == CURLE_OK && !exchange->is_answered) {
        code = CURLE_PARTIAL_FILE;
    }
    if (code == CURLE_ABORTED_BY_CALLBACK && exchange->is_too_still) {
        code = CURLE_OPERATION_TIMEDOUT;
    }
    answer->headers = buf_str(&exchange->header_lines);
    answer->body = buf_str(&exchange->body);
    answer->failure = ATTEMPT_ANSWERED;
    if (exchange->problem.kind != ERROR_NONE || (code != CURLE_OK && !is_refusal)) {
        fail(exchange, code);
    }
}

void http_exchange_clear(struct http_exchange *exchange)
{
    arena_rewind(&exchange->arena, exchange->empty);
    exchange->ticket = NULL;
    exchange->headers = NULL;
    exchange->authorization = (struct str){0};
    exchange->position = 0;
    exchange->times_sent = 0;
    exchange->header_bytes = 0;
    exchange->error_bytes = 0;
    exchange->taken_bytes = 0;
    exchange->is_answered = false;
    exchange->answer = (struct http_answer){0};
    exchange->problem.kind = ERROR_NONE;
    exchange->problem.help[0] = '\0';
}
