/* `command`, `env` and `inherit-env`: what is executed, and what it sees. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

enum item_key { WHEN, ARGS, EACH, FILES, URLS, KEY_COUNT };

static const char *const ITEM_KEYS[KEY_COUNT] = {
    [WHEN] = "when", [ARGS] = "args", [EACH] = "each", [FILES] = "files", [URLS] = "urls"};

/* `each` is one placeholder of a param; what the param is, is for the check. A
 * broken one leaves empty text, which is not NULL: the item does have an `each`. */
static void decode_each(struct decoder *d, const struct node *node, struct item *item)
{
    size_t errors_before = d->diags->error_count;
    const struct template *template = NULL;
    const struct part *part;

    item->each = STR("");
    item->each_span = node->span;
    if (!decode_template(d->arena, node, "'each'", d->diags, &template) ||
        d->diags->error_count > errors_before) {
        return;
    }
    part = template_only_part(template);
    if (part == NULL || part->kind != PART_PARAM) {
        struct diag *diag = rule_report(d->diags, RULE_PLACEHOLDER, node->span,
                                        "'each' must be one list param and nothing else");
        diag_help(diag, "write each: \"${params.<name>}\"");
        return;
    }
    item->each = part->name;
    item->each_span = part->span;
}

/* {files: INPUT} or {urls: INPUT}: `key` says which. */
static bool decode_of_input(struct decoder *d, const struct node *mapping,
                            const struct node *const *values, enum item_key key, struct item *item)
{
    const char *name = ITEM_KEYS[key];

    item->kind = key == FILES ? ITEM_FILES : ITEM_URLS;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (i != key && values[i] != NULL) {
            const char *other = ITEM_KEYS[i];
            struct diag *diag =
                rule_report(d->diags, RULE_CONFLICT, decode_key_node(mapping, other)->span,
                            "'%s' excludes '%s'", other, name);
            diag_label(diag, decode_key_node(mapping, name)->span, "given here");
        }
    }
    item->input_span = values[key]->span;
    return decode_filled(values[key], key == FILES ? "'files'" : "'urls'", d->diags, &item->input);
}

static void report_no_args(struct decoder *d, const struct node *mapping)
{
    struct diag *diag = decode_missing(d, mapping, ITEM_KEYS, KEY_COUNT, ARGS, mapping->span,
                                       "an item that is a mapping");

    if (diag != NULL) {
        diag_help(diag, "write {when: {...}, args: [...]}, {each: \"${params.x}\", args: "
                        "[\"${each}\"]}, {files: input} or {urls: input}");
    }
}

/* `keys_good`: no key was refused that could have been meant as `args`. */
static bool decode_args(struct decoder *d, const struct node *mapping,
                        const struct node *const *values, bool keys_good, struct item *item)
{
    item->kind = ITEM_ARGS;
    if (values[WHEN] != NULL) {
        item->when = decode_when(d, values[WHEN]);
    }
    if (values[EACH] != NULL) {
        decode_each(d, values[EACH], item);
    }
    if (values[ARGS] == NULL) {
        if (keys_good) {
            report_no_args(d, mapping);
        }
        return false;
    }
    if (values[WHEN] == NULL && values[EACH] == NULL) {
        struct diag *diag =
            rule_report(d->diags, RULE_MISSING_KEY, decode_key_node(mapping, "args")->span,
                        "'args' needs 'when' or 'each' beside it");
        diag_help(diag, "write what is always there as items of its own");
    }
    if (!decode_template_list(d->arena, values[ARGS], "'args'", d->diags, &item->args,
                              &item->arg_count)) {
        return false;
    }
    if (item->arg_count == 0 && values[ARGS]->count == 0) {
        rule_report(d->diags, RULE_VALUE, values[ARGS]->span, "'args' must not be empty");
    }
    return true;
}

/* False where nothing came of it. */
static bool decode_item(struct decoder *d, const struct node *node, const char *what,
                        struct item *item)
{
    const struct node *values[KEY_COUNT];

    item->span = node->span;
    if (node->kind != NODE_MAPPING) {
        item->kind = ITEM_TEXT;
        return decode_template(d->arena, node, what, d->diags, &item->text);
    }
    size_t errors_before = d->diags->error_count;
    decode_mapping(d->arena, node, ITEM_KEYS, KEY_COUNT, values, what, d->diags);
    bool keys_good = d->diags->error_count == errors_before;
    if (values[FILES] != NULL) {
        return decode_of_input(d, node, values, FILES, item);
    }
    if (values[URLS] != NULL) {
        return decode_of_input(d, node, values, URLS, item);
    }
    return decode_args(d, node, values, keys_good, item);
}

struct item *decode_argv(struct decoder *d, const struct node *node, size_t *count)
{
    struct item *items;

    *count = 0;
    if (node->kind == NODE_SCALAR && !node_is_null(node) && node->text.n > 0) {
        struct diag *diag =
            rule_report(d->diags, RULE_TYPE, node->span, "'command' must be a list, not text");
        diag_help(diag, "write the program and each argument as an item: [make, all]");
        diag_help(diag, "for what a shell does (> | &&), use 'script' in its place");
        return NULL;
    }
    if (!decode_is_list(node, "'command'", d->diags)) {
        return NULL;
    }
    if (node->count == 0 || (node->items[0]->kind == NODE_SCALAR && node->items[0]->text.n == 0 &&
                             node->items[0]->style != NODE_PLAIN)) {
        rule_report(d->diags, RULE_VALUE, node->count == 0 ? node->span : node->items[0]->span,
                    "'command' does not name a program");
        return NULL;
    }
    items = arena_array(d->arena, node->count, sizeof *items);
    for (size_t i = 0; i < node->count; i++) {
        struct item item = {0};

        if (decode_item(d, node->items[i], "an item of 'command'", &item)) {
            items[(*count)++] = item;
        }
    }
    return items;
}

static void decode_env_value(struct decoder *d, const struct node *node, struct env_entry *entry)
{
    enum { WHEN_KEY, VALUE_KEY, COUNT };
    static const char *const KEYS[COUNT] = {"when", "value"};
    const struct node *values[COUNT];
    const char *what = decode_what(d, "variable", entry->name);

    if (node->kind == NODE_MAPPING) {
        decode_mapping(d->arena, node, KEYS, COUNT, values, what, d->diags);
        for (size_t i = 0; i < COUNT; i++) {
            struct diag *diag = NULL;
            if (values[i] == NULL) {
                diag = decode_missing(d, node, KEYS, COUNT, i, entry->span, what);
            }
            if (diag != NULL) {
                diag_help(diag, "write {when: {...}, value: ...}, or the value alone");
            }
        }
        if (values[WHEN_KEY] != NULL) {
            entry->when = decode_when(d, values[WHEN_KEY]);
        }
        node = values[VALUE_KEY];
    }
    if (node != NULL) {
        decode_template_or_null(d->arena, node, what, d->diags, &entry->text);
    }
}

void decode_env_entries(struct decoder *d, const struct node *node, struct env_entry **entries,
                        size_t *count)
{
    if (!decode_is_mapping(node, "'env'", d->diags)) {
        return;
    }
    struct env_entry *all = arena_array(d->arena, *count + node->count, sizeof *all);
    for (size_t i = 0; i < *count; i++) {
        all[i] = (*entries)[i];
    }
    *entries = all;
    for (size_t i = 0; i < node->count; i++) {
        struct env_entry *entry = &all[(*count)++];

        entry->name = node->pairs[i].key->text;
        entry->span = node->pairs[i].key->span;
        decode_env_name(node->pairs[i].key, "a variable", d->diags);
        decode_env_value(d, node->pairs[i].value, entry);
    }
}

void decode_env(struct decoder *d, const struct node *node)
{
    decode_env_entries(d, node, &d->manifest->env, &d->manifest->env_count);
}

/* A name of a variable in which any part may be a `*`. */
static bool is_env_pattern(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && c != '_' && c != '*' && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return text.n > 0;
}

static void report_repeated(struct decoder *d, const struct node *const *nodes, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (str_equal(nodes[j]->text, nodes[i]->text)) {
            struct diag *diag = rule_report(d->diags, RULE_CONFLICT, nodes[i]->span,
                                            "'%.*s' is listed twice", STR_ARG(nodes[i]->text));
            diag_label(diag, nodes[j]->span, "the first time");
            return;
        }
    }
}

static void decode_inherited(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;
    const struct node **nodes = NULL;

    if (node->count > MANIFEST_NAMES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->items[MANIFEST_NAMES_MAX]->span,
                    "'inherit-env' has more than %d entries", MANIFEST_NAMES_MAX);
        return;
    }
    if (!decode_text_list(d->arena, node, "'inherit-env'", d->diags, &m->inherited, &nodes,
                          &m->inherited_count)) {
        return;
    }
    if (node->count == 0) {
        struct diag *diag =
            rule_report(d->diags, RULE_VALUE, node->span, "'inherit-env' must not be empty");
        diag_help(diag, "write inherit-env: false to pass nothing on");
    }
    for (size_t i = 0; i < m->inherited_count; i++) {
        if (!is_env_pattern(m->inherited[i])) {
            struct diag *diag =
                rule_report(d->diags, RULE_NAME, nodes[i]->span,
                            "'%.*s' is neither the name of a variable nor a pattern of names",
                            STR_ARG(m->inherited[i]));
            diag_help(diag, "use letters, digits and '_', not beginning with a digit; '*' stands "
                            "for any of them");
        } else {
            report_repeated(d, nodes, i);
        }
    }
}

void decode_inherit_env(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;
    bool all = true;

    if (node->kind == NODE_SEQUENCE) {
        m->inherit = INHERIT_LISTED;
        decode_inherited(d, node);
        return;
    }
    if (node->kind == NODE_SCALAR && !node_is_null(node) && !str_is(node->text, "true") &&
        !str_is(node->text, "false") && is_env_pattern(node->text)) {
        struct diag *diag = rule_report(d->diags, RULE_TYPE, node->span,
                                        "'inherit-env' must be true, false or a list of names, "
                                        "not '%.*s'",
                                        STR_ARG(node->text));
        diag_help(diag, "write inherit-env: [%s%.*s%s]",
                  str_index(node->text, '*') < node->text.n ? "\"" : "", STR_ARG(node->text),
                  str_index(node->text, '*') < node->text.n ? "\"" : "");
        return;
    }
    if (decode_bool(node, "'inherit-env'", d->diags, &all)) {
        m->inherit = all ? INHERIT_ALL : INHERIT_NONE;
    }
}
