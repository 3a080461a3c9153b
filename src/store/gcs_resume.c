/*
 * Large uploads: a session that is begun once, then all bytes in one request. Where
 * that is cut off, the server is asked what it kept, and the rest is sent; a session
 * that it does not know any more is begun anew.
 */
#include "store/gcs_sending.h"
#include "sys/host.h"
#include "sys/signals.h"

#include <errno.h>
#include <unistd.h>

/* A session that is gone says nothing of the bucket; but one after the other means
 * that something is wrong. */
#define SESSIONS_MAX   3
#define STANDSTILL_MAX 8
#define BLOCK_BYTES    ((size_t)256 << 10)

static int start_done(void *context, const struct http_answer *answer, struct error *err);
static int put_done(void *context, const struct http_answer *answer, struct error *err);
static int put_again(void *context, const struct http_answer *answer, struct error *err);
static int ask_done(void *context, const struct http_answer *answer, struct error *err);

static int strange(const struct sending *sending, const char *what, struct error *err)
{
    return gcs_strange(sending->uploads->gcs, GCS_CREATE, sending->transfer->key, what, err);
}

/* --- the requests --- */

static void start(struct sending *sending)
{
    struct arena *arena = &sending->arena;
    struct str url = gcs_upload_url(&sending->uploads->gcs->place, arena);
    struct str query = gcs_write_query(arena, "resumable", STR("0"));
    sending->sessions++;
    sending->kept = 0;
    sending_request(sending, "POST", str_format(arena, "%.*s%.*s", STR_ARG(url), STR_ARG(query)),
                    start_done);
    gcs_request_header(&sending->request, STR("content-type: application/json; charset=UTF-8"));
    gcs_request_header(&sending->request, STR("x-upload-content-type: application/octet-stream"));
    gcs_request_header(&sending->request, str_format(arena, "x-upload-content-length: %ju",
                                                     (uintmax_t)sending->transfer->size_bytes));
    sending->request.http.source.head = sending_metadata(sending);
    sending_submit(sending);
}

/* Makes the request a question: how much is there? */
static void make_question(struct sending *sending)
{
    sending_request(sending, "PUT", sending->session.uri, ask_done);
    gcs_request_header(&sending->request, str_format(&sending->arena, "content-range: bytes */%ju",
                                                     (uintmax_t)sending->transfer->size_bytes));
}

static void ask(struct sending *sending)
{
    make_question(sending);
    sending_submit(sending);
}

/* What an earlier run sent was not summed up in this one. */
static int sum_kept(struct sending *sending, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    char *block = arena_alloc(&scratch, BLOCK_BYTES);
    struct sum *sum = &sending->sum;
    while (sum->size_bytes < sending->kept) {
        uint64_t left = sending->kept - sum->size_bytes;
        size_t wanted = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        ssize_t got = pread(sending->fd, block, wanted, (off_t)sum->size_bytes);
        if (signals_check(err) != 0) {
            return -1;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            error_set(err, ERROR_DAMAGED, "the file became shorter while it was published");
            return gcs_cannot_key(sending->uploads->gcs, GCS_CREATE, sending->transfer->key, err);
        }
        sum_add(sum, sum->size_bytes, block, (size_t)got);
    }
    return 0;
}

static int put(struct sending *sending, struct error *err)
{
    struct arena *arena = &sending->arena;
    uint64_t size_bytes = sending->transfer->size_bytes;
    if (sum_kept(sending, err) != 0) {
        return -1;
    }
    sending_request(sending, "PUT", sending->session.uri, put_done);
    gcs_request_header(&sending->request,
                       str_format(arena, "content-range: bytes %ju-%ju/%ju",
                                  (uintmax_t)sending->kept, (uintmax_t)(size_bytes - 1),
                                  (uintmax_t)size_bytes));
    gcs_request_header(&sending->request,
                       str_format(arena, "x-goog-hash: crc32c=%.*s",
                                  STR_ARG(gcs_crc32c_format(arena, sending->transfer->crc32c))));
    sending->request.http.again = put_again;
    sending->request.http.source = (struct http_source){.fd = sending->fd,
                                                        .offset = sending->kept,
                                                        .size_bytes = size_bytes - sending->kept,
                                                        .sent = sending_sum};
    sending_submit(sending);
    return 0;
}

/* --- the answers --- */

static bool is_success(const struct http_answer *answer)
{
    return answer->status == 200 || answer->status == 201;
}

static bool is_gone(const struct http_answer *answer)
{
    return answer->status == 404 || answer->status == 410 || answer->status == 499;
}

static int begin_anew(struct sending *sending, struct error *err)
{
    gcs_session_drop(&sending->session);
    if (sending->sessions == SESSIONS_MAX) {
        return strange(sending, "no session that it begins lasts", err);
    }
    start(sending);
    return 0;
}

static int start_done(void *context, const struct http_answer *answer, struct error *err)
{
    struct sending *sending = context;
    if (!is_success(answer)) {
        return sending_refused(sending, answer, err);
    }
    struct str uri = http_header(answer, &sending->arena, "location");
    if (!gcs_session_uri_is_own(sending->uploads->gcs->place.endpoint, uri)) {
        return strange(sending, "the session that it begins is not on that host", err);
    }
    sending->session.uri = uri;
    gcs_session_keep(&sending->session, uri);
    return put(sending, err);
}

/* Notes how much is kept; more than before starts the patience anew. */
static int take_kept(struct sending *sending, const struct http_answer *answer, struct error *err)
{
    uint64_t kept;
    if (!gcs_range_kept(http_header(answer, &sending->arena, "range"), &kept) ||
        kept > sending->transfer->size_bytes) {
        return strange(sending, "what it has kept of the file makes no sense", err);
    }
    if (kept > sending->kept) {
        attempts_progress(&sending->attempts, (uint64_t)host_monotonic_ms());
        sending->standstill = 0;
    } else if (++sending->standstill > STANDSTILL_MAX) {
        return strange(sending, "it keeps no more of the file, again and again", err);
    }
    sending->kept = kept;
    return 0;
}

/* Every answer but that some of the file is still to come. */
static int take_end(struct sending *sending, const struct http_answer *answer, struct error *err)
{
    if (is_success(answer)) {
        return sending_end(sending, answer, err);
    }
    return is_gone(answer) ? begin_anew(sending, err) : sending_refused(sending, answer, err);
}

static int ask_done(void *context, const struct http_answer *answer, struct error *err)
{
    struct sending *sending = context;
    if (answer->status != 308) {
        return take_end(sending, answer, err);
    }
    if (take_kept(sending, answer, err) != 0) {
        return -1;
    }
    /* It has all, and made no object of it. */
    return sending->kept == sending->transfer->size_bytes ? begin_anew(sending, err)
                                                          : put(sending, err);
}

/* 308 without a Range tells nothing here: the server is asked. */
static int put_done(void *context, const struct http_answer *answer, struct error *err)
{
    struct sending *sending = context;
    if (answer->status != 308) {
        return take_end(sending, answer, err);
    }
    ask(sending);
    return 0;
}

/* The bytes may have arrived, and the answer been lost. */
static int put_again(void *context, const struct http_answer *answer, struct error *err)
{
    struct sending *sending = context;
    void *internal = sending->request.http.internal;
    (void)answer, (void)err;
    make_question(sending);
    sending->request.http.internal = internal;
    return 0;
}

void sending_resume(struct sending *sending)
{
    const struct gcs_store *gcs = sending->uploads->gcs;
    struct gcs_session_of of = {
        .endpoint = gcs->place.endpoint,
        .address = gcs_address(&gcs->place, &sending->arena, sending->transfer->key),
        .sha256 = sending->transfer->sha256,
        .size_bytes = sending->transfer->size_bytes,
    };
    gcs_session_close(&sending->session);
    gcs_session_open(&sending->arena, gcs->settings.state_folder, &of, &sending->session);
    if (sending->session.uri.n > 0) {
        ask(sending);
    } else {
        start(sending);
    }
}
