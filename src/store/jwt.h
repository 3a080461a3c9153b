/*
 * JSON Web Tokens (RFC 7519) signed with RS256: RSASSA-PKCS1-v1_5 over SHA-256;
 * OpenSSL signs.
 *
 *     struct jwt_key *key = NULL;
 *     jwt_key_open(arena, pem, &key, err);
 *     jwt_sign(key, arena, header, claims, &token, err);
 *     jwt_key_close(&key);
 */
#ifndef STORE_JWT_H
#define STORE_JWT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct json;
struct jwt_key;

#define JWT_KEY_BITS_MIN 2048

/* A private RSA key in PEM, without a password. ERROR_DAMAGED for anything else. */
int jwt_key_open(struct arena *arena, struct str pem, struct jwt_key **key,
                 struct error *err) MUST_USE;
/* OpenSSL overwrites the key before it frees it. */
void jwt_key_close(struct jwt_key **key);

/* "<header>.<claims>.<signature>". */
int jwt_sign(const struct jwt_key *key, struct arena *arena, const struct json *header,
             const struct json *claims, struct str *token, struct error *err) MUST_USE;

#endif
