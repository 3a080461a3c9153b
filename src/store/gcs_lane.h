/*
 * Files on their way from a bucket (gcs_lane.c); gcs_download.c has the queue of them.
 *
 * A lane is one request at a time for a piece of a file: all of it, or a slice. What
 * comes is written where it belongs and, in a file that comes whole, summed up as it
 * goes by; behind one in slices a thread follows (follower.h). A piece that breaks off
 * goes on with the byte that lacks, of the same generation. Bytes that were damaged on
 * their way, as the store's own checksum tells, are fetched once more.
 */
#ifndef STORE_GCS_LANE_H
#define STORE_GCS_LANE_H

#include "store/gcs_parts.h"
#include "store/sum.h"

struct downloads;
struct follower;

/* A file under way. */
struct arriving {
    size_t index; /* of the transfer */
    struct transfer *transfer;
    int fd;
    struct arena arena;
    struct str name;       /* the object's */
    struct str generation; /* .n 0: any, until the first answer names it */
    uint32_t crc32c;       /* that the answers name */
    bool has_crc32c;
    unsigned times;
    unsigned lanes; /* at work on it; 0: it is not under way */
    uint64_t told;  /* so many bytes were told as progress */
    uint64_t came;  /* this time */
    struct sum sum; /* of one that comes whole */
    /* In slices. */
    struct follower *follower; /* NULL: it comes whole */
    uint64_t *slices;          /* how much of each is there */
    size_t slice_count, next_slice, first_open;
};

/* A piece of a file up to `end`, of which the byte `at` comes next. */
struct lane {
    struct downloads *downloads;
    struct arriving *file; /* NULL: idle */
    struct arena arena;
    struct gcs_request request;
    struct attempts attempts;
    size_t slice;
    uint64_t end, at;
    uint64_t asked_at; /* where the request at hand begins */
};

struct downloads {
    struct gcs_store *gcs;
    struct transfer *transfers;
    const struct transfer_calls *calls;
    size_t *order;
    size_t count, next;
    struct lane *lanes;     /* HTTP_CONNECTIONS_MAX */
    struct arriving *files; /* likewise */
};

/* Begins with the transfer of this index, in a place for a file that is free. */
int lane_open(struct lane *lane, struct arriving *file, size_t index, struct error *err) MUST_USE;
/* Begins with the next slice of a file that other lanes are at work on. */
void lane_help(struct lane *lane, struct arriving *file);
/* Whether there are slices of it that nobody works on. */
bool arriving_has_more(const struct arriving *file);
/* Gives back what it holds, in the middle. */
void arriving_stop(struct arriving *file);

#endif
