#include "store/folder.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "store/folder_file.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void folder_close(struct store *store)
{
    (void)store; /* holds nothing open between the calls */
}

static struct str folder_address(const struct store *store, struct arena *arena, struct str key)
{
    return fs_join(arena, store->folder, key);
}

static int read_object(const struct folder_store *folder, struct arena *arena, struct str key,
                       size_t max_bytes, struct object *object, struct error *err)
{
    int root CLEANUP(fd_close) = -1;
    int fd CLEANUP(fd_close) = -1;
    struct stat st;
    if (folder_root_open(folder, &root, err) != 0 ||
        folder_object_open(root, str_copy(arena, key).s, &fd, &st, err) != 0) {
        return -1;
    }
    if ((uint64_t)st.st_size > max_bytes) {
        return error_set(err, ERROR_LIMIT, "it has %jd bytes, over the limit of %zu",
                         (intmax_t)st.st_size, max_bytes);
    }
    size_t size_bytes = (size_t)st.st_size;
    size_t got;
    char *bytes = arena_alloc(arena, size_bytes + 1);
    if (fd_read_full(fd, bytes, size_bytes, &got, "it", err) != 0) {
        return -1;
    }
    if (got != size_bytes) {
        return error_set(err, ERROR_DAMAGED, "it became shorter while it was read");
    }
    object->bytes = (struct str){bytes, size_bytes};
    object->size_bytes = size_bytes;
    object->version = size_bytes <= FOLDER_DIGEST_MAX ? sha256_hex(arena, object->bytes)
                                                      : folder_version(arena, &st);
    return 0;
}

static int folder_read(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
                       struct object *object, struct error *err)
{
    struct folder_store *folder = folder_of(store);
    if (read_object(folder, arena, key, max_bytes, object, err) != 0) {
        return folder_cannot_read(folder, key, err);
    }
    return 0;
}

/* Whether the precondition holds of what is in the open, locked folder;
 * ERROR_CONFLICT where it does not. */
static int check_version(int folder, const char *name, struct precondition precondition,
                         struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct stat st;
    bool holds;
    if (precondition.kind != STORE_IF_VERSION) {
        return 0;
    }
    if (folder_object_open(folder, name, &fd, &st, err) != 0) {
        if (err->kind == ERROR_NOT_FOUND) {
            return error_set(err, ERROR_CONFLICT, "somebody else removed it meanwhile");
        }
        return -1;
    }
    if (folder_version_holds(fd, &st, precondition.version, &holds, err) != 0) {
        return -1;
    }
    return holds ? 0 : error_set(err, ERROR_CONFLICT, "somebody else changed it meanwhile");
}

/*
 * Gives the temporary file the object's name.
 *
 * A create-only write needs no lock, although a compare-and-swap may go on at
 * the same time: its rename is exclusive, so it takes effect only at a moment
 * when nothing has the name. All that takes a name away or gives it to another
 * file holds the lock. So between the check of a version and the rename that
 * replaces, the name is there, and a create-only write fails as it must; and a
 * compare-and-swap that finds nothing fails, which is right whether the object
 * is created before or after its return.
 */
static int place(struct folder_temp *temp, struct precondition precondition, struct error *err)
{
    bool replace = precondition.kind != STORE_IF_ABSENT;
    if (replace && (fs_lock(temp->folder, true, "the folder", err) != 0 ||
                    check_version(temp->folder, temp->name, precondition, err) != 0)) {
        return -1;
    }
    if (fs_rename(temp->folder, temp->temp.s, temp->folder, temp->name, replace, err) != 0) {
        struct stat st;
        if (fstatat(temp->folder, temp->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(st.st_mode)) {
            return error_errno(err, EISDIR, "a folder");
        }
        if (err->kind == ERROR_CONFLICT) {
            return error_set(err, ERROR_CONFLICT, "it is there already");
        }
        return -1;
    }
    temp->temp = (struct str){0};
    return fs_sync(temp->folder, "the folder", err);
}

static int write_object(const struct folder_store *folder, struct str key, struct str bytes,
                        struct precondition precondition, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int root CLEANUP(fd_close) = -1;
    int parent CLEANUP(fd_close) = -1;
    struct folder_temp temp;
    const char *path = str_copy(&scratch, key).s;
    if (folder_root_make(folder, &root, err) != 0 ||
        folder_temp_make(folder, root, &scratch, path, true, &parent, &temp, err) != 0) {
        return -1;
    }
    fs_temp_sweep(temp.folder);
    int status = -1;
    if (fd_write_all(temp.fd, bytes.s, bytes.n, "it", err) == 0 &&
        fs_sync(temp.fd, "it", err) == 0) {
        status = place(&temp, precondition, err);
    }
    folder_temp_close(&temp);
    return status;
}

static int folder_write(struct store *store, struct str key, struct str bytes,
                        const char *content_type, struct precondition precondition,
                        struct error *err)
{
    struct folder_store *folder = folder_of(store);
    (void)content_type; /* a file has none */
    if (write_object(folder, key, bytes, precondition, err) != 0) {
        return folder_cannot_write(folder, key, err);
    }
    return 0;
}

/* Removes the folders that the key leaves empty, as far as that can be done. A
 * writer who finds its folder gone makes it again (folder_temp_make). */
static void remove_empty_folders(int root, char *path)
{
    for (char *slash = strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
        int folder CLEANUP(fd_close) = -1;
        const char *name;
        struct error ignored;
        *slash = '\0';
        if (fs_open_parent_beneath(root, path, &folder, &name, &ignored) != 0 ||
            unlinkat(folder, name, AT_REMOVEDIR) != 0) {
            return;
        }
    }
}

static int remove_object(const struct folder_store *folder, struct str key,
                         struct precondition precondition, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int root CLEANUP(fd_close) = -1;
    int parent CLEANUP(fd_close) = -1;
    const char *name;
    struct stat st;
    char *path = arena_copy(&scratch, key.s, key.n);
    if (folder_root_open(folder, &root, err) != 0) {
        return -1;
    }
    if (fs_stat_beneath(root, path, &st, err) != 0) {
        return -1;
    }
    if (S_ISDIR(st.st_mode)) {
        return error_errno(err, ENOENT, "no object");
    }
    if (fs_open_parent_beneath(root, path, &parent, &name, err) != 0 ||
        fs_lock(parent, true, "the folder", err) != 0 ||
        check_version(parent, name, precondition, err) != 0) {
        return -1;
    }
    if (unlinkat(parent, name, 0) != 0) {
        return error_errno(err, errno, "cannot remove it");
    }
    if (fs_sync(parent, "the folder", err) != 0) {
        return -1;
    }
    fs_temp_sweep(parent);
    remove_empty_folders(root, path);
    return 0;
}

static int folder_remove(struct store *store, struct str key, struct precondition precondition,
                         struct error *err)
{
    struct folder_store *folder = folder_of(store);
    if (remove_object(folder, key, precondition, err) != 0) {
        return folder_cannot_remove(folder, key, err);
    }
    return 0;
}

/* Asks the deepest folder that is there, and makes nothing. */
static int folder_check_write(struct store *store, struct str prefix, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct folder_store *folder = folder_of(store);
    struct str path = path_without_slash(folder_address(store, &scratch, prefix));
    struct stat st;
    while (stat(str_copy(&scratch, path).s, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            error_errno(err, errno, "cannot look at the folder");
            return folder_cannot_write(folder, prefix, err);
        }
        path = path_folder(path);
        path = path.n > 0 ? path : STR("/");
    }
    int status = 0;
    if (!S_ISDIR(st.st_mode)) {
        status = error_set(err, ERROR_FAILED, "'%.*s' is not a folder", STR_ARG(path));
    } else if (faccessat(AT_FDCWD, str_copy(&scratch, path).s, W_OK | X_OK, AT_EACCESS) != 0) {
        status = error_errno(err, errno, "no permission");
    }
    return status == 0 ? 0 : folder_cannot_write(folder, prefix, err);
}

static const struct backend BACKEND = {
    .close = folder_close,
    .address = folder_address,
    .read = folder_read,
    .write = folder_write,
    .list = folder_list,
    .list_folders = folder_list_folders,
    .remove = folder_remove,
    .check_write = folder_check_write,
    .download = folder_download,
    .upload = folder_upload,
};

int folder_store_open(struct arena *arena, struct str path, enum store_mode mode,
                      struct store **store, struct error *err)
{
    if (path.n == 0 || path.s[0] != '/') {
        return error_set(err, ERROR_USAGE, "the store's path '%.*s' is not absolute",
                         STR_ARG(path));
    }
    if (str_index(path, '\0') < path.n) {
        return error_set(err, ERROR_USAGE, "the store's path has a NUL in it");
    }
    struct folder_store *folder = arena_alloc(arena, sizeof *folder);
    struct str root = str_copy(arena, path_without_slash(path));
    /* The only way to ask for it is to set it. Here there are no threads yet. */
    mode_t mask = umask(022);
    umask(mask);
    folder->file_mode = 0644 & ~mask;
    folder->store = (struct store){
        .backend = &BACKEND, .arena = arena, .url = root, .folder = root, .mode = mode};
    *store = &folder->store;
    return 0;
}
