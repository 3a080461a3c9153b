/* `jobrun JOB` and `jobrun run JOB` */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/show_plan.h"
#include "cli/subject.h"
#include "cli/wishes.h"
#include "cli/workspace.h"
#include "run/run.h"

static int print_plan(struct workspace *workspace, const struct run_result *result, bool no_publish)
{
    if (result->plan == NULL) {
        return STATUS_OK;
    }
    struct str text = plan_format(&workspace->arena, result, no_publish);
    return report_data(&workspace->report, text) < 0 ? STATUS_INTERNAL : STATUS_OK;
}

/* Everything from the bound job on. Warnings are shown before the job's output,
 * errors by the caller. */
static int run_bound(struct workspace *workspace, const struct job *job,
                     const struct run_wishes *wishes)
{
    struct error err = {0};
    struct run_result result = {0};
    struct listener listener = report_listener(&workspace->report);
    int failed = run_job(&workspace->arena, job, workspace->catalog, workspace->secrets, wishes,
                         &listener, &result, &workspace->diags, &err);
    int status = result.status;
    if (failed == 0 && wishes->dry_run && workspace->diags.error_count == 0) {
        status = print_plan(workspace, &result, wishes->no_publish);
    }
    return workspace_end(workspace, failed < 0 ? &err : NULL, status);
}

static int run(const char *const *arguments, size_t count, bool may_be_command)
{
    struct workspace workspace CLEANUP(workspace_close) = {0};
    const struct subject_wish wish = {"run", FOR_RUN, may_be_command, arguments, count};
    struct options options = {0};
    struct run_wishes wishes;
    int status = STATUS_OK;
    const struct manifest *manifest = subject_open(&workspace, &options, &wish, &status);
    if (manifest == NULL) {
        return status;
    }
    wishes_parse(&workspace, &options, &wishes);
    const struct job *job = subject_bind(&workspace, &options, &wish, manifest, &status);
    return job != NULL ? run_bound(&workspace, job, &wishes) : status;
}

int cmd_run(const char *const *arguments, size_t count)
{
    return run(arguments, count, false);
}

int cmd_job(const char *const *arguments, size_t count)
{
    return run(arguments, count, true);
}
