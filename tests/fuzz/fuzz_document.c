/* Any bytes as a document: the limits hold, and every node is within the text. */
#include "fuzz.h"

#include "base/arena.h"
#include "manifest/document.h"

static void check_within(const struct node *scalar, size_t from, size_t n)
{
    struct span whole = scalar->span;
    struct span part = node_span_within(scalar, from, n);

    fuzz_check_span(part);
    FUZZ_REQUIRE(part.start >= whole.start &&
                     part.start + part.length <= whole.start + whole.length,
                 "a part of a text is outside of it");
}

static void check_scalar(const struct node *scalar)
{
    size_t n = scalar->text.n;

    FUZZ_REQUIRE(str_index(scalar->text, '\0') == n, "a text holds NUL");
    FUZZ_REQUIRE(str_utf8_invalid_at(scalar->text) == n, "a text is no UTF-8");
    if (n < 4096) {
        check_within(scalar, 0, n);
        check_within(scalar, n / 2, n - n / 2);
        check_within(scalar, n / 3, n / 3);
        check_within(scalar, n, 0);
    }
}

/* How many nodes there are, aliases with all that they stand for. */
static size_t check_node(const struct node *node, size_t depth)
{
    size_t count = 1;

    FUZZ_REQUIRE(node->span.source != NULL, "a node has no place");
    fuzz_check_span(node->span);
    if (node->kind == NODE_SCALAR) {
        check_scalar(node);
        return count;
    }
    FUZZ_REQUIRE(depth < DOCUMENT_DEPTH_MAX, "the document is too deep");
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_SEQUENCE) {
            count += check_node(node->items[i], depth + 1);
            continue;
        }
        FUZZ_REQUIRE(node->pairs[i].key->kind == NODE_SCALAR, "a key is no text");
        count += check_node(node->pairs[i].key, depth + 1);
        count += check_node(node->pairs[i].value, depth + 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct source *source = source_make(&arena, STR("a.yaml"), fuzz_text(&arena, data, size));
    const struct node *root = document_parse(&arena, source, &diags);

    FUZZ_REQUIRE(root != NULL || diags.error_count > 0, "it is refused in silence");
    FUZZ_REQUIRE(diags.count <= DOCUMENT_PROBLEMS_MAX, "there are too many problems");
    if (root != NULL) {
        FUZZ_REQUIRE(check_node(root, 0) <= DOCUMENT_NODES_MAX, "there are too many nodes");
    }
    fuzz_check_diags(&diags);
    return 0;
}
