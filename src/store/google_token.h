/*
 * An access token and the time at which it ends. Pure: what time it is comes from
 * the caller.
 *
 *     struct google_token token CLEANUP(google_token_drop) = {0};
 *     google_token_parse(&token, body, now_ms, err);
 */
#ifndef STORE_GOOGLE_TOKEN_H
#define STORE_GOOGLE_TOKEN_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

struct error;

#define GOOGLE_TOKEN_BYTES_MAX  ((size_t)16 << 10)
#define GOOGLE_ANSWER_BYTES_MAX ((size_t)64 << 10)
/* How long before its end a token is replaced. The metadata server hands out the same
 * token until 4 minutes before its end, so an earlier question is of no use. */
#define GOOGLE_TOKEN_MARGIN_MS          300000
#define GOOGLE_TOKEN_MARGIN_METADATA_MS 225000

struct google_token {
    struct arena arena; /* the text's own, overwritten when it is dropped */
    struct str text;    /* .n 0: there is none */
    int64_t expires_ms; /* of host_monotonic_ms(); INT64_MAX: nobody knows */
};

/* Visible ASCII alone, as a header and an URL have it; so is nothing at all. */
bool google_is_visible(struct str text);

void google_token_drop(struct google_token *token);
/* The token of `from` becomes that of `to`, whose own is dropped. */
void google_token_move(struct google_token *to, struct google_token *from);
bool google_token_is_valid(const struct google_token *token, int64_t now_ms);
/* Whether more than `margin_ms` of it are left. */
bool google_token_is_fresh(const struct google_token *token, int64_t now_ms, int64_t margin_ms);

/* Keeps a copy of the text. ERROR_DAMAGED where no token is like that: characters that
 * a header cannot have, a length over GOOGLE_TOKEN_BYTES_MAX, an end that is past. */
int google_token_set(struct google_token *token, struct str text, int64_t now_ms,
                     int64_t lifetime_ms, struct error *err) MUST_USE;

/* {"access_token": "...", "expires_in": 3599, "token_type": "Bearer"}: what a token
 * endpoint, the exchange of tokens and the metadata server answer. `expires_in` may be
 * a text. */
int google_token_parse(struct google_token *token, struct str body, int64_t now_ms,
                       struct error *err) MUST_USE;
/* {"accessToken": "...", "expireTime": "2026-01-31T23:59:59Z"}: impersonation.
 * `utc_ms` is the same moment as `now_ms`, since 1970. */
int google_token_parse_impersonated(struct google_token *token, struct str body, int64_t now_ms,
                                    int64_t utc_ms, struct error *err) MUST_USE;

#endif
