/* Constraints: they are judged before any input is there. */
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

static void check_early(struct check *check, const struct when *condition)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; condition != NULL && i < condition->count; i++) {
        const struct when_term *term = &condition->terms[i];
        const struct var *var = manifest_var(m, term->subject);

        if (var == NULL || check->facts[var - m->vars].input == NULL) {
            continue;
        }
        struct diag *d = check_report(check, RULE_WHEN, term->span,
                                      "a constraint cannot ask for var '%.*s', which is made of an "
                                      "input",
                                      STR_ARG(var->name));
        diag_label(d, var->span, "defined here");
        diag_help(d, "constraints are checked before any input is fetched");
    }
}

void check_constraints(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->constraint_count; i++) {
        const struct constraint *constraint = &m->constraints[i];

        check_when(check, constraint->when);
        check_when(check, constraint->require);
        check_early(check, constraint->when);
        check_early(check, constraint->require);
    }
}
