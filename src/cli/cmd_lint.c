/* `jobrun lint [PATH ...]` */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/workspace.h"
#include "job/shown.h"
#include "lint/lint.h"

enum lint_status { LINT_CLEAN = 0, LINT_FINDINGS = 1, LINT_USAGE = 2, LINT_CANNOT_READ = 3 };

static const struct span NOWHERE = {0};

static int add_paths(struct lint *lint, const struct options *options, struct error *err)
{
    for (size_t i = 0; i < options->rest_count; i++) {
        if (lint_add(lint, options->rest[i].text, err) < 0) {
            return -1;
        }
    }
    return options->rest_count > 0 ? 0 : lint_add_all(lint, err);
}

static void check_together(struct lint *lint)
{
    struct str names[COMMANDS_MAX];

    lint_check(lint, names, command_names(names));
}

static bool refuse_unknown_options(struct workspace *workspace, const struct options *options)
{
    struct str names[OPTION_COUNT];
    size_t count = options_names(FOR_LINT, names);
    for (size_t i = 0; i < options->rest_count; i++) {
        struct str text = options->rest[i].text;
        if (!str_starts(text, STR("-"))) {
            continue;
        }
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, "usage", NOWHERE,
                       "'lint' has no option '%.*s'", STR_ARG(shown_text(&workspace->arena, text)));
        if (!diag_help_nearest(diag, text, names, count)) {
            diag_help(diag, "jobrun lint --help");
        }
    }
    return workspace->diags.error_count > 0;
}

static int run_lint(struct workspace *workspace, const struct options *options)
{
    struct lint lint = {0};
    struct error err = {0};
    if (workspace_open(workspace, options, &err) == 0) {
        lint = lint_make(&workspace->arena, &workspace->context, workspace->catalog,
                         &workspace->diags);
    }
    if (err.kind != ERROR_NONE || add_paths(&lint, options, &err) < 0) {
        report_diags(&workspace->report, &workspace->diags);
        report_error(&workspace->report, &err);
        return LINT_CANNOT_READ;
    }
    check_together(&lint);
    report_diags(&workspace->report, &workspace->diags);
    if (lint.unreadable) {
        return LINT_CANNOT_READ;
    }
    if (workspace->diags.count > 0) {
        return LINT_FINDINGS;
    }
    if (!workspace->report.quiet) {
        struct listener listener = report_listener(&workspace->report);
        listener_say(&listener, "%zu manifest%s checked, no problems", lint.checked_count,
                     lint.checked_count == 1 ? "" : "s");
        if (lint.skipped_count > 0) {
            bool is_one = lint.skipped_count == 1;
            listener_say(&listener,
                         "%zu file%s without a 'job' at the top level, checked where a manifest "
                         "includes %s: %.*s%s",
                         lint.skipped_count, is_one ? "" : "s", is_one ? "it" : "them",
                         STR_ARG(lint.skipped), is_one ? "" : ", ...");
        }
    }
    return LINT_CLEAN;
}

int cmd_lint(const char *const *arguments, size_t count)
{
    struct workspace workspace CLEANUP(workspace_close) = {0};
    struct options options = {0};
    workspace.diags = diags_make(&workspace.arena);
    /* As a run takes one. */
    size_t skipped = count > 0 && str_is(str_from(arguments[0]), "--") ? 1 : 0;
    options_split(&options, &workspace.arena, FOR_LINT, false, arguments + skipped, count - skipped,
                  &workspace.diags);
    workspace.report = report_make(&workspace.arena, options.value[OPTION_COLOR], &workspace.diags);
    if (options.given[OPTION_HELP]) {
        return command_help("lint");
    }
    if (workspace.diags.error_count > 0 || refuse_unknown_options(&workspace, &options)) {
        report_diags(&workspace.report, &workspace.diags);
        return LINT_USAGE;
    }
    return run_lint(&workspace, &options);
}
