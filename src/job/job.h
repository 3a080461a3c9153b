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
struct json;

/* One artifact that an input asks for: the output of a producer with one set of
 * values. An input that fans in has one for each element. */
struct element {
    struct str label; /* "platform=linux-x64": what --input NAME[label] names. The names that
                       * fan in, in the order of `with`, and their values as an address has
                       * them; empty where none does */
    const struct manifest *producer;
    const struct output *output;
    const struct value *values;     /* of the producer's params, in its order */
    const bool *value_given;        /* by `with`, not by default */
    const struct select_row **rows; /* of each table of the input: that of this element */
    size_t row_count;
    struct address address; /* in the environment of this run, at the input's commit */
    struct str to;          /* expanded; ends in '/': a folder; .s NULL: not downloaded */
    struct str otherwise;   /* `else`, from the workspace root; .s NULL: none */
    struct span span;       /* where the manifest asks for it */
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

struct bound_step {
    const struct step *step;
    bool wanted;            /* its `when` holds */
    struct str workdir;     /* from the workspace root; empty: the root itself */
    struct str stdout_path; /* from the workspace root; .s NULL: none */
};

struct bound_requirement {
    const struct requirement *requirement;
    struct str *texts; /* expanded, of a platform jobrun's own name; without those that are null */
    size_t text_count;
};

struct job {
    const struct manifest *manifest;
    const struct context *context;
    struct argument *arguments; /* as the manifest's params */
    struct str *vars;           /* as the manifest's vars; .s NULL: null, or made of an input */
    bool *var_needs_inputs;     /* it is expanded in the plan */
    /* Why a var cannot stand in a path, for what it is made of; .s NULL: it can. */
    struct str *var_path_problems;
    bool *var_has_values; /* it is made of a param's value */
    bool *var_failed;     /* it could not be expanded, which was reported */
    struct bound_input *inputs;
    struct bound_output *outputs;           /* as the manifest's outputs */
    struct bound_requirement *requirements; /* without those that are null altogether */
    size_t requirement_count;
    struct json *ci;   /* NULL: none. Its texts are expanded, null ones are left out */
    struct str *clean; /* as the manifest's; globs from the workspace root */
    size_t clean_count;
    struct bound_step *steps; /* as the manifest's */
    struct address address;
    struct str url;           /* store URL and address: ${job.url}; of a plain folder its path */
    struct str manifest_path; /* from the workspace root */
    struct str manifest_digest;
};

#define JOB_ELEMENTS_MAX 10000             /* of one input */
#define JOB_CI_BYTES_MAX ((size_t)1 << 20) /* of the texts of `ci` together */

/* NULL when `diags` gained an error. `arguments` must be free of problems. */
const struct job *job_bind(struct arena *arena, const struct context *context,
                           struct catalog *catalog, const struct manifest *manifest,
                           struct argument *arguments, struct diags *diags);

/* Whether the job publishes anything with these params when it succeeds. */
bool job_has_outputs(const struct job *job);
/* Whether it does so when its command fails. Such outputs lie beside the receipt,
 * below `failed`, which is no variant's name: they are never an input, and a job
 * with no others is one without outputs. */
bool job_has_failure_outputs(const struct job *job);
/* Whether one of its steps cannot be undone, with these params. */
bool job_has_effects(const struct job *job);
/* Whether a success leaves a receipt: a job with outputs, or one that is `once`. */
bool job_is_recorded(const struct job *job);
/* Whether it leaves anything in the store: a receipt, or the markers of effects. */
bool job_leaves_marks(const struct job *job);

/* A scope for templates of this job. In a path (`in_path`), what a user's value
 * brings is refused (ERROR_USAGE) where it is empty, "..", or holds '/', a
 * backslash, a glob or control character; values of type path may hold '/', but
 * no segment "..". What
 * only some templates may use is an error where it is not given: the checks of a
 * manifest keep it out. */
struct job_scope {
    const struct job *job;
    bool in_path;
    const struct element *element; /* for ${with.x}; or NULL */
    const struct str *input_paths; /* for ${inputs.x.path}, as the manifest's inputs; or NULL */
    struct str each;               /* for ${each}; .s NULL: there is none */
};
struct scope job_scope(struct job_scope *scope);
/* NULL holds. A var that is null, or not known yet, equals nothing. */
bool job_when_holds(const struct job *job, const struct when *when);

/* The text of a template; false where it is not to be had: the problem is in
 * `diags`, that of a var that failed since it was bound. *text has a NULL `s` where
 * the template is one placeholder of null. */
bool job_expand(struct job_scope *scope, struct arena *arena, const struct template *template,
                struct diags *diags, struct str *text);
/* The same for a path from the workspace root, plain but for a '/' at its end.
 * An absolute path within the root is made one from the root. `what` begins the
 * message: "'to' of input 'x'". Paths into `.git` and `.jobrun` are refused. */
bool job_expand_path(struct job_scope *scope, struct arena *arena, const struct template *template,
                     const char *what, struct diags *diags, struct str *path);

/* The path before any glob, absolute, without a '/' at its end:
 * ${outputs.x.path}. Of an output without patterns the root. */
struct str job_output_path(const struct job *job, const struct bound_output *output,
                           struct arena *arena);

/* The command that makes an artifact: "<run-prefix> build --platform linux-x64".
 * `prefix` is what comes before the job's name. --env and --store are added where
 * this run was given them, --env also where it reads from an environment in which
 * people may publish; --commit never, since a job publishes at HEAD alone:
 * for another commit "git checkout COMMIT && " comes first. */
struct str element_command(const struct element *element, const struct context *context,
                           struct arena *arena, struct str prefix);
/* The command of this run, with the params and the place that it was given; other
 * options are not repeated. */
struct str job_command(const struct job *job, struct arena *arena);

#endif
