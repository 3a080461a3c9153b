/*
 * `jobrun.yaml`, the file at the workspace root that says how this project uses
 * jobrun. All of it is optional.
 *
 *     store: gs://bucket/prefix        # default: .jobrun/store in the workspace
 *     manifests: manifests             # the folder of the manifests
 *     run-prefix: pixi run             # what hints print in front of a job's name
 *     environments:
 *       CI: {store: ..., protected: true, fallback: [], keep-days: 30, keep-last: 5}
 *     recognised-ci: [MY_CI_RUN_ID]    # variables that only a CI system sets
 *     cache: {size: 10GiB}
 */
#ifndef JOB_CONFIG_H
#define JOB_CONFIG_H

#include "base/base.h"
#include "base/diag.h"

struct config_environment {
    struct str name;
    struct span span;
    struct str store; /* .s NULL: not said */
    bool has_protected, is_protected;
    struct str *fallback;
    size_t fallback_count;
    int64_t keep_days, keep_last; /* -1: not said */
};

struct config {
    const struct source *source; /* NULL: there is no file */
    struct str store;            /* .s NULL: not said */
    struct str manifests;
    struct str run_prefix;
    bool has_run_prefix;
    struct config_environment *environments;
    size_t environment_count;
    struct str *recognised_ci;
    size_t recognised_ci_count;
    int64_t cache_size_bytes; /* -1: not said */
};

void config_default(struct config *config);
/* Problems are in `diags`; what could not be read keeps its default. */
void config_decode(struct config *config, struct arena *arena, const struct source *source,
                   struct diags *diags);
const struct config_environment *config_environment(const struct config *config, struct str name);
/* `CI` is protected unless the file says otherwise. */
bool config_is_protected(const struct config *config, struct str environment);

#endif
