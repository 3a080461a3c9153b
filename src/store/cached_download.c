#include "store/cached_download.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/backend.h"
#include "store/cache.h"
#include "store/pool.h"
#include "sys/fd.h"

#include <fcntl.h>

struct cached {
    struct store *store;
    struct transfer *transfers;
    const struct transfer_calls *calls;
    int *opened;     /* of each transfer: a file that the cache could not fill, else -1 */
    size_t *indexes; /* the transfers that the current stage is about */
    size_t index_count;

    size_t damaged_count;
    struct transfer *rest; /* what the backend is asked for, in the order of the indexes */
    int *brought;          /* of each of the rest: another descriptor of its file, else -1 */
    size_t waiting[CACHE_WAITING_MAX]; /* of the rest: to be put in */
    size_t waiting_count;
};

static int *closed_fds(struct arena *arena, size_t count)
{
    int *fds = arena_array(arena, count, sizeof *fds);
    for (size_t i = 0; i < count; i++) {
        fds[i] = -1;
    }
    return fds;
}

static void close_fds(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fd_close(&fds[i]);
    }
}

static void report_progress(void *context, uint64_t bytes)
{
    const struct cached *cached = context;
    if (cached->calls->progress) {
        cached->calls->progress(cached->calls->context, bytes);
    }
}

/* --- what the cache has --- */

/* No file is opened any more where the cache is damaged all over: each file that it
 * could not fill stays open. */
static int take_open(void *context, size_t i, int *fd, struct error *err)
{
    struct cached *cached = context;
    *fd = -1;
    return cached->damaged_count > CACHE_DAMAGED_MAX
               ? 0
               : cached->calls->open(cached->calls->context, cached->indexes[i], fd, err);
}

static int cannot_write(const struct cached *cached, struct str key, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str address = store_address(cached->store, &scratch, key);
    return error_prefix(err, "cannot write the copy of '%.*s'", STR_ARG(address));
}

static int take_work(void *context, size_t i, int fd, struct worker *worker, struct error *err)
{
    struct cached *cached = context;
    size_t index = cached->indexes[i];
    struct transfer *transfer = &cached->transfers[index];
    int target CLEANUP(fd_close) = fd;
    bool found = false;
    if (target < 0) {
        return 0;
    }
    if (cache_take(cached->store->cache, transfer->sha256, transfer->size_bytes, target, worker,
                   &found, err) != 0) {
        return err->kind == ERROR_INTERRUPTED ? -1 : cannot_write(cached, transfer->key, err);
    }
    if (!found) {
        cached->opened[index] = fd_take(&target);
        return 0;
    }
    worker_progress(worker, transfer->size_bytes);
    transfer->was_cached = true;
    return fd_close_checked(&target, "it", err) != 0 ? cannot_write(cached, transfer->key, err) : 0;
}

static int take_done(void *context, size_t i, struct error *err)
{
    struct cached *cached = context;
    size_t index = cached->indexes[i];
    if (cached->transfers[index].was_cached) {
        return cached->calls->done(cached->calls->context, index, err);
    }
    cached->damaged_count += cached->opened[index] >= 0;
    return 0;
}

static int take_all(struct cached *cached, size_t count, struct error *err)
{
    cached->index_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (cache_has(cached->store->cache, cached->transfers[i].sha256)) {
            cached->indexes[cached->index_count++] = i;
        }
    }
    struct pool_job job = {.count = cached->index_count,
                           .open = take_open,
                           .work = take_work,
                           .done = take_done,
                           .progress = report_progress,
                           .context = cached};
    return cached->index_count == 0 ? 0 : pool_run(&job, err);
}

/* --- what goes in --- */

static int put_open(void *context, size_t i, int *fd, struct error *err)
{
    struct cached *cached = context;
    (void)err;
    *fd = fd_take(&cached->brought[cached->waiting[i]]);
    return 0;
}

static int put_work(void *context, size_t i, int fd, struct worker *worker, struct error *err)
{
    const struct cached *cached = context;
    const struct transfer *transfer = &cached->rest[cached->waiting[i]];
    int file CLEANUP(fd_close) = fd;
    return cache_put(cached->store->cache, transfer->sha256, transfer->size_bytes, file, worker,
                     err);
}

/* Only a signal is the run's problem. */
static int put_waiting(struct cached *cached, struct error *err)
{
    struct pool_job job = {
        .count = cached->waiting_count, .open = put_open, .work = put_work, .context = cached};
    struct error problem = {0};
    int status = cached->waiting_count == 0 ? 0 : pool_run(&job, &problem);
    for (size_t i = 0; i < cached->waiting_count; i++) {
        fd_close(&cached->brought[cached->waiting[i]]);
    }
    cached->waiting_count = 0;
    if (status != 0 && problem.kind == ERROR_INTERRUPTED) {
        *err = problem;
        return -1;
    }
    if (status != 0) {
        cache_give_up(cached->store->cache, &problem);
    }
    return 0;
}

/* --- what the backend brings --- */

/* A second descriptor of the file that is about to be filled: the backend closes
 * its own. Without one the content is not kept. */
static int hold(struct cache *cache, int fd)
{
    struct error ignored;
    int flags = fcntl(fd, F_GETFL);
    bool is_readable = flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
    return is_readable && cache_prepare(cache, &ignored) == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static int bring_open(void *context, size_t i, int *fd, struct error *err)
{
    struct cached *cached = context;
    size_t index = cached->indexes[i];
    if (cached->opened[index] >= 0) {
        *fd = fd_take(&cached->opened[index]);
    } else if (cached->calls->open(cached->calls->context, index, fd, err) != 0) {
        return -1;
    }
    fd_close(&cached->brought[i]);
    cached->brought[i] = hold(cached->store->cache, *fd);
    return 0;
}

static int bring_done(void *context, size_t i, struct error *err)
{
    struct cached *cached = context;
    if (cached->calls->done(cached->calls->context, cached->indexes[i], err) != 0) {
        return -1;
    }
    if (cached->brought[i] < 0) {
        return 0;
    }
    cached->waiting[cached->waiting_count++] = i;
    return cached->waiting_count == CACHE_WAITING_MAX ? put_waiting(cached, err) : 0;
}

static int bring_rest(struct cached *cached, size_t count, struct arena *arena, struct error *err)
{
    struct transfer_calls calls = {
        .open = bring_open, .done = bring_done, .progress = report_progress, .context = cached};
    struct error problem = {0};
    cached->rest = arena_array(arena, count, sizeof *cached->rest);
    cached->index_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!cached->transfers[i].was_cached) {
            cached->rest[cached->index_count] = cached->transfers[i];
            cached->indexes[cached->index_count++] = i;
        }
    }
    if (cached->index_count == 0) {
        return 0;
    }
    if (cache_prepare(cached->store->cache, &problem) != 0) {
        cache_give_up(cached->store->cache, &problem);
    }
    cached->brought = closed_fds(arena, cached->index_count);
    int status = cached->store->backend->download(cached->store, cached->rest, cached->index_count,
                                                  &calls, err);
    for (size_t i = 0; i < cached->index_count; i++) {
        cached->transfers[cached->indexes[i]].is_damaged = cached->rest[i].is_damaged;
    }
    /* The failure of the download is the one that counts. */
    if (put_waiting(cached, status != 0 ? &problem : err) != 0) {
        status = -1;
    }
    close_fds(cached->brought, cached->index_count);
    return status;
}

int cached_download(struct store *store, struct transfer *transfers, size_t count,
                    const struct transfer_calls *calls, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct cached cached = {.store = store, .transfers = transfers, .calls = calls};
    cached.opened = closed_fds(&scratch, count);
    cached.indexes = arena_array(&scratch, count, sizeof *cached.indexes);
    int status = take_all(&cached, count, err);
    if (status == 0) {
        status = bring_rest(&cached, count, &scratch, err);
    }
    close_fds(cached.opened, count);
    return status;
}
