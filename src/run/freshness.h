/*
 * Whether a job is done already: its receipt compared with what a run would be
 * now.
 */
#ifndef RUN_FRESHNESS_H
#define RUN_FRESHNESS_H

#include "base/base.h"
#include "job/plan.h"
#include "run/receipt.h"

struct arena;
struct error;
struct store;

enum freshness_state {
    FRESH,         /* all is equal and all files are there: skip */
    FRESH_NONE,    /* there is no receipt */
    FRESH_CHANGED, /* there is one, and something differs */
    FRESH_DAMAGED  /* there is one that cannot be read, or its files are not all there */
};

struct freshness {
    enum freshness_state state;
    struct receipt receipt; /* FRESH, FRESH_CHANGED, and FRESH_DAMAGED where it was readable */
    bool has_receipt;
    struct str version;  /* of the receipt object, for a compare-and-swap; empty: none there */
    struct str *reasons; /* what differs or is damaged: "the manifest changed (...)" */
    size_t reason_count, reason_capacity;
    struct str *equal; /* what was compared and is equal, for --explain */
    size_t equal_count, equal_capacity;
};

/* Reads the receipt and lists its content folder: at most two requests. The state
 * is FRESH where all is there, until freshness_compare() finds a difference. -1
 * only where the store cannot be asked, or a newer jobrun wrote the receipt. */
int freshness_read(struct arena *arena, const struct job *job, struct store *store,
                   struct freshness *freshness, struct error *err) MUST_USE;

/* Compares the receipt, where there is one, with what a run would be now; `dirty`
 * is the tree's fingerprint. */
void freshness_compare(struct freshness *freshness, struct arena *arena, const struct job *job,
                       const struct supply *supplies, size_t supply_count, struct str dirty);

/* The inputs of a run as its receipt records them. */
void receipt_inputs(struct arena *arena, const struct supply *supplies, size_t supply_count,
                    struct receipt_input **inputs, size_t *count);
/* The params likewise. */
void receipt_params(struct arena *arena, const struct job *job, struct receipt_param **params,
                    size_t *count);

#endif
