/* `jobrun show JOB` */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/show_job.h"
#include "cli/subject.h"
#include "cli/workspace.h"
#include "job/plan.h"

int cmd_show(const char *const *arguments, size_t count)
{
    struct workspace workspace CLEANUP(workspace_close) = {0};
    const struct subject_wish wish = {"show", FOR_SHOW, false, arguments, count};
    struct options options = {0};
    int status = STATUS_OK;
    const struct manifest *manifest = subject_open(&workspace, &options, &wish, &status);
    const struct job *job =
        manifest != NULL ? subject_bind(&workspace, &options, &wish, manifest, &status) : NULL;
    if (job == NULL) {
        return status;
    }
    const struct plan *plan = plan_make_unsupplied(&workspace.arena, job, &workspace.diags);
    if (plan == NULL) {
        return workspace_end(&workspace, NULL, STATUS_OK);
    }
    struct str text = options.given[OPTION_JSON] ? show_job_json(&workspace.arena, plan)
                                                 : show_job_text(&workspace.arena, plan);
    status = report_data(&workspace.report, text) < 0 ? STATUS_INTERNAL : STATUS_OK;
    return workspace_end(&workspace, NULL, status);
}
