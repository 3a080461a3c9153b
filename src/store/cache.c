#include "store/cache.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "store/cache_parts.h"
#include "store/hashed_copy.h"
#include "sys/dir.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define ABANDONED_AFTER_NS \
    (INT64_C(24) * 3600 * 1000000000) /* a temporary file that nobody locks */

struct cache *cache_open(struct arena *arena, struct str folder, const struct cache_limits *limits)
{
    if (limits->max_bytes == 0 || limits->max_entries == 0) {
        return NULL;
    }
    struct cache *cache = arena_alloc(arena, sizeof *cache);
    *cache = (struct cache){.arena = arena,
                            .folder = str_copy(arena, folder),
                            .limits = *limits,
                            .root = -1,
                            .temps = -1};
    return cache;
}

void cache_close(struct cache **cache)
{
    if (!*cache) {
        return;
    }
    if (atomic_load(&(*cache)->has_grown)) {
        cache_evict(*cache);
    }
    fd_close(&(*cache)->root);
    fd_close(&(*cache)->temps);
    *cache = NULL;
}

const char *cache_path(struct arena *arena, struct str sha256)
{
    return str_format(arena, CACHE_CONTENT "/%.2s/%.*s", sha256.s, STR_ARG(sha256)).s;
}

/* --- out of it --- */

/* A cache that nobody has made yet is empty. */
static bool open_root(struct cache *cache)
{
    struct error ignored;
    return cache->root >= 0 ||
           (cache->folder.n > 0 && fs_open_folder(cache->folder.s, &cache->root, &ignored) == 0);
}

bool cache_has(struct cache *cache, struct str sha256)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error ignored;
    struct stat st;
    return open_root(cache) &&
           fs_stat_beneath(cache->root, cache_path(&scratch, sha256), &st, &ignored) == 0;
}

enum look { LOOK_GOOD, LOOK_NOTHING, LOOK_DAMAGED };

/* Opens an entry for reading, as far as its size tells that it is the content. */
static enum look open_entry(const struct cache *cache, const char *path, uint64_t size_bytes,
                            int *fd)
{
    struct error problem;
    struct stat st;
    /* O_NONBLOCK: a fifo in its place must not stop the program. */
    if (fs_open_beneath(cache->root, path, O_RDONLY | O_NONBLOCK, 0, fd, &problem) != 0) {
        return problem.sys_errno == ELOOP ? LOOK_DAMAGED : LOOK_NOTHING;
    }
    bool good = fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size_bytes;
    return good ? LOOK_GOOD : LOOK_DAMAGED;
}

/* LOOK_DAMAGED also for what cannot be read to its end. */
static int copy_entry(int from, int to, struct str sha256, uint64_t size_bytes,
                      struct worker *worker, enum look *look, struct error *err)
{
    struct hashed_copy copy = {0};
    struct error problem = {0};
    *look = LOOK_DAMAGED;
    if (hashed_copy_make(from, to, size_bytes, worker, &copy, &problem) == 0) {
        if (copy.size_bytes == size_bytes && str_is(sha256, copy.sha256)) {
            *look = LOOK_GOOD;
        }
        return 0;
    }
    if (!copy.write_failed && problem.kind != ERROR_INTERRUPTED) {
        return 0;
    }
    *err = problem;
    return -1;
}

static int empty_again(int fd, struct error *err)
{
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
        return error_errno(err, errno, "cannot empty a file");
    }
    return 0;
}

int cache_take(struct cache *cache, struct str sha256, uint64_t size_bytes, int fd,
               struct worker *worker, bool *found, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    const char *path = cache_path(&scratch, sha256);
    int entry CLEANUP(fd_close) = -1;
    enum look look = open_entry(cache, path, size_bytes, &entry);
    bool copied = look == LOOK_GOOD;
    if (copied && copy_entry(entry, fd, sha256, size_bytes, worker, &look, err) != 0) {
        return -1;
    }
    *found = look == LOOK_GOOD;
    if (*found) {
        /* On a disk that may only be read nothing is removed either. */
        (void)futimens(entry, NULL);
        return 0;
    }
    struct error ignored;
    if (look == LOOK_DAMAGED) {
        (void)!fs_remove_beneath(cache->root, path, &ignored);
    }
    return copied ? empty_again(fd, err) : 0;
}

/* --- into it --- */

static int make_folder(const struct cache *cache, const char *path, struct error *err)
{
    int parent CLEANUP(fd_close) = -1;
    const char *name;
    if (fs_open_parent_beneath(cache->root, path, &parent, &name, err) != 0) {
        return -1;
    }
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST) {
        return error_errno(err, errno, "cannot make folder '%s'", path);
    }
    return 0;
}

/* Those that fs_temp_sweep() cannot tell: of another host, or of a container that
 * is gone. Nobody writes to one of these for a day and does not lock it. */
static void sweep_abandoned(int temps)
{
    int fd CLEANUP(fd_close) = openat(temps, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir CLEANUP(dir_close) = fd < 0 ? NULL : dir_open(&fd);
    int64_t now_ns = host_now_ms() * 1000000;
    const char *name;
    while (dir && (name = dir_next(dir))) {
        struct error ignored;
        struct stat st;
        int file CLEANUP(fd_close) = -1;
        if (str_starts(str_from(name), STR(FS_TEMP_PREFIX)) &&
            fs_open_beneath(temps, name, O_RDONLY | O_NONBLOCK, 0, &file, &ignored) == 0 &&
            fstat(file, &st) == 0 && now_ns - fs_modified_ns(&st) > ABANDONED_AFTER_NS &&
            fs_lock(file, false, name, &ignored) == 0) {
            unlinkat(temps, name, 0);
        }
    }
}

static int prepare(struct cache *cache, struct error *err)
{
    if (cache->folder.n == 0) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "neither XDG_CACHE_HOME nor HOME is an absolute path");
    }
    if (!open_root(cache) && (fs_make_folders(cache->folder.s, 0700, err) != 0 ||
                              fs_open_folder(cache->folder.s, &cache->root, err) != 0)) {
        return -1;
    }
    if (make_folder(cache, CACHE_CONTENT, err) != 0 || make_folder(cache, CACHE_TEMPS, err) != 0 ||
        fs_open_beneath(cache->root, CACHE_TEMPS, O_RDONLY | O_DIRECTORY, 0, &cache->temps, err) !=
            0) {
        return -1;
    }
    fs_temp_sweep(cache->temps);
    sweep_abandoned(cache->temps);
    return 0;
}

int cache_prepare(struct cache *cache, struct error *err)
{
    if (cache->is_given_up) {
        return error_set(err, ERROR_FAILED, "the cache was given up");
    }
    return cache->temps >= 0 ? 0 : prepare(cache, err);
}

/* Gives the temporary file its name. */
static int keep(const struct cache *cache, struct str temp, const char *path, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    const char *parent = str_copy(&scratch, path_folder(str_from(path))).s;
    if (make_folder(cache, parent, err) != 0 ||
        fs_open_parent_beneath(cache->root, path, &folder, &name, err) != 0) {
        return -1;
    }
    return fs_rename(cache->temps, temp.s, folder, name, true, err);
}

int cache_put(struct cache *cache, struct str sha256, uint64_t size_bytes, int fd,
              struct worker *worker, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int to CLEANUP(fd_close) = -1;
    struct hashed_copy copy = {0};
    struct str temp;
    if (size_bytes > cache->limits.max_bytes) {
        return 0;
    }
    if (lseek(fd, 0, SEEK_SET) != 0) {
        return error_errno(err, errno, "cannot read what was fetched");
    }
    if (fs_temp_create(&scratch, cache->temps, &to, &temp, err) != 0) {
        return -1;
    }
    int status = hashed_copy_make(fd, to, size_bytes, worker, &copy, err);
    bool same = status == 0 && copy.size_bytes == size_bytes && str_is(sha256, copy.sha256);
    if (same) {
        status = keep(cache, temp, cache_path(&scratch, sha256), err);
    }
    if (!same || status != 0) {
        unlinkat(cache->temps, temp.s, 0);
        return status;
    }
    atomic_store(&cache->has_grown, true);
    return 0;
}

/* --- where it cannot be used --- */

void cache_give_up(struct cache *cache, const struct error *why)
{
    if (cache->is_given_up) {
        return;
    }
    cache->is_given_up = true;
    cache->remark =
        cache->folder.n > 0
            ? str_format(cache->arena, "nothing is kept in the cache '%.*s': %s",
                         STR_ARG(cache->folder), why->message)
            : str_format(cache->arena, "what was fetched is not kept in a cache: %s", why->message);
}

struct str cache_remark(struct cache *cache)
{
    struct str remark = {0};
    if (cache) {
        remark = cache->remark;
        cache->remark = (struct str){0};
    }
    return remark;
}
