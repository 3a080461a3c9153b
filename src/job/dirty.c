#include "job/dirty.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "job/location.h"
#include "manifest/footprint.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define NESTED_DEPTH_MAX 16
#define CHUNK_BYTES      65536

/* One change, with all that the fingerprint is made of. */
struct change {
    struct str path; /* from git's top level */
    struct str record;
    const char *kind; /* "file", "executable", "link", "deleted", "folder", "repository", "other" */
    uint64_t size_bytes;
    struct str sha256; /* empty where there are no bytes */
};

struct survey {
    const struct context *context;
    struct arena *arena;
    const struct dirty_rules *rules;
    struct dirty *dirty;
    struct str *stores; /* in the repository: absolute */
    size_t store_count;
    struct change *changes;
    size_t count, capacity;
    size_t left_out_capacity;
};

/* The stores' folders that are inside of the repository and do not hold the
 * workspace: a store at the workspace's root must not hide everything. */
static void find_stores(struct survey *survey)
{
    const struct context *context = survey->context;
    size_t count;
    struct str *folders = context_store_folders(context, survey->arena, &count);

    survey->stores = arena_array(survey->arena, count, sizeof *survey->stores);
    for (size_t i = 0; i < count; i++) {
        struct error nothing_there = {0};
        struct str real, rest;
        const char *path = str_copy(survey->arena, folders[i]).s;
        if (fs_real_path(survey->arena, path, &real, &nothing_there) == 0 &&
            location_is_within(context->git_top, real, &rest) && rest.n > 0 &&
            !location_is_within(real, context->root, NULL)) {
            survey->stores[survey->store_count++] = real;
        }
    }
}

static bool is_in_store(const struct survey *survey, struct str absolute)
{
    for (size_t i = 0; i < survey->store_count; i++) {
        if (location_is_within(survey->stores[i], absolute, NULL)) {
            return true;
        }
    }
    return false;
}

static struct str last_segment(struct str path)
{
    size_t from = path.n;

    while (from > 0 && path.s[from - 1] != '/') {
        from--;
    }
    return str_after(path, from);
}

static bool covers(const struct footprint *footprint, struct arena *arena, struct str path,
                   bool is_folder)
{
    if (footprint == NULL) {
        return false;
    }
    /* A nested repository is one entry, and what covers a folder covers what is in it. */
    return footprint_covers(footprint, path) ||
           (is_folder &&
            footprint_covers(footprint, str_format(arena, "%.*s/.git", STR_ARG(path))));
}

/* What lies at a path from git's top level and is left out whatever it holds. */
static bool is_left_out(struct survey *survey, struct str path, bool untracked, bool is_folder)
{
    const struct context *context = survey->context;
    struct dirty *dirty = survey->dirty;
    struct str absolute = fs_join(survey->arena, context->git_top, path);
    struct str below; /* from the workspace's root */

    if (untracked &&
        (survey->rules->tracked_only || str_starts(last_segment(path), STR(FS_TEMP_PREFIX)) ||
         is_in_store(survey, absolute))) {
        return true;
    }
    if (!location_is_within(context->root, absolute, &below)) {
        return false;
    }
    if (location_is_within(STR(".jobrun"), below, NULL)) {
        return true;
    }
    if (untracked && covers(survey->rules->products, survey->arena, below, is_folder)) {
        if (dirty->left_out_count < DIRTY_PATHS_MAX) {
            *ARENA_PUSH(survey->arena, dirty->left_out, dirty->left_out_count,
                        survey->left_out_capacity) =
                location_relative(survey->arena, context->start, absolute);
        }
        return true;
    }
    return false;
}

static bool is_same(struct arena *arena, const struct dirty_product *made,
                    const struct change *change)
{
    bool is_link = str_is(str_from(change->kind), "link");

    if (is_link != (made->target.s != NULL)) {
        return false;
    }
    return str_equal(is_link ? sha256_hex(arena, made->target) : made->sha256, change->sha256);
}

/* Whether a tracked file is just what this job made of it. */
static bool is_own_product(const struct survey *survey, const struct change *change)
{
    struct str absolute = fs_join(survey->arena, survey->context->git_top, change->path);
    struct str below;

    if (change->sha256.n == 0 || !location_is_within(survey->context->root, absolute, &below)) {
        return false;
    }
    for (size_t i = 0; i < survey->rules->made_count; i++) {
        const struct dirty_product *made = &survey->rules->made[i];
        if (str_equal(made->path, below) && is_same(survey->arena, made, change)) {
            return true;
        }
    }
    return false;
}

static int hash_file(struct arena *arena, int fd, const char *name, struct change *change,
                     struct error *err)
{
    struct sha256 sha;
    unsigned char digest[SHA256_BYTES];
    unsigned char chunk[CHUNK_BYTES];
    size_t got;

    sha256_begin(&sha);
    do {
        if (fd_read_full(fd, chunk, sizeof chunk, &got, name, err) != 0) {
            return -1;
        }
        sha256_add(&sha, chunk, got);
        change->size_bytes += got;
    } while (got == sizeof chunk);
    sha256_end(&sha, digest);
    change->sha256 = digest_hex(arena, digest, sizeof digest);
    return 0;
}

static int read_file(struct arena *arena, const char *path, mode_t mode, struct change *change,
                     struct error *err)
{
    int fd CLEANUP(fd_close) = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return error_errno(err, errno, "cannot read '%s', which is changed or untracked", path);
    }
    change->kind = (mode & S_IXUSR) ? "executable" : "file";
    return hash_file(arena, fd, path, change, err);
}

static int read_link(struct arena *arena, const char *path, struct change *change,
                     struct error *err)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target);

    if (n < 0) {
        return error_errno(err, errno, "cannot read the link '%s'", path);
    }
    change->kind = "link";
    change->size_bytes = (uint64_t)n;
    change->sha256 = sha256_hex(arena, (struct str){target, (size_t)n});
    return 0;
}

/* Sets what is at the path now; *is_repository: a folder with a git of its own. */
static int read_content(struct arena *arena, struct str path, struct change *change,
                        bool *is_repository, struct error *err)
{
    struct stat st;

    *is_repository = false;
    if (lstat(path.s, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return error_errno(err, errno, "cannot read '%s', which is changed or untracked",
                               path.s);
        }
        change->kind = "deleted";
    } else if (S_ISREG(st.st_mode)) {
        return read_file(arena, path.s, st.st_mode, change, err);
    } else if (S_ISLNK(st.st_mode)) {
        return read_link(arena, path.s, change, err);
    } else if (S_ISDIR(st.st_mode)) {
        *is_repository = fs_exists(fs_join(arena, path, STR(".git")).s);
        change->kind = *is_repository ? "repository" : "folder";
    } else {
        change->kind = "other";
    }
    return 0;
}

static int add_repository(struct survey *survey, const struct git_status *status, struct str prefix,
                          unsigned depth, struct error *err);

static int add_entry(struct survey *survey, const struct git_entry *entry, struct str prefix,
                     unsigned depth, struct error *err)
{
    struct arena *arena = survey->arena;
    bool untracked = entry->kind == '?';
    bool is_folder = str_ends(entry->path, STR("/"));
    bool is_repository;
    struct str path =
        fs_join(arena, prefix, str_slice(entry->path, 0, entry->path.n - (is_folder ? 1 : 0)));

    if (is_left_out(survey, path, untracked, is_folder)) {
        return 0;
    }
    struct change change = {.path = path, .record = entry->line};
    struct str absolute = fs_join(arena, survey->context->git_top, path);
    if (read_content(arena, absolute, &change, &is_repository, err) != 0) {
        return -1;
    }

    struct git_status nested = {0};
    if (is_repository) {
        if (depth == NESTED_DEPTH_MAX) {
            return error_set(err, ERROR_LIMIT,
                             "git repositories are nested more than %d deep: '%s'",
                             NESTED_DEPTH_MAX, absolute.s);
        }
        if (git_status_read(arena, absolute.s, &nested, err) != 0) {
            return error_prefix(err, "cannot tell what changed in '%s'", absolute.s);
        }
        change.sha256 = nested.head;
    }
    if (!is_repository && is_own_product(survey, &change)) {
        return 0;
    }
    *ARENA_PUSH(arena, survey->changes, survey->count, survey->capacity) = change;
    return is_repository ? add_repository(survey, &nested, path, depth + 1, err) : 0;
}

static int add_repository(struct survey *survey, const struct git_status *status, struct str prefix,
                          unsigned depth, struct error *err)
{
    for (size_t i = 0; i < status->count; i++) {
        if (add_entry(survey, &status->entries[i], prefix, depth, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int order = str_compare(x->path, y->path);

    return order != 0 ? order : str_compare(x->record, y->record);
}

static struct str fingerprint_of(const struct survey *survey)
{
    struct sha256 sha;
    unsigned char digest[SHA256_BYTES];

    sha256_begin(&sha);
    for (size_t i = 0; i < survey->count; i++) {
        const struct change *change = &survey->changes[i];
        char size[32];
        int n = snprintf(size, sizeof size, "%llu", (unsigned long long)change->size_bytes);
        sha256_add(&sha, change->kind, strlen(change->kind) + 1);
        sha256_add(&sha, change->path.s, change->path.n);
        sha256_add(&sha, "", 1);
        sha256_add(&sha, change->record.s, change->record.n);
        sha256_add(&sha, "", 1);
        sha256_add(&sha, size, (size_t)n + 1);
        sha256_add(&sha, change->sha256.s, change->sha256.n);
        sha256_add(&sha, "\n", 1);
    }
    sha256_end(&sha, digest);
    return digest_hex(survey->arena, digest, sizeof digest);
}

static void list_changes(struct survey *survey)
{
    struct dirty *dirty = survey->dirty;

    dirty->changed_count = survey->count < DIRTY_PATHS_MAX ? survey->count : DIRTY_PATHS_MAX;
    dirty->changed = arena_array(survey->arena, dirty->changed_count, sizeof *dirty->changed);
    for (size_t i = 0; i < dirty->changed_count; i++) {
        struct str path = fs_join(survey->arena, survey->context->git_top, survey->changes[i].path);
        dirty->changed[i] = location_relative(survey->arena, survey->context->start, path);
    }
}

int dirty_read(const struct context *context, struct arena *arena, const struct dirty_rules *rules,
               struct dirty *dirty, struct error *err)
{
    struct survey survey = {.context = context, .arena = arena, .rules = rules, .dirty = dirty};

    *dirty = (struct dirty){0};
    if (context->has_git && context->status.count > 0) {
        find_stores(&survey);
        if (add_repository(&survey, &context->status, STR(""), 0, err) != 0) {
            return error_prefix(err, "cannot tell what changed since the commit");
        }
    }
    if (survey.count > 1) {
        qsort(survey.changes, survey.count, sizeof *survey.changes, compare_changes);
    }
    if (survey.count > 0) {
        dirty->fingerprint = fingerprint_of(&survey);
    }
    list_changes(&survey);
    return 0;
}

void dirty_describe(const struct dirty *dirty, struct diag *diag)
{
    for (size_t i = 0; i < dirty->changed_count; i++) {
        diag_note(diag, "changed or untracked: %.*s", STR_ARG(dirty->changed[i]));
    }
    diag_help(diag, "commit, stash or git-ignore them (git status shows all)");
}
