#include "cli/subject.h"

#include "cli/command.h"
#include "cli/job_help.h"
#include "cli/options.h"
#include "cli/workspace.h"
#include "job/catalog.h"
#include "job/job.h"
#include "job/location.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "run/secrets.h"
#include "sys/fs.h"

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

/* There is no job of this name: it may have been meant as a command. */
static void report_no_job(struct workspace *workspace, struct str subject, bool may_be_command)
{
    struct str commands[COMMANDS_MAX];
    struct str name = str_copy(&workspace->arena, subject);
    if (may_be_command && command_is_planned(name.s)) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                       "command '%.*s' is not in this version of jobrun", STR_ARG(subject));
        diag_help(diag, "jobrun --help shows the commands that are");
        return;
    }
    size_t count = may_be_command ? command_names(commands) : 0;
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

static void report_no_subject(struct workspace *workspace, const struct subject_wish *wish)
{
    struct diag *diag =
        diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE, "no job is named");
    diag_help(diag, "jobrun %smanifests/JOB.yaml, or jobrun --help",
              wish->command == FOR_SHOW ? "show " : "");
}

/* Everything up to the manifest; problems are in the diagnostics. */
static const struct manifest *open_manifest(struct workspace *workspace, struct options *options,
                                            const struct subject_wish *wish, struct error *err)
{
    struct diags *diags = &workspace->diags;
    if (options->subject.s == NULL && diags->error_count == 0) {
        report_no_subject(workspace, wish);
    }
    if (workspace_open(workspace, options, err) < 0 || diags->error_count > 0) {
        return NULL;
    }
    const struct manifest *manifest =
        find_manifest(workspace, options->subject, wish->may_be_command);
    if (manifest == NULL) {
        return NULL;
    }
    workspace->secrets = secrets_make(&workspace->arena, manifest, &workspace->context.variables);
    workspace->report.mask = workspace->secrets->mask;
    if (diags->error_count > 0) {
        return NULL;
    }
    options_take_short(options, &workspace->arena, wish->command, flag_takes_value, manifest,
                       diags);
    workspace->report.quiet = options->given[OPTION_QUIET];
    workspace->report.explain = workspace->report.explain || options->given[OPTION_VERBOSE];
    return manifest;
}

const struct manifest *subject_open(struct workspace *workspace, struct options *options,
                                    const struct subject_wish *wish, int *status)
{
    struct arena *arena = &workspace->arena;
    struct error err = {0};
    workspace->diags = diags_make(arena);
    options_split(options, arena, wish->command, true, wish->arguments, wish->count,
                  &workspace->diags);
    workspace->report = report_make(arena, options->value[OPTION_COLOR], &workspace->diags);
    workspace->report.errors_only = true;
    if (options->subject.s == NULL && options->given[OPTION_HELP]) {
        *status = command_help(wish->name);
        return NULL;
    }
    const struct manifest *manifest = open_manifest(workspace, options, wish, &err);
    if (manifest == NULL) {
        *status = workspace_end(workspace, err.kind != ERROR_NONE ? &err : NULL, STATUS_OK);
    } else if (options->given[OPTION_HELP]) {
        struct str help = job_help_format(arena, manifest, workspace->catalog, &workspace->context);
        *status = report_data(&workspace->report, help) < 0 ? STATUS_INTERNAL : STATUS_OK;
        return NULL;
    }
    return manifest;
}

const struct job *subject_bind(struct workspace *workspace, const struct options *options,
                               const struct subject_wish *wish, const struct manifest *manifest,
                               int *status)
{
    struct arena *arena = &workspace->arena;
    struct error err = {0};
    const struct job *job = NULL;
    const struct source *file = read_params_file(workspace, options);
    bool is_json = str_ends(options->value[OPTION_PARAMS_FILE], STR(".json"));
    struct str names[OPTION_COUNT];
    const struct raw_arguments raw = {options->rest, options->rest_count, names,
                                      options_names(wish->command, names)};
    struct argument *arguments =
        arguments_bind(arena, manifest, &raw, file, is_json, &workspace->context.variables,
                       workspace->context.host_platform, &workspace->diags);
    bool read = context_read_commit(&workspace->context, arena, &workspace->diags, &err) == 0;
    if (read && workspace->diags.error_count == 0) {
        job = job_bind(arena, &workspace->context, workspace->catalog, manifest, arguments,
                       &workspace->diags);
    }
    if (job == NULL) {
        *status = workspace_end(workspace, read ? NULL : &err, STATUS_OK);
    }
    return job;
}
