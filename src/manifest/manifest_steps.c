/* `steps`, and the one step that a job with `command` or `script` is. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

enum step_key {
    NAME,
    COMMAND,
    SCRIPT,
    SHELL,
    WHEN,
    ENV,
    SECRETS,
    WORKDIR,
    STDOUT,
    EFFECT,
    ALWAYS,
    CONTINUE_ON_ERROR,
    KEY_COUNT
};

static const char *const STEP_KEYS[KEY_COUNT] = {
    [NAME] = "name",       [COMMAND] = "command", [SCRIPT] = "script",
    [SHELL] = "shell",     [WHEN] = "when",       [ENV] = "env",
    [SECRETS] = "secrets", [WORKDIR] = "workdir", [STDOUT] = "stdout",
    [EFFECT] = "effect",   [ALWAYS] = "always",   [CONTINUE_ON_ERROR] = "continue-on-error",
};

/* --- what a step and a job without steps have in common --- */

static void decode_shell(struct decoder *d, const struct node *shell, struct step *step)
{
    if (decode_template_list(d->arena, shell, "'shell'", d->diags, &step->shell,
                             &step->shell_count) &&
        shell->count == 0) {
        rule_report(d->diags, RULE_VALUE, shell->span, "'shell' must not be empty");
    }
}

static void report_shell(struct decoder *d, const struct node *mapping)
{
    struct diag *diag =
        rule_report(d->diags, RULE_CONFLICT, decode_key_node(mapping, "shell")->span,
                    "'shell' goes with 'script' alone");
    if (decode_key_node(mapping, "command") != NULL) {
        diag_label(diag, decode_key_node(mapping, "command")->span,
                   "a command is run without a shell");
    }
}

static void decode_script(struct decoder *d, const struct node *script, struct step *step)
{
    if (!decode_is_text(script, "'script'", d->diags)) {
        return;
    }
    step->script = node_copy(d->arena, script);
    if (str_trim(script->text).n == 0) {
        rule_report(d->diags, RULE_VALUE, script->span, "'script' must not be empty");
    }
}

static void decode_execution(struct decoder *d, const struct node *mapping,
                             const struct step_nodes *nodes, struct step *step)
{
    if (nodes->command != NULL && nodes->script != NULL) {
        struct diag *diag =
            rule_report(d->diags, RULE_CONFLICT, decode_key_node(mapping, "script")->span,
                        "'script' excludes 'command'");
        diag_label(diag, decode_key_node(mapping, "command")->span, "the command is given here");
    }
    if (nodes->command != NULL) {
        step->command = decode_argv(d, nodes->command, &step->command_count);
    } else if (nodes->script != NULL) {
        decode_script(d, nodes->script, step);
    }
    if (nodes->shell != NULL && nodes->script != NULL) {
        decode_shell(d, nodes->shell, step);
    } else if (nodes->shell != NULL) {
        report_shell(d, mapping);
    }
    if (nodes->secrets != NULL) {
        decode_secrets(d, nodes->secrets, &step->secrets, &step->secret_count);
    }
    if (nodes->stdout_path != NULL) {
        decode_template(d->arena, nodes->stdout_path, "'stdout'", d->diags, &step->stdout_path);
    }
    if (nodes->effect != NULL) {
        step->effect_span = decode_key_node(mapping, "effect")->span;
        decode_bool(nodes->effect, "'effect'", d->diags, &step->effect);
    }
}

/* --- steps --- */

/* The names of steps are those of jobs: they stand in addresses. */
static void decode_step_name(struct decoder *d, const struct node *node, struct step *step)
{
    const struct manifest *m = d->manifest;

    step->span = node->span;
    if (!decode_text(node, "'name'", d->diags, &step->name) ||
        !decode_job_name(node, "a step", d->diags)) {
        return;
    }
    for (const struct step *other = m->steps; other < step; other++) {
        if (str_equal(other->name, step->name)) {
            struct diag *diag = rule_report(d->diags, RULE_CONFLICT, node->span,
                                            "two steps are named '%.*s'", STR_ARG(step->name));
            diag_label(diag, other->span, "the other one");
            return;
        }
    }
}

static void report_no_execution(struct decoder *d, const struct node *node, const struct step *step,
                                const char *what)
{
    if (decode_is_misspelt(d, node, STEP_KEYS, KEY_COUNT, COMMAND) ||
        decode_is_misspelt(d, node, STEP_KEYS, KEY_COUNT, SCRIPT)) {
        return;
    }
    struct diag *diag = rule_report(d->diags, RULE_MISSING_KEY, step->span,
                                    "%s has neither a 'command' nor a 'script'", what);
    diag_help(diag, "write command: [program, argument]");
}

static void decode_step(struct decoder *d, const struct node *node, struct step *step)
{
    const struct node *values[KEY_COUNT];
    const char *what = "a step";

    step->name = STR("");
    step->span = node->span;
    if (!decode_mapping(d->arena, node, STEP_KEYS, KEY_COUNT, values, what, d->diags)) {
        return;
    }
    if (values[NAME] != NULL) {
        decode_step_name(d, values[NAME], step);
        what = decode_what(d, "step", step->name);
    } else {
        struct diag *diag = decode_missing(d, node, STEP_KEYS, KEY_COUNT, NAME, node->span, what);
        if (diag != NULL) {
            diag_help(diag, "messages and logs name it: write name: compile");
        }
    }
    if (values[COMMAND] == NULL && values[SCRIPT] == NULL) {
        report_no_execution(d, node, step, what);
    }
    decode_execution(d, node,
                     &(struct step_nodes){.command = values[COMMAND],
                                          .script = values[SCRIPT],
                                          .shell = values[SHELL],
                                          .secrets = values[SECRETS],
                                          .stdout_path = values[STDOUT],
                                          .effect = values[EFFECT]},
                     step);
    if (values[WHEN] != NULL) {
        step->when = decode_when(d, values[WHEN]);
    }
    if (values[ENV] != NULL) {
        decode_env_entries(d, values[ENV], &step->env, &step->env_count);
    }
    if (values[WORKDIR] != NULL) {
        decode_template(d->arena, values[WORKDIR], "'workdir'", d->diags, &step->workdir);
    }
    if (values[ALWAYS] != NULL) {
        decode_bool(values[ALWAYS], "'always'", d->diags, &step->always);
    }
    if (values[CONTINUE_ON_ERROR] != NULL) {
        decode_bool(values[CONTINUE_ON_ERROR], "'continue-on-error'", d->diags,
                    &step->continue_on_error);
    }
}

/* What belongs to one step says which. */
static void refuse_beside_steps(struct decoder *d, const struct node *root,
                                const struct step_nodes *nodes)
{
    const struct {
        const struct node *node;
        const char *name;
        const char *help;
    } REFUSED[] = {
        {nodes->command, "command", "make it one of the steps"},
        {nodes->script, "script", "make it one of the steps"},
        {nodes->secrets, "secrets", "list a secret in the step that needs it, and in no other"},
        {nodes->stdout_path, "stdout", "write it in the step whose output is meant"},
        {nodes->effect, "effect", "write it in the step that cannot be undone"},
    };

    for (size_t i = 0; i < ARRAY_COUNT(REFUSED); i++) {
        if (REFUSED[i].node != NULL) {
            struct diag *diag =
                rule_report(d->diags, RULE_CONFLICT, decode_key_node(root, REFUSED[i].name)->span,
                            "'%s' excludes 'steps'", REFUSED[i].name);
            diag_label(diag, decode_key_node(root, "steps")->span, "the steps are given here");
            diag_help(diag, "%s", REFUSED[i].help);
        }
    }
}

/* The job's `shell` is that of every script which has none of its own. */
static void share_shell(struct decoder *d, const struct node *shell)
{
    struct manifest *m = d->manifest;
    struct step common = {0};
    bool has_script = false;

    decode_shell(d, shell, &common);
    for (size_t i = 0; i < m->step_count; i++) {
        struct step *step = &m->steps[i];
        has_script = has_script || step->script != NULL;
        if (step->script != NULL && step->shell == NULL) {
            step->shell = common.shell;
            step->shell_count = common.shell_count;
        }
    }
    if (!has_script && m->step_count > 0) {
        rule_report(d->diags, RULE_CONFLICT, shell->span,
                    "'shell' is for scripts, and no step is one");
    }
}

static void decode_list(struct decoder *d, const struct node *steps)
{
    struct manifest *m = d->manifest;

    if (steps->kind != NODE_SEQUENCE) {
        struct diag *diag = rule_report(d->diags, RULE_TYPE, steps->span,
                                        "'steps' must be a list, not %s", node_kind_name(steps));
        diag_help(diag, "write each as an item: - {name: build, command: [make]}");
        return;
    }
    if (steps->count == 0) {
        rule_report(d->diags, RULE_VALUE, steps->span, "'steps' must not be empty");
    }
    if (steps->count > MANIFEST_NAMES_MAX) {
        rule_report(d->diags, RULE_LIMIT, steps->items[MANIFEST_NAMES_MAX]->span,
                    "'steps' has more than %d entries", MANIFEST_NAMES_MAX);
        return;
    }
    m->steps = arena_array(d->arena, steps->count, sizeof *m->steps);
    for (size_t i = 0; i < steps->count; i++) {
        decode_step(d, steps->items[i], &m->steps[m->step_count++]);
    }
}

void decode_steps(struct decoder *d, const struct node *root, const struct node *steps,
                  const struct step_nodes *nodes)
{
    struct manifest *m = d->manifest;

    if (steps != NULL) {
        refuse_beside_steps(d, root, nodes);
        decode_list(d, steps);
        if (nodes->shell != NULL) {
            share_shell(d, nodes->shell);
        }
        return;
    }
    m->steps = arena_array(d->arena, 1, sizeof *m->steps);
    m->step_count = 1;
    m->steps->name = STR("");
    if (nodes->command != NULL || nodes->script != NULL) {
        const char *key = nodes->command != NULL ? "command" : "script";
        m->steps->span = decode_key_node(root, key)->span;
    }
    decode_execution(d, root, nodes, m->steps);
}
