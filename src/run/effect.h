/*
 * Effects: steps that cannot be undone, and their markers in the store. At no
 * point does an effect happen without a durable marker that says so:
 *
 *     effects_look_up()   before anything is touched: what is there of each
 *     effect_begin()      right before the step starts: "begun", create-only
 *     effect_end()        it happened: "done", a compare-and-swap on our own marker;
 *                         it failed: the marker goes, or what --force had replaced is
 *                         back; nobody knows: it stays "begun"
 *
 * A marker is for one effect: the digest is over what the step is made of, without
 * anything inherited from the caller, any secret, and what params bring that are
 * no variants. The workspace root counts as '.', so that a clone elsewhere does
 * not repeat the effect.
 */
#ifndef RUN_EFFECT_H
#define RUN_EFFECT_H

#include "base/error.h"
#include "job/plan.h"
#include "run/marker.h"

struct arena;
struct mask;
struct store;

enum effect_state {
    EFFECT_NEW,   /* there is no marker */
    EFFECT_BEGUN, /* by a run that is alive, or of unknown fate */
    EFFECT_DONE,
    EFFECT_DAMAGED /* there is something that is no marker of this effect */
};

struct effect {
    const struct command *command;
    struct str name; /* of the step, or of the job that has none */
    struct str digest;
    struct str key; /* of the marker */
    enum effect_state state;
    struct marker marker; /* EFFECT_BEGUN, EFFECT_DONE */
    struct str damage;    /* EFFECT_DAMAGED: what is wrong with it */
    struct str version; /* of the object that was read; empty: there is none, or it is too large */
    int64_t started_ms; /* when this run began it; 0: it did not */
};

struct effects {
    struct arena *arena;
    const struct job *job;
    struct store *store;
    struct str run;          /* random */
    bool force;              /* repeat what is done or begun */
    const struct mask *mask; /* what no marker shows; NULL: nothing, as it is made */
    struct effect *items;
    size_t count;
    bool lacks_inputs; /* of a dry run: what the effects are made of is not all known */
};

struct effects effects_make(struct arena *arena, const struct job *job, struct store *store,
                            bool force);

/* The effects of the plan and their markers; `dirty` is the tree's fingerprint. May be
 * called again. -1 only where the store cannot be asked, or a newer jobrun wrote a
 * marker. */
int effects_look_up(struct effects *effects, const struct plan *plan, struct str dirty,
                    struct error *err) MUST_USE;
/* NULL: the command is no effect. */
struct effect *effects_find(const struct effects *effects, const struct command *command);

/* Whether the step is to be executed, as far as is known. */
bool effect_is_due(const struct effects *effects, const struct effect *effect);
/* Whether its marker is in the way: begun without --force, or damaged beyond that. */
bool effect_is_barred(const struct effects *effects, const struct effect *effect);

/* *skip: another run has done it since it was looked up, and nothing was written.
 * -1: the step must not be executed. ERROR_CONFLICT where another run began it. */
int effect_begin(struct effects *effects, struct effect *effect, bool *skip,
                 struct error *err) MUST_USE;

enum effect_fate {
    EFFECT_HAPPENED,
    EFFECT_FAILED, /* by itself, or it was never started */
    EFFECT_UNKNOWN /* it was cut off */
};

/* -1: the marker does not say how the effect ended; the message does. */
int effect_end(struct effects *effects, struct effect *effect, enum effect_fate fate,
               struct error *err) MUST_USE;

/* What people are told of a marker that is in the way: where to look, and how to go on. */
struct str effect_advice_look(const struct effects *effects, const struct effect *effect);
struct str effect_advice_go_on(const struct effects *effects, const struct effect *effect);

/* effect_digest.c: 64 hexadecimal digits. */
struct str effect_digest(struct arena *arena, const struct plan *plan,
                         const struct command *command, struct str dirty);

#endif
