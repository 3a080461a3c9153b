/*
 * The jobs of a workspace together: each manifest with those that make its inputs.
 *
 *     struct graph graph = graph_make(arena, &finder);
 *     graph_add(&graph, manifest, workspace);    one call for each that is to be checked
 *     graph_check(&graph, &options, diags);
 *
 * What is proved of each manifest that was added, for every combination of the values
 * that its finite params can have and that its constraints and `when` allow:
 *
 * - the producer of each input, its output and the params in `with` are there; it takes
 *   the values, and gets those that it requires; the output is made for them;
 * - no job needs itself through other jobs. An input with a `commit` is of another
 *   commit, and closes no cycle; a `when`, `optional` or other params make no difference;
 * - no two manifests declare one job.
 *
 * Nothing is reported of producers that were not added: they are looked into, and
 * where one cannot be read or has errors of its own, only what is certain all the same
 * is said of its consumers.
 *
 * At most GRAPH_COMBINATIONS_MAX combinations are looked at for one question; what that
 * leaves out is said by the rule "unproved". A graph reads no file: what it does not
 * hold it asks its finder for.
 */
#ifndef MANIFEST_GRAPH_H
#define MANIFEST_GRAPH_H

#include "base/base.h"
#include "base/table.h"

struct arena;
struct diags;
struct manifest;

#define GRAPH_COMBINATIONS_MAX 4096

/* Who knows the jobs that were not added. */
struct graph_finder {
    /* The manifest that `from: JOB` means in this one; NULL: it gives none, and *is_there
     * says whether there is such a file all the same. The same pointer for the same
     * job. */
    const struct manifest *(*find)(void *context, const struct manifest *consumer, struct str job,
                                   bool *is_there);
    /* The names of all jobs: for "did you mean". */
    void (*names)(void *context, struct str **names, size_t *count);
    void *context;
};

struct graph_job;

struct graph {
    struct arena *arena;
    const struct graph_finder *finder; /* NULL: there are no jobs but those added */
    struct graph_job **jobs;           /* those added, then those that they need */
    size_t count, capacity;
    struct table by_manifest, by_name; /* of jobs; by_name: the first of a workspace */
};

struct graph_options {
    /* Names that no job should have: a person who types them gets something else. */
    const struct str *taken;
    size_t taken_count;
};

struct graph graph_make(struct arena *arena, const struct graph_finder *finder);
/* Once for each manifest. Jobs of two workspaces, whatever tells those apart, may have
 * one name. */
void graph_add(struct graph *graph, const struct manifest *manifest, struct str workspace);
/* Once, behind the last graph_add(). */
void graph_check(struct graph *graph, const struct graph_options *options, struct diags *diags);

#endif
