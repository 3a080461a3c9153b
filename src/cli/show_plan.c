#include "cli/show_plan.h"

#include "base/arena.h"
#include "job/context.h"
#include "job/plan.h"
#include "run/listener.h"
#include "run/run.h"

#include <string.h>

static void add_params(struct buf *buf, struct arena *arena, const struct job *job)
{
    static const char *const origins[] = {
        [ORIGIN_DEFAULT] = "default",
        [ORIGIN_COMMAND_LINE] = "command line",
        [ORIGIN_FILE] = "params file",
        [ORIGIN_VARIABLE] = "variable",
    };
    for (size_t i = 0; i < job->manifest->param_count; i++) {
        const struct argument *argument = &job->arguments[i];
        struct str shown = str_printable(arena, value_show(&argument->value, arena));
        buf_addf(buf, "  %.*s = %.*s (%s)\n", STR_ARG(argument->param->name), STR_ARG(shown),
                 origins[argument->origin]);
    }
}

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
        return "local";
    }
    return "";
}

static void add_supplies(struct buf *buf, struct arena *arena, const struct plan *plan)
{
    for (size_t i = 0; i < plan->supply_count; i++) {
        const struct supply *supply = &plan->supplies[i];
        const struct element *element = supply->element;
        struct str where = supply->state == SUPPLY_LOCAL ? supply->local_path
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

static struct str env_value(const struct command *command, struct str name)
{
    for (const char *const *entry = (const char *const *)command->envp; *entry != NULL; entry++) {
        if (strncmp(*entry, name.s, name.n) == 0 && (*entry)[name.n] == '=') {
            return str_from(*entry + name.n + 1);
        }
    }
    return (struct str){0};
}

static void add_inherited(struct buf *buf, const struct command *command)
{
    if (command->inherits_all) {
        return;
    }
    buf_addf(buf, "  inheriting%s", command->inherited_count > 0 ? "" : " no variables");
    for (size_t i = 0; i < command->inherited_count; i++) {
        buf_addf(buf, "%s %.*s", i > 0 ? "," : "", STR_ARG(command->inherited[i]));
    }
    buf_addf(buf, "\n");
}

static void add_command(struct buf *buf, struct arena *arena, const struct command *command)
{
    buf_addf(buf, "  in %.*s:\n", STR_ARG(command->workdir));
    for (size_t i = 0; i < command->argc; i++) {
        struct str item = str_shell_quote(arena, str_from(command->argv[i]));
        buf_addf(buf, "    %.*s\n", STR_ARG(str_printable(arena, item)));
    }
    if (command->script.s != NULL) {
        struct str rest = command->script;
        struct str line;
        buf_addf(buf, "    <script>\n");
        while (rest.n > 0) {
            str_cut(rest, '\n', &line, &rest);
            buf_addf(buf, "    | %.*s\n", STR_ARG(str_printable(arena, line)));
        }
    }
    add_inherited(buf, command);
    if (command->own_env_count > 0) {
        buf_addf(buf, "  with:\n");
    }
    for (size_t i = 0; i < command->own_env_count; i++) {
        struct str name = command->own_env[i];
        struct str value = env_value(command, name);
        if (value.s != NULL) {
            struct str shown = str_printable(arena, str_shell_quote(arena, value));
            buf_addf(buf, "    %.*s=%.*s\n", STR_ARG(name), STR_ARG(shown));
        } else {
            buf_addf(buf, "    %.*s is unset\n", STR_ARG(name));
        }
    }
}

/* Those that are not published on `not_on` alone. */
static void add_outputs(struct buf *buf, const struct job *job, enum output_on not_on)
{
    for (size_t i = 0; i < job->manifest->output_count; i++) {
        const struct bound_output *output = &job->outputs[i];
        enum pack_format pack = output->output->pack;
        if (!output->wanted || output->output->on == not_on) {
            continue;
        }
        for (size_t p = 0; p < output->pattern_count; p++) {
            buf_addf(buf, "  %.*s: %.*s%s%s\n", STR_ARG(output->output->name),
                     STR_ARG(output->patterns[p]), pack != PACK_NONE ? ", packed as " : "",
                     pack != PACK_NONE ? pack_name(pack) : "");
        }
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

static void add_stdout(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->stdout_path.s != NULL) {
        buf_addf(buf, "  standard output also to %.*s\n",
                 STR_ARG(str_printable(arena, job->stdout_path)));
    }
}

static void add_publishing(struct buf *buf, const struct run_result *result, bool no_publish)
{
    const struct job *job = result->plan->job;
    if (!job_has_outputs(job)) {
        buf_addf(buf, "would publish nothing: the job has no outputs\n");
    } else if (no_publish) {
        buf_addf(buf, "would publish nothing, because of --no-publish; it would make:\n");
        add_outputs(buf, job, ON_FAILURE);
    } else {
        buf_addf(buf, "would publish at %.*s:\n", STR_ARG(result->store_address));
        add_outputs(buf, job, ON_FAILURE);
    }
    if (job_has_failure_outputs(job) && !no_publish) {
        buf_addf(buf, "after a failure it would publish beside it, in failed/:\n");
        add_outputs(buf, job, ON_SUCCESS);
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
    if (job->manifest->param_count > 0) {
        buf_addf(&buf, "params:\n");
        add_params(&buf, arena, job);
    }
    add_cleaning(&buf, arena, result);
    add_inputs(&buf, arena, plan);
    buf_addf(&buf, "would run:\n");
    for (size_t i = 0; i < plan->command_count; i++) {
        add_command(&buf, arena, &plan->commands[i]);
    }
    add_stdout(&buf, arena, job);
    add_publishing(&buf, result, no_publish);
    return buf_str(&buf);
}
