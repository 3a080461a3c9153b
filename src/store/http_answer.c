/* An answer as it comes in: status, headers, body. */
#include "store/http_parts.h"

#include <ctype.h>

/* So much of the body of an answer that is no 2xx is read and dropped, so that the
 * connection can be kept; what has more is cut off. */
#define ERROR_BODY_READ_MAX ((size_t)1 << 20)

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

/* "HTTP/1.1 200 OK". What came before was a 100 Continue. */
static void begin_answer(struct http_exchange *exchange, struct str line)
{
    struct str version;
    struct str rest = {0};
    struct str status;
    struct str phrase;
    int64_t number = 0;
    str_cut(line, ' ', &version, &rest);
    str_cut(rest, ' ', &status, &phrase);
    if (status.n != 3 || !str_to_int64(status, &number)) {
        number = 0;
    }
    exchange->header_lines.n = 0;
    exchange->answer.status = (int)number;
    exchange->answer.reason_phrase = str_copy(&exchange->arena, phrase);
}

static void add_header(struct buf *lines, struct str line)
{
    struct str name;
    struct str value;
    /* A line that goes on with the one before (RFC 9112, 5.2: obsolete) is dropped. */
    if (isspace((unsigned char)line.s[0]) || !str_cut(line, ':', &name, &value)) {
        return;
    }
    for (size_t i = 0; i < name.n; i++) {
        buf_add_char(lines, (char)tolower((unsigned char)name.s[i]));
    }
    buf_add(lines, STR(": "));
    buf_add(lines, str_trim(value));
    buf_add_char(lines, '\n');
}

static int end_headers(struct http_exchange *exchange)
{
    const struct http_request *request = exchange->ticket->request;
    int status = exchange->answer.status;

    if (status < 200 || exchange->is_answered) {
        return 0;
    }
    exchange->is_answered = true;
    if (is_success(status)) {
        exchange->body.max_bytes = request->sink.max_bytes;
    }
    if (!is_success(status) || !request->sink.begin) {
        return 0;
    }
    exchange->answer.headers = buf_str(&exchange->header_lines);
    return request->sink.begin(request->context, &exchange->answer, &exchange->problem);
}

size_t http_answer_header(char *line, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    size_t n = size * count;
    struct str text = str_trim((struct str){line, n});

    exchange->header_bytes += n;
    if (exchange->header_bytes > HTTP_HEADER_BYTES_MAX) {
        error_set(&exchange->problem, ERROR_LIMIT,
                  "the headers of the answer have more than %d bytes", HTTP_HEADER_BYTES_MAX);
        return 0;
    }
    if (text.n == 0) {
        return end_headers(exchange) == 0 ? n : 0;
    }
    if (!exchange->is_answered && str_starts(text, STR("HTTP/"))) {
        begin_answer(exchange, text);
    } else {
        add_header(&exchange->header_lines, (struct str){line, n});
    }
    return n;
}

static size_t keep_error(struct http_exchange *exchange, struct str piece)
{
    exchange->error_bytes += piece.n;
    buf_add(&exchange->body, piece); /* cut at its maximum */
    return exchange->error_bytes > ERROR_BODY_READ_MAX ? 0 : piece.n;
}

size_t http_answer_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    const struct http_request *request = exchange->ticket->request;
    const struct http_sink *sink = &request->sink;
    struct str piece = {bytes, size * count};

    if (!is_success(exchange->answer.status)) {
        return keep_error(exchange, piece);
    }
    if (!sink->take) {
        buf_add(&exchange->body, piece);
        if (exchange->body.truncated) {
            error_set(&exchange->problem, ERROR_LIMIT, "the answer has more than %zu bytes",
                      sink->max_bytes);
            return 0;
        }
        return piece.n;
    }
    if (sink->take(request->context, piece.s, piece.n, &exchange->problem) != 0) {
        return 0;
    }
    exchange->taken_bytes += piece.n;
    exchange->http->moved_bytes += (int64_t)piece.n;
    return piece.n;
}

struct str http_header(const struct http_answer *answer, struct arena *arena, const char *name)
{
    struct buf value = buf_make(arena, HTTP_HEADER_BYTES_MAX);
    struct str rest = answer->headers;
    struct str line;
    struct str line_name;
    struct str line_value;
    bool found = false;

    while (rest.n > 0) {
        str_cut(rest, '\n', &line, &rest);
        str_cut(line, ':', &line_name, &line_value);
        if (!str_is(line_name, name)) {
            continue;
        }
        if (found) {
            buf_add(&value, STR(", "));
        }
        buf_add(&value, str_trim(line_value));
        found = true;
    }
    return found ? buf_str(&value) : (struct str){0};
}
