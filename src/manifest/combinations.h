/*
 * All combinations of values that a manifest can be run with, one after the other, as
 * far as texts and conditions of it need them: the values of enums and bools, and the
 * elements of a `with` that fans in.
 *
 *     struct combinations c = combinations_make(arena, manifest, input, &steps);
 *     combinations_add_template(&c, template);
 *     combinations_add_when(&c, when);
 *     if (!combinations_exceed(&c, max)) {
 *         do {
 *             if (combinations_allow(&c, when) && combinations_text(&c, template, &text)) ...
 *         } while (combinations_next(&c));
 *     }
 *
 * What was not added, or has no values to count, is a mark in the text
 * (POSSIBLE_ANY, POSSIBLE_DEEP).
 */
#ifndef MANIFEST_COMBINATIONS_H
#define MANIFEST_COMBINATIONS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct constraint;
struct input;
struct manifest;
struct param;
struct template;
struct when;
struct with;

/* What has several values: a param, or the elements of a `with`. */
struct combinations_choice {
    const struct param *param; /* NULL: of `with` */
    const struct with *with;
    const struct str *values; /* NULL: the templates of `with` */
    size_t count;
    size_t index; /* that of the present combination */
};

struct combinations {
    const struct manifest *manifest;
    const struct input *input; /* whose `with` the templates may use; or NULL */
    struct arena *arena;
    size_t *steps; /* parts expanded, counted up */
    struct combinations_choice *choices;
    size_t choice_count, choice_capacity;
    size_t serial;      /* another for each combination: tells what was expanded in this one */
    bool *params_added; /* of each param: whether what was added depends on it */
    bool *vars_added;
    struct combinations_var *vars; /* their present texts */
    const struct str *given;       /* values of params that are no choice; .s NULL: none; or NULL */
    const struct when *guard;      /* with `samples`: what holds in every combination */
    bool samples; /* a param with values that cannot be counted is a choice too: of those that
                   * `guard` names, else of its default and a mark for all others */
    bool wild;    /* nothing is enumerated: marks for everything */
    bool in_cell; /* of a table of the input */
};

/* `input` may be NULL. */
struct combinations combinations_make(struct arena *arena, const struct manifest *manifest,
                                      const struct input *input, size_t *steps);
/* NULL adds nothing. */
void combinations_add_template(struct combinations *c, const struct template *template);
void combinations_add_when(struct combinations *c, const struct when *when);
/* The entry of the input's `with`, with its elements. */
void combinations_add_with(struct combinations *c, const struct with *with);

/* The list param that the entry hands on element by element, or NULL. */
const struct param *combinations_list(const struct combinations *c, const struct with *with);

/* How many there are, or max + 1 where it is more. */
size_t combinations_count(const struct combinations *c, size_t max);
bool combinations_exceed(const struct combinations *c, size_t max);
/* Moves on to the next one; false behind the last, and the first is there again. */
bool combinations_next(struct combinations *c);

/* The text in the present combination; false where the whole is null. */
bool combinations_text(struct combinations *c, const struct template *template, struct str *text);
/* That of the entry of the input's `with`; of one that fans in, one element. */
bool combinations_with(struct combinations *c, const struct with *with, struct str *text);
/* That of a param. */
struct str combinations_param(struct combinations *c, const struct param *param);
/* Whether the condition can hold in the present combination; NULL always does. */
bool combinations_allow(struct combinations *c, const struct when *when);
/* Whether it holds, as far as all that it asks for is known. */
bool combinations_hold(struct combinations *c, const struct when *when);
/* The same where a value that is not known is none of those that the condition names. */
bool combinations_imply(struct combinations *c, const struct when *when);
/* Whether the constraint refuses the combination, as far as all that it asks for is
 * known. */
bool combinations_breaks(struct combinations *c, const struct constraint *constraint);
/* "mode=pr, platform=linux-x64": the subjects of the condition as they are. */
struct str combinations_show_subjects(struct combinations *c, const struct when *when);
/* The same of all params that are choices. */
struct str combinations_show(const struct combinations *c);

/* Whether a part of the text is not known. */
bool combinations_is_unknown(struct str text);
/* The mark for a value that is one of these. */
struct str combinations_mark(const struct str *values, size_t count);

#endif
