#include "run/outputs_match.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "manifest/document.h"
#include "sys/fs.h"

#include <errno.h>

/* Credentials of this machine or its CI system that tools leave in the
 * workspace under these names. */
static const char *const CREDENTIALS[] = {
    "gha-creds-*.json", "application_default_credentials.json",
    ".git-credentials", ".netrc",
    "_netrc",           ".pypirc",
};

/* One pattern on its way through the disk. */
struct pattern_walk {
    struct matching *matching;
    const struct bound_output *output;
    size_t index;
    struct str glob;   /* of a folder: of all that is below it */
    struct str prefix; /* what an entry's path leaves out; ends in '/' or is empty */
    size_t matched;
};

struct span match_span(const struct bound_output *output, size_t index)
{
    const struct output *declared = output->output;

    if (declared->path_count == output->pattern_count && declared->paths[index] != NULL &&
        declared->paths[index]->node != NULL) {
        return declared->paths[index]->node->span;
    }
    return declared->span;
}

static struct diag *refuse(const struct pattern_walk *walk, struct str path, const char *what)
{
    return diag_error(walk->matching->diags, STATUS_OUTPUTS, "outputs",
                      match_span(walk->output, walk->index), "output '%.*s': '%.*s' %s",
                      STR_ARG(walk->output->output->name), STR_ARG(path), what);
}

static bool is_credential(struct str path)
{
    for (size_t i = 0; i < ARRAY_COUNT(CREDENTIALS); i++) {
        if (glob_match(str_from(CREDENTIALS[i]), path_last_name(path))) {
            return true;
        }
    }
    return false;
}

static bool never_matches(const struct matching *matching, struct str path)
{
    return off_limits_holds(&matching->off_limits, path) || is_credential(path);
}

/* What a receipt could not name, or no other machine could make. */
static const char *name_problem(struct str path)
{
    const char *problem = path_problem(path);

    if (problem != NULL) {
        return problem;
    }
    return str_utf8_invalid_at(path) < path.n ? "is not UTF-8" : NULL;
}

static int read_link(const struct pattern_walk *walk, struct str path, struct entry *entry,
                     bool *usable, struct error *err)
{
    struct matching *matching = walk->matching;
    struct str text = str_copy(matching->arena, path);

    entry->kind = ENTRY_LINK;
    if (fs_read_link_beneath(matching->arena, matching->job->context->root_fd, text.s,
                             &entry->target, err) < 0) {
        return -1;
    }
    *usable = artifact_link_stays_inside(entry->path, entry->target);
    if (!*usable) {
        struct diag *diag = refuse(walk, path, "is a symbolic link that leaves the output");
        diag_note(diag, "it points to '%.*s'", STR_ARG(entry->target));
        diag_help(diag, "let the job copy what it points to, or make the link relative to a place "
                        "within the output");
    } else if (str_utf8_invalid_at(entry->target) < entry->target.n) {
        refuse(walk, path, "is a symbolic link whose target is not UTF-8");
        *usable = false;
    }
    return 0;
}

static int add_match(struct pattern_walk *walk, struct str path, enum fs_kind kind,
                     const struct stat *st, struct error *err)
{
    struct matching *matching = walk->matching;
    struct str kept = str_copy(matching->arena, path);
    bool usable = true;
    struct entry entry = {
        .kind = kind == FS_FOLDER ? ENTRY_FOLDER : ENTRY_FILE,
        .output = walk->output->output->name,
        .path = str_after(kept, walk->prefix.n),
    };

    walk->matched++;
    const char *problem = name_problem(path);
    if (problem == NULL && kind == FS_OTHER) {
        problem = "is neither a file, a link nor a folder";
    }
    if (problem != NULL) {
        refuse(walk, path, problem);
        return 0;
    }
    if (kind == FS_LINK && read_link(walk, path, &entry, &usable, err) < 0) {
        return -1;
    }
    if (kind == FS_FILE) {
        entry.mode = st->st_mode & 0777;
        entry.size_bytes = (uint64_t)st->st_size;
    }
    if (matching->count >= ARTIFACT_ENTRIES_MAX) {
        return error_set(err, ERROR_LIMIT, "the outputs of job '%.*s' are more than %d files",
                         STR_ARG(matching->job->manifest->name), ARTIFACT_ENTRIES_MAX);
    }
    if (usable) {
        *ARENA_PUSH(matching->arena, matching->items, matching->count, matching->capacity) =
            (struct match){.workspace_path = kept, .entry = entry, .output = walk->output};
    }
    return 0;
}

static enum fs_walk visit(void *context, const struct fs_entry *entry, struct error *err)
{
    struct pattern_walk *walk = context;
    bool is_wanted = glob_match(walk->glob, entry->path);

    if (never_matches(walk->matching, entry->path)) {
        return FS_WALK_SKIP;
    }
    if (entry->kind == FS_FOLDER && !entry->empty) {
        return glob_may_match_below(walk->glob, entry->path) ? FS_WALK_ON : FS_WALK_SKIP;
    }
    if (is_wanted && add_match(walk, entry->path, entry->kind, &entry->st, err) < 0) {
        return FS_WALK_STOP;
    }
    return FS_WALK_ON;
}

/* lstat(2), with *problem set where nothing usable is there. */
static int look_at(const struct pattern_walk *walk, struct str path, const char *kind,
                   struct stat *st, struct str *problem, struct error *err)
{
    struct arena *arena = walk->matching->arena;
    struct str text = str_copy(arena, path);
    struct error looked;

    if (fs_stat_beneath(walk->matching->job->context->root_fd, text.s, st, &looked) == 0) {
        return 0;
    }
    if (looked.kind == ERROR_NOT_FOUND) {
        *problem = str_format(arena, "there is no %s '%.*s'", kind, STR_ARG(path));
        return 0;
    }
    if (looked.sys_errno == ELOOP) {
        *problem = str_format(arena, "%s", looked.message);
        return 0;
    }
    *err = looked;
    return -1;
}

/* A glob, or a folder with all in it. */
static int match_glob(struct pattern_walk *walk, struct str *problem, struct error *err)
{
    int root = walk->matching->job->context->root_fd;
    struct str folder = str_copy(walk->matching->arena, path_without_slash(walk->prefix));
    struct stat st;

    if (folder.n > 0) {
        if (look_at(walk, folder, "folder", &st, problem, err) < 0) {
            return -1;
        }
        if (problem->s != NULL) {
            return 0;
        }
        if (!S_ISDIR(st.st_mode)) {
            *problem = str_format(walk->matching->arena, "'%.*s' is %s and no folder",
                                  STR_ARG(folder), S_ISLNK(st.st_mode) ? "a link" : "a file");
            return 0;
        }
        if (never_matches(walk->matching, folder)) {
            *problem =
                str_format(walk->matching->arena, "'%.*s' is never published", STR_ARG(folder));
            return 0;
        }
    }
    return fs_walk(root, folder.n > 0 ? folder.s : "", visit, walk, err);
}

static enum fs_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode)) {
        return FS_FILE;
    }
    return S_ISLNK(mode) ? FS_LINK : FS_OTHER;
}

static int match_one(struct pattern_walk *walk, struct str path, struct str *problem,
                     struct error *err)
{
    struct stat st;

    if (never_matches(walk->matching, path)) {
        walk->matched++;
        refuse(walk, path,
               is_credential(path) ? "is a file of credentials, which are never published"
                                   : "is a place that nothing is published from");
        return 0;
    }
    if (look_at(walk, path, "file", &st, problem, err) < 0) {
        return -1;
    }
    if (problem->s != NULL) {
        return 0;
    }
    if (S_ISDIR(st.st_mode)) {
        walk->matched++;
        diag_help(refuse(walk, path, "is a folder, and the manifest names a file"),
                  "for the folder with all in it, write '%.*s/'", STR_ARG(path));
        return 0;
    }
    return add_match(walk, path, kind_of(st.st_mode), &st, err);
}

int match_pattern(struct matching *matching, const struct bound_output *output, size_t index,
                  size_t *matched, struct str *problem, struct error *err)
{
    struct str pattern = output->patterns[index];
    bool is_folder = str_ends(pattern, STR("/"));
    struct pattern_walk walk = {
        .matching = matching,
        .output = output,
        .index = index,
        .glob = pattern,
        .prefix = glob_fixed_prefix(pattern),
    };
    int result;

    *problem = (struct str){0};
    if (is_folder) {
        walk.glob = str_format(matching->arena, "%.*s**/*", STR_ARG(pattern));
    }
    if (is_folder || glob_has_magic(pattern)) {
        result = match_glob(&walk, problem, err);
    } else {
        result = match_one(&walk, pattern, problem, err);
    }
    *matched = walk.matched;
    return result;
}
