/* Whether a producer makes what an input asks for, with all values that it can be given. */
#include "base/arena.h"
#include "base/diag.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"
#include "manifest/producer.h"

/* What must hold of the producer's values. */
struct demand {
    struct asking *asking;
    const struct output *output;         /* its `when` must hold; or NULL and */
    const struct constraint *constraint; /* this must not be broken */
    const bool *needed;                  /* of each param of the producer: it is asked for */
    struct str *given;                   /* of each: its value; .s NULL: every one is possible */
    bool by_host;                        /* a value is this machine's platform */
    struct str shown;                    /* the first values that fail: "platform=linux-x64" */
};

static bool is_host_default(const struct demand *demand, const struct param *param)
{
    return param->default_kind == DEFAULT_HOST &&
           with_find(demand->asking->input, param->name) == NULL;
}

static void add_demand(struct combinations *c, const struct demand *demand)
{
    if (demand->output != NULL) {
        combinations_add_when(c, demand->output->when);
    } else {
        combinations_add_when(c, demand->constraint->when);
        combinations_add_when(c, demand->constraint->require);
    }
}

/* Makes the combinations of the consumer that the demand depends on. */
static struct combinations consumer_combinations(struct demand *demand)
{
    struct asking *asking = demand->asking;
    const struct manifest *producer = asking->producer;
    struct combinations c = asking_combinations(asking);

    for (size_t i = 0; i < producer->param_count; i++) {
        const struct with *with = with_find(asking->input, producer->params[i]->name);
        if (demand->needed[i] && with != NULL) {
            combinations_add_with(&c, with);
        }
        demand->by_host |= demand->needed[i] && is_host_default(demand, producer->params[i]);
    }
    for (size_t i = 0; i < asking->manifest->requirement_count && demand->by_host; i++) {
        const struct requirement *requirement = &asking->manifest->requirements[i];
        for (size_t j = 0; requirement->kind == REQUIRE_PLATFORM && j < requirement->text_count;
             j++) {
            combinations_add_template(&c, requirement->texts[j]);
        }
    }
    return c;
}

/* The value that the producer's param number i has. False: it refuses what it is given,
 * which was reported. */
static bool give(struct demand *demand, struct combinations *c, size_t i)
{
    const struct param *param = demand->asking->producer->params[i];
    const struct with *with = with_find(demand->asking->input, param->name);
    struct str text;

    demand->given[i] = (struct str){0};
    if (with != NULL && combinations_with(c, with, &text)) {
        bool is_finite = domain_is_finite(&param->domain);
        if (!is_finite || !combinations_is_unknown(text)) {
            demand->given[i] = text;
        }
        return !is_finite || demand->given[i].s == NULL || domain_find(&param->domain, text) >= 0;
    }
    if (param->default_kind == DEFAULT_VALUE && !param->default_value.is_list) {
        demand->given[i] = param->default_value.text;
    }
    return param->default_kind != DEFAULT_NONE;
}

static bool give_all(struct demand *demand, struct combinations *c)
{
    for (size_t i = 0; i < demand->asking->producer->param_count; i++) {
        if (demand->needed[i] && !give(demand, c, i)) {
            return false;
        }
    }
    return true;
}

/* Whether the consumer, which runs on the same machine, can run on the platform. */
static bool host_is_possible(struct demand *demand, struct combinations *consumer,
                             struct str platform)
{
    const struct manifest *m = demand->asking->manifest;

    for (size_t i = 0; i < m->requirement_count; i++) {
        const struct requirement *requirement = &m->requirements[i];
        bool is_met = requirement->kind != REQUIRE_PLATFORM;
        for (size_t j = 0; j < requirement->text_count && !is_met; j++) {
            struct str text;
            is_met = requirement->texts[j] != NULL &&
                     combinations_text(consumer, requirement->texts[j], &text) &&
                     (combinations_is_unknown(text) ||
                      str_equal(platform_canonical(text), platform_canonical(platform)));
        }
        if (!is_met) {
            return false;
        }
    }
    return true;
}

static bool is_possible(struct demand *demand, struct combinations *consumer,
                        struct combinations *producer)
{
    const struct manifest *m = demand->asking->producer;

    for (size_t i = 0; i < m->param_count && demand->by_host; i++) {
        if (demand->needed[i] && is_host_default(demand, m->params[i]) &&
            !host_is_possible(demand, consumer, combinations_param(producer, m->params[i]))) {
            return false;
        }
    }
    for (size_t i = 0; i < m->constraint_count && demand->output != NULL; i++) {
        if (combinations_breaks(producer, &m->constraints[i])) {
            return false;
        }
    }
    return true;
}

static bool is_met(struct demand *demand, struct combinations *c)
{
    return demand->output != NULL ? combinations_imply(c, demand->output->when)
                                  : !combinations_breaks(c, demand->constraint);
}

static struct str show_values(struct demand *demand, struct combinations *c)
{
    const struct constraint *constraint = demand->constraint;
    struct when both = {0};

    if (demand->output != NULL) {
        return combinations_show_subjects(c, demand->output->when);
    }
    both.terms = arena_array(c->arena,
                             (constraint->when != NULL ? constraint->when->count : 0) +
                                 constraint->require->count,
                             sizeof *both.terms);
    for (size_t i = 0; constraint->when != NULL && i < constraint->when->count; i++) {
        both.terms[both.count++] = constraint->when->terms[i];
    }
    for (size_t i = 0; i < constraint->require->count; i++) {
        if (!when_asks(constraint->when, constraint->require->terms[i].subject)) {
            both.terms[both.count++] = constraint->require->terms[i];
        }
    }
    return combinations_show_subjects(c, &both);
}

/* Whether the demand is met with every value that the producer can have in the present
 * combination of the consumer. */
static bool is_met_by_all(struct demand *demand, struct combinations *consumer)
{
    struct asking *asking = demand->asking;
    struct combinations c =
        combinations_make(asking->arena, asking->producer, NULL, &asking->steps);
    bool met = true;

    c.given = demand->given;
    add_demand(&c, demand);
    if (asking_exceeds(asking, &c)) {
        return true;
    }
    do {
        met = !is_possible(demand, consumer, &c) || is_met(demand, &c);
        if (!met && demand->shown.s == NULL) {
            demand->shown = show_values(demand, &c);
        }
    } while (met && combinations_next(&c) && asking_within_limits(asking));
    return met;
}

/* True where a case fails; they are in *cases then. */
static bool demand_fails(struct demand *demand, struct combinations *c, struct cases *cases)
{
    struct asking *asking = demand->asking;
    struct combinations probe =
        combinations_make(asking->arena, asking->producer, NULL, &asking->steps);
    bool fails = false;
    bool more = true;

    add_demand(&probe, demand);
    demand->needed = probe.params_added;
    demand->given = arena_array(asking->arena, asking->producer->param_count, sizeof(struct str));
    *c = consumer_combinations(demand);
    if ((demand->by_host && demand->constraint != NULL) || !asking_begin(asking, c, cases)) {
        return false;
    }
    for (size_t i = 0; more; i++) {
        if (asking_allows(asking, c, cases, i) && give_all(demand, c)) {
            cases->failing[i] = !is_met_by_all(demand, c);
            fails |= cases->failing[i];
        }
        more = combinations_next(c) && asking_within_limits(asking);
    }
    return fails;
}

static void note_cases(const struct demand *demand, struct cases *cases, struct diag *d)
{
    struct str shown = cases_describe(cases);

    if (shown.n > 0) {
        diag_note(d, "job '%.*s' asks for it with %.*s", STR_ARG(demand->asking->manifest->name),
                  STR_ARG(shown));
    }
    if (demand->by_host) {
        diag_note(d, "'with' does not say the platform, so it is that of the machine");
    }
}

void graph_check_output(struct asking *asking, const struct output *output)
{
    struct demand demand = {.asking = asking, .output = output};
    struct combinations c;
    struct cases cases;

    if (demand_fails(&demand, &c, &cases)) {
        const struct input *input = asking->input;
        struct diag *d = producer_report_not_made(
            asking->producer, output, demand.shown,
            input->output.s != NULL ? input->output_span : input->from_span, asking->diags);
        note_cases(&demand, &cases, d);
    }
}

/* Where the values are: at the first entry that the constraint asks for. */
static struct span demand_span(const struct demand *demand)
{
    const struct manifest *producer = demand->asking->producer;
    const struct input *input = demand->asking->input;

    for (size_t i = 0; i < producer->param_count; i++) {
        const struct with *with = with_find(input, producer->params[i]->name);
        if (demand->needed[i] && with != NULL) {
            return with->span;
        }
    }
    return input->from_span;
}

void graph_check_constraints(struct asking *asking)
{
    for (size_t i = 0; i < asking->producer->constraint_count; i++) {
        const struct constraint *constraint = &asking->producer->constraints[i];
        struct demand demand = {.asking = asking, .constraint = constraint};
        struct combinations c;
        struct cases cases;

        if (constraint->require != NULL && demand_fails(&demand, &c, &cases)) {
            struct diag *d =
                rule_report(asking->diags, RULE_WITH, demand_span(&demand),
                            "job '%.*s' refuses %.*s: %.*s", STR_ARG(asking->producer->name),
                            STR_ARG(demand.shown), STR_ARG(constraint->message));
            diag_label(d, constraint->require->span, "required by this");
            note_cases(&demand, &cases, d);
        }
    }
}
