/* What vars are made of, and whether they are made of themselves. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

/* The vars that are being looked into, the outermost first. */
struct trail {
    size_t *vars;
    size_t count;
};

static void visit(struct check *check, size_t index, struct trail *trail);

static void report_cycle(struct check *check, const struct trail *trail, size_t index,
                         struct span closing)
{
    const struct var *vars = check->manifest->vars;
    struct buf cycle = buf_make(check->arena, BUF_MAX_DEFAULT);
    size_t from = 0;

    while (trail->vars[from] != index) {
        from++;
    }
    for (size_t i = from; i < trail->count; i++) {
        buf_addf(&cycle, "%.*s -> ", STR_ARG(vars[trail->vars[i]].name));
    }
    buf_add(&cycle, vars[index].name);
    struct diag *d =
        check_report(check, RULE_CYCLE, vars[index].span, "var '%.*s' is made of itself: %.*s",
                     STR_ARG(vars[index].name), STR_ARG(buf_str(&cycle)));
    diag_label(d, closing, "the circle closes here");
}

/* Takes over what another var brings along. */
static void inherit(struct check *check, struct var_facts *facts, const struct part *part,
                    bool whole, struct trail *trail)
{
    const struct var *other = manifest_var(check->manifest, part->name);
    size_t index;

    if (other == NULL) {
        return;
    }
    index = (size_t)(other - check->manifest->vars);
    if (check->facts[index].visit == FACTS_BUSY) {
        report_cycle(check, trail, index, part->span);
        return;
    }
    visit(check, index, trail);
    const struct var_facts *brought = &check->facts[index];
    facts->input = facts->input != NULL ? facts->input : brought->input;
    facts->output = facts->output != NULL ? facts->output : brought->output;
    facts->address = facts->address != NULL ? facts->address : brought->address;
    if (whole && facts->nullable == NULL) {
        facts->nullable = brought->nullable;
    }
}

static void visit_template(struct check *check, struct var_facts *facts,
                           const struct template *template, struct trail *trail)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];

        if (part->kind == PART_INPUT) {
            facts->input = part;
        } else if (part->kind == PART_OUTPUT) {
            facts->output = part;
        } else if (part->kind == PART_JOB &&
                   (part->field == JOB_FIELD_ROOT || part->field == JOB_FIELD_URL)) {
            facts->address = part;
        } else if (part->kind == PART_VAR) {
            inherit(check, facts, part, template->count == 1, trail);
        }
    }
}

static void visit(struct check *check, size_t index, struct trail *trail)
{
    const struct var *var = &check->manifest->vars[index];
    struct var_facts *facts = &check->facts[index];

    if (facts->visit != FACTS_NEW) {
        return;
    }
    facts->visit = FACTS_BUSY;
    trail->vars[trail->count++] = index;
    if (var->text != NULL) {
        visit_template(check, facts, var->text, trail);
    }
    for (size_t i = 0; i < var->row_count; i++) {
        if (var->cells[i] != NULL) {
            visit_template(check, facts, var->cells[i], trail);
        } else {
            facts->nullable = var;
        }
    }
    trail->count--;
    facts->visit = FACTS_DONE;
}

void check_vars(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct trail trail = {.vars = arena_array(check->arena, m->var_count, sizeof(size_t))};

    for (size_t i = 0; i < m->var_count; i++) {
        visit(check, i, &trail);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        const struct var *var = &m->vars[i];
        struct use use = {.where = check_what(check, "var", var->name),
                          .allow = ALLOW_INPUT | ALLOW_OUTPUT | ALLOW_ADDRESS | ALLOW_NULL};

        check_template(check, var->text, &use);
        use.where = check_what(check, "column", var->name);
        use.allow = ALLOW_ADDRESS | ALLOW_NULL;
        for (size_t j = 0; j < var->row_count; j++) {
            check_template(check, var->cells[j], &use);
        }
    }
}
