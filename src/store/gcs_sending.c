/* One file on its way: what is sent of it, and what the answers mean. */
#include "store/gcs_sending.h"
#include "sys/fd.h"

#include <sys/stat.h>

#define CONTENT_TYPE  "application/octet-stream"
#define CACHE_CONTROL "private, max-age=31536000, immutable"
/* How often a file is sent whose bytes are damaged on their way. */
#define TIMES_MAX 2

/* --- requests --- */

void sending_request(struct sending *sending, const char *method, struct str url,
                     int (*done)(void *context, const struct http_answer *answer,
                                 struct error *err))
{
    gcs_request_begin(sending->uploads->gcs, &sending->arena, &sending->request, method, url,
                      &sending->attempts);
    sending->request.http.done = done;
    sending->request.http.context = sending;
}

void sending_submit(struct sending *sending)
{
    http_submit(sending->uploads->gcs->http, &sending->request.http);
}

struct str sending_metadata(struct sending *sending)
{
    struct gcs_upload_metadata metadata = {
        .name = sending->name,
        .content_type = STR(CONTENT_TYPE),
        .cache_control = STR(CACHE_CONTROL),
        .sha256 = sending->transfer->sha256,
        .attempt = sending->attempt,
        .crc32c = sending->transfer->crc32c,
    };
    return gcs_upload_metadata_format(&sending->arena, &metadata);
}

/* --- what is sent --- */

static int cannot_send(const struct sending *sending, struct error *err)
{
    return gcs_cannot_key(sending->uploads->gcs, GCS_CREATE, sending->transfer->key, err);
}

static int changed(const struct sending *sending, const char *what, struct error *err)
{
    const struct transfer *transfer = sending->transfer;
    return error_set(err, ERROR_DAMAGED,
                     "the file changed while it was published: %s, and should be %ju bytes with "
                     "SHA-256 %.*s",
                     what, (uintmax_t)transfer->size_bytes, STR_ARG(transfer->sha256));
}

/* Before the last byte has gone: a request that lacks it makes no object. */
static int check_sum(struct sending *sending, struct error *err)
{
    char what[128];
    if (sum_is(&sending->sum, sending->transfer)) {
        return 0;
    }
    snprintf(what, sizeof what, "it has %ju bytes with SHA-256 %s",
             (uintmax_t)sending->sum.size_bytes, sending->sum.sha256);
    return changed(sending, what, err);
}

/* Called for what is sent anew only. */
static void tell_progress(struct sending *sending, uint64_t end)
{
    const struct transfer_calls *calls = sending->uploads->calls;
    if (end > sending->told && calls->progress) {
        calls->progress(calls->context, end - sending->told);
    }
    sending->told = end > sending->told ? end : sending->told;
}

int sending_sum(void *context, uint64_t at, const char *bytes, size_t n, struct error *err)
{
    struct sending *sending = context;
    uint64_t from = sending->request.http.source.offset + at;
    if (!sending->sum.has_ended) {
        sum_add(&sending->sum, from, bytes, n);
    }
    tell_progress(sending, from + n);
    return sending->sum.size_bytes == sending->transfer->size_bytes ? check_sum(sending, err) : 0;
}

/* --- in one request --- */

static int insert_done(void *context, const struct http_answer *answer, struct error *err)
{
    return answer->status == 200 || answer->status == 201 ? sending_end(context, answer, err)
                                                          : sending_refused(context, answer, err);
}

static void insert(struct sending *sending)
{
    struct arena *arena = &sending->arena;
    struct str url = gcs_upload_url(&sending->uploads->gcs->place, arena);
    struct str query = gcs_write_query(arena, "multipart", STR("0"));
    struct gcs_multipart body =
        gcs_multipart_make(arena, sending_metadata(sending), STR(CONTENT_TYPE));
    sending_request(sending, "POST", str_format(arena, "%.*s%.*s", STR_ARG(url), STR_ARG(query)),
                    insert_done);
    gcs_request_header(&sending->request, body.content_type);
    sending->request.http.source = (struct http_source){.head = body.head,
                                                        .fd = sending->fd,
                                                        .size_bytes = sending->transfer->size_bytes,
                                                        .tail = body.tail,
                                                        .sent = sending_sum};
    sending_submit(sending);
}

/* --- ends --- */

static int finish(struct sending *sending, const struct gcs_object *object, struct error *err)
{
    struct uploads *uploads = sending->uploads;
    size_t index = sending->index;
    sending->transfer->version = str_copy(uploads->gcs->store.arena, object->generation);
    gcs_session_drop(&sending->session);
    sending_close(sending);
    return uploads->calls->done(uploads->calls->context, index, err);
}

int sending_end(struct sending *sending, const struct http_answer *answer, struct error *err)
{
    struct gcs_store *gcs = sending->uploads->gcs;
    struct str key = sending->transfer->key;
    struct gcs_object object;
    struct error problem;
    if (gcs_object_parse(&sending->arena, answer->body, &object, &problem) != 0) {
        return gcs_strange(gcs, GCS_CREATE, key, problem.message, err);
    }
    if (!gcs_is_same(sending->transfer, &object)) {
        return gcs_strange(gcs, GCS_CREATE, key, "it says that it has other bytes", err);
    }
    return finish(sending, &object, err);
}

void sending_begin(struct sending *sending)
{
    sum_begin(&sending->sum);
    if (sending->transfer->size_bytes > GCS_MULTIPART_BYTES_MAX) {
        sending_resume(sending);
    } else {
        insert(sending);
    }
}

/* What stood in the way of this sending: its own object, whose answer was lost, or the
 * same bytes from another run, or others. */
static int look_done(void *context, const struct http_answer *answer, struct error *err)
{
    struct sending *sending = context;
    struct gcs_store *gcs = sending->uploads->gcs;
    struct gcs_object object;
    struct error problem;
    if (answer->status == 404 && ++sending->times < TIMES_MAX) {
        sending_begin(sending); /* it was removed meanwhile */
        return 0;
    }
    if (answer->status != 200) {
        gcs_refused(gcs, GCS_READ, sending->transfer->key, false, answer, err);
        return error_prefix(err, "there is already something where a file is to be published");
    }
    if (gcs_object_parse(&sending->arena, answer->body, &object, &problem) != 0) {
        return gcs_strange(gcs, GCS_READ, sending->transfer->key, problem.message, err);
    }
    if (!gcs_is_same(sending->transfer, &object)) {
        return gcs_say_other_bytes(gcs, sending->transfer, &object, err);
    }
    sending->transfer->was_there = !str_equal(object.attempt, sending->attempt);
    return finish(sending, &object, err);
}

int sending_refused(struct sending *sending, const struct http_answer *answer, struct error *err)
{
    struct gcs_store *gcs = sending->uploads->gcs;
    if (answer->failure == ATTEMPT_LOCAL) {
        *err = *answer->error;
        return err->kind == ERROR_INTERRUPTED ? -1 : cannot_send(sending, err);
    }
    if (answer->status == 412) {
        gcs_look_begin(gcs, &sending->arena, &sending->request, sending->name, &sending->attempts);
        sending->request.http.done = look_done;
        sending->request.http.context = sending;
        sending_submit(sending);
        return 0;
    }
    /* What was sent had the right digest: it was damaged on its way, or the file changed
     * and was sent again. The second time tells. */
    if (gcs_is_mismatch(&sending->arena, answer) && ++sending->times < TIMES_MAX) {
        gcs_session_drop(&sending->session);
        sending_begin(sending);
        return 0;
    }
    return gcs_refused(gcs, GCS_CREATE, sending->transfer->key, false, answer, err);
}

/* --- the beginning and the end --- */

static int check_file(const struct sending *sending, struct error *err)
{
    struct stat st;
    if (fstat(sending->fd, &st) == 0 && (uint64_t)st.st_size != sending->transfer->size_bytes) {
        char what[64];
        snprintf(what, sizeof what, "it has %jd bytes", (intmax_t)st.st_size);
        return changed(sending, what, err);
    }
    return 0;
}

int sending_open(struct sending *sending, struct error *err)
{
    const struct uploads *uploads = sending->uploads;
    struct transfer *transfer = sending->transfer;
    if (uploads->calls->open(uploads->calls->context, sending->index, &sending->fd, err) != 0) {
        return -1;
    }
    if (gcs_name(&uploads->gcs->place, &sending->arena, transfer->key, &sending->name, err) != 0 ||
        check_file(sending, err) != 0 ||
        (transfer->size_bytes == 0 && check_sum(sending, err) != 0)) {
        return cannot_send(sending, err);
    }
    return 0;
}

void sending_close(struct sending *sending)
{
    gcs_session_close(&sending->session);
    fd_close(&sending->fd);
    arena_free(&sending->arena);
    sending->uploads = NULL;
}
