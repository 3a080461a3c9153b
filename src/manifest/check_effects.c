/*
 * Effects and `once`. The record of an effect says what was done by all that it is
 * made of, but for params that are no variants: these must not change it.
 */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/code.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/variance.h"

/* A variable of a script, and what gives it. */
struct giver {
    struct str variable;
    struct part part;
};

struct effects_check {
    struct check *check;
    struct giver *givers; /* sorted */
    size_t giver_count;
    const struct step *step; /* the one that is looked at */
    struct variance made_of;
};

static int compare_givers(const void *a, const void *b)
{
    return str_compare(((const struct giver *)a)->variable, ((const struct giver *)b)->variable);
}

static void add_giver(struct effects_check *effects, const char *prefix, enum part_kind kind,
                      struct str name)
{
    effects->givers[effects->giver_count++] = (struct giver){
        .variable = name_to_env(effects->check->arena, prefix, name),
        .part = {.kind = kind, .name = name},
    };
}

static void find_givers(struct effects_check *effects)
{
    const struct manifest *m = effects->check->manifest;
    size_t most = m->param_count + m->var_count + m->input_count + m->output_count;

    effects->givers = arena_array(effects->check->arena, most, sizeof *effects->givers);
    for (size_t i = 0; i < m->param_count; i++) {
        add_giver(effects, "PARAM_", PART_PARAM, m->params[i]->name);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        add_giver(effects, "VAR_", PART_VAR, m->vars[i].name);
    }
    for (size_t i = 0; i < m->input_count; i++) {
        add_giver(effects, "INPUT_", PART_INPUT, m->inputs[i].name);
    }
    for (size_t i = 0; i < m->output_count; i++) {
        add_giver(effects, "OUTPUT_", PART_OUTPUT, m->outputs[i].name);
    }
    if (effects->giver_count > 1) {
        qsort(effects->givers, effects->giver_count, sizeof *effects->givers, compare_givers);
    }
}

/* One thing that the step uses: a param that it brings is reported at its first place. */
static void use_part(struct effects_check *effects, const struct part *part, struct span span)
{
    const struct step *step = effects->step;
    size_t known = effects->made_of.count;

    variance_add_part(&effects->made_of, part);
    for (size_t i = known; i < effects->made_of.count; i++) {
        const struct param *param = effects->made_of.params[i];
        struct diag *d = check_report(
            effects->check, RULE_EFFECT, span,
            "%s is an effect and uses param '%.*s', which is 'variant: false'",
            step->name.n > 0 ? check_what(effects->check, "step", step->name) : "the job",
            STR_ARG(param->name));
        diag_label(d, param->span, "declared here");
        diag_help(d, "its value is no part of what says that the effect is done: let the param be "
                     "a variant, or keep it out of the effect");
    }
}

static void use_template(struct effects_check *effects, const struct template *template)
{
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        use_part(effects, &template->parts[i], template->parts[i].span);
    }
}

static void use_when(struct effects_check *effects, const struct when *when)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        const struct when_term *term = &when->terms[i];
        bool is_param = manifest_param(effects->check->manifest, term->subject) != NULL;
        struct part part = {.kind = is_param ? PART_PARAM : PART_VAR, .name = term->subject};

        use_part(effects, &part, term->span);
    }
}

static void use_item(struct effects_check *effects, const struct item *item)
{
    struct part each = {.kind = PART_PARAM, .name = item->each};
    struct part input = {.kind = PART_INPUT, .name = item->input};

    use_template(effects, item->text);
    use_when(effects, item->when);
    if (item->each.s != NULL) {
        use_part(effects, &each, item->each_span);
    }
    for (size_t i = 0; i < item->arg_count; i++) {
        use_template(effects, item->args[i]);
    }
    if (item->input.s != NULL) {
        use_part(effects, &input, item->input_span);
    }
}

static void use_env(struct effects_check *effects, const struct env_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        use_when(effects, entries[i].when);
        use_template(effects, entries[i].text);
    }
}

static void use_words(struct effects_check *effects, const struct node *text)
{
    static const char *const PREFIXES[] = {"PARAM_", "VAR_", "INPUT_", "OUTPUT_"};
    struct giver asked = {0};

    for (size_t i = 0; i < ARRAY_COUNT(PREFIXES) && effects->giver_count > 0; i++) {
        struct str prefix = str_from(PREFIXES[i]);
        for (size_t at = 0; check_next_word(text->text, prefix, &at, &asked.variable);
             at += asked.variable.n) {
            const struct giver *giver = bsearch(&asked, effects->givers, effects->giver_count,
                                                sizeof *effects->givers, compare_givers);
            if (giver != NULL) {
                use_part(effects, &giver->part, node_span_within(text, at, asked.variable.n));
            }
        }
    }
}

/* The step's own `when` is not asked: it says whether the effect happens, not which. */
static void check_effect(struct effects_check *effects, const struct step *step)
{
    const struct manifest *m = effects->check->manifest;
    size_t code_count;
    const struct code *codes = code_of_step(effects->check->arena, step, &code_count);

    effects->step = step;
    effects->made_of = variance_make(effects->check->arena, m);
    for (size_t i = 0; i < step->command_count; i++) {
        use_item(effects, &step->command[i]);
    }
    for (size_t i = 0; i < step->shell_count; i++) {
        use_template(effects, step->shell[i]);
    }
    for (size_t i = 0; i < code_count; i++) {
        use_words(effects, codes[i].node);
    }
    use_env(effects, m->env, m->env_count);
    use_env(effects, step->env, step->env_count);
    use_template(effects, step->workdir != NULL ? step->workdir : m->workdir);
    use_template(effects, step->stdout_path);
}

/* A job that always has outputs is recorded without being asked to. */
static void check_once(struct check *check, bool has_effects)
{
    const struct manifest *m = check->manifest;
    const struct output *certain = NULL;

    for (size_t i = 0; i < m->output_count && certain == NULL; i++) {
        bool is_certain = m->outputs[i].when == NULL && m->outputs[i].on != ON_FAILURE;
        certain = is_certain ? &m->outputs[i] : NULL;
    }
    if (!m->once || certain == NULL || has_effects) {
        return;
    }
    struct diag *d = check_report(check, RULE_ONCE, m->once_span,
                                  "'once' changes nothing: a job with outputs skips anyway when "
                                  "they are published");
    diag_label(d, certain->span, "the job has this output for all params");
    diag_help(d, "remove it");
}

void check_effects(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct effects_check effects = {.check = check};
    bool has_effects = false;

    for (size_t i = 0; i < m->step_count; i++) {
        if (!m->steps[i].effect) {
            continue;
        }
        if (!has_effects) {
            find_givers(&effects);
        }
        has_effects = true;
        check_effect(&effects, &m->steps[i]);
    }
    check_once(check, has_effects);
}
