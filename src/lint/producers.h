/*
 * The jobs that manifests name as the producers of their inputs, for the graph. Each
 * is read at most once, and what is wrong with it is not reported here.
 *
 * A manifest below a `jobrun.yaml` of its own (that of an example, say) belongs to
 * another workspace: its producers lie beside it, and its jobs may have the names
 * of jobs here.
 */
#ifndef LINT_PRODUCERS_H
#define LINT_PRODUCERS_H

#include "base/base.h"
#include "base/table.h"
#include "manifest/graph.h"

struct catalog;
struct context;

struct producers {
    struct arena *arena;
    const struct context *context;
    struct catalog *catalog;
    struct str folder;       /* of the workspace's manifests, as the user sees it */
    struct table known;      /* by name, and of those beside a manifest by path */
    struct table workspaces; /* of folders, as the user sees them */
};

struct producers producers_make(struct arena *arena, const struct context *context,
                                struct catalog *catalog);
/* A manifest that was read already. */
void producers_add(struct producers *producers, const struct manifest *manifest);
/* The root of the workspace that the manifest belongs to. */
struct str producers_workspace(struct producers *producers, const struct manifest *manifest);
struct graph_finder producers_finder(struct producers *producers);

#endif
