/*
 * An answer of Google Cloud Storage that is no success, as an error for people:
 * what could not be done with which address, the reason, and what to do next. Pure.
 *
 *     cannot write 'gs://bucket/dev/...': no permission for service account '...'
 *         (403 forbidden: ... does not have storage.objects.create access ...)
 *     help: it takes the permission storage.objects.create in bucket ...
 *
 * Kinds: 404 of an object ERROR_NOT_FOUND; 401 and 403 ERROR_NOT_ALLOWED; 412 and
 * 304 ERROR_CONFLICT; quota, 408, 429, 5xx, redirects and no answer at all
 * ERROR_UNREACHABLE; everything else ERROR_FAILED.
 */
#ifndef STORE_GCS_PROBLEM_H
#define STORE_GCS_PROBLEM_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct http_answer;

enum gcs_doing { GCS_READ, GCS_CREATE, GCS_REPLACE, GCS_LIST, GCS_REMOVE };

/* Of what it is said. */
struct gcs_subject {
    enum gcs_doing doing;
    struct str address; /* gs://bucket/... */
    struct str bucket;
    struct str host;
    struct str who;       /* google_auth_describe() */
    struct str next_step; /* google_auth_next_step() */
};

/* What an answer says of itself; both may be empty. */
struct gcs_complaint {
    struct str reason;  /* "forbidden" */
    struct str message; /* one line, printable, of limited length */
};
struct gcs_complaint gcs_complaint_of(struct arena *arena, const struct http_answer *answer);

/* Whether a 404 may be the bucket's, and not the object's: then it is worth asking. */
bool gcs_may_lack_bucket(enum gcs_doing doing, const struct http_answer *answer);

/* Sets the error; returns -1. */
int gcs_problem(const struct gcs_subject *subject, const struct http_answer *answer,
                struct error *err);
int gcs_no_bucket(const struct gcs_subject *subject, struct error *err);
/* A success that makes no sense: a page of a proxy, most likely. */
int gcs_not_understood(const struct gcs_subject *subject, const char *what, struct error *err);
/* The same, without "cannot ..." in front. */
int gcs_makes_no_sense(struct str host, const char *what, struct error *err);
/* "cannot read '<address>': <what the error says>" */
int gcs_cannot(const struct gcs_subject *subject, struct error *err);

#endif
