#include "cli/show_plan.h"

#include "base/arena.h"
#include "cli/show_parts.h"
#include "job/context.h"
#include "job/plan.h"
#include "run/listener.h"
#include "run/run.h"

static bool is_missing(const struct supply *supply)
{
    return supply->state == SUPPLY_ABSENT && !supply->input->input->optional;
}

static const char *state_name(const struct supply *supply)
{
    switch (supply->state) {
    case SUPPLY_THERE:
        return "there";
    case SUPPLY_ABSENT:
        return is_missing(supply) ? "MISSING" : "absent, and optional";
    case SUPPLY_LOCAL:
        return supply->otherwise.s != NULL ? "absent, so its 'else'" : "local";
    case SUPPLY_UNKNOWN:
        return "not known";
    }
    return "";
}

static void add_supplies(struct buf *buf, struct arena *arena, const struct plan *plan)
{
    for (size_t i = 0; i < plan->supply_count; i++) {
        const struct supply *supply = &plan->supplies[i];
        const struct element *element = supply->element;
        struct str where = supply->otherwise.s != NULL     ? supply->otherwise
                           : supply->state == SUPPLY_LOCAL ? supply->local_path
                                                           : address_key(arena, &supply->address);
        buf_addf(buf, "  %.*s%s%.*s%s: %s: %.*s\n", STR_ARG(supply->input->input->name),
                 element->label.n > 0 ? "[" : "", STR_ARG(element->label),
                 element->label.n > 0 ? "]" : "", state_name(supply), STR_ARG(where));
        if (is_missing(supply)) {
            struct str command = element_command(element, plan->job->context, arena,
                                                 plan->job->context->config.run_prefix);
            buf_addf(buf, "    made by: %.*s\n", STR_ARG(command));
        }
    }
}

static void add_landings(struct buf *buf, struct arena *arena, const struct plan *plan)
{
    for (size_t i = 0; i < plan->landing_count; i++) {
        const struct landing *landing = &plan->landings[i];
        struct str size = size_show(arena, landing->entry->size_bytes);
        buf_addf(buf, "  %.*s (%.*s, from input '%.*s')\n",
                 STR_ARG(str_printable(arena, landing->destination)), STR_ARG(size),
                 STR_ARG(landing->supply->input->input->name));
    }
}

/* What a run would refuse, before it touches anything. */
static void add_refusals(struct buf *buf, const struct run_result *result)
{
    const char *heading = "a run would be refused here:\n";
    for (size_t i = 0; i < result->refused.count; i++) {
        const struct diag *diag = result->refused.items[i];
        buf_addf(buf, "%s  %.*s\n", heading, STR_ARG(diag->message));
        for (size_t n = 0; n < diag->note_count; n++) {
            buf_addf(buf, "    note: %.*s\n", STR_ARG(diag->notes[n]));
        }
        for (size_t h = 0; h < diag->help_count; h++) {
            buf_addf(buf, "    help: %.*s\n", STR_ARG(diag->helps[h]));
        }
        heading = "";
    }
    for (size_t i = 0; i < result->plan->supply_count; i++) {
        const struct supply *supply = &result->plan->supplies[i];
        if (is_missing(supply)) {
            buf_addf(buf, "%s  input '%.*s%s%.*s%s' is missing\n", heading,
                     STR_ARG(supply->input->input->name), supply->element->label.n > 0 ? "[" : "",
                     STR_ARG(supply->element->label), supply->element->label.n > 0 ? "]" : "");
            heading = "";
        }
    }
}

static void add_inputs(struct buf *buf, struct arena *arena, const struct plan *plan)
{
    if (plan->supply_count > 0) {
        buf_addf(buf, "inputs:\n");
        add_supplies(buf, arena, plan);
    }
    if (plan->landing_count > 0) {
        buf_addf(buf, "would fetch:\n");
        add_landings(buf, arena, plan);
    }
}

static void add_requirements(struct buf *buf, struct arena *arena, const struct run_result *result)
{
    const struct job *job = result->plan->job;
    if (job->requirement_count > 0) {
        buf_addf(buf, "requires:\n");
    }
    for (size_t i = 0; i < job->requirement_count; i++) {
        struct str shown = requirement_show(arena, &job->requirements[i]);
        buf_addf(buf, "  %.*s: %s\n", STR_ARG(shown),
                 result->requirements_met[i] ? "met" : "NOT met");
    }
}

static void add_cleaning(struct buf *buf, struct arena *arena, const struct run_result *result)
{
    const struct cleaning *cleaning = &result->cleaning;
    if (cleaning->entry_count > 0) {
        buf_addf(buf, "would remove:\n");
    }
    for (size_t i = 0; i < cleaning->shown_count; i++) {
        buf_addf(buf, "  %.*s\n", STR_ARG(str_printable(arena, cleaning->shown[i])));
    }
    if (cleaning->entry_count > cleaning->shown_count) {
        buf_addf(buf, "  and %zu more\n", cleaning->entry_count - cleaning->shown_count);
    }
}

static void add_publishing(struct buf *buf, const struct run_result *result, bool no_publish)
{
    const struct job *job = result->plan->job;
    if (!job_has_outputs(job)) {
        buf_addf(buf, "would publish nothing: the job has no outputs\n");
    } else if (no_publish) {
        buf_addf(buf, "would publish nothing, because of --no-publish; it would make:\n");
        show_outputs(buf, job);
    } else {
        buf_addf(buf, "would publish at %.*s:\n", STR_ARG(result->store_address));
        show_outputs(buf, job);
    }
}

struct str plan_format(struct arena *arena, const struct run_result *result, bool no_publish)
{
    const struct plan *plan = result->plan;
    const struct job *job = plan->job;
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, "job %.*s at commit %.*s%s, environment %.*s\n", STR_ARG(job->manifest->name),
             STR_ARG(job->address.commit), result->dirty.n > 0 ? " with changes" : "",
             STR_ARG(job->address.environment));
    if (result->would_skip) {
        buf_addf(&buf, "is published already: a run would skip; with --force it would do this\n");
    } else {
        add_refusals(&buf, result);
    }
    show_params(&buf, arena, job);
    add_requirements(&buf, arena, result);
    add_cleaning(&buf, arena, result);
    add_inputs(&buf, arena, plan);
    buf_addf(&buf, "would run:\n");
    for (size_t i = 0; i < plan->command_count; i++) {
        show_command(&buf, arena, &plan->commands[i], &job->context->variables);
    }
    add_publishing(&buf, result, no_publish);
    return buf_str(&buf);
}
