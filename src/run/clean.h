/*
 * `clean`: what a run removes from the workspace after all checks and before its
 * inputs land.
 *
 * A pattern takes with it what it matches: a file, a link (never followed), a
 * folder with all in it. Looking comes first and reads only; what must never be
 * removed is refused then, so that a job that is refused has removed nothing.
 */
#ifndef RUN_CLEAN_H
#define RUN_CLEAN_H

#include "base/base.h"
#include "base/diag.h"
#include "job/plan.h"

struct arena;
struct error;

#define CLEAN_PLACES_MAX 100000
#define CLEAN_SHOWN_MAX  1000 /* names that are kept for people */

/* A file, link or folder that goes, none of them in another one. */
struct clean_place {
    struct str path; /* from the workspace root */
    size_t pattern;  /* of job->clean */
};

struct cleaning {
    struct clean_place *places;
    size_t count, capacity;
    size_t file_count; /* files and links in them all */
    struct str *shown; /* the first of them; an empty folder with '/' behind it */
    size_t shown_count, shown_capacity;
    size_t entry_count; /* of which `shown` are the first */
};

/* Status 121 for a file that git tracks, a repository, `.jobrun` or the store in
 * a place that would go, and for a way there through a link; status 2 for what a
 * local input is taken from. `supplies` are those of the run. */
int clean_find(struct arena *arena, const struct job *job, const struct supply *supplies,
               size_t supply_count, struct cleaning *cleaning, struct diags *diags,
               struct error *err) MUST_USE;

/* Whether what is at the path goes. */
bool clean_covers(const struct cleaning *cleaning, struct str path);

/* What is gone already is no error. */
int clean_remove(struct arena *arena, const struct job *job, const struct cleaning *cleaning,
                 struct error *err) MUST_USE;

#endif
