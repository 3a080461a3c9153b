/*
 * What the files of run.c share: the state of one run; its checks (run_check.c),
 * its effects (run_effects.c), its publishing (run_publish.c, run_failure.c), and
 * what is said of it (run_say.c).
 */
#ifndef RUN_RUN_PARTS_H
#define RUN_RUN_PARTS_H

#include "job/dirty.h"
#include "run/clean.h"
#include "run/execute.h"
#include "run/freshness.h"
#include "run/outputs.h"
#include "run/publish.h"
#include "run/receipt.h"
#include "run/run.h"
#include "run/secrets.h"
#include "run/stores.h"

/* All that the stages of one run share. */
struct run {
    struct arena *arena;
    const struct job *job;
    struct catalog *catalog;
    const struct secrets *secrets;
    const struct run_wishes *wishes;
    const struct listener *listener;
    struct diags *diags;

    struct store *store;  /* its own */
    struct stores stores; /* and those that inputs come from */
    bool store_is_silent; /* its own is not open, or does not answer, which was reported */
    struct dirty dirty;
    struct supply *supplies;
    size_t supply_count;
    struct freshness freshness;
    struct cleaning cleaning;
    const struct plan *plan;
    struct effects effects; /* of the plan */
    struct run_result *result;
};

enum decision { DECISION_RUN, DECISION_SKIP, DECISION_STOP };

/* Whether the run ends in a receipt, if all goes well. */
bool run_publishes(const struct run *run);
/* Whether it publishes something when its command fails, if it may. */
bool run_publishes_failures(const struct run *run);
/* The status of a failure on the way to or from the store, whatever the system
 * called it. Returns -1. */
int run_store_failed(struct run *run, const struct error *err);

/* The same among the problems, so that what does not need the store is checked all
 * the same; -1 only for a signal. */
int run_report_store(struct run *run, struct error *err) MUST_USE;

/* Every check of a run, all of them, before anything is touched. Problems are in
 * run->diags; the decision is DECISION_STOP then. May be called again. */
int run_check(struct run *run, enum decision *decision, struct error *err) MUST_USE;
/* What the store has of the inputs, now. */
int run_look_up(struct run *run, struct error *err) MUST_USE;
/* With the effects of the plan, and what is against them. Leaves run->plan NULL where
 * there can be none; why is in run->diags. */
int run_make_plan(struct run *run, struct error *err) MUST_USE;
/* The effects of the plan and their markers: what is in the way of those that would
 * happen, and what does not allow them here. */
int run_check_effects(struct run *run, struct error *err) MUST_USE;
void run_check_write_access(struct run *run);
/* Where what refuses a run is reported: a remark of a dry one. */
struct diags *run_refusals(struct run *run);
/* Commit and status of git, now, for what is checked again. */
int run_read_tree_again(struct run *run, struct error *err) MUST_USE;

/* Finds, hashes and publishes the outputs after the command has succeeded. */
int run_publish(struct run *run, const struct execution *execution, struct str tracked_before,
                struct error *err) MUST_USE;
/* For both kinds of outputs: archives are made of what is to be packed, all is
 * hashed, and searched for secrets, which are problems in `diags`. outputs_discard()
 * is for the caller. */
int run_pack_and_hash(struct run *run, struct outputs *outputs, struct diags *diags,
                      struct error *err) MUST_USE;
void run_fill_receipt(const struct run *run, const struct outputs *outputs,
                      const struct execution *execution, struct str dirty, struct receipt *receipt);
/* Publishes the failure outputs after the command has failed, where that is
 * allowed. Whatever goes wrong is a warning: the run has failed for another reason. */
void run_publish_failure(struct run *run, const struct execution *execution);
/* The fingerprint of the tracked files alone; `made` are the job's own. */
int run_tracked(struct run *run, const struct dirty_product *made, size_t made_count,
                struct dirty *tracked, struct error *err) MUST_USE;

/* What a receipt says of the job: "published", or of one without outputs "done". */
const char *say_done_word(const struct job *job);
/* Why the job is skipped or runs, item by item; for --explain. */
void say_freshness(const struct run *run);
void say_skip(const struct run *run);
void say_runs_again(const struct run *run);
/* Inputs that were made from another state of the tree: worth a line each. */
void say_stale_inputs(const struct run *run);
void say_published(const struct run *run, const struct outputs *outputs,
                   const struct published *published);
/* The diagnostic of a receipt that is there and not the same. */
void refuse_change(const struct run *run, struct diags *refused);

#endif
