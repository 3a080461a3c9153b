/* Names that exclude one another. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

/* A variable that jobrun sets for the command. */
struct set {
    struct str variable;
    const char *noun;
    struct str name;
    struct span span; /* zero for those of the job itself */
};

struct sets {
    struct set *items;
    size_t count, capacity;
};

static void check_param_names(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->param_count; i++) {
        const struct param *param = m->params[i];
        const struct param *positive = NULL;

        if (name_is_reserved(param->name)) {
            struct diag *d = check_report(check, RULE_RESERVED, param->span,
                                          "a param cannot be named '%.*s'", STR_ARG(param->name));
            diag_help(d, "--%.*s is an option of jobrun", STR_ARG(param->name));
        }
        if (str_starts(param->name, STR("no-"))) {
            positive = manifest_param(m, str_after(param->name, 3));
        }
        if (positive != NULL && positive->domain.type == TYPE_BOOL) {
            struct diag *d = check_report(check, RULE_CONFLICT, param->span,
                                          "--%.*s would also switch off param '%.*s'",
                                          STR_ARG(param->name), STR_ARG(positive->name));
            diag_label(d, positive->span, "a bool");
        }
    }
}

static void add(struct check *check, struct sets *sets, const char *prefix, const char *noun,
                struct str name, struct span span)
{
    *ARENA_PUSH(check->arena, sets->items, sets->count, sets->capacity) =
        (struct set){.variable = name_to_env(check->arena, prefix, name),
                     .noun = noun,
                     .name = name,
                     .span = span};
}

static void add_urls(struct check *check, struct sets *sets, const struct input *input)
{
    add(check, sets, "INPUT_", "input", input->name, input->span);
    struct set *set = &sets->items[sets->count - 1];
    set->variable = str_format(check->arena, "%.*s_URLS", STR_ARG(set->variable));
}

static int set_compare(const void *a, const void *b)
{
    const struct set *x = a, *y = b;
    int order = str_compare(x->variable, y->variable);

    if (order == 0 && x->span.source != NULL && y->span.source != NULL) {
        order = str_compare(x->span.source->name, y->span.source->name);
    }
    if (order == 0) {
        order = (x->span.start > y->span.start) - (x->span.start < y->span.start);
    }
    return order;
}

/* All variables that are set, sorted by variable and place. */
static struct sets sets_of(struct check *check)
{
    static const char *const OF_JOB[] = {"name", "commit", "env", "root", "url"};
    const struct manifest *m = check->manifest;
    struct sets sets = {0};

    for (size_t i = 0; i < m->param_count; i++) {
        add(check, &sets, "PARAM_", "param", m->params[i]->name, m->params[i]->span);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        add(check, &sets, "VAR_", "var", m->vars[i].name, m->vars[i].span);
    }
    for (size_t i = 0; i < m->input_count; i++) {
        add(check, &sets, "INPUT_", "input", m->inputs[i].name, m->inputs[i].span);
        if (m->inputs[i].to == NULL) {
            add_urls(check, &sets, &m->inputs[i]);
        }
    }
    for (size_t i = 0; i < m->output_count; i++) {
        add(check, &sets, "OUTPUT_", "output", m->outputs[i].name, m->outputs[i].span);
    }
    for (size_t i = 0; i < ARRAY_COUNT(OF_JOB); i++) {
        add(check, &sets, "JOB_", "job", str_from(OF_JOB[i]), (struct span){0});
    }
    qsort(sets.items, sets.count, sizeof *sets.items, set_compare);
    return sets;
}

/* The same name twice is a key twice, and reported as that. */
static void check_clashes(struct check *check, const struct sets *sets)
{
    for (size_t i = 1; i < sets->count; i++) {
        const struct set *a = &sets->items[i - 1], *b = &sets->items[i];

        if (!str_equal(a->variable, b->variable) || str_equal(a->name, b->name)) {
            continue;
        }
        struct diag *d = check_report(
            check, RULE_ENV_CLASH, b->span, "%s '%.*s' and %s '%.*s' both give the variable %.*s",
            a->noun, STR_ARG(a->name), b->noun, STR_ARG(b->name), STR_ARG(b->variable));
        diag_label(d, a->span, "the other one");
    }
}

static const struct set *set_find(const struct sets *sets, struct str variable)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (str_equal(sets->items[i].variable, variable)) {
            return &sets->items[i];
        }
    }
    return NULL;
}

/* A variable that the manifest names and jobrun sets itself. */
static void check_own(struct check *check, const struct sets *sets, struct str variable,
                      struct span span, const char *what)
{
    const struct set *set = set_find(sets, variable);

    if (set == NULL) {
        return;
    }
    struct diag *d = check_report(check, RULE_ENV_CLASH, span, "%s %.*s, which jobrun sets itself",
                                  what, STR_ARG(variable));
    if (set->span.source != NULL) {
        diag_label(d, set->span, "for %s '%.*s'", set->noun, STR_ARG(set->name));
    }
}

static void check_env_keys(struct check *check, const struct sets *sets,
                           const struct env_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_own(check, sets, entries[i].name, entries[i].span, "'env' cannot set");
    }
}

static const struct env_entry *env_find(const struct env_entry *entries, size_t count,
                                        struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(entries[i].name, name)) {
            return &entries[i];
        }
    }
    return NULL;
}

/* The value of a secret is the caller's, and nobody else's. */
static void check_secrets(struct check *check, const struct sets *sets, const struct step *step)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < step->secret_count; i++) {
        const struct secret *secret = &step->secrets[i];
        const struct env_entry *entry = env_find(step->env, step->env_count, secret->name);

        check_own(check, sets, secret->name, secret->span, "a secret cannot be");
        if (entry == NULL) {
            entry = env_find(m->env, m->env_count, secret->name);
        }
        if (entry != NULL) {
            struct diag *d =
                check_report(check, RULE_ENV_CLASH, secret->span,
                             "secret '%.*s' is also set by 'env'", STR_ARG(secret->name));
            diag_label(d, entry->span, "set here");
        }
    }
}

/* The first step's that has the name, or NULL. */
static const struct secret *secret_find(const struct manifest *m, struct str name)
{
    for (size_t i = 0; i < m->step_count; i++) {
        for (size_t j = 0; j < m->steps[i].secret_count; j++) {
            if (str_equal(m->steps[i].secrets[j].name, name)) {
                return &m->steps[i].secrets[j];
            }
        }
    }
    return NULL;
}

static void check_secret_count(struct check *check)
{
    const struct manifest *m = check->manifest;
    size_t count = 0;

    for (size_t i = 0; i < m->step_count; i++) {
        count += m->steps[i].secret_count;
        if (count > MANIFEST_NAMES_MAX) {
            check_report(check, RULE_LIMIT, m->steps[i].secrets[0].span,
                         "the steps have more than %d secrets together", MANIFEST_NAMES_MAX);
            return;
        }
    }
}

/* Whether jobrun sets the variable for the command, whatever the manifest holds. */
static bool is_own_variable(struct str variable)
{
    static const char *const PREFIXES[] = {"PARAM_", "VAR_", "INPUT_", "OUTPUT_", "JOBRUN_"};
    static const char *const NAMES[] = {"JOB_NAME", "JOB_COMMIT", "JOB_ENV", "JOB_ROOT", "JOB_URL"};

    for (size_t i = 0; i < ARRAY_COUNT(PREFIXES); i++) {
        if (str_starts(variable, str_from(PREFIXES[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        if (str_is(variable, NAMES[i])) {
            return true;
        }
    }
    return false;
}

/* A param stands in arguments, addresses and receipts. */
static void check_param_is_no_secret(struct check *check, const struct param *param)
{
    const struct secret *secret = secret_find(check->manifest, param->env);

    if (secret == NULL) {
        return;
    }
    struct diag *d = check_report(check, RULE_ENV_CLASH, param->env_span,
                                  "param '%.*s' cannot take its value from %.*s, which is a secret",
                                  STR_ARG(param->name), STR_ARG(param->env));
    diag_label(d, secret->span, "listed here");
    diag_help(d, "let the step read %.*s itself: a param is shown, and is part of the receipt",
              STR_ARG(param->env));
}

static void check_param_variable(struct check *check, const struct sets *sets, size_t index)
{
    const struct manifest *m = check->manifest;
    const struct param *param = m->params[index];
    const struct set *set = set_find(sets, param->env);

    if (is_own_variable(param->env)) {
        struct diag *d = check_report(check, RULE_ENV_CLASH, param->env_span,
                                      "param '%.*s' cannot take its value from %.*s, which is "
                                      "jobrun's own",
                                      STR_ARG(param->name), STR_ARG(param->env));
        if (set != NULL && set->span.source != NULL) {
            diag_label(d, set->span, "it is set for %s '%.*s'", set->noun, STR_ARG(set->name));
        }
        diag_help(d, "choose another name");
        return;
    }
    for (size_t i = 0; i < index; i++) {
        const struct param *other = m->params[i];

        if (str_equal(other->env, param->env)) {
            struct diag *d =
                check_report(check, RULE_ENV_CLASH, param->env_span,
                             "params '%.*s' and '%.*s' both take their value from %.*s",
                             STR_ARG(other->name), STR_ARG(param->name), STR_ARG(param->env));
            diag_label(d, other->env_span, "the other one");
            return;
        }
    }
}

/* `env` of params. */
static void check_param_variables(struct check *check, const struct sets *sets)
{
    for (size_t i = 0; i < check->manifest->param_count; i++) {
        if (check->manifest->params[i]->env.n > 0) {
            check_param_is_no_secret(check, check->manifest->params[i]);
            check_param_variable(check, sets, i);
        }
    }
}

void check_names(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct sets sets = sets_of(check);

    check_param_names(check);
    check_clashes(check, &sets);
    check_env_keys(check, &sets, m->env, m->env_count);
    for (size_t i = 0; i < m->step_count; i++) {
        check_env_keys(check, &sets, m->steps[i].env, m->steps[i].env_count);
        check_secrets(check, &sets, &m->steps[i]);
    }
    check_secret_count(check);
    check_param_variables(check, &sets);
}
