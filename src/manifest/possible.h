/*
 * Every text that a template can become, as far as the manifest alone tells:
 * the values of enums and bools and the rows of tables one by one, the elements
 * of a `with`, and for all else a mark that stands for what is not known.
 */
#ifndef MANIFEST_POSSIBLE_H
#define MANIFEST_POSSIBLE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct input;
struct manifest;
struct template;
struct when;

/* One of these bytes stands for a value that is not known. */
#define POSSIBLE_ANY  '\x01' /* text without '/' */
#define POSSIBLE_DEEP '\x02' /* any text */

#define POSSIBLE_STEPS 200000 /* parts expanded, for all templates of one manifest */

#define POSSIBLE_BYTES_MAX 4096 /* a longer text becomes POSSIBLE_DEEP */

struct possible_text {
    struct str text;
    struct str values; /* what it was made with: "mode=pr, platform=linux-x64"; or empty */
};

struct possible {
    struct possible_text *texts; /* the same text may be there twice */
    size_t count;
};

/* What is asked, for one template after the other. */
struct possible_query {
    const struct manifest *manifest;
    struct arena *arena;
    size_t max;                /* combinations that are enumerated */
    size_t steps;              /* taken so far */
    const struct input *input; /* whose `with` the template may use; or NULL */
    const struct when *guard;  /* or NULL */
    bool samples;              /* defaults of params whose values cannot be counted, too */
};

/* Where there are more than `max` combinations of values, or the steps are used
 * up, the finite values become marks too. A combination in which the template is
 * null, or that `guard` excludes, gives no text. */
struct possible possible_texts(struct possible_query *query, const struct template *template);

#endif
