#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "manifest/document.h"
#include "manifest/rule.h"
#include "run/hash.h"
#include "run/listener.h"
#include "run/look_up.h"
#include "run/off_limits.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>

struct tree {
    struct look_up *look_up;
    const struct supply *supply;
    struct str path; /* of the tree */
    int fd;
    struct entry *entries;
    size_t count, capacity;
    struct off_limits off_limits;
    bool usable;
};

static struct diag *refuse(struct look_up *look_up, const struct supply *supply, struct str path,
                           const char *what)
{
    struct str title = element_title(look_up->arena, supply->input, supply->element);
    bool is_else = supply->otherwise.s != NULL;
    struct span span = is_else ? supply->input->input->otherwise->node->span : (struct span){0};

    return diag_error(look_up->diags, is_else ? STATUS_MANIFEST : STATUS_USAGE,
                      is_else ? rule_id(RULE_PATH) : "usage", span,
                      "%.*s cannot be taken from '%.*s': %s", STR_ARG(title), STR_ARG(path), what);
}

static enum fs_walk visit(void *context, const struct fs_entry *found, struct error *err)
{
    struct tree *tree = context;
    struct arena *arena = tree->look_up->arena;
    struct entry entry = {.output = tree->supply->element->output->name,
                          .path = str_copy(arena, found->path)};
    const char *problem = path_problem(found->path);

    if (off_limits_holds(&tree->off_limits, found->path)) {
        return FS_WALK_SKIP;
    }
    if (found->kind == FS_FOLDER && !found->empty) {
        return FS_WALK_ON;
    }
    if (found->kind == FS_LINK) {
        entry.kind = ENTRY_LINK;
        if (fs_read_link_beneath(arena, tree->fd, entry.path.s, &entry.target, err) < 0) {
            return FS_WALK_STOP;
        }
        if (!artifact_link_stays_inside(entry.path, entry.target)) {
            problem = "it holds a symbolic link that leaves it";
        }
    } else if (found->kind == FS_FOLDER) {
        entry.kind = ENTRY_FOLDER;
    } else if (found->kind == FS_OTHER) {
        problem = "it holds what is neither a file, a link nor a folder";
    }
    entry.mode = found->kind == FS_FILE ? found->st.st_mode & 0777 : 0;
    entry.size_bytes = found->kind == FS_FILE ? (uint64_t)found->st.st_size : 0;
    if (problem != NULL) {
        diag_note(refuse(tree->look_up, tree->supply, tree->path, problem), "it is '%.*s'",
                  STR_ARG(found->path));
        tree->usable = false;
        return FS_WALK_ON;
    }
    if (tree->count >= ARTIFACT_ENTRIES_MAX) {
        error_set(err, ERROR_LIMIT, "'%.*s' holds more than %d files", STR_ARG(tree->path),
                  ARTIFACT_ENTRIES_MAX);
        return FS_WALK_STOP;
    }
    *ARENA_PUSH(arena, tree->entries, tree->count, tree->capacity) = entry;
    return FS_WALK_ON;
}

/* Digests of all files, beneath `fd`; `path` where it is not the entry's own. */
static int hash_entries(struct arena *arena, struct entry *entries, size_t count, int fd,
                        const char *path, struct error *err)
{
    struct hash_file *files = arena_array(arena, count, sizeof *files);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].kind == ENTRY_FILE) {
            files[n++] = (struct hash_file){
                .root_fd = fd,
                .path = path != NULL ? path : entries[i].path.s,
                .size_bytes = entries[i].size_bytes,
            };
        }
    }
    if (hash_files(arena, files, n, HASH_ALL, err) < 0) {
        return -1;
    }
    n = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].kind == ENTRY_FILE) {
            entries[i].sha256 = files[n].sha256;
            entries[i].crc32c = files[n++].crc32c;
        }
    }
    return 0;
}

static void take_entries(struct look_up *look_up, struct supply *supply, struct entry *entries,
                         size_t count)
{
    struct artifact artifact = {.entries = entries, .count = count};

    artifact_seal(&artifact, look_up->arena);
    supply->state = SUPPLY_LOCAL;
    supply->entries = artifact.entries;
    supply->entry_count = artifact.count;
    supply->content = artifact.content;
}

static int take_folder(struct look_up *look_up, struct supply *supply, bool *usable,
                       struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct tree tree = {
        .look_up = look_up, .supply = supply, .path = supply->local_path, .usable = true};

    if (fs_open_folder(supply->local_path.s, &fd, err) < 0) {
        return -1;
    }
    tree.fd = fd;
    tree.off_limits = off_limits_make(look_up->arena, supply->local_path, look_up->job->context);
    off_limits_allow_store(&tree.off_limits);
    if (fs_walk(fd, "", visit, &tree, err) < 0) {
        return -1;
    }
    *usable = tree.usable;
    if (!tree.usable) {
        return 0;
    }
    if (hash_entries(look_up->arena, tree.entries, tree.count, fd, NULL, err) < 0) {
        return -1;
    }
    take_entries(look_up, supply, tree.entries, tree.count);
    return 0;
}

/* The name that the producer gives its one file, where the manifest says it
 * plainly; else empty. */
static struct str declared_name(const struct output *output)
{
    const struct template *template = output->path_count == 1 ? output->paths[0] : NULL;
    const struct part *last = NULL;

    for (size_t i = 0; template != NULL && i < template->count; i++) {
        last = &template->parts[i];
        if (last->kind == PART_TEXT && glob_has_magic(last->text)) {
            return (struct str){0};
        }
    }
    if (last == NULL || last->kind != PART_TEXT) {
        return (struct str){0};
    }
    /* Without a '/' the name begins in the placeholder before it. */
    bool is_whole = template->count == 1 || str_index(last->text, '/') < last->text.n;
    struct str name = path_last_name(last->text);
    return is_whole && path_problem(name) == NULL ? name : (struct str){0};
}

static int take_file(struct look_up *look_up, struct supply *supply, struct str given,
                     const struct stat *st, bool *usable, struct error *err)
{
    struct arena *arena = look_up->arena;
    int fd CLEANUP(fd_close) = -1;
    struct str folder = str_copy(arena, path_folder(supply->local_path));
    struct str base = str_after(supply->local_path, folder.n + 1);
    struct str name = declared_name(supply->element->output);
    struct entry *entry = arena_alloc(arena, sizeof *entry);

    if (name.n == 0) {
        name = path_last_name(given);
    }
    *entry = (struct entry){
        .output = supply->element->output->name,
        .path = name,
        .mode = st->st_mode & 0777,
        .size_bytes = (uint64_t)st->st_size,
    };
    if (path_problem(name) != NULL) {
        refuse(look_up, supply, given, path_problem(name));
        *usable = false;
        return 0;
    }
    if (fs_open_folder(folder.n > 0 ? folder.s : "/", &fd, err) < 0 ||
        hash_entries(arena, entry, 1, fd, base.s, err) < 0) {
        return -1;
    }
    take_entries(look_up, supply, entry, 1);
    return 0;
}

int local_supply(struct look_up *look_up, struct supply *supply, struct str path, bool *usable,
                 struct error *err)
{
    struct str given = str_copy(look_up->arena, path_without_slash(path));
    struct stat st;
    struct error problem = {0};

    *usable = true;
    if (fs_real_path(look_up->arena, given.s, &supply->local_path, &problem) < 0 ||
        stat(supply->local_path.s, &st) != 0) {
        refuse(look_up, supply, given, problem.message[0] ? problem.message : strerror(errno));
        *usable = false;
        return 0;
    }
    if (S_ISDIR(st.st_mode)) {
        if (take_folder(look_up, supply, usable, err) < 0) {
            return -1;
        }
        if (*usable && supply->entry_count == 0) {
            refuse(look_up, supply, given, "the folder is empty");
            *usable = false;
        }
    } else if (S_ISREG(st.st_mode)) {
        if (take_file(look_up, supply, given, &st, usable, err) < 0) {
            return -1;
        }
    } else {
        refuse(look_up, supply, given, "it is neither a file nor a folder");
        *usable = false;
    }
    if (*usable) {
        struct str title = element_title(look_up->arena, supply->input, supply->element);
        if (supply->otherwise.s != NULL) {
            listener_say(look_up->listener, "%.*s is absent: '%.*s' stands for it", STR_ARG(title),
                         STR_ARG(supply->otherwise));
        } else {
            listener_say(look_up->listener, "%.*s is taken from '%.*s'", STR_ARG(title),
                         STR_ARG(supply->local_path));
        }
    }
    return 0;
}

/* Inputs that share a folder cannot be told apart there: the first one stands
 * for all that is in it. */
static bool place_is_taken(const struct look_up *look_up, struct str path)
{
    for (size_t i = 0; i < look_up->count; i++) {
        if (look_up->supplies[i].state == SUPPLY_LOCAL &&
            str_equal(look_up->supplies[i].local_path, path)) {
            return true;
        }
    }
    return false;
}

static void report_not_in_place(struct look_up *look_up, const struct supply *supply)
{
    const struct element *element = supply->element;
    const struct context *context = look_up->job->context;
    struct str title = element_title(look_up->arena, supply->input, element);
    struct diag *diag = diag_error(
        look_up->diags, STATUS_ABSENT, "missing-input", element->span,
        "%.*s is not in the workspace: there is nothing at '%.*s'", STR_ARG(title),
        STR_ARG(context_show_path(context, look_up->arena, path_without_slash(element->to))));

    diag_note(diag, "--no-fetch takes every input from where it would land");
    diag_help(diag, "fetch it from the store: run without --no-fetch");
}

int local_supply_in_place(struct look_up *look_up, struct supply *supply, bool *usable,
                          struct error *err)
{
    struct arena *arena = look_up->arena;
    struct str to = path_without_slash(supply->element->to);
    struct str path = path_below(arena, look_up->job->context->root, to);
    struct stat st;

    *usable = true;
    if (stat(path.s, &st) == 0 && !S_ISDIR(st.st_mode)) {
        return local_supply(look_up, supply, path, usable, err);
    }
    if (fs_exists(path.s)) {
        if (fs_real_path(arena, path.s, &supply->local_path, err) < 0) {
            return -1;
        }
        supply->state = SUPPLY_LOCAL;
        if (place_is_taken(look_up, supply->local_path)) {
            return 0;
        }
        if (take_folder(look_up, supply, usable, err) < 0) {
            return -1;
        }
        if (!*usable || supply->entry_count > 0) {
            return 0;
        }
    }
    supply->state = SUPPLY_ABSENT;
    supply->local_path = (struct str){0};
    if (!supply->input->input->optional && !look_up->wishes->missing_is_fine) {
        report_not_in_place(look_up, supply);
        *usable = false;
    }
    return 0;
}
