/*
 * Which params with `variant: false` a value is made of, through vars, columns and
 * the paths of outputs and inputs.
 *
 *     struct variance made_of = variance_make(arena, manifest);
 *     variance_add_template(&made_of, text);
 *     made_of.params[0 .. made_of.count)
 */
#ifndef MANIFEST_VARIANCE_H
#define MANIFEST_VARIANCE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct input;
struct manifest;
struct output;
struct param;
struct part;
struct template;
struct var;

struct variance {
    const struct manifest *manifest;
    const struct param **params; /* each once, in the order in which they were found */
    size_t count;
    /* As the manifest's: nobody looks into one twice, and a path that is made of itself,
     * which is an error of its own, has an end here. */
    bool *vars_seen, *outputs_seen, *inputs_seen;
};

struct variance variance_make(struct arena *arena, const struct manifest *manifest);

/* Names that nothing has add nothing; nor does NULL. */
void variance_add_param(struct variance *variance, struct str name);
void variance_add_var(struct variance *variance, const struct var *var);
void variance_add_output(struct variance *variance, const struct output *output);
void variance_add_input(struct variance *variance, const struct input *input);
void variance_add_part(struct variance *variance, const struct part *part);
void variance_add_template(struct variance *variance, const struct template *template);

#endif
