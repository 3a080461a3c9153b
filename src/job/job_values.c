/* Vars and the paths of outputs, which may be made of one another. */
#include "base/arena.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

enum progress { PROGRESS_NONE, PROGRESS_BEGUN, PROGRESS_DONE };

/* Nodes are the vars, then the outputs. */
struct values {
    struct arena *arena;
    struct job *job;
    const struct str *input_paths;
    struct diags *diags;
    enum progress *progress;
};

static void bind_node(struct values *values, size_t node);

static void bind_var_named(struct values *values, struct str name)
{
    size_t var = var_index(values->job->manifest, name);

    if (var < values->job->manifest->var_count) {
        bind_node(values, var);
    }
}

/* What the template needs is expanded before it. */
static void bind_parts(struct values *values, const struct template *template)
{
    const struct manifest *manifest = values->job->manifest;

    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        if (part->kind == PART_VAR) {
            bind_var_named(values, part->name);
        } else if (part->kind == PART_OUTPUT) {
            bind_node(values, manifest->var_count + output_index(manifest, part->name));
        }
    }
}

/* Notes what the var is made of: a value, an input, what a path may not hold. */
static void note_part(struct values *values, size_t var, const struct part *part)
{
    struct job *job = values->job;
    struct str *problem = &job->var_path_problems[var];

    if (part->kind == PART_INPUT) {
        job->var_needs_inputs[var] = job->var_needs_inputs[var] || !values->input_paths;
    } else if (part->kind == PART_PARAM) {
        size_t param = param_index(job->manifest, part->name);
        if (param == job->manifest->param_count) {
            return;
        }
        const struct value *value = &job->arguments[param].value;
        const char *why = job_path_value_problem(value, job->manifest->params[param]->domain.type);
        job->var_has_values[var] = true;
        if (why && !problem->s) {
            *problem =
                str_format(values->arena, "value '%.*s' of param '%.*s' cannot stand in a path: %s",
                           STR_ARG(value_show(value, values->arena)), STR_ARG(part->name), why);
        }
    } else if (part->kind == PART_VAR) {
        size_t other = var_index(job->manifest, part->name);
        if (other == job->manifest->var_count) {
            return;
        }
        job->var_needs_inputs[var] |= job->var_needs_inputs[other];
        job->var_has_values[var] |= job->var_has_values[other];
        if (!problem->s) {
            *problem = job->var_path_problems[other];
        }
    }
}

static void bind_var(struct values *values, size_t var)
{
    struct job *job = values->job;
    const struct template *template = job_var_template(job, &job->manifest->vars[var]);
    struct job_scope scope = {.job = job, .input_paths = values->input_paths};

    if (!template) {
        return;
    }
    bind_parts(values, template);
    for (size_t i = 0; i < template->count; i++) {
        note_part(values, var, &template->parts[i]);
    }
    if (!job->var_needs_inputs[var] &&
        !job_expand(&scope, values->arena, template, values->diags, &job->vars[var])) {
        job->vars[var] = STR("");
        job->var_failed[var] = true;
    }
}

/* The patterns of an output that this run does not make may be impossible with
 * its values: those are left out without a word. */
static void bind_output(struct values *values, size_t index)
{
    struct job *job = values->job;
    struct bound_output *output = &job->outputs[index];
    const struct output *declared = output->output;
    struct diags unheard = diags_make(values->arena);
    struct job_scope scope = {.job = job};
    const char *what = str_format(values->arena, "output '%.*s'", STR_ARG(declared->name)).s;

    for (size_t i = 0; declared->when && i < declared->when->count; i++) {
        bind_var_named(values, declared->when->terms[i].subject);
    }
    output->wanted = job_when_holds(job, declared->when);
    output->patterns = arena_array(values->arena, declared->path_count, sizeof *output->patterns);
    for (size_t i = 0; i < declared->path_count; i++) {
        struct str *pattern = &output->patterns[output->pattern_count];
        bind_parts(values, declared->paths[i]);
        if (job_expand_path(&scope, values->arena, declared->paths[i], what,
                            output->wanted ? values->diags : &unheard, pattern)) {
            output->pattern_count++;
        }
    }
}

static void report_cycle(struct values *values, size_t node)
{
    const struct manifest *manifest = values->job->manifest;
    size_t vars = manifest->var_count;
    struct str name = node < vars ? manifest->vars[node].name : manifest->outputs[node - vars].name;
    struct span span =
        node < vars ? manifest->vars[node].span : manifest->outputs[node - vars].span;

    rule_report(values->diags, RULE_CYCLE, span, "%s '%.*s' is made of itself",
                node < vars ? "var" : "output", STR_ARG(name));
}

static void bind_node(struct values *values, size_t node)
{
    size_t vars = values->job->manifest->var_count;

    if (node >= vars + values->job->manifest->output_count ||
        values->progress[node] == PROGRESS_DONE) {
        return;
    }
    if (values->progress[node] == PROGRESS_BEGUN) {
        report_cycle(values, node);
        return;
    }
    values->progress[node] = PROGRESS_BEGUN;
    if (node < vars) {
        bind_var(values, node);
    } else {
        bind_output(values, node - vars);
    }
    values->progress[node] = PROGRESS_DONE;
}

void job_bind_values(struct arena *arena, struct job *job, const struct str *input_paths,
                     struct diags *diags)
{
    size_t vars = job->manifest->var_count;
    size_t outputs = job->manifest->output_count;
    struct values values = {
        .arena = arena,
        .job = job,
        .input_paths = input_paths,
        .diags = diags,
        .progress = arena_array(arena, vars + outputs, sizeof *values.progress),
    };

    job->vars = arena_array(arena, vars, sizeof *job->vars);
    job->var_needs_inputs = arena_array(arena, vars, sizeof *job->var_needs_inputs);
    job->var_path_problems = arena_array(arena, vars, sizeof *job->var_path_problems);
    job->var_has_values = arena_array(arena, vars, sizeof *job->var_has_values);
    job->var_failed = arena_array(arena, vars, sizeof *job->var_failed);
    job->outputs = arena_array(arena, outputs, sizeof *job->outputs);
    for (size_t i = 0; i < outputs; i++) {
        job->outputs[i].output = &job->manifest->outputs[i];
    }
    for (size_t i = 0; i < vars + outputs; i++) {
        bind_node(&values, i);
    }
}
