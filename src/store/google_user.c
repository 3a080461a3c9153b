/*
 * A person who has logged in with gcloud: a refresh token, exchanged for a token at
 * Google's token service. The file has no address of its own.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_token.h"
#include "store/google_url.h"
#include "sys/host.h"

#define TOKEN_URI "https://oauth2.googleapis.com/token"
#define LOG_IN    "log in again: gcloud auth application-default login"

struct user {
    struct str client_id;
    struct str client_secret;
    struct str refresh_token;
    struct str token_uri;
};

static struct user *own(const struct google_credential *credential)
{
    return credential->own;
}

static int decode(struct google_credential *credential, const struct json *file, struct error *err)
{
    struct user *user = arena_alloc(credential->arena, sizeof *user);

    credential->own = user;
    user->token_uri = STR(TOKEN_URI);
    json_get_str(json_member(file, "token_uri"), &user->token_uri);
    if (google_member(file, "client_id", &user->client_id, err) != 0 ||
        google_member(file, "client_secret", &user->client_secret, err) != 0 ||
        google_member(file, "refresh_token", &user->refresh_token, err) != 0) {
        return error_help(err, LOG_IN);
    }
    return google_url_check(user->token_uri, GOOGLE_TOKEN, "token_uri", err);
}

/* A user's token has the scopes of the login, whatever it is for. */
static int fetch(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    const struct user *user = own(credential);
    struct buf form = buf_make(&scratch, BUF_MAX_DEFAULT);
    int64_t now_ms = host_monotonic_ms();
    struct http_answer answer;

    (void)purpose;
    google_form_add(&form, "grant_type", STR("refresh_token"));
    google_form_add(&form, "client_id", user->client_id);
    google_form_add(&form, "client_secret", user->client_secret);
    google_form_add(&form, "refresh_token", user->refresh_token);
    struct google_question question = {
        .what = "a token",
        .url = user->token_uri,
        .form = buf_str(&form),
        .secrets = {user->client_secret, user->refresh_token},
        .next_step = LOG_IN,
    };
    return google_client_ask(client, &scratch, &question, &answer, err) != 0
               ? -1
               : google_token_parse(token, answer.body, now_ms, err);
}

static struct str describe(const struct google_credential *credential, struct arena *arena)
{
    (void)credential;
    return str_copy(arena, STR("login of gcloud"));
}

static struct str next_step(const struct google_credential *credential, struct arena *arena)
{
    (void)credential;
    return str_copy(arena, STR("log in as somebody who may use the bucket: "
                               "gcloud auth application-default login"));
}

const struct google_kind GOOGLE_USER = {
    .type = "authorized_user",
    .decode = decode,
    .fetch = fetch,
    .describe = describe,
    .next_step = next_step,
    .margin_ms = GOOGLE_TOKEN_MARGIN_MS,
};
