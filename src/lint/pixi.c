#include "lint/pixi.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/toml.h"
#include "job/context.h"
#include "lint/lint.h"
#include "manifest/rule.h"
#include "sys/fs.h"

static struct str join_words(struct arena *arena, const struct toml *list)
{
    struct buf buf = buf_make(arena, TOML_BYTES_MAX);

    for (size_t i = 0; i < list->count; i++) {
        buf_addf(&buf, "%s%.*s", i > 0 ? " " : "",
                 STR_ARG(str_shell_quote(arena, list->items[i]->text)));
    }
    return buf_str(&buf);
}

static void add_task(struct lint *lint, struct pixi *pixi, const struct toml_key *key,
                     const struct toml *value)
{
    struct pixi_task task = {.name = key->name, .span = key->span};
    const struct toml *command = value->kind == TOML_TABLE ? toml_find(value, "cmd") : value;
    const struct toml *args = toml_find(value, "args");

    /* A list in place of a task is a list of other tasks. */
    if (command != NULL && command->kind == TOML_STRING) {
        task.command = command->text;
        task.at = command->span;
    } else if (command != NULL && command->kind == TOML_ARRAY && command != value) {
        task.command = join_words(lint->arena, command);
        task.at = command->span;
    }
    if (args != NULL && args->count > 0) {
        task.args_span = args->span;
    }
    task.has_folder = toml_find(value, "cwd") != NULL;
    *ARENA_PUSH(lint->arena, pixi->tasks, pixi->count, pixi->capacity) = task;
}

static void add_tasks(struct lint *lint, struct pixi *pixi, const struct toml *table)
{
    const struct toml *tasks = toml_find(table, "tasks");
    const struct toml *targets = toml_find(table, "target");

    for (size_t i = 0; tasks != NULL && tasks->kind == TOML_TABLE && i < tasks->count; i++) {
        add_task(lint, pixi, &tasks->keys[i], tasks->items[i]);
    }
    for (size_t i = 0; targets != NULL && targets->kind == TOML_TABLE && i < targets->count; i++) {
        add_tasks(lint, pixi, targets->items[i]);
    }
}

static const struct toml *read_toml(struct lint *lint, struct str path,
                                    const struct source **source)
{
    struct str name = context_show_path(lint->context, lint->arena, path);
    struct str file = fs_join(lint->arena, lint->context->root, path);
    const struct toml *root = NULL;
    struct error err = {0};
    struct span span = {0};
    struct str text;

    if (!fs_exists(file.s)) {
        return NULL;
    }
    if (fs_read_file(lint->arena, file.s, TOML_BYTES_MAX, &text, &err) == 0) {
        *source = source_make(lint->arena, name, text);
        if (str_is(path, "pyproject.toml") && !str_contains(text, STR("pixi"))) {
            return NULL; /* not pixi's, and not jobrun's to judge */
        }
        if (toml_parse(lint->arena, *source, &root, &span, &err) == 0) {
            return root;
        }
        error_prefix(&err, "'%.*s' is not TOML", STR_ARG(name));
    }
    diag_from_error(lint->diags, STATUS_MANIFEST, rule_id(RULE_PIXI_TASK), span, &err);
    *source = NULL;
    return NULL;
}

struct pixi pixi_read(struct lint *lint)
{
    struct pixi pixi = {.tasks_table = "tasks"};
    const struct toml *root = read_toml(lint, STR("pixi.toml"), &pixi.source);
    bool has_file = fs_exists(fs_join(lint->arena, lint->context->root, STR("pixi.toml")).s);

    if (!has_file) {
        root = toml_find(read_toml(lint, STR("pyproject.toml"), &pixi.source), "tool");
        root = toml_find(root, "pixi");
        pixi.tasks_table = "tool.pixi.tasks";
    }
    if (root == NULL) {
        pixi.source = NULL;
        return pixi;
    }
    add_tasks(lint, &pixi, root);
    const struct toml *features = toml_find(root, "feature");
    for (size_t i = 0; features != NULL && features->kind == TOML_TABLE && i < features->count;
         i++) {
        add_tasks(lint, &pixi, features->items[i]);
    }
    return pixi;
}
