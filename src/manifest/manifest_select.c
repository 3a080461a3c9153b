/* `select`: tables of values by a param, and the columns that they give. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static struct var *find_var(struct manifest *m, struct str name)
{
    for (size_t i = 0; i < m->var_count; i++) {
        if (str_equal(m->vars[i].name, name)) {
            return &m->vars[i];
        }
    }
    return NULL;
}

/* Not NULL, which is a null cell. */
static const struct template BROKEN_CELL;

static void decode_row(struct decoder *d, const struct pair *pair, bool has_null,
                       struct select_row *row)
{
    const struct node *cells = pair->value;

    row->value = pair->key->text;
    row->span = pair->key->span;
    if (!decode_is_mapping(cells, decode_what(d, "row", row->value), d->diags)) {
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
        (has_null ? decode_template_or_null : decode_template)(
            d->arena, cell, decode_what(d, "column", key->text), d->diags, &row->cells[at]);
    }
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
            struct diag *diag = rule_report(d->diags, RULE_CONFLICT, span,
                                            "'%.*s' is defined twice", STR_ARG(name));
            diag_label(diag, var->span, "first defined here");
        }
        return NULL;
    }
    if (m->var_count == MANIFEST_NAMES_MAX) {
        if ((m->unread & NAMES_VARS) == 0) {
            rule_report(d->diags, RULE_LIMIT, span, "there are more than %d vars and columns",
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

static struct select *find_select(struct manifest *m, struct str param)
{
    for (size_t i = 0; i < m->select_count; i++) {
        if (str_equal(m->selects[i].param, param)) {
            return &m->selects[i];
        }
    }
    return NULL;
}

/* Where the table has the column, or NULL. */
static const struct span *find_column(const struct select *select, struct str column)
{
    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        for (size_t j = 0; j < row->column_count; j++) {
            if (str_equal(row->columns[j], column)) {
                return &row->column_spans[j];
            }
        }
    }
    return NULL;
}

/* Takes the columns out of the row that another table of the param has; each is
 * reported once, in the first of the rows. */
static void drop_known_columns(struct decoder *d, const struct select *known,
                               struct select *dropped, struct select_row *row)
{
    size_t kept = 0;

    for (size_t i = 0; i < row->column_count; i++) {
        const struct node key = {.text = row->columns[i], .span = row->column_spans[i]};
        const struct span *first = find_column(known, key.text);

        if (first == NULL) {
            row->columns[kept] = row->columns[i];
            row->column_spans[kept] = row->column_spans[i];
            row->cells[kept++] = row->cells[i];
            continue;
        }
        row->is_broken = true;
        if (find_column(dropped, key.text) == NULL) {
            struct select_row *only = &dropped->rows[dropped->row_count++];
            only->columns = arena_array(d->arena, 1, sizeof *only->columns);
            only->column_spans = arena_array(d->arena, 1, sizeof *only->column_spans);
            only->columns[0] = key.text;
            only->column_count = 1;
            decode_twice(d, "column", &key, *first);
        }
    }
    row->column_count = kept;
}

static void join_row(struct decoder *d, struct select_row *row, const struct select_row *more)
{
    size_t count = row->column_count + more->column_count;
    struct select_row joined = *row;

    joined.columns = arena_array(d->arena, count, sizeof *joined.columns);
    joined.column_spans = arena_array(d->arena, count, sizeof *joined.column_spans);
    joined.cells = arena_array(d->arena, count, sizeof *joined.cells);
    for (size_t i = 0; i < count; i++) {
        const struct select_row *from = i < row->column_count ? row : more;
        size_t at = i < row->column_count ? i : i - row->column_count;

        joined.columns[i] = from->columns[at];
        joined.column_spans[i] = from->column_spans[at];
        joined.cells[i] = from->cells[at];
    }
    joined.column_count = count;
    joined.is_broken = row->is_broken || more->is_broken;
    *row = joined;
}

/* Two tables of one param are one: rows of the same value are joined. */
static void join_tables(struct decoder *d, struct select *select, const struct select *more)
{
    size_t known = select->row_count;
    struct select_row *rows = arena_array(d->arena, known + more->row_count, sizeof *rows);
    struct select dropped = {0};
    size_t cells = 0;

    for (size_t i = 0; i < more->row_count; i++) {
        cells += more->rows[i].column_count;
    }
    dropped.rows = arena_array(d->arena, cells, sizeof *dropped.rows);
    for (size_t i = 0; i < more->row_count; i++) {
        drop_known_columns(d, select, &dropped, &more->rows[i]);
    }
    for (size_t i = 0; i < known; i++) {
        rows[i] = select->rows[i];
    }
    select->rows = rows;
    for (size_t i = 0; i < more->row_count; i++) {
        size_t at = 0;
        while (at < known && !str_equal(rows[at].value, more->rows[i].value)) {
            at++;
        }
        if (at < known) {
            join_row(d, &rows[at], &more->rows[i]);
        } else {
            rows[select->row_count++] = more->rows[i];
        }
    }
}

bool decode_rows(struct decoder *d, const struct pair *pair, bool has_null, struct select *table)
{
    const struct node *node = pair->value;

    *table = (struct select){.param = pair->key->text, .span = pair->key->span};
    if (!decode_is_mapping(node, decode_what(d, "the table of", table->param), d->diags)) {
        return false;
    }
    table->rows = arena_array(d->arena, node->count, sizeof *table->rows);
    for (size_t i = 0; i < node->count; i++) {
        decode_row(d, &node->pairs[i], has_null, &table->rows[table->row_count++]);
    }
    return true;
}

static void decode_table(struct decoder *d, const struct pair *pair)
{
    struct manifest *m = d->manifest;
    struct select *known = find_select(m, pair->key->text);
    struct select table;

    if (!decode_rows(d, pair, true, &table)) {
        m->unread |= NAMES_VARS;
        return;
    }
    for (size_t i = 0; i < table.row_count; i++) {
        m->unread |= table.rows[i].is_broken ? NAMES_VARS : 0;
    }
    if (known != NULL) {
        join_tables(d, known, &table);
    } else {
        m->selects[m->select_count++] = table;
    }
}

void decode_select(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'select'", NAMES_VARS, m->select_count)) {
        return;
    }
    struct select *all = arena_array(d->arena, m->select_count + node->count, sizeof *all);
    for (size_t i = 0; i < m->select_count; i++) {
        all[i] = m->selects[i];
    }
    m->selects = all;
    for (size_t i = 0; i < node->count; i++) {
        decode_table(d, &node->pairs[i]);
    }
}

/* Of one table; a column that only some rows have counts with the others of its row. */
static size_t most_columns(const struct select *select)
{
    size_t sum = 0;

    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        bool is_like_first = row->column_count == select->rows[0].column_count;
        for (size_t j = 0; is_like_first && j < row->column_count; j++) {
            is_like_first = str_equal(row->columns[j], select->rows[0].columns[j]);
        }
        sum += i > 0 && is_like_first ? 0 : row->column_count;
    }
    return sum;
}

void decode_columns(struct decoder *d)
{
    struct manifest *m = d->manifest;
    size_t capacity = m->var_count;

    for (size_t i = 0; i < m->select_count; i++) {
        capacity += most_columns(&m->selects[i]);
    }
    struct var *vars = arena_array(d->arena, capacity, sizeof *vars);
    for (size_t i = 0; i < m->var_count; i++) {
        vars[i] = m->vars[i];
    }
    m->vars = vars;
    for (size_t i = 0; i < d->manifest->select_count; i++) {
        add_columns(d, &d->manifest->selects[i], &capacity);
    }
}
