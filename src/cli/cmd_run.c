/* `jobrun JOB` and `jobrun run JOB` */
#include "cli/command.h"
#include "cli/job_help.h"
#include "cli/options.h"
#include "cli/show_plan.h"
#include "cli/workspace.h"
#include "job/catalog.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "run/run.h"
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

/* NAME=PATH or NAME[label]=PATH, where a label may hold '='. */
static void parse_local_input(struct workspace *workspace, struct str text,
                              struct local_input *local)
{
    struct arena *arena = &workspace->arena;
    struct str rest;
    local->text = text;
    size_t equals = str_index(text, '=');
    size_t bracket = str_index(text, '[');
    bool whole = true;
    if (bracket < equals) {
        size_t end = bracket;
        while (end + 1 < text.n && !(text.s[end] == ']' && text.s[end + 1] == '=')) {
            end++;
        }
        whole = end + 1 < text.n;
        local->name = str_slice(text, 0, bracket);
        local->label = str_slice(text, bracket + 1, end - bracket - 1);
        rest = str_after(text, end + 2);
    } else {
        whole = str_cut(text, '=', &local->name, &rest);
    }
    if (!whole || local->name.n == 0 || rest.n == 0) {
        struct diag *diag = diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                                       "--input '%.*s' is not NAME=PATH", STR_ARG(text));
        diag_help(diag, "for one element of a fan-in: --input 'NAME[platform=linux-x64]=PATH'");
        return;
    }
    local->path = fs_join(arena, workspace->folder, rest);
}

static void parse_wishes(struct workspace *workspace, const struct options *options,
                         struct run_wishes *wishes)
{
    struct arena *arena = &workspace->arena;
    *wishes = (struct run_wishes){
        .force = options->given[OPTION_FORCE],
        .dry_run = options->given[OPTION_DRY_RUN],
        .explain = options->given[OPTION_EXPLAIN],
        .no_publish = options->given[OPTION_NO_PUBLISH],
        .timeout_ms = -1,
        .fetch = {.inputs_from = options->value[OPTION_INPUTS_FROM],
                  .no_fetch = options->given[OPTION_NO_FETCH],
                  .local_count = options->input_count},
    };
    if (options->given[OPTION_LOG]) {
        wishes->log_path = fs_join(arena, workspace->folder, options->value[OPTION_LOG]);
    }
    if (options->given[OPTION_TIMEOUT] &&
        !duration_parse(options->value[OPTION_TIMEOUT], &wishes->timeout_ms)) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                       "--timeout '%.*s' is not a time", STR_ARG(options->value[OPTION_TIMEOUT]));
        diag_help(diag, "write 90s, 60m or 2h");
    }
    struct str from = options->value[OPTION_INPUTS_FROM];
    if (options->given[OPTION_INPUTS_FROM] && !address_environment_is_valid(from)) {
        diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                   "--inputs-from '%.*s' is not the name of an environment", STR_ARG(from));
    }
    struct local_input *locals = arena_array(arena, options->input_count + 1, sizeof *locals);
    for (size_t i = 0; i < options->input_count; i++) {
        parse_local_input(workspace, options->inputs[i], &locals[i]);
    }
    wishes->fetch.locals = locals;
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

static int print_plan(struct workspace *workspace, const struct run_result *result)
{
    if (result->plan == NULL) {
        return STATUS_OK;
    }
    struct str text = plan_format(&workspace->arena, result);
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
    int failed = run_job(&workspace->arena, job, workspace->catalog, wishes, &listener, &result,
                         &workspace->diags, &err);
    int status = result.status;
    if (failed == 0 && wishes->dry_run && workspace->diags.error_count == 0) {
        status = print_plan(workspace, &result);
    }
    return workspace_end(workspace, failed < 0 ? &err : NULL, status);
}

static int run_manifest(struct workspace *workspace, const struct options *options,
                        const struct manifest *manifest)
{
    struct arena *arena = &workspace->arena;
    struct error err = {0};
    struct run_wishes wishes;
    parse_wishes(workspace, options, &wishes);
    const struct source *file = read_params_file(workspace, options);
    bool is_json = str_ends(options->value[OPTION_PARAMS_FILE], STR(".json"));
    struct argument *arguments = arguments_bind(
        arena, manifest, options->rest, options->rest_count, file, is_json,
        &workspace->context.variables, workspace->context.host_platform, &workspace->diags);
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
    return run_bound(workspace, job, &wishes);
}

static int run_subject(struct workspace *workspace, struct options *options)
{
    struct str subject = options->subject;
    bool is_path = str_contains(subject, STR("/")) || str_ends(subject, STR(".yaml")) ||
                   str_ends(subject, STR(".yml"));
    const struct manifest *manifest =
        is_path ? catalog_read(workspace->catalog, subject, &workspace->diags)
                : catalog_find(workspace->catalog, subject, &workspace->diags);
    if (manifest == NULL && !is_path && workspace->diags.error_count == 0) {
        struct str *names = NULL;
        size_t count = 0;
        catalog_names(workspace->catalog, &names, &count);
        struct diag *diag = diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                                       "there is no job '%.*s' in '%.*s/'", STR_ARG(subject),
                                       STR_ARG(workspace->context.config.manifests));
        if (!diag_help_nearest(diag, subject, names, count)) {
            diag_help(diag, "see all commands and options: jobrun --help");
        }
    }
    if (manifest == NULL || workspace->diags.error_count > 0) {
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
    return run_manifest(workspace, options, manifest);
}

int cmd_run(const char *const *arguments, size_t count)
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
            return cmd_help(arguments, count);
        }
        struct diag *diag =
            diag_error(&workspace.diags, STATUS_USAGE, RULE_ID, NOWHERE, "no job is named");
        diag_help(diag, "jobrun manifests/JOB.yaml, or jobrun --help");
    }
    if (workspace_open(&workspace, &options, &err) < 0) {
        return workspace_end(&workspace, &err, STATUS_OK);
    }
    if (workspace.diags.error_count > 0) {
        return workspace_end(&workspace, NULL, STATUS_OK);
    }
    return run_subject(&workspace, &options);
}
