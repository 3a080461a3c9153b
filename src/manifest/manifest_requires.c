/* `requires`: what a machine and a checkout must be. */
#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/template.h"

enum requires_key { PLATFORM, TOOLS, ENVIRONMENT, CLEAN_TREE, LFS, HISTORY, DISK, KEY_COUNT };

static struct requirement *add(struct decoder *d, enum requirement_kind kind,
                               const struct node *node)
{
    struct requirement *requirement = &d->manifest->requirements[d->manifest->requirement_count++];

    *requirement = (struct requirement){.kind = kind, .span = node->span};
    return requirement;
}

/* One requirement, of which any of the texts will do. */
static void decode_any(struct decoder *d, enum requirement_kind kind, const struct node *node,
                       const char *what)
{
    const struct template **texts;
    size_t count;

    if (decode_template_or_list(d->arena, node, what, d->diags, &texts, &count)) {
        struct requirement *requirement = add(d, kind, node);
        requirement->texts = texts;
        requirement->text_count = count;
    }
}

/* A requirement for each item of the list. */
static void decode_each(struct decoder *d, enum requirement_kind kind, const struct node *node,
                        const char *what)
{
    const struct template **texts;
    size_t count;

    if (!decode_filled_template_list(d->arena, node, what, d->diags, &texts, &count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct requirement *requirement = add(d, kind, texts[i]->node);
        requirement->texts = &texts[i];
        requirement->text_count = 1;
    }
}

static void decode_clean_tree(struct decoder *d, const struct node *node)
{
    bool is_asked = false;

    if (decode_bool(node, "'clean-tree'", d->diags, &is_asked) && is_asked) {
        add(d, REQUIRE_CLEAN_TREE, node);
    }
}

static void decode_history(struct decoder *d, const struct node *node)
{
    struct str text;

    if (!decode_text(node, "'history'", d->diags, &text)) {
        return;
    }
    if (!str_is(text, "full")) {
        struct diag *diag = rule_report(d->diags, RULE_VALUE, node->span,
                                        "'history' is full, not '%.*s'", STR_ARG(text));
        diag_help(diag, "write history: full, or leave it out where a shallow clone will do");
        return;
    }
    add(d, REQUIRE_HISTORY, node);
}

static void decode_disk(struct decoder *d, const struct node *node)
{
    int64_t bytes = 0;

    if (!decode_size(node, "'disk'", d->diags, &bytes)) {
        return;
    }
    if (bytes == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "'disk' must be more than 0");
        return;
    }
    add(d, REQUIRE_DISK, node)->size_bytes = bytes;
}

void decode_requires(struct decoder *d, const struct node *node)
{
    static const char *const KEYS[KEY_COUNT] = {
        [PLATFORM] = "platform", [TOOLS] = "tools",
        [ENVIRONMENT] = "env",   [CLEAN_TREE] = "clean-tree",
        [LFS] = "lfs",           [HISTORY] = "history",
        [DISK] = "disk"};
    const struct node *values[KEY_COUNT];
    size_t most = KEY_COUNT;

    if (!decode_mapping(d->arena, node, KEYS, KEY_COUNT, values, "'requires'", d->diags)) {
        return;
    }
    if (node->count == 0 && !node->lacks_keys) {
        rule_report(d->diags, RULE_VALUE, node->span, "'requires' must not be empty");
    }
    most += values[TOOLS] != NULL ? values[TOOLS]->count : 0;
    most += values[LFS] != NULL ? values[LFS]->count : 0;
    d->manifest->requirements = arena_array(d->arena, most, sizeof *d->manifest->requirements);
    if (values[PLATFORM] != NULL) {
        decode_any(d, REQUIRE_PLATFORM, values[PLATFORM], "'platform'");
    }
    if (values[TOOLS] != NULL) {
        decode_each(d, REQUIRE_TOOL, values[TOOLS], "'tools'");
    }
    if (values[ENVIRONMENT] != NULL) {
        decode_any(d, REQUIRE_ENVIRONMENT, values[ENVIRONMENT], "'env'");
    }
    if (values[CLEAN_TREE] != NULL) {
        decode_clean_tree(d, values[CLEAN_TREE]);
    }
    if (values[LFS] != NULL) {
        decode_each(d, REQUIRE_LFS, values[LFS], "'lfs'");
    }
    if (values[HISTORY] != NULL) {
        decode_history(d, values[HISTORY]);
    }
    if (values[DISK] != NULL) {
        decode_disk(d, values[DISK]);
    }
}
