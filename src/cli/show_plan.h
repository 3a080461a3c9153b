/* A plan as text: what --dry-run prints. */
#ifndef CLI_SHOW_PLAN_H
#define CLI_SHOW_PLAN_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct run_result;

struct str plan_format(struct arena *arena, const struct run_result *result, bool no_publish);

#endif
