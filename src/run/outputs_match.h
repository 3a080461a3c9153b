/*
 * What one pattern of an output matches in a workspace. Used by outputs.c
 * alone.
 */
#ifndef RUN_OUTPUTS_MATCH_H
#define RUN_OUTPUTS_MATCH_H

#include "base/base.h"
#include "base/diag.h"
#include "job/artifact.h"
#include "job/job.h"
#include "run/off_limits.h"

struct arena;
struct error;

/* One thing that an output publishes. */
struct match {
    struct str workspace_path;
    struct entry entry; /* without digests */
    const struct bound_output *output;
};

struct matching {
    struct arena *arena;
    const struct job *job;
    struct off_limits off_limits;
    bool after_failure; /* nothing needs to be there, in no number */
    struct diags *diags;
    struct match *items;
    size_t count, capacity;
};

/* Adds what the output's pattern number `index` matches. Things that cannot be
 * published are diagnostics; *matched counts all that matched, those included.
 * *problem says why nothing did ("there is no folder 'dist/'"), .s NULL where
 * there is no more to say. */
int match_pattern(struct matching *matching, const struct bound_output *output, size_t index,
                  size_t *matched, struct str *problem, struct error *err) MUST_USE;

/* The place in the manifest of a pattern. */
struct span match_span(const struct bound_output *output, size_t index);

#endif
