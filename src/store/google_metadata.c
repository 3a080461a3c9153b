#include "store/google_metadata.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_token.h"
#include "store/google_url.h"
#include "sys/fs.h"
#include "sys/host.h"

#define FLAVOR             "Google"
#define DETECT_MS          1000
#define DETECT_GOOGLE_MS   3000
#define FIRMWARE_FILE      "/sys/class/dmi/id/product_name"
#define FIRMWARE_BYTES_MAX ((size_t)4096)
#define TOKEN_PATH         "/computeMetadata/v1/instance/service-accounts/default/token"

struct metadata {
    struct str root; /* "http://host" */
};

static bool has_flavor(const struct http_answer *answer)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    return str_is(http_header(answer, &scratch, "metadata-flavor"), FLAVOR);
}

static bool is_of_google(void)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error ignored = {0};
    struct str name;

    return fs_read_file(&scratch, FIRMWARE_FILE, FIRMWARE_BYTES_MAX, &name, &ignored) == 0 &&
           str_starts(name, STR("Google"));
}

/* One question with a client of its own, which gives up soon. */
static int detect(struct str root, bool *found, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str headers[] = {STR("Metadata-Flavor: " FLAVOR)};
    uint64_t patience_ms = is_of_google() ? DETECT_GOOGLE_MS : DETECT_MS;
    struct http_options options = {
        .connections_max = 1,
        .allow_plain = true,
        .no_proxy = true,
        .connect_ms = patience_ms,
        .deadline_ms = patience_ms,
    };
    struct attempts attempts = {0};
    struct http_request request = {
        .method = "GET",
        .url = str_format(&scratch, "%.*s/", STR_ARG(root)),
        .headers = headers,
        .header_count = ARRAY_COUNT(headers),
        .source = {.fd = -1},
        .sink = {.max_bytes = GOOGLE_ANSWER_BYTES_MAX},
        .is_idempotent = true,
        .attempts = &attempts,
    };
    struct http_answer answer;
    struct error problem = {0};
    struct http *http = NULL;

    if (http_open(&scratch, &options, &http, err) != 0) {
        return -1;
    }
    int status = http_fetch(http, &scratch, &request, &answer, &problem);
    *found = status == 0 && answer.status == 200 && has_flavor(&answer);
    http_close(&http);
    if (status != 0 && problem.kind == ERROR_INTERRUPTED) {
        *err = problem;
        return -1;
    }
    return 0;
}

static struct str variable(const char *name)
{
    return str_from(getenv(name));
}

int google_metadata_find(struct arena *arena, struct google_credential *credential, bool *found,
                         struct error *err)
{
    struct metadata *metadata = arena_alloc(arena, sizeof *metadata);
    struct str host = variable("GCE_METADATA_HOST");

    host = host.n > 0 ? host : variable("GCE_METADATA_ROOT");
    *found = host.n > 0;
    host = host.n > 0 ? host : variable("GCE_METADATA_IP");
    host = host.n > 0 ? host : STR(GOOGLE_METADATA_ADDRESS);
    metadata->root = str_format(arena, "http://%.*s", STR_ARG(host));
    *credential =
        (struct google_credential){.kind = &GOOGLE_METADATA, .arena = arena, .own = metadata};
    if (*found) {
        return 0;
    }
    return str_is(variable("NO_GCE_CHECK"), "true") ? 0 : detect(metadata->root, found, err);
}

/* --- the kind --- */

static const struct metadata *own(const struct google_credential *credential)
{
    return credential->own;
}

static bool is_not_found(const struct http_answer *answer)
{
    return answer->status == 404;
}

static int fetch(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    int64_t now_ms = host_monotonic_ms();
    struct http_answer answer;
    struct google_question question = {
        .what = "a token",
        .url = str_format(&scratch, "%.*s%s", STR_ARG(own(credential)->root), TOKEN_PATH),
        .is_near = true,
        .may_fail = is_not_found,
    };

    (void)purpose;
    google_question_add(&question, &scratch, "Metadata-Flavor", STR(FLAVOR));
    if (google_client_ask(client, &scratch, &question, &answer, err) != 0) {
        return -1;
    }
    if (!has_flavor(&answer)) {
        error_set(err, ERROR_NOT_ALLOWED, "'%.*s' is no metadata server of Google's",
                  STR_ARG(url_host(question.url)));
        return error_help(err, "it answers without 'Metadata-Flavor: Google'; see "
                               "GCE_METADATA_HOST");
    }
    if (is_not_found(&answer)) {
        error_set(err, ERROR_NOT_ALLOWED, "no service account is attached to this machine");
        return error_help(err, "attach one that may use the bucket, or name a file of credentials "
                               "in GOOGLE_APPLICATION_CREDENTIALS");
    }
    return google_token_parse(token, answer.body, now_ms, err);
}

static struct str describe(const struct google_credential *credential, struct arena *arena)
{
    return str_format(arena, "service account of this machine (metadata server '%.*s')",
                      STR_ARG(url_host(own(credential)->root)));
}

static struct str next_step(const struct google_credential *credential, struct arena *arena)
{
    (void)credential;
    return google_grant_step(arena, "", STR("the service account of this machine"));
}

const struct google_kind GOOGLE_METADATA = {
    .fetch = fetch,
    .describe = describe,
    .next_step = next_step,
    .margin_ms = GOOGLE_TOKEN_MARGIN_METADATA_MS,
};
