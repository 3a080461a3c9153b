/*
 * The error value of a fallible call.
 *
 *     int thing_open(..., struct error *err) MUST_USE;
 *
 * returns 0 and leaves *err alone, or returns -1 and sets it. Whoever knows a
 * name adds it in front: error_prefix(err, "cannot fetch input '%s'", name).
 * Messages: lower case, no full stop, what failed first, names in single
 * quotes. What to do next goes to `help`.
 *
 * The texts have a fixed size, so that an error can be made when memory is
 * exhausted; what does not fit is cut and ends in "...".
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

/* What kind of failure, for those who decide by it: a retry, an exit status
 * (base/status.h), an input that is absent and not merely unreadable. */
enum error_kind {
    ERROR_NONE,
    ERROR_FAILED,      /* anything that has no kind of its own */
    ERROR_USAGE,       /* the command line, a param */
    ERROR_MANIFEST,    /* the manifest, or jobrun.yaml */
    ERROR_NOT_ALLOWED, /* this machine, environment or permission */
    ERROR_NOT_FOUND,   /* it is really not there */
    ERROR_CONFLICT,    /* a precondition does not hold: somebody else was first */
    ERROR_DAMAGED,     /* bytes that are not what they were promised to be */
    ERROR_UNREACHABLE, /* a store that does not answer */
    ERROR_LIMIT,       /* larger than this program is willing to take */
    ERROR_OUTPUTS,     /* the outputs are not as declared */
    ERROR_INTERRUPTED, /* the user stopped it */
    ERROR_INTERNAL     /* out of memory, or a promise of the system not kept */
};

struct error {
    enum error_kind kind;
    int sys_errno;     /* the errno it came from, or 0 */
    int signal_number; /* of ERROR_INTERRUPTED: the signal, where it is known, or 0 */
    char message[1536];
    char help[768]; /* empty: none */
};

/* Both return -1, for `return error_set(...)`. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
/* The message, a colon and the system's word for errnum. The kind follows from
 * errnum: ENOENT is ERROR_NOT_FOUND, EACCES, EPERM and EROFS are
 * ERROR_NOT_ALLOWED, EEXIST is ERROR_CONFLICT, all others are ERROR_FAILED. */
int error_errno(struct error *err, int errnum, const char *format, ...) PRINTF_LIKE(3, 4);
/* "<this>: <what was there>" */
int error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
int error_help(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
