#include "sys/fs.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "sys/dir.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#if defined(SYS_openat2) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#define HAVE_OPENAT2 1
#endif
#endif

#ifdef O_PATH
#define O_PASS (O_PATH | O_DIRECTORY) /* needs no permission to read */
#else
#define O_PASS (O_RDONLY | O_DIRECTORY)
#endif

/* How often a folder is read again whose entries went away while others came. */
#define REMOVE_PASSES_MAX 16

static int check_path(const char *path, struct error *err)
{
    const char *problem = path_segments_problem(str_from(path));
    return problem ? error_set(err, ERROR_FAILED, "path '%s' %s", path, problem) : 0;
}

static int beneath_error(struct error *err, int errnum, const char *doing, const char *path)
{
    if (errnum != ELOOP) {
        return error_errno(err, errnum, "cannot %s '%s'", doing, path);
    }
    error_set(err, ERROR_FAILED, "cannot %s '%s': it is, or leads through, a symbolic link", doing,
              path);
    err->sys_errno = ELOOP;
    return -1;
}

/* The descriptor, or -1 with errno. */
static int open_segment(int folder, struct str segment, int flags, mode_t mode)
{
    char name[NAME_MAX + 1];
    if (segment.n > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, segment.s, segment.n);
    name[segment.n] = '\0';
    int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0 && (errno == ENOTDIR || errno == EMLINK)) {
        /* What systems say when O_DIRECTORY and O_NOFOLLOW meet a link. */
        struct stat st;
        bool is_link = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
        errno = is_link ? ELOOP : ENOTDIR;
    }
    return fd;
}

static int open_by_segment(int root, const char *path, int flags, mode_t mode)
{
    int folder CLEANUP(fd_close) = -1;
    struct str rest = str_from(path);
    struct str segment;
    while (str_cut(rest, '/', &segment, &rest)) {
        int next = open_segment(folder < 0 ? root : folder, segment, O_PASS, 0);
        if (next < 0) {
            return -1;
        }
        fd_close(&folder);
        folder = next;
    }
    return open_segment(folder < 0 ? root : folder, segment, flags, mode);
}

static int open_path(int root, const char *path, int flags, mode_t mode)
{
#ifdef HAVE_OPENAT2
    struct open_how how = {
        /* O_NOFOLLOW would turn the ELOOP of a link into other errors. */
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0) {
        return (int)fd;
    }
    /* EPERM is what old container sandboxes say to system calls that they do
     * not know; EAGAIN, a rename in the way. */
    if (errno != ENOSYS && errno != EPERM && errno != EAGAIN) {
        return -1;
    }
#endif
    return open_by_segment(root, path, flags, mode);
}

int fs_open_beneath(int root, const char *path, int flags, mode_t mode, int *fd, struct error *err)
{
    if (check_path(path, err) != 0) {
        return -1;
    }
    int opened = open_path(root, path, flags, mode);
    if (opened < 0) {
        return beneath_error(err, errno, "open", path);
    }
    *fd = opened;
    return 0;
}

int fs_open_beneath_by_segment(int root, const char *path, int flags, mode_t mode, int *fd,
                               struct error *err)
{
    if (check_path(path, err) != 0) {
        return -1;
    }
    int opened = open_by_segment(root, path, flags, mode);
    if (opened < 0) {
        return beneath_error(err, errno, "open", path);
    }
    *fd = opened;
    return 0;
}

int fs_open_parent_beneath(int root, const char *path, int *fd, const char **name,
                           struct error *err)
{
    if (check_path(path, err) != 0) {
        return -1;
    }
    int opened;
    const char *slash = strrchr(path, '/');
    if (slash) {
        char parent[PATH_BYTES_MAX + 1];
        size_t n = (size_t)(slash - path);
        memcpy(parent, path, n);
        parent[n] = '\0';
        opened = open_path(root, parent, O_RDONLY | O_DIRECTORY, 0);
    } else {
        opened = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (opened < 0) {
        return beneath_error(err, errno, "open the folder of", path);
    }
    *fd = opened;
    *name = slash ? slash + 1 : path;
    return 0;
}

/* The folder of this name, made where it is not there; -1 with errno. */
static int make_segment(int folder, struct str segment)
{
    int fd = open_segment(folder, segment, O_PASS, 0);
    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    char name[NAME_MAX + 1];
    memcpy(name, segment.s, segment.n);
    name[segment.n] = '\0';
    if (mkdirat(folder, name, 0777) != 0 && errno != EEXIST) {
        return -1;
    }
    return open_segment(folder, segment, O_PASS, 0);
}

int fs_make_folders_beneath(int root, const char *path, struct error *err)
{
    if (check_path(path, err) != 0) {
        return -1;
    }
    int folder CLEANUP(fd_close) = open_path(root, path, O_PASS, 0);
    if (folder >= 0) {
        return 0;
    }
    struct str rest = str_from(path);
    struct str segment;
    bool more = true;
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        int next = make_segment(folder < 0 ? root : folder, segment);
        if (next < 0) {
            return beneath_error(err, errno, "make folder", path);
        }
        fd_close(&folder);
        folder = next;
    }
    return 0;
}

/* Opens the folder of `path`. Where that folder is missing, or is a file, there
 * is nothing at the path: ERROR_NOT_FOUND. */
static int open_parent_to_look(int root, const char *path, int *fd, const char **name,
                               struct error *err)
{
    if (fs_open_parent_beneath(root, path, fd, name, err) == 0) {
        return 0;
    }
    if (err->sys_errno == ENOTDIR) {
        err->kind = ERROR_NOT_FOUND;
    }
    return -1;
}

int fs_stat_beneath(int root, const char *path, struct stat *st, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    if (open_parent_to_look(root, path, &folder, &name, err) != 0) {
        return -1;
    }
    if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_errno(err, errno, "cannot look at '%s'", path);
    }
    return 0;
}

int fs_read_link_beneath(struct arena *arena, int root, const char *path, struct str *target,
                         struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    char text[PATH_MAX];
    if (open_parent_to_look(root, path, &folder, &name, err) != 0) {
        return -1;
    }
    ssize_t n = readlinkat(folder, name, text, sizeof text);
    if (n < 0) {
        return error_errno(err, errno, "cannot read the symbolic link '%s'", path);
    }
    if ((size_t)n == sizeof text) {
        return error_set(err, ERROR_LIMIT, "the target of the symbolic link '%s' is too long",
                         path);
    }
    *target = str_copy(arena, (struct str){text, (size_t)n});
    return 0;
}

static int remove_entry(int folder, const char *name, int depth, struct error *err);

/* Removes what is in the folder; *removed says whether anything was. */
static int remove_contents(DIR *dir, int depth, bool *removed, struct error *err)
{
    const char *name;
    *removed = false;
    while ((name = dir_next(dir))) {
        if (remove_entry(dirfd(dir), name, depth + 1, err) != 0) {
            return -1;
        }
        *removed = true;
    }
    return errno ? error_errno(err, errno, "cannot read a folder") : 0;
}

static int remove_folder(int folder, const char *name, int depth, struct error *err)
{
    if (depth > FS_DEPTH_MAX) {
        return error_set(err, ERROR_LIMIT, "folders are nested more than %d deep", FS_DEPTH_MAX);
    }
    int fd CLEANUP(fd_close) =
        openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return errno == ENOENT ? 0 : error_errno(err, errno, "'%s'", name);
    }
    /* Build tools make folders read-only. A failure shows at the next step. */
    if ((st.st_mode & S_IRWXU) != S_IRWXU) {
        fchmod(fd, (st.st_mode | S_IRWXU) & 07777);
    }
    DIR *dir CLEANUP(dir_close) = dir_open(&fd);
    if (!dir) {
        return error_errno(err, errno, "'%s'", name);
    }
    bool removed = true;
    int problem = 0;
    for (int pass = 0; pass < REMOVE_PASSES_MAX && removed; pass++) {
        rewinddir(dir);
        if (remove_contents(dir, depth, &removed, err) != 0) {
            return -1;
        }
        if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
            return 0;
        }
        problem = errno;
        if (problem != ENOTEMPTY && problem != EEXIST) {
            break;
        }
    }
    return error_errno(err, problem, "'%s'", name);
}

static int remove_entry(int folder, const char *name, int depth, struct error *err)
{
    struct stat st;
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) {
        return 0;
    }
    int problem = errno; /* of a folder: EISDIR, or EPERM */
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)) {
        return remove_folder(folder, name, depth, err);
    }
    return error_errno(err, problem, "'%s'", name);
}

int fs_remove_beneath(int root, const char *path, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    struct error problem;
    if (open_parent_to_look(root, path, &folder, &name, &problem) != 0) {
        if (problem.kind == ERROR_NOT_FOUND) {
            return 0;
        }
        *err = problem;
        return -1;
    }
    if (remove_entry(folder, name, 1, err) != 0) {
        return error_prefix(err, "cannot remove '%s'", path);
    }
    return 0;
}
