/* `ci`: data for those who make CI workflows, with placeholders in its texts. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/template.h"

static void check_key(struct decoder *d, const struct node *key)
{
    size_t offset, length;

    if (template_find_in_script(key->text, 0, &offset, &length)) {
        struct diag *diag =
            rule_report(d->diags, RULE_PLACEHOLDER, node_span_within(key, offset, length),
                        "a placeholder cannot stand in a key of 'ci'");
        diag_help(diag, "the values of 'ci' may hold placeholders");
    }
}

/* The depth is that of the document, which has a limit. */
static void decode_value(struct decoder *d, const struct node *node, const char *what,
                         struct ci_value *value)
{
    value->kind = node->kind == NODE_MAPPING    ? CI_MAPPING
                  : node->kind == NODE_SEQUENCE ? CI_LIST
                                                : CI_TEXT;
    if (value->kind == CI_TEXT) {
        decode_template(d->arena, node, what, d->diags, &value->text);
        return;
    }
    value->count = node->count;
    value->items = arena_array(d->arena, node->count, sizeof *value->items);
    value->names = arena_array(d->arena, node->count, sizeof *value->names);
    for (size_t i = 0; i < node->count; i++) {
        if (value->kind == CI_LIST) {
            decode_value(d, node->items[i], "an item of a list in 'ci'", &value->items[i]);
            continue;
        }
        value->names[i] = node->pairs[i].key->text;
        check_key(d, node->pairs[i].key);
        decode_value(d, node->pairs[i].value, decode_what(d, "key", value->names[i]),
                     &value->items[i]);
    }
}

void decode_ci(struct decoder *d, const struct node *node)
{
    if (decode_is_mapping(node, "'ci'", d->diags)) {
        struct ci_value *ci = arena_alloc(d->arena, sizeof *ci);
        decode_value(d, node, "'ci'", ci);
        d->manifest->ci = ci;
    }
}
