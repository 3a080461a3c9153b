#include "cli/show_job.h"

#include "base/arena.h"
#include "base/json.h"
#include "cli/show_parts.h"
#include "job/context.h"
#include "job/plan.h"

static void add_vars(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->manifest->var_count > 0) {
        buf_addf(buf, "vars:\n");
    }
    for (size_t i = 0; i < job->manifest->var_count; i++) {
        struct str value = job->vars[i];
        struct str shown = value.s != NULL ? str_printable(arena, value) : STR("null");
        buf_addf(buf, "  %.*s = %.*s\n", STR_ARG(job->manifest->vars[i].name), STR_ARG(shown));
    }
}

static void add_element(struct buf *buf, struct arena *arena, const struct job *job,
                        const struct bound_input *input, const struct element *element)
{
    struct str receipt = address_receipt_key(arena, &element->address);
    struct str url = address_url(arena, job->context->store_url, receipt);
    buf_addf(buf, "  %.*s%s%.*s%s: output '%.*s' of job '%.*s'%s\n", STR_ARG(input->input->name),
             element->label.n > 0 ? "[" : "", STR_ARG(element->label),
             element->label.n > 0 ? "]" : "", STR_ARG(element->output->name),
             STR_ARG(element->producer->name), input->input->optional ? ", optional" : "");
    buf_addf(buf, "    %.*s\n", STR_ARG(url));
    if (element->to.s != NULL) {
        enum pack_format unpack = input->input->unpack;
        buf_addf(buf, "    lands at %.*s%s%s\n", STR_ARG(str_printable(arena, element->to)),
                 unpack != PACK_NONE ? ", unpacked from a " : "",
                 unpack != PACK_NONE ? pack_name(unpack) : "");
    }
    if (element->otherwise.s != NULL) {
        buf_addf(buf, "    else %.*s\n", STR_ARG(str_printable(arena, element->otherwise)));
    }
}

static void add_inputs(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->manifest->input_count > 0) {
        buf_addf(buf, "inputs:\n");
    }
    for (size_t i = 0; i < job->manifest->input_count; i++) {
        const struct bound_input *input = &job->inputs[i];
        if (!input->wanted) {
            buf_addf(buf, "  %.*s: not with these params\n", STR_ARG(input->input->name));
        }
        for (size_t j = 0; j < input->element_count; j++) {
            add_element(buf, arena, job, input, &input->elements[j]);
        }
    }
}

static void add_requirements(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->requirement_count > 0) {
        buf_addf(buf, "requires:\n");
    }
    for (size_t i = 0; i < job->requirement_count; i++) {
        buf_addf(buf, "  %.*s\n", STR_ARG(requirement_show(arena, &job->requirements[i])));
    }
}

static void add_cleaned(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->clean_count > 0) {
        buf_addf(buf, "removes first:\n");
    }
    for (size_t i = 0; i < job->clean_count; i++) {
        buf_addf(buf, "  %.*s\n", STR_ARG(str_printable(arena, job->clean[i])));
    }
}

static void add_outputs(struct buf *buf, const struct job *job)
{
    if (job_has_outputs(job)) {
        buf_addf(buf, "publishes at %.*s:\n", STR_ARG(job->url));
        show_outputs(buf, job, ON_FAILURE);
    } else if (job_is_recorded(job)) {
        buf_addf(buf, "is recorded at %.*s\n", STR_ARG(job->url));
    } else {
        buf_addf(buf, "publishes nothing: the job has no outputs\n");
    }
    if (job_has_failure_outputs(job)) {
        buf_addf(buf, "after a failure it publishes beside that, in failed/:\n");
        show_outputs(buf, job, ON_SUCCESS);
    }
}

static void add_ci(struct buf *buf, struct arena *arena, const struct json *ci)
{
    struct str line;
    struct str rest = ci != NULL ? json_format(arena, ci, true) : STR("");
    if (rest.n > 0) {
        buf_addf(buf, "ci:\n");
    }
    while (rest.n > 0) {
        str_cut(rest, '\n', &line, &rest);
        buf_addf(buf, "  %.*s\n", STR_ARG(str_printable(arena, line)));
    }
}

struct str show_job_text(struct arena *arena, const struct plan *plan)
{
    const struct job *job = plan->job;
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, "job %.*s at commit %.*s, environment %.*s\n", STR_ARG(job->manifest->name),
             STR_ARG(job->address.commit), STR_ARG(job->address.environment));
    buf_addf(&buf, "manifest %.*s\n", STR_ARG(job->manifest_path));
    show_params(&buf, arena, job);
    add_vars(&buf, arena, job);
    add_requirements(&buf, arena, job);
    add_inputs(&buf, arena, job);
    add_cleaned(&buf, arena, job);
    buf_addf(&buf, "runs:\n");
    for (size_t i = 0; i < plan->command_count; i++) {
        show_command(&buf, arena, &plan->commands[i], NULL);
    }
    if (plan->timeout_ms > 0) {
        buf_addf(&buf, "  for at most %lld s\n", (long long)(plan->timeout_ms / 1000));
    }
    add_outputs(&buf, job);
    add_ci(&buf, arena, job->ci);
    return buf_str(&buf);
}
