/* `jobrun lint [PATH ...]` */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/workspace.h"
#include "job/catalog.h"
#include "manifest/manifest.h"
#include "sys/fd.h"
#include "sys/fs.h"

enum lint_status { LINT_CLEAN = 0, LINT_FINDINGS = 1, LINT_USAGE = 2, LINT_CANNOT_READ = 3 };

/* What the paths on the command line stand for. */
struct targets {
    struct workspace *workspace;
    struct str folder;
    struct str *paths;
    size_t count, capacity;
};

static enum fs_walk collect(void *context, const struct fs_entry *entry, struct error *err)
{
    (void)err;
    struct targets *targets = context;
    struct arena *arena = &targets->workspace->arena;
    if (entry->kind == FS_FILE && str_ends(entry->path, STR(".yaml"))) {
        *ARENA_PUSH(arena, targets->paths, targets->count, targets->capacity) =
            fs_join(arena, targets->folder, entry->path);
    }
    return FS_WALK_ON;
}

static int add_folder(struct targets *targets, struct str folder, struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    targets->folder = folder;
    struct str path = str_copy(&targets->workspace->arena, folder);
    if (fs_open_folder(path.s, &fd, err) < 0) {
        return -1;
    }
    return fs_walk(fd, "", collect, targets, err);
}

static int add_path(struct targets *targets, struct str path, struct error *err)
{
    struct arena *arena = &targets->workspace->arena;
    struct stat st;
    if (stat(str_copy(arena, path).s, &st) == 0 && S_ISDIR(st.st_mode)) {
        return add_folder(targets, path, err);
    }
    *ARENA_PUSH(arena, targets->paths, targets->count, targets->capacity) = path;
    return 0;
}

static int collect_targets(struct targets *targets, const struct options *options,
                           struct error *err)
{
    struct workspace *workspace = targets->workspace;
    for (size_t i = 0; i < options->rest_count; i++) {
        if (add_path(targets, options->rest[i].text, err) < 0) {
            return -1;
        }
    }
    if (options->rest_count > 0) {
        return 0;
    }
    struct str folder = context_show_path(&workspace->context, &workspace->arena,
                                          workspace->context.config.manifests);
    if (add_folder(targets, folder, err) < 0) {
        error_help(err, "name the files to check: jobrun lint FILE ...");
        return -1;
    }
    return 0;
}

static bool refuse_unknown_options(const struct options *options, struct diags *diags)
{
    for (size_t i = 0; i < options->rest_count; i++) {
        if (str_starts(options->rest[i].text, STR("-"))) {
            struct diag *diag =
                diag_error(diags, STATUS_USAGE, "usage", (struct span){0},
                           "'lint' has no option '%.*s'", STR_ARG(options->rest[i].text));
            diag_help(diag, "jobrun lint --help");
        }
    }
    return diags->error_count > 0;
}

static int lint(struct workspace *workspace, const struct options *options)
{
    struct targets targets = {.workspace = workspace};
    struct error err = {0};
    if (workspace_open(workspace, options, &err) < 0 ||
        collect_targets(&targets, options, &err) < 0) {
        report_error(&workspace->report, &err);
        return LINT_CANNOT_READ;
    }
    bool unreadable = false;
    for (size_t i = 0; i < targets.count; i++) {
        size_t before = workspace->diags.count;
        const struct manifest *manifest =
            catalog_read(workspace->catalog, targets.paths[i], &workspace->diags);
        /* A problem without a place in the file: the file itself. */
        unreadable |= manifest == NULL && workspace->diags.count > before &&
                      workspace->diags.items[before]->span.source == NULL;
    }
    report_diags(&workspace->report, &workspace->diags);
    if (unreadable) {
        return LINT_CANNOT_READ;
    }
    if (workspace->diags.count > 0) {
        return LINT_FINDINGS;
    }
    if (!workspace->report.quiet) {
        struct listener listener = report_listener(&workspace->report);
        listener_say(&listener, "%zu manifest%s checked, no problems", targets.count,
                     targets.count == 1 ? "" : "s");
    }
    return LINT_CLEAN;
}

int cmd_lint(const char *const *arguments, size_t count)
{
    struct workspace workspace CLEANUP(workspace_close) = {0};
    struct options options = {0};
    workspace.diags = diags_make(&workspace.arena);
    options_split(&options, &workspace.arena, FOR_LINT, false, arguments, count, &workspace.diags);
    workspace.report = report_make(&workspace.arena, options.value[OPTION_COLOR], &workspace.diags);
    if (options.given[OPTION_HELP]) {
        return cmd_help(arguments, 1);
    }
    if (workspace.diags.error_count > 0 || refuse_unknown_options(&options, &workspace.diags)) {
        report_diags(&workspace.report, &workspace.diags);
        return LINT_USAGE;
    }
    return lint(&workspace, &options);
}
