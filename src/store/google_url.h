/*
 * Which addresses of a file of credentials are asked. Whoever writes the file
 * chooses them, and each of them is given a secret: so only Google's own hosts,
 * over https. A loopback address may be anything, so that a stand-in can be used.
 */
#ifndef STORE_GOOGLE_URL_H
#define STORE_GOOGLE_URL_H

#include "base/base.h"
#include "base/str.h"

struct error;

enum google_service {
    GOOGLE_TOKEN,         /* `token_uri`: oauth2.googleapis.com and its older names */
    GOOGLE_EXCHANGE,      /* `token_url`: sts.googleapis.com */
    GOOGLE_IMPERSONATION, /* `service_account_impersonation_url`: iamcredentials.googleapis.com */
    GOOGLE_SUBJECT        /* `credential_source.url`: any host over https, that of the CI
                           * system; and the metadata server of a cloud, which has no https */
};

#define GOOGLE_METADATA_ADDRESS "169.254.169.254"

/* ERROR_NOT_ALLOWED, with the member's name and the host. */
int google_url_check(struct str url, enum google_service service, const char *member,
                     struct error *err) MUST_USE;
/* Whether it is on this machine or link, where no proxy is to see it. */
bool google_url_is_near(struct str url);

#endif
