/*
 * A YAML file as a tree of nodes with places; the only user of libyaml.
 *
 * Scalars are text: nothing is ever turned into a number or a truth. The plain
 * word null is told apart from the text "null" by node_is_null().
 *
 * Refused, each with a message of its own: a byte-order mark, NUL (as an escape
 * too), broken UTF-8, CR LF line ends, the line ends that only YAML knows (U+0085,
 * U+2028, U+2029, which it would change within texts), merge-conflict markers, tabs
 * outside of scalars and comments, an empty file, a second document, tags,
 * directives, `<<`, duplicate keys, keys that are not plain text, more than
 * DOCUMENT_ALIASES_MAX aliases, and what is over the limits below (aliases count with
 * all that they stand for).
 */
#ifndef MANIFEST_DOCUMENT_H
#define MANIFEST_DOCUMENT_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"

#define DOCUMENT_BYTES_MAX   ((size_t)1 << 20)
#define DOCUMENT_DEPTH_MAX   64
#define DOCUMENT_NODES_MAX   10000
#define DOCUMENT_ALIASES_MAX 1000
/* Problems of one text that are kept, so that a file of nothing but mistakes does
 * not become pages of them. */
#define DOCUMENT_PROBLEMS_MAX 100

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };
enum node_style { NODE_PLAIN, NODE_QUOTED, NODE_BLOCK /* | or > */ };

/* Many of them are made and kept, so that they are small. */
struct node {
    enum node_kind kind : 8;
    enum node_style style : 8; /* of a scalar */
    bool lacks_keys;           /* of a mapping: it had a `<<`, so that keys are not here */
    uint32_t count;            /* of the items or pairs */
    struct span span;          /* of a scalar with its quotes; of an alias: what it stands for */
    union {
        struct str text;           /* of a scalar; else its .n is 0 */
        const struct node **items; /* of a sequence */
        struct pair *pairs;        /* of a mapping, in the order of the file */
    };
};

struct pair {
    const struct node *key; /* always a scalar */
    const struct node *value;
};

/* The root of the document, or NULL where the text gives none (problems are in
 * `diags`). With recoverable problems (a duplicate key) the tree is usable and
 * the problems are in `diags` too. */
const struct node *document_parse(struct arena *arena, const struct source *source,
                                  struct diags *diags);

/* What a text holds that is no node, in the order of the text. */
struct remarks {
    struct span *comments; /* each from its '#' to the end of its line */
    size_t comment_count, comment_capacity;
    struct span *long_texts; /* scalars that go over several lines: no comment stands within */
    size_t long_text_count, long_text_capacity;
};

/* Those of a text; of one that is no YAML, those before the place that shows it. */
struct remarks document_remarks(struct arena *arena, const struct source *source);
/* The same with the nodes apart from their texts, for who keeps but few of the nodes
 * (node_copy) and any of the texts. */
const struct node *document_parse_apart(struct arena *nodes, struct arena *texts,
                                        const struct source *source, struct diags *diags);
/* A scalar's node, in another arena; its text is not copied. */
const struct node *node_copy(struct arena *arena, const struct node *scalar);

bool node_is_null(const struct node *node); /* the plain word null */
/* "a list", "a mapping", "text", "null": for messages. */
const char *node_kind_name(const struct node *node);
/* The value of a key, or NULL. */
const struct node *node_find(const struct node *mapping, const char *key);
/* The place of bytes [from, from + n) of a scalar's text; the whole scalar where
 * the text does not stand in the file as it is (escapes, folding). */
struct span node_span_within(const struct node *scalar, size_t from, size_t n);

#endif
