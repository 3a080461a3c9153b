#include "store/hashed_copy.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/pool.h"
#include "sys/fd.h"
#include "sys/fs.h"

/* Reads, hashes and writes block by block: one pass, and what is hashed is what
 * was written. */
static int copy_blocks(int from, int to, uint64_t size_bytes, char *block, struct worker *worker,
                       struct hashed_copy *copy, struct sha256 *sha, struct error *err)
{
    for (;;) {
        /* One byte more than expected, to see that there is more. */
        uint64_t left = size_bytes + 1 - copy->size_bytes;
        size_t wanted = left < POOL_BLOCK_BYTES ? (size_t)left : POOL_BLOCK_BYTES;
        size_t got;
        if (worker && worker_step(worker, err) != 0) {
            return -1;
        }
        if (fd_read_full(from, block, wanted, &got, "it", err) != 0) {
            return -1;
        }
        copy->size_bytes += got;
        if (copy->size_bytes > size_bytes) {
            return 0;
        }
        sha256_add(sha, block, got);
        if (to >= 0 && fd_write_all(to, block, got, "it", err) != 0) {
            copy->write_failed = true;
            return -1;
        }
        if (worker && copy->counts && got > 0) {
            worker_progress(worker, got);
        }
        if (got < wanted) {
            return 0;
        }
    }
}

int hashed_copy_make(int from, int to, uint64_t size_bytes, struct worker *worker,
                     struct hashed_copy *copy, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;
    char *block = worker ? worker_block(worker) : arena_alloc(&scratch, POOL_BLOCK_BYTES);
    *copy = (struct hashed_copy){.counts = copy->counts};
    /* A clone is hashed from the target, so the bytes that were checked are the
     * bytes that are there, whatever happens to the source meanwhile. */
    if (to >= 0 && size_bytes > 0 && fs_clone(from, to)) {
        from = to;
        to = -1;
    }
    sha256_begin(&sha);
    if (copy_blocks(from, to, size_bytes, block, worker, copy, &sha, err) != 0) {
        return -1;
    }
    sha256_end(&sha, digest);
    struct str hex = digest_hex(&scratch, digest, sizeof digest);
    memcpy(copy->sha256, hex.s, SHA256_HEX);
    return 0;
}
