/*
 * The steps of fetch_land() that are about the places themselves: what is there
 * already, and whether everything can land.
 */
#ifndef RUN_LANDING_H
#define RUN_LANDING_H

#include "base/base.h"
#include "job/plan.h"

struct arena;
struct cleaning;
struct error;
struct off_limits;

/* For each landing whether its place holds it already: a file with its mode,
 * size and SHA-256, a link with its target, a folder. */
int landings_in_place(int root, const struct landing *landings, size_t count, bool *in_place,
                      struct error *err) MUST_USE;

/* Whether all can land: no place is one of `off_limits`, no landing lies below
 * another that is a file or link, nothing of another kind is in the way. Looks
 * only. ERROR_NOT_ALLOWED, ERROR_DAMAGED, ERROR_FAILED. */
int landings_check(int root, const struct landing *landings, size_t count,
                   const struct off_limits *off_limits, struct error *err) MUST_USE;

/* The same before anything is touched, as diagnostics with STATUS_NOT_ALLOWED or, for
 * what the store is to blame for, STATUS_STORE: at most LANDING_REPORTS_MAX of them.
 * What goes first (`clean`) is in nobody's way. */
#define LANDING_REPORTS_MAX 20
void landings_report(const struct plan *plan, const struct off_limits *off_limits,
                     const struct cleaning *cleaning, struct diags *diags);

/* The file of a local supply that lands there: absolute. */
struct str landing_source(struct arena *arena, const struct landing *landing);

#endif
