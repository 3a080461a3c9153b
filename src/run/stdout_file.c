#include "run/stdout_file.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "manifest/document.h"
#include "manifest/rule.h"
#include "run/off_limits.h"
#include "sys/fs.h"
#include "sys/git.h"

#include <errno.h>
#include <fcntl.h>

static struct diag *refuse(const struct job *job, const struct bound_step *step,
                           struct arena *arena, struct diags *diags, const char *problem)
{
    struct str shown = context_show_path(job->context, arena, step->stdout_path);

    return diag_error(diags, STATUS_NOT_ALLOWED, "stdout", step->step->stdout_path->node->span,
                      "'stdout' cannot be written to '%.*s': %s", STR_ARG(shown), problem);
}

/* What is in the way on the disk; NULL: nothing. */
static const char *way_problem(int root, struct str path, struct arena *arena,
                               const struct cleaning *cleaning)
{
    struct stat st;
    struct error looked = {0};

    for (struct str at = path_folder(path); at.n > 0; at = path_folder(at)) {
        struct error ignored;
        struct str git = path_below(arena, at, STR(".git"));
        if (fs_stat_beneath(root, git.s, &st, &ignored) == 0) {
            return "it lies in a git repository of its own";
        }
        if (!clean_covers(cleaning, at) &&
            fs_stat_beneath(root, str_copy(arena, at).s, &st, &ignored) == 0 &&
            !S_ISDIR(st.st_mode)) {
            return str_format(arena, "'%.*s' is not a folder", STR_ARG(at)).s;
        }
    }
    if (clean_covers(cleaning, path)) {
        return NULL;
    }
    if (fs_stat_beneath(root, str_copy(arena, path).s, &st, &looked) == 0) {
        return S_ISREG(st.st_mode)   ? NULL
               : S_ISDIR(st.st_mode) ? "it is a folder"
                                     : "it is not a plain file";
    }
    return looked.kind == ERROR_NOT_FOUND || looked.sys_errno == ENOTDIR
               ? NULL
               : str_format(arena, "%s", looked.message).s;
}

static int check_tracked(const struct job *job, const struct bound_step *step, struct arena *arena,
                         struct diags *diags, struct error *err)
{
    struct str *tracked = NULL;
    size_t count = 0;

    if (!job->context->has_git) {
        return 0;
    }
    if (git_tracked(arena, job->context->root.s, &step->stdout_path, 1, &tracked, &count, err) <
        0) {
        return -1;
    }
    if (count > 0) {
        struct diag *diag = refuse(job, step, arena, diags, "git tracks it");
        diag_help(diag, "write to another file, or take it out of git: git rm --cached %.*s",
                  STR_ARG(str_shell_quote(
                      arena, context_show_path(job->context, arena, step->stdout_path))));
    }
    return 0;
}

static void check_landings(const struct plan *plan, const struct bound_step *step,
                           struct diags *diags)
{
    struct str path = step->stdout_path;

    for (size_t i = 0; i < plan->landing_count; i++) {
        const struct landing *landing = &plan->landings[i];
        struct str place = landing->destination;
        bool is_folder = landing->entry->kind == ENTRY_FOLDER;
        if (str_equal(place, path) || path_is_below(place, path) ||
            (!is_folder && path_is_below(path, place))) {
            struct diag *diag =
                rule_report(diags, RULE_CONFLICT, step->step->stdout_path->node->span,
                            "'stdout' would be written to '%.*s', where input '%.*s' lands",
                            STR_ARG(path), STR_ARG(landing->supply->input->input->name));
            diag_label(diag, landing->supply->element->span, "asked for here");
            return;
        }
    }
}

static int check(struct arena *arena, const struct plan *plan, const struct bound_step *step,
                 const struct off_limits *off_limits, const struct cleaning *cleaning,
                 struct diags *diags, struct error *err)
{
    const struct job *job = plan->job;
    const char *problem =
        off_limits_holds(off_limits, step->stdout_path)
            ? "it is not a place for a job's files"
            : way_problem(job->context->root_fd, step->stdout_path, arena, cleaning);

    if (problem != NULL) {
        refuse(job, step, arena, diags, problem);
        return 0;
    }
    check_landings(plan, step, diags);
    return check_tracked(job, step, arena, diags, err);
}

int stdout_file_check(struct arena *arena, const struct plan *plan, const struct cleaning *cleaning,
                      struct diags *diags, struct error *err)
{
    struct off_limits off_limits =
        off_limits_make(arena, plan->job->context->root, plan->job->context);

    for (size_t i = 0; i < plan->command_count; i++) {
        const struct bound_step *step = plan->commands[i].step;
        if (step->stdout_path.s != NULL &&
            check(arena, plan, step, &off_limits, cleaning, diags, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int stdout_file_open(struct arena *arena, int root, struct str stdout_path, int *fd,
                     struct error *err)
{
    const char *path = str_copy(arena, stdout_path).s;
    const char *folder = str_copy(arena, path_folder(stdout_path)).s;
    struct error looked = {0};
    struct stat st;

    if (fs_stat_beneath(root, path, &st, &looked) == 0 && S_ISDIR(st.st_mode)) {
        return error_set(err, ERROR_FAILED,
                         "cannot write the standard output to '%s': it is a "
                         "folder",
                         path);
    }
    if ((folder[0] != '\0' && fs_make_folders_beneath(root, folder, err) < 0) ||
        fs_remove_beneath(root, path, err) < 0 ||
        fs_open_beneath(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644, fd, err) < 0) {
        return error_prefix(err, "cannot write the standard output to '%s'", path);
    }
    return 0;
}
