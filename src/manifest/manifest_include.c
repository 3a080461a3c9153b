/* `include`: the files that hold params, vars, tables and variables of several
 * manifests. */
#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/template.h"

#define HOLDS_HELP "a fragment may hold params, vars, select and env"

/* Those that were included so far. */
struct included {
    const struct source *sources[MANIFEST_FRAGMENTS_MAX];
    struct span places[MANIFEST_FRAGMENTS_MAX];
    size_t count;
    size_t nodes;
};

static size_t count_nodes(const struct node *node)
{
    size_t count = 1;

    for (size_t i = 0; i < node->count; i++) {
        count += count_nodes(node->kind == NODE_MAPPING ? node->pairs[i].value : node->items[i]);
    }
    return count;
}

static bool decode_path(struct decoder *d, const struct node *node, struct str *path)
{
    size_t offset, length;

    if (!decode_filled(node, "an item of 'include'", d->diags, path)) {
        return false;
    }
    if (template_find_in_script(*path, 0, &offset, &length)) {
        struct diag *diag =
            rule_report(d->diags, RULE_PLACEHOLDER, node_span_within(node, offset, length),
                        "a placeholder cannot stand in 'include'");
        diag_help(diag, "fragments are read before params have values");
        return false;
    }
    if (str_starts(*path, STR("/"))) {
        struct diag *diag = rule_report(d->diags, RULE_PATH, node->span,
                                        "the path of a fragment must not be absolute");
        diag_help(diag, "write it from the manifest's folder");
        return false;
    }
    if (path->n > PATH_BYTES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->span, "a path has at most %d bytes",
                    PATH_BYTES_MAX);
        return false;
    }
    return true;
}

/* NULL where it cannot be read, or was read already. */
static const struct source *read_source(struct decoder *d, const struct node *node,
                                        struct included *included)
{
    const struct source *source = NULL;
    struct error err = {0};
    struct str path;

    if (!decode_path(d, node, &path)) {
        return NULL;
    }
    if (d->reader == NULL) {
        rule_report(d->diags, RULE_INCLUDE, node->span, "nothing can be included here");
        return NULL;
    }
    if (d->reader->read(d->reader->context, path, &source, &err) != 0) {
        diag_from_error(d->diags, STATUS_MANIFEST, rule_id(RULE_INCLUDE), node->span, &err);
        return NULL;
    }
    for (size_t i = 0; i < included->count; i++) {
        if (included->sources[i] == source) {
            struct diag *diag = rule_report(d->diags, RULE_INCLUDE, node->span,
                                            "'%.*s' is included twice", STR_ARG(path));
            diag_label(diag, included->places[i], "first included here");
            return NULL;
        }
    }
    included->sources[included->count] = source;
    included->places[included->count++] = node->span;
    return source;
}

static bool is_fragment_key(struct str key)
{
    return str_is(key, "params") || str_is(key, "vars") || str_is(key, "select") ||
           str_is(key, "env");
}

/* False where it is no fragment at all. */
static bool check_keys(struct decoder *d, const struct node *root, struct span place)
{
    const struct str names[] = {STR("params"), STR("vars"), STR("select"), STR("env")};
    const struct node *job = decode_key_node(root, "job");

    if (job != NULL) {
        struct diag *diag =
            rule_report(d->diags, RULE_INCLUDE, job->span, "a job cannot be included");
        diag_label(diag, place, "included here");
        diag_help(diag, HOLDS_HELP);
        return false;
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct node *key = root->pairs[i].key;

        if (is_fragment_key(key->text)) {
            continue;
        }
        struct diag *diag =
            rule_report(d->diags, RULE_UNKNOWN_KEY, key->span,
                        "a fragment cannot have the key '%.*s'", STR_ARG(key->text));
        diag_label(diag, place, "included here");
        if (str_is(key->text, "include")) {
            diag_help(diag, "name all fragments in the manifest");
        } else if (!diag_help_nearest(diag, key->text, names, ARRAY_COUNT(names))) {
            diag_help(diag, HOLDS_HELP);
        }
        d->manifest->unread |= NAMES_PARAMS | NAMES_VARS | NAMES_INPUTS | NAMES_OUTPUTS;
    }
    return true;
}

static const struct node *parse_source(struct decoder *d, const struct source *source)
{
    return d->reader->parse != NULL ? d->reader->parse(d->reader->context, source, d->diags)
                                    : document_parse_apart(d->scratch, d->arena, source, d->diags);
}

/* The root of a fragment, or NULL. */
static const struct node *read_fragment(struct decoder *d, const struct node *node,
                                        struct included *included)
{
    const struct source *source = read_source(d, node, included);
    const struct node *root = source != NULL ? parse_source(d, source) : NULL;

    if (root == NULL || !decode_is_mapping(root, "a fragment", d->diags) ||
        !check_keys(d, root, node->span)) {
        return NULL;
    }
    included->nodes += count_nodes(root);
    if (included->nodes > DOCUMENT_NODES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->span,
                    "the fragments have more than %d nodes together", DOCUMENT_NODES_MAX);
        return NULL;
    }
    return root;
}

void decode_include(struct decoder *d, const struct node *node)
{
    struct included included = {.count = 0};
    size_t errors_before = d->diags->error_count;

    if (decode_is_list(node, "'include'", d->diags)) {
        d->fragments = arena_array(d->arena, node->count, sizeof *d->fragments);
        d->manifest->fragments = arena_array(d->arena, node->count, sizeof(struct source *));
        for (size_t i = 0; i < node->count; i++) {
            if (included.count == MANIFEST_FRAGMENTS_MAX) {
                rule_report(d->diags, RULE_LIMIT, node->items[i]->span,
                            "more than %d fragments are included", MANIFEST_FRAGMENTS_MAX);
                break;
            }
            const struct node *root = read_fragment(d, node->items[i], &included);
            if (root != NULL) {
                d->fragments[d->fragment_count++] = root;
                d->manifest->fragments[d->manifest->fragment_count++] = root->span.source;
            }
        }
    }
    if (d->diags->error_count > errors_before) {
        d->manifest->unread |= NAMES_PARAMS | NAMES_VARS;
    }
}
