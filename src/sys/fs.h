/*
 * Files and folders.
 *
 * Paths from a manifest or a store are relative to an open root folder and are
 * opened beneath it: no segment may be a symbolic link, "..", "." or empty, so
 * nothing outside the root can be reached, whatever another process does in
 * the meantime (openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS where
 * the kernel has it, else segment by segment with O_NOFOLLOW).
 *
 * Errors name the path. All descriptors are close-on-exec.
 */
#ifndef SYS_FS_H
#define SYS_FS_H

#include "base/base.h"
#include "base/str.h"

#include <sys/stat.h>
#include <sys/types.h>

struct arena;
struct error;

/* --- whole files, anywhere --- */

/* Follows links. Over max_bytes is ERROR_LIMIT, a folder is ERROR_FAILED. */
int fs_read_file(struct arena *arena, const char *path, size_t max_bytes, struct str *text,
                 struct error *err) MUST_USE;
/* The bytes that come through a descriptor, up to its end or max_bytes of them: what
 * stands behind is left unread. A signal (signals.h) ends the waiting for more with
 * ERROR_INTERRUPTED. */
int fs_read_stream(struct arena *arena, int fd, size_t max_bytes, const char *what,
                   struct str *text, struct error *err) MUST_USE;
int fs_open_folder(const char *path, int *fd, struct error *err) MUST_USE;
bool fs_exists(const char *path);
/* Whether a file is there that this user may execute. */
bool fs_is_program(const char *path);
/* Makes a folder and those above it; it may be there already. */
int fs_make_folders(const char *path, mode_t mode, struct error *err) MUST_USE;
/* The absolute path without links, "." and "..": realpath(3). */
int fs_real_path(struct arena *arena, const char *path, struct str *real,
                 struct error *err) MUST_USE;
int fs_current_folder(struct arena *arena, struct str *path, struct error *err) MUST_USE;
/* "a/b" of "a" and "b"; b alone where it is absolute, or a is empty or ".". */
struct str fs_join(struct arena *arena, struct str a, struct str b);

/* --- beneath an open root --- */

/* The functions below refuse a path with a segment that is empty, "." or "..",
 * an absolute one and one over PATH_BYTES_MAX (path_segments_problem()). A symbolic
 * link in the way is ERROR_FAILED with sys_errno ELOOP. */
int fs_open_beneath(int root, const char *path, int flags, mode_t mode, int *fd,
                    struct error *err) MUST_USE;
/* The same without openat2(2): what fs_open_beneath() does where the kernel
 * lacks it. Apart so that a test reaches it everywhere. */
int fs_open_beneath_by_segment(int root, const char *path, int flags, mode_t mode, int *fd,
                               struct error *err) MUST_USE;
/* Opens the folder that holds `path`, and points *name at its last segment. */
int fs_open_parent_beneath(int root, const char *path, int *fd, const char **name,
                           struct error *err) MUST_USE;
int fs_make_folders_beneath(int root, const char *path, struct error *err) MUST_USE;
/* lstat(2) of what is at the path; ERROR_NOT_FOUND where nothing is. */
int fs_stat_beneath(int root, const char *path, struct stat *st, struct error *err) MUST_USE;
int fs_read_link_beneath(struct arena *arena, int root, const char *path, struct str *target,
                         struct error *err) MUST_USE;
/* A file, link, or folder with all in it, read-only folders too; nothing there
 * is success. Never follows a link. Depth over FS_DEPTH_MAX is ERROR_LIMIT. */
int fs_remove_beneath(int root, const char *path, struct error *err) MUST_USE;

/* --- temporary files and renames, within an open folder --- */

/* Temporary files are named ".jobrun-tmp-<host>-<pid>-<random>", so that a
 * later run can tell which of them nobody owns any more. */
#define FS_TEMP_PREFIX ".jobrun-tmp-"
/* Makes one, open for reading and writing, mode 0600; the name is in the arena.
 * It is locked with flock(2) as long as the descriptor is open. */
int fs_temp_create(struct arena *arena, int folder, int *fd, struct str *name,
                   struct error *err) MUST_USE;
/* Removes the temporary files in this folder whose process on this host is gone
 * and that nobody holds locked (a process in a container with this host's name
 * cannot be seen from here). */
void fs_temp_sweep(int folder);

/* rename(2) within or between folders. With `replace` false what is there
 * stays, and the error is ERROR_CONFLICT (renameat2(2), else link and unlink). */
int fs_rename(int from_folder, const char *from, int to_folder, const char *to, bool replace,
              struct error *err) MUST_USE;
/* What fs_rename() does without `replace` where the file system cannot rename
 * exclusively; apart for tests. Files only. */
int fs_rename_by_link(int from_folder, const char *from, int to_folder, const char *to,
                      struct error *err) MUST_USE;

/* Copies `size_bytes` from the start of one file to the start of the other:
 * reflink (FICLONE), else copy_file_range(2), else read and write. A file that
 * is shorter is ERROR_DAMAGED. A signal (signals.h) ends it with
 * ERROR_INTERRUPTED. */
int fs_copy(int from, int to, uint64_t size_bytes, const char *what, struct error *err) MUST_USE;

/* Makes `to`, which must be empty and open for reading and writing, share the
 * blocks of `from` (FICLONE): all of them, and none is copied. False where the
 * file system or the descriptors cannot. */
bool fs_clone(int from, int to);

/* Makes a file this long, with room for all of it on the disk where the file system
 * can say so: one that has no room is an error now, and not in the middle. What is
 * there already stays. */
int fs_reserve(int fd, uint64_t size_bytes, const char *what, struct error *err) MUST_USE;

/* Whether two looks at an open file saw the same contents, as far as its size and
 * its time tell. */
bool fs_is_unchanged(const struct stat *before, const struct stat *after);

/* When the contents changed last, in nanoseconds since 1970. */
int64_t fs_modified_ns(const struct stat *st);

int fs_sync(int fd, const char *what, struct error *err) MUST_USE; /* fsync(2); folders too */
/* Whether fs_sync_all() can be used: for many files at once it is far faster
 * than a call for each. */
bool fs_can_sync_all(void);
/* All that was written to the file system that `fd` lies on (syncfs(2)). */
int fs_sync_all(int fd, const char *what, struct error *err) MUST_USE;

/* What the file system that `fd` lies on has for this user, and in all. */
int fs_room(int fd, uint64_t *free_bytes, uint64_t *total_bytes, struct error *err) MUST_USE;

/* --- locks --- */

/* flock(2), exclusive; the kernel releases it with the descriptor. With `wait`
 * false a lock that somebody holds is ERROR_CONFLICT. */
int fs_lock(int fd, bool wait, const char *what, struct error *err) MUST_USE;

/* --- walking --- */

enum fs_kind { FS_FILE, FS_LINK, FS_FOLDER, FS_OTHER };

struct fs_entry {
    struct str path; /* from `root`, "/" between segments: fit for fs_open_beneath() */
    enum fs_kind kind;
    bool empty; /* a folder without entries */
    struct stat st;
};

/* Returned by a visitor. */
enum fs_walk { FS_WALK_ON, FS_WALK_SKIP /* not into this folder */, FS_WALK_STOP };

/* Visits all that is below the folder `path` ("" is the root itself), in
 * bytewise order of the names within each folder, each folder before what it
 * holds; never follows links. The entry's path lives during the visit only.
 * A visitor that stops the walk sets err itself, and the walk returns -1. Depth
 * over FS_DEPTH_MAX, or more than FS_FOLDER_ENTRIES_MAX entries in one folder,
 * is ERROR_LIMIT. */
#define FS_DEPTH_MAX          256
#define FS_FOLDER_ENTRIES_MAX 1000000
int fs_walk(int root, const char *path,
            enum fs_walk (*visit)(void *context, const struct fs_entry *entry, struct error *err),
            void *context, struct error *err) MUST_USE;

#endif
