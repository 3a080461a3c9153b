/*
 * Text with placeholders: parsed once, when the manifest is read, and expanded
 * later, any number of times. One template gives exactly one text.
 *
 *     ${params.x} ${vars.x} ${inputs.x.path} ${outputs.x.path} ${with.x} ${each}
 *     ${job.name} ${job.commit} ${job.short-commit} ${job.env} ${job.root} ${job.url}
 *
 * `$${` is the text `${`; any other `$` is itself.
 */
#ifndef MANIFEST_TEMPLATE_H
#define MANIFEST_TEMPLATE_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"

struct arena;
struct error;
struct node;

/* Of one template: its text, the texts and placeholders that it consists of,
 * and what it may become. */
#define TEMPLATE_BYTES_MAX    65536
#define TEMPLATE_PARTS_MAX    1000
#define TEMPLATE_EXPANDED_MAX ((size_t)1 << 20)

enum part_kind {
    PART_TEXT,
    PART_PARAM,
    PART_VAR,
    PART_INPUT,  /* ${inputs.x.path} */
    PART_OUTPUT, /* ${outputs.x.path} */
    PART_JOB,
    PART_WITH,
    PART_EACH
};

enum job_field {
    JOB_FIELD_NAME,
    JOB_FIELD_COMMIT,
    JOB_FIELD_SHORT_COMMIT,
    JOB_FIELD_ENV,
    JOB_FIELD_ROOT,
    JOB_FIELD_URL
};

struct part {
    enum part_kind kind : 8;
    enum job_field field : 8; /* of PART_JOB */
    struct span span;         /* of the placeholder, with ${ and } */
    union {
        struct str text; /* of PART_TEXT */
        struct str name; /* of the param, var, input, output or `with` entry; else empty */
    };
};

/* `${x}`: no placeholder, but perhaps a param or var was meant. */
struct bare_name {
    struct str name;
    struct diag *diag; /* which said so */
};

struct template
{
    const struct node *node; /* the scalar that it was made from */
    struct part *parts;      /* no two PART_TEXT side by side; none for empty text */
    struct bare_name *bare;
    uint32_t count;
    uint32_t bare_count;
};

/* What placeholders mean: sets *value, or leaves value->s NULL for a var whose
 * cell is null. */
struct scope {
    int (*look_up)(void *context, const struct part *part, struct arena *arena, struct str *value,
                   struct error *err);
    void *context;
};

/* Problems (unclosed, unknown, misspelt) are in `diags`; the template is usable
 * all the same, with the broken placeholder as text. */
const struct template *template_parse(struct arena *arena, const struct node *scalar,
                                      struct diags *diags);

/* Whether it is text alone, and which. */
bool template_is_text(const struct template *template, struct str *text);
/* The part, where the template is one placeholder and nothing else; else NULL. */
const struct part *template_only_part(const struct template *template);

/* *text has a NULL `s` where the template is one placeholder whose value is
 * null. A null inside of other text is ERROR_MANIFEST. */
int template_expand(const struct template *template, const struct scope *scope, struct arena *arena,
                    struct str *text, struct error *err) MUST_USE;

/* The places where scripts must not use placeholders: the first `${params.`,
 * `${vars.`, `${inputs.`, `${outputs.`, `${job.` or `${with.` at or behind
 * `from`; true with the whole placeholder's offset and length. */
bool template_find_in_script(struct str script, size_t from, size_t *offset, size_t *length);

#endif
