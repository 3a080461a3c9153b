/*
 * What was given for the params of a job, as text, before it is checked: the
 * first half of arguments_bind().
 */
#ifndef JOB_GIVEN_H
#define JOB_GIVEN_H

#include "base/base.h"
#include "base/diag.h"
#include "job/arguments.h"

struct given_text {
    struct str text;
    struct span span; /* in the params file; else none */
};

/* Of one param. */
struct given {
    const struct param *param;
    struct given_text *texts; /* one, or the elements of a list */
    size_t count, capacity;
    struct span span; /* of the whole value, as above */
    enum value_origin origin;
    bool is_given;
    bool failed; /* a problem was reported: nothing more is to be said of it */
};

struct givens {
    struct arena *arena;
    const struct manifest *manifest;
    struct diags *diags;
    struct given *params; /* as the manifest's params */
    struct str *names;    /* as well */
    struct str *flags;    /* "--name" of all, "--no-name" of the bools */
    size_t flag_count;
    struct str file; /* name of the params file */
};

void givens_make(struct givens *givens, struct arena *arena, const struct manifest *manifest,
                 struct diags *diags);
/* NULL where the job has no param of this name. */
struct given *given_find(const struct givens *givens, struct str name);
void given_add(const struct givens *givens, struct given *given, struct str text, struct span span);
/* Nothing has the name, which was written so; `names` are what it could have been. */
void givens_report_unknown(const struct givens *givens, struct span span, struct str written,
                           const struct str *names, size_t count);

/* --name, --name=value, --no-name and -P. */
void givens_take_flags(struct givens *givens, const struct raw_argument *raw, size_t count);
/* The params file, for all that no flag has given. */
void givens_take_file(struct givens *givens, const struct source *file, bool is_json);

#endif
