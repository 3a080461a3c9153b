/*
 * HTTP/1.1 requests (RFC 9110, 9112), many at a time; libcurl makes them. It is
 * opened with the first client, so that no other run loads it.
 *
 *     struct http *http = NULL;
 *     http_open(arena, &options, &http, err);
 *     http_submit(http, &request);          any number; the requests are the caller's
 *     http_run(http, &work, err);           until all are done and there is no more work
 *     http_close(&http);
 *
 * One loop drives all connections, in the calling thread; http_run() must not be
 * called from within a call that it makes. Whether and when a request is sent
 * again is decided in one place: attempts.h.
 *
 * Redirects are not followed: an authorization is never sent to another host.
 * Bodies are taken as they are (Accept-Encoding: gzip is sent and nothing is
 * decoded). TLS is always verified. No text of a header or an URL is in any
 * message but the host, unless the caller puts it there.
 */
#ifndef STORE_HTTP_H
#define STORE_HTTP_H

#include "base/base.h"
#include "base/str.h"
#include "store/attempts.h"

struct arena;
struct error;
struct http;

#define HTTP_CONNECTIONS_MAX  16
#define HTTP_ERROR_BYTES_MAX  4096  /* of the body of an answer that is no 2xx */
#define HTTP_HEADER_BYTES_MAX 65536 /* of all headers of an answer */

struct http_options {
    unsigned connections_max; /* 0: HTTP_CONNECTIONS_MAX; at most 64 */
    bool allow_plain;         /* http:// too: an emulator, the metadata server */
    bool no_proxy;            /* never through a proxy: the metadata server */
    uint64_t connect_ms;      /* 0: 10 s */
    uint64_t deadline_ms;     /* without progress, over all attempts; 0: attempts.h */
};

/* ERROR_NOT_ALLOWED where libcurl is not there. */
int http_open(struct arena *arena, const struct http_options *options, struct http **http,
              struct error *err) MUST_USE;
void http_close(struct http **http);

/* The body of a request: text, then a piece of a file, then text. It can be sent
 * again from the start. */
struct http_source {
    struct str head;
    int fd; /* -1: none; read with pread(2), not closed */
    uint64_t offset, size_bytes;
    struct str tail;
    /* Sees each piece of the file, in order, each time that it is sent; an error
     * ends the request for good. NULL: nobody. `at` is relative to `offset`. */
    int (*sent)(void *context, uint64_t at, const char *bytes, size_t n, struct error *err);
};

struct http_answer;

/* Where the body of a 2xx answer goes. */
struct http_sink {
    /* NULL: to memory, at most max_bytes (ERROR_LIMIT over it). Else it takes each
     * piece as it comes; an error ends the request for good. */
    int (*take)(void *context, const char *bytes, size_t n, struct error *err);
    size_t max_bytes;
    /* Sees status and headers of a 2xx answer before its first byte; an error ends the
     * request for good. NULL: nobody. */
    int (*begin)(void *context, const struct http_answer *answer, struct error *err);
};

struct http_answer {
    int status; /* 0: none came; see `problem` */
    struct str reason_phrase;
    struct str headers; /* "name: value\n" ..., names in lower case */
    struct str body;    /* to memory; of an answer that is no 2xx its first HTTP_ERROR_BYTES_MAX */
    struct str problem; /* of status 0: what happened, for people ("connection refused") */
    enum attempt_failure failure; /* attempts.h */
    const struct error *error;    /* of ATTEMPT_LOCAL: what ended it; else NULL */
};

/* Who may send: asked before each attempt, told when an answer was 401. Both may
 * block (a token is fetched through a client of its own). */
struct http_authority {
    /* The value of the Authorization header, .n 0: none is sent. The arena lives as
     * long as the attempt. */
    int (*get)(void *context, struct arena *arena, struct str *authorization, struct error *err);
    /* The value was refused. True where another one can be had. */
    bool (*refused)(void *context, struct str authorization);
    void *context;
};

struct http_request {
    const char *method;
    struct str url;
    struct str *headers; /* "name: value" */
    size_t header_count;
    struct http_source source;
    struct http_sink sink;
    const struct http_authority *authority; /* NULL: none */
    bool is_idempotent;                     /* may be sent again when its answer is lost */
    struct attempts *attempts;              /* shared by all requests of one operation */

    /* Before it is sent again, with another authorization too: may change the request
     * (a range, a status query). The answer is that of the attempt that failed. NULL: it
     * is sent as it is. */
    int (*again)(void *context, const struct http_answer *answer, struct error *err);
    /* The final answer: any status, or none (status 0, attempts are used up). May
     * submit new requests, this one too. An error ends http_run(), and so does
     * ATTEMPT_LOCAL, with answer->error where `done` gives none of its own (the same
     * behind a name). The answer lives until the call returns. */
    int (*done)(void *context, const struct http_answer *answer, struct error *err);
    void *context; /* of `again`, `done`, `sent`, `take` */

    void *internal; /* NULL; the client's own while it is submitted */
};

/* The request must stay until its `done` is called or http_run() returns. */
void http_submit(struct http *http, struct http_request *request);

struct http_work {
    /* Called whenever fewer requests than connections are under way; submits more.
     * *more = false: there is nothing left to begin. NULL: none. */
    int (*feed)(void *context, bool *more, struct error *err);
    /* So many more bytes went over, either way, of files and sinks with `take`; may be
     * NULL. Negative when what had been counted has to be sent again. */
    void (*progress)(void *context, int64_t bytes);
    void *context;
};

/* Ends when nothing is under way and there is no more work, at the first error of
 * a call, or at a signal (sys/signals.h): ERROR_INTERRUPTED. What is still under way
 * then is dropped. `work` may be NULL. */
int http_run(struct http *http, const struct http_work *work, struct error *err) MUST_USE;

/* One request alone, the body in memory: the answer is in the arena. `request->done`,
 * `again` and `context` are the call's own. 0 for any answer; ERROR_UNREACHABLE for none. */
int http_fetch(struct http *http, struct arena *arena, struct http_request *request,
               struct http_answer *answer, struct error *err) MUST_USE;

/* The error of an answer with status 0: its own (ATTEMPT_LOCAL), or ERROR_UNREACHABLE,
 * which names the host. Returns -1. */
int http_no_answer(const struct http_request *request, const struct http_answer *answer,
                   struct error *err);

/* The value of a header of an answer; several of one name are joined with ", ";
 * .s NULL where it has none. The name is in lower case. */
struct str http_header(const struct http_answer *answer, struct arena *arena, const char *name);

/* --- URLs (http_url.c; pure) --- */

/* Every byte but A-Z a-z 0-9 - . _ ~ as %XX (RFC 3986). */
struct str url_escape(struct arena *arena, struct str text);
/* "storage.googleapis.com" of an URL, with ":port" where it says one; .n 0 where it is none,
 * or has a name or password in front. */
struct str url_host(struct str url);
bool url_is_loopback(struct str url); /* 127.0.0.0/8, [::1], localhost */

#endif
