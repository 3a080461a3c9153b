/*
 * A service account with a private key. For the store a token is made here and sent as it
 * is (a self-signed JWT): no service is asked. Once the store has refused one, and for
 * all other purposes, a signed assertion is exchanged for a token at `token_uri`; that
 * service says what time it is, so that a wrong clock of this machine is noticed.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_time.h"
#include "store/google_token.h"
#include "store/google_url.h"
#include "store/jwt.h"
#include "sys/host.h"

#define TOKEN_URI         "https://oauth2.googleapis.com/token"
#define LIFETIME_S        3600
#define BACKDATED_S       10 /* for a clock that is a little fast */
#define SKEW_TOLERATED_MS 30000

struct key {
    struct jwt_key *key;
    struct str key_id;
    struct str email;
    struct str token_uri;
    bool is_exchanged;
    int64_t skew_ms; /* of the service's clock against this machine's, once it mattered */
};

static struct key *own(const struct google_credential *credential)
{
    return credential->own;
}

static int decode(struct google_credential *credential, const struct json *file, struct error *err)
{
    struct key *key = arena_alloc(credential->arena, sizeof *key);
    struct str pem;

    credential->own = key;
    key->token_uri = STR(TOKEN_URI);
    json_get_str(json_member(file, "token_uri"), &key->token_uri);
    json_get_str(json_member(file, "private_key_id"), &key->key_id);
    key->is_exchanged = !str_is(key->token_uri, TOKEN_URI);
    if (google_member(file, "client_email", &key->email, err) != 0 ||
        google_member(file, "private_key", &pem, err) != 0 ||
        google_url_check(key->token_uri, GOOGLE_TOKEN, "token_uri", err) != 0) {
        return -1;
    }
    if (jwt_key_open(credential->arena, pem, &key->key, err) != 0) {
        return error_prefix(err, "'private_key'");
    }
    return 0;
}

/* `audience` .n 0: the token is for the store itself, and not for a token service. */
static int make_jwt(const struct key *key, struct arena *arena, struct str scope,
                    struct str audience, struct str *token, struct error *err)
{
    struct json *header = json_object(arena);
    struct json *claims = json_object(arena);
    int64_t now_s = (host_now_ms() + key->skew_ms) / 1000 - BACKDATED_S;

    json_set_str(arena, header, "alg", STR("RS256"));
    json_set_str(arena, header, "typ", STR("JWT"));
    if (key->key_id.n > 0) {
        json_set_str(arena, header, "kid", key->key_id);
    }
    json_set_str(arena, claims, "iss", key->email);
    if (audience.n > 0) {
        json_set_str(arena, claims, "aud", audience);
    } else {
        json_set_str(arena, claims, "sub", key->email);
    }
    json_set_str(arena, claims, "scope", scope);
    json_set_int(arena, claims, "iat", now_s);
    json_set_int(arena, claims, "exp", now_s + LIFETIME_S);
    return jwt_sign(key->key, arena, header, claims, token, err);
}

static int make_token(const struct key *key, struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    struct str text;

    if (make_jwt(key, &scratch, google_scope(GOOGLE_FOR_STORAGE), (struct str){0}, &text, err) !=
        0) {
        return -1;
    }
    return google_token_set(token, text, host_monotonic_ms(),
                            (int64_t)(LIFETIME_S - BACKDATED_S) * 1000, err);
}

/* Whether the service's clock is another than this machine's, and by how much. */
static bool read_skew(const struct http_answer *answer, int64_t *skew_ms)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int64_t theirs_ms;

    if (!google_time_parse_http(http_header(answer, &scratch, "date"), &theirs_ms)) {
        return false;
    }
    *skew_ms = theirs_ms - host_now_ms();
    return *skew_ms > SKEW_TOLERATED_MS || *skew_ms < -SKEW_TOLERATED_MS;
}

static bool may_be_skewed(const struct http_answer *answer)
{
    int64_t skew_ms;

    return answer->status == 400 && str_contains(answer->body, STR("invalid_grant")) &&
           read_skew(answer, &skew_ms);
}

static int ask(const struct key *key, struct google_client *client, struct arena *arena,
               struct str scope, bool is_last, struct http_answer *answer, struct error *err)
{
    struct buf form = buf_make(arena, BUF_MAX_DEFAULT);
    struct str assertion;

    if (make_jwt(key, arena, scope, key->token_uri, &assertion, err) != 0) {
        return -1;
    }
    google_form_add(&form, "grant_type", STR("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    google_form_add(&form, "assertion", assertion);
    struct google_question question = {
        .what = "a token",
        .url = key->token_uri,
        .form = buf_str(&form),
        .may_fail = is_last ? NULL : may_be_skewed,
        .secrets = {assertion},
        .next_step = "the key may have been deleted: make a new one, or use workload identity "
                     "federation, which needs none",
    };
    return google_client_ask(client, arena, &question, answer, err);
}

static int exchange(struct key *key, struct google_client *client, struct str scope,
                    struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    int64_t now_ms = host_monotonic_ms();
    struct http_answer answer;

    if (ask(key, client, &scratch, scope, false, &answer, err) != 0) {
        return -1;
    }
    if (may_be_skewed(&answer)) {
        read_skew(&answer, &key->skew_ms);
        client->remark = str_format(
            client->arena, "the clock of this machine is %lld s %s that of '%.*s': set it",
            (long long)(key->skew_ms > 0 ? key->skew_ms : -key->skew_ms) / 1000,
            key->skew_ms > 0 ? "behind" : "ahead of", STR_ARG(url_host(key->token_uri)));
        if (ask(key, client, &scratch, scope, true, &answer, err) != 0) {
            return -1;
        }
    }
    return google_token_parse(token, answer.body, now_ms, err);
}

static int fetch(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err)
{
    struct key *key = own(credential);

    if (purpose == GOOGLE_FOR_STORAGE && !key->is_exchanged) {
        return make_token(key, token, err);
    }
    return exchange(key, client, google_scope(purpose), token, err);
}

static bool refused(struct google_credential *credential)
{
    own(credential)->is_exchanged = true;
    return true;
}

static struct str describe(const struct google_credential *credential, struct arena *arena)
{
    return str_format(arena, "service account '%.*s'", STR_ARG(own(credential)->email));
}

static struct str next_step(const struct google_credential *credential, struct arena *arena)
{
    return google_grant_step(arena, "serviceAccount:", own(credential)->email);
}

static void close_key(struct google_credential *credential)
{
    if (own(credential)) {
        jwt_key_close(&own(credential)->key);
    }
}

const struct google_kind GOOGLE_KEY = {
    .type = "service_account",
    .decode = decode,
    .fetch = fetch,
    .refused = refused,
    .describe = describe,
    .next_step = next_step,
    .close = close_key,
    .margin_ms = GOOGLE_TOKEN_MARGIN_MS,
};
