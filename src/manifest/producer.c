#include "manifest/producer.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/manifest.h"

void producer_report_missing(const struct input *input, const struct str *names, size_t count,
                             struct diags *diags)
{
    struct diag *diag = rule_report(diags, RULE_PRODUCER, input->from_span,
                                    "there is no job '%.*s'", STR_ARG(input->from));

    if (!diag_help_nearest(diag, input->from, names, count)) {
        diag_help(diag, "'from' is the name of a manifest, without '.yaml'");
    }
}

void producer_report_self(const struct input *input, struct diags *diags)
{
    struct diag *diag =
        rule_report(diags, RULE_JOB_CYCLE, input->from_span,
                    "input '%.*s' is made by this job itself", STR_ARG(input->name));

    diag_help(diag,
              "give the input a 'commit', such as HEAD~1, to take what an earlier commit made");
}

/* --- outputs --- */

static void report_output(const struct manifest *producer, const struct input *input,
                          struct span span, struct str message, struct diags *diags)
{
    struct str *names = arena_array(diags->arena, producer->output_count, sizeof *names);
    struct value all = {.is_list = true, .items = names, .count = producer->output_count};
    struct diag *diag = rule_report(diags, RULE_PRODUCER, span, "%.*s", STR_ARG(message));

    for (size_t i = 0; i < producer->output_count; i++) {
        names[i] = producer->outputs[i].name;
    }
    if (all.count > 0) {
        diag_label(diag, producer->outputs[0].span, "its outputs: %.*s",
                   STR_ARG(value_show(&all, diags->arena)));
        diag_help_nearest(diag, input->output, names, all.count);
    } else {
        diag_label(diag, producer->name_span, "has no outputs");
    }
}

static const struct output *output_for_input(const struct manifest *producer,
                                             const struct output *output, struct span span,
                                             struct diags *diags)
{
    if (output->on != ON_FAILURE) {
        return output;
    }
    struct diag *diag =
        rule_report(diags, RULE_PRODUCER, span,
                    "output '%.*s' of job '%.*s' is published after a failure, and never an input",
                    STR_ARG(output->name), STR_ARG(producer->name));
    diag_label(diag, output->on_span, "only after a failure");
    return NULL;
}

/* The only output that can be an input, NULL where there are none or several. */
static const struct output *only_output(const struct manifest *producer)
{
    const struct output *only = NULL;

    for (size_t i = 0; i < producer->output_count; i++) {
        if (producer->outputs[i].on != ON_FAILURE || producer->output_count == 1) {
            if (only != NULL) {
                return NULL;
            }
            only = &producer->outputs[i];
        }
    }
    return only;
}

const struct output *producer_output(const struct manifest *producer, const struct input *input,
                                     struct diags *diags)
{
    bool is_named = input->output.s != NULL;
    struct span span = is_named ? input->output_span : input->from_span;
    const struct output *output =
        is_named ? manifest_output(producer, input->output) : only_output(producer);
    struct str message;

    if (output != NULL) {
        return output_for_input(producer, output, span, diags);
    }
    if ((producer->unread & NAMES_OUTPUTS) != 0) {
        return NULL;
    }
    if (is_named) {
        message = str_format(diags->arena, "job '%.*s' has no output '%.*s'",
                             STR_ARG(producer->name), STR_ARG(input->output));
    } else {
        message = str_format(diags->arena,
                             producer->output_count > 0
                                 ? "job '%.*s' has several outputs; 'output' must name one"
                                 : "job '%.*s' has no outputs",
                             STR_ARG(producer->name));
    }
    report_output(producer, input, span, message, diags);
    return NULL;
}

/* --- params --- */

static void report_unknown_param(const struct manifest *producer, const struct with *with,
                                 struct diags *diags)
{
    struct str *names = arena_array(diags->arena, producer->param_count, sizeof *names);
    struct value shown = {.is_list = true, .items = names};

    for (size_t i = 0; i < producer->param_count; i++) {
        if (producer->params[i]->variant) {
            names[shown.count++] = producer->params[i]->name;
        }
    }
    struct diag *diag = rule_report(diags, RULE_WITH, with->span, "job '%.*s' has no param '%.*s'",
                                    STR_ARG(producer->name), STR_ARG(with->name));
    diag_label(diag, producer->name_span, "its params: %.*s",
               STR_ARG(shown.count > 0 ? value_show(&shown, diags->arena) : STR("none")));
    diag_help_nearest(diag, with->name, names, shown.count);
}

const struct param *producer_param(const struct manifest *producer, const struct with *with,
                                   struct diags *diags)
{
    const struct param *param = manifest_param(producer, with->name);

    if (param == NULL) {
        if ((producer->unread & NAMES_PARAMS) == 0) {
            report_unknown_param(producer, with, diags);
        }
        return NULL;
    }
    if (!param->variant) {
        struct diag *diag = rule_report(diags, RULE_WITH, with->span,
                                        "param '%.*s' of job '%.*s' is not part of the address",
                                        STR_ARG(with->name), STR_ARG(producer->name));
        diag_label(diag, param->span, "has 'variant: false'");
        diag_help(diag, "leave it out");
        return NULL;
    }
    return param;
}

void producer_label_param(struct diag *diag, const struct manifest *producer,
                          const struct param *param)
{
    bool has_values = param->domain.values_span.source != NULL;

    diag_label(diag, has_values ? param->domain.values_span : param->span,
               has_values ? "the values of job '%.*s'" : "the param of job '%.*s'",
               STR_ARG(producer->name));
}

struct diag *producer_report_value(const struct manifest *producer, const struct param *param,
                                   const struct value *value, struct span span,
                                   const struct error *err, struct diags *diags)
{
    struct diag *diag =
        rule_report(diags, RULE_WITH, span, "value '%.*s' of param '%.*s' of job '%.*s' %s",
                    STR_ARG(value_show(value, diags->arena)), STR_ARG(param->name),
                    STR_ARG(producer->name), err->message);

    producer_label_param(diag, producer, param);
    if (err->help[0] != '\0') {
        diag_help(diag, "%s", err->help);
    }
    return diag;
}

void producer_report_twice(const struct param *param, const struct value *value, struct span span,
                           struct diags *diags)
{
    rule_report(diags, RULE_WITH, span, "value '%.*s' of param '%.*s' is given twice",
                STR_ARG(value_show(value, diags->arena)), STR_ARG(param->name));
}

struct diag *producer_report_not_given(const struct manifest *producer, const struct param *param,
                                       const struct input *input, struct diags *diags)
{
    struct diag *diag =
        rule_report(diags, RULE_WITH_MISSING, input->from_span,
                    "input '%.*s' does not give '%.*s', which job '%.*s' requires",
                    STR_ARG(input->name), STR_ARG(param->name), STR_ARG(producer->name));

    diag_label(diag, param->span, "the param of job '%.*s'", STR_ARG(producer->name));
    diag_help(diag, "add with: {%.*s: ...}", STR_ARG(param->name));
    return diag;
}

struct diag *producer_report_not_made(const struct manifest *producer, const struct output *output,
                                      struct str shown, struct span span, struct diags *diags)
{
    struct diag *diag = rule_report(diags, RULE_OUTPUT_WHEN, span,
                                    "job '%.*s' does not make output '%.*s' when %.*s",
                                    STR_ARG(producer->name), STR_ARG(output->name), STR_ARG(shown));

    diag_label(diag, output->when->span, "it is made only when this holds");
    diag_help(diag, "give the input a 'when' of its own, or other values in its 'with'");
    return diag;
}
