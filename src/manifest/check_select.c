/* Tables: a row for each value, the same columns in each row. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

/* One column of a table, over all its rows. */
struct column {
    struct str name;
    const struct select_row *first; /* row that has it */
    struct span span;               /* there */
    const struct select_row *lacking;
    size_t row_count; /* rows that have it */
    bool explained;   /* misspelt, and reported as that */
};

struct columns {
    struct column *items;
    size_t count;
};

/* A broken row may have it. */
static bool row_has(const struct select_row *row, struct str column)
{
    for (size_t i = 0; i < row->column_count; i++) {
        if (str_equal(row->columns[i], column)) {
            return true;
        }
    }
    return row->is_broken;
}

static struct column *column_find(struct columns *columns, struct str name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (str_equal(columns->items[i].name, name)) {
            return &columns->items[i];
        }
    }
    return NULL;
}

static struct columns columns_of(struct check *check, const struct select *select)
{
    struct columns columns = {0};
    size_t capacity = 0;

    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        for (size_t j = 0; j < row->column_count; j++) {
            struct column *column = column_find(&columns, row->columns[j]);
            if (column == NULL) {
                column = ARENA_PUSH(check->arena, columns.items, columns.count, capacity);
                *column = (struct column){
                    .name = row->columns[j], .first = row, .span = row->column_spans[j]};
            }
            column->row_count++;
        }
    }
    for (size_t i = 0; i < columns.count; i++) {
        for (size_t j = select->row_count; j > 0; j--) {
            if (!row_has(&select->rows[j - 1], columns.items[i].name)) {
                columns.items[i].lacking = &select->rows[j - 1];
            }
        }
    }
    return columns;
}

/* A column that one row alone has, while that row alone lacks a like name. */
static bool report_misspelt(struct check *check, const struct select *select,
                            struct columns *columns, struct column *column)
{
    struct str *names = arena_array(check->arena, columns->count, sizeof *names);
    size_t count = 0;

    if (column->row_count != 1 || select->row_count < 2) {
        return false;
    }
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *other = &columns->items[i];
        if (other->row_count + 1 == select->row_count && other->lacking == column->first) {
            names[count++] = other->name;
        }
    }
    ptrdiff_t nearest = str_nearest(column->name, names, count);
    if (nearest < 0) {
        return false;
    }
    struct column *meant = column_find(columns, names[nearest]);
    meant->explained = true;
    if (manifest_var(check->manifest, column->name) != NULL) {
        check_var(check, column->name, column->span);
    }
    struct diag *d = check_report(check, RULE_SELECT, column->span,
                                  "no other row has column '%.*s'", STR_ARG(column->name));
    diag_label(d, meant->span, "the others have '%.*s'", STR_ARG(meant->name));
    diag_help(d, "did you mean '%.*s'?", STR_ARG(meant->name));
    return true;
}

static void report_lacking(struct check *check, const struct select *select,
                           const struct column *column, bool has_null)
{
    struct diag *d =
        check_report(check, RULE_SELECT, column->lacking->span, "row '%.*s' has no column '%.*s'",
                     STR_ARG(column->lacking->value), STR_ARG(column->name));

    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        if (row > column->lacking && !row_has(row, column->name)) {
            diag_label(d, row->span, "nor has this row");
        }
    }
    diag_label(d, column->span, "row '%.*s' has it", STR_ARG(column->first->value));
    diag_help(d, "every row has the same columns%s", has_null ? "; null is a value too" : "");
}

void check_columns(struct check *check, const struct select *select, bool has_null)
{
    struct columns columns = columns_of(check, select);

    if (columns.count == 0 && select->row_count > 0 && !check->manifest->is_broken) {
        check_report(check, RULE_SELECT, select->span, "the table of '%.*s' has no columns",
                     STR_ARG(select->param));
    }
    for (size_t i = 0; i < columns.count; i++) {
        struct column *column = &columns.items[i];
        if (column->lacking != NULL && !column->explained) {
            column->explained = report_misspelt(check, select, &columns, column);
        }
    }
    for (size_t i = 0; i < columns.count; i++) {
        if (columns.items[i].lacking != NULL && !columns.items[i].explained) {
            report_lacking(check, select, &columns.items[i], has_null);
        }
    }
}

/* A row that no value has and a value without a row are one cause where the names
 * are alike. */
static void check_rows(struct check *check, const struct select *select, const struct param *param)
{
    const struct domain *domain = &param->domain;
    bool *has_row = arena_array(check->arena, domain->value_count, sizeof *has_row);
    struct buf lacking = buf_make(check->arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < select->row_count; i++) {
        ptrdiff_t at = domain_find(domain, select->rows[i].value);
        if (at >= 0) {
            has_row[at] = true;
        }
    }
    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        if (domain_find(domain, row->value) >= 0) {
            continue;
        }
        struct diag *d =
            check_report(check, RULE_SELECT, row->span, "param '%.*s' has no value '%.*s'",
                         STR_ARG(param->name), STR_ARG(row->value));
        ptrdiff_t nearest = str_nearest(row->value, domain->values, domain->value_count);
        if (nearest >= 0) {
            diag_help(d, "did you mean '%.*s'?", STR_ARG(domain->values[nearest]));
            has_row[nearest] = true;
        }
        diag_label(d, param->span, "declared here");
    }
    for (size_t i = 0; i < domain->value_count; i++) {
        if (!has_row[i]) {
            buf_addf(&lacking, "%s'%.*s'", lacking.n > 0 ? ", " : "", STR_ARG(domain->values[i]));
        }
    }
    if (lacking.n > 0) {
        struct diag *d = check_report(check, RULE_SELECT, select->span,
                                      "the table of '%.*s' has no row for %.*s",
                                      STR_ARG(param->name), STR_ARG(buf_str(&lacking)));
        diag_label(d, param->span, "declared here");
    }
}

static void check_table(struct check *check, const struct select *select)
{
    const struct param *param = check_param(check, select->param, select->span);

    const struct domain *domain = param != NULL ? check_domain(check, param) : NULL;

    if (domain != NULL && domain->type != TYPE_ENUM && domain->type != TYPE_BOOL) {
        struct diag *d =
            check_report(check, RULE_SELECT, select->span,
                         "a table needs an enum or a bool, and param '%.*s' is of type %s",
                         STR_ARG(param->name), param_type_name(domain->type));
        diag_label(d, param->span, "declared here");
    } else if (domain != NULL) {
        check_rows(check, select, param);
    }
    check_columns(check, select, true);
}

void check_select(struct check *check)
{
    for (size_t i = 0; i < check->manifest->select_count; i++) {
        check_table(check, &check->manifest->selects[i]);
    }
}
