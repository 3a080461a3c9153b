/*
 * What every decoder of nodes uses: the keys of a mapping, texts, truths,
 * numbers, lists. A getter that finds something else records one diagnostic at
 * the node and returns false with the result untouched, so that the caller sets
 * its default first and goes on:
 *
 *     enum { KEY_FROM, KEY_TO, KEY_UNPACK, KEY_COUNT };
 *     static const char *const KEYS[KEY_COUNT] = {"from", "to", "unpack"};
 *     const struct node *values[KEY_COUNT];
 *     if (!decode_mapping(arena, node, KEYS, KEY_COUNT, values, "input 'x'", diags))
 *         return;
 *     if (values[KEY_FROM] != NULL)
 *         decode_text(values[KEY_FROM], "'from'", diags, &input->from);
 *
 * `what` names the thing and begins or ends the message, quotes included:
 * "'from' must be text, not a list", "unknown key 'x' in input 'y'".
 *
 * Plain null, `~` and a value that is not there are refused by every getter:
 * ask node_is_null() before where null has a meaning.
 */
#ifndef MANIFEST_DECODE_H
#define MANIFEST_DECODE_H

#include "base/base.h"
#include "base/diag.h"
#include "base/pack.h"
#include "manifest/rule.h"

struct arena;
struct node;
struct template;

/* values[i] is the value of keys[i], or NULL where it is not given. Keys that
 * are unknown are reported and left out. False (all values NULL) where the node is
 * no mapping. */
bool decode_mapping(struct arena *arena, const struct node *node, const char *const *keys,
                    size_t count, const struct node **values, const char *what,
                    struct diags *diags);

/* Whether the node has the kind; the error where it has not. */
bool decode_is_mapping(const struct node *node, const char *what, struct diags *diags);
bool decode_is_list(const struct node *node, const char *what, struct diags *diags);
bool decode_is_text(const struct node *node, const char *what, struct diags *diags);

/* The key's own node, for labels and for "is missing" at the key; NULL where the
 * mapping does not have it. */
const struct node *decode_key_node(const struct node *mapping, const char *name);

/* Empty text is taken by decode_text() and refused by decode_filled(). */
bool decode_text(const struct node *node, const char *what, struct diags *diags, struct str *text);
bool decode_filled(const struct node *node, const char *what, struct diags *diags,
                   struct str *text);

/* `true` or `false`, quoted or not. */
bool decode_bool(const struct node *node, const char *what, struct diags *diags, bool *truth);

/* One of the words, NULL-terminated: its number. */
bool decode_word(struct arena *arena, const struct node *node, const char *what,
                 const char *const *words, struct diags *diags, size_t *number);
/* The name of a format of archives. */
bool decode_pack(struct arena *arena, const struct node *node, const char *what,
                 struct diags *diags, enum pack_format *format);

/* A whole decimal number from min to max. */
bool decode_integer(const struct node *node, const char *what, int64_t min, int64_t max,
                    struct diags *diags, int64_t *number);
bool decode_number(struct arena *arena, const struct node *node, const char *what,
                   struct diags *diags, double *number);

/* "10GiB", in bytes. */
bool decode_size(const struct node *node, const char *what, struct diags *diags, int64_t *bytes);

/* Text with placeholders; problems inside of it are reported too, and leave the
 * template usable. */
bool decode_template(struct arena *arena, const struct node *node, const char *what,
                     struct diags *diags, const struct template **result);
/* The same where null has a meaning: *result is NULL then. */
bool decode_template_or_null(struct arena *arena, const struct node *node, const char *what,
                             struct diags *diags, const struct template **result);

/* A list of texts, in which each is decoded by itself: those that are no text
 * are reported and left out. Item i came from (*nodes)[i] (nodes may be NULL). */
bool decode_text_list(struct arena *arena, const struct node *node, const char *what,
                      struct diags *diags, struct str **texts, const struct node ***nodes,
                      size_t *count);
bool decode_template_list(struct arena *arena, const struct node *node, const char *what,
                          struct diags *diags, const struct template ***templates, size_t *count);

/* The same, and an empty list is an error. */
bool decode_filled_template_list(struct arena *arena, const struct node *node, const char *what,
                                 struct diags *diags, const struct template ***templates,
                                 size_t *count);
/* One text, or a list of them that is not empty. */
bool decode_template_or_list(struct arena *arena, const struct node *node, const char *what,
                             struct diags *diags, const struct template ***templates,
                             size_t *count);

/* For keys that take one thing or a list of them: the items of the list, or the
 * node itself as the only one. An empty list is an error. */
bool decode_one_or_more(struct arena *arena, const struct node *node, const char *what,
                        struct diags *diags, const struct node ***items, size_t *count);

/* The rules of names (manifest.h), for a scalar: RULE_NAME at the node, with the
 * rule in a help. `what` is "a param", "an output", ...: "'X' cannot be the name of
 * a param". */
bool decode_param_name(const struct node *node, const char *what, struct diags *diags);
bool decode_job_name(const struct node *node, const char *what, struct diags *diags);
bool decode_env_name(const struct node *node, const char *what, struct diags *diags);

#endif
