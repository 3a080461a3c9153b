/*
 * The session of a large upload, kept on this machine, so that the next run goes on
 * where this one was cut off, by whatever.
 *
 *     struct gcs_session session = GCS_SESSION_NONE;
 *     gcs_session_open(arena, state_folder, &wanted, &session);
 *     if (session.uri.n > 0) ...                   one that was begun before
 *     gcs_session_keep(&session, uri);             one that was begun now
 *     gcs_session_drop(&session);                  done, or it is of no use any more
 *     gcs_session_close(&session);
 *
 * Each is a file in the state folder, mode 0600, for whoever has the URI of a session
 * may write with it; it is locked while it is in use, so that two runs never send into
 * one session. Its name comes from the object's address, size and SHA-256: a file
 * with other bytes finds no session. What is older than GCS_SESSION_MS_MAX, when
 * Google has forgotten it too, is removed by the next upload.
 *
 * Nothing here fails an upload: what cannot be kept begins anew the next time.
 */
#ifndef STORE_GCS_SESSION_H
#define STORE_GCS_SESSION_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define GCS_SESSION_MS_MAX (INT64_C(7) * 24 * 3600 * 1000)

struct gcs_session_of {
    struct str endpoint; /* a URI that leads elsewhere is not used */
    struct str address;
    struct str sha256;
    uint64_t size_bytes;
};

struct gcs_session {
    int folder, fd; /* -1: nothing is kept */
    struct str name;
    struct gcs_session_of of;
    struct str uri; /* .n 0: there is none */
};
#define GCS_SESSION_NONE ((struct gcs_session){.folder = -1, .fd = -1})

/* `state_folder` is made where it is not there; empty: nothing is kept. */
void gcs_session_open(struct arena *arena, struct str state_folder, const struct gcs_session_of *of,
                      struct gcs_session *session);
void gcs_session_keep(struct gcs_session *session, struct str uri);
void gcs_session_drop(struct gcs_session *session);
void gcs_session_close(struct gcs_session *session);

/* Whether the URI is one of the endpoint's: a session elsewhere would be given the
 * authorization. */
bool gcs_session_uri_is_own(struct str endpoint, struct str uri);

/* Removes those that are too old and not in use. */
void gcs_session_sweep(struct str state_folder);

#endif
