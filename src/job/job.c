#include "job/job.h"

#include "base/arena.h"
#include "base/glob.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

static struct address job_address(struct arena *arena, const struct job *job)
{
    size_t count = job->manifest->param_count;
    struct value *values = arena_array(arena, count, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        values[i] = job->arguments[i].value;
    }
    return (struct address){
        .environment = job->context->environment,
        .commit = job->context->commit,
        .job = job->manifest->name,
        .variant = address_variant(arena, job->manifest, values),
    };
}

static void bind_clean(struct arena *arena, struct job *job, struct diags *diags)
{
    const struct manifest *manifest = job->manifest;
    struct job_scope scope = {.job = job};

    job->clean = arena_array(arena, manifest->clean_count, sizeof *job->clean);
    job->clean_count = manifest->clean_count;
    for (size_t i = 0; i < manifest->clean_count; i++) {
        const struct template *template = manifest->clean[i];
        if (job_expand_path(&scope, arena, template, "'clean'", diags, &job->clean[i]) &&
            glob_is_everything(job->clean[i])) {
            rule_report(diags, RULE_PATH, template->node->span,
                        "path '%.*s' of 'clean' would empty the whole workspace",
                        STR_ARG(job->clean[i]));
        }
    }
}

const struct job *job_bind(struct arena *arena, const struct context *context,
                           struct catalog *catalog, const struct manifest *manifest,
                           struct argument *arguments, struct diags *diags)
{
    struct job *job = arena_alloc(arena, sizeof *job);
    size_t errors = diags->error_count;

    *job = (struct job){
        .manifest = manifest,
        .context = context,
        .arguments = arguments,
        .manifest_path = catalog_path(catalog, manifest),
        .manifest_digest = catalog_digest(catalog, manifest),
    };
    job->address = job_address(arena, job);
    job->url = address_url(arena, context->store_url, address_key(arena, &job->address));
    job_bind_values(arena, job, NULL, diags);
    job_check_constraints(arena, job, diags);
    job_bind_inputs(arena, job, catalog, diags);
    job_bind_requires(arena, job, diags);
    job_bind_ci(arena, job, diags);
    bind_clean(arena, job, diags);
    job_bind_steps(arena, job, diags);
    return diags->error_count == errors ? job : NULL;
}

static bool has_outputs(const struct job *job, enum output_on not_on)
{
    for (size_t i = 0; i < job->manifest->output_count; i++) {
        if (job->outputs[i].wanted && job->outputs[i].output->on != not_on) {
            return true;
        }
    }
    return false;
}

bool job_has_outputs(const struct job *job)
{
    return has_outputs(job, ON_FAILURE);
}

bool job_has_failure_outputs(const struct job *job)
{
    return has_outputs(job, ON_SUCCESS);
}

bool job_has_effects(const struct job *job)
{
    for (size_t i = 0; i < job->manifest->step_count; i++) {
        if (job->steps[i].wanted && job->steps[i].step->effect) {
            return true;
        }
    }
    return false;
}

bool job_is_recorded(const struct job *job)
{
    return job->manifest->once || job_has_outputs(job);
}

bool job_leaves_marks(const struct job *job)
{
    return job_is_recorded(job) || job_has_effects(job);
}
