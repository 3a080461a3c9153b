/*
 * One file on its way to a bucket (gcs_sending.c); in a session where it is large
 * (gcs_resume.c). gcs_upload.c has the queue of them.
 *
 * Each stage is a request whose `done` begins the next one:
 *
 *     small:  insert ------------------------------> sending_end
 *     large:  (ask an old session | start) -> put -> sending_end
 *                  put -> failed -> ask -> put        from what is kept there
 *                  session is gone -> start
 *     412:    look at what is there --------------> sending_end, or a conflict
 */
#ifndef STORE_GCS_SENDING_H
#define STORE_GCS_SENDING_H

#include "store/gcs_parts.h"
#include "store/gcs_session.h"
#include "store/sum.h"

struct uploads;

struct sending {
    struct uploads *uploads; /* NULL: nothing is sent here */
    size_t index;            /* of the transfer */
    struct transfer *transfer;
    int fd;
    struct arena arena;
    struct gcs_request request;
    struct attempts attempts;
    struct str name;
    struct str attempt; /* its id, in the object's metadata */
    struct sum sum;     /* of what was sent, each byte once */
    uint64_t told;      /* so many bytes of it were told as progress */
    unsigned times;     /* it was begun because what arrived was damaged */
    /* In a session. */
    struct gcs_session session;
    uint64_t kept;       /* so many bytes are there */
    unsigned sessions;   /* begun */
    unsigned standstill; /* answers in a row with which no more was kept */
};

struct uploads {
    struct gcs_store *gcs;
    struct transfer *transfers;
    const struct transfer_calls *calls;
    size_t *order; /* the transfers that are to be sent */
    size_t count, next;
    struct sending *slots; /* HTTP_CONNECTIONS_MAX */
};

/* Opens the file of a slot that is filled in, and looks whether it is still the one
 * that was promised. */
int sending_open(struct sending *sending, struct error *err) MUST_USE;
/* From its first byte on. */
void sending_begin(struct sending *sending);
/* Gives back what it holds; the slot is free. */
void sending_close(struct sending *sending);

/* Begins the next request of the sending: its headers and its end. Whoever calls this
 * adds to `sending->request` and then submits it. */
void sending_request(struct sending *sending, const char *method, struct str url,
                     int (*done)(void *context, const struct http_answer *answer,
                                 struct error *err));
void sending_submit(struct sending *sending);

/* What is declared of the object. */
struct str sending_metadata(struct sending *sending);
/* For http_source.sent: the offset in the file is source.offset + at. */
int sending_sum(void *context, uint64_t at, const char *bytes, size_t n, struct error *err);

/* Goes on with the session that a run before left, or begins one. */
void sending_resume(struct sending *sending);

/* The object that the answer describes is there, by this sending. */
int sending_end(struct sending *sending, const struct http_answer *answer, struct error *err);
/* An answer that is neither success nor an end of the session: 412 is looked into,
 * damage on the way is sent once more, all else is an error. */
int sending_refused(struct sending *sending, const struct http_answer *answer, struct error *err);

#endif
