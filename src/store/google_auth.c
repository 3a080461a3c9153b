#include "store/google_auth.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_metadata.h"
#include "store/google_token.h"
#include "sys/fs.h"
#include "sys/host.h"

#define WELL_KNOWN_FILE "application_default_credentials.json"
/* How long a token that is still valid is used before somebody is asked again for
 * another, once that has failed. */
#define RETRY_AFTER_MS 60000

struct google_auth {
    struct arena secrets; /* of the credentials; wiped at the end */
    struct google_client client;
    struct google_credential credential; /* .kind NULL: nobody in particular */
    struct google_token token;
    int64_t next_ms; /* not before then is a token replaced that is still valid */
    struct str quota_project;
    struct http_authority authority;
};

static struct str variable(const char *name)
{
    return str_from(getenv(name));
}

/* --- a token that is given --- */

static int fetch_given(struct google_credential *credential, struct google_client *client,
                       enum google_purpose purpose, struct google_token *token, struct error *err)
{
    const struct str *given = credential->own;

    (void)client;
    (void)purpose;
    return google_token_set(token, *given, host_monotonic_ms(), INT64_MAX, err);
}

static bool refuse_given(struct google_credential *credential)
{
    (void)credential;
    return false;
}

static struct str describe_given(const struct google_credential *credential, struct arena *arena)
{
    return str_format(arena, "access token of %s",
                      credential->file.n > 0 ? "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"
                                             : "CLOUDSDK_AUTH_ACCESS_TOKEN");
}

static struct str next_step_given(const struct google_credential *credential, struct arena *arena)
{
    return str_format(arena,
                      "it may have expired, or belong to somebody who may not use the bucket; "
                      "'gcloud auth print-access-token' prints another for %s",
                      credential->file.n > 0 ? "the file of CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"
                                             : "CLOUDSDK_AUTH_ACCESS_TOKEN");
}

static const struct google_kind GIVEN = {
    .fetch = fetch_given,
    .refused = refuse_given,
    .describe = describe_given,
    .next_step = next_step_given,
};

static int use_given(struct google_auth *auth, struct str token, const char *name,
                     struct error *err)
{
    struct str *given = arena_alloc(&auth->secrets, sizeof *given);

    *given = str_copy(&auth->secrets, str_trim(token));
    auth->credential.kind = &GIVEN;
    auth->credential.own = given;
    /* At once, so that what is no token is told before anything is sent. */
    if (fetch_given(&auth->credential, NULL, GOOGLE_FOR_STORAGE, &auth->token, err) != 0) {
        err->kind = ERROR_NOT_ALLOWED;
        return error_prefix(err, "%s", name);
    }
    return 0;
}

static int use_given_file(struct google_auth *auth, struct str path, struct error *err)
{
    static const char NAME[] = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE";
    struct str text;

    auth->credential.file = str_copy(&auth->secrets, path);
    if (fs_read_file(&auth->secrets, auth->credential.file.s, GOOGLE_TOKEN_BYTES_MAX, &text, err) !=
        0) {
        err->kind = ERROR_NOT_ALLOWED;
        return error_prefix(err, "cannot use %s", NAME);
    }
    return use_given(auth, text, NAME, err);
}

/* --- the order --- */

static int read_named(struct google_auth *auth, struct str path, struct error *err)
{
    if (google_credential_read(&auth->secrets, path, &auth->credential, err) == 0) {
        return 0;
    }
    if (err->kind == ERROR_NOT_FOUND) {
        err->kind = ERROR_NOT_ALLOWED;
        error_prefix(err, "cannot use the file that GOOGLE_APPLICATION_CREDENTIALS names");
        return error_help(err, "unset the variable to use a login of gcloud, or name a file "
                               "that is there");
    }
    return -1;
}

static struct str well_known_path(struct arena *arena)
{
    struct str folder = variable("CLOUDSDK_CONFIG");

    if (folder.n == 0 && variable("HOME").n > 0) {
        folder = fs_join(arena, variable("HOME"), STR(".config/gcloud"));
    }
    return folder.n > 0 ? fs_join(arena, folder, STR(WELL_KNOWN_FILE)) : (struct str){0};
}

static int nothing_found(struct error *err)
{
    error_set(err, ERROR_NOT_ALLOWED, "there are no Google credentials");
    return error_help(err, "log in: gcloud auth application-default login; or name a file in "
                           "GOOGLE_APPLICATION_CREDENTIALS; in GitHub Actions use "
                           "google-github-actions/auth before; for a public bucket set "
                           "JOBRUN_GCS_ANONYMOUS=1");
}

static int find_default(struct google_auth *auth, struct error *err)
{
    struct str path = well_known_path(&auth->secrets);
    struct error problem = {0};
    bool found = false;

    /* What this user cannot even reach is not there. */
    if (path.n > 0 && fs_exists(path.s)) {
        if (google_credential_read(&auth->secrets, path, &auth->credential, &problem) == 0) {
            return 0;
        }
        if (problem.kind != ERROR_NOT_FOUND) {
            *err = problem;
            return -1;
        }
    }
    if (google_metadata_find(&auth->secrets, &auth->credential, &found, err) != 0) {
        return -1;
    }
    return found ? 0 : nothing_found(err);
}

static int is_anonymous(bool *anonymous, struct error *err)
{
    struct str value = variable("JOBRUN_GCS_ANONYMOUS");

    *anonymous = str_is(value, "1");
    if (!*anonymous && value.n > 0 && !str_is(value, "0")) {
        error_set(err, ERROR_USAGE, "JOBRUN_GCS_ANONYMOUS is neither 1 nor 0");
        return error_help(err, "1 reads public buckets without credentials");
    }
    return 0;
}

static int find(struct google_auth *auth, bool is_emulator, struct error *err)
{
    bool anonymous;

    if (is_anonymous(&anonymous, err) != 0) {
        return -1;
    }
    if (anonymous) {
        return 0;
    }
    if (variable("CLOUDSDK_AUTH_ACCESS_TOKEN").n > 0) {
        return use_given(auth, variable("CLOUDSDK_AUTH_ACCESS_TOKEN"), "CLOUDSDK_AUTH_ACCESS_TOKEN",
                         err);
    }
    if (variable("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE").n > 0) {
        return use_given_file(auth, variable("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"), err);
    }
    if (is_emulator) {
        return 0;
    }
    return variable("GOOGLE_APPLICATION_CREDENTIALS").n > 0
               ? read_named(auth, variable("GOOGLE_APPLICATION_CREDENTIALS"), err)
               : find_default(auth, err);
}

/* --- tokens --- */

static int renew(struct google_auth *auth, struct error *err)
{
    struct google_token token CLEANUP(google_token_drop) = {0};
    struct google_credential *credential = &auth->credential;

    if (credential->kind->fetch(credential, &auth->client, GOOGLE_FOR_STORAGE, &token, err) != 0) {
        struct arena scratch CLEANUP(arena_free) = {0};
        struct str who = google_auth_describe(auth, &scratch);
        return error_prefix(err, "cannot log in to Google with the %.*s", STR_ARG(who));
    }
    google_token_move(&auth->token, &token);
    return 0;
}

/* A valid token, another one where the old is about to end. */
static int keep_valid(struct google_auth *auth, struct error *err)
{
    struct error problem = {0};
    int64_t now_ms = host_monotonic_ms();
    bool is_valid = google_token_is_valid(&auth->token, now_ms);

    if (google_token_is_fresh(&auth->token, now_ms, auth->credential.kind->margin_ms) ||
        (is_valid && now_ms < auth->next_ms) || renew(auth, &problem) == 0) {
        return 0;
    }
    if (problem.kind != ERROR_INTERRUPTED &&
        google_token_is_valid(&auth->token, host_monotonic_ms())) {
        auth->next_ms = host_monotonic_ms() + RETRY_AFTER_MS;
        return 0;
    }
    *err = problem;
    return -1;
}

static int get(void *context, struct arena *arena, struct str *authorization, struct error *err)
{
    struct google_auth *auth = context;

    *authorization = (struct str){0};
    if (!auth->credential.kind) {
        return 0;
    }
    if (keep_valid(auth, err) != 0) {
        return -1;
    }
    *authorization = str_format(arena, "Bearer %.*s", STR_ARG(auth->token.text));
    return 0;
}

/* Of many requests that one token was refused for, the first drops it; the others find
 * that another is there already. */
static bool refused(void *context, struct str authorization)
{
    struct google_auth *auth = context;
    const struct google_kind *kind = auth->credential.kind;

    if (!kind) {
        return false;
    }
    if (auth->token.text.n > 0 && !str_ends(authorization, auth->token.text)) {
        return true;
    }
    if (kind->refused && !kind->refused(&auth->credential)) {
        return false;
    }
    google_token_drop(&auth->token);
    auth->next_ms = 0;
    return true;
}

/* --- the interface --- */

static int set_quota_project(struct google_auth *auth, struct error *err)
{
    struct str project = variable("GOOGLE_CLOUD_QUOTA_PROJECT");

    if (!auth->credential.kind) {
        return 0;
    }
    project = project.n > 0 ? project : auth->credential.quota_project;
    if (!google_is_visible(project)) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "the quota project of the Google credentials is no project's name");
    }
    auth->quota_project = str_copy(&auth->secrets, project);
    return 0;
}

int google_auth_open(struct arena *arena, bool is_emulator, struct google_auth **auth,
                     struct error *err)
{
    struct google_auth *opened = arena_alloc(arena, sizeof *opened);

    opened->client.arena = arena;
    opened->credential.arena = &opened->secrets;
    opened->authority = (struct http_authority){.get = get, .refused = refused, .context = opened};
    if (find(opened, is_emulator, err) != 0 || set_quota_project(opened, err) != 0) {
        google_auth_close(&opened);
        return -1;
    }
    *auth = opened;
    return 0;
}

void google_auth_close(struct google_auth **auth)
{
    if (*auth) {
        google_token_drop(&(*auth)->token);
        google_credential_close(&(*auth)->credential);
        google_client_close(&(*auth)->client);
        arena_wipe(&(*auth)->secrets);
    }
    *auth = NULL;
}

const struct http_authority *google_auth_authority(struct google_auth *auth)
{
    return &auth->authority;
}

struct str google_auth_quota_project(const struct google_auth *auth)
{
    return auth->quota_project;
}

struct str google_auth_describe(const struct google_auth *auth, struct arena *arena)
{
    const struct google_credential *credential = &auth->credential;

    if (!credential->kind) {
        return str_copy(arena, STR("nobody (anonymous)"));
    }
    struct str who = credential->kind->describe(credential, arena);
    if (credential->file.n > 0) {
        who = str_format(arena, "%.*s of '%.*s'", STR_ARG(who), STR_ARG(credential->file));
    }
    return str_printable(arena, who);
}

struct str google_auth_next_step(const struct google_auth *auth, struct arena *arena)
{
    const struct google_credential *credential = &auth->credential;

    if (!credential->kind) {
        return str_copy(arena, STR("without credentials only what is public can be read; unset "
                                   "JOBRUN_GCS_ANONYMOUS, or set STORAGE_EMULATOR_HOST to a "
                                   "server that asks for none"));
    }
    return str_printable(arena, credential->kind->next_step(credential, arena));
}

struct str google_auth_remark(const struct google_auth *auth)
{
    return auth->client.remark;
}
