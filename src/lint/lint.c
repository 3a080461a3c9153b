#include "lint/lint.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "lint/producers.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "run/else.h"
#include "sys/fd.h"
#include "sys/fs.h"

static const struct span NOWHERE = {0};

struct lint lint_make(struct arena *arena, const struct context *context, struct catalog *catalog,
                      struct diags *diags)
{
    return (struct lint){.arena = arena, .context = context, .catalog = catalog, .diags = diags};
}

/* What `else` names, where its text alone says so. */
static void check_else(struct lint *lint, const struct manifest *manifest)
{
    struct str path;
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct input *input = &manifest->inputs[i];
        if (input->otherwise != NULL && template_is_text(input->otherwise, &path) &&
            path_or_folder_problem(path) == NULL && !path_is_reserved(path)) {
            else_check(lint->context, lint->arena, input, path, lint->diags);
        }
    }
}

/* False: it was there already. */
static bool add_manifest(struct lint *lint, const struct manifest *manifest)
{
    for (size_t i = 0; i < lint->manifest_count; i++) {
        if (lint->manifests[i] == manifest) {
            return false;
        }
    }
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
    if (!is_yml && !str_ends(path, STR(".yaml"))) {
        return;
    }
    if (!catalog_is_manifest(lint->catalog, path)) {
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
        lint->diags, STATUS_MANIFEST, rule_id(RULE_FILE), NOWHERE,
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
        check_found(lint, fs_join(lint->arena, lint->folder, entry->path));
    }
    return FS_WALK_ON;
}

static int check_folder(struct lint *lint, struct str folder, struct error *err)
{
    int fd CLEANUP(fd_close) = -1;
    struct str path = str_copy(lint->arena, folder);
    lint->folder = folder;
    lint->in_folder = 0;
    if (fs_open_folder(path.s, &fd, err) < 0 || fs_walk(fd, "", visit, lint, err) < 0) {
        return -1;
    }
    if (lint->in_folder == 0) {
        struct diag *diag = diag_error(lint->diags, STATUS_MANIFEST, rule_id(RULE_FILE), NOWHERE,
                                       "there is no manifest in '%.*s'", STR_ARG(folder));
        diag_help(diag, "a manifest is a file *.yaml with a 'job' at its top level");
        lint->unreadable = true;
    }
    return 0;
}

int lint_add(struct lint *lint, struct str path, struct error *err)
{
    struct stat st;
    size_t before = lint->diags->count;
    if (name_is_job(path) && !str_ends(path, STR(".yaml")) && !str_ends(path, STR(".yml"))) {
        const struct manifest *manifest = catalog_find(lint->catalog, path, lint->diags);
        if (manifest != NULL || lint->diags->count > before) {
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
    if (check_folder(lint, folder, err) < 0) {
        error_help(err, "name the files to check: jobrun lint FILE ...");
        return -1;
    }
    return 0;
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
    for (size_t i = 0; i < lint->manifest_count; i++) {
        producers_add(&producers, lint->manifests[i]);
        graph_add(&graph, lint->manifests[i], producers_workspace(&producers, lint->manifests[i]));
    }
    graph_check(&graph, &options, lint->diags);
}
