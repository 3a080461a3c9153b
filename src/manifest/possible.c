#include "manifest/possible.h"

#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"

/* What has several values that are enumerated: a finite param, or a fan-in. */
struct choice {
    const struct param *param; /* NULL: of `with` */
    const struct with *with;
    const struct str *values; /* NULL: the templates of `with` */
    size_t count;
    size_t index;
};

enum visit { VISIT_NEW, VISIT_BUSY, VISIT_DONE };

/* A var's text under the present combination. */
struct known {
    enum visit visit;
    size_t combination;
    bool is_null;
    struct str text;
};

struct expander {
    struct possible_query *query;
    const struct manifest *manifest;
    const struct input *input;
    struct arena *arena;
    struct choice *choices;
    size_t choice_count, choice_capacity;
    struct known *vars;
    bool *collected; /* vars whose params are among the choices */
    size_t combination;
    bool wild;    /* nothing is enumerated */
    bool in_cell; /* of a table of the input */
};

static const struct str ANY = {"\x01", 1};
static const struct str DEEP = {"\x02", 1};

static bool expand(struct expander *e, const struct template *template, struct str *text);
static void collect(struct expander *e, const struct template *template);
static void collect_with(struct expander *e, struct str name);
static bool with_text(struct expander *e, struct str name, struct str *text);

/* The entry of `with`, or NULL; a cell of a table has no such names. */
static const struct with *entry_find(const struct expander *e, struct str name)
{
    return e->input != NULL && !e->in_cell ? with_find(e->input, name) : NULL;
}

/* The table with a column of that name, and the entry that it is by; or NULL. */
static const struct select *table_find(const struct expander *e, struct str name,
                                       const struct with **by)
{
    const struct select *table =
        e->input != NULL && !e->in_cell ? input_select(e->input, name) : NULL;

    *by = table != NULL ? entry_find(e, table->param) : NULL;
    return *by != NULL ? table : NULL;
}

/* The list param that a `with` entry hands on element by element, or NULL. */
static const struct param *with_list_param(const struct expander *e, const struct with *with)
{
    const struct part *part;
    const struct param *param;

    if (with->is_list || with->value_count != 1 || with->values[0] == NULL) {
        return NULL;
    }
    part = template_only_part(with->values[0]);
    if (part == NULL || part->kind != PART_PARAM) {
        return NULL;
    }
    param = manifest_param(e->manifest, part->name);
    return param != NULL && param->domain.type == TYPE_LIST ? param : NULL;
}

static struct choice *choice_find(struct expander *e, const struct param *param,
                                  const struct with *with)
{
    for (size_t i = 0; i < e->choice_count; i++) {
        if (e->choices[i].param == param && e->choices[i].with == with) {
            return &e->choices[i];
        }
    }
    return NULL;
}

static void choice_add(struct expander *e, struct choice choice)
{
    if (choice.count > 0 && choice_find(e, choice.param, choice.with) == NULL) {
        *ARENA_PUSH(e->arena, e->choices, e->choice_count, e->choice_capacity) = choice;
    }
}

static void collect_param(struct expander *e, struct str name)
{
    const struct param *param = manifest_param(e->manifest, name);

    if (param != NULL && param->domain.type != TYPE_LIST && domain_is_finite(&param->domain)) {
        choice_add(e, (struct choice){.param = param,
                                      .values = param->domain.values,
                                      .count = param->domain.value_count});
    }
}

static void collect_var(struct expander *e, struct str name)
{
    const struct var *var = manifest_var(e->manifest, name);

    if (var == NULL || e->collected[var - e->manifest->vars]) {
        return;
    }
    e->collected[var - e->manifest->vars] = true;
    if (var->text != NULL) {
        collect(e, var->text);
        return;
    }
    collect_param(e, var->by);
    for (size_t i = 0; i < var->row_count; i++) {
        if (var->cells[i] != NULL) {
            collect(e, var->cells[i]);
        }
    }
}

/* The choices of a column: those of its entry and of all its cells. */
static void collect_table(struct expander *e, const struct select *table, const struct with *by,
                          struct str column)
{
    collect_with(e, by->name);
    e->in_cell = true;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct template *cell = select_cell(&table->rows[i], column);
        if (cell != NULL) {
            collect(e, cell);
        }
    }
    e->in_cell = false;
}

static void collect_with(struct expander *e, struct str name)
{
    const struct with *with = entry_find(e, name);
    const struct with *by = NULL;
    const struct select *table = with == NULL ? table_find(e, name, &by) : NULL;
    const struct param *list;

    if (table != NULL) {
        collect_table(e, table, by, name);
    }

    if (with == NULL || choice_find(e, NULL, with) != NULL) {
        return;
    }
    list = with_list_param(e, with);
    if (list != NULL) {
        if (domain_is_finite(list->domain.of)) {
            choice_add(e, (struct choice){.with = with,
                                          .values = list->domain.of->values,
                                          .count = list->domain.of->value_count});
        }
        return;
    }
    if (with->is_list) {
        choice_add(e, (struct choice){.with = with, .count = with->value_count});
    }
    for (size_t i = 0; i < with->value_count; i++) {
        if (with->values[i] != NULL) {
            collect(e, with->values[i]);
        }
    }
}

static void collect(struct expander *e, const struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];

        if (part->kind == PART_PARAM) {
            collect_param(e, part->name);
        } else if (part->kind == PART_VAR) {
            collect_var(e, part->name);
        } else if (part->kind == PART_WITH) {
            collect_with(e, part->name);
        }
    }
}

/* The mark for a value that is one of these. */
static struct str mark_for(const struct str *values, size_t count)
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
        return mark_for(domain->values, domain->value_count);
    }
    return domain->type == TYPE_PATH || domain->type == TYPE_LIST ? DEEP : ANY;
}

static struct str param_text(struct expander *e, struct str name)
{
    const struct param *param = manifest_param(e->manifest, name);
    const struct choice *choice;

    if (param == NULL) {
        return DEEP;
    }
    choice = e->wild ? NULL : choice_find(e, param, NULL);
    return choice != NULL ? choice->values[choice->index] : domain_mark(&param->domain);
}

/* A cell of a table, or the mark for all of them. False: null, or no such row. */
static bool column_text(struct expander *e, const struct var *var, struct str *text)
{
    const struct param *param = manifest_param(e->manifest, var->by);
    const struct choice *choice = param == NULL || e->wild ? NULL : choice_find(e, param, NULL);
    struct str worst = ANY;

    for (size_t i = 0; i < var->row_count; i++) {
        if (choice != NULL) {
            if (str_equal(var->rows[i], choice->values[choice->index])) {
                return var->cells[i] != NULL && expand(e, var->cells[i], text);
            }
        } else if (var->cells[i] != NULL && expand(e, var->cells[i], text) &&
                   str_equal(mark_for(text, 1), DEEP)) {
            worst = DEEP;
        }
    }
    *text = worst;
    return choice == NULL;
}

static bool var_text(struct expander *e, struct str name, struct str *text)
{
    const struct var *var = manifest_var(e->manifest, name);
    struct known *known = var != NULL ? &e->vars[var - e->manifest->vars] : NULL;

    *text = DEEP;
    if (var == NULL || known->visit == VISIT_BUSY || (var->text == NULL && var->row_count == 0)) {
        return true;
    }
    if (known->visit == VISIT_NEW || known->combination != e->combination) {
        known->visit = VISIT_BUSY;
        known->is_null =
            var->text != NULL ? !expand(e, var->text, text) : !column_text(e, var, text);
        known->text = *text;
        known->combination = e->combination;
        known->visit = VISIT_DONE;
    }
    *text = known->text;
    return !known->is_null;
}

static bool cell_text(struct expander *e, const struct template *cell, struct str *text)
{
    e->in_cell = true;
    bool has_text = expand(e, cell, text);
    e->in_cell = false;
    return has_text;
}

/* The cell of the present value, or where that is not known the mark for all. */
static bool table_text(struct expander *e, const struct select *table, const struct with *by,
                       struct str column, struct str *text)
{
    struct str worst = ANY;
    struct str value;

    if (!with_text(e, by->name, &value)) {
        return false;
    }
    for (size_t i = 0; i < table->row_count; i++) {
        const struct template *cell = select_cell(&table->rows[i], column);
        if (cell == NULL || !cell_text(e, cell, text)) {
            continue;
        }
        if (str_equal(table->rows[i].value, value)) {
            return true;
        }
        worst = str_equal(mark_for(text, 1), DEEP) ? DEEP : worst;
    }
    *text = worst;
    return true;
}

static bool with_text(struct expander *e, struct str name, struct str *text)
{
    const struct with *with = entry_find(e, name);
    const struct with *by = NULL;
    const struct select *table = with == NULL ? table_find(e, name, &by) : NULL;
    const struct param *list = with != NULL ? with_list_param(e, with) : NULL;
    const struct choice *choice = with != NULL && !e->wild ? choice_find(e, NULL, with) : NULL;
    struct str worst = ANY;

    if (table != NULL) {
        return table_text(e, table, by, name, text);
    }
    *text = DEEP;
    if (with == NULL || with->value_count == 0) {
        return true;
    }
    if (list != NULL) {
        *text = choice != NULL ? choice->values[choice->index] : domain_mark(list->domain.of);
        return true;
    }
    if (choice != NULL || !with->is_list) {
        const struct template *value = with->values[choice != NULL ? choice->index : 0];
        return value == NULL || expand(e, value, text);
    }
    for (size_t i = 0; i < with->value_count; i++) {
        if (with->values[i] != NULL && expand(e, with->values[i], text) &&
            str_equal(mark_for(text, 1), DEEP)) {
            worst = DEEP;
        }
    }
    *text = worst;
    return true;
}

static bool part_text(struct expander *e, const struct part *part, struct str *text)
{
    switch (part->kind) {
    case PART_TEXT:
        *text = part->text;
        return true;
    case PART_PARAM:
        *text = param_text(e, part->name);
        return true;
    case PART_VAR:
        return var_text(e, part->name, text);
    case PART_WITH:
        return with_text(e, part->name, text);
    case PART_JOB:
        if (part->field == JOB_FIELD_NAME) {
            *text = e->manifest->name;
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

/* False where the whole is null. */
static bool expand(struct expander *e, const struct template *template, struct str *text)
{
    struct buf buf = buf_make(e->arena, POSSIBLE_BYTES_MAX);

    for (size_t i = 0; i < template->count; i++) {
        struct str piece;

        e->query->steps++;
        if (!part_text(e, &template->parts[i], &piece)) {
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

static bool choices_allowed(const struct expander *e, const struct when *guard)
{
    for (size_t i = 0; i < e->choice_count && !e->wild; i++) {
        const struct choice *choice = &e->choices[i];

        if (choice->param != NULL &&
            !when_allows(guard, choice->param->name, choice->values[choice->index])) {
            return false;
        }
    }
    return true;
}

/* "mode=pr, platform=linux-x64" */
static struct str choices_show(const struct expander *e)
{
    struct buf buf = buf_make(e->arena, POSSIBLE_BYTES_MAX);

    for (size_t i = 0; i < e->choice_count && !e->wild; i++) {
        const struct choice *choice = &e->choices[i];

        if (choice->param != NULL) {
            buf_addf(&buf, "%s%.*s=%.*s", buf.n > 0 ? ", " : "", STR_ARG(choice->param->name),
                     STR_ARG(choice->values[choice->index]));
        }
    }
    return buf_str(&buf);
}

/* Moves on to the next combination; false behind the last. */
static bool choices_next(struct expander *e)
{
    e->combination++;
    for (size_t i = e->choice_count; i > 0; i--) {
        struct choice *choice = &e->choices[i - 1];

        if (++choice->index < choice->count) {
            return true;
        }
        choice->index = 0;
    }
    return false;
}

static bool choices_over(const struct expander *e, size_t max)
{
    size_t product = 1;

    for (size_t i = 0; i < e->choice_count; i++) {
        if (e->choices[i].count > max / product) {
            return true;
        }
        product *= e->choices[i].count;
    }
    return false;
}

struct possible possible_texts(struct possible_query *query, const struct template *template)
{
    const struct manifest *manifest = query->manifest;
    struct expander e = {
        .query = query, .manifest = manifest, .input = query->input, .arena = query->arena};
    struct possible possible = {0};
    size_t capacity = 0;
    struct str text;

    e.vars = arena_array(e.arena, manifest->var_count, sizeof *e.vars);
    e.collected = arena_array(e.arena, manifest->var_count, sizeof *e.collected);
    collect(&e, template);
    e.wild = choices_over(&e, query->max);
    do {
        if (query->steps > POSSIBLE_STEPS && !e.wild) {
            e.wild = true;
            possible.count = 0;
        }
        if (choices_allowed(&e, query->guard) && expand(&e, template, &text)) {
            *ARENA_PUSH(e.arena, possible.texts, possible.count, capacity) =
                (struct possible_text){text, choices_show(&e)};
        }
    } while (choices_next(&e) && !e.wild);
    return possible;
}
