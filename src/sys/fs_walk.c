#include "sys/fs.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "sys/dir.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Deeper than FS_DEPTH_MAX folders of the longest names is not reached. */
#define WALK_PATH_MAX ((size_t)(FS_DEPTH_MAX + 1) * 256 + PATH_BYTES_MAX)

struct walk {
    enum fs_walk (*visit)(void *context, const struct fs_entry *entry, struct error *err);
    void *context;
    struct buf path;
};

static int walk_folder(struct walk *walk, DIR *dir, int depth, struct error *err);

static enum fs_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode)) {
        return FS_FILE;
    }
    if (S_ISLNK(mode)) {
        return FS_LINK;
    }
    return S_ISDIR(mode) ? FS_FOLDER : FS_OTHER;
}

static int cannot_walk(struct walk *walk, int errnum, struct error *err)
{
    struct str path = buf_str(&walk->path);
    return error_errno(err, errnum, "cannot read folder '%s'", path.n > 0 ? path.s : ".");
}

/* All names in the folder, sorted. */
static int read_names(struct walk *walk, DIR *dir, struct arena *arena, struct str **names,
                      size_t *count, struct error *err)
{
    size_t capacity = 0;
    const char *name;
    rewinddir(dir);
    while ((name = dir_next(dir))) {
        if (*count >= FS_FOLDER_ENTRIES_MAX) {
            return error_set(err, ERROR_LIMIT, "folder '%.*s' holds more than %d entries",
                             STR_ARG(buf_str(&walk->path)), FS_FOLDER_ENTRIES_MAX);
        }
        *ARENA_PUSH(arena, *names, *count, capacity) = str_copy(arena, str_from(name));
    }
    if (errno) {
        return cannot_walk(walk, errno, err);
    }
    if (*count > 0) {
        qsort(*names, *count, sizeof **names, str_compare_for_sort);
    }
    return 0;
}

/* An entry that is a folder is opened before the visit, to see whether it is
 * empty; a failure counts only if the visitor wants to go into it. */
static int visit_entry(struct walk *walk, int folder, const char *name, int depth,
                       struct error *err)
{
    struct fs_entry entry = {0};
    if (fstatat(folder, name, &entry.st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? 0 : cannot_walk(walk, errno, err);
    }
    entry.kind = kind_of(entry.st.st_mode);
    entry.path = buf_str(&walk->path);

    DIR *dir CLEANUP(dir_close) = NULL;
    int problem = 0;
    if (entry.kind == FS_FOLDER) {
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        dir = fd < 0 ? NULL : dir_open(&fd);
        entry.empty = dir && !dir_next(dir) && errno == 0;
        problem = dir ? 0 : errno;
    }
    switch (walk->visit(walk->context, &entry, err)) {
    case FS_WALK_STOP:
        return -1;
    case FS_WALK_SKIP:
        return 0;
    case FS_WALK_ON:
        break;
    }
    if (entry.kind != FS_FOLDER || entry.empty) {
        return 0;
    }
    return dir ? walk_folder(walk, dir, depth + 1, err) : cannot_walk(walk, problem, err);
}

static int walk_folder(struct walk *walk, DIR *dir, int depth, struct error *err)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str *names = NULL;
    size_t count = 0;
    size_t before = walk->path.n;
    if (depth > FS_DEPTH_MAX) {
        return error_set(err, ERROR_LIMIT, "folders in '%.*s' are nested more than %d deep",
                         STR_ARG(str_slice(buf_str(&walk->path), 0, 200)), FS_DEPTH_MAX);
    }
    if (read_names(walk, dir, &arena, &names, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (before > 0) {
            buf_add_char(&walk->path, '/');
        }
        buf_add(&walk->path, names[i]);
        int status = visit_entry(walk, dirfd(dir), names[i].s, depth, err);
        walk->path.n = before;
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

int fs_walk(int root, const char *path,
            enum fs_walk (*visit)(void *context, const struct fs_entry *entry, struct error *err),
            void *context, struct error *err)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct walk walk = {visit, context, buf_make(&arena, WALK_PATH_MAX)};
    int fd CLEANUP(fd_close) = -1;
    if (path[0] == '\0') {
        fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else if (fs_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, err) != 0) {
        return -1;
    }
    buf_add(&walk.path, str_from(path));
    if (fd < 0) {
        return cannot_walk(&walk, errno, err);
    }
    DIR *dir CLEANUP(dir_close) = dir_open(&fd);
    if (!dir) {
        return cannot_walk(&walk, errno, err);
    }
    return walk_folder(&walk, dir, 0, err);
}
