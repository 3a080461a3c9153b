/*
 * A copy of a file that is hashed as it is made: what has the digest is what the
 * copy holds, whatever happens to the file meanwhile. A file system that can
 * shares the blocks (fs_clone()).
 */
#ifndef STORE_HASHED_COPY_H
#define STORE_HASHED_COPY_H

#include "base/base.h"
#include "base/digest.h"

struct error;
struct worker;

struct hashed_copy {
    uint64_t size_bytes;
    char sha256[SHA256_HEX + 1];
    bool write_failed; /* where the call failed: on the side of `to` */
    bool counts;       /* set by the caller: the bytes are reported as progress */
};

/* Copies the file `from`, read from its start, to the empty file `to` and hashes
 * the bytes that `to` holds then; `to` -1 only hashes. What follows
 * `size_bytes` is not copied, but counts as one byte more. `worker` (store/pool.h)
 * may be NULL. */
int hashed_copy_make(int from, int to, uint64_t size_bytes, struct worker *worker,
                     struct hashed_copy *copy, struct error *err) MUST_USE;

#endif
