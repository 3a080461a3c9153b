#include "run/landing.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/clean.h"
#include "run/hash.h"
#include "run/last_folder.h"
#include "run/off_limits.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>

struct str landing_source(struct arena *arena, const struct landing *landing)
{
    struct str path = str_copy(arena, landing->supply->local_path);
    struct stat st;

    if (stat(path.s, &st) == 0 && !S_ISDIR(st.st_mode)) {
        return path;
    }
    return path_below(arena, path, landing->entry->path);
}

/* --- what is there already --- */

/* lstat(2) of the place; ERROR_NOT_FOUND where nothing is there. */
static int stat_place(struct last_folder *last, struct str destination, struct stat *st,
                      struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int folder;

    if (last_folder_open(last, path_folder(destination), &folder, err) < 0) {
        return -1;
    }
    if (fstatat(folder, str_copy(&scratch, path_last_name(destination)).s, st,
                AT_SYMLINK_NOFOLLOW) != 0) {
        return error_errno(err, errno, "cannot look at '%.*s'", STR_ARG(destination));
    }
    return 0;
}

/* What can be told without reading a file; *hash where the bytes must decide. */
static bool looks_in_place(struct arena *arena, struct last_folder *last,
                           const struct landing *landing, bool *hash)
{
    const struct entry *entry = landing->entry;
    struct str target;
    struct stat st;
    struct error ignored;

    *hash = false;
    if (stat_place(last, landing->destination, &st, &ignored) < 0) {
        return false;
    }
    switch (entry->kind) {
    case ENTRY_FILE:
        *hash = S_ISREG(st.st_mode) && (st.st_mode & 07777) == entry->mode &&
                (uint64_t)st.st_size == entry->size_bytes;
        return false;
    case ENTRY_LINK:
        return S_ISLNK(st.st_mode) &&
               fs_read_link_beneath(arena, last->root, str_copy(arena, landing->destination).s,
                                    &target, &ignored) == 0 &&
               str_equal(target, entry->target);
    case ENTRY_FOLDER:
        return S_ISDIR(st.st_mode);
    }
    BUG("an entry of no kind");
}

int landings_in_place(int root, const struct landing *landings, size_t count, bool *in_place,
                      struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct last_folder last CLEANUP(last_folder_close) = LAST_FOLDER(root);
    struct hash_file *files = arena_array(&scratch, count, sizeof *files);
    size_t *of_file = arena_array(&scratch, count, sizeof *of_file);
    size_t file_count = 0;

    for (size_t i = 0; i < count; i++) {
        bool hash = false;
        in_place[i] = looks_in_place(&scratch, &last, &landings[i], &hash);
        if (hash) {
            of_file[file_count] = i;
            files[file_count++] = (struct hash_file){
                .root_fd = root,
                .path = str_copy(&scratch, landings[i].destination).s,
                .size_bytes = landings[i].entry->size_bytes,
            };
        }
    }
    if (hash_files(&scratch, files, file_count, HASH_WHAT_CAN, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < file_count; i++) {
        in_place[of_file[i]] = str_equal(files[i].sha256, landings[of_file[i]].entry->sha256);
    }
    return 0;
}

/* --- whether all can land --- */

static int cannot_land(struct error *err, enum error_kind kind, const struct landing *landing,
                       const char *why)
{
    return error_set(err, kind, "input '%.*s' cannot land on '%.*s': %s",
                     STR_ARG(landing->supply->input->input->name), STR_ARG(landing->destination),
                     why);
}

static int compare_as_trees(const void *a, const void *b)
{
    const struct landing *x = *(const struct landing *const *)a;
    const struct landing *y = *(const struct landing *const *)b;

    return path_compare(x->destination, y->destination);
}

/* The plan has refused two files with one name; what is left is a file or link
 * where another input needs a folder. */
static int check_clashes(struct arena *arena, const struct landing *landings, size_t count,
                         struct error *err)
{
    const struct landing **sorted = arena_array(arena, count, sizeof *sorted);
    const struct landing *leaf = NULL;

    for (size_t i = 0; i < count; i++) {
        sorted[i] = &landings[i];
    }
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_as_trees);
    }
    for (size_t i = 0; i < count; i++) {
        struct str path = sorted[i]->destination;
        if (leaf != NULL &&
            (str_equal(path, leaf->destination) || path_is_below(path, leaf->destination))) {
            return error_set(err, ERROR_MANIFEST,
                             "inputs '%.*s' and '%.*s' cannot both land: one brings a %s '%.*s', "
                             "the other '%.*s'",
                             STR_ARG(leaf->supply->input->input->name),
                             STR_ARG(sorted[i]->supply->input->input->name),
                             leaf->entry->kind == ENTRY_LINK ? "link" : "file",
                             STR_ARG(leaf->destination), STR_ARG(path));
        }
        if (sorted[i]->entry->kind != ENTRY_FOLDER) {
            leaf = sorted[i];
        }
    }
    return 0;
}

/* One of the folders above the place is a file. */
static int blame_parent(struct arena *arena, int root, const struct landing *landing,
                        struct error *err)
{
    for (struct str path = path_folder(landing->destination); path.n > 0;
         path = path_folder(path)) {
        struct stat st;
        struct error ignored;
        if (fs_stat_beneath(root, str_copy(arena, path).s, &st, &ignored) == 0 &&
            !S_ISDIR(st.st_mode)) {
            return error_set(err, ERROR_FAILED,
                             "input '%.*s' cannot land on '%.*s': '%.*s' is a file, and a folder "
                             "is needed there",
                             STR_ARG(landing->supply->input->input->name),
                             STR_ARG(landing->destination), STR_ARG(path));
        }
    }
    return 0;
}

static int check_way(struct arena *arena, struct last_folder *last, const struct landing *landing,
                     struct error *err)
{
    bool wants_folder = landing->entry->kind == ENTRY_FOLDER || landing->unpack != PACK_NONE;
    struct error looked = {0};
    struct stat st;

    if (stat_place(last, landing->destination, &st, &looked) < 0) {
        if (looked.kind == ERROR_NOT_FOUND) {
            return looked.sys_errno == ENOTDIR ? blame_parent(arena, last->root, landing, err) : 0;
        }
        return cannot_land(err, ERROR_FAILED, landing, looked.message);
    }
    if (S_ISDIR(st.st_mode) && !wants_folder) {
        cannot_land(err, ERROR_FAILED, landing, "a folder is there");
        return error_help(err, "remove the folder, or let the input land elsewhere ('to')");
    }
    if (!S_ISDIR(st.st_mode) && wants_folder) {
        return cannot_land(err, ERROR_FAILED, landing, "a file is there, and a folder is needed");
    }
    return 0;
}

static int check_place(const struct landing *landing, const struct off_limits *off_limits,
                       struct error *err)
{
    const char *problem = path_problem(landing->destination);

    if (problem != NULL) {
        return cannot_land(err, ERROR_NOT_ALLOWED, landing, problem);
    }
    if (off_limits_holds(off_limits, landing->destination)) {
        return cannot_land(err, ERROR_NOT_ALLOWED, landing, "it is not a place for inputs");
    }
    if (landing->entry->kind == ENTRY_LINK &&
        !artifact_link_stays_inside(landing->destination, landing->entry->target)) {
        return cannot_land(err, ERROR_DAMAGED, landing,
                           "it is a link that would leave the workspace");
    }
    return 0;
}

int landings_check(int root, const struct landing *landings, size_t count,
                   const struct off_limits *off_limits, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct last_folder last CLEANUP(last_folder_close) = LAST_FOLDER(root);

    for (size_t i = 0; i < count; i++) {
        if (check_place(&landings[i], off_limits, err) < 0) {
            return -1;
        }
    }
    if (check_clashes(&scratch, landings, count, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (check_way(&scratch, &last, &landings[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

void landings_report(const struct plan *plan, const struct off_limits *off_limits,
                     const struct cleaning *cleaning, struct diags *diags)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct last_folder last CLEANUP(last_folder_close) = LAST_FOLDER(plan->job->context->root_fd);
    size_t reports = 0;

    for (size_t i = 0; i < plan->landing_count && reports < LANDING_REPORTS_MAX; i++) {
        const struct landing *landing = &plan->landings[i];
        struct error err = {0};

        if (check_place(landing, off_limits, &err) == 0 &&
            (check_way(&scratch, &last, landing, &err) == 0 ||
             clean_covers(cleaning, landing->destination))) {
            continue;
        }
        diag_from_error(diags, err.kind == ERROR_DAMAGED ? STATUS_STORE : STATUS_NOT_ALLOWED,
                        "landing", landing->supply->element->span, &err);
        reports++;
    }
}
