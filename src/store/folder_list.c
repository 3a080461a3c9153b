#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "store/folder_file.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>

/* What one folder holds: files and folders with names that keys can have. */
struct level {
    struct arena *arena;
    struct level_entry {
        struct str path;
        bool is_folder;
        struct stat st;
    } * entries;
    size_t count, capacity;
};

static bool is_temporary(struct str path)
{
    struct str folder = path_folder(path);
    struct str name = str_after(path, folder.n > 0 ? folder.n + 1 : 0);
    return str_starts(name, STR(FS_TEMP_PREFIX));
}

static enum fs_walk add_entry(void *context, const struct fs_entry *entry, struct error *err)
{
    struct level *level = context;
    (void)err;
    if ((entry->kind == FS_FILE || entry->kind == FS_FOLDER) && !is_temporary(entry->path) &&
        !path_problem(entry->path)) {
        *ARENA_PUSH(level->arena, level->entries, level->count, level->capacity) =
            (struct level_entry){.path = str_copy(level->arena, entry->path),
                                 .is_folder = entry->kind == FS_FOLDER,
                                 .st = entry->st};
    }
    return FS_WALK_SKIP;
}

/* Order of the keys: what is in a folder has a '/' behind the folder's name. */
static int compare_entries(const void *a, const void *b)
{
    const struct level_entry *left = a;
    const struct level_entry *right = b;
    size_t shorter = left->path.n < right->path.n ? left->path.n : right->path.n;
    int order = memcmp(left->path.s, right->path.s, shorter);
    if (order != 0) {
        return order;
    }
    int next_left = left->path.n > shorter ? (unsigned char)left->path.s[shorter]
                                           : (left->is_folder ? '/' : -1);
    int next_right = right->path.n > shorter ? (unsigned char)right->path.s[shorter]
                                             : (right->is_folder ? '/' : -1);
    return next_left - next_right;
}

/* A folder that is not there (any more) holds nothing. */
static int read_level(int root, const char *path, struct level *level, struct error *err)
{
    struct error problem;
    if (fs_walk(root, path, add_entry, level, &problem) != 0 && problem.kind != ERROR_NOT_FOUND &&
        problem.sys_errno != ENOTDIR) {
        *err = problem;
        return -1;
    }
    if (level->count > 0) {
        qsort(level->entries, level->count, sizeof *level->entries, compare_entries);
    }
    return 0;
}

struct lister {
    int root;
    struct arena *arena; /* the caller's */
    bool (*visit)(void *context, const struct listed *object);
    void *context;
    bool stopped;
};

static int list_level(struct lister *lister, const char *path, int depth, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct level level = {.arena = &scratch};
    if (depth > FS_DEPTH_MAX) {
        return error_set(err, ERROR_LIMIT, "its folders are nested more than %d deep",
                         FS_DEPTH_MAX);
    }
    if (read_level(lister->root, path, &level, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < level.count && !lister->stopped; i++) {
        const struct level_entry *entry = &level.entries[i];
        if (entry->is_folder) {
            if (list_level(lister, entry->path.s, depth + 1, err) != 0) {
                return -1;
            }
            continue;
        }
        struct listed object = {.key = str_copy(lister->arena, entry->path),
                                .size_bytes = (uint64_t)entry->st.st_size,
                                .version = folder_version(lister->arena, &entry->st)};
        lister->stopped = !lister->visit(lister->context, &object);
    }
    return 0;
}

/* *root stays -1 where there is no root yet. */
static int open_root(const struct folder_store *folder, int *root, struct error *err)
{
    struct error problem;
    if (folder_root_open(folder, root, &problem) == 0 || problem.kind == ERROR_NOT_FOUND) {
        return 0;
    }
    *err = problem;
    return -1;
}

int folder_list(struct store *store, struct arena *arena, struct str prefix,
                bool (*visit)(void *context, const struct listed *object), void *context,
                struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int root CLEANUP(fd_close) = -1;
    const char *path = str_copy(&scratch, path_without_slash(prefix)).s;
    if (open_root(folder_of(store), &root, err) != 0) {
        return folder_cannot_read(folder_of(store), prefix, err);
    }
    struct lister lister = {.root = root, .arena = arena, .visit = visit, .context = context};
    if (root >= 0 && list_level(&lister, path, 1, err) != 0) {
        return folder_cannot_read(folder_of(store), prefix, err);
    }
    return 0;
}

int folder_list_folders(struct store *store, struct arena *arena, struct str prefix,
                        struct str **names, size_t *count, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    int root CLEANUP(fd_close) = -1;
    struct level level = {.arena = &scratch};
    size_t capacity = 0;
    const char *path = str_copy(&scratch, path_without_slash(prefix)).s;
    *names = NULL;
    *count = 0;
    if (open_root(folder_of(store), &root, err) != 0 ||
        (root >= 0 && read_level(root, path, &level, err) != 0)) {
        return folder_cannot_read(folder_of(store), prefix, err);
    }
    for (size_t i = 0; i < level.count; i++) {
        if (level.entries[i].is_folder) {
            *ARENA_PUSH(arena, *names, *count, capacity) =
                str_copy(arena, str_after(level.entries[i].path, prefix.n));
        }
    }
    /* By name alone, "a" comes before "a-b". */
    if (*count > 0) {
        qsort(*names, *count, sizeof **names, str_compare_for_sort);
    }
    return 0;
}
