#include "store/google_url.h"

#include "base/error.h"
#include "store/google_token.h"
#include "store/http.h"

static const char *const HOSTS[][4] = {
    [GOOGLE_TOKEN] = {"oauth2.googleapis.com", "www.googleapis.com", "accounts.google.com", NULL},
    [GOOGLE_EXCHANGE] = {"sts.googleapis.com", NULL},
    [GOOGLE_IMPERSONATION] = {"iamcredentials.googleapis.com", NULL},
    [GOOGLE_SUBJECT] = {NULL},
};

/* Printable ASCII alone, and the host right behind the scheme: neither a line end nor
 * the name of a user makes another host of it. */
static bool is_plain(struct str url, struct str scheme)
{
    return google_is_visible(url) && str_index(url, '\\') == url.n && url_host(url).n > 0 &&
           url_host(url).s == url.s + scheme.n;
}

static bool is_of(struct str host, enum google_service service)
{
    for (const char *const *name = HOSTS[service]; *name; name++) {
        if (str_is(host, *name)) {
            return true;
        }
    }
    return service == GOOGLE_SUBJECT;
}

bool google_url_is_near(struct str url)
{
    return url_is_loopback(url) || str_is(url_host(url), GOOGLE_METADATA_ADDRESS);
}

int google_url_check(struct str url, enum google_service service, const char *member,
                     struct error *err)
{
    struct str host = url_host(url);
    bool is_https = str_starts(url, STR("https://"));
    struct str scheme = is_https ? STR("https://") : STR("http://");

    if (!str_starts(url, scheme) || !is_plain(url, scheme)) {
        return error_set(err, ERROR_NOT_ALLOWED, "'%s' is no https URL", member);
    }
    if (url_is_loopback(url) ||
        (service == GOOGLE_SUBJECT && str_is(host, GOOGLE_METADATA_ADDRESS))) {
        return 0;
    }
    if (!is_https) {
        error_set(err, ERROR_NOT_ALLOWED, "'%s' asks '%.*s' over plain http", member,
                  STR_ARG(host));
        return error_help(err, "secrets are sent over https alone; make the file anew");
    }
    if (!is_of(host, service)) {
        error_set(err, ERROR_NOT_ALLOWED, "'%s' names the host '%.*s', which is not Google's",
                  member, STR_ARG(host));
        return error_help(err, "it would be sent a secret; use a file that Google or gcloud made");
    }
    return 0;
}
