/* Which placeholders may stand where. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static struct str part_show(const struct part *part)
{
    return part->span.source != NULL
               ? str_slice(part->span.source->text, part->span.start, part->span.length)
               : STR("");
}

/* The placeholder as it is written, also where its text is escaped in the file. */
static struct str part_text(struct check *check, const struct part *part)
{
    struct str shown = part_show(part);

    if (str_starts(shown, STR("${")) && str_index(shown, '}') + 1 == shown.n) {
        return shown;
    }
    return str_format(check->arena, "${...%.*s}", STR_ARG(part->name));
}

/* The place of the null cell of a column. */
static struct span null_cell_span(const struct manifest *m, const struct var *column, size_t row)
{
    for (size_t i = 0; i < m->select_count; i++) {
        const struct select *select = &m->selects[i];
        if (!str_equal(select->param, column->by)) {
            continue;
        }
        for (size_t j = 0; j < select->row_count; j++) {
            const struct select_row *line = &select->rows[j];
            for (size_t k = 0; k < line->column_count; k++) {
                if (str_equal(line->value, column->rows[row]) &&
                    str_equal(line->columns[k], column->name)) {
                    return line->column_spans[k];
                }
            }
        }
    }
    return column->span;
}

/* A null where there must be a text. */
static void check_null(struct check *check, const struct part *part, const struct var *column,
                       bool whole, const struct use *use)
{
    size_t row = 0;

    if (column == NULL || (whole && (use->allow & ALLOW_NULL))) {
        return;
    }
    while (row < column->row_count && (column->cells[row] != NULL ||
                                       !when_allows(use->guard, column->by, column->rows[row]))) {
        row++;
    }
    if (row == column->row_count) {
        return;
    }
    struct str shown = part_text(check, part);
    struct diag *d =
        whole ? check_report(check, RULE_SELECT, part->span,
                             "'%.*s' is null where %.*s=%.*s, and %s must be text", STR_ARG(shown),
                             STR_ARG(column->by), STR_ARG(column->rows[row]), use->where)
              : check_report(check, RULE_SELECT, part->span,
                             "'%.*s' is null where %.*s=%.*s, and stands in other text",
                             STR_ARG(shown), STR_ARG(column->by), STR_ARG(column->rows[row]));
    diag_label(d, null_cell_span(check->manifest, column, row), "null here");
    if (!whole) {
        diag_help(d, "let it stand alone, or move the other text into the cells");
    } else {
        diag_help(d, "give each row a text, or add a 'when' that leaves out %.*s=%.*s",
                  STR_ARG(column->by), STR_ARG(column->rows[row]));
    }
}

static struct diag *refuse(struct check *check, const struct part *part, const struct use *use)
{
    return check_report(check, RULE_PLACEHOLDER, part->span, "'%.*s' cannot stand in %s",
                        STR_ARG(part_text(check, part)), use->where);
}

/* A var that brings along what may not stand here. */
static void check_brought(struct check *check, const struct part *part, const struct part *brought,
                          unsigned allow, const struct use *use)
{
    if (brought == NULL || (use->allow & allow)) {
        return;
    }
    struct diag *d = check_report(
        check, RULE_PLACEHOLDER, part->span, "'%.*s' is made of '%.*s', which cannot stand in %s",
        STR_ARG(part_text(check, part)), STR_ARG(part_text(check, brought)), use->where);
    diag_label(d, brought->span, "brought in here");
}

static void check_var_part(struct check *check, const struct part *part, bool whole,
                           const struct use *use)
{
    const struct var *var = check_var(check, part->name, part->span);

    if (var == NULL) {
        return;
    }
    const struct var_facts *facts = &check->facts[var - check->manifest->vars];
    check_brought(check, part, facts->input, ALLOW_INPUT, use);
    check_brought(check, part, facts->output, ALLOW_OUTPUT, use);
    check_brought(check, part, facts->address, ALLOW_ADDRESS, use);
    check_null(check, part, facts->nullable, whole, use);
}

static void check_param_part(struct check *check, const struct part *part, bool whole,
                             const struct use *use)
{
    const struct param *param = check_param(check, part->name, part->span);
    struct str name = part->name;

    if (param == NULL || param->domain.type != TYPE_LIST || (whole && (use->allow & ALLOW_LIST))) {
        return;
    }
    struct diag *d =
        check_report(check, RULE_PLACEHOLDER, part->span,
                     "param '%.*s' is a list and cannot stand in %s", STR_ARG(name), use->where);
    diag_label(d, param->span, "declared here");
    if (use->with.s != NULL) {
        diag_help(d, "a list stands alone in 'with': %.*s: \"${params.%.*s}\"", STR_ARG(use->with),
                  STR_ARG(name));
        return;
    }
    if (!(use->allow & ALLOW_INPUT)) {
        return;
    }
    diag_help(d, "use an item with 'each': {each: \"${params.%.*s}\", args: [\"${each}\"]}",
              STR_ARG(name));
}

/* The value of a `with` that is null is no text for `to`. */
static void check_with_part(struct check *check, const struct part *part, bool whole,
                            const struct use *use)
{
    const struct with *with = NULL;
    struct str *names;

    if (!(use->allow & ALLOW_WITH)) {
        struct diag *d = refuse(check, part, use);
        diag_help(d, "the values of 'with' are known in 'to', 'commit' and 'else' of their input "
                     "only");
        return;
    }
    if (input_select(use->input, part->name) != NULL) {
        return;
    }
    names = arena_array(check->arena, use->input->with_count, sizeof *names);
    for (size_t i = 0; i < use->input->with_count; i++) {
        names[i] = use->input->with[i].name;
        if (str_equal(names[i], part->name)) {
            with = &use->input->with[i];
        }
    }
    if (with == NULL) {
        struct diag *d = check_report(check, RULE_REFERENCE, part->span,
                                      "input '%.*s' has no '%.*s' in its 'with'",
                                      STR_ARG(use->input->name), STR_ARG(part->name));
        diag_help_nearest(d, part->name, names, use->input->with_count);
        return;
    }
    for (size_t i = 0; i < with->value_count; i++) {
        const struct part *only = template_only_part(with->values[i]);
        const struct var *var = only != NULL && only->kind == PART_VAR
                                    ? manifest_var(check->manifest, only->name)
                                    : NULL;
        if (var != NULL) {
            const struct var_facts *facts = &check->facts[var - check->manifest->vars];
            check_null(check, part, facts->nullable, whole, use);
        }
    }
}

static void check_part(struct check *check, const struct part *part, bool whole,
                       const struct use *use)
{
    switch (part->kind) {
    case PART_TEXT:
        break;
    case PART_PARAM:
        check_param_part(check, part, whole, use);
        break;
    case PART_VAR:
        check_var_part(check, part, whole, use);
        break;
    case PART_INPUT:
        if (!(use->allow & ALLOW_INPUT)) {
            diag_help(refuse(check, part, use),
                      "the path of an input can stand in 'command', 'env' and 'vars'");
        } else {
            check_input_path(check, part->name, part->span);
        }
        break;
    case PART_OUTPUT:
        if (!(use->allow & ALLOW_OUTPUT)) {
            diag_help(refuse(check, part, use), "the path of an output can stand in 'command', "
                                                "'env', 'vars', 'clean', 'stdout' and 'workdir'");
        } else {
            check_output(check, part->name, part->span);
        }
        break;
    case PART_JOB:
        if ((part->field == JOB_FIELD_ROOT || part->field == JOB_FIELD_URL) &&
            !(use->allow & ALLOW_ADDRESS)) {
            diag_help(refuse(check, part, use), "paths are relative to the workspace root");
        }
        break;
    case PART_WITH:
        check_with_part(check, part, whole, use);
        break;
    case PART_EACH:
        if (!(use->allow & ALLOW_EACH)) {
            diag_help(refuse(check, part, use),
                      "'${each}' is known in the 'args' of an item with 'each' only");
        }
        break;
    }
}

/* `${x}` where x is a param or var. */
static void help_bare(struct check *check, const struct bare_name *bare)
{
    const struct manifest *m = check->manifest;

    if (manifest_param(m, bare->name) != NULL) {
        diag_help(bare->diag, "did you mean '${params.%.*s}'?", STR_ARG(bare->name));
    } else if (manifest_var(m, bare->name) != NULL) {
        diag_help(bare->diag, "did you mean '${vars.%.*s}'?", STR_ARG(bare->name));
    }
}

void check_template(struct check *check, const struct template *template, const struct use *use)
{
    for (size_t i = 0; template != NULL && i < template->bare_count; i++) {
        help_bare(check, &template->bare[i]);
    }
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        check_part(check, &template->parts[i], template->count == 1, use);
    }
}
