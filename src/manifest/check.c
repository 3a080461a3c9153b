#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/footprint.h"
#include "manifest/manifest.h"

const char *check_what(struct check *check, const char *noun, struct str name)
{
    return str_format(check->arena, "%s '%.*s'", noun, STR_ARG(name)).s;
}

static void check_clean(struct check *check)
{
    struct use use = {.where = "an item of 'clean'", .allow = ALLOW_OUTPUT};

    for (size_t i = 0; i < check->manifest->clean_count; i++) {
        check_template(check, check->manifest->clean[i], &use);
        check_path(check, check->manifest->clean[i], PATH_CLEAN, &use);
    }
}

/* Inputs that land are used by that. The columns of a fragment are for several jobs. */
static void check_unused(struct check *check)
{
    const struct manifest *m = check->manifest;

    if (m->is_broken) {
        return;
    }
    for (size_t i = 0; i < m->param_count; i++) {
        if (!check->params_used[i]) {
            struct diag *d = check_report(check, RULE_UNUSED, m->params[i]->span,
                                          "param '%.*s' is not used", STR_ARG(m->params[i]->name));
            if (m->params[i]->span.source != m->source) {
                diag_label(d, m->name_span, "by this job");
            }
            diag_help(d, "only a program that reads its variable can know of it");
        }
    }
    for (size_t i = 0; i < m->input_count; i++) {
        check_unused_input(check, &m->inputs[i]);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        bool is_shared = m->vars[i].span.source != m->source;

        if (!check->vars_used[i] && !(is_shared && m->vars[i].by.s != NULL)) {
            struct diag *d =
                check_report(check, RULE_UNUSED, m->vars[i].span, "%s '%.*s' is not used",
                             m->vars[i].by.s != NULL ? "column" : "var", STR_ARG(m->vars[i].name));
            if (is_shared) {
                diag_label(d, m->name_span, "by this job");
            }
        }
    }
}

void manifest_check(const struct manifest *manifest, struct arena *arena, struct diags *diags)
{
    struct check check = {.manifest = manifest, .arena = arena, .diags = diags};

    check.paths =
        (struct possible_query){.manifest = manifest, .arena = arena, .max = FOOTPRINT_MAX};
    check.facts = arena_array(arena, manifest->var_count, sizeof *check.facts);
    check.vars_used = arena_array(arena, manifest->var_count, sizeof *check.vars_used);
    check.inputs_used = arena_array(arena, manifest->input_count, sizeof *check.inputs_used);
    check.dashes = arena_array(arena, manifest->param_count, sizeof(struct diag *));
    check.params_used = arena_array(arena, manifest->param_count, sizeof *check.params_used);
    check_names(&check);
    check_values_of(&check);
    check_select(&check);
    check_vars(&check);
    check_constraints(&check);
    check_inputs(&check);
    check_outputs(&check);
    check_variants(&check);
    check_environment(&check);
    check_steps(&check);
    check_effects(&check);
    check_clean(&check);
    check_requires(&check);
    check_ci(&check);
    check_unused(&check);
}
