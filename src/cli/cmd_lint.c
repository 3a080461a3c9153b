/* `jobrun lint [PATH ...]`, `jobrun lint -`, `jobrun lint --explain RULE`, `--list-rules` */
#include "cli/command.h"
#include "cli/explain.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/workspace.h"
#include "job/shown.h"
#include "lint/lint.h"
#include "manifest/document.h"
#include "manifest/rule.h"
#include "sys/fs.h"

#include <stdlib.h>
#include <unistd.h>

enum lint_status { LINT_CLEAN = 0, LINT_FINDINGS = 1, LINT_USAGE = 2, LINT_CANNOT_READ = 3 };

static const struct span NOWHERE = {0};

static bool reads_stdin(const struct options *options)
{
    return options->rest_count == 1 && str_is(options->rest[0].text, "-");
}

static int add_stdin(struct lint *lint, struct workspace *workspace, const struct options *options,
                     struct error *err)
{
    struct str text;
    if (isatty(STDIN_FILENO) && !workspace->report.quiet) {
        struct listener listener = report_listener(&workspace->report);
        listener_say(&listener, "reading a manifest from the terminal; its end is Ctrl-D");
    }
    if (fs_read_stream(&workspace->arena, STDIN_FILENO, DOCUMENT_BYTES_MAX + 1, "standard input",
                       &text, err) < 0) {
        return -1;
    }
    lint_add_text(lint, options->value[OPTION_STDIN_FILENAME], text);
    return 0;
}

static int add_paths(struct lint *lint, struct workspace *workspace, const struct options *options,
                     struct error *err)
{
    if (reads_stdin(options)) {
        return add_stdin(lint, workspace, options, err);
    }
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

static void refuse_unknown_option(struct workspace *workspace, struct str text)
{
    struct str names[OPTION_COUNT];
    size_t count = options_names(FOR_LINT, names);
    struct diag *diag =
        diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "'lint' has no option '%.*s'", STR_ARG(shown_text(&workspace->arena, text)));
    if (!diag_help_nearest(diag, text, names, count)) {
        diag_help(diag, "jobrun lint --help");
    }
}

/* For a person who reads along, once; a log and a pipe keep what was found alone. */
static void hint_at_explain(struct workspace *workspace)
{
    struct listener listener = report_listener(&workspace->report);
    if (workspace->diags.count > 0 && isatty(STDERR_FILENO)) {
        listener_say(&listener, "more about a rule: jobrun lint --explain %s",
                     workspace->diags.items[0]->rule);
    }
}

static void check_stdin_filename(struct workspace *workspace, const struct options *options)
{
    struct str path = options->value[OPTION_STDIN_FILENAME];
    if (!options->given[OPTION_STDIN_FILENAME]) {
        return;
    }
    if (!reads_stdin(options)) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                       "--stdin-filename without '-', which reads standard input");
        diag_help(diag, "jobrun lint - --stdin-filename FILE");
    }
    if (path.n > 0 && !str_ends(path, STR(".yaml"))) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                       "--stdin-filename '%.*s' is not the name of a manifest",
                       STR_ARG(shown_text(&workspace->arena, path)));
        diag_help(diag, "the name of a manifest ends in .yaml");
    }
}

/* False: they are wrong. */
static bool check_arguments(struct workspace *workspace, const struct options *options)
{
    for (size_t i = 0; i < options->rest_count; i++) {
        struct str text = options->rest[i].text;
        if (str_is(text, "-") && options->rest_count > 1) {
            struct diag *diag =
                diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                           "'-' stands alone: standard input is one manifest");
            diag_help(diag, "check the files with a second 'jobrun lint'");
            break;
        }
        if (text.n > 1 && str_starts(text, STR("-"))) {
            refuse_unknown_option(workspace, text);
        }
    }
    check_stdin_filename(workspace, options);
    return workspace->diags.error_count == 0;
}

static enum findings_format choose_format(struct workspace *workspace,
                                          const struct options *options)
{
    enum findings_format format = FORMAT_TEXT;
    struct str wish = options->value[OPTION_FORMAT];
    if (!options->given[OPTION_FORMAT]) {
        return str_is(str_from(getenv("GITHUB_ACTIONS")), "true") ? FORMAT_GITHUB : FORMAT_TEXT;
    }
    if (wish.n > 0 && !findings_format_parse(wish, &format)) {
        diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "--format is text, json, sarif or github, not '%.*s'",
                   STR_ARG(shown_text(&workspace->arena, wish)));
    }
    return format;
}

static void say_clean(struct workspace *workspace, const struct lint *lint)
{
    struct listener listener = report_listener(&workspace->report);
    struct buf ignored = buf_make(&workspace->arena, BUF_MAX_DEFAULT);
    if (lint->ignores.hidden_count > 0) {
        buf_addf(&ignored, ", %zu ignored", lint->ignores.hidden_count);
    }
    listener_say(&listener, "%zu manifest%s checked, no problems%.*s", lint->checked_count,
                 lint->checked_count == 1 ? "" : "s", STR_ARG(buf_str(&ignored)));
    if (lint->skipped_count > 0) {
        bool is_one = lint->skipped_count == 1;
        listener_say(&listener,
                     "%zu file%s without a 'job' at the top level, checked where a manifest "
                     "includes %s: %.*s%s",
                     lint->skipped_count, is_one ? "" : "s", is_one ? "it" : "them",
                     STR_ARG(lint->skipped), is_one ? "" : ", ...");
    }
}

/* The exit status: that of the lint, unless it cannot be told. */
static int tell(struct workspace *workspace, const struct lint *lint, enum findings_format format,
                int status)
{
    const struct context *context = &workspace->context;
    diags_sort(&workspace->diags);
    workspace->report.ignored_count = lint->ignores.hidden_count;
    struct findings findings = {
        .arena = &workspace->arena,
        .diags = &workspace->diags,
        .hidden = lint->ignores.hidden,
        .hidden_count = lint->ignores.hidden_count,
        .folder = context->start,
        .top = context->has_git ? context->git_top : context->root,
        .checked_count = lint->checked_count,
        .status = status,
    };
    struct str data = {0};
    switch (format) {
    case FORMAT_TEXT:
        report_diags(&workspace->report, &workspace->diags);
        hint_at_explain(workspace);
        break;
    case FORMAT_JSON:
        data = findings_json(&findings);
        break;
    case FORMAT_SARIF:
        data = findings_sarif(&findings);
        break;
    case FORMAT_GITHUB:
        data = findings_github(&findings);
        break;
    }
    if (report_data(&workspace->report, data) < 0) {
        return STATUS_INTERNAL;
    }
    if (format == FORMAT_GITHUB) {
        report_count(&workspace->report, &workspace->diags);
    }
    if (status == LINT_CLEAN && (format == FORMAT_TEXT || format == FORMAT_GITHUB)) {
        say_clean(workspace, lint);
    }
    return status;
}

static bool is_command(struct str word)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    const char *name = str_copy(&scratch, word).s;

    return command_find(name) != NULL || command_is_planned(name);
}

static int run_lint(struct workspace *workspace, const struct options *options,
                    enum findings_format format)
{
    struct lint lint = {0};
    struct error err = {0};
    if (workspace_open(workspace, options, &err) == 0) {
        diags_stop_run(&workspace->diags, 0);
        lint = lint_make(&workspace->arena, &workspace->context, workspace->catalog,
                         &workspace->diags);
        lint.is_command = is_command;
    }
    int failed = err.kind != ERROR_NONE || add_paths(&lint, workspace, options, &err) < 0;
    if (!failed) {
        check_together(&lint);
        failed = lint_repository(&lint, &err) < 0;
    }
    if (failed) {
        size_t before = workspace->diags.count;
        diag_from_error(&workspace->diags, STATUS_MANIFEST, rule_id(RULE_FILE), NOWHERE, &err);
        diags_stop_run(&workspace->diags, before);
        if (lint.arena != NULL) { /* what was found until then is ignored as ever */
            lint_end(&lint);
        }
        int status = err.kind == ERROR_INTERRUPTED ? (int)status_of_error(&err) : LINT_CANNOT_READ;
        return tell(workspace, &lint, format, status);
    }
    lint_end(&lint);
    if (lint.remark != NULL && workspace->report.explain) {
        struct listener listener = report_listener(&workspace->report);
        listener_say(&listener, "%s", lint.remark);
    }
    /* Comments may hide all that is kept, and none of what was dropped. */
    int found = workspace->diags.count + workspace->diags.dropped > 0 ? LINT_FINDINGS : LINT_CLEAN;
    return tell(workspace, &lint, format, lint.unreadable ? LINT_CANNOT_READ : found);
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
    enum findings_format format = choose_format(&workspace, &options);
    if (!check_arguments(&workspace, &options) || workspace.diags.error_count > 0) {
        const struct lint nothing = {0};
        return tell(&workspace, &nothing, format, LINT_USAGE);
    }
    if (options.given[OPTION_EXPLAIN_RULE] || options.given[OPTION_LIST_RULES]) {
        return explain_rules(&workspace, &options);
    }
    return run_lint(&workspace, &options, format);
}
