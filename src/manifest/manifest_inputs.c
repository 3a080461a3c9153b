#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static void decode_with_entry(struct decoder *d, const struct pair *pair, struct with *with)
{
    const char *what = decode_what(d, "'with' value", pair->key->text);
    const struct node *value = pair->value;

    with->name = pair->key->text;
    with->span = pair->key->span;
    decode_param_name(pair->key, "a param", d->diags);
    if (value->kind == NODE_SEQUENCE) {
        with->is_list = true;
        if (value->count == 0) {
            rule_report(d->diags, RULE_VALUE, value->span, "%s must not be an empty list", what);
            return;
        }
        decode_template_list(d->arena, value, what, d->diags, &with->values, &with->value_count);
        return;
    }
    with->values = arena_array(d->arena, 1, sizeof *with->values);
    if (decode_template(d->arena, value, what, d->diags, &with->values[0])) {
        with->value_count = 1;
    }
}

static void decode_with(struct decoder *d, const struct node *node, struct input *input)
{
    if (!decode_is_mapping(node, "'with'", d->diags)) {
        return;
    }
    input->with = arena_array(d->arena, node->count, sizeof *input->with);
    for (size_t i = 0; i < node->count; i++) {
        decode_with_entry(d, &node->pairs[i], &input->with[input->with_count++]);
    }
}

static void decode_producer(struct decoder *d, const struct node *from, const struct node *output,
                            struct input *input)
{
    if (from != NULL && decode_text(from, "'from'", d->diags, &input->from)) {
        input->from_span = from->span;
        decode_job_name(from, "a job", d->diags);
    }
    if (output != NULL && decode_text(output, "'output'", d->diags, &input->output)) {
        input->output_span = output->span;
        decode_job_name(output, "an output", d->diags);
    }
}

/* `optional` and `to` may be NULL. */
static void decode_else(struct decoder *d, const struct node *node, const struct node *optional,
                        const struct node *to, struct input *input)
{
    struct str name = input->name;

    if (!decode_template(d->arena, node, "'else'", d->diags, &input->otherwise)) {
        return;
    }
    if (optional == NULL || str_is(optional->text, "false")) {
        struct diag *diag = rule_report(
            d->diags, RULE_CONFLICT, node->span,
            "'else' of input '%.*s' is never used: the input is not optional", STR_ARG(name));
        if (optional != NULL) {
            diag_label(diag, optional->span, "not optional");
        }
        diag_help(diag, "add 'optional: true', or leave 'else' out");
    }
    if (to == NULL) {
        struct diag *diag =
            rule_report(d->diags, RULE_MISSING_KEY, node->span,
                        "'else' of input '%.*s' has no place to land at", STR_ARG(name));
        diag_help(diag, "add 'to': a folder, ending in '/', or a file");
    }
}

static void decode_commit(struct decoder *d, const struct node *node, struct input *input)
{
    if (!decode_template(d->arena, node, "'commit'", d->diags, &input->commit)) {
        return;
    }
    if (node->text.n == 0 || node->text.s[0] == '-') {
        struct diag *diag = rule_report(d->diags, RULE_VALUE, node->span, "'%.*s' is no revision",
                                        STR_ARG(node->text));
        diag_help(diag, "write a full id, or what git resolves: a tag, a branch, HEAD~1");
    }
}

/* Each is reported at its first row. */
static void decode_column_names(struct decoder *d, const struct select *select)
{
    for (size_t i = 0; i < select->row_count; i++) {
        const struct select_row *row = &select->rows[i];
        for (size_t j = 0; j < row->column_count; j++) {
            const struct node key = {
                .kind = NODE_SCALAR, .span = row->column_spans[j], .text = row->columns[j]};
            if (select_first_row(select, row->columns[j]) == row) {
                decode_param_name(&key, "a column", d->diags);
            }
        }
    }
}

static void decode_input_select(struct decoder *d, const struct node *node, struct input *input)
{
    if (!decode_is_mapping(node, "'select'", d->diags)) {
        return;
    }
    input->selects = arena_array(d->arena, node->count, sizeof *input->selects);
    for (size_t i = 0; i < node->count; i++) {
        struct select *select = &input->selects[input->select_count];
        if (decode_rows(d, &node->pairs[i], false, select)) {
            decode_column_names(d, select);
            input->select_count++;
        }
    }
}

static void decode_input(struct decoder *d, const struct pair *pair, struct input *input)
{
    enum { FROM, OUTPUT, WITH, TO, WHEN, OPTIONAL, ELSE, COMMIT, SELECT, UNPACK, KEY_COUNT };
    static const char *const KEYS[KEY_COUNT] = {
        [FROM] = "from",     [OUTPUT] = "output",     [WITH] = "with", [TO] = "to",
        [WHEN] = "when",     [OPTIONAL] = "optional", [ELSE] = "else", [COMMIT] = "commit",
        [SELECT] = "select", [UNPACK] = "unpack"};
    const struct node *values[KEY_COUNT];
    const char *what = decode_what(d, "input", pair->key->text);

    input->name = pair->key->text;
    input->span = pair->key->span;
    decode_param_name(pair->key, "an input", d->diags);
    if (pair->value->kind != NODE_MAPPING) {
        struct diag *diag =
            rule_report(d->diags, RULE_TYPE, pair->value->span, "%s must be a mapping, not %s",
                        what, node_kind_name(pair->value));
        diag_help(diag, "write {from: job, to: folder/}");
        return;
    }
    decode_mapping(d->arena, pair->value, KEYS, KEY_COUNT, values, what, d->diags);
    if (values[FROM] == NULL) {
        decode_missing(d, pair->value, KEYS, KEY_COUNT, FROM, input->span, what);
    }
    decode_producer(d, values[FROM], values[OUTPUT], input);
    if (values[WITH] != NULL) {
        decode_with(d, values[WITH], input);
    }
    if (values[TO] != NULL) {
        decode_template(d->arena, values[TO], "'to'", d->diags, &input->to);
    }
    if (values[WHEN] != NULL) {
        input->when = decode_when(d, values[WHEN]);
    }
    if (values[OPTIONAL] != NULL) {
        decode_bool(values[OPTIONAL], "'optional'", d->diags, &input->optional);
    }
    if (values[ELSE] != NULL) {
        decode_else(d, values[ELSE], values[OPTIONAL], values[TO], input);
    }
    if (values[COMMIT] != NULL) {
        decode_commit(d, values[COMMIT], input);
    }
    if (values[SELECT] != NULL) {
        decode_input_select(d, values[SELECT], input);
    }
    if (values[UNPACK] != NULL &&
        decode_pack(d->arena, values[UNPACK], "'unpack'", d->diags, &input->unpack)) {
        input->unpack_span = decode_key_node(pair->value, "unpack")->span;
    }
}

void decode_inputs(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'inputs'", NAMES_INPUTS, 0)) {
        return;
    }
    m->inputs = arena_array(d->arena, node->count, sizeof *m->inputs);
    for (size_t i = 0; i < node->count; i++) {
        decode_input(d, &node->pairs[i], &m->inputs[m->input_count++]);
    }
}
