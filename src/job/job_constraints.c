/* The constraints of a manifest against the values of its params. */
#include "base/arena.h"
#include "job/job_parts.h"
#include "job/shown.h"
#include "manifest/rule.h"

/* False where a var that is asked for failed: that was reported, and says nothing
 * of the constraint. */
static bool is_known(const struct job *job, const struct when *condition)
{
    for (size_t i = 0; condition != NULL && i < condition->count; i++) {
        size_t var = var_index(job->manifest, condition->terms[i].subject);

        if (var < job->manifest->var_count && job->var_failed[var]) {
            return false;
        }
    }
    return true;
}

/* In quotes; null without. */
static struct str value_of(const struct job *job, struct arena *arena, struct str subject)
{
    size_t param = param_index(job->manifest, subject);
    size_t var = var_index(job->manifest, subject);
    struct str value = {0};

    if (param < job->manifest->param_count) {
        value = job->arguments[param].value.text;
    } else if (var < job->manifest->var_count) {
        value = job->vars[var];
    }
    if (value.s == NULL) {
        return STR("null");
    }
    return str_format(arena, "'%.*s'", STR_ARG(shown_text(arena, value)));
}

/* "mode is pypi, release is 1.0-rc.1": each subject once, in the order of the conditions. */
static struct str values_of(const struct job *job, struct arena *arena,
                            const struct constraint *constraint)
{
    const struct when *const conditions[] = {constraint->when, constraint->require};
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t c = 0; c < ARRAY_COUNT(conditions); c++) {
        const struct when *condition = conditions[c];

        for (size_t i = 0; condition != NULL && i < condition->count; i++) {
            struct str subject = condition->terms[i].subject;

            if (c > 0 && when_asks(constraint->when, subject)) {
                continue;
            }
            buf_addf(&buf, "%s%.*s is %.*s", buf.n > 0 ? ", " : "", STR_ARG(subject),
                     STR_ARG(value_of(job, arena, subject)));
        }
    }
    return buf_str(&buf);
}

void job_check_constraints(struct arena *arena, const struct job *job, struct diags *diags)
{
    const struct manifest *m = job->manifest;

    for (size_t i = 0; i < m->constraint_count; i++) {
        const struct constraint *constraint = &m->constraints[i];

        if (!is_known(job, constraint->when) || !is_known(job, constraint->require) ||
            !job_when_holds(job, constraint->when) || job_when_holds(job, constraint->require)) {
            continue;
        }
        struct diag *d =
            diag_error(diags, STATUS_USAGE, rule_id(RULE_CONSTRAINT), constraint->require->span,
                       "%.*s", STR_ARG(constraint->message));
        if (constraint->when != NULL) {
            diag_label(d, constraint->when->span, "where this holds");
        }
        diag_note(d, "%.*s", STR_ARG(values_of(job, arena, constraint)));
        diag_help(d, "give values for which the condition of 'require' holds");
    }
}
