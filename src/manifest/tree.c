#include "manifest/tree.h"

#include "base/arena.h"
#include "manifest/decode.h"

/* One value that was read, on its way into its collection. */
struct child {
    const struct node *node;
    bool is_alias;
    struct span span; /* where it stands; of an alias: the alias itself */
    size_t height;
};

static int fail_limit(struct tree *tree, struct span span, const char *what, size_t limit)
{
    rule_report(tree->diags, RULE_LIMIT, span, "%s, more than the %zu that are allowed", what,
                limit);
    return -1;
}

static const struct node *find_key(const struct node *mapping, struct str key)
{
    for (size_t i = 0; i < mapping->count; i++) {
        if (str_equal(mapping->pairs[i].key->text, key)) {
            return mapping->pairs[i].key;
        }
    }
    return NULL;
}

/* What can be wrong with a key and leaves the rest readable. */
static bool key_is_good(struct tree *tree, const struct node *mapping, const struct node *key)
{
    bool plain = key->style == NODE_PLAIN;
    const struct node *first = find_key(mapping, key->text);

    if (plain && str_is(key->text, "<<")) {
        struct diag *d =
            rule_report(tree->diags, RULE_SYNTAX, key->span, "'<<' is not part of this language");
        diag_help(d, "write the keys out");
        return false;
    }
    if (key->style == NODE_BLOCK) {
        rule_report(tree->diags, RULE_SYNTAX, key->span, "a key must be plain text, not a block");
        return false;
    }
    if (plain && key->text.n == 0) {
        rule_report(tree->diags, RULE_SYNTAX, key->span, "a key is missing here");
        return false;
    }
    if (first != NULL) {
        struct diag *d = rule_report(tree->diags, RULE_DUPLICATE_KEY, key->span,
                                     "key '%.*s' is given twice", STR_ARG(key->text));
        diag_label(d, first->span, "first given here");
        return false;
    }
    return true;
}

static int add_key(struct tree *tree, struct tree_frame *frame, const struct child *child)
{
    if (child->is_alias || child->node->kind != NODE_SCALAR) {
        struct diag *d =
            rule_report(tree->diags, RULE_SYNTAX, child->span, "a key must be plain text, not %s",
                        child->is_alias ? "an alias" : node_kind_name(child->node));
        if (!child->is_alias && child->node->kind == NODE_MAPPING) {
            diag_help(d, "quote a value that begins with '{'");
        }
        return -1;
    }
    const struct node *key = child->node;
    frame->drops_value = !key_is_good(tree, frame->node, key);
    frame->node->lacks_keys |= key->style == NODE_PLAIN && str_is(key->text, "<<");
    frame->key = key;
    return 0;
}

static int add_child(struct tree *tree, const struct child *child)
{
    size_t end = child->span.start + child->span.length;

    if (tree->depth == 0) {
        tree->root = child->node;
        return 0;
    }
    struct tree_frame *frame = &tree->frames[tree->depth - 1];
    struct node *node = frame->node;
    frame->end = end > frame->end ? end : frame->end;
    frame->height = child->height > frame->height ? child->height : frame->height;
    if (node->kind == NODE_SEQUENCE) {
        node->items = arena_grow(tree->arena, node->items, node->count, &frame->capacity,
                                 sizeof *node->items);
        node->items[node->count++] = child->node;
        return 0;
    }
    if (frame->key == NULL) {
        return add_key(tree, frame, child);
    }
    if (!frame->drops_value) {
        node->pairs = arena_grow(tree->arena, node->pairs, node->count, &frame->capacity,
                                 sizeof *node->pairs);
        node->pairs[node->count++] = (struct pair){frame->key, child->node};
    }
    frame->key = NULL;
    return 0;
}

static int add_weight(struct tree *tree, size_t weight, struct span span)
{
    tree->weight += weight;
    if (tree->weight > DOCUMENT_NODES_MAX) {
        return fail_limit(tree, span, "the file has too many values", DOCUMENT_NODES_MAX);
    }
    return 0;
}

static void add_anchor(struct tree *tree, struct tree_anchor anchor)
{
    *ARENA_PUSH(tree->arena, tree->anchors, tree->anchor_count, tree->anchor_capacity) = anchor;
}

/* The newest with the name, or NULL. */
static const struct tree_anchor *find_anchor(const struct tree *tree, struct str name)
{
    for (size_t i = tree->anchor_count; i > 0; i--) {
        if (str_equal(tree->anchors[i - 1].name, name)) {
            return &tree->anchors[i - 1];
        }
    }
    return NULL;
}

int tree_scalar(struct tree *tree, struct node *scalar, struct str anchor)
{
    if (add_weight(tree, 1, scalar->span)) {
        return -1;
    }
    if (anchor.n > 0) {
        add_anchor(tree, (struct tree_anchor){.name = anchor, .node = scalar, .weight = 1});
    }
    return add_child(tree, &(struct child){.node = scalar, .span = scalar->span});
}

int tree_alias(struct tree *tree, struct str name, struct span span)
{
    const struct tree_anchor *anchor = find_anchor(tree, name);

    if (anchor == NULL) {
        struct diag *d =
            rule_report(tree->diags, RULE_SYNTAX, span, "unknown alias '*%.*s'", STR_ARG(name));
        diag_help(d, "quote a value that begins with '*': '*%.*s'", STR_ARG(name));
        return -1;
    }
    if (anchor->open) {
        rule_report(tree->diags, RULE_SYNTAX, span, "alias '*%.*s' stands inside of what it means",
                    STR_ARG(name));
        return -1;
    }
    if (++tree->alias_count > DOCUMENT_ALIASES_MAX) {
        return fail_limit(tree, span, "the file has too many aliases", DOCUMENT_ALIASES_MAX);
    }
    if (tree->depth + anchor->height > DOCUMENT_DEPTH_MAX) {
        return fail_limit(tree, span, "with this alias the file has too many levels",
                          DOCUMENT_DEPTH_MAX);
    }
    if (add_weight(tree, anchor->weight, span)) {
        return -1;
    }
    return add_child(
        tree, &(struct child){
                  .node = anchor->node, .is_alias = true, .span = span, .height = anchor->height});
}

int tree_begin(struct tree *tree, enum node_kind kind, struct span start, struct str anchor)
{
    if (tree->depth == DOCUMENT_DEPTH_MAX) {
        return fail_limit(tree, start, "the file has too many levels", DOCUMENT_DEPTH_MAX);
    }
    struct node *node = arena_alloc(tree->arena, sizeof *node);
    struct tree_frame *frame = &tree->frames[tree->depth++];

    node->kind = kind;
    node->span = start;
    *frame = (struct tree_frame){
        .node = node, .end = start.start + start.length, .weight_before = tree->weight};
    if (anchor.n > 0) {
        add_anchor(tree, (struct tree_anchor){.name = anchor, .node = node, .open = true});
        frame->anchor = tree->anchor_count;
    }
    return add_weight(tree, 1, start);
}

int tree_end(struct tree *tree, size_t end)
{
    struct tree_frame *frame = &tree->frames[--tree->depth];
    struct node *node = frame->node;

    node->span.length = (uint32_t)(end > frame->end ? end : frame->end) - node->span.start;
    if (frame->anchor > 0) {
        struct tree_anchor *anchor = &tree->anchors[frame->anchor - 1];
        anchor->weight = tree->weight - frame->weight_before;
        anchor->height = frame->height + 1;
        anchor->open = false;
    }
    return add_child(
        tree, &(struct child){.node = node, .span = node->span, .height = frame->height + 1});
}
