/* Outputs: their paths, and values of a param that none of them is made for. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/combinations.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#define OUTPUTS_COMBINATIONS_MAX 1000

static void check_same_path(struct check *check, const struct output *a, const struct output *b)
{
    for (size_t i = 0; i < a->path_count; i++) {
        for (size_t j = 0; j < b->path_count; j++) {
            const struct node *first = a->paths[i]->node, *second = b->paths[j]->node;

            if (str_equal(first->text, second->text) && !when_excludes(a->when, b->when)) {
                struct diag *d = check_report(check, RULE_CONFLICT, second->span,
                                              "output '%.*s' has the path of output '%.*s'",
                                              STR_ARG(b->name), STR_ARG(a->name));
                diag_label(d, first->span, "the same path");
                diag_help(d, "a file can belong to one output only");
                return;
            }
        }
    }
}

/* A path that is there twice is most likely a slip of the one who copied the line. */
static void check_repeated_path(struct check *check, const struct output *output)
{
    for (size_t i = 1; i < output->path_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct node *first = output->paths[j]->node, *second = output->paths[i]->node;

            if (str_equal(first->text, second->text)) {
                struct diag *d =
                    check_report(check, RULE_CONFLICT, second->span,
                                 "output '%.*s' has one path twice", STR_ARG(output->name));
                diag_label(d, first->span, "the same path");
                break;
            }
        }
    }
}

/* --- values that no output is for --- */

/* What became of the values of one param. */
struct coverage {
    const struct param *param;
    bool *possible; /* of each value: the job can run with it */
    bool *covered;  /* and an output is made then */
};

/* Whether the output is made, or says itself for which values it is not. */
static bool is_made_or_left_out(struct combinations *c, const struct when *when)
{
    struct when_term *terms = arena_array(c->arena, when->count, sizeof *terms);
    struct when plain = {.terms = terms};

    for (size_t i = 0; i < when->count; i++) {
        if (!when->terms[i].negated) {
            terms[plain.count++] = when->terms[i];
        }
    }
    return combinations_allow(c, &plain);
}

static bool is_possible(struct check *check, struct combinations *c)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->constraint_count; i++) {
        if (combinations_breaks(c, &m->constraints[i])) {
            return false;
        }
    }
    return true;
}

static bool makes_output(struct check *check, struct combinations *c)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->output_count; i++) {
        if (m->outputs[i].on != ON_FAILURE && is_made_or_left_out(c, m->outputs[i].when)) {
            return true;
        }
    }
    return false;
}

/* The values without an output, where the others are more, and more than one: what is
 * made for one value alone is meant so. */
static void report_uncovered(struct check *check, const struct coverage *coverage)
{
    const struct domain *domain = &coverage->param->domain;
    struct buf lacking = buf_make(check->arena, BUF_MAX_DEFAULT);
    struct str last = {0};
    size_t covered = 0, count = 0;

    for (size_t i = 0; i < domain->value_count; i++) {
        covered += coverage->covered[i];
        if (coverage->possible[i] && !coverage->covered[i]) {
            last = domain->values[i];
            buf_addf(&lacking, "%s%.*s", count++ > 0 ? ", " : "", STR_ARG(last));
        }
    }
    if (count == 0 || covered < 2 || covered <= count) {
        return;
    }
    struct diag *d = check_report(check, RULE_NO_OUTPUT, check->manifest->outputs[0].span,
                                  "no output is made for %.*s=%.*s", STR_ARG(coverage->param->name),
                                  STR_ARG(buf_str(&lacking)));
    for (size_t i = 0; i < check->manifest->output_count; i++) {
        diag_label(d, check->manifest->outputs[i].when->span, "made only when this holds");
    }
    diag_label(d, coverage->param->domain.values_span, "the values");
    diag_note(d, "the job runs, publishes nothing, and succeeds");
    diag_help(d, "add it to a 'when', or say that nothing is made: {%.*s: {not: %.*s}}",
              STR_ARG(coverage->param->name), STR_ARG(last));
}

static void note_coverage(struct combinations *c, struct coverage *coverages, bool is_covered)
{
    for (size_t i = 0; i < c->choice_count; i++) {
        coverages[i].possible[c->choices[i].index] = true;
        coverages[i].covered[c->choices[i].index] |= is_covered;
    }
}

/* Only where all outputs have a condition. */
static void check_coverage(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct combinations c = combinations_make(check->arena, m, NULL, &check->paths.steps);

    for (size_t i = 0; i < m->output_count; i++) {
        if (m->outputs[i].when == NULL) {
            return;
        }
        combinations_add_when(&c, m->outputs[i].when);
    }
    if (m->is_broken || combinations_exceed(&c, OUTPUTS_COMBINATIONS_MAX)) {
        return;
    }
    struct coverage *coverages = arena_array(check->arena, c.choice_count, sizeof *coverages);
    for (size_t i = 0; i < c.choice_count; i++) {
        size_t count = c.choices[i].count;
        coverages[i] = (struct coverage){.param = c.choices[i].param,
                                         .possible = arena_array(check->arena, count, sizeof(bool)),
                                         .covered = arena_array(check->arena, count, sizeof(bool))};
    }
    do {
        if (is_possible(check, &c)) {
            note_coverage(&c, coverages, makes_output(check, &c));
        }
    } while (combinations_next(&c));
    for (size_t i = 0; i < c.choice_count; i++) {
        if (coverages[i].param->domain.type == TYPE_ENUM) {
            report_uncovered(check, &coverages[i]);
        }
    }
}

void check_outputs(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->output_count; i++) {
        const struct output *output = &m->outputs[i];
        struct use use = {.where = check_what(check, "the path of output", output->name),
                          .guard = output->when};

        check_when(check, output->when);
        for (size_t j = 0; j < output->path_count; j++) {
            check_template(check, output->paths[j], &use);
            check_path(check, output->paths[j], PATH_GLOB, &use);
        }
        check_repeated_path(check, output);
        for (size_t j = 0; j < i; j++) {
            check_same_path(check, &m->outputs[j], output);
        }
    }
    check_coverage(check);
}
