/*
 * Inputs: what the store has of them, and their files in the workspace.
 *
 *     fetch_look_up()  reads every receipt, reports what is missing; touches nothing
 *     fetch_land()     downloads all files beside their places, verifies all of
 *                      them, then renames all of them into place
 */
#ifndef RUN_FETCH_H
#define RUN_FETCH_H

#include "base/base.h"
#include "base/diag.h"
#include "job/plan.h"

struct arena;
struct error;
struct listener;
struct stores;

/* --input NAME=PATH, NAME[label]=PATH */
struct local_input {
    struct str text; /* as given, for messages */
    struct str name;
    struct str label; /* .s NULL: the whole input */
    struct str path;  /* absolute */
};

struct fetch_wishes {
    const struct local_input *locals;
    size_t local_count;
    bool no_fetch;        /* take every input from where it would land */
    bool missing_is_fine; /* --dry-run: missing inputs are listed, not errors */
};

/* One supply for each element of each wanted input, from the stores of the
 * environments that context_input_environments() names; SUPPLY_UNKNOWN where it
 * could not be read, or there is no store to ask (NULL). Missing inputs, damage and
 * inputs that must not be used here are diagnostics, all of them: 122 for what
 * is absent, with the address looked at, the command that makes it and near
 * misses; 123 for what cannot be read or is damaged; 121 for what this
 * environment may not read. */
int fetch_look_up(struct arena *arena, const struct job *job, struct stores *stores,
                  const struct fetch_wishes *wishes, const struct listener *listener,
                  struct supply **supplies, size_t *count, struct diags *diags,
                  struct error *err) MUST_USE;

/* Landing places that git tracks, or that lie in a repository of its own below
 * the workspace root (a submodule: what it tracks is not known here), are
 * diagnostics (121), unless what would land is there already; run before
 * fetch_land(). */
int fetch_check_places(struct arena *arena, const struct plan *plan, struct diags *diags,
                       struct error *err) MUST_USE;

/* Either everything is in place, or nothing that was there has changed, what was
 * replaced is back, and the folders that were made are gone. Only a process that
 * is killed, or a disk that fails while it is undone, leaves some files landed
 * and others not; each of them is whole, old or new. */
int fetch_land(struct arena *arena, const struct plan *plan, struct stores *stores,
               const struct listener *listener, struct error *err) MUST_USE;

#endif
