/*
 * Within manifest_check(): the rules of one manifest, one function for each
 * group of them. They read a manifest that is decoded, perhaps with errors, and
 * report each cause once.
 */
#ifndef MANIFEST_CHECK_PARTS_H
#define MANIFEST_CHECK_PARTS_H

#include "base/base.h"
#include "base/diag.h"
#include "base/str.h"
#include "manifest/possible.h"
#include "manifest/rule.h"
#include "manifest/template.h"

struct arena;
struct code;
struct domain;
struct input;
struct manifest;
struct node;
struct param;
struct select;
struct step;
struct var;
struct when;

/* A name that was asked for and not found; later uses are labels of its problem. */
struct missing {
    enum part_kind kind;
    struct str name;
    struct diag *diag; /* NULL: not to be reported at all */
};

/* What a var is made of, through other vars too. */
struct var_facts {
    enum { FACTS_NEW, FACTS_BUSY, FACTS_DONE } visit;
    const struct part *input;                      /* a placeholder ${inputs.x.path}, or NULL */
    const struct part *output;                     /* ${outputs.x.path} */
    const struct part *address;                    /* ${job.root} or ${job.url} */
    const struct var *nullable;                    /* the column that it is null with, or NULL */
    enum { PLAIN_NEW, PLAIN_YES, PLAIN_NO } plain; /* check_plain.c */
};

struct check {
    const struct manifest *manifest;
    struct arena *arena;
    struct diags *diags;
    struct var_facts *facts; /* of each var */
    bool *params_used, *vars_used, *inputs_used;
    struct diag **dashes; /* of each param: what was said of its first byte, or NULL */
    struct missing *missing;
    size_t missing_count, missing_capacity;
    struct possible_query paths;
};

enum allow {
    ALLOW_INPUT = 1,
    ALLOW_OUTPUT = 2,
    ALLOW_ADDRESS = 4, /* ${job.root} and ${job.url}, which no path can hold */
    ALLOW_EACH = 8,
    ALLOW_WITH = 16,
    ALLOW_NULL = 32, /* the whole may be null */
    ALLOW_LIST = 64  /* the whole may be a list param */
};

/* Where a template stands. */
struct use {
    const char *where; /* "'to' of input 'cli'" */
    unsigned allow;
    const struct when *guard;  /* holds where the template is expanded; or NULL */
    const struct input *input; /* whose `with` is meant; or NULL */
    struct str with;           /* the entry of a `with` that it stands in; .s NULL: in none */
};

#define check_report(check, rule, span, ...) \
    rule_report((check)->diags, (rule), (span), __VA_ARGS__)

void check_names(struct check *check);
void check_values_of(struct check *check);
void check_select(struct check *check);
void check_vars(struct check *check); /* fills `facts`; before what follows */
void check_constraints(struct check *check);
void check_inputs(struct check *check);
void check_outputs(struct check *check);
void check_variants(struct check *check);
void check_environment(struct check *check);
void check_steps(struct check *check);   /* `workdir` of the job too */
void check_effects(struct check *check); /* `once` too */
void check_requires(struct check *check);
void check_ci(struct check *check);

/* All placeholders of a template; NULL is nothing to check. */
void check_template(struct check *check, const struct template *template, const struct use *use);
/* One condition; NULL is nothing to check. */
void check_when(struct check *check, const struct when *when);
/* The text of a script: its placeholders, and the variables that it reads. */
void check_script(struct check *check, const struct node *script);
/* The same for an argument that is code. */
void check_code(struct check *check, const struct code *code);
/* The variables that a text reads count as uses; those that nothing gives are reported. */
void check_variables(struct check *check, const struct node *script);
/* What the shells of a step do with the values: secrets, `eval`. */
void check_shell(struct check *check, const struct step *step, const struct code *codes,
                 size_t count);
/* An argument of its own whose value may begin with '-'. */
void check_leading_dashes(struct check *check, const struct step *step, const struct code *codes,
                          size_t count);
/* "${params.x}" as kind and name; false for what has no variable. */
bool check_read_placeholder(struct str text, enum part_kind *kind, struct str *name);
/* The variable that holds the value: "PARAM_X". */
struct str check_variable(struct check *check, enum part_kind kind, struct str name);
void check_help_variable(struct check *check, struct diag *d, enum part_kind kind, struct str name);
/* The words of the text that begin with a prefix, one after the other: at *at or behind it. */
bool check_next_word(struct str text, struct str prefix, size_t *at, struct str *word);

enum path_kind {
    PATH_PLAIN,
    PATH_GLOB,
    PATH_CLEAN /* a glob too, but not one of all that there is */
};
/* The path that a template gives, for all values that are known. */
void check_path(struct check *check, const struct template *template, enum path_kind kind,
                const struct use *use);

/* The text of a path in the file with every placeholder as marks of its length, so that
 * offsets stay what they are. */
struct str path_with_marks(struct arena *arena, struct str text);
/* Whether nothing can be wrong with a path, whatever it is for: letters and digits at the
 * start of each segment, and then '.', '_' and '-' among them. A mark counts as a letter.
 * Nearly all paths are like that. */
bool path_is_plain(struct str path);
/* Whether the values of all placeholders are such texts, so that the path is as good as
 * it is with marks for them: then they need not be put together one by one. */
bool check_is_plain(struct check *check, const struct template *path);

/* The names, or NULL with the problem reported (once for each name). They count
 * as used. */
const struct param *check_param(struct check *check, struct str name, struct span span);
/* Its domain, or NULL where the declaration is broken, and reported. */
const struct domain *check_domain(struct check *check, const struct param *param);
const struct var *check_var(struct check *check, struct str name, struct span span);
const struct input *check_input(struct check *check, struct str name, struct span span);
void check_output(struct check *check, struct str name, struct span span);
/* An input whose files, or whose one path, are asked for. */
void check_files(struct check *check, struct str name, struct span span);
void check_input_path(struct check *check, struct str name, struct span span);
/* An input that nothing lands of and nothing names. */
void check_unused_input(struct check *check, const struct input *input);
/* Of a table, wherever it stands: that every row has the same columns. */
void check_columns(struct check *check, const struct select *select, bool has_null);
/* For names that are neither; the candidates are those of param and var. */
void check_missing_subject(struct check *check, struct str name, struct span span);

/* Whether two conditions cannot hold together, as far as their values say. */
bool when_excludes(const struct when *a, const struct when *b);
/* The condition that holds where both do; either may be NULL. */
const struct when *when_both(struct arena *arena, const struct when *a, const struct when *b);
/* False where the condition says that the param or var has another value. */
bool when_allows(const struct when *when, struct str subject, struct str value);

const char *check_what(struct check *check, const char *noun, struct str name);

#endif
