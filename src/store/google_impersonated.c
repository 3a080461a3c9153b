/*
 * A service account, impersonated by another or by a person: the credentials behind it get
 * a token, and with that its own is asked for.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_token.h"
#include "store/google_url.h"
#include "sys/host.h"

#define DELEGATES_MAX 16

struct impersonated {
    struct google_target target;
    struct google_credential source;
};

static struct impersonated *own(const struct google_credential *credential)
{
    return credential->own;
}

/* --- the target: used by external accounts too --- */

/* ".../serviceAccounts/<email>:generateAccessToken" */
static bool read_email(struct str url, struct str *email)
{
    struct str method;
    struct str rest = url;

    while (str_cut(rest, '/', email, &rest)) {
    }
    return str_cut(*email, ':', email, &method) && str_is(method, "generateAccessToken") &&
           email->n > 0;
}

static int decode_delegates(struct arena *arena, const struct json *list,
                            struct google_target *target, struct error *err)
{
    size_t count = json_count(list);

    if (count > DELEGATES_MAX) {
        return error_set(err, ERROR_NOT_ALLOWED, "'delegates' has more than %d items",
                         DELEGATES_MAX);
    }
    target->delegates = arena_array(arena, count, sizeof *target->delegates);
    for (size_t i = 0; i < count; i++) {
        if (!json_get_str(json_item(list, i), &target->delegates[i])) {
            return error_set(err, ERROR_NOT_ALLOWED, "'delegates' has an item that is no text");
        }
    }
    target->delegate_count = count;
    return 0;
}

int google_target_decode(struct arena *arena, const struct json *file, struct google_target *target,
                         struct error *err)
{
    static const char NAME[] = "service_account_impersonation_url";
    const struct json *lifetime =
        json_member(json_member(file, "service_account_impersonation"), "token_lifetime_seconds");

    *target = (struct google_target){.lifetime_s = GOOGLE_LIFETIME_S};
    if (google_member(file, NAME, &target->url, err) != 0 ||
        google_url_check(target->url, GOOGLE_IMPERSONATION, NAME, err) != 0) {
        return -1;
    }
    if (lifetime && (!json_get_int(lifetime, &target->lifetime_s) || target->lifetime_s < 600 ||
                     target->lifetime_s > 43200)) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "'token_lifetime_seconds' is no number from 600 to 43200");
    }
    if (!read_email(target->url, &target->email)) {
        return error_set(err, ERROR_NOT_ALLOWED, "'%s' names no service account", NAME);
    }
    return decode_delegates(arena, json_member(file, "delegates"), target, err);
}

static struct str request_body(struct arena *arena, const struct google_target *target,
                               enum google_purpose purpose)
{
    struct json *body = json_object(arena);
    struct json *delegates = json_array(arena);
    struct json *scopes = json_array(arena);

    for (size_t i = 0; i < target->delegate_count; i++) {
        json_push(arena, delegates, json_string(arena, target->delegates[i]));
    }
    json_push(arena, scopes, json_string(arena, google_scope(purpose)));
    json_set(arena, body, "delegates", delegates);
    json_set(arena, body, "scope", scopes);
    json_set_str(arena, body, "lifetime",
                 str_format(arena, "%llds", (long long)target->lifetime_s));
    return json_format(arena, body, false);
}

int google_target_fetch(const struct google_target *target, struct google_client *client,
                        enum google_purpose purpose, const struct google_token *source,
                        struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    int64_t now_ms = host_monotonic_ms();
    int64_t utc_ms = host_now_ms();
    struct http_answer answer;
    struct google_question question = {
        .what = "a token of the impersonated service account",
        .url = target->url,
        .form = request_body(&scratch, target, purpose),
        .is_json = true,
        .secrets = {source->text},
        .next_step = "whoever impersonates needs the role 'roles/iam.serviceAccountTokenCreator' "
                     "on the service account, or 'roles/iam.workloadIdentityUser' in federation",
    };

    google_question_add(&question, &scratch, "Authorization",
                        str_format(&scratch, "Bearer %.*s", STR_ARG(source->text)));
    if (google_client_ask(client, &scratch, &question, &answer, err) != 0) {
        return -1;
    }
    return google_token_parse_impersonated(token, answer.body, now_ms, utc_ms, err);
}

/* --- the file --- */

static int decode(struct google_credential *credential, const struct json *file, struct error *err)
{
    struct impersonated *impersonated = arena_alloc(credential->arena, sizeof *impersonated);
    const struct json *source = json_member(file, "source_credentials");
    struct str type = {0};

    credential->own = impersonated;
    impersonated->source.arena = credential->arena;
    if (google_target_decode(credential->arena, file, &impersonated->target, err) != 0) {
        return -1;
    }
    json_get_str(json_member(source, "type"), &type);
    if (str_is(type, GOOGLE_IMPERSONATED.type)) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "'source_credentials' are impersonated again: use 'delegates'");
    }
    if (google_credential_decode(&impersonated->source, source, err) != 0) {
        return error_prefix(err, "'source_credentials'");
    }
    return 0;
}

static int fetch(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err)
{
    struct impersonated *impersonated = own(credential);
    struct google_credential *source = &impersonated->source;
    struct google_token source_token CLEANUP(google_token_drop) = {0};

    if (source->kind->fetch(source, client, GOOGLE_FOR_IAM, &source_token, err) != 0) {
        return -1;
    }
    return google_target_fetch(&impersonated->target, client, purpose, &source_token, token, err);
}

static struct str describe(const struct google_credential *credential, struct arena *arena)
{
    const struct impersonated *impersonated = own(credential);
    struct str source = impersonated->source.kind->describe(&impersonated->source, arena);

    return str_format(arena, "service account '%.*s', impersonated by the %.*s",
                      STR_ARG(impersonated->target.email), STR_ARG(source));
}

static struct str next_step(const struct google_credential *credential, struct arena *arena)
{
    return google_grant_step(arena, "serviceAccount:", own(credential)->target.email);
}

static void close_source(struct google_credential *credential)
{
    if (own(credential)) {
        google_credential_close(&own(credential)->source);
    }
}

const struct google_kind GOOGLE_IMPERSONATED = {
    .type = "impersonated_service_account",
    .decode = decode,
    .fetch = fetch,
    .describe = describe,
    .next_step = next_step,
    .close = close_source,
    .margin_ms = GOOGLE_TOKEN_MARGIN_MS,
};
