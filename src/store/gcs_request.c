/* Single requests, and what is said when one fails. */
#include "store/gcs_parts.h"

#include "sys/host.h"

#include <stdlib.h>

#define OBJECT_BYTES_MAX ((size_t)1 << 20)

/* --- making them --- */

void gcs_request_header(struct gcs_request *request, struct str header)
{
    if (request->http.header_count == GCS_HEADERS_MAX) {
        BUG("more than %d headers", GCS_HEADERS_MAX);
    }
    request->headers[request->http.header_count++] = header;
}

void gcs_request_begin(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
                       const char *method, struct str url, struct attempts *attempts)
{
    struct str project = google_auth_quota_project(gcs->auth);
    *request = (struct gcs_request){.http = {.method = method,
                                             .url = url,
                                             .source = {.fd = -1},
                                             .sink = {.max_bytes = OBJECT_BYTES_MAX},
                                             .authority = google_auth_authority(gcs->auth),
                                             .is_idempotent = true,
                                             .attempts = attempts}};
    request->http.headers = request->headers;
    gcs_request_header(
        request, str_format(arena, "x-goog-gcs-idempotency-token: %.*s", STR_ARG(gcs_uuid(arena))));
    if (project.n > 0) {
        gcs_request_header(request,
                           str_format(arena, "x-goog-user-project: %.*s", STR_ARG(project)));
    }
}

struct str gcs_write_query(struct arena *arena, const char *upload_type, struct str generation)
{
    struct str fields = url_escape(arena, STR(GCS_OBJECT_FIELDS));
    return str_format(arena, "?uploadType=%s&ifGenerationMatch=%.*s&prettyPrint=false&fields=%.*s",
                      upload_type, STR_ARG(generation), STR_ARG(fields));
}

struct gcs_multipart gcs_multipart_make(struct arena *arena, struct str metadata,
                                        struct str content_type)
{
    struct str boundary = host_random_id(arena);
    return (struct gcs_multipart){
        .content_type = str_format(arena, "content-type: multipart/related; boundary=\"%.*s\"",
                                   STR_ARG(boundary)),
        .head = str_format(arena,
                           "--%.*s\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n"
                           "%.*s\r\n--%.*s\r\ncontent-type: %.*s\r\n\r\n",
                           STR_ARG(boundary), STR_ARG(metadata), STR_ARG(boundary),
                           STR_ARG(content_type)),
        .tail = str_format(arena, "\r\n--%.*s--\r\n", STR_ARG(boundary)),
    };
}

bool gcs_is_mismatch(struct arena *arena, const struct http_answer *answer)
{
    struct gcs_complaint complaint = gcs_complaint_of(arena, answer);
    return answer->status == 400 && str_contains(complaint.message, STR("match calculated"));
}

/* --- what is said --- */

static struct gcs_subject subject_of(const struct gcs_store *gcs, struct arena *arena,
                                     enum gcs_doing doing, struct str key)
{
    return (struct gcs_subject){.doing = doing,
                                .address = gcs_address(&gcs->place, arena, key),
                                .bucket = gcs->place.bucket,
                                .host = url_host(gcs->place.endpoint),
                                .who = google_auth_describe(gcs->auth, arena),
                                .next_step = google_auth_next_step(gcs->auth, arena)};
}

/* Whoever may not look at the bucket is told by a 403 that it is there. */
static bool bucket_is_missing(struct gcs_store *gcs, struct arena *arena)
{
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer = {0};
    struct error ignored;
    struct str url = gcs_bucket_url(&gcs->place, arena);
    gcs_request_begin(gcs, arena, &request, "GET",
                      str_format(arena, "%.*s?fields=name", STR_ARG(url)), &attempts);
    return http_fetch(gcs->http, arena, &request.http, &answer, &ignored) == 0 &&
           answer.status == 404;
}

int gcs_refused(struct gcs_store *gcs, enum gcs_doing doing, struct str key, bool may_ask,
                const struct http_answer *answer, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_subject subject = subject_of(gcs, &scratch, doing, key);
    if (gcs_may_lack_bucket(doing, answer) && (!may_ask || bucket_is_missing(gcs, &scratch))) {
        return gcs_no_bucket(&subject, err);
    }
    return gcs_problem(&subject, answer, err);
}

int gcs_strange(const struct gcs_store *gcs, enum gcs_doing doing, struct str key, const char *what,
                struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_subject subject = subject_of(gcs, &scratch, doing, key);
    return gcs_not_understood(&subject, what, err);
}

int gcs_cannot_key(const struct gcs_store *gcs, enum gcs_doing doing, struct str key,
                   struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_subject subject = {.doing = doing,
                                  .address = gcs_address(&gcs->place, &scratch, key)};
    return gcs_cannot(&subject, err);
}

/* --- making one alone --- */

/* Every use of a store begins with a call, and a token is made for it. */
static void say_remark(struct gcs_store *gcs)
{
    struct str remark = google_auth_remark(gcs->auth);
    if (remark.n > 0 && !gcs->has_remarked && gcs->settings.say) {
        gcs->settings.say(gcs->settings.say_context, remark);
        gcs->has_remarked = true;
    }
}

int gcs_call(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
             enum gcs_doing doing, struct str key, struct http_answer *answer, struct error *err)
{
    *answer = (struct http_answer){0};
    int status = http_fetch(gcs->http, arena, &request->http, answer, err);
    say_remark(gcs);
    if (status == 0) {
        return 0;
    }
    if (answer->problem.n > 0 && answer->failure != ATTEMPT_LOCAL) {
        return gcs_refused(gcs, doing, key, false, answer, err);
    }
    return err->kind == ERROR_INTERRUPTED ? -1 : gcs_cannot_key(gcs, doing, key, err);
}

void gcs_look_begin(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
                    struct str name, struct attempts *attempts)
{
    struct str url = gcs_object_url(&gcs->place, arena, name);
    url = str_format(arena, "%.*s?prettyPrint=false&projection=noAcl&fields=%.*s", STR_ARG(url),
                     STR_ARG(url_escape(arena, STR(GCS_OBJECT_FIELDS))));
    gcs_request_begin(gcs, arena, request, "GET", url, attempts);
}

int gcs_look(struct gcs_store *gcs, struct arena *arena, struct str key, struct gcs_object *object,
             struct error *err)
{
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer;
    struct error problem;
    struct str name;
    if (gcs_name(&gcs->place, arena, key, &name, err) != 0) {
        return gcs_cannot_key(gcs, GCS_READ, key, err);
    }
    gcs_look_begin(gcs, arena, &request, name, &attempts);
    if (gcs_call(gcs, arena, &request, GCS_READ, key, &answer, err) != 0) {
        return -1;
    }
    if (answer.status != 200) {
        return gcs_refused(gcs, GCS_READ, key, true, &answer, err);
    }
    if (gcs_object_parse(arena, answer.body, object, &problem) != 0) {
        return gcs_strange(gcs, GCS_READ, key, problem.message, err);
    }
    return 0;
}

/* --- the order of transfers --- */

static int compare_sizes(const void *a, const void *b)
{
    const struct transfer *const *x = a;
    const struct transfer *const *y = b;
    if ((*x)->size_bytes != (*y)->size_bytes) {
        return (*x)->size_bytes > (*y)->size_bytes ? -1 : 1;
    }
    return (*x > *y) - (*x < *y);
}

size_t *gcs_largest_first(struct arena *arena, const struct transfer *transfers, size_t count)
{
    const struct transfer **sorted = arena_array(arena, count, sizeof *sorted);
    size_t *order = arena_array(arena, count, sizeof *order);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &transfers[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_sizes);
    for (size_t i = 0; i < count; i++) {
        order[i] = (size_t)(sorted[i] - transfers);
    }
    return order;
}
