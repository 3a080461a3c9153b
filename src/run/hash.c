#include "run/hash.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "run/matcher.h"
#include "store/pool.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <fcntl.h>

/* What a thread leaves for a file; the arena is not for several threads. */
struct result {
    unsigned char digest[SHA256_BYTES];
    uint32_t crc32c;
    ptrdiff_t found;
    bool done;
};

struct hashing {
    const struct hash_file *files;
    struct result *results;
    enum hash_mode mode;
};

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
           fs_modified_ns(a) == fs_modified_ns(b);
}

static int changed(const struct hash_file *file, struct error *err)
{
    return error_set(err, ERROR_OUTPUTS, "'%s' changed while it was read", file->path);
}

/* Whatever the block's end cuts in two goes on in the next one. */
static void search(const struct hash_file *file, struct str block, uint32_t *state,
                   struct result *result)
{
    size_t at = 0;
    if (file->refused != NULL && result->found < 0) {
        result->found = matcher_next(file->refused, state, block, &at);
    }
}

static int hash_bytes(const struct hash_file *file, int fd, struct worker *worker,
                      struct result *result, struct error *err)
{
    char *block = worker_block(worker);
    struct sha256 sha;
    uint64_t total = 0;
    size_t got = POOL_BLOCK_BYTES;
    uint32_t state = 0;

    result->found = -1;
    sha256_begin(&sha);
    while (got == POOL_BLOCK_BYTES) {
        if (worker_step(worker, err) < 0 ||
            fd_read_full(fd, block, POOL_BLOCK_BYTES, &got, file->path, err) < 0) {
            return -1;
        }
        total += got;
        /* A file that grows faster than it is read would never end. */
        if (total > file->size_bytes) {
            return changed(file, err);
        }
        sha256_add(&sha, block, got);
        result->crc32c = crc32c(result->crc32c, block, got);
        search(file, (struct str){block, got}, &state, result);
    }
    sha256_end(&sha, result->digest);
    return total == file->size_bytes ? 0 : changed(file, err);
}

static int hash_file(const struct hash_file *file, struct worker *worker, struct result *result,
                     struct error *err)
{
    struct stat before;
    struct stat after;
    int fd CLEANUP(fd_close) = -1;

    /* What is no regular file any more must not block. */
    if (fs_open_beneath(file->root_fd, file->path, O_RDONLY | O_NONBLOCK, 0, &fd, err) < 0) {
        return -1;
    }
    if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) {
        return changed(file, err);
    }
    if (hash_bytes(file, fd, worker, result, err) < 0) {
        return -1;
    }
    if (fstat(fd, &after) != 0 || !is_same(&before, &after)) {
        return changed(file, err);
    }
    result->done = true;
    return 0;
}

/* The thread opens the file itself, so that one that cannot be opened need not
 * end the others. */
static int open_later(void *context, size_t index, int *fd, struct error *err)
{
    (void)context;
    (void)index;
    (void)err;
    *fd = -1;
    return 0;
}

static int work(void *context, size_t index, int fd, struct worker *worker, struct error *err)
{
    const struct hashing *hashing = context;
    struct error problem = {0};

    (void)fd;
    if (hash_file(&hashing->files[index], worker, &hashing->results[index], &problem) == 0 ||
        (hashing->mode == HASH_WHAT_CAN && problem.kind != ERROR_INTERRUPTED)) {
        return 0;
    }
    *err = problem;
    return -1;
}

int hash_files(struct arena *arena, struct hash_file *files, size_t count, enum hash_mode mode,
               struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct hashing hashing = {.files = files, .mode = mode};
    struct pool_job job = {.count = count, .open = open_later, .work = work, .context = &hashing};

    hashing.results = arena_array(&scratch, count, sizeof *hashing.results);
    if (count > 0 && pool_run(&job, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        files[i].sha256 = (struct str){0};
        files[i].found = -1;
        if (hashing.results[i].done) {
            files[i].sha256 = digest_hex(arena, hashing.results[i].digest, SHA256_BYTES);
            files[i].crc32c = hashing.results[i].crc32c;
            files[i].found = hashing.results[i].found;
        }
    }
    return 0;
}
