/*
 * A manifest: one job as its file declares it, before params are bound.
 *
 *     const struct source *source = source_make(arena, name, text);
 *     const struct manifest *m = manifest_parse(arena, source, stem, &reader, &diags);
 *
 * manifest_parse() runs the three stages on one text: document_parse() (YAML),
 * decode (the form of every key), manifest_check() (names, tables, conditions).
 * Nothing here knows a file system, a store or a commit: what `include` names is
 * read by the caller's reader. Its params, vars, tables and variables come before
 * the manifest's own, with spans in their own sources.
 *
 * Strings and structs live in the arena that they were parsed into.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "base/base.h"
#include "base/diag.h"
#include "base/pack.h"
#include "base/source.h"
#include "manifest/param.h"
#include "manifest/template.h"

struct arena;
struct error;
struct node;

#define MANIFEST_LANGUAGE_VERSION 1
#define MANIFEST_KILL_AFTER_MS    10000 /* the default of `kill-after` */
#define MANIFEST_NAMES_MAX        1000  /* params; vars with columns; inputs; outputs; steps */

#define MANIFEST_FRAGMENTS_MAX 100 /* together of at most DOCUMENT_NODES_MAX nodes */

/* What reads the files of `include`. */
struct fragment_reader {
    /* The file at a path as the manifest writes it: the same source for the same file,
     * whatever the path. */
    int (*read)(void *context, struct str path, const struct source **source, struct error *err);
    /* The document of a file that `read` gave, as document_parse() gives it. It may be
     * parsed once for all manifests, where it has no problems. NULL: nobody keeps them. */
    const struct node *(*parse)(void *context, const struct source *source, struct diags *diags);
    void *context;
};

/* `when: {subject: value | [values] | {not: value | [values]}}`: all must hold. */
struct when_term {
    struct str subject; /* a param or a var */
    struct span span;
    bool negated;
    struct str *values;
    struct span *value_spans;
    size_t value_count;
};

struct when {
    struct when_term *terms;
    size_t count;
    struct span span;
};

/* Whether one of the terms asks for it; of NULL none does. */
bool when_asks(const struct when *when, struct str subject);

/* What must hold of the params, before anything runs. */
struct constraint {
    struct span span;
    const struct when *when;    /* NULL: always */
    const struct when *require; /* NULL where it was broken */
    struct str message;         /* one line */
};

/* A derived value: a template, or a table by the values of a param. */
struct var {
    struct str name;
    struct span span;
    const struct template *text;   /* of `vars`; NULL for a column of `select` */
    struct str by;                 /* of a column: the param */
    struct str *rows;              /* its values, as written */
    const struct template **cells; /* one for each row; NULL: the cell is null */
    size_t row_count;
};

/* `select: {param: {value: {column: text}}}`, as written, for the checks. */
struct select_row {
    struct str value;
    struct span span;
    struct str *columns;
    struct span *column_spans;
    const struct template **cells;
    size_t column_count;
    bool is_broken; /* no mapping: its columns are not known */
};
struct select {
    struct str param;
    struct span span;
    struct select_row *rows;
    size_t row_count;
};

/* One entry of an input's `with`. */
struct with {
    struct str name;
    struct span span;
    bool is_list;                   /* written as a list: fans in */
    const struct template **values; /* one, or one for each element */
    size_t value_count;
};

struct input {
    struct str name;
    struct span span;
    struct str from; /* the producing job */
    struct span from_span;
    struct str output; /* .s NULL: the producer's only one */
    struct span output_span;
    const struct template *commit; /* a revision or full id; NULL: that of the job */
    struct with *with;
    size_t with_count;
    struct select *selects; /* `param` is a name in `with`; no cell is null */
    size_t select_count;
    const struct template *to; /* NULL: not downloaded */
    const struct when *when;   /* NULL: always */
    bool optional;
    const struct template *otherwise; /* `else`: what lands where it is absent; or NULL */
    enum pack_format unpack;          /* its one file is an archive, and what is in it lands */
    struct span unpack_span;
};

/* After which end of the command an output is published. */
enum output_on {
    ON_SUCCESS, /* the default */
    ON_FAILURE, /* beside the receipt, never an input */
    ON_ALWAYS   /* the one or the other */
};

/* "success", "failure", "always" */
const char *output_on_name(enum output_on on);

#define OUTPUT_NO_COUNT ((int64_t)-1)

struct output {
    struct str name;
    struct span span;
    const struct template **paths; /* one, or those of the list */
    size_t path_count;
    int64_t count, min, max; /* of files; OUTPUT_NO_COUNT: not said */
    bool optional;
    const struct when *when; /* NULL: always */
    enum output_on on;
    struct span on_span;
    enum pack_format pack; /* published as one archive */
    struct str help;
};

/* `requires`: what the machine and the checkout must be. */
enum requirement_kind {
    REQUIRE_PLATFORM,    /* this machine's is one of the texts */
    REQUIRE_TOOL,        /* a program that the command finds */
    REQUIRE_ENVIRONMENT, /* that of the run is one of the texts */
    REQUIRE_CLEAN_TREE,
    REQUIRE_LFS,     /* a path or glob of files that are no git-lfs pointers */
    REQUIRE_HISTORY, /* no shallow clone */
    REQUIRE_DISK     /* free space for the workspace */
};

struct requirement {
    enum requirement_kind kind;
    struct span span;
    const struct template **texts; /* of a platform and environment at least one, of a tool and
                                    * git-lfs one, else none; null leaves a text out */
    size_t text_count;
    int64_t size_bytes; /* REQUIRE_DISK */
};

/* The key of `requires`: "clean-tree". */
const char *requirement_key(enum requirement_kind kind);
/* Why the text of a platform, tool or environment can be none ("is no platform"),
 * or NULL. */
const char *requirement_problem(enum requirement_kind kind, struct str text);

/* A part of `ci`: data for others, in which every text is a template. */
enum ci_kind { CI_TEXT, CI_LIST, CI_MAPPING };

struct ci_value {
    enum ci_kind kind;
    const struct template *text; /* CI_TEXT; NULL where it was broken */
    struct str *names;           /* CI_MAPPING: of the items */
    struct ci_value *items;
    size_t count;
};

struct env_entry {
    struct str name;
    struct span span;
    const struct template *text; /* NULL: unset */
    const struct when *when;     /* NULL: always */
};

/* What a command sees of the caller's environment. */
enum inherit {
    INHERIT_ALL,   /* the default */
    INHERIT_NONE,  /* `inherit-env: false` */
    INHERIT_LISTED /* the names in `inherited`, in which `*` stands for any text */
};

enum item_kind {
    ITEM_TEXT,  /* one template */
    ITEM_ARGS,  /* `args`, if `when` holds, once or for each element of a list */
    ITEM_FILES, /* one argument for each file of an input */
    ITEM_URLS   /* one address for each file of an input */
};

struct item {
    enum item_kind kind;
    struct span span;
    const struct template *text; /* ITEM_TEXT */
    const struct when *when;     /* ITEM_ARGS; NULL: always */
    struct str each;             /* ITEM_ARGS: the list param; .s NULL: once */
    struct span each_span;
    const struct template **args; /* ITEM_ARGS */
    size_t arg_count;
    struct str input; /* ITEM_FILES, ITEM_URLS */
    struct span input_span;
};

/* What one step takes from the caller's environment, and no other sees. */
struct secret {
    struct str name;
    struct span span;
    bool optional;
};

/* One thing that is executed. A job with `command` or `script` has one step
 * without a name, which has what `secrets`, `stdout` and `effect` of the job say. */
struct step {
    struct str name;
    struct span span;     /* of the name; of a job's only step: of its key */
    struct item *command; /* the argv, NULL where it is a script */
    size_t command_count;
    const struct node *script;     /* NULL where it is a command */
    const struct template **shell; /* of a script; NULL: the default */
    size_t shell_count;
    const struct when *when; /* NULL: always */
    struct env_entry *env;   /* behind the job's, over which it wins */
    size_t env_count;
    struct secret *secrets;
    size_t secret_count;
    const struct template *workdir;     /* NULL: the job's */
    const struct template *stdout_path; /* of a file; NULL: none */
    bool effect;
    struct span effect_span;
    bool always;            /* runs after a failure too */
    bool continue_on_error; /* the steps behind it run all the same */
};

/* A group of names, as a bit. */
enum name_group {
    NAMES_PARAMS = 1,
    NAMES_VARS = 2, /* those of `select` too */
    NAMES_INPUTS = 4,
    NAMES_OUTPUTS = 8
};

struct manifest {
    const struct source *source;
    const struct source **fragments; /* the texts of `include` that could be read */
    size_t fragment_count;
    struct str name;
    struct span name_span;
    struct str help;

    struct param **params;
    size_t param_count;
    struct select *selects;
    size_t select_count;
    struct var *vars; /* those of `vars`, then the columns of `select` */
    size_t var_count;
    struct constraint *constraints;
    size_t constraint_count;
    struct input *inputs;
    size_t input_count;
    struct output *outputs;
    size_t output_count;
    struct requirement *requirements;
    size_t requirement_count;
    const struct ci_value *ci;     /* NULL: none */
    const struct template **clean; /* paths and globs */
    size_t clean_count;
    struct env_entry *env;
    size_t env_count;
    enum inherit inherit;
    struct str *inherited; /* INHERIT_LISTED */
    size_t inherited_count;
    const struct template *workdir; /* NULL: the workspace root */
    struct step *steps;
    size_t step_count;
    bool once; /* a success is recorded, and the next run skips */
    struct span once_span;
    int64_t timeout_ms; /* 0: none */
    int64_t kill_after_ms;
    /* The name_groups that could not be read whole, so that a name may be missing
     * for that alone; 0 where there was no error. */
    unsigned unread;
    bool is_broken;      /* reading found errors, so that uses of names may be missing too */
    bool has_errors;     /* reading or checking found any */
    bool *params_broken; /* of each param: its declaration has errors, so that its domain says
                            nothing */
};

/* `stem` is the file's name without folder and ".yaml"; an empty one is not
 * compared with the job's name. Without a reader (NULL) every `include` is an error.
 * NULL where the text gives no manifest at all; else usable for messages, and for a
 * run when `diags` gained no error. */
const struct manifest *manifest_parse(struct arena *arena, const struct source *source,
                                      struct str stem, const struct fragment_reader *reader,
                                      struct diags *diags);

/* The same of a text whose document was read already, without a problem; of its nodes
 * none is kept (document_parse_apart). */
const struct manifest *manifest_from_document(struct arena *arena, const struct node *root,
                                              const struct source *source, struct str stem,
                                              const struct fragment_reader *reader,
                                              struct diags *diags);

/* The stages of manifest_parse(), for tests and for files of several kinds. */
struct manifest *manifest_decode(struct arena *arena, const struct node *root,
                                 const struct source *source, const struct fragment_reader *reader,
                                 struct diags *diags);
void manifest_check(const struct manifest *manifest, struct arena *arena, struct diags *diags);

/* NULL where nothing has the name. */
const struct param *manifest_param(const struct manifest *manifest, struct str name);
const struct var *manifest_var(const struct manifest *manifest, struct str name);
const struct input *manifest_input(const struct manifest *manifest, struct str name);
const struct output *manifest_output(const struct manifest *manifest, struct str name);

/* The entry of the input's `with`, or NULL. */
const struct with *with_find(const struct input *input, struct str name);
/* The table of the input that has the column, or NULL. */
const struct select *input_select(const struct input *input, struct str column);
/* The first row that has the column, or NULL; neither counts a null cell. */
const struct select_row *select_first_row(const struct select *select, struct str column);
/* The row's cell in the column, or NULL. */
const struct template *select_cell(const struct select_row *row, struct str column);
/* Whether some item of the command is {urls: INPUT}. */
bool manifest_takes_urls(const struct manifest *manifest, struct str input);

/* Names of jobs and outputs: [a-z0-9]([a-z0-9._-]*[a-z0-9])?, at most 100 bytes. */
bool name_is_job(struct str name);
/* Names of params, vars, inputs: [a-z][a-z0-9-]*, at most 100 bytes. */
bool name_is_param(struct str name);
/* An environment of a store: [A-Za-z0-9._-]{1,64}, neither "." nor "..", and
 * without a '-' in front. */
bool name_is_environment(struct str name);
/* An environment variable: [A-Za-z_][A-Za-z0-9_]*. */
bool name_is_env(struct str name);
/* "PARAM_BUILD_TYPE" of "PARAM_" and "build-type"; '.' becomes '_' too. */
struct str name_to_env(struct arena *arena, const char *prefix, struct str name);
/* The names that params cannot have: the options of a run and their `no-` forms. */
bool name_is_reserved(struct str name);

/* "90s", "60m", "2h": milliseconds; false where it is not one or is over 30 days. */
bool duration_parse(struct str text, int64_t *ms);
/* "10GiB": bytes, of a whole number and one of B, KiB, MiB, GiB, TiB. */
bool size_parse(struct str text, int64_t *bytes);

#endif
