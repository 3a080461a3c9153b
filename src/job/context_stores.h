/*
 * The stores of a workspace. Every environment has one: what --store or
 * JOBRUN_STORE says holds for all of them; else an environment has its own
 * `store` of jobrun.yaml, the `store` of the whole file, or the default,
 * `.jobrun/store` in the workspace. The run's own is context->store_url; inputs
 * may be read from others too.
 */
#ifndef JOB_CONTEXT_STORES_H
#define JOB_CONTEXT_STORES_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;

struct context_store {
    struct str url; /* an URL as given, or an absolute path */
    struct str why; /* "--store", "JOBRUN_STORE", "jobrun.yaml", "default" */
};

/* The store of any environment, whether jobrun.yaml names it or not. */
struct context_store context_store_of(const struct context *context, struct arena *arena,
                                      struct str environment);

/* The environments that inputs are read from, in this order: that of
 * --inputs-from alone, else the run's own and what it falls back to. */
struct str *context_input_environments(const struct context *context, struct arena *arena,
                                       size_t *count);

/* The absolute paths of all stores that are folders and that this workspace
 * names, used in this run or not: no job's files are taken from or put there. */
struct str *context_store_folders(const struct context *context, struct arena *arena,
                                  size_t *count);

#endif
