/* What the files of job_bind() share with one another, and with the plan. */
#ifndef JOB_JOB_PARTS_H
#define JOB_JOB_PARTS_H

#include "job/job.h"

struct error;

/* Position of a name in the manifest, or its count where nothing has it. */
size_t param_index(const struct manifest *manifest, struct str name);
size_t var_index(const struct manifest *manifest, struct str name);
size_t input_index(const struct manifest *manifest, struct str name);
size_t output_index(const struct manifest *manifest, struct str name);

/* Expands the job's vars and the patterns of its outputs, in the order in which
 * they need one another. Without `input_paths`, vars that need an input are only
 * marked. job->vars, job->var_* and job->outputs are made anew. */
void job_bind_values(struct arena *arena, struct job *job, const struct str *input_paths,
                     struct diags *diags);

/* The template of a var with these params; NULL: null. */
const struct template *job_var_template(const struct job *job, const struct var *var);

/* Why the value cannot stand in a path ("it holds '/'"), or NULL. */
const char *job_path_value_problem(const struct value *value, enum param_type type);

/* Whether a value of the user's has a part in the text. */
bool job_template_has_values(const struct job *job, const struct template *template);

/* Makes job->requirements. */
void job_bind_requires(struct arena *arena, struct job *job, struct diags *diags);
/* Makes job->ci. */
void job_bind_ci(struct arena *arena, struct job *job, struct diags *diags);

/* Makes job->inputs. */
void job_bind_inputs(struct arena *arena, struct job *job, struct catalog *catalog,
                     struct diags *diags);

/* Makes job->steps; after job_bind_values(). */
void job_bind_steps(struct arena *arena, struct job *job, struct diags *diags);

/* Reports every constraint that does not hold; after job_bind_values(). */
void job_check_constraints(struct arena *arena, const struct job *job, struct diags *diags);

/* A value that an input gives to its producer. */
struct choice {
    struct value value; /* canonical */
    struct span span;
};

/* An entry of `with`, evaluated. */
struct choices {
    size_t param; /* of the producer */
    bool fans_in; /* one element for each item */
    struct choice *items;
    size_t count;
};

/* The entries of the input's `with` that are not null. False where there is a
 * problem, which is in `diags`. */
bool job_bind_with(struct arena *arena, const struct job *job, const struct input *input,
                   const struct manifest *producer, struct choices **entries, size_t *count,
                   struct diags *diags);

/* What git was asked last: most elements of an input have one commit. */
struct resolved {
    struct str revision, commit; /* .s NULL: nothing yet */
};

/* What the element's values choose: a row of each table of the input, and its
 * commit. False where there is a problem, which is in `diags`. */
bool job_bind_rows(struct arena *arena, const struct input *input, struct element *element,
                   struct diags *diags);
bool job_bind_commit(struct arena *arena, const struct job *job, const struct input *input,
                     struct element *element, struct resolved *last, struct diags *diags);

#endif
