/*
 * Checksums of many files, several files at a time.
 */
#ifndef RUN_HASH_H
#define RUN_HASH_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct matcher;

struct hash_file {
    int root_fd;                   /* the path is opened beneath it */
    const char *path;              /* NUL-terminated */
    uint64_t size_bytes;           /* what it must be; bytes that come later are a change */
    struct str sha256;             /* set: 64 hexadecimal digits; empty: it could not be hashed */
    uint32_t crc32c;               /* set */
    const struct matcher *refused; /* what its bytes must not hold; NULL: nothing is refused */
    ptrdiff_t found;               /* set: which of these it holds, or -1 */
};

enum hash_mode {
    HASH_ALL,     /* a file that cannot be read, or changes meanwhile, is an error */
    HASH_WHAT_CAN /* it is left without a digest */
};

/* ERROR_OUTPUTS for a file that changes while it is read (size, time or inode),
 * ERROR_INTERRUPTED; else the error of opening or reading. */
int hash_files(struct arena *arena, struct hash_file *files, size_t count, enum hash_mode mode,
               struct error *err) MUST_USE;

#endif
