#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "store/folder_file.h"
#include "store/pool.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* A batch bounds what is lost when an upload is cut off, and what is kept in
 * memory. */
#define BATCH_FILES_MAX 1024
#define BATCH_BYTES_MAX ((uint64_t)1 << 30)
/* From so many files or folders on, one syncfs(2) is faster than many fsync(2). */
#define SYNC_AT_ONCE 64

/* A file between its temporary name and its own. */
struct sent {
    char temp[NAME_MAX + 1]; /* empty: there is none */
    bool replaces;           /* other bytes have the name: damage */
};

struct upload {
    const struct folder_store *folder;
    int root;
    struct transfer *transfers;
    const struct transfer_calls *calls;
    /* The batch at hand. */
    size_t first, count;
    bool sync_at_once;
    struct sent *sent;
    struct str *folders; /* each that the batch writes into, once, sorted */
    size_t folder_count;
    size_t *folder_of; /* of each transfer */
};

/* --- what is there already --- */

enum found { FOUND_NOTHING, FOUND_SAME, FOUND_OTHER };

/* The bytes are read, for a file may have been damaged since it was written. */
static int look_at_object(int folder, const char *name, const struct transfer *transfer,
                          struct worker *worker, enum found *found, struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct stat st;
    struct hashed_copy copy = {0};
    struct error problem;
    if (folder_object_open(folder, name, &fd, &st, &problem) != 0) {
        /* A folder cannot be replaced by a file. */
        bool no_file = problem.sys_errno == ELOOP ||
                       (problem.kind == ERROR_DAMAGED && problem.sys_errno != EISDIR);
        *found = no_file ? FOUND_OTHER : FOUND_NOTHING;
        if (no_file || problem.kind == ERROR_NOT_FOUND) {
            return 0;
        }
        *err = problem;
        return -1;
    }
    *found = FOUND_OTHER;
    if ((uint64_t)st.st_size != transfer->size_bytes) {
        return 0;
    }
    if (hashed_copy_make(fd, -1, transfer->size_bytes, worker, &copy, err) != 0) {
        return -1;
    }
    if (copy.size_bytes == transfer->size_bytes && str_is(transfer->sha256, copy.sha256)) {
        *found = FOUND_SAME;
    }
    return 0;
}

/* --- sending: from the caller's file to a temporary one --- */

static int changed(const struct transfer *transfer, const char *what, struct error *err)
{
    return error_set(err, ERROR_DAMAGED,
                     "the file changed while it was published: %s, and should be %ju bytes with "
                     "SHA-256 %.*s",
                     what, (uintmax_t)transfer->size_bytes, STR_ARG(transfer->sha256));
}

static int check_sent(const struct transfer *transfer, const struct hashed_copy *copy,
                      struct error *err)
{
    char what[128];
    if (copy->size_bytes == transfer->size_bytes && str_is(transfer->sha256, copy->sha256)) {
        return 0;
    }
    if (copy->size_bytes > transfer->size_bytes) {
        return changed(transfer, "it became longer", err);
    }
    snprintf(what, sizeof what, "it has %ju bytes with SHA-256 %s", (uintmax_t)copy->size_bytes,
             copy->sha256);
    return changed(transfer, what, err);
}

static int send_file(const struct upload *upload, const struct transfer *transfer, int from,
                     struct worker *worker, struct folder_temp *temp, struct error *err)
{
    struct hashed_copy copy = {.counts = true};
    if (hashed_copy_make(from, temp->fd, transfer->size_bytes, worker, &copy, err) != 0) {
        return -1;
    }
    if (check_sent(transfer, &copy, err) != 0) {
        return -1;
    }
    if (!upload->sync_at_once && fs_sync(temp->fd, "it", err) != 0) {
        return -1;
    }
    return fd_close_checked(&temp->fd, "it", err);
}

static const char *path_name(const char *key)
{
    const char *slash = strrchr(key, '/');
    return slash ? slash + 1 : key;
}

/* The descriptor of the transfer's folder: open where the worker's last file
 * went there, else -1. */
static int *kept_folder(const struct upload *upload, const struct transfer *transfer,
                        struct worker *worker)
{
    struct kept_fd *kept = worker_kept(worker);
    size_t id = upload->folder_of[transfer - &upload->transfers[upload->first]];
    if (kept->id != id) {
        fd_close(&kept->fd);
        kept->id = id;
    }
    return &kept->fd;
}

static int upload_file(const struct upload *upload, struct transfer *transfer, struct sent *sent,
                       int from, struct worker *worker, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct folder_temp temp;
    enum found found;
    const char *key = str_copy(&scratch, transfer->key).s;
    int *folder = kept_folder(upload, transfer, worker);
    const char *name = *folder >= 0 ? path_name(key) : key;
    if (look_at_object(*folder >= 0 ? *folder : upload->root, name, transfer, worker, &found,
                       err) != 0) {
        return -1;
    }
    transfer->was_there = found == FOUND_SAME;
    if (transfer->was_there) {
        return 0;
    }
    sent->replaces = found == FOUND_OTHER;
    if (folder_temp_make(upload->folder, upload->root, &scratch, key, !upload->sync_at_once, folder,
                         &temp, err) != 0) {
        return -1;
    }
    int status = send_file(upload, transfer, from, worker, &temp, err);
    if (status == 0) {
        memcpy(sent->temp, temp.temp.s, temp.temp.n + 1);
        temp.temp = (struct str){0};
    }
    folder_temp_close(&temp);
    return status;
}

static int upload_open(void *context, size_t index, int *fd, struct error *err)
{
    struct upload *upload = context;
    return upload->calls->open(upload->calls->context, upload->first + index, fd, err);
}

static int upload_work(void *context, size_t index, int fd, struct worker *worker,
                       struct error *err)
{
    struct upload *upload = context;
    struct transfer *transfer = &upload->transfers[upload->first + index];
    int from CLEANUP(fd_close) = fd;
    if (upload_file(upload, transfer, &upload->sent[index], from, worker, err) != 0) {
        return folder_cannot_write(upload->folder, transfer->key, err);
    }
    return 0;
}

static void upload_progress(void *context, uint64_t bytes)
{
    struct upload *upload = context;
    if (upload->calls->progress) {
        upload->calls->progress(upload->calls->context, bytes);
    }
}

/* --- naming --- */

/* Somebody else may have repaired or created the object meanwhile. */
static int replace_object(int root, const char *key, struct transfer *transfer, struct sent *sent,
                          struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    const char *name;
    enum found found;
    if (fs_open_parent_beneath(root, key, &folder, &name, err) != 0 ||
        fs_lock(folder, true, "the folder", err) != 0 ||
        look_at_object(folder, name, transfer, NULL, &found, err) != 0) {
        return -1;
    }
    transfer->was_there = found == FOUND_SAME;
    if (transfer->was_there) {
        return 0; /* the temporary file goes at the end of the batch */
    }
    if (fs_rename(folder, sent->temp, folder, name, true, err) != 0) {
        return -1;
    }
    sent->temp[0] = '\0';
    return 0;
}

static int name_file(int root, int folder, const char *key, struct transfer *transfer,
                     struct sent *sent, struct error *err)
{
    struct error problem;
    if (sent->replaces) {
        return replace_object(root, key, transfer, sent, err);
    }
    if (fs_rename(folder, sent->temp, folder, path_name(key), false, &problem) == 0) {
        sent->temp[0] = '\0';
        return 0;
    }
    if (problem.kind == ERROR_CONFLICT) {
        return replace_object(root, key, transfer, sent, err);
    }
    *err = problem;
    return -1;
}

static int open_folder(const struct upload *upload, size_t number, int *fd, struct error *err)
{
    struct str path = upload->folders[number];
    return path.n > 0 ? fs_open_beneath(upload->root, path.s, O_RDONLY | O_DIRECTORY, 0, fd, err)
                      : fs_open_folder(upload->folder->store.folder.s, fd, err);
}

static int name_files(struct upload *upload, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    size_t number = 0; /* of that folder */
    for (size_t i = 0; i < upload->count; i++) {
        struct arena scratch CLEANUP(arena_free) = {0};
        struct transfer *transfer = &upload->transfers[upload->first + i];
        if (upload->sent[i].temp[0] == '\0') {
            continue;
        }
        if (folder < 0 || number != upload->folder_of[i]) {
            fd_close(&folder);
            number = upload->folder_of[i];
            if (open_folder(upload, number, &folder, err) != 0) {
                return folder_cannot_write(upload->folder, transfer->key, err);
            }
        }
        const char *key = str_copy(&scratch, transfer->key).s;
        if (name_file(upload->root, folder, key, transfer, &upload->sent[i], err) != 0) {
            return folder_cannot_write(upload->folder, transfer->key, err);
        }
    }
    return 0;
}

/* --- the batch --- */

static void find_folders(struct upload *upload, struct arena *arena)
{
    upload->folders = arena_array(arena, upload->count, sizeof *upload->folders);
    upload->folder_of = arena_array(arena, upload->count, sizeof *upload->folder_of);
    upload->folder_count = 0;
    for (size_t i = 0; i < upload->count; i++) {
        upload->folders[i] = path_folder(upload->transfers[upload->first + i].key);
    }
    qsort(upload->folders, upload->count, sizeof *upload->folders, str_compare_for_sort);
    for (size_t i = 0; i < upload->count; i++) {
        if (i == 0 || !str_equal(upload->folders[i], upload->folders[i - 1])) {
            upload->folders[upload->folder_count++] = str_copy(arena, upload->folders[i]);
        }
    }
    for (size_t i = 0; i < upload->count; i++) {
        struct str folder = path_folder(upload->transfers[upload->first + i].key);
        const struct str *found = bsearch(&folder, upload->folders, upload->folder_count,
                                          sizeof folder, str_compare_for_sort);
        upload->folder_of[i] = (size_t)(found - upload->folders);
    }
}

/* What killed processes left, before new bytes need the room. */
static void sweep_folders(const struct upload *upload)
{
    for (size_t i = 0; i < upload->folder_count; i++) {
        int fd CLEANUP(fd_close) = -1;
        struct error ignored;
        if (open_folder(upload, i, &fd, &ignored) == 0) {
            fs_temp_sweep(fd);
        }
    }
}

static int sync_root(const struct upload *upload, struct error *err)
{
    if (fs_sync_all(upload->root, "the store", err) != 0) {
        return folder_cannot_write(upload->folder, (struct str){0}, err);
    }
    return 0;
}

/* Of the files that were there, too: whoever wrote them may have been killed
 * before its own sync. */
static int sync_folders(const struct upload *upload, struct error *err)
{
    if (fs_can_sync_all() && upload->folder_count > SYNC_AT_ONCE) {
        return sync_root(upload, err);
    }
    for (size_t i = 0; i < upload->folder_count; i++) {
        int fd CLEANUP(fd_close) = -1;
        if (open_folder(upload, i, &fd, err) != 0 || fs_sync(fd, "the folder", err) != 0) {
            return folder_cannot_write(upload->folder, upload->folders[i], err);
        }
    }
    return 0;
}

static void remove_temporary_files(const struct upload *upload)
{
    for (size_t i = 0; i < upload->count; i++) {
        struct arena scratch CLEANUP(arena_free) = {0};
        int folder CLEANUP(fd_close) = -1;
        const char *name;
        struct error ignored;
        if (upload->sent[i].temp[0] == '\0') {
            continue;
        }
        const char *key = str_copy(&scratch, upload->transfers[upload->first + i].key).s;
        if (fs_open_parent_beneath(upload->root, key, &folder, &name, &ignored) == 0) {
            unlinkat(folder, upload->sent[i].temp, 0);
        }
    }
}

/* All bytes are on the disk before the first of the files has its name. */
static int send_and_name(struct upload *upload, struct error *err)
{
    struct pool_job job = {.count = upload->count,
                           .open = upload_open,
                           .work = upload_work,
                           .progress = upload_progress,
                           .context = upload};
    if (pool_run(&job, err) != 0 || (upload->sync_at_once && sync_root(upload, err) != 0)) {
        return -1;
    }
    return name_files(upload, err) != 0 ? -1 : sync_folders(upload, err);
}

static int upload_batch(struct upload *upload, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    upload->sync_at_once = fs_can_sync_all() && upload->count > SYNC_AT_ONCE;
    upload->sent = arena_array(&scratch, upload->count, sizeof *upload->sent);
    find_folders(upload, &scratch);
    sweep_folders(upload);
    int status = send_and_name(upload, err);
    remove_temporary_files(upload);
    for (size_t i = 0; i < upload->count && status == 0; i++) {
        status = upload->calls->done(upload->calls->context, upload->first + i, err);
    }
    return status;
}

/* How many transfers from `first` on go together. */
static size_t batch_count(const struct transfer *transfers, size_t first, size_t count)
{
    uint64_t bytes = 0;
    size_t n = 0;
    while (first + n < count && n < BATCH_FILES_MAX && bytes < BATCH_BYTES_MAX) {
        bytes += transfers[first + n++].size_bytes;
    }
    return n;
}

int folder_upload(struct store *store, struct transfer *transfers, size_t count,
                  const struct transfer_calls *calls, struct error *err)
{
    struct folder_store *folder = folder_of(store);
    int root CLEANUP(fd_close) = -1;
    if (folder_root_make(folder, &root, err) != 0) {
        return folder_cannot_write(folder, transfers[0].key, err);
    }
    struct upload upload = {.folder = folder, .root = root, .transfers = transfers, .calls = calls};
    while (upload.first < count) {
        upload.count = batch_count(transfers, upload.first, count);
        if (upload_batch(&upload, err) != 0) {
            return -1;
        }
        upload.first += upload.count;
    }
    return 0;
}
