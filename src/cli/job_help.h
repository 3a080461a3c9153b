/* Help of one job, made from its manifest. */
#ifndef CLI_JOB_HELP_H
#define CLI_JOB_HELP_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;
struct catalog;
struct manifest;

struct str job_help_format(struct arena *arena, const struct manifest *manifest,
                           struct catalog *catalog, const struct context *context);

#endif
