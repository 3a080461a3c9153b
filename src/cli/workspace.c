#include "cli/workspace.h"

#include "cli/options.h"
#include "job/catalog.h"
#include "sys/fs.h"

extern char **environ;

int workspace_open(struct workspace *workspace, const struct options *options, struct error *err)
{
    workspace->report.quiet = options->given[OPTION_QUIET];
    workspace->report.explain = options->given[OPTION_VERBOSE] || options->given[OPTION_EXPLAIN];
    struct variables variables = {.list = (const char *const *)environ};
    struct context_wishes wishes = {
        .store = options->value[OPTION_STORE],
        .environment = options->value[OPTION_ENV],
        .commit = options->value[OPTION_COMMIT],
        .inputs_from = options->value[OPTION_INPUTS_FROM],
    };
    if (fs_current_folder(&workspace->arena, &workspace->folder, err) < 0 ||
        context_open(&workspace->context, &workspace->arena, workspace->folder.s, &variables,
                     &wishes, &workspace->diags, err) < 0) {
        return -1;
    }
    report_link(&workspace->report, workspace->context.host_name, workspace->context.start);
    workspace->catalog = catalog_make(&workspace->arena, &workspace->context);
    return 0;
}

void workspace_close(struct workspace *workspace)
{
    context_close(&workspace->context);
    arena_free(&workspace->arena);
}

int workspace_end(struct workspace *workspace, const struct error *err, int status)
{
    report_diags(&workspace->report, &workspace->diags);
    enum status worst = diags_status(&workspace->diags);
    if (err != NULL) {
        report_error(&workspace->report, err);
        worst =
            status_worse(worst, status != STATUS_OK ? (enum status)status : status_of_error(err));
    }
    return worst != STATUS_OK ? (int)worst : status;
}
