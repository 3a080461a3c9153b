/*
 * What lands, on its way: a temporary file beside its place, then in its place.
 */
#ifndef RUN_ARRIVAL_H
#define RUN_ARRIVAL_H

#include "base/base.h"
#include "job/plan.h"

struct arena;
struct error;

struct arrival {
    const struct landing *landing;
    struct str temp;  /* from the workspace root; empty: none yet, or none any more */
    struct str aside; /* the name of what was in the place, until all is in place */
    bool is_placed;
    bool is_unpacked; /* it comes out of an archive */
};

/* By folder, so that what goes into one stands together. */
void arrivals_sort(struct arrival *arrivals, size_t count);

/* Gives each that has a temporary file its place. Every folder is opened and
 * every place looked at before the first rename; where one cannot be done,
 * those that were done are undone, and what was replaced is back. A process that
 * is killed in between leaves whole files, some old and some new. */
int arrivals_place(struct arena *arena, int root, struct arrival *arrivals, size_t count,
                   struct error *err) MUST_USE;

#endif
