/*
 * The nodes of a document while they are being read: collections within one
 * another, keys, anchors and aliases, and the limits on all of them. Only
 * document.c uses this; each call is one event of its parser.
 *
 * All return 0, or -1 where reading must stop (the error is in `diags`).
 */
#ifndef MANIFEST_TREE_H
#define MANIFEST_TREE_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"
#include "manifest/document.h"

struct arena;

/* A collection that is being read. */
struct tree_frame {
    struct node *node;
    const struct node *key; /* of a mapping, once it was read */
    bool drops_value;       /* the key was refused, and its value goes with it */
    size_t capacity;
    size_t end;    /* offset behind the last child */
    size_t height; /* of the highest child */
    size_t weight_before;
    size_t anchor; /* index in `anchors` plus one; 0: none */
};

struct tree_anchor {
    struct str name;
    const struct node *node;
    size_t weight; /* nodes, aliases with all that they stand for */
    size_t height; /* collections within one another; 0 of a scalar */
    bool open;     /* it is still being read */
};

struct tree {
    struct arena *arena;
    struct diags *diags;
    const struct node *root; /* NULL: nothing was read */
    struct tree_frame frames[DOCUMENT_DEPTH_MAX];
    size_t depth;
    struct tree_anchor *anchors;
    size_t anchor_count, anchor_capacity;
    size_t weight, alias_count;
};

/* An anchor without a name is none. */
int tree_scalar(struct tree *tree, struct node *scalar, struct str anchor) MUST_USE;
int tree_alias(struct tree *tree, struct str name, struct span span) MUST_USE;
int tree_begin(struct tree *tree, enum node_kind kind, struct span start,
               struct str anchor) MUST_USE;
/* `end` is the offset behind a closing bracket; 0: the end of the last child. */
int tree_end(struct tree *tree, size_t end) MUST_USE;

#endif
