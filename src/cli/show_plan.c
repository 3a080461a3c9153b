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
        bool is_unpacked = landing->unpack != PACK_NONE;
        buf_addf(buf, "  %.*s%s (%.*s, from input '%.*s'%s%s)\n",
                 STR_ARG(str_printable(arena, landing->destination)), is_unpacked ? "/" : "",
                 STR_ARG(size), STR_ARG(landing->supply->input->input->name),
                 is_unpacked ? ", unpacked from a " : "",
                 is_unpacked ? pack_name(landing->unpack) : "");
    }
}

/* What is known of a step that cannot be undone. */
static void add_effect(struct buf *buf, struct arena *arena, const struct effects *effects,
                       const struct command *command)
{
    const struct effect *effect = effects_find(effects, command);
    if (effect == NULL) {
        return;
    }
    const char *again = effects->force ? "would be repeated" : "would be skipped";
    buf_addf(buf, "  an effect, which cannot be undone: ");
    if (effects->lacks_inputs) {
        buf_addf(buf, "whether it is done depends on inputs that are missing\n");
        return;
    }
    switch (effect->state) {
    case EFFECT_NEW:
        buf_addf(buf, "would happen\n");
        return;
    case EFFECT_DONE:
        buf_addf(buf, "%s, for it is done, by %.*s\n", again,
                 STR_ARG(marker_who(&effect->marker, arena)));
        return;
    case EFFECT_BEGUN:
        buf_addf(buf, "%s, for it was begun, by %.*s\n",
                 effects->force ? again : "would be refused",
                 STR_ARG(marker_who(&effect->marker, arena)));
        return;
    case EFFECT_DAMAGED:
        buf_addf(buf, "%s, for its marker is damaged\n",
                 effect_is_barred(effects, effect) ? "would be refused" : again);
        return;
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
    if (!job_is_recorded(job)) {
        buf_addf(buf, "would publish nothing: the job has no outputs\n");
    } else if (!job_has_outputs(job)) {
        buf_addf(buf,
                 no_publish ? "would not be recorded, because of --no-publish\n"
                            : "would be recorded at %.*s\n",
                 STR_ARG(result->store_address));
    } else if (no_publish) {
        buf_addf(buf, "would publish nothing, because of --no-publish; it would make:\n");
        show_outputs(buf, job, ON_FAILURE);
    } else {
        buf_addf(buf, "would publish at %.*s:\n", STR_ARG(result->store_address));
        show_outputs(buf, job, ON_FAILURE);
    }
    if (job_has_failure_outputs(job) && !no_publish) {
        buf_addf(buf, "after a failure it would publish beside it, in failed/:\n");
        show_outputs(buf, job, ON_SUCCESS);
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
        buf_addf(&buf, "is %s already: a run would skip; with --force it would do this\n",
                 job_has_outputs(job) ? "published" : "done");
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
        add_effect(&buf, arena, &result->effects, &plan->commands[i]);
    }
    add_publishing(&buf, result, no_publish);
    return buf_str(&buf);
}
