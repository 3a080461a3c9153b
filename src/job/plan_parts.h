/* What the files of plan_make() share. */
#ifndef JOB_PLAN_PARTS_H
#define JOB_PLAN_PARTS_H

#include "job/job_parts.h"
#include "job/plan.h"

/* What is known of one input of the manifest once everything has a place. */
struct arrival {
    const struct landing *first;
    size_t landing_count; /* from `first` on */
    size_t file_count;    /* landings that are no empty folders */
    size_t absent_count;  /* supplies without a receipt */
    size_t unknown_count; /* supplies that nobody knows of */
};

/* The parts that are made one after the other; `arrivals` is as the manifest's
 * inputs. */
struct planner {
    struct arena *arena;
    struct diags *diags;
    struct job *job; /* the plan's own copy */
    struct plan *plan;
    struct arrival *arrivals;
    struct str *input_paths; /* ${inputs.x.path} of each */
};

/* Makes plan->landings. */
void plan_landings(struct planner *planner);
/* Makes arrivals and input_paths; after the landings. */
void plan_arrivals(struct planner *planner);
/* The addresses of an input's files, by element and path. */
struct urls {
    struct str *items;
    size_t count;
};
/* With a stand-in for what is missing in a dry run. */
struct urls plan_urls(const struct planner *planner, const struct input *input);
/* One step's argv, or script and shell. */
void plan_command(struct planner *planner, const struct step *step, struct command *command);
/* envp and own_env, of the command's step. */
void plan_env(struct planner *planner, struct command *command);

#endif
