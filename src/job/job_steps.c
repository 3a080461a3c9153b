/* Steps: which of them are wanted, and where they run. */
#include "base/arena.h"
#include "base/path.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

static void bind_workdir(struct arena *arena, struct job *job, struct bound_step *step,
                         struct diags *diags)
{
    const struct template *workdir =
        step->step->workdir != NULL ? step->step->workdir : job->manifest->workdir;
    struct job_scope scope = {.job = job};

    step->workdir = STR("");
    if (workdir != NULL) {
        job_expand_path(&scope, arena, workdir, "'workdir'", diags, &step->workdir);
    }
}

static void bind_stdout(struct arena *arena, struct job *job, struct bound_step *step,
                        struct diags *diags)
{
    const struct template *template = step->step->stdout_path;
    struct job_scope scope = {.job = job};

    if (template != NULL &&
        job_expand_path(&scope, arena, template, "'stdout'", diags, &step->stdout_path) &&
        str_ends(step->stdout_path, STR("/"))) {
        rule_report(diags, RULE_PATH, template->node->span,
                    "path '%.*s' of 'stdout' names a folder", STR_ARG(step->stdout_path));
    }
}

static void check_same_stdout(const struct bound_step *a, const struct bound_step *b,
                              struct diags *diags)
{
    struct str first = a->stdout_path, second = b->stdout_path;

    if (first.n == 0 || second.n == 0 ||
        (!str_equal(first, second) && !path_is_below(first, second) &&
         !path_is_below(second, first))) {
        return;
    }
    struct diag *diag = rule_report(
        diags, RULE_CONFLICT, b->step->stdout_path->node->span,
        "steps '%.*s' and '%.*s' cannot write their standard output to '%.*s' and '%.*s'",
        STR_ARG(a->step->name), STR_ARG(b->step->name), STR_ARG(first), STR_ARG(second));
    diag_label(diag, a->step->stdout_path->node->span, "of step '%.*s'", STR_ARG(a->step->name));
}

void job_bind_steps(struct arena *arena, struct job *job, struct diags *diags)
{
    const struct manifest *manifest = job->manifest;

    job->steps = arena_array(arena, manifest->step_count, sizeof *job->steps);
    for (size_t i = 0; i < manifest->step_count; i++) {
        struct bound_step *step = &job->steps[i];

        step->step = &manifest->steps[i];
        step->wanted = job_when_holds(job, step->step->when);
        if (!step->wanted) {
            continue;
        }
        bind_workdir(arena, job, step, diags);
        bind_stdout(arena, job, step, diags);
        for (size_t j = 0; j < i; j++) {
            check_same_stdout(&job->steps[j], step, diags);
        }
    }
}
