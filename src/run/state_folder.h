/*
 * `.jobrun` in the workspace: logs, scripts on their way to a shell, uploads that
 * were cut off, and the default store. git ignores it by a .gitignore of its own.
 */
#ifndef RUN_STATE_FOLDER_H
#define RUN_STATE_FOLDER_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct listener;

#define STATE_FOLDER    ".jobrun"
#define STATE_LOGS      STATE_FOLDER "/logs"
#define STATE_SCRIPTS   STATE_FOLDER "/scripts"
#define STATE_LOCKS     STATE_FOLDER "/locks"
#define STATE_TEMP      STATE_FOLDER "/tmp"     /* archives on their way, as sys/fs.h names them */
#define STATE_UPLOADS   STATE_FOLDER "/uploads" /* a remote store's, to go on with */
#define STATE_LOGS_KEPT 50                      /* of one job; the oldest go first */

/* Makes `.jobrun` and its .gitignore where they are missing. */
int state_folder_make(int root, struct error *err) MUST_USE;

/* Whether it can be made, without making it: a link or a file in its place is
 * ERROR_NOT_ALLOWED. */
int state_folder_check(int root, struct error *err) MUST_USE;

/* Takes the lock of a job in this workspace; says so when it has to wait for
 * another run, and sets *waited. Closing *fd gives it up. */
int state_lock(int root, struct str job, const struct listener *listener, int *fd, bool *waited,
               struct error *err) MUST_USE;

/* Opens a new log `.jobrun/logs/<job>-<time>.log` and removes the oldest ones of
 * this job. *path is from the workspace root. */
int state_log_open(struct arena *arena, int root, struct str job, int64_t now_ms, int *fd,
                   struct str *path, struct error *err) MUST_USE;

/* Writes a script into a file of its own, mode 0600, and locks it: a file that
 * nobody locks belonged to a run that was killed and is removed by the next.
 * *path is from the workspace root; closing *fd gives up the lock. */
int state_script_write(struct arena *arena, int root, struct str job, struct str text, int *fd,
                       struct str *path, struct error *err) MUST_USE;

/* Makes a temporary file (fs_temp_create) in STATE_TEMP; *path is from the
 * workspace root. Whoever makes it removes it. */
int state_temp_create(struct arena *arena, int root, int *fd, struct str *path,
                      struct error *err) MUST_USE;
/* Removes those of runs that were killed. */
void state_temp_sweep(int root);

#endif
