/* `lfs`: files that must be there themselves, not as pointers of git-lfs. */
#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "job/location.h"
#include "run/off_limits.h"
#include "run/requires_parts.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <fcntl.h>

/* The first line of a pointer; git-lfs takes no larger file for one. */
#define POINTER_LINE      "version https://git-lfs.github.com/spec/v1\n"
#define POINTER_BYTES_MAX 1023

/* What one pattern matches. */
struct lfs_walk {
    struct arena *arena;
    int root;
    struct off_limits off_limits;
    struct str glob;
    size_t file_count, pointer_count;
    struct str pointers[REQUIRES_FILES_SHOWN];
};

static int is_pointer(const struct lfs_walk *walk, const struct fs_entry *entry, bool *pointer,
                      struct error *err)
{
    char line[sizeof POINTER_LINE - 1];
    int fd CLEANUP(fd_close) = -1;
    size_t got = 0;

    *pointer = false;
    if (entry->st.st_size > POINTER_BYTES_MAX) {
        return 0;
    }
    struct str path = str_copy(walk->arena, entry->path);
    if (fs_open_beneath(walk->root, path.s, O_RDONLY | O_CLOEXEC, 0, &fd, err) < 0 ||
        fd_read_full(fd, line, sizeof line, &got, path.s, err) < 0) {
        return -1;
    }
    *pointer = str_is((struct str){line, got}, POINTER_LINE);
    return 0;
}

static enum fs_walk visit(void *context, const struct fs_entry *entry, struct error *err)
{
    struct lfs_walk *walk = context;
    bool pointer;

    if (off_limits_holds(&walk->off_limits, entry->path)) {
        return FS_WALK_SKIP;
    }
    if (entry->kind == FS_FOLDER) {
        return glob_may_match_below(walk->glob, entry->path) ? FS_WALK_ON : FS_WALK_SKIP;
    }
    if (entry->kind != FS_FILE || !glob_match(walk->glob, entry->path)) {
        return FS_WALK_ON;
    }
    if (is_pointer(walk, entry, &pointer, err) < 0) {
        return FS_WALK_STOP;
    }
    walk->file_count++;
    if (pointer && walk->pointer_count++ < REQUIRES_FILES_SHOWN) {
        walk->pointers[walk->pointer_count - 1] = str_copy(walk->arena, entry->path);
    }
    return FS_WALK_ON;
}

/* A folder that is not there holds nothing. */
static int walk_files(struct lfs_walk *walk, struct error *err)
{
    struct str folder = path_without_slash(glob_fixed_prefix(walk->glob));
    const char *path = str_copy(walk->arena, folder).s;
    struct stat st;
    struct error looked = {0};

    if (folder.n > 0 && fs_stat_beneath(walk->root, path, &st, &looked) < 0) {
        if (looked.kind == ERROR_NOT_FOUND) {
            return 0;
        }
        *err = looked;
        return -1;
    }
    if (folder.n > 0 && !S_ISDIR(st.st_mode)) {
        return 0;
    }
    return fs_walk(walk->root, folder.n > 0 ? path : "", visit, walk, err);
}

/* The pattern as git-lfs takes it: from the repository's top level. */
static struct str include_of(const struct requires *requires, struct str glob)
{
    const struct context *context = requires->job->context;
    struct str above = {0};

    if (context->has_git) {
        location_is_within(context->git_top, context->root, &above);
    }
    return str_shell_quote(requires->arena, path_below(requires->arena, above, glob));
}

static void report(struct requires *requires, const struct bound_requirement *bound,
                   const struct lfs_walk *walk)
{
    struct str name = requires->job->manifest->name;
    struct str pattern = bound->texts[0];

    if (walk->file_count == 0) {
        struct diag *diag = requires_unmet(
            requires, bound, "job '%.*s' requires the files of '%.*s', and there are none",
            STR_ARG(name), STR_ARG(pattern));
        diag_help(diag, "mend the path, which is from the workspace root, or check the files out");
        return;
    }
    struct diag *diag = requires_unmet(
        requires, bound,
        "job '%.*s' requires the files of '%.*s', and %zu of %zu %s a git-lfs pointer",
        STR_ARG(name), STR_ARG(pattern), walk->pointer_count, walk->file_count,
        walk->pointer_count == 1 ? "is" : "are each");
    for (size_t i = 0; i < walk->pointer_count && i < REQUIRES_FILES_SHOWN; i++) {
        diag_note(
            diag, "a pointer: %.*s",
            STR_ARG(context_show_path(requires->job->context, requires->arena, walk->pointers[i])));
    }
    diag_help(diag, "git lfs pull --include=%.*s", STR_ARG(include_of(requires, walk->glob)));
}

void requires_check_lfs(struct requires *requires, const struct bound_requirement *bound)
{
    const struct context *context = requires->job->context;
    struct str pattern = bound->texts[0];
    struct lfs_walk walk = {
        .arena = requires->arena,
        .root = context->root_fd,
        .off_limits = off_limits_make(requires->arena, context->root, context),
        .glob = str_ends(pattern, STR("/"))
                    ? str_format(requires->arena, "%.*s**/*", STR_ARG(pattern))
                    : pattern,
    };
    struct error err = {0};

    if (walk_files(&walk, &err) < 0) {
        error_prefix(&err, "cannot look for git-lfs pointers in '%.*s'", STR_ARG(pattern));
        diag_from_error(requires->unmet, STATUS_NOT_ALLOWED, "requires", bound->requirement->span,
                        &err);
    } else if (walk.file_count == 0 || walk.pointer_count > 0) {
        report(requires, bound, &walk);
    }
}
