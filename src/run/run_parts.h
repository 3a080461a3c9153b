/*
 * What the files of run.c share: the state of one run, and what is said of it
 * (run_say.c).
 */
#ifndef RUN_RUN_PARTS_H
#define RUN_RUN_PARTS_H

#include "run/freshness.h"
#include "run/outputs.h"
#include "run/publish.h"
#include "run/run.h"

/* All that the stages of one run share. */
struct run {
    struct arena *arena;
    const struct job *job;
    struct catalog *catalog;
    const struct run_wishes *wishes;
    const struct listener *listener;
    struct diags *diags;

    struct store *store;
    struct str dirty;
    struct str *changed;
    size_t changed_count;
    struct supply *supplies;
    size_t supply_count;
    struct freshness freshness;
    const struct plan *plan;
    struct run_result *result;
};

/* Why the job is skipped or runs, item by item; for --explain. */
void say_freshness(const struct run *run);
void say_skip(const struct run *run);
void say_runs_again(const struct run *run);
/* Inputs that were made from another state of the tree: worth a line each. */
void say_stale_inputs(const struct run *run);
void say_published(const struct run *run, const struct outputs *outputs,
                   const struct published *published);
/* The diagnostic of a receipt that is there and not the same. */
void refuse_change(struct run *run);

#endif
