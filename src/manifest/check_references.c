/* Names that placeholders and conditions refer to. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

#define NAMES_SHOWN_MAX 12
/* Missing names for which the names that are there are looked through. */
#define MISSING_EXPLAINED_MAX 25

struct names {
    struct str *items;
    size_t count;
};

static const char *kind_noun(enum part_kind kind)
{
    switch (kind) {
    case PART_PARAM:
        return "param";
    case PART_VAR:
        return "var";
    case PART_INPUT:
        return "input";
    case PART_OUTPUT:
        return "output";
    case PART_TEXT:
    case PART_JOB:
    case PART_WITH:
    case PART_EACH:
        break;
    }
    return "param or var";
}

/* PART_TEXT: those of params and vars together. */
static unsigned kind_group(enum part_kind kind)
{
    switch (kind) {
    case PART_PARAM:
        return NAMES_PARAMS;
    case PART_VAR:
        return NAMES_VARS;
    case PART_INPUT:
        return NAMES_INPUTS;
    case PART_OUTPUT:
        return NAMES_OUTPUTS;
    case PART_TEXT:
    case PART_JOB:
    case PART_WITH:
    case PART_EACH:
        break;
    }
    return NAMES_PARAMS | NAMES_VARS;
}

static struct names names_of(struct check *check, unsigned groups)
{
    const struct manifest *m = check->manifest;
    size_t most = m->param_count + m->var_count + m->input_count + m->output_count;
    struct names names = {.items = arena_array(check->arena, most, sizeof(struct str))};

    for (size_t i = 0; i < m->param_count && (groups & NAMES_PARAMS); i++) {
        names.items[names.count++] = m->params[i]->name;
    }
    for (size_t i = 0; i < m->var_count && (groups & NAMES_VARS); i++) {
        names.items[names.count++] = m->vars[i].name;
    }
    for (size_t i = 0; i < m->input_count && (groups & NAMES_INPUTS); i++) {
        names.items[names.count++] = m->inputs[i].name;
    }
    for (size_t i = 0; i < m->output_count && (groups & NAMES_OUTPUTS); i++) {
        names.items[names.count++] = m->outputs[i].name;
    }
    return names;
}

/* "'x' is a var: write ${vars.x}" */
static bool help_other_kind(struct check *check, struct diag *d, enum part_kind kind,
                            struct str name)
{
    const struct manifest *m = check->manifest;

    if (kind == PART_TEXT) {
        return false;
    }
    if (manifest_param(m, name) != NULL) {
        check_param(check, name, (struct span){0});
        diag_help(d, "'%.*s' is a param: ${params.%.*s}", STR_ARG(name), STR_ARG(name));
    } else if (manifest_var(m, name) != NULL) {
        check_var(check, name, (struct span){0});
        diag_help(d, "'%.*s' is a var: ${vars.%.*s}", STR_ARG(name), STR_ARG(name));
    } else if (manifest_input(m, name) != NULL) {
        diag_help(d, "'%.*s' is an input: ${inputs.%.*s.path}", STR_ARG(name), STR_ARG(name));
    } else if (manifest_output(m, name) != NULL) {
        diag_help(d, "'%.*s' is an output: ${outputs.%.*s.path}", STR_ARG(name), STR_ARG(name));
    } else {
        return false;
    }
    return true;
}

static void help_names(struct check *check, struct diag *d, const char *noun, struct names names)
{
    struct buf list = buf_make(check->arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < names.count && i < NAMES_SHOWN_MAX; i++) {
        buf_addf(&list, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names.items[i]));
    }
    if (names.count == 0) {
        diag_help(d, "the manifest declares no %s", noun);
    } else {
        diag_help(d, "declared: %.*s%s", STR_ARG(buf_str(&list)),
                  names.count > NAMES_SHOWN_MAX ? ", ..." : "");
    }
}

/* What was meant is not unused as well. */
static bool help_nearest(struct check *check, struct diag *d, struct str name, struct names names)
{
    const struct manifest *m = check->manifest;
    ptrdiff_t nearest = str_nearest(name, names.items, names.count);

    if (nearest < 0) {
        return false;
    }
    diag_help(d, "did you mean '%.*s'?", STR_ARG(names.items[nearest]));
    for (size_t i = 0; i < m->param_count; i++) {
        check->params_used[i] |= str_equal(m->params[i]->name, names.items[nearest]);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        check->vars_used[i] |= str_equal(m->vars[i].name, names.items[nearest]);
    }
    for (size_t i = 0; i < m->input_count; i++) {
        check->inputs_used[i] |= str_equal(m->inputs[i].name, names.items[nearest]);
    }
    return true;
}

static void report_missing(struct check *check, enum part_kind kind, struct str name,
                           struct span span)
{
    unsigned groups = kind_group(kind);
    struct missing entry = {.kind = kind, .name = name};

    for (size_t i = 0; i < check->missing_count; i++) {
        struct missing *known = &check->missing[i];
        if (known->kind == kind && str_equal(known->name, name)) {
            if (known->diag != NULL) {
                diag_label(known->diag, span, "used here too");
            }
            return;
        }
    }
    if ((check->manifest->unread & groups) == 0) {
        entry.diag = check_report(check, RULE_REFERENCE, span, "there is no %s '%.*s'",
                                  kind_noun(kind), STR_ARG(name));
    }
    if (entry.diag != NULL && check->missing_count < MISSING_EXPLAINED_MAX) {
        struct names names = names_of(check, groups);
        if (!help_other_kind(check, entry.diag, kind, name) &&
            !help_nearest(check, entry.diag, name, names)) {
            help_names(check, entry.diag, kind_noun(kind), names);
        }
    }
    *ARENA_PUSH(check->arena, check->missing, check->missing_count, check->missing_capacity) =
        entry;
}

const struct param *check_param(struct check *check, struct str name, struct span span)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->param_count; i++) {
        if (str_equal(m->params[i]->name, name)) {
            check->params_used[i] = true;
            return m->params[i];
        }
    }
    report_missing(check, PART_PARAM, name, span);
    return NULL;
}

const struct domain *check_domain(struct check *check, const struct param *param)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->param_count; i++) {
        if (m->params[i] == param && m->params_broken[i]) {
            return NULL;
        }
    }
    return &param->domain;
}

/* What only gives its values to another param is used. */
void check_values_of(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->param_count; i++) {
        const struct domain *of = m->params[i]->domain.of;

        if (of != NULL && of->values_of.s != NULL) {
            check_param(check, of->values_of, of->values_of_span);
        }
    }
}

const struct var *check_var(struct check *check, struct str name, struct span span)
{
    const struct var *var = manifest_var(check->manifest, name);

    if (var == NULL) {
        report_missing(check, PART_VAR, name, span);
    } else {
        check->vars_used[var - check->manifest->vars] = true;
    }
    return var;
}

const struct input *check_input(struct check *check, struct str name, struct span span)
{
    const struct input *input = manifest_input(check->manifest, name);

    if (input == NULL) {
        report_missing(check, PART_INPUT, name, span);
    } else {
        check->inputs_used[input - check->manifest->inputs] = true;
    }
    return input;
}

void check_missing_subject(struct check *check, struct str name, struct span span)
{
    report_missing(check, PART_TEXT, name, span);
}

void check_output(struct check *check, struct str name, struct span span)
{
    if (manifest_output(check->manifest, name) == NULL) {
        report_missing(check, PART_OUTPUT, name, span);
    }
}
