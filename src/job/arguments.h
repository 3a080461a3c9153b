/*
 * The values of a job's params, from the command line, files, variables and
 * defaults. Every problem is a diagnostic, all of them in one pass.
 *
 * Order of precedence: --name and -P (together, in their order), then
 * --params-file, then the param's `env` variable, then the default. A repeated
 * flag adds to a list and is an error for anything else; `--name=` alone is the
 * empty list where the param allows one. An empty variable counts as one that is
 * not set; a list in a variable has one element on each line.
 */
#ifndef JOB_ARGUMENTS_H
#define JOB_ARGUMENTS_H

#include "base/base.h"
#include "base/diag.h"
#include "manifest/param.h"

struct arena;
struct manifest;
struct variables;

enum value_origin { ORIGIN_DEFAULT, ORIGIN_COMMAND_LINE, ORIGIN_FILE, ORIGIN_VARIABLE };

struct argument {
    const struct param *param;
    struct value value; /* canonical; of a param with a problem: empty */
    enum value_origin origin;
};

/* What the options parser left over for the job, in the order of the command
 * line. */
struct raw_argument {
    struct str text;    /* "--name", "--name=value", "--no-flag", "value" */
    bool is_assignment; /* the text of a -P option: "name=value" */
    bool is_apart;      /* an option of jobrun stood between this one and the one before */
};

struct raw_arguments {
    const struct raw_argument *items;
    size_t count;
    /* "--force": what jobrun itself would have taken, for "did you mean". */
    const struct str *options;
    size_t option_count;
};

/* `file` is the text of --params-file with `file_is_json`, or NULL. The result
 * has one argument for each param of the manifest, in its order. */
struct argument *arguments_bind(struct arena *arena, const struct manifest *manifest,
                                const struct raw_arguments *raw, const struct source *file,
                                bool file_is_json, const struct variables *variables,
                                struct str host_platform, struct diags *diags);

#endif
