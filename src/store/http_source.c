/* The body of a request, as libcurl asks for it. */
#include "store/http_parts.h"

#include <errno.h>
#include <unistd.h>

uint64_t http_source_bytes(const struct http_source *source)
{
    return source->head.n + (source->fd >= 0 ? source->size_bytes : 0) + source->tail.n;
}

uint64_t http_source_file_bytes(const struct http_source *source, uint64_t position)
{
    uint64_t size_bytes = source->fd >= 0 ? source->size_bytes : 0;

    if (position <= source->head.n) {
        return 0;
    }
    position -= source->head.n;
    return position < size_bytes ? position : size_bytes;
}

/* Some of the file from `at` on; 0 bytes is an error. */
static size_t read_file(struct http_exchange *exchange, uint64_t at, char *bytes, size_t n)
{
    const struct http_request *request = exchange->ticket->request;
    const struct http_source *source = &request->source;
    struct error *problem = &exchange->problem;
    ssize_t got;
    do {
        got = pread(source->fd, bytes, n, (off_t)(source->offset + at));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        if (got < 0) {
            error_errno(problem, errno, "cannot read the file that is sent");
        } else {
            error_set(problem, ERROR_DAMAGED, "the file became shorter while it was sent");
        }
        return 0;
    }
    if (source->sent && source->sent(request->context, at, bytes, (size_t)got, problem) != 0) {
        return 0;
    }
    exchange->http->moved_bytes += got;
    return (size_t)got;
}

/* Some of what stands at the position, at most n bytes; 0 at the end or with a
 * problem. */
static size_t read_some(struct http_exchange *exchange, char *bytes, size_t n)
{
    const struct http_source *source = &exchange->ticket->request->source;
    uint64_t position = exchange->position;
    uint64_t file_end = http_source_bytes(source) - source->tail.n;
    struct str text;
    if (position < source->head.n) {
        text = str_slice(source->head, (size_t)position, n);
    } else if (position < file_end) {
        uint64_t left = file_end - position;
        return read_file(exchange, position - source->head.n, bytes, left < n ? (size_t)left : n);
    } else {
        text = str_slice(source->tail, (size_t)(position - file_end), n);
    }
    if (text.n > 0) {
        memcpy(bytes, text.s, text.n);
    }
    return text.n;
}

size_t http_source_read(char *buffer, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    size_t room = size * count;
    size_t filled = 0;

    while (filled < room) {
        size_t n = read_some(exchange, buffer + filled, room - filled);
        if (n == 0) {
            break;
        }
        filled += n;
        exchange->position += n;
    }
    return exchange->problem.kind != ERROR_NONE ? CURL_READFUNC_ABORT : filled;
}

int http_source_seek(void *context, curl_off_t offset, int origin)
{
    struct http_exchange *exchange = context;
    const struct http_source *source = &exchange->ticket->request->source;

    if (origin != SEEK_SET || offset < 0) {
        return CURL_SEEKFUNC_FAIL;
    }
    exchange->http->moved_bytes += (int64_t)http_source_file_bytes(source, (uint64_t)offset) -
                                   (int64_t)http_source_file_bytes(source, exchange->position);
    exchange->position = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}
