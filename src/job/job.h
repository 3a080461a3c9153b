/*
 * A job bound to its params and its context: every condition decided, every
 * var expanded, every address known. Nothing has been asked of a store yet, so
 * what depends on the files of an input (their paths) is not expanded here but
 * in the plan (job/plan.h).
 */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "base/base.h"
#include "base/diag.h"
#include "job/address.h"
#include "job/arguments.h"
#include "manifest/manifest.h"

struct arena;
struct catalog;
struct context;

/* One artifact that an input asks for: the output of a producer with one set of
 * values. An input that fans in has one for each element. */
struct element {
    struct str label; /* "platform=linux-x64", or empty: what --input NAME[label] names */
    const struct manifest *producer;
    const struct output *output;
    const struct value *values; /* of the producer's params, in its order */
    const bool *value_given;    /* by `with`, not by default */
    struct address address;     /* in the environment of this run */
    struct str to;              /* expanded; ends in '/': a folder */
    struct span span;           /* where the manifest asks for it */
};

struct bound_input {
    const struct input *input;
    bool wanted; /* its `when` holds */
    struct element *elements;
    size_t element_count; /* 0 where it is not wanted */
};

struct bound_output {
    const struct output *output;
    bool wanted;
    struct str *patterns; /* expanded; a folder ends in '/' */
    size_t pattern_count;
};

struct job {
    const struct manifest *manifest;
    const struct context *context;
    struct argument *arguments; /* as the manifest's params */
    struct str *vars;           /* as the manifest's vars; .s NULL: null, or made of an input */
    bool *var_needs_inputs;     /* it is expanded in the plan */
    struct bound_input *inputs;
    struct bound_output *outputs; /* as the manifest's outputs */
    struct address address;
    struct str url;           /* store URL and address: ${job.url} */
    struct str manifest_path; /* from the workspace root */
    struct str manifest_digest;
};

#define JOB_ELEMENTS_MAX 10000 /* of one input */

/* NULL when `diags` gained an error. `arguments` must be free of problems. */
const struct job *job_bind(struct arena *arena, const struct context *context,
                           struct catalog *catalog, const struct manifest *manifest,
                           struct argument *arguments, struct diags *diags);

/* Whether the job publishes anything with these params. */
bool job_has_outputs(const struct job *job);

/* A scope for templates of this job; the parts that need inputs or `each` are
 * an error (a bug of the checks) in this one. In a path (`in_path`), what a
 * user's value brings is refused where it is empty or holds '/', "..", a glob
 * or control character; values of type path may hold '/'. */
struct job_scope {
    const struct job *job;
    bool in_path;
};
struct scope job_scope(struct job_scope *scope);
bool job_when_holds(const struct job *job, const struct when *when);

/* The command that makes an artifact: "<run-prefix> build --platform linux-x64".
 * `prefix` is what comes before the job's name. --env, --store and --commit are
 * added where this run was given them. */
struct str element_command(const struct element *element, const struct context *context,
                           struct arena *arena, struct str prefix);

#endif
