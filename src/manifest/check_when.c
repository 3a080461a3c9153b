/* Conditions: what they ask of, and whether they can hold. */
#include "base/arena.h"
#include "base/error.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

/* What a subject can be: all of `values`, and null where `has_null`. */
struct range {
    struct str *values;
    size_t count;
    bool has_null;
};

static bool has_value(const struct str *values, size_t count, struct str value)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(values[i], value)) {
            return true;
        }
    }
    return false;
}

static bool term_has(const struct when_term *term, struct str value)
{
    return has_value(term->values, term->value_count, value);
}

bool when_allows(const struct when *when, struct str subject, struct str value)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        const struct when_term *term = &when->terms[i];
        if (str_equal(term->subject, subject) && term_has(term, value) == term->negated) {
            return false;
        }
    }
    return true;
}

static bool terms_exclude(const struct when_term *a, const struct when_term *b)
{
    if (!str_equal(a->subject, b->subject) || a->negated) {
        return false;
    }
    for (size_t i = 0; i < a->value_count; i++) {
        if (term_has(b, a->values[i]) != b->negated) {
            return false;
        }
    }
    return true;
}

bool when_excludes(const struct when *a, const struct when *b)
{
    for (size_t i = 0; a != NULL && i < a->count; i++) {
        for (size_t j = 0; b != NULL && j < b->count; j++) {
            if (terms_exclude(&a->terms[i], &b->terms[j]) ||
                terms_exclude(&b->terms[j], &a->terms[i])) {
                return true;
            }
        }
    }
    return false;
}

const struct when *when_both(struct arena *arena, const struct when *a, const struct when *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    struct when *both = arena_alloc(arena, sizeof *both);
    *both = (struct when){.terms = arena_array(arena, a->count + b->count, sizeof *both->terms),
                          .span = b->span};
    for (size_t i = 0; i < a->count; i++) {
        both->terms[both->count++] = a->terms[i];
    }
    for (size_t i = 0; i < b->count; i++) {
        both->terms[both->count++] = b->terms[i];
    }
    return both;
}

/* `{not: [every value]}` */
static void check_never(struct check *check, const struct when_term *term,
                        const struct range *range)
{
    if (!term->negated || range->has_null || range->count == 0) {
        return;
    }
    for (size_t i = 0; i < range->count; i++) {
        if (!term_has(term, range->values[i])) {
            return;
        }
    }
    struct diag *d = check_report(check, RULE_WHEN, term->span,
                                  "the condition on '%.*s' can never hold", STR_ARG(term->subject));
    diag_help(d, "it excludes every value that '%.*s' can have", STR_ARG(term->subject));
}

/* False where further values would take too long as well. */
static bool check_param_value(struct check *check, const struct param *param, struct str value,
                              struct span span)
{
    struct error err = {0};
    struct str canonical;
    struct diag *d;

    if (domain_check(&param->domain, check->arena, value, &canonical, &err)) {
        d = check_report(check, RULE_WHEN, span, "value '%.*s' of param '%.*s' %s", STR_ARG(value),
                         STR_ARG(param->name), err.message);
        if (err.help[0] != '\0') {
            diag_help(d, "%s", err.help);
        }
        diag_label(d, param->span, "declared here");
    } else if (!str_equal(canonical, value)) {
        d = check_report(check, RULE_WHEN, span,
                         "'%.*s' is not how a value of param '%.*s' is written", STR_ARG(value),
                         STR_ARG(param->name));
        diag_help(d, "write '%.*s'", STR_ARG(canonical));
    }
    return err.kind != ERROR_LIMIT;
}

static void check_param_term(struct check *check, const struct when_term *term,
                             const struct param *param)
{
    if (check_domain(check, param) == NULL) {
        return;
    }
    if (param->domain.type == TYPE_LIST) {
        struct diag *d = check_report(check, RULE_WHEN, term->span,
                                      "param '%.*s' is a list, and no condition "
                                      "can ask for its value",
                                      STR_ARG(param->name));
        diag_label(d, param->span, "declared here");
        return;
    }
    size_t errors_before = check->diags->error_count;
    for (size_t i = 0; i < term->value_count; i++) {
        if (!check_param_value(check, param, term->values[i], term->value_spans[i])) {
            return;
        }
    }
    if (check->diags->error_count == errors_before && domain_is_finite(&param->domain)) {
        const struct range range = {.values = param->domain.values,
                                    .count = param->domain.value_count};
        check_never(check, term, &range);
    }
}

/* Whether the var's texts can be counted without its params: a literal text, or
 * a table of such. */
static bool var_range(struct check *check, const struct var *var, struct range *range)
{
    struct str text;

    *range = (struct range){.values = arena_array(check->arena, var->row_count + 1, sizeof text)};
    if (var->text != NULL) {
        return template_is_text(var->text, &range->values[range->count++]);
    }
    for (size_t i = 0; i < var->row_count; i++) {
        if (var->cells[i] == NULL) {
            range->has_null = true;
        } else if (!template_is_text(var->cells[i], &text)) {
            return false;
        } else if (!has_value(range->values, range->count, text)) {
            range->values[range->count++] = text;
        }
    }
    return var->row_count > 0;
}

static void check_var_term(struct check *check, const struct when_term *term, const struct var *var)
{
    struct range range;
    bool possible = true;

    if (!var_range(check, var, &range)) {
        return;
    }
    for (size_t i = 0; i < term->value_count; i++) {
        if (has_value(range.values, range.count, term->values[i])) {
            continue;
        }
        struct diag *d =
            check_report(check, RULE_WHEN, term->value_spans[i], "var '%.*s' is never '%.*s'",
                         STR_ARG(var->name), STR_ARG(term->values[i]));
        diag_help_nearest(d, term->values[i], range.values, range.count);
        diag_label(d, var->span, "defined here");
        possible = false;
    }
    if (possible) {
        check_never(check, term, &range);
    }
}

static void check_term(struct check *check, const struct when_term *term)
{
    const struct manifest *m = check->manifest;
    const struct param *param = manifest_param(m, term->subject);
    const struct var *var = manifest_var(m, term->subject);

    if (param == NULL && var == NULL) {
        check_missing_subject(check, term->subject, term->span);
        return;
    }
    if (param != NULL) {
        check_param(check, term->subject, term->span);
    }
    if (var != NULL) {
        check_var(check, term->subject, term->span);
    }
    if (param != NULL && var != NULL) {
        struct diag *d = check_report(check, RULE_WHEN, term->span, "'%.*s' is a param and a var",
                                      STR_ARG(term->subject));
        diag_label(d, param->span, "the param");
        diag_label(d, var->span, "the var");
        diag_help(d, "give one of them another name");
    } else if (param != NULL) {
        check_param_term(check, term, param);
    } else {
        check_var_term(check, term, var);
    }
}

void check_when(struct check *check, const struct when *when)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        check_term(check, &when->terms[i]);
    }
}
