/* Params in a file, YAML or JSON. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "job/given.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static const struct span NOWHERE;

/* The param that a value is for, or NULL where there is nothing to take: its
 * form is wrong, or a flag has given it. `form` is what the value is. */
static struct given *begin_given(struct givens *givens, struct str name, struct span name_span,
                                 struct span span, const char *form)
{
    struct given *given = given_find(givens, name);

    if (given == NULL) {
        givens_report_unknown(givens, name_span, name, givens->names,
                              givens->manifest->param_count);
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

static void refuse_element(const struct givens *givens, struct given *given, struct span span,
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
        begin_given(givens, pair->key->text, pair->key->span, value->span, node_form(value));

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
            refuse_element(givens, given, item->span, form);
        }
    }
}

static void report_no_mapping(struct givens *givens, struct span span, const char *form)
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
    if (root != NULL && root->kind != NODE_MAPPING) {
        report_no_mapping(givens, root->span, node_form(root));
        return;
    }
    for (size_t i = 0; root != NULL && i < root->count; i++) {
        take_pair(givens, &root->pairs[i]);
    }
}

/* The places of JSON values, which its parser does not give: a walk over text
 * that the parser has accepted, so that only strings and brackets count. */
struct cursor {
    const struct source *source;
    size_t at;
};

static char byte_at(const struct cursor *cursor)
{
    return cursor->at < cursor->source->text.n ? cursor->source->text.s[cursor->at] : '\0';
}

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static void skip_all_of(struct cursor *cursor, const char *set)
{
    while (is_one_of(byte_at(cursor), set)) {
        cursor->at++;
    }
}

static void skip_string(struct cursor *cursor)
{
    cursor->at++;
    while (byte_at(cursor) != '"' && byte_at(cursor) != '\0') {
        cursor->at += byte_at(cursor) == '\\' ? 2 : 1;
    }
    cursor->at++;
}

static struct span skip_value(struct cursor *cursor)
{
    size_t depth = 0;

    skip_all_of(cursor, " \t\r\n,:");
    size_t start = cursor->at;
    do {
        char byte = byte_at(cursor);
        if (byte == '"') {
            skip_string(cursor);
        } else if (is_one_of(byte, "[{")) {
            depth++;
            cursor->at++;
        } else if (is_one_of(byte, "]}")) {
            depth--;
            cursor->at++;
        } else if (depth > 0) {
            cursor->at++;
        } else {
            while (byte_at(cursor) != '\0' && !is_one_of(byte_at(cursor), " \t\r\n,:]}")) {
                cursor->at++;
            }
        }
    } while (depth > 0 && cursor->at < cursor->source->text.n);
    return (struct span){cursor->source, start, cursor->at - start};
}

/* The text that a JSON value is for a param; "text", or what it is instead.
 * A number is what stands in the file, to the last digit. */
static const char *json_form(const struct json *value, struct span span, struct str *text)
{
    struct str raw = str_slice(span.source->text, span.start, span.length);
    bool truth;

    if (json_is_array(value)) {
        return "a list";
    }
    if (json_is_object(value)) {
        return "a mapping";
    }
    if (json_get_str(value, text)) {
        return "text";
    }
    if (json_get_bool(value, &truth)) {
        *text = truth ? STR("true") : STR("false");
        return "text";
    }
    *text = raw;
    return str_is(raw, "null") ? "null" : "text";
}

static void take_json_list(struct givens *givens, struct given *given, const struct json *list,
                           struct span span)
{
    struct cursor cursor = {span.source, span.start + 1};

    for (size_t i = 0; i < json_count(list); i++) {
        struct str text;
        struct span item = skip_value(&cursor);
        const char *form = json_form(json_item(list, i), item, &text);
        if (strcmp(form, "text") == 0) {
            given_add(givens, given, text, item);
        } else {
            refuse_element(givens, given, item, form);
        }
    }
}

static void take_json(struct givens *givens, const struct source *file)
{
    struct error problem = {0};
    struct cursor cursor = {file, 0};
    struct json *root;
    struct str text;

    if (json_parse(givens->arena, file->text, DOCUMENT_BYTES_MAX, &root, &problem) != 0) {
        error_prefix(&problem, "cannot read '%.*s'", STR_ARG(file->name));
        diag_from_error(givens->diags, STATUS_USAGE, "param", NOWHERE, &problem);
        return;
    }
    struct span whole = skip_value(&cursor);
    if (!json_is_object(root)) {
        report_no_mapping(givens, whole, json_form(root, whole, &text));
        return;
    }
    cursor.at = whole.start + 1;
    for (size_t i = 0; i < json_count(root); i++) {
        struct span name = skip_value(&cursor);
        struct span span = skip_value(&cursor);
        const struct json *value = json_item(root, i);
        const char *form = json_form(value, span, &text);
        struct given *given = begin_given(givens, json_name(root, i), name, span, form);
        if (given != NULL && strcmp(form, "text") == 0) {
            given_add(givens, given, text, span);
        } else if (given != NULL) {
            take_json_list(givens, given, value, span);
        }
    }
}

void givens_take_file(struct givens *givens, const struct source *file, bool is_json)
{
    givens->file = file->name;
    if (is_json) {
        take_json(givens, file);
    } else {
        take_yaml(givens, file);
    }
}
