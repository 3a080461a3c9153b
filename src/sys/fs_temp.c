#include "sys/fs.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/dir.h"
#include "sys/fd.h"
#include "sys/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h> /* RENAME_NOREPLACE */
#include <sys/syscall.h>
#endif

#define RANDOM_DIGITS 16
#define HOST_BYTES    64 /* of the host's name, so that a file name has room for it */
#define CREATE_TRIES  100

/* ".jobrun-tmp-<host>-": what the temporary files of this host begin with. */
static struct str host_prefix(struct arena *arena)
{
    struct str host = str_slice(host_name(arena), 0, HOST_BYTES);
    struct str encoded = str_percent_encode(arena, host);
    return str_format(arena, "%s%.*s-", FS_TEMP_PREFIX, STR_ARG(encoded));
}

int fs_temp_create(struct arena *arena, int folder, int *fd, struct str *name, struct error *err)
{
    struct str prefix = host_prefix(arena);
    for (int i = 0; i < CREATE_TRIES; i++) {
        struct str digits = str_slice(host_random_id(arena), 0, RANDOM_DIGITS);
        struct str made =
            str_format(arena, "%.*s%ld-%.*s", STR_ARG(prefix), (long)getpid(), STR_ARG(digits));
        int opened =
            openat(folder, made.s, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (opened < 0 && errno == EEXIST) {
            continue;
        }
        if (opened < 0) {
            return error_errno(err, errno, "cannot create a temporary file");
        }
        /* For a sweeper in a container, which cannot see this process. Where
         * there are no locks the process id has to do. */
        while (flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EINTR) {
            continue;
        }
        *fd = opened;
        *name = made;
        return 0;
    }
    return error_set(err, ERROR_FAILED, "cannot find a free name for a temporary file");
}

/* Whether the rest of a temporary file's name, "<pid>-<random>", is that of a
 * process that does not run any more. */
static bool owner_is_gone(struct str rest)
{
    struct str pid_text;
    struct str random;
    int64_t pid;
    if (!str_cut(rest, '-', &pid_text, &random) || random.n != RANDOM_DIGITS) {
        return false;
    }
    if (!str_to_int64(pid_text, &pid) || pid <= 0 || pid > INT32_MAX) {
        return false;
    }
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void fs_temp_sweep(int folder)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str prefix = host_prefix(&scratch);
    int fd CLEANUP(fd_close) = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    DIR *dir CLEANUP(dir_close) = dir_open(&fd);
    const char *name;
    while (dir && (name = dir_next(dir))) {
        struct str text = str_from(name);
        if (!str_starts(text, prefix) || !owner_is_gone(str_after(text, prefix.n))) {
            continue;
        }
        int file CLEANUP(fd_close) =
            openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            continue;
        }
        unlinkat(folder, name, 0);
    }
}

/* 0, or -1 with errno: EINVAL, ENOSYS or ENOTSUP where it cannot be done. */
static int rename_exclusive(int from_folder, const char *from, int to_folder, const char *to)
{
#if defined(__linux__) && defined(SYS_renameat2) && defined(RENAME_NOREPLACE)
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, RENAME_NOREPLACE);
#elif defined(__APPLE__) && defined(RENAME_EXCL)
    return renameatx_np(from_folder, from, to_folder, to, RENAME_EXCL);
#else
    (void)from_folder, (void)from, (void)to_folder, (void)to;
    errno = ENOSYS;
    return -1;
#endif
}

int fs_rename_by_link(int from_folder, const char *from, int to_folder, const char *to,
                      struct error *err)
{
    if (linkat(from_folder, from, to_folder, to, 0) != 0) {
        if (errno == EEXIST) {
            return error_set(err, ERROR_CONFLICT, "'%s' is already there", to);
        }
        return error_errno(err, errno, "cannot rename '%s' to '%s' without replacing", from, to);
    }
    /* The new name is there, which is what counts; the old one, if it stays, is
     * a temporary file that is swept. */
    unlinkat(from_folder, from, 0);
    return 0;
}

int fs_rename(int from_folder, const char *from, int to_folder, const char *to, bool replace,
              struct error *err)
{
    if (replace) {
        if (renameat(from_folder, from, to_folder, to) == 0) {
            return 0;
        }
        return error_errno(err, errno, "cannot rename '%s' to '%s'", from, to);
    }
    if (rename_exclusive(from_folder, from, to_folder, to) == 0) {
        return 0;
    }
    if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) {
        return fs_rename_by_link(from_folder, from, to_folder, to, err);
    }
    if (errno == EEXIST) {
        return error_set(err, ERROR_CONFLICT, "'%s' is already there", to);
    }
    return error_errno(err, errno, "cannot rename '%s' to '%s'", from, to);
}
