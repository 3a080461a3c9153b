#include "sys/git.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fs.h"
#include "sys/process.h"

#include <errno.h>
#include <sys/stat.h>

#define OUTPUT_MAX ((size_t)64 << 20)
/* Of the arguments of one `git ls-files`, which reads the whole index each time: well
 * below what any system takes, with their pointers. */
#define BATCH_PATHS ((size_t)8000)
#define BATCH_BYTES ((size_t)256 << 10)

/* `git rev-parse --local-env-vars` of git 2.39, without GIT_CONFIG_PARAMETERS
 * and GIT_CONFIG_COUNT; and what changes the meaning of a path. */
static const char *const REMOVED[] = {"GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                      "GIT_CONFIG",
                                      "GIT_OBJECT_DIRECTORY",
                                      "GIT_DIR",
                                      "GIT_WORK_TREE",
                                      "GIT_IMPLICIT_WORK_TREE",
                                      "GIT_GRAFT_FILE",
                                      "GIT_INDEX_FILE",
                                      "GIT_NO_REPLACE_OBJECTS",
                                      "GIT_REPLACE_REF_BASE",
                                      "GIT_PREFIX",
                                      "GIT_SHALLOW_FILE",
                                      "GIT_COMMON_DIR",
                                      "GIT_INTERNAL_SUPER_PREFIX",
                                      "GIT_NAMESPACE",
                                      "GIT_LITERAL_PATHSPECS",
                                      "GIT_GLOB_PATHSPECS",
                                      "GIT_NOGLOB_PATHSPECS",
                                      "GIT_ICASE_PATHSPECS",
                                      NULL};
static const char *const ADDED[] = {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", NULL};

/* --- running git --- */

static int run_git(struct arena *arena, const char *folder, const char *const *argv,
                   struct process_output *output, struct error *err)
{
    if (process_capture(arena, argv, folder, REMOVED, ADDED, OUTPUT_MAX, output, err) == 0) {
        return 0;
    }
    /* ENOENT of the folder has another message. */
    if (err->sys_errno == ENOENT && !fs_exists(folder)) {
        return -1;
    }
    if (err->sys_errno == ENOENT) {
        error_set(err, ERROR_FAILED, "git is not installed: no 'git' is found on PATH");
        error_help(err, "install git, or add it to PATH");
    }
    return -1;
}

/* The line of git's own advice that is a command, or nothing. */
static struct str advice_of(struct str errors)
{
    struct str line;
    bool more = true;
    while (more) {
        more = str_cut(errors, '\n', &line, &errors);
        if (str_starts(str_trim(line), STR("git config --global --add safe.directory"))) {
            return str_trim(line);
        }
    }
    return STR("");
}

/* What git complained about, as an error. */
static int git_failed(struct arena *arena, const char *folder, const char *command,
                      const struct process_output *output, struct error *err)
{
    if (str_contains(output->errors, STR("not a git repository"))) {
        error_set(err, ERROR_NOT_FOUND, "'%s' is in no git repository", folder);
        return error_help(err, "run it in a git checkout, or make one with 'git init'");
    }
    struct str advice = advice_of(output->errors);
    if (advice.n > 0) {
        error_set(err, ERROR_NOT_ALLOWED,
                  "git does not trust the repository of '%s': another user owns it", folder);
        return error_help(err, "%.*s", STR_ARG(advice));
    }
    struct str line;
    struct str rest;
    str_cut(output->errors, '\n', &line, &rest);
    if (str_starts(line, STR("fatal: "))) {
        line = str_after(line, 7);
    }
    if (line.n == 0) {
        line = str_format(arena, "exit status %d", output->exit_status);
    }
    return error_set(err, ERROR_FAILED, "'git %s' failed in '%s': %.*s", command, folder,
                     STR_ARG(line));
}

/* --- status --- */

static int bad_record(struct str record, struct error *err)
{
    return error_set(err, ERROR_FAILED,
                     "'git status' wrote a record that jobrun does not know: %.*s",
                     STR_ARG(str_slice(record, 0, 200)));
}

/* What stands behind `spaces` spaces. */
static bool after_spaces(struct str record, int spaces, struct str *rest)
{
    struct str head;
    *rest = record;
    for (int i = 0; i < spaces; i++) {
        if (!str_cut(*rest, ' ', &head, rest)) {
            return false;
        }
    }
    return rest->n > 0;
}

/* "# branch.oid <id>", "# branch.head <name>" and others. */
static void read_header(struct str record, struct git_status *status)
{
    struct str oid = STR("# branch.oid ");
    struct str head = STR("# branch.head ");
    if (str_starts(record, oid)) {
        status->head = str_after(record, oid.n);
        if (str_is(status->head, "(initial)")) {
            status->head = STR("");
        }
    } else if (str_starts(record, head)) {
        status->branch = str_after(record, head.n);
        if (str_is(status->branch, "(detached)")) {
            status->branch = STR("");
        }
    }
}

static int read_entry(struct str record, struct git_entry *entry, struct error *err)
{
    static const struct {
        char kind;
        int spaces;
    } forms[] = {{'1', 8}, {'u', 10}, {'?', 1}, {'!', 1}};
    for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
        if (record.n < 2 || record.s[0] != forms[i].kind || record.s[1] != ' ') {
            continue;
        }
        *entry = (struct git_entry){.kind = forms[i].kind, .line = record};
        if (!after_spaces(record, forms[i].spaces, &entry->path)) {
            return bad_record(record, err);
        }
        return 0;
    }
    return bad_record(record, err);
}

int git_status_read(struct arena *arena, const char *folder, struct git_status *status,
                    struct error *err)
{
    const char *const argv[] = {"git",
                                "status",
                                "--porcelain=v2",
                                "--branch",
                                "--no-ahead-behind",
                                "-z",
                                "--untracked-files=all",
                                "--ignore-submodules=none",
                                "--no-renames",
                                NULL};
    struct process_output output;
    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status != 0) {
        return git_failed(arena, folder, "status", &output, err);
    }

    struct git_status found = {0};
    size_t capacity = 0;
    struct str rest = output.out;
    struct str record;
    while (str_cut(rest, '\0', &record, &rest)) {
        if (str_starts(record, STR("# "))) {
            read_header(record, &found);
            continue;
        }
        struct git_entry entry;
        if (read_entry(record, &entry, err) != 0) {
            return -1;
        }
        *ARENA_PUSH(arena, found.entries, found.count, capacity) = entry;
    }
    *status = found;
    return 0;
}

/* --- revisions and files --- */

static bool no_such_place(const struct process_output *output)
{
    return str_contains(output->errors, STR("not a git repository")) ||
           advice_of(output->errors).n > 0;
}

int git_resolve(struct arena *arena, const char *folder, struct str revision, struct str *commit,
                struct error *err)
{
    if (revision.n == 0 || revision.s[0] == '-' || str_index(revision, '\0') < revision.n) {
        return error_set(err, ERROR_USAGE, "'%.*s' is no revision", STR_ARG(revision));
    }
    struct str name = str_format(arena, "%.*s^{commit}", STR_ARG(revision));
    const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", name.s, NULL};
    struct process_output output;
    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status != 0 && no_such_place(&output)) {
        return git_failed(arena, folder, "rev-parse", &output, err);
    }
    struct str id = str_trim(output.out);
    if (output.exit_status != 0 || !git_is_full_id(id)) {
        error_set(err, ERROR_NOT_FOUND, "git knows no commit '%.*s' in '%s'", STR_ARG(revision),
                  folder);
        return error_help(err, "'git fetch' may bring it; a shallow clone holds only the newest "
                               "commits ('git fetch --unshallow')");
    }
    *commit = id;
    return 0;
}

struct path_list {
    struct str *items;
    size_t count, capacity;
};

/* A command with as many of the paths behind it as fit into one call; *taken says how
 * many. */
static const char **make_batch(struct arena *arena, const char *const *fixed, size_t fixed_count,
                               const struct str *paths, size_t count, size_t *taken)
{
    const char **argv = NULL;
    size_t n = 0;
    size_t capacity = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < fixed_count; i++) {
        *ARENA_PUSH(arena, argv, n, capacity) = fixed[i];
    }
    for (*taken = 0; *taken < count && *taken < BATCH_PATHS; (*taken)++) {
        struct str path = paths[*taken].n > 0 ? paths[*taken] : STR(".");
        bytes += path.n + 1;
        if (bytes > BATCH_BYTES && *taken > 0) {
            break;
        }
        *ARENA_PUSH(arena, argv, n, capacity) = arena_copy(arena, path.s, path.n);
    }
    *ARENA_PUSH(arena, argv, n, capacity) = NULL;
    return argv;
}

static int list_batch(struct arena *arena, const char *folder, const struct str *paths,
                      size_t count, size_t *taken, struct path_list *files, struct error *err)
{
    static const char *const FIXED[] = {"git", "--literal-pathspecs", "ls-files", "-z", "--"};
    struct arena scratch CLEANUP(arena_free) = {0};
    const char **argv = make_batch(&scratch, FIXED, ARRAY_COUNT(FIXED), paths, count, taken);

    struct process_output output;
    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status != 0) {
        return git_failed(arena, folder, "ls-files", &output, err);
    }
    struct str rest = output.out;
    struct str file;
    while (str_cut(rest, '\0', &file, &rest)) {
        *ARENA_PUSH(arena, files->items, files->count, files->capacity) = file;
    }
    return 0;
}

int git_tracked(struct arena *arena, const char *folder, const struct str *paths, size_t count,
                struct str **tracked, size_t *tracked_count, struct error *err)
{
    struct path_list files = {0};
    for (size_t done = 0; done < count;) {
        size_t taken;
        if (list_batch(arena, folder, paths + done, count - done, &taken, &files, err) != 0) {
            return -1;
        }
        done += taken;
    }
    if (files.count > 0) {
        qsort(files.items, files.count, sizeof *files.items, str_compare_for_sort);
    }
    /* Twice: a file of two batches, and one that is unmerged. */
    size_t kept = 0;
    for (size_t i = 0; i < files.count; i++) {
        if (kept == 0 || !str_equal(files.items[kept - 1], files.items[i])) {
            files.items[kept++] = files.items[i];
        }
    }
    *tracked = files.items;
    *tracked_count = kept;
    return 0;
}

/* --- where the repository is --- */

/* "https://login:secret@host/x?token" becomes "https://host/x", and
 * "git@host:x" becomes "host:x". */
static struct str without_user(struct arena *arena, struct str url)
{
    struct str scheme_end = STR("://");
    size_t start = 0;
    while (start < url.n && !str_starts(str_after(url, start), scheme_end)) {
        start++;
    }
    bool has_scheme = start < url.n;
    start = has_scheme ? start + scheme_end.n : 0;
    struct str rest = str_after(url, start);
    size_t slash = str_index(rest, '/');
    /* Of host:path the part with the user ends at the colon. */
    size_t end = has_scheme ? slash : str_index(rest, ':');
    if (!has_scheme && (end == rest.n || slash < end)) {
        return url; /* a path */
    }
    if (has_scheme) {
        rest = str_slice(rest, 0, str_index(rest, '?'));
    }
    size_t at = end < rest.n ? end : rest.n;
    while (at > 0 && rest.s[at - 1] != '@') {
        at--;
    }
    return str_format(arena, "%.*s%.*s", STR_ARG(str_slice(url, 0, start)),
                      STR_ARG(str_after(rest, at)));
}

/* "FILE:LINE:PATTERN<tab>PATH" for a path that a pattern matches, "::<tab>PATH" else. */
static bool says_ignored(struct str line)
{
    struct str number, rest = line;
    struct str file;
    while (str_cut(rest, ':', &file, &rest)) {
        int64_t value;
        struct str pattern;
        if (str_cut(rest, ':', &number, &pattern) && str_to_int64(number, &value)) {
            return !str_starts(pattern, STR("!"));
        }
    }
    return false;
}

static int ignored_batch(struct arena *arena, const char *folder, const struct str *paths,
                         size_t count, size_t *taken, bool *ignored, struct error *err)
{
    static const char *const FIXED[] = {"git", "check-ignore", "--no-index", "-v", "-n", "--"};
    struct arena scratch CLEANUP(arena_free) = {0};
    const char **argv = make_batch(&scratch, FIXED, ARRAY_COUNT(FIXED), paths, count, taken);
    struct process_output output;

    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status > 1 && str_contains(output.errors, STR("beyond a symbolic link")) &&
        *taken > 1) {
        /* git stops at the first of them, so each is asked for alone. */
        for (size_t i = 0; i < *taken; i++) {
            size_t one;
            if (ignored_batch(arena, folder, paths + i, 1, &one, ignored + i, err) != 0) {
                return -1;
            }
        }
        return 0;
    }
    if (output.exit_status > 1 && str_contains(output.errors, STR("beyond a symbolic link"))) {
        ignored[0] = true;
        return 0;
    }
    if (output.exit_status > 1) {
        return git_failed(arena, folder, "check-ignore", &output, err);
    }
    struct str rest = output.out;
    struct str line;
    for (size_t i = 0; i < *taken && str_cut(rest, '\n', &line, &rest); i++) {
        ignored[i] = says_ignored(line);
    }
    return 0;
}

int git_ignored(struct arena *arena, const char *folder, const struct str *paths, size_t count,
                bool *ignored, struct error *err)
{
    for (size_t done = 0; done < count;) {
        size_t taken;
        if (ignored_batch(arena, folder, paths + done, count - done, &taken, ignored + done, err) !=
            0) {
            return -1;
        }
        done += taken;
    }
    return 0;
}

int git_origin(struct arena *arena, const char *folder, struct str *url, struct error *err)
{
    const char *const argv[] = {"git", "config", "--get", "-z", "remote.origin.url", NULL};
    struct process_output output;
    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status != 0 && output.exit_status != 1) {
        return git_failed(arena, folder, "config", &output, err);
    }
    struct str value;
    struct str rest;
    str_cut(output.out, '\0', &value, &rest);
    *url = output.exit_status == 0 ? without_user(arena, value) : STR("");
    return 0;
}

int git_is_shallow(struct arena *arena, const char *folder, bool *shallow, struct error *err)
{
    const char *const argv[] = {"git", "rev-parse", "--is-shallow-repository", NULL};
    struct process_output output;
    if (run_git(arena, folder, argv, &output, err) != 0) {
        return -1;
    }
    if (output.exit_status != 0) {
        return git_failed(arena, folder, "rev-parse", &output, err);
    }
    *shallow = str_is(str_trim(output.out), "true");
    return 0;
}

int git_top_level(struct arena *arena, const char *folder, struct str *top, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str here;
    if (fs_real_path(&scratch, folder, &here, err) != 0) {
        return -1;
    }
    for (;;) {
        struct stat st;
        struct str git = fs_join(&scratch, here, STR(".git"));
        if (lstat(git.s, &st) == 0) {
            *top = str_copy(arena, here);
            return 0;
        }
        size_t n = here.n;
        while (n > 0 && here.s[n - 1] != '/') {
            n--;
        }
        if (n == 0 || here.n == 1) {
            break;
        }
        here = str_slice(here, 0, n > 1 ? n - 1 : 1);
    }
    return error_set(err, ERROR_NOT_FOUND, "no folder at or above '%s' holds a git repository",
                     folder);
}

bool git_is_full_id(struct str text)
{
    if (text.n != 40 && text.n != 64) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (!strchr("0123456789abcdef", text.s[i]) || text.s[i] == '\0') {
            return false;
        }
    }
    return true;
}
