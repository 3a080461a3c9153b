/*
 * Tasks of pixi and jobs agree: each job has a task of its name that hands what
 * follows to jobrun, and no task runs a manifest that is not there.
 */
#ifndef LINT_TASKS_H
#define LINT_TASKS_H

#include "base/str.h"
#include "lint/call.h"

struct lint;
struct pixi;

/* Without a file of pixi there is nothing to say. Jobs of a project whose `run-prefix`
 * is not pixi need no task. */
void tasks_check(struct lint *lint, const struct pixi *pixi);

/* No job runs a job: neither itself nor another one, through `pixi run` or jobrun. Of
 * the manifests that were read. */
void runs_check(struct lint *lint, const struct pixi *pixi);

/* The job that a call comes to, through a task too; empty where it is none. */
struct str tasks_job(struct lint *lint, const struct pixi *pixi, struct call call);

#endif
