/* `jobrun JOB` and `jobrun run JOB` */
#include "cli/command.h"
#include "cli/job_help.h"
#include "cli/options.h"
#include "cli/show_plan.h"
#include "cli/wishes.h"
#include "cli/workspace.h"
#include "job/catalog.h"
#include "job/location.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "run/run.h"
#include "run/secrets.h"
#include "sys/fs.h"

#include <fcntl.h>

#define RULE_ID               "usage"
#define PARAMS_FILE_BYTES_MAX DOCUMENT_BYTES_MAX

static const struct span NOWHERE = {0};

static bool flag_takes_value(const void *context, struct str name)
{
    const struct param *param = manifest_param(context, name);
    return param != NULL && param->domain.type != TYPE_BOOL;
}

/* The text of --params-file, or NULL. */
static const struct source *read_params_file(struct workspace *workspace,
                                             const struct options *options)
{
    struct str path = options->value[OPTION_PARAMS_FILE];
    if (path.n == 0) {
        return NULL;
    }
    struct str text;
    struct error err = {0};
    if (fs_read_file(&workspace->arena, str_copy(&workspace->arena, path).s, PARAMS_FILE_BYTES_MAX,
                     &text, &err) < 0) {
        error_prefix(&err, "cannot read the params file");
        diag_from_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE, &err);
        return NULL;
    }
    return source_make(&workspace->arena, path, text);
}

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
                     const struct secrets *secrets, const struct run_wishes *wishes)
{
    struct error err = {0};
    struct run_result result = {0};
    struct listener listener = report_listener(&workspace->report);
    int failed = run_job(&workspace->arena, job, workspace->catalog, secrets, wishes, &listener,
                         &result, &workspace->diags, &err);
    int status = result.status;
    if (failed == 0 && wishes->dry_run && workspace->diags.error_count == 0) {
        status = print_plan(workspace, &result, wishes->no_publish);
    }
    return workspace_end(workspace, failed < 0 ? &err : NULL, status);
}

static int run_manifest(struct workspace *workspace, const struct options *options,
                        const struct manifest *manifest, const struct secrets *secrets)
{
    struct arena *arena = &workspace->arena;
    struct error err = {0};
    struct run_wishes wishes;
    wishes_parse(workspace, options, &wishes);
    const struct source *file = read_params_file(workspace, options);
    bool is_json = str_ends(options->value[OPTION_PARAMS_FILE], STR(".json"));
    struct str names[OPTION_COUNT];
    const struct raw_arguments raw = {options->rest, options->rest_count, names,
                                      options_names(FOR_RUN, names)};
    struct argument *arguments =
        arguments_bind(arena, manifest, &raw, file, is_json, &workspace->context.variables,
                       workspace->context.host_platform, &workspace->diags);
    if (context_read_commit(&workspace->context, arena, &workspace->diags, &err) < 0) {
        return workspace_end(workspace, &err, STATUS_OK);
    }
    if (workspace->diags.error_count > 0) {
        return workspace_end(workspace, NULL, STATUS_OK);
    }
    const struct job *job = job_bind(arena, &workspace->context, workspace->catalog, manifest,
                                     arguments, &workspace->diags);
    if (job == NULL) {
        return workspace_end(workspace, NULL, STATUS_OK);
    }
    return run_bound(workspace, job, secrets, &wishes);
}

/* There is no job of this name: it may have been meant as a command. */
static void report_no_job(struct workspace *workspace, struct str subject, bool may_be_command)
{
    struct str commands[16];
    size_t count = 0;
    struct str name = str_copy(&workspace->arena, subject);
    if (may_be_command && command_is_planned(name.s)) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                       "command '%.*s' is not in this version of jobrun", STR_ARG(subject));
        diag_help(diag, "jobrun --help shows the commands that are");
        return;
    }
    for (const struct command_row *row = COMMANDS; may_be_command && row->name != NULL; row++) {
        commands[count++] = str_from(row->name);
    }
    catalog_report_missing(workspace->catalog, subject, commands, count, &workspace->diags);
}

/* A manifest's paths are relative to its workspace, and its inputs are jobs of it. */
static void refuse_other_workspace(struct workspace *workspace, struct str path)
{
    struct error ignored = {0};
    struct str real;
    if (fs_real_path(&workspace->arena, str_copy(&workspace->arena, path).s, &real, &ignored) < 0 ||
        location_is_within(workspace->context.root, real, NULL)) {
        return;
    }
    struct diag *diag = diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                                   "'%.*s' is not in this workspace, which is '%.*s'",
                                   STR_ARG(path), STR_ARG(workspace->context.root));
    diag_help(diag, "go to the manifest's own workspace first");
}

static const struct manifest *find_manifest(struct workspace *workspace, struct str subject,
                                            bool may_be_command)
{
    struct diags *diags = &workspace->diags;
    if (str_contains(subject, STR("/")) || str_ends(subject, STR(".yaml")) ||
        str_ends(subject, STR(".yml"))) {
        const struct manifest *read = catalog_read(workspace->catalog, subject, diags);
        refuse_other_workspace(workspace, subject);
        return read;
    }
    const struct manifest *manifest = catalog_find(workspace->catalog, subject, diags);
    if (manifest == NULL && diags->error_count == 0) {
        report_no_job(workspace, subject, may_be_command);
    }
    return manifest;
}

static int run_subject(struct workspace *workspace, struct options *options, bool may_be_command)
{
    const struct manifest *manifest = find_manifest(workspace, options->subject, may_be_command);
    if (manifest == NULL) {
        return workspace_end(workspace, NULL, STATUS_OK);
    }
    const struct secrets *secrets =
        secrets_make(&workspace->arena, manifest, &workspace->context.variables);
    workspace->report.mask = secrets->mask;
    if (workspace->diags.error_count > 0) {
        return workspace_end(workspace, NULL, STATUS_OK);
    }
    options_take_short(options, &workspace->arena, flag_takes_value, manifest, &workspace->diags);
    workspace->report.quiet = options->given[OPTION_QUIET];
    workspace->report.explain = workspace->report.explain || options->given[OPTION_VERBOSE];
    if (options->given[OPTION_HELP]) {
        struct str help =
            job_help_format(&workspace->arena, manifest, workspace->catalog, &workspace->context);
        return report_data(&workspace->report, help) < 0 ? STATUS_INTERNAL : STATUS_OK;
    }
    return run_manifest(workspace, options, manifest, secrets);
}

static int run(const char *const *arguments, size_t count, bool may_be_command)
{
    struct workspace workspace CLEANUP(workspace_close) = {0};
    struct options options = {0};
    struct error err = {0};
    workspace.diags = diags_make(&workspace.arena);
    options_split(&options, &workspace.arena, FOR_RUN, true, arguments, count, &workspace.diags);
    workspace.report = report_make(&workspace.arena, options.value[OPTION_COLOR], &workspace.diags);
    workspace.report.errors_only = true;
    if (options.subject.s == NULL) {
        if (options.given[OPTION_HELP]) {
            return command_help("run");
        }
        if (workspace.diags.error_count == 0) {
            struct diag *diag =
                diag_error(&workspace.diags, STATUS_USAGE, RULE_ID, NOWHERE, "no job is named");
            diag_help(diag, "jobrun manifests/JOB.yaml, or jobrun --help");
        }
    }
    if (workspace_open(&workspace, &options, &err) < 0) {
        return workspace_end(&workspace, &err, STATUS_OK);
    }
    if (workspace.diags.error_count > 0) {
        return workspace_end(&workspace, NULL, STATUS_OK);
    }
    return run_subject(&workspace, &options, may_be_command);
}

int cmd_run(const char *const *arguments, size_t count)
{
    return run(arguments, count, false);
}

int cmd_job(const char *const *arguments, size_t count)
{
    return run(arguments, count, true);
}
