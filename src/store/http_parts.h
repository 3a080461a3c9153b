/* What the files of http.h share: the functions of libcurl, a client and one
 * attempt at a request. */
#ifndef STORE_HTTP_PARTS_H
#define STORE_HTTP_PARTS_H

#include "base/arena.h"
#include "base/error.h"
#include "store/http.h"

/* The checks of types are macros, which a pointer to a function cannot have
 * (http_set_* has them instead); the options that are deprecated are those that
 * every version knows. */
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

#define HTTP_FUNCTIONS(FUNCTION)       \
    FUNCTION(curl_easy_cleanup)        \
    FUNCTION(curl_easy_getinfo)        \
    FUNCTION(curl_easy_init)           \
    FUNCTION(curl_easy_reset)          \
    FUNCTION(curl_easy_setopt)         \
    FUNCTION(curl_easy_strerror)       \
    FUNCTION(curl_global_init)         \
    FUNCTION(curl_multi_add_handle)    \
    FUNCTION(curl_multi_cleanup)       \
    FUNCTION(curl_multi_info_read)     \
    FUNCTION(curl_multi_init)          \
    FUNCTION(curl_multi_perform)       \
    FUNCTION(curl_multi_poll)          \
    FUNCTION(curl_multi_remove_handle) \
    FUNCTION(curl_multi_setopt)

struct http_functions {
#define HTTP_MEMBER(name) __typeof__(name) *(name);
    HTTP_FUNCTIONS(HTTP_MEMBER)
#undef HTTP_MEMBER
};

extern struct http_functions http_functions;

/* Opens libcurl, once. */
int http_ready(struct error *err) MUST_USE;

#define HTTP_CONNECTIONS_LIMIT 64

/* A request from http_submit() to its final answer. */
struct http_ticket {
    struct http_request *request;
    struct attempts own_attempts; /* where the request shares none */
    uint64_t due_ms;              /* not to be sent before */
    struct http_ticket *next;
};

struct http_queue {
    struct http_ticket *first, *last;
    size_t count;
};

/* One attempt at a request. The handle of libcurl is kept for the next one. */
struct http_exchange {
    struct http *http;
    struct http_exchange *next; /* among those that are idle */
    struct http_ticket *ticket; /* NULL: idle */
    CURL *easy;
    char curl_message[CURL_ERROR_SIZE];

    struct arena arena; /* back at `empty` when the attempt is over */
    struct arena_mark empty;
    struct curl_slist *headers;
    struct str authorization;
    uint64_t position; /* in the body of the request: what libcurl took */
    unsigned times_sent;
    uint64_t still_ms;    /* since when it has not moved on; 0: it is not known yet */
    uint64_t still_bytes; /* that had gone over by then, either way */
    bool is_too_still;
    bool asks_folder; /* of certificates too */

    struct buf header_lines, body;
    size_t header_bytes;
    size_t error_bytes; /* of an answer that is no 2xx */
    uint64_t taken_bytes;
    bool is_answered; /* status and headers of the final answer are there */
    struct http_answer answer;
    struct error problem; /* of a call, a file or a limit; kind 0: none */
};

struct http {
    struct arena *arena;
    struct http_options options;                         /* without zeros */
    const char *certificates_file, *certificates_folder; /* NULL: libcurl's own */
    bool asks_folder;                                    /* the file alone did not do */
    CURLM *multi;
    struct http_exchange *exchanges; /* options.connections_max */
    struct http_exchange *idle;
    size_t under_way;
    struct http_ticket *free_tickets;
    struct http_queue ready, waiting;
    uint64_t next_due_ms;     /* of those that wait, or earlier */
    uint64_t submitted_count; /* ever */
    int64_t moved_bytes;      /* not told to `progress` yet */
    bool is_running;
};

/* --- http_queue.c --- */

void http_queue_push(struct http_queue *queue, struct http_ticket *ticket);
void http_queue_push_front(struct http_queue *queue, struct http_ticket *ticket);
struct http_ticket *http_queue_pop(struct http_queue *queue); /* NULL: it is empty */
/* What waits and is due becomes ready, before all that is ready. */
void http_wake_due(struct http *http, uint64_t now_ms);
void http_wait(struct http *http, struct http_ticket *ticket);

/* --- http_exchange.c --- */

/* Sets everything up for the request of the ticket. An error is in
 * exchange->problem. */
void http_exchange_begin(struct http_exchange *exchange, struct http_ticket *ticket);
/* Fills in what the answer has not yet: a failure, a problem, the body. */
void http_exchange_end(struct http_exchange *exchange, CURLcode code);
/* Ready for another ticket. */
void http_exchange_clear(struct http_exchange *exchange);

/* --- http_options.c --- */

void http_set_options(struct http_exchange *exchange);

/* --- http_source.c --- */

/* Callbacks of libcurl; the context is an exchange. */
size_t http_source_read(char *buffer, size_t size, size_t count, void *context);
int http_source_seek(void *context, curl_off_t offset, int origin);
uint64_t http_source_bytes(const struct http_source *source);
/* What of the file is in the first `position` bytes of the body. */
uint64_t http_source_file_bytes(const struct http_source *source, uint64_t position);

/* --- http_answer.c --- */

/* Callbacks of libcurl; the context is an exchange. */
size_t http_answer_header(char *line, size_t size, size_t count, void *context);
size_t http_answer_body(char *bytes, size_t size, size_t count, void *context);

/* --- http_failure.c --- */

/* What the code means for a request of which something may have been sent. */
enum attempt_failure http_failure_kind(CURLcode code, bool was_sent);
/* For people, in the exchange's arena. */
struct str http_failure_text(struct http_exchange *exchange, CURLcode code, bool was_sent);

#endif
