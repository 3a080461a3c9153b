#include "store/gcs_place.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "store/http.h"

#define BUCKET_BYTES_MIN        3
#define BUCKET_BYTES_MAX        63
#define BUCKET_DOTTED_BYTES_MAX 222

#define ACME_PREFIX ".well-known/acme-challenge/"

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* NULL where it is one; else what is wrong with it. */
static const char *bucket_problem(struct str bucket)
{
    bool is_dotted = str_index(bucket, '.') < bucket.n;
    if (bucket.n == 0) {
        return "names no bucket";
    }
    if (bucket.n < BUCKET_BYTES_MIN ||
        bucket.n > (is_dotted ? BUCKET_DOTTED_BYTES_MAX : BUCKET_BYTES_MAX)) {
        return "names a bucket that is too short or too long: it has 3 to 63 characters";
    }
    for (size_t i = 0; i < bucket.n; i++) {
        if (!is_lower_or_digit(bucket.s[i]) && !strchr("-_.", bucket.s[i])) {
            return "names no bucket: it has a-z, 0-9, '-', '_' and '.' alone";
        }
    }
    if (!is_lower_or_digit(bucket.s[0]) || !is_lower_or_digit(bucket.s[bucket.n - 1])) {
        return "names no bucket: it begins and ends with a letter or a digit";
    }
    return NULL;
}

static const char *prefix_problem(struct str prefix)
{
    const char *problem = prefix.n > 0 ? path_problem(prefix) : NULL;
    if (!problem && (str_index(prefix, '?') < prefix.n || str_index(prefix, '#') < prefix.n)) {
        problem = "has a '?' or '#' in it";
    }
    return problem;
}

static int invalid(struct str url, const char *problem, struct error *err)
{
    error_set(err, ERROR_USAGE, "the store '%.*s' %s", STR_ARG(url), problem);
    return error_help(err, "write gs://bucket or gs://bucket/prefix");
}

static struct str emulator_endpoint(struct arena *arena, struct str value)
{
    struct str host = path_without_slash(value);
    if (str_ends(host, STR("/storage/v1"))) {
        host = path_without_slash(str_slice(host, 0, host.n - strlen("/storage/v1")));
    }
    return str_contains(host, STR("://")) ? str_copy(arena, host)
                                          : str_format(arena, "http://%.*s", STR_ARG(host));
}

int gcs_place_parse(struct arena *arena, struct str url, struct str emulator,
                    struct gcs_place *place, struct error *err)
{
    struct str rest;
    if (!str_starts(url, STR("gs://"))) {
        return invalid(url, "is not one of Google Cloud Storage", err);
    }
    *place = (struct gcs_place){.endpoint = STR(GCS_ENDPOINT), .is_emulator = emulator.n > 0};
    str_cut(str_after(url, strlen("gs://")), '/', &place->bucket, &rest);
    place->prefix = rest.n > 0 ? path_without_slash(rest) : (struct str){0};
    place->prefix = str_is(place->prefix, "/") ? (struct str){0} : place->prefix;
    const char *problem = bucket_problem(place->bucket);
    if (problem) {
        return invalid(url, problem, err);
    }
    problem = prefix_problem(place->prefix);
    if (problem) {
        error_set(err, ERROR_USAGE, "the prefix '%.*s' of the store '%.*s' %s",
                  STR_ARG(place->prefix), STR_ARG(url), problem);
        return error_help(err, "write gs://bucket or gs://bucket/prefix");
    }
    place->bucket = str_copy(arena, place->bucket);
    place->prefix = str_copy(arena, place->prefix);
    if (place->is_emulator) {
        place->endpoint = emulator_endpoint(arena, emulator);
    }
    return 0;
}

struct str gcs_address(const struct gcs_place *place, struct arena *arena, struct str key)
{
    struct str name = path_below(arena, place->prefix, key);
    return str_format(arena, "gs://%.*s%s%.*s", STR_ARG(place->bucket), name.n > 0 ? "/" : "",
                      STR_ARG(name));
}

struct str gcs_link(const struct gcs_place *place, struct arena *arena, struct str key)
{
    struct str rest = path_below(arena, place->prefix, key);
    struct str segment;
    bool more = true;
    struct buf link = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&link, "https://storage.cloud.google.com/%.*s", STR_ARG(place->bucket));
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        buf_add_char(&link, '/');
        buf_add(&link, url_escape(arena, segment));
    }
    return buf_str(&link);
}

/* Of a name that is not too long. */
static const char *name_problem(struct str name)
{
    if (str_starts(name, STR(ACME_PREFIX))) {
        return "its name begins with '" ACME_PREFIX "'";
    }
    return str_utf8_invalid_at(name) < name.n ? "its name is not UTF-8" : NULL;
}

int gcs_name(const struct gcs_place *place, struct arena *arena, struct str key, struct str *name,
             struct error *err)
{
    *name = path_below(arena, place->prefix, key);
    if (name->n > GCS_NAME_BYTES_MAX) {
        return error_set(err, ERROR_LIMIT,
                         "its name has %zu bytes, and one in Google Cloud Storage at most %d",
                         name->n, GCS_NAME_BYTES_MAX);
    }
    const char *problem = name_problem(*name);
    return problem ? error_set(err, ERROR_USAGE, "%s, which Google Cloud Storage refuses", problem)
                   : 0;
}

bool gcs_key_of_name(const struct gcs_place *place, struct str name, struct str *key)
{
    size_t n = place->prefix.n;
    if (n > 0 && (!str_starts(name, place->prefix) || name.n == n || name.s[n] != '/')) {
        return false;
    }
    *key = str_after(name, n > 0 ? n + 1 : 0);
    return path_problem(*key) == NULL;
}

/* "<endpoint><service>/b/<bucket>" */
static struct str bucket_url(const struct gcs_place *place, struct arena *arena,
                             const char *service)
{
    struct str bucket = url_escape(arena, place->bucket);
    return str_format(arena, "%.*s%s/b/%.*s", STR_ARG(place->endpoint), service, STR_ARG(bucket));
}

struct str gcs_bucket_url(const struct gcs_place *place, struct arena *arena)
{
    return bucket_url(place, arena, "/storage/v1");
}

struct str gcs_list_url(const struct gcs_place *place, struct arena *arena)
{
    return str_format(arena, "%.*s/o", STR_ARG(bucket_url(place, arena, "/storage/v1")));
}

struct str gcs_upload_url(const struct gcs_place *place, struct arena *arena)
{
    return str_format(arena, "%.*s/o", STR_ARG(bucket_url(place, arena, "/upload/storage/v1")));
}

struct str gcs_object_url(const struct gcs_place *place, struct arena *arena, struct str name)
{
    struct str bucket = bucket_url(place, arena, "/storage/v1");
    struct str escaped = url_escape(arena, name);
    return str_format(arena, "%.*s/o/%.*s", STR_ARG(bucket), STR_ARG(escaped));
}
