#include "job/context.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context_environment.h"
#include "job/location.h"
#include "manifest/document.h"
#include "manifest/rule.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <errno.h>
#include <sys/stat.h>

#define CONFIG_NAME "jobrun.yaml"

static const struct span NOWHERE;

/* The folder at or above `folder` that holds a jobrun.yaml; false where none does. */
/* A link that leads nowhere is there too: to take it for no configuration would
 * lose the environments that it protects. */
static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool find_config(struct arena *arena, struct str folder, struct str *found)
{
    for (;;) {
        if (is_there(fs_join(arena, folder, STR(CONFIG_NAME)).s)) {
            *found = folder;
            return true;
        }
        if (str_is(folder, "/")) {
            return false;
        }
        folder = location_normal(arena, fs_join(arena, folder, STR("..")));
    }
}

static int find_root(struct context *context, struct arena *arena, const char *start,
                     bool *has_config, struct error *err)
{
    struct error no_git = {0};

    if (fs_real_path(arena, start, &context->start, err) != 0) {
        return -1;
    }
    context->root = context->start;
    *has_config = find_config(arena, context->start, &context->root);
    if (git_top_level(arena, context->root.s, &context->git_top, &no_git) == 0) {
        context->has_git = true;
        if (!*has_config) {
            context->root = context->git_top;
        }
    } else if (no_git.kind != ERROR_NOT_FOUND) {
        *err = no_git;
        return -1;
    }
    return 0;
}

static int read_config(struct context *context, struct arena *arena, struct diags *diags,
                       struct error *err)
{
    struct str text;
    struct str path = fs_join(arena, context->root, STR(CONFIG_NAME));
    struct str name = context_show_path(context, arena, STR(CONFIG_NAME));

    /* One byte more than a document may have: the parser words that problem. */
    if (fs_read_file(arena, path.s, DOCUMENT_BYTES_MAX + 1, &text, err) != 0) {
        return error_prefix(err, "cannot read the configuration of the workspace");
    }
    config_decode(&context->config, arena, source_make(arena, name, text), diags);
    return 0;
}

static int open_all(struct context *context, struct arena *arena, const char *start,
                    const struct context_wishes *wishes, struct diags *diags, struct error *err)
{
    bool has_config = false;

    if (find_root(context, arena, start, &has_config, err) != 0) {
        return -1;
    }
    if (fs_open_folder(context->root.s, &context->root_fd, err) != 0) {
        return error_prefix(err, "cannot open the workspace");
    }
    config_default(&context->config);
    if (has_config && read_config(context, arena, diags, err) != 0) {
        return -1;
    }
    context_choose_environment(context, arena, wishes, diags);
    context_choose_store(context, arena, wishes, diags);
    context_choose_inputs(context, wishes, diags);
    context_choose_commit(context, wishes, diags);
    context->host_platform = host_platform();
    context->host_name = host_name(arena);
    context->user = host_user(arena);
    return 0;
}

int context_open(struct context *context, struct arena *arena, const char *start,
                 const struct variables *variables, const struct context_wishes *wishes,
                 struct diags *diags, struct error *err)
{
    *context = (struct context){.root_fd = -1, .variables = *variables};
    if (open_all(context, arena, start, wishes, diags, err) == 0) {
        return 0;
    }
    context_close(context);
    return -1;
}

void context_close(struct context *context)
{
    fd_close(&context->root_fd);
}

static int choose_without_git(struct context *context, struct diags *diags)
{
    struct diag *d;

    context->commit_is_head = true;
    if (git_is_full_id(context->commit_wish)) {
        context->commit = context->commit_wish;
        return 0;
    }
    if (context->commit_wish.n > 0) {
        d = diag_error(diags, STATUS_USAGE, rule_id(RULE_COMMIT), NOWHERE,
                       "%.*s: '%.*s' is not a full commit id, and there is no git repository to "
                       "look it up in",
                       STR_ARG(context->commit_wish_why), STR_ARG(context->commit_wish));
        diag_help(d, "give --commit all 40 or 64 hexadecimal digits, in lower case");
    } else {
        d = diag_error(diags, STATUS_USAGE, rule_id(RULE_COMMIT), NOWHERE,
                       "'%.*s' is not in a git repository, so its commit is not known",
                       STR_ARG(context->root));
        diag_help(d, "run it in a checkout, or say which commit this is with --commit and its "
                     "full id");
    }
    return 0;
}

int context_resolve_commit(const struct context *context, struct arena *arena, struct str revision,
                           struct str *commit, struct error *err)
{
    struct error problem = {0};

    if (!context->has_git && !git_is_full_id(revision)) {
        error_set(err, ERROR_NOT_FOUND,
                  "'%.*s' is not a full commit id, and there is no git repository to look it up in",
                  STR_ARG(revision));
        return error_help(err, "a full id has 40 or 64 hexadecimal digits, in lower case");
    }
    if (context->has_git && git_resolve(arena, context->root.s, revision, commit, &problem) == 0) {
        return 0;
    }
    if (git_is_full_id(revision) && (!context->has_git || problem.kind == ERROR_NOT_FOUND)) {
        *commit = revision;
        return 0;
    }
    *err = problem;
    return -1;
}

static int resolve_wish(struct context *context, struct arena *arena, struct diags *diags,
                        struct error *err)
{
    struct error problem = {0};

    if (context_resolve_commit(context, arena, context->commit_wish, &context->commit, &problem) ==
        0) {
        return 0;
    }
    error_prefix(&problem, "%.*s", STR_ARG(context->commit_wish_why));
    if (problem.kind != ERROR_NOT_FOUND && problem.kind != ERROR_USAGE) {
        *err = problem;
        return -1;
    }
    struct diag *d = diag_from_error(diags, STATUS_USAGE, rule_id(RULE_COMMIT), NOWHERE, &problem);
    if (problem.help[0] == '\0') {
        diag_help(d, "a commit that this clone does not have is named by its full id");
    }
    return 0;
}

int context_read_commit(struct context *context, struct arena *arena, struct diags *diags,
                        struct error *err)
{
    if (!context->has_git) {
        return choose_without_git(context, diags);
    }
    if (git_status_read(arena, context->root.s, &context->status, err) != 0) {
        return error_prefix(err, "cannot tell the commit of '%.*s'", STR_ARG(context->root));
    }
    if (context->status.head.n == 0) {
        struct diag *d =
            diag_error(diags, STATUS_NOT_ALLOWED, rule_id(RULE_COMMIT), NOWHERE,
                       "the repository '%.*s' has no commit yet", STR_ARG(context->git_top));
        diag_help(d, "commit first: what a job makes is kept under its commit");
        return 0;
    }
    context->commit = context->status.head;
    context->commit_is_head = true;
    if (context->commit_wish.n == 0 || str_equal(context->commit_wish, context->status.head)) {
        return 0;
    }
    if (resolve_wish(context, arena, diags, err) != 0) {
        return -1;
    }
    context->commit_is_head = str_equal(context->commit, context->status.head);
    return 0;
}

bool context_is_recognised_ci(const struct context *context)
{
    return context->ci_system.n > 0;
}

struct str context_cache_folder(const struct context *context, struct arena *arena)
{
    struct str caches = variables_get(&context->variables, "XDG_CACHE_HOME");
    struct str home = variables_get(&context->variables, "HOME");
    if (str_starts(caches, STR("/"))) {
        return fs_join(arena, caches, STR("jobrun"));
    }
    return str_starts(home, STR("/")) ? fs_join(arena, home, STR(".cache/jobrun")) : STR("");
}

struct str context_show_path(const struct context *context, struct arena *arena, struct str path)
{
    if (str_starts(path, STR("/"))) {
        return path;
    }
    return location_relative(arena, context->start,
                             location_normal(arena, fs_join(arena, context->root, path)));
}
