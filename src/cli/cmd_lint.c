/* `jobrun lint [PATH ...]` */
#include "base/path.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/workspace.h"
#include "job/catalog.h"
#include "job/shown.h"
#include "manifest/manifest.h"
#include "run/else.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define RULE_ID "file"

enum lint_status { LINT_CLEAN = 0, LINT_FINDINGS = 1, LINT_USAGE = 2, LINT_CANNOT_READ = 3 };

static const struct span NOWHERE = {0};

/* What is checked, and what the paths on the command line stand for. */
struct lint {
    struct workspace *workspace;
    struct str folder;    /* that is being read */
    size_t in_folder;     /* manifests in it, under whatever name */
    size_t checked_count; /* manifests in all */
    size_t skipped_count; /* files of folders without a top-level `job` */
    struct str skipped;   /* the last of them */
    bool unreadable;      /* of what was asked for, something could not be read */
};

/* What `else` names, where its text alone says so. */
static void check_else(struct workspace *workspace, const struct manifest *manifest)
{
    struct str path;
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct input *input = &manifest->inputs[i];
        if (input->otherwise != NULL && template_is_text(input->otherwise, &path) &&
            path_or_folder_problem(path) == NULL && !path_is_reserved(path)) {
            else_check(&workspace->context, &workspace->arena, input, path, &workspace->diags);
        }
    }
}

/* `manifest` is what came of reading it: NULL, with a problem that has no place
 * in a text, is a file that could not be read. */
static void note_read(struct lint *lint, const struct manifest *manifest, size_t count_before)
{
    const struct diags *diags = &lint->workspace->diags;
    lint->checked_count++;
    if (manifest != NULL) {
        check_else(lint->workspace, manifest);
    }
    lint->unreadable |= manifest == NULL && diags->count > count_before &&
                        diags->items[count_before]->span.source == NULL;
}

static void check_file(struct lint *lint, struct str path)
{
    struct workspace *workspace = lint->workspace;
    size_t before = workspace->diags.count;
    note_read(lint, catalog_read(workspace->catalog, path, &workspace->diags), before);
}

/* A file in a folder. One without a top-level `job` is a fragment, or not
 * jobrun's at all. */
static void check_found(struct lint *lint, struct str path)
{
    struct workspace *workspace = lint->workspace;
    bool is_yml = str_ends(path, STR(".yml"));
    if (!is_yml && !str_ends(path, STR(".yaml"))) {
        return;
    }
    if (!catalog_is_manifest(workspace->catalog, path)) {
        lint->skipped_count += !is_yml;
        lint->skipped = is_yml ? lint->skipped : path;
        return;
    }
    lint->in_folder++;
    if (!is_yml) {
        check_file(lint, path);
        return;
    }
    struct diag *diag = diag_error(
        &workspace->diags, STATUS_MANIFEST, RULE_ID, NOWHERE,
        "'%.*s' is not found as a job: the name of a manifest ends in .yaml", STR_ARG(path));
    diag_help(diag, "rename it to '%.*s.yaml'", STR_ARG(str_slice(path, 0, path.n - 4)));
}

static bool is_own_folder(struct str path)
{
    return str_is(path, ".git") || str_is(path, ".jobrun") || str_ends(path, STR("/.git")) ||
           str_ends(path, STR("/.jobrun"));
}

static enum fs_walk visit(void *context, const struct fs_entry *entry, struct error *err)
{
    (void)err;
    struct lint *lint = context;
    if (entry->kind == FS_FOLDER && is_own_folder(entry->path)) {
        return FS_WALK_SKIP;
    }
    if (entry->kind == FS_FILE) {
        check_found(lint, fs_join(&lint->workspace->arena, lint->folder, entry->path));
    }
    return FS_WALK_ON;
}

static int check_folder(struct lint *lint, struct str folder, struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct str path = str_copy(&lint->workspace->arena, folder);
    lint->folder = folder;
    lint->in_folder = 0;
    if (fs_open_folder(path.s, &fd, err) < 0 || fs_walk(fd, "", visit, lint, err) < 0) {
        return -1;
    }
    if (lint->in_folder == 0) {
        struct diag *diag = diag_error(&lint->workspace->diags, STATUS_MANIFEST, RULE_ID, NOWHERE,
                                       "there is no manifest in '%.*s'", STR_ARG(folder));
        diag_help(diag, "a manifest is a file *.yaml with a 'job' at its top level");
        lint->unreadable = true;
    }
    return 0;
}

/* A path, or the name of a job as a run takes it. */
static int check_path(struct lint *lint, struct str path, struct error *err)
{
    struct workspace *workspace = lint->workspace;
    struct stat st;
    size_t before = workspace->diags.count;
    if (name_is_job(path) && !str_ends(path, STR(".yaml")) && !str_ends(path, STR(".yml"))) {
        const struct manifest *manifest = catalog_find(workspace->catalog, path, &workspace->diags);
        if (manifest != NULL || workspace->diags.count > before) {
            note_read(lint, manifest, before);
            return 0;
        }
    }
    if (stat(str_copy(&workspace->arena, path).s, &st) == 0 && S_ISDIR(st.st_mode)) {
        return check_folder(lint, path, err);
    }
    check_file(lint, path);
    return 0;
}

static int check_all(struct lint *lint, const struct options *options, struct error *err)
{
    struct workspace *workspace = lint->workspace;
    for (size_t i = 0; i < options->rest_count; i++) {
        if (check_path(lint, options->rest[i].text, err) < 0) {
            return -1;
        }
    }
    if (options->rest_count > 0) {
        return 0;
    }
    struct str folder = context_show_path(&workspace->context, &workspace->arena,
                                          workspace->context.config.manifests);
    if (check_folder(lint, folder, err) < 0) {
        error_help(err, "name the files to check: jobrun lint FILE ...");
        return -1;
    }
    return 0;
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
    struct lint lint = {.workspace = workspace};
    struct error err = {0};
    if (workspace_open(workspace, options, &err) < 0 || check_all(&lint, options, &err) < 0) {
        report_diags(&workspace->report, &workspace->diags);
        report_error(&workspace->report, &err);
        return LINT_CANNOT_READ;
    }
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
