/*
 * `else`: what lands from the repository where an optional input is absent.
 */
#ifndef RUN_ELSE_H
#define RUN_ELSE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;
struct diags;
struct input;

/* Whether the input's `else`, expanded to a path from the workspace root, is a file
 * or folder in the workspace that a job may take; else a diagnostic at it. */
bool else_check(const struct context *context, struct arena *arena, const struct input *input,
                struct str path, struct diags *diags);

#endif
