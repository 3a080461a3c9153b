/* `secrets`: what a step takes from the caller's environment. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

enum secret_key { NAME, OPTIONAL, KEY_COUNT };

static const char *const SECRET_KEYS[KEY_COUNT] = {[NAME] = "name", [OPTIONAL] = "optional"};

/* The node of its name, or NULL. */
static const struct node *decode_secret(struct decoder *d, const struct node *node,
                                        struct secret *secret)
{
    const struct node *values[KEY_COUNT];

    if (node->kind != NODE_MAPPING) {
        return node;
    }
    decode_mapping(d->arena, node, SECRET_KEYS, KEY_COUNT, values, "a secret", d->diags);
    if (values[NAME] == NULL) {
        struct diag *diag =
            decode_missing(d, node, SECRET_KEYS, KEY_COUNT, NAME, node->span, "a secret");
        if (diag != NULL) {
            diag_help(diag, "write the variable's name, or {name: NAME, optional: true}");
        }
    }
    if (values[OPTIONAL] != NULL) {
        decode_bool(values[OPTIONAL], "'optional'", d->diags, &secret->optional);
    }
    return values[NAME];
}

static void report_twice(struct decoder *d, const struct secret *first, const struct secret *second)
{
    struct diag *diag = rule_report(d->diags, RULE_CONFLICT, second->span,
                                    "secret '%.*s' is listed twice", STR_ARG(second->name));

    diag_label(diag, first->span, "the first time");
}

void decode_secrets(struct decoder *d, const struct node *node, struct secret **secrets,
                    size_t *count)
{
    if (!decode_is_list(node, "'secrets'", d->diags)) {
        return;
    }
    if (node->count == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "'secrets' must not be empty");
    }
    if (node->count > MANIFEST_NAMES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->items[MANIFEST_NAMES_MAX]->span,
                    "'secrets' has more than %d entries", MANIFEST_NAMES_MAX);
        return;
    }
    *secrets = arena_array(d->arena, node->count, sizeof **secrets);
    for (size_t i = 0; i < node->count; i++) {
        struct secret *secret = &(*secrets)[*count];
        const struct node *name = decode_secret(d, node->items[i], secret);

        if (name == NULL || !decode_text(name, "a secret", d->diags, &secret->name) ||
            !decode_env_name(name, "a secret", d->diags)) {
            *secret = (struct secret){0};
            continue;
        }
        secret->span = name->span;
        for (size_t j = 0; j < *count; j++) {
            if (str_equal((*secrets)[j].name, secret->name)) {
                report_twice(d, &(*secrets)[j], secret);
                break;
            }
        }
        ++*count;
    }
}
