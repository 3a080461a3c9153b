/* Each input of a manifest with the job that makes it. */
#include "base/arena.h"
#include "base/diag.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"
#include "manifest/producer.h"

/* --- the combinations in which an input is asked for --- */

/* The params that a constraint asks for, through vars too. */
static const bool *constraint_params(struct asking *asking, const struct constraint *constraint)
{
    struct combinations c =
        combinations_make(asking->arena, asking->manifest, NULL, &asking->steps);

    combinations_add_when(&c, constraint->when);
    combinations_add_when(&c, constraint->require);
    return c.params_added;
}

static void unite(size_t *groups, size_t count, size_t from, size_t into)
{
    for (size_t i = 0; i < count; i++) {
        groups[i] = groups[i] == from ? into : groups[i];
    }
}

/* Values of params that no constraint joins can be had in every combination, so that
 * one of them says nothing of another. */
static void find_groups(struct asking *asking)
{
    const struct manifest *m = asking->manifest;

    asking->groups = arena_array(asking->arena, m->param_count, sizeof *asking->groups);
    for (size_t i = 0; i < m->param_count; i++) {
        asking->groups[i] = i;
    }
    for (size_t i = 0; i < m->constraint_count; i++) {
        const bool *params = constraint_params(asking, &m->constraints[i]);
        size_t first = m->param_count;
        for (size_t j = 0; j < m->param_count; j++) {
            if (params[j] && first < m->param_count) {
                unite(asking->groups, m->param_count, asking->groups[j], asking->groups[first]);
            } else if (params[j]) {
                first = j;
            }
        }
    }
}

struct combinations asking_combinations(struct asking *asking)
{
    struct combinations c =
        combinations_make(asking->arena, asking->manifest, asking->input, &asking->steps);

    c.samples = true;
    c.guard = asking->input->when;
    return c;
}

/* Those that have a say in what was added already. */
static void add_constraints(struct asking *asking, struct combinations *c)
{
    const struct manifest *m = asking->manifest;
    bool *joined = arena_array(asking->arena, m->param_count, sizeof *joined);

    for (size_t i = 0; i < m->param_count; i++) {
        joined[asking->groups[i]] |= c->params_added[i];
    }
    for (size_t i = 0; i < m->constraint_count; i++) {
        const bool *params = constraint_params(asking, &m->constraints[i]);
        for (size_t j = 0; j < m->param_count; j++) {
            if (params[j] && joined[asking->groups[j]]) {
                combinations_add_when(c, m->constraints[i].when);
                combinations_add_when(c, m->constraints[i].require);
                break;
            }
        }
    }
}

static void give_up(struct asking *asking, struct str reason)
{
    struct diag *d;

    if (asking->gave_up) {
        return;
    }
    asking->gave_up = true;
    d = rule_report(asking->diags, RULE_UNPROVED, asking->input->span,
                    "it is not proved that job '%.*s' takes all that input '%.*s' can give it",
                    STR_ARG(asking->input->from), STR_ARG(asking->input->name));
    diag_note(d, "%.*s", STR_ARG(reason));
    diag_note(d, "a run checks the values that it is given");
    diag_help(d, "let it depend on fewer params, or narrow them by a 'when' of the input");
}

/* "platform, mode and kind" */
static struct str show_params(struct asking *asking, const struct combinations *c)
{
    struct buf buf = buf_make(asking->arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < c->choice_count; i++) {
        const struct combinations_choice *choice = &c->choices[i];
        buf_addf(&buf, "%s%.*s", i == 0 ? "" : (i + 1 == c->choice_count ? " and " : ", "),
                 STR_ARG(choice->param != NULL ? choice->param->name : choice->with->name));
    }
    return buf_str(&buf);
}

bool asking_exceeds(struct asking *asking, const struct combinations *c)
{
    if (!combinations_exceed(c, GRAPH_COMBINATIONS_MAX)) {
        return false;
    }
    give_up(asking, str_format(asking->arena, "the values of %.*s have more than %d combinations",
                               STR_ARG(show_params(asking, c)), GRAPH_COMBINATIONS_MAX));
    return true;
}

bool asking_begin(struct asking *asking, struct combinations *c, struct cases *cases)
{
    combinations_add_when(c, asking->input->when);
    add_constraints(asking, c);
    if (asking_exceeds(asking, c)) {
        return false;
    }
    size_t count = combinations_count(c, GRAPH_COMBINATIONS_MAX);
    *cases = (struct cases){.combinations = c,
                            .allowed = arena_array(asking->arena, count, sizeof(bool)),
                            .failing = arena_array(asking->arena, count, sizeof(bool)),
                            .count = count};
    return asking_within_limits(asking);
}

bool asking_allows(struct asking *asking, struct combinations *c, struct cases *cases, size_t index)
{
    bool allowed = combinations_allow(c, asking->input->when);

    for (size_t i = 0; i < asking->manifest->constraint_count && allowed; i++) {
        allowed = !combinations_breaks(c, &asking->manifest->constraints[i]);
    }
    asking->steps++;
    cases->allowed[index] = allowed;
    return allowed;
}

bool asking_within_limits(struct asking *asking)
{
    if (asking->steps > POSSIBLE_STEPS) {
        give_up(asking, str_format(asking->arena,
                                   "this takes more than %d steps, as do the inputs "
                                   "behind it",
                                   POSSIBLE_STEPS));
    }
    return asking->steps <= POSSIBLE_STEPS;
}

/* --- the inputs --- */

/* A required param that nothing gives; one that may be null is found with its values. */
static bool gives_all_required(struct asking *asking)
{
    const struct manifest *producer = asking->producer;
    bool all = true;

    for (size_t i = 0; i < producer->param_count; i++) {
        const struct param *param = producer->params[i];
        if (param->variant && param->default_kind == DEFAULT_NONE && !producer->params_broken[i] &&
            with_find(asking->input, param->name) == NULL) {
            producer_report_not_given(producer, param, asking->input, asking->diags);
            all = false;
        }
    }
    return all;
}

/* Whether nothing is wrong with the entries of `with`. */
static bool check_with(struct asking *asking)
{
    const struct input *input = asking->input;
    size_t errors = asking->diags->error_count;

    for (size_t i = 0; i < input->with_count; i++) {
        const struct param *param =
            producer_param(asking->producer, &input->with[i], asking->diags);
        if (param != NULL) {
            graph_check_value(asking, &input->with[i], param);
        }
    }
    return asking->diags->error_count == errors;
}

static void check_input(struct asking *asking)
{
    const struct output *output;

    if (asking->producer == asking->manifest && asking->input->commit == NULL) {
        producer_report_self(asking->input, asking->diags);
        return;
    }
    output = producer_output(asking->producer, asking->input, asking->diags);
    bool is_whole = gives_all_required(asking);
    if (!check_with(asking) || !is_whole || asking->producer->has_errors) {
        return;
    }
    if (output != NULL && output->when != NULL) {
        graph_check_output(asking, output);
    }
    graph_check_constraints(asking);
}

void graph_check_inputs(const struct graph_job *job, struct diags *diags)
{
    const struct manifest *manifest = job->manifest;
    size_t steps = 0;
    bool gave_up = false;

    for (size_t i = 0; i < manifest->input_count; i++) {
        struct arena scratch CLEANUP(arena_free) = {0};
        struct asking asking = {.arena = &scratch,
                                .manifest = manifest,
                                .input = &manifest->inputs[i],
                                .diags = diags,
                                .steps = steps,
                                .gave_up = gave_up};

        if (job->producers[i] == NULL) {
            continue;
        }
        asking.producer = job->producers[i]->manifest;
        find_groups(&asking);
        check_input(&asking);
        steps = asking.steps;
        gave_up = asking.gave_up;
    }
}
