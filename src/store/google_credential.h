/*
 * Credentials of one kind: what they are read from, and how they get a token. Used by
 * google_auth.c and the kinds alone; each kind has a file, google_<kind>.c.
 *
 *     google_credential_read(arena, path, &credential, err);
 *     credential.kind->fetch(&credential, client, GOOGLE_FOR_STORAGE, &token, err);
 *     google_credential_close(&credential);
 */
#ifndef STORE_GOOGLE_CREDENTIAL_H
#define STORE_GOOGLE_CREDENTIAL_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct google_client;
struct google_credential;
struct google_token;
struct json;

#define GOOGLE_FILE_BYTES_MAX ((size_t)64 << 10)

/* What a token is for: the store, or to impersonate somebody who may use it. */
enum google_purpose { GOOGLE_FOR_STORAGE, GOOGLE_FOR_IAM };
struct str google_scope(enum google_purpose purpose);

struct google_kind {
    const char *type; /* the member `type` of the file; NULL: there is no file */
    /* Reads the members; problems name the member. */
    int (*decode)(struct google_credential *credential, const struct json *file, struct error *err);
    int (*fetch)(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err);
    /* The store did not accept the token. Whether another one can be had; NULL: yes. */
    bool (*refused)(struct google_credential *credential);
    struct str (*describe)(const struct google_credential *credential, struct arena *arena);
    /* What to do where a token is not enough for the store. */
    struct str (*next_step)(const struct google_credential *credential, struct arena *arena);
    void (*close)(struct google_credential *credential); /* may be NULL */
    int64_t margin_ms;                                   /* google_token.h */
};

struct google_credential {
    const struct google_kind *kind;
    struct arena *arena;      /* of everything in it; the owner wipes it */
    struct str file;          /* its path, .n 0: none */
    struct str quota_project; /* .n 0: none */
    void *own;                /* the kind's */
};

extern const struct google_kind GOOGLE_KEY;          /* service_account */
extern const struct google_kind GOOGLE_USER;         /* authorized_user */
extern const struct google_kind GOOGLE_EXTERNAL;     /* external_account */
extern const struct google_kind GOOGLE_IMPERSONATED; /* impersonated_service_account */
extern const struct google_kind GOOGLE_METADATA;     /* the metadata server */

/* The file as a whole: ERROR_NOT_FOUND where there is none; ERROR_NOT_ALLOWED, with its
 * path, for everything that is wrong with it. */
int google_credential_read(struct arena *arena, struct str path,
                           struct google_credential *credential, struct error *err) MUST_USE;
/* An object within such a file, that of the credentials behind others. */
int google_credential_decode(struct google_credential *credential, const struct json *file,
                             struct error *err) MUST_USE;
void google_credential_close(struct google_credential *credential);

/* --- for the kinds --- */

/* A text that must be there and not empty. */
int google_member(const struct json *file, const char *name, struct str *text,
                  struct error *err) MUST_USE;
/* The role that the store asks for, for a principal such as "serviceAccount:x@y". */
struct str google_grant_step(struct arena *arena, const char *prefix, struct str principal);

/* A service account, impersonated with the token of another: google_impersonated.c. */
struct google_target {
    struct str url;   /* of `service_account_impersonation_url` */
    struct str email; /* from it, or a number that stands for it */
    struct str *delegates;
    size_t delegate_count;
    int64_t lifetime_s;
};
#define GOOGLE_LIFETIME_S 3600
int google_target_decode(struct arena *arena, const struct json *file, struct google_target *target,
                         struct error *err) MUST_USE;
int google_target_fetch(const struct google_target *target, struct google_client *client,
                        enum google_purpose purpose, const struct google_token *source,
                        struct google_token *token, struct error *err) MUST_USE;

#endif
