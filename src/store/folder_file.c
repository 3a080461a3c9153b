#include "store/folder_file.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* How often a folder may go away under a writer before the writer gives up. */
#define FOLDER_TRIES 16

struct folder_store *folder_of(struct store *store)
{
    return (struct folder_store *)(void *)store;
}

struct str folder_version(struct arena *arena, const struct stat *st)
{
    return str_format(arena, "%jd-%jd-%ju", (intmax_t)st->st_size, (intmax_t)fs_modified_ns(st),
                      (uintmax_t)st->st_ino);
}

int folder_version_holds(int fd, const struct stat *st, struct str version, bool *holds,
                         struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    if (!digest_is_sha256_hex(version)) {
        *holds = str_equal(version, folder_version(&scratch, st));
        return 0;
    }
    struct hashed_copy copy = {0};
    *holds = false;
    if ((uint64_t)st->st_size > FOLDER_DIGEST_MAX) {
        return 0;
    }
    if (hashed_copy_make(fd, -1, (uint64_t)st->st_size, NULL, &copy, err) != 0) {
        return -1;
    }
    *holds = copy.size_bytes == (uint64_t)st->st_size && str_is(version, copy.sha256);
    return 0;
}

int folder_root_open(const struct folder_store *folder, int *fd, struct error *err)
{
    const char *root = folder->store.folder.s;
    if (fs_open_folder(root, fd, err) == 0) {
        return 0;
    }
    if (err->sys_errno == ENOTDIR) {
        return error_set(err, ERROR_FAILED, "the store '%s' is not a folder", root);
    }
    return -1;
}

static int make_folder_durably(struct arena *scratch, const char *path, struct error *err)
{
    struct str above = path_folder(str_from(path));
    const char *parent = above.n > 0 ? str_copy(scratch, above).s : "/";
    int fd CLEANUP(fd_close) = -1;
    if (fs_make_folders(path, 0777, err) != 0 || fs_open_folder(parent, &fd, err) != 0) {
        return -1;
    }
    return fs_sync(fd, parent, err);
}

int folder_root_make(const struct folder_store *folder, int *fd, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error problem;
    if (folder_root_open(folder, fd, &problem) == 0) {
        return 0;
    }
    if (problem.kind != ERROR_NOT_FOUND) {
        *err = problem;
        return -1;
    }
    struct str root = folder->store.folder;
    char *path = arena_copy(&scratch, root.s, root.n);
    for (size_t i = 1; i <= root.n; i++) {
        if (root.s[i] != '/' && i < root.n) {
            continue;
        }
        path[i] = '\0';
        if (!fs_exists(path) && make_folder_durably(&scratch, path, err) != 0) {
            return -1;
        }
        path[i] = root.s[i];
    }
    return folder_root_open(folder, fd, err);
}

/* Makes the folder `path`, those above it being there. */
static int make_beneath(int root, const char *path, bool sync, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    if (fs_open_parent_beneath(root, path, &folder, &name, err) != 0) {
        return -1;
    }
    if (mkdirat(folder, name, 0777) == 0) {
        return sync ? fs_sync(folder, path, err) : 0;
    }
    return errno == EEXIST ? 0 : error_errno(err, errno, "cannot make folder '%s'", path);
}

/* The folder that a key lies in, made where it is not there; durably if `sync`.
 * *name becomes the key's last segment. */
static int parent_make(int root, const char *key, bool sync, int *fd, const char **name,
                       struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error problem;
    if (fs_open_parent_beneath(root, key, fd, name, &problem) == 0) {
        return 0;
    }
    if (problem.kind != ERROR_NOT_FOUND) {
        *err = problem;
        return -1;
    }
    char *path = arena_copy(&scratch, key, strlen(key));
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (make_beneath(root, path, sync, err) != 0) {
            return -1;
        }
        *slash = '/';
    }
    return fs_open_parent_beneath(root, key, fd, name, err);
}

int folder_object_open(int root, const char *key, int *fd, struct stat *st, struct error *err)
{
    int opened CLEANUP(fd_close) = -1;
    /* O_NONBLOCK: a fifo in the object's place must not stop the program. */
    if (fs_open_beneath(root, key, O_RDONLY | O_NONBLOCK, 0, &opened, err) != 0) {
        if (err->sys_errno == ENOTDIR) {
            err->kind = ERROR_NOT_FOUND;
        }
        return -1;
    }
    if (fstat(opened, st) != 0) {
        return error_errno(err, errno, "cannot look at '%s'", key);
    }
    if (S_ISDIR(st->st_mode)) {
        error_errno(err, EISDIR, "cannot open '%s'", key);
        err->kind = ERROR_DAMAGED;
        return -1;
    }
    if (!S_ISREG(st->st_mode)) {
        return error_set(err, ERROR_DAMAGED, "it is not a regular file");
    }
    *fd = fd_take(&opened);
    return 0;
}

/* A folder that store_remove() found empty may go away between the steps. */
int folder_temp_make(const struct folder_store *folder, int root, struct arena *arena,
                     const char *key, bool sync, int *parent, struct folder_temp *temp,
                     struct error *err)
{
    struct error problem = {0};
    const char *slash = strrchr(key, '/');
    *temp = (struct folder_temp){.fd = -1, .name = slash ? slash + 1 : key};
    for (int i = 0; i < FOLDER_TRIES; i++) {
        if (i > 0) {
            fd_close(parent);
        }
        if ((*parent >= 0 || parent_make(root, key, sync, parent, &temp->name, &problem) == 0) &&
            fs_temp_create(arena, *parent, &temp->fd, &temp->temp, &problem) == 0) {
            temp->folder = *parent;
            if (fchmod(temp->fd, folder->file_mode) == 0) {
                return 0;
            }
            error_errno(&problem, errno, "cannot set the mode of a new file");
            break;
        }
        if (problem.kind != ERROR_NOT_FOUND) {
            break;
        }
    }
    folder_temp_close(temp);
    *err = problem;
    return -1;
}

void folder_temp_close(struct folder_temp *temp)
{
    if (temp->temp.n > 0) {
        unlinkat(temp->folder, temp->temp.s, 0);
    }
    fd_close(&temp->fd);
}

/* The same cause in a sentence that names the address. */
static int cannot(const struct folder_store *folder, const char *doing, struct str key,
                  struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str address = store_address(&folder->store, &scratch, key);
    enum error_kind kind = err->kind;
    int problem = err->sys_errno;
    if (problem == ELOOP) {
        return error_set(err, ERROR_DAMAGED,
                         "cannot %s '%.*s': it is, or lies behind, a symbolic "
                         "link, which a store does not follow",
                         doing, STR_ARG(address));
    }
    if (problem == EISDIR) {
        error_set(err, ERROR_DAMAGED, "cannot %s '%.*s': a folder is in the place of the file",
                  doing, STR_ARG(address));
        return error_help(err, "remove that folder; nothing that jobrun writes makes one there");
    }
    if (problem == 0) {
        return error_prefix(err, "cannot %s '%.*s'", doing, STR_ARG(address));
    }
    error_errno(err, problem, "cannot %s '%.*s'", doing, STR_ARG(address));
    err->kind = kind;
    return -1;
}

static bool is_permission(int errnum)
{
    return errnum == EACCES || errnum == EPERM || errnum == EROFS;
}

int folder_cannot_read(const struct folder_store *folder, struct str key, struct error *err)
{
    cannot(folder, "read", key, err);
    if (is_permission(err->sys_errno)) {
        error_help(err, "this user needs the permission to read all that is in '%s'",
                   folder->store.folder.s);
    }
    return -1;
}

static void help_to_change(const struct folder_store *folder, struct error *err)
{
    const char *root = folder->store.folder.s;
    if (is_permission(err->sys_errno)) {
        error_help(err, "this user needs the permission to write into '%s'", root);
    } else if (err->sys_errno == ENOSPC) {
        error_help(err, "make room on the disk of '%s'; a publish goes on where it stopped", root);
    } else if (err->sys_errno == EDQUOT) {
        error_help(err, "this user's quota on the disk of '%s' is used up", root);
    }
}

int folder_cannot_write(const struct folder_store *folder, struct str key, struct error *err)
{
    cannot(folder, "write", key, err);
    /* To a caller it would mean that an object is missing. */
    if (err->kind == ERROR_NOT_FOUND) {
        err->kind = ERROR_FAILED;
    }
    help_to_change(folder, err);
    return -1;
}

int folder_cannot_remove(const struct folder_store *folder, struct str key, struct error *err)
{
    cannot(folder, "remove", key, err);
    help_to_change(folder, err);
    return -1;
}
