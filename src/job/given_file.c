/* Params in a file: what both forms share, and YAML. */
#include "job/given_file.h"
#include "base/arena.h"
#include "job/given.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

struct given *given_begin_value(struct givens *givens, struct str name, struct span name_span,
                                struct span span, const char *form)
{
    struct given *given = given_find(givens, name);

    if (given == NULL) {
        givens_report_unknown(givens, name_span, name);
        return NULL;
    }
    bool is_list = given->param->domain.type == TYPE_LIST;
    if (strcmp(form, is_list ? "a list" : "text") != 0) {
        diag_error(givens->diags, STATUS_USAGE, "param", span, "param '%.*s' takes %s, not %s",
                   STR_ARG(name), is_list ? "a list" : "one value", form);
        given->is_given = true;
        given->failed = true;
        return NULL;
    }
    if (given->is_given) {
        return NULL;
    }
    given->origin = ORIGIN_FILE;
    given->is_given = true;
    given->span = span;
    return given;
}

void given_refuse_element(const struct givens *givens, struct given *given, struct span span,
                          const char *form)
{
    diag_error(givens->diags, STATUS_USAGE, "param", span,
               "an element of param '%.*s' must be text, not %s", STR_ARG(given->param->name),
               form);
    given->failed = true;
}

/* What a YAML value is for a param, whatever its letters look like. */
static const char *node_form(const struct node *node)
{
    bool plain = node->kind == NODE_SCALAR && node->style == NODE_PLAIN;

    if (plain && node->text.n == 0) {
        return "nothing";
    }
    if (plain && str_is(node->text, "~")) {
        return "~";
    }
    return node_kind_name(node);
}

static void take_pair(struct givens *givens, const struct pair *pair)
{
    const struct node *value = pair->value;
    struct given *given =
        given_begin_value(givens, pair->key->text, pair->key->span, value->span, node_form(value));

    if (given == NULL) {
        return;
    }
    if (value->kind == NODE_SCALAR) {
        given_add(givens, given, value->text, value->span);
    }
    for (size_t i = 0; value->kind == NODE_SEQUENCE && i < value->count; i++) {
        const struct node *item = value->items[i];
        const char *form = node_form(item);
        if (strcmp(form, "text") == 0) {
            given_add(givens, given, item->text, item->span);
        } else {
            given_refuse_element(givens, given, item->span, form);
        }
    }
}

void givens_report_no_mapping(const struct givens *givens, struct span span, const char *form)
{
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", span,
                                "a params file must be a mapping of names to values, not %s", form);

    diag_help(d, "write one 'name: value' for each param");
}

static void take_yaml(struct givens *givens, const struct source *file)
{
    struct diags *diags = givens->diags;
    size_t before = diags->count;
    const struct node *root = document_parse(givens->arena, file, diags);

    /* The same problems as in a manifest, but here they are the caller's. */
    for (size_t i = before; i < diags->count; i++) {
        diags->items[i]->status = STATUS_USAGE;
    }
    givens->file_failed = root == NULL;
    if (root != NULL && root->kind != NODE_MAPPING) {
        givens_report_no_mapping(givens, root->span, node_form(root));
        return;
    }
    for (size_t i = 0; root != NULL && i < root->count; i++) {
        take_pair(givens, &root->pairs[i]);
    }
}

void givens_take_file(struct givens *givens, const struct source *file, bool is_json)
{
    givens->file = file->name;
    if (is_json) {
        givens_take_json(givens, file);
    } else {
        take_yaml(givens, file);
    }
}
