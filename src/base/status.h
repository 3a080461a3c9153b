/*
 * The exit statuses of jobrun's own, in one table. A command's own status is
 * passed through, so these keep clear of what commands commonly use.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/base.h"
#include "base/error.h"

enum status {
    STATUS_OK = 0,
    STATUS_USAGE = 2,         /* usage or params */
    STATUS_OUTPUTS = 118,     /* outputs not as declared */
    STATUS_MANIFEST = 120,    /* a manifest, or jobrun.yaml, is invalid */
    STATUS_NOT_ALLOWED = 121, /* not here: machine, environment, secret, effect */
    STATUS_ABSENT = 122,      /* an input is absent */
    STATUS_STORE = 123,       /* store failure, conflict or damage */
    STATUS_TIMEOUT = 124,     /* the job ran out of time */
    STATUS_INTERNAL = 125,    /* internal error, out of memory */
    STATUS_CANNOT_EXEC = 126, /* as a shell has them */
    STATUS_NOT_FOUND = 127,
    STATUS_SIGNAL_BASE = 128 /* plus the signal's number */
};

struct status_row {
    int status;
    const char *meaning;
};

/* The table that --help and the man page print; ends with a NULL meaning. */
extern const struct status_row STATUS_TABLE[];

/* The one that is reported of two problems: the first of 2, 120, 121, 122, 123,
 * then the others in order. STATUS_OK gives way to everything. */
enum status status_worse(enum status a, enum status b);

/* The status that an error of this kind ends in when nobody says otherwise:
 * 128 + the signal's number where one interrupted, INT where it does not say. */
enum status status_of_error(const struct error *err);

#endif
