/* What the options of a run ask of it. */
#ifndef CLI_WISHES_H
#define CLI_WISHES_H

#include "base/base.h"

struct options;
struct run_wishes;
struct workspace;

/* Problems are in the workspace's diagnostics. */
void wishes_parse(struct workspace *workspace, const struct options *options,
                  struct run_wishes *wishes);

#endif
