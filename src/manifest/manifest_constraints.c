/* `constraints`: what values of params may not be together. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/template.h"

/* One line, which becomes the message of an error. */
static void decode_message(struct decoder *d, const struct node *node, struct str *message)
{
    size_t offset, length;
    struct str text;

    if (!decode_filled(node, "'message'", d->diags, &text)) {
        return;
    }
    if (str_trim(text).n == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "'message' must not be empty");
    } else if (str_contains(str_trim(text), STR("\n"))) {
        struct diag *diag =
            rule_report(d->diags, RULE_VALUE, node->span, "'message' must be one line");
        diag_help(diag, "fold it with >- in place of |");
    } else if (template_find_in_script(text, 0, &offset, &length)) {
        struct diag *diag =
            rule_report(d->diags, RULE_PLACEHOLDER, node_span_within(node, offset, length),
                        "a placeholder cannot stand in a message");
        diag_help(diag, "the values that were given are named below it");
    } else {
        *message = str_trim(text);
    }
}

static void decode_constraint(struct decoder *d, const struct node *node,
                              struct constraint *constraint)
{
    enum { WHEN_KEY, REQUIRE_KEY, MESSAGE_KEY, COUNT };
    static const char *const KEYS[COUNT] = {"when", "require", "message"};
    const struct node *values[COUNT];

    if (!decode_mapping(d->arena, node, KEYS, COUNT, values, "a constraint", d->diags)) {
        return;
    }
    for (size_t i = REQUIRE_KEY; i < COUNT; i++) {
        if (values[i] == NULL) {
            struct span start = {node->span.source, node->span.start, 0};
            struct diag *diag = decode_missing(d, node, KEYS, COUNT, i, start, "the constraint");
            if (diag != NULL) {
                diag_help(diag, "write {when: {...}, require: {...}, message: ...}");
            }
        }
    }
    if (values[WHEN_KEY] != NULL) {
        constraint->when = decode_when(d, values[WHEN_KEY]);
    }
    if (values[REQUIRE_KEY] != NULL) {
        constraint->require = decode_condition(d, values[REQUIRE_KEY], "'require'");
    }
    if (values[MESSAGE_KEY] != NULL) {
        decode_message(d, values[MESSAGE_KEY], &constraint->message);
    }
}

void decode_constraints(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_is_list(node, "'constraints'", d->diags)) {
        return;
    }
    if (node->count > MANIFEST_NAMES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->items[MANIFEST_NAMES_MAX]->span,
                    "'constraints' has more than %d entries", MANIFEST_NAMES_MAX);
        return;
    }
    m->constraints = arena_array(d->arena, node->count, sizeof *m->constraints);
    for (size_t i = 0; i < node->count; i++) {
        struct constraint *constraint = &m->constraints[m->constraint_count++];

        constraint->span = node->items[i]->span;
        constraint->message = STR("");
        decode_constraint(d, node->items[i], constraint);
    }
}
