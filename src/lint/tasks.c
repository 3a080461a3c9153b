#include "lint/tasks.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "lint/call.h"
#include "lint/lint.h"
#include "lint/pixi.h"
#include "manifest/code.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "manifest/shell_text.h"

/* The job, or the manifest, that a task runs with jobrun; .kind is CALL_NONE where it
 * runs none. *leaves: in another folder than the root. */
static struct call call_of_task(struct lint *lint, const struct pixi_task *task, bool *leaves)
{
    struct shell_text text = shell_text_read(lint->arena, task->command);

    *leaves = task->has_folder;
    for (size_t i = 0; i < text.count; i++) {
        *leaves |= call_leaves_folder(&text.commands[i]);
        struct call call = call_of_command(lint, &text.commands[i]);
        if (call.kind == CALL_JOBRUN) {
            return call;
        }
    }
    return (struct call){.kind = CALL_NONE};
}

/* What a task runs must be there. */
static void check_target(struct lint *lint, const struct pixi_task *task)
{
    bool leaves;
    struct call call = call_of_task(lint, task, &leaves);
    struct str job = call.kind == CALL_JOBRUN ? call_job(lint, call.target) : STR("");
    struct str *names;
    size_t count;

    if (job.n == 0 || leaves || call_has_job(lint, job)) {
        return;
    }
    call_jobs(lint, &names, &count);
    struct diag *d = rule_report(lint->diags, RULE_PIXI_TASK, task->at,
                                 "task '%.*s' runs job '%.*s', which does not exist",
                                 STR_ARG(task->name), STR_ARG(job));
    if (!diag_help_nearest(d, job, names, count)) {
        diag_help(d, "remove the task, or write the manifest");
    }
}

static void check_args(struct lint *lint, const struct pixi_task *task)
{
    if (task->args_span.source == NULL) {
        return;
    }
    struct diag *d = rule_report(lint->diags, RULE_PIXI_TASK, task->args_span,
                                 "task '%.*s' declares 'args', so pixi does not hand on what "
                                 "follows the task's name",
                                 STR_ARG(task->name));
    diag_help(d, "remove 'args': the params of the job are its flags");
}

/* The tasks of a job's name, which are several where features or targets have theirs. */
static void check_job(struct lint *lint, const struct pixi *pixi, const struct manifest *manifest)
{
    struct str path = catalog_path(lint->catalog, manifest);
    bool found = false;

    for (size_t i = 0; i < pixi->count; i++) {
        const struct pixi_task *task = &pixi->tasks[i];
        if (!str_equal(task->name, manifest->name)) {
            continue;
        }
        bool leaves;
        struct call call = call_of_task(lint, task, &leaves);
        found = true;
        if (call.kind != CALL_JOBRUN) {
            struct diag *d = rule_report(lint->diags, RULE_PIXI_TASK, task->span,
                                         "task '%.*s' has the name of a job and does not run it",
                                         STR_ARG(task->name));
            diag_label(d, manifest->name_span, "the job");
            diag_help(d, "let its command be 'jobrun %.*s'", STR_ARG(path));
        } else if (!leaves && call_has_job(lint, call_job(lint, call.target)) &&
                   !str_equal(call_job(lint, call.target), manifest->name)) {
            rule_report(lint->diags, RULE_PIXI_TASK, task->at,
                        "task '%.*s' runs job '%.*s', not the one of its name", STR_ARG(task->name),
                        STR_ARG(call_job(lint, call.target)));
        }
    }
    if (!found) {
        struct diag *d =
            rule_report(lint->diags, RULE_PIXI_TASK, manifest->name_span, "%.*s has no task '%.*s'",
                        STR_ARG(pixi->source->name), STR_ARG(manifest->name));
        diag_help(d, "add to [%s]: %.*s = \"jobrun %.*s\"", pixi->tasks_table,
                  STR_ARG(manifest->name), STR_ARG(path));
    }
}

void tasks_check(struct lint *lint, const struct pixi *pixi)
{
    const struct config *config = &lint->context->config;
    bool is_run_by_pixi = !config->has_run_prefix || str_contains(config->run_prefix, STR("pixi"));

    if (pixi->source == NULL) {
        return;
    }
    for (size_t i = 0; i < pixi->count; i++) {
        bool leaves;
        check_target(lint, &pixi->tasks[i]);
        if (call_of_task(lint, &pixi->tasks[i], &leaves).kind == CALL_JOBRUN) {
            check_args(lint, &pixi->tasks[i]);
        }
    }
    for (size_t i = 0; i < lint->manifest_count && is_run_by_pixi; i++) {
        if (lint->is_own[i] && call_has_job(lint, lint->manifests[i]->name)) {
            check_job(lint, pixi, lint->manifests[i]);
        }
    }
}

/* --- jobs that run jobs --- */

struct str tasks_job(struct lint *lint, const struct pixi *pixi, struct call call)
{
    if (call.kind == CALL_PIXI) {
        for (size_t i = 0; i < pixi->count; i++) {
            if (str_equal(pixi->tasks[i].name, call.target)) {
                bool leaves;
                call = call_of_task(lint, &pixi->tasks[i], &leaves);
                break;
            }
        }
    }
    struct str job = call.kind != CALL_NONE ? call_job(lint, call.target) : STR("");
    return call_has_job(lint, job) ? job : STR("");
}

static void report_run(struct lint *lint, const struct manifest *manifest, struct str job,
                       struct span span)
{
    bool is_itself = str_equal(job, manifest->name);

    if (job.n == 0) {
        return;
    }
    struct str what =
        is_itself ? STR("itself") : str_format(lint->arena, "job '%.*s'", STR_ARG(job));
    struct diag *d = rule_report(lint->diags, RULE_RUNS_JOB, span, "job '%.*s' runs %.*s",
                                 STR_ARG(manifest->name), STR_ARG(what));
    if (is_itself) {
        diag_help(d, "write what the job does in place of that");
    } else {
        diag_help(d,
                  "let what it makes be an input, with 'from: %.*s': a job is run by people and "
                  "by CI, never by another one",
                  STR_ARG(job));
    }
}

static void check_arguments(struct lint *lint, struct arena *scratch, const struct pixi *pixi,
                            const struct manifest *manifest,
                            const struct arguments_written *arguments)
{
    struct str *words = arena_array(scratch, arguments->count, sizeof *words);

    for (size_t i = 0; i < arguments->count; i++) {
        if (arguments->items[i] != NULL) {
            template_is_text(arguments->items[i], &words[i]);
        }
    }
    struct call call = call_read(lint, words, arguments->count);
    if (call.kind != CALL_NONE) {
        report_run(lint, manifest, tasks_job(lint, pixi, call),
                   arguments->items[call.at]->node->span);
    }
}

static void check_step(struct lint *lint, struct arena *scratch, const struct pixi *pixi,
                       const struct manifest *manifest, const struct step *step)
{
    struct arguments_written arguments =
        arguments_written(scratch, step->command, step->command_count);
    size_t count;
    const struct code *codes = code_of_step(scratch, step, &count);

    check_arguments(lint, scratch, pixi, manifest, &arguments);
    for (size_t i = 0; i < count; i++) {
        struct shell_text text = {0};
        if (codes[i].kind == CODE_SHELL && call_may_be_in(codes[i].node->text)) {
            text = shell_text_read(scratch, codes[i].node->text);
        }
        for (size_t j = 0; j < text.count; j++) {
            struct call call = call_of_command(lint, &text.commands[j]);
            if (call.kind != CALL_NONE) {
                const struct shell_word *word = &text.commands[j].words[call.at];
                report_run(lint, manifest, tasks_job(lint, pixi, call),
                           node_span_within(codes[i].node, word->at, word->text.n));
            }
        }
    }
}

void runs_check(struct lint *lint, const struct pixi *pixi)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    for (size_t i = 0; i < lint->manifest_count; i++) {
        struct arena_mark mark = arena_mark(&scratch);
        for (size_t j = 0; lint->is_own[i] && j < lint->manifests[i]->step_count; j++) {
            check_step(lint, &scratch, pixi, lint->manifests[i], &lint->manifests[i]->steps[j]);
        }
        arena_rewind(&scratch, mark);
    }
}
