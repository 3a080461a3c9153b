/* `params`, `vars` and `select`: what gives values. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

void decode_params(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'params'", NAMES_PARAMS)) {
        return;
    }
    m->params = arena_array(d->arena, node->count, sizeof *m->params);
    m->params_broken = arena_array(d->arena, node->count, sizeof *m->params_broken);
    for (size_t i = 0; i < node->count; i++) {
        size_t errors_before = d->diags->error_count;

        m->params[i] = param_decode(d->arena, node->pairs[i].key, node->pairs[i].value, d->diags);
        m->params_broken[i] = d->diags->error_count > errors_before;
        m->param_count++;
    }
}

/* The position of a param, or the count of params. */
static size_t find_param(const struct manifest *m, struct str name)
{
    size_t i = 0;

    while (i < m->param_count && !str_equal(m->params[i]->name, name)) {
        i++;
    }
    return i;
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
        struct diag *diag =
            decode_error(d->diags, RULE_CONFLICT, of->values_of_span,
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

void decode_vars(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'vars'", NAMES_VARS)) {
        return;
    }
    m->vars = arena_array(d->arena, node->count, sizeof *m->vars);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->pairs[i].key;
        struct var *var = &m->vars[m->var_count++];

        var->name = key->text;
        var->span = key->span;
        decode_param_name(key, "a var", d->diags);
        decode_template(d->arena, node->pairs[i].value, decode_what(d, "var", key->text), d->diags,
                        &var->text);
    }
}

/* Not NULL, which is a null cell. */
static const struct template BROKEN_CELL;

static void decode_row(struct decoder *d, const struct pair *pair, struct select_row *row)
{
    const struct node *cells = pair->value;

    row->value = pair->key->text;
    row->span = pair->key->span;
    if (!decode_is_mapping(cells, decode_what(d, "row", row->value), d->diags)) {
        d->manifest->unread |= NAMES_VARS;
        row->is_broken = true;
        return;
    }
    row->columns = arena_array(d->arena, cells->count, sizeof *row->columns);
    row->column_spans = arena_array(d->arena, cells->count, sizeof *row->column_spans);
    row->cells = arena_array(d->arena, cells->count, sizeof *row->cells);
    for (size_t i = 0; i < cells->count; i++) {
        const struct node *key = cells->pairs[i].key;
        const struct node *cell = cells->pairs[i].value;
        size_t at = row->column_count++;

        row->columns[at] = key->text;
        row->column_spans[at] = key->span;
        row->cells[at] = &BROKEN_CELL;
        decode_template_or_null(d->arena, cell, decode_what(d, "column", key->text), d->diags,
                                &row->cells[at]);
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

/* The first row that has the column; *cells is how many have it. */
static const struct select_row *rows_with(const struct select *select, struct str column,
                                          size_t *cells)
{
    const struct select_row *first = NULL;

    *cells = 0;
    for (size_t i = 0; i < select->row_count; i++) {
        for (size_t j = 0; j < select->rows[i].column_count; j++) {
            if (str_equal(select->rows[i].columns[j], column)) {
                first = first != NULL ? first : &select->rows[i];
                ++*cells;
            }
        }
    }
    return first;
}

/* The column's var, made at its first row. NULL where another var has the name,
 * or there are too many. */
static struct var *column_var(struct decoder *d, const struct select *select,
                              const struct select_row *row, size_t column, size_t *capacity)
{
    struct manifest *m = d->manifest;
    struct str name = row->columns[column];
    struct span span = row->column_spans[column];
    struct var *var = find_var(m, name);
    size_t cells;

    if (var != NULL && var->text == NULL && str_equal(var->by, select->param)) {
        return var;
    }
    const struct select_row *first = rows_with(select, name, &cells);
    if (var != NULL) {
        if (row == first) {
            struct diag *diag = decode_error(d->diags, RULE_CONFLICT, span,
                                             "'%.*s' is defined twice", STR_ARG(name));
            diag_label(diag, var->span, "first defined here");
        }
        return NULL;
    }
    if (m->var_count == MANIFEST_NAMES_MAX) {
        if ((m->unread & NAMES_VARS) == 0) {
            decode_error(d->diags, RULE_LIMIT, span, "there are more than %d vars and columns",
                         MANIFEST_NAMES_MAX);
        }
        m->unread |= NAMES_VARS;
        return NULL;
    }
    var = ARENA_PUSH(d->arena, m->vars, m->var_count, *capacity);
    *var = (struct var){.name = name, .span = span, .by = select->param};
    var->rows = arena_array(d->arena, cells, sizeof *var->rows);
    var->cells = arena_array(d->arena, cells, sizeof *var->cells);
    const struct node key = {.kind = NODE_SCALAR, .span = span, .text = name};
    decode_param_name(&key, "a column", d->diags);
    return var;
}

static void add_columns(struct decoder *d, const struct select *select, size_t *capacity)
{
    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];

        for (size_t j = 0; j < row->column_count; j++) {
            struct var *var = column_var(d, select, row, j, capacity);

            if (var != NULL) {
                var->rows[var->row_count] = row->value;
                var->cells[var->row_count++] = row->cells[j];
            }
        }
    }
}

void decode_select(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;
    size_t capacity = m->var_count;

    if (!decode_group(d, node, "'select'", NAMES_VARS)) {
        return;
    }
    m->selects = arena_array(d->arena, node->count, sizeof *m->selects);
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        struct select *select = &m->selects[m->select_count++];

        select->param = pair->key->text;
        select->span = pair->key->span;
        if (!decode_is_mapping(pair->value, decode_what(d, "the table of", select->param),
                               d->diags)) {
            m->unread |= NAMES_VARS;
            m->select_count--;
            continue;
        }
        select->rows = arena_array(d->arena, pair->value->count, sizeof *select->rows);
        for (size_t j = 0; j < pair->value->count; j++) {
            decode_row(d, &pair->value->pairs[j], &select->rows[select->row_count++]);
        }
        add_columns(d, select, &capacity);
    }
}
