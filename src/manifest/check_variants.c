/*
 * Params with `variant: false` that change what a job publishes all the same: which
 * inputs it takes, which outputs it makes and where they lie. What a command makes of
 * its arguments and variables is for the author to know: most such params say how many
 * threads it uses, and how much it prints.
 */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/manifest.h"
#include "manifest/variance.h"

struct variants_check {
    struct check *check;
    struct variance made_of; /* of all that was looked at so far */
    const char *what;        /* that depends on it: "which inputs it takes" */
};

static void report(struct variants_check *variants, const struct param *param, struct span span)
{
    struct diag *d = rule_report(variants->check->diags, RULE_SHARED_ADDRESS, span,
                                 "param '%.*s' changes %s, and all its values share one address",
                                 STR_ARG(param->name), variants->what);

    diag_label(d, param->span, "it has 'variant: false'");
    diag_note(d, "whoever runs second with another value is told that it is published already");
    diag_help(d, "leave 'variant: false' out, so that each value has an address of its own");
}

/* Reports the params that one more thing is made of. */
static void use(struct variants_check *variants, size_t known, struct span span, bool all)
{
    for (size_t i = known; i < variants->made_of.count; i++) {
        if (all || domain_is_finite(&variants->made_of.params[i]->domain)) {
            report(variants, variants->made_of.params[i], span);
        }
    }
}

static void use_template(struct variants_check *variants, const struct template *template, bool all)
{
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        size_t known = variants->made_of.count;

        variance_add_part(&variants->made_of, &template->parts[i]);
        use(variants, known, template->parts[i].span, all);
    }
}

static void use_when(struct variants_check *variants, const struct when *when)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        const struct when_term *term = &when->terms[i];
        size_t known = variants->made_of.count;

        variance_add_param(&variants->made_of, term->subject);
        variance_add_var(&variants->made_of,
                         manifest_var(variants->check->manifest, term->subject));
        use(variants, known, term->span, true);
    }
}

static void use_inputs(struct variants_check *variants)
{
    const struct manifest *m = variants->check->manifest;

    variants->what = "which inputs the job takes";
    for (size_t i = 0; i < m->input_count; i++) {
        const struct input *input = &m->inputs[i];
        /* Whether an optional input is there is no matter of the address anyway. */
        if (!input->optional) {
            use_when(variants, input->when);
        }
        use_template(variants, input->commit, true);
        for (size_t j = 0; j < input->with_count; j++) {
            for (size_t k = 0; k < input->with[j].value_count; k++) {
                use_template(variants, input->with[j].values[k], true);
            }
        }
    }
}

/* A path that is given as a text is most often a folder to build in; last, so that it
 * hides no other use. */
static void use_outputs(struct variants_check *variants)
{
    const struct manifest *m = variants->check->manifest;

    variants->what = "which outputs the job makes";
    for (size_t i = 0; i < m->output_count; i++) {
        use_when(variants, m->outputs[i].when);
    }
    variants->what = "where the outputs of the job lie";
    for (size_t i = 0; i < m->output_count; i++) {
        for (size_t j = 0; j < m->outputs[i].path_count; j++) {
            use_template(variants, m->outputs[i].paths[j], false);
        }
    }
}

void check_variants(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct variants_check variants = {.check = check};
    bool publishes = false;

    for (size_t i = 0; i < m->output_count; i++) {
        publishes |= m->outputs[i].on != ON_FAILURE;
    }
    if (!publishes) {
        return;
    }
    variants.made_of = variance_make(check->arena, m);
    use_inputs(&variants);
    use_outputs(&variants);
}
