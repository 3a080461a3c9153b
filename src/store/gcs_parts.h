/* What the files of the gs:// store share. */
#ifndef STORE_GCS_PARTS_H
#define STORE_GCS_PARTS_H

#include "base/arena.h"
#include "base/error.h"
#include "store/backend.h"
#include "store/gcs.h"
#include "store/gcs_object.h"
#include "store/gcs_place.h"
#include "store/gcs_problem.h"
#include "store/google_auth.h"
#include "store/http.h"

#define GCS_HEADERS_MAX 8

struct gcs_store {
    struct store store;
    struct gcs_place place;
    struct store_settings settings;
    struct google_auth *auth; /* NULL until the first call */
    struct http *http;        /* likewise */
    bool has_remarked;        /* what is to be said of the credentials was said */
};

static inline struct gcs_store *gcs_of(struct store *store)
{
    return (struct gcs_store *)(void *)store;
}

static inline const struct gcs_store *gcs_of_const(const struct store *store)
{
    return (const struct gcs_store *)(const void *)store;
}

/* Finds the credentials and opens the client, once. */
int gcs_ready(struct gcs_store *gcs, struct error *err) MUST_USE;

/* --- requests (gcs_request.c) --- */

/* One request, with all that it points to. */
struct gcs_request {
    struct http_request http;
    struct str headers[GCS_HEADERS_MAX];
};

/* A request that may be sent again; the arena must outlive it. It has an
 * idempotency token of its own, which stays the same when it is sent again. */
void gcs_request_begin(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
                       const char *method, struct str url, struct attempts *attempts);
void gcs_request_header(struct gcs_request *request, struct str header);
/* "?..." of a write: the precondition, and what the answer has of the new object. */
struct str gcs_write_query(struct arena *arena, const char *upload_type, struct str generation);

/* The request alone: its answer, whatever it is. -1 where none came. */
int gcs_call(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
             enum gcs_doing doing, struct str key, struct http_answer *answer,
             struct error *err) MUST_USE;

/* An answer that is no success as an error (gcs_problem.h), with the address of the
 * key. Where the bucket may be missing it is asked for, unless `gcs` is at work on
 * other requests: then `may_ask` is false. */
int gcs_refused(struct gcs_store *gcs, enum gcs_doing doing, struct str key, bool may_ask,
                const struct http_answer *answer, struct error *err);
int gcs_strange(const struct gcs_store *gcs, enum gcs_doing doing, struct str key, const char *what,
                struct error *err);
/* "cannot read 'gs://...': <what the error says>" */
int gcs_cannot_key(const struct gcs_store *gcs, enum gcs_doing doing, struct str key,
                   struct error *err);

/* The object as it is now. ERROR_NOT_FOUND where there is none. */
int gcs_look(struct gcs_store *gcs, struct arena *arena, struct str key, struct gcs_object *object,
             struct error *err) MUST_USE;
void gcs_look_begin(struct gcs_store *gcs, struct arena *arena, struct gcs_request *request,
                    struct str name, struct attempts *attempts);

/* The body of an insert in one request: a document about the object, then its bytes. */
struct gcs_multipart {
    struct str content_type; /* a header */
    struct str head, tail;
};
struct gcs_multipart gcs_multipart_make(struct arena *arena, struct str metadata,
                                        struct str content_type);
/* Whether an insert was refused because the checksum did not match. */
bool gcs_is_mismatch(struct arena *arena, const struct http_answer *answer);

/* The transfers by size, so that none of the largest is the last to begin. */
size_t *gcs_largest_first(struct arena *arena, const struct transfer *transfers, size_t count);

/* --- what is there already (gcs_present.c) --- */

/* Whether what is there are the bytes of the transfer, as far as the store says. */
bool gcs_is_same(const struct transfer *transfer, const struct gcs_object *object);
/* ERROR_CONFLICT */
int gcs_say_other_bytes(const struct gcs_store *gcs, const struct transfer *transfer,
                        const struct gcs_object *object, struct error *err);
/* Sets is_there[i], `was_there` and `version` of each transfer whose bytes are there;
 * other bytes are ERROR_CONFLICT. Asks nothing where there are few transfers, and finds
 * nothing where the credentials may not list: they may create all the same. */
int gcs_find_present(struct gcs_store *gcs, struct arena *arena, struct transfer *transfers,
                     size_t count, bool *is_there, struct error *err) MUST_USE;

/* --- the calls of backend.h in files of their own --- */

int gcs_list(struct store *store, struct arena *arena, struct str prefix,
             bool (*visit)(void *context, const struct listed *object), void *context,
             struct error *err) MUST_USE;
int gcs_list_folders(struct store *store, struct arena *arena, struct str prefix,
                     struct str **names, size_t *count, struct error *err) MUST_USE;
/* As gcs_list(), with what the API says of each object: it and the key live during the
 * visit only. */
int gcs_list_objects(struct gcs_store *gcs, struct str prefix, bool with_checksums,
                     bool (*visit)(void *context, struct str key, const struct gcs_object *object),
                     void *context, struct error *err) MUST_USE;
int gcs_upload(struct store *store, struct transfer *transfers, size_t count,
               const struct transfer_calls *calls, struct error *err) MUST_USE;
int gcs_download(struct store *store, struct transfer *transfers, size_t count,
                 const struct transfer_calls *calls, struct error *err) MUST_USE;

#endif
