/* Within graph_check(): the groups of rules, and what they share. */
#ifndef MANIFEST_GRAPH_PARTS_H
#define MANIFEST_GRAPH_PARTS_H

#include "manifest/combinations.h"
#include "manifest/graph.h"

struct graph_job {
    const struct manifest *manifest;
    struct str workspace;
    bool is_asked;                /* it was added, so its problems are reported */
    struct graph_job **producers; /* of each input; NULL: none is known */
    size_t next;                  /* while cycles are looked for: the input to follow */
    enum { JOB_NEW, JOB_ON_THE_WAY, JOB_DONE } visit;
    bool in_cycle; /* one that was reported */
};

struct output;

/* One manifest whose inputs are looked at. */
struct asking {
    struct arena *arena; /* what is needed until the next input */
    const struct manifest *manifest;
    const struct input *input;
    const struct manifest *producer;
    struct diags *diags;
    size_t *groups; /* of each param: params that constraints join have one number */
    size_t steps;   /* taken for this manifest */
    bool gave_up;   /* there were too many, which was said */
};

/* The combinations in which the input is asked for, and those of them that fail. */
struct cases {
    struct combinations *combinations;
    bool *allowed, *failing;
    size_t count;
};

/* The first job of the workspace that was added with the name, or NULL. */
struct graph_job *graph_find(const struct graph *graph, struct str workspace, struct str name);

void graph_check_inputs(const struct graph_job *job, struct diags *diags);
void graph_check_value(struct asking *asking, const struct with *with, const struct param *param);
void graph_check_output(struct asking *asking, const struct output *output);
void graph_check_constraints(struct asking *asking);
void graph_check_cycles(struct graph *graph, struct diags *diags);
void graph_check_names(struct graph *graph, const struct graph_options *options,
                       struct diags *diags);

/* Combinations of the consumer's values: to be given what the question is about. */
struct combinations asking_combinations(struct asking *asking);
/* Adds what the input's `when` and the constraints ask for. False where there are too
 * many, which is then said. */
bool asking_begin(struct asking *asking, struct combinations *c, struct cases *cases);
/* Whether the input is asked for in the present combination, number `index`. */
bool asking_allows(struct asking *asking, struct combinations *c, struct cases *cases,
                   size_t index);
/* Whether there are too many, which is then said. */
bool asking_exceeds(struct asking *asking, const struct combinations *c);
/* Whether all could be looked at; says so where not. */
bool asking_within_limits(struct asking *asking);

/* "platform=windows-x64 or macos-x64": which of the consumer's values fail; empty where
 * all of them do, or none has a say. */
struct str cases_describe(struct cases *cases);

#endif
