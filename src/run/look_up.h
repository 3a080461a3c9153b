/*
 * What the parts of fetch_look_up() share: fetch.c reads receipts,
 * fetch_wishes.c finds the --input for each of them, fetch_local.c takes inputs
 * from this machine, fetch_urls.c has their addresses, fetch_missing.c says what
 * is missing and where it is instead.
 */
#ifndef RUN_LOOK_UP_H
#define RUN_LOOK_UP_H

#include "base/base.h"
#include "run/fetch.h"
#include "run/stored.h"
#include "run/stores.h"

/* A receipt that was read for one element may serve others. */
struct receipt_seen {
    struct address address;
    struct store *store;
    bool is_there;
    struct stored stored;
    struct diag *missing; /* the report of an input that it is missing for; NULL: none */
};

/* What is near to a missing input and the same for all of them; asked once. */
struct neighbours {
    bool asked;
    struct str *environments; /* that the run's store has, or jobrun.yaml names */
    size_t environment_count, environment_capacity;
    struct str parents_of;
    struct str *parents; /* commits before that one */
    size_t parent_count;
    size_t reported;  /* missing inputs with near misses looked for */
    bool unreachable; /* a store does not answer: no more are looked for */
};

struct look_up {
    struct arena *arena;
    const struct job *job;
    struct stores *stores;
    const struct fetch_wishes *wishes;
    const struct listener *listener;
    struct diags *diags;

    struct str *environments; /* read in this order */
    size_t environment_count;
    struct receipt_seen *seen;
    size_t seen_count, seen_capacity;
    struct supply *supplies;
    size_t count, capacity;
    struct neighbours neighbours;
    bool unreachable; /* the store does not answer: nobody asks any more */
};

/* "input 'cli'", "input 'cli' (platform=linux-x64)" */
struct str element_title(struct arena *arena, const struct bound_input *input,
                         const struct element *element);

/* fetch_wishes.c: the --input that is meant for the element, or NULL. */
const struct local_input *local_find(const struct look_up *look_up, const struct bound_input *input,
                                     const struct element *element);
/* Wishes that fit no input are diagnostics. */
void local_check(struct look_up *look_up);

/* fetch_local.c: fills the supply in from a path. False where that cannot be: the problem is in
 * the diagnostics. */
int local_supply(struct look_up *look_up, struct supply *supply, struct str path, bool *usable,
                 struct error *err) MUST_USE;
/* The same for --no-fetch, from the place where the element would land. */
int local_supply_in_place(struct look_up *look_up, struct supply *supply, bool *usable,
                          struct error *err) MUST_USE;

/* fetch_urls.c: the addresses of the supply's entries. `store` is where they are,
 * NULL for a local supply. */
void supply_urls(struct arena *arena, struct supply *supply, const struct store *store);

/* fetch_missing.c: the diagnostic for an element without a receipt. */
void missing_report(struct look_up *look_up, const struct bound_input *input,
                    const struct element *element);
/* For one whose receipt is there, without anything of this output. */
void missing_output_report(struct look_up *look_up, const struct supply *supply);

#endif
