#include "lint/workflows.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "job/catalog.h"
#include "job/context.h"
#include "lint/call.h"
#include "lint/lint.h"
#include "lint/pixi.h"
#include "lint/tasks.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "manifest/shell_text.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define FOLDER ".github/workflows"

struct workflows {
    struct lint *lint;
    const struct pixi *pixi;
    const struct node *script; /* the `run` of a step */
    size_t file_count;
};

/* --- one line --- */

static struct diag *report(struct workflows *w, const struct shell_word *word, const char *message)
{
    return rule_report(w->lint->diags, RULE_WORKFLOW,
                       node_span_within(w->script, word->at, word->text.n), "%s", message);
}

static void check_value(struct workflows *w, const struct manifest *manifest,
                        const struct param *param, const struct shell_word *word, struct str value)
{
    struct error err = {0};
    struct str canonical;

    if (domain_check(&param->domain, w->lint->arena, value, &canonical, &err) == 0) {
        return;
    }
    const char *message = str_format(w->lint->arena, "value '%.*s' of param '%.*s' %s",
                                     STR_ARG(value), STR_ARG(param->name), err.message)
                              .s;
    struct diag *d = report(w, word, message);
    diag_label(d, param->span, "of job '%.*s'", STR_ARG(manifest->name));
    if (err.help[0] != '\0') {
        diag_help(d, "%s", err.help);
    }
}

static void report_param(struct workflows *w, const struct manifest *manifest,
                         const struct shell_word *word, struct str name)
{
    struct str *names = arena_array(w->lint->arena, manifest->param_count + 1, sizeof *names);

    for (size_t i = 0; i < manifest->param_count; i++) {
        names[i] = manifest->params[i]->name;
    }
    struct diag *d = report(w, word,
                            str_format(w->lint->arena, "job '%.*s' has no param '%.*s'",
                                       STR_ARG(manifest->name), STR_ARG(name))
                                .s);
    diag_label(d, manifest->name_span, "the job");
    diag_help_nearest(d, name, names, manifest->param_count);
}

/* One "--name", at words[at]; the number of words that it takes. */
static size_t check_flag(struct workflows *w, const struct manifest *manifest,
                         const struct shell_command *command, size_t at)
{
    const struct shell_word *word = &command->words[at];
    struct str name, value = {0}, next = {0};
    bool is_glued = str_cut(str_after(word->text, 2), '=', &name, &value);
    const struct param *param = manifest_param(manifest, name);
    const struct shell_word *source = word;
    bool has_next = at + 1 < command->count && !str_starts(command->words[at + 1].text, STR("-"));

    if (has_next) {
        next = shell_word_plain(command->words[at + 1].text);
    }
    if (param == NULL && str_starts(name, STR("no-"))) {
        const struct param *flag = manifest_param(manifest, str_after(name, 3));
        param = flag != NULL && flag->domain.type == TYPE_BOOL ? flag : NULL;
        if (param != NULL) {
            return 1;
        }
    }
    if (param == NULL) {
        if (!name_is_reserved(name) && shell_word_plain(word->text).s != NULL) {
            report_param(w, manifest, word, name);
        }
        return is_glued || !has_next ? 1 : 2;
    }
    if (param->domain.type == TYPE_BOOL && !is_glued) {
        return 1;
    }
    if (!is_glued) {
        value = next;
        source = has_next ? &command->words[at + 1] : word;
    } else if (shell_word_plain(value).s == NULL) {
        return 1;
    } else {
        value = shell_word_plain(value);
    }
    if (value.s != NULL) {
        check_value(w, manifest, param, source, value);
    }
    return is_glued || !has_next ? 1 : 2;
}

static void check_flags(struct workflows *w, const struct manifest *manifest,
                        const struct shell_command *command, size_t from)
{
    while (from < command->count) {
        bool is_flag =
            str_starts(command->words[from].text, STR("--")) && command->words[from].text.n > 2;
        from += is_flag ? check_flag(w, manifest, command, from) : 1;
    }
}

static void report_job(struct workflows *w, const struct call *call, const struct shell_word *word)
{
    struct str job = call_job(w->lint, call->target);
    struct str *names;
    size_t count;

    call_jobs(w->lint, &names, &count);
    /* pixi runs programs too: what resembles no job is taken for one. */
    if (job.n == 0 || (call->kind == CALL_PIXI && str_nearest(job, names, count) < 0)) {
        return;
    }
    struct diag *d =
        report(w, word, str_format(w->lint->arena, "there is no job '%.*s'", STR_ARG(job)).s);
    diag_help_nearest(d, job, names, count);
}

static bool is_task(const struct pixi *pixi, struct str name)
{
    for (size_t i = 0; i < pixi->count; i++) {
        if (str_equal(pixi->tasks[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void check_command(struct workflows *w, const struct shell_command *command)
{
    struct diags unread = diags_make(w->lint->arena);
    struct call call = call_of_command(w->lint, command);
    struct str job = tasks_job(w->lint, w->pixi, call);

    if (job.n > 0) {
        const struct manifest *manifest = catalog_find(w->lint->catalog, job, &unread);
        if (manifest != NULL && !manifest->is_broken) {
            check_flags(w, manifest, command, call.at + 1);
        }
    } else if (call.kind == CALL_JOBRUN ||
               (call.kind == CALL_PIXI && !is_task(w->pixi, call.target))) {
        report_job(w, &call, &command->words[call.at]);
    }
}

/* --- the files --- */

static void check_steps(struct workflows *w, const struct node *steps)
{
    for (size_t i = 0; steps != NULL && steps->kind == NODE_SEQUENCE && i < steps->count; i++) {
        const struct node *script = node_find(steps->items[i], "run");
        if (script == NULL || script->kind != NODE_SCALAR ||
            node_find(steps->items[i], "working-directory") != NULL) {
            continue;
        }
        struct shell_text text = shell_text_read(w->lint->arena, script->text);
        w->script = script;
        for (size_t j = 0; j < text.count && !call_leaves_folder(&text.commands[j]); j++) {
            check_command(w, &text.commands[j]);
        }
    }
}

/* Whether the steps of a job, or of all jobs, run in another folder by default. */
static bool has_folder(const struct node *node)
{
    const struct node *defaults = node_find(node, "defaults");
    const struct node *run = defaults != NULL ? node_find(defaults, "run") : NULL;

    return run != NULL && node_find(run, "working-directory") != NULL;
}

static void check_file(struct workflows *w, struct str path)
{
    struct lint *lint = w->lint;
    struct diags unread = diags_make(lint->arena);
    struct error err = {0};
    struct str text;
    struct str file = fs_join(lint->arena, lint->context->root, path);

    if (fs_read_file(lint->arena, file.s, DOCUMENT_BYTES_MAX, &text, &err) < 0) {
        return;
    }
    struct str name = context_show_path(lint->context, lint->arena, path);
    const struct node *root =
        document_parse(lint->arena, source_make(lint->arena, name, text), &unread);
    const struct node *jobs = root != NULL ? node_find(root, "jobs") : NULL;
    if (root != NULL && has_folder(root)) {
        return;
    }
    for (size_t i = 0; jobs != NULL && jobs->kind == NODE_MAPPING && i < jobs->count; i++) {
        if (!has_folder(jobs->pairs[i].value)) {
            check_steps(w, node_find(jobs->pairs[i].value, "steps"));
        }
    }
}

static enum fs_walk visit(void *context, const struct fs_entry *entry, struct error *err)
{
    struct workflows *w = context;
    (void)err;

    if (entry->kind == FS_FILE && w->file_count < WORKFLOWS_MAX &&
        (str_ends(entry->path, STR(".yml")) || str_ends(entry->path, STR(".yaml")))) {
        w->file_count++;
        check_file(w, fs_join(w->lint->arena, STR(FOLDER), entry->path));
    }
    return entry->kind == FS_FOLDER ? FS_WALK_SKIP : FS_WALK_ON;
}

int workflows_check(struct lint *lint, const struct pixi *pixi, struct error *err)
{
    struct workflows w = {.lint = lint, .pixi = pixi};
    int fd CLEANUP(fd_close) = -1;
    struct str folder = fs_join(lint->arena, lint->context->root, STR(FOLDER));

    if (!fs_exists(folder.s)) {
        return 0;
    }
    return fs_open_folder(folder.s, &fd, err) < 0 ? -1 : fs_walk(fd, "", visit, &w, err);
}
