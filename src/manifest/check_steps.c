/* What is executed: argument lists, scripts, variables, and where they run. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/code.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#define ALLOW_IN_COMMAND (ALLOW_INPUT | ALLOW_OUTPUT | ALLOW_ADDRESS | ALLOW_NULL)

/* "'workdir'", "'workdir' of step 'test'" */
static const char *of_step(struct check *check, const char *what, const struct step *step)
{
    return step->name.n == 0
               ? what
               : str_format(check->arena, "%s of step '%.*s'", what, STR_ARG(step->name)).s;
}

/* --- the argument list --- */

static void check_each(struct check *check, const struct item *item)
{
    const struct param *param = check_param(check, item->each, item->each_span);
    const struct domain *domain = param != NULL ? check_domain(check, param) : NULL;

    if (domain != NULL && domain->type != TYPE_LIST) {
        struct diag *d = check_report(check, RULE_PLACEHOLDER, item->each_span,
                                      "'each' needs a list, and param '%.*s' is of type %s",
                                      STR_ARG(param->name), param_type_name(domain->type));
        diag_label(d, param->span, "declared here");
    }
}

static void check_item(struct check *check, const struct item *item, const struct step *step)
{
    struct use use = {.where = "an item of 'command'",
                      .allow = ALLOW_IN_COMMAND,
                      .guard = when_both(check->arena, step->when, item->when)};

    switch (item->kind) {
    case ITEM_TEXT:
        check_template(check, item->text, &use);
        break;
    case ITEM_ARGS:
        check_when(check, item->when);
        if (item->each.s != NULL) {
            use.allow |= ALLOW_EACH;
            if (item->each.n > 0) {
                check_each(check, item);
            }
        }
        for (size_t i = 0; i < item->arg_count; i++) {
            check_template(check, item->args[i], &use);
        }
        break;
    case ITEM_FILES:
        check_files(check, item->input, item->input_span);
        break;
    case ITEM_URLS:
        check_input(check, item->input, item->input_span);
        break;
    }
}

/* What is read as code: the script, or arguments. */
static void check_texts(struct check *check, const struct step *step)
{
    size_t count;
    struct code *codes = code_of_step(check->arena, step, &count);

    for (size_t i = 0; i < count; i++) {
        if (codes[i].text == NULL) {
            check_script(check, codes[i].node);
        } else {
            check_code(check, &codes[i]);
        }
    }
    check_shell(check, step, codes, count);
    check_leading_dashes(check, step, codes, count);
}

static void check_execution(struct check *check, const struct step *step)
{
    struct use shell = {
        .where = "an item of 'shell'", .allow = ALLOW_IN_COMMAND, .guard = step->when};

    for (size_t i = 0; i < step->command_count; i++) {
        check_item(check, &step->command[i], step);
    }
    for (size_t i = 0; i < step->shell_count; i++) {
        check_template(check, step->shell[i], &shell);
    }
    check_texts(check, step);
}

/* --- where it runs, and with what --- */

static void check_env(struct check *check, const struct env_entry *entries, size_t count,
                      const struct when *guard)
{
    for (size_t i = 0; i < count; i++) {
        const struct env_entry *entry = &entries[i];
        struct use use = {.where = check_what(check, "the variable", entry->name),
                          .allow = ALLOW_IN_COMMAND,
                          .guard = when_both(check->arena, guard, entry->when)};

        check_when(check, entry->when);
        check_template(check, entry->text, &use);
    }
}

void check_environment(struct check *check)
{
    check_env(check, check->manifest->env, check->manifest->env_count, NULL);
}

static void check_workdir(struct check *check, const struct template *workdir, const char *where,
                          const struct when *guard)
{
    struct use use = {.where = where, .allow = ALLOW_OUTPUT, .guard = guard};

    check_template(check, workdir, &use);
    check_path(check, workdir, PATH_PLAIN, &use);
}

static void check_stdout(struct check *check, const struct step *step)
{
    struct use use = {
        .where = of_step(check, "'stdout'", step), .allow = ALLOW_OUTPUT, .guard = step->when};
    const struct template *path = step->stdout_path;

    check_template(check, path, &use);
    if (path != NULL && str_ends(path->node->text, STR("/"))) {
        struct diag *d =
            check_report(check, RULE_PATH, path->node->span, "%s names a folder", use.where);
        diag_help(d, "name the file that the standard output goes to");
        return;
    }
    check_path(check, path, PATH_PLAIN, &use);
}

static void check_same_stdout(struct check *check, const struct step *a, const struct step *b)
{
    const struct node *first = a->stdout_path != NULL ? a->stdout_path->node : NULL;
    const struct node *second = b->stdout_path != NULL ? b->stdout_path->node : NULL;

    if (first == NULL || second == NULL || !str_equal(first->text, second->text) ||
        when_excludes(a->when, b->when)) {
        return;
    }
    struct diag *d = check_report(check, RULE_CONFLICT, second->span,
                                  "steps '%.*s' and '%.*s' both write their standard output to "
                                  "'%.*s'",
                                  STR_ARG(a->name), STR_ARG(b->name), STR_ARG(second->text));
    diag_label(d, first->span, "of step '%.*s'", STR_ARG(a->name));
    diag_help(d, "give them different files, or conditions that exclude one another");
}

void check_steps(struct check *check)
{
    const struct manifest *m = check->manifest;

    check_workdir(check, m->workdir, "'workdir'", NULL);
    for (size_t i = 0; i < m->step_count; i++) {
        const struct step *step = &m->steps[i];

        check_when(check, step->when);
        check_execution(check, step);
        check_env(check, step->env, step->env_count, step->when);
        check_workdir(check, step->workdir, of_step(check, "'workdir'", step), step->when);
        check_stdout(check, step);
        for (size_t j = 0; j < i; j++) {
            check_same_stdout(check, &m->steps[j], step);
        }
    }
}
