#include "sys/fs.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#ifdef __APPLE__
#include <sys/mount.h>
#else
#include <sys/statvfs.h>
#endif
#include <unistd.h>

static int too_large(struct error *err, const char *path, size_t max_bytes)
{
    return error_set(err, ERROR_LIMIT, "'%s' is larger than %zu bytes", path, max_bytes);
}

int fs_read_file(struct arena *arena, const char *path, size_t max_bytes, struct str *text,
                 struct error *err)
{
    int fd CLEANUP(fd_close) = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return error_errno(err, errno, "cannot read '%s'", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return error_set(err, ERROR_FAILED, "cannot read '%s': it is a folder", path);
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (uintmax_t)st.st_size > max_bytes) {
        return too_large(err, path, max_bytes);
    }

    /* The size is only a hint: pipes have none, and a file may be growing. */
    size_t capacity = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size + 1 : 4096;
    size_t n = 0;
    char *bytes = arena_alloc(arena, capacity + 1);
    /* Mostly one call brings all of it: fewer bytes than asked for, as many as there are. */
    ssize_t first = S_ISREG(st.st_mode) ? read(fd, bytes, capacity) : 0;
    bool is_whole = first > 0 && first == st.st_size && (size_t)first < capacity;
    n += first > 0 ? (size_t)first : 0;
    while (!is_whole) {
        size_t got;
        if (fd_read_full(fd, bytes + n, capacity - n, &got, path, err) != 0) {
            return -1;
        }
        n += got;
        if (n > max_bytes) {
            return too_large(err, path, max_bytes);
        }
        if (n < capacity) {
            break;
        }
        char *larger = arena_alloc(arena, 2 * capacity + 1);
        memcpy(larger, bytes, n);
        bytes = larger;
        capacity *= 2;
    }
    bytes[n] = '\0';
    *text = (struct str){bytes, n};
    return 0;
}

/* Returns where there is something to read, or the end. */
static int wait_for_input(int fd, const char *what, struct error *err)
{
    struct pollfd waiting[] = {{.fd = fd, .events = POLLIN},
                               {.fd = signals_fd(), .events = POLLIN}};
    if (poll(waiting, ARRAY_COUNT(waiting), -1) < 0 && errno != EINTR) {
        return error_errno(err, errno, "cannot wait for '%s'", what);
    }
    return signals_check(err);
}

int fs_read_stream(struct arena *arena, int fd, size_t max_bytes, const char *what,
                   struct str *text, struct error *err)
{
    char piece[16384];
    struct buf buf = buf_make(arena, max_bytes);
    while (buf.n < max_bytes) {
        if (wait_for_input(fd, what, err) != 0) {
            return -1;
        }
        ssize_t got = read(fd, piece, sizeof piece);
        if (got == 0) {
            break;
        }
        if (got > 0) {
            buf_add(&buf, (struct str){piece, (size_t)got});
        } else if (errno != EINTR && errno != EAGAIN) {
            return error_errno(err, errno, "cannot read '%s'", what);
        }
    }
    *text = buf_str(&buf);
    return 0;
}

int fs_open_folder(const char *path, int *fd, struct error *err)
{
    int opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return error_errno(err, errno, "cannot open folder '%s'", path);
    }
    *fd = opened;
    return 0;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool fs_is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int make_folder(const char *path, mode_t mode, struct error *err)
{
    struct stat st;
    if (mkdir(path, mode) == 0) {
        return 0;
    }
    int problem = errno;
    /* Some systems answer EROFS or EACCES for a folder that is there. */
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            return 0;
        }
        problem = ENOTDIR;
    }
    return error_errno(err, problem, "cannot make folder '%s'", path);
}

int fs_make_folders(const char *path, mode_t mode, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    size_t n = strlen(path);
    char *part = arena_copy(&scratch, path, n);
    for (size_t i = 1; i < n; i++) {
        if (part[i] != '/') {
            continue;
        }
        part[i] = '\0';
        if (make_folder(part, mode, err) != 0) {
            return -1;
        }
        part[i] = '/';
    }
    return make_folder(part, mode, err);
}

int fs_real_path(struct arena *arena, const char *path, struct str *real, struct error *err)
{
    char resolved[PATH_MAX];
    if (!realpath(path, resolved)) {
        return error_errno(err, errno, "cannot find '%s'", path);
    }
    *real = str_copy(arena, str_from(resolved));
    return 0;
}

int fs_current_folder(struct arena *arena, struct str *path, struct error *err)
{
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) {
        return error_errno(err, errno, "cannot find the current folder");
    }
    *path = str_copy(arena, str_from(here));
    return 0;
}

struct str fs_join(struct arena *arena, struct str a, struct str b)
{
    if (a.n == 0 || str_is(a, ".") || (b.n > 0 && b.s[0] == '/')) {
        return str_copy(arena, b);
    }
    if (b.n == 0) {
        return str_copy(arena, a);
    }
    size_t folder = a.s[a.n - 1] == '/' ? a.n - 1 : a.n;
    char *joined = arena_array(arena, folder + 1 + b.n + 1, 1);
    memcpy(joined, a.s, folder);
    joined[folder] = '/';
    memcpy(joined + folder + 1, b.s, b.n);
    return (struct str){joined, folder + 1 + b.n};
}

int fs_sync(int fd, const char *what, struct error *err)
{
#ifdef F_FULLFSYNC
    /* There fsync(2) leaves the bytes in the drive's cache. */
    if (fcntl(fd, F_FULLFSYNC) == 0)
        return 0;
#endif
    while (fsync(fd) != 0) {
        int problem = errno;
        struct stat st;
        if (problem == EINTR) {
            continue;
        }
        /* Not every file system can sync a folder; then there is nothing to do. */
        if ((problem == EINVAL || problem == ENOTSUP) && fstat(fd, &st) == 0 &&
            S_ISDIR(st.st_mode)) {
            return 0;
        }
        return error_errno(err, problem, "cannot write '%s' to the disk", what);
    }
    return 0;
}

bool fs_can_sync_all(void)
{
#ifdef __linux__
    return true;
#else
    return false; /* sync(2) neither waits nor reports failures */
#endif
}

int fs_sync_all(int fd, const char *what, struct error *err)
{
#ifdef __linux__
    return syncfs(fd) == 0 ? 0 : error_errno(err, errno, "cannot write '%s' to the disk", what);
#else
    return fs_sync(fd, what, err);
#endif
}

int fs_room(int fd, uint64_t *free_bytes, uint64_t *total_bytes, struct error *err)
{
#ifdef __APPLE__
    /* Its statvfs(3) counts blocks in 32 bits. */
    struct statfs room;
    int result = fstatfs(fd, &room);
    uint64_t block_bytes = room.f_bsize;
#else
    struct statvfs room;
    int result = fstatvfs(fd, &room);
    uint64_t block_bytes = room.f_frsize;
#endif
    if (result != 0) {
        return error_errno(err, errno, "cannot tell what room the disk has");
    }
    *free_bytes = (uint64_t)room.f_bavail * block_bytes;
    *total_bytes = (uint64_t)room.f_blocks * block_bytes;
    return 0;
}

bool fs_is_unchanged(const struct stat *before, const struct stat *after)
{
    return before->st_size == after->st_size && before->st_ino == after->st_ino &&
           before->st_dev == after->st_dev && fs_modified_ns(before) == fs_modified_ns(after);
}

int64_t fs_modified_ns(const struct stat *st)
{
#ifdef __APPLE__
    return (int64_t)st->st_mtimespec.tv_sec * 1000000000 + st->st_mtimespec.tv_nsec;
#else
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
#endif
}

int fs_lock(int fd, bool wait, const char *what, struct error *err)
{
    int pause_ms = 1;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno != EWOULDBLOCK) {
            return error_errno(err, errno, "cannot lock '%s'", what);
        }
        if (!wait) {
            return error_set(err, ERROR_CONFLICT, "'%s' is locked by another process", what);
        }
        if (signals_check(err) != 0) {
            return error_prefix(err, "cannot lock '%s'", what);
        }
        /* A flock(2) that waits could not be ended by a signal that comes just
         * before it. */
        struct pollfd signal = {.fd = signals_fd(), .events = POLLIN};
        poll(&signal, 1, pause_ms);
        pause_ms = pause_ms < 64 ? 2 * pause_ms : 100;
    }
    return 0;
}
