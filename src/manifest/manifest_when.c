#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* `{not: value or list}` */
static const struct node *decode_not(struct decoder *d, const struct node *node, const char *what)
{
    static const char *const KEYS[] = {"not"};
    const struct node *values[ARRAY_COUNT(KEYS)];

    decode_mapping(d->arena, node, KEYS, ARRAY_COUNT(KEYS), values, what, d->diags);
    if (values[0] == NULL && node->count == 0) {
        struct diag *diag =
            rule_report(d->diags, RULE_MISSING_KEY, node->span, "%s has no value", what);
        diag_help(diag, "write a value, a list of values, or {not: ...}");
    }
    return values[0];
}

static void decode_term(struct decoder *d, const struct pair *pair, struct when_term *term)
{
    const char *what = decode_what(d, "condition", pair->key->text);
    const struct node *node = pair->value;
    const struct node **items = NULL;
    size_t count = 0;

    term->subject = pair->key->text;
    term->span = pair->key->span;
    if (node->kind == NODE_MAPPING) {
        term->negated = true;
        node = decode_not(d, node, what);
    }
    if (node == NULL || !decode_one_or_more(d->arena, node, what, d->diags, &items, &count)) {
        return;
    }
    term->values = arena_array(d->arena, count, sizeof *term->values);
    term->value_spans = arena_array(d->arena, count, sizeof *term->value_spans);
    for (size_t i = 0; i < count; i++) {
        if (decode_text(items[i], what, d->diags, &term->values[term->value_count])) {
            term->value_spans[term->value_count++] = items[i]->span;
        }
    }
}

bool when_asks(const struct when *when, struct str subject)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        if (str_equal(when->terms[i].subject, subject)) {
            return true;
        }
    }
    return false;
}

const struct when *decode_when(struct decoder *d, const struct node *node)
{
    return decode_condition(d, node, "'when'");
}

const struct when *decode_condition(struct decoder *d, const struct node *node, const char *what)
{
    struct when *when;

    if (!decode_is_mapping(node, what, d->diags)) {
        return NULL;
    }
    if (node->count == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "%s must not be empty", what);
        return NULL;
    }
    when = arena_alloc(d->arena, sizeof *when);
    when->span = node->span;
    when->count = node->count;
    when->terms = arena_array(d->arena, node->count, sizeof *when->terms);
    for (size_t i = 0; i < node->count; i++) {
        decode_term(d, &node->pairs[i], &when->terms[i]);
    }
    return when;
}
