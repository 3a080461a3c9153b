#include "base/arena.h"
#include "manifest/document.h"

const struct node *node_copy(struct arena *arena, const struct node *scalar)
{
    struct node *copy = arena_alloc(arena, sizeof *copy);

    *copy = *scalar;
    return copy;
}

bool node_is_null(const struct node *node)
{
    return node->kind == NODE_SCALAR && node->style == NODE_PLAIN && str_is(node->text, "null");
}

const char *node_kind_name(const struct node *node)
{
    switch (node->kind) {
    case NODE_SEQUENCE:
        return "a list";
    case NODE_MAPPING:
        return "a mapping";
    case NODE_SCALAR:
        break;
    }
    return node_is_null(node) ? "null" : "text";
}

const struct node *node_find(const struct node *mapping, const char *key)
{
    if (mapping->kind != NODE_MAPPING) {
        return NULL;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        if (str_is(mapping->pairs[i].key->text, key)) {
            return mapping->pairs[i].value;
        }
    }
    return NULL;
}

static struct str file_text(struct span span)
{
    return str_slice(span.source->text, span.start, span.length);
}

/* Literal blocks keep their lines, so that line i of the text is the end of line
 * i behind the one with the '|'. Gives the offset in the file of `at` in the
 * text; false where the lines do not agree after all. */
static bool block_offset(const struct node *scalar, size_t at, size_t *offset)
{
    struct str file = file_text(scalar->span);
    struct str text = scalar->text;
    struct str file_line, text_line;
    size_t text_start = 0;

    if (!str_starts(file, STR("|")) || !str_cut(file, '\n', &file_line, &file)) {
        return false;
    }
    while (str_cut(text, '\n', &text_line, &text) && at > text_start + text_line.n) {
        if (!str_cut(file, '\n', &file_line, &file) && file.n == 0) {
            return false;
        }
        text_start += text_line.n + 1;
    }
    str_cut(file, '\n', &file_line, &file);
    if (!str_ends(file_line, text_line)) {
        return false;
    }
    size_t line_start = (size_t)(file_line.s - scalar->span.source->text.s);
    *offset = line_start + (file_line.n - text_line.n) + (at - text_start);
    return true;
}

/* Plain and quoted text stands in the file as it is up to the first escape or
 * fold, and again behind the last. */
static bool flow_offset(const struct node *scalar, size_t from, size_t n, size_t *offset)
{
    struct str file = file_text(scalar->span);
    struct str text = scalar->text;
    size_t quote = scalar->style == NODE_QUOTED && file.n >= 2 ? 1 : 0;

    file = str_slice(file, quote, file.n - 2 * quote);
    if (str_starts(file, str_slice(text, 0, from + n))) {
        *offset = scalar->span.start + quote + from;
        return true;
    }
    if (str_ends(file, str_after(text, from))) {
        *offset = scalar->span.start + quote + file.n - (text.n - from);
        return true;
    }
    return false;
}

struct span node_span_within(const struct node *scalar, size_t from, size_t n)
{
    size_t start, end;

    if (scalar->kind != NODE_SCALAR || scalar->span.source == NULL || from > scalar->text.n ||
        n > scalar->text.n - from) {
        return scalar->span;
    }
    if (scalar->style == NODE_BLOCK) {
        if (!block_offset(scalar, from, &start) || !block_offset(scalar, from + n, &end)) {
            return scalar->span;
        }
        return span_make(scalar->span.source, start, end - start);
    }
    if (!flow_offset(scalar, from, n, &start)) {
        return scalar->span;
    }
    return span_make(scalar->span.source, start, n);
}
