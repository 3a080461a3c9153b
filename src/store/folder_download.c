#include "base/arena.h"
#include "base/error.h"
#include "store/folder_file.h"
#include "store/pool.h"
#include "sys/fd.h"

#include <errno.h>

struct download {
    const struct folder_store *folder;
    int root;
    struct transfer *transfers;
    const struct transfer_calls *calls;
};

static int download_open(void *context, size_t index, int *fd, struct error *err)
{
    struct download *download = context;
    return download->calls->open(download->calls->context, index, fd, err);
}

static int download_done(void *context, size_t index, struct error *err)
{
    struct download *download = context;
    return download->calls->done(download->calls->context, index, err);
}

static void download_progress(void *context, uint64_t bytes)
{
    struct download *download = context;
    if (download->calls->progress) {
        download->calls->progress(download->calls->context, bytes);
    }
}

/* What can be told without reading. A version that is a digest is told by the
 * bytes, which must have the digest of the transfer anyway. */
static int check_object(const struct transfer *transfer, const struct stat *st, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    if ((uint64_t)st->st_size != transfer->size_bytes) {
        return error_set(err, ERROR_DAMAGED, "it has %ju bytes, and should have %ju",
                         (uintmax_t)st->st_size, (uintmax_t)transfer->size_bytes);
    }
    struct str version = transfer->version;
    bool same = version.n == 0 || str_equal(version, transfer->sha256) ||
                str_equal(version, folder_version(&scratch, st));
    return same ? 0 : error_set(err, ERROR_DAMAGED, "it is not the version that was asked for");
}

static int check_copy(const struct transfer *transfer, const struct hashed_copy *copy,
                      struct error *err)
{
    if (copy->size_bytes != transfer->size_bytes) {
        return error_set(err, ERROR_DAMAGED, "its size changed while it was read");
    }
    if (!str_is(transfer->sha256, copy->sha256)) {
        return error_set(err, ERROR_DAMAGED, "its SHA-256 is %s, and should be %.*s", copy->sha256,
                         STR_ARG(transfer->sha256));
    }
    return 0;
}

static int cannot_download(const struct download *download, struct transfer *transfer,
                           struct error *err)
{
    transfer->is_damaged = err->kind == ERROR_DAMAGED || err->kind == ERROR_NOT_FOUND;
    return folder_cannot_read(download->folder, transfer->key, err);
}

static int download_work(void *context, size_t index, int to, struct worker *worker,
                         struct error *err)
{
    struct download *download = context;
    struct transfer *transfer = &download->transfers[index];
    struct arena scratch CLEANUP(arena_free) = {0};
    struct hashed_copy copy = {.counts = true};
    int target CLEANUP(fd_close) = to;
    int fd CLEANUP(fd_close) = -1;
    struct stat st;
    const char *key = str_copy(&scratch, transfer->key).s;
    struct str address = store_address(&download->folder->store, &scratch, transfer->key);
    if (folder_object_open(download->root, key, &fd, &st, err) != 0 ||
        check_object(transfer, &st, err) != 0) {
        return cannot_download(download, transfer, err);
    }
    if (hashed_copy_make(fd, target, transfer->size_bytes, worker, &copy, err) != 0 &&
        !copy.write_failed) {
        return cannot_download(download, transfer, err);
    }
    if (copy.write_failed) {
        return error_errno(err, err->sys_errno, "cannot write the copy of '%.*s'",
                           STR_ARG(address));
    }
    if (check_copy(transfer, &copy, err) != 0) {
        return cannot_download(download, transfer, err);
    }
    return fd_close_checked(&target, address.s, err);
}

int folder_download(struct store *store, struct transfer *transfers, size_t count,
                    const struct transfer_calls *calls, struct error *err)
{
    struct folder_store *folder = folder_of(store);
    int root CLEANUP(fd_close) = -1;
    struct download download = {folder, -1, transfers, calls};
    if (folder_root_open(folder, &root, err) != 0) {
        return cannot_download(&download, &transfers[0], err);
    }
    download.root = root;
    struct pool_job job = {.count = count,
                           .open = download_open,
                           .work = download_work,
                           .done = download_done,
                           .progress = download_progress,
                           .context = &download};
    return pool_run(&job, err);
}
