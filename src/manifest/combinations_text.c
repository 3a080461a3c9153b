/* The texts and conditions of a manifest in one combination of values. */
#include "base/arena.h"
#include "manifest/combinations_parts.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

static const struct str ANY = {"\x01", 1};
static const struct str DEEP = {"\x02", 1};

static bool with_text(struct combinations *c, struct str name, struct str *text);

bool combinations_is_unknown(struct str text)
{
    return str_index(text, POSSIBLE_ANY) < text.n || str_index(text, POSSIBLE_DEEP) < text.n;
}

struct str combinations_mark(const struct str *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_index(values[i], '/') < values[i].n ||
            str_index(values[i], POSSIBLE_DEEP) < values[i].n) {
            return DEEP;
        }
    }
    return ANY;
}

static struct str domain_mark(const struct domain *domain)
{
    if (domain_is_finite(domain)) {
        return combinations_mark(domain->values, domain->value_count);
    }
    return domain->type == TYPE_PATH || domain->type == TYPE_LIST ? DEEP : ANY;
}

struct str combinations_param(struct combinations *c, const struct param *param)
{
    struct str given = combinations_given(c, param);
    const struct combinations_choice *choice =
        c->wild ? NULL : combinations_choice_find(c, param, NULL);

    if (given.s != NULL) {
        return given;
    }
    return choice != NULL ? choice->values[choice->index] : domain_mark(&param->domain);
}

static struct str param_text(struct combinations *c, struct str name)
{
    const struct param *param = manifest_param(c->manifest, name);

    return param != NULL ? combinations_param(c, param) : DEEP;
}

/* A cell of a table, or the mark for all of them. False: null, or no such row. */
static bool column_text(struct combinations *c, const struct var *var, struct str *text)
{
    struct str value = param_text(c, var->by);
    bool is_known = !combinations_is_unknown(value);
    struct str worst = ANY;

    for (size_t i = 0; i < var->row_count; i++) {
        if (is_known) {
            if (str_equal(var->rows[i], value)) {
                return var->cells[i] != NULL && combinations_text(c, var->cells[i], text);
            }
        } else if (var->cells[i] != NULL && combinations_text(c, var->cells[i], text) &&
                   str_equal(combinations_mark(text, 1), DEEP)) {
            worst = DEEP;
        }
    }
    *text = worst;
    return !is_known;
}

static bool var_text(struct combinations *c, struct str name, struct str *text)
{
    const struct var *var = manifest_var(c->manifest, name);
    struct combinations_var *known = var != NULL ? &c->vars[var - c->manifest->vars] : NULL;

    *text = DEEP;
    if (var == NULL || known->visit == VISIT_BUSY || (var->text == NULL && var->row_count == 0)) {
        return true;
    }
    if (known->visit == VISIT_NEW || known->serial != c->serial) {
        known->visit = VISIT_BUSY;
        known->is_null =
            var->text != NULL ? !combinations_text(c, var->text, text) : !column_text(c, var, text);
        known->text = *text;
        known->serial = c->serial;
        known->visit = VISIT_DONE;
    }
    *text = known->text;
    return !known->is_null;
}

static bool cell_text(struct combinations *c, const struct template *cell, struct str *text)
{
    c->in_cell = true;
    bool has_text = combinations_text(c, cell, text);
    c->in_cell = false;
    return has_text;
}

/* The cell of the present value, or where that is not known the mark for all. */
static bool table_text(struct combinations *c, const struct select *table, const struct with *by,
                       struct str column, struct str *text)
{
    struct str worst = ANY;
    struct str value;

    if (!combinations_with(c, by, &value)) {
        return false;
    }
    for (size_t i = 0; i < table->row_count; i++) {
        const struct template *cell = select_cell(&table->rows[i], column);
        if (cell == NULL || !cell_text(c, cell, text)) {
            continue;
        }
        if (str_equal(table->rows[i].value, value)) {
            return true;
        }
        worst = str_equal(combinations_mark(text, 1), DEEP) ? DEEP : worst;
    }
    *text = worst;
    return true;
}

/* The mark for all elements. */
static struct str elements_mark(struct combinations *c, const struct with *with)
{
    struct str worst = ANY;
    struct str text;

    for (size_t i = 0; i < with->value_count; i++) {
        if (with->values[i] != NULL && combinations_text(c, with->values[i], &text) &&
            str_equal(combinations_mark(&text, 1), DEEP)) {
            worst = DEEP;
        }
    }
    return worst;
}

bool combinations_with(struct combinations *c, const struct with *with, struct str *text)
{
    const struct param *list = combinations_list(c, with);
    const struct combinations_choice *choice =
        c->wild ? NULL : combinations_choice_find(c, NULL, with);

    *text = DEEP;
    if (with->value_count == 0) {
        return true;
    }
    if (list != NULL) {
        *text = choice != NULL ? choice->values[choice->index] : domain_mark(list->domain.of);
        return true;
    }
    if (choice != NULL || !with->is_list) {
        const struct template *value = with->values[choice != NULL ? choice->index : 0];
        return value == NULL || combinations_text(c, value, text);
    }
    *text = elements_mark(c, with);
    return true;
}

static bool with_text(struct combinations *c, struct str name, struct str *text)
{
    const struct with *with = combinations_entry(c, name);
    const struct with *by = NULL;
    const struct select *table = with == NULL ? combinations_table(c, name, &by) : NULL;

    *text = DEEP;
    if (table != NULL) {
        return table_text(c, table, by, name, text);
    }
    return with == NULL || combinations_with(c, with, text);
}

static bool part_text(struct combinations *c, const struct part *part, struct str *text)
{
    switch (part->kind) {
    case PART_TEXT:
        *text = part->text;
        return true;
    case PART_PARAM:
        *text = param_text(c, part->name);
        return true;
    case PART_VAR:
        return var_text(c, part->name, text);
    case PART_WITH:
        return with_text(c, part->name, text);
    case PART_JOB:
        if (part->field == JOB_FIELD_NAME) {
            *text = c->manifest->name;
        } else {
            *text = part->field == JOB_FIELD_ROOT || part->field == JOB_FIELD_URL ? DEEP : ANY;
        }
        return true;
    case PART_INPUT:
    case PART_OUTPUT:
    case PART_EACH:
        break;
    }
    *text = DEEP;
    return true;
}

bool combinations_text(struct combinations *c, const struct template *template, struct str *text)
{
    struct buf buf = buf_make(c->arena, POSSIBLE_BYTES_MAX);

    for (size_t i = 0; i < template->count; i++) {
        struct str piece;

        ++*c->steps;
        if (!part_text(c, &template->parts[i], &piece)) {
            return false;
        }
        if (template->count == 1) {
            *text = piece;
            return true;
        }
        buf_add(&buf, piece);
    }
    *text = buf.truncated ? DEEP : buf_str(&buf);
    return true;
}

/* The value of a subject; .s NULL: null. */
static struct str subject_text(struct combinations *c, struct str subject)
{
    struct str text;

    if (manifest_param(c->manifest, subject) != NULL) {
        return param_text(c, subject);
    }
    return var_text(c, subject, &text) ? text : (struct str){0};
}

static enum truth term_truth(struct combinations *c, const struct when_term *term)
{
    struct str text = subject_text(c, term->subject);
    bool found = false;

    ++*c->steps;
    if (text.s != NULL && combinations_is_unknown(text)) {
        return TRUTH_UNKNOWN;
    }
    for (size_t i = 0; i < term->value_count && !found; i++) {
        found = text.s != NULL && str_equal(term->values[i], text);
    }
    return found != term->negated ? TRUTH_YES : TRUTH_NO;
}

/* What a term counts as whose subject is not known. */
struct doubt {
    bool plain, negated;
};

static bool judge(struct combinations *c, const struct when *when, struct doubt doubt)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        const struct when_term *term = &when->terms[i];
        enum truth truth = term_truth(c, term);

        if (truth == TRUTH_UNKNOWN ? !(term->negated ? doubt.negated : doubt.plain)
                                   : truth == TRUTH_NO) {
            return false;
        }
    }
    return true;
}

bool combinations_allow(struct combinations *c, const struct when *when)
{
    return judge(c, when, (struct doubt){.plain = true, .negated = true});
}

bool combinations_hold(struct combinations *c, const struct when *when)
{
    return judge(c, when, (struct doubt){.plain = false, .negated = false});
}

bool combinations_imply(struct combinations *c, const struct when *when)
{
    return judge(c, when, (struct doubt){.plain = false, .negated = true});
}

bool combinations_breaks(struct combinations *c, const struct constraint *constraint)
{
    return constraint->require != NULL && combinations_hold(c, constraint->when) &&
           !combinations_allow(c, constraint->require);
}

struct str combinations_show_subjects(struct combinations *c, const struct when *when)
{
    struct buf buf = buf_make(c->arena, POSSIBLE_BYTES_MAX);

    for (size_t i = 0; i < when->count; i++) {
        struct str subject = when->terms[i].subject;
        struct str text = subject_text(c, subject);
        bool is_unknown = text.s != NULL && combinations_is_unknown(text);

        buf_addf(&buf, "%s%.*s%s%.*s", i > 0 ? ", " : "", STR_ARG(subject),
                 is_unknown ? " is another value" : "=",
                 STR_ARG(is_unknown ? STR("") : (text.s != NULL ? text : STR("null"))));
    }
    return buf_str(&buf);
}
