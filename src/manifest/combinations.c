#include "manifest/combinations.h"

#include "base/arena.h"
#include "manifest/combinations_parts.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"

static void collect_with(struct combinations *c, struct str name);

struct combinations combinations_make(struct arena *arena, const struct manifest *manifest,
                                      const struct input *input, size_t *steps)
{
    return (struct combinations){
        .manifest = manifest,
        .input = input,
        .arena = arena,
        .steps = steps,
        .params_added = arena_array(arena, manifest->param_count, sizeof(bool)),
        .vars_added = arena_array(arena, manifest->var_count, sizeof(bool)),
        .vars = arena_array(arena, manifest->var_count, sizeof(struct combinations_var)),
    };
}

const struct with *combinations_entry(const struct combinations *c, struct str name)
{
    return c->input != NULL && !c->in_cell ? with_find(c->input, name) : NULL;
}

const struct select *combinations_table(const struct combinations *c, struct str name,
                                        const struct with **by)
{
    const struct select *table =
        c->input != NULL && !c->in_cell ? input_select(c->input, name) : NULL;

    *by = table != NULL ? combinations_entry(c, table->param) : NULL;
    return *by != NULL ? table : NULL;
}

const struct param *combinations_list(const struct combinations *c, const struct with *with)
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
    param = manifest_param(c->manifest, part->name);
    return param != NULL && param->domain.type == TYPE_LIST ? param : NULL;
}

struct combinations_choice *combinations_choice_find(const struct combinations *c,
                                                     const struct param *param,
                                                     const struct with *with)
{
    for (size_t i = 0; i < c->choice_count; i++) {
        if (c->choices[i].param == param && c->choices[i].with == with) {
            return &c->choices[i];
        }
    }
    return NULL;
}

static size_t param_position(const struct manifest *manifest, const struct param *param)
{
    size_t i = 0;

    while (manifest->params[i] != param) {
        i++;
    }
    return i;
}

struct str combinations_given(const struct combinations *c, const struct param *param)
{
    return c->given != NULL ? c->given[param_position(c->manifest, param)] : (struct str){0};
}

static void choice_add(struct combinations *c, struct combinations_choice choice)
{
    if (choice.count > 0 && combinations_choice_find(c, choice.param, choice.with) == NULL) {
        *ARENA_PUSH(c->arena, c->choices, c->choice_count, c->choice_capacity) = choice;
    }
}

/* The values that the guard leaves; false where it leaves more than can be counted. */
static bool named_values(const struct combinations *c, const struct param *param,
                         struct combinations_choice *choice)
{
    for (size_t i = 0; c->guard != NULL && i < c->guard->count; i++) {
        const struct when_term *term = &c->guard->terms[i];

        if (str_equal(term->subject, param->name) && !term->negated) {
            choice->values = term->values;
            choice->count = term->value_count;
            return true;
        }
    }
    return false;
}

/* Of a param whose values cannot be counted: its default, and all others. */
static void add_samples(struct combinations *c, const struct param *param)
{
    struct combinations_choice choice = {.param = param};

    if (!named_values(c, param, &choice) && param->default_kind == DEFAULT_VALUE) {
        struct str *values = arena_array(c->arena, 2, sizeof *values);
        values[0] = param->default_value.text;
        values[1] = combinations_mark(NULL, 0);
        choice.values = values;
        choice.count = 2;
    }
    choice_add(c, choice);
}

static void collect_param(struct combinations *c, struct str name)
{
    const struct param *param = manifest_param(c->manifest, name);

    if (param == NULL) {
        return;
    }
    c->params_added[param_position(c->manifest, param)] = true;
    if (param->domain.type == TYPE_LIST || combinations_given(c, param).s != NULL) {
        return;
    }
    if (domain_is_finite(&param->domain)) {
        choice_add(c, (struct combinations_choice){.param = param,
                                                   .values = param->domain.values,
                                                   .count = param->domain.value_count});
    } else if (c->samples) {
        add_samples(c, param);
    }
}

static void collect_var(struct combinations *c, struct str name)
{
    const struct var *var = manifest_var(c->manifest, name);

    if (var == NULL || c->vars_added[var - c->manifest->vars]) {
        return;
    }
    c->vars_added[var - c->manifest->vars] = true;
    if (var->text != NULL) {
        combinations_add_template(c, var->text);
        return;
    }
    collect_param(c, var->by);
    for (size_t i = 0; i < var->row_count; i++) {
        combinations_add_template(c, var->cells[i]);
    }
}

/* The choices of a column: those of its entry and of all its cells. */
static void collect_table(struct combinations *c, const struct select *table, const struct with *by,
                          struct str column)
{
    combinations_add_with(c, by);
    c->in_cell = true;
    for (size_t i = 0; i < table->row_count; i++) {
        combinations_add_template(c, select_cell(&table->rows[i], column));
    }
    c->in_cell = false;
}

static void collect_with(struct combinations *c, struct str name)
{
    const struct with *with = combinations_entry(c, name);
    const struct with *by = NULL;
    const struct select *table = with == NULL ? combinations_table(c, name, &by) : NULL;

    if (table != NULL) {
        collect_table(c, table, by, name);
    } else if (with != NULL) {
        combinations_add_with(c, with);
    }
}

void combinations_add_with(struct combinations *c, const struct with *with)
{
    const struct param *list = combinations_list(c, with);

    if (combinations_choice_find(c, NULL, with) != NULL) {
        return;
    }
    if (list != NULL) {
        c->params_added[param_position(c->manifest, list)] = true;
        if (domain_is_finite(list->domain.of)) {
            choice_add(c, (struct combinations_choice){.with = with,
                                                       .values = list->domain.of->values,
                                                       .count = list->domain.of->value_count});
        }
        return;
    }
    if (with->is_list) {
        choice_add(c, (struct combinations_choice){.with = with, .count = with->value_count});
    }
    for (size_t i = 0; i < with->value_count; i++) {
        combinations_add_template(c, with->values[i]);
    }
}

void combinations_add_template(struct combinations *c, const struct template *template)
{
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        const struct part *part = &template->parts[i];

        if (part->kind == PART_PARAM) {
            collect_param(c, part->name);
        } else if (part->kind == PART_VAR) {
            collect_var(c, part->name);
        } else if (part->kind == PART_WITH) {
            collect_with(c, part->name);
        }
    }
}

void combinations_add_when(struct combinations *c, const struct when *when)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        collect_param(c, when->terms[i].subject);
        collect_var(c, when->terms[i].subject);
    }
}

size_t combinations_count(const struct combinations *c, size_t max)
{
    size_t product = 1;

    for (size_t i = 0; i < c->choice_count; i++) {
        if (c->choices[i].count > max / product) {
            return max + 1;
        }
        product *= c->choices[i].count;
    }
    return product;
}

bool combinations_exceed(const struct combinations *c, size_t max)
{
    return combinations_count(c, max) > max;
}

bool combinations_next(struct combinations *c)
{
    c->serial++;
    for (size_t i = c->choice_count; i > 0; i--) {
        struct combinations_choice *choice = &c->choices[i - 1];

        if (++choice->index < choice->count) {
            return true;
        }
        choice->index = 0;
    }
    return false;
}

struct str combinations_show(const struct combinations *c)
{
    struct buf buf = buf_make(c->arena, POSSIBLE_BYTES_MAX);

    for (size_t i = 0; i < c->choice_count && !c->wild; i++) {
        const struct combinations_choice *choice = &c->choices[i];

        if (choice->param != NULL && !combinations_is_unknown(choice->values[choice->index])) {
            struct str value = choice->values[choice->index];
            buf_addf(&buf, "%s%.*s=%.*s", buf.n > 0 ? ", " : "", STR_ARG(choice->param->name),
                     STR_ARG(value.n > 0 ? value : STR("''")));
        }
    }
    return buf_str(&buf);
}
