/* Inputs: their places, tables and what is used of them. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static void check_with(struct check *check, const struct input *input)
{
    for (size_t i = 0; i < input->with_count; i++) {
        const struct with *with = &input->with[i];
        struct use use = {.where = check_what(check, "the 'with' value", with->name),
                          .allow = ALLOW_ADDRESS | ALLOW_NULL,
                          .guard = input->when,
                          .with = with->name};

        if (!with->is_list) {
            use.allow |= ALLOW_LIST;
        }
        for (size_t j = 0; j < with->value_count; j++) {
            check_template(check, with->values[j], &use);
        }
    }
}

/* The text of a `to` that is one file, the same for every element; NULL: it is not. */
static const struct node *file_of(const struct input *input)
{
    const struct template *to = input->to;

    if (to == NULL || to->node == NULL || to->node->text.n == 0 ||
        str_ends(to->node->text, STR("/"))) {
        return NULL;
    }
    for (size_t i = 0; i < to->count; i++) {
        if (to->parts[i].kind == PART_WITH) {
            return NULL;
        }
    }
    return to->node;
}

/* Of optional inputs one may be there instead of the other. */
static void check_same_file(struct check *check, const struct input *a, const struct input *b)
{
    const struct node *first = file_of(a), *second = file_of(b);

    if (first == NULL || second == NULL || !str_equal(first->text, second->text) || a->optional ||
        b->optional || when_excludes(a->when, b->when)) {
        return;
    }
    struct diag *d = check_report(check, RULE_CONFLICT, second->span,
                                  "inputs '%.*s' and '%.*s' both land at '%.*s'", STR_ARG(a->name),
                                  STR_ARG(b->name), STR_ARG(second->text));
    diag_label(d, first->span, "of input '%.*s'", STR_ARG(a->name));
    diag_help(d, "give them different files, or conditions that exclude one another");
}

/* --- tables --- */

static bool uses_with(const struct template *template, struct str name)
{
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        if (template->parts[i].kind == PART_WITH && str_equal(template->parts[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* A name stands in one place: among the entries of `with`, or in one table. */
static void check_column(struct check *check, const struct input *input,
                         const struct select *select, struct str column, struct span span)
{
    const struct with *with = with_find(input, column);
    const struct select *first = input_select(input, column);
    struct diag *d;

    if (with != NULL) {
        d = check_report(check, RULE_CONFLICT, span,
                         "column '%.*s' has the name of an entry of 'with'", STR_ARG(column));
        diag_label(d, with->span, "the entry");
        diag_help(d, "give the column another name");
    } else if (first != select) {
        d = check_report(check, RULE_CONFLICT, span, "'%.*s' is a column of two tables",
                         STR_ARG(column));
        diag_label(d, first->span, "of this table too");
    } else if (!check->manifest->is_broken && !uses_with(input->to, column) &&
               !uses_with(input->commit, column) && !uses_with(input->otherwise, column)) {
        d = check_report(check, RULE_UNUSED, span, "column '%.*s' is not used", STR_ARG(column));
        diag_help(d, "${with.%.*s} can stand in 'to', 'commit' and 'else' of input '%.*s'",
                  STR_ARG(column), STR_ARG(input->name));
    }
}

static const struct select_row *row_find(const struct select *select, struct str value)
{
    for (size_t i = 0; i < select->row_count; i++) {
        if (str_equal(select->rows[i].value, value)) {
            return &select->rows[i];
        }
    }
    return NULL;
}

/* The values that the entry can have, as far as the guard tells; false where
 * they cannot be counted. */
static bool values_of(struct check *check, const struct input *input, const struct with *with,
                      const struct when *guard, struct possible *values)
{
    struct part part = {.kind = PART_WITH, .name = with->name};
    const struct template entry = {.parts = &part, .count = 1};
    struct possible_query query = check->paths;

    query.input = input;
    query.guard = guard;
    *values = possible_texts(&query, &entry);
    check->paths.steps = query.steps;
    for (size_t i = 0; i < values->count; i++) {
        struct str text = values->texts[i].text;
        if (str_index(text, POSSIBLE_ANY) < text.n || str_index(text, POSSIBLE_DEEP) < text.n) {
            return false;
        }
    }
    return values->count > 0;
}

static void report_lacking_rows(struct check *check, const struct select *select,
                                const struct with *with, const struct possible *values)
{
    struct str *lacking = arena_array(check->arena, values->count, sizeof *lacking);
    struct buf shown = buf_make(check->arena, BUF_MAX_DEFAULT);
    size_t count = 0;

    for (size_t i = 0; i < values->count; i++) {
        struct str value = values->texts[i].text;
        bool is_known = row_find(select, value) != NULL;
        for (size_t j = 0; j < count && !is_known; j++) {
            is_known = str_equal(lacking[j], value);
        }
        if (!is_known) {
            lacking[count++] = value;
            buf_addf(&shown, "%s'%.*s'", count > 1 ? ", " : "", STR_ARG(value));
        }
    }
    if (count > 0) {
        struct diag *d = check_report(check, RULE_SELECT, select->span,
                                      "the table of '%.*s' has no row for %.*s",
                                      STR_ARG(select->param), STR_ARG(buf_str(&shown)));
        diag_label(d, with->span, "given here");
    }
}

static void check_unknown_rows(struct check *check, const struct select *select,
                               const struct with *with, const struct possible *values)
{
    struct str *texts = arena_array(check->arena, values->count, sizeof *texts);

    for (size_t i = 0; i < values->count; i++) {
        texts[i] = values->texts[i].text;
    }
    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        bool is_given = false;
        for (size_t j = 0; j < values->count && !is_given; j++) {
            is_given = str_equal(texts[j], row->value);
        }
        if (!is_given) {
            struct diag *d =
                check_report(check, RULE_SELECT, row->span, "'%.*s' is never '%.*s' in 'with'",
                             STR_ARG(select->param), STR_ARG(row->value));
            diag_help_nearest(d, row->value, texts, values->count);
            diag_label(d, with->span, "given here");
        }
    }
}

static void check_table(struct check *check, const struct input *input, const struct select *select)
{
    const struct with *with = with_find(input, select->param);
    struct possible values;

    if (with == NULL) {
        struct str *names = arena_array(check->arena, input->with_count, sizeof *names);
        struct diag *d = check_report(check, RULE_SELECT, select->span,
                                      "input '%.*s' has no '%.*s' in its 'with'",
                                      STR_ARG(input->name), STR_ARG(select->param));
        for (size_t i = 0; i < input->with_count; i++) {
            names[i] = input->with[i].name;
        }
        if (!diag_help_nearest(d, select->param, names, input->with_count)) {
            diag_help(d, "a table of an input has a row for each value of an entry of 'with'");
        }
    } else if (!check->manifest->is_broken) {
        if (values_of(check, input, with, NULL, &values)) {
            check_unknown_rows(check, select, with, &values);
        }
        if (values_of(check, input, with, input->when, &values)) {
            report_lacking_rows(check, select, with, &values);
        }
    }
    check_columns(check, select, false);
}

static void check_tables(struct check *check, const struct input *input)
{
    struct use use = {.allow = ALLOW_ADDRESS, .guard = input->when};

    for (size_t i = 0; i < input->select_count; i++) {
        const struct select *select = &input->selects[i];
        check_table(check, input, select);
        for (size_t j = 0; j < select->row_count; j++) {
            const struct select_row *row = &select->rows[j];
            for (size_t k = 0; k < row->column_count; k++) {
                use.where = check_what(check, "column", row->columns[k]);
                check_template(check, row->cells[k], &use);
                if (row == select_first_row(select, row->columns[k])) {
                    check_column(check, input, select, row->columns[k], row->column_spans[k]);
                }
            }
        }
    }
}

/* --- what is used of an input --- */

static bool text_mentions(const struct node *node, struct str word)
{
    return node != NULL && str_contains(node->text, word);
}

/* Whether a script or another text of the command names the variable. */
static bool is_mentioned(const struct manifest *m, struct str variable)
{
    for (size_t i = 0; i < m->step_count; i++) {
        const struct step *step = &m->steps[i];
        if (text_mentions(step->script, variable)) {
            return true;
        }
        for (size_t j = 0; j < step->command_count; j++) {
            const struct item *item = &step->command[j];
            if (item->kind == ITEM_TEXT && text_mentions(item->text->node, variable)) {
                return true;
            }
        }
    }
    return false;
}

void check_unused_input(struct check *check, const struct input *input)
{
    struct str variable = str_format(check->arena, "%.*s_URLS",
                                     STR_ARG(name_to_env(check->arena, "INPUT_", input->name)));

    if (input->to != NULL || check->inputs_used[input - check->manifest->inputs] ||
        is_mentioned(check->manifest, variable)) {
        return;
    }
    struct diag *d = check_report(check, RULE_UNUSED, input->span,
                                  "input '%.*s' is not used: nothing of it lands without a 'to'",
                                  STR_ARG(input->name));
    diag_help(d,
              "add 'to' (a folder, ending in '/', or a file), or use its addresses: {urls: "
              "%.*s} in 'command', or the variable %.*s",
              STR_ARG(input->name), STR_ARG(variable));
}

/* Whether any of it lands here; the input, where it is there. */
static const struct input *check_lands(struct check *check, struct str name, struct span span)
{
    const struct input *input = check_input(check, name, span);

    if (input == NULL || input->to != NULL || check->manifest->is_broken) {
        return input;
    }
    struct diag *d =
        check_report(check, RULE_CONFLICT, span,
                     "input '%.*s' has no 'to', so none of its files are here", STR_ARG(name));
    diag_label(d, input->span, "declared here");
    diag_help(d, "add a 'to', or use its addresses: {urls: %.*s}", STR_ARG(name));
    return input;
}

void check_files(struct check *check, struct str name, struct span span)
{
    const struct input *input = check_lands(check, name, span);

    if (input == NULL || input->unpack == PACK_NONE) {
        return;
    }
    struct diag *d = check_report(check, RULE_PLACEHOLDER, span,
                                  "input '%.*s' is unpacked, so its files are not known before it "
                                  "is there",
                                  STR_ARG(name));
    diag_label(d, input->unpack_span, "unpacked because of this");
    diag_help(d, "use the folder: ${inputs.%.*s.path}", STR_ARG(name));
}

void check_input_path(struct check *check, struct str name, struct span span)
{
    size_t errors = check->diags->error_count;
    const struct input *input = check_lands(check, name, span);

    if (input == NULL || check->diags->error_count > errors || !input->optional ||
        input->otherwise != NULL) {
        return;
    }
    struct diag *d =
        check_report(check, RULE_ABSENT, span,
                     "the path of input '%.*s' is empty where the input is absent", STR_ARG(name));
    diag_label(d, input->span, "it is optional");
    diag_help(d, "use {files: %.*s}, which gives no argument then, or give the input an 'else'",
              STR_ARG(name));
}

/* Whether the template's last byte is one that the manifest says itself. */
static bool ends_in_text(const struct template *template)
{
    return template->count > 0 && template->parts[template->count - 1].kind == PART_TEXT;
}

static void check_unpack(struct check *check, const struct input *input)
{
    const struct node *to = input->to != NULL ? input->to->node : NULL;

    if (input->unpack != PACK_NONE && to == NULL && !check->manifest->is_broken) {
        struct diag *d =
            check_report(check, RULE_MISSING_KEY, input->unpack_span,
                         "'unpack' of input '%.*s' has no place to land at", STR_ARG(input->name));
        diag_help(d, "add 'to': a folder, ending in '/'");
    }
    if (input->unpack == PACK_NONE || to == NULL || str_ends(to->text, STR("/")) ||
        !ends_in_text(input->to)) {
        return;
    }
    struct diag *d = check_report(check, RULE_PATH, to->span,
                                  "input '%.*s' is unpacked, and '%.*s' is the name of one file",
                                  STR_ARG(input->name), STR_ARG(to->text));
    diag_label(d, input->unpack_span, "unpacked because of this");
    diag_help(d, "end 'to' with '/' to name the folder that it is unpacked into");
}

void check_inputs(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->input_count; i++) {
        const struct input *input = &m->inputs[i];
        struct use use = {.where = check_what(check, "'to' of input", input->name),
                          .allow = ALLOW_WITH,
                          .guard = input->when,
                          .input = input};

        check_when(check, input->when);
        check_with(check, input);
        check_tables(check, input);
        check_template(check, input->to, &use);
        check_path(check, input->to, PATH_PLAIN, &use);
        check_unpack(check, input);
        use.where = check_what(check, "'else' of input", input->name);
        check_template(check, input->otherwise, &use);
        check_path(check, input->otherwise, PATH_PLAIN, &use);
        use.where = check_what(check, "'commit' of input", input->name);
        check_template(check, input->commit, &use);
        for (size_t j = 0; j < i; j++) {
            check_same_file(check, &m->inputs[j], input);
        }
    }
}
