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
    const struct job *job = planner->job;
    size_t count = job->manifest->step_count;
    struct plan *plan = planner->plan;

    plan->commands = arena_array(planner->arena, count, sizeof *plan->commands);
    for (size_t i = 0; i < count; i++) {
        const struct bound_step *step = &job->steps[i];
        if (!step->wanted) {
            continue;
        }
        struct command *command = &plan->commands[plan->command_count++];
        command->step = step;
        command->name = step->step->name;
        command->workdir =
            path_without_slash(path_below(planner->arena, job->context->root, step->workdir));
        plan_env(planner, command);
        plan_command(planner, step->step, command);
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

const struct plan *plan_make_unsupplied(struct arena *arena, const struct job *job,
                                        struct diags *diags)
{
    struct supply *supplies = NULL;
    size_t count = 0, capacity = 0;

    for (size_t i = 0; i < job->manifest->input_count; i++) {
        const struct bound_input *input = &job->inputs[i];
        for (size_t j = 0; input->wanted && j < input->element_count; j++) {
            *ARENA_PUSH(arena, supplies, count, capacity) =
                (struct supply){.input = input,
                                .element = &input->elements[j],
                                .state = SUPPLY_UNKNOWN,
                                .address = input->elements[j].address};
        }
    }
    return plan_make(arena, job, supplies, count, diags);
}
