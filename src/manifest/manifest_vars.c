/* `params` and `vars`: what gives values. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* The position of a param, or the count of params. */
static size_t find_param(const struct manifest *m, struct str name)
{
    size_t i = 0;

    while (i < m->param_count && !str_equal(m->params[i]->name, name)) {
        i++;
    }
    return i;
}

void decode_twice(struct decoder *d, const char *noun, const struct node *key, struct span first)
{
    struct diag *diag = rule_report(d->diags, RULE_CONFLICT, key->span,
                                    "%s '%.*s' is defined twice", noun, STR_ARG(key->text));
    diag_label(diag, first, "first defined here");
}

static void decode_param(struct decoder *d, const struct pair *pair)
{
    struct manifest *m = d->manifest;
    size_t errors_before = d->diags->error_count;
    struct param *param = param_decode(d->arena, d->scratch, pair->key, pair->value, d->diags);
    size_t first = find_param(m, param->name);

    if (first < m->param_count) {
        decode_twice(d, "param", pair->key, m->params[first]->span);
        return;
    }
    m->params_broken[m->param_count] = d->diags->error_count > errors_before;
    m->params[m->param_count++] = param;
}

void decode_params(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;
    size_t count = m->param_count;

    if (!decode_group(d, node, "'params'", NAMES_PARAMS, count)) {
        return;
    }
    struct param **all = arena_array(d->arena, count + node->count, sizeof *all);
    bool *broken = arena_array(d->arena, count + node->count, sizeof *broken);
    for (size_t i = 0; i < count; i++) {
        all[i] = m->params[i];
        broken[i] = m->params_broken[i];
    }
    m->params = all;
    m->params_broken = broken;
    for (size_t i = 0; i < node->count; i++) {
        decode_param(d, &node->pairs[i]);
    }
}

/* False where the values cannot be had, which is said here or elsewhere. */
static bool take_values(struct decoder *d, struct param *param)
{
    struct manifest *m = d->manifest;
    const struct domain *of = param->domain.of;
    size_t other = find_param(m, of->values_of);

    if (other == m->param_count) {
        return false;
    }
    const struct param *from = m->params[other];
    if (from->domain.type == TYPE_ENUM && !m->params_broken[other]) {
        param_take_values(param, d->arena, &from->domain, d->diags);
        return true;
    }
    if (from == param || !m->params_broken[other]) {
        struct diag *diag = rule_report(d->diags, RULE_CONFLICT, of->values_of_span,
                                        "'values-of' needs an enum, and param '%.*s' is of type %s",
                                        STR_ARG(from->name), param_type_name(from->domain.type));
        diag_label(diag, from->span, "declared here");
    }
    return false;
}

void decode_values_of(struct decoder *d)
{
    struct manifest *m = d->manifest;

    for (size_t i = 0; i < m->param_count; i++) {
        struct param *param = m->params[i];
        size_t errors_before = d->diags->error_count;

        if (m->params_broken[i] || param->domain.type != TYPE_LIST ||
            param->domain.of->values_of.s == NULL) {
            continue;
        }
        m->params_broken[i] = !take_values(d, param) || d->diags->error_count > errors_before;
    }
}

static struct var *find_var(struct manifest *m, struct str name)
{
    for (size_t i = 0; i < m->var_count; i++) {
        if (str_equal(m->vars[i].name, name)) {
            return &m->vars[i];
        }
    }
    return NULL;
}

void decode_vars(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'vars'", NAMES_VARS, m->var_count)) {
        return;
    }
    struct var *all = arena_array(d->arena, m->var_count + node->count, sizeof *all);
    for (size_t i = 0; i < m->var_count; i++) {
        all[i] = m->vars[i];
    }
    m->vars = all;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->pairs[i].key;
        const struct var *first = find_var(m, key->text);
        struct var var = {.name = key->text, .span = key->span};

        decode_param_name(key, "a var", d->diags);
        decode_template(d->arena, node->pairs[i].value, decode_what(d, "var", key->text), d->diags,
                        &var.text);
        if (first != NULL) {
            decode_twice(d, "var", key, first->span);
        } else {
            m->vars[m->var_count++] = var;
        }
    }
}
