/*
 * Trees of files as one file: a tar, compressed (base/pack.h). The wrapper of
 * libarchive, which is opened on first use (sys/library.h): linking it would
 * cost every start, and a program that needs more than the C library.
 *
 * What is written depends on the items alone, in the order in which they are
 * added: no time, no owner, no name of a machine, one thread. The same items give
 * the same bytes wherever the compressing library has the same version.
 *
 * What is read comes from others. An archive is refused that is not whole, has
 * anything behind its end, is no tar or is compressed otherwise than its format
 * says; and so is an entry that is neither a file, a link nor a folder. What names
 * and targets of links may be is for the caller to say.
 *
 * Both stream: memory does not depend on sizes or on how many items there are.
 */
#ifndef SYS_TARBALL_H
#define SYS_TARBALL_H

#include "base/base.h"
#include "base/pack.h"
#include "base/str.h"
#include "sys/fs.h"

struct arena;
struct error;
struct tarball;

struct tarball_item {
    enum fs_kind kind; /* FS_FILE, FS_LINK, FS_FOLDER */
    struct str path;   /* of a folder too without a '/' at its end */
    unsigned mode;     /* of a file: 0000 to 0777 */
    uint64_t size_bytes;
    struct str target; /* of a link */
};

/* Whether archives can be written and read here; all other calls ask for it. To be
 * called before long work that ends in an archive. */
int tarball_ready(struct error *err) MUST_USE;

/* --- writing --- */

/*
 *     struct tarball *tarball CLEANUP(tarball_close) = NULL;
 *     tarball_create(arena, fd, format, &tarball, err);
 *     tarball_add(tarball, &item, from, err); ...
 *     tarball_finish(tarball, err);
 */
/* `fd` is borrowed, and written from where it stands. */
int tarball_create(struct arena *arena, int fd, enum pack_format format, struct tarball **tarball,
                   struct error *err) MUST_USE;
/* `from`: the open file of an FS_FILE, read from where it stands; else -1. Fewer
 * or more bytes than the item says are ERROR_OUTPUTS. */
int tarball_add(struct tarball *tarball, const struct tarball_item *item, int from,
                struct error *err) MUST_USE;
int tarball_finish(struct tarball *tarball, struct error *err) MUST_USE;
void tarball_close(struct tarball **tarball);

/* --- reading --- */

struct tarball_calls {
    /* An item begins; it lives until `end`. */
    int (*begin)(void *context, const struct tarball_item *item, struct error *err);
    /* More bytes of a file. */
    int (*data)(void *context, const void *bytes, size_t n, struct error *err);
    int (*end)(void *context, struct error *err);
    void *context;
};

/* Reads the archive from the start of `fd` to its end. A leading "./" is left out
 * of names, and an entry that is "." alone is passed over; modes lose what is not
 * in 0777. ERROR_DAMAGED for what is wrong with the archive, ERROR_INTERRUPTED,
 * and whatever a call says. Messages name the entry, not the archive. */
int tarball_read(int fd, enum pack_format format, const struct tarball_calls *calls,
                 struct error *err) MUST_USE;

#endif
