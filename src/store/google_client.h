/*
 * How credentials ask for tokens: one request with its body and answer in memory,
 * sent again where a service is out of order (attempts.h). No proxy sees what stays
 * on this machine.
 *
 *     google_client_ask(client, arena, &question, &answer, err);
 */
#ifndef STORE_GOOGLE_CLIENT_H
#define STORE_GOOGLE_CLIENT_H

#include "base/base.h"
#include "base/str.h"
#include "store/http.h"

struct arena;
struct error;

struct google_client {
    struct arena *arena;
    struct http *far;  /* opened with the first request that needs it */
    struct http *near; /* the same, never through a proxy */
    /* What is to be said once, .n 0: nothing; in the arena. */
    struct str remark;
};

void google_client_close(struct google_client *client);

#define GOOGLE_HEADERS_MAX 32

struct google_question {
    const char *what; /* for messages: "a token", "the subject token" */
    struct str url;
    struct str form; /* .s NULL: it is a GET, else a POST of this, a form or JSON */
    bool is_json;
    struct str headers[GOOGLE_HEADERS_MAX]; /* "name: value", besides Content-Type */
    size_t header_count;
    bool (*may_fail)(const struct http_answer *answer); /* NULL: no; see _ask() */
    /* What the answer may not be quoted with in a message. */
    struct str secrets[4];
    const char *next_step; /* the help where the credentials are refused; may be NULL */
    bool is_near;          /* plain http is allowed and no proxy asked, wherever it is */
};

/* One more header; "name: " and the value. */
void google_question_add(struct google_question *question, struct arena *arena, const char *name,
                         struct str value);

/* The answer is in the arena, which the caller wipes. One that is no 2xx is an error:
 * ERROR_NOT_ALLOWED with what the service says of it, ERROR_UNREACHABLE for a 5xx that
 * stays and for none at all; but 0 where the question says that this one may fail. */
int google_client_ask(struct google_client *client, struct arena *arena,
                      const struct google_question *question, struct http_answer *answer,
                      struct error *err) MUST_USE;

/* "&name=value", the value escaped; without "&" in an empty form. */
void google_form_add(struct buf *form, const char *name, struct str value);

#endif
