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
    /* "--name" of all, "--no-name" of the bools; behind them jobrun's options. */
    struct str *flags;
    size_t flag_count;   /* without the options */
    size_t option_count; /* of those */
    struct str file;     /* name of the params file */
    bool file_failed;    /* it gave nothing: what is required may stand in it */
};

void givens_make(struct givens *givens, struct arena *arena, const struct manifest *manifest,
                 const struct raw_arguments *raw, struct diags *diags);
/* NULL where the job has no param of this name. */
struct given *given_find(const struct givens *givens, struct str name);
void given_add(const struct givens *givens, struct given *given, struct str text, struct span span);
/* No param has the name, in a file or behind -P. */
void givens_report_unknown(const struct givens *givens, struct span span, struct str name);
/* The same of "--name", which is no option of jobrun's either. */
void givens_report_unknown_flag(const struct givens *givens, struct str flag);

/* --name, --name=value, --no-name and -P. */
void givens_take_flags(struct givens *givens, const struct raw_argument *raw, size_t count);
/* The params file, for all that no flag has given. */
void givens_take_file(struct givens *givens, const struct source *file, bool is_json);

#endif
