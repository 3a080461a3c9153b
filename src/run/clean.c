#include "run/clean.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "job/location.h"
#include "manifest/document.h"
#include "run/off_limits.h"
#include "sys/fs.h"
#include "sys/git.h"

#include <errno.h>

#define REPORTS_MAX 20 /* of tracked files */

struct finder {
    struct arena *arena;
    const struct job *job;
    int root;
    struct off_limits off_limits;
    struct cleaning *cleaning;
    struct diags *diags;
    size_t pattern; /* at which it is */
    struct str glob;
    bool folders_only;
    struct str forbidden; /* what was found in a place that must stay; .s NULL: nothing */
};

static struct diag *refuse(const struct finder *finder, size_t pattern, enum status status,
                           const char *rule, struct str path, const char *problem)
{
    struct str shown = context_show_path(finder->job->context, finder->arena, path);

    return diag_error(finder->diags, status, rule,
                      finder->job->manifest->clean[pattern]->node->span,
                      "'clean' would remove '%.*s', %s", STR_ARG(shown), problem);
}

/* Temporary files may go: what they were for is removed with them. */
static bool must_stay(const struct finder *finder, struct str path)
{
    return off_limits_holds(&finder->off_limits, path) &&
           !(str_starts(path_last_name(path), STR(FS_TEMP_PREFIX)) && !path_is_reserved(path));
}

/* --- what the patterns match --- */

static int add_place(struct finder *finder, struct str path, struct error *err)
{
    struct cleaning *cleaning = finder->cleaning;

    if (cleaning->count == CLEAN_PLACES_MAX) {
        return error_set(err, ERROR_LIMIT, "'clean' matches more than %d files and folders",
                         CLEAN_PLACES_MAX);
    }
    *ARENA_PUSH(finder->arena, cleaning->places, cleaning->count, cleaning->capacity) =
        (struct clean_place){str_copy(finder->arena, path), finder->pattern};
    return 0;
}

static enum fs_walk match(void *context, const struct fs_entry *entry, struct error *err)
{
    struct finder *finder = context;
    bool is_folder = entry->kind == FS_FOLDER;

    if (off_limits_holds(&finder->off_limits, entry->path)) {
        return FS_WALK_SKIP;
    }
    if (glob_match(finder->glob, entry->path) && (is_folder || !finder->folders_only)) {
        return add_place(finder, entry->path, err) < 0 ? FS_WALK_STOP : FS_WALK_SKIP;
    }
    return is_folder && !glob_may_match_below(finder->glob, entry->path) ? FS_WALK_SKIP
                                                                         : FS_WALK_ON;
}

/* lstat(2); false where nothing is there, or where a link is on the way, which
 * is reported. */
static int look_at(struct finder *finder, struct str path, bool *there, struct stat *st,
                   struct error *err)
{
    struct error looked = {0};

    *there = fs_stat_beneath(finder->root, str_copy(finder->arena, path).s, st, &looked) == 0;
    if (*there || looked.kind == ERROR_NOT_FOUND || looked.sys_errno == ENOTDIR) {
        return 0;
    }
    if (looked.sys_errno == ELOOP) {
        refuse(finder, finder->pattern, STATUS_NOT_ALLOWED, "clean", path,
               "and a symbolic link is on the way there");
        return 0;
    }
    *err = looked;
    return -1;
}

static int find_pattern(struct finder *finder, struct str pattern, struct error *err)
{
    struct stat st;
    bool there = false;

    finder->folders_only = str_ends(pattern, STR("/"));
    finder->glob = path_without_slash(pattern);
    if (!glob_has_magic(pattern)) {
        if (look_at(finder, finder->glob, &there, &st, err) < 0) {
            return -1;
        }
        return there && (S_ISDIR(st.st_mode) || !finder->folders_only)
                   ? add_place(finder, finder->glob, err)
                   : 0;
    }
    struct str folder =
        str_copy(finder->arena, path_without_slash(glob_fixed_prefix(finder->glob)));
    if (folder.n > 0) {
        if (look_at(finder, folder, &there, &st, err) < 0) {
            return -1;
        }
        if (there && S_ISLNK(st.st_mode)) {
            refuse(finder, finder->pattern, STATUS_NOT_ALLOWED, "clean", pattern,
                   "and a symbolic link is on the way there");
        }
        if (!there || !S_ISDIR(st.st_mode)) {
            return 0;
        }
    }
    return fs_walk(finder->root, folder.n > 0 ? folder.s : "", match, finder, err);
}

static int compare_places(const void *a, const void *b)
{
    const struct clean_place *x = a;
    const struct clean_place *y = b;

    return path_compare(x->path, y->path);
}

static void remove_repeats(struct cleaning *cleaning)
{
    size_t kept = 0;

    if (cleaning->count > 1) {
        qsort(cleaning->places, cleaning->count, sizeof *cleaning->places, compare_places);
    }
    for (size_t i = 0; i < cleaning->count; i++) {
        struct str path = cleaning->places[i].path;
        struct str last = kept > 0 ? cleaning->places[kept - 1].path : (struct str){0};
        if (kept == 0 || !(str_equal(path, last) || path_is_below(path, last))) {
            cleaning->places[kept++] = cleaning->places[i];
        }
    }
    cleaning->count = kept;
}

/* --- what is in the places --- */

static void count_entry(struct finder *finder, struct str path, bool is_folder)
{
    struct cleaning *cleaning = finder->cleaning;

    cleaning->file_count += !is_folder;
    cleaning->entry_count++;
    if (cleaning->shown_count < CLEAN_SHOWN_MAX) {
        *ARENA_PUSH(finder->arena, cleaning->shown, cleaning->shown_count,
                    cleaning->shown_capacity) =
            str_format(finder->arena, "%.*s%s", STR_ARG(path), is_folder ? "/" : "");
    }
}

static enum fs_walk survey(void *context, const struct fs_entry *entry, struct error *err)
{
    struct finder *finder = context;

    (void)err;
    if (must_stay(finder, entry->path)) {
        if (finder->forbidden.s == NULL) {
            finder->forbidden = str_copy(finder->arena, entry->path);
        }
        return FS_WALK_SKIP;
    }
    if (entry->kind != FS_FOLDER || entry->empty) {
        count_entry(finder, entry->path, entry->kind == FS_FOLDER);
    }
    return FS_WALK_ON;
}

static void report_forbidden(struct finder *finder, const struct clean_place *place)
{
    struct str what = finder->forbidden;
    const char *problem = "in which the store lies";

    if (path_is_reserved(what)) {
        problem = str_starts(path_last_name(what), STR(".jobrun"))
                      ? "which holds jobrun's own files"
                      : "which is a git repository of its own or holds one";
    }
    struct diag *diag =
        refuse(finder, place->pattern, STATUS_NOT_ALLOWED, "clean", place->path, problem);
    if (!str_equal(what, place->path)) {
        struct str shown = context_show_path(finder->job->context, finder->arena, what);
        diag_note(diag, "it holds '%.*s'", STR_ARG(shown));
    }
}

/* A repository below the workspace root that the place lies in. */
static bool lies_in_repository(const struct finder *finder, struct str path, struct str *found)
{
    for (struct str at = path_folder(path); at.n > 0; at = path_folder(at)) {
        struct stat st;
        struct error ignored;
        struct str git = path_below(finder->arena, at, STR(".git"));
        if (fs_stat_beneath(finder->root, git.s, &st, &ignored) == 0) {
            *found = at;
            return true;
        }
    }
    return false;
}

static int survey_place(struct finder *finder, const struct clean_place *place, struct error *err)
{
    size_t before = finder->cleaning->entry_count;
    const char *path = str_copy(finder->arena, place->path).s;
    struct error looked = {0};
    struct stat st;
    struct str repository;

    finder->forbidden = (struct str){0};
    if (fs_stat_beneath(finder->root, path, &st, &looked) < 0) {
        return 0; /* gone meanwhile */
    }
    if (must_stay(finder, place->path)) {
        finder->forbidden = place->path;
    } else if (lies_in_repository(finder, place->path, &repository)) {
        struct diag *diag = refuse(finder, place->pattern, STATUS_NOT_ALLOWED, "clean", place->path,
                                   "in a git repository of its own");
        diag_note(diag, "the repository is '%.*s', and it may track files there",
                  STR_ARG(context_show_path(finder->job->context, finder->arena, repository)));
        return 0;
    } else if (S_ISDIR(st.st_mode)) {
        if (fs_walk(finder->root, path, survey, finder, err) < 0) {
            return -1;
        }
        if (finder->cleaning->entry_count == before && finder->forbidden.s == NULL) {
            count_entry(finder, place->path, true);
        }
    } else {
        count_entry(finder, place->path, false);
    }
    if (finder->forbidden.s != NULL) {
        report_forbidden(finder, place);
    }
    return 0;
}

/* The place that a path is or lies in, or NULL. */
static const struct clean_place *place_of(const struct cleaning *cleaning, struct str path)
{
    for (struct str at = path; at.n > 0; at = path_folder(at)) {
        struct clean_place key = {.path = at};
        const struct clean_place *found = bsearch(&key, cleaning->places, cleaning->count,
                                                  sizeof *cleaning->places, compare_places);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static int check_tracked(struct finder *finder, struct error *err)
{
    const struct context *context = finder->job->context;
    struct cleaning *cleaning = finder->cleaning;
    struct str *paths = arena_array(finder->arena, cleaning->count, sizeof *paths);
    struct str *tracked = NULL;
    size_t count = 0, reported = 0;

    if (!context->has_git || cleaning->count == 0) {
        return 0;
    }
    for (size_t i = 0; i < cleaning->count; i++) {
        paths[i] = cleaning->places[i].path;
    }
    if (git_tracked(finder->arena, context->root.s, paths, cleaning->count, &tracked, &count, err) <
        0) {
        return -1;
    }
    for (size_t i = 0; i < count && reported < REPORTS_MAX; i++) {
        const struct clean_place *place = place_of(cleaning, tracked[i]);
        struct error ignored;
        struct stat st;
        if (place == NULL || fs_stat_beneath(finder->root, str_copy(finder->arena, tracked[i]).s,
                                             &st, &ignored) < 0) {
            continue; /* there is nothing to remove */
        }
        struct str shown = context_show_path(context, finder->arena, tracked[i]);
        struct diag *diag = refuse(finder, place->pattern, STATUS_NOT_ALLOWED, "tracked",
                                   tracked[i], "which git tracks");
        diag_help(diag,
                  "name what the job makes alone, or take the file out of git: git rm --cached "
                  "%.*s",
                  STR_ARG(str_shell_quote(finder->arena, shown)));
        reported++;
    }
    return 0;
}

/* What --input and --no-fetch take from this machine must be there afterwards. */
static void check_local(struct finder *finder, const struct supply *supply)
{
    struct str path = supply->local_path;
    struct str real, below;
    struct error ignored;

    if (fs_real_path(finder->arena, str_copy(finder->arena, path).s, &real, &ignored) == 0) {
        path = real;
    }
    if (!location_is_within(finder->job->context->root, path, &below)) {
        return;
    }
    for (size_t i = 0; i < finder->cleaning->count; i++) {
        const struct clean_place *place = &finder->cleaning->places[i];
        if (str_equal(place->path, below) || path_is_below(below, place->path) ||
            path_is_below(place->path, below)) {
            struct diag *diag =
                refuse(finder, place->pattern, STATUS_USAGE, "usage", place->path,
                       str_format(finder->arena, "which input '%.*s' is to be taken from",
                                  STR_ARG(supply->input->input->name))
                           .s);
            diag_help(diag, "copy the files to another place first, and name it with --input");
            return;
        }
    }
}

int clean_find(struct arena *arena, const struct job *job, const struct supply *supplies,
               size_t supply_count, struct cleaning *cleaning, struct diags *diags,
               struct error *err)
{
    struct finder finder = {
        .arena = arena,
        .job = job,
        .root = job->context->root_fd,
        .cleaning = cleaning,
        .diags = diags,
    };

    *cleaning = (struct cleaning){0};
    if (job->clean_count == 0) {
        return 0;
    }
    finder.off_limits = off_limits_make(arena, job->context->root, job->context);
    for (; finder.pattern < job->clean_count; finder.pattern++) {
        if (find_pattern(&finder, job->clean[finder.pattern], err) < 0) {
            return error_prefix(err, "cannot look for what 'clean' removes");
        }
    }
    remove_repeats(cleaning);
    for (size_t i = 0; i < cleaning->count; i++) {
        if (survey_place(&finder, &cleaning->places[i], err) < 0) {
            return error_prefix(err, "cannot look for what 'clean' removes");
        }
    }
    for (size_t i = 0; i < supply_count; i++) {
        if (supplies[i].state == SUPPLY_LOCAL) {
            check_local(&finder, &supplies[i]);
        }
    }
    return check_tracked(&finder, err);
}

bool clean_covers(const struct cleaning *cleaning, struct str path)
{
    for (size_t i = 0; i < cleaning->count; i++) {
        struct str place = cleaning->places[i].path;
        if (str_equal(place, path) || path_is_below(path, place)) {
            return true;
        }
    }
    return false;
}

int clean_remove(struct arena *arena, const struct job *job, const struct cleaning *cleaning,
                 struct error *err)
{
    for (size_t i = 0; i < cleaning->count; i++) {
        struct str path = cleaning->places[i].path;
        if (fs_remove_beneath(job->context->root_fd, str_copy(arena, path).s, err) < 0) {
            return error_prefix(err, "cannot clean '%.*s'", STR_ARG(path));
        }
    }
    return 0;
}
