#include "manifest/decode.h"

#include "base/arena.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/number.h"
#include "manifest/template.h"

/* `article` is "a mapping", "text", ...: what the node should have been. */
static bool refuse(const struct node *node, const char *what, const char *article,
                   struct diags *diags)
{
    bool plain = node->kind == NODE_SCALAR && node->style == NODE_PLAIN;

    if (plain && node->text.n == 0) {
        rule_report(diags, RULE_TYPE, node->span, "the value of %s is missing", what);
        return false;
    }
    if (plain && str_is(node->text, "~")) {
        struct diag *d =
            rule_report(diags, RULE_TYPE, node->span, "%s must be %s, not ~", what, article);
        diag_help(d, "write \"~\" where the text is meant");
        return false;
    }
    rule_report(diags, RULE_TYPE, node->span, "%s must be %s, not %s", what, article,
                node_kind_name(node));
    return false;
}

/* A scalar that gives a text: neither null nor nothing. */
static bool has_text(const struct node *node)
{
    if (node->kind != NODE_SCALAR) {
        return false;
    }
    return node->style != NODE_PLAIN ||
           !(node->text.n == 0 || str_is(node->text, "~") || str_is(node->text, "null"));
}

bool decode_is_mapping(const struct node *node, const char *what, struct diags *diags)
{
    return node->kind == NODE_MAPPING || refuse(node, what, "a mapping", diags);
}

bool decode_is_list(const struct node *node, const char *what, struct diags *diags)
{
    if (has_text(node)) {
        struct diag *d =
            rule_report(diags, RULE_TYPE, node->span, "%s must be a list, not text", what);
        diag_help(d, "a list of one is written in brackets too: [...]");
        return false;
    }
    return node->kind == NODE_SEQUENCE || refuse(node, what, "a list", diags);
}

bool decode_is_text(const struct node *node, const char *what, struct diags *diags)
{
    return has_text(node) || refuse(node, what, "text", diags);
}

const struct node *decode_key_node(const struct node *mapping, const char *name)
{
    for (size_t i = 0; i < mapping->count && mapping->kind == NODE_MAPPING; i++) {
        if (str_is(mapping->pairs[i].key->text, name)) {
            return mapping->pairs[i].key;
        }
    }
    return NULL;
}

static void report_unknown_key(struct arena *arena, const struct node *key, const char *const *keys,
                               size_t count, const char *what, struct diags *diags)
{
    struct diag *d = rule_report(diags, RULE_UNKNOWN_KEY, key->span, "unknown key '%.*s' in %s",
                                 STR_ARG(key->text), what);
    struct str *names = arena_array(arena, count, sizeof *names);
    struct buf known = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < count; i++) {
        names[i] = str_from(keys[i]);
        buf_addf(&known, "%s%s", known.n > 0 ? ", " : "", keys[i]);
    }
    if (!diag_help_nearest(d, key->text, names, count)) {
        diag_help(d, "known keys are: %.*s", STR_ARG(buf_str(&known)));
    }
}

bool decode_mapping(struct arena *arena, const struct node *node, const char *const *keys,
                    size_t count, const struct node **values, const char *what, struct diags *diags)
{
    for (size_t k = 0; k < count; k++) {
        values[k] = NULL;
    }
    if (!decode_is_mapping(node, what, diags)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->pairs[i].key;
        size_t k = 0;
        while (k < count && !str_is(key->text, keys[k])) {
            k++;
        }
        if (k == count) {
            report_unknown_key(arena, key, keys, count, what, diags);
        } else {
            values[k] = node->pairs[i].value;
        }
    }
    return true;
}

bool decode_text(const struct node *node, const char *what, struct diags *diags, struct str *text)
{
    if (!decode_is_text(node, what, diags)) {
        return false;
    }
    *text = node->text;
    return true;
}

bool decode_filled(const struct node *node, const char *what, struct diags *diags, struct str *text)
{
    if (!decode_is_text(node, what, diags)) {
        return false;
    }
    if (node->text.n == 0) {
        rule_report(diags, RULE_VALUE, node->span, "%s must not be empty", what);
        return false;
    }
    *text = node->text;
    return true;
}

bool decode_bool(const struct node *node, const char *what, struct diags *diags, bool *truth)
{
    if (!has_text(node)) {
        return refuse(node, what, "true or false", diags);
    }
    if (!str_is(node->text, "true") && !str_is(node->text, "false")) {
        rule_report(diags, RULE_TYPE, node->span, "%s must be true or false, not '%.*s'", what,
                    STR_ARG(node->text));
        return false;
    }
    *truth = str_is(node->text, "true");
    return true;
}

static void report_range(const struct node *node, const char *what, int64_t min, int64_t max,
                         struct diags *diags)
{
    if (max == INT64_MAX) {
        rule_report(diags, RULE_VALUE, node->span, "%s must be at least %lld", what,
                    (long long)min);
    } else {
        rule_report(diags, RULE_VALUE, node->span, "%s must be from %lld to %lld", what,
                    (long long)min, (long long)max);
    }
}

/* "'a', 'b' or 'c'" */
static struct str show_words(struct arena *arena, const char *const *words)
{
    struct buf shown = buf_make(arena, DIAG_TEXT_MAX);

    for (size_t i = 0; words[i] != NULL; i++) {
        const char *between = words[i + 1] != NULL ? ", " : " or ";
        buf_addf(&shown, "%s'%s'", i > 0 ? between : "", words[i]);
    }
    return buf_str(&shown);
}

bool decode_word(struct arena *arena, const struct node *node, const char *what,
                 const char *const *words, struct diags *diags, size_t *number)
{
    struct str *names;
    struct str text;
    size_t count = 0;

    if (!decode_text(node, what, diags, &text)) {
        return false;
    }
    while (words[count] != NULL && !str_is(text, words[count])) {
        count++;
    }
    if (words[count] != NULL) {
        *number = count;
        return true;
    }
    names = arena_array(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = str_from(words[i]);
    }
    struct diag *d = rule_report(diags, RULE_VALUE, node->span, "%s must be %.*s, not '%.*s'", what,
                                 STR_ARG(show_words(arena, words)), STR_ARG(text));
    diag_help_nearest(d, text, names, count);
    return false;
}

bool decode_pack(struct arena *arena, const struct node *node, const char *what,
                 struct diags *diags, enum pack_format *format)
{
    size_t number;

    if (!decode_word(arena, node, what, PACK_NAMES, diags, &number)) {
        return false;
    }
    *format = (enum pack_format)(number + 1);
    return true;
}

bool decode_integer(const struct node *node, const char *what, int64_t min, int64_t max,
                    struct diags *diags, int64_t *number)
{
    int64_t value;
    char canonical[32];

    if (!has_text(node)) {
        return refuse(node, what, "a whole number", diags);
    }
    if (!str_to_int64(node->text, &value)) {
        rule_report(diags, RULE_TYPE, node->span, "%s must be a whole number, not '%.*s'", what,
                    STR_ARG(node->text));
        return false;
    }
    snprintf(canonical, sizeof canonical, "%lld", (long long)value);
    if (!str_is(node->text, canonical)) {
        struct diag *d = rule_report(diags, RULE_TYPE, node->span,
                                     "%s must be a whole number without leading zeros", what);
        diag_help(d, "write %s", canonical);
        return false;
    }
    if (value < min || value > max) {
        report_range(node, what, min, max, diags);
        return false;
    }
    *number = value;
    return true;
}

bool decode_number(struct arena *arena, const struct node *node, const char *what,
                   struct diags *diags, double *number)
{
    struct str meant;

    if (!has_text(node)) {
        return refuse(node, what, "a number", diags);
    }
    if (!str_to_double(node->text, number)) {
        struct diag *d = rule_report(diags, RULE_TYPE, node->span,
                                     "%s must be a number, not '%.*s'", what, STR_ARG(node->text));
        if (number_meant(arena, node->text, &meant)) {
            diag_help(d, "write %.*s", STR_ARG(meant));
        }
        return false;
    }
    return true;
}

bool decode_size(const struct node *node, const char *what, struct diags *diags, int64_t *bytes)
{
    struct str text;

    if (!decode_filled(node, what, diags, &text)) {
        return false;
    }
    if (!size_parse(text, bytes)) {
        struct diag *d =
            rule_report(diags, RULE_VALUE, node->span, "'%.*s' is not a size", STR_ARG(text));
        diag_help(d, "write a whole number and one of B, KiB, MiB, GiB, TiB, such as 10GiB");
        return false;
    }
    return true;
}

bool decode_template(struct arena *arena, const struct node *node, const char *what,
                     struct diags *diags, const struct template **result)
{
    if (!decode_is_text(node, what, diags)) {
        return false;
    }
    *result = template_parse(arena, node, diags);
    return true;
}

bool decode_template_or_null(struct arena *arena, const struct node *node, const char *what,
                             struct diags *diags, const struct template **result)
{
    if (node_is_null(node)) {
        *result = NULL;
        return true;
    }
    if (node->kind == NODE_SCALAR && node->style == NODE_PLAIN && str_is(node->text, "~")) {
        struct diag *d =
            rule_report(diags, RULE_TYPE, node->span, "%s must be text or null, not ~", what);
        diag_help(d, "write null where null is meant, \"~\" where the text is");
        return false;
    }
    return decode_template(arena, node, what, diags, result);
}

/* The items that are text, in fresh storage; those that are not are reported. */
static bool text_items(struct arena *arena, const struct node *node, const char *what,
                       struct diags *diags, const struct node ***nodes, size_t *count)
{
    if (!decode_is_list(node, what, diags)) {
        return false;
    }
    *nodes = arena_array(arena, node->count, sizeof **nodes);
    *count = 0;
    for (size_t i = 0; i < node->count; i++) {
        if (has_text(node->items[i])) {
            (*nodes)[(*count)++] = node->items[i];
        } else {
            refuse(node->items[i], str_format(arena, "an item of %s", what).s, "text", diags);
        }
    }
    return true;
}

bool decode_text_list(struct arena *arena, const struct node *node, const char *what,
                      struct diags *diags, struct str **texts, const struct node ***nodes,
                      size_t *count)
{
    const struct node **items;
    size_t n;

    if (!text_items(arena, node, what, diags, &items, &n)) {
        return false;
    }
    *texts = arena_array(arena, n, sizeof **texts);
    for (size_t i = 0; i < n; i++) {
        (*texts)[i] = items[i]->text;
    }
    if (nodes != NULL) {
        *nodes = items;
    }
    *count = n;
    return true;
}

bool decode_template_list(struct arena *arena, const struct node *node, const char *what,
                          struct diags *diags, const struct template ***templates, size_t *count)
{
    const struct node **items;
    size_t n;

    if (!text_items(arena, node, what, diags, &items, &n)) {
        return false;
    }
    *templates = arena_array(arena, n, sizeof **templates);
    for (size_t i = 0; i < n; i++) {
        (*templates)[i] = template_parse(arena, items[i], diags);
    }
    *count = n;
    return true;
}

bool decode_filled_template_list(struct arena *arena, const struct node *node, const char *what,
                                 struct diags *diags, const struct template ***templates,
                                 size_t *count)
{
    if (!decode_template_list(arena, node, what, diags, templates, count)) {
        return false;
    }
    if (node->count == 0) {
        rule_report(diags, RULE_VALUE, node->span, "%s must not be empty", what);
        return false;
    }
    return true;
}

bool decode_template_or_list(struct arena *arena, const struct node *node, const char *what,
                             struct diags *diags, const struct template ***templates, size_t *count)
{
    if (node->kind == NODE_SEQUENCE) {
        return decode_filled_template_list(arena, node, what, diags, templates, count);
    }
    *templates = arena_array(arena, 1, sizeof **templates);
    *count = decode_template(arena, node, what, diags, *templates);
    return *count == 1;
}

bool decode_one_or_more(struct arena *arena, const struct node *node, const char *what,
                        struct diags *diags, const struct node ***items, size_t *count)
{
    if (node->kind != NODE_SEQUENCE) {
        *items = arena_alloc(arena, sizeof **items);
        (*items)[0] = node;
        *count = 1;
        return true;
    }
    if (node->count == 0) {
        rule_report(diags, RULE_VALUE, node->span, "%s must not be an empty list", what);
        return false;
    }
    *items = node->items;
    *count = node->count;
    return true;
}

static bool refuse_name(const struct node *node, const char *what, const char *form,
                        struct diags *diags)
{
    struct diag *d = rule_report(diags, RULE_NAME, node->span, "'%.*s' cannot be the name of %s",
                                 STR_ARG(node->text), what);

    diag_help(d, "%s", form);
    return false;
}

bool decode_param_name(const struct node *node, const char *what, struct diags *diags)
{
    return name_is_param(node->text) ||
           refuse_name(node, what,
                       "use lower-case letters, digits and '-', beginning with a letter, at most "
                       "100 of them",
                       diags);
}

bool decode_job_name(const struct node *node, const char *what, struct diags *diags)
{
    return name_is_job(node->text) ||
           refuse_name(node, what,
                       "use lower-case letters, digits and, between them, '.', '_' and '-', at "
                       "most 100 of them",
                       diags);
}

bool decode_env_name(const struct node *node, const char *what, struct diags *diags)
{
    return name_is_env(node->text) ||
           refuse_name(node, what, "use letters, digits and '_', not beginning with a digit",
                       diags);
}
