/*
 * Within manifest_decode(): one function for each group of keys. Each takes the
 * value of its key, fills its part of the manifest and reports what is not of
 * the right form; what names refer to is for manifest_check().
 *
 * A thing that is broken keeps its name in the manifest, so that references to
 * it are not reported as well.
 */
#ifndef MANIFEST_DECODE_PARTS_H
#define MANIFEST_DECODE_PARTS_H

#include "base/base.h"
#include "base/source.h"
#include "base/str.h"

struct arena;
struct diag;
struct diags;
struct env_entry;
struct fragment_reader;
struct manifest;
struct node;
struct pair;
struct secret;
struct select;
struct when;

struct decoder {
    struct arena *arena;
    struct arena *scratch; /* for what messages call things, and nodes */
    struct diags *diags;
    struct manifest *manifest;
    const struct fragment_reader *reader; /* or NULL */
    const struct node **fragments;        /* what was included: mappings */
    size_t fragment_count;
};

/* Reads the fragments; first. */
void decode_include(struct decoder *d, const struct node *node);

/* Those that fragments have too are called for each of these, and then for the
 * manifest itself. */

void decode_params(struct decoder *d, const struct node *node);
/* After the params of every file: `of: {values-of: ...}`. An unknown name is for
 * manifest_check(). */
void decode_values_of(struct decoder *d);
void decode_vars(struct decoder *d, const struct node *node);
void decode_select(struct decoder *d, const struct node *node);
void decode_columns(struct decoder *d); /* after all vars and tables */
/* One table, wherever it stands; false where it is none. */
bool decode_rows(struct decoder *d, const struct pair *pair, bool has_null, struct select *table);
void decode_constraints(struct decoder *d, const struct node *node);
void decode_inputs(struct decoder *d, const struct node *node);
void decode_outputs(struct decoder *d, const struct node *node);
void decode_env(struct decoder *d, const struct node *node);
void decode_inherit_env(struct decoder *d, const struct node *node);
void decode_requires(struct decoder *d, const struct node *node);
void decode_ci(struct decoder *d, const struct node *node);
/* The entries of an `env`, behind those that are there already. */
void decode_env_entries(struct decoder *d, const struct node *node, struct env_entry **entries,
                        size_t *count);

/* What is executed, as keys of the root or of a step have it; each may be NULL. */
struct step_nodes {
    const struct node *command, *script, *shell, *secrets, *stdout_path, *effect;
};
/* `steps`, or the one step that the job itself is. */
void decode_steps(struct decoder *d, const struct node *root, const struct node *steps,
                  const struct step_nodes *nodes);
/* NULL where it is no argv at all. */
struct item *decode_argv(struct decoder *d, const struct node *node, size_t *count);
void decode_secrets(struct decoder *d, const struct node *node, struct secret **secrets,
                    size_t *count);

/* NULL where the node is no condition. */
const struct when *decode_when(struct decoder *d, const struct node *node);
/* The same under another key: `what` is "'require'". */
const struct when *decode_condition(struct decoder *d, const struct node *node, const char *what);

/* Whether keys[which] may be there after all: an unknown key of the mapping is most
 * like it, or it came with a `<<`. */
bool decode_is_misspelt(struct decoder *d, const struct node *mapping, const char *const *keys,
                        size_t count, size_t which);

/* Reports that keys[which] of the mapping is missing, unless a key that is unknown
 * looks like it and was reported; NULL then. */
struct diag *decode_missing(struct decoder *d, const struct node *mapping, const char *const *keys,
                            size_t count, size_t which, struct span span, const char *what);

/* Whether the node is a mapping of names, with those that are there `already`
 * within MANIFEST_NAMES_MAX; where it is not,
 * the group counts as unread. */
bool decode_group(struct decoder *d, const struct node *node, const char *what, unsigned group,
                  size_t already);

/* That the key defines what was defined before, in a fragment. */
void decode_twice(struct decoder *d, const char *noun, const struct node *key, struct span first);

/* "input 'cli'": for the `what` of decode.h. */
const char *decode_what(struct decoder *d, const char *noun, struct str name);

#endif
