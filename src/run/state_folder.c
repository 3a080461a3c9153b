#include "run/state_folder.h"

#include "base/arena.h"
#include "base/error.h"
#include "run/listener.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <fcntl.h>
#include <unistd.h>

int state_folder_make(int root, struct error *err)
{
    if (fs_make_folders_beneath(root, STATE_FOLDER, err) < 0) {
        return -1;
    }
    int fd CLEANUP(fd_close) = -1;
    struct error there = {0};
    if (fs_open_beneath(root, STATE_FOLDER "/.gitignore", O_WRONLY | O_CREAT | O_EXCL, 0644, &fd,
                        &there) < 0) {
        if (there.kind == ERROR_CONFLICT) {
            return 0;
        }
        *err = there;
        return -1;
    }
    return fd_write_all(fd, "*\n", 2, STATE_FOLDER "/.gitignore", err);
}

int state_folder_check(int root, struct error *err)
{
    struct stat st;
    struct error there = {0};
    if (fs_stat_beneath(root, STATE_FOLDER, &st, &there) < 0) {
        if (there.kind == ERROR_NOT_FOUND) {
            return 0;
        }
        *err = there;
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        error_set(err, ERROR_NOT_ALLOWED, "'%s' in the workspace is not a folder", STATE_FOLDER);
        return error_help(err, "remove it: jobrun keeps logs and its default store there");
    }
    return 0;
}

int state_lock(int root, struct str job, const struct listener *listener, int *fd, bool *waited,
               struct error *err)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str path = str_format(&arena, STATE_LOCKS "/%.*s", STR_ARG(job));
    struct error held = {0};
    if (fs_make_folders_beneath(root, STATE_LOCKS, err) < 0 ||
        fs_open_beneath(root, path.s, O_RDWR | O_CREAT, 0644, fd, err) < 0) {
        return -1;
    }
    *waited = false;
    if (fs_lock(*fd, false, path.s, &held) == 0) {
        return 0;
    }
    if (held.kind != ERROR_CONFLICT) {
        *err = held;
        return -1;
    }
    *waited = true;
    listener_say(listener, "%.*s: waiting for another run of it in this workspace", STR_ARG(job));
    return fs_lock(*fd, true, path.s, err);
}

struct log_names {
    struct arena *arena;
    struct str prefix;
    struct str *names;
    size_t count, capacity;
};

static enum fs_walk collect_log(void *context, const struct fs_entry *entry, struct error *err)
{
    (void)err;
    struct log_names *logs = context;
    if (entry->kind == FS_FOLDER) {
        return FS_WALK_SKIP;
    }
    /* "<job>-" and a digit: not the logs of a job whose name this one begins. */
    if (str_starts(entry->path, logs->prefix) && entry->path.n > logs->prefix.n &&
        entry->path.s[logs->prefix.n] >= '0' && entry->path.s[logs->prefix.n] <= '9' &&
        str_ends(entry->path, STR(".log"))) {
        *ARENA_PUSH(logs->arena, logs->names, logs->count, logs->capacity) =
            str_copy(logs->arena, entry->path);
    }
    return FS_WALK_ON;
}

/* Names begin with the time, so the walk's order is the order of age. What
 * cannot be removed is no reason not to run. */
static void remove_old_logs(struct arena *arena, int root, struct str job)
{
    struct log_names logs = {.arena = arena, .prefix = str_format(arena, "%.*s-", STR_ARG(job))};
    struct error ignored = {0};
    if (fs_walk(root, STATE_LOGS, collect_log, &logs, &ignored) < 0) {
        return;
    }
    for (size_t i = 0; i + STATE_LOGS_KEPT <= logs.count; i++) {
        struct str path = str_format(arena, STATE_LOGS "/%.*s", STR_ARG(logs.names[i]));
        if (fs_remove_beneath(root, path.s, &ignored) < 0) {
            return;
        }
    }
}

int state_log_open(struct arena *arena, int root, struct str job, int64_t now_ms, int *fd,
                   struct str *path, struct error *err)
{
    if (fs_make_folders_beneath(root, STATE_LOGS, err) < 0) {
        return -1;
    }
    remove_old_logs(arena, root, job);
    struct str time = host_format_time_compact(arena, now_ms);
    for (int attempt = 1;; attempt++) {
        *path = attempt == 1
                    ? str_format(arena, STATE_LOGS "/%.*s-%.*s.log", STR_ARG(job), STR_ARG(time))
                    : str_format(arena, STATE_LOGS "/%.*s-%.*s-%d.log", STR_ARG(job), STR_ARG(time),
                                 attempt);
        struct error there = {0};
        if (fs_open_beneath(root, path->s, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0644, fd,
                            &there) == 0) {
            return 0;
        }
        if (there.kind != ERROR_CONFLICT || attempt == 1000) {
            *err = there;
            return error_prefix(err, "cannot open a log");
        }
    }
}

static enum fs_walk remove_if_unlocked(void *context, const struct fs_entry *entry,
                                       struct error *err)
{
    (void)err;
    const int *folder = context;
    struct error ignored = {0};
    int fd CLEANUP(fd_close) = -1;
    if (entry->kind == FS_FILE &&
        fs_open_beneath(*folder, entry->path.s, O_RDONLY, 0, &fd, &ignored) == 0 &&
        fs_lock(fd, false, "a script", &ignored) == 0) {
        (void)unlinkat(*folder, entry->path.s, 0);
    }
    return FS_WALK_SKIP;
}

/* One attempt: *still_there is false where a sweep of another run took the file
 * between its creation and the lock. */
static int create_locked(int folder, const char *name, int *fd, bool *still_there,
                         struct error *err)
{
    if (fs_open_beneath(folder, name, O_RDWR | O_CREAT | O_EXCL, 0600, fd, err) < 0 ||
        fs_lock(*fd, true, name, err) < 0) {
        return -1;
    }
    struct stat st;
    *still_there = fstat(*fd, &st) == 0 && st.st_nlink > 0;
    return 0;
}

int state_script_write(struct arena *arena, int root, struct str job, struct str text, int *fd,
                       struct str *path, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    if (fs_make_folders_beneath(root, STATE_SCRIPTS, err) < 0 ||
        fs_open_beneath(root, STATE_SCRIPTS, O_RDONLY | O_DIRECTORY, 0, &folder, err) < 0 ||
        fs_walk(folder, "", remove_if_unlocked, &folder, err) < 0) {
        return -1;
    }
    bool still_there = false;
    while (!still_there) {
        fd_close(fd);
        struct str name = str_format(arena, "%.*s-%.8s", STR_ARG(job), host_random_id(arena).s);
        if (create_locked(folder, name.s, fd, &still_there, err) < 0) {
            return error_prefix(err, "cannot write the script of job '%.*s'", STR_ARG(job));
        }
        *path = str_format(arena, STATE_SCRIPTS "/%.*s", STR_ARG(name));
    }
    return fd_write_all(*fd, text.s, text.n, path->s, err);
}

int state_temp_create(struct arena *arena, int root, int *fd, struct str *path, struct error *err)
{
    int folder CLEANUP(fd_close) = -1;
    struct str name;
    if (fs_make_folders_beneath(root, STATE_TEMP, err) < 0 ||
        fs_open_beneath(root, STATE_TEMP, O_RDONLY | O_DIRECTORY, 0, &folder, err) < 0 ||
        fs_temp_create(arena, folder, fd, &name, err) < 0) {
        return -1;
    }
    *path = str_format(arena, STATE_TEMP "/%.*s", STR_ARG(name));
    return 0;
}

void state_temp_sweep(int root)
{
    int folder CLEANUP(fd_close) = -1;
    struct error ignored;
    if (fs_open_beneath(root, STATE_TEMP, O_RDONLY | O_DIRECTORY, 0, &folder, &ignored) == 0) {
        fs_temp_sweep(folder);
    }
}
