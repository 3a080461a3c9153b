#include "store/gcs_problem.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "store/http.h"

#define MESSAGE_BYTES_MAX 400

/* --- what the answer says --- */

/* The first line, for people, when it is no page for a browser. */
static struct str plain_line(struct str body)
{
    struct str line;
    struct str rest;
    body = str_trim(body);
    if (body.n > 0 && (body.s[0] == '<' || body.s[0] == '{')) {
        return (struct str){0};
    }
    str_cut(body, '\n', &line, &rest);
    return str_trim(line);
}

struct gcs_complaint gcs_complaint_of(struct arena *arena, const struct http_answer *answer)
{
    struct gcs_complaint complaint = {0};
    struct json *json = NULL;
    struct error ignored;
    struct str message = {0};
    if (json_parse(arena, answer->body, HTTP_ERROR_BYTES_MAX, &json, &ignored) == 0) {
        const struct json *error = json_member(json, "error");
        const struct json *first = json_item(json_member(error, "errors"), 0);
        if (!json_get_str(json_member(error, "message"), &message)) {
            message = (struct str){0};
        }
        if (!json_get_str(json_member(first, "reason"), &complaint.reason)) {
            complaint.reason = (struct str){0};
        }
    }
    if (message.n == 0) {
        message = plain_line(answer->body);
    }
    struct str rest;
    str_cut(message, '\n', &message, &rest);
    message = str_slice(str_trim(message), 0, MESSAGE_BYTES_MAX);
    message = str_slice(message, 0, str_utf8_invalid_at(message));
    complaint.message = str_printable(arena, message);
    complaint.reason = str_printable(arena, str_slice(complaint.reason, 0, 100));
    return complaint;
}

/* "403 forbidden: <message>", "503 Service Unavailable" */
static struct str said(struct arena *arena, const struct http_answer *answer,
                       const struct gcs_complaint *complaint)
{
    struct str word = complaint->reason.n > 0 ? complaint->reason : answer->reason_phrase;
    word = str_printable(arena, str_slice(word, 0, 100));
    return str_format(arena, "%d%s%.*s%s%.*s", answer->status, word.n > 0 ? " " : "", STR_ARG(word),
                      complaint->message.n > 0 ? ": " : "", STR_ARG(complaint->message));
}

/* --- permissions --- */

struct permission {
    const char *name;
    const char *role;
};
static const struct permission PERMISSIONS[] = {
    {"storage.objects.get", "roles/storage.objectViewer"},
    {"storage.objects.list", "roles/storage.objectViewer"},
    {"storage.objects.create", "roles/storage.objectCreator"},
    {"storage.objects.delete", "roles/storage.objectUser"},
    {"serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"},
};

static const char *permission_for(enum gcs_doing doing)
{
    switch (doing) {
    case GCS_READ:
        return "storage.objects.get";
    case GCS_LIST:
        return "storage.objects.list";
    case GCS_CREATE:
        return "storage.objects.create";
    case GCS_REPLACE:
    case GCS_REMOVE:
        return "storage.objects.delete";
    }
    BUG("doing %d", (int)doing);
}

/* The one that the answer names, else the one that such a request needs. */
static const struct permission *missing_permission(enum gcs_doing doing, struct str message)
{
    const struct permission *needed = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(PERMISSIONS); i++) {
        if (str_contains(message, str_from(PERMISSIONS[i].name))) {
            return &PERMISSIONS[i];
        }
        if (strcmp(PERMISSIONS[i].name, permission_for(doing)) == 0) {
            needed = &PERMISSIONS[i];
        }
    }
    return needed;
}

static const char *verb(enum gcs_doing doing)
{
    switch (doing) {
    case GCS_READ:
        return "read";
    case GCS_LIST:
        return "list";
    case GCS_CREATE:
    case GCS_REPLACE:
        return "write";
    case GCS_REMOVE:
        return "remove";
    }
    BUG("doing %d", (int)doing);
}

int gcs_cannot(const struct gcs_subject *subject, struct error *err)
{
    return error_prefix(err, "cannot %s '%.*s'", verb(subject->doing), STR_ARG(subject->address));
}

static int say_no_permission(const struct gcs_subject *subject, struct str what,
                             const struct gcs_complaint *complaint, struct error *err)
{
    const struct permission *missing = missing_permission(subject->doing, complaint->message);
    error_set(err, ERROR_NOT_ALLOWED, "no permission for %.*s (%.*s)", STR_ARG(subject->who),
              STR_ARG(what));
    gcs_cannot(subject, err);
    return error_help(err,
                      "it takes the permission %s in bucket '%.*s', which %s has; or use other "
                      "credentials: %.*s",
                      missing->name, STR_ARG(subject->bucket), missing->role,
                      STR_ARG(subject->next_step));
}

static bool is_quota(struct str reason)
{
    static const char *const REASONS[] = {"rateLimitExceeded", "userRateLimitExceeded",
                                          "quotaExceeded", "dailyLimitExceeded"};
    for (size_t i = 0; i < ARRAY_COUNT(REASONS); i++) {
        if (str_is(reason, REASONS[i])) {
            return true;
        }
    }
    return false;
}

static bool is_requester_pays(const struct gcs_complaint *complaint)
{
    return str_is(complaint->reason, "userProjectMissing") ||
           (str_is(complaint->reason, "required") &&
            str_contains(complaint->message, STR("requester pays")));
}

/* --- by status --- */

static int say_401(const struct gcs_subject *subject, struct str what, struct error *err)
{
    error_set(err, ERROR_NOT_ALLOWED, "'%.*s' does not accept %.*s (%.*s)", STR_ARG(subject->host),
              STR_ARG(subject->who), STR_ARG(what));
    gcs_cannot(subject, err);
    return error_help(err, "%.*s", STR_ARG(subject->next_step));
}

static int say_quota(const struct gcs_subject *subject, struct str what, struct error *err)
{
    error_set(err, ERROR_UNREACHABLE,
              "Google Cloud Storage takes no more requests for now (%.*s), again and again",
              STR_ARG(what));
    gcs_cannot(subject, err);
    return error_help(err, "run it again later; the quota is that of the project of bucket '%.*s'",
                      STR_ARG(subject->bucket));
}

static int say_requester_pays(const struct gcs_subject *subject, struct str what, struct error *err)
{
    error_set(err, ERROR_NOT_ALLOWED, "its readers pay, and no project is named (%.*s)",
              STR_ARG(what));
    gcs_cannot(subject, err);
    return error_help(err, "name the project that pays: gcloud auth application-default "
                           "set-quota-project PROJECT");
}

static int say_unavailable(const struct gcs_subject *subject, struct str what, struct error *err)
{
    error_set(err, ERROR_UNREACHABLE, "'%.*s' does not do it (%.*s), again and again",
              STR_ARG(subject->host), STR_ARG(what));
    gcs_cannot(subject, err);
    return error_help(err, "run it again later; status.cloud.google.com tells of outages");
}

static int say_conflict(const struct gcs_subject *subject, struct error *err)
{
    error_set(err, ERROR_CONFLICT, "%s",
              subject->doing == GCS_CREATE ? "it is there already"
                                           : "somebody else changed it meanwhile");
    return gcs_cannot(subject, err);
}

static int say_redirect(const struct gcs_subject *subject, int status, struct error *err)
{
    error_set(err, ERROR_UNREACHABLE, "'%.*s' sends elsewhere (%d), where no credentials are sent",
              STR_ARG(subject->host), status);
    gcs_cannot(subject, err);
    return error_help(err, "a proxy that asks for a login does this: look at https_proxy");
}

/* Nothing came that could be understood. */
static int say_no_answer(const struct gcs_subject *subject, const struct http_answer *answer,
                         struct error *err)
{
    if (answer->failure == ATTEMPT_LOCAL) {
        error_set(err, ERROR_FAILED, "%.*s", STR_ARG(answer->problem));
        return gcs_cannot(subject, err);
    }
    if (answer->failure == ATTEMPT_TLS) {
        error_set(err, ERROR_UNREACHABLE, "'%.*s' does not prove who it is: %.*s",
                  STR_ARG(subject->host), STR_ARG(answer->problem));
        gcs_cannot(subject, err);
        return error_help(err, "where a proxy has a certificate of its own, name the authority's "
                               "file: SSL_CERT_FILE=...");
    }
    error_set(err, ERROR_UNREACHABLE, "'%.*s' cannot be reached: %.*s", STR_ARG(subject->host),
              STR_ARG(answer->problem));
    gcs_cannot(subject, err);
    return error_help(err, "look at the network, and at https_proxy; JOBRUN_STORE_TIMEOUT=SECONDS "
                           "says how long to try");
}

static int say_forbidden(const struct gcs_subject *subject, struct str what,
                         const struct gcs_complaint *complaint, struct error *err)
{
    if (is_quota(complaint->reason)) {
        return say_quota(subject, what, err);
    }
    return is_requester_pays(complaint) ? say_requester_pays(subject, what, err)
                                        : say_no_permission(subject, what, complaint, err);
}

int gcs_problem(const struct gcs_subject *subject, const struct http_answer *answer,
                struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    if (answer->status == 0) {
        return say_no_answer(subject, answer, err);
    }
    struct gcs_complaint complaint = gcs_complaint_of(&scratch, answer);
    struct str what = said(&scratch, answer, &complaint);
    switch (answer->status) {
    case 304:
    case 412:
        return say_conflict(subject, err);
    case 401:
        return say_401(subject, what, err);
    case 403:
        return say_forbidden(subject, what, &complaint, err);
    case 404:
        error_set(err, ERROR_NOT_FOUND, "it is not there");
        return gcs_cannot(subject, err);
    case 429:
        return say_quota(subject, what, err);
    default:
        break;
    }
    if (answer->status >= 300 && answer->status < 400) {
        return say_redirect(subject, answer->status, err);
    }
    if (answer->status == 408 || answer->status >= 500) {
        return say_unavailable(subject, what, err);
    }
    if (is_requester_pays(&complaint)) {
        return say_requester_pays(subject, what, err);
    }
    error_set(err, ERROR_FAILED, "'%.*s' refuses it (%.*s)", STR_ARG(subject->host), STR_ARG(what));
    return gcs_cannot(subject, err);
}

bool gcs_may_lack_bucket(enum gcs_doing doing, const struct http_answer *answer)
{
    if (answer->status != 404) {
        return false;
    }
    if (doing == GCS_CREATE || doing == GCS_REPLACE || doing == GCS_LIST) {
        return true;
    }
    return !str_contains(answer->body, STR("No such object")) &&
           str_contains(answer->body, STR("bucket"));
}

int gcs_no_bucket(const struct gcs_subject *subject, struct error *err)
{
    error_set(err, ERROR_FAILED, "there is no bucket '%.*s'", STR_ARG(subject->bucket));
    gcs_cannot(subject, err);
    return error_help(err,
                      "look at the store's address, or make the bucket: gcloud storage "
                      "buckets create gs://%.*s",
                      STR_ARG(subject->bucket));
}

int gcs_makes_no_sense(struct str host, const char *what, struct error *err)
{
    error_set(err, ERROR_UNREACHABLE, "the answer of '%.*s' is not one of Google Cloud Storage: %s",
              STR_ARG(host), what);
    return error_help(err, "a proxy that asks for a login does this: look at https_proxy");
}

int gcs_not_understood(const struct gcs_subject *subject, const char *what, struct error *err)
{
    gcs_makes_no_sense(subject->host, what, err);
    return gcs_cannot(subject, err);
}
