#include "store/google_token.h"

#include "base/error.h"
#include "base/json.h"
#include "store/google_time.h"

bool google_is_visible(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] <= ' ' || text.s[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

void google_token_drop(struct google_token *token)
{
    arena_wipe(&token->arena);
    *token = (struct google_token){0};
}

void google_token_move(struct google_token *to, struct google_token *from)
{
    google_token_drop(to);
    *to = *from;
    *from = (struct google_token){0};
}

bool google_token_is_valid(const struct google_token *token, int64_t now_ms)
{
    return google_token_is_fresh(token, now_ms, 0);
}

bool google_token_is_fresh(const struct google_token *token, int64_t now_ms, int64_t margin_ms)
{
    return token->text.n > 0 && token->expires_ms - now_ms > margin_ms;
}

int google_token_set(struct google_token *token, struct str text, int64_t now_ms,
                     int64_t lifetime_ms, struct error *err)
{
    if (text.n == 0 || !google_is_visible(text)) {
        return error_set(err, ERROR_DAMAGED,
                         "the access token is empty or holds characters that none has");
    }
    if (text.n > GOOGLE_TOKEN_BYTES_MAX) {
        return error_set(err, ERROR_LIMIT, "the access token has %zu bytes, the maximum is %zu",
                         text.n, GOOGLE_TOKEN_BYTES_MAX);
    }
    if (lifetime_ms <= 0) {
        return error_set(err, ERROR_DAMAGED, "the access token has expired already");
    }
    google_token_drop(token);
    token->text = str_copy(&token->arena, text);
    token->expires_ms = lifetime_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + lifetime_ms;
    return 0;
}

static bool get_seconds(const struct json *value, int64_t *seconds)
{
    struct str text;

    return (json_get_int(value, seconds) ||
            (json_get_str(value, &text) && str_to_int64(text, seconds))) &&
           *seconds <= INT64_MAX / 1000 && *seconds >= INT64_MIN / 1000;
}

static int missing(const char *member, struct error *err)
{
    return error_set(err, ERROR_DAMAGED, "the answer has no '%s'", member);
}

static int parse_token(struct google_token *token, const struct json *answer, int64_t now_ms,
                       struct error *err)
{
    struct str text;
    struct str type;
    int64_t seconds;

    if (!json_get_str(json_member(answer, "access_token"), &text)) {
        return missing("access_token", err);
    }
    if (json_get_str(json_member(answer, "token_type"), &type) &&
        (type.n != 6 || strncasecmp(type.s, "Bearer", 6) != 0)) {
        return error_set(err, ERROR_DAMAGED,
                         "the answer has a token of the type '%.40s', and not "
                         "'Bearer'",
                         type.s);
    }
    if (!get_seconds(json_member(answer, "expires_in"), &seconds)) {
        return missing("expires_in", err);
    }
    return google_token_set(token, text, now_ms, seconds * 1000, err);
}

int google_token_parse(struct google_token *token, struct str body, int64_t now_ms,
                       struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    struct json *answer;

    if (json_parse(&scratch, body, GOOGLE_ANSWER_BYTES_MAX, &answer, err) != 0) {
        return -1;
    }
    return parse_token(token, answer, now_ms, err);
}

int google_token_parse_impersonated(struct google_token *token, struct str body, int64_t now_ms,
                                    int64_t utc_ms, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    struct json *answer;
    struct str text;
    struct str end;
    int64_t expires_ms;

    if (json_parse(&scratch, body, GOOGLE_ANSWER_BYTES_MAX, &answer, err) != 0) {
        return -1;
    }
    if (!json_get_str(json_member(answer, "accessToken"), &text)) {
        return missing("accessToken", err);
    }
    if (!json_get_str(json_member(answer, "expireTime"), &end)) {
        return missing("expireTime", err);
    }
    if (!google_time_parse(end, &expires_ms)) {
        return error_set(err, ERROR_DAMAGED, "'expireTime' of the answer is no time");
    }
    return google_token_set(token, text, now_ms, expires_ms - utc_ms, err);
}
