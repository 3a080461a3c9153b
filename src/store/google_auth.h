/*
 * Google credentials: which ones, and the token that they give. The order is that
 * of Application Default Credentials, with gcloud's overrides in front:
 *
 *   1. STORAGE_EMULATOR_HOST: none at all, unless 2 is set
 *   2. CLOUDSDK_AUTH_ACCESS_TOKEN, CLOUDSDK_AUTH_ACCESS_TOKEN_FILE
 *   3. GOOGLE_APPLICATION_CREDENTIALS: a file; missing or broken is an error
 *   4. application_default_credentials.json below CLOUDSDK_CONFIG or ~/.config/gcloud
 *   5. the metadata server, unless NO_GCE_CHECK is "true"
 *   6. an error that says how to log in
 *
 * JOBRUN_GCS_ANONYMOUS=1 (public buckets): none, whatever else is set. An empty
 * variable counts as none. GOOGLE_CLOUD_QUOTA_PROJECT overrides the project that the
 * file names. The permissions of the file are not looked at, as gcloud does not.
 * Kinds of files: service_account, authorized_user, external_account (file and URL
 * sources), impersonated_service_account; others are refused by name.
 *
 * Tokens are kept in memory until shortly before they expire (protocol of each
 * kind in its file), never written anywhere, and wiped when they are dropped. One that
 * cannot be replaced in time is used as long as it is valid. What the HTTP library has
 * sent is the library's own, and is not wiped.
 */
#ifndef STORE_GOOGLE_AUTH_H
#define STORE_GOOGLE_AUTH_H

#include "base/base.h"
#include "base/str.h"
#include "store/http.h"

struct arena;
struct error;
struct google_auth;

/* Finds the credentials and reads their file; no network, but to find out whether
 * there is a metadata server. ERROR_NOT_ALLOWED where there are none or they are
 * broken. `is_emulator`: STORAGE_EMULATOR_HOST is in use. */
int google_auth_open(struct arena *arena, bool is_emulator, struct google_auth **auth,
                     struct error *err) MUST_USE;
void google_auth_close(struct google_auth **auth);

/* For the requests to the store. Valid as long as `auth` is. `get` may fetch a token,
 * through a client of its own. */
const struct http_authority *google_auth_authority(struct google_auth *auth);

/* For x-goog-user-project: .n 0 where the credentials name no quota project. */
struct str google_auth_quota_project(const struct google_auth *auth);
/* "service account 'x@p.iam.gserviceaccount.com' of '/path/key.json'", for messages: never
 * a secret. */
struct str google_auth_describe(const struct google_auth *auth, struct arena *arena);
/* What to do where the store refuses these credentials: "gcloud auth application-default
 * login" for a user, the role for a service account ... */
struct str google_auth_next_step(const struct google_auth *auth, struct arena *arena);
/* What people should be told once, .n 0: nothing: "the clock of this machine is 90 s
 * behind that of 'oauth2.googleapis.com': set it". */
struct str google_auth_remark(const struct google_auth *auth);

#endif
