#include "job/plan.h"

#include "base/arena.h"
#include "base/path.h"
#include "job/context.h"
#include "job/plan_parts.h"

bool job_needs_urls(const struct job *job, const struct input *input)
{
    return input->to == NULL || manifest_takes_urls(job->manifest, input->name);
}

static void plan_commands(struct planner *planner)
{
    const struct manifest *manifest = planner->job->manifest;
    struct plan *plan = planner->plan;
    const struct job *job = planner->job;
    struct command common = {0};

    common.workdir =
        path_without_slash(path_below(planner->arena, job->context->root, job->workdir));
    plan_env(planner, &common);
    plan->commands = arena_array(planner->arena, manifest->step_count, sizeof *plan->commands);
    for (size_t i = 0; i < manifest->step_count; i++) {
        struct command *command = &plan->commands[plan->command_count++];
        *command = common;
        plan_command(planner, &manifest->steps[i], command);
    }
}

const struct plan *plan_make(struct arena *arena, const struct job *job,
                             const struct supply *supplies, size_t supply_count,
                             struct diags *diags)
{
    struct planner planner = {.arena = arena, .diags = diags};
    size_t errors = diags->error_count;

    planner.job = arena_alloc(arena, sizeof *planner.job);
    *planner.job = *job;
    planner.plan = arena_alloc(arena, sizeof *planner.plan);
    *planner.plan = (struct plan){
        .job = planner.job,
        .supplies = supplies,
        .supply_count = supply_count,
        .timeout_ms = job->manifest->timeout_ms,
        .kill_after_ms = job->manifest->kill_after_ms,
    };
    plan_landings(&planner);
    plan_arrivals(&planner);
    job_bind_values(arena, planner.job, planner.input_paths, diags);
    plan_commands(&planner);
    return diags->error_count == errors ? planner.plan : NULL;
}
