/*
 * The local cache of content that was fetched from a remote store: files named by
 * their SHA-256, below $XDG_CACHE_HOME/jobrun (or ~/.cache/jobrun):
 *
 *     content/<2 hex>/<64 hex>     its time is when it was used last
 *     tmp/                         what is being put in, named as sys/fs.h says
 *
 * Folders have the mode 0700, files 0600. The folder itself may be reached through
 * symbolic links; below it none is followed.
 *
 * Nothing is trusted: what goes in and what comes out is hashed; what does not
 * match is removed and counts as not there. For the same reason nothing is synced:
 * what a crash of the machine leaves behind is damaged or it is not. Several
 * processes may use it at once: files appear by rename, and what is removed stays
 * readable for who has it open.
 *
 *     cache = cache_open(arena, folder, &limits);     touches nothing
 *     if (cache_has(cache, sha256))
 *         cache_take(cache, sha256, size, fd, worker, &found, err);
 *     cache_prepare(cache, err);
 *     cache_put(cache, sha256, size, fd, worker, err);
 *     cache_close(&cache);
 *
 * A cache that cannot be used (no HOME, a full disk, no permission) is no reason
 * for a run to fail: the caller hands the error to cache_give_up(), after which
 * nothing is put in any more, and says what cache_remark() gives, once.
 *
 * cache_take() and cache_put() may be called by several threads at once, between
 * calls of the others, which are for one thread.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct cache;
struct error;
struct worker;

#define CACHE_SIZE_BYTES_DEFAULT ((uint64_t)10 << 30)
#define CACHE_ENTRIES_MAX        ((size_t)1 << 18)

struct cache_limits {
    uint64_t max_bytes; /* 0: no cache at all */
    size_t max_entries; /* CACHE_ENTRIES_MAX, but for tests */
};

/* `folder` is absolute, or empty where there is no place for it. NULL without a
 * limit to fill. The arena must outlive the cache. */
struct cache *cache_open(struct arena *arena, struct str folder, const struct cache_limits *limits);
/* Where something was put in: removes what is least recently used until the limits
 * are kept. That is the only time that all of the cache is looked at. */
void cache_close(struct cache **cache);

/* Whether something has the name of this content; cheap. */
bool cache_has(struct cache *cache, struct str sha256);
/* Copies the content into an empty file (reflink where the file system can),
 * verified, after cache_has() said yes. With *found false it is not there any more or
 * was damaged, and the file is empty again. -1: the file cannot be written, or the
 * work is to end. `worker` (store/pool.h) may be NULL. */
int cache_take(struct cache *cache, struct str sha256, uint64_t size_bytes, int fd,
               struct worker *worker, bool *found, struct error *err) MUST_USE;

/* Makes the folders, and removes what killed processes left in tmp/. Once before
 * cache_put(); any further call does nothing. -1 after cache_give_up() too. */
int cache_prepare(struct cache *cache, struct error *err) MUST_USE;
/* Keeps a copy of the content of a file that is open for reading, if it is this and
 * within the limits. -1: the cache cannot be written, or the work is to end. */
int cache_put(struct cache *cache, struct str sha256, uint64_t size_bytes, int fd,
              struct worker *worker, struct error *err) MUST_USE;

void cache_give_up(struct cache *cache, const struct error *why);
/* What to tell the user of a cache that was given up, the first time; then, and
 * where all is well, .n is 0. `cache` may be NULL. */
struct str cache_remark(struct cache *cache);

#endif
