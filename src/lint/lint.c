#include "lint/lint.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "lint/ignored.h"
#include "lint/pixi.h"
#include "lint/producers.h"
#include "lint/shellcheck.h"
#include "lint/tasks.h"
#include "lint/workflows.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "run/else.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/signals.h"

static const struct span NOWHERE = {0};

struct lint lint_make(struct arena *arena, const struct context *context, struct catalog *catalog,
                      struct diags *diags)
{
    return (struct lint){.arena = arena,
                         .context = context,
                         .catalog = catalog,
                         .diags = diags,
                         .known = table_make(arena),
                         .ignores = ignores_make(arena)};
}

/* What `else` names, where its text alone says so. */
static void check_else(struct lint *lint, const struct manifest *manifest)
{
    size_t before = lint->diags->count;
    struct str path;
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct input *input = &manifest->inputs[i];
        if (input->otherwise != NULL && template_is_text(input->otherwise, &path) &&
            path_or_folder_problem(path) == NULL && !path_is_reserved(path)) {
            else_check(lint->context, lint->arena, input, path, lint->diags);
        }
    }
    diags_stop_run(lint->diags, before);
}

/* False: it was there already. */
static bool add_manifest(struct lint *lint, const struct manifest *manifest)
{
    struct str key = {(const char *)&manifest->source, sizeof manifest->source};
    void **known = table_at(&lint->known, key);

    if (*known != NULL) {
        return false;
    }
    *known = lint; /* anything but NULL */
    *ARENA_PUSH(lint->arena, lint->manifests, lint->manifest_count, lint->manifest_capacity) =
        manifest;
    return true;
}

/* `manifest` is what came of reading it: NULL, with a problem that has no place
 * in a text, is a file that could not be read. */
static void note_read(struct lint *lint, const struct manifest *manifest, size_t count_before)
{
    const struct diags *diags = lint->diags;
    lint->checked_count++;
    if (manifest != NULL && add_manifest(lint, manifest)) {
        check_else(lint, manifest);
    }
    lint->unreadable |= manifest == NULL && diags->count > count_before &&
                        diags->items[count_before]->span.source == NULL;
}

static void check_file(struct lint *lint, struct str path)
{
    size_t before = lint->diags->count;
    note_read(lint, catalog_read(lint->catalog, path, lint->diags), before);
}

/* A file in a folder. One without a top-level `job` is a fragment, or not
 * jobrun's at all. */
static void check_found(struct lint *lint, struct str path)
{
    bool is_yml = str_ends(path, STR(".yml"));
    size_t before = lint->diags->count;
    const struct manifest *manifest;
    if (str_ends(path, STR(".yaml"))) {
        if (catalog_read_found(lint->catalog, path, lint->diags, &manifest)) {
            lint->in_folder++;
            note_read(lint, manifest, before);
        } else {
            lint->skipped_count++;
            lint->skipped = path;
        }
        return;
    }
    if (!is_yml || !catalog_is_manifest(lint->catalog, path)) {
        return;
    }
    lint->in_folder++;
    struct diag *diag = rule_report(
        lint->diags, RULE_FILE, NOWHERE,
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
    struct lint *lint = context;
    if (signals_check(err) < 0) {
        return FS_WALK_STOP;
    }
    if (entry->kind == FS_FOLDER && is_own_folder(entry->path)) {
        return FS_WALK_SKIP;
    }
    if (entry->kind == FS_FILE) {
        check_found(lint, fs_join(lint->arena, lint->folder, entry->path));
    }
    return FS_WALK_ON;
}

/* Whether the manifests of the workspace lie in the folder, or are it. */
static bool holds_all(const struct lint *lint, const char *folder)
{
    struct str manifests =
        fs_join(lint->arena, lint->context->root, lint->context->config.manifests);
    struct error ignored = {0};
    struct str a, b;

    return fs_real_path(lint->arena, folder, &a, &ignored) == 0 &&
           fs_real_path(lint->arena, manifests.s, &b, &ignored) == 0 &&
           (str_equal(a, b) || path_is_below(b, a));
}

static int check_folder(struct lint *lint, struct str folder, struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct str path = str_copy(lint->arena, folder);
    lint->is_whole |= holds_all(lint, path.s);
    lint->folder = folder;
    lint->in_folder = 0;
    if (fs_open_folder(path.s, &fd, err) < 0 || fs_walk(fd, "", visit, lint, err) < 0) {
        return -1;
    }
    if (lint->in_folder == 0) {
        struct diag *diag = rule_report(lint->diags, RULE_FILE, NOWHERE,
                                        "there is no manifest in '%.*s'", STR_ARG(folder));
        diag_help(diag, "a manifest is a file *.yaml with a 'job' at its top level");
        lint->unreadable = true;
    }
    return 0;
}

/* A job that was read already, and gave no manifest, is told about once. */
static bool is_there(const struct lint *lint, struct str job)
{
    struct str folder = fs_join(lint->arena, lint->context->root, lint->context->config.manifests);

    return fs_exists(
        fs_join(lint->arena, folder, str_format(lint->arena, "%.*s.yaml", STR_ARG(job))).s);
}

int lint_add(struct lint *lint, struct str path, struct error *err)
{
    struct stat st;
    size_t before = lint->diags->count;
    if (name_is_job(path) && !str_ends(path, STR(".yaml")) && !str_ends(path, STR(".yml"))) {
        const struct manifest *manifest = catalog_find(lint->catalog, path, lint->diags);
        if (manifest != NULL || lint->diags->count > before || is_there(lint, path)) {
            note_read(lint, manifest, before);
            return 0;
        }
    }
    if (stat(str_copy(lint->arena, path).s, &st) == 0 && S_ISDIR(st.st_mode)) {
        return check_folder(lint, path, err);
    }
    check_file(lint, path);
    return 0;
}

int lint_add_all(struct lint *lint, struct error *err)
{
    struct str folder =
        context_show_path(lint->context, lint->arena, lint->context->config.manifests);
    lint->is_whole = true;
    if (check_folder(lint, folder, err) < 0) {
        error_help(err, "name the files to check: jobrun lint FILE ...");
        return -1;
    }
    return 0;
}

int lint_repository(struct lint *lint, struct error *err)
{
    struct pixi pixi = pixi_read(lint);

    runs_check(lint, &pixi);
    if (shellcheck_check(lint, err) < 0) {
        return -1;
    }
    if (!lint->is_whole) {
        return 0;
    }
    tasks_check(lint, &pixi);
    if (workflows_check(lint, &pixi, err) < 0) {
        return -1;
    }
    return ignored_check(lint, err);
}

void lint_add_text(struct lint *lint, struct str path, struct str text)
{
    size_t before = lint->diags->count;
    note_read(lint, catalog_read_text(lint->catalog, path, text, lint->diags), before);
}

/* Rules that look at more than one manifest, so that a part of them may not show
 * all that a comment hides. */
static void note_unchecked(struct lint *lint)
{
    for (size_t i = 0; i < RULE_COUNT && !lint->is_whole; i++) {
        struct str group = str_from(RULES[i].group);
        lint->unchecked[i] |= str_is(group, "jobs together") || str_is(group, "repository");
    }
}

void lint_end(struct lint *lint)
{
    struct ignores *ignores = &lint->ignores;
    diags_sort(lint->diags);
    for (size_t i = 0; i < lint->manifest_count; i++) {
        const struct manifest *manifest = lint->manifests[i];
        ignores_add(ignores, manifest->source, true, lint->diags);
        /* Of a fragment, what another manifest makes of it may be hidden. */
        for (size_t j = 0; j < manifest->fragment_count; j++) {
            ignores_add(ignores, manifest->fragments[j], lint->is_whole, lint->diags);
        }
    }
    ignores_apply(ignores, lint->diags);
    note_unchecked(lint);
    ignores_report_unused(ignores, lint->unchecked, lint->diags);
    diags_sort(lint->diags);
}

void lint_check(struct lint *lint, const struct str *commands, size_t count)
{
    struct producers producers = producers_make(lint->arena, lint->context, lint->catalog);
    const struct graph_finder finder = producers_finder(&producers);
    struct graph graph = graph_make(lint->arena, &finder);
    struct graph_options options = {0};

    if (str_is(lint->context->config.run_prefix, "jobrun")) {
        options = (struct graph_options){.taken = commands, .taken_count = count};
    }
    lint->is_own = arena_array(lint->arena, lint->manifest_count, sizeof *lint->is_own);
    for (size_t i = 0; i < lint->manifest_count; i++) {
        struct str workspace = producers_workspace(&producers, lint->manifests[i]);
        lint->is_own[i] = str_equal(workspace, lint->context->root);
        producers_add(&producers, lint->manifests[i]);
        graph_add(&graph, lint->manifests[i], workspace);
    }
    graph_check(&graph, &options, lint->diags);
}
