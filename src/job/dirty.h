/*
 * Whether the working tree is what the commit says: its dirty fingerprint.
 */
#ifndef JOB_DIRTY_H
#define JOB_DIRTY_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;
struct diag;
struct error;
struct footprint;

/* A file or link that the job itself published, and what it was then. */
struct dirty_product {
    struct str path;   /* from the workspace root */
    struct str sha256; /* of a file: 64 hexadecimal digits */
    struct str target; /* of a link; .s NULL: it is none */
};

/* What does not count. All zero: everything counts. */
struct dirty_rules {
    /* Untracked files here are what the jobs of this workspace leave behind; NULL: none. */
    const struct footprint *products;
    /* A tracked file counts unless it is, byte for byte, what this very job
     * published: a run's own outputs never make the tree look changed, an edit of
     * them does. */
    const struct dirty_product *made;
    size_t made_count;
    bool tracked_only; /* untracked files do not count at all */
};

/* At most so many paths are named. */
#define DIRTY_PATHS_MAX 10

struct dirty {
    struct str fingerprint; /* empty for a clean tree, else 64 hexadecimal digits */
    struct str *changed;    /* what counted, as the user sees it, in order */
    size_t changed_count;
    struct str *left_out; /* untracked files that did not count, because they are products */
    size_t left_out_count;
};

/* Notes on a problem that a changed tree is: what changed, and what to do. */
void dirty_describe(const struct dirty *dirty, struct diag *diag);

/* SHA-256 over the status records of git and the bytes of every changed or
 * untracked file. Always left out: untracked files in the store, `.jobrun`, and
 * jobrun's temporary files. Nested repositories and submodules that changed count
 * with their HEAD and their own changes. Empty outside of git. After
 * context_read_commit() only. */
int dirty_read(const struct context *context, struct arena *arena, const struct dirty_rules *rules,
               struct dirty *dirty, struct error *err) MUST_USE;

#endif
