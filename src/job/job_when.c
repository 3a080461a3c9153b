/* Conditions, and the rows of tables. */
#include "base/arena.h"
#include "base/error.h"
#include "job/job_parts.h"

/* Whether a value as the manifest writes it is this canonical one. */
static bool is_written(const struct domain *domain, struct str written, struct str value)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error unheard = {0};
    struct str canonical;

    return str_equal(written, value) ||
           (domain_check(domain, &scratch, written, &canonical, &unheard) == 0 &&
            str_equal(canonical, value));
}

static bool term_holds(const struct job *job, const struct when_term *term)
{
    const struct manifest *manifest = job->manifest;
    size_t param = param_index(manifest, term->subject);
    size_t var = var_index(manifest, term->subject);
    bool is_param = param < manifest->param_count;
    bool found = false;
    struct str value = {0};

    if (is_param) {
        value = job->arguments[param].value.text;
    } else if (var < manifest->var_count) {
        value = job->vars[var];
    }
    for (size_t i = 0; i < term->value_count && !found; i++) {
        found = is_param ? is_written(&manifest->params[param]->domain, term->values[i], value)
                         : value.s && str_equal(term->values[i], value);
    }
    return found != term->negated;
}

bool job_when_holds(const struct job *job, const struct when *when)
{
    for (size_t i = 0; when && i < when->count; i++) {
        if (!term_holds(job, &when->terms[i])) {
            return false;
        }
    }
    return true;
}

const struct template *job_var_template(const struct job *job, const struct var *var)
{
    size_t param = param_index(job->manifest, var->by);

    if (var->text || param == job->manifest->param_count) {
        return var->text;
    }
    for (size_t i = 0; i < var->row_count; i++) {
        if (is_written(&job->manifest->params[param]->domain, var->rows[i],
                       job->arguments[param].value.text)) {
            return var->cells[i];
        }
    }
    return NULL;
}
